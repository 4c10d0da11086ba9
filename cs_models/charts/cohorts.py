"""The cohort heat map: of the customers (or the money) of each sign-up month, how much is still here by age.

A cell nobody could observe yet is empty and hatched; it is never 0%. The colours span the months from 1 on,
because month 0 is 100% for every cohort and would wash out the rest.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("cohort", "age", "kind", "share", "shade", "text", "customers")
SEEN, FEW, AHEAD, AVERAGE = "seen", "few", "ahead", "average"  # kinds of cells
NARROW = 29  # pixels of a cell below which numbers would print over each other; the colours stay
MOST = 18  # rows, and months, that can be read in one picture
ROW = 24  # pixels a cohort needs
ALL = "Average"  # the name of the row of all cohorts; letters sort after years, so it is the last
_CELL = "scale('layer_0_color', datum.shade)"  # scales are named by the place of their layer
TEXT_STANDS_OUT = (
    f"contrast(scale('layer_1_color', 'text'), {_CELL}) >= contrast(scale('layer_0_color', 0), {_CELL})"
)
# A cell nobody could observe yet is hatched: three strokes in fractions of the cell, from and to (x, y).
HATCH = (((0, 1), (1, 0)), ((0, 0.5), (0.5, 0)), ((0.5, 1), (1, 0.5)))


def build(height: float, scale: float) -> alt.LayerChart:
    return draw(height, scale, "Months since sign-up", "Months later")


def draw(height: float, scale: float, title: str, step: str) -> alt.LayerChart:
    """The heat map with the title of its columns and the name of one of them."""
    base = _base(scale, title)
    tips = [
        alt.Tooltip("cohort:N", title="Signed up"),
        alt.Tooltip("age:Q", title=step),
        alt.Tooltip("share:Q", title="Still there", format=".1%"),
        alt.Tooltip("customers:Q", title="Signed up, customers", format=",d"),
    ]
    large = base.transform_filter(f"datum.kind == '{SEEN}' || datum.kind == '{AVERAGE}'")
    few = base.transform_filter(f"datum.kind == '{FEW}'")
    shade = alt.Color("shade:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    cells = large.mark_rect().encode(color=shade, tooltip=tips)

    def ink(of: alt.Chart, when: str = "true") -> alt.Chart:
        seen = f"bandwidth('x') >= {NARROW * scale} && {when} ? 1 : 0"
        return of.mark_text(fontSize=11.5 * scale, opacity=alt.ExprRef(seen))

    # Two inks, the text's colour and the ramp's first: each cell shows the one that stands out more from it.
    first = alt.Color("zero:Q", scale=alt.Scale(domain=[0, 1]), legend=None)
    text = ink(large, TEXT_STANDS_OUT).transform_calculate(ink="'text'")
    text = text.encode(color=theme.colour("ink"), text="text:N")
    paper = ink(large, f"!({TEXT_STANDS_OUT})").transform_calculate(zero="0")
    paper = paper.encode(color=first, text="text:N")
    few = few.transform_calculate(tint=f"'{theme.BASELINE}'")
    grey = few.mark_rect(opacity=0.13).encode(color=theme.colour("tint"), tooltip=tips)
    hatch = [_stroke(base, scale, *ends) for ends in HATCH]
    layers = alt.layer(cells, text, paper, grey, *hatch).resolve_scale(color="independent")
    return layers.properties(height=height)


def _base(scale: float, title: str) -> alt.Chart:
    axis = {
        "labelFontSize": 12 * scale,
        "titleFontSize": 12 * scale,
        "labelOverlap": False,
        "domain": False,
        "labelFlush": False,
    }
    months = {**axis, "labelOverlap": "parity"}
    return alt.Chart(alt.NamedData(name="table")).encode(
        x=alt.X("age:O", axis=alt.Axis(title=title, labelAngle=0, orient="top", **months)),
        y=alt.Y("cohort:O", sort="ascending", axis=alt.Axis(title=None, **axis)),
    )


def _stroke(base: alt.Chart, scale: float, start: tuple, end: tuple) -> alt.Chart:
    """One line of the hatching across every cell not yet observed."""
    x, y = base.encoding.x.copy(), base.encoding.y.copy()
    x["bandPosition"], y["bandPosition"] = start
    ahead = base.transform_filter(f"datum.kind == '{AHEAD}'").transform_calculate(tint=f"'{theme.BASELINE}'")
    return ahead.mark_rule(strokeWidth=0.8 * scale, opacity=0.45).encode(
        x=x,
        x2=alt.X2("age", bandPosition=end[0]),
        y=y,
        y2=alt.Y2("cohort", bandPosition=end[1]),
        color=theme.colour("tint"),
    )


def frame(
    triangle: pd.DataFrame,
    cohorts: int = MOST,
    ages: int = MOST,
    few: int = words.FEW_CUSTOMERS,
    average: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tidy table from a cohort triangle's frame: the newest `cohorts`, the first `ages` months.

    Cells not yet observed are there without a share; cohorts of fewer than `few` customers are grey, because
    one customer would swing them. `average`: age, customers and share of all cohorts together, a last row.
    Empty where no cohort is large enough to be read.
    """
    names = triangle["cohort"].astype(str)
    shown = sorted(names.unique())[-cohorts:]
    cells = triangle[names.isin(shown)].assign(cohort=names)
    if not (cells["share"].notna() & (cells["customers"] >= few)).any():
        return pd.DataFrame(columns=COLUMNS)
    last = min(ages, int(cells.loc[cells["share"].notna(), "age"].max()))
    cells = cells[cells["age"] <= last]
    kinds = np.select([cells["share"].isna(), cells["customers"] < few], [AHEAD, FEW], SEEN)
    cells = cells.assign(kind=kinds)
    if average is not None:
        row = average[(average["age"] <= last) & (average["customers"] >= few)]
        cells = pd.concat([cells, row.assign(cohort=ALL, kind=AVERAGE)], ignore_index=True)
    later = cells.loc[(cells["age"] >= 1) & cells["kind"].isin([SEEN, AVERAGE]), "share"]
    low, high = (float(later.min()), float(later.max())) if len(later) else (0.0, 1.0)
    cells["shade"] = ((cells["share"] - low) / max(high - low, 1e-9)).clip(0, 1)
    told = np.isfinite(cells["share"]) & (cells["kind"] != FEW)  # one customer would swing the others
    cells["text"] = [words.percent(s, 0, tight=True) if ok else "" for s, ok in zip(cells["share"], told, strict=True)]
    kinds = {"age": int, "share": float, "customers": int}
    return cells[list(COLUMNS)].astype(kinds).reset_index(drop=True)


