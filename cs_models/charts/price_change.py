"""Churn by calendar month around a price change: what was seen against what would have been without it."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "role", "month", "share", "label", "text")
FEWEST = 20


def build(height: float, scale: float) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData(name="table"))
    ticks = alt.ExprRef("sequence(ceil(domain('x')[0] / 6) * 6 + 1, domain('x')[1] + 0.5, 6)")
    axis = alt.Axis(
        title=None, values=ticks, grid=False, domain=True, tickSize=0,
        labelPadding=6 * scale, labelFontSize=12 * scale,
        labelExpr="timeFormat(datetime(floor((datum.value - 1) / 12), (datum.value - 1) % 12, 1), '%b %Y')",
    )  # fmt: skip
    month = alt.X("month:Q", axis=axis, scale=alt.Scale(zero=False, nice=False))
    share = alt.Y(
        "share:Q",
        axis=theme.value_axis(scale, "Leaving in the month", format=".1%"),
        scale=alt.Scale(zero=True),
    )
    tooltip = [alt.Tooltip("label:N", title="Month"), alt.Tooltip("text:N", title="Leaving")]
    expected = (
        base.transform_filter("datum.part == 'expected'")
        .mark_line(strokeWidth=2 * scale, strokeDash=[5, 4])
        .encode(x=month, y=share, color=theme.colour())
    )
    observed = (
        base.transform_filter("datum.part == 'observed'")
        .mark_line(strokeWidth=2.5 * scale, point={"size": 36 * scale, "filled": True, "aria": False})
        .encode(x=month, y=share, color=theme.colour(), tooltip=tooltip)
    )
    change = base.transform_filter("datum.part == 'change'")
    rule = change.mark_rule(strokeWidth=1.5 * scale).encode(x=month, color=theme.role(theme.TEXT))
    name = change.mark_text(align="left", dx=6 * scale, baseline="top", **theme.label(scale)).encode(
        x=month, y=alt.value(2), text="label:N", color=theme.role(theme.TEXT)
    )
    return alt.layer(expected, observed, rule, name).properties(height=height)


def frame(detail: pd.DataFrame) -> pd.DataFrame:
    """Tidy table from `EventStudy.detail`: months with at least 20 customers, observed and expected, and
    the change.
    """
    shown = detail[detail["at_risk"] >= FEWEST]
    number = [12 * int(m[:4]) + int(m[5:7]) for m in shown["month"]]
    parts = []
    for part, role, column in (("expected", theme.BASELINE, "expected"), ("observed", theme.GAIN, "left")):
        share = shown[column] / shown["at_risk"]
        parts.append(pd.DataFrame({
            "part": part, "role": role, "month": number, "share": share, "label": shown["month"],
            "text": [words.percent(value, 2) for value in share],
        }))  # fmt: skip
    at = [n - 0.5 for n, since in zip(number, shown["since"], strict=True) if since == 0]
    change = pd.DataFrame(
        {"part": "change", "role": theme.TEXT, "month": at, "share": 0.0, "label": "New price", "text": ""}
    )
    return pd.concat([*parts, change], ignore_index=True)[list(COLUMNS)]


def table(detail: pd.DataFrame) -> pd.DataFrame:
    """The same numbers for reading."""
    return pd.DataFrame({
        "Month": detail["month"], "Could leave": detail["at_risk"].round().astype(int),
        "Left": detail["left"].round().astype(int), "Expected without the change": detail["expected"],
        "Share left": detail["left"] / detail["at_risk"],
        "Share expected": detail["expected"] / detail["at_risk"],
    })  # fmt: skip


def example() -> pd.DataFrame:
    return frame(pd.DataFrame({
        "month": ["2025-02", "2025-03", "2025-04", "2025-05"], "at_risk": [500.0, 510.0, 505.0, 480.0],
        "left": [20.0, 21.0, 33.0, 24.0], "expected": [20.0, 20.4, 20.2, 19.2], "since": [-2, -1, 0, 1],
    }))  # fmt: skip


CHART = Chart("price_change", "Leaving around the price change", COLUMNS, build, example, height=260)
