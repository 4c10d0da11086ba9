"""A long file while it is read: a process of its own, its steps on the page, and a way to stop it."""

from collections.abc import Callable

import streamlit as st

from cs_models import words
from cs_models.reading_apart import ALL_STEPS, LONG_ONES, Reading, is_long
from pages.shared import cache, session, work

OFTEN = 0.4  # seconds between two looks
MOST = 2  # readings of one file that are kept: as guessed, and as answered


def read(shas: tuple[str, ...], definitions: tuple, cancel: Callable[[], None]):
    """The file read with these definitions; while that goes on, the page shows how far it is and ends there.

    `definitions`: layout, mapping, as_of and answers, as `Reading` takes them; `cancel`: the callback of the
    button that stops it.
    """
    state = session.waiting()
    key = repr((shas, definitions))
    ready = state.setdefault("read", {})
    if key in ready:
        return _given(ready[key])
    under_way = state.get("reading")
    if under_way is None or under_way[0] != key:
        _stop(state)
        paths = tuple(cache.store().upload_path(sha) for sha in shas)
        state["reading"] = under_way = (key, Reading(cache.store(), paths, *definitions))
    if not under_way[1].done:
        _watch(cancel)
        st.stop()
    state.pop("reading")
    while len(ready) >= MOST:
        ready.pop(next(iter(ready)))
    try:
        ready[key] = under_way[1].result()
    except ValueError as problem:
        ready[key] = problem
    return _given(ready[key])


def long(shas: tuple[str, ...]) -> bool:
    """Whether reading these uploads takes long enough to be watched."""
    return is_long(tuple(cache.store().upload_path(sha) for sha in shas))


def forget() -> None:
    """Stop what runs and let go of what was read."""
    state = session.waiting()
    _stop(state)
    state.pop("read", None)


def _given(found):
    if isinstance(found, ValueError):
        raise found
    return found


def _stop(state: dict) -> None:
    under_way = state.pop("reading", None)
    if under_way:
        under_way[1].cancel()


@st.fragment(run_every=OFTEN)
def _watch(cancel: Callable[[], None]) -> None:
    """The steps so far. When the last one is over, the page is drawn anew."""
    under_way = session.waiting().get("reading")
    if under_way is None or under_way[1].done:
        st.rerun()
    if under_way[1].ahead:
        with work.running(turn(under_way[1].ahead)):
            st.markdown("Reading begins by itself. Whatever else you open meanwhile, this file keeps its place.")
            _stop_button(cancel)
        return
    at, of = under_way[1].step, len(ALL_STEPS)
    with work.running(f"Step {at + 1} of {of}: {ALL_STEPS[at]}"):
        st.progress((at + 1) / (of + 1))
        for number, name in enumerate(ALL_STEPS[: at + 1]):
            st.markdown(words.md(name + (" ..." if number == at else "")))
        _stop_button(cancel)


def turn(ahead: int) -> str:
    """How many are read and how many wait before this file."""
    read = f"{words.counted(LONG_ONES.most, 'other file')} are being read"
    others = words.counted(ahead - 1, "other")
    return f"{read}; yours is next" if ahead == 1 else f"{read}; {others} {'wait' if ahead > 2 else 'waits'} before yours"


def _stop_button(cancel: Callable[[], None]) -> None:
    st.button("Cancel", key="cancel-reading", on_click=cancel, icon=":material/close:",
              help="Stops reading and removes the file from this machine.")  # fmt: skip
