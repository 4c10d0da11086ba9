"""The questions one begins with: a press sets the levers that answer it, on the landing page as on the desk."""

import streamlit as st

from cs_models import words
from pages.shared import plan, session

PICKED = ("AnnualBilling", "PriceIncrease", "Grandfathering", plan.FIRST, "Expansion")
MORE, AGAIN = "more-questions", "ask-again"


def picker() -> bool:
    """Five questions in sight, the others folded behind them; whether one was pressed just now."""
    with st.container(horizontal=True, gap="small", key="questions"):
        pressed = [st.button(plan.question(name), key=f"ask-{name}", on_click=plan.ask, args=(name,))
                   for name in PICKED]  # fmt: skip
        with st.popover("More questions", key=MORE, on_change="rerun"), st.container(gap="xxsmall"):
            pressed += [_folded(name, MORE) for names in plan.kinds().values() for name in names if name not in PICKED]
    return any(pressed)


def again() -> None:
    """All questions, folded away once one has been asked."""
    box = st.popover("Ask again", icon=":material/help:", key=AGAIN, on_change="rerun")
    if not box.open:
        return
    with box, st.container(gap="xxsmall"):
        _folded(plan.FIRST, AGAIN)
        for title, names in plan.kinds().items():
            st.caption(words.md(title))
            for name in names:
                _folded(name, AGAIN)


def _folded(name: str, box: str) -> bool:
    return st.button(plan.question(name), key=f"ask-{name}", on_click=_asked, args=(name, box), type="tertiary")


def _asked(name: str, box: str) -> None:
    """Callback: the answer is what one wants to see next, so the questions fold away."""
    plan.ask(name)
    session.put(box, False)
