"""Back to the data this browser had open, after an address that names none."""

import streamlit as st

from cs_models import words
from pages.shared import session

BACK = "You see the sample. Earlier you had data of your own open in this browser."


def offer() -> None:
    """One line with two ways on; on any page but the team's list, which speaks of no data."""
    found = session.offered() if session.page() != "Saved" else None
    if found is None:
        return
    data, name = found
    with st.container(horizontal=True, vertical_alignment="center", key="go-on-bar"):
        st.markdown(BACK, width="content")
        st.button(f"Go on with {words.md(words.plain(name))}", key="go-on", on_click=session.open_data, args=(data,),
                  icon=":material/undo:")  # fmt: skip
        st.button("Stay with the sample", key="go-on-not", on_click=session.turn_down, type="tertiary")
