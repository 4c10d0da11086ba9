"""The answer in the order a leader reads: the sentence, before and after, one picture, what must be true."""

from dataclasses import dataclass

import streamlit as st

from cs_models import discreet, explanations, portfolio_view, story, sums, words
from cs_models.charts import bridge, survival
from cs_models.comparison import Change
from cs_models.doubts import beliefs
from cs_models.levers import Lever
from cs_models.thresholds import sentences
from pages.shared import answers, cache_scenarios, figures, layout, plan, session

TALL = 300  # so that the first screen of 1440x900 holds the whole answer
OWNERS = {"new": "per new customer", "existing": "per existing customer", "portfolio": "whole book"}
# The whole book's curve is that of today's customers: those to come have no common day to start from.
STAYING = {"new": "New customers still subscribed"} | dict.fromkeys(
    ("existing", "portfolio"), "Today's customers still subscribed"
)
SHARED = (
    "Each bar is the average over the orders in which the decisions could be taken. One that only softens "
    "another, such as keeping old prices, shares its effect with it."
)
NAMED, THE_PLAN = 2, "this plan"  # decisions a headline names; more stand in the line under it
MUST, ONE_BY_ONE = "What must be true", "One belief at a time, everything else as set."
SIGHT = 3  # conditions in sight; all of them stand in the tab


@dataclass(frozen=True)
class Asked:
    """What is on the page: the change, whose value is shown, and the text all its answers are kept under."""

    change: Change
    book: str
    question: str

    @classmethod
    def now(cls, given: tuple[Lever, ...] = ()) -> "Asked":
        """given: `plan.levers()`, for a caller that has them already."""
        levers, horizon = given or plan.levers(), session.value("horizon")
        change = answers.change(levers, horizon)
        return cls(change, answers.book(change), answers.question(levers, horizon))

    @property
    def moved(self) -> bool:
        return bool(self.change.plan.active)

    @property
    def long(self) -> bool:
        """Whether naming every decision would make the headline unreadable."""
        return len(self.change.plan.active) > NAMED

    @property
    def currency(self) -> str:
        return self.change.base.currency


def say(place, asked: Asked, ranged: bool) -> None:
    """The sentence at the top; without its range while that is worked out."""
    change, book = asked.change, asked.book
    subject = THE_PLAN if asked.long else ""
    text = change.headline(book, ranged, subject).rstrip(".") if asked.moved else _rest(change, book)
    place.title(words.md(words.held(text)), anchor=False)


def named(asked: Asked) -> None:
    """Under a headline that speaks of the plan: which decisions those are."""
    if asked.long:
        st.caption(words.md(words.held(asked.change.plan.told())))


def _rest(change, book: str) -> str:
    worth, _ = figures.before_after(change, book)
    return story.unmoved(worth, book, change.horizon, change.base.currency)


def cards(asked: Asked, sure, across: int = 4) -> None:
    """Before, after, difference, payback; `sure` has the range, or is None while that is worked out."""
    change, currency, owner = asked.change, asked.currency, OWNERS[asked.book]
    before, after = figures.before_after(change, asked.book)
    delta = change.point(asked.book)
    ends = (sure.low, sure.high) if sure and delta else ()
    cents = words.share_cents(before, after)
    exact = words.share_cents(delta, *ends) if cents else words.change_cents(delta, ends=ends)
    after = sums.level_after(before, after, currency, exact)
    payback_told = session.value("cac") or not session.presenting()
    with layout.cards(min(across, 4 if payback_told else 3)):
        layout.kpi("Today", words.money(before, currency, cents=cents), owner, words.HELP["clv"])
        layout.kpi("With the scenario", words.money(after, currency, cents=cents), owner)
        note = words.money_interval(*ends, currency, sign=True, cents=exact) if ends else ""
        layout.kpi(
            "Difference",
            words.money(delta, currency, sign=True, cents=exact),
            note or owner,
            # Where amounts are hidden, the number is that share already.
            delta=(words.share_of(delta, before), delta >= 0) if delta and not discreet.on() else None,
        )
        if payback_told:
            layout.kpi("Payback", *_payback(change), words.HELP["payback_months"])


def _payback(change) -> tuple[str, str]:
    """Months to earn back CAC with the scenario, and what it is today."""
    if not session.value("cac"):
        return words.ABSENT, "enter CAC in the sidebar"
    now, then = change.baseline.payback_months, change.scenario.payback_months
    return words.payback(then), f"today: {words.payback(now)}"


