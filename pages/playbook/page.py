"""Twelve tactics, ranked on these customers; each opens the Scenarios page with its levers set."""

import pandas as pd
import streamlit as st

from cs_models import words
from cs_models.charts import ranges
from cs_models.playbook import best
from cs_models.problems import Problem
from pages.shared import answers, answers_segments, layout, plan, session, widgets

MONEY = ("Whole book", "95% from", "95% to", "With doubt from", "With doubt to", "As earned", "Cost")
FORMATS = dict.fromkeys(MONEY, "%,.0f") | {"Pays in": "percent", "Back for 1 spent": "%.2f"}
BEHIND = {True: "The size was measured elsewhere.", False: "The size is an assumption."}
ORDERS = {"earned": "As earned", "delta": "In cash", "per_cost": "Back for 1 spent"}


def overview(plays, doubts: dict) -> None:
    """All tactics with their ranges: chance in the data at first, with doubt about the assumptions once it is known."""
    sure = len(doubts) == len(plays)
    bars = "chance in your data and doubt about the assumptions" if sure else "chance in your data; doubt is being added"
    note = (f"Change of the value of the whole book over {words.months(plays[0].horizon)}, discounted, each tactic alone; "
            f"the same number as on the Scenarios page. In the order of what is earned within them; the bars are cash with its 95 % range, {bars}.")  # fmt: skip
    with layout.card("What each tactic would do", note):
        ends = [doubts[one.tactic.key] if sure else one for one in plays]
        rows = pd.DataFrame({"name": [one.label for one in plays], "value": [one.delta for one in plays],
                             "low": [one.low for one in ends], "high": [one.high for one in ends]})  # fmt: skip
        frame = ranges.frame(rows, plays[0].currency)
        alt = " ".join(one.sentence for one in plays[:3])
        layout.chart("ranges", frame, alt, "playbook" if sure else "playbook-first", ranges.height(frame))
        if sure:
            layout.numbers(lambda: table(plays, doubts), "Playbook", "playbook", FORMATS)
        st.caption("The sizes are modest assumptions, the same for every company, and not forecasts: they say what your "
                   "customers' prices, ages and ways of leaving make of them. Tactics overlap; the Scenarios page adds "
                   "them properly.")  # fmt: skip


def table(plays, doubts: dict) -> pd.DataFrame:
    wide = [doubts[one.tactic.key] for one in plays]
    return pd.DataFrame({
        "Tactic": [one.tactic.title for one in plays], "Whole book": [one.delta for one in plays],
        "95% from": [one.low for one in plays], "95% to": [one.high for one in plays],
        "With doubt from": [one.low for one in wide], "With doubt to": [one.high for one in wide],
        "Pays in": [one.pays for one in wide],
        "As earned": [one.earned for one in plays], "Cost": [one.cost for one in plays],
        "Back for 1 spent": [one.per_cost for one in plays],
        "Behind the size": [behind(one) for one in plays]})  # fmt: skip


def behind(one) -> str:
    return "measured elsewhere" if one.tactic.measured else "assumed"


def tactics(plays) -> dict:
    """A box per tactic; the places for its range with doubt, to be filled."""
    places = {}
    for one in plays:
        tactic = one.tactic
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"**{one.rank}. {words.md(tactic.title)}**", width="content")
                if not session.presenting() and st.button(
                    "Open in Scenarios", key=f"open-{tactic.key}", on_click=put, args=(one.levers,), icon=":material/tune:",
                    help="Replaces the plan on the Scenarios page, which says the same of the whole book.",
                ):  # fmt: skip
                    st.switch_page("pages/scenarios/page.py")
            st.markdown(words.md(words.held(f"{tactic.how} {one.sentence}")))
            places[tactic.key] = st.empty()
            st.caption(words.md(words.held(f"{BEHIND[tactic.measured]} {tactic.evidence}")))
    return places


def doubtful(plays, places: dict, picture) -> None:
    """Fill in what each would do with doubt about its assumptions: one after the other, so that a click is never late."""
    for one in plays:
        key = one.tactic.key
        if key not in answers_segments.doubts_known(one.horizon):
            places[key].caption("Adding doubt about the assumptions …")
        found = answers_segments.doubt(one.horizon, key)
        with places[key].container(gap="xsmall"):
            st.markdown(words.md(words.held(found.sentence)))
            assumed(found, key)
    with picture.container():
        overview(plays, answers_segments.doubts_known(plays[0].horizon))


def assumed(found, key: str) -> None:
    """What is assumed, how far it may be off, and what speaks for it."""
    if session.presenting() or not found.beliefs:
        return
    box = st.expander("What is assumed, and why", key=f"assumed-{key}", on_change="rerun", icon=":material/rule:")
    if box.open:
        with box:
            layout.grid(pd.DataFrame(found.table), key=f"assumed-table-{key}", alt="Assumptions with range and evidence")


def put(levers: tuple) -> None:
    """Callback: these levers and no others, looked at for the whole book."""
    plan.set_levers(levers)
    session.put("view", "portfolio")


def ordered(plays):
    """By what the whole book gains, as earned or in cash, or by what a unit of cost brings; those without cost last."""
    order = st.segmented_control("Order", list(ORDERS), format_func=ORDERS.get, default="earned", key="playbook-order",
                                 required=True, persist_state="session", label_visibility="collapsed")  # fmt: skip
    if order == "per_cost":
        return sorted(plays, key=lambda one: (one.per_cost is None, -(one.per_cost or 0.0)))
    return sorted(plays, key=lambda one: -getattr(one, order))


subs = answers.subscriptions()
if not subs.has_price:
    layout.heading("The playbook needs a price")
    layout.no_price(lambda: widgets.price(subs.currency))
    session.write_link()
    st.stop()
widgets.sidebar(subs)
try:
    plays = answers_segments.tactics(session.value("horizon"))
    layout.heading(best(plays))
    layout.cautions(answers.base().notes)
    picture = st.empty()
    if len(answers_segments.doubts_known(plays[0].horizon)) < len(plays):
        with picture.container():
            overview(plays, {})
    doubtful(plays, tactics(ordered(plays)), picture)
except Problem as error:
    layout.heading("Playbook")
    layout.problem(error)
