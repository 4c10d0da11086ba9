"""What stands beside a lifetime value, kept for everybody on this server like the rest of `cache`."""

import streamlit as st

from pages.shared import cache, cache_metrics
from pages.shared.spoken import kept


@st.cache_resource(max_entries=24, show_spinner=False)
def expansion(data: str):
    import cs_models as cs

    return cs.expansion_by_tenure(cache.subscriptions(data))


@kept(max_entries=24, show_spinner=False)
def returns(data: str):
    import cs_models as cs

    return cs.reactivations(cache.subscriptions(data))


@st.cache_resource(max_entries=64, show_spinner=False)
def concentration(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.value_concentration(cache.subscriptions(data), cache.base(data, by, money), horizon)


@kept(max_entries=64, show_spinner=False)
def model_range(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.model_range(cache.base(data, by, money), horizon)


@kept(max_entries=64, show_spinner=False)
def expected(data: str, by: str, money: str):
    """(name, observed, what is expected of a new customer): the curve that every value and scenario counts with."""
    import cs_models as cs
    from cs_models.problems import Problem

    (name, observed, fitted), = cache.retention(data.partition(cache.AT)[0], "")
    try:
        return name, observed, cs.expected_curve(cache.base(data, by, money), fitted) or fitted
    except Problem:  # too little for groups of their own
        return name, observed, fitted


@kept(max_entries=24, show_spinner="Following churn from one figure to the next")
def churn(data: str, by: str, money: str):
    import cs_models as cs

    by_month, today = cache_metrics.metrics(data)
    return cs.churn_figures(cache.base(data, by, money), by_month.iloc[:-1] if today.cut else by_month)


@kept(max_entries=24, show_spinner="Trying every retention model")
def models(data: str):
    import cs_models as cs

    return cs.compare_models(cache.life_table(data, ""))


COMPUTED = (expected, churn, expansion, returns, concentration, model_range, models)
