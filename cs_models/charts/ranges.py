"""A number with its range, one row per group: a point and the 95% interval around it."""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("order", "name", "value", "low", "high", "role", "text", "reach")
ROW = 40
ROOM = 70  # pixels of the longest number


def build(height: float, scale: float) -> alt.LayerChart:
    names = theme.names_down(13 * scale, 220 * scale)
    base = alt.Chart(alt.NamedData(name="table")).encode(names)
    money = alt.Axis(
        title=None, grid=True, tickCount=5, labelExpr=theme.SHORT_MONEY, labelFontSize=12 * scale
    )
    span = base.mark_rule(strokeWidth=6 * scale, strokeCap="round", opacity=0.35).encode(
        x=alt.X("low:Q", axis=money, scale=alt.Scale(zero=True, nice=True)), x2="high:Q", color=theme.colour()
    )
    point = base.mark_point(filled=True, size=110 * scale, opacity=1).encode(
        x="value:Q",
        color=theme.colour(),
        tooltip=[alt.Tooltip("name:N", title="Who"), alt.Tooltip("text:N", title="Value")],
    )
    # Where the plot is too narrow for the number at the right of its bar (a phone), it stands at the left.
    fits, gap = f"width - scale('x', datum.high) > {ROOM * scale}", 10 * scale
    text = base.mark_text(
        align=alt.ExprRef(f"{fits} ? 'left' : 'right'"),
        dx=alt.ExprRef(f"{fits} ? {gap} : scale('x', datum.low) - scale('x', datum.high) - {gap}"),
        **theme.label(scale),
    ).encode(
        x="high:Q", text="text:N", color=theme.role(theme.TEXT)
    )
    # Room for the last number: the axis reaches further than the longest bar.
    room = base.mark_point(opacity=0, size=0).encode(x="reach:Q")
    return alt.layer(span, point, text, room).properties(height=height)


def frame(rows: pd.DataFrame, currency: str = "USD") -> pd.DataFrame:
    """Tidy table from name, value, low, high (a range may be missing)."""
    out = rows.copy()
    out["low"], out["high"] = out["low"].fillna(out["value"]), out["high"].fillna(out["value"])
    out["text"] = [words.money(value, currency) for value in out["value"]]
    out["reach"] = out["high"].max() + 0.35 * (out["high"].max() - min(out["low"].min(), 0.0))
    out["order"] = range(len(out))
    # What surely costs is in the colour of a loss; what may be nothing is grey, where there are losses at all.
    faint = theme.BASELINE if (out["value"] < 0).any() else theme.GAIN
    out["role"] = np.select([out["high"] < 0, out["low"] > 0], [theme.LOSS, theme.GAIN], faint)
    return out[list(COLUMNS)]


def spoken(frame: pd.DataFrame) -> str:
    """The chart for somebody who cannot see it: each name with its number."""
    return "; ".join(f"{name} {text}" for name, text in zip(frame["name"], frame["text"], strict=True))


def height(frame: pd.DataFrame) -> int:
    return max(2, len(frame)) * ROW + theme.AXES


def example() -> pd.DataFrame:
    rows = {
        "name": ["Basic", "Pro"],
        "value": [900.0, 1840.0],
        "low": [800.0, 1700.0],
        "high": [1000.0, 1980.0],
    }
    return frame(pd.DataFrame(rows))


CHART = Chart("ranges", "Lifetime value by group", COLUMNS, build, example, height=2 * ROW + theme.AXES)
