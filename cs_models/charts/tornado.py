"""The tornado: each belief at its low and its high, the widest first; a bar that crosses zero turns the answer."""

import re
from collections import Counter

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "order", "name", "start", "end", "role", "text", "said", "side", "money", "reach")
ROW = 44
MOST = 10  # beliefs shown; the table has all
PHONE, SHORT = 12, 10  # size of the letters there; letters in a line of a value, beside which bars stand
ROOM = 0.3  # of the bars' width on each side, at least, for the values at the ends
LETTER, MOST_ROOM = 0.02, 0.3  # of the plot that a letter of a value takes at its largest, and that all of them may
OF_WHAT = re.compile(" per |, ")  # what follows in the words of a value stands in its tip and its table


def build(height: float, scale: float) -> alt.LayerChart:
    names = theme.names_down(13 * scale, 240 * scale, theme.LINES_ON_A_PHONE, PHONE)
    base = alt.Chart(alt.NamedData(name="table")).encode(names)
    money = alt.Axis(
        title=None, grid=True, tickCount=5, labelExpr=theme.SHORT_MONEY, labelOverlap=True,
        labelFontSize=theme.on_a_phone(PHONE, 12 * scale),
    )
    across = alt.X("start:Q", axis=money, scale=alt.Scale(zero=True, nice=True))
    bars = base.transform_filter("datum.part == 'bar'")
    tips = [
        alt.Tooltip("name:N", title="Belief"),
        alt.Tooltip("said:N", title="At"),
        alt.Tooltip("money:N", title="The plan then brings"),
    ]
    drawn = bars.mark_bar(height=20 * scale, cornerRadius=2).encode(
        across, x2="end:Q", color=theme.colour(), tooltip=tips
    )
    # The values stand in a column on each side, where no line and no bar runs through them.
    values = [
        bars.transform_filter(f"datum.side == '{side}'")
        .mark_text(align=side, lineBreak="\n", **theme.label(scale, fontSize=theme.on_a_phone(PHONE, 13 * scale)))
        .encode(x="reach:Q", text="text:N", color=theme.role(theme.TEXT))
        for side in ("left", "right")
    ]
    lines = [
        alt.Chart(alt.NamedData(name="table"))
        .transform_filter(f"datum.part == '{part}'")
        .mark_rule(strokeWidth=width * scale, strokeDash=dash)
        .encode(x="start:Q", color=theme.role(theme.TEXT if part == "zero" else theme.BASELINE))
        for part, width, dash in (("zero", 2, [1, 0]), ("now", 1.5, [5, 4]))
    ]
    return alt.layer(*lines, drawn, *values).properties(height=height)


def frame(delta: float, swings, currency: str = "USD", most: int = MOST) -> pd.DataFrame:
    """Tidy table from the answer as set and the swings of `cs.tornado` (label, at_low, at_high and their words).

    Beliefs that move nothing are left out. Empty where none moves anything.
    """
    shown = [one for one in swings if one.width > 0][:most]
    called = _names(shown)
    ends = [delta, 0.0, *(end for one in shown for end in (one.at_low, one.at_high))]
    room = _room(shown) * ((max(ends) - min(ends)) or 1.0)
    cents = words.share_cents(*ends)
    rows = []
    for order, one in enumerate(shown):
        for end, text in ((one.at_low, one.low_words), (one.at_high, one.high_words)):
            left = end < delta or end == delta and (one.at_low + one.at_high) / 2 >= delta
            rows.append({
                "part": "bar", "order": order, "name": theme.lines(called[order]), "start": delta, "end": end,
                "role": theme.LOSS if left else theme.GAIN, "text": _short(text), "said": text, "side": "left" if left else "right",
                "money": words.money(end, currency, sign=True, cents=cents),
                "reach": min(ends) - room if left else max(ends) + room})  # fmt: skip
    for part, place in (("zero", 0.0), ("now", delta)) if rows else ():
        rows.append({"part": part, "order": 0, "name": theme.lines(called[0]), "start": place})
    return pd.DataFrame(rows, columns=COLUMNS)


def _names(swings) -> list[str]:
    """What each belief is called; where two decisions have one of the same name, with its decision."""
    often = Counter(one.label for one in swings)
    return [one.label if often[one.label] == 1 else f"{one.title}: {one.label.lower()}" for one in swings]


def _short(text: str) -> str:
    """A value as far as a chart has room, without what it is of: "1.5 %" of "1.5 % per 1 % of price"."""
    return theme.lines(OF_WHAT.split(text)[0], SHORT)


def _room(swings) -> float:
    """The room beside the bars, as a part of their width, that holds the longest value without touching them."""
    values = "\n".join(_short(text) for one in swings for text in (one.low_words, one.high_words))
    longest = max(map(len, values.split("\n")))
    share = min(LETTER * longest, MOST_ROOM)
    return max(ROOM, share / (1 - 2 * share))


def height(frame: pd.DataFrame) -> int:
    return max(2, frame["name"].nunique()) * ROW + theme.AXES


def table(swings, currency: str = "USD") -> pd.DataFrame:
    cents = words.share_cents(*(end for one in swings for end in (one.at_low, one.at_high)))
    return pd.DataFrame([{
        "Belief": f"{one.title}: {one.label.lower()}", "Low": one.low_words, "High": one.high_words,
        "At its low": words.money(one.at_low, currency, sign=True, cents=cents),
        "At its high": words.money(one.at_high, currency, sign=True, cents=cents),
        "Turns the sign": "yes" if one.flips else "no"} for one in swings])  # fmt: skip


def alt_text(delta: float, swings, currency: str = "USD") -> str:
    """The tornado for somebody who cannot see it."""
    shown = [one for one in swings if one.width > 0][:MOST]
    cents = words.share_cents(delta, *(end for one in shown for end in (one.at_low, one.at_high)))

    def said(value: float) -> str:
        return words.money(value, currency, sign=True, cents=cents)

    parts = [f"{name} from {one.low_words} to {one.high_words}: {said(one.at_low)} to {said(one.at_high)}"
             for name, one in zip(_names(shown), shown)]  # fmt: skip
    return f"As set {said(delta)}. " + ("; ".join(parts) or "No belief moves it.")


class _Swing:
    """A swing as far as the drawing knows it."""

    title, width, flips = "Price increase", 1.0, False

    def __init__(self, label, at_low, at_high, low_words, high_words):
        self.label, self.at_low, self.at_high = label, at_low, at_high
        self.low_words, self.high_words = low_words, high_words


def example() -> pd.DataFrame:
    swings = [_Swing("Leave on the day", 52.0, -18.0, "0.5 %", "6 %"), _Swing("Lasting effect", 48.0, 20.0, "0", "1.5")]
    return frame(40.0, swings)


CHART = Chart("tornado", "What the answer hangs on", COLUMNS, build, example, height=2 * ROW + theme.AXES,
              money=("start", "end", "reach"))
