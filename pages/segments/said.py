"""The four groups in words and tables."""

import pandas as pd

from cs_models import words
from cs_models.four_groups import STANCES, TITLES
from cs_models.scenario import Scenario

FORMATS = {"Customers": "%,.0f", "Share": "percent", "MRR": "%,.0f", "Value": "%,.0f", "Value each": "%,.0f",
           "Leave in 12 months": "percent", "Below similar, MRR": "%,.0f"}  # fmt: skip
FEW = "So few customers change group under this plan that their number is not shown."
FLOWS = dict.fromkeys(TITLES.values(), "%,.0f")


def headline(groups: pd.DataFrame) -> str:
    """What the most valuable group holds."""
    top, worth = groups.iloc[0] if len(groups) else None, groups["residual"].sum()
    if len(groups) < len(TITLES) or not top["customers"] or worth <= 0:
        return "Four groups of customers"
    return f"{words.counted(round(top['customers']), 'VIP')} hold {words.percent(top['residual'] / worth, 0)} of the value of today's customers"


def rule(found, currency: str) -> str:
    """The thresholds in money."""
    vip, core = (words.money(least, currency) for least in (found.vip_from, found.core_from))
    whom = {"plan": "of the same plan", "group": "of the same group, any plan"}[found.ceiling]
    return (f"Value still to come over {words.months(found.horizon)}, discounted. VIP from {vip} each. Potential: would be "
            f"a VIP if paying what nine of ten customers {whom} pay at most, and pays less than that by the share set above. "
            f"Core from {core}.")  # fmt: skip


def caveats(found) -> str:
    seen = "" if found.growth_seen else " These data show no upgrades, so potential are those " \
        "who pay less than similar customers and are valuable enough for core."
    return ("Who pays little may have no use for more: what similar customers pay is an association, not a promise. "
            f"Churn is what the fitted curves expect.{seen}")  # fmt: skip


def advice(groups: pd.DataFrame) -> list[tuple[str, str]]:
    """What to do about each group that has customers: its title and a sentence."""
    there = groups.loc[groups["customers"].round() > 0, "group"]
    return [(TITLES[group], STANCES[group]) for group in there]


def groups_alt(groups: pd.DataFrame) -> str:
    rows = groups.to_dict("records")
    return "; ".join(f"{TITLES[row['group']]}: {words.counted(round(row['customers']), 'customer')}" for row in rows)


def table(groups: pd.DataFrame) -> pd.DataFrame:
    shown = groups.assign(group=groups["group"].map(TITLES))
    names = {"group": "Group", "customers": "Customers", "share": "Share", "mrr": "MRR", "residual": "Value",
             "per_customer": "Value each", "churn": "Leave in 12 months", "room": "Below similar, MRR"}  # fmt: skip
    return shown[list(names)].rename(columns=names)


def moved(found, levers) -> str:
    """How many change group, in one sentence."""
    plan = Scenario("", levers).sentence()
    plan = f"{plan[:1].upper()}{plan[1:]}"
    if round(found.moved) == 0:
        return f"{plan} moves nobody to another group."
    before, after = (table["customers"].iloc[0] for table in (found.before, found.after))
    vips = f"VIPs go from {words.count(before)} to {words.count(after)}"
    return f"{plan} moves {words.counted(round(found.moved), 'customer')} to another group; {vips}."


def flow_table(flows: pd.DataFrame) -> pd.DataFrame:
    """Rows: today; columns: with the plan."""
    wide = flows.rename(index=TITLES, columns=TITLES)
    return wide.rename_axis("Today, and with the plan").reset_index()


def expansion(found) -> str:
    """The part of what was won that came from customers there already."""
    part = found.share("expansion").iloc[-1]
    if pd.isna(part):
        return f"Nothing was won in {found.years['year'].iloc[-1]} so far."
    return (f"Of the MRR won in {found.years['year'].iloc[-1]}, {words.percent(part)} came from expansion. Articles say 70 to "
            "95 % of revenue comes from customers there already in mature firms; that is the first figure above.")  # fmt: skip
