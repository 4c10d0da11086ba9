"""Whom to call this week, what comes up for renewal, and how far the chances deserve belief."""

import streamlit as st

from cs_models import words
from cs_models.calls import TRIAL
from cs_models.charts import calibration, renewal_wall
from cs_models.health import ASSOCIATION
from cs_models.problems import Problem
from pages.customers import beside, customers
from pages.shared import answers, answers_customers, layout, link, session, widgets


def capacity(health) -> tuple:
    """Managers, hours, minutes, the effect of a contact, and whether renewals go first."""
    kept = {"persist_state": "session"}
    with layout.cards(4):
        managers = st.number_input("Account managers", *link.WEEK["call_managers"][1:], step=1, key="call_managers", **kept)
        hours = st.number_input(
            "Hours a week each", *link.WEEK["call_hours"][1:], step=0.5, key="call_hours", format="%.1f", **kept,
            help="Hours for calls of their own choosing, beside the work that comes in.",
        )  # fmt: skip
        minutes = st.number_input(
            "Minutes per contact", *link.WEEK["call_minutes"][1:], step=5.0, key="call_minutes", format="%.0f", **kept,
            help="With preparation and notes.",
        )  # fmt: skip
        effect = st.slider(
            "A contact prevents", *link.WEEK["call_effect"][1:], step=0.05, key="call_effect", format="percent", **kept,
            help="Share of the chance to leave within three months that a contact takes away. An assumption.",
        )  # fmt: skip
    longer = health.frame["interval"].max() > 1
    first = longer and st.toggle("Renewals within three months first", key="call-first", **kept)
    return int(managers), float(hours), float(minutes), float(effect), bool(first)


def figures(found, subs) -> None:
    """What the week holds and what it brings."""
    managers = found.capacity.managers
    with layout.cards(4):
        layout.kpi("Calls this week", words.count(found.contacts), f"of {words.count(subs.active)} customers")
        if not found.by_chance:
            layout.kpi("At stake with them", words.money(found.at_stake, subs.currency), words.months(found.horizon),
                       words.HELP["residual"])  # fmt: skip
        layout.kpi("Expected value saved" if found.by_chance else "Saved at the average chance",
                   words.money(found.total, subs.currency), words.months(found.horizon), words.HELP["call_saved"])  # fmt: skip
        if found.by_chance:
            layout.kpi("One more hour saves", words.money(found.next_hour, subs.currency), "", words.HELP["call_hour"])
        if managers:
            layout.kpi("Customers per manager", words.count(subs.active / managers))
    st.caption(words.md(f"{TRIAL} {ASSOCIATION}"))


def wall() -> None:
    with layout.card(
        "What comes up for renewal",
        "MRR of contracts longer than a month, by the month they end. Orange on top: expected not to renew.",
    ):
        try:
            calendar = answers_customers.renewals()
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/event_repeat:")
            return
        st.markdown(words.md(words.held(calendar.sentence)))
        frame = renewal_wall.frame(calendar.frame, calendar.currency)
        layout.chart("renewal_wall", frame, calendar.sentence, "renewal-wall")
        rest = words.money(calendar.monthly, calendar.currency)
        st.caption(words.md(f"Beside it {rest} of MRR is paid by the month and renews every month."))
        layout.numbers(
            lambda: renewal_wall.table(calendar.frame), "Renewals", "renewals", renewal_wall.FORMATS
        )


def belief(health) -> None:
    """The chances of an earlier day against what came."""
    with layout.card(
        "Do these chances deserve belief?",
        "Each dot is a tenth of the customers: what was expected of them against what came, with its 95 % "
        "range. On the dotted line all is as expected; orange is off it by more than chance.",
    ):
        try:
            held = answers_customers.health_choices()
            months = 0
            if held:
                months = st.segmented_control("Months held back", held, default=held[-1], required=True,
                                              key="health-held", persist_state="session",
                                              help=words.HELP["health_held"])  # fmt: skip
            found = answers_customers.health_check(int(months))
        except Problem as error:
            st.info(words.md(str(error)), icon=":material/history:")
            return
        st.markdown(words.md(words.held(found.sentence)))
        if not found.months:
            st.caption(
                "The file has no dates: each fifth of the customers is scored by a model of the rest."
            )
        counted = "customer" if found.months else "month of a customer"
        many = None if found.months else "months of customers"
        layout.chart(
            "calibration", calibration.frame(found.bins, counted, many), found.sentence, "calibration"
        )
        st.caption(words.md(found.pairs))
        used = (
            ", ".join(health.in_use) or "nothing beside tenure and billing interval parts customers clearly"
        )
        st.caption(words.md(f"Counts beside tenure and billing interval: {used}. "
                            f"Brier score {words.decimal(found.brier, 4)}, "
                            f"from tenure alone {words.decimal(found.brier_tenure, 4)}; smaller is better."))  # fmt: skip
        layout.numbers(
            lambda: calibration.table(found.bins), "Calibration", "calibration", calibration.FORMATS
        )


def show(subs) -> None:
    heading, week, people = st.container(), st.container(), st.container()
    wall()
    belief(answers_customers.health())
    health, extra, personal = known()
    if not subs.has_price:
        with heading:
            layout.heading("Who is likely to leave, and why")
            layout.no_price()
        with people:
            customers.listing(health, None, extra, personal)
        return
    widgets.sidebar(subs)
    with week, layout.card("The week", "How many calls fit in, and what a call does."):
        counted = health is not answers_customers.health()
        found = answers_customers.calls(*capacity(health), known=health if counted else None)
        figures(found, subs)
    with heading:
        layout.heading(found.sentence)
        if not found.by_chance:
            st.warning(words.md(words.held(answers_customers.hardly_told())), icon=":material/casino:")
    with people:
        customers.listing(health, found, extra, personal)


def known() -> tuple:
    """The chances, with a second file's columns where they count; never on a wall."""
    if session.presenting():
        return answers_customers.health(), None, False
    extra, counted, personal = beside.ask()
    try:
        return answers_customers.health(extra, counted), extra, personal
    except Problem as error:
        st.warning(words.md(str(error)), icon=":material/warning:")
        return answers_customers.health(), extra, personal


subs = answers.subscriptions()
try:
    show(subs)
except Problem as error:
    layout.heading("Whom to call this week")
    st.info(words.md(str(error)), icon=":material/support_agent:")
