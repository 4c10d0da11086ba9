"""Raise the list price."""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.group import Group, Rise, first_raised_payment, split
from cs_models.levers.base import Joining, Lever, Stage, percent, whom_and_when
from cs_models.levers.fields import choice, months, number, segments, share, start
from cs_models.levers.selection import chance_by_type, people

SHOCK = 0.15  # suggested one-off loss as a share of the rise (assumption, 0.05 to 0.6)
LEAKY = -1.0  # selection of those who leave over a price: the ones already likely to leave
REACH = {"new": "New customers", "existing": "Existing customers", "both": "Everybody"}
LEAVERS = {"evenly": "Anybody alike", "leaky": "Those about to leave anyway, first"}


@dataclass(frozen=True)
class Promise(Rise):
    """The end of an old price, as promised (Grandfathering); it moves nothing until a price increase comes.

    discount: share off the new price for those who stay; smaller: share who keep the old price on a smaller
    plan; leave: share who leave. With `smaller` or `leave` the choice stands in for the one-off loss.
    """

    discount: float = 0.0
    smaller: float = 0.0
    leave: float = 0.0

    @property
    def asks(self) -> bool:
        """Whether the customer is asked to choose."""
        return bool(self.smaller or self.leave)


@dataclass(frozen=True)
class PriceIncrease(Lever):
    """Raise the price by `rise` for new customers, existing ones, or both, from month `start` on.

    price x (1 + rise); leaving intensity x (1 + rise)^churn_elasticity from the first raised payment on;
    customers who paid the old price also lose `one_off_loss` of their number on the day the new price first
    falls due, before that payment. Of that loss the share `announced` leaves `notice` months
    earlier, when the price is announced; the share `downgrade_share` does not leave but pays downgrade_price
    x the old price from that day on, without further effect. leavers "leaky": the chance of being lost
    follows the type as the take-up of an offer does, the loosest first: logistic(c + z), z the standardised log-odds of
    leaving, c solved for the loss.
    Customers to come in the groups that pay it: x (1 + rise)^(-volume_elasticity) a month from `start` on. What it
    costs to serve a customer does not change. Whoever joins at the new price, or after it was announced, has
    no old price to miss and is not part of the loss. Somebody who joins today and meets a rise of a later month has
    paid the old price by then and is part of it: on sBG(.8, 8), 50 a month at 80 % margin, 10 % a year, 10 % more
    from month 6 with 4 % lost adds 24.48 per new customer over 36 months; were no new customer ever lost over it,
    42.31.
    For a CFO: without a lasting effect on churn it pays on the existing book while the one-off loss stays
    under rise / (gross margin + rise): 10 % more at 80 % margin can lose 11.1 % of customers on the day, and
    fewer the more the rise also speeds up leaving.
    """

    title = "Price increase"
    question = "Raise prices?"
    stage = Stage.PRICE
    order = 1

    rise: float = share(
        0.10, "Price rise", high=0.5, most=10.0,
        help="How much more the customer pays, as a share of today's price.")
    scope: str = choice("both", "Who pays it", REACH, help="Whose price changes.")
    one_off_loss: float = share(
        0.0, "Leave on the day", high=0.5, step=0.005, doubt_times=(1 / 3, 4.0),
        help="Share of existing customers who leave when the new price first falls due. The page suggests "
        "15 % of the rise: 1.5 % for a rise of 10 %.",
        evidence="assumption: 0.05 to 0.6 x the rise; a streaming service lost about 0.03 x its 25 % rise in "
        "a quarter")
    one_off_decay: float = share(
        0.0, "Loss again in the next two months", doubt=(0.0, 0.5),
        help="The loss repeats times this share in each of the two following months.")
    churn_elasticity: float = number(
        0.6, "Lasting effect on churn", rest=0.6, low=0.0, high=2.0, step=0.1, least=-5.0, most=20.0,
        help="Churn is multiplied by (1 + rise) to this power: 0.6 turns a 10 % rise into 5.9 % more churn.",
        unit="% per 1 % of price", doubt=(0.0, 1.5), evidence="assumption: 0 to 1.5; break-even lies near 1 / gross margin")
    notice: int = months(
        0, "Months of notice", rest=0, high=12, most=119, evidence="assumption: your plan",
        help="How long before the new price it is announced. An announcement cannot lie before today.")
    announced: float = share(
        0.0, "Leave when it is announced", doubt=(0.0, 0.5),
        help="The part of the loss that comes with the announcement instead of the first payment. Without "
        "notice it changes nothing.",
        evidence="assumption: a streaming service saw leaving rise with the press reports")
    leavers: str = choice(
        "evenly", "Who leaves on the day", LEAVERS,
        help="Losing those who would soon have left anyway costs less than losing anybody.")
    downgrade_share: float = share(
        0.0, "Go to a smaller plan instead", doubt=(0.0, 0.4),
        help="Share of those who would leave on the day who take a cheaper plan and stay.", 
        evidence="assumption: 20 % where there is a smaller plan")
    downgrade_price: float = share(
        0.5, "Price of the smaller plan", rest=0.5, doubt=(0.3, 0.8),
        help="As a share of the old price. What it costs to serve the customer stays as it is, so below "
        "1 - gross margin it brings a loss.")
    volume_elasticity: float = number(
        0.0, "Fewer new customers", rest=0.0, low=0.0, high=2.0, step=0.1, least=-5.0, most=20.0,
        doubt=(0.0, 1.5), unit="% per 1 % of price",
        help="New customers a month are divided by (1 + rise) to this power: 0.5 turns a 10 % rise into "
        "4.7 % fewer. It moves the whole book, not the value of one customer, and only in the groups "
        "that pay more.",
        evidence="assumption: 0.5 is common, 0 to 1.5")
    start: int = start()
    segments: tuple = segments()

    @classmethod
    def suggested(cls) -> "PriceIncrease":
        return cls(one_off_loss=SHOCK * cls().rise)

    def is_at_rest(self) -> bool:
        return self.rise == 0  # without a new price nobody meets one, so nobody is lost over it

    @property
    def settles(self) -> int:
        return 0 if self.scope == "existing" else self.start

    def dormant(self, book: str) -> tuple[str, ...]:
        """Of a loss of nothing nobody leaves earlier, later or in part; a promise of old prices has a loss of its own."""
        unlost = self._unlost(book)
        nobody = unlost or self.one_off_loss == 0
        asleep = {"one_off_loss": unlost, "one_off_decay": nobody, "announced": nobody or self.notice == 0,
                  "downgrade_share": nobody, "downgrade_price": nobody or self.downgrade_share == 0,
                  "volume_elasticity": book != "portfolio" or self.scope == "existing"}
        return tuple(name for name, sleeps in asleep.items() if sleeps)

    def _unlost(self, book: str) -> bool:
        """Whether everybody in the book who pays it joins at the new price, or knowing it."""
        return self.start <= self.notice and (book == "new" or self.scope == "new")

    def without_effect(self, book: str) -> tuple[str, ...]:
        """Who joins at the new price is not lost over it; how many join moves the whole book alone."""
        unlost = book == "new" and self.start <= self.notice
        idle = {"one_off_loss": unlost, "volume_elasticity": book != "portfolio"}
        return tuple(name for name, moves_nothing in idle.items() if moves_nothing and getattr(self, name))

    def joining(self, joining: Joining) -> Joining:
        if self.scope == "existing" or self.is_at_rest():
            return joining
        raised = self.by_month(len(joining.volume)) > 0
        fewer = np.where(raised, (1 + self.rise) ** -self.volume_elasticity, 1.0)
        return joining.thinned(self.segments, fewer)

    def apply(self, groups: list[Group]) -> list[Group]:
        after, alike, known, promises = [], {}, {}, {}
        for group in groups:
            month = self._month(group)
            if month is None or self.is_at_rest() or not self.reaches(group, self.scope):
                after.append(group)
                continue
            promise, number, rises = _promised(group, promises)
            small, group = _choose(group if rises is group.rises else group.but(rises=rises), promise)
            after.extend(small)
            # Those who meet it alike choose together, so that a finer cut of the book changes nothing.
            key = people(group), month, group.first_payment, number
            alike.setdefault(key, (promise, []))[1].append(group)
        for (_, month, _, _), (promise, same) in alike.items():
            after.extend(self._raise(same, month, promise, known))
        return after

    def _month(self, group: Group) -> int | None:
        """The group's month in which the new price begins for it; None: never."""
        since = max(self.start - group.joined, 0)
        if group.delay is None or group.book == "new":
            return None if group.delay is None else since
        return max(since, group.delay)

    def _raise(self, groups: list[Group], month: int, promise: Promise, known: dict) -> list[Group]:
        """Groups that meet the new price in one month with one loss: those who pay it, and the others.

        known: new paths, worked out once for all groups that share the old ones and meet the price alike.
        """
        price = (1 + self.rise) * (1 - promise.discount)
        small = []
        if promise.asks:
            waves = (Rise(month, 1.0, promise.leave / max(1 - promise.smaller, 1e-12)),)
        else:
            loss = self._loss(groups[0], month, promise, price)
            small, groups = self._downgrade(groups, month, loss)
            waves = self._waves(month, _without(loss, loss * self.downgrade_share) if small else loss)
        met, evenly = Rise(month, price**self.churn_elasticity), self.leavers == "evenly"
        rises = (met, *waves) if evenly else (met,)
        alike, raised = known.setdefault((month, price, rises), {}), []
        for group in groups:
            key = id(group.index), id(group.rises), group.months
            if key not in alike:
                level = np.where(np.arange(group.months) >= month, price, 1.0)
                alike[key] = {"index": group.index * level, "rises": (*group.rises, *rises)}
            raised.append(group.but(**alike[key]))
        return small + (raised if evenly else _leaky_first(raised, waves))

    def _loss(self, group: Group, month: int, promise: Promise, price: float) -> float:
        """Share lost in all, in proportion to the rise met; none who joined at or knowing the new price."""
        if group.book == "new" and month <= self.notice:
            return 0.0
        met = max((price - 1) / self.rise, 0.0) if promise.discount else 1.0
        return self.one_off_loss * met

    def _downgrade(self, groups: list[Group], month: int, loss: float) -> tuple[list[Group], list[Group]]:
        """Those who would have left on the day and take a smaller plan, and everybody else."""
        if not loss * self.downgrade_share:
            return [], groups
        chance = loss if self.leavers == "evenly" else chance_by_type(groups, month, loss, LEAKY)
        level = np.where(np.arange(groups[0].months) >= month, self.downgrade_price, 1.0)
        parts = [split(group, chance * self.downgrade_share) for group in groups]
        return [one.but(index=one.index * level, delay=None) for one, _ in parts], [rest for _, rest in parts]

    def _waves(self, month: int, loss: float) -> tuple[Rise, ...]:
        """When the loss comes: a part with the announcement, the rest on the day; together `loss`."""
        told = max(month - self.notice, 0)
        early = self.announced * loss if told < month else 0.0
        rest = Rise(month, 1.0, _without(loss, early), self.one_off_decay)
        return (Rise(told, 1.0, early, self.one_off_decay), rest) if early else (rest,) if loss else ()

    def phrase(self, plan: tuple[Lever, ...], customers: bool = True, book: str = "") -> str:
        """Names the loss of existing customers only where some of them meet the new price, and where it moves the value
        that is spoken of."""
        moves = not book or "one_off_loss" not in self.without_effect(book)
        reached = customers and moves and not any(lever.spares(self) for lever in plan)
        return (self if reached else replace(self, one_off_loss=0.0)).sentence()

    def sentence(self) -> str:
        who = whom_and_when(self, self.scope)
        everybody = "" if self.segments or self.scope != "both" else " for everybody"
        gone = f", with {percent(self.one_off_loss)} of existing customers leaving over it,"
        lost = self.one_off_loss and self.scope != "new"
        return f"raising prices {percent(self.rise)}{everybody}{who}{gone if lost else ''}"


