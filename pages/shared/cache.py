"""What is computed, kept for everybody on this server.

Every function takes plain strings and numbers, and the first is the id of the data set: nothing computed from
one file can be served for another. What is kept is immutable, so that sessions can share it.
"""

import json
from dataclasses import replace

import streamlit as st

from pages.shared import counters, keys
from pages.shared.samples import ROOT, SAMPLES
from pages.shared.spoken import kept


AT = "@"  # in an id: the price a month somebody typed for data without prices follows
SMALLEST = 0.01


def priced(data: str, price: float) -> str:
    """The id of these data at a typed price; their own where they hold prices or none is typed."""
    return data if price < SMALLEST or subscriptions(data).has_price else f"{data}{AT}{price!r}"


@kept(max_entries=12, show_spinner="Reading the data", show_time=True)  # the report of the import is in words
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

    if by == "year":
        from cs_models.cohorts import by_year

        return by_year(cs.life_table(subscriptions(data), by=("cohort",)))
    return cs.life_table(subscriptions(data), by=(by,) if by else ())


@kept(max_entries=64, show_spinner="Fitting retention")
def retention(data: str, by: str):
    """(name, observed, fitted) per group, the largest first."""
    import cs_models as cs

    found = [(_label(name, by), part) for name, part in _parts(data, by)]
    # intakes of several years are compared as they were seen; the youngest would be a guess for the most part
    curves = [_one_retention(cs, part, label) if by != "year" else (label, cs.kaplan_meier(part), None)
              for label, part in found]  # fmt: skip
    return tuple(sorted(curves, key=lambda group: -float(group[1].at_risk[0])))


def _parts(data: str, by: str) -> list:
    """(group, its life table) for every group of a column; (None, the whole) for ""."""
    table = life_table(data, "" if by == "interval" else by)
    names = list(dict.fromkeys(table.frame[by])) if by else [None]
    return [(name, table if name is None else table.select(**{by: name})) for name in names]


def _label(name, by: str) -> str:
    from cs_models import words

    return "All customers" if name is None else words.interval_name(name) if by == "interval" else str(name)


def _one_retention(cs, table, label: str):
    from cs_models.problems import Problem

    try:
        with counters.fitting():
            return label, cs.kaplan_meier(table), cs.fit(table)
    except Problem:  # too little to learn from; the steps are shown without a fit
        return label, cs.kaplan_meier(table), None


@kept(max_entries=64, show_spinner="Following what customers pay")
def revenue(data: str, by: str, kind: str):
    """(name, share of the first revenue, None) per group, the largest first; `kind`: gross or net."""
    import cs_models as cs

    found = cs.revenue_retention(subscriptions(data), kind, by or None)
    curves = [(_label(name, by), curve, None) for name, curve in found.items()]
    return tuple(sorted(curves, key=lambda group: -float(group[1].at_risk[0])))


@st.cache_resource(max_entries=64, show_spinner=False)
def pace(data: str, by: str):
    """(billing interval told, ((name, hazard by tenure), ...)): every interval apart, or the groups of the
    interval most customers have."""
    import cs_models as cs
    from cs_models.observed import most_common_interval

    term = most_common_interval(life_table(data, ""))
    own = [(name, part if by in ("", "interval") else part.select(interval=term)) for name, part in
           _parts(data, by or "interval")]  # fmt: skip
    there = [(_label(name, by or "interval"), part) for name, part in own if len(part.frame)]
    found = [(label, cs.hazard_by_tenure(part)) for label, part in there]
    return term, tuple(sorted(found, key=lambda group: -group[1].at_risk.max(initial=0)))


@kept(max_entries=24, show_spinner=False)
def causes(data: str):
    """What became of all who began, and the share of those who left that gave no reason."""
    import cs_models as cs
    from cs_models.causes import unexplained

    return cs.causes_of_leaving(subscriptions(data), life_table(data, "")), unexplained(subscriptions(data))


@kept(max_entries=64, show_spinner=False)
def log_rank(data: str, by: str):
    import cs_models as cs

    subs = subscriptions(data)
    title = subs.columns.get(by, by)
    return cs.log_rank(life_table(data, "" if by == "interval" else by), by, title)


@kept(max_entries=24, show_spinner="Comparing newer with earlier customers")
def newest(data: str):
    import cs_models as cs

    return cs.newest_cohorts(subscriptions(data))


@st.cache_resource(max_entries=64, show_spinner=False)
def earned(data: str, margin: float, service: float, cac: float):
    """Margin so far of each sign-up month against the cost to win a customer."""
    import cs_models as cs

    return cs.cohort_value(triangle(data, "mrr"), triangle(data, "logos"), margin, service, cac)


@st.cache_resource(max_entries=24, show_spinner="Following each sign-up month")
def triangle(data: str, value: str, every: int = 1, billed: int = 0):
    """`every`: months of sign-up in one row; `billed`: payers of this interval only, by renewal."""
    import cs_models as cs

    return cs.cohort_triangle(subscriptions(data), value=value, every=every, billed=billed or None)


@kept(max_entries=24, show_spinner="Fitting customer types and their ranges", show_time=True)
def fitted(data: str, by: str, grows: bool = False):
    import cs_models as cs

    from cs_models.explanations import typed_price

    subs = subscriptions(data)
    with counters.fitting():
        found = cs.Assumptions.from_data(subs, by=(by,) if by else (), expansion=grows)
    if subs.typed_price is None:
        return found
    return replace(found, notes=(typed_price(subs.typed_price, subs.currency), *found.notes))


@kept(max_entries=64, show_spinner=False)
def base(data: str, by: str, money: str):
    economics = json.loads(money)
    grows = economics.pop("growth", "flat") == "seen"
    return fitted(data, by, grows).with_economics(**economics)


@st.cache_resource(max_entries=128, show_spinner=False)
def valuation(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.value(base(data, by, money), horizon=horizon)


@st.cache_resource(max_entries=128, show_spinner=False)
def interval(data: str, by: str, money: str, horizon: int):
    import cs_models as cs

    return cs.interval(base(data, by, money), horizon=horizon)


@kept(max_entries=128, show_spinner=False)  # what many people try on one book is seldom new; 0.1 to 1 MB each
def change(data: str, by: str, money: str, scenario: str, horizon: int):
    import cs_models as cs

    believed = base(data, by, money)
    return cs.compare(believed, keys.read(scenario, believed), horizon=horizon)


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
    revenue,
    pace,
    causes,
    log_rank,
    newest,
    earned,
    triangle,
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
