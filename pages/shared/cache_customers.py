"""What the Customers page computes, kept for everybody on this server like the rest of `cache`.

Keys are ids of data sets and numbers; no id, name or address of a customer is ever part of one.
"""

import json

import streamlit as st

from pages.shared import cache
from pages.shared.spoken import kept


@kept(max_entries=12, show_spinner="Learning who is likely to leave")
def health(data: str):
    import cs_models as cs

    return cs.customer_health(cache.subscriptions(data))


@kept(max_entries=24, show_spinner="Holding back months to check against")
def check(data: str, months: int):
    import cs_models as cs

    return cs.check_health(cache.subscriptions(data), months)


@st.cache_resource(max_entries=24, show_spinner=False)
def renewals(data: str):
    import cs_models as cs

    return cs.renewal_calendar(health(data))


@kept(max_entries=24, show_spinner="Valuing each customer")
def calls(data: str, by: str, money: str, horizon: int, managers: int, hours: float, minutes: float,
          effect: float, first: bool, by_chance: bool):  # fmt: skip
    known, base = health(data), cache.base(data, by, money)
    return call_list(cache.subscriptions(data), known, base, horizon, managers, hours, minutes, effect, first, by_chance)


def call_list(subs, known, base, horizon, managers, hours, minutes, effect, first, by_chance=True):
    import cs_models as cs
    from cs_models.calls import Capacity

    return cs.call_list(subs, known, base, Capacity(managers, hours, minutes), effect, horizon, first, by_chance)


# What a second file holds is kept for its visitor only, and goes with the session.


@st.cache_resource(max_entries=1, show_spinner="Joining the second file", scope="session")
def columns(data: str, digest: str, _content: bytes, _name: str):
    from cs_models.customer_columns import columns_apart

    return columns_apart(cache.store(), _content, _name, cache.subscriptions(data))


@st.cache_resource(max_entries=2, show_spinner="Learning who is likely to leave", scope="session")
def health_with(data: str, digest: str, counted: str, _extra):
    """`counted`: which of the file's columns count, as JSON of their places."""
    import cs_models as cs
    from cs_models.customer_columns import with_columns

    headers = tuple(_extra.countable[place] for place in json.loads(counted))
    subs, names = with_columns(cache.subscriptions(data), _extra, headers)
    return cs.customer_health(subs, todays=names)


COMPUTED = (health, check, renewals, calls, columns, health_with)
