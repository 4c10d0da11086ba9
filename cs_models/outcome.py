"""A scenario of an earlier day on the data of a later one: what was promised, and what happened since."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.as_they_were import at, months_before
from cs_models.assumptions import DRAWS, Assumptions
from cs_models.backtest import back_test
from cs_models.comparison import Change, compare
from cs_models.headline import OF
from cs_models.hindsight import BackTest
from cs_models.problems import Problem
from cs_models.saved import Figure, SavedScenario
from cs_models.words import count, day, money, money_interval, months

FIGURES = (  # key, what it is called, how it is written
    ("customers", "Customers", "count"), ("mrr", "MRR", "money"), ("joining", "New customers a month", "count"),
    ("price", "First month's price of a new customer", "money"), ("clv", "Lifetime value of a new customer", "money"),
    ("existing", "Value of an existing customer", "money"), ("stay", "New customers who stay a year", "share"),
)  # fmt: skip
YEAR = 12


@dataclass(frozen=True)
class Came:
    """One number after the months that passed: expected without the plan with its 95 % range, expected with it, and what
    came.
    """

    expected: float
    low: float
    high: float
    planned: float
    happened: float

    @property
    def inside(self) -> bool:
        """Whether what came is within what was called likely without the plan."""
        return self.low <= self.happened <= self.high


@dataclass(frozen=True, eq=False)
class Replay:
    """What a scenario promised on `day` and what came until `until`, `months` later.

    promised: the figure that was saved (None where none was); then, now: the same plan and economics on the customers
    of that day as this file knows them, and on those of today
    test: the forecast of that day for its customers beside what came; customers, mrr: at the end of those months
    (mrr None without prices); joined, joined_here: customers who came since, expected and counted, and those of them
    who are still here
    baseline: a row per figure: figure, then, now, kind (count, money, share)
    """

    saved: SavedScenario
    day: date
    until: date
    months: int
    then: Change
    now: Change
    test: BackTest
    customers: Came
    mrr: Came | None
    joined: tuple[float, float]
    joined_here: tuple[float, float]
    baseline: pd.DataFrame

    @property
    def promised(self) -> Figure | None:
        return self.saved.figure

    @property
    def currency(self) -> str:
        return self.now.base.currency

    def sentence(self) -> str:
        """What was promised, and how many of that day's customers are still here against what was expected."""
        was, here = self.promised, self.customers
        start = self.test.customers["happened"].iloc[0]
        said = "" if was is None else (
            f"On {day(self.day)} it promised {money(was.delta, was.currency, sign=True)} {OF[was.book]} over "
            f"{months(self.saved.horizon)} ({money_interval(was.low, was.high, was.currency, sign=True)}). "
        )
        verdict = (
            "within what chance allows without it"
            if here.inside
            else "more than chance explains without it" if here.happened > here.high else "fewer than even without it"
        )
        return (
            f"{said}{months(self.months).capitalize()} later {count(here.happened)} of {count(start)} customers are still "
            f"here: {verdict} ({count(here.expected)} expected, {count(here.low)} to {count(here.high)}; with it "
            f"{count(here.planned)})."
        )

    def doubt(self) -> str:
        """One sentence where that day's customers, as these data know them, do not come near what was promised; else ""."""
        was = self.promised
        found = self.then.difference(was.book) if was else None
        if found is None or (found.low <= was.high and was.low <= found.high):
            return ""
        said, now = (money(one.delta, was.currency, sign=True) for one in (was, found))
        return (
            f"Are these the same customers? The plan promised {said} {OF[was.book]}, and on the customers of {day(self.day)} in "
            f"the data on the desk it comes to {now}. Open a later export of the data it was saved on."
        )

    def again(self) -> str:
        """The same plan on today's customers, beside what was promised."""
        book = self.promised.book if self.promised else self.now.book
        found = self.now.difference(book)
        if found is None:
            return "Today's data have no such customers, so the plan cannot be worked out again for them."
        ends = money_interval(found.low, found.high, self.currency, sign=True)
        return f"Worked out again on today's customers it comes to {money(found.delta, self.currency, sign=True)} ({ends})."

    def newcomers(self) -> str:
        """Those who joined since, against what was expected on that day."""
        (said, came), (stay, here) = self.joined, self.joined_here
        return (
            f"{count(came)} customers joined since ({count(said)} expected at the pace of that day); {count(here)} of the "
            f"newcomers are still here ({count(stay)} expected)."
        )


