"""Lines by month with a band, points with an interval, thin lines behind, a level across: one build for
several charts.
"""

import altair as alt

from cs_models.charts import theme

COLUMNS = ("part", "role", "name", "month", "value", "low", "high", "text")


def build(height: float, scale: float, month: str, value: str, form: str) -> alt.LayerChart:
    """Layers, back to front. `part` says what a row is: thin, line, point, level or end.

    `month`: title of the axis; `value`: what the number is called on hover; `form`: its format (".0%").
    """
    across = alt.X(
        "month:Q", scale=alt.Scale(nice=False, zero=True), axis=theme.month_axis(month, scale)
    )
    labels = {"format": form} if form else {"labelExpr": theme.SHORT_MONEY}
    axis = theme.value_axis(scale, **labels)
    base = alt.Chart(alt.NamedData(name="table")).encode(
        across, alt.Y("value:Q", scale=alt.Scale(zero=True), axis=axis)
    )
    tips = [
        alt.Tooltip("name:N", title="Who"),
        alt.Tooltip("month:Q", title="Month"),
        alt.Tooltip("text:N", title=value),
    ]

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    thin = part("thin").mark_line(strokeWidth=1 * scale, opacity=0.28)
    band = part("line").mark_area(opacity=theme.BAND_OPACITY)
    line = part("line").mark_line(strokeWidth=2.5 * scale)
    span = part("point").mark_rule(strokeWidth=4 * scale, strokeCap="round", opacity=0.35)
    point = part("point").mark_point(filled=True, size=70 * scale, opacity=1)
    level = part("level").mark_rule(strokeWidth=2 * scale, strokeDash=[6, 4])
    told = part("level").mark_text(align="right", baseline="bottom", dx=-6, dy=-4, **theme.label(scale))
    ends = part("end").mark_text(align="left", dx=8, **theme.label(scale))
    nowhere = {"x": alt.value(0)}
    layers = [
        thin.encode(color=theme.colour(), detail="name:N", tooltip=tips),
        band.encode(y="low:Q", y2="high:Q", color=theme.colour(), detail="name:N"),
        span.encode(y="low:Q", y2="high:Q", color=theme.colour()),
        line.encode(color=theme.colour(), detail="name:N", tooltip=tips),
        point.encode(color=theme.colour(), tooltip=tips),
        level.encode(**nowhere, x2=alt.value("width"), color=theme.colour()),
        told.encode(x=alt.value("width"), text="text:N", color=theme.colour()),
        ends.encode(text="text:N", color=theme.colour()),
    ]
    return alt.layer(*layers).properties(height=height)
