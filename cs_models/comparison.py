"""Baseline against scenario: the difference, its range, and who brought it."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.bridge import Attribution, attribute
from cs_models.explanations import whole_book_alone
from cs_models.headline import headline, other_view
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from cs_models.uncertainty import BOOKS, amounts, chance_positive, drawn_amounts, span, survival_band
from cs_models.valuation import Valuation, evaluate

ROUNDING = 1e-12  # relative: differences below it are the last bits of floating point


@dataclass(frozen=True)
class Difference:
    """Money before and after, discounted over the horizon, CAC not deducted.

    low, high: 95 % range of delta; probability: share of draws above 0, None when nothing changes
    bridge: lever -> money, Shapley; sums to delta
    """

    book: str
    before: float
    after: float
    delta: float
    low: float
    high: float
    probability: float | None
    _change: "Change" = field(repr=False, compare=False)

    @property
    def bridge(self) -> dict[str, float]:
        return self._change._steps[self.book]


@dataclass(frozen=True, eq=False)
class Change:
    """What a scenario does. Point figures are ready at once; ranges are worked out when first asked for.

    delta, low, high, probability, bridge: per new customer when the book has new customers, else per existing one
    new, existing: per customer; portfolio: the base and every cohort to come within the horizon, in total
    """

    base: Assumptions
    plan: Scenario
    horizon: int
    heterogeneity: str
    baseline: Valuation
    scenario: Valuation

    @property
    def book(self) -> str:
        """The book the headline speaks of."""
        return "new" if self.base.has_new else "existing"

    @property
    def decisions(self) -> str:
        """The plan as words, for these customers."""
        return self.plan.sentence(self.base.has_existing)

    @cached_property
    def _points(self) -> dict[str, tuple[float, float]]:
        before, after = amounts(self.baseline), amounts(self.scenario)
        return {name: (float(before[name]), float(after[name])) for name in before}

    def point(self, book: str | None = None) -> float:
        """The difference alone, without its range: what a page paints first."""
        return float(_difference(*self._points[book or self.book]))

    @cached_property
    def _free(self) -> dict[str, np.ndarray]:
        """What it would bring if its programmes cost nothing."""
        levers = Scenario(self.plan.name, tuple(lever.unpaid() for lever in self.plan.levers)).active
        return amounts(_run(self.base, levers, self.horizon, self.heterogeneity, self.plan))

    def paid(self, book: str | None = None) -> float:
        """What the decisions themselves cost in one book, discounted over the horizon (money): programmes, account
        managers, rewards. It is taken off the difference already.
        >>> from cs_models.levers.onboarding import Onboarding
        >>> change = compare(Assumptions.flat(0.03, 50, 0.8, 0.1, 36), Scenario("", (Onboarding(cost=5.0),)), 36)
        >>> round(change.paid(), 9)
        5.0
        """
        if not any(getattr(lever, name) for lever in self.plan.active for name in lever.spends):
            return 0.0
        book = book or self.book
        return max(float(self._free[book]) - self._points[book][1], 0.0)

    @cached_property
    def draws(self) -> dict[str, np.ndarray]:
        """The difference per bootstrap draw: the same draw in baseline and scenario."""
        if not self.base.has_draws:
            return {name: _difference(before, after) for name, (before, after) in self._points.items()}
        more = (self.horizon, self.heterogeneity, self.plan.detail)
        before, after = drawn_amounts(self.base, (), *more), drawn_amounts(self.base, self.plan.active, *more)
        return {name: _difference(before[name], after[name]) for name in before}

    @cached_property
    def _shares(self) -> dict[str, Attribution]:
        """What each decision brings, for every book from the same runs."""
        known: dict = {}

        def worth(chosen):
            found = amounts(_run(self.base, chosen, self.horizon, self.heterogeneity, self.plan, known))
            return np.array([found.get(book, 0.0) for book in BOOKS])

        return attribute(self.plan.active, worth, BOOKS)

    @property
    def _steps(self) -> dict[str, dict[str, float]]:
        """Shapley steps of every book."""
        return {book: {step.name: step.shapley for step in found.steps} for book, found in self._shares.items()}

    def attribution(self, book: str | None = None) -> Attribution:
        """Each decision alone, added last and as its Shapley share, with the overlap, for one book."""
        return self._shares[book or self.book]

    def difference(self, book: str) -> Difference | None:
        """One of "new", "existing", "portfolio" with its range; None where the data has no such customers."""
        if book not in self._points:
            return None
        before, after = self._points[book]
        drawn = self.draws[book]
        around = span(drawn)
        return Difference(book, before, after, self.point(book), around.low, around.high, chance_positive(drawn), self)

    @cached_property
    def new(self) -> Difference | None:
        return self.difference("new")

    @cached_property
    def existing(self) -> Difference | None:
        return self.difference("existing")

    @cached_property
    def portfolio(self) -> Difference:
        return self.difference("portfolio")

    @property
    def _main(self) -> Difference:
        return self.new if self.book == "new" else self.existing

    @property
    def delta(self) -> float:
        return self.point()

    @property
    def low(self) -> float:
        return self._main.low

    @property
    def high(self) -> float:
        return self._main.high

    @property
    def probability(self) -> float | None:
        return self._main.probability

    @property
    def bridge(self) -> dict[str, float]:
        """Lever -> money, Shapley, in the order of the business story; sums to `delta`."""
        return self._main.bridge

    @cached_property
    def other(self) -> "Change":
        """The same comparison under the other view of heterogeneity: the other end of belief."""
        view = "aggregate" if self.heterogeneity == "types" else "types"
        return compare(self.base, self.plan, self.horizon, view)

    def sign_differs(self, book: str | None = None) -> bool:
        """Whether types and the aggregate hazard disagree about gain or loss."""
        return self.point(book) * self.other.point(book) < 0

    @property
    def against_whole_book(self) -> tuple[str, ...]:
        """Books whose customers gain where the whole book loses, or the other way round; () unless all of them do."""
        moved = {name: step for name in self._points if name != "portfolio" and (step := self.point(name))}
        opposed = tuple(name for name, step in moved.items() if step * self.point("portfolio") < 0)
        return opposed if len(opposed) == len(moved) else ()

    @property
    def wins_customers(self) -> bool:
        """Whether a decision also changes how many customers come."""
        before, after = self.baseline.joining, self.scenario.joining
        return bool(after.referrals.any()) or not np.allclose(before.volume, after.volume, rtol=ROUNDING)

    def caution(self, book: str | None = None) -> str:
        """What must be read beside the answer of one book: a whole book against everybody in it; mostly ""."""
        others = self.against_whole_book if (book or self.book) == "portfolio" else ()
        return whole_book_alone(self.point("portfolio") > 0, others, self.horizon, self.wins_customers) if others else ""

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Survival of the headline's customers by month: baseline and scenario, each with a 95 % band."""
        return self.curves_of(self.book)

    def curves_of(self, book: str) -> pd.DataFrame:
        """The same for one book: new customers from their first day, or today's customers from today (also for the
        portfolio). Columns month (0 to the horizon), baseline, baseline_low, baseline_high, scenario, scenario_low,
        scenario_high.
        """
        book = "existing" if book == "portfolio" and self.base.has_existing else book.replace("portfolio", "new")
        if book not in self._curves:  # asked for whenever anything of the page moves
            self._curves[book] = self._curves_of(book)
        return self._curves[book].copy()

    @cached_property
    def _curves(self) -> dict[str, pd.DataFrame]:
        return {}

    def _curves_of(self, book: str) -> pd.DataFrame:
        points = min(self.horizon + 1, self.base.months)  # month 0 and the end of the last month
        table = {"month": np.arange(points)}
        for name, levers in (("baseline", ()), ("scenario", self.plan.active)):
            found = _run(self.base, levers, points, self.heterogeneity, self.plan).survival_of(book)[:points]
            low, high = survival_band(self.base, book, levers, points, self.heterogeneity, self.plan.detail)
            table |= {name: found, f"{name}_low": low, f"{name}_high": high}
        return pd.DataFrame(table)

    def headline(self, book: str | None = None, ranged: bool = True, subject: str = "") -> str:
        """The answer as a sentence, with its range unless `ranged` is off; it says so when its sign is a matter of view.

        subject: what stands for the decisions where naming all of them would be too long, as in "this plan".
        """
        book, currency = book or self.book, self.base.currency
        spread = self.difference(book) if ranged else None
        said = headline(subject or self.decisions, book, self.point(book), self.horizon, spread, currency,
                        self.paid(book))
        if not ranged or not self.sign_differs(book):
            return said
        return f"{said} {other_view(self.other.point(book), self.other.heterogeneity, currency)}"

    def __str__(self) -> str:
        return self.headline()


