"""Four groups of customers: the share of customers beside the share of value, a pair of bars each."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("order", "name", "role", "part", "value", "text", "reach")
PARTS = {"customers": ("Customers", theme.BASELINE), "residual": ("Value", theme.GAIN)}
ROW = 58


def build(height: float, scale: float) -> alt.LayerChart:
    told = " : ".join(f"datum.label == '{role}' ? '{name}'" for name, role in PARTS.values())
    colour = theme.colour()
    colour.legend = alt.Legend(
        title=None, orient="top", values=[role for _, role in PARTS.values()], labelExpr=f"{told} : ''",
        labelFontSize=12 * scale, symbolType="square", symbolSize=110 * scale, labelLimit=0, columns=2,
    )  # fmt: skip
    across = alt.X("value:Q", axis=theme.value_axis(scale, format=".0%"), scale=alt.Scale(zero=True), stack=None)
    down = theme.names_down(13 * scale, 140 * scale)
    down.sort = alt.EncodingSortField("order", op="min")  # two rows a name; bars would be put in order of their sums
    beside = alt.YOffset("part:N", sort=[part for part, _ in PARTS.values()])
    base = alt.Chart(alt.NamedData(name="table")).encode(down, across, beside)
    tips = [alt.Tooltip("name:N", title="Group"), alt.Tooltip("part:N", title="Share of"),
            alt.Tooltip("text:N", title="Share")]  # fmt: skip
    bars = base.mark_bar().encode(color=colour, tooltip=tips)
    text = base.mark_text(align="left", dx=6 * scale, **theme.label(scale)).encode(
        text="text:N", color=theme.role(theme.TEXT))  # fmt: skip
    room = base.mark_point(opacity=0, size=0).encode(x="reach:Q")
    return alt.layer(bars, text, room).properties(height=height)


def frame(table: pd.DataFrame, titles: dict[str, str]) -> pd.DataFrame:
    """Tidy table from `FourGroups.table` and the names of the groups."""
    rows = []
    whole = {key: table[key].sum() for key in PARTS}
    for order, group in enumerate(table.to_dict("records")):
        for key, (part, role) in PARTS.items():
            share = group[key] / whole[key] if whole[key] else 0.0
            rows.append((order, titles[group["group"]], role, part, share, words.percent(share, 0)))
    found = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    return found.assign(reach=found["value"].max() * 1.15)


def example() -> pd.DataFrame:
    table = pd.DataFrame({"group": ["vip", "core"], "customers": [20.0, 80.0], "residual": [700.0, 300.0]})
    return frame(table, {"vip": "VIP", "core": "Core"})


CHART = Chart("group_shares", "Customers and value by group", COLUMNS, build, example, height=4 * ROW + theme.AXES)
