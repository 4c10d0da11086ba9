"""What the Drivers page computes, kept for everybody on this server like the rest of `cache`."""

import json

import streamlit as st

from pages.shared import cache
from pages.shared.spoken import kept


@kept(max_entries=24, show_spinner="Comparing groups")
def hazard_ratios(data: str):
    import cs_models as cs

    subs = cache.subscriptions(data)
    by = tuple(name for name in subs.segments if subs.resolve(name) != "term")
    if not by or subs.kind == "triangle":  # cohorts are no segments
        return None
    ratios = cs.compare_groups(subs, by)
    return ratios.assign(column=ratios["column"].replace({"plan": subs.columns.get("plan", "plan")}))


@st.cache_resource(max_entries=24, show_spinner=False)
def price_rises(data: str):
    import cs_models as cs

    return cs.price_rises(cache.subscriptions(data))


@st.cache_resource(max_entries=24, show_spinner=False)
def price_table(data: str, by: str):
    """Counts by sign-up month and, where given, the columns of a JSON list."""
    import cs_models as cs

    return cs.life_table(cache.subscriptions(data), by=(*json.loads(by), "cohort"))


@st.cache_resource(max_entries=24, show_spinner=False)
def price_months(data: str):
    from cs_models.event_cells import studied_months

    return studied_months(price_table(data, "[]"))


@kept(max_entries=64, show_spinner=False)
def price_study(data: str, month: str, rise: float, scope: str, control: str):
    """`control`: "" or a JSON pair of column and value. The column prices differ by is held equal too."""
    import cs_models as cs

    kept = tuple(json.loads(control)) if control else None
    columns = [name for name in dict.fromkeys((cache.default_split(data), kept[0] if kept else "")) if name]
    return cs.price_change(price_table(data, json.dumps(columns)), month, rise, scope, kept)


@kept(max_entries=24, show_spinner=False)
def billing_choice(data: str):
    import cs_models as cs

    subs = cache.subscriptions(data)
    return cs.annual_against_monthly(
        subs, tuple(name for name in subs.segments if subs.resolve(name) != "term")
    )


COMPUTED = (hazard_ratios, price_rises, price_table, price_months, price_study, billing_choice)
