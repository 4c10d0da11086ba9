"""What one new customer has brought so far, month by month, against what winning them cost.

Where the line crosses CAC, the customer has paid back.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme
from cs_models.charts.lines import end_labels, thin

COLUMNS = ("part", "role", "month", "value", "text")
GAIN, BASELINE = theme.GAIN, theme.BASELINE
FORMATS = dict.fromkeys(("Today", "Scenario", "So far"), "%,.2f")


def build(height: float, scale: float) -> alt.LayerChart:
    month = alt.X(
        "month:Q",
        scale=alt.Scale(nice=False, zero=True),
        axis=theme.month_axis("Months since the first payment", scale),
    )
    money = alt.Y(
        "value:Q",
        scale=alt.Scale(zero=True, nice=True),
        axis=theme.value_axis(scale, labelExpr=theme.SHORT_MONEY),
    )
    tips = [alt.Tooltip("month:Q", title="Month"), alt.Tooltip("text:N", title="So far")]
    base = alt.Chart(alt.NamedData(name="table")).encode(month, money)

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    lines = part("line")
    today, scenario = (lines.transform_filter(f"datum.role {op} 'baseline'") for op in ("==", "!="))
    layers = [
        part("cac")
        .mark_line(strokeDash=[3, 4], strokeWidth=1.5 * scale)
        .encode(color=theme.role(theme.LOSS)),
        part("cac_name")
        .mark_text(align="right", baseline="bottom", dx=-6, dy=-4, fontSize=12 * scale)
        .encode(text="text:N", color=theme.role(theme.LOSS)),
        today.mark_line(strokeWidth=2.5 * scale, strokeDash=[7, 5]).encode(
            color=theme.colour(), tooltip=tips
        ),
        scenario.mark_line(strokeWidth=3 * scale).encode(color=theme.colour(), tooltip=tips),
        part("point")
        .mark_point(filled=True, size=80 * scale, opacity=1)
        .encode(color=theme.colour(), tooltip=tips),
        *(
            part("point")
            .transform_filter(f"datum.role {op} 'baseline'")
            .mark_text(baseline=side, align=align, dx=dx, dy=dy * scale, **theme.label(scale))
            .encode(text="text:N", color=theme.colour())
            for op, side, align, dx, dy in (
                # Above and to the left of a rising line there is room, unless the point lies at the axis.
                ("!=", "bottom", alt.ExprRef("datum.month < 9 ? 'left' : 'right'"), -6, -8),
                ("==", "top", "left", 10, 12),
            )
        ),
        part("end")
        .mark_text(align="left", dx=8, **theme.label(scale))
        .encode(text="text:N", color=theme.colour()),
    ]
    return alt.layer(*layers).properties(height=height)


def line(margin: np.ndarray) -> pd.DataFrame:
    """Running sum of the margin of one new customer by month; month n = after n payments."""
    return pd.DataFrame(
        {"month": np.arange(len(margin) + 1), "value": np.concatenate([[0.0], np.cumsum(margin)])}
    )


def frame(
    lines: dict[str, pd.DataFrame],
    cac: float = 0.0,
    paid_back: dict[str, int | None] | None = None,
    currency: str = "USD",
    height: float = 320,
) -> pd.DataFrame:
    """Tidy table from role -> frame(month, value); `paid_back` marks the month each line reaches CAC."""
    rows, ends = [], []
    for role, sums in lines.items():
        values = dict(zip(sums["month"].tolist(), sums["value"].tolist(), strict=True))
        for month in thin(min(values), max(values)):
            value = values[month]
            rows.append(
                {
                    "part": "line",
                    "role": role,
                    "month": month,
                    "value": value,
                    "text": words.money(value, currency),
                }
            )
        name = "" if len(lines) == 1 else "Today: " if role == theme.BASELINE else "Scenario: "
        last = rows[-1]
        ends.append((role, name, last["month"], last["value"], name + last["text"]))
        if (reached := (paid_back or {}).get(role)) and reached in values and cac > 0:
            rows.append(
                {
                    "part": "point",
                    "role": role,
                    "month": reached,
                    "value": values[reached],
                    "text": f"{name or 'Paid back in '}month {reached}",
                }
            )
    top, last = max(row["value"] for row in rows), max(row["month"] for row in rows)
    rows += end_labels(ends, height - theme.AXES, top or 1.0)
    if cac > 0:
        rows += [{"part": "cac", "role": theme.LOSS, "month": month, "value": cac} for month in (0, last)]
        text = f"CAC {words.money(cac, currency)}"
        rows.append({"part": "cac_name", "role": theme.LOSS, "month": last, "value": cac, "text": text})
    return pd.DataFrame(rows, columns=COLUMNS)


def spoken(frame: pd.DataFrame) -> str:
    """The chart for somebody who cannot see it: where the lines end, and when the cost is back."""
    ends = frame[frame["part"] == "end"]
    back = [f"; paid back: {text}" for text in frame.loc[frame["part"] == "point", "text"] if text]
    return f"Margin so far after {words.months(int(ends['month'].max()))}: {', '.join(ends['text'])}{''.join(back)}"


def table(lines: dict[str, pd.DataFrame]) -> pd.DataFrame:
    names = {theme.BASELINE: "Today", theme.GAIN: "Scenario"} if len(lines) > 1 else {theme.GAIN: "So far"}
    found = {names[role]: sums.set_index("month")["value"] for role, sums in lines.items()}
    return pd.DataFrame(found).rename_axis("Months").reset_index()


def example() -> pd.DataFrame:
    months = np.arange(61)
    sums = pd.DataFrame({"month": months, "value": 50 * (1 - 0.96**months) / 0.04})
    lines = {theme.BASELINE: sums.assign(value=sums["value"] * 0.9), theme.GAIN: sums}
    return frame(lines, 300, {theme.GAIN: 7, theme.BASELINE: 8})


CHART = Chart("cumulative", "What a new customer brings", COLUMNS, build, example, height=320)
