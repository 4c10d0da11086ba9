"""The five screens of the story: the message of each as a sentence, numbers on the left, its picture on the right."""

from dataclasses import dataclass

import streamlit as st

from cs_models import explanations, story, words
from cs_models.charts import bridge, survival, theme, tornado
from cs_models.charts import retention as retention_chart
from cs_models.dials import dial
from cs_models.doubts import beliefs
from cs_models.headline import cases
from cs_models.problems import Problem
from cs_models.thresholds import more_leaving
from pages.scenarios import answer, first
from pages.scenarios.answer import OWNERS, STAYING, Asked
from pages.shared import answers, cache_scenarios, figures, layout, questions
from pages.shared.metric_cards import card

PICTURE, WIDE = 420, 440  # pixels of a chart at 1440 x 900, where a bar of buttons stands below
CAUTION = 130  # pixels of it that a caution of three lines takes
BESIDE, ENDS_BESIDE = [2, 5], [1, 2]  # of a screen's width; two amounts need more than one
SHARES, SUMS = ("nrr", "grr", "logo_churn"), ("mrr", "nrr", "logo_churn")
MOST_SWINGS, MOST_LIMITS = 6, 4  # read from three metres


@dataclass(frozen=True)
class Screen:
    """What a screen is drawn from: the question, whether amounts are hidden, and what was worked out for it."""

    asked: Asked
    hidden: bool
    ready: object

    def message(self, name: str) -> str:
        return MESSAGES[name](self).rstrip(".")


# --- today ---


def _worth(asked: Asked):
    return answers.interval(asked.change.horizon).get(asked.book)


def _today_said(screen: Screen) -> str:
    change, book = screen.asked.change, screen.asked.book
    if screen.hidden:
        kept = change.curves_of(book)["baseline"].iloc[-1]
        return story.today_in_customers(kept, book, change.horizon)
    worth, _ = figures.before_after(change, book)
    return story.today(worth, book, change.horizon, screen.asked.currency, screen.ready)


def _today(screen: Screen) -> None:
    left, right = st.columns(BESIDE)
    with left:
        _board(screen)
    with right:
        (_since_the_first_payment if screen.asked.book == "new" else _from_today)(screen)


def _since_the_first_payment(screen: Screen) -> None:
    groups = figures.largest(answers.retention())[:1]
    with layout.card("New customers still subscribed", figures.reads(groups[0], expected=True)):
        frame = retention_chart.frame(groups, figures.view_to(groups), PICTURE)
        layout.chart("retention", frame, screen.message("Today"), "story-retention", PICTURE)


def _from_today(screen: Screen) -> None:
    """Those who are here, each from the age he has reached; a new customer's curve would be another population's."""
    asked = screen.asked
    with layout.card(STAYING[asked.book], "Expected of those who are here today. Band = 95 % range"):
        frame = survival.frame(asked.change.curves_of(asked.book), asked.change.horizon, PICTURE)
        frame = frame[frame["role"] == theme.BASELINE]
        layout.chart("survival", frame, f"{STAYING[asked.book]}. {survival.spoken(frame)}", "story-survival", PICTURE)
    if asked.book == "portfolio" and not screen.hidden:
        base = asked.change.base
        joining = float(base.acquisitions[: asked.change.horizon].mean()) if base.has_new else 0.0
        st.caption(words.md(explanations.whole_book(base.customers, joining, asked.change.horizon, short=True)))


def _board(screen: Screen) -> None:
    try:
        _, today = answers.metrics()
    except Problem:  # a file without dates has no figures by month; customers are all it tells
        subs = answers.subscriptions()
        layout.kpi(words.LABELS["active"], words.count(subs.active), words.day(subs.as_of))
        return
    for name in SHARES if screen.hidden else SUMS:
        card(today, name, screen.asked.currency)


# --- what if ---


def _answer(asked: Asked):
    return asked.change.difference(asked.book) if asked.moved else None


def _several(asked: Asked) -> bool:
    """Whether naming the decisions would make the message too long for a wall."""
    return len(asked.change.plan.active) > 1


def _what_if_said(screen: Screen) -> str:
    asked = screen.asked
    if first.is_asked(asked):
        return first.found(asked).sentence()
    if asked.moved:
        return asked.change.headline(asked.book, True, answer.THE_PLAN if _several(asked) else "")
    return "What if? Ask a question"


def _what_if(screen: Screen) -> None:
    asked = screen.asked
    if not asked.moved:
        questions.picker()
        return
    if _several(asked):
        st.caption(words.md(words.held(asked.change.plan.told())))
    left, right = st.columns(BESIDE)
    with left:
        (first if first.is_asked(asked) else answer).cards(asked, screen.ready, across=1)
    title = STAYING[asked.book]
    with right:
        tall = PICTURE - (CAUTION if answer.caution(asked) else 0)
        with layout.card(title, story.curve_note(asked.book)):
            frame = survival.frame(asked.change.curves_of(asked.book), asked.change.horizon, tall)
            layout.chart("survival", frame, f"{title}. {survival.spoken(frame)}", "story-survival", tall)


