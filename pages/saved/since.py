"""What was promised and what came: a saved scenario on data that reach further than its own."""

import pandas as pd
import streamlit as st

from cs_models import words
from cs_models.charts import backtest as chart
from cs_models.problems import Problem
from pages.shared import answers, cache_saved, layout

NOTE = (
    "The data do not say whether the plan was carried out, nor what else happened. Expected: the forecast of that day, "
    "with a 95 % range that holds the error of the curve and the luck of each customer."
)
WRITTEN = {"count": words.count, "share": words.percent}


def show(entry) -> None:
    """Folded: it fits the data of two days."""
    box = st.expander("What came of it since", key=f"since-{entry.id}", on_change="rerun", icon=":material/history:")
    if not box.open:
        return
    with box:
        try:
            _found(cache_saved.replay(answers.asked()[0], entry.id))
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/history:")


def _found(found) -> None:
    if doubt := found.doubt():
        st.warning(words.md(words.held(doubt)), icon=":material/help:")
    for sentence in (found.sentence(), found.newcomers(), found.again()):
        st.markdown(words.md(words.held(sentence)))
    st.caption(NOTE)
    table = found.test.customers
    title = f"Customers of {words.day(found.day)} still here"
    with layout.card(title, "Blue: forecast of that day without the plan, with its 95 % range. Dots: what came."):
        layout.chart("backtest", chart.frame(table), chart.spoken(table), "since", money=False)
        layout.numbers(lambda: chart.table(table), "What came", "since")
    with layout.card("After these months"):
        layout.grid(_ends(found), key="since-ends", alt="Expected without the plan, with it, and what came")
    with layout.card("Today's way, then and now", "Without any plan, under the economics of the scenario."):
        layout.grid(_baseline(found), key="since-baseline", alt="The baseline on that day and now")


def _ends(found) -> pd.DataFrame:
    def row(name, came, said):
        return (name, said(came.expected), f"{said(came.low)} to {said(came.high)}", said(came.planned), said(came.happened))

    def paid(value):
        return words.money(value, found.currency)

    rows = [row("Customers of that day still here", found.customers, words.count)]
    if found.mrr:
        rows.append(row("What they pay a month", found.mrr, paid))
    pairs = (("Joined since", found.joined), ("Of those, still here", found.joined_here))
    rows += [(name, words.count(said), "", "", words.count(came)) for name, (said, came) in pairs]
    return pd.DataFrame(rows, columns=["", "Expected without it", "95 % range", "Expected with it", "What came"])


def _baseline(found) -> pd.DataFrame:
    def told(value, kind):
        return words.ABSENT if value is None else WRITTEN.get(kind, lambda v: words.money(v, found.currency))(value)

    rows = [(row.figure, told(row.then, row.kind), told(row.now, row.kind)) for row in found.baseline.itertuples()]
    return pd.DataFrame(rows, columns=["Figure", words.day(found.day), "On the desk now"])