def left_out(triangle: pd.DataFrame) -> str:
    """Which sign-up months and which ages are not drawn, and where they stand; "" where all of them are.

    >>> left_out(pd.DataFrame({"cohort": [f"2024-{month:02d}" for month in range(1, 13)], "age": 0, "share": 1.0}))
    ''
    """
    names = sorted(triangle["cohort"].astype(str).unique())
    last = int(triangle.loc[triangle["share"].notna(), "age"].max()) if triangle["share"].notna().any() else 0
    parts = []
    if len(names) > MOST:
        parts.append(f"the newest {MOST} of {len(names)} rows are drawn, from {names[-MOST]} on (the file begins in {names[0]})")
    if last > MOST:
        parts.append(f"{'columns' if parts else 'columns are drawn'} to {MOST} of {last}")
    if not parts:
        return ""
    said = ", and ".join(parts)
    return f"{said[0].upper()}{said[1:]}, so that a cell can be read. “Show numbers” has every one."


def height(frame: pd.DataFrame) -> int:
    """Plot height for the cohorts in the table."""
    return max(3, frame["cohort"].nunique()) * ROW + theme.AXES


def table(triangle: pd.DataFrame, average: pd.DataFrame | None = None) -> pd.DataFrame:
    """The whole triangle, a row per sign-up month, empty where not yet observed, all together at the end."""
    wide = triangle.assign(cohort=triangle["cohort"].astype(str))
    if average is not None:
        everybody = average["customers"].max() if len(average) else 0
        wide = pd.concat([wide, average.assign(cohort=ALL, customers=everybody)], ignore_index=True)
    wide = wide.pivot_table(index=["cohort", "customers"], columns="age", values="share", dropna=False)
    wide = wide.dropna(how="all").reset_index()
    return wide.rename(columns={"cohort": "Signed up", "customers": "Customers"}).rename(columns=str)


def spoken(frame: pd.DataFrame, step: str = "months") -> str:
    """The map for somebody who cannot see it: where the average, or else the oldest intake, has come to."""
    told = frame[frame["kind"] == AVERAGE]
    who = "All intakes together keep" if len(told) else ""
    if told.empty:
        told = frame[frame["kind"] == SEEN]
        told = told[told["cohort"] == told["cohort"].min()]
        who = f"The intake of {told['cohort'].iloc[0]} keeps"
    last = told.loc[told["age"].idxmax()]
    many = frame.loc[frame["kind"] != AVERAGE, "cohort"].nunique()
    return f"{who} {words.percent(last['share'], 0)} after {int(last['age'])} {step}; {many} intakes are shown."


LONGEST = 600  # months of a table
FORMATS = dict.fromkeys(map(str, range(LONGEST)), "percent")


def example() -> pd.DataFrame:
    rows = [
        {"cohort": f"2025-{c:02d}", "age": a, "customers": 40, "share": 0.95**a if a <= 12 - c else np.nan}
        for c in range(1, 13)
        for a in range(12)
    ]
    return frame(pd.DataFrame(rows))


CHART = Chart("cohorts", "Retention by sign-up month", COLUMNS, build, example, height=12 * ROW + theme.AXES)
