"""What leaves this server by itself once nobody looks at it: uploads, data sets, what was worked out, the memory.

One thread looks again and again. What somebody has open has its time renewed at each look; what nobody opened for
`forgetting()` seconds is let go of, and a data set leaves the disk when the time chosen for it is over (store.STAYS).
"""

import ctypes
import gc
import logging
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import chain

import streamlit as st
from streamlit import runtime
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.runtime import RuntimeState
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cs_models import words
from cs_models.problems import Problem
from cs_models.store import SOON, STAYS
from pages.shared import (
    cache, cache_customers, cache_drivers, cache_hindsight, cache_metrics, cache_saved, cache_scenarios, cache_segments,
    cache_worth, downloads, share,
)  # fmt: skip
from pages.shared.samples import SAMPLES

KEPT = (cache, cache_worth, cache_drivers, cache_metrics, cache_scenarios, cache_customers, cache_segments, cache_hindsight,
        cache_saved)
MINUTE, DAY = 60.0, 24 * 3600.0
_log = logging.getLogger("perennial")
_more: list = []


def also(*caches) -> None:
    """Caches of one page that hold anything of a file; they go with the others."""
    _more.extend(caches)


def forget() -> None:
    """Let go of all that was read and worked out, and give the memory back. What is still open is worked out again."""
    downloads.let_go()
    words.let_go()
    for kept in (cache.subscriptions, *chain.from_iterable(part.COMPUTED for part in KEPT), *_more):
        try:
            kept.clear()
        except StreamlitAPIException:  # a cache of one session, asked from outside of it: it goes with the session
            pass
    _give_back()


def _give_back() -> None:
    """Sessions that ended are rings: what they hold, a reading under way among it, ends with them; then the memory goes
    back to the system."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def delete(data: str) -> None:
    """Remove a data set wherever something of it is: disk, uploads, caches, and its name beside saved scenarios."""
    cache.store().delete(data)
    forget()
    try:
        share.forget_data(data)
    except Problem as error:  # no way to the scenarios at this moment: the numbers are gone all the same
        _log.warning("The name of a deleted data set could not be taken from saved scenarios: %s", type(error).__name__)


def forgetting() -> float:
    """Seconds after which what nobody has open any more is gone: PERENNIAL_FORGET_MINUTES, else 15 minutes."""
    try:
        return max(float(os.environ["PERENNIAL_FORGET_MINUTES"]) * MINUTE, 1.0)
    except (KeyError, ValueError):
        return SOON


@dataclass
class Watch:
    """Which sessions have what open, and when a data set was last open in any."""

    sessions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, session: str, data: str, uploads: tuple[str, ...]) -> None:
        with self.lock:
            self.sessions[session] = (data, uploads)

    def look(self, now: float, there, soon: float) -> int:
        """One look at that moment; `there(session)`: whether it has a browser. Returns how many things are gone."""
        with self.lock:
            gone = [one for one in self.sessions if not there(one)]
            for one in gone:
                del self.sessions[one]
            held = list(self.sessions.values())
        store = cache.store()
        for data, uploads in held:
            self.last[data] = now
            if data not in SAMPLES:
                store.seen(data)
            store.seen("", uploads)
        removed = store.sweep(now - soon, unfinished=now - DAY)
        open_now = {data for data, _ in held}
        for data in store.overdue(now, soon):
            if data not in open_now:
                delete(data)
                removed += 1
        closed = [one for one, when in self.last.items() if one not in open_now and when + soon < now]
        for one in closed:
            del self.last[one]
        if removed or any(one not in SAMPLES for one in closed):
            forget()
        return removed + len(closed)


def here(data: str, uploads: tuple[str, ...]) -> None:
    """This session has these open; the first to say so starts the sweeper."""
    context = get_script_run_ctx()
    if context is not None and runtime.exists():
        _watch().note(context.session_id, data, uploads)


@st.cache_resource(show_spinner=False)
def _watch() -> Watch:
    watch = Watch()
    threading.Thread(target=_sweep, args=(watch,), name="sweeper", daemon=True).start()
    return watch


def _sweep(watch: Watch) -> None:
    while _serving():
        soon = forgetting()
        time.sleep(min(MINUTE, soon / 3))
        try:
            _drop_closed_sessions()
            watch.look(time.time(), runtime.get_instance().is_active_session, soon)
            _give_back()
        except Exception as error:  # the next look may do better; a value of a file is never part of the log
            if _serving():  # a server that stops closes its loop and its caches under our hands
                _log.warning("The sweeper met a fault: %s", type(error).__name__)


def _serving() -> bool:
    """Whether the server runs, and is not on its way down."""
    over = (RuntimeState.STOPPING, RuntimeState.STOPPED)
    return runtime.exists() and runtime.get_instance().state not in over


def _drop_closed_sessions() -> None:
    """A session without a browser goes after server.disconnectedSessionTTL, with all it uploaded.

    Streamlit itself lets go of it only when a later session closes; uploads that name a session nobody has stay for ever.
    """
    server = runtime.get_instance()
    loop, sessions = server._get_async_objs().eventloop, server._session_mgr
    stored = getattr(getattr(sessions, "_session_storage", None), "_cache", None)
    if hasattr(stored, "expire"):
        loop.call_soon_threadsafe(_end_expired, stored)
    known = {one.session.id for one in sessions.list_sessions()}
    for name in set(server.uploaded_file_mgr.file_storage) - known:
        server.uploaded_file_mgr.remove_session_files(name)


def _end_expired(stored) -> None:
    """The server's loop holds on to the session it wrote to last until another visitor comes. So it is ended here, and
    emptied: what its widgets, its fragments and its unsent messages hold goes now. One whose script still runs is told to
    stop and empties itself.
    """
    for _, held in stored.expire():
        session = held.session
        session.shutdown()
        if session._scriptrunner is None:
            session._session_state = type(session._session_state)()  # its own clear() keeps what is known of widgets
            session._fragment_storage.clear()
            session._browser_queue.clear()
            session._client_state.Clear()


def stay() -> dict[str, str]:
    """What may be chosen for a data set, in words."""
    seconds = forgetting()
    minutes = f"{seconds / MINUTE:g} minutes" if seconds >= MINUTE else f"{seconds:g} seconds"
    words = {"tab": f"for {minutes} after the last page is closed", "day": "for 24 hours after they were last open",
             "kept": "until somebody deletes them"}  # fmt: skip
    return {name: words[name] for name in STAYS}
