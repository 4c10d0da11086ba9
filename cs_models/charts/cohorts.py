"""The cohort heat map: of the customers (or the money) of each sign-up month, how much is still here by age.

A cell nobody could observe yet is empty; it is never 0%. The colours span the months from 1 on, because month
0 is 100% for every cohort and would wash out the rest.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("cohort", "age", "share", "shade", "text", "customers")
NARROW = 29  # pixels of a cell below which numbers would print over each other; the colours stay
ROW = 24  # pixels a cohort needs
_CELL = "scale('layer_0_color', datum.shade)"  # scales are named by the place of their layer
TEXT_STANDS_OUT = (
    f"contrast(scale('layer_1_color', 'text'), {_CELL}) >= contrast(scale('layer_0_color', 0), {_CELL})"
)


def build(height: float, scale: float) -> alt.LayerChart:
    axis = {
        "labelFontSize": 12 * scale,
        "titleFontSize": 12 * scale,
        "labelOverlap": False,
        "domain": False,
        "labelFlush": False,
    }
    months = {**axis, "labelOverlap": "parity"}
    base = alt.Chart(alt.NamedData(name="table")).encode(
        x=alt.X("age:O", axis=alt.Axis(title="Months since sign-up", labelAngle=0, orient="top", **months)),
        y=alt.Y("cohort:O", sort="ascending", axis=alt.Axis(title=None, **axis)),
    )
    tips = [
        alt.Tooltip("cohort:N", title="Signed up"),
        alt.Tooltip("age:Q", title="Months later"),
        alt.Tooltip("share:Q", title="Still here", format=".1%"),
        alt.Tooltip("customers:Q", title="Signed up, customers", format=",d"),
    ]
    shade = alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    cells = base.mark_rect().encode(color=shade, tooltip=tips)

    def ink(when: str) -> alt.Chart:
        seen = f"bandwidth('x') >= {NARROW * scale} && {when} ? 1 : 0"
        return base.mark_text(fontSize=11.5 * scale, aria=False, opacity=alt.ExprRef(seen))

    # Two inks, the text's colour and the ramp's first: each cell shows the one that stands out more from it.
    first = alt.Color("zero:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    text = ink(TEXT_STANDS_OUT).transform_calculate(ink="'text'")
    text = text.encode(color=theme.colour("ink"), text="text:N")
    paper = ink(f"!({TEXT_STANDS_OUT})").transform_calculate(zero="0").encode(color=first, text="text:N")
    layers = alt.layer(cells, text, paper).resolve_scale(color="independent")
    return layers.properties(height=height)


def frame(
    triangle: pd.DataFrame, cohorts: int = 18, ages: int = 18, few: int = words.FEW_CUSTOMERS
) -> pd.DataFrame:
    """Tidy table from a cohort triangle's frame: the newest `cohorts`, the first `ages` months.

    Cohorts of fewer than `few` customers keep their row but show no shares: one customer would swing them.
    """
    shown = sorted(triangle["cohort"].astype(str).unique())[-cohorts:]
    cells = triangle[triangle["cohort"].astype(str).isin(shown) & (triangle["age"] <= ages)].copy()
    cells = cells[cells["share"].notna() & (cells["customers"] >= few)]
    later = cells.loc[cells["age"] >= 1, "share"]
    low, high = (float(later.min()), float(later.max())) if len(later) else (0.0, 1.0)
    shade = ((cells["share"] - low) / max(high - low, 1e-9)).clip(0, 1)
    return pd.DataFrame(
        {
            "cohort": cells["cohort"].astype(str),
            "age": cells["age"].astype(int),
            "share": cells["share"].astype(float),
            "shade": shade,
            "text": [words.percent(share, 0, tight=True) for share in cells["share"]],
            "customers": cells["customers"].astype(int),
        },
        columns=COLUMNS,
    )


def height(frame: pd.DataFrame) -> int:
    """Plot height for the cohorts in the table."""
    return max(3, frame["cohort"].nunique()) * ROW + theme.AXES


def table(triangle: pd.DataFrame) -> pd.DataFrame:
    """The whole triangle, a row per sign-up month, empty where not yet observed."""
    wide = triangle.assign(cohort=triangle["cohort"].astype(str))
    wide = wide.pivot_table(index=["cohort", "customers"], columns="age", values="share", dropna=False)
    wide = wide.dropna(how="all").reset_index()
    return wide.rename(columns={"cohort": "Signed up", "customers": "Customers"}).rename(columns=str)


def example() -> pd.DataFrame:
    rows = [
        {"cohort": f"2025-{c:02d}", "age": a, "customers": 40, "share": 0.95**a if a <= 12 - c else np.nan}
        for c in range(1, 13)
        for a in range(12)
    ]
    return frame(pd.DataFrame(rows))


CHART = Chart("cohorts", "Retention by sign-up month", COLUMNS, build, example, height=12 * ROW + theme.AXES)
