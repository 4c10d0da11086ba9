"""Ask what-if: decisions on the table, one sentence with its range, and all of it readable from three metres."""

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from pages.scenarios import answer, controls, deeper, files, first, save
from pages.scenarios.answer import Asked
from pages.shared import answers, exports, layout, plan, questions, session, widgets


@st.fragment(key="desk")
def desk(data: str) -> None:
    """Levers and results rerun together and alone: the rest of the page stands still, while the data are those."""
    session.redraw_if_not(data)
    with session.reading():
        _drawn()


def _drawn() -> None:
    given, asked, told = plan.levers(), None, session.told()
    controls.sidebar(answers.subscriptions(), given)
    if told:
        st.error(words.md(told), icon=":material/error:")
    try:
        asked = Asked.now(given)
        result(asked)
    except Problem as error:
        layout.problem(error)
    files.box(asked)
    session.end_alone()


def result(asked: Asked) -> None:
    """The point answer and its pictures first; the range takes its place when it is ready, and what is deeper comes after."""
    title, told = st.empty(), first if first.is_asked(asked) else answer
    told.say(title, asked, ranged=False)
    answer.named(asked)
    _facts(asked)
    files.provenance(asked)
    save.provenance(asked)
    layout.cautions(asked.change.base.notes)
    layout.hindsight()
    if not asked.moved:
        questions.picker()
    numbers = st.empty()
    with numbers.container():
        told.cards(asked, None)
    answer.notes(asked)
    left, right = (st.container(), st.container()) if answer.crowded(asked) else st.columns([3, 2])
    with left:
        answer.big_chart(asked)
    with right:
        answer.staying(asked)
    if asked.moved:
        sure = asked.change.difference(asked.book)
        told.say(title, asked, ranged=True)
        with numbers.container():
            told.cards(asked, sure)
        answer.belief(asked)
        answer.must_be_true(asked)
    with deeper.under(asked):
        deeper.tabs(session.data_id())
    layout.assumptions_notes(asked.change.base.notes)


def _facts(asked: Asked) -> None:
    """Which data stand behind this; then whose value is shown, another question, and where to take the answer."""
    layout.data_facts()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        widgets.view(asked.change)
        if asked.moved:
            questions.again()
            save.button(asked)
        exports.box(asked.change, asked.book)
        layout.present_switch()


subs = answers.subscriptions()
layout.stage()
if session.scenario_lost():
    save.lost()
    session.write_link()
    st.stop()
if not subs.has_price:
    layout.heading("A scenario needs a price")
    layout.no_price(lambda: widgets.price(subs.currency))
    session.write_link()  # nothing is written once the run is stopped
    st.stop()
desk(session.data_id())
