"""The chance of leaving from what is known of a customer: a hazard regression on counts, small levels shrunk.

Payers of each billing interval are fitted apart. Columns that tell nobody apart are left out, so that the
counts stay few and chance does not pass for a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from cs_models.gates import FEWEST_EVENTS
from cs_models.hazard_fit import fit_hazard

CLEAR = 0.01  # a column counts when chance alone would part its levels so far once in a hundred
SHRINK, SHRINK_BAND = 4.0, 1.0  # departures that halve the effect of a level, of a stretch of tenure
MOST_CELLS, MOST_LEVELS = 60_000, 80
BAND = "band"


@dataclass(frozen=True, eq=False)
class IntervalModel:
    """log(-log(1 - h)) = level + the effects of the customer's codes. `effects[column][code]`; unseen: 0."""

    level: float
    effects: Mapping[str, np.ndarray]
    at_risk: int
    departures: int

    def effect(self, column: str, codes: np.ndarray) -> np.ndarray:
        """Part of the log hazard that this column brings, per code."""
        own = self.effects.get(column)
        if own is None:
            return np.zeros(len(codes))
        codes = np.asarray(codes, np.int64)
        known = (codes >= 0) & (codes < len(own))
        return np.where(known, own[np.where(known, codes, 0)], 0.0)

    def pace(self, codes: Mapping[str, np.ndarray]) -> np.ndarray:
        """-log(1 - h): paces of several months, or of several causes, add up."""
        return np.exp(self.level + sum(self.effect(name, codes[name]) for name in codes))


@dataclass(frozen=True, eq=False)
class HealthModel:
    """`columns` in use, the clearest first; by billing interval the chance of leaving and, where the file
    gives reasons, of a failed payment. An interval nobody has faced a renewal of is missing.
    """

    columns: tuple[str, ...]
    leaving: Mapping[int, IntervalModel]
    failing: Mapping[int, IntervalModel]


def choose(marginals: Mapping[str, pd.DataFrame], periods: int) -> tuple[str, ...]:
    """The columns that part customers more than chance does at equal tenure, the clearest first.

    Per column: chi-squared = sum over levels of (left - expected)^2 / variance, expected from the hazard of
    tenure and billing interval alone; kept when its tail is below 1 % (as in a log-rank test). It stops where
    the combinations would be more than 60,000 and than the data have periods.
    """
    scores = {name: evidence(frame) for name, frame in marginals.items()}
    clear = sorted((p, -stat, name) for name, (stat, p) in scores.items() if p < CLEAR)
    kept, combined, levels = [], 1, 0
    for _, _, name in clear:
        size, cells = marginals[name]["level"].nunique(), len(marginals[name])
        more = combined * size if kept else cells
        if min(more, periods) <= MOST_CELLS and levels + size <= MOST_LEVELS:
            kept.append(name)
            combined, levels = more, levels + size
    return tuple(kept)


def evidence(marginal: pd.DataFrame) -> tuple[float, float]:
    """(chi-squared, its chance) of one column; (0, 1) where it has a single level."""
    place = marginal.groupby(["term", "band"])[["at_risk", "churned"]].transform("sum")
    hazard = place["churned"] / place["at_risk"]
    spread = marginal["at_risk"] * hazard * (1 - hazard)
    found = marginal.assign(expected=marginal["at_risk"] * hazard, spread=spread)
    sums = found.groupby(["term", "level"])[["churned", "expected", "spread"]].sum()
    sums = sums[sums["spread"] > 0.5]
    free = len(sums) - sums.index.get_level_values("term").nunique()
    if free < 1:
        return 0.0, 1.0
    stat = float(((sums["churned"] - sums["expected"]) ** 2 / sums["spread"]).sum())
    return stat, float(chdtrc(free, stat))


def fit_health(cells: pd.DataFrame, columns: tuple[str, ...]) -> HealthModel:
    """One regression per billing interval on `engine.people.People.cells`: term, band, columns, counts."""
    columns = tuple(columns)
    leaving = _fitted(cells, columns, "churned")
    failing = _fitted(cells, columns, "involuntary") if cells["involuntary"].sum() >= FEWEST_EVENTS else {}
    return HealthModel(columns, leaving, failing)


