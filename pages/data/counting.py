"""Where a table that is counted stands: the source that was chosen, what was asked of it, the counting under way."""

from collections.abc import Callable

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from cs_models.warehouse.counting import Asked, Counting
from cs_models.warehouse.settings import sources
from cs_models.warehouse.under_way import CANCELLED, UnderWay
from pages.data import waiting
from pages.shared import cache, counters, quota, session, who, work

OFTEN = 0.4  # seconds between two looks
PATIENCE = 2.0  # seconds for an answer before a way to stop is shown
UNANSWERED = "That could not be answered: {error}. Choose other columns, or another table."

__all__ = ["Asked"]


def _state() -> dict:
    return session.waiting()


def chosen() -> bool:
    """Whether a source was chosen whose table is being looked at."""
    return bool(_state().get("source"))


def choose(key: str) -> None:
    """Callback of "Choose a table"."""
    waiting.drop()
    _state().pop("before", None)
    _state().update(source=session.seen(key), probes={})


@session.or_tell
def again(data: str) -> None:
    """Callback of "Count this table again": the form as it was, for what the table knows by now."""
    who.must_count_again(data)
    origin = cache.store().load(data).origin
    if origin["source"] not in sources():
        raise Problem(f"This server no longer knows {origin['source']}.")
    waiting.drop()
    _state().update(source=origin["source"], probes={}, before=(data, origin))


def _before() -> tuple[str, dict]:
    """The data set that is to be counted again, and what was asked for it; nothing where a table is counted afresh."""
    return _state().get("before") or ("", {})


def before(table: str) -> dict:
    """What was asked of that table when it was counted before, if this is to count it again."""
    _, origin = _before()
    return origin if origin.get("table") == table else {}


def table_before() -> str:
    """The table that is to be counted again, as it is quoted."""
    return str(_before()[1].get("table", ""))


def drop() -> None:
    """Callback of "Choose other data"; what runs in the database is stopped."""
    if under := _state().pop("counting", None):
        under.cancel()
    _stop_asking()
    for name in ("source", "probes", "before"):
        _state().pop(name, None)


def cancel() -> None:
    """Callback of "Cancel" while a table is counted."""
    if under := _state().pop("counting", None):
        under.cancel()
    session.tell(CANCELLED)


def source():
    """The source that was chosen; Problem when this server knows it no longer."""
    found = sources().get(_state()["source"])
    if found is None:
        _state().pop("source")
        raise Problem("This server no longer knows that database. Choose another.")
    return found


def probe(key, ask: Callable[[object], object]):
    """What was asked of the source, once for this visit; every answer is a name, a number or a day."""
    told = _state().setdefault("probes", {})
    name = repr(key)
    if name not in told:
        told[name] = _answer(name, ask)
    return told[name]


def _answer(name: str, ask: Callable[[object], object]):
    """The answer to a question; while a table takes long, the page ends here with a way to stop."""
    asking = _state().get("asking")
    if asking is None or asking[0] != name:
        _stop_asking()
        question = UnderWay(source().open, lambda connection, tell: ask(connection), UNANSWERED)
        _state()["asking"] = asking = (name, question)
    with st.spinner("Looking through the table"):
        over = asking[1].wait(PATIENCE)
    if not over:
        _watch_question()
        st.stop()
    _state().pop("asking")
    return asking[1].result()


def _stop_asking() -> None:
    if asking := _state().pop("asking", None):
        asking[1].cancel()


@st.fragment(run_every=OFTEN)
def _watch_question() -> None:
    """That an answer takes long, and a way to stop; when it is there the page is drawn anew."""
    asking = _state().get("asking")
    if asking is None or asking[1].done:
        st.rerun()
    with work.running("Looking through the table. A long one takes minutes."):
        st.button("Cancel", key="cancel-question", on_click=drop, icon=":material/close:",
                  help="The question is stopped where that is possible, and the table is closed.")  # fmt: skip


@session.or_tell
def start(asked: Asked) -> None:
    """Callback of "Count these data": refused before anything is counted where the result could not be kept."""
    who.must_edit()
    if why := quota.full(cache.store(), who.who().id):
        raise Problem(why)
    _state()["counting"] = Counting(source().open, asked)


def under_way() -> bool:
    """Draw how far the counting is; the data are opened when it is over. False when nothing runs."""
    under = _state().get("counting")
    if under is None:
        return False
    if not under.done:
        _watch()
        return True
    _state().pop("counting")
    try:
        opened = session.keep_data(under.result())
    except Problem as error:
        session.tell(str(error))
        return False
    counters.count("imports")
    old, origin = _before()
    drop()
    session.open_data(opened)
    new = cache.store().load(opened)
    if origin.get("table") == new.origin["table"]:
        session.tell(since(cache.store().load(old), new))
    st.rerun()


def since(old, new) -> str:
    """What the same table says now beside what it said when it was counted before."""
    pairs = [("rows", old.report.rows, new.report.rows), ("customers", old.customers, new.customers),
             ("subscribed today", old.active, new.active)]  # fmt: skip
    told = [f"{name} {words.count(one)} to {words.count(two)}" for name, one, two in pairs]
    if old.currency == new.currency:
        told.append(f"MRR {words.money(old.active_mrr, old.currency)} to {words.money(new.active_mrr, new.currency)}")
    if old.digest == new.digest:
        return f"Counted again to {words.day(new.as_of)}: nothing has changed."
    days = f"from {words.day(old.as_of)} to {words.day(new.as_of)}"
    return f"Counted again, {days}: {', '.join(told)}. What was counted before is kept as it was."


@st.fragment(run_every=OFTEN)
def _watch() -> None:
    """The step that runs, how many there are, and a way to stop; when the last is over the page is drawn anew."""
    under = _state().get("counting")
    if under is None or under.done:
        st.rerun()
    with work.running(words.md(f"Step {under.step + 1} of {under.steps}: {under.title}")):
        st.progress(min((under.step + 1) / (under.steps + 1), 1.0))
        st.button("Cancel", key="cancel-counting", on_click=cancel, icon=":material/close:",
                  help="Nothing is kept and nothing more is asked. What is worked on at this moment is stopped "
                       "where it can be.")  # fmt: skip
