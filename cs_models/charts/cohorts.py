"""The cohort heat map: of the customers (or the money) of each sign-up month, how much is still here by age.

A cell nobody could observe yet is empty; it is never 0%. The colours span the months from 1 on, because month
0 is 100% for every cohort and would wash out the rest.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("cohort", "age", "share", "shade", "flip", "text", "customers")
FLIP = 0.6  # above it a number takes the light end of the ramp (the dark one in the dark)
ROW = 24  # pixels a cohort needs


def build(height: float, scale: float) -> alt.LayerChart:
    axis = {
        "labelFontSize": 12 * scale,
        "titleFontSize": 12 * scale,
        "labelOverlap": False,
        "domain": False,
        "labelFlush": False,
    }
    base = alt.Chart(alt.NamedData(name="table")).encode(
        x=alt.X("age:O", axis=alt.Axis(title="Months since sign-up", labelAngle=0, orient="top", **axis)),
        y=alt.Y("cohort:O", sort="ascending", axis=alt.Axis(title=None, **axis)),
    )
    tips = [
        alt.Tooltip("cohort:N", title="Signed up"),
        alt.Tooltip("age:Q", title="Months later"),
        alt.Tooltip("share:Q", title="Still here", format=".1%"),
        alt.Tooltip("customers:Q", title="Signed up, customers", format=",d"),
    ]
    shade = alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    # The text takes the other end of the same ramp: dark on light and light on dark, in both themes.
    ink = alt.Color("flip:Q", scale=alt.Scale(domain=[1, 0]), legend=None)
    cells = base.mark_rect().encode(color=shade, tooltip=tips)
    numbers = base.mark_text(fontSize=11.5 * scale, aria=False).encode(color=ink, text="text:N")
    return alt.layer(cells, numbers).resolve_scale(color="independent").properties(height=height)


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
            "flip": np.where(shade > FLIP, 1.0, 0.0),
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
