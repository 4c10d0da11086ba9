"""Long work on the page: how far it is, how long it has taken, and a way to stop and to go on."""

import streamlit as st

from cs_models import words
from pages.shared import session, work
from pages.shared.steps import Steps

AT_ONCE = 1.0  # seconds of work in one go; a press on Cancel waits no longer
AGAIN = 0.2


def worked_out(steps: Steps, title: str, key: str) -> bool:
    """Whether the answer is there; if not, its progress is on the page, and Cancel or Go on."""
    stopped = session.stopped()
    if key not in stopped:
        steps.go_on(AT_ONCE)
    if steps.done:
        return True
    if key in stopped:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Stopped after {words.count(steps.made)} of {words.count(steps.runs.count)} runs.")
            st.button("Go on", on_click=stopped.discard, args=(key,), icon=":material/play_arrow:")
        return False
    _watch(steps, title, key)
    return False


@st.fragment(run_every=AGAIN)
def _watch(steps: Steps, title: str, key: str) -> None:
    """How far it is. The page is drawn anew at the end."""
    stopped = session.stopped()
    if steps.done or key in stopped:
        st.rerun()
    with work.running(title):
        share = steps.made / steps.runs.count
        said = f"{words.count(steps.made)} of {words.count(steps.runs.count)} runs, {steps.seconds:.0f} seconds so far"
        st.progress(share, text=said)
        st.button("Cancel", on_click=stopped.add, args=(key,), icon=":material/close:", help="What was found is kept.")
    steps.go_on(AT_ONCE)
