"""One parameter of one lever of a plan, by name: read it, set it, and see what the plan then brings.

Everything that asks "what if this one figure were another" goes through here: break-even, maps, beliefs.
"""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.bridge import names
from cs_models.intake import decided
from cs_models.levers import Parameter
from cs_models.mixing import Money
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from cs_models.valuation import evaluate
from cs_models.words import decimal, money, months, percent

ROUNDING = 1e-12  # relative: differences below it are the last bits of floating point


@dataclass(frozen=True)
class Dial:
    """A parameter of the lever at `place` in the plan. name: "PriceIncrease.rise", the second of a kind "... 2.rise"."""

    plan: Scenario
    place: int
    parameter: Parameter
    name: str

    @property
    def value(self):
        """What the plan says now."""
        return getattr(self.plan.levers[self.place], self.parameter.name)

    @property
    def label(self) -> str:
        """The parameter as the page calls it: "Price rise"."""
        return self.parameter.label

    @property
    def title(self) -> str:
        """The lever as the page calls it: "Price increase"."""
        return type(self.plan.levers[self.place]).title

    def at(self, value) -> Scenario:
        """The same plan with this one figure changed; a Problem where the lever refuses it."""
        lever = replace(self.plan.levers[self.place], **{self.parameter.name: value})
        levers = (*self.plan.levers[: self.place], lever, *self.plan.levers[self.place + 1:])
        return Scenario(self.plan.name, levers)

    def resting(self, value) -> bool:
        """Whether the lever does nothing at this value, beside the others of its plan."""
        plan = self.at(value)
        return plan.levers[self.place].is_idle(plan.levers)

    def sleeps(self, book: str) -> bool:
        """Whether no value of this figure moves a book, all others as the plan has them: known without a run."""
        lever = self.plan.levers[self.place]
        return not lever.acts_on(book) or self.parameter.name in lever.dormant(book)

    def words(self, value, currency: str = "USD", digits: int = 1) -> str:
        """A value of this parameter as people read it: "11.1 %", "$4.00", "12 months", "1.5 times"."""
        kind = self.parameter.kind
        if value is None:
            return "none"
        if kind == "share":
            said = percent(value, 0 if round(value * 100, digits) % 1 == 0 else digits)
            meant = self.plan.levers[self.place].note(self.parameter.name, value)
            return f"{meant} ({said} on the scale)" if meant else said
        if kind == "money":
            return money(value, currency)
        return months(value) if kind == "months" else self._plain(value) + self._named(value)

    def _plain(self, value) -> str:
        """A plain number with its unit; of one point, "1 point", of a factor of 1 that it makes no difference."""
        if self.parameter.unit == "times" and round(value, 2) == 1:
            return "1 (no difference)"
        unit = "point" if self.parameter.unit == "points" and value == 1 else self.parameter.unit
        return f"{_number(round(value, 2))}\xa0{unit}".rstrip("\xa0")

    def _named(self, value) -> str:
        """What a value of a scale means: " (at random)"."""
        name = dict(self.parameter.names).get(round(value, 2))
        return f" ({name})" if name else ""

    def short(self, value, currency: str = "USD") -> str:
        """The same as far as a large number has room, without what its unit is of: "5.8 %"."""
        return self.words(value, currency).partition(" per ")[0]

    def span(self, low, high, currency: str = "USD") -> str:
        """Two values with the unit once: "0 to 1.5 % per 1 % of price"."""
        last = self.words(high, currency)
        if self.parameter.unit:
            return f"{_number(round(low, 2))}{self._named(low)} to {last}"
        return f"{self.words(low, currency)} to {last}"


def _number(value: float) -> str:
    """No decimals of nought: 1.5, not 1.50."""
    return decimal(value, len(f"{value:f}".rstrip("0").partition(".")[2]))


def dials(plan: Scenario) -> tuple[Dial, ...]:
    """Every number of the levers that change something, in the plan's order."""
    titles, active = names(plan.levers), set(map(id, plan.active))
    return tuple(Dial(plan, place, parameter, f"{title}.{parameter.name}")
                 for place, (lever, title) in enumerate(zip(plan.levers, titles)) if id(lever) in active
                 for parameter in lever.parameters() if parameter.kind not in ("choice", "segments"))


def dial(plan: Scenario, name: str) -> Dial:
    """The parameter with this name, as in "AnnualBilling.discount"; else a Problem that lists what there is."""
    titles = names(plan.levers)
    lever, _, wanted = str(name).rpartition(".")
    if lever not in titles:
        raise Problem(f"The plan has no lever {lever or name!r}. It has: {', '.join(titles) or 'none'}.")
    place = titles.index(lever)
    known = {parameter.name: parameter for parameter in plan.levers[place].parameters()}
    if wanted not in known:
        raise Problem(f"{lever} has no parameter {wanted!r}. Known: {', '.join(known)}.")
    if known[wanted].kind in ("choice", "segments"):
        raise Problem(f"{known[wanted].label} of {lever} is a choice, not a number: compare the choices one by one.")
    return Dial(plan, place, known[wanted], name)


