"""What each decision brings: alone, as its fair share, and added last; far apart where decisions overlap."""

from textwrap import fill

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("order", "name", "place", "kind", "value", "role", "text", "side", "amount", "reach")
KINDS = (("alone", "alone", theme.BASELINE), ("shapley", "fair share", theme.GAIN), ("last", "added last", "third"))
ROW = 78
WIDE = 24  # letters of a decision's name on one line
NARROW = 330  # pixels of the plot
ROOM = 0.45  # of the plot, for the words beyond the longest bar


def build(height: float, scale: float) -> alt.LayerChart:
    names = theme.names_down(13 * scale, 200 * scale, "split(datum.label, '\\n')").sort(alt.EncodingSortField("order", op="min"))
    base = alt.Chart(alt.NamedData(name="table")).encode(names, yOffset=alt.YOffset("place:O"))
    money = alt.Axis(
        title=None, grid=True, tickCount=5, labelExpr=theme.SHORT_MONEY, labelFontSize=12 * scale
    )
    across = alt.X("value:Q", axis=money, scale=alt.Scale(zero=True, nice=True))
    tips = [
        alt.Tooltip("name:N", title="Decision"),
        alt.Tooltip("kind:N", title="Counted"),
        alt.Tooltip("text:N", title="Money"),
    ]
    bars = base.mark_bar(cornerRadius=2).encode(across, color=theme.colour(), tooltip=tips)
    # On a phone there is no room for the words: the amount alone, told by its colour and in the table.
    texts = [
        base.transform_filter(f"datum.side == '{side}'")
        .mark_text(align=align, dx=dx * scale, fontSize=12 * scale, opacity=alt.ExprRef(f"width {wide} {NARROW} ? 1 : 0"))
        .encode(x="value:Q", text=f"{field}:N", color=theme.role(theme.TEXT))
        for side, align, dx in (("left", "right", -6), ("right", "left", 6))
        for field, wide in (("text", ">="), ("amount", "<"))
    ]
    ground = (
        alt.Chart(alt.NamedData(name="table"))
        .transform_calculate(zero="0")
        .mark_rule(strokeWidth=1.5 * scale)
        .encode(x="zero:Q", color=theme.role(theme.TEXT))
    )
    room = base.mark_point(opacity=0, size=0).encode(x="reach:Q")
    return alt.layer(bars, ground, *texts, room).properties(height=height)


def frame(steps, titles: dict[str, str] | None = None, currency: str = "USD") -> pd.DataFrame:
    """Tidy table from the steps of `Change.attribution()` (name, alone, shapley, last); titles: name -> words on screen."""
    values = [getattr(step, kind) for step in steps for kind, _, _ in KINDS] or [0.0]
    room, cents = ROOM * ((max(*values, 0.0) - min(*values, 0.0)) or 1.0), words.share_cents(*values)
    rows = []
    for order, step in enumerate(steps):
        for place, (kind, said, role) in enumerate(KINDS):
            value = float(getattr(step, kind))
            rows.append({
                "order": order, "name": fill((titles or {}).get(step.name, step.name), WIDE), "place": place, "kind": said,
                "value": value, "role": role, "side": "left" if value < 0 else "right",
                "text": f"{said} {words.money(value, currency, sign=True, cents=cents)}",
                "amount": words.money(value, currency, sign=True, cents=cents),
                "reach": value - room if value < 0 else value + room})  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def height(frame: pd.DataFrame) -> int:
    return max(1, frame["name"].nunique()) * ROW + theme.AXES


def table(found, titles: dict[str, str] | None = None, currency: str = "USD") -> pd.DataFrame:
    """A row per decision, then the sums and what overlaps, from a `Change.attribution()`."""
    named = titles or {}
    steps = [(named.get(step.name, step.name), step.alone, step.shapley, step.last) for step in found.steps]
    sums = [("All together", None, found.combined, None), ("Sum of each alone", found.sum_alone, None, None),
            ("Overlap", found.overlap, None, None)]  # fmt: skip
    return pd.DataFrame([
        {"Decision": name, **{head: "" if value is None else words.money(value, currency, sign=True)
                              for head, value in (("Alone", alone), ("Fair share", share), ("Added last", last))}}
        for name, alone, share, last in (*steps, *sums)])  # fmt: skip


def alt_text(found, titles: dict[str, str] | None = None, currency: str = "USD") -> str:
    """The bars for somebody who cannot see them."""
    every = [amount for s in found.steps for amount in (s.alone, s.shapley, s.last)]
    cents = words.share_cents(found.combined, found.overlap, *every)

    def said(value: float) -> str:
        return words.money(value, currency, sign=True, cents=cents)

    parts = [f"{(titles or {}).get(s.name, s.name)} alone {said(s.alone)}, fair share {said(s.shapley)}, "
             f"added last {said(s.last)}" for s in found.steps]
    return f"{'; '.join(parts) or 'No decision'}. Together {said(found.combined)}, overlap {said(found.overlap)}."


class _Step:
    """A step as far as the drawing knows it."""

    def __init__(self, name, alone, shapley, last):
        self.name, self.alone, self.shapley, self.last = name, alone, shapley, last


def example() -> pd.DataFrame:
    return frame([_Step("Price increase", 52.92, 63.74, 74.64), _Step("Annual billing", 14.11, 6.99, -1.19)])


CHART = Chart("attribution", "What each decision brings", COLUMNS, build, example, height=2 * ROW + theme.AXES)
