"""Would this model have been right? The forecast of an earlier day beside what came since."""

import streamlit as st

from cs_models import words
from cs_models.charts import backtest as chart
from cs_models.problems import Problem
from pages.shared import answers, layout, session, small_ones, widgets
from cs_models.exports.tables import csv_bytes

TITLES = {"customers": "Customers", "revenue": "Monthly revenue"}
MONEY = "%,.0f"


def asked(subs) -> str:
    """How far back, and customers or money; the months are kept in the link."""
    possible = answers.back_choices()
    if session.value("back") not in possible:
        session.put("back", max(possible))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        st.segmented_control(
            "Months back",
            possible,
            key="back",
            required=True,
            persist_state="session",
            help="The model is fitted to what was known that many months ago, and nothing later.",
        )
        if not subs.has_price:
            return "customers"
        what = st.segmented_control(
            "Of", list(TITLES), format_func=TITLES.get, default="customers", required=True, key="back-of"
        )
        with st.container(width=240):
            widgets.split(subs)
        return what


def cards(found, what: str) -> None:
    """The forecast, what came, and the two simple rules."""
    row, currency = found.last(what), "" if what == "customers" else found.currency
    notes = {
        "predicted": f"95 %: {chart.said(row['low'], currency)} to {chart.said(row['high'], currency)}",
        "happened": off(found, what, "predicted", "against the forecast"),
        "constant": off(found, what, "constant", "came against this"),
        "line": off(found, what, "line", "came against this"),
    }
    with layout.cards(4):
        for name, note in notes.items():
            _, title = chart.LINES[name]
            layout.kpi(title, chart.said(row[name], currency), note, words.HELP.get(f"back_{name}", ""))


def off(found, what: str, forecast: str, tail: str) -> str:
    error = found.error(what, forecast)
    return "" if error is None else f"{words.percent(error, sign=True)} {tail}"


def picture(found, what: str) -> None:
    currency, table = "" if what == "customers" else found.currency, getattr(found, what)
    paid = f"What they pay, {found.currency} a month"
    unit = {"customers": "Customers of that day still here", "revenue": paid}
    with layout.card(
        f"{unit[what]}, since {words.day(found.day)}",
        "The blue line is the forecast of that day with its 95 % range, the dots are what came. Grey: one "
        "churn rate for everybody, and a straight line. The axis does not begin at 0.",
    ):
        layout.chart("backtest", chart.frame(table, currency), chart.spoken(table, currency), "backtest", money=bool(currency))
        form = dict.fromkeys(list(chart.NAMES.values())[2:], "%,.1f")
        layout.numbers(lambda: chart.table(table), "Back-test", "backtest", form)


def other_days() -> None:
    """Every day the file allows, so that nobody can pick the one that flatters."""
    with layout.card(
        "From every day the data allow",
        "Off by: what came against what was said; above 0 more came. Revenue is forecast with "
        "the growth seen until its day, so new prices since show as a miss.",
    ):
        tests = [answers.back_test(months) for months in answers.back_choices()]
        alt = "Forecasts from several days and how far off they were"
        layout.grid(chart.days_table(tests), key="back-days", alt=alt)


def by_month(found) -> None:
    """One line per sign-up month."""
    with layout.card(
        "By sign-up month",
        f"{found.cohort_sentence()} 95 of 100 is what honest ranges keep; small intakes are coarse.",
    ):
        shown = small_ones.rows(found.cohorts)
        table = chart.cohort_table(shown)
        form = dict.fromkeys(("Forecast", "One churn rate"), "%,.1f") | {chart.OFF: chart.OFF_FORMAT}
        form |= dict.fromkeys(("95% from", "95% to", "Customers that day", "Still here"), MONEY)
        form |= dict.fromkeys(("MRR forecast", "MRR that came"), MONEY)
        layout.grid(table, form, key="back-cohorts", alt="Forecast and what came, per sign-up month")
        small_ones.note(len(found.cohorts), len(shown))
        if small_ones.files():
            st.download_button(
                "Download as CSV",
                csv_bytes(table),
                "back-test-by-sign-up-month.csv",
                "text/csv",
                key="back-cohorts-csv",
                on_click="ignore",
                icon=":material/download:",
            )


def how_it_is_made(found) -> None:
    with layout.card("How this is made"):
        st.markdown(
            words.md(
                f"The data are put back to {words.day(found.day)}: later starts are left out, later ends are "
                f"open again. The model learns from the {words.months(found.history)} before and sees nothing "
                "after. Its range holds the error of the fitted curve and the luck of each customer's future. "
                "A price or a group that was overwritten in the export since is seen as it is today. Whoever "
                "came back after a longer pause counts as gone. The one churn rate known that day was "
                f"{words.percent(found.churn)} a month."
            )
        )


subs = answers.subscriptions()
try:
    possible = answers.back_choices()
    months = session.value("back") if session.value("back") in possible else max(possible)
    found = answers.back_test(months)
    what = session.seen("back-of") or "customers"
    what = what if getattr(found, what) is not None else "customers"
    layout.heading(found.sentence(what))
    what = asked(subs)
    st.markdown(words.md(f"{found.range_sentence(what)} {found.naive_sentence(what)}"))
    if what == "revenue":
        st.caption(words.md(found.price_sentence()))
    cards(found, what)
    picture(found, what)
    other_days()
    by_month(found)
    how_it_is_made(found)
    layout.assumptions_notes(found.notes)
except Problem as error:
    layout.heading("Would this model have been right?")
    # a file that is too young, or has no dates, is no fault
    st.info(words.md(str(error)), icon=":material/history:")