def notes(asked: Asked) -> None:
    """What must be known before the numbers are read: what is in the book, and where the effect lies."""
    change, book = asked.change, asked.book
    if book == "portfolio":
        joining = float(change.base.acquisitions[: change.horizon].mean()) if change.base.has_new else 0.0
        st.caption(words.md(explanations.whole_book(change.base.customers, joining, change.horizon)))
    caution(asked)
    if plan.aims_at_nobody(change.plan.levers):
        st.warning(words.md(explanations.NO_SUCH_GROUP), icon=":material/group_off:")
    if asked.moved and not change.point(book):
        _elsewhere(asked)


def caution(asked: Asked) -> bool:
    """Where the sign of the whole book is that of nobody in it; whether something was said."""
    if text := portfolio_view.caution(asked.change, asked.book):
        st.warning(words.md(words.held(text)), icon=":material/balance:")
    return bool(text)


def _elsewhere(asked: Asked) -> None:
    """A decision may change nothing in the value that is shown and a lot in another."""
    moved = [name for name in figures.books(asked.change) if asked.change.point(name)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(words.md(explanations.elsewhere(asked.book, tuple(moved))), icon=":material/info:")
        if moved:
            st.button("Show it", key="elsewhere", on_click=session.put, args=("view", moved[0]))


def crowded(asked: Asked) -> bool:
    """Whether there are more bars than have room beside another chart."""
    return len(asked.change.steps(asked.book)) >= bridge.CROWD


def big_chart(asked: Asked) -> None:
    """The answer as a picture: from today to the scenario, a bar per decision. It needs no range."""
    before, after = figures.before_after(asked.change, asked.book)
    steps = figures.titled(asked.change.steps(asked.book))
    note = f"{OWNERS[asked.book].capitalize()}, {asked.change.horizon} months, discounted"
    with layout.card("What each decision adds", note):
        frame = bridge.frame(before, steps, after, asked.currency)
        layout.chart("bridge", frame, words.bridge_alt(before, steps, after, asked.currency), "bridge", TALL)
        if len(steps) > 1:
            st.caption(words.md(SHARED))
        layout.numbers(lambda: bridge.table(before, steps, after, asked.currency), "Bridge", "bridge")


def staying(asked: Asked) -> None:
    """Survival of the chosen customers, baseline against scenario, with bands."""
    horizon, title = asked.change.horizon, STAYING[asked.book]
    with layout.card(title, story.curve_note(asked.book)):
        curves = asked.change.curves_of(asked.book)
        frame = survival.frame(curves, horizon, TALL)
        layout.chart("survival", frame, f"{title}. {survival.spoken(frame)}", "survival", TALL)
        layout.numbers(lambda: survival.table(curves, horizon), "Survival", "survival", survival.FORMATS)


def belief(asked: Asked) -> None:
    """The other view of the same customers: types against one average (the range of belief)."""
    change, book = asked.change, asked.book
    ends = change.point(book), change.other_point(book)
    text = explanations.belief(*ends, change.sign_differs(book), asked.currency)
    if text and change.sign_differs(book):
        st.warning(words.md(text), icon=":material/balance:")
    elif text:
        st.caption(words.md(text))


def must_be_true(asked: Asked) -> None:
    """The beliefs the answer stands or falls with; of a long plan only when somebody asks, it takes seconds."""
    if not asked.long:
        with layout.card(MUST, ONE_BY_ONE):
            _conditions(asked)
        return
    box = st.expander(MUST, key="must-be-true", on_change="rerun", icon=":material/rule:")
    if box.open:
        with box:
            st.caption(ONE_BY_ONE)
            _conditions(asked)


def _conditions(asked: Asked) -> None:
    found = conditions(asked)
    for said in found[:SIGHT] or (undecided(asked),):
        st.markdown(f"- {words.md(words.held(said))}")
    if len(found) > SIGHT:
        st.caption(f"{len(found) - SIGHT} more under What it takes, below.")


def undecided(asked: Asked) -> str:
    """What stands where no belief decides: there is none, or none moves the value that is shown."""
    change, book = asked.change, asked.book
    nobody = change.plan.nobody_left(change.base.cells, book)
    return explanations.no_limit(len(beliefs(change.plan)), bool(change.point(book)), nobody)


def conditions(asked: Asked) -> tuple[str, ...]:
    """All of them as sentences. Between two beliefs the page can be interrupted: a lever never waits for all."""
    place, found = st.empty(), []
    for one in beliefs(asked.change.plan):
        place.caption(words.md(f"Looking for where the plan stops paying: {one.dial.label}"))
        found.append(cache_scenarios.condition(asked.question, asked.book, one.name))
    place.empty()
    return sentences(tuple(one for one in found if one is not None))
