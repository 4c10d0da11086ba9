"""Behind the answer, a tab each: why, how sure, what it takes, a map, the whole book, a trial, claims of others.

Only the open tab is worked out; opening another reruns this part alone.
"""

from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from pages.scenarios import book, claims, sure, takes, trial, two_figures, why
from pages.scenarios.answer import Asked
from pages.shared import layout, session

TABS = {
    "Why": why.show,
    "How sure": sure.show,
    "What it takes": takes.show,
    "Map": two_figures.show,
    "Whole book": book.show,
    "Trial": trial.show,
    "Claims": claims.show,
}


_ABOVE: ContextVar[Asked | None] = ContextVar("asked above", default=None)


@contextmanager
def under(asked: Asked):
    """While the page around the tabs is drawn too, they speak of what it has read already; alone they read it anew."""
    before = _ABOVE.set(asked)
    try:
        yield
    finally:
        _ABOVE.reset(before)


@st.fragment(key="deeper")
def tabs(data: str) -> None:
    """The tabs of the plan on the table; without one, what can be said of today."""
    session.redraw_if_not(data)
    asked = _ABOVE.get() or Asked.now()
    if not asked.moved:
        _today(asked)
        return
    for name, tab in zip(TABS, st.tabs(list(TABS), key="deeper", on_change="rerun"), strict=True):
        if tab.open:
            with tab:
                _shown(TABS[name], asked)


def _today(asked: Asked) -> None:
    box = st.expander("What articles say, checked on your customers", on_change="rerun", key="claims",
                      icon=":material/fact_check:")  # fmt: skip
    if box.open:
        with box:
            _shown(claims.show, asked)


def _shown(part, asked: Asked) -> None:
    try:
        part(asked)
    except Problem as error:
        layout.problem(error)
