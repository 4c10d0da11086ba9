"""What each decision brings: alone, as its fair share, and added last; far apart where decisions overlap."""

from textwrap import fill

import altair as alt
import pandas as pd

from cs_models import sums, words
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
    room, cents = ROOM * ((max(*values, 0.0) - min(*values, 0.0)) or 1.0), _cents(steps)
    alone, shares = _shown(steps, currency, cents)
    rows = []
    for order, step in enumerate(steps):
        for place, (kind, said, role) in enumerate(KINDS):
            value = float(getattr(step, kind))
            shown = {"alone": alone, "shapley": shares}[kind][order] if kind != "last" else value
            rows.append({
                "order": order, "name": fill((titles or {}).get(step.name, step.name), WIDE), "place": place, "kind": said,
                "value": value, "role": role, "side": "left" if value < 0 else "right",
                "text": f"{said} {words.money(shown, currency, sign=True, cents=cents)}",
                "amount": words.money(shown, currency, sign=True, cents=cents),
                "reach": value - room if value < 0 else value + room})  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def height(frame: pd.DataFrame) -> int:
    return max(1, frame["name"].nunique()) * ROW + theme.AXES


def table(found, titles: dict[str, str] | None = None, currency: str = "USD") -> pd.DataFrame:
    """A row per decision, then the sums and what overlaps, from a `Change.attribution()`."""
    named, cents = titles or {}, _cents(found.steps)
    alone, shares = _shown(found.steps, currency, cents)
    together, gap = sums.parts_of([found.combined, found.overlap], found.sum_alone, currency, cents)
    steps = [(named.get(step.name, step.name), one, share, step.last) for step, one, share in zip(found.steps, alone, shares)]
    totals = [("All together", None, together, None), ("Sum of each alone", together + gap, None, None),
              ("Overlap", gap, None, None)]  # fmt: skip
    return pd.DataFrame([
        {"Decision": name, **{head: "" if value is None else words.money(value, currency, sign=True, cents=cents)
                              for head, value in (("Alone", alone), ("Fair share", share), ("Added last", last))}}
        for name, alone, share, last in (*steps, *totals)])  # fmt: skip


def _cents(steps) -> bool:
    """Whether amounts are written with cents: where they and their sums are, as what is shown adds up to those."""
    amounts = {kind: [getattr(step, kind) for step in steps] for kind, _, _ in KINDS}
    return words.share_cents(sum(amounts["alone"]), sum(amounts["shapley"]), *(one for held in amounts.values() for one in held))


def _shown(steps, currency: str, cents: bool) -> list[list[float]]:
    """Each decision alone, and its fair share, as they are written: they add up to their sums."""
    return [sums.parts_of([getattr(step, kind) for step in steps], None, currency, cents) for kind in ("alone", "shapley")]


def alt_text(found, titles: dict[str, str] | None = None, currency: str = "USD") -> str:
    """The bars for somebody who cannot see them."""
    cents = _cents(found.steps)
    alone, shares = _shown(found.steps, currency, cents)
    together, gap = sums.parts_of([found.combined, found.overlap], found.sum_alone, currency, cents)

    def said(value: float) -> str:
        return words.money(value, currency, sign=True, cents=cents)

    parts = [f"{(titles or {}).get(s.name, s.name)} alone {said(one)}, fair share {said(share)}, "
             f"added last {said(s.last)}" for s, one, share in zip(found.steps, alone, shares)]
    return f"{'; '.join(parts) or 'No decision'}. Together {said(together)}, overlap {said(gap)}."


class _Step:
    """A step as far as the drawing knows it."""

    def __init__(self, name, alone, shapley, last):
        self.name, self.alone, self.shapley, self.last = name, alone, shapley, last


def example() -> pd.DataFrame:
    return frame([_Step("Price increase", 52.92, 63.74, 74.64), _Step("Annual billing", 14.11, 6.99, -1.19)])


CHART = Chart("attribution", "What each decision brings", COLUMNS, build, example, height=2 * ROW + theme.AXES)
