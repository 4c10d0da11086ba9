"""Saved scenarios worked out, kept for everybody on this server like the rest of `cache`.

Keyed on ids of the shelf: what lies there never changes, and no name is part of a key.
"""

import streamlit as st

from pages.shared import cache, share

BETWEEN = " "  # ids of several scenarios in one text


def plans(scenarios: str) -> dict:
    """Name -> plan of the scenarios whose ids these are; of two with one name the later says its number, as does one
    that is called like a heading of the comparison.
    """
    from cs_models.side_by_side import TAKEN

    found: dict = {}
    for own in scenarios.split(BETWEEN):
        entry = share.shelf().get(own)
        name = entry.name
        while name in found or name in TAKEN:
            name = f"{name} ({entry.number if name == entry.name else own[:4]})"
        found[name] = entry.saved.scenario
    return found


@st.cache_resource(max_entries=32, show_spinner="Comparing the scenarios draw by draw", show_time=True)
def contest(data: str, by: str, money: str, scenarios: str, horizon: int, book: str):
    import cs_models as cs

    base = cache.base(data, by, money)
    found = cs.contest(base, plans(scenarios), book or None, horizon)
    _ = found.drawn  # the ranges come with it
    return found


@st.cache_resource(max_entries=32, show_spinner="Following the customers of that day", show_time=True)
def replay(data: str, scenario: str):
    import cs_models as cs

    entry = share.shelf().get(scenario)
    return cs.replay(entry.saved, cache.subscriptions(data), entry.data_day)


COMPUTED = (contest, replay)
