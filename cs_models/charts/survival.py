"""Baseline against scenario: how many of 100 customers are still paying, month by month.

The baseline is grey and dashed, the scenario blue and solid: told apart without colour too.
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
        axis=theme.month_axis("Months from today", scale),
    )
    share = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1]), axis=theme.value_axis(scale, format=".0%"))
    tips = [
        alt.Tooltip("role:N", title="Case"),
        alt.Tooltip("month:Q", title="Month"),
        alt.Tooltip("value:Q", title="Still subscribed", format=".1%"),
        alt.Tooltip("low:Q", title="95% from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
    ]
    base = alt.Chart(alt.NamedData(name="table")).encode(month, share)
    line = base.transform_filter("datum.part == 'line'")
    ends = base.transform_filter("datum.part == 'end'")
    baseline = line.transform_filter("datum.role == 'baseline'")
    scenario = line.transform_filter("datum.role == 'scenario'")
    layers = [
        line.mark_area(opacity=theme.BAND_OPACITY).encode(
            y="low:Q", y2="high:Q", color=theme.colour()
        ),
        baseline.mark_line(strokeWidth=2.5 * scale, strokeDash=[7, 5]).encode(
            color=theme.colour(), tooltip=tips
        ),
        scenario.mark_line(strokeWidth=3 * scale).encode(color=theme.colour(), tooltip=tips),
        ends.mark_text(align="left", dx=8, **theme.label(scale)).encode(text="text:N", color=theme.colour()),
    ]
    return alt.layer(*layers).properties(height=height)


def frame(curves: pd.DataFrame, horizon: int, height: float = 320) -> pd.DataFrame:
    """Tidy table from `change.curves`: month, baseline, scenario, their _low and _high if any."""
    curves = curves[curves["month"] <= horizon]
    months, unknown = curves["month"].tolist(), [float("nan")] * len(curves)
    place, rows, ends = {month: row for row, month in enumerate(months)}, [], []
    for role, name, title in ((theme.BASELINE, "baseline", "Today"), (theme.GAIN, "scenario", "Scenario")):
        columns = (curves[column].tolist() if column in curves else unknown for column in (name, f"{name}_low", f"{name}_high"))
        share, low, high = columns
        for month in thin(months[0], months[-1]):
            row = place[month]
            rows.append({"part": "line", "role": role, "month": month, "value": share[row], "low": low[row], "high": high[row]})
        last = rows[-1]
        ends.append((role, name, last["month"], last["value"], f"{title} {words.percent(last['value'], 0)}"))
    return pd.DataFrame(rows + end_labels(ends, height - theme.AXES), columns=COLUMNS)


FORMATS = {
    f"{case}{end}": "percent" for case in ("Today", "Scenario") for end in ("", ", 95% from", ", 95% to")
}


def spoken(frame: pd.DataFrame) -> str:
    """The chart for somebody who cannot see it: where both lines end."""
    ends = frame[frame["part"] == "end"]
    return f"Share still subscribed at month {int(ends['month'].max())}: " + ", ".join(ends["text"])


def table(curves: pd.DataFrame, horizon: int) -> pd.DataFrame:
    names = {"month": "Month", "baseline": "Today", "scenario": "Scenario"}
    names |= {
        f"{k}_{end}": f"{names[k]}, 95% {word}"
        for k in ("baseline", "scenario")
        for end, word in (("low", "from"), ("high", "to"))
    }
    shown = curves[curves["month"] <= horizon]
    return shown[[c for c in names if c in shown]].rename(columns=names)


def example() -> pd.DataFrame:
    months = np.arange(37)
    base, new = 0.97**months, 0.975**months
    band = {
        "baseline_low": base * 0.98,
        "baseline_high": base * 1.02,
        "scenario_low": new * 0.98,
        "scenario_high": new,
    }
    return frame(pd.DataFrame({"month": months, "baseline": base, "scenario": new, **band}), 36)


CHART = Chart("survival", "Customers still subscribed", COLUMNS, build, example, height=320)
