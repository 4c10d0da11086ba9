"""How long customers and their revenue stay: observed and fitted, by group and sign-up month; who leaves."""

import streamlit as st

from cs_models import explanations, words
from cs_models.charts import retention as retention_chart
from cs_models.problems import Problem
from cs_models.revenue import revenue_headline
from pages.retention import choice, intakes, leaving
from pages.shared import answers, figures, layout, small_ones, widgets

TITLES = {
    "logos": "Customers still subscribed",
    "gross": "Gross revenue retention",
    "net": "Net revenue retention",
}
READS = {
    "logos": "Steps are what was observed, with the 95 % band; the line is the fitted curve, dotted where "
    "nobody has been that long yet. ",
    "gross": "Of what customers first paid a month, the share still billed, with the 95 % band. Nobody "
    "counts above the first amount, so a customer who buys more hides nobody who left. Each month counts those who "
    "are that old. ",
    "net": "Of what customers first paid a month, the share still billed, with the 95 % band; what they "
    "bought on top counts, so it may rise above 100 %. Each month counts those who are that old. ",
}


def heading(measure: str, currency: str) -> None:
    """The answer about everybody, in one sentence."""
    everybody = answers.curves(measure)[0][1]
    month = figures.steady_month(everybody)
    if measure == "logos":
        ends = everybody.survival[month], month, everybody.lower[month], everybody.upper[month]
        layout.heading(explanations.retention_headline(*ends))
    else:
        layout.heading(revenue_headline(everybody, month, currency))


def curves(measure: str, by: str) -> None:
    """The big chart: steps, band, fit, number at risk."""
    groups = answers.curves(measure, by)
    shown, to_month = figures.largest(groups), figures.view_to(groups)
    seen = explanations.observed_note(retention_chart.shown_to(groups[0][1]), len(groups[0][1].survival) - 1)
    if measure == "logos" and not by and answers.subscriptions().has_price:
        seen = f"{figures.reads(groups[0], True)} {seen}"
    else:
        seen = READS[measure] + seen
    with layout.card(TITLES[measure], seen):
        compared(by)
        height = retention_chart.height(len(shown))
        frame = retention_chart.frame(shown, to_month, height)
        layout.chart("retention", frame, retention_chart.spoken(frame, TITLES[measure]), "retention", height)
        if measure != "logos" and by not in ("", "year"):
            st.caption("Customers count under the group they began in.")
        if len(groups) > len(shown):
            st.caption(f"The {len(shown)} largest of {len(groups)} groups are drawn; the table has all.")
        if by:
            small_ones.note(answers.all_groups(by), len(groups))
        layout.numbers(
            lambda: retention_chart.table(list(groups), to_month), "Retention", "retention", retention_chart.FORMATS
        )
    if measure == "logos":
        layout.assumptions_notes(answers.fit_notes(by))


def compared(by: str) -> None:
    """Do the groups leave at a different pace; are the newest customers different? One sentence each."""
    if by:
        try:
            st.markdown(words.md(answers.log_rank(by).sentence))
            if by != "year":
                st.caption("A difference between customers, not an effect: they chose their group.")
        except Problem as error:
            st.caption(words.md(error))
    if by in ("", "year") and answers.subscriptions().has_dates:
        st.markdown(words.md(answers.newest().sentence))


subs = answers.subscriptions()
try:
    with st.container():
        top = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            measure, by = widgets.measure(subs), widgets.by(subs)
    with top:
        heading(measure, subs.currency)
    layout.cautions(answers.fit_notes(by))
    curves(measure, by)
except Problem as error:
    layout.heading("Retention")
    layout.problem(error)
    st.stop()
leaving.when(by)
leaving.why()
intakes.cohorts(subs)
intakes.earned(subs)
choice.models()