def _difference(before, after) -> np.ndarray:
    """after - before; what is smaller than rounding is nothing, so that no noise becomes a decision."""
    delta, size = np.asarray(after - before), np.maximum(np.abs(before), np.abs(after))
    return np.where(np.abs(delta) <= ROUNDING * size, 0.0, delta)


def _run(base, levers, horizon, heterogeneity, plan, known=None) -> Valuation:
    return evaluate(base, levers, horizon, heterogeneity, detail=plan.detail, known=known)


def compare(base: Assumptions, plan: Scenario, horizon: int = 36, heterogeneity: str = "types") -> Change:
    """What a scenario changes against the baseline, over `horizon` months.

    Both are valued with the same groups and the same bootstrap draws, so what they share cancels out of the range.
    heterogeneity: "types" (each customer type's own hazard is changed, then re-mixed) or "aggregate".
    >>> compare(Assumptions.flat(0.03, 50, 0.8, 0.1, 36), Scenario("nothing"), 36).delta
    0.0
    """
    if heterogeneity not in ("types", "aggregate"):
        raise Problem(f'heterogeneity is "types" or "aggregate"; found {heterogeneity!r}.')
    runs = [_run(base, levers, horizon, heterogeneity, plan) for levers in ((), plan.active)]
    return Change(base, plan, base.check_horizon(horizon), heterogeneity, *runs)
