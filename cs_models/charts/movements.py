"""What moved MRR each month: gains stacked above zero, losses below, and the net change as a line."""

import altair as alt
import pandas as pd

from cs_models import words
from cs_models.charts import Chart, theme

COLUMNS = ("part", "order", "month", "role", "name", "low", "high", "text")
GAINS = {"new": ("New", theme.GAIN), "reactivated": ("Reactivated", "fourth"),
         "expansion": ("Expansion", "third")}  # fmt: skip
LOSSES = {"contraction": ("Contraction", "fifth"), "churned": ("Churned", theme.LOSS)}
NET = "Net change"
NAMES = dict((role, name) for name, role in [*GAINS.values(), *LOSSES.values(), (NET, theme.TEXT)])
MOST_MONTHS = 24
UNFINISHED = 0.45  # of the colour, for a month that is not over
HEIGHT = 320
NARROW = 330  # pixels of the plot under which three names of the legend stand in no row
FORMATS = dict.fromkeys(("MRR at start", *(name for name, _ in [*GAINS.values(), *LOSSES.values()]), NET,
                         "MRR at end"), "%,.2f")  # fmt: skip


def build(height: float, scale: float) -> alt.LayerChart:
    month = alt.X("month:N", sort=alt.SortField("order"), axis=_months(scale))
    money = theme.value_axis(scale, labelExpr=theme.SHORT_MONEY)
    amount = alt.Y("low:Q", scale=alt.Scale(zero=True, nice=True), axis=money)
    tips = [alt.Tooltip("month:N", title="Month"), alt.Tooltip("name:N", title="What"),
            alt.Tooltip("text:N", title="MRR")]  # fmt: skip
    chart = alt.Chart(alt.NamedData(name="table"))
    base = chart.encode(month, amount)
    colour = theme.colour()
    colour.legend = _legend(scale)

    def part(name: str) -> alt.Chart:
        return base.transform_filter(f"datum.part == '{name}'")

    text = theme.role(theme.TEXT)
    layers = [
        *(
            part(name)
            .mark_bar(width=alt.RelativeBandSize(0.75), opacity=opacity)
            .encode(y2="high:Q", color=own, tooltip=tips)
            for name, opacity, own in (("bar", 1, colour), ("unfinished", UNFINISHED, theme.colour()))
        ),
        chart.transform_filter("datum.part == 'ground'")
        .mark_rule()
        .encode(amount, color=theme.role(theme.BASELINE)),
        part("net").mark_line(strokeWidth=2 * scale).encode(color=text),
        part("net").mark_point(filled=True, size=34 * scale, opacity=1).encode(color=text, tooltip=tips),
    ]
    return alt.layer(*layers).properties(height=height)


def _months(scale: float) -> alt.Axis:
    return alt.Axis(
        title=None, labelFontSize=12 * scale, labelAngle=0, labelOverlap="greedy", labelPadding=6 * scale,
        labelSeparation=10, labelBound=True, domain=False,
    )  # fmt: skip


def _legend(scale: float) -> alt.Legend:
    """The names of the roles in use: the scale has the roles of every chart."""
    told = " : ".join(f"datum.label == '{role}' ? '{name}'" for role, name in NAMES.items())
    return alt.Legend(
        title=None, orient="top", values=list(NAMES), labelExpr=f"{told} : ''", labelFontSize=12 * scale,
        symbolType="square", symbolSize=110 * scale, labelLimit=0, columns=alt.ExprRef(f"width < {NARROW} ? 2 : 3"), columnPadding=14 * scale,
    )  # fmt: skip


def frame(metrics: pd.DataFrame, cut: bool = False, currency: str = "USD") -> pd.DataFrame:
    """Tidy table of the last 24 months from `cs.metrics`; `cut`: the last month is not over, so it is pale
    and the net line ends before it.
    """
    shown, rows = metrics.tail(MOST_MONTHS).reset_index(drop=True), []
    for order, month in shown.iterrows():
        name, pale = words.month(month["month"], short=True), cut and order == len(shown) - 1
        own = {"order": int(order), "month": name}
        for kinds in (GAINS, LOSSES):
            level = 0.0
            for kind, (what, role) in kinds.items():
                ends = {"low": level, "high": level + float(month[kind])}
                said = words.money(month[kind], currency, sign=True)
                if month[kind]:
                    bar = {"part": "unfinished" if pale else "bar", "role": role, "name": what}
                    rows.append({**bar, **ends, "text": said, **own})
                level = ends["high"]
        net = float(month["mrr"] - month["opening"])
        if not pale:
            said = words.money(net, currency, sign=True)
            rows.append({"part": "net", "role": theme.TEXT, "name": NET, "low": net, "high": net,
                         "text": said, **own})  # fmt: skip
    if rows:
        zero = {"role": theme.BASELINE, "name": "", "low": 0.0, "high": 0.0, "text": ""}
        rows.append({**rows[-1], **zero, "part": "ground"})
    return pd.DataFrame(rows, columns=COLUMNS)


def table(metrics: pd.DataFrame) -> pd.DataFrame:
    """Every month of the bridge: start + the five movements = end, to the smallest coin."""
    names = {"month": "Month", "opening": "MRR at start"}
    names |= {kind: name for kind, (name, _) in (GAINS | LOSSES).items()} | {"mrr": "MRR at end"}
    found = metrics[list(names)].rename(columns=names)
    found.insert(len(names) - 1, NET, (metrics["mrr"] - metrics["opening"]).round(6))
    return found


def sentence(metrics: pd.DataFrame, month: str | None, currency: str = "USD") -> str:
    """The last whole month in words: "October 2026: MRR rose by $24.3K; $40.2K came, $15.9K went"."""
    if month is None:
        return "No month is over yet, so there is no whole month to show."
    row = metrics.set_index("month").loc[month]
    net, came = row["mrr"] - row["opening"], row[list(GAINS)].sum()
    moved = f"{'fell' if net < 0 else 'rose'} by {words.money(abs(net), currency)}" if net else "did not move"
    went = words.money(-row[list(LOSSES)].sum(), currency)
    return f"{words.month(month)}: MRR {moved}; {words.money(came, currency)} came, {went} went."


def example() -> pd.DataFrame:
    months = [f"202{5 + n // 12}-{n % 12 + 1:02d}" for n in range(18)]
    rows = [{"month": month, "opening": 1000.0 * n, "new": 1500.0 + 40 * n, "reactivated": 80.0,
             "expansion": 220.0, "contraction": -120.0, "churned": -680.0 - 40 * n, "mrr": 1000.0 * (n + 1)}
            for n, month in enumerate(months)]  # fmt: skip
    return frame(pd.DataFrame(rows), cut=True)


CHART = Chart("movements", "What moved MRR", COLUMNS, build, example, height=HEIGHT)
