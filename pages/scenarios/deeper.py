"""Behind the answer, a tab each: why, how sure, what it takes, a map, the whole book, a trial.

Only the open tab is worked out; opening another reruns this part alone.
"""

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from pages.scenarios import book, sure, takes, trial, two_figures, why
from pages.scenarios.answer import Asked
from pages.shared import layout

TABS = {
    "Why": why.show,
    "How sure": sure.show,
    "What it takes": takes.show,
    "Map": two_figures.show,
    "Whole book": book.show,
    "Trial": trial.show,
}
AT_REST = ()


@st.fragment(key="deeper")
def tabs() -> None:
    """The tabs of the plan on the table; without one, those that speak of today."""
    asked = Asked.now()
    names = list(TABS) if asked.moved else list(AT_REST)
    if not names:
        return
    for name, tab in zip(names, st.tabs(names, key=f"deeper-{len(names)}", on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                _shown(TABS[name], asked)


def _shown(part, asked: Asked) -> None:
    try:
        part(asked)
    except Problem as error:
        layout.problem(error)
