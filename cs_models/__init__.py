"""Perennial's core: from a billing export to what a decision does to customer lifetime value.

    import cs_models as cs
    subs = cs.read("export.csv")
    base = cs.Assumptions.from_data(subs)
    print(cs.compare(base, cs.Scenario("Autumn", (cs.PriceIncrease(rise=.10, scope="new"),)), horizon=36))

Names are loaded when first used, so that a page paints before the statistics libraries are imported.
"""

from importlib import import_module

# A function that bears its module's name is bound at once; looked up later, the name would give the module.
from cs_models.life_table import life_table

_WHERE = {
    "read": "reading", "inspect": "reading", "Subscriptions": "subscriptions",
    "ImportProblem": "problems", "Problem": "problems",
    "life_table_from_durations": "life_table", "life_table_from_survival": "life_table",
    "LifeTable": "life_table", "cohort_triangle": "triangle", "kaplan_meier": "observed", "fit": "retention.fit",
    "compare_models": "retention.fit",
    "hazard_by_tenure": "observed", "causes_of_leaving": "causes", "log_rank": "same_pace", "newest_cohorts": "cohorts",
    "revenue_retention": "revenue", "cohort_value": "earned",
    "RetentionCurve": "retention.curve", "hazard_ratios": "drivers", "compare_groups": "drivers",
    "price_change": "events", "price_rises": "price_moves", "annual_against_monthly": "annual_or_monthly",
    "Assumptions": "assumptions", "value": "valuation", "lifetime": "valuation", "naive": "valuation",
    "Valuation": "valuation", "expected_curve": "newcomers", "churn_figures": "kinds_of_churn", "interval": "uncertainty", "model_range": "other_models",
    "lifetime_range": "uncertainty", "segment_ranges": "uncertainty", "Scenario": "scenario", "compare": "comparison",
    "Change": "comparison", "Definitions": "definitions", "migrations": "migration", "reconcile": "reconciliation",
    "month_ends": "reconciliation", "mrr_movements": "movements", "metrics": "metrics_by_month",
    "todays_metrics": "metrics_today", "customer_economics": "unit_economics",
    "import_effects": "import_effect",
    "expansion_by_tenure": "expansion",
    "expansions": "expansion",
    "at": "as_they_were", "back_test": "backtest", "BackTest": "hindsight",
    "value_concentration": "concentration",
    "payback_by_group": "paybacks",
    "reactivations": "reactivation",
    "restricted_value": "restricted",
    "break_even": "thresholds",
    "goal_seek": "thresholds",
    "what_must_be_true": "thresholds",
    "portfolio_by_month": "portfolio_view",
    "two_way_map": "two_way", "which_first": "priorities",
    "size_experiment": "experiment",
    "events_needed": "experiment",
    "monte_carlo": "beliefs",
    "tornado": "beliefs",
    "sobol": "beliefs",
    "SavedScenario": "saved", "Shelf": "shelf", "contest": "side_by_side", "replay": "outcome",
    "tell": "exports.contents", "Source": "exports.contents", "pptx": "exports.slides", "html": "exports.document",
    "pdf": "exports.document", "xlsx": "exports.workbook",
    "forgone": "old_prices",
    "check_claims": "claims",
    "customer_groups": "four_groups",
    "where_growth_comes_from": "growth", "to_stand_still": "growth",
    "economics_by_group": "channel_economics",
    "rank_tactics": "playbook",
    "customer_health": "health", "check_health": "health_check", "call_list": "calls", "renewal_calendar": "renewals",
}
_LEVERS = (
    "AccountManagement", "Acquisition", "AnnualBilling", "ChurnReduction", "Dunning", "Expansion", "Grandfathering",
    "Onboarding", "PriceIncrease", "Referral", "WinBack",
)

__all__ = sorted(["life_table", *_WHERE, *_LEVERS])


def __getattr__(name: str):
    if name in _WHERE:
        return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    if name == "levers":
        return import_module(f"{__name__}.levers")
    if name[:1].isupper() and name in (levers := import_module(f"{__name__}.levers")).ALL:
        return levers.ALL[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
