"""The whole book by month, today's plan dashed in grey and the decision solid, or the running difference in cash."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme
from cs_models.charts.lines import end_labels, thin

COLUMNS = ("part", "role", "month", "value", "text", "name", "row")
MEASURES = {"customers": "Customers", "mrr": "MRR", "cash": "Cash after all costs", "gross_profit": "Gross profit",
            "cumulative": "Cash ahead since today"}  # fmt: skip


def build(height: float, scale: float) -> alt.LayerChart:
    month = alt.X(
        "month:Q", scale=alt.Scale(nice=False, zero=True), axis=theme.month_axis("Months from today", scale)
    )
    value = alt.Y(
        "value:Q",
        scale=alt.Scale(zero=True, nice=True),
        axis=theme.value_axis(scale, labelExpr=theme.SHORT_MONEY),
    )
    base = alt.Chart(alt.NamedData(name="table")).encode(month, value)
    tips = [
        alt.Tooltip("month:Q", title="Month"),
        alt.Tooltip("name:N", title="Which"),
        alt.Tooltip("text:N", title="Value"),
    ]

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    today, then = (part("line").transform_filter(f"datum.role {op} 'baseline'") for op in ("==", "!="))
    layers = [
        part("zero").mark_rule(strokeWidth=1.5 * scale).encode(color=theme.role(theme.BASELINE)),
        today.mark_line(strokeWidth=2.5 * scale, strokeDash=[7, 5]).encode(color=theme.colour(), tooltip=tips),
        then.mark_line(strokeWidth=3 * scale).encode(color=theme.colour(), tooltip=tips),
        part("point").mark_point(filled=True, size=90 * scale, opacity=1).encode(color=theme.colour(), tooltip=tips),
        part("point")
        .mark_text(align="left", baseline="top", dx=6 * scale, dy=10 * scale, **theme.label(scale))
        .encode(text="text:N", color=theme.role(theme.TEXT)),
        part("end")
        .mark_text(align="left", dx=8, **theme.label(scale))
        .encode(text="text:N", color=theme.colour()),
    ]
    return alt.layer(*layers).properties(height=height)


def frame(view: pd.DataFrame, measure: str = "mrr", payback: int | None = None, currency: str = "USD",
          height: float = 320) -> pd.DataFrame:  # fmt: skip
    """Tidy table from the frame of `cs.portfolio_by_month` for one of MEASURES.

    "cumulative" draws the running difference with the month of `payback`; the others draw before and after.
    """
    running = measure == "cumulative"
    lines = {theme.GAIN: ("Ahead" if running else "With the plan", measure if running else f"{measure}_after")}
    if not running:
        lines = {theme.BASELINE: ("Today", f"{measure}_before"), **lines}
    months = view["month"].to_numpy()
    rows, ends = [], []
    for role, (name, column) in lines.items():
        values = view[column].to_numpy()
        for month in thin(int(months[0]), int(months[-1])):
            said = _said(float(values[month]), measure, currency)
            rows.append({"part": "line", "role": role, "month": month, "value": float(values[month]), "text": said, "name": name})
        ends.append((role, name, rows[-1]["month"], rows[-1]["value"], f"{name} {rows[-1]['text']}"))
    low, high = (f(0.0, *(row["value"] for row in rows)) for f in (min, max))
    rows += end_labels(ends, height - theme.AXES, (high - low) or 1.0)
    if low < 0:
        rows.append({"part": "zero", "role": theme.BASELINE, "month": 0, "value": 0.0})
    if running and payback is not None and 0 < payback < len(view):
        at = float(view["cumulative"].iloc[payback])
        rows.append({"part": "point", "role": theme.GAIN, "month": payback, "value": at,
                     "text": f"Ahead for good from month {payback}", "name": "Ahead"})  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _said(value: float, measure: str, currency: str) -> str:
    if measure == "customers":
        return words.count(value)
    return words.money(value, currency, sign=measure == "cumulative")


def table(view: pd.DataFrame, measure: str = "mrr", currency: str = "USD") -> pd.DataFrame:
    """A row per month with the words of the chart."""
    if measure == "cumulative":
        columns = {MEASURES[measure]: "cumulative"}
    else:
        columns = {"Today": f"{measure}_before", "With the plan": f"{measure}_after"}
    said = {name: [_said(float(value), measure, currency) for value in view[column]] for name, column in columns.items()}
    return pd.DataFrame({"Month": view["month"], **said})


def alt_text(view: pd.DataFrame, measure: str = "mrr", currency: str = "USD") -> str:
    """The lines for somebody who cannot see them."""
    last = int(view["month"].iloc[-1])
    if measure == "cumulative":
        ends = [_said(float(view["cumulative"].iloc[i]), measure, currency) for i in (0, -1)]
        return f"Cash ahead of today's plan, added up: {ends[0]} in the first month, {ends[1]} by month {last}."
    before, after = (_said(float(view[f"{measure}_{when}"].iloc[-1]), measure, currency) for when in ("before", "after"))
    return f"{MEASURES[measure]} in month {last}: {before} as things are, {after} with the plan."


def example() -> pd.DataFrame:
    view = pd.DataFrame({"month": range(37)})
    view["cumulative"] = [month**2 * 40.0 - 9000.0 for month in range(37)]
    return frame(view, "cumulative", 16)


CHART = Chart("portfolio", "The whole book by month", COLUMNS, build, example, height=320)
