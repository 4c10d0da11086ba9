"""Which decision first: each of a plan taken alone, on the same customers and the same draws."""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.comparison import Change, compare
from cs_models.headline import OF
from cs_models.kept_property import kept
from cs_models.uncertainty import Range, chance_positive, span
from cs_models.words import change_cents, money, money_interval


@dataclass(frozen=True, eq=False)
class Alone:
    """One decision without the others: what it changes for one book, in money over the horizon."""

    title: str
    change: Change
    book: str

    @property
    def delta(self) -> float:
        return self.change.point(self.book)

    @property
    def draws(self) -> np.ndarray:
        """The same per bootstrap draw."""
        return np.atleast_1d(self.change.draws_of(self.book))


@dataclass(frozen=True, eq=False)
class WhichFirst:
    """Decisions, the most valuable first. The ranking is there at once; how sure it is is worked out when asked for."""

    book: str
    ranked: tuple[Alone, ...]

    @property
    def gap(self) -> float:
        """By how much the first beats the second."""
        return self.ranked[0].delta - self.ranked[1].delta

    @kept
    def apart(self) -> np.ndarray:
        """The gap per draw."""
        return self.ranked[0].draws - self.ranked[1].draws

    @property
    def ahead(self) -> Range:
        """95 % range of the gap."""
        return span(self.apart)

    @property
    def probability(self) -> float | None:
        """Share of the draws in which the first is ahead; None where the two never differ."""
        return chance_positive(self.apart)

    @property
    def decided(self) -> bool:
        """Whether the gap and its range lie on one side of 0: the rule by which saved scenarios are told apart."""
        return min(self.gap, self.ahead.low) > 0

    def sentence(self, ranged: bool = True) -> str:
        """The answer in words, with the range of the gap unless `ranged` is off."""
        best, second = self.ranked[:2]
        change = best.change
        where = f"{OF[self.book]} over {change.horizon} months"
        names = f"“{best.title}” and “{second.title}”"
        ends = (self.ahead.low, self.ahead.high) if ranged else ()
        cents = change_cents(best.delta, self.gap, ends=ends)

        def said(value: float) -> str:
            return money(value, change.base.currency, cents=cents)

        def around(sign: bool) -> str:
            return money_interval(*ends, change.base.currency, sign=sign, cents=cents)

        if best.delta <= 0:
            return f"Neither first: {names} bring nothing {where}."
        if ranged and not self.decided:
            return f"{names} cannot be told apart {where}: {around(True)} between them."
        likely = f" (likely {around(False)})" if ranged else ""
        more = f"{said(self.gap)} more than “{second.title}”{likely}"
        return f"“{best.title}” first: it adds {said(best.delta)} {where}, {more}."


def which_first(change: Change, book: str | None = None) -> WhichFirst:
    """Each active decision of a plan alone against today, ranked; the plan needs two of them.

    Before and after, and one decision and the other, use the same bootstrap draws: the range of the gap is that of a
    difference, which two ranges laid side by side cannot tell. It covers chance in the data, not doubt about beliefs.
    For a CFO: what to do first if only one can be done. Money over the horizon, discounted: per customer, or in total
    with book="portfolio". Two decisions together bring less or more than the sum; the bridge says which.
    Raises ValueError for fewer than two decisions. Source: differences of paired draws (Efron and Tibshirani, 1993).
    >>> import cs_models as cs
    >>> base = cs.Assumptions.flat(0.03, 50, 0.8, 0.1, 36)
    >>> plan = cs.Scenario("", (cs.PriceIncrease(rise=.10), cs.ChurnReduction(reduction=.10)))
    >>> print(which_first(cs.compare(base, plan, 36)).sentence(ranged=False))
    “Price increase” first: it adds $78 per new customer over 36 months, $44 more than “Churn reduction”.
    """
    if len(change.plan.active) < 2:
        raise ValueError("It takes two decisions to say which comes first.")
    book = book or change.book
    found = [
        Alone(lever.title, compare(change.base, replace(change.plan, levers=(lever,)), change.horizon,
                                   change.heterogeneity), book)
        for lever in change.plan.active
    ]  # fmt: skip
    return WhichFirst(book, tuple(sorted(found, key=lambda one: -one.delta)))
