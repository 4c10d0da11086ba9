"""What stands beside a lifetime value, kept for everybody on this server like the rest of `cache`."""

import streamlit as st

from pages.shared import cache
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


@kept(max_entries=24, show_spinner="Trying every retention model")
def models(data: str):
    import cs_models as cs

    return cs.compare_models(cache.life_table(data, ""))


COMPUTED = (expansion, returns, concentration, model_range, models)