def _promised(group: Group, known: dict) -> tuple[Promise, int, tuple[Rise, ...]]:
    """What the group was promised, the same number for the same promise, and its rises without it: a promise is kept once."""
    if id(group.rises) not in known:
        promise = next((rise for rise in group.rises if isinstance(rise, Promise)), Promise(0))
        number = known.setdefault(promise, len(known))
        known[id(group.rises)] = promise, number, tuple(rise for rise in group.rises if not isinstance(rise, Promise))
    return known[id(group.rises)]


def _choose(group: Group, promise: Promise) -> tuple[list[Group], Group]:
    """Those who keep the old price on a smaller plan, and the rest."""
    if not promise.smaller:
        return [], group
    small, rest = split(group, promise.smaller)
    return [small.but(delay=None)], rest


def _without(loss: float, part: float) -> float:
    """Share of those who remain after `part` that brings the loss to `loss`: 1 - (1 - loss) / (1 - part)."""
    return (loss - part) / (1 - part) if part < 1 else 0.0


def _leaky_first(groups: list[Group], waves: tuple[Rise, ...]) -> list[Group]:
    """The same losses with a chance by type: those lost become groups of their own that end on the day."""
    gone = []
    for wave in waves:
        monthly = groups[0].term == 1
        for echo in range(3 if monthly and wave.decay else 1):
            lost, month = wave.loss * wave.decay**echo, wave.month + echo
            day = month if monthly else first_raised_payment(groups[0], wave)
            chance = chance_by_type(groups, day, lost, LEAKY) if lost < 1 else 1.0
            parts = [split(group, chance) for group in groups]
            gone += [one.but(rises=(*one.rises, Rise(month, 1.0, 1.0))) for one, _ in parts]
            groups = [rest for _, rest in parts]
    return gone + groups
