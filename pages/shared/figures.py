"""Small arrangements of the core's answers for the screen: which groups, months and rows. No new numbers."""

import numpy as np
import pandas as pd

from cs_models import explanations, words
from cs_models.engine import counted
from cs_models.engine.spread import price_apart
from cs_models.newcomers import why_apart

MOST_GROUPS = 5  # more lines than colours to tell them apart
MONEY_COLUMNS = {
    "New customer": "%,.0f",
    "95% from": "%,.0f",
    "95% to": "%,.0f",
    "Existing customer": "%,.0f",
    "95% from ": "%,.0f",
    "95% to ": "%,.0f",
    "All existing": "%,.0f",
    "Customers today": "%,.0f",
}
POOLED_MARK = " *"
POOLED_NOTE = "* Too few have left for a curve of its own; it takes that of everybody billed alike."
WANTED_MONTH = 24
SHORTEST_VIEW, LONGEST_VIEW = 24, 120


def group_names(subs) -> dict[str, str]:
    """Internal name -> what the user calls it, for columns to split by (billing interval left out)."""
    found = {subs.resolve(name): name for name in subs.segments}
    titles = {"plan": subs.columns.get("plan", "Plan")}
    return {own: titles.get(own, name) for own, name in found.items() if own != "term"}


def default_split(subs) -> str:
    """The column (of 2 to 8 groups) whose groups differ most in price; "" when there is none.

    Averaging unequal prices over unequal loyalty makes a value wrong, so such groups are fitted apart.
    """
    if not subs.has_price:
        return ""
    apart = (lambda own: counted.price_apart(subs, own)) if counted.is_counted(subs) else lambda own: price_apart(subs.rows, own)
    return max(group_names(subs), key=apart, default="")


def steady_month(observed) -> int:
    """The month a headline speaks of: 24, or the last one with enough customers."""
    enough = np.flatnonzero(np.asarray(observed.at_risk) >= words.FEW_CUSTOMERS)
    return int(min(WANTED_MONTH, enough[-1])) if len(enough) else 0


def view_to(groups) -> int:
    """How far a curve is drawn: whole years, at least half a year past what was seen."""
    seen = max(
        (fitted.observed_to if fitted else len(observed.survival) - 1) for _, observed, fitted in groups
    )
    return int(np.clip(-(-(seen + 6) // 12) * 12, SHORTEST_VIEW, LONGEST_VIEW))


def reads(group, expected: bool) -> str:
    """How to read the steps and the line of a group; `expected`: the line is that of a customer who joins now."""
    _, observed, fitted = group
    if not expected or fitted is None:
        return explanations.OBSERVED_AND_FIT
    month = min(steady_month(observed), WANTED_MONTH)
    apart = getattr(fitted, "groups", 1), getattr(fitted, "moved", None)
    more = why_apart(float(observed.survival[month]), float(fitted.survival[month]), month, *apart)
    return f"{explanations.OBSERVED_AND_EXPECTED} {more}".strip()


def largest(groups) -> list:
    """The groups a chart can tell apart; the table has all."""
    return list(groups)[:MOST_GROUPS]


def ratio_table(ratios: pd.DataFrame) -> pd.DataFrame:
    """Hazard ratios for reading: who against whom, how much, how sure; the reference rows are left out."""
    shown = ratios[ratios["level"] != ratios["reference"]]
    return pd.DataFrame(
        {
            "Column": shown["column"].astype(str),
            "Group": shown["level"].astype(str),
            "Compared with": shown["reference"].astype(str),
            "Ratio": shown["ratio"],
            "95% from": shown["lower"],
            "95% to": shown["upper"],
            "Customers": shown["customers"],
            "Left": shown["churned"],
            "Note": shown["note"],
        }
    )


def by_segment(base, horizon: int) -> pd.DataFrame:
    """Value per segment and billing interval with its range, new and existing customers; the best first.

    `pooled` marks those with too few departures for a curve of their own.
    """
    import cs_models as cs

    key = ["segment", "interval"]
    values = cs.value(base, horizon).by_segment.merge(cs.segment_ranges(base, horizon), on=key)
    pooled = {(" / ".join(map(str, cell.segment)), cell.interval) for cell in base.cells if cell.pooled}
    values["pooled"] = [own in pooled for own in values[key].itertuples(index=False, name=None)]
    return values.sort_values("clv", ascending=False, ignore_index=True)


def _group_names(values: pd.DataFrame) -> list[str]:
    """The segment, with its billing interval where there is more than one, and a mark on a pooled curve."""
    many = values["interval"].nunique() > 1
    names = zip(values["segment"], values["interval"], values["pooled"], strict=True)
    return [
        f"{segment}{', ' + words.interval_name(term).lower() if many else ''}{POOLED_MARK if pooled else ''}"
        for segment, term, pooled in names
    ]


def group_points(values: pd.DataFrame) -> pd.DataFrame:
    """Rows of the chart of groups: name, value, low, high; those that have new customers."""
    points = values.rename(columns={"clv": "value", "clv_low": "low", "clv_high": "high"})
    points["name"] = _group_names(values)
    return points[points["value"].notna()]


def segment_table(values: pd.DataFrame, column: str = "") -> pd.DataFrame:
    """The same rows with the headings a reader needs."""
    names = {
        "segment": column or "Group",
        "billing": "Billing",
        "clv": "New customer",
        "clv_low": "95% from",
        "clv_high": "95% to",
        "residual_per_customer": "Existing customer",
        "residual_low": "95% from ",
        "residual_high": "95% to ",
        "customers": "Customers today",
        "residual": "All existing",
        "curve": "Curve",
    }
    told = values.assign(
        billing=[words.interval_name(term) for term in values["interval"]],
        curve=np.where(values["pooled"], "shared: too few left", "its own"),
    )
    return told[list(names)].rename(columns=names)


def books(change) -> tuple[str, ...]:
    """Whose value can be shown: new and existing customers where the data have them, and the whole book."""
    there = {"new": change.baseline.new, "existing": change.baseline.existing}
    return tuple(name for name, money in there.items() if money is not None) + ("portfolio",)


def before_after(change, book: str) -> tuple[float, float]:
    """The value of one book today and with the scenario."""
    name = {"new": "clv", "existing": "residual_per_customer", "portfolio": "portfolio"}[book]
    return getattr(change.baseline, name), getattr(change.scenario, name)


def titled(bridge: dict[str, float]) -> dict[str, float]:
    """The steps of a bridge under the names leaders use."""
    return {lever_title(name): step for name, step in bridge.items()}


def lever_title(name: str) -> str:
    """What a lever of this class name is called on the page."""
    from cs_models import bridge

    return bridge.lever_title(name)


EFFECTS = {"Share of the doubt": "percent", "Of that, alone": "percent", "Give or take": "percent"}


def effects_table(effects) -> pd.DataFrame:
    """Sobol effects for reading: the belief, its share of the doubt, the part it has without the others."""
    rows = [(f"{one.title}: {one.label.lower()}", one.total, one.first, one.error) for one in effects]
    return pd.DataFrame(rows, columns=["Belief", *EFFECTS])


def forgone_table(forgone: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Revenue forgone for reading: a row per month, a column per completed year of tenure today."""
    wide = forgone.pivot(index="month", columns="vintage", values="forgone")
    wide.columns = [f"{year} to {year + 1} years" for year in wide.columns]
    return wide.map(lambda value: words.money(value, currency)).rename_axis("Month").reset_index()
