"""A download button pressed while its page is drawn anew: the file comes, and later nothing of it is left."""

import logging

import own_loop
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from pages.shared import downloads


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(downloads, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def kept():
    return downloads.Patient(MemoryMediaFileStorage("/media"))


def drawn(kept, name: str = "old") -> str:
    """The number of a button in the run of a page that begins now."""
    kept.clear_session_refs()
    return kept.add_deferred(lambda: name.encode(), "text/plain", "0.1", f"{name}.txt")


def test_a_run_cut_short_leaves_the_old_button_working(kept, clock):
    """Two moves of a lever at once: the browser still shows the button of the run before both."""
    old = drawn(kept)
    for _ in range(5):
        kept.clear_session_refs()
        kept.remove_orphaned_files()
        clock[0] += 1.0
        assert kept.execute_deferred(old).startswith("/media/")


def test_a_finished_file_is_there_when_the_browser_comes_for_it(kept, clock):
    place = kept.execute_deferred(drawn(kept)).rpartition("/")[2]
    for _ in range(50):  # as many runs of other visitors end in between
        kept.remove_orphaned_files()
    assert kept.read_file(place).content == b"old"


def test_nothing_stays_for_ever(kept, clock):
    old = drawn(kept)
    place = kept.execute_deferred(old).rpartition("/")[2]
    new = drawn(kept, "new")
    for _ in range(3):
        clock[0] += downloads.GRACE
        kept.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        kept.execute_deferred(old)
    assert kept.read_file(place) is None
    assert kept.execute_deferred(new)


def test_where_data_are_deleted_nothing_waits(kept, clock):
    old = drawn(kept)
    place = kept.execute_deferred(old).rpartition("/")[2]
    kept.clear_session_refs()
    kept.let_go()
    with pytest.raises(MediaFileStorageError):
        kept.execute_deferred(old)
    assert kept.read_file(place) is None


@pytest.mark.parametrize(("error", "told"), [(downloads.Stopped, 0), (ValueError, 1)])
def test_a_file_that_somebody_stopped_is_no_error_of_the_server(kept, clock, caplog, monkeypatch, error, told):
    def fail():
        raise error

    monkeypatch.setattr(downloads.server, "MediaFileManager", None)
    logger = logging.getLogger(DeferredFileHandler.__module__)
    monkeypatch.setattr(logger, "filters", [])
    monkeypatch.setattr(logger, "propagate", True)
    monkeypatch.setattr(logger, "handlers", [])
    downloads.install()
    number = kept.add_deferred(fail, "text/plain", "0.1", "a.txt")
    asked = BackMsg().backend_operation_request
    asked.request_id, asked.deferred_file.file_id = "1", number
    found = own_loop.run(DeferredFileHandler(lambda: kept).handle(asked, "s"))
    assert found.error_msg and len([one for one in caplog.records if one.name == logger.name]) == told
