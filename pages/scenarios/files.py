"""The scenario as a small file, out and in."""

import streamlit as st

from cs_models.problems import Problem
from cs_models.scenario import Scenario
from pages.scenarios import plan
from pages.shared import session


def box(subs) -> None:
    """Name, download, upload."""
    with st.expander("Save or open a scenario", icon=":material/save:"):
        name = st.text_input("Name", "My scenario", key="scenario-name", max_chars=80)
        text = Scenario(name, plan.levers()).to_json()
        st.download_button(
            "Download scenario",
            text,
            "scenario.json",
            "application/json",
            key="scenario-out",
            on_click="ignore",
            icon=":material/download:",
        )
        st.file_uploader("Open a scenario file", type=["json"], key="scenario-in", on_change=read)


def read() -> None:
    """Callback: set the levers from a file, or leave one sentence that says why not."""
    try:
        text = session.uploaded_text("scenario-in")
        if text:
            plan.set_levers(Scenario.from_json(text).levers)
    except Problem as error:
        session.tell(str(error))
