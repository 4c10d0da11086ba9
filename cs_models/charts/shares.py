"""A share with its range, one row per group: who of 100 is still here, and how sure that is."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("order", "name", "value", "low", "high", "role", "text")
ROW = 40


def build(height: float, scale: float) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData(name="table")).encode(theme.names_down(13 * scale, 260 * scale))
    axis = theme.value_axis(scale, "Still here after 12 months", format=".0%")
    x = alt.Scale(domain=[0, 1])
    span = base.mark_rule(strokeWidth=6 * scale, strokeCap="round", opacity=0.35).encode(
        x=alt.X("low:Q", axis=axis, scale=x), x2="high:Q", color=theme.colour()
    )
    tooltip = [alt.Tooltip("name:N", title="Who"), alt.Tooltip("text:N", title="Still here")]
    point = base.mark_point(filled=True, size=110 * scale, opacity=1).encode(
        x="value:Q", color=theme.colour(), tooltip=tooltip
    )
    text = base.mark_text(align="right", dx=-10 * scale, **theme.label(scale)).encode(
        x="low:Q", text="text:N", color=theme.role(theme.TEXT)
    )
    return alt.layer(span, point, text).properties(height=height)


def frame(rows: pd.DataFrame) -> pd.DataFrame:
    """Tidy table from payers, compared, share, low, high (`Comparison.table`); annual blue, monthly grey."""
    out = pd.DataFrame({
        "order": range(len(rows)), "name": rows["payers"] + ", " + rows["compared"], "value": rows["share"],
        "low": rows["low"], "high": rows["high"],
        "role": [theme.GAIN if payers == "Annual" else theme.BASELINE for payers in rows["payers"]],
        "text": [words.percent(share, 0) for share in rows["share"]],
    })  # fmt: skip
    return out[list(COLUMNS)].reset_index(drop=True)


def height(frame: pd.DataFrame) -> int:
    return max(2, len(frame)) * ROW + theme.AXES


def example() -> pd.DataFrame:
    rows = {"payers": ["Annual", "Monthly"], "compared": "as observed", "share": [0.83, 0.63],
            "low": [0.81, 0.61], "high": [0.85, 0.65]}  # fmt: skip
    return frame(pd.DataFrame(rows))


CHART = Chart("shares", "Still here after 12 months", COLUMNS, build, example, height=2 * ROW + theme.AXES)
