"""What articles about lifetime value say, beside what holds for the customers in these data."""

import streamlit as st

from cs_models import words
from pages.scenarios.answer import Asked
from pages.shared import answers, layout


def show(asked: Asked) -> None:
    """One card per claim: theirs, ours with its range, and why the two differ."""
    with st.spinner("Checking the rules of thumb on these data", show_time=True):
        found = answers.claims(asked.change.horizon)
    st.caption("Rules of thumb from articles, worked out on your customers as they are today, without any decision.")
    for claim in found:
        with layout.card(claim.title):
            st.markdown(words.md(words.held(f"They say: {claim.theirs}")))
            st.markdown(f"**{words.md(words.held(f'Your customers: {claim.said}'))}**")
            st.caption(words.md(words.held(claim.why)))
