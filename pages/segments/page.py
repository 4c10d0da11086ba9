"""Whom an hour is worth most: four groups of customers, where growth comes from, what each channel costs and brings."""

import streamlit as st

from cs_models import words
from cs_models.charts import group_shares, year_sources
from cs_models.four_groups import TITLES
from cs_models.growth import to_stand_still
from cs_models.problems import Problem
from pages.segments import costs, plans, said
from pages.shared import answers, answers_segments, layout, link, session, small_ones, widgets

THRESHOLDS = {
    "top": ("VIP: the most valuable", 0.05, None),
    "middle": ("VIP and core together", 0.05, None),
    "room": ("Potential: pays less by", 0.05,
             "How far a customer's MRR lies at least below what nine of ten similar customers pay at most."),
    "growth": ("Upgrades seen at that age", 0.005,
               "MRR that customers of that age added in 12 months so far, at least so much."),
}  # fmt: skip


def thresholds() -> None:
    """Where the groups part; kept in the link."""
    with layout.cards(4):
        for name, (label, step, told) in THRESHOLDS.items():
            st.slider(label, *link.CUTOFFS[name], step=step, key=f"four_{name}", format="percent", help=told,
                      persist_state="session")  # fmt: skip


def four(found, groups, currency: str) -> None:
    """The groups with their sums, thresholds in money, and what to do about each."""
    with layout.card("VIP, potential, core, secondary", said.rule(found, currency)):
        small_ones.note(len(found.table), len(groups))
        if groups.empty:
            return
        layout.chart("group_shares", group_shares.frame(groups, TITLES), said.groups_alt(groups), "four-groups")
        layout.grid(said.table(groups), said.FORMATS, key="four-table", alt="The four groups with customers, MRR, value and churn")
        for title, stance in said.advice(groups):
            st.markdown(f"**{title}**: {words.md(stance)}")
        st.caption(words.md(said.caveats(found)))


def movement(found, cutoffs: dict, horizon: int) -> None:
    """Who changes group under a plan."""
    with layout.card("What a plan does to the groups", "The same customers valued after it, at today's thresholds."):
        levers = plans.choose(answers.base())
        if not levers:
            return
        moved = answers_segments.groups_moved(levers, horizon, cutoffs)
        flows = small_ones.cells(moved.flows)
        told = said.FEW if small_ones.too_few(moved.moved) else said.moved(moved, levers)
        st.markdown(words.md(words.held(told)))
        layout.grid(said.flow_table(flows), said.FLOWS, key="four-moved", alt=told)


def growth(currency: str) -> None:
    """Renewals against new business, and what a point of churn costs."""
    with layout.card("Where growth comes from", f"{currency} of MRR at the end of each year; the last year until the data end."):
        try:
            found = answers_segments.growth_by_year()
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        st.markdown(words.md(words.held(found.sentence)))
        layout.chart("year_sources", year_sources.frame(found.years, currency), found.sentence, "year-sources")
        st.caption(words.md(words.held(said.expansion(found))))
        layout.numbers(lambda: year_sources.table(found.years), "MRR by year", "year-sources", year_sources.FORMATS)
        stand_still(found, currency)


def stand_still(found, currency: str) -> None:
    """Selling that only makes up for churn."""
    price, cac = plans.new_price(answers.base()), session.value("cac")
    point = to_stand_still(found.mrr, price=price, cac=cac)
    with layout.cards(4):
        layout.kpi("A point of monthly churn", words.money(point.mrr, currency), "of MRR to win a month",
                   "One per cent of today's MRR. Selling as much only keeps MRR where it is.")  # fmt: skip
        if point.customers is not None:
            layout.kpi("New customers for it", words.count(point.customers), f"a month, at {words.money(price, currency)} each")
        if point.spend is not None:
            layout.kpi("Spend for it", words.money(point.spend, currency), "a month, at your CAC")
        if found.monthly_churn is not None:
            lost = to_stand_still(found.mrr, found.monthly_churn)
            layout.kpi("To stand still now", words.money(lost.mrr, currency),
                       f"a month: {words.percent(found.monthly_churn)} of MRR is lost",
                       "Departures and smaller plans over the last 12 whole months, as a share of MRR.")  # fmt: skip


subs = answers.subscriptions()
if not subs.has_price:
    layout.heading("Groups of customers need a price")
    layout.no_price(lambda: widgets.price(subs.currency))
    session.write_link()
    st.stop()
widgets.sidebar(subs)
horizon = session.value("horizon")
try:
    cutoffs = {name: session.value(f"four_{name}") for name in THRESHOLDS}
    found = answers_segments.four_groups(horizon, cutoffs)
    groups = small_ones.rows(found.table)
    layout.heading(said.headline(groups))
    layout.cautions(answers.base().notes)
    thresholds()
    four(found, groups, subs.currency)
    movement(found, cutoffs, horizon)
except Problem as error:
    layout.heading("Segments")
    layout.problem(error)
try:
    growth(subs.currency)
    costs.card(subs, horizon)
except Problem as error:
    layout.problem(error)
