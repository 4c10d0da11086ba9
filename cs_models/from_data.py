"""From subscriptions to the cells of the assumptions: fitted types, bootstrap draws, prices, customers by tenure."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cs_models.assumptions import INVOLUNTARY, Cell, Mix
from cs_models.definitions import Definitions
from cs_models.engine.counts import active_book
from cs_models.engine.intake import first_starts
from cs_models.life_table import LifeTable, life_table
from cs_models.problems import Problem
from cs_models.retention.curve import RetentionCurve
from cs_models.retention.fit import (
    FEWEST_EVENTS,
    FEWEST_PERIODS,
    counts_per_period,
    fit,
    interval_name,
    periods_ahead,
)
from cs_models.retention.registry import model_named, models
from cs_models.subscriptions import minor_digits

EVERYBODY = ("All customers",)
FEWEST_STARTS = 20  # starts that a mean price, or a share of new customers, should rest on
FEWEST_REASONS = 30  # departures that a share of failed payments should rest on


@dataclass(frozen=True)
class Found:
    """The cells of a data set with what else the assumptions keep of it."""

    cells: tuple[Cell, ...]
    new_per_month: float
    by: tuple[str, ...]
    digest: str
    notes: tuple[str, ...]


def cells_of(subs, curve: RetentionCurve | None, by: tuple[str, ...], draws: int, seed: int) -> Found:
    """Everything the valuation needs of a data set; rows are read here and never again."""
    subs.need_customers()
    if not subs.has_price:
        raise Problem("The file has no price, so customers have retention but no value. Map a price or MRR column.")
    by = tuple(name for name in by if subs.resolve(name) != "term")  # billing intervals are apart in any case
    counted = Definitions.of(subs)
    notes: list[str] = [counted.sentence()] if counted.changed else []
    table = life_table(subs, by)
    book, starts = active_book(subs, by), first_starts(subs, by)
    joining, per_month = _joining(starts, subs.as_of, notes)
    fits = Fits(table, curve, draws, seed, notes)
    unit = 10.0 ** minor_digits(subs.currency)
    cells = []
    for number, (group, interval) in enumerate(_keys(by, table.frame, book)):
        heads, mrr = _by_tenure(_rows(book, by, group, interval), unit)
        share, price = _new(joining, starts, by, group, interval, unit, heads, mrr)
        found = fits.of(_part(table, by, group, interval), group, interval, number)
        if found is None:
            _tell_left_out(group, interval, heads.sum(), mrr.sum(), share, subs.currency, notes)
            continue
        cells.append(Cell(group or EVERYBODY, interval, found.fitted, found.drawn, share, price, heads, mrr,
                          _involuntary(subs, table, found.table, interval), found.observed_to, found.pooled,
                          found.others, found.model))
    cells, covered = _shares_of_one(cells)
    if not any(cell.new_share or cell.heads.any() for cell in cells):
        raise Problem("Nobody in these data has completed a billing period yet, so there is no churn to learn from.")
    if subs.as_of is None:
        notes.append("The file has no dates: new customers are taken to be like all customers in it, and how many "
                     "will join is not known, so the whole book is today's customers only.")
    return Found(cells, per_month * covered, by, subs.digest, tuple(dict.fromkeys(notes)))


def _keys(by, counted: pd.DataFrame, book: pd.DataFrame) -> list[tuple[tuple, int]]:
    """Every group and billing interval that was ever at risk or is on the books today, in order."""
    columns = [*by, "interval"]
    both = pd.concat([counted[columns], book[columns]]).drop_duplicates()
    ordered = sorted(both.itertuples(index=False, name=None), key=lambda key: (*map(str, key[:-1]), key[-1]))
    return [(key[:-1], int(key[-1])) for key in ordered]


def _rows(frame: pd.DataFrame, by, group, interval) -> pd.DataFrame:
    found = frame[frame["interval"] == interval]
    for name, wanted in zip(by, group):
        found = found[found[name] == wanted]
    return found


def _part(table: LifeTable, by, group, interval) -> LifeTable:
    return LifeTable(_rows(table.frame, by, group, interval).reset_index(drop=True), table.by, table.period)


def _shares_of_one(cells: list[Cell]) -> tuple[tuple[Cell, ...], float]:
    """New customers' shares among the cells that can be valued, and which part of all new customers that is."""
    covered = sum(cell.new_share for cell in cells)
    if covered in (0.0, 1.0):
        return tuple(cells), covered
    return tuple(replace(cell, new_share=cell.new_share / covered) for cell in cells), covered