def main_book(base: Assumptions, book: str | None) -> str:
    """The book asked for, else the one a headline speaks of; a Problem where the data has no such customers."""
    found = book or ("new" if base.has_new else "existing")
    there = {"new": base.has_new, "existing": base.has_existing, "portfolio": True}
    if not there.get(found, False):
        raise Problem(f'The book is "new", "existing" or "portfolio" and must have customers; found {found!r}.')
    return found


def gain(base: Assumptions, plan: Scenario, horizon: int, book: str, heterogeneity: str = "types",
         known: dict | None = None) -> float:
    """What the plan brings in one book, money: per customer, or in total for "portfolio". 1 to 5 ms a call.

    Only the book asked for is worked out: a search or a map calls this some hundred times.
    known: what plans with levers in common share, for a caller that holds all of them until the last is valued.
    """
    one = base.only(book)
    after = _worth(one, plan.active, horizon, book, heterogeneity, plan, known)
    return _apart(_before(one, plan, horizon, book, heterogeneity), after)


def gains(base: Assumptions, plans: list[Scenario], horizon: int, book: str, heterogeneity: str = "types") -> list[float]:
    """`gain` of each plan. Those of one book are worked out together, which costs a fraction of one after the other, and
    those that do the same in it once.

    The whole book, which has later customers too, is worked out plan by plan.
    """
    asked = [plan.acting(book) for plan in plans]
    unlike = dict(zip(reversed(asked), reversed(plans)))  # of those alike the first
    found = dict(zip(unlike, _gains(base, list(unlike.values()), horizon, book, heterogeneity)))
    return [found[one] for one in asked]


def _gains(base, plans, horizon, book, heterogeneity) -> list[float]:
    if book == "portfolio":
        known: dict = {}
        return [gain(base, plan, horizon, book, heterogeneity, known) for plan in plans]
    one, months = base.only(book), base.check_horizon(horizon)
    begun: dict = {}  # plans that begin alike, cut alike, are one until they differ
    parts = [decided(one.groups(book, plan.detail, False, heterogeneity == "aggregate", months), plan.active,
                     begun.setdefault(plan.detail, {})) for plan in plans]
    money = Money(lambda: [group for part in parts for group in part], (one.gross_margin, one.service_cost, heterogeneity))
    worths = iter(money.worths(one.discount_factor[:months]))
    size = 1.0 if book == "new" else one.customers
    after = [float(sum(next(worths) for _ in part)) / size for part in parts]
    return [_apart(_before(one, plan, horizon, book, heterogeneity), worth) for plan, worth in zip(plans, after)]


def _before(one: Assumptions, plan: Scenario, horizon: int, book: str, heterogeneity: str) -> float:
    key = ("worth", book, horizon, heterogeneity, plan.detail)
    return one.kept(key, lambda: _worth(one, (), horizon, book, heterogeneity, plan))


def _apart(before: float, after: float) -> float:
    return 0.0 if abs(after - before) <= ROUNDING * max(abs(before), abs(after)) else after - before


def _worth(base, levers, horizon, book, heterogeneity, plan, known=None) -> float:
    found = evaluate(base, levers, horizon, heterogeneity, detail=plan.detail, known=known, beyond=False)
    return found.clv if book == "new" else found.residual_per_customer if book == "existing" else found.portfolio


def differ(gains: list[float], worths: tuple[float, float]) -> bool:
    """Whether these are different amounts: not the last bits of worths of this size. What is no number is another amount."""
    return not np.ptp(gains) <= ROUNDING * np.max(np.abs(worths))


def gain_at(base: Assumptions, one: Dial, value, horizon: int, book: str, heterogeneity: str = "types") -> float:
    """The gain with one figure changed; not a number where the lever refuses the value beside its others."""
    return gains_at(base, [(one, value)], horizon, book, heterogeneity)[0]


def gains_at(base: Assumptions, turned: list[tuple[Dial, object]], horizon: int, book: str,
             heterogeneity: str = "types") -> list[float]:
    """The same for many figures and values, worked out together."""
    found, plans = [float("nan")] * len(turned), {}
    for place, (one, value) in enumerate(turned):
        try:
            plans[place] = one.at(value)
        except Problem:
            pass
    for place, worth in zip(plans, gains(base, list(plans.values()), horizon, book, heterogeneity)):
        found[place] = worth
    return found
