"""A file read by a process of its own: the same data set, the same sentences, nothing left when it is stopped."""

import gzip
import os
import resource
import signal
import time
import zipfile
from contextlib import ExitStack
from dataclasses import asdict, fields, replace
from pathlib import Path
from threading import Event

import pytest
from fault_servers import alive, until

from cs_models import apart, reading_apart
from cs_models.importers import template_csv
from cs_models.problems import ImportProblem, Problem
from cs_models.reading import STEPS, confirmed, data_sha256, inspect, read, upload_digest
from cs_models.reading_apart import ALL_STEPS, LONG, TOO_MUCH, Reading, inspect_apart, is_long
from cs_models.store import Store

TWICE = b"customer,start,end,mrr\n" + b"".join(
    b"C%d,0%d/0%d/2025,%s,1.234\n" % (n, 1 + n % 9, 1 + n % 7, b"12/12/2025" if n % 2 else b"") for n in range(40)
)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "data")


def reading(store, data, mapping=None, **more):
    path = store.upload_path(store.intake([data]))
    return path, Reading(store, (path,), more.pop("layout", ""), mapping or {}, **more)


def halves(store):
    return [path for path in store.root.rglob("*") if path.suffix == ".part"]


def same(one, other):
    assert one.rows.equals(other.rows) and one.report.entries.equals(other.report.entries)
    assert asdict(replace(one.report, entries=None)) == asdict(replace(other.report, entries=None))
    plain = ("kind", "as_of", "columns", "currency", "digest", "mapping", "layout", "answers")
    assert [getattr(one, name) for name in plain] == [getattr(other, name) for name in plain]


def test_what_is_read_apart_is_what_is_read_here(store):
    path, apart = reading(store, TWICE, answers={"date_order": "month"})
    found = apart.result()
    same(found, read(path, answers={"date_order": "month"}))
    assert apart.done and apart.step == len(ALL_STEPS) - 1 and not halves(store)


def test_the_sentence_of_a_file_that_is_no_table_arrives(store):
    with pytest.raises(ImportProblem, match="Business"):
        reading(store, b"Business,Letters\nfoo,bar\n")[1].result()
    with pytest.raises(Problem, match="date_order") as told:
        reading(store, TWICE, answers={"date_order": "year"})[1].result()
    assert not isinstance(told.value, ImportProblem) and not halves(store)


def many():
    return b"customer,start,end,mrr\n" + b"".join(b"C%d,2024-01-%02d,,%d\n" % (n, 1 + n % 28, n % 50) for n in range(400_000))


def reads(apart) -> int:
    """The process that reads, once it is there."""
    while "step" not in apart.work.told and not apart.done:
        time.sleep(0.005)
    return apart.work.told["pid"]


def test_a_reading_that_is_stopped_leaves_nothing(store):
    _, apart = reading(store, many())
    pid = reads(apart)
    assert halves(store) and not apart.done
    apart.cancel()
    assert not halves(store) and "answer" not in apart.work.told, "it is stopped, not waited for"
    until(lambda: not alive(pid))
    with pytest.raises(Problem, match="cancelled"):
        apart.result()


def test_a_reading_nobody_waits_for_ends_by_itself(store):
    _, apart = reading(store, many())
    pid = reads(apart)
    del apart
    until(lambda: not alive(pid))
    assert not halves(store)


def test_a_process_that_dies_is_told_as_too_much_for_it(store):
    _, apart = reading(store, many())
    os.kill(reads(apart), signal.SIGKILL)
    with pytest.raises(Problem) as told:
        apart.result()
    assert str(told.value) == TOO_MUCH and not halves(store)


def test_steps_are_told_in_order_and_end_with_the_last(store):
    _, apart = reading(store, template_csv("periods").encode())
    seen = []
    while not apart.done:
        seen.append(apart.step)
        time.sleep(0.005)
    assert seen == sorted(seen) and apart.done and apart.step == len(ALL_STEPS) - 1
    told = []
    read(template_csv("periods").encode(), step=told.append)
    assert tuple(told) == STEPS and set(STEPS) < set(ALL_STEPS)


@pytest.mark.parametrize("data", [TWICE, b"when;who;customer\n\n2024-01-01;a;b\n", template_csv("invoices").encode()])
def test_what_is_looked_at_apart_is_what_is_looked_at_here(store, data):
    path = store.upload_path(store.intake([data]))
    here, there = inspect(path), inspect_apart(store, (path,))
    assert there.preview.equals(here.preview) and there.preview.index.name == here.preview.index.name
    assert [getattr(there, one.name) for one in fields(here) if one.name != "preview"] == [
        getattr(here, one.name) for one in fields(here) if one.name != "preview"]  # fmt: skip
    assert not halves(store)


