"""The fits behind the assumptions: one per group and billing interval, with bootstrap draws and other models."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cs_models.cells import Mix
from cs_models.life_table import COHORT, COUNTS, LifeTable, life_table
from cs_models.problems import Problem
from cs_models.retention.bootstrap import Blocks, Sampler, by_cell
from cs_models.retention.curve import RetentionCurve
from cs_models.retention.fit import (
    counts_per_period,
    fit,
    interval_name,
    periods_ahead,
    too_little,
)
from cs_models.retention.registry import model_named, models
from cs_models.small_groups import LEAST
from cs_models.words import decimal


def rows_of(frame: pd.DataFrame, by, group, interval) -> pd.DataFrame:
    """The rows of one group and billing interval."""
    found = frame[frame["interval"] == interval]
    for name, wanted in zip(by, group):
        found = found[found[name] == wanted]
    return found


def part_of(table: LifeTable, by, group, interval) -> LifeTable:
    return LifeTable(rows_of(table.frame, by, group, interval).reset_index(drop=True), table.by, table.period)


def who(group: tuple, interval: int) -> str:
    """The group as a note names it: "Pro, annual" or "annual payers"."""
    return f"{' / '.join(map(str, group))}, {interval_name(interval)}" if group else f"{interval_name(interval)} payers"


def counted_by_month(subs, by: tuple[str, ...]) -> LifeTable:
    """The life table by group and sign-up month; without months where there are none, or too many cells."""
    if not subs.has_dates:
        return life_table(subs, by)
    try:
        return life_table(subs, (*by, COHORT))
    except Problem:
        return life_table(subs, by)


def total_of(table: LifeTable, by: tuple[str, ...]) -> LifeTable:
    """The same counts without sign-up months."""
    if COHORT not in table.by:
        return table
    frame = table.frame.groupby([*by, "interval", "tenure"], as_index=False, sort=True)[list(COUNTS)].sum()
    return LifeTable(frame, by, table.period, table.reactivations)


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

    def __init__(self, table: LifeTable, given: RetentionCurve | None, draws: int, seed: int, notes: list[str],
                 by_month: LifeTable | None = None):
        self.table, self.draws, self.seed, self.notes, self._shared = table, draws, seed, notes, {}
        self.by_month = by_month if by_month is not None and COHORT in by_month.by else None
        self.given = {own.clock: own for _, own in given.parts} if given is not None else {}
        if self.given and not set(self.given) & set(table.intervals):
            raise Problem("The given curve belongs to none of the billing intervals in the data: "
                          f"{', '.join(map(interval_name, table.intervals))}.")

    def of(self, part: LifeTable, group: tuple, interval: int, number: int) -> Fit | None:
        """The fit a group is valued with; None where nobody of this billing interval was ever at risk."""
        if interval in self.given:
            return self._once(("given", interval), lambda: self._given(part, interval))
        counts = counts_per_period(part, interval) if len(part.frame) else None
        if counts and (not group or not too_little(counts)):
            return self._fit(part, interval, [self.seed, number], group)
        whole = self._once(interval, lambda: self._fit(self._whole(interval), interval, [self.seed, 0, interval]))
        if whole is not None and group:
            few = counts is None or counts.at_risk.max(initial=0.0) < LEAST  # notes leave the app: no name of a handful
            self.notes.append(f"{f'A group of fewer than {LEAST} customers' if few else who(group, interval)}: too few "
                              f"departures for a curve of its own; it takes the curve of all {interval_name(interval)} payers.")
            return replace(whole, pooled=True)
        return whole

    def alone(self, by: tuple[str, ...], group: tuple, interval: int, number: int) -> Fit | None:
        """The fit of a group by itself; None where its departures are too few for that, or for longer terms."""
        part = part_of(self.table, by, group, interval)
        if interval > 1 or not len(part.frame) or too_little(counts_per_period(part, interval)):
            return None
        return self._fit(part, interval, [self.seed, number], group)

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
        name = who(group, interval) if group else f"All {interval_name(interval)} payers"
        self.notes.extend(f"{name}: {note[0].lower()}{note[1:]}" for note in curve.notes)
        return self._with_draws(curve, part, interval, seed, self._sampler(interval, group, name))

    def _given(self, part: LifeTable, interval: int) -> Fit:
        curve = self.given[interval]
        if curve.table is None:
            self.notes.append(f"The given curve for {interval_name(interval)} payers has no counts behind it, so it "
                              "is taken as certain: the range shows none of its error.")
            return Fit(Mix.of_curve(curve), None, curve.observed_to, part)
        return self._with_draws(curve, curve.table, interval, [self.seed, 1, interval], by_cell)

    def _with_draws(self, curve: RetentionCurve, part: LifeTable, interval: int, seed: list[int],
                    sample: Sampler) -> Fit:
        drawn = _draws(curve, part, interval, self.draws, seed, sample) if self.draws else None
        others = _others(part, interval)
        return Fit(Mix.of_curve(curve), drawn, curve.observed_to, part, others=others, model=curve.model)

    def _sampler(self, interval: int, group: tuple, name: str) -> Sampler:
        """Whole sign-up months where they differ by more than chance, else cell by cell."""
        if self.by_month is None:
            return by_cell
        by = [column for column in self.by_month.by if column != COHORT]
        blocks = _blocks(rows_of(self.by_month.frame, by, group, interval), interval)
        if not blocks.share_a_fate:
            return by_cell
        self.notes.append(f"{name}: sign-up months differ by more than chance (spread {decimal(blocks.dispersion, 1)} times "
                          "what chance allows), so ranges are drawn from whole months and are wider.")
        return blocks


def _blocks(rows: pd.DataFrame, interval: int) -> Blocks:
    """Counts per sign-up month and period of the clock, two arrays (months, K)."""
    per_month = [counts_per_period(LifeTable(part), interval) for _, part in rows.groupby(COHORT, sort=True)]
    last = max((len(counts.at_risk) for counts in per_month), default=0)
    pad = [(np.pad(c.at_risk, (0, last - len(c.at_risk))), np.pad(c.churned, (0, last - len(c.churned))))
           for c in per_month]
    return Blocks(*(np.array([pair[i] for pair in pad]).reshape(-1, last) for i in (0, 1)))


def _draws(curve: RetentionCurve, part: LifeTable, interval: int, draws: int, seed: list[int], sample: Sampler) -> Mix:
    """The same fit on resampled counts, kept as types and weights per draw."""
    own_seed = int(np.random.SeedSequence(seed).generate_state(1)[0])
    counts = counts_per_period(part, interval)
    found = model_named(curve.model).refit(counts, draws, own_seed, periods_ahead(interval), sample)
    return Mix.of(found.theta, found.weights, interval, found.aging, found.few)


def _others(part: LifeTable, interval: int) -> tuple[tuple[str, Mix], ...]:
    """The models of the range on the same counts; none where the counts carry constant churn only."""
    counts = counts_per_period(part, interval)
    if too_little(counts):
        return ()
    found = []
    for model in models().values():
        if model.ranged and model.parameters < counts.event_periods:
            fitted = model.fit(counts, periods_ahead(interval))
            found.append((model.name, Mix.of(fitted.theta, fitted.weights, interval, fitted.aging)))
    return tuple(found)
