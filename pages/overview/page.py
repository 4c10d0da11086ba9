"""Where things stand, on one screen: what a customer is worth, how many stay, what comes in."""

import streamlit as st

from cs_models import words
from cs_models.charts import cohorts as cohort_chart
from cs_models.charts import retention as retention_chart
from cs_models.problems import Problem
from pages.shared import answers, figures, layout, session

HORIZON = 36


def cards(subs, found, ranges) -> None:
    """Four numbers a leader asks first, each with its range or its date."""
    currency = subs.currency
    naive = answers.naive()
    with layout.cards(4):
        span = ranges.get("new")
        cents = words.share_cents(found.clv, *((span.low, span.high) if span else ()))
        layout.kpi(
            f"Lifetime value, {HORIZON} months",
            words.money(found.clv, currency, cents=cents),
            layout.around(span, currency, cents),
            words.HELP["clv"],
        )
        layout.kpi(
            "Churn a month",
            words.percent(naive["churn"]),
            "today's customers, next 12 months",
            words.HELP["monthly_churn"],
        )
        layout.kpi(
            "Monthly recurring revenue",
            words.money(subs.active_mrr, currency),
            words.counted(subs.active, "active customer"),
            words.HELP["active_mrr"],
        )
        layout.kpi(
            "Value of today's customers",
            words.money(found.residual, currency),
            f"still to come in {HORIZON} months",
            words.HELP["residual"],
        )


def pictures(subs) -> None:
    left, right = st.columns(2)
    groups = figures.largest(answers.retention())
    to_month = figures.view_to(groups)
    with left, layout.card("Customers still subscribed", "Steps are observed, the line is the fit."):
        layout.chart(
            "retention",
            retention_chart.frame(groups, to_month),
            f"Survival by month to month {to_month}",
            "overview-retention",
        )
    with (
        right,
        layout.card("Retention by sign-up month", "Share of each month's new customers still paying."),
    ):
        if not subs.has_dates:
            st.info(
                "A snapshot has no dates, so there are no sign-up months to follow.",
                icon=":material/calendar_month:",
            )
            return
        frame = cohort_chart.frame(answers.triangle("logos").frame, cohorts=11, ages=11)
        if frame.empty:
            layout.no_intakes()
            return
        layout.chart(
            "cohorts",
            frame,
            "Heat map of sign-up months by age",
            "overview-cohorts",
            retention_chart.height(1),
        )


subs = answers.subscriptions()
try:
    if subs.has_price:
        found, ranges = answers.valuation(HORIZON), answers.interval(HORIZON)
        layout.heading(
            words.value_headline(
                found.clv if found.clv is not None else found.residual_per_customer, HORIZON, subs.currency
            )
        )
        layout.cautions(answers.base().notes)
        cards(subs, found, ranges)
    else:
        observed = answers.retention()[0][1]
        month = figures.steady_month(observed)
        layout.heading(words.retention_headline(observed.survival[month], month))
        layout.no_price()
        layout.cautions(answers.fit_notes())
    pictures(subs)
except Problem as error:
    layout.heading("Overview")
    layout.problem(error)
    st.stop()

if not session.presenting():
    with st.container(horizontal=True):
        st.page_link("pages/scenarios/page.py", label="Ask a what-if question", icon=":material/tune:")
        st.page_link("pages/data/page.py", label="Load your own data", icon=":material/upload_file:")