def test_only_files_beyond_ten_megabytes_are_long(tmp_path, monkeypatch):
    one, two = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"x" * 60)
    two.write_bytes(b"x" * 60)
    assert reading_apart.LONG == 10 * 1024 * 1024
    monkeypatch.setattr(reading_apart, "LONG", 100)
    assert not is_long((one,)) and is_long((one, two))


def test_a_third_long_file_waits_and_a_look_at_it_or_a_short_one_does_not(store, monkeypatch):
    path = store.upload_path(store.intake([TWICE]))
    monkeypatch.setattr(apart, "IN_LINE", 20.0)  # a look that waited would be told so
    with ExitStack() as taken:
        for _ in range(reading_apart.LONG_ONES.most):
            taken.enter_context(reading_apart.LONG_ONES.one(Event()))
        assert Reading(store, (path,), "", {}).result().customers
        monkeypatch.setattr(reading_apart, "LONG", 100)
        assert inspect_apart(store, (path,)).headers
        third = Reading(store, (path,), "", {})
        until(lambda: third.ahead == 1)
        assert not third.done
    assert third.result().customers == 40
    assert 1 <= reading_apart.LONG_ONES.most <= 3 and apart.SHORT_ONES.most <= 6, "of 8 GB and of 2 GB at the most"


def test_a_short_file_that_unpacks_to_a_long_one_is_long(tmp_path):
    text = b"customer,start\n" + b"".join(b"c%d,2024-01-01\n" % n for n in range(700_000))
    packed, archive, parquet = (tmp_path / name for name in ("a.gz", "a.zip", "a.parquet"))
    packed.write_bytes(gzip.compress(text, 1))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("a.csv", text)
    parquet.write_bytes(b"PAR1" + b"x" * 200_000)
    assert all(is_long((path,)) and path.stat().st_size < LONG for path in (packed, archive, parquet))
    packed.write_bytes(gzip.compress(text[:100_000]))
    archive.write_bytes(b"PK\x03\x04 no archive")
    assert not is_long((packed,)) and not is_long((archive,)), "whoever opens that says what is wrong"


HOSTILE = {  # 9 MB of plain text each, with the sentence they end in
    "columns": (b",".join(b"c%d" % n for n in range(300_000)) + b"\n" + b"1," * (3 << 20), "columns; at most 500"),
    "one cell": (b'customer,start,end,mrr\nc1,2024-01-01,,"' + b"x" * (9 << 20) + b'"\n',
                 'None of the 1 rows .* row 2: a cell in column "mrr" is longer than 32 kB: shorten it or close'),
    "never closed": (b'customer,start,end,mrr\nc1,2024-01-01,,"' + b"x\n" * (9 << 19), "never closed"),
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_the_server_neither_grows_nor_works_for_a_hostile_text(store, shape):
    data, said = HOSTILE[shape]
    path = store.upload_path(store.intake([data]))
    read(TWICE)  # what is imported for it is there
    most, before, worked = peak(), resident(), time.thread_time()
    with pytest.raises(ImportProblem, match=said):
        Reading(store, (path,), "", {}).result()
    assert resident() - before < 20 and peak() - max(most, before) < 20, "MB"
    assert time.thread_time() - worked < 0.5, "seconds of processor, whoever else works"


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@pytest.mark.parametrize("shape", ["periods", "snapshot", "invoices", "mrr_events", "plan_changes"])
def test_confirming_the_guesses_is_reading_with_them(shape):
    data = TWICE if shape == "periods" else template_csv(shape).encode()
    first = read(data)
    answers = {question.id: question.guess for question in first.report.questions}
    assert answers or shape != "periods"
    settled = confirmed(first, answers, data_sha256(data))
    same(settled, read(data, first.mapping, answers=answers, layout=first.layout))
    day = str(first.as_of or "")
    answers.pop("as_of", None)  # who states the day is not asked for it
    same(confirmed(read(data, as_of=day), answers, data_sha256(data), day), read(data, as_of=day, answers=answers))


def test_another_answer_than_the_guess_takes_another_reading():
    first = read(TWICE)
    other = {"day": "month", "month": "day"}[next(q.guess for q in first.report.questions if q.id == "date_order")]
    assert confirmed(first, {"date_order": other}, data_sha256(TWICE)) is None
    assert confirmed(read(TWICE, answers={"date_order": other}), {}, data_sha256(TWICE)) is None


def test_the_digest_of_two_files_is_that_of_reading_them():
    log = b"customer,change date,plan_id\nA,2024-01-05,1\nA,2024-03-05,2\n"
    prices = b"plan_id,plan_name,price\n1,Basic,9.00\n2,churn,\n"
    subs = read([log, prices])
    sha = upload_digest([data_sha256(prices), data_sha256(log)])
    assert confirmed(subs, {}, sha).digest == subs.digest == read([prices, log]).digest
