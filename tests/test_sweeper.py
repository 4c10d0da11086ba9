"""What leaves the server by itself: the clock is turned by hand here; tests/browser/test_forgotten.py waits for it."""

import errno
import gc
import os
import time
import weakref
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.runtime import RuntimeState
from streamlit.runtime.state import SessionState

import cs_models as cs
from cs_models.problems import Problem
from cs_models.store import DAY, SEEN, STAYS, Store
from pages.shared import cache, share, sweeper
from pages.shared.sweeper import Watch
from tests.shelf_contract import NOON, draft

BOOK = b"customer,start,end,mrr\n" + b"".join(b"canary-%d,2025-0%d-01,,50\n" % (n, 1 + n % 6) for n in range(20))
SOON = 900.0
NOW = time.time()  # as data sets are touched by the real clock


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    cache.store.clear()
    share.forget()
    yield cache.store()
    share.forget()
    cache.store.clear()


@pytest.fixture
def data(store) -> str:
    """A data set that was last open at NOW, and its upload."""
    return kept(store)


def kept(store, content: bytes = BOOK) -> str:
    sha = store.intake([content])
    found = store.save(cs.read(store.upload_path(sha), as_of="2025-12-31"), sha)
    at(store.root / "datasets" / found / SEEN)
    return found


def at(path, moment: float = NOW) -> None:
    os.utime(path, (moment, moment))


def look(now: float, there=lambda session: False, watch: Watch | None = None) -> int:
    return (watch or Watch()).look(now, there, SOON)


@pytest.mark.parametrize("stay", STAYS)
def test_a_data_set_stays_as_long_as_was_chosen_and_no_longer(store, data, stay):
    store.let_stay(data, stay)
    seconds = {**STAYS, "tab": SOON}[stay]
    look(NOW + (seconds or 1e9) - 1)
    assert store.has(data)
    look(NOW + (seconds or 1e9) + 1)
    assert store.has(data) == (seconds is None)


def test_unless_chosen_otherwise_it_is_a_day_and_the_upload_goes_too(store, data):
    assert store.stay(data) == DAY and STAYS[DAY] == 24 * 3600
    look(NOW + STAYS[DAY] + 1)
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_a_page_that_is_open_keeps_it_and_the_upload_that_waits(store, data):
    waits = store.intake([b"customer,start\n"])
    watch = Watch()
    watch.note("one", data, (waits,))
    for path in (store.upload_path(waits), store.root / "datasets" / data / SEEN):
        at(path, 1000)
    begun = time.time()
    look(begun + 10, lambda session: True, watch)
    assert store.has(data) and (store.root / "datasets" / data / SEEN).stat().st_mtime >= begun - 1
    assert store.upload_path(waits).stat().st_mtime >= begun - 1, "its time was renewed before the sweep"


def test_an_upload_nobody_confirmed_goes_soon_after_its_page_is_closed(store):
    waits = store.intake([BOOK])
    watch = Watch()
    watch.note("one", "sample", (waits,))
    for path in (store.root / "uploads").iterdir():
        at(path)
    look(NOW + SOON - 1, watch=watch)
    assert store.upload_path(waits) and not watch.sessions
    look(NOW + SOON + 1, watch=watch)
    assert not list((store.root / "uploads").iterdir())


def test_what_is_being_read_for_an_hour_is_not_swept(store):
    with store.workshop() as folder:
        at(folder, NOW)
        look(NOW + 3600)
        assert folder.exists()
        look(NOW + 25 * 3600)
        assert not folder.exists()


def test_a_disk_that_can_only_be_read_does_not_stop_the_sweeper(store, data, monkeypatch):
    def refuses(self, *_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "touch", refuses)
    watch = Watch()
    watch.note("one", data, ())
    watch.look(NOW, lambda session: True, SOON)
    assert store.has(data) and watch.last[data] == NOW


def test_data_from_before_there_was_a_choice_stay_until_somebody_opens_them(store, data):
    (store.root / "datasets" / data / SEEN).unlink()
    look(NOW + 1e9)
    assert store.has(data)
    store.seen(data)
    look(time.time() + STAYS[DAY] + 5)
    assert not store.has(data)


def test_a_choice_that_is_none_is_refused_and_a_damaged_one_means_a_day(store, data):
    for wrong in ("forever", "", "../kept"):
        with pytest.raises(Problem):
            store.let_stay(data, wrong)
    with pytest.raises(Problem):
        store.let_stay("0" * 32, "kept")
    (store.root / "datasets" / data / "stay").write_text("for ever and ever")
    assert store.stay(data) == DAY


def tables_with(text: str) -> int:
    """Live tables of the process in whose columns a customer of that name stands."""
    found = 0
    for one in gc.get_objects():
        if isinstance(one, cs.Subscriptions) and one.rows is not None and "customer" in one.rows.column_names:
            found += any(text in str(who) for who in pa.chunked_array(one.rows["customer"]).unique().to_pylist())
    return found


