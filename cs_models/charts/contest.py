"""What each plan has added so far, month by month: where lines cross, another plan takes the lead.

The line at month H is the difference to today over a horizon of H months, so one picture holds every horizon.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme
from cs_models.charts.lines import end_labels, thin

COLUMNS = ("part", "role", "name", "month", "value", "text")
ROLES = (*theme.SERIES, theme.TEXT)
LONGEST = 26  # letters of a name at the end of a line


def build(height: float, scale: float) -> alt.LayerChart:
    month = alt.X("month:Q", scale=alt.Scale(nice=False, zero=True), axis=theme.month_axis("Months from today", scale))
    axis = theme.value_axis(scale, labelExpr=theme.SHORT_MONEY)
    value = alt.Y("value:Q", scale=alt.Scale(zero=True, nice=True), axis=axis)
    tips = [alt.Tooltip("name:N", title="Plan"), alt.Tooltip("month:Q", title="Months"),
            alt.Tooltip("text:N", title="Added so far")]  # fmt: skip
    base = alt.Chart(alt.NamedData(name="table")).encode(month, value, color=theme.colour())

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    layers = [
        part("today").mark_line(strokeWidth=2 * scale, strokeDash=[7, 5]),
        part("line").mark_line(strokeWidth=2.5 * scale).encode(detail="name:N", tooltip=tips),
        part("end").mark_text(align="left", dx=8, **theme.label(scale)).encode(text="text:N"),
    ]
    return alt.layer(*layers).properties(height=height)


def frame(names, gains: np.ndarray, currency: str = "USD", height: float = 360) -> pd.DataFrame:
    """Tidy table from the names of the plans and their running sums (plans, months); today's way is the line at 0."""
    last, rows, ends = gains.shape[1], [], []
    for role, name, sums in zip(ROLES, names, gains):
        line = [0.0, *sums]
        rows += [_row("line", role, name, month, line[month], words.money(line[month], currency, sign=True))
                 for month in thin(0, last)]  # fmt: skip
        short = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
        ends.append((role, name, last, float(sums[-1]), words.plain(f"{short} {words.money(sums[-1], currency, sign=True)}")))
    rows += [_row("today", theme.BASELINE, "Today", month, 0.0, "") for month in (0, last)]
    ends.append((theme.BASELINE, "Today", last, 0.0, "Today"))
    labels = end_labels(ends, height - theme.AXES, float(np.ptp([0.0, *gains.ravel()])) or 1.0)
    return pd.DataFrame([*rows, *labels], columns=COLUMNS)


def _row(part: str, role: str, name: str, month: int, value: float, text: str) -> dict:
    return {"part": part, "role": role, "name": words.plain(name), "month": month, "value": float(value), "text": text}


def table(names, gains: np.ndarray) -> pd.DataFrame:
    """The same for reading: a row per month, a column per plan."""
    found = pd.DataFrame(dict(zip(names, gains)))
    return found.set_axis(np.arange(1, gains.shape[1] + 1)).rename_axis("Months").reset_index()


def spoken(names, gains: np.ndarray, currency: str = "USD") -> str:
    """The chart for somebody who cannot see it."""
    ends = ", ".join(f"{name} {words.money(sums[-1], currency, sign=True)}" for name, sums in zip(names, gains))
    return f"Added against today within {words.months(gains.shape[1])}: {ends}"


def example() -> pd.DataFrame:
    months = np.arange(60)
    return frame(("Autumn push", "Fewer failed payments"), np.cumsum([8 * 0.98**months - 3, 0.2 * months], axis=1))


CHART = Chart("contest", "What each plan adds", COLUMNS, build, example, height=360)
