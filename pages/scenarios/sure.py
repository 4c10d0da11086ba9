"""How sure the answer is: chance in the data, doubt about what is believed, other models, other customers."""

import streamlit as st

from cs_models import words
from cs_models.charts import tornado as chart
from pages.scenarios import in_steps
from pages.scenarios.answer import Asked
from pages.shared import cache_scenarios, figures, layout


def show(asked: Asked) -> None:
    """Four ranges of the same difference, then which belief moves it."""
    doubting = cache_scenarios.doubting(asked.question, asked.book)
    title = "Drawing every belief from its range, with the data drawn again"
    if in_steps.worked_out(doubting, title, f"doubt {asked.book} {asked.question}"):
        doubt = doubting.answer()
        st.markdown(words.md(words.held(doubt.sentence)))
        ranges(asked, doubt)
    tornado(asked)
    shares(asked)


def ranges(asked: Asked, doubt) -> None:
    """Where the difference may lie, by what is in doubt."""
    with st.spinner("Asking the other retention models"):
        models = cache_scenarios.model_range(asked.question)[asked.book]
    change, book = asked.change, asked.book
    ends = sorted((change.point(book), change.other_point(book)))
    with layout.cards(4, ranges=True):
        _range("Chance in the data", doubt.data.low, doubt.data.high, asked, _pays(doubt.by_data),
               "95 % of the resampled data sets. It says how far the past may mislead.")  # fmt: skip
        _range("Chance and beliefs", doubt.both.low, doubt.both.high, asked, _pays(doubt.by_both),
               "95 %, with every belief drawn between its low and high as well.")  # fmt: skip
        count = words.counted(len(models.by_model) or 1, "model")
        _range("Other curves", models.low, models.high, asked, count,
               "What other retention models that fit the same months say of this plan.")  # fmt: skip
        _range("Customers alike or not", *ends, asked, "how much customers differ",
               "The two bounds of how much customers differ: as fitted, and all the same.")  # fmt: skip


def _range(label: str, low: float, high: float, asked: Asked, note: str, meaning: str) -> None:
    layout.kpi(label, words.money_interval(low, high, asked.currency, sign=True), note, meaning)


def _pays(chance: float | None) -> str:
    return "" if chance is None else f"pays in {words.percent(chance, 0)} of cases"


def tornado(asked: Asked) -> None:
    """Each belief at its low and at its high."""
    with st.spinner("Turning each belief"):
        found = cache_scenarios.tornado(asked.question, asked.book)
    with layout.card("Which belief matters most", "The difference when one belief moves to its low or high."):
        st.markdown(words.md(words.held(found.sentence)))
        frame = chart.frame(found.delta, found.swings, asked.currency)
        if not frame.empty:
            st.caption("Each bar runs from the answer as set (dashed) to where its belief would take it.")
            alt = chart.alt_text(found.delta, found.swings, asked.currency)
            layout.chart("tornado", frame, alt, "tornado", chart.height(frame))
            layout.numbers(lambda: chart.table(found.swings, asked.currency), "Beliefs", "tornado")


def shares(asked: Asked) -> None:
    """Sobol total effects: only when somebody opens them, a few seconds."""
    box = st.expander("What is worth finding out first: all beliefs at once", on_change="rerun", key="sobol",
                      icon=":material/donut_small:")  # fmt: skip
    if not box.open:
        return
    with box:
        with st.spinner("Looking which beliefs move the answer", show_time=True):
            weighing = cache_scenarios.weighing(asked.question, asked.book)
        if not in_steps.worked_out(weighing, "Running the plan with all beliefs changed", f"shares {asked.book} {asked.question}"):
            return
        found = weighing.answer()
        if not found:
            st.caption("It takes two beliefs to compare them.")
            return
        st.caption("What would be left of the doubt if all beliefs but this one were known (Sobol total effect).")
        table = figures.effects_table(found)
        layout.grid(table, figures.EFFECTS, key="sobol-table", alt="Shares of the doubt")
