"""How long customers stay: observed and fitted, by group, by sign-up month, and who leaves faster."""

import streamlit as st

from cs_models import explanations, words
from cs_models.charts import cohorts as cohort_chart
from cs_models.charts import hazards as hazard_chart
from cs_models.charts import retention as retention_chart
from cs_models.problems import Problem
from pages.shared import answers, figures, layout, widgets

SHARES = {"Observed": "percent", "95% from": "percent", "95% to": "percent", "Fitted": "percent"}
RATIOS = {"Ratio": "%.2f", "95% from": "%.2f", "95% to": "%.2f"}


def curves(by: str) -> None:
    """The big chart: steps, band, fit, number at risk."""
    groups = answers.retention(by)
    shown, to_month = figures.largest(groups), figures.view_to(groups)
    with layout.card(
        "Customers still subscribed",
        "Steps are what was observed, with the 95 % band; the line is the fitted curve, dotted where nobody "
        "has been that long yet. "
        + words.observed_note(retention_chart.shown_to(groups[0][1]), len(groups[0][1].survival) - 1),
    ):
        alt = f"Survival by month to month {to_month} for " + ", ".join(name for name, _, _ in shown)
        height = retention_chart.height(len(shown))
        layout.chart("retention", retention_chart.frame(shown, to_month, height), alt, "retention", height)
        if len(groups) > len(shown):
            st.caption(f"The {len(shown)} largest of {len(groups)} groups are drawn; the table has all.")
        layout.numbers(
            lambda: retention_chart.table(list(groups), to_month), "Retention", "retention", SHARES
        )
    layout.assumptions_notes(answers.fit_notes(by))


def cohorts(subs) -> None:
    """The heat map by sign-up month, or the sentence why there is none."""
    with layout.card("Retention by sign-up month"):
        if not subs.has_dates:
            st.info(
                "A snapshot has no dates, so there are no sign-up months to follow. Bring an export with a "
                "start date per subscription to see cohorts.",
                icon=":material/calendar_month:",
            )
            return
        value = "logos"
        if subs.has_price:
            names = {"logos": "Customers", "mrr": "Recurring revenue"}
            value = st.segmented_control(
                "Count",
                list(names),
                format_func=names.get,
                default="logos",
                required=True,
                key="cohort-value",
                label_visibility="collapsed",
            )
        st.caption(
            "Share of each month's intake still here. A cell is empty until the whole intake has lived that "
            f"long; intakes of fewer than {words.FEW_CUSTOMERS} customers are not shown."
        )
        triangle = answers.triangle(value)
        frame = cohort_chart.frame(triangle.frame)
        if frame.empty:
            layout.no_intakes()
        else:
            alt = f"Heat map of {frame['cohort'].nunique()} sign-up months by months since sign-up"
            layout.chart("cohorts", frame, alt, "cohorts", cohort_chart.height(frame))
        layout.numbers(lambda: cohort_chart.table(triangle.frame), "Cohorts", "cohorts")


def who_leaves_faster() -> None:
    """Hazard ratios, worded as association."""
    with layout.card(
        "Who leaves faster or slower",
        "Pace of leaving compared with the largest group of the same column at the same tenure. This is an "
        "association: customers chose their plan, so moving them may change nothing.",
    ):
        try:
            with st.spinner("Comparing the groups of every column"):
                ratios = answers.hazard_ratios()
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/info:")
            return
        if ratios is None:
            st.info("The file has no segment columns to compare.", icon=":material/info:")
            return
        frame = hazard_chart.frame(ratios)
        if frame.empty:
            st.info("No group has enough departures to be compared with another.", icon=":material/info:")
        else:
            st.caption(words.md(explanations.references(ratios)))
            layout.chart(
                "hazards",
                frame,
                f"Pace of leaving with 95 % intervals, 1 is the same pace. {explanations.references(ratios)}",
                "hazards",
                hazard_chart.height(frame),
            )
        layout.numbers(lambda: figures.ratio_table(ratios), "Hazard ratios", "hazards", RATIOS)


subs = answers.subscriptions()
try:
    everybody = answers.retention()[0][1]
    month = figures.steady_month(everybody)
    layout.heading(
        words.retention_headline(
            everybody.survival[month], month, everybody.lower[month], everybody.upper[month]
        )
    )
    by = widgets.by(subs)
    layout.cautions(answers.fit_notes(by))
    curves(by)
except Problem as error:
    layout.heading("Retention")
    layout.problem(error)
    st.stop()
cohorts(subs)
who_leaves_faster()
