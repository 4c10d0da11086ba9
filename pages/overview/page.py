"""Where things stand, on one screen: what a customer is worth, how many stay, what comes in."""

import streamlit as st

from cs_models import explanations, words
from cs_models.charts import cohorts as cohort_chart
from cs_models.charts import retention as retention_chart
from cs_models.problems import Problem
from pages.overview import board as figures_of
from pages.shared import answers, exports, figures, layout, questions, tour

HORIZON = 36
NO_MONTHS = "MRR by month, churn of a month and revenue kept over twelve months are left out."


def top(subs, found, ranges, board) -> None:
    """Four numbers a leader asks first, each with its range or its day."""
    currency = subs.currency
    with layout.cards(4):
        span = ranges.get("new")
        cents = words.share_cents(found.clv, *((span.low, span.high) if span else ()))
        layout.kpi(
            f"Lifetime value, {HORIZON} months",
            words.money(found.clv, currency, cents=cents),
            layout.around(span, currency, cents),
            words.HELP["clv"],
        )
        if board is not None:
            for name in ("mrr", "nrr", "logo_churn"):
                figures_of.card(board[1], name, currency)
            return
        layout.kpi(
            words.LABELS["mrr"],
            words.money(subs.active_mrr, currency),
            words.counted(subs.active, "active customer"),
            words.HELP["mrr"],
        )
        figures_of.expected(found, answers.naive()["churn"], currency)


def ask() -> None:
    """The first thing to do here: a question, and one press later its answer."""
    with layout.card("What do you want to decide?", "A question sets the levers. The answer is one press away."):
        if questions.picker():
            st.switch_page("pages/scenarios/page.py")
        with st.container(horizontal=True, gap="small"):
            layout.present_switch()
            tour.offer()


def by_month(subs):
    """(figures by month, as of today); None, and why, where the file cannot tell."""
    try:
        return answers.metrics(), ""
    except Problem as error:
        return None, str(error)


def pictures(subs) -> None:
    left, right = st.columns(2)
    groups = figures.largest(answers.retention())
    to_month = figures.view_to(groups)
    with left, layout.card("Customers still subscribed", figures.reads(groups[0], subs.has_price)):
        frame = retention_chart.frame(groups, to_month)
        layout.chart(
            "retention", frame, retention_chart.spoken(frame, "Customers still subscribed"), "overview-retention"
        )
        layout.numbers(
            lambda: retention_chart.table(groups, to_month), "Retention", "overview-retention", retention_chart.FORMATS
        )
    with (
        right,
        layout.card("Retention by sign-up month", "Share of each month's new customers still paying."),
    ):
        if not subs.has_dates:
            counts = subs.kind == "triangle"
            what = ("The file counts whole cohorts by age, and nobody's months" if counts else "A snapshot has no dates, so there are no sign-up months")
            st.info(f"{what} to follow.", icon=":material/calendar_month:")
            return
        frame = cohort_chart.frame(answers.triangle("logos").frame, cohorts=11, ages=11)
        if frame.empty:
            layout.no_intakes()
            return
        layout.chart(
            "cohorts",
            frame,
            cohort_chart.spoken(frame),
            "overview-cohorts",
            retention_chart.height(1),
        )
        layout.numbers(lambda: cohort_chart.table(answers.triangle("logos").frame), "Cohorts", "overview-cohorts",
                       cohort_chart.FORMATS)


subs = answers.subscriptions()
try:
    if subs.has_price:
        found, ranges = answers.valuation(HORIZON), answers.interval(HORIZON)
        layout.heading(
            words.value_headline(
                found.clv if found.clv is not None else found.residual_per_customer, HORIZON, subs.currency,
                ranges.get("new" if found.clv is not None else "existing"),
                "new" if found.clv is not None else "existing",
            ),
            beside=lambda: exports.box(answers.change((), HORIZON)),
        )
        layout.cautions(answers.base().notes)
        layout.hindsight()
        ask()
        board, missing = by_month(subs)
        top(subs, found, ranges, board)
        if board is not None:
            figures_of.moves(*board, subs.currency)
        else:
            st.info(words.md(f"{missing} {NO_MONTHS}"), icon=":material/calendar_month:")
    else:
        observed = answers.retention()[0][1]
        month = figures.steady_month(observed)
        layout.heading(explanations.retention_headline(
            observed.survival[month], month, observed.lower[month], observed.upper[month]))
        layout.no_price()
        layout.cautions(answers.fit_notes())
    pictures(subs)
    if subs.has_price:
        if board is not None:
            figures_of.sections(*board, subs.currency)
            figures_of.churn()
        ahead = None if board is None else (found, answers.naive()["churn"])  # on top where no month is told
        figures_of.economics(answers.economics(HORIZON), ahead, subs.currency)
except Problem as error:
    layout.heading("Overview")
    layout.problem(error)
    st.stop()

with st.container(horizontal=True):
    st.page_link("pages/scenarios/page.py", label="Ask a what-if question", icon=":material/tune:")
    st.page_link("pages/data/page.py", label="Load your own data", icon=":material/upload_file:")

