"""Work that takes seconds on a long book: its steps and the time on the page, and a Cancel that stops it.

Before such a page is drawn, what it needs is worked out piece by piece. Whatever has been worked out is kept, so that
the page itself has nothing to wait for; a press of Cancel is heard at once, and the rest is left undone. The piece
that is under way goes on beside the page and is kept.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from copy import copy
from threading import Thread

import streamlit as st
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from cs_models import locales, words
from cs_models.problems import Problem
from pages.shared import answers, answers_customers, answers_segments, session

LONG = 100_000  # customers; below, no page takes two seconds
HEARD = 0.1  # seconds until a press is heard
CARDS, CHART = 150, 380  # pixels of what comes, so that nothing jumps
Step = tuple[str, Callable[[], object]]


def _count() -> Iterable[Step]:
    yield "Counting customers by tenure", lambda: answers.life_table(answers.split())


def _money() -> Iterable[Step]:
    yield from _count()
    yield "Fitting customer types and their ranges", answers.base
    yield "Valuing customers", lambda: answers.interval(session.value("horizon"))


def _overview() -> Iterable[Step]:
    yield from _money()
    yield "Following MRR by month", answers.metrics
    yield "Drawing how long customers stay", answers.retention
    yield "Following each sign-up month", lambda: answers.triangle("logos")


def _retention() -> Iterable[Step]:
    yield "Counting customers by tenure", answers.life_table
    if answers.subscriptions().has_price:  # the line is that of a customer who joins now
        yield "Fitting customer types and their ranges", answers.base
    yield "Drawing how long customers stay", lambda: answers.retention(session.value("by"))
    yield "Following what customers pay", lambda: answers.curves("net", session.value("by"))
    yield "Following each sign-up month", lambda: answers.triangle("logos")
    yield "Following what each sign-up month brought", answers.earned
    yield "Comparing newer with earlier customers", answers.newest


def _worth() -> Iterable[Step]:
    yield from _money()
    yield "Asking other retention models", lambda: answers.model_range(session.value("horizon"))
    yield "Finding who holds the value", lambda: answers.concentration(session.value("horizon"))
    yield "Following those who return", answers.returns


def _drivers() -> Iterable[Step]:
    yield "Comparing the groups of every column", answers.hazard_ratios
    yield "Looking for months in which prices rose", answers.price_rises
    yield "Comparing annual and monthly payers", answers.billing_choice


def _customers() -> Iterable[Step]:
    yield from _money()
    yield "Learning who leaves", answers_customers.health
    yield "Following what comes up for renewal", answers_customers.renewals
    yield "Holding back months to check against", _held_back


def _held_back() -> None:
    if held := answers_customers.health_choices():
        answers_customers.health_check(held[-1])


def _segments() -> Iterable[Step]:
    yield from _money()
    yield "Following where growth comes from", answers_segments.growth_by_year


def _back() -> Iterable[Step]:
    yield "Fitting today's customers", answers.base
    yield "Forecasting from an earlier day", lambda: answers.back_test(session.value("back"))


NEEDED = {"Overview": _overview, "Scenarios": _money, "Playbook": _money, "Retention": _retention,
          "Lifetime value": _worth, "Drivers": _drivers, "Segments": _segments, "Customers": _customers, "Back-test": _back}  # fmt: skip


def ahead(page: str) -> None:
    """Work out what the page needs, if that takes long and is not done; a page that was stopped says so and ends."""
    if page not in NEEDED or answers.subscriptions().customers < LONG:
        return
    name = repr((page, *answers.asked()[:2], *map(session.value, ("growth", "by", "back", "horizon"))))
    if session.work_done(name):
        return
    stopped = session.stopped()
    if name in stopped:
        st.info("Stopped. What was finished is kept; the other pages are as they were.", icon=":material/stop_circle:")
        st.button("Go on", key="work-on", on_click=stopped.discard, args=(name,), icon=":material/play_arrow:")
        st.stop()
    place = st.empty()
    with place.container():
        _through(list(NEEDED[page]()), name)
    place.empty()
    session.work_over(name)


def running(title: str):
    """A box for work that goes on beside the page; left by `with` it would bear the tick of what is done."""
    return st.status(title, expanded=True).container()


def _through(steps: list[Step], name: str) -> None:
    with st.status("A long book: this takes a moment the first time", expanded=True) as status:
        st.button("Cancel", key="work-cancel", on_click=session.stopped().add, args=(name,), icon=":material/close:")
        shown = st.container(gap="xxsmall")
    _skeleton()
    for number, (title, work) in enumerate(steps, 1):
        status.update(label=f"Step {number} of {len(steps)}: {title}")
        with shown, st.spinner(title, show_time=True):
            _done(work)
        shown.markdown(words.md(f"{title}: done"))


def _done(work: Callable[[], object]) -> None:
    """The work on a thread of its own, while this one listens: to look at what the session holds ends a run that was
    told to end."""
    found, reader = Future(), locales.tag()

    def worked_out() -> None:
        try:
            with locales.use(reader):  # nobody can be asked for it on that thread
                found.set_result(work())
        except BaseException as error:  # also what ends a script: nobody may wait for it for good
            found.set_exception(error)

    thread = Thread(target=worked_out, name="step", daemon=True)
    if (page := get_script_run_ctx()) is not None:
        silent = copy(page)  # it knows the session and draws nothing: the page may be another by then
        silent.cursors, silent._enqueue = {}, lambda _: None
        add_script_run_ctx(thread, silent)
    thread.start()
    while wait([found], HEARD).not_done:
        session.stopped()
    try:
        found.result()
    except Problem:  # the page says it where it belongs
        pass


def _skeleton() -> None:
    with st.container(horizontal=True):
        for _ in range(4):
            st.skeleton(height=CARDS)
    st.skeleton(height=CHART)
