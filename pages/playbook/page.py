"""Twelve tactics, ranked on these customers; each opens the Scenarios page with its levers set."""

import pandas as pd
import streamlit as st

from cs_models import words
from cs_models.charts import ranges
from cs_models.problems import Problem
from pages.shared import answers, answers_segments, layout, plan, session, widgets

FORMATS = {"A month": "%,.0f", "95% from": "%,.0f", "95% to": "%,.0f", "In cash": "%,.0f", "Cost a month": "%,.0f",
           "Back for 1 spent": "%.2f"}  # fmt: skip
ORDERS = {"monthly": "By money a month", "per_cost": "By what 1 spent brings back"}


def headline(plays) -> str:
    best = plays[0]
    if best.monthly <= 0:
        return "At these modest settings no tactic pays for itself"
    gain = words.with_interval(best.monthly, best.low, best.high, best.currency)
    return f"“{best.tactic.title}” would do most: {gain} a month, at a modest setting"


def overview(plays) -> None:
    note = (f"Change of what the whole book earns a month, over {words.months(plays[0].horizon)}, discounted; each tactic "
            "alone. Bars: 95 % range, chance in your data only.")  # fmt: skip
    with layout.card("What each tactic would do", note):
        rows = pd.DataFrame({"name": [one.tactic.title for one in plays], "value": [one.monthly for one in plays],
                             "low": [one.low for one in plays], "high": [one.high for one in plays]})  # fmt: skip
        frame = ranges.frame(rows, plays[0].currency)
        layout.chart("ranges", frame, " ".join(one.sentence for one in plays[:3]), "playbook", ranges.height(frame))
        layout.numbers(lambda: table(plays), "Playbook", "playbook", FORMATS)
        st.caption("The sizes are modest assumptions, the same for every company, and not forecasts: they say what your "
                   "customers' prices, ages and ways of leaving make of them. Tactics overlap; the Scenarios page adds "
                   "them properly.")  # fmt: skip


def table(plays) -> pd.DataFrame:
    return pd.DataFrame({
        "Tactic": [one.tactic.title for one in plays], "A month": [one.monthly for one in plays],
        "95% from": [one.low for one in plays], "95% to": [one.high for one in plays],
        "In cash": [one.cash for one in plays], "Cost a month": [one.cost for one in plays],
        "Back for 1 spent": [one.per_cost for one in plays],
        "Behind the size": ["measured elsewhere" if one.tactic.measured else "assumed" for one in plays]})  # fmt: skip


def tactics(plays) -> None:
    for one in plays:
        tactic = one.tactic
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"**{one.rank}. {words.md(tactic.title)}**", width="content")
                if not session.presenting() and st.button(
                    "Open in Scenarios", key=f"open-{tactic.key}", on_click=put, args=(one.levers,), icon=":material/tune:",
                    help="Replaces the plan on the Scenarios page. There the whole book counts cash as it comes in.",
                ):  # fmt: skip
                    st.switch_page("pages/scenarios/page.py")
            st.markdown(words.md(words.held(f"{tactic.how} {one.sentence}")))
            st.caption(words.md(words.held(tactic.evidence)))


def put(levers: tuple) -> None:
    """Callback: these levers and no others, looked at for the whole book."""
    plan.set_levers(levers)
    session.put("view", "portfolio")


def ordered(plays):
    """By money a month, or by what a unit of cost brings; those that cost nothing last."""
    order = st.segmented_control("Order", list(ORDERS), format_func=ORDERS.get, default="monthly", key="playbook-order",
                                 required=True, persist_state="session", label_visibility="collapsed")  # fmt: skip
    if order == "monthly":
        return plays
    return sorted(plays, key=lambda one: (one.per_cost is None, -(one.per_cost or 0.0)))


subs = answers.subscriptions()
if not subs.has_price:
    layout.heading("The playbook needs a price")
    layout.no_price(lambda: widgets.price(subs.currency))
    session.write_link()
    st.stop()
widgets.sidebar(subs)
try:
    plays = answers_segments.tactics(session.value("horizon"))
    layout.heading(headline(plays))
    layout.cautions(answers.base().notes)
    overview(plays)
    tactics(ordered(plays))
except Problem as error:
    layout.heading("Playbook")
    layout.problem(error)