def with_todays(
    model: HealthModel,
    cells: pd.DataFrame,
    unknown: Mapping[str, int],
    here: Mapping[int, Mapping[str, np.ndarray]],
) -> HealthModel:
    """The model with columns of which only today's values are known, on top of what it says without them.

    cells: counts by the model's columns and the late ones; `unknown`: the code of "not known" of each late
    column; here: the codes of today's customers by interval. A second regression among customers with a
    value, the first one as offset: it says who leaves faster and leaves alone how many do (today's customers
    with a value keep their mean pace), because those who have left may stand in such a file more seldom, or
    with values that changed as they left.
    """
    late, found = list(unknown), {}
    known = np.column_stack([cells[name].to_numpy() != code for name, code in unknown.items()]).any(axis=1)
    for interval, fitted in model.leaving.items():
        part = cells[known & (cells["term"] == interval).to_numpy()]
        part = part.groupby([BAND, *model.columns, *late], as_index=False)[["at_risk", "churned"]].sum()
        if part["churned"].sum() < FEWEST_EVENTS:
            found[interval] = fitted
            continue
        pace = fitted.pace({name: part[name].to_numpy() for name in (BAND, *model.columns)})
        marks = [np.eye(int(part[name].max()) + 1)[part[name]] for name in late]
        for name, mark in zip(late, marks):
            mark[part[name].to_numpy() == unknown[name]] = 0.0
        sizes = [mark.shape[1] for mark in marks]
        penalty = np.repeat([0.0, SHRINK], [1, sum(sizes)])
        design = np.column_stack([np.ones(len(part)), *marks])
        fit = fit_hazard(part["at_risk"], part["churned"], design, penalty=penalty, offset=np.log(pace))
        own = dict(zip(late, np.split(fit.coefficients[1:], np.cumsum(sizes)[:-1])))
        found[interval] = replace(
            fitted, effects={**fitted.effects, **_level(own, unknown, fitted, here.get(interval))}
        )
    return replace(model, columns=(*model.columns, *late), leaving=found)


def _level(effects: dict, unknown: Mapping[str, int], fitted: IntervalModel, here) -> dict[str, np.ndarray]:
    """The effects moved, column by column, so that today's customers with a value keep their mean pace."""
    if here is None:
        return effects
    pace = fitted.pace({name: codes for name, codes in here.items() if name not in effects})
    for name, own in effects.items():
        codes = np.minimum(here[name], len(own) - 1)
        known = (here[name] != unknown[name]) & (here[name] < len(own))
        if known.any():
            own = own - np.log(pace[known] @ np.exp(own[codes[known]]) / pace[known].sum())
        if unknown[name] < len(own):
            own[unknown[name]] = 0.0
        effects[name] = own
        pace = pace * np.where(known, np.exp(own[codes]), 1.0)
    return effects


def _fitted(cells: pd.DataFrame, columns: tuple[str, ...], event: str) -> dict[int, IntervalModel]:
    names = [BAND, *columns]
    found = {}
    for term, part in cells.groupby("term"):
        sums = part.groupby(names, as_index=False)[["at_risk", event]].sum()
        sums = sums[sums["at_risk"] > 0]
        if len(sums):
            found[int(term)] = _one(sums, names, event)
    return found


def _one(cells: pd.DataFrame, names: list[str], event: str) -> IntervalModel:
    at_risk, left = int(cells["at_risk"].sum()), int(cells[event].sum())
    if left < FEWEST_EVENTS:
        return IntervalModel(float(np.log(-np.log1p(-(left + 0.5) / (at_risk + 1)))), {}, at_risk, left)
    sizes = [int(cells[name].max()) + 1 for name in names]
    columns = [np.eye(size)[cells[name].to_numpy(int)] for name, size in zip(names, sizes)]
    design = np.column_stack([np.ones(len(cells)), *columns])
    penalty = np.repeat([0.0, SHRINK_BAND, *([SHRINK] * (len(names) - 1))], [1, *sizes])
    fit = fit_hazard(cells["at_risk"], cells[event], design, penalty=penalty)
    parts = np.split(fit.coefficients[1:], np.cumsum(sizes)[:-1])
    return IntervalModel(float(fit.coefficients[0]), dict(zip(names, parts)), at_risk, left)
