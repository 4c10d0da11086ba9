"""The whole book by month: today's customers and those to come, with and without the plan."""

import streamlit as st

from cs_models import words
from cs_models.charts import portfolio as chart
from pages.scenarios.answer import Asked
from pages.shared import cache_scenarios, figures, layout


def show(asked: Asked) -> None:
    """One line before and one after, and when the decision has paid for itself."""
    found = cache_scenarios.whole_book(asked.question)
    st.markdown(words.md(words.held(found.sentence)))
    names = chart.MEASURES
    what = st.segmented_control("What of the book", list(names), format_func=names.get, default="mrr",
                                required=True, key="book-what", label_visibility="collapsed")  # fmt: skip
    with layout.card(f"{names[what]}, the whole book by month", f"{asked.currency}, not discounted"):
        frame = chart.frame(found.frame, what, found.payback, asked.currency)
        layout.chart("portfolio", frame, chart.alt_text(found.frame, what, asked.currency), "portfolio",
                     money=what != "customers")
        layout.numbers(lambda: chart.table(found.frame, what, asked.currency), names[what], "portfolio")
    if any(type(lever).__name__ == "Grandfathering" for lever in asked.change.plan.active):
        old_prices(asked)


def old_prices(asked: Asked) -> None:
    """What the promise of the old price costs before counting the customers it keeps."""
    box = st.expander("What keeping old prices forgoes", on_change="rerun", key="forgone", icon=":material/sell:")
    if box.open:
        with box:
            st.caption("Revenue not billed because the old price is promised, by years of tenure today.")
            table = figures.forgone_table(cache_scenarios.forgone(asked.question), asked.currency)
            layout.grid(table, key="forgone-table", alt="Revenue forgone by month and years of tenure")
