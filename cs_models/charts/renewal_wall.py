"""The renewal wall: MRR up for renewal by month, the part that is expected to go on top."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "role", "order", "name", "value", "top", "text", "money", "who")
ROOF = 1.12
# A number over the first bar begins with it: centred, it would lie on the labels of the axis.
FIRST_ALIGN = alt.ExprRef("datum.order == 0 ? 'left' : 'center'")
FIRST_DX = alt.ExprRef("datum.order == 0 ? -bandwidth('x') / 2 : 0")
STAYS, GOES = "Expected to renew", "Expected to go"


def build(height: float, scale: float) -> alt.LayerChart:
    below = alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", labelSeparation=10, labelFontSize=12 * scale, labelPadding=6 * scale,
                     ticks=False, domain=False)  # fmt: skip
    beside = theme.value_axis(scale, "MRR to renew", labelExpr=theme.SHORT_MONEY)
    base = alt.Chart(alt.NamedData(name="table")).encode(
        alt.X("name:N", sort=alt.SortField("order"), axis=below)
    )
    tips = [
        alt.Tooltip("name:N", title="Month"),
        alt.Tooltip("part:N", title="What"),
        alt.Tooltip("money:N", title="MRR"),
        alt.Tooltip("who:N", title="Customers"),
    ]
    bars = (
        base.transform_filter("datum.part != 'label'")
        .mark_bar(cornerRadius=2)
        .encode(
            y=alt.Y("value:Q", axis=beside, scale=alt.Scale(zero=True)),
            y2="top:Q",
            color=theme.colour(),
            tooltip=tips,
        )
    )
    text = (
        base.transform_filter("datum.part == 'label'")
        .mark_text(baseline="bottom", dy=-5, align=FIRST_ALIGN, dx=FIRST_DX, **theme.label(scale))
        .encode(y="value:Q", text="text:N", color=theme.role(theme.TEXT))
    )
    return alt.layer(bars, text).properties(height=height)


def frame(calendar: pd.DataFrame, currency: str = "USD") -> pd.DataFrame:
    """Tidy table from the frame of a `RenewalCalendar`; the highest month carries its amount."""
    rows, wall = [], calendar["mrr"].idxmax() if len(calendar) else None
    for order, (at, one) in enumerate(calendar.iterrows()):
        name = (
            words.month(one["month"], short=True) if one["month"] else f"in {words.months(int(one['ahead']))}"
        )
        mrr, goes = float(one["mrr"]), float(one["mrr_leaving"])
        who = words.count(one["customers"])
        same = {"order": order, "name": name, "text": "", "who": who}
        parts = ((STAYS, theme.GAIN, 0.0, mrr - goes), (GOES, theme.LOSS, mrr - goes, mrr))
        rows += [{**same, "part": part, "role": role, "value": low, "top": high,
                  "money": words.money(high - low, currency)} for part, role, low, high in parts]  # fmt: skip
        if at == wall and mrr > 0:
            label = {"part": "label", "role": theme.TEXT, "value": mrr, "top": mrr, "money": ""}
            rows.append({**same, **label, "text": words.money(mrr, currency)})
            rows.append({**same, **label, "value": ROOF * mrr, "top": ROOF * mrr})  # room for the label
    return pd.DataFrame(rows, columns=COLUMNS)


def table(calendar: pd.DataFrame) -> pd.DataFrame:
    names = {"month": "Month", "ahead": "Months ahead", "customers": "Customers", "mrr": "MRR to renew",
             "leaving": "Customers expected to go", "mrr_leaving": "MRR expected to go"}  # fmt: skip
    shown = calendar if calendar["month"].any() else calendar.drop(columns="month")
    return shown[[name for name in names if name in shown]].rename(columns=names)


FORMATS = {"MRR to renew": "%,.0f", "MRR expected to go": "%,.0f", "Customers expected to go": "%,.1f"}


def example() -> pd.DataFrame:
    months = [f"2026-{m:02d}" for m in range(1, 13)]
    mrr = [40e3, 38e3, 90e3, 22e3, 18e3, 30e3, 25e3, 20e3, 45e3, 31e3, 28e3, 60e3]
    own = {"month": months, "ahead": range(1, 13), "customers": 80, "mrr": mrr}
    return frame(pd.DataFrame(own).assign(leaving=8.0, mrr_leaving=[0.12 * m for m in mrr]))


CHART = Chart("renewal_wall", "MRR to renew by month", COLUMNS, build, example, height=300)
