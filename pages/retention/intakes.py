"""Each sign-up month by age, and what it has brought so far against what it cost."""

import streamlit as st

from cs_models import words
from cs_models.charts import cohorts as cohort_chart
from cs_models.charts import earned as earned_chart
from cs_models.earned import value_sentence
from pages.shared import answers, layout, session, small_ones, widgets

VALUES = {"logos": "Customers", "gross": "Gross revenue", "mrr": "Net revenue"}
EVERY = {1: "Month", 3: "Quarter", 12: "Year"}
BY_MONTH = 0


def _choice(label: str, names: dict, key: str, default):
    return st.segmented_control(
        label,
        list(names),
        format_func=names.get,
        default=default,
        required=True,
        key=key,
        label_visibility="collapsed",
    )


def _chosen(subs) -> tuple[str, int, int]:
    """What to count, how many months one row holds, and whose renewals are followed (0 = months)."""
    longer = [term for term in answers.life_table().intervals if term > 1]
    value, billed = "logos", BY_MONTH
    with st.container(horizontal=True, gap="medium"):
        if subs.has_price:
            value = _choice("Count", VALUES, "cohort-value", "logos")
        if longer:
            names = {BY_MONTH: "By month"}
            names |= {term: f"{words.interval_name(term)} payers by renewal" for term in longer}
            billed = _choice("Columns", names, "cohort-billed", BY_MONTH)
        # Renewals need years to be seen: a row of three months shows more of them, and more customers.
        key, usual = ("cohort-every-renewal", 3) if billed else ("cohort-every", 1)
        return value, _choice("Sign-up by", EVERY, key, usual), billed


def cohorts(subs) -> None:
    """The heat map by sign-up month, or the sentence why there is none."""
    with layout.card("Retention by sign-up month"):
        if subs.kind == "triangle":
            st.info("The file holds counts of whole cohorts. Split by cohort above to compare them.",
                    icon=":material/calendar_month:")  # fmt: skip
            return
        if not subs.has_dates:
            st.info(
                "A snapshot has no dates, so there are no sign-up months to follow. Bring an export with a "
                "start date per subscription to see cohorts.",
                icon=":material/calendar_month:",
            )
            return
        value, every, billed = _chosen(subs)
        st.caption(
            "Share of each intake still here, or of its first revenue. A cell is hatched until the whole "
            f"intake has lived that long; intakes of fewer than {words.FEW_CUSTOMERS} customers are grey. "
            "The average weighs every intake with its size."
        )
        triangle = answers.triangle(value, every, billed)
        average = triangle.average()
        frame = cohort_chart.frame(triangle.frame, average=average)
        if frame.empty:
            layout.no_intakes()
            if every < 12:
                st.caption("Choose Quarter or Year: larger intakes can be read.")
        else:
            alt = cohort_chart.spoken(frame, "renewals" if billed else "months")
            name = "renewals" if billed else "cohorts"
            layout.chart(name, frame, alt, name, cohort_chart.height(frame))
            st.caption(words.md(cohort_chart.left_out(triangle.frame)))
        layout.numbers(lambda: small_ones.rows(cohort_chart.table(triangle.frame, average), "Customers"), "Cohorts", "cohorts", cohort_chart.FORMATS)


def earned(subs) -> None:
    """Margin so far per customer of each intake, with the acquisition cost across."""
    if not (subs.has_dates and subs.has_price):
        return
    with layout.card("What each intake has brought"):
        found = answers.earned()
        said = value_sentence(found, subs.currency)
        st.markdown(words.md(said))
        st.caption(
            "Margin so far per customer who joined, those who left included: what happened, not a forecast, "
            "and not discounted. Each thin line is a sign-up month; a year paid ahead counts a twelfth a "
            "month."
        )
        frame = earned_chart.frame(found.frame, found.average, found.cac, subs.currency)
        if frame.empty:
            layout.no_intakes()
        else:
            layout.chart("earned", frame, said, "earned")
        layout.numbers(
            lambda: earned_chart.table(small_ones.rows(found.paid_back)), "Margin so far", "earned", earned_chart.FORMATS
        )
        if not session.presenting():
            with st.expander("Margin and acquisition cost", icon=":material/tune:"):
                widgets.economics()
