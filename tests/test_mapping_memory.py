"""A mapping is remembered by the headers of a file, without a word of what is in its cells."""

import json

import pytest

import cs_models as cs
from cs_models.mapping_memory import MappingMemory, header_fingerprint, memory_of
from cs_models.problems import Problem
from cs_models.reading import inspect
from cs_models.store import Store

HEADERS = ["Who", "From day", "Till", "Paid"]
MAPPING = {"customer": "Who", "start": "From day", "end": "Till", "mrr": "Paid"}


def file(person: str = "ann@example.com", month: int = 1) -> bytes:
    rows = [",".join(HEADERS), f"{person},0{month}/02/2025,,50", f"bob,0{month}/03/2025,0{month + 3}/03/2025,60", ""]
    return "\n".join(rows).encode()


def read(data: bytes, **more):
    return cs.read(data, mapping=MAPPING, answers={"date_order": "month", "gap_days": "60", **more})


def test_next_month_is_read_the_same_way(tmp_path):
    store = Store(tmp_path)
    assert store.recall(header_fingerprint(inspect(file()).headers)) is None
    store.remember(memory_of(read(file()), inspect(file()).headers))
    headers = inspect(file("carl", 2)).headers
    kept = store.recall(header_fingerprint(headers))
    assert kept.fits(headers) and kept.layout == "periods" and kept.mapping == MAPPING
    subs = cs.read(file("carl", 2), mapping=kept.mapping, answers=kept.answers, layout=kept.layout)
    assert subs.digest == read(file("carl", 2)).digest and subs.definitions.gap == 60
    store.forget(kept.fingerprint)
    store.forget(kept.fingerprint)
    assert store.recall(kept.fingerprint) is None


def test_headers_in_any_order_are_the_same_file_and_others_are_not():
    assert header_fingerprint(HEADERS) == header_fingerprint([" Who ", *reversed(HEADERS[1:])])
    assert header_fingerprint(HEADERS) != header_fingerprint(HEADERS[:3])
    assert header_fingerprint(["a,b", "c"]) != header_fingerprint(["a", "b,c"])
    assert not MappingMemory("0" * 64, "periods", MAPPING).fits(HEADERS[:3])


def test_it_goes_out_and_comes_back_as_a_small_file():
    memory = memory_of(read(file()), HEADERS)
    text = memory.to_json()
    assert MappingMemory.from_json(text) == MappingMemory.from_json(text.encode()) == memory
    assert len(text) < 1000


def test_no_cell_of_the_file_is_in_it():
    subs = read(file(), as_of="2025-06-01", member="Ann Miller.csv", live_at_end="live", table="x" * 61, id="1234567")
    text = memory_of(subs, HEADERS).to_json()
    assert not [cell for cell in ("ann", "bob", "50", "2025", "Miller", "live", "xxx", "1234567") if cell in text]
    assert json.loads(text)["answers"] == {"date_order": "month", "gap_days": "60"}


@pytest.mark.parametrize("header", ["ann@example.com", "4915112345678"])
def test_headers_that_are_data_are_not_remembered(header):
    data = file().replace(b"Paid", header.encode())
    subs = cs.read(data, mapping=MAPPING | {"mrr": header}, answers={"date_order": "month"})
    assert memory_of(subs, [*HEADERS[:3], header]) is None


GOOD = {"perennial_mapping": 1, "fingerprint": "a" * 64, "layout": "periods", "mapping": {"start": "S"}, "answers": {}}


@pytest.mark.parametrize("change", [
    {"perennial_mapping": 2}, {"fingerprint": "../../etc"}, {"fingerprint": 7}, {"layout": "../x"}, {"layout": None},
    {"mapping": []}, {"mapping": {"start": 1}}, {"mapping": {"START": "S"}}, {"mapping": {"start": "S" * 301}},
    {"answers": {"gap_days": "1" * 61}}, {"answers": {"gap_days": 60}}, {"answers": None}])  # fmt: skip
def test_a_file_of_another_form_is_a_sentence(change):
    assert MappingMemory.from_json(json.dumps(GOOD)).mapping == {"start": "S"}
    with pytest.raises(Problem, match="not a mapping saved here"):
        MappingMemory.from_json(json.dumps(GOOD | change))


@pytest.mark.parametrize("text", [
    "", "null", "[]", "{", b"\xff\xfe", "[" * 60_000, json.dumps(GOOD | {"more": "x" * 70_000}),
    json.dumps({k: v for k, v in GOOD.items() if k != "layout"})])  # fmt: skip
def test_what_is_no_mapping_is_a_sentence(text):
    with pytest.raises(Problem, match="not a mapping saved here"):
        MappingMemory.from_json(text)


def test_a_damaged_or_foreign_memory_is_forgotten_and_a_key_is_no_path(tmp_path):
    store, memory = Store(tmp_path), MappingMemory("a" * 64, "periods", MAPPING)
    store.remember(memory)
    (tmp_path / "mappings" / f"{'b' * 64}.json").write_text(memory.to_json())
    assert store.recall("a" * 64) == memory and store.recall("b" * 64) is None
    (tmp_path / "mappings" / f"{'a' * 64}.json").write_text("{")
    assert store.recall("a" * 64) is None and store.recall("../../etc/passwd") is None
    with pytest.raises(Problem, match="not the id"):
        store.forget("../" * 20)
    with pytest.raises(Problem, match="not the id"):
        store.remember(MappingMemory("../x", "periods"))
