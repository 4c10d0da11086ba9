"""Which groups leave more, other things equal: hazard ratios from the life table, with their uncertainty.

An association, not an effect: customers chose their plan, and the loyal may have chosen the better one.
"""

import warnings

import numpy as np
import pandas as pd

from cs_models.life_table import LifeTable, life_table
from cs_models.problems import Problem

COLUMNS = ["column", "level", "reference", "ratio", "lower", "upper", "customers", "churned", "note"]
FEWEST_EVENTS = 10
MOST_GROUPS = 200  # combinations of levels up to which columns are held equal to each other
Z95 = 1.959963984540054
LARGEST_LOG = 20.0  # a ratio of 500 million is no estimate but a group that cannot be told apart


def hazard_ratios(table: LifeTable) -> pd.DataFrame:
    """How much higher or lower churn is in each group than in the reference group of its column, at the same
    tenure.

    A ratio of 1.5 reads: 50 % more likely to leave in any month than the reference, for customers equally
    long here and equal in the other columns of the table. Model: cloglog(h) = level effects + log k + log^2 k
    on the counts (GLM, binomial), which is proportional hazards for whole months; annual and other intervals
    have their own level.

    ``table``: a life table grouped by one or more columns, ``cs.life_table(subs, by=("plan", "region"))``.
    Returns a frame with the columns of `COLUMNS`; ``lower`` and ``upper`` are a 95 % interval; the reference
    of a column is its level with most customers. A level where nobody left has NaN and a note. Errors are
    widened where churn varies more from month to month than chance allows. Raises `Problem` for a table
    without groups or with fewer than 10 departures.
    """
    if not table.by:
        raise Problem("Choose at least one segment column: hazard ratios compare groups of customers.")
    cells = table.frame[table.frame["at_risk"].gt(0) & table.frame["tenure"].gt(0)]
    if cells["churned"].sum() < FEWEST_EVENTS:
        raise Problem(
            f"Too few departures to compare groups: {cells['churned'].sum():.0f}, and 10 are needed."
        )
    levels = [_levels(table, cells, number, name) for number, name in enumerate(table.by)]
    usable = _without_separated(cells, levels)
    found = _fit(usable, levels)
    rows = [_row(facts, level, found) for facts in levels for level in facts.index]
    return pd.DataFrame(rows, columns=COLUMNS)


def compare_groups(subs, by: tuple[str, ...]) -> pd.DataFrame:
    """Hazard ratios for several columns: other columns held equal where the counts stay small, else one at a time.

    With many columns nearly every customer is a cell of his own, and a joint fit takes half a minute. Above
    `MOST_GROUPS` combinations each column is compared alone: customers equally long here, nothing else equal. The
    frame's ``attrs["alone"]`` says which it was. Columns and errors as in `hazard_ratios`.
    """
    combinations = 1
    for name in by:
        combinations *= max(len(subs.rows[subs.resolve(name)].unique()), 1)
    if combinations <= MOST_GROUPS:
        found = hazard_ratios(life_table(subs, by=by))
        found.attrs["alone"] = False
        return found
    found = pd.concat([hazard_ratios(life_table(subs, by=name)) for name in by], ignore_index=True)
    found.attrs["alone"] = True
    return found


def _levels(table: LifeTable, cells: pd.DataFrame, number: int, name: str) -> pd.DataFrame:
    """Per level: customers, departures, whether it can be estimated. Index: the level; attrs: column and
    reference.
    """
    starts = (
        table.frame[table.frame["tenure"] > 0]
        .groupby([*table.by, "interval"], dropna=False)["in_force"]
        .max()
    )
    facts = pd.DataFrame(
        {
            "customers": starts.groupby(level=name).sum(),
            "churned": cells.groupby(name)["churned"].sum(),
            "exposed": cells.groupby(name)["at_risk"].sum(),
        }
    ).fillna(0)
    facts["separated"] = (facts["churned"] == 0) | (facts["churned"] >= facts["exposed"])
    able = facts[~facts["separated"]]
    facts.attrs = {
        "number": number,
        "column": name,
        "reference": (able if len(able) else facts)["customers"].idxmax(),
    }
    return facts


def _without_separated(cells: pd.DataFrame, levels: list[pd.DataFrame]) -> pd.DataFrame:
    """Cells of levels in which somebody left and somebody stayed: the others have no finite ratio."""
    for facts in levels:
        cells = cells[~cells[facts.attrs["column"]].isin(facts.index[facts["separated"]])]
    return cells


