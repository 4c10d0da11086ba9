"""Small arrangements of the core's answers for the screen: which groups, months and rows. No new numbers."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cs_models import words

MOST_GROUPS = 5  # more lines than colours to tell them apart
MOST_LEVELS = 8  # more levels than this are a list, not a segment
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
    return max(group_names(subs), key=lambda own: _price_apart(subs.rows, own), default="")


def _price_apart(rows, own: str) -> float:
    """Share of the spread of prices that lies between the groups of a column, 0..1; 0 for too many or few."""
    price = rows.select([own, "mrr"]).to_pandas()
    groups = price.groupby(own, observed=True)["mrr"].agg(["mean", "size"])
    if not 2 <= len(groups) <= MOST_LEVELS or not price["mrr"].var() > 0:
        return 0.0
    return float(
        ((groups["mean"] - price["mrr"].mean()) ** 2 * groups["size"]).sum()
        / (len(price) * price["mrr"].var())
    )


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


def largest(groups) -> list:
    """The groups a chart can tell apart; the table has all."""
    return list(groups)[:MOST_GROUPS]


def only_segment(base, segment: tuple):
    """The same assumptions with one segment's customers: what one of its new customers is worth."""
    cells = [cell for cell in base.cells if cell.segment == segment]
    total = sum(cell.new_share for cell in cells)
    cells = [replace(cell, new_share=cell.new_share / total if total else 0.0) for cell in cells]
    return replace(base, cells=tuple(cells))


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
    """Value per segment with its range, new and existing customers; the most valuable first."""
    import cs_models as cs

    rows = []
    for segment in dict.fromkeys(cell.segment for cell in base.cells):
        own = only_segment(base, segment)
        found, ranges = cs.value(own, horizon), cs.interval(own, horizon)
        rows.append(
            {
                "name": " / ".join(map(str, segment)),
                "customers": own.customers,
                "clv": found.clv,
                "residual": found.residual,
                "residual_per_customer": found.residual_per_customer,
                "payback": found.payback_months,
                **_ends("clv", ranges.get("new")),
                **_ends("existing", ranges.get("existing")),
            }
        )
    return pd.DataFrame(rows).sort_values("clv", ascending=False, ignore_index=True)


def _ends(name: str, span) -> dict:
    return {f"{name}_low": span.low if span else np.nan, f"{name}_high": span.high if span else np.nan}


def segment_table(values: pd.DataFrame) -> pd.DataFrame:
    """The same rows with the headings a reader needs."""
    names = {
        "name": "Group",
        "clv": "New customer",
        "clv_low": "95% from",
        "clv_high": "95% to",
        "residual_per_customer": "Existing customer",
        "existing_low": "95% from ",
        "existing_high": "95% to ",
        "customers": "Customers today",
        "residual": "All existing",
        "payback": "Payback, months",
    }
    return values[list(names)].rename(columns=names)


def books(change) -> tuple[str, ...]:
    """Whose value can be shown: new and existing customers where the data have them, and the whole book."""
    there = {"new": change.baseline.new, "existing": change.baseline.existing}
    return tuple(name for name, money in there.items() if money is not None) + ("portfolio",)


def before_after(change, book: str) -> tuple[float, float]:
    """The value of one book today and with the scenario."""
    name = {"new": "clv", "existing": "residual_per_customer", "portfolio": "portfolio"}[book]
    return getattr(change.baseline, name), getattr(change.scenario, name)
