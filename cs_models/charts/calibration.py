"""Expected against happened: ten groups of customers by chance of leaving; on the line all is as said."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "role", "expected", "happened", "low", "high", "text", "customers")
FORMATS = {"Expected to leave": "percent", "Left": "percent", "95% from": "percent", "95% to": "percent"}
ROOM = 1.08  # of the axes beyond the largest mark


def build(height: float, scale: float) -> alt.LayerChart:
    below = theme.value_axis(scale, "Expected to leave", format=".0%")
    beside = theme.value_axis(scale, "Left", format=".0%")
    base = alt.Chart(alt.NamedData(name="table")).encode(
        alt.X("expected:Q", axis=below, scale=alt.Scale(zero=True, nice=False)),
        alt.Y("happened:Q", axis=beside, scale=alt.Scale(zero=True, nice=False)),
    )
    group = base.transform_filter("datum.part == 'group'")
    tips = [alt.Tooltip("text:N", title="Group"), alt.Tooltip("customers:N", title="Of")]
    layers = [
        base.transform_filter("datum.part == 'even'")
        .mark_line(strokeDash=[3, 4], strokeWidth=1.5 * scale)
        .encode(color=theme.role(theme.BASELINE)),
        base.transform_filter("datum.part == 'even_name'")
        .mark_text(align="right", dx=-8, dy=-6, **theme.label(scale))
        .encode(text="text:N", color=theme.role(theme.BASELINE)),
        group.mark_rule(strokeWidth=4 * scale, strokeCap="round", opacity=0.35).encode(
            y="low:Q", y2="high:Q", color=theme.colour()
        ),
        group.mark_point(filled=True, size=80 * scale, opacity=1).encode(color=theme.colour(), tooltip=tips),
    ]
    return alt.layer(*layers).properties(height=height)


def frame(bins: pd.DataFrame, counted: str = "customer", many: str | None = None) -> pd.DataFrame:
    """Tidy table from the bins of a `HealthCheck`; a group off its bar is in the colour of a loss."""
    rows = []
    for one in bins.to_dict("records"):
        inside = one["low"] <= one["expected"] <= one["high"]
        told = f"expected {words.percent(one['expected'])}, left {words.percent(one['happened'])}"
        rows.append({
            "part": "group", "role": theme.GAIN if inside else theme.LOSS, "text": told,
            "customers": words.counted(int(one["customers"]), counted, many),
            **{name: float(one[name]) for name in ("expected", "happened", "low", "high")}})  # fmt: skip
    end = float(max(bins["expected"].max(), bins["high"].max())) * ROOM if len(bins) else 1.0
    for part, role, at, text in (("even", theme.BASELINE, 0.0, ""), ("even", theme.BASELINE, end, ""),
                                 ("even_name", theme.BASELINE, end * 0.97, "as expected")):  # fmt: skip
        place = dict.fromkeys(("expected", "happened", "low", "high"), at)
        rows.append({"part": part, "role": role, "text": text, "customers": "", **place})
    return pd.DataFrame(rows, columns=COLUMNS)


def table(bins: pd.DataFrame) -> pd.DataFrame:
    names = {"customers": "Customers", "expected": "Expected to leave", "happened": "Left", "low": "95% from",
             "high": "95% to"}  # fmt: skip
    return bins[list(names)].rename(columns=names)


def example() -> pd.DataFrame:
    expected = [0.02, 0.05, 0.09, 0.14, 0.25]
    bins = {"customers": 200, "expected": expected, "happened": [0.03, 0.05, 0.08, 0.20, 0.24],
            "low": [0.01, 0.03, 0.05, 0.15, 0.18], "high": [0.06, 0.09, 0.13, 0.26, 0.30]}  # fmt: skip
    return frame(pd.DataFrame(bins))


CHART = Chart("calibration", "Expected and happened", COLUMNS, build, example, height=320)
