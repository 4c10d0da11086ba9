"""The story on a wall: five screens, one message each. Arrow keys step through it, Esc and P leave it."""

import streamlit as st

from cs_models import discreet, words
from cs_models.problems import Problem
from cs_models.story import SCREENS
from pages.scenarios.answer import Asked
from pages.scenarios.story_screens import ASKED, DRAWN, Screen
from pages.shared import answers, figures, layout, session

TOLD_ON = ("Overview", "Scenarios")  # pages the story is told from
WITHOUT_A_PLAN = 2  # today, and which question to ask
NOTE = "Amounts are shares of what {} is worth today."


def show(page: str) -> None:
    """The screen the link names, or the one this page begins with, and the bar to step on."""
    layout.stage()
    try:
        if not answers.subscriptions().has_price:
            _no_price()
            return
        asked = Asked.now()
        last = len(SCREENS) if asked.moved else WITHOUT_A_PLAN
        step = min(session.value("step") or (1 if page == TOLD_ON[0] else 2), last)
        _screen(asked, SCREENS[step - 1])
        _bar(step, last)
    except Problem as error:
        layout.problem(error)
        layout.leave()


def _screen(asked: Asked, name: str) -> None:
    """One screen. What it needs is worked out first and kept in plain amounts; only then are they hidden."""
    ready = ASKED[name](asked)
    before, _ = figures.before_after(asked.change, asked.book)
    hidden = session.value("amounts") == "hidden"
    with discreet.against(before if hidden else None), st.container(key="screen"):
        screen = Screen(asked, hidden, ready)
        st.title(words.md(words.held(screen.message(name))), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            layout.data_facts(amounts=not hidden)
            if hidden:
                st.caption(NOTE.format(words.WHO[asked.book]), width="content")
        layout.cautions(asked.change.base.notes)
        DRAWN[name](screen)


def _no_price() -> None:
    layout.heading("A presentation needs a price")
    layout.no_price()
    layout.leave()


def _bar(step: int, last: int) -> None:
    """Where we are, one screen back and on, whether amounts are shown, and the way out."""
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", key="story-bar"):
        _to("Back", "story-back", "Left", step - 1, step == 1)
        _to("Next", "story-next", "Right", step + 1, step == last)
        st.markdown(f"**{step} of {last}** · {SCREENS[step - 1]}", width="stretch")
        hidden = session.value("amounts") == "hidden"
        st.button("Show amounts" if hidden else "Hide amounts", key="story-amounts", shortcut="H", type="tertiary",
                  on_click=session.put, args=("amounts", "shown" if hidden else "hidden"),
                  icon=":material/visibility:" if hidden else ":material/visibility_off:")  # fmt: skip
        layout.leave()


def _to(label: str, key: str, shortcut: str, step: int, off: bool) -> None:
    st.button(label, key=key, shortcut=shortcut, type="tertiary", on_click=session.put, args=("step", step), disabled=off)
