"""What is computed, kept for everybody on this server.

Every function takes plain strings and numbers, and the first is the id of the data set: nothing computed from
one file can be served for another. What is kept is immutable, so that sessions can share it.
"""

import json
from dataclasses import replace

import streamlit as st

from pages.shared.samples import ROOT, SAMPLES


AT = "@"  # in an id: the price a month somebody typed for data without prices follows
SMALLEST = 0.01


def priced(data: str, price: float) -> str:
    """The id of these data at a typed price; their own where they hold prices or none is typed."""
    return data if price < SMALLEST or subscriptions(data).has_price else f"{data}{AT}{price!r}"


@st.cache_resource(max_entries=12, show_spinner="Reading the data", show_time=True)
def subscriptions(data: str):
    if AT in data:
        own, price = data.split(AT)
        return subscriptions(own).with_price(float(price))
    if data not in SAMPLES:
        return store().load(data)
    import cs_models as cs

    return cs.read(ROOT / "sample_data" / SAMPLES[data][1])


@st.cache_resource(show_spinner=False)
def store():
    """The data sets on disk."""
    from cs_models.store import Store

    return Store()


@st.cache_resource(max_entries=64, show_spinner="Counting customers by tenure")
def life_table(data: str, by: str):
    import cs_models as cs

    return cs.life_table(subscriptions(data), by=(by,) if by else ())


@st.cache_resource(max_entries=64, show_spinner="Fitting retention")
def retention(data: str, by: str):
    """(name, observed, fitted) per group, the largest first."""
    import cs_models as cs

    table = life_table(data, "" if by == "interval" else by)
    names = list(dict.fromkeys(table.frame[by])) if by else [None]
    found = [
        _one_retention(cs, table if name is None else table.select(**{by: name}), name, by) for name in names
    ]
    return tuple(sorted(found, key=lambda group: -float(group[1].at_risk[0])))


def _one_retention(cs, table, name, by):
    from cs_models import words
    from cs_models.problems import Problem

    label = "All customers" if name is None else words.interval_name(name) if by == "interval" else str(name)
    try:
        return label, cs.kaplan_meier(table), cs.fit(table)
    except Problem:
        return (
            label,
            cs.kaplan_meier(table),
            None,
        )  # too little to learn from; the steps are shown without a fit


@st.cache_resource(max_entries=24, show_spinner="Following each sign-up month")
def triangle(data: str, value: str):
    import cs_models as cs

    return cs.cohort_triangle(subscriptions(data), value=value)


@st.cache_resource(max_entries=24, show_spinner="Comparing groups")
def hazard_ratios(data: str):
    import cs_models as cs

    subs = subscriptions(data)
    by = tuple(name for name in subs.segments if subs.resolve(name) != "term")
    if not by:
        return None
    ratios = cs.compare_groups(subs, by)
    return ratios.assign(column=ratios["column"].replace({"plan": subs.columns.get("plan", "plan")}))


@st.cache_resource(max_entries=24, show_spinner="Fitting customer types and their ranges", show_time=True)
def fitted(data: str, by: str):
    import cs_models as cs

    from cs_models.explanations import typed_price

    subs = subscriptions(data)
    found = cs.Assumptions.from_data(subs, by=(by,) if by else ())
    if subs.typed_price is None:
        return found
    return replace(found, notes=(typed_price(subs.typed_price, subs.currency), *found.notes))


@st.cache_resource(max_entries=64, show_spinner=False)
def base(data: str, by: str, money: str):
    return fitted(data, by).with_economics(**json.loads(money))


@st.cache_resource(max_entries=128, show_spinner=False)
def valuation(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.value(base(data, by, money), horizon=horizon)


@st.cache_resource(max_entries=128, show_spinner=False)
def interval(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.interval(base(data, by, money), horizon=horizon)


@st.cache_resource(max_entries=64, show_spinner=False)
def change(data: str, by: str, money: str, scenario: str, horizon: int):
    import cs_models as cs

    return cs.compare(base(data, by, money), cs.Scenario.from_json(scenario), horizon=horizon)


@st.cache_resource(max_entries=128, show_spinner=False)
def lifetime(data: str, by: str, money: str):
    import cs_models as cs

    found = base(data, by, money)
    return *cs.lifetime(found), cs.lifetime_range(found)


@st.cache_resource(max_entries=128, show_spinner=False)
def naive(data: str, by: str, money: str):
    import cs_models as cs

    return cs.naive(base(data, by, money))


@st.cache_resource(max_entries=64, show_spinner="Valuing each group")
def by_segment(data: str, by: str, money: str, horizon: int):
    from pages.shared import figures

    return figures.by_segment(base(data, by, money), horizon)


@st.cache_resource(max_entries=24, show_spinner=False)
def default_split(data: str) -> str:
    from pages.shared import figures

    return figures.default_split(subscriptions(data))


COMPUTED = (
    life_table,
    retention,
    triangle,
    hazard_ratios,
    fitted,
    base,
    valuation,
    interval,
    change,
    lifetime,
    naive,
    by_segment,
    default_split,
)
