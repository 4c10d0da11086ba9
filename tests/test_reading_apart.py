"""A file read by a process of its own: the same data set, the same sentences, nothing left when it is stopped."""

import gzip
import io
import time
import zipfile
from dataclasses import asdict, replace

import pytest

from cs_models import reading_apart
from cs_models.importers import template_csv
from cs_models.problems import ImportProblem, Problem
from cs_models.reading import STEPS, confirmed, data_sha256, read, upload_digest
from cs_models.reading_apart import ALL_STEPS, LONG, Reading, is_long
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


def test_a_reading_that_is_stopped_leaves_nothing(store):
    rows = b"".join(b"C%d,2024-01-%02d,,%d\n" % (n, 1 + n % 28, n % 50) for n in range(400_000))
    _, apart = reading(store, b"customer,start,end,mrr\n" + rows)
    assert halves(store) and not apart.done
    process = apart._process
    apart.cancel()
    assert process.poll() and not halves(store), "it is stopped, not waited for"
    with pytest.raises(Problem, match="cancelled"):
        apart.result()


def test_a_reading_nobody_waits_for_ends_by_itself(store):
    rows = b"".join(b"C%d,2024-01-%02d,,%d\n" % (n, 1 + n % 28, n % 50) for n in range(400_000))
    _, apart = reading(store, b"customer,start,end,mrr\n" + rows)
    process = apart._process
    del apart
    process.wait(timeout=10)
    assert process.returncode and not halves(store)


def test_a_process_that_dies_is_told_as_a_lack_of_memory(store):
    rows = b"".join(b"C%d,2024-01-%02d,,%d\n" % (n, 1 + n % 28, n % 50) for n in range(400_000))
    _, apart = reading(store, b"customer,start,end,mrr\n" + rows)
    apart._process.kill()
    with pytest.raises(Problem, match="more memory"):
        apart.result()
    assert not halves(store)


def test_steps_are_told_in_order_and_end_with_the_last(store):
    _, apart = reading(store, template_csv("periods").encode())
    seen = []
    while not apart.done:
        seen.append(apart.step)
        time.sleep(0.005)
    assert seen == sorted(seen) and apart.step == len(ALL_STEPS) - 1
    told = []
    read(template_csv("periods").encode(), step=told.append)
    assert tuple(told) == STEPS and set(STEPS) < set(ALL_STEPS)


def test_only_files_beyond_ten_megabytes_are_long(tmp_path, monkeypatch):
    one, two = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"x" * 60)
    two.write_bytes(b"x" * 60)
    assert reading_apart.LONG == 10 * 1024 * 1024
    monkeypatch.setattr(reading_apart, "LONG", 100)
    assert not is_long((one,)) and is_long((one, two))


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


class Begun(Exception):
    """The limits were set, before anything else was done."""


def test_the_process_that_reads_limits_itself_before_it_opens_anything(monkeypatch):
    def apply(*given):
        raise Begun(given)

    monkeypatch.setattr(reading_apart.limits, "apply", apply)
    monkeypatch.setattr(reading_apart.sys, "stdin", io.StringIO('{"paths": []}\n'))
    with pytest.raises(Begun) as begun:
        reading_apart.main()
    assert begun.value.args == ((reading_apart.MEMORY, reading_apart.SECONDS, reading_apart.LARGEST),)


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
