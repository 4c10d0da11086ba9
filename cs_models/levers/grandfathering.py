"""Let existing customers keep the old price."""

from dataclasses import dataclass

from cs_models.group import Group
from cs_models.levers.base import Detail, Lever, Stage
from cs_models.levers.fields import choice, months
from cs_models.levers.price_increase import PriceIncrease

KEEP = {"months": "For some months", "renewal": "Until their own renewal", "forever": "For ever"}


@dataclass(frozen=True)
class Grandfathering(Lever):
    """Existing customers meet a price rise later, or never.

    Delays the rise and its loss for existing customers by `months`, until their own renewal (annual payers: the next
    payment; monthly payers: the next anniversary of their start), or for ever. Without a price rise that reaches
    existing customers it changes nothing (RULES 14).
    For a CFO: the cost is the extra revenue forgone; the gain is the customers a sudden rise would have lost.
    """

    title = "Keep old prices for existing customers"
    question = "Keep old prices for existing customers?"
    stage = Stage.PRICE_RULE
    order = 2

    months: int | None = months(
        12, "Months at the old price", rest=0, optional=True, help="After this many months the new price applies.")
    until: str = choice("months", "How long", KEEP, help="When existing customers move to the new price.")

    def __post_init__(self):
        super().__post_init__()
        if self.months is None and self.until == "months":  # no last month: the old price stays for ever
            object.__setattr__(self, "until", "forever")

    def is_at_rest(self) -> bool:
        return self.until == "months" and self.months == 0

    def is_idle(self, plan: tuple[Lever, ...]) -> bool:
        rises = [lever for lever in plan if isinstance(lever, PriceIncrease) and not lever.is_at_rest()]
        return self.is_at_rest() or all(lever.scope == "new" for lever in rises)

    def detail(self) -> Detail:
        return Detail(anniversary=self.until == "renewal")

    def apply(self, groups: list[Group]) -> list[Group]:
        return [g.but(delay=_longer(g.delay, self._delay(g))) if g.book == "existing" else g for g in groups]

    def _delay(self, group: Group) -> int | None:
        if self.until == "forever":
            return None
        if self.until == "months":
            return self.months
        return group.first_payment if group.term > 1 else -group.age % 12

    def sentence(self) -> str:
        how_long = {"forever": "for ever", "renewal": "until their own renewal",
                    "months": f"for {self.months} month{'' if self.months == 1 else 's'}"}[self.until]
        return f"letting existing customers keep the old price {how_long}"


def _longer(one: int | None, other: int | None) -> int | None:
    """The longer of two promises; None is for ever."""
    return None if one is None or other is None else max(one, other)
