"""Let existing customers keep the old price."""

from dataclasses import dataclass, replace

from cs_models.group import Group, split
from cs_models.levers.base import Detail, Lever, Stage, percent, whom_and_when
from cs_models.levers.fields import choice, phase_in, segments, share, start
from cs_models.levers.fields import months as whole_months
from cs_models.levers.price_increase import PriceIncrease, Promise

KEEP = {"months": "For some months", "renewal": "Until their own renewal", "forever": "For ever"}
ANSWERS = ("keep_share", "downgrade_share", "leave_share")
CHOICE = "assumption: 75 / 20 / 5 where customers are asked to choose; asking makes people think again"


@dataclass(frozen=True)
class Grandfathering(Lever):
    """Existing customers meet a price rise later, or never.

    Delays the rise and its loss for existing customers until month start + months, until their own renewal
    (annual payers: the next payment; monthly payers: the next anniversary of their start), or for ever; the
    rise comes at its own date if that is later. Without a price rise that reaches existing customers it
    changes nothing.
    older_than: only customers of at least so many months keep the old price. phase_in: the old price ends in
    equal waves over so many months more. loyalty_discount: whoever stays pays new price x (1 - discount) for
    good. The choice, when the old price ends: of keep_share, downgrade_share and leave_share, taken as parts
    of their sum, the first pay the new price less choice_discount, the second keep the old price on a smaller
    plan, the third leave on that day. Somebody who chooses has been asked: leave_share then takes the place
    of the one-off loss of the rise. A discount lessens that loss and the lasting effect as it does the rise.
    For a CFO: the cost is the extra revenue forgone; the gain is the customers a sudden rise would have lost.
    Rise of 20 % with 4 % lost on the day, customers of 12 months: 1,074.8 each for ever at the old price,
    1,166.1 at once.
    """

    title = "Keep old prices for existing customers"
    question = "Let existing customers keep the price?"
    stage = Stage.PRICE_RULE
    order = 2

    months: int | None = whole_months(
        12, "Months at the old price", rest=0, optional=True,
        help="After this many months the new price applies.")
    until: str = choice("months", "How long", KEEP, help="When existing customers move to the new price.")
    older_than: int = whole_months(
        0, "Only for customers of at least", rest=0, high=60,
        help="Time since they joined. Who joined later pays the new price with everybody else; 0 is all existing "
        "customers.",
        evidence="assumption: your plan")
    loyalty_discount: float = share(
        0.0, "Loyalty price", high=0.5, help="Off the new price, for good, for existing customers who stay.",
        evidence="assumption: your plan")
    keep_share: float = share(
        1.0, "Choose the new price", rest=1.0, doubt=(0.6, 1.0), evidence=CHOICE,
        help="Of those whose old price ends, how many go on. The three shares count as parts of their sum; "
        "all 0: everybody goes on.")
    choice_discount: float = share(
        0.0, "Discount for those who go on", high=0.5, help="Off the new price, for good.",
        evidence="assumption: your plan")
    downgrade_share: float = share(
        0.0, "Choose a smaller plan at the old price", doubt=(0.0, 0.3), evidence=CHOICE,
        help="They pay what they pay today, for good.")
    leave_share: float = share(
        0.0, "Choose to leave", doubt=(0.0, 0.15), evidence=CHOICE,
        help="They leave on the day, in place of the one-off loss of the price increase.")
    start: int = start()
    phase_in: int = phase_in()
    segments: tuple = segments()

    def __post_init__(self):
        super().__post_init__()
        if self.months is None and self.until == "months":  # no last month: the old price stays for ever
            object.__setattr__(self, "until", "forever")

    @property
    def shares(self) -> float:
        """What the three answers of the choice sum to; where all are 0 nobody is asked and everybody goes on."""
        return sum(getattr(self, one) for one in ANSWERS) or 1.0

    def note(self, name: str, value: float) -> str:
        """An answer is a part of the sum of the three: .556 beside .75 and .2 is 36.9 % of those asked."""
        others = sum(getattr(self, one) for one in ANSWERS if one != name) if name in ANSWERS else 0.0
        part = percent(value / (value + others)) if others > 0 else ""
        return f"{part} of those asked" if part and part != percent(value) else ""

    def is_at_rest(self) -> bool:
        softer = self.loyalty_discount or self.choice_discount or self.downgrade_share or self.leave_share
        return self.until == "months" and self.months == 0 and not softer

    def is_idle(self, plan: tuple[Lever, ...]) -> bool:
        rises = (lever for lever in plan if isinstance(lever, PriceIncrease) and not lever.is_at_rest())
        return self.is_at_rest() or not any(map(self._meets, rises))

    def _meets(self, rise: PriceIncrease) -> bool:
        """Whether somebody who would keep the old price is raised at all."""
        shared = not (self.segments and rise.segments) or set(self.segments) & set(rise.segments)
        return rise.scope != "new" and bool(shared)

    def why_nothing(self, plan: tuple[Lever, ...]) -> str:
        if self.is_at_rest() or not self.is_idle(plan):
            return ""
        return "It needs a price rise that reaches the same existing customers: without one there is no old price to keep."

    def acts_on(self, book: str) -> bool:
        return book != "new"  # customers to come have no old price

    def dormant(self, book: str) -> tuple[str, ...]:
        """Nobody chooses where the old price never ends; where the other answers are nobody's, all go on."""
        if self.until == "forever":
            return (*ANSWERS, "choice_discount", "loyalty_discount")
        return () if self.downgrade_share or self.leave_share else ("keep_share",)

    def spares(self, lever: Lever) -> bool:
        everybody = not self.older_than and set(lever.segments or [None]) <= set(self.segments or lever.segments or [None])
        return self.until == "forever" and everybody

    @property
    def settles(self) -> int:
        return 0  # customers to come have no old price

    def detail(self) -> Detail:
        return Detail(young=self.older_than, anniversary=self.until == "renewal")

    def apply(self, groups: list[Group]) -> list[Group]:
        after, known = [], {}
        for group in groups:
            reached = self.reaches(group, "existing") and not self.is_at_rest() and self._of_age(group)
            after.extend(self._keep(group, known) if reached else [group])
        return after

    def _of_age(self, group: Group) -> bool:
        # Without an age: past every month that is cut apart.
        return group.age is None or group.age >= self.older_than

    def _keep(self, group: Group, known: dict) -> list[Group]:
        """The old price ends in waves, 1 / (phase_in + 1) of the group in each month."""
        delay, waves, found = self._delay(group), 1 if self.until == "forever" else self.phase_in + 1, []
        for wave in range(waves - 1):
            part, group = split(group, 1 / (waves - wave))
            found.append(self._promised(part, delay + wave, known))
        return [*found, self._promised(group, None if delay is None else delay + waves - 1, known)]

    def _promised(self, group: Group, delay: int | None, known: dict) -> Group:
        longer = _longer(group.delay, delay)
        if longer != delay or delay is None:  # an older promise holds longer, or the end never comes
            return group.but(delay=longer)
        key = delay, id(group.rises)
        if key not in known:
            others = (rise for rise in group.rises if not isinstance(rise, Promise))
            known[key] = (*others, self._promise(delay))
        return group.but(delay=longer, rises=known[key])

    def _promise(self, delay: int) -> Promise:
        discount = 1 - (1 - self.loyalty_discount) * (1 - self.choice_discount)
        return Promise(delay, 1.0, 0.0, 0.0, discount, self.downgrade_share / self.shares,
                       self.leave_share / self.shares)

    def _delay(self, group: Group) -> int | None:
        if self.until == "forever":
            return None
        if self.until == "months":
            return self.start + self.months
        if group.term > 1:
            terms = -(-max(self.start - group.first_payment, 0) // group.term)
            return group.first_payment + terms * group.term
        return self.start + -(group.age + self.start) % 12

    def sentence(self) -> str:
        how_long = {"forever": "for ever", "renewal": "until their own renewal",
                    "months": f"for {self.months} month{'' if self.months == 1 else 's'}"}[self.until]
        least = f"{self.older_than} month{'' if self.older_than == 1 else 's'}"
        whom = f"customers of {least} and more" if self.older_than else "existing customers"
        later = f", then at {percent(self.loyalty_discount)} off the new one" if self.loyalty_discount else ""
        tail = whom_and_when(replace(self, phase_in=0))
        ends = self.phase_in and self.until != "forever"
        waves = f", ending in waves over {self.phase_in} more" if ends else ""
        aimed = f",{tail}" if tail.startswith(" for ") else tail
        return f"letting {whom} keep the old price {how_long}{aimed}{waves}{later}"


def _longer(one: int | None, other: int | None) -> int | None:
    """The longer of two promises; None is for ever."""
    return None if one is None or other is None else max(one, other)
