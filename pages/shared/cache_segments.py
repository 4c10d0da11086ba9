"""What the pages Segments and Playbook compute, kept for everybody on this server like the rest of `cache`."""

import json

import streamlit as st

from pages.shared import cache, keys, link
from pages.shared.spoken import kept


@st.cache_resource(max_entries=64, show_spinner="Grouping today's customers")
def four_groups(data: str, by: str, money: str, horizon: int, cutoffs: str):
    """`cutoffs`: the fields of `Cutoffs` as JSON."""
    import cs_models as cs
    from cs_models.four_groups import Cutoffs

    base = cache.base(data, by, money)
    return cs.customer_groups(cache.subscriptions(data), base, horizon, Cutoffs(**json.loads(cutoffs)))


@st.cache_resource(max_entries=64, show_spinner=False)
def moved(data: str, by: str, money: str, horizon: int, cutoffs: str, scenario: str):
    from cs_models.four_groups import moved_by

    found = four_groups(data, by, money, horizon, cutoffs)
    base = cache.base(data, by, money)
    return moved_by(found, base, keys.read(scenario, base).active)


@st.cache_resource(max_entries=24, show_spinner=False)
def growth(data: str):
    import cs_models as cs

    return cs.where_growth_comes_from(cache.subscriptions(data))


def groups(data: str, by: str) -> list[str]:
    """Names of the groups of a column, the largest first."""
    return list(sizes(data, by))


def sizes(data: str, by: str) -> dict[str, int]:
    """Group -> customers who were ever in it, the largest first."""
    counts = cache.life_table(data, by).frame.groupby(by)["at_risk"].max().sort_values(ascending=False)
    return {str(name): int(count) for name, count in counts.items()}


@st.cache_resource(max_entries=64, show_spinner="Fitting every group")
def unit_economics(data: str, by: str, money: str, costs: str, horizon: int):
    """`costs`: as in a link, so that no group's own name is part of a key."""
    import cs_models as cs
    from cs_models.channel_economics import Cost

    known = link.costs_of(costs, groups(data, by))[1]
    typed = {name: Cost(**known[name]) for name in sorted(known)}
    return cs.economics_by_group(cache.base(data, by, money), typed, horizon)


@kept(max_entries=64, show_spinner="Trying twelve tactics")
def tactics(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.rank_tactics(cache.base(data, by, money), horizon)


@st.cache_resource(max_entries=64, show_spinner=False)
def doubts(data: str, by: str, money: str, horizon: int) -> dict:
    """Tactic -> its range with doubt about the assumptions; fills as the page asks for one after the other."""
    return {}


def doubt(data: str, by: str, money: str, horizon: int, key: str):
    from cs_models.playbook import doubted

    held = doubts(data, by, money, horizon)
    if key not in held:
        one = next(one for one in tactics(data, by, money, horizon) if one.tactic.key == key)
        held[key] = doubted(cache.base(data, by, money), one)
    return held[key]


COMPUTED = (four_groups, moved, growth, unit_economics, tactics, doubts)
