"""A disk that is full, cannot be written to or lies: a sentence, and what was kept is there."""

import io
import os
import resource
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fault_servers import BOOK, UPLOADER, USE, opened, running
from random_books import book
from shelf_contract import NOON, draft, later

from benchmarks.visitor import Visitor
from cs_models.problems import Problem
from cs_models.reading import read
from cs_models.shelf import Shelf, Unavailable
from cs_models.store import Store
from pages.shared.sweeper import Watch

pytestmark = pytest.mark.slow

FLIPS = 200


@contextmanager
def own_disk(place: Path):
    """A disk of one megabyte, if this may be made: by root. Others share theirs."""
    place.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", "-l", place], check=True)


@contextmanager
def full(place: Path, server: int):
    """Meanwhile the server can write no byte: its disk is full, or it may make no file any longer."""
    if os.geteuid():
        hard = resource.prlimit(server, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(server, resource.RLIMIT_FSIZE, (0, hard))
        yield
        return resource.prlimit(server, resource.RLIMIT_FSIZE, (hard, hard))
    path = place / "fill"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    yield
    path.unlink()


def lock(place: Path) -> None:
    """From now on the folder can only be read."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    else:
        for path in (place, *place.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)


def said(visitor: Visitor) -> str:
    assert not visitor.faults
    return " ".join(one.body for one in visitor.elements("alert")).replace("\\", "")


def test_a_disk_that_fills_up_and_one_that_cannot_be_written_to(tmp_path):
    with own_disk(tmp_path / "data") as disk:
        with running(tmp_path) as server, closing(Shelf(f"sqlite:///{disk}/scenarios.db")) as shelf:
            visitor = Visitor(server.url, "/data")
            visitor.open()
            visitor.upload(UPLOADER, BOOK)
            visitor.press(USE)
            query, saved = visitor.query, shelf.save(draft(), "Ana", NOON)
            with full(disk, server.process.pid):
                visitor.upload(UPLOADER, BOOK.replace(b"C1,", b"D1,"))
                assert "disk of this server is full" in said(visitor)
                opened(server, query)
            visitor.upload(UPLOADER, BOOK.replace(b"C1,", b"D1,"))
            with full(disk, server.process.pid):
                visitor.press(USE)
                assert "disk of this server is full" in said(visitor)
            visitor.press(USE)
            assert "full" not in said(visitor) and "All 400 rows" in visitor.headline
            assert visitor.query != query, "with space again, the same press works"
            assert shelf.list() == (saved,)
        lock(disk)
        with running(tmp_path) as server:
            visitor = opened(server, query)
            visitor.upload(UPLOADER, BOOK.replace(b"C1,", b"E1,"))
            assert "can be read, not written" in said(visitor)
            with Visitor(server.url, "/saved") as reader:
                assert "Autumn" in reader.everything() and not reader.faults
        with closing(Shelf(f"sqlite:///{disk}/scenarios.db")) as shelf:
            assert shelf.get(saved.id) == saved
            with pytest.raises(Unavailable, match="read-only"):
                shelf.save(draft(), "Ben", NOON)


def test_a_database_with_a_flipped_byte_is_told_or_whole(tmp_path):
    """In 200 places: a sentence, or scenarios that can be read; never an error of the database itself, never a write."""
    place = tmp_path / "scenarios.db"
    with closing(Shelf(f"sqlite:///{place}")) as shelf:
        for number in range(12):
            shelf.save(draft(f"Plan {number}", reasons="x" * 500), "Ana", later(number))
    whole, draw = place.read_bytes(), np.random.default_rng(8)
    told = 0
    for at in draw.choice(len(whole), FLIPS, replace=False):
        data = bytearray(whole)
        data[at] ^= 1 << int(draw.integers(8))
        place.write_bytes(data)
        for beside in (Path(f"{place}-wal"), Path(f"{place}-shm")):
            beside.unlink(missing_ok=True)
        try:
            with closing(Shelf(f"sqlite:///{place}")) as shelf:
                found = [(entry.name, entry.saved) for entry in shelf.list()]
                assert len(found) <= 12
        except Problem as problem:
            told += 1
            assert str(problem).endswith(".") and "sqlite" not in str(problem).lower()
    print(f"{told} of {FLIPS} told, the rest read as far as they are")
    assert told > 10


def test_a_page_of_the_database_that_is_none_is_told_at_the_opening_whichever_it_is(tmp_path):
    """Also one that no list of scenarios looks at: before anything is written beside it."""
    place = tmp_path / "scenarios.db"
    with closing(Shelf(f"sqlite:///{place}")) as shelf:
        for number in range(12):
            shelf.save(draft(f"Plan {number}", reasons="x" * 500), "Ana", later(number))
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("VACUUM")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    whole = place.read_bytes()
    for page in range(1, len(whole) // size):
        place.write_bytes(whole[: page * size] + b"\xff" * 64 + whole[page * size + 64 :])
        with pytest.raises(Problem, match="is damaged, so nothing is written to it"):
            Shelf(f"sqlite:///{place}")
    assert len(whole) // size > 5


def test_a_data_set_with_a_flipped_byte_is_told_or_whole(tmp_path):
    """Rows and report of a data set, in 200 places; the process that reads them goes on."""
    store = Store(tmp_path)
    subs = read(book(5))
    name = store.save(subs)
    files = [path for path in sorted((tmp_path / "datasets" / name).iterdir()) if path.suffix in (".arrow", ".json")]
    draw, told = np.random.default_rng(9), 0
    for number in range(FLIPS):
        path = files[number % len(files)]
        whole = path.read_bytes()
        data = bytearray(whole)
        data[int(draw.integers(len(data)))] ^= 1 << int(draw.integers(8))
        path.write_bytes(data)
        try:
            found = store.load(name)
            assert found.rows.num_rows == subs.rows.num_rows
            found.rows.validate(full=True)
        except Problem as problem:
            told += 1
            assert str(problem).endswith(".")
        path.write_bytes(whole)
    print(f"{told} of {FLIPS} told")
    assert told > 10 and store.load(name).rows.equals(subs.rows)


def test_a_parquet_file_with_a_flipped_byte_is_told_or_accounted_for():
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(book(5)), out)
    whole, draw, told = out.getvalue(), np.random.default_rng(10), 0
    for at in draw.choice(len(whole), 16, replace=False):
        data = bytearray(whole)
        data[at] ^= 1 << int(draw.integers(8))
        try:
            report = read(bytes(data)).report
            assert report.accepted + report.repaired + report.rejected == report.rows
        except Problem as problem:
            told += 1
            assert str(problem).endswith(".")
    print(f"{told} of 16 told")
    assert told


def test_a_clock_that_jumps_a_day_takes_nothing_that_is_open(tmp_path, monkeypatch):
    from pages.shared import cache, sweeper

    store = Store(tmp_path)
    monkeypatch.setattr(cache, "store", lambda: store)
    monkeypatch.setattr(sweeper, "forget", lambda: None)
    opened_now, others = store.save(read(book(1))), store.save(read(book(2)))
    store.let_stay(opened_now, "tab")
    watch, now = Watch(), time.time()
    watch.note("one", opened_now, ())
    for moment in (now, now + 86_000, now - 86_400, now, now + 86_000):
        watch.look(moment, lambda session: True, 900.0)
        assert store.has(opened_now) and store.has(others), moment
    shelf = Shelf(f"sqlite:///{tmp_path}/scenarios.db")
    first = shelf.save(draft(), "Ana", NOON)
    second = shelf.save(draft(rise=0.2), "Ana", later(-24 * 60), parent=first.id)
    third = shelf.save(draft(rise=0.3), "Ana", later(24 * 60), parent=second.id)
    assert [one.id for one in shelf.history(first.id)] == [first.id, second.id, third.id] and shelf.newest(first.id) == third
    shelf.close()


# Ends itself, as kill -9 would, before the n-th thing it does to the disk or the n-th statement to the database.
CUT = """
import os, signal, sys
sys.path.insert(0, {tests!r})
left = int(sys.argv[1])
def count():
    global left
    left -= 1
    if left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
"""
IMPORT = CUT + """
from random_books import book
from cs_models.reading import read
from cs_models.store import Store
subs, store = read(book(7)), Store({place!r})
def hook(event, args):
    if event in ("os.rename", "os.mkdir", "shutil.rmtree") or event == "open" and str(args[0]).startswith({place!r}):
        count()
sys.addaudithook(hook)
store.save(subs, store.intake([b"a,b"]))
"""
MIGRATION = CUT + """
from sqlalchemy import event
from cs_models.shelf import engines, upgrade
engine = engines.open_engine("sqlite:///" + {place!r})
event.listen(engine, "after_cursor_execute", lambda *_: count())
event.listen(engine, "commit", lambda *_: count())
upgrade.upgrade(engine)
"""


def cut(code: str, place: Path, after: int) -> bool:
    """Run the code until it is cut off; False when it came to its end."""
    text = code.format(tests=str(Path(__file__).parents[1]), place=str(place))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", text, str(after)], env=environment, capture_output=True, text=True)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode != 0


def test_kill_9_at_each_step_of_keeping_a_data_set(tmp_path):
    """All of it or nothing of it, and the next try works."""
    expected, steps = read(book(7)), 0
    for after in range(1, 60, 3):
        root = tmp_path / str(after)
        killed = cut(IMPORT, root, after)
        store = Store(root)
        for name in store.ids():
            assert store.load(name).rows.equals(expected.rows)
        assert store.save(expected) in store.ids()
        steps += killed
        if not killed:
            break
    print(f"cut off at {steps} steps of keeping")
    assert steps >= 3 and not killed


def test_kill_9_at_each_step_of_a_migration(tmp_path):
    """The old form or the new one with every row, and the next start finishes it."""
    from cs_models.shelf import engines, tables, upgrade

    steps = 0
    for after in range(1, 60, 2):
        place = tmp_path / str(after) / "scenarios.db"
        place.parent.mkdir()
        engine = engines.open_engine(f"sqlite:///{place}")
        upgrade.upgrade(engine, upgrade.steps()[0])
        row = {"id": "a" * 12, "family": "a" * 12, "number": 1, "created_at": NOON.replace(tzinfo=None), "author": "Ana",
               "name": "Old", "reasons": "", "data_set": "sample", "fingerprint": "", "data_name": "", "engine_version": "0",
               "schema_version": 2, "headline": "It adds $1.", "body": draft().saved.canonical()}  # fmt: skip
        with engines.writing(engine) as connection:
            connection.execute(tables.SCENARIOS.insert().values(**row))
        engine.dispose()
        killed = cut(MIGRATION, place, after)
        with closing(Shelf(f"sqlite:///{place}")) as shelf:
            assert [entry.saved for entry in shelf.list()] == [draft().saved]
            assert upgrade.form(shelf._engine) == upgrade.steps()[-1]
        steps += killed
        if not killed:
            break
    print(f"cut off at {steps} steps of a migration")
    assert steps >= 3 and not killed
