"""Customers still subscribed: observed steps with their band, the fit over them, dotted where nobody was.

Under the plot stands how many customers were still being observed: a curve is worth what that number is.
"""

import altair as alt
import numpy as np
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme
from cs_models.charts.lines import end_labels, thin

COLUMNS = ("part", "role", "name", "month", "value", "low", "high", "text", "row")
FEW = words.FEW_CUSTOMERS
RISK_TOP, RISK_ROW = 74, 17  # pixels below the axis


def build(height: float, scale: float) -> alt.LayerChart:
    """Layers, back to front: the unseen part shaded, bands, steps, fit, names at the end, number at risk."""
    month = alt.X(
        "month:Q",
        scale=alt.Scale(nice=False, zero=True),
        axis=theme.month_axis("Months since the first payment", scale),
    )
    # Every curve begins at 100 %, which makes the height; net revenue may rise above it.
    whole = alt.Scale(zero=True, nice=False)
    share = alt.Y("value:Q", scale=whole, axis=theme.value_axis(scale, format=".0%"))
    tips = [
        alt.Tooltip("name:N", title="Who"),
        alt.Tooltip("month:Q", title="Month"),
        alt.Tooltip("value:Q", title="Still there", format=".1%"),
        alt.Tooltip("low:Q", title="95% from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
    ]
    base = alt.Chart(alt.NamedData(name="table")).encode(month, share)

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    line = 2.5 * scale
    shade = (
        part("shade")
        .mark_rect(opacity=0.07)
        .encode(
            x="month:Q", x2="high:Q", y=alt.value(0), y2=alt.value("height"), color=theme.role(theme.BASELINE)
        )
    )
    band = part("km").mark_area(interpolate="step-after", opacity=theme.BAND_OPACITY)
    steps = part("km").mark_line(interpolate="step-after", strokeWidth=1.4 * scale, opacity=0.75)
    fit = part("fit").mark_line(strokeWidth=line)
    beyond = part("beyond").mark_line(strokeWidth=line, strokeDash=[2, 5], strokeCap="round")
    ends = part("end").mark_text(align="left", dx=8, **theme.label(scale))
    note = part("shade").mark_text(
        align="left", baseline="top", dx=6, dy=6, fontSize=12 * scale, fontStyle="italic"
    )
    month_only = alt.Chart(alt.NamedData(name="table")).encode(month)
    risk = month_only.transform_filter("datum.part == 'risk'").mark_text(
        baseline="top",
        fontSize=12 * scale,
        y=alt.ExprRef(f"height + {RISK_TOP * scale} + datum.row * {RISK_ROW * scale}"),
    )
    nowhere = alt.Chart(alt.NamedData(name="table"))
    risk_title = nowhere.transform_filter("datum.part == 'risk_title'").mark_text(
        baseline="bottom",
        align="left",
        fontSize=12 * scale,
        x=0,
        y=alt.ExprRef(f"height + {(RISK_TOP - 4) * scale}"),
    )
    layers = [
        shade,
        band.encode(y="low:Q", y2="high:Q", color=theme.colour(), detail="name:N"),
        steps.encode(color=theme.colour(), detail="name:N", tooltip=tips),
        beyond.encode(color=theme.colour(), detail="name:N"),
        fit.encode(color=theme.colour(), detail="name:N"),
        ends.encode(text="text:N", color=theme.colour()),
        note.encode(x="month:Q", y=alt.value(0), text="text:N", color=theme.role(theme.BASELINE)),
        risk.encode(text="text:N", color=theme.colour()),
        risk_title.encode(text="text:N", color=theme.role(theme.BASELINE)),
    ]
    return alt.layer(*layers).properties(height=height)


def height(groups: int) -> int:
    """Pixels for the plot and one row of customers at risk per group."""
    return 346 + groups * RISK_ROW


def frame(
    curves: list[tuple[str, object, object | None]], to_month: int, height: float = 320
) -> pd.DataFrame:
    """Tidy table from (name, KaplanMeier, RetentionCurve or None) per group.

    Observed steps end where fewer than 20 customers are at risk; the fitted curve runs to `to_month` and is
    marked "beyond" after the last month anybody was seen.
    """
    rows: list[dict] = []
    for place, (name, observed, fitted) in enumerate(curves):
        role = theme.SERIES[place % len(theme.SERIES)]
        rows += _observed(name, role, observed, to_month)
        rows += _fitted(name, role, fitted, to_month) if fitted is not None else []
        rows += _at_risk(name, role, observed, to_month, place, many=len(curves) > 1)
    rows += _ends(curves, to_month, height - theme.AXES - RISK_ROW * (len(curves) + 1))
    rows += _shade(curves, to_month)
    return pd.DataFrame(rows, columns=COLUMNS)


def shown_to(observed) -> int:
    """The last month with at least 20 customers at risk; at least month 1.

    Of revenue, with a weight of at least 20 equally large ones: a few large ones swing it.
    """
    behind = np.asarray(getattr(observed, "effective", observed.at_risk))
    enough = np.flatnonzero(behind >= FEW)
    return int(enough[-1]) if len(enough) and enough[-1] > 0 else min(1, len(observed.survival) - 1)


def _observed(name: str, role: str, observed, to_month: int) -> list[dict]:
    last = min(shown_to(observed), to_month)
    return [
        {
            "part": "km",
            "role": role,
            "name": name,
            "month": int(month),
            "value": float(observed.survival[month]),
            "low": float(observed.lower[month]),
            "high": float(observed.upper[month]),
            "row": 0,
        }
        for month in range(last + 1)
    ]


def _fitted(name: str, role: str, fitted, to_month: int) -> list[dict]:
    seen = min(int(fitted.observed_to), to_month)

    def points(part: str, first: int, last: int) -> list[dict]:
        months = thin(first, last)
        return [
            {
                "part": part,
                "role": role,
                "name": name,
                "month": m,
                "value": float(fitted.survival[m]),
                "row": 0,
            }
            for m in months
        ]

    return points("fit", 0, seen) + (points("beyond", seen, to_month) if to_month > seen else [])


def _at_risk(name: str, role: str, observed, to_month: int, place: int, many: bool) -> list[dict]:
    step = 12 if to_month > 48 else 6 if to_month > 12 else 3
    months = range(0, min(to_month, len(observed.at_risk) - 1) + 1, step)
    rows = [
        {
            "part": "risk",
            "role": role if many else "baseline",
            "name": name,
            "month": month,
            "row": place,
            "text": words.count(observed.at_risk[month]),
        }
        for month in months
    ]
    if place == 0:
        rows.append({"part": "risk_title", "role": "baseline", "text": "Customers still observed", "row": 0})
    return rows


def _ends(curves: list, to_month: int, height: float) -> list[dict]:
    ends = []
    for place, (name, observed, fitted) in enumerate(curves):
        last = to_month if fitted is not None else min(shown_to(observed), to_month)
        value = float(fitted.survival[last]) if fitted is not None else float(observed.survival[last])
        text = f"{words.percent(value, 0)}" if len(curves) == 1 else f"{name} {words.percent(value, 0)}"
        ends.append((theme.SERIES[place % len(theme.SERIES)], name, last, value, text))
    return end_labels(ends, height)


def _shade(curves: list, to_month: int) -> list[dict]:
    seen = [int(fitted.observed_to) for _, _, fitted in curves if fitted is not None]
    if not seen or max(seen) >= to_month:
        return []
    # The words need room; where the unseen part is a sliver, the shade says it alone.
    text = "Projected" if (to_month - max(seen)) >= to_month / 7 else ""
    return [
        {"part": "shade", "role": "baseline", "month": max(seen), "high": to_month, "text": text, "row": 0}
    ]


def table(curves: list[tuple[str, object, object | None]], to_month: int) -> pd.DataFrame:
    """The numbers behind the chart, a row per group and month, for "Show numbers"."""
    parts = []
    for name, observed, fitted in curves:
        last = min(shown_to(observed), to_month)
        months = np.arange((to_month if fitted is not None else last) + 1)
        seen = months <= last
        pick = np.minimum(months, last)
        parts.append(
            pd.DataFrame(
                {
                    "Group": name,
                    "Month": months,
                    "Observed": np.where(seen, np.asarray(observed.survival)[pick], np.nan),
                    "95% from": np.where(seen, np.asarray(observed.lower)[pick], np.nan),
                    "95% to": np.where(seen, np.asarray(observed.upper)[pick], np.nan),
                    "Still observed": np.where(seen, np.asarray(observed.at_risk)[pick], np.nan),
                    "Fitted": np.asarray(fitted.survival)[months] if fitted is not None else np.nan,
                }
            )
        )
    found = pd.concat(parts, ignore_index=True)
    return found if found["Fitted"].notna().any() else found.drop(columns="Fitted")


FORMATS = dict.fromkeys(("Observed", "95% from", "95% to", "Fitted"), "percent")


def spoken(frame: pd.DataFrame, what: str) -> str:
    """The chart for somebody who cannot see it: what each line ends at, and how far it was seen."""
    ends, seen = frame[frame["part"] == "end"], frame.loc[frame["part"] == "km", "month"]
    observed = f"; observed to month {int(seen.max())}" if len(seen) else ""
    if ends.empty:
        return f"{what}{observed}"
    return f"{what} at month {int(ends['month'].max())}: {', '.join(ends['text'])}{observed}"


def example() -> pd.DataFrame:
    """Two groups, observed to month 24 and projected to 36."""
    months = np.arange(25)

    class Observed:
        survival, lower, upper = 0.96**months, 0.95**months, 0.97**months
        at_risk = np.linspace(900, 60, 25).astype(int)

    class Fitted:
        survival, observed_to = 0.962 ** np.arange(121), 24

    return frame([("Monthly", Observed, Fitted), ("Annual", Observed, Fitted)], 36)


CHART = Chart("retention", "Customers still subscribed", COLUMNS, build, example, height=height(1))
