"""Counts by tenure: all that any retention fit needs, whatever the number of customers.

A life table says, for every month of tenure, how many customers were still there and how many of them left.
It is sufficient for Kaplan-Meier, for every model of tenure and for the bootstrap, so after this step a
million customers cost the same as a thousand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.column_codes import group_numbers
from cs_models.engine.tenure import as_counts, counts_by_tenure
from cs_models.problems import Problem
from cs_models.words import count

COUNTS = ("at_risk", "churned", "involuntary", "censored", "in_force")
COHORT = "cohort"  # a name to group by: the month of the first start
MOST_CELLS = 500_000  # beyond this a grouping is a list of customers, not a table of counts


@dataclass(frozen=True, eq=False)
class LifeTable:
    """How many were in force and how many left, by month of tenure.

    ``frame`` has one row per group, billing interval and tenure 0..K with the columns of `COUNTS`:

    * ``in_force(k)`` = customers with entry < k <= duration: under observation in the k-th month.
    * ``at_risk(k)`` = those of them who could leave at its end. Monthly payers: the same number. Annual
      payers: only at their renewals, months 12, 24, ... (nobody leaves in the middle of a paid year).
    * ``churned(k)`` left at the end of month k, ``involuntary(k)`` of them through failed payments.
    * ``censored(k)`` = last seen, still subscribed (or moved to another plan), with k months. So is whoever left
      inside a paid year that is not over: his neighbours who stay have not faced that renewal either.

    At tenure 0, ``at_risk`` is the number of customers seen from their first day and ``censored`` those who
    have not completed a month. Counts are integers, except in a table made from a published survival curve.

    ``by`` are the grouping columns as the caller named them; ``period`` says what one step of tenure is.
    ``reactivations`` = returns after more than 45 days away: they are counted, and not part of the table.
    """

    frame: pd.DataFrame
    by: tuple[str, ...] = ()
    period: str = "month"
    reactivations: int = 0

    def select(self, **values: object) -> "LifeTable":
        """The part of the table with these group values: ``table.select(plan="Pro", interval=1)``."""
        frame = self.frame
        for name, value in values.items():
            if name not in (*self.by, "interval"):
                raise Problem(
                    f"The table is not grouped by {name!r}. It has: {', '.join((*self.by, 'interval'))}."
                )
            frame = frame[frame[name] == value]
        return LifeTable(frame.reset_index(drop=True), self.by, self.period)

    def split(self) -> Iterator[tuple[dict, "LifeTable"]]:
        """Every group and billing interval apart: pairs of ({"plan": ..., "interval": ...}, its table)."""
        names = [*self.by, "interval"]
        for key, part in self.frame.groupby(names, sort=True, observed=True):
            yield dict(zip(names, key)), LifeTable(part.reset_index(drop=True), self.by, self.period)

    def pooled(self) -> "LifeTable":
        """The sum over all groups; billing intervals stay apart (they are never pooled in one fit)."""
        frame = self.frame.groupby(["interval", "tenure"], as_index=False, sort=True)[list(COUNTS)].sum()
        return LifeTable(frame, (), self.period, self.reactivations)

    @property
    def intervals(self) -> tuple[int, ...]:
        """The billing intervals in the table, in months: (1, 12)."""
        return tuple(int(i) for i in sorted(self.frame["interval"].unique()))

    @property
    def churned(self) -> float:
        """All who left."""
        return self.frame["churned"].sum()


def single_table(counts: dict[str, np.ndarray], interval: int = 1, period: str = "month") -> LifeTable:
    """A table without groups from the counts by tenure 0..K."""
    columns = {"interval": interval, "tenure": np.arange(len(counts["churned"])), **as_counts(counts)}
    return LifeTable(pd.DataFrame(columns), (), period)


def life_table_from_durations(
    durations: Sequence[int],
    events: Sequence[bool],
    entry: Sequence[int] | None = None,
    weights: Sequence[float] | None = None,
) -> LifeTable:
    """A life table from one duration in whole months per customer.

    ``events``: True = left at the end of that month, False = still there when last seen. ``entry``: months
    already behind a customer when observation began (0 = seen from the first day); months before it do not
    count, which is what keeps an export that begins years after the launch from looking too loyal.
    ``weights``: customers per row.

    Three customers, one left after 1 month, one after 2, one still there with 2:
    ``life_table_from_durations([1, 2, 2], [1, 1, 0]).frame.at_risk`` is 3, 3, 2.

    Raises `Problem` when the lengths differ, a value is missing, negative or not whole, or a row ends before
    it begins.
    """
    duration = _whole(durations, "durations")
    event = _yes_or_no(events)
    start = np.zeros_like(duration) if entry is None else _whole(entry, "entry")
    weight = np.ones(len(duration)) if weights is None else np.asarray(weights, dtype=float)
    if not len(duration) == len(event) == len(start) == len(weight):
        raise Problem("durations, events, entry and weights must have the same number of values.")
    if not len(duration):
        raise Problem("There is no customer in the data: a life table needs at least one duration.")
    if not np.all(np.isfinite(weight) & (weight >= 0)):
        raise Problem(
            "A weight is missing or negative. A weight is the number of customers a row stands for."
        )
    _check_order(duration, event, start)
    return single_table(counts_by_tenure(start, duration, event, weight))


def _check_order(duration, event, start) -> None:
    early = np.flatnonzero((start > duration) | (event & (start == duration) & (duration > 0)))
    if len(early):
        at = int(early[0])
        raise Problem(
            f"{len(early)} rows end before observation of them began, first: number {at + 1} "
            f"(entry {start[at]}, duration {duration[at]}). An ended row needs a duration above its entry."
        )
    zero = np.flatnonzero(event & (duration == 0))
    if len(zero):
        raise Problem(
            f"{len(zero)} customers left with duration 0, first: number {int(zero[0]) + 1}. "
            "Whoever left has paid at least one month: give them duration 1."
        )


def _whole(values, name: str) -> np.ndarray:
    numbers = np.asarray(values, dtype=float)
    bad = np.flatnonzero(~np.isfinite(numbers) | (numbers < 0) | (np.rint(numbers) != numbers))
    if len(bad):
        raise Problem(f"{name} must be whole months from 0; number {int(bad[0]) + 1} is {numbers[bad[0]]:g}.")
    return numbers.astype(np.int64)


def _yes_or_no(values) -> np.ndarray:
    """Only 0/1 or True/False: a 2 would silently count as a departure."""
    numbers = np.asarray(values, dtype=float)
    if not np.all((numbers == 0) | (numbers == 1)):
        raise Problem("events must be 0 or 1 (left or not); other values have no meaning here.")
    return numbers.astype(bool)


def life_table_from_survival(survival: Sequence[float], customers: float) -> LifeTable:
    """A life table from a published survival curve S(0) = 1, S(1), ... of a cohort of so many customers.

    churned(k) = customers x (S(k-1) - S(k)); whoever is left at the end is censored there. Fader and Hardie's
    High End cohort, ``life_table_from_survival([1, .869, .743], 1000)``, has 131 and 126 departures.

    Raises `Problem` when the curve does not start at 1, rises, or leaves 0..1 (percent must be divided by
    100).
    """
    curve = np.asarray(survival, dtype=float)
    if curve.ndim != 1 or len(curve) < 2 or not np.isfinite(curve).all() or abs(curve[0] - 1) > 1e-9:
        raise Problem("A survival curve starts with 1 (everybody) and goes on with shares such as .87, .74.")
    if (np.diff(curve) > 1e-12).any() or curve.min() < 0:
        raise Problem("A survival curve never rises and never falls below 0; check the order of the values.")
    alive = customers * curve
    # A thousandth times 1,000 is a whole number of people; floating point says 130.99999999999997.
    churned = np.concatenate([[0.0], _tidy(alive[:-1] - alive[1:])])
    at_risk = _tidy(np.concatenate([[alive[0]], alive[:-1]]))
    censored = np.zeros(len(curve))
    censored[-1] = _tidy(alive[-1:])[0]
    zeros = np.zeros(len(curve))
    counts = dict(
        at_risk=at_risk, churned=churned, involuntary=zeros, censored=censored, in_force=at_risk.copy()
    )
    return single_table(counts, period="period")


def _tidy(values: np.ndarray) -> np.ndarray:
    whole = np.rint(values)
    return np.where(np.abs(values - whole) < 1e-6, whole, values)


def life_table(subs, by: Sequence[str] | str = ()) -> LifeTable:
    """A life table from subscriptions: the engine turns rows into counts, customer by customer.

    Rows of one customer are joined into spells (a gap of up to 45 days is the same spell; a longer one is
    churn, and the return is counted in ``.reactivations`` only). A change of plan or billing interval is not
    churn: the old row is closed as censored and the new one goes on at the tenure reached. Rows set aside
    (free plans, trials, starts in the future) take no part.

    ``by``: names of columns as the user knows them ("plan", a header of the file). A customer belongs to the
    value of the earliest row; an empty value is shown as "(none)". Sums over the groups equal the table
    without groups. "cohort" is the month of the first start, "2025-03": with it a cell of tenure k is the
    calendar month cohort + k.

    Raises `Problem` when a column is unknown, or has so many values that the table would be a list of
    customers.
    """
    from cs_models.engine.counts import (
        exposure_counts,
    )  # the engine is not needed by those who bring their own counts

    names = tuple(
        name for name in ((by,) if isinstance(by, str) else by) if name != "interval"
    )  # always there
    if subs.kind == "triangle":
        return _of_cohorts(subs, names)
    if COHORT in names and not subs.has_dates:
        raise Problem("This file has no dates, so there are no sign-up months to group by. Bring a start per subscription.")
    exposures = exposure_counts(subs, tuple(name for name in names if name != COHORT), COHORT in names)
    return life_table_of(exposures.frame, names, exposures.reactivations)


def life_table_of(exposures: pd.DataFrame, names: tuple[str, ...], reactivations: int = 0) -> LifeTable:
    """The table of exposures counted by the engine: columns g0.., cohort (where asked for), term, anchor, entry,
    duration, churned, involuntary, customers.
    """
    return LifeTable(_assemble(_named(exposures, names), names), names, "month", reactivations)


def _named(exposures: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """The group columns g0, g1, ... in the order of the names, the month of the first start as a text."""
    own = iter(range(len(names)))
    columns = ["cohort" if name == COHORT else f"g{next(own)}" for name in names]
    places = {column: f"_{i}" for i, column in enumerate(columns)}
    found = pd.DataFrame({places.get(name, name): exposures[name] for name in exposures.columns}, copy=False)
    if COHORT in names:
        at, last = f"_{names.index(COHORT)}", exposures["cohort"] - 1
        found[at] = (last // 12).astype(str) + "-" + (last % 12 + 1).astype(str).str.zfill(2)
    return found


def _of_cohorts(subs, names: tuple[str, ...]) -> LifeTable:
    """The counts of a cohort file, summed over its cohorts unless they are asked for apart."""
    frame = subs.rows.to_pandas().rename(columns={subs.resolve(name): name for name in names})
    keys = [*names, "interval", "tenure"]
    sums = frame.groupby(keys, as_index=False, sort=True)[list(COUNTS)].sum()
    sums[list(COUNTS)] = pd.DataFrame(as_counts({name: sums[name].to_numpy() for name in COUNTS}))
    return LifeTable(sums, names, "period")


def _assemble(exposures: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """One block of tenure 0..K per group and interval. Loops over groups, never over customers."""
    if exposures.empty:
        return _empty(names)
    keys = [exposures[one] for one in (*(f"_{i}" for i in range(len(names))), "term")]
    columns = [exposures[c].to_numpy() for c in ("entry", "duration", "churned", "customers", "involuntary", "anchor")]
    number = group_numbers(keys)
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number.take(order), prepend=-1))
    cells = int((np.maximum.reduceat(columns[1].take(order), starts) + 1).sum())
    if cells > MOST_CELLS:
        raise Problem(
            f"Grouped by {', '.join(names)} the table would have {count(cells)} cells. "
            "Choose a column with fewer different values, or group the rare ones first."
        )
    heads, blocks = order.take(starts), []
    for term, at in zip(exposures["term"].to_numpy(np.int64).take(heads), np.split(order, starts[1:])):
        *parts, anchor = (column[at] for column in columns)
        counts = counts_by_tenure(*parts, term=int(term), anchor=anchor)
        tenure = np.arange(len(counts["churned"]))
        blocks.append({"interval": np.full(len(tenure), term), "tenure": tenure, **as_counts(counts)})
    tenures = [len(block["tenure"]) for block in blocks]
    values = {name: key.take(heads).repeat(tenures).infer_objects().to_numpy() for name, key in zip(names, keys)}
    return pd.DataFrame({**values, **{name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}})


def _empty(names: tuple[str, ...]) -> pd.DataFrame:
    numbers = ["interval", "tenure", *COUNTS]
    return pd.DataFrame(
        {**{n: pd.Series(dtype=object) for n in names}, **{n: pd.Series(dtype="int64") for n in numbers}}
    )