def _tell_left_out(group, interval, heads, mrr, share, currency, notes) -> None:
    who = f"{' / '.join(map(str, group))}, {interval_name(interval)}" if group else f"{interval_name(interval)} payers"
    notes.append(f"{who.capitalize()}: nobody has reached a renewal yet, so {heads:.0f} customers with "
                 f"{mrr:,.0f} {currency} a month and {share * 100:.0f} % of new customers are left out of every value.")


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted mix of types, its draws, the counts behind it, and what other models say of the same counts."""

    fitted: Mix
    drawn: Mix | None
    observed_to: int
    table: LifeTable
    pooled: bool = False
    others: tuple[tuple[str, Mix], ...] = ()
    model: str = ""


class Fits:
    """Fits per group; a group with few departures shares the whole's fit and its draws: one estimate, one error."""

    def __init__(self, table: LifeTable, given: RetentionCurve | None, draws: int, seed: int, notes: list[str]):
        self.table, self.draws, self.seed, self.notes, self._shared = table, draws, seed, notes, {}
        self.given = {own.clock: own for _, own in given.parts} if given is not None else {}
        if self.given and not set(self.given) & set(table.intervals):
            raise Problem("The given curve belongs to none of the billing intervals in the data: "
                          f"{', '.join(map(interval_name, table.intervals))}.")

    def of(self, part: LifeTable, group: tuple, interval: int, number: int) -> Fit | None:
        """The fit a group is valued with; None where nobody of this billing interval was ever at risk."""
        if interval in self.given:
            return self._once(("given", interval), lambda: self._given(part, interval))
        counts = counts_per_period(part, interval) if len(part.frame) else None
        if counts and (not group or (counts.events >= FEWEST_EVENTS and counts.event_periods >= FEWEST_PERIODS)):
            return self._fit(part, interval, [self.seed, number], group)
        whole = self._once(interval, lambda: self._fit(self._whole(interval), interval, [self.seed, 0, interval]))
        if whole is not None and group:
            events = counts.events if counts else 0
            self.notes.append(
                f"{' / '.join(map(str, group))}, {interval_name(interval)}: only {events:.0f} departures, too few "
                f"for a curve of its own; it takes the curve of all {interval_name(interval)} payers.")
            return replace(whole, pooled=True)
        return whole

    def _once(self, key, make):
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def _whole(self, interval: int) -> LifeTable:
        return self.table.pooled().select(interval=interval)

    def _fit(self, part: LifeTable, interval: int, seed: list[int], group: tuple = ()) -> Fit | None:
        if not len(part.frame) or counts_per_period(part, interval).at_risk.sum() <= 0:
            return None
        curve = fit(part)
        who = f"{' / '.join(map(str, group))}, {interval_name(interval)}" if group else f"All {interval_name(interval)} payers"
        self.notes.extend(f"{who}: {note[0].lower()}{note[1:]}" for note in curve.notes)
        return self._with_draws(curve, part, interval, seed)

    def _given(self, part: LifeTable, interval: int) -> Fit:
        curve = self.given[interval]
        if curve.table is None:
            self.notes.append(f"The given curve for {interval_name(interval)} payers has no counts behind it, so it "
                              "is taken as certain: the range shows none of its error.")
            return Fit(Mix.of_curve(curve), None, curve.observed_to, part)
        return self._with_draws(curve, curve.table, interval, [self.seed, 1, interval])

    def _with_draws(self, curve: RetentionCurve, part: LifeTable, interval: int, seed: list[int]) -> Fit:
        drawn = _draws(curve, part, interval, self.draws, seed) if self.draws else None
        others = _others(curve, part, interval)
        return Fit(Mix.of_curve(curve), drawn, curve.observed_to, part, others=others, model=curve.model)


