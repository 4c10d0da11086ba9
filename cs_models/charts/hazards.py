"""Hazard ratios: how much faster one group leaves than the reference, with the 95% interval.

1 means the same pace. The scale is logarithmic, so that twice and half are equally far from it.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("order", "name", "ratio", "low", "high", "role", "text")
ROW = 34
TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50]
FINE, NARROW = [0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6], 3.0  # where all lie close to 1
MOST = 16
FLOOR, ROOM = 0.05, 2.0  # bars end at a twentieth and at twenty, or at half and twice a dot beyond


def build(height: float, scale: float) -> alt.LayerChart:
    names = theme.names_down(12 * scale, 260 * scale)
    axis = alt.Axis(
        title="Pace of leaving (1 = the same)",
        grid=True,
        values=alt.ExprRef(f"domain('x')[1] < {NARROW} * domain('x')[0] ? {FINE} : {TICKS}"),
        format="~g",
        labelFontSize=12 * scale,
        titleFontSize=12 * scale,
    )
    base = alt.Chart(alt.NamedData(name="table")).encode(names)
    log = alt.Scale(type="log", nice=False, padding=20)
    same = (
        alt.Chart(alt.NamedData(name="table"))
        .mark_rule(strokeDash=[4, 4])
        .encode(x=alt.datum(1), color=theme.role(theme.BASELINE))
    )
    span = base.mark_rule(strokeWidth=5 * scale, strokeCap="round", opacity=0.35).encode(
        x=alt.X("low:Q", axis=axis, scale=log), x2="high:Q", color=theme.colour()
    )
    point = base.mark_point(filled=True, size=90 * scale, opacity=1).encode(
        x="ratio:Q",
        color=theme.colour(),
        tooltip=[alt.Tooltip("name:N", title="Who"), alt.Tooltip("text:N", title="Ratio")],
    )
    return alt.layer(same, span, point).properties(height=height)


def frame(ratios: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """Tidy table from `drivers.hazard_ratios`: the `most` rows furthest from 1, fastest leavers on top.

    Slower is blue, faster orange, grey where the data do not tell; reference rows are left to the table.
    """
    shown = ratios[np.isfinite(ratios["ratio"].astype(float)) & (ratios["ratio"] > 0)]
    shown = shown[shown["level"] != shown["reference"]]
    strongest = np.log(shown["ratio"].astype(float)).abs().sort_values(ascending=False, kind="stable").index
    shown = shown.loc[strongest[:most]].sort_values("ratio", ascending=False).copy()
    shown["name"] = shown["column"].astype(str) + ": " + shown["level"].astype(str)
    # An interval from nothing to everything would squash all others; the table has the full ends. A bar is
    # never cut short of its own dot: a group that leaves at a fiftieth of the pace keeps its range.
    shown["low"] = np.maximum(shown["lower"], np.minimum(shown["ratio"] / ROOM, FLOOR))
    shown["high"] = np.minimum(shown["upper"], np.maximum(shown["ratio"] * ROOM, 1 / FLOOR))
    # The interval decides the colour: where it holds 1, the data do not tell the two apart.
    faster, slower = shown["lower"] > 1, shown["upper"] < 1
    shown["role"] = np.select([faster, slower], [theme.LOSS, theme.GAIN], theme.BASELINE)
    shown["text"] = [
        f"{words.ratio(r)} ({words.ratio(lo)} to {words.ratio(hi)})"
        for r, lo, hi in zip(shown["ratio"], shown["lower"], shown["upper"], strict=True)
    ]
    shown["order"] = range(len(shown))
    return shown[list(COLUMNS)].reset_index(drop=True)


def height(frame: pd.DataFrame) -> int:
    return max(2, len(frame)) * ROW + theme.AXES


def example() -> pd.DataFrame:
    rows = {
        "column": "Plan",
        "level": ["Pro", "Team"],
        "reference": "Solo",
        "ratio": [0.6, 1.9],
        "lower": [0.5, 0.9],
        "upper": [0.7, 3.5],
    }
    return frame(pd.DataFrame(rows))


CHART = Chart("hazards", "Who leaves faster", COLUMNS, build, example, height=2 * ROW + theme.AXES)
