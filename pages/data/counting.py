"""Where a table that is counted stands: the source that was chosen, what was asked of it, the counting under way."""

from collections.abc import Callable

import streamlit as st

from cs_models import words
from cs_models.problems import Problem
from cs_models.warehouse.counting import CANCELLED, Asked, Counting
from cs_models.warehouse.settings import sources
from pages.data import waiting
from pages.shared import counters, session

OFTEN = 0.4  # seconds between two looks

__all__ = ["Asked"]


def _state() -> dict:
    return session.waiting()


def chosen() -> bool:
    """Whether a source was chosen whose table is being looked at."""
    return bool(_state().get("source"))


def choose(key: str) -> None:
    """Callback of "Choose a table"."""
    waiting.drop()
    _state().update(source=session.seen(key), probes={})


def drop() -> None:
    """Callback of "Choose other data"; what runs in the database is stopped."""
    if under := _state().pop("counting", None):
        under.cancel()
    _state().pop("source", None)
    _state().pop("probes", None)


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
        with st.spinner("Asking the database"):
            connection = source().open()
            try:
                told[name] = ask(connection)
            except Problem:
                raise
            except Exception as error:  # every driver has errors of its own, and they may quote a value
                raise Problem(f"The database could not answer: {type(error).__name__}. Choose other columns, or another "
                              "table.") from None  # fmt: skip
            finally:
                getattr(connection, "close", lambda: None)()
    return told[name]


def start(asked: Asked) -> None:
    """Callback of "Count these data"."""
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
    drop()
    session.open_data(opened)
    st.rerun()


@st.fragment(run_every=OFTEN)
def _watch() -> None:
    """The step that runs, how many there are, and a way to stop; when the last is over the page is drawn anew."""
    under = _state().get("counting")
    if under is None or under.done:
        st.rerun()
    with st.status(words.md(f"Step {under.step + 1} of {under.steps}: {under.title}"), expanded=True):
        st.progress(min((under.step + 1) / (under.steps + 1), 1.0))
        st.button("Cancel", key="cancel-counting", on_click=cancel, icon=":material/close:",
                  help="Nothing is kept and nothing more is asked. What the database works on at this moment is stopped "
                       "where it can be.")  # fmt: skip
