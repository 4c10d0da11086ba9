"""What a new customer has brought so far: as cash received and as margin earned, against what winning it
cost.

Prepaid years make the cash line run ahead in steps; the space between the lines is what is paid and not yet
served.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme
from cs_models.charts.lines import end_labels, thin

COLUMNS = ("part", "role", "month", "value", "high", "text")
CASH, EARNED = theme.GAIN, "third"
NAMES = {CASH: "Cash", EARNED: "Earned"}
FORMATS = dict.fromkeys(("Cash so far", "Earned so far", "Paid ahead"), "%,.2f")


def build(height: float, scale: float) -> alt.LayerChart:
    month = alt.X(
        "month:Q",
        scale=alt.Scale(nice=False, zero=True),
        axis=theme.month_axis("Months since the first payment", scale),
    )
    axis = theme.value_axis(scale, labelExpr=theme.SHORT_MONEY)
    money = alt.Y("value:Q", scale=alt.Scale(zero=True, nice=True), axis=axis)
    tips = [alt.Tooltip("month:Q", title="Month"), alt.Tooltip("text:N", title="So far")]
    base = alt.Chart(alt.NamedData(name="table")).encode(month, money)

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    loss, own = theme.role(theme.LOSS), theme.colour()
    label = theme.label(scale)
    layers = [
        part("ahead").mark_area(opacity=theme.BAND_OPACITY).encode(y2="high:Q", color=own),
        part("cac").mark_line(strokeDash=[3, 4], strokeWidth=1.5 * scale).encode(color=loss),
        part("cac_name")
        .mark_text(align="right", baseline="bottom", dx=-6, dy=-4, fontSize=12 * scale)
        .encode(text="text:N", color=loss),
        part("line").mark_line(strokeWidth=2.5 * scale).encode(color=own, tooltip=tips),
        part("point").mark_point(filled=True, size=80 * scale, opacity=1).encode(color=own, tooltip=tips),
        *(
            # The cash line runs above the other: its month is named over it, the other below.
            part("point")
            .transform_filter(f"datum.role {op} '{CASH}'")
            .mark_text(align="left", baseline=side, dx=dx, dy=dy * scale, **label)
            .encode(text="text:N", color=own)
            for op, side, dx, dy in (("==", "bottom", 2, -30), ("!=", "top", 12, 6))
        ),
        part("end").mark_text(align="left", dx=8, **label).encode(text="text:N", color=own),
    ]  # fmt: skip
    return alt.layer(*layers).properties(height=height)


def lines(flows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Running sums for one new customer from `valuation.flows`: role -> frame(month, value); month n = after
    n.

    Cash: payments received less cost. Earned: MRR of the months served less cost.
    """
    own = flows[flows["book"] == "new"]
    steps = {CASH: own["margin"], EARNED: own["mrr"] - own["cost"]}
    month = np.arange(len(own) + 1)
    return {
        role: pd.DataFrame({"month": month, "value": np.concatenate([[0.0], np.cumsum(step)])})
        for role, step in steps.items()
    }


def frame(
    sums: dict[str, pd.DataFrame],
    cac: float = 0.0,
    paid_back: dict[str, int | None] | None = None,
    currency: str = "USD",
    height: float = 320,
) -> pd.DataFrame:
    """Tidy table from `lines`; `paid_back` marks the month each line reaches CAC. One line where both agree.
    """
    cash, earned = (sums[role].set_index("month")["value"] for role in (CASH, EARNED))
    alike = bool(np.allclose(cash, earned))
    shown = {CASH: cash} if alike else {CASH: cash, EARNED: earned}
    months = thin(int(cash.index[0]), int(cash.index[-1]))
    rows = [] if alike else [_row("ahead", CASH, m, earned[m], "", cash[m]) for m in months]
    ends = []
    for role, line in shown.items():
        rows += [_row("line", role, m, line[m], words.money(line[m], currency)) for m in months]
        text = ("" if alike else f"{NAMES[role]} ") + words.money(line[months[-1]], currency)
        ends.append((role, NAMES[role], months[-1], float(line[months[-1]]), text))
        reached = (paid_back or {}).get(role)
        if cac > 0 and reached and reached in line.index:
            name = "Paid back in" if alike else f"{NAMES[role]}:"
            rows.append(_row("point", role, reached, line[reached], f"{name} month {reached}"))
    top = max(row["value"] for row in rows)
    rows += [_row("end", end["role"], end["month"], end["value"], end["text"])
             for end in end_labels(ends, height - theme.AXES, top or 1.0)]  # fmt: skip
    if cac > 0:
        rows += [_row("cac", theme.LOSS, m, cac, "") for m in (0, months[-1])]
        rows.append(_row("cac_name", theme.LOSS, months[-1], cac, f"CAC {words.money(cac, currency)}"))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(part: str, role: str, month: int, value: float, text: str, high: float = np.nan) -> dict:
    found = {"part": part, "role": role, "month": int(month), "value": float(value)}
    return found | {"high": float(high), "text": text}


def spoken(frame: pd.DataFrame) -> str:
    """The chart for somebody who cannot see it: where the lines end, and when the cost is back."""
    ends = frame[frame["part"] == "end"]
    back = [f"; paid back: {text}" for text in frame.loc[frame["part"] == "point", "text"] if text]
    return f"Margin so far after {words.months(int(ends['month'].max()))}: {', '.join(ends['text'])}{''.join(back)}"


def table(sums: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Both sums by month, and what has been paid ahead."""
    cash, earned = (sums[role].set_index("month")["value"] for role in (CASH, EARNED))
    found = pd.DataFrame({"Cash so far": cash, "Earned so far": earned, "Paid ahead": cash - earned})
    return found.rename_axis("Months").reset_index()


def example() -> pd.DataFrame:
    months = np.arange(61)
    earned = 50 * (1 - 0.96**months) / 0.04
    ahead = np.where(months > 0, 50 * 0.96**months * (12 - months % 12) % 12 * 4, 0)
    sums = {EARNED: pd.DataFrame({"month": months, "value": earned}),
            CASH: pd.DataFrame({"month": months, "value": earned + ahead})}  # fmt: skip
    return frame(sums, 300, {CASH: 4, EARNED: 7})


CHART = Chart("cash", "Cash received and margin earned", COLUMNS, build, example, height=320)
