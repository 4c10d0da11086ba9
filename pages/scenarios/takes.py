"""What it takes: every belief with its limit, and any figure turned until the plan brings a sum."""

import streamlit as st

from cs_models import explanations, words
from cs_models.dials import dial, dials
from pages.scenarios.answer import MUST, ONE_BY_ONE, OWNERS, Asked, conditions, undecided
from pages.shared import cache_scenarios, layout


def show(asked: Asked) -> None:
    limits(asked)
    seek(asked)


def limits(asked: Asked) -> None:
    with layout.card(MUST, ONE_BY_ONE):
        for said in conditions(asked) or (undecided(asked),):
            st.markdown(f"- {words.md(words.held(said))}")


def seek(asked: Asked) -> None:
    """One figure, one sum: 0 asks where the plan breaks even."""
    plan, owner = asked.change.plan, OWNERS[asked.book]
    names = {one.name: f"{one.title}: {one.label.lower()}" for one in dials(plan)}
    with layout.card("What would it take?", "One figure is turned until the plan brings the sum; 0: break-even."):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(
                "Figure to turn", list(names), format_func=names.get, key="goal-figure", width=380
            )
            asks = f"Sum it should bring, {asked.currency}, {owner}"
            target = st.number_input(asks, step=100.0, format="%.0f", key="goal-sum", width=300)
        with st.spinner("Turning the figure"):
            found = cache_scenarios.goal(asked.question, asked.book, name, target)
        one = dial(plan, name)
        now = one.words(one.value, asked.currency)
        told = None if found is None else one.words(found, asked.currency)
        said = explanations.goal(one.label, told, target, now, owner, asked.currency)
        st.markdown(words.md(words.held(said)))
