"""What one new customer has brought so far, month by month, against what winning them cost.

Where the line crosses CAC, the customer has paid back.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme
from cs_models.charts.lines import end_labels, thin

COLUMNS = ("part", "role", "month", "value", "low", "high", "text")


def build(height: float, scale: float) -> alt.LayerChart:
    month = alt.X(
        "month:Q",
        scale=alt.Scale(nice=False, zero=True),
        axis=theme.month_axis("Months since the first payment", scale),
    )
    money = alt.Y("value:Q", scale=alt.Scale(zero=True, nice=True), axis=theme.value_axis(scale, labelExpr=theme.SHORT_NUMBER))
    tips = [alt.Tooltip("month:Q", title="Month"), alt.Tooltip("text:N", title="So far")]
    base = alt.Chart(alt.NamedData(name="table")).encode(month, money)

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    lines = part("line")
    today, scenario = (lines.transform_filter(f"datum.role {op} 'baseline'") for op in ("==", "!="))
    layers = [
        lines.mark_area(opacity=theme.BAND_OPACITY, aria=False).encode(y="low:Q", y2="high:Q", color=theme.colour()),
        part("cac").mark_line(strokeDash=[3, 4], strokeWidth=1.5 * scale).encode(color=theme.role(theme.LOSS)),
        part("cac_name").mark_text(align="left", baseline="bottom", dx=6, dy=-4, fontSize=12 * scale).encode(
            text="text:N", color=theme.role(theme.LOSS)
        ),
        today.mark_line(strokeWidth=2.5 * scale, strokeDash=[7, 5]).encode(color=theme.colour(), tooltip=tips),
        scenario.mark_line(strokeWidth=3 * scale).encode(color=theme.colour(), tooltip=tips),
        part("point").mark_point(filled=True, size=80 * scale, opacity=1).encode(color=theme.colour(), tooltip=tips),
        part("point").mark_text(baseline="bottom", align="right", dx=-6, dy=-8 * scale, **theme.label(scale)).encode(
            text="text:N", color=theme.role(theme.TEXT)
        ),
        part("end").mark_text(align="left", dx=8, **theme.label(scale)).encode(text="text:N", color=theme.colour()),
    ]  # fmt: skip
    return alt.layer(*layers).properties(height=height)


def frame(
    lines: dict[str, pd.DataFrame],
    cac: float = 0.0,
    points: dict[int, float] | None = None,
    currency: str = "USD",
    height: float = 320,
) -> pd.DataFrame:
    """Tidy table from role -> frame(month, value, low?, high?); `points` are months to mark with their money."""
    rows, ends = [], []
    for role, line in lines.items():
        line = line.set_index("month")
        for month in thin(int(line.index[0]), int(line.index[-1])):
            value = float(line.at[month, "value"])
            low, high = (float(line.at[month, end]) if end in line else np.nan for end in ("low", "high"))
            rows.append({"part": "line", "role": role, "month": month, "value": value, "low": low, "high": high,
                         "text": words.money(value, currency)})  # fmt: skip
        if len(lines) > 1:
            name = "Today" if role == theme.BASELINE else "Scenario"
            ends.append((role, name, rows[-1]["month"], rows[-1]["value"], name))
    top = max(row["value"] for row in rows)
    last = max(row["month"] for row in rows)
    rows += end_labels(ends, height - theme.AXES, top or 1.0)
    if cac > 0:
        rows += [{"part": "cac", "role": theme.LOSS, "month": month, "value": cac} for month in (0, last)]
        text = f"CAC {words.money(cac, currency)}"
        rows.append({"part": "cac_name", "role": theme.LOSS, "month": 0, "value": cac, "text": text})
    for month, value in (points or {}).items():
        rows.append({"part": "point", "role": theme.GAIN, "month": month, "value": value,
                     "text": words.money(value, currency)})  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def example() -> pd.DataFrame:
    months = np.arange(61)
    value = 50 * (1 - 0.96**months) / 0.04
    line = pd.DataFrame({"month": months, "value": value, "low": value * 0.9, "high": value * 1.1})
    return frame({theme.GAIN: line, theme.BASELINE: line.assign(value=value * 0.9)}, 300, {12: float(value[12])})


CHART = Chart("cumulative", "What a new customer brings", COLUMNS, build, example, height=320)