# --- why ---


def _steps(screen: Screen) -> tuple[float, dict, float]:
    before, after = figures.before_after(screen.asked.change, screen.asked.book)
    return before, figures.titled(screen.ready.bridge), after


def _why_said(screen: Screen) -> str:
    before, steps, after = _steps(screen)
    return story.why(steps, before, after, screen.asked.book, screen.asked.currency)


def _why(screen: Screen) -> None:
    asked, (before, steps, after) = screen.asked, _steps(screen)
    note = f"{OWNERS[asked.book].capitalize()}, {asked.change.horizon} months, discounted"
    with layout.card("What each decision adds", note):
        frame = bridge.frame(before, steps, after, asked.currency)
        alt = words.bridge_alt(before, steps, after, asked.currency)
        layout.chart("bridge", frame, alt, "story-bridge", WIDE)


# --- how sure ---


def _doubt(asked: Asked):
    """The range with chance and beliefs, and each belief turned; both take seconds the first time."""
    place = st.empty()
    with place.status("How sure is it?", expanded=True):
        st.write("Drawing every belief from its range, with the data drawn again")
        doubt = cache_scenarios.monte_carlo(asked.question, asked.book)
        st.write("Turning each belief")
        found = doubt, cache_scenarios.tornado(asked.question, asked.book)
    place.empty()
    return found


def _how_sure_said(screen: Screen) -> str:
    doubt, turned = screen.ready
    return story.how_sure(doubt.by_both, turned.swings)


def _how_sure(screen: Screen) -> None:
    (doubt, turned), currency = screen.ready, screen.asked.currency
    left, right = st.columns(ENDS_BESIDE)
    with left:
        layout.kpi("Pays in", cases(doubt.by_both), "drawn from data and beliefs")
        for label, span in (("Chance in the data", doubt.data), ("Chance and beliefs", doubt.both)):
            layout.kpi(label, words.money_interval(span.low, span.high, currency, sign=True), "95 % range")
    with right, layout.card("Which belief matters most", "The difference when one belief moves to its low or high."):
        frame = tornado.frame(turned.delta, turned.swings, currency, MOST_SWINGS)
        if frame.empty:
            st.markdown(words.md(answer.undecided(screen.asked)))
        else:
            alt = tornado.alt_text(turned.delta, turned.swings, currency)
            layout.chart("tornado", frame, alt, "story-tornado", PICTURE)


# --- what must be true ---


def _beliefs(asked: Asked) -> tuple:
    """Each belief with its limit. Between two of them the page can be left."""
    place, found = st.empty(), []
    for one in beliefs(asked.change.plan):
        place.caption(words.md(f"Looking for where the plan stops paying: {one.dial.label}"))
        found.append(cache_scenarios.condition(asked.question, asked.book, one.name))
    place.empty()
    return tuple(one for one in found if one is not None)


def _limits(screen: Screen) -> list[tuple]:
    """(what is believed, its limit in words, what is set) of every belief that decides whether the plan pays."""
    plan, currency = screen.asked.change.plan, screen.asked.currency
    found = []
    for one in screen.ready:
        if one.holds == "any":
            continue
        turned = dial(plan, one.name)
        limit = story.NO_VALUE if one.holds == "none" else f"{one.holds} {turned.short(one.threshold, currency)}"
        beside = one.title if one.churn is None else more_leaving(one.churn)
        found.append((one.label, limit, f"now {turned.words(one.value, currency)}", beside))
    return found


def _must_said(screen: Screen) -> str:
    delta = screen.asked.change.point(screen.asked.book)
    doubted = len(screen.ready) or len(beliefs(screen.asked.change.plan))
    return story.must_be_true(tuple(one[:2] for one in _limits(screen)), delta > 0 if delta else None, doubted)


def _must(screen: Screen) -> None:
    limits = _limits(screen)
    with layout.cards(2):
        for label, limit, now, title in limits[:MOST_LIMITS]:
            layout.kpi(label, limit, now, beside=title)
    for said in answer.sentences(tuple(one for one in screen.ready if one.holds == "any")):
        with st.container(border=True):
            st.subheader(words.md(words.held(said)), anchor=False)
    left = len(limits) - MOST_LIMITS
    st.caption(answer.ONE_BY_ONE + (f" {left} more on the Scenarios page." if left > 0 else ""))


NAMES = story.SCREENS
ASKED = dict(zip(NAMES, (_worth, _answer, _answer, _doubt, _beliefs), strict=True))
MESSAGES = dict(zip(NAMES, (_today_said, _what_if_said, _why_said, _how_sure_said, _must_said), strict=True))
DRAWN = dict(zip(NAMES, (_today, _what_if, _why, _how_sure, _must), strict=True))
