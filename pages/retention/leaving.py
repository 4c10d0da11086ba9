"""When customers leave, and why."""

import streamlit as st

from cs_models import words
from cs_models.causes import causes_sentence
from cs_models.charts import causes as causes_chart
from cs_models.charts import pace as pace_chart
from cs_models.problems import Problem
from pages.shared import answers, figures, layout

PACE = {"Share": "percent", "95% from": "percent", "95% to": "percent"}
CAUSES = {
    name: "percent"
    for name in (
        "Still here", "Chose to leave", "95% from", "95% to", "Failed payment", "95% from ", "95% to ",
    )
}  # fmt: skip


def when(by: str) -> None:
    """The hazard by tenure, with its band."""
    term, hazards = answers.pace(by)
    shown = figures.largest(hazards)
    who = f"{words.interval_name(term)} payers only. " if by not in ("", "interval") else ""
    with layout.card(
        "When they leave",
        f"Share of the customers who could leave that did, by age, with the 95 % band. {who}"
        "Whoever pays for longer than a month can leave at a renewal only.",
    ):
        frame = pace_chart.frame(shown, figures.view_to(answers.retention(by)))
        if frame.empty:
            st.info(
                f"No age has {words.FEW_CUSTOMERS} customers who could leave yet.",
                icon=":material/hourglass_empty:",
            )
        else:
            layout.chart("pace", frame, pace_chart.spoken(frame), "pace")
        layout.numbers(lambda: pace_chart.table(list(hazards)), "Pace of leaving", "pace", PACE)


def why() -> None:
    """Decisions to leave and failed payments, or the sentence that the file does not tell."""
    with layout.card("Why they leave"):
        try:
            found, unknown = answers.causes()
        except Problem as error:
            st.info(words.md(error), icon=":material/help:")
            return
        to_month = figures.view_to(answers.retention())
        month = min(figures.WANTED_MONTH, causes_chart.last_month(found, to_month))
        said = causes_sentence(found, month, unknown)
        st.markdown(words.md(said))
        st.caption("Shares of all who began. With those still here they make 100 % at every age.")
        layout.chart("causes", causes_chart.frame(found, to_month), said, "causes")
        layout.numbers(lambda: causes_chart.table(found, to_month), "Why they leave", "causes", CAUSES)
