"""Who holds the value: customers from the most valuable on, against the share of the value they hold."""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "role", "customers", "value", "text")
TOP = 0.10
FORMATS = {"Customers": "percent", "Value": "percent", "MRR": "percent"}


def build(height: float, scale: float) -> alt.LayerChart:
    below = theme.value_axis(scale, "Customers, the most valuable first", format=".0%")
    beside = theme.value_axis(scale, format=".0%")
    base = alt.Chart(alt.NamedData(name="table")).encode(
        alt.X("customers:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=below),
        alt.Y("value:Q", scale=alt.Scale(zero=True), axis=beside),
    )
    own, label = theme.colour(), theme.label(scale)
    tips = [alt.Tooltip("text:N", title="They hold")]

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    point = part("point")
    layers = [
        part("even").mark_line(strokeDash=[3, 4], strokeWidth=1.5 * scale).encode(color=own),
        part("line").mark_area(opacity=theme.BAND_OPACITY).encode(color=own),
        part("line").mark_line(strokeWidth=2.5 * scale).encode(color=own, tooltip=tips),
        point.mark_point(filled=True, size=80 * scale, opacity=1).encode(color=own, tooltip=tips),
        point.mark_text(align="left", baseline="top", dx=10, dy=2, **label).encode(text="text:N", color=own),
        part("even_name")
        .mark_text(align="right", baseline="top", dx=-8, dy=6, fontSize=12 * scale)
        .encode(text="text:N", color=own),
    ]
    return alt.layer(*layers).properties(height=height)


def frame(curve: pd.DataFrame, top: float = TOP) -> pd.DataFrame:
    """Tidy table from the curve of a `Concentration` (customers, value, shares 0..1)."""
    rows = [_row("line", theme.GAIN, c, v, _told(c, v)) for c, v in zip(curve["customers"], curve["value"])]
    at = float(np.interp(top, curve["customers"], curve["value"]))
    rows.append(_row("point", theme.GAIN, top, at, words.percent(at, 0)))
    rows += [_row("even", theme.BASELINE, share, share, "") for share in (0.0, 1.0)]
    rows.append(_row("even_name", theme.BASELINE, 0.98, 0.66, "if all were alike"))
    return pd.DataFrame(rows, columns=COLUMNS)


def _told(customers: float, value: float) -> str:
    return words.held(f"top {words.percent(customers, 0)} hold {words.percent(value, 0)}")


def _row(part: str, role: str, customers: float, value: float, text: str) -> dict:
    return {"part": part, "role": role, "customers": float(customers), "value": float(value), "text": text}


def table(curve: pd.DataFrame) -> pd.DataFrame:
    """Every twentieth of the customers."""
    shown = curve.iloc[[1, *range(5, len(curve), 5)]]
    names = {"customers": "Customers", "value": "Value", "mrr": "MRR"}
    return shown[list(names)].rename(columns=names)


def example() -> pd.DataFrame:
    share = np.linspace(0, 1, 101)
    return frame(pd.DataFrame({"customers": share, "value": share**0.4, "mrr": share**0.45}))


CHART = Chart("concentration", "Who holds the value", COLUMNS, build, example, height=320)