def replay(saved: SavedScenario, subs, day: date, draws: int = DRAWS, seed: int = 0) -> Replay:
    """Open the scenario of an earlier day on data that reach further: promise beside outcome.

    The data are put back to `day` (as_they_were) and fitted as on that day; from there the customers of that day are
    followed, and those who joined since are counted. Expected with the plan: what was expected without it, times the
    ratio of the two in the scenario of that day. The 95 % range is one of prediction (backtest): it holds the error of
    the curve and the luck of each customer.
    To a CFO: did last quarter's plan do what it said? The data cannot say whether it was carried out, nor what else
    happened: a number inside the range is no proof that the plan did nothing.
    Raises Problem without dates, when no whole month has passed, or where that day allows no forecast.
    Example: the sample data, a plan of 31 July 2026 seen on 31 October: 3 months, all of them in `tests/test_outcome.py`.
    """
    passed = _passed(subs, day)
    then_data, cut = at(subs, day), at(subs, months_before(day, -passed))
    said = saved.economics
    by = tuple(name for name in said.by if name in _columns(subs))
    fitted = [Assumptions.from_data(data, by=by, draws=draws, seed=seed, expansion=said.expansion)
              for data in (then_data, subs)]  # fmt: skip
    then, now = (saved.compare(base) for base in fitted)
    test = back_test(cut, passed, by=by, draws=draws, seed=seed)
    return Replay(
        saved, day, cut.as_of, passed, then, now, test, _came(test, then, "customers"),
        None if test.revenue is None else _came(test, then, "revenue"), _joined(then, cut, day, passed),
        _joined_here(then, cut, day, passed), _baseline(then, now),
    )  # fmt: skip


def _passed(subs, day: date) -> int:
    """Whole months from that day to the end of the data."""
    if not subs.has_dates or day is None:
        raise Problem("What came since can only be said of data with dates. Open the scenario on an export with dates.")
    passed = 0
    while months_before(day, -(passed + 1)) <= subs.as_of:
        passed += 1
    if not passed:
        raise Problem(
            f"No whole month has passed since the data of {day.isoformat()}. Load a later export of the same customers; "
            "then what came stands beside what was promised."
        )
    return passed


def _columns(subs) -> set[str]:
    return {subs.resolve(name) for name in subs.segments} - {"term"}


def _came(test: BackTest, then: Change, what: str) -> Came:
    row, step = test.last(what), len(test.customers) - 1
    name = "in_force" if what == "customers" else "mrr"
    then = _at_least(then, step + 1)  # more months may have passed than the scenario looks ahead
    before, after = (getattr(found.existing, name)[step] for found in (then.baseline, then.scenario))
    ratio = after / before if before else 1.0
    ends = (float(row[one]) for one in ("predicted", "low", "high"))
    return Came(*ends, float(row["predicted"] * ratio), float(row["happened"]))


def _joined(then: Change, cut, day: date, passed: int) -> tuple[float, float]:
    """Customers whose first start lies after that day: at that day's pace, and counted."""
    return float(then.base.acquisitions[:passed].sum()), float(len(_newcomers(cut, day)))


def _newcomers(cut, day: date) -> pa.Table:
    """A row per customer who never was one until that day: customer, and whether he is still here (`here_max`)."""
    ends = cut.rows["ended_on"].cast("date32")
    here = pc.or_kleene(pc.is_null(ends), pc.greater(ends, cut.as_of))
    rows = pa.table({"customer": cut.rows["customer"], "start": cut.rows["started_on"].cast("date32"),
                     "here": pc.cast(pc.fill_null(here, True), "int8")})  # fmt: skip
    found = rows.group_by("customer").aggregate([("start", "min"), ("here", "max")])
    return found.filter(pc.greater(found["start_min"], day))


def _joined_here(then: Change, cut, day: date, passed: int) -> tuple[float, float]:
    """Those still here who joined since: in the book of that day's forecast, and counted. Whoever had left before and
    came back is no newcomer.
    """
    base = then.base
    grown = _at_least(then, passed + 1).baseline
    expected = grown.book.in_force[passed] - base.acquisitions[passed]
    if grown.existing is not None:
        expected = expected - grown.existing.in_force[passed]
    here = pc.sum(_newcomers(cut, day)["here_max"]).as_py() or 0
    return float(expected), float(here)


def _at_least(change: Change, least: int) -> Change:
    """The same comparison over at least so many months."""
    return change if change.horizon >= least else compare(change.base, change.plan, least, change.heterogeneity)


def _baseline(then: Change, now: Change) -> pd.DataFrame:
    """What today's way looks like without any plan, on that day and now."""
    found = [_figures(change) for change in (then, now)]
    rows = [(label, found[0][key], found[1][key], kind) for key, label, kind in FIGURES]
    return pd.DataFrame(rows, columns=["figure", "then", "now", "kind"])


def _figures(change: Change) -> dict[str, float | None]:
    base, today = change.base, change.baseline
    has_new = today.new is not None
    return {
        "customers": base.customers, "mrr": base.active_mrr, "joining": float(base.acquisitions[0]),
        "price": sum(cell.new_share * cell.new_price for cell in base.cells) if has_new else None,
        "clv": today.clv, "existing": today.residual_per_customer,
        "stay": float(_at_least(change, YEAR + 1).baseline.survival_of("new")[YEAR]) if has_new else None,
    }  # fmt: skip
