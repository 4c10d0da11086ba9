"""A walk through the sample in six stops; it goes from page to page with whoever takes it, and ends when told to."""

import streamlit as st

from cs_models import words
from pages.shared import session

STOP = "_tour"
STOPS = (
    ("Overview", "pages/overview/page.py",
     "What a customer is worth and what moved MRR. Each card has its day, how many it counts and, behind the question "
     "mark, its definition."),
    ("Retention", "pages/retention/page.py",
     "How long customers stay. The steps were observed, the line is the fit; it is dotted where nobody has been yet."),
    ("Lifetime value", "pages/lifetime_value/page.py",
     "The same curve in money. The range says how far chance in the data may mislead; the margin is yours to set, left."),
    ("Scenarios", "pages/scenarios/page.py",
     "Ask one of the questions, then move a slider: the sentence at the top answers at once. P shows it on a wall."),
    ("Playbook", "pages/playbook/page.py",
     "Twelve tactics, ranked on these customers. Each opens as a scenario."),
    ("Data", "pages/data/page.py",
     "Now yours: drop in the export as it is. It stays on this machine, and every row is accounted for."),
)  # fmt: skip


def offer() -> None:
    """The way in, on the sample only: of other data there is nothing to tell."""
    if session.is_sample() and not session.seen(STOP):
        st.button("Take a tour of the sample", key="tour-begin", on_click=session.put, args=(STOP, 1), type="tertiary",
                  icon=":material/explore:")  # fmt: skip


def show(page: str) -> None:
    """The card of this stop, or the way back to it from a page beside the way."""
    stop = session.seen(STOP)
    if not stop or not session.is_sample():
        return
    name, path, text = STOPS[stop - 1]
    here, last = page == name, stop == len(STOPS)
    with st.container(border=True, gap="xsmall", key="tour"):
        told = text if here else f"The tour waits at {name}."
        st.markdown(words.md(f"{stop} of {len(STOPS)}: {told}"))
        with st.container(horizontal=True, gap="small"):
            if not here:
                _move(f"Back to {name}", stop, path)
            elif not last:
                _move(f"Next: {STOPS[stop][0]}", stop + 1, STOPS[stop][1])
            st.button("End the tour", key="tour-end", on_click=session.put, args=(STOP, 0), type="tertiary")


def _move(label: str, stop: int, path: str) -> None:
    if st.button(label, key="tour-next", on_click=session.put, args=(STOP, stop)):
        st.switch_page(path)
