"""Ask what-if: move levers, read one sentence with its range, and show it from three metres."""

import streamlit as st

from cs_models import explanations, words
from cs_models.charts import bridge, cumulative, survival
from cs_models.levers import ALL
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from pages.shared import answers, figures, layout, session, widgets

TALL = 300  # so that the first screen of 1440x900 holds the whole answer
OWNERS = {"new": "per new customer", "existing": "per existing customer", "portfolio": "whole book"}
# The whole book's curve is that of today's customers: those to come have no common day to start from.
STAYING = {"new": "New customers still subscribed"} | dict.fromkeys(
    ("existing", "portfolio"), "Today's customers still subscribed"
)
SHARED = (
    "Each bar is the average over every order in which the decisions could be taken. One that only softens "
    "another, such as keeping old prices, shares its effect with it."
)


def sidebar(subs) -> None:
    """Levers in the order of the business story, then what the data do not hold."""
    with st.sidebar:
        st.button(
            "Reset to today",
            key="rest",
            on_click=widgets.rest_all,
            type="tertiary",
            icon=":material/restart_alt:",
        )
        for name in ALL:
            widgets.lever(name)
        st.markdown("**How to count**")
        widgets.horizon()
        with st.expander("Margin, cost, CAC and groups"):
            widgets.economics()
            widgets.split(subs)
        files()


def files() -> None:
    """The scenario as a small file, out and in."""
    with st.expander("Save or open a scenario", icon=":material/save:"):
        name = st.text_input("Name", "My scenario", key="scenario-name", max_chars=80)
        text = Scenario(name, widgets.levers_from_widgets()).to_json()
        st.download_button(
            "Download scenario",
            text,
            "scenario.json",
            "application/json",
            key="scenario-out",
            on_click="ignore",
            icon=":material/download:",
        )
        st.file_uploader("Open a scenario file", type=["json"], key="scenario-in", on_change=open_scenario)


def open_scenario() -> None:
    """Callback: set the levers from a file, or leave one sentence that says why not."""
    try:
        text = session.uploaded_text("scenario-in")
        if text:
            widgets.set_levers(Scenario.from_json(text).levers)
    except Problem as error:
        session.tell(str(error))


def cards(change, book: str, currency: str, sure) -> None:
    """Before, after, difference, payback; `sure` has the range, or is None while that is worked out."""
    before, after = figures.before_after(change, book)
    delta = change.point(book)
    owner = OWNERS[book]
    ends = (sure.low, sure.high) if sure and delta else ()
    cents, exact = words.share_cents(before, after), words.share_cents(delta, *ends)
    payback_told = session.value("cac") or not session.presenting()
    with layout.cards(4 if payback_told else 3):
        layout.kpi("Today", words.money(before, currency, cents=cents), owner, words.HELP["clv"])
        layout.kpi("With the scenario", words.money(after, currency, cents=cents), owner)
        note = words.money_interval(*ends, currency, sign=True, cents=exact) if ends else ""
        layout.kpi(
            "Difference",
            words.money(delta, currency, sign=True, cents=exact),
            note or owner,
            delta=(words.share_of(delta, before), delta >= 0) if delta else None,
        )
        if payback_told:
            layout.kpi("Payback", *payback(change), words.HELP["payback_months"])


def payback(change) -> tuple[str, str]:
    """Months to earn back CAC with the scenario, and what it is today."""
    if not session.value("cac"):
        return words.ABSENT, "enter CAC in the sidebar"
    now, then = change.baseline.payback_months, change.scenario.payback_months
    return words.payback(then), f"today: {words.payback(now)}"


def big_chart(change, book: str, currency: str, sure) -> None:
    """The answer as a picture: from today to the scenario, a bar per decision."""
    before, after = figures.before_after(change, book)
    steps = widgets.titled(sure.bridge) if sure else {}
    with layout.card(
        "What each decision adds", f"{OWNERS[book].capitalize()}, {change.horizon} months, discounted"
    ):
        if sure:
            frame = bridge.frame(before, steps, after, currency)
            layout.chart("bridge", frame, words.bridge_alt(before, steps, after, currency), "bridge", TALL)
            if len(steps) > 1:
                st.caption(words.md(SHARED))
            layout.numbers(lambda: bridge.table(before, steps, after, currency), "Bridge", "bridge")
        else:
            st.skeleton(height=TALL)


