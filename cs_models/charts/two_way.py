"""The map of two figures: blue where the plan pays, orange where it costs, the line where it breaks even.

Places are drawn from 0 to 1 and their values stand beside them as text: the two figures may be shares, money or
months, and the drawing is the same for all.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "x", "y", "x2", "y2", "role", "strength", "text", "across", "down")
FAINTEST, STRONGEST = 0.12, 0.75
TICKS = 5


def build(height: float, scale: float) -> alt.LayerChart:
    def axis(field, low):
        kind = alt.X if field == "x" else alt.Y
        return kind(f"{field}:Q", axis=None, scale=alt.Scale(domain=[low, 1.02], nice=False, zero=False))

    base = alt.Chart(alt.NamedData(name="table")).encode(axis("x", -0.14), axis("y", -0.2))

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    tips = [
        alt.Tooltip("across:N", title="Across"),
        alt.Tooltip("down:N", title="Up"),
        alt.Tooltip("text:N", title="The plan brings"),
    ]
    shade = alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[FAINTEST, STRONGEST]), legend=None)
    cells = part("cell").mark_rect().encode(
        x2="x2:Q", y2="y2:Q", color=theme.colour(), opacity=shade, tooltip=tips
    )
    line = part("line").mark_rule(strokeWidth=3 * scale, strokeCap="round").encode(
        x2="x2:Q", y2="y2:Q", color=theme.role(theme.TEXT)
    )
    here = part("here").mark_point(filled=True, size=140 * scale, opacity=1, shape="diamond").encode(
        color=theme.role(theme.TEXT), tooltip=tips
    )

    def written(name: str, align: str, baseline: str, **more) -> alt.Chart:
        mark = part(name).mark_text(align=align, baseline=baseline, fontSize=12 * scale, **more)
        return mark.encode(text="text:N", color=theme.role(theme.BASELINE))

    texts = [
        written("tick_across", "center", "top", dy=5 * scale),
        written("tick_down", "right", "middle", dx=-6 * scale),
        written("title_across", "right", "bottom", fontWeight=600),
        written("title_down", "left", "bottom", fontWeight=600, dy=-4 * scale),
    ]
    named = part("here").mark_text(align="left", dx=10 * scale, **theme.label(scale))
    named = named.transform_calculate(now="'now'").encode(text="now:N", color=theme.role(theme.TEXT))
    return alt.layer(cells, line, here, named, *texts).properties(height=height)


def frame(found, currency: str = "USD") -> pd.DataFrame:
    """Tidy table from a `cs.two_way_map`: frame, line, here, labels and kinds of both figures."""
    xs, ys = (np.sort(found.frame[name].unique()) for name in ("across", "down"))
    place = [lambda v, s=s: (v - s[0]) / ((s[-1] - s[0]) or 1.0) for s in (xs, ys)]
    said = [lambda v, k=k: spoken(v, k, currency) for k in (found.kind_across, found.kind_down)]
    most = float(found.frame["delta"].abs().max()) or 1.0
    (left, right), (low, high) = (_edges(place[i](s)) for i, s in enumerate((xs, ys)))
    rows = []
    for cell in found.frame.itertuples():
        if not np.isfinite(cell.delta):
            continue
        i, j = np.searchsorted(xs, cell.across), np.searchsorted(ys, cell.down)
        rows.append({
            "part": "cell", "x": left[i], "x2": right[i], "y": low[j], "y2": high[j],
            "role": theme.GAIN if cell.delta > 0 else theme.LOSS if cell.delta < 0 else theme.BASELINE,
            "strength": abs(cell.delta) / most, "text": words.money(cell.delta, currency, sign=True),
            "across": said[0](cell.across), "down": said[1](cell.down)})  # fmt: skip
    for piece in found.line.itertuples():
        ends = {"x": place[0](piece.across), "x2": place[0](piece.across_to)}
        rows.append({"part": "line", **ends, "y": place[1](piece.down), "y2": place[1](piece.down_to)})
    if np.isfinite(found.here).all():
        x, y = (place[i](v) for i, v in enumerate(found.here))
        rows.append({"part": "here", "x": x, "y": y, "across": said[0](found.here[0]), "down": said[1](found.here[1])})
    for i, (part, values) in enumerate((("tick_across", xs), ("tick_down", ys))):
        for value in values[np.unique(np.linspace(0, len(values) - 1, TICKS).round().astype(int))]:
            at = {"x": place[0](value), "y": low[0]} if i == 0 else {"x": left[0], "y": place[1](value)}
            rows.append({"part": part, **at, "text": said[i](value)})
    rows.append({"part": "title_across", "x": 1.0, "y": -0.2, "text": f"{found.label_across} →"})
    rows.append({"part": "title_down", "x": -0.14, "y": 1.02, "text": f"↑ {found.label_down}"})
    return pd.DataFrame(rows, columns=COLUMNS)


def _edges(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the cells round these places begin and end, within 0 and 1."""
    middle = (at[1:] + at[:-1]) / 2
    return np.concatenate([[at[0]], middle]), np.concatenate([middle, [at[-1]]])


def spoken(value: float, kind: str, currency: str = "USD") -> str:
    """A value of a figure of this kind: "16.7%", "$4.00", "12", "0.6"."""
    if kind == "share":
        return words.percent(value, 1, tight=True).replace(".0%", "%")
    if kind == "money":
        return words.money(value, currency)
    return f"{value:.0f}" if kind == "months" else f"{value:.2g}".replace("-", words.MINUS)


def table(found, currency: str = "USD") -> pd.DataFrame:
    """A row per value of the figure going up, a column per value of the one going across."""
    wide = found.frame.pivot(index="down", columns="across", values="delta")
    out = wide.map(lambda value: words.money(value, currency, sign=True))
    out.columns = [spoken(value, found.kind_across, currency) for value in wide.columns]
    out.insert(0, f"{found.label_down}, by {found.label_across.lower()}",
               [spoken(value, found.kind_down, currency) for value in wide.index])  # fmt: skip
    return out.reset_index(drop=True)


def alt_text(found, currency: str = "USD") -> str:
    """The map for somebody who cannot see it."""
    best, worst = found.frame.loc[found.frame["delta"].idxmax()], found.frame.loc[found.frame["delta"].idxmin()]

    def at(row):
        return (f"{words.money(row['delta'], currency, sign=True)} at {spoken(row['across'], found.kind_across, currency)} "
                f"and {spoken(row['down'], found.kind_down, currency)}")

    return (f"{found.label_across} across, {found.label_down.lower()} upwards: from {at(worst)} to {at(best)}. "
            f"{found.sentence}")


class _Map:
    """A map as far as the drawing knows it."""

    label_across, label_down, kind_across, kind_down = "Price rise", "Leave on the day", "share", "share"
    here, sentence = (0.1, 0.05), ""
    line = pd.DataFrame({"across": [0.0, 0.1], "down": [0.0, 0.1], "across_to": [0.1, 0.2], "down_to": [0.1, 0.2]})
    frame = pd.DataFrame([{"across": x, "down": y, "delta": x - y} for y in (0.0, 0.1, 0.2) for x in (0.0, 0.1, 0.2)])


def example() -> pd.DataFrame:
    return frame(_Map)


CHART = Chart("two_way", "Where the plan pays", COLUMNS, build, example, height=360)
