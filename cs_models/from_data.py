"""From subscriptions to the cells of the assumptions: fitted types, bootstrap draws, prices, customers by tenure."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.assumptions import INVOLUNTARY, Cell, Mix
from cs_models.definitions import Definitions
from cs_models.engine.counts import active_book
from cs_models.engine.intake import first_starts
from cs_models.life_table import LifeTable, life_table
from cs_models.problems import Problem
from cs_models.retention.bootstrap import resample
from cs_models.retention.curve import RetentionCurve
from cs_models.retention.fit import FEWEST_EVENTS, FEWEST_PERIODS, counts_per_period, fit, interval_name
from cs_models.retention.quadrature import beta_types_batch
from cs_models.retention.sbg import fit_sbg_batch
from cs_models.subscriptions import minor_digits

EVERYBODY = ("All customers",)
FEWEST_STARTS = 20  # starts that a mean price, or a share of new customers, should rest on
FEWEST_REASONS = 30  # departures that a share of failed payments should rest on
NODES_DRAWN = 32  # types per bootstrap draw: exact to month 63, and a fraction of the cost of 64


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
    table = life_table(subs, by)
    unit = 10.0 ** minor_digits(subs.currency)
    book, starts = active_book(subs, by), first_starts(subs, by)
    joining, per_month = _joining(starts, by, subs.as_of)
    counted = Definitions.of(subs)
    notes: list[str] = [counted.sentence()] if counted.changed else []
    cells = []
    for number, (key, part) in enumerate(table.split()):
        group, interval = tuple(key[name] for name in by), int(key["interval"])
        fitted, counted = _curve(table, part, interval, group, curve, notes)
        if fitted is None:
            continue
        drawn = None if curve is not None or draws < 1 else _draws(fitted, counted, interval, draws, seed, number)
        heads, mrr = _by_tenure(_rows(book, by, group, interval), unit)
        share, price = _new(joining, starts, by, group, interval, unit, heads, mrr)
        cells.append(Cell(
            group or EVERYBODY, interval, Mix.of(fitted.theta, fitted.weights, fitted.clock), drawn, share, price,
            heads, mrr, _involuntary(table, part, interval), fitted.observed_to))
    if not cells:
        raise Problem("Nobody in these data has completed a billing period yet, so there is no churn to learn from.")
    if subs.as_of is None:
        notes.append("The file has no dates: new customers are taken to be like all customers in it, and how many "
                     "will join is not known, so the whole book is today's customers only.")
    return Found(tuple(cells), per_month, by, subs.digest, tuple(dict.fromkeys(notes)))


def _rows(frame: pd.DataFrame, by, group, interval) -> pd.DataFrame:
    found = frame[frame["interval"] == interval]
    for name, wanted in zip(by, group):
        found = found[found[name] == wanted]
    return found


def _curve(table: LifeTable, part: LifeTable, interval: int, group, given, notes) -> tuple:
    """(curve, the table it was fitted on): the group's own where it has events enough, else the whole's."""
    for _, own in given.parts if given is not None else ():
        if own.clock == interval:
            return own, part
    counts = counts_per_period(part, interval)
    if group and (counts.events < FEWEST_EVENTS or counts.event_periods < FEWEST_PERIODS):
        part = table.pooled().select(interval=interval)
        notes.append(f"{' / '.join(map(str, group))}, {interval_name(interval)}: only {counts.events:.0f} departures, "
                     f"too few for a curve of its own; it takes the curve of all {interval_name(interval)} payers.")
    if counts_per_period(part, interval).at_risk.sum() <= 0:
        notes.append(f"No {interval_name(interval)} payer has reached a renewal yet: these customers are left out of "
                     "every value until one has.")
        return None, part
    found = fit(part)
    notes.extend(found.notes)
    return found, part


def _draws(curve: RetentionCurve, part: LifeTable, interval: int, draws: int, seed: int, number: int) -> Mix:
    """The same fit on resampled counts, kept as types and weights per draw (RULES 19)."""
    counts = counts_per_period(part, interval)
    own_seed = int(np.random.SeedSequence([seed, number]).generate_state(1)[0])
    if curve.model != "sbg":
        # One rate: its Jeffreys posterior, which has a width even when nobody has left yet.
        left, stayed = counts.churned.sum(), (counts.at_risk - counts.churned).sum()
        rates = np.random.default_rng(own_seed).beta(left + 0.5, stayed + 0.5, size=(draws, 1))
        return Mix.of(rates, np.ones((draws, 1)), interval)
    alpha, beta = fit_sbg_batch(counts.at_risk, resample(counts.at_risk, counts.churned, draws, own_seed))
    return Mix.of(*beta_types_batch(alpha, beta, nodes=NODES_DRAWN), interval)


def _by_tenure(rows: pd.DataFrame, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Customers and MRR by completed months, arrays from 0 to the longest tenure."""
    last = int(rows["tenure"].max()) if len(rows) else 0
    heads, mrr = np.zeros(last + 1), np.zeros(last + 1)
    np.add.at(heads, rows["tenure"].to_numpy(int), rows["customers"].to_numpy(float))
    np.add.at(mrr, rows["tenure"].to_numpy(int), rows["mrr"].to_numpy(float) / unit)
    return heads, mrr


def _joining(starts: pd.DataFrame, by, as_of) -> tuple[pd.DataFrame, float]:
    """Starts of the last twelve complete months, and how many join in a month on average."""
    if as_of is None or starts.empty:
        return starts, 0.0
    last = _last_complete_month(as_of)
    first = max(int(starts["month"].min()), last - 11)
    year = starts[(starts["month"] >= first) & (starts["month"] <= last)]
    if year["customers"].sum() < FEWEST_STARTS:
        return starts, float(starts["customers"].sum() / max(last - int(starts["month"].min()) + 1, 1))
    return year, float(year["customers"].sum() / (last - first + 1))


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


def _involuntary(table: LifeTable, part: LifeTable, interval: int) -> float:
    """Share of churn by failed payments: the group's, the interval's, the whole's, else the assumption."""
    for frame in (part.frame, table.frame[table.frame["interval"] == interval], table.frame):
        if frame["involuntary"].sum() and frame["churned"].sum() >= FEWEST_REASONS:
            return float(frame["involuntary"].sum() / frame["churned"].sum())
    return INVOLUNTARY