def _draws(curve: RetentionCurve, part: LifeTable, interval: int, draws: int, seed: list[int]) -> Mix:
    """The same fit on resampled counts, kept as types and weights per draw (RULES 19)."""
    own_seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
    counts = counts_per_period(part, interval)
    found = model_named(curve.model).refit(counts, draws, own_seed, periods_ahead(interval))
    return Mix.of(found.theta, found.weights, interval, found.aging)


def _others(curve: RetentionCurve, part: LifeTable, interval: int) -> tuple[tuple[str, Mix], ...]:
    """The models of the range on the same counts; none where the counts carry constant churn only."""
    counts = counts_per_period(part, interval)
    if counts.events < FEWEST_EVENTS or counts.event_periods < FEWEST_PERIODS:
        return ()
    found = []
    for model in models().values():
        if model.ranged and model.parameters < counts.event_periods:
            fitted = model.fit(counts, periods_ahead(interval))
            found.append((model.name, Mix.of(fitted.theta, fitted.weights, interval, fitted.aging)))
    return tuple(found)


def _by_tenure(rows: pd.DataFrame, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Customers and MRR by completed months, arrays from 0 to the longest tenure."""
    last = int(rows["tenure"].max()) if len(rows) else 0
    heads, mrr = np.zeros(last + 1), np.zeros(last + 1)
    np.add.at(heads, rows["tenure"].to_numpy(int), rows["customers"].to_numpy(float))
    np.add.at(mrr, rows["tenure"].to_numpy(int), rows["mrr"].to_numpy(float) / unit)
    return heads, mrr


def _joining(starts: pd.DataFrame, as_of, notes: list[str]) -> tuple[pd.DataFrame, float]:
    """Starts that tell who joins, and how many join in a month: those of the last twelve complete months."""
    if as_of is None or starts.empty:
        return starts, 0.0
    last = _last_complete_month(as_of)
    first = max(int(starts["month"].min()), last - 11)
    year = starts[(starts["month"] >= first) & (starts["month"] <= last)]
    per_month = float(year["customers"].sum() / max(last - first + 1, 1))
    if year["customers"].sum() >= FEWEST_STARTS:
        return year, per_month
    notes.append(f"Only {year['customers'].sum():.0f} customers joined in the last twelve complete months: the mix of new "
                 "customers is taken from all starts in the file.")
    return starts, per_month


def _last_complete_month(as_of) -> int:
    """12 x year + month of the last month that is wholly over at the end of as_of."""
    ends_month = (as_of + pd.Timedelta(days=1)).day == 1
    return as_of.year * 12 + as_of.month - (0 if ends_month else 1)


def _new(joining, starts, by, group, interval, unit, heads, mrr) -> tuple[float, float]:
    """Share of new customers who start in this cell, and the list price they pay: the mean of the newest starts."""
    mine, everybody = _rows(joining, by, group, interval), joining["customers"].sum()
    share = float(mine["customers"].sum() / everybody) if everybody else 0.0
    ever = _rows(starts, by, group, interval)
    for months in (3, 6, 12, 10**6):
        newest = ever[ever["month"] > starts["month"].max() - months]
        if newest["customers"].sum() >= FEWEST_STARTS:
            break
    if newest["customers"].sum():
        return share, float(newest["mrr"].sum() / newest["customers"].sum() / unit)
    return share, float(mrr.sum() / heads.sum()) if heads.sum() else 0.0


def _involuntary(subs, table: LifeTable, part: LifeTable, interval: int) -> float:
    """Share of churn by failed payments: the group's, the interval's, the whole's, else the assumption."""
    if "end_reason" not in subs.mapping:
        return INVOLUNTARY
    for frame in (part.frame, table.frame[table.frame["interval"] == interval], table.frame):
        if frame["churned"].sum() >= FEWEST_REASONS:
            return float(frame["involuntary"].sum() / frame["churned"].sum())
    return INVOLUNTARY
