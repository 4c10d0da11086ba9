"""What was forecast on an earlier day and what came: the band of the forecast, dots for what was counted.

The simple rules are grey, dashed and dotted. The axis need not begin at 0: the question is how far the lines
lie apart.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme
from cs_models.charts.lines import end_labels, thin

COLUMNS = ("part", "role", "name", "month", "value", "low", "high", "text")
LINES = {
    "predicted": (theme.GAIN, "Forecast"),
    "happened": (theme.TEXT, "What came"),
    "constant": (theme.BASELINE, "One churn rate"),
    "line": (theme.BASELINE, "Straight line"),
}


def build(height: float, scale: float) -> alt.LayerChart:
    month = alt.X(
        "month:Q",
        scale=alt.Scale(nice=False, zero=True),
        axis=theme.month_axis("Months since that day", scale),
    )
    axis = theme.value_axis(scale, labelExpr=theme.SHORT_MONEY)
    value = alt.Y("value:Q", scale=alt.Scale(zero=False, nice=True), axis=axis)
    tips = [
        alt.Tooltip("name:N", title="Line"),
        alt.Tooltip("month:Q", title="Months since"),
        alt.Tooltip("text:N", title="Number"),
    ]
    base = alt.Chart(alt.NamedData(name="table")).encode(month, value)
    own = theme.colour()

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    layers = [
        part("predicted")
        .mark_area(opacity=theme.BAND_OPACITY)
        .encode(y="low:Q", y2="high:Q", color=own),
        part("constant").mark_line(strokeWidth=2 * scale, strokeDash=[7, 5]).encode(color=own, tooltip=tips),
        part("line").mark_line(strokeWidth=2 * scale, strokeDash=[2, 4]).encode(color=own, tooltip=tips),
        part("predicted").mark_line(strokeWidth=3 * scale).encode(color=own, tooltip=tips),
        part("happened").mark_line(strokeWidth=1 * scale).encode(color=own),
        part("happened").mark_point(filled=True, size=45 * scale, opacity=1).encode(color=own, tooltip=tips),
        part("end").mark_text(align="left", dx=10, **theme.label(scale)).encode(text="text:N", color=own),
    ]
    return alt.layer(*layers).properties(height=height)


def frame(table: pd.DataFrame, currency: str = "", height: float = 360) -> pd.DataFrame:
    """Tidy table from `customers` or `revenue` of a back-test; with a currency the numbers are money."""
    rows, ends = [], []
    table = table.set_index("step")
    for name, (role, title) in LINES.items():
        for month in thin(0, int(table.index[-1])):
            row = table.loc[month]
            low, high = (row["low"], row["high"]) if name == "predicted" else (np.nan, np.nan)
            line = {"part": name, "role": role, "name": title, "month": month, "value": float(row[name])}
            rows.append({**line, "low": low, "high": high, "text": said(row[name], currency)})
        last = rows[-1]
        ends.append((role, name, last["month"], last["value"], f"{title} {last['text']}"))
    values = table[[*LINES, "low", "high"]].to_numpy(float)
    labels = end_labels(ends, height - theme.AXES, float(np.ptp(values)) or 1.0)
    return pd.DataFrame([*rows, *labels], columns=COLUMNS)


def said(value: float, currency: str) -> str:
    return words.money(value, currency) if currency else words.count(value)


def spoken(table: pd.DataFrame, currency: str = "") -> str:
    """The chart for somebody who cannot see it."""
    last = table.iloc[-1]
    ends = ", ".join(f"{title.lower()} {said(last[name], currency)}" for name, (_, title) in LINES.items())
    band = f"{said(last['low'], currency)} to {said(last['high'], currency)}"
    return f"After {words.months(int(last['step']))}: {ends}; the 95 % range of the forecast was {band}"


NAMES = {
    "step": "Months since",
    "day": "Day",
    "happened": "What came",
    "predicted": "Forecast",
    "low": "95% from",
    "high": "95% to",
    "constant": "One churn rate",
    "line": "Straight line",
    "same": "What came, at the prices of that day",
}


def table(numbers: pd.DataFrame) -> pd.DataFrame:
    return numbers[[name for name in NAMES if name in numbers]].rename(columns=NAMES)


OFF = "Against the forecast, %"
OFF_FORMAT = "%+.1f\xa0%%"  # as `words.percent` with a sign
COHORTS = {
    "cohort": "Sign-up month",
    "customers": "Customers that day",
    "predicted": "Forecast",
    "low": "95% from",
    "high": "95% to",
    "happened": "Still here",
    "error": OFF,
    "inside": "Inside the range",
    "constant": "One churn rate",
    "mrr_predicted": "MRR forecast",
    "mrr_happened": "MRR that came",
}


def cohort_table(cohorts: pd.DataFrame) -> pd.DataFrame:
    """One line per sign-up month, for reading; errors in percent."""
    found = cohorts.assign(inside=np.where(cohorts["inside"], "yes", "no"), error=100 * cohorts["error"])
    return found[[name for name in COHORTS if name in found]].rename(columns=COHORTS)


def days_table(tests) -> pd.DataFrame:
    """One line per day looked back to: what was said then and how far off each forecast was."""
    return pd.DataFrame([_day_line(test, what) for test in tests for what in ("customers", "revenue")
                         if getattr(test, what) is not None])  # fmt: skip


def _day_line(test, what: str) -> dict:
    row, currency = test.last(what), "" if what == "customers" else test.currency
    band = " to ".join(said(row[end], currency) for end in ("low", "high"))
    found = {
        "Forecast of": words.day(test.day),
        "Months back": test.months,
        "Of": "Customers" if what == "customers" else "Monthly revenue",
        "Forecast": said(row["predicted"], currency),
        "95% range": band,
        "What came": said(row["happened"], currency),
        "Inside": "yes" if test.inside(what) else "no",
    }
    titles = {"predicted": "Off by", "constant": "One churn rate", "line": "Straight line"}
    return found | {title: words.percent(test.error(what, own), sign=True) for own, title in titles.items()}


def example() -> pd.DataFrame:
    steps = np.arange(13)
    forecast = 2000 * 0.975**steps
    return frame(
        pd.DataFrame(
            {
                "step": steps,
                "happened": forecast * (1 + 0.002 * steps),
                "predicted": forecast,
                "low": forecast * (1 - 0.004 * steps),
                "high": forecast * (1 + 0.004 * steps),
                "constant": 2000 * 0.968**steps,
                "line": 2000 - 58.0 * steps,
            }
        )
    )


CHART = Chart("backtest", "What was forecast and what came", COLUMNS, build, example, height=360)
