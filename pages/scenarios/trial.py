"""How many customers and months a trial needs before it can show the effect that the plan assumes."""

import streamlit as st

from cs_models import words
from pages.scenarios.answer import Asked
from pages.shared import cache_scenarios, layout


def show(asked: Asked) -> None:
    with st.spinner("Sizing the trial"):
        found = cache_scenarios.trial(asked.question, asked.book)
    with layout.card("Could it be measured?", "Half of the customers, drawn by chance, get the decision."):
        st.markdown(words.md(words.held(found.sentence)))
        if found.events is not None:
            with layout.cards(3):
                layout.kpi("Departures to be seen", words.count(found.events))
                layout.kpi("Customers in the trial", words.count(found.customers))
                layout.kpi("Months it takes", words.count(found.months))
        st.caption(
            f"To see the effect with {words.percent(found.power, 0)} certainty and to be fooled by chance in "
            f"{words.percent(found.level, 0)} of trials at most. Expected numbers, from the fitted curves."
        )
