"""A server that is killed loses nothing that was said to be kept; two on one folder do not disturb each other."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from fault_servers import (
    BOOK, LONG, UPLOADER, USE, alive, children, cut_off, headers_of_an_upload, opened, readings, running, until,
)  # fmt: skip
from shelf_contract import NOON, draft

from benchmarks.visitor import Visitor
from cs_models.reading_apart import OF_A_LONG_ONE
from cs_models.shelf import Shelf
from cs_models.store import Store

pytestmark = pytest.mark.slow


def test_kill_9_idle_in_an_upload_and_in_an_import(tmp_path):
    """Four lives of one server on one folder; what was kept in the first is there in each."""
    with running(tmp_path) as server:
        visitor = Visitor(server.url, "/data")
        visitor.open()
        visitor.upload(UPLOADER, BOOK)
        visitor.press(USE)
        query = visitor.query
        shelf = Shelf(f"sqlite:///{tmp_path}/data/scenarios.db")
        saved = shelf.save(draft(), "Ana", NOON)
        server.process.kill()  # idle
        cut_off(visitor)
    store = Store(tmp_path / "data")
    kept = sorted(path.name for path in store.root.rglob("*") if path.is_file())

    with running(tmp_path) as server:
        visitor = opened(server, query)
        with headers_of_an_upload(visitor, 50 << 20) as line:
            line.sendall(b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + bytes(4 << 20))
            server.process.kill()  # in the middle of an upload
            server.process.wait()
    assert not list((store.root / "uploads").glob("*.part"))

    with running(tmp_path) as server:
        visitor = opened(server, query)
        visitor.upload(UPLOADER, LONG)
        assert "Step" in visitor.text() or list(visitor.elements("progress"))
        until(lambda: readings(server.process.pid))
        (reading,) = readings(server.process.pid)
        until(lambda: os.getpriority(os.PRIO_PROCESS, reading) == OF_A_LONG_ONE.nice)
        server.process.kill()  # in the middle of an import
        until(lambda: not alive(reading))
    half = list((store.root / "datasets").glob("*.part"))
    assert half and store.ids() == [query.split("ds=")[1][:32]], "half a data set is none"
    store.sweep(time.time() + 60)
    assert not [path for path in half if path.exists()]

    with running(tmp_path) as server:
        opened(server, query)
        scenario = Visitor(server.url, "/scenarios", f"scenario={saved.id}")
        scenario.open()
        assert "Raising prices 10" in scenario.headline and "Autumn" in scenario.text() and not scenario.faults
    assert shelf.get(saved.id) == saved
    there = {path.name for path in store.root.rglob("*") if path.is_file()}
    assert {name for name in kept if "-wal" not in name and "-shm" not in name} <= there


# A server whose reading never ends by itself and writes nothing.
WAITS = """
import signal, sys, time
from pathlib import Path
from cs_models.apart import Bounds, Work
from tests.apart_tasks import hangs
work = Work(hangs, {}, Path(sys.argv[1]), Bounds(1 << 30, 60, "Too much."))
while "pid" not in work.told:
    time.sleep(0.01)
print(work.told["pid"], flush=True)
signal.pause()
"""


def test_a_reading_ends_with_its_server_whatever_it_is_doing(tmp_path):
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", WAITS, tmp_path], cwd=root, stdout=subprocess.PIPE, text=True) as server:
        reading = int(server.stdout.readline())
        (ready,) = children(server.pid)
        assert alive(reading) and alive(ready)
        server.kill()
    try:
        until(lambda: not alive(reading) and not alive(ready))
    finally:
        with suppress(ProcessLookupError):
            os.kill(reading, signal.SIGKILL)


def test_two_servers_on_one_folder_are_both_right(tmp_path):
    with running(tmp_path) as one, running(tmp_path) as two:
        with Visitor(two.url, "/data", f"ds={'0' * 32}") as early:
            assert not early.faults, "the other server has looked for data before there are any"
        visitor = Visitor(one.url, "/data")
        visitor.open()
        visitor.upload(UPLOADER, BOOK)
        visitor.press(USE)
        opened(two, visitor.query)
        shelf = Shelf(f"sqlite:///{tmp_path}/data/scenarios.db")
        for n in range(4):
            shelf.save(draft(f"Plan {n}"), "Ana", NOON)
        for server in (one, two):
            with Visitor(server.url, "/saved") as reader:
                assert all(f"Plan {n}" in reader.everything() for n in range(4))
    assert len(Store(tmp_path / "data").ids()) == 1
    assert not list(tmp_path.rglob("*.part"))
