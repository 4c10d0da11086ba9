"""One look for every chart: colour tokens, roles and the settings all builders share.

A spec names colours by their place in the theme's category range, never by value. So one spec serves light
and dark, stays the same between two moves of a lever, and the browser swaps data only. Where there is no
theme around the chart (a notebook, a picture file), `themed(spec, LIGHT)` writes the tokens in.
"""

import textwrap
from dataclasses import dataclass

import altair as alt


@dataclass(frozen=True)
class Tokens:
    """Colours of one appearance; .streamlit/config.toml carries the same values (held by a test)."""

    background: str
    panel: str
    text: str
    muted: str
    grid: str
    primary: str
    categorical: tuple[str, ...]
    baseline: str
    sequential: tuple[str, ...]

    @property
    def category(self) -> list[str]:
        """The range a spec picks from by place: five series, the baseline's grey, the text's colour."""
        return [*self.categorical, self.baseline, self.text]

    @property
    def gain(self) -> str:
        return self.categorical[0]

    @property
    def loss(self) -> str:
        return self.categorical[1]


LIGHT = Tokens(
    background="#FFFFFF",
    panel="#F4F6F9",
    text="#0F1720",
    muted="#5F6672",
    grid="#D5DBE3",
    primary="#0A5CB0",
    categorical=("#0B6BCB", "#C2410C", "#00A087", "#4B1D6E", "#B58900"),
    baseline="#6B7280",
    sequential=(
        "#F2F7FD",
        "#DCEAF8",
        "#C2DAF2",
        "#A3C6EA",
        "#80AFE0",
        "#5B96D3",
        "#3A7DC4",
        "#2265AE",
        "#134D8E",
        "#0A366A",
    ),
)
DARK = Tokens(
    background="#0E1726",
    panel="#182235",
    text="#E8EDF4",
    muted="#A3ADBD",
    grid="#33415A",
    primary="#8AC3FA",
    categorical=("#60A5FA", "#F97316", "#5EEAD4", "#FEF08A", "#8B5CF6"),
    baseline="#94A3B8",
    sequential=(
        "#132238",
        "#173052",
        "#1C416F",
        "#22558F",
        "#2B6BAE",
        "#3B83C8",
        "#5A9DDB",
        "#80B7EA",
        "#ABD1F4",
        "#D9EBFB",
    ),
)

# What a mark stands for. The place in this tuple is the place in `Tokens.category`.
ROLES = ("scenario", "loss", "third", "fourth", "fifth", "baseline", "text")
SERIES = ROLES[:5]
GAIN, LOSS, BASELINE, TEXT = "scenario", "loss", "baseline", "text"
BAND_OPACITY = 0.16


def colour(field: str = "role") -> alt.Color:
    """Colour by role. The scale has a domain and no range: the range is the theme's."""
    return alt.Color(f"{field}:N", scale=alt.Scale(domain=list(ROLES)), legend=None)


def role(name: str) -> alt.ColorDatum:
    """The colour of one role for a whole layer; it takes the scale that `colour` sets for the chart."""
    return alt.ColorDatum(name, type="nominal")


def month_axis(title: str, scale: float) -> alt.Axis:
    """Whole months: a tick every 6, from five years on every 12."""
    ticks = alt.ExprRef(
        "sequence(0, domain('x')[1] + 0.5, domain('x')[1] > 48 ? 12 : domain('x')[1] > 12 ? 6 : 1)"
    )
    return alt.Axis(
        title=title, values=ticks, grid=False, format="d", domain=True, tickSize=0, **_sizes(scale)
    )


def value_axis(scale: float, title: str | None = None, **more) -> alt.Axis:
    return alt.Axis(title=title, grid=True, tickCount=5, labelFlush=False, **_sizes(scale), **more)


# What stands in a built spec where the viewer's locale and the currency of the data decide: see `Chart.spec`.
SHORT_NUMBER, SHORT_MONEY = "'short number'", "'short money'"
PHONE, BESIDE = 600, 110  # a window narrower than this; pixels that names beside a plot may take there
AXES = 66  # pixels of the given height that axis labels and title take


def _sizes(scale: float) -> dict:
    return {"labelFontSize": 12 * scale, "titleFontSize": 12 * scale, "labelPadding": 6 * scale}


def on_a_phone(small: float, usual: float) -> alt.ExprRef:
    """One number for a narrow window, another for the rest."""
    return alt.ExprRef(str(alt.expr.if_(alt.expr.windowSize()[0] < PHONE, float(small), float(usual))))


def label(scale: float, **more) -> dict:
    """Settings of text marks: the size of the axis labels, half bold; the theme brings the family."""
    return {"fontSize": 13 * scale, "fontWeight": 600, **more}


def themed(spec: dict, tokens: Tokens) -> dict:
    """The spec with the tokens written in, for a place without the app's theme around it.

    >>> themed({"config": {}}, LIGHT)["config"]["range"]["category"][0]
    '#0B6BCB'
    """
    config = {
        "font": "Source Sans Pro, Source Sans 3, sans-serif",
        "background": tokens.background,
        "view": {"stroke": None},
        "axis": {
            "labelColor": tokens.muted,
            "titleColor": tokens.muted,
            "gridColor": tokens.grid,
            "domainColor": tokens.grid,
            "domain": False,
            "ticks": False,
            "titleFontWeight": "normal",
        },
        "range": {
            "category": tokens.category,
            "ramp": list(tokens.sequential),
            "heatmap": list(tokens.sequential),
        },
    }
    return {**spec, "config": {**config, **spec.get("config", {})}}


# Words with a break at every line, as `lines` sets them: one line each where there is room.
LINES_ON_A_PHONE = f"windowSize()[0] < {PHONE} ? split(datum.label, '\\n') : replace(datum.label, /\\n/g, ' ')"


def lines(name: str, width: int = 14) -> str:
    """A name in lines of so many letters, so that it can be read where there is no room for it in one."""
    return textwrap.fill(name, width, break_long_words=False) or name


def names_down(size: float, widest: float, said: str = "datum.label", phone: float = 0.0) -> alt.Y:
    """The left side of a chart with one row per name, in the table's order: no line, names cut at `widest` pixels, on a
    phone sooner.

    said: the words of a row, a Vega expression of ours; phone: their size there, where it is another
    """
    axis = alt.Axis(title=None, labelFontSize=on_a_phone(phone or size, size), labelLimit=on_a_phone(min(BESIDE, widest), widest),
                    domain=False, labelPadding=10, labelFlush=False, labelExpr=said)  # fmt: skip
    return alt.Y("name:N", sort=alt.SortField("order"), axis=axis)
