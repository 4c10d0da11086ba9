"""The bridge: from today's value to the scenario's, one bar per decision; the steps sum to the difference.

Totals are grey, what adds is blue, what costs is orange, and every bar carries its number.
"""

import altair as alt
import pandas as pd

from cs_models import sums, words
from cs_models.charts import Chart, theme

COLUMNS = ("step", "label", "start", "end", "top", "reach", "role", "text")
WIDE, NARROW, MANY = 16, 10, 3  # letters of a line under a bar; from so many bars on they stand close
PHONE, FULL = 11, "length(domain('x')) > 4"  # size of the letters there; bars whose names stand upright there
STEEP = f"windowSize()[0] < {theme.PHONE} && {FULL}"
ROOM_OF_A_BAR = "width / length(domain('x'))"
LEAST = 66  # pixels a bar needs for its name side by side with the others
CLOSE = 50  # and for its number; with less it stands upright
CROWD = 7  # decisions that need the whole width of a page
ROOM, UPRIGHT_ROOM = 0.12, 0.3  # of the plot, above the highest bar: its number stands there


def build(height: float, scale: float) -> alt.LayerChart:
    upright = f"({STEEP}) || {ROOM_OF_A_BAR} < {LEAST * scale}"
    close = f"{ROOM_OF_A_BAR} < {CLOSE * scale}"
    steps = alt.X(
        "label:N",
        sort=alt.SortField("step"),
        axis=alt.Axis(
            title=None,
            labelExpr="split(datum.value, '\\n')",
            labelFontSize=theme.on_a_phone(PHONE, 12 * scale),
            labelAngle=alt.ExprRef(f"{upright} ? -90 : 0"),
            labelAlign=alt.ExprRef(f"{upright} ? 'right' : 'center'"),
            labelBaseline=alt.ExprRef(f"{upright} ? 'middle' : 'top'"),
            labelLimit=160 * scale,
            labelPadding=8 * scale,
            labelOverlap=False,
            domain=True,
        ),
    )
    base = alt.Chart(alt.NamedData(name="table")).encode(steps)
    value = alt.Y("start:Q", axis=None, scale=alt.Scale(zero=True, nice=True))
    tips = [alt.Tooltip("label:N", title="Step"), alt.Tooltip("text:N", title="Money")]
    bars = base.mark_bar(cornerRadius=2, width=alt.RelativeBandSize(0.6)).encode(
        value, y2="end:Q", color=theme.colour(), tooltip=tips
    )
    numbers = base.mark_text(
        angle=alt.ExprRef(f"{close} ? -90 : 0"),
        align=alt.ExprRef(f"{close} ? 'left' : 'center'"),
        baseline=alt.ExprRef(f"{close} ? 'middle' : 'bottom'"),
        dx=alt.ExprRef(f"{close} ? {6 * scale} : 0"),
        dy=alt.ExprRef(f"{close} ? 0 : -{6 * scale}"),
        **theme.label(scale, fontSize=theme.on_a_phone(PHONE, 13 * scale)),
    ).encode(
        y=alt.Y("top:Q", axis=None), text="text:N", color=theme.role(theme.TEXT)
    )
    ground = (
        alt.Chart(alt.NamedData(name="table"))
        .transform_calculate(zero="0")
        .mark_rule(opacity=0.5)
        .encode(y=alt.Y("zero:Q", axis=None), color=theme.role(theme.BASELINE))
    )
    # Labels of two or three lines make the plot lower; the room above grows with the scale, not with it.
    room = base.mark_point(opacity=0, size=0).encode(y=alt.Y("reach:Q", axis=None))
    return alt.layer(ground, bars, numbers, room).properties(height=height)


def frame(before: float, steps: dict[str, float], after: float, currency: str = "USD") -> pd.DataFrame:
    """Tidy table: today, each step in the order given, the scenario.

    `after` must be before plus the steps, to a cent per step; a bridge that does not close raises.
    """
    if abs(before + sum(steps.values()) - after) > 0.01 * (len(steps) + 1) + 1e-9 * abs(after):
        raise ValueError("The steps of the bridge do not sum to the difference.")
    texts = _texts(before, steps, after, currency)
    rows = [_bar("Today", 0.0, before, theme.BASELINE, texts[0])]
    level = before
    for (name, change), text in zip(steps.items(), texts[1:]):
        role = theme.GAIN if change >= 0 else theme.LOSS
        rows.append(
            _bar(
                theme.lines(name, WIDE if len(steps) < MANY else NARROW),
                level,
                level + change,
                role,
                text,
            )
        )
        level += change
    rows.append(_bar("Scenario", 0.0, after, theme.BASELINE, texts[-1]))
    out = pd.DataFrame(rows)
    out.insert(0, "step", range(len(out)))
    low = min(0.0, out["start"].min(), out["end"].min())
    high = max(0.0, out["top"].max())
    out["reach"] = high + (ROOM if len(steps) < CROWD else UPRIGHT_ROOM) * (high - low)
    return out[list(COLUMNS)]


def _bar(label: str, start: float, end: float, role: str, text: str) -> dict:
    return {"label": label, "start": start, "end": end, "top": max(start, end), "role": role, "text": text}


def table(before: float, steps: dict[str, float], after: float, currency: str = "USD") -> pd.DataFrame:
    return pd.DataFrame({"Step": ["Today", *steps, "Scenario"], "Money": _texts(before, steps, after, currency)})


def _texts(before: float, steps: dict[str, float], after: float, currency: str) -> list[str]:
    """What stands on the bars: the steps add up to the change as it is written, and that to the level after."""
    cents = max(abs(before), abs(after)) < words.CENTS_BELOW
    shown = sums.parts_of(steps.values(), None, currency, cents)
    changes = [words.money(step, currency, sign=True, cents=cents) for step in shown]
    levels = (words.money(level, currency, cents=cents) for level in (before, sums.level_after(before, after, currency, cents)))
    return [next(levels), *changes, next(levels)]


def example() -> pd.DataFrame:
    return frame(1840, {"Annual billing": 212, "Price increase": -64}, 1988)


CHART = Chart("bridge", "What each decision adds", COLUMNS, build, example, height=320,
              money=("start", "end", "top", "reach"))