def _fit(cells: pd.DataFrame, levels: list[pd.DataFrame]) -> dict[tuple, tuple[float, float]]:
    """{(column number, level): (log ratio, standard error)}. A matrix, not a formula: names are never
    code.
    """
    if cells.empty:
        return {}
    import statsmodels.api as sm

    design, keys = _design(cells, levels)
    at_risk, churned = cells["at_risk"].to_numpy(float), cells["churned"].to_numpy(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is checked below and becomes a note
        family = sm.families.Binomial(link=sm.families.links.CLogLog())
        result = sm.GLM(np.column_stack([churned, at_risk - churned]), design, family=family).fit(maxiter=100)
    spread = np.sqrt(_dispersion(at_risk, churned, np.asarray(result.mu), design.shape[1]))
    found = {key: (result.params[i], result.bse[i] * spread) for i, key in enumerate(keys) if key is not None}
    return {
        key: (ratio, error) for key, (ratio, error) in found.items() if abs(ratio) + Z95 * error < LARGEST_LOG
    }


def _dispersion(at_risk: np.ndarray, churned: np.ndarray, hazard: np.ndarray, parameters: int) -> float:
    """How much more churn varies between cells than chance allows (Pearson), at least 1.

    Only cells that expect at least one to leave and one to stay: in the others the ratio is wild by construction.
    """
    expected, spared = at_risk * hazard, at_risk * (1 - hazard)
    full = (expected >= 1) & (spared >= 1)
    if full.sum() <= parameters:
        return 1.0
    squares = (churned[full] - expected[full]) ** 2 / (expected[full] * (1 - hazard[full]))
    return max(float(squares.sum() / (full.sum() - parameters)), 1.0)


def _design(cells: pd.DataFrame, levels: list[pd.DataFrame]) -> tuple[np.ndarray, list]:
    """Intercept, tenure and level columns; columns that only repeat others are left out."""
    columns, keys = [np.ones(len(cells))], [None]
    for interval in sorted(cells["interval"].unique()):
        here = (cells["interval"] == interval).to_numpy(float)
        log_k = np.log(np.maximum(cells["tenure"].to_numpy() / interval, 0.5))
        columns += [here, here * log_k, here * log_k**2]
        keys += [None, None, None]
    for number, facts in enumerate(levels):
        for level in facts.index:
            if level != facts.attrs["reference"] and not facts.loc[level, "separated"]:
                columns.append((cells[facts.attrs["column"]] == level).to_numpy(float))
                keys.append((number, level))
    kept = _independent(columns)
    return np.column_stack([columns[i] for i in kept]), [keys[i] for i in kept]


def _independent(columns: list[np.ndarray]) -> list[int]:
    """Greedy: a column is kept if it adds something to those before it."""
    basis, kept = [], []
    for i, column in enumerate(columns):
        size = np.linalg.norm(column)
        rest = column.astype(float)
        for direction in basis:
            rest = rest - direction * (direction @ rest)
        if size > 0 and np.linalg.norm(rest) > 1e-8 * size:
            basis.append(rest / np.linalg.norm(rest))
            kept.append(i)
    return kept


def _row(facts: pd.DataFrame, level, found: dict) -> dict:
    column, reference = facts.attrs["column"], facts.attrs["reference"]
    row = {"column": column, "level": level, "reference": reference}
    row |= {"customers": int(facts.loc[level, "customers"]), "churned": int(facts.loc[level, "churned"])}
    if level == reference:
        return row | _ratio(0.0, 0.0) | {"note": "reference: the others are compared with it"}
    effect = found.get((facts.attrs["number"], level))
    if effect is None:
        return row | _ratio(np.nan, np.nan) | {"note": _why_not(facts.loc[level])}
    return (
        row
        | _ratio(*effect)
        | {"note": "few departures: read with care" if row["churned"] < FEWEST_EVENTS else ""}
    )


def _ratio(log_ratio: float, error: float) -> dict:
    around = log_ratio, log_ratio - Z95 * error, log_ratio + Z95 * error
    return dict(zip(("ratio", "lower", "upper"), map(float, np.exp(around))))


def _why_not(fact) -> str:
    if fact["churned"] == 0:
        return "nobody left: no ratio can be given"
    if fact["separated"]:
        return "everybody left: no ratio can be given"
    return "cannot be told apart from another column or the billing interval"