def staying(change, book: str) -> None:
    """Survival of the chosen customers, baseline against scenario, with bands."""
    with layout.card(STAYING[book], "Band = 95 % range"):
        curves = change.curves_of(book)
        frame = survival.frame(curves, change.horizon, TALL)
        layout.chart("survival", frame, f"{STAYING[book]}. {survival.spoken(frame)}", "survival", TALL)
        layout.numbers(
            lambda: survival.table(curves, change.horizon), "Survival", "survival", survival.FORMATS
        )


def money_back(change, currency: str) -> None:
    """Cumulative margin of a new customer, before and after, against CAC."""
    if change.baseline.new is None or session.presenting():
        return
    with layout.card("What a new customer brings", f"Expected margin so far, {currency}, not discounted"):
        lines = {
            cumulative.BASELINE: cumulative.line(change.baseline.flows),
            cumulative.GAIN: cumulative.line(change.scenario.flows),
        }
        marks = {
            cumulative.BASELINE: change.baseline.payback_months,
            cumulative.GAIN: change.scenario.payback_months,
        }
        frame = cumulative.frame(lines, session.value("cac"), marks, currency)
        layout.chart(
            "cumulative", frame, "Cumulative margin, today and with the scenario", "scenario-cumulative"
        )
        layout.numbers(
            lambda: cumulative.table(lines), "Margin by month", "scenario-cumulative", cumulative.FORMATS
        )


def belief(change, book: str, currency: str) -> None:
    """The other view of the same customers: types against one average (the range of belief)."""
    ends = change.point(book), change.other.point(book)
    text = explanations.belief(*ends, change.sign_differs(book), currency)
    if text and change.sign_differs(book):
        st.warning(words.md(text), icon=":material/balance:")
    elif text:
        st.caption(words.md(text))


@st.fragment(key="desk")
def desk(subs) -> None:
    """Levers and results rerun together and alone: the rest of the page stands still."""
    if not session.presenting():
        sidebar(subs)
    try:
        answer(subs)
    except Problem as error:
        layout.problem(error)
    session.write_link()


def answer(subs) -> None:
    """The point answer first; the range takes its place when it is ready."""
    levers, horizon = widgets.levers_from_widgets(), session.value("horizon")
    title = st.empty()
    if told := session.told():
        st.error(words.md(told), icon=":material/error:")
    change = answers.change(levers, horizon)
    book = answers.book(change)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        layout.data_facts()
        widgets.view(change)
    if book == "portfolio":
        joining = float(change.base.acquisitions[:horizon].mean()) if change.base.has_new else 0.0
        st.caption(words.md(explanations.whole_book(change.base.customers, joining, horizon)))
    layout.cautions(change.base.notes)
    if not session.presenting():
        widgets.questions()
    numbers = st.empty()
    moved = bool(change.plan.active)
    say(title, change, book, ranged=False)
    with numbers.container():
        cards(change, book, subs.currency, None)
    sure = change.difference(book)
    if moved:
        say(title, change, book, ranged=True)
        with numbers.container():
            cards(change, book, subs.currency, sure)
    left, right = st.columns([3, 2])
    with left:
        big_chart(change, book, subs.currency, sure)
    with right:
        staying(change, book)
    if moved:
        belief(change, book, subs.currency)
    money_back(change, subs.currency)
    layout.assumptions_notes(change.base.notes)


def rest(change, book: str) -> str:
    worth, _ = figures.before_after(change, book)
    return words.rest_headline(worth, book, change.horizon, change.base.currency)


def say(place, change, book: str, ranged: bool) -> None:
    text = change.headline(book, ranged=ranged).rstrip(".") if change.plan.active else rest(change, book)
    place.title(words.md(words.held(text)), anchor=False)


subs = answers.subscriptions()
layout.stage()
layout.leave_switch()
if not subs.has_price:
    layout.heading("A scenario needs a price")
    layout.no_price(lambda: widgets.price(subs.currency))
    session.write_link()  # nothing is written once the run is stopped
    st.stop()
desk(subs)
layout.present_switch()