def test_the_memory_lets_go_of_what_nobody_has_open(store, data):
    watch = Watch()
    watch.note("one", data, ())
    cache.subscriptions(data)
    assert tables_with("canary-") == 1
    look(NOW, lambda session: True, watch)
    look(NOW + SOON - 1, watch=watch)
    assert tables_with("canary-") == 1, "not yet"
    look(NOW + SOON + 1, watch=watch)
    assert tables_with("canary-") == 0 and store.has(data), "gone from the memory, still on the disk for a day"


def test_the_sample_is_worth_keeping_for_the_next_visitor(store):
    cache.default_split("sample-snapshot")
    kept_one = cache.subscriptions("sample-snapshot")
    watch = Watch()
    watch.note("one", "sample-snapshot", ())
    look(NOW, lambda session: True, watch)
    look(NOW + SOON + 1, watch=watch)
    assert cache.subscriptions("sample-snapshot") is kept_one


def test_deleting_takes_it_from_everywhere(store, data):
    from dataclasses import replace

    shelf = share.shelf()
    entry = shelf.save(replace(draft(), data_set=data, data_name="canary-file.csv"), "Ana", NOON)
    other = shelf.save(replace(draft("Spring"), data_name="another.csv"), "Ana", NOON)
    cache.subscriptions(data)
    sweeper.delete(data)
    assert shelf.get(entry.id).data_name == "" and shelf.get(other.id).data_name == "another.csv"
    assert shelf.get(entry.id).headline == entry.headline, "what was said of them stays"
    assert tables_with("canary-") == 0 and not store.has(data)
    share.forget()
    found = [path for path in store.root.rglob("*") if path.is_file() and b"canary" in path.read_bytes()]
    assert not [path for path in found if path.name[:9] != "scenarios"]


@pytest.mark.parametrize("state, warned", [("ONE_OR_MORE_SESSIONS_CONNECTED", 1), ("STOPPING", 0), ("STOPPED", 0)])
def test_a_server_that_stops_is_no_fault_of_the_sweeper(monkeypatch, caplog, state, warned):
    """The loop is closed under its hands: while the server runs that is told, once it stops it is not."""
    states = iter([RuntimeState.NO_SESSIONS_CONNECTED, RuntimeState[state], RuntimeState.STOPPED])
    server = type("Server", (), {"state": property(lambda self: next(states))})()
    monkeypatch.setattr(sweeper.runtime, "exists", lambda: True)
    monkeypatch.setattr(sweeper.runtime, "get_instance", lambda: server)
    monkeypatch.setattr(sweeper.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(sweeper, "_drop_closed_sessions", lambda: (_ for _ in ()).throw(RuntimeError("Event loop is closed")))
    sweeper._sweep(Watch())
    assert len([one for one in caplog.records if "RuntimeError" in one.getMessage()]) == warned


def test_what_a_closed_session_held_ends_at_the_next_look(store, monkeypatch):
    """A session is a ring of objects, and no run of a page searches for those."""
    class Held:
        pass

    held, states = Held(), iter([RuntimeState.NO_SESSIONS_CONNECTED, RuntimeState.STOPPED])
    held.ring, ended = held, weakref.ref(held)
    server = type("Server", (), {"state": property(lambda self: next(states)), "is_active_session": lambda self, one: False})()
    monkeypatch.setattr(sweeper.runtime, "exists", lambda: True)
    monkeypatch.setattr(sweeper.runtime, "get_instance", lambda: server)
    monkeypatch.setattr(sweeper.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(sweeper, "_drop_closed_sessions", lambda: None)
    gc.disable()
    try:
        del held
        sweeper._sweep(Watch())
        assert ended() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("given, seconds, said", [
    ("", 900, "15 minutes"), ("2", 120, "2 minutes"), ("0.05", 3, "3 seconds"), ("0", 1, "1 seconds"),
    ("soon", 900, "15 minutes"), ("-4", 1, "1 seconds"),
])  # fmt: skip
def test_the_minutes_are_a_setting(monkeypatch, given, seconds, said):
    monkeypatch.setenv("PERENNIAL_FORGET_MINUTES", given)
    assert sweeper.forgetting() == seconds
    assert sweeper.stay()["tab"].startswith(f"for {said} ")


@pytest.mark.parametrize("runs", [False, True], ids=["at rest", "its script still runs"])
def test_a_session_whose_time_is_over_is_ended_and_emptied(runs):
    """The server's loop holds on to the last one; a script that still runs empties it when it stops."""
    ended, state = [], SessionState()
    state["answer"] = "canary"
    parts = {"_fragment_storage": MemoryFragmentStorage(), "_browser_queue": ForwardMsgQueue(), "_client_state": ClientState()}
    session = SimpleNamespace(shutdown=lambda: ended.append(True), _scriptrunner=object() if runs else None, _session_state=state, **parts)
    session._client_state.query_string = "canary"
    session._fragment_storage._fragments["one"] = lambda: "canary"
    sweeper._end_expired(SimpleNamespace(expire=lambda: [("id", SimpleNamespace(session=session))]))
    held = "answer" in session._session_state, session._fragment_storage.contains("one"), bool(session._client_state.query_string)
    assert ended == [True] and held == (runs, runs, runs)
