"""Which groups leave more, other things equal: hazard ratios from the life table, with their uncertainty.

An association, not an effect: customers chose their plan, and the loyal may have chosen the better one.
"""

import numpy as np
import pandas as pd

from cs_models.engine.counted import is_counted
from cs_models.gates import FEWEST_EVENTS
from cs_models.hazard_fit import Z95, fit_hazard, independent
from cs_models.life_table import COHORT, LifeTable, life_table
from cs_models.problems import Problem
from cs_models.words import decimal, short_percent

COLUMNS = ["column", "level", "reference", "ratio", "lower", "upper", "customers", "churned", "note"]
MOST_GROUPS = 200  # combinations of levels up to which columns are held equal to each other
MOST_BLOCKS = (
    6000  # combinations of levels and sign-up months: beyond it the count takes longer than a breath
)
SEASON_FROM = 24  # calendar months: each month of the year must have been seen twice
LARGEST_LOG = 20.0  # a ratio of 500 million is no estimate but a group that cannot be told apart


def hazard_ratios(table: LifeTable) -> pd.DataFrame:
    """How much higher or lower churn is in each group than in the reference group of its column, at the same
    tenure.

    A ratio of 1.5 reads: 50 % more likely to leave in any month than the reference, for customers equally
    long here and equal in the other columns of the table. Model: cloglog(h) = level effects + log k + log^2 k
    on the counts (binomial), which is proportional hazards for whole months; annual and other intervals have
    an intercept and a slope on the number of the renewal.

    ``table``: a life table grouped by one or more columns, ``cs.life_table(subs, by=("plan", "region"))``.
    With "cohort" among them the sign-up month is no driver: from 20 of them on it gives the errors
    (customers who joined together may share luck), and from 24 calendar months on the month of the year is
    held equal too. Returns a frame with the columns of `COLUMNS`; ``lower`` and ``upper`` are a 95 %
    interval; the reference of a column is its level with most customers. A level where nobody left has NaN
    and a note. Without sign-up months errors are widened where churn varies more from cell to cell than
    chance allows. ``attrs`` say what was done: "clustered" and "season". Raises `Problem` for a table
    without groups or with fewer than 10 departures.
    """
    names = [name for name in table.by if name != COHORT]
    if not names:
        raise Problem("Choose at least one segment column: hazard ratios compare groups of customers.")
    cells = table.frame[table.frame["at_risk"].gt(0) & table.frame["tenure"].gt(0)]
    if cells["churned"].sum() < FEWEST_EVENTS:
        raise Problem(
            f"Too few departures to compare groups: {cells['churned'].sum():.0f}, and 10 are needed."
        )
    levels = [_levels(table, cells, number, name) for number, name in enumerate(names)]
    usable = _without_separated(cells, levels)
    found, how = _fit(usable, levels)
    rows = [_row(facts, level, found) for facts in levels for level in facts.index]
    ratios = pd.DataFrame(rows, columns=COLUMNS)
    ratios.attrs.update(how)
    return ratios


def compare_groups(subs, by: tuple[str, ...]) -> pd.DataFrame:
    """Hazard ratios for several columns: other columns held equal where the counts stay small, else one at
    a time.

    With many columns nearly every customer is a cell of his own, and a joint fit takes half a minute. Above
    `MOST_GROUPS` combinations each column is compared alone: customers equally long here, nothing else
    equal. The frame's ``attrs["alone"]`` says which it was. Files with dates have their errors by sign-up
    month and the month of the year held equal. Columns and errors as in `hazard_ratios`.
    """
    combinations = 1
    for name in () if is_counted(subs) else by:
        combinations *= _size(subs, name)
    if combinations <= MOST_GROUPS and not is_counted(subs):
        found = hazard_ratios(_table(subs, by))
        found.attrs["alone"] = False
        return found
    parts = [hazard_ratios(_table(subs, (name,))) for name in by]
    found = pd.concat([part.assign() for part in parts], ignore_index=True)
    found.attrs = {key: all(part.attrs[key] for part in parts) for key in ("clustered", "season")} | {
        "alone": True
    }
    return found


def _size(subs, name: str) -> int:
    return max(len(subs.rows[subs.resolve(name)].unique()), 1)


def _table(subs, by: tuple[str, ...]) -> LifeTable:
    """Counts by these columns, and by sign-up month where there are dates and not too many cells."""
    if not subs.has_dates:
        return life_table(subs, by=by)
    if is_counted(subs):
        return life_table(subs, by=(*by, COHORT))
    blocks = (
        _size(subs, "interval") * int(np.prod([_size(subs, name) for name in by])) * _sign_up_months(subs)
    )
    return life_table(subs, by=by if blocks > MOST_BLOCKS else (*by, COHORT))


