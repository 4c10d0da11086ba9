"""Two figures of the plan turned together: where it pays, where it costs, and the line between."""

import streamlit as st

from cs_models import words
from cs_models.charts import two_way as chart
from cs_models.dials import dials
from cs_models.two_way import suggested_maps
from pages.scenarios.answer import OWNERS, Asked
from pages.shared import cache_scenarios, layout


def show(asked: Asked) -> None:
    names = {one.name: f"{one.title}: {one.label.lower()}" for one in dials(asked.change.plan)}
    if len(names) < 2:
        st.info("A map needs two figures, and this plan has one.", icon=":material/info:")
        return
    first, second = _suggested(asked, tuple(names))
    with layout.card("Where the plan pays", f"{OWNERS[asked.book].capitalize()}, everything else as set."):
        with st.container(horizontal=True):
            across = _pick("Across", names, first)
            down = _pick("Upwards", {name: label for name, label in names.items() if name != across}, second)
        with st.spinner("Running the plan at every point", show_time=True):
            found = cache_scenarios.two_way(asked.question, asked.book, across, down)
        st.markdown(words.md(words.held(found.sentence)))
        alt = chart.alt_text(found, asked.currency)
        layout.chart("two_way", chart.frame(found, asked.currency), alt, "map")
        st.caption("Blue: it pays. Orange: it costs. The line is break-even, the diamond is the plan as set.")
        layout.numbers(lambda: chart.table(found, asked.currency), "Map", "map")


def _suggested(asked: Asked, names: tuple[str, ...]) -> tuple[str, str]:
    """A pair worth a map whose belief moves this answer: nobody new leaves over a price he always knew."""
    swings = cache_scenarios.tornado(asked.question, asked.book).swings
    moving = {one.name for one in swings if one.width > 0}
    pairs = suggested_maps(asked.change.plan)
    return next((pair for pair in pairs if pair[1] in moving), pairs[0] if pairs else names[:2])


def _pick(label: str, names: dict[str, str], first: str) -> str:
    there = list(names)
    at = there.index(first) if first in there else 0
    return st.selectbox(label, there, at, format_func=names.get, key=f"map-{label.lower()}", width=340)
