"""Baseline against scenario: the difference, its range, and who brought it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.bridge import Attribution, attribute
from cs_models.dials import gain
from cs_models.headline import headline, other_view
from cs_models.kept_property import kept
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from cs_models.uncertainty import amount, chance_positive, drawn_amounts, drawn_band, drawn_worth, span
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
        return self._change.steps(self.book)


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

    @property
    def books(self) -> tuple[str, ...]:
        """Those of "new", "existing" and "portfolio" that have customers."""
        there = {"new": self.base.has_new, "existing": self.base.has_existing, "portfolio": True}
        return tuple(book for book, some in there.items() if some)

    @kept
    def _found(self) -> dict:
        """What was worked out of one book, by (what, book): a page shows one book at a time."""
        return {}

    def _once(self, what: str, book: str, make):
        found = self._found.get((what, book))
        if found is None:
            found = self._found[what, book] = make()
        return found

    def ends(self, book: str | None = None) -> tuple[float, float]:
        """Money before and after, without a range."""
        book = book or self.book
        runs = self.baseline, self.scenario
        return self._once("ends", book, lambda: tuple(float(amount(run, book)) for run in runs))

    def point(self, book: str | None = None) -> float:
        """The difference alone, without its range: what a page paints first."""
        return float(_difference(*self.ends(book)))

    @property
    def undiscounted(self) -> float | None:
        """What the plan brings per new customer over the horizon without a discount rate; None without new customers."""
        if self.baseline.new is None:
            return None
        return float(_difference(*(run.new.margin[: self.horizon].sum() for run in (self.baseline, self.scenario))))

    def _free(self, book: str) -> float:
        """What one book would be worth if the plan's programmes cost nothing."""
        levers = Scenario(self.plan.name, tuple(lever.unpaid() for lever in self.plan.levers)).active
        return float(amount(self._run(self.base.only(book), levers), book))

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
        return max(self._once("free", book, lambda: self._free(book)) - self.ends(book)[1], 0.0)

    @property
    def draws(self) -> dict[str, np.ndarray]:
        """The difference per bootstrap draw, by book: the same draw in baseline and scenario."""
        return {book: self.draws_of(book) for book in self.books}

    def draws_of(self, book: str) -> np.ndarray:
        """The same of one book, (draws,); a page shows one at a time, and the others cost as much again."""
        return self._once("draws", book, lambda: self._draws_of(book))

    def _draws_of(self, book: str) -> np.ndarray:
        if not self.base.has_draws:
            return _difference(*self.ends(book))
        if book == "portfolio":
            more = (self.horizon, self.heterogeneity, self.plan.detail)
            return _difference(*(drawn_amounts(self.base, levers, *more)[book] for levers in ((), self.plan.active)))
        return _difference(*self._drawn(drawn_worth, book))

    def _drawn(self, figure, book: str) -> list[np.ndarray]:
        """A figure of "new" or "existing" over the draws, before and after."""
        more = self.horizon, self.heterogeneity, self.plan.detail
        return [figure(self.base, book, levers, *more) for levers in ((), self.plan.active)]

    def attribution(self, book: str | None = None) -> Attribution:
        """Each decision alone, added last and as its Shapley share, with the overlap, for one book."""
        book = book or self.book
        return self._once("shares", book, lambda: self._attribution(book))

    def _attribution(self, book: str) -> Attribution:
        base, known, ends = self.base.only(book), {}, dict(zip(((), self.plan.active), self.ends(book)))

        def worth(chosen):
            return ends[chosen] if chosen in ends else float(amount(self._run(base, chosen, known=known), book))

        return attribute(self.plan.active, worth, book)

    def steps(self, book: str | None = None) -> dict[str, float]:
        """Lever -> money of one book, Shapley; sums to `point`. Unlike `difference` it waits for no range."""
        return {step.name: step.shapley for step in self.attribution(book).steps}

    def difference(self, book: str) -> Difference | None:
        """One of "new", "existing", "portfolio" with its range; None where the data has no such customers."""
        if book not in self.books:
            return None
        before, after = self.ends(book)
        drawn = self.draws_of(book)
        around = span(drawn)
        return Difference(book, before, after, self.point(book), around.low, around.high, chance_positive(drawn), self)

    @kept
    def new(self) -> Difference | None:
        return self.difference("new")

    @kept
    def existing(self) -> Difference | None:
        return self.difference("existing")

    @kept
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

    @property
    def _other_view(self) -> str:
        return "aggregate" if self.heterogeneity == "types" else "types"

    @kept
    def other(self) -> "Change":
        """The same comparison under the other view of heterogeneity: the other end of belief."""
        return compare(self.base, self.plan, self.horizon, self._other_view)

    def other_point(self, book: str | None = None) -> float:
        """The difference of one book under the other view."""
        book = book or self.book
        return self._once("other", book, lambda: gain(self.base, self.plan, self.horizon, book, self._other_view))

    def sign_differs(self, book: str | None = None) -> bool:
        """Whether types and the aggregate hazard disagree about gain or loss."""
        return self.point(book) * self.other_point(book) < 0

    @kept
    def curves(self) -> pd.DataFrame:
        """Survival of the headline's customers by month: baseline and scenario, each with a 95 % band."""
        return self.curves_of(self.book)

    def curves_of(self, book: str) -> pd.DataFrame:
        """The same for one book: new customers from their first day, or today's customers from today (also for the
        portfolio). Columns month (0 to the horizon), baseline, baseline_low, baseline_high, scenario, scenario_low,
        scenario_high.
        """
        book = "existing" if book == "portfolio" and self.base.has_existing else book.replace("portfolio", "new")
        return self._once("curves", book, lambda: self._curves_of(book)).copy()  # asked for with any move of the page

    def _curves_of(self, book: str) -> pd.DataFrame:
        points = min(self.horizon + 1, self.base.months)  # month 0 and the end of the last month
        table = {"month": np.arange(points)}
        for name, levers, (low, high) in zip(("baseline", "scenario"), ((), self.plan.active), self._drawn(drawn_band, book)):
            found = self._run(self.base.only(book), levers, points).survival_of(book)[:points]
            table |= {name: found, f"{name}_low": low, f"{name}_high": high}
        return pd.DataFrame(table)

    def _run(self, base: Assumptions, levers, horizon: int = 0, known: dict | None = None) -> Valuation:
        return _run(base, levers, horizon or self.horizon, self.heterogeneity, self.plan, known)

    def headline(self, book: str | None = None, ranged: bool = True, subject: str = "") -> str:
        """The answer as a sentence, with its range unless `ranged` is off; it says so when its sign is a matter of view.

        subject: what stands for the decisions where naming all of them would be too long, as in "this plan".
        """
        book, currency = book or self.book, self.base.currency
        spread = self.difference(book) if ranged else None
        said = headline(subject or self.plan.sentence(self.base.has_existing, book), book, self.point(book), self.horizon, spread, currency,
                        self.paid(book))
        if not ranged or not self.sign_differs(book):
            return said
        return f"{said} {other_view(self.other_point(book), self._other_view, currency)}"

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
