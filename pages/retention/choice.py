"""How the curve was chosen: every model on the same counts, and how well each would have foretold."""

import pandas as pd
import streamlit as st

from cs_models import explanations, words
from cs_models.problems import Problem
from pages.shared import answers, layout

FORMATS = {"Parameters": "%d", "AIC": "%.1f", "Log-likelihood": "%.1f", "Misses by": "percent", "Deviance × 1000": "%.2f"}


def models() -> None:
    """Folded away: the leader needs the curve, the analyst its reasons."""
    box = st.expander(
        "How the curve was chosen", on_change="rerun", key="models-box", icon=":material/rule:"
    )
    if not box.open:
        return
    with box:
        try:
            found = answers.models()
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        st.markdown(words.md(explanations.choice(found)))
        layout.grid(_table(found), FORMATS, key="models", alt="Retention models with fit and hold-out errors")
        st.caption(
            "Misses by: mean error of the survival foretold for months held back, fitted on the first half, two thirds "
            "and three quarters of the months seen. AIC: fit to all months, lower is better. All customers together; "
            "billing intervals are fitted apart."
        )


def _table(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "Billing": [words.interval_name(term) for term in found["interval"]],
        "Model": found["title"], "Used": ["yes" if used else "" for used in found["chosen"]],
        "Misses by": found["miss"], "Deviance × 1000": found["deviance"] * 1000,
        "AIC": found["aic"], "Log-likelihood": found["log_likelihood"], "Parameters": found["parameters"]})  # fmt: skip