def _sign_up_months(subs) -> int:
    """About how many sign-up months the file has: all months between the first start and the last."""
    starts = subs.rows["started_on"].to_pandas()
    first, last = pd.Timestamp(starts.min()), pd.Timestamp(starts.max())
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _levels(table: LifeTable, cells: pd.DataFrame, number: int, name: str) -> pd.DataFrame:
    """Per level: customers, departures, whether it can be estimated. Index: the level; attrs: column and
    reference.
    """
    names = [name for name in table.by if name != COHORT]
    seen = table.frame[table.frame["tenure"] > 0].groupby([*names, "interval", "tenure"], dropna=False)[
        "in_force"
    ]
    starts = seen.sum().groupby([*names, "interval"], dropna=False).max()
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


def _fit(cells: pd.DataFrame, levels: list[pd.DataFrame]) -> tuple[dict[tuple, tuple[float, float]], dict]:
    """{(column number, level): (log ratio, standard error)} and how it was done. A matrix, not a formula:
    names are never code.
    """
    if cells.empty:
        return {}, {"clustered": False, "season": False}
    columns, keys, season = _design(cells, levels)
    joined = cells[COHORT].factorize()[0] if COHORT in cells else None
    fit = fit_hazard(cells["at_risk"], cells["churned"], columns, joined)
    found = {key: fit.at(i) for i, key in enumerate(keys) if key is not None}
    kept = {
        key: (ratio, error) for key, (ratio, error) in found.items() if abs(ratio) + Z95 * error < LARGEST_LOG
    }
    return kept, {"clustered": fit.clustered, "season": season}


def calendar_month(cells: pd.DataFrame) -> np.ndarray:
    """12 x year + month of the end of each cell's month of tenure: the sign-up month plus the tenure.

    A customer who joins in March 2025 and leaves with tenure 2 leaves in May 2025, 12 x 2025 + 5 = 24305.
    """
    year, month = cells[COHORT].str.slice(0, 4).astype(int), cells[COHORT].str.slice(5, 7).astype(int)
    return (12 * year + month + cells["tenure"]).to_numpy(int)


def season_columns(month: np.ndarray) -> list[np.ndarray]:
    """One column for each month of the year but the last; none when fewer than 24 months were seen."""
    if np.ptp(month) + 1 < SEASON_FROM:
        return []
    return [(month % 12 == of_year).astype(float) for of_year in range(11)]


def _design(cells: pd.DataFrame, levels: list[pd.DataFrame]) -> tuple[np.ndarray, list, bool]:
    """Intercept, tenure, season and level columns; columns that only repeat others are left out."""
    columns = [np.ones(len(cells))]
    for interval in sorted(cells["interval"].unique()):
        here = (cells["interval"] == interval).to_numpy(float)
        number = np.ceil(cells["tenure"].to_numpy() / interval)
        shape = [np.log(number), np.log(number) ** 2] if interval == 1 else [number]
        columns += [here, *(here * part for part in shape)]
    season = season_columns(calendar_month(cells)) if COHORT in cells else []
    columns += season
    keys = [None] * len(columns)
    for facts in levels:
        for level in facts.index:
            if level != facts.attrs["reference"] and not facts.loc[level, "separated"]:
                columns.append((cells[facts.attrs["column"]] == level).to_numpy(float))
                keys.append((facts.attrs["number"], level))
    design = np.column_stack(columns)
    kept = independent(design)
    return design[:, kept], [keys[i] for i in kept], bool(season)


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


def strongest(ratios: pd.DataFrame) -> str:
    """The clearest difference as a sentence with its 95 % range; "" when the data tell no group from its reference.

    Ratio .33 reads "67 % less likely to leave in any month", 1.4 "40 % more likely", 2.3 "2.3 times as
    likely".
    """
    clear = ratios[ratios["lower"].gt(1) | ratios["upper"].lt(1)]
    if clear.empty:
        return ""
    row = clear.loc[np.log(clear["ratio"].astype(float)).abs().idxmax()]
    ratio = float(row["ratio"])
    gap = short_percent(abs(ratio - 1), 0) + (" more" if ratio > 1 else " less")
    how, than = (f"{decimal(ratio, 1)} times as", "as") if ratio >= 2 else (gap, "than")
    told = f"{row['level']} ({row['column']}): {how} likely to leave in a month {than} {row['reference']}"
    ends = (float(row["lower"]), float(row["upper"]))
    if ratio >= 2:
        low, high = (decimal(end, 1) for end in ends)
    else:
        low, high = (short_percent(gap, 0) for gap in sorted(abs(end - 1) for end in ends))
    return f"{told} ({low} to {high})"
