"""Recurring revenue at the end of each year: who was there before, what they added, what is new."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "order", "year", "role", "name", "low", "high", "text")
PARTS = {"kept": ("Earlier customers, kept", theme.GAIN), "added": ("Expansion and returns", "third"),
         "new": ("New in the year", "fourth")}  # fmt: skip
FORMATS = dict.fromkeys(("At start", "Lost", "Smaller plans", "Expansion", "Returned", "New", "At end"), "%,.2f")


def build(height: float, scale: float) -> alt.LayerChart:
    across = alt.Axis(title=None, labelFontSize=12 * scale, labelAngle=0, domain=False, labelPadding=6 * scale)
    told = " : ".join(f"datum.label == '{role}' ? '{name}'" for name, role in PARTS.values())
    colour = theme.colour()
    colour.legend = alt.Legend(
        title=None, orient="top", values=[role for _, role in PARTS.values()], labelExpr=f"{told} : ''",
        labelFontSize=12 * scale, symbolType="square", symbolSize=110 * scale, labelLimit=0, columns=2,
    )  # fmt: skip
    tips = [alt.Tooltip("year:N", title="Year"), alt.Tooltip("name:N", title="What"), alt.Tooltip("text:N", title="MRR")]
    money = theme.value_axis(scale, labelExpr=theme.SHORT_MONEY)
    base = alt.Chart(alt.NamedData(name="table")).encode(
        alt.X("year:N", sort=alt.SortField("order"), axis=across),
        alt.Y("low:Q", scale=alt.Scale(zero=True, nice=True), axis=money),
    )
    bars = base.transform_filter("datum.part == 'bar'").mark_bar(width=alt.RelativeBandSize(0.7))
    total = base.transform_filter("datum.part == 'total'").mark_text(baseline="bottom", dy=-5, **theme.label(scale))
    return alt.layer(
        bars.encode(y2="high:Q", color=colour, tooltip=tips),
        total.encode(text="text:N", color=theme.role(theme.TEXT)),
    ).properties(height=height)


def frame(years: pd.DataFrame, currency: str = "USD") -> pd.DataFrame:
    """Tidy table from `Growth.years`: the three parts of each closing, one on the other, and their sum."""
    rows = []
    for order, year in enumerate(years.to_dict("records")):
        parts = {"kept": year["kept"], "added": year["earlier"] - year["kept"], "new": year["new"]}
        low = 0.0
        for key, amount in parts.items():
            name, role = PARTS[key]
            said = words.money(amount, currency)
            rows.append(("bar", order, str(year["year"]), role, name, low, low + amount, said))
            low += amount
        rows.append(("total", order, str(year["year"]), theme.TEXT, "At end", low, low, words.money(low, currency)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def table(years: pd.DataFrame) -> pd.DataFrame:
    """The whole bridge by year."""
    names = {"year": "Year", "opening": "At start", "lost": "Lost", "contraction": "Smaller plans",
             "expansion": "Expansion", "returned": "Returned", "new": "New", "closing": "At end"}  # fmt: skip
    shown = years[list(names)].rename(columns=names)
    return shown.assign(Year=shown["Year"].astype(str))


def example() -> pd.DataFrame:
    return frame(pd.DataFrame({"year": [2024, 2025], "kept": [0.0, 80_000.0], "earlier": [0.0, 95_000.0],
                               "new": [100_000.0, 60_000.0]}))  # fmt: skip


CHART = Chart("year_sources", "Where growth comes from", COLUMNS, build, example, height=320)
