"""What stands beside a lifetime value, kept for everybody on this server like the rest of `cache`."""

from dataclasses import replace

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
    from cs_models.newcomers import differs, moved_share
    from cs_models.problems import Problem
    from pages.shared import figures

    (name, observed, fitted), = cache.retention(data.partition(cache.AT)[0], "")
    try:
        base = cache.base(data, by, money)
        found = cs.expected_curve(base, fitted)
        if found is None:
            return name, observed, fitted
        if found.groups > 1 and differs(observed, found, figures.steady_month(observed)):
            found = replace(found, moved=moved_share(cache.subscriptions(data), base.by))
        return name, observed, found
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
