"""Which decision brings what: alone, added last, as its fair share; and what a new customer brings by month."""

import streamlit as st

from cs_models import explanations, words
from cs_models.charts import attribution as chart
from cs_models.charts import cumulative
from pages.scenarios.answer import OWNERS, Asked
from pages.shared import figures, layout, session


def show(asked: Asked) -> None:
    """The three attributions beside each other, with the overlap named; then the money back."""
    attribution(asked)
    money_back(asked)


def attribution(asked: Asked) -> None:
    found = asked.change.attribution(asked.book)
    titles = {step.name: figures.lever_title(step.name) for step in found.steps}
    with layout.card("What each decision brings", f"{OWNERS[asked.book].capitalize()}, discounted"):
        st.markdown(words.md(explanations.overlap(found, asked.currency)))
        if len(found.steps) < 2:  # three bars of one length say nothing more
            return
        frame = chart.frame(found.steps, titles, asked.currency)
        alt = chart.alt_text(found, titles, asked.currency)
        layout.chart("attribution", frame, alt, "attribution", chart.height(frame))
        st.caption(words.md(_named(found.sentence, titles)))
        layout.numbers(lambda: chart.table(found, titles, asked.currency), "Decisions one by one", "attribution")


def _named(sentence: str, titles: dict[str, str]) -> str:
    for name, title in sorted(titles.items(), key=lambda pair: -len(pair[0])):
        sentence = sentence.replace(name, title)
    return sentence


def money_back(asked: Asked) -> None:
    """Cumulative margin of a new customer, before and after, against CAC."""
    change = asked.change
    if change.baseline.new is None:
        return
    note = f"Expected margin so far, {asked.currency}, not discounted"
    with layout.card("What a new customer brings", note):
        lines = {
            cumulative.BASELINE: cumulative.line(change.baseline.new.margin[: change.horizon]),
            cumulative.GAIN: cumulative.line(change.scenario.new.margin[: change.horizon]),
        }
        marks = {
            cumulative.BASELINE: change.baseline.payback_months,
            cumulative.GAIN: change.scenario.payback_months,
        }
        if said := explanations.earlier(change.point("new"), change.undiscounted, asked.currency):
            st.markdown(words.md(words.held(said)))
        frame = cumulative.frame(lines, session.value("cac"), marks, asked.currency)
        layout.chart("cumulative", frame, cumulative.spoken(frame), "scenario-cumulative")
        layout.numbers(lambda: cumulative.table(lines), "Margin by month", "scenario-cumulative", cumulative.FORMATS)
