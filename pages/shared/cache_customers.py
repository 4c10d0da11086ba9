"""What the Customers page computes, kept for everybody on this server like the rest of `cache`.

Keys are ids of data sets and numbers; no id, name or address of a customer is ever part of one.
"""

import streamlit as st

from pages.shared import cache


@st.cache_resource(max_entries=12, show_spinner="Learning who is likely to leave")
def health(data: str):
    import cs_models as cs

    return cs.customer_health(cache.subscriptions(data))


@st.cache_resource(max_entries=24, show_spinner="Holding back months to check against")
def check(data: str, months: int):
    import cs_models as cs

    return cs.check_health(cache.subscriptions(data), months)


@st.cache_resource(max_entries=24, show_spinner=False)
def renewals(data: str):
    import cs_models as cs

    return cs.renewal_calendar(health(data))


@st.cache_resource(max_entries=24, show_spinner="Valuing each customer")
def calls(data: str, by: str, money: str, horizon: int, managers: int, hours: float, minutes: float, effect: float,
          first: bool):  # fmt: skip
    import cs_models as cs
    from cs_models.calls import Capacity

    capacity = Capacity(managers, hours, minutes)
    base = cache.base(data, by, money)
    return cs.call_list(cache.subscriptions(data), health(data), base, capacity, effect, horizon, first)


COMPUTED = (health, check, renewals, calls)
