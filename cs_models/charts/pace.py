"""The pace of leaving by tenure: monthly payers as a line, longer terms as a point at each renewal."""

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, curves, theme
from cs_models.charts.lines import end_labels

COLUMNS = curves.COLUMNS
FEW = words.FEW_CUSTOMERS
FEW_OF_MANY = 5 * FEW  # beside other lines a ragged one hides them; the table has all
HEIGHT = 300


def build(height: float, scale: float):
    return curves.build(height, scale, "Months since the first payment", "Leave", ".0%")


def frame(hazards: list[tuple[str, object]], to_month: int, height: float = HEIGHT) -> pd.DataFrame:
    """Tidy table from (name, Hazard) per group; months with fewer than 20 customers at risk are left out, of
    lines beside others fewer than 100.
    """
    rows, ends, top = [], [], 0.0
    for place, (name, hazard) in enumerate(hazards):
        role = theme.SERIES[place % len(theme.SERIES)]
        enough = np.flatnonzero((hazard.at_risk >= FEW) & (hazard.tenure <= to_month))
        part = "line" if len(enough) > 1 and (np.diff(enough) == 1).all() else "point"
        if part == "line" and len(hazards) > 1:
            enough = enough[hazard.at_risk[enough] >= min(FEW_OF_MANY, hazard.at_risk.max())]
        for at in enough:
            rows.append(
                {
                    "part": part,
                    "role": role,
                    "name": name,
                    "month": int(hazard.tenure[at]),
                    "value": float(hazard.value[at]),
                    "low": float(hazard.lower[at]),
                    "high": float(hazard.upper[at]),
                    "text": f"{words.percent(hazard.value[at])} of {words.count(hazard.at_risk[at])}",
                }
            )
        if len(enough):
            top = max(top, *(float(hazard.upper[at]) for at in enough))
            last = enough[-1]
            ends.append((role, name, int(hazard.tenure[last]), float(hazard.value[last]), name))
    # a name beside a line that ends early would hide another line
    edge = max((month for _, _, month, _, _ in ends), default=0)
    ends = [(role, name, edge, value, text) for role, name, _, value, text in ends]
    names = end_labels(ends, height - theme.AXES, top or 1.0) if len(hazards) > 1 else []
    below = min([row["value"] for row in names], default=0.0)
    names = [{**row, "value": row["value"] - min(below, 0.0)} for row in names]
    return pd.DataFrame(rows + names, columns=COLUMNS)


def table(hazards: list[tuple[str, object]]) -> pd.DataFrame:
    """The numbers behind the chart: a row per group and month at which somebody could leave."""
    parts = []
    for name, hazard in hazards:
        seen = hazard.at_risk > 0
        parts.append(
            pd.DataFrame(
                {
                    "Group": name,
                    "Month": hazard.tenure[seen],
                    "Could leave": hazard.at_risk[seen],
                    "Left": hazard.churned[seen],
                    "Share": hazard.value[seen],
                    "95% from": hazard.lower[seen],
                    "95% to": hazard.upper[seen],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def spoken(frame: pd.DataFrame) -> str:
    """The chart for somebody who cannot see it: the first and the last share of each line."""
    seen = frame[frame["part"].isin(["line", "point"])]
    told = []
    for name, own in seen.groupby("name", sort=False):
        first, last = (own.loc[own["month"].agg(end)] for end in ("idxmin", "idxmax"))
        told.append(f"{name}: {words.percent(first['value'])} at month {int(first['month'])}, "
                    f"{words.percent(last['value'])} at month {int(last['month'])}")  # fmt: skip
    return "Share leaving of those who could. " + "; ".join(told)


def example() -> pd.DataFrame:
    class Monthly:
        tenure = np.arange(1, 25)
        at_risk, churned = np.linspace(900, 60, 24).astype(int), np.full(24, 3)
        value = 0.06 * 0.95**tenure
        lower, upper = value * 0.8, value * 1.2

    class Annual(Monthly):
        at_risk = np.where(Monthly.tenure % 12 == 0, 200, 0)

    return frame([("Monthly", Monthly), ("Annual", Annual)], 36)


CHART = Chart("pace", "Pace of leaving", COLUMNS, build, example, height=HEIGHT)
