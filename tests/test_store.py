"""The store keeps uploads and data sets by digest, meets damage with a sentence, never leaves its folder."""

import dataclasses
import hashlib
import os
import stat

import pyarrow as pa
import pytest

from cs_models.importers import template_csv
from cs_models.problems import Problem
from cs_models.reading import read
from cs_models.store import BOTH, Store, default_root
from cs_models.column_codes import in_one_piece

DATA = b"""customer,start,end,plan,interval,mrr
A,2025-01-01,active,P,monthly,5
A,2025-01-01,soon,P,monthly,5
B,2025-02-01,,P,annual,0
"""


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "data")


def saved(store: Store, data: bytes = DATA):
    sha = store.intake([data])
    subs = read(store.upload_path(sha))
    return sha, subs, store.save(subs, sha)


def test_an_upload_streams_to_its_sha256(store):
    sha = store.intake((DATA[at : at + 7] for at in range(0, len(DATA), 7)))
    assert sha == hashlib.sha256(DATA).hexdigest()
    assert store.upload_path(sha).read_bytes() == DATA
    assert store.upload_path(sha).name == sha and store.intake([DATA]) == sha
    assert [path for path in store.root.rglob("*") if path.is_file()] == [store.upload_path(sha)], "no name, no half"


def test_an_interrupted_upload_leaves_nothing(store):
    def broken():
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.intake(broken())
    assert not [path for path in store.root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [DATA, template_csv("snapshot").encode(), template_csv("periods").encode()])
def test_a_data_set_comes_back_the_same(store, data):
    sha, subs, dataset = saved(store, data)
    assert dataset == subs.digest[:32] and store.has(dataset) and store.ids() == [dataset]
    again = store.load(dataset)
    assert again.rows.equals(subs.rows) and again.rows.schema == subs.rows.schema
    assert again.aside.equals(subs.aside) and again.report.entries.equals(subs.report.entries)
    plain = {f.name for f in dataclasses.fields(subs)} - {"rows", "aside", "report"}
    assert {name: getattr(again, name) for name in plain} == {name: getattr(subs, name) for name in plain}
    counts = {f.name for f in dataclasses.fields(subs.report)} - {"entries"}
    assert all(getattr(again.report, name) == getattr(subs.report, name) for name in counts)
    assert (again.customers, again.active_mrr, again.segments) == (
        subs.customers,
        subs.active_mrr,
        subs.segments,
    )
    assert store.upload_of(dataset) == sha


def test_saving_twice_is_saving_once_and_mends_damage(store):
    sha, subs, dataset = saved(store)
    (store.root / "datasets" / dataset / "rows.arrow").write_bytes(b"broken")
    assert store.save(dataclasses.replace(subs, sample=True), sha) == dataset
    assert store.load(dataset).sample and store.ids() == [dataset]
    assert not [path for path in store.root.rglob("*") if path.suffix in (".part", ".old")]


@pytest.mark.parametrize("part", ["rows.arrow", "entries.arrow", "aside.arrow", "meta.json"])
@pytest.mark.parametrize("damage", [b"", b"nonsense", b'{"schema": 1}', b"PAR1PAR1", None])
def test_a_damaged_data_set_gives_a_sentence(store, part, damage):
    _, _, dataset = saved(store)
    path = store.root / "datasets" / dataset / part
    path.unlink() if damage is None else path.write_bytes(damage)
    if part == "aside.arrow" and damage is None:
        assert store.load(dataset).aside is None
        return
    with pytest.raises(Problem, match="Upload the file again"):
        store.load(dataset)


def test_a_data_set_under_a_foreign_id_is_damaged(store):
    _, _, dataset = saved(store)
    os.rename(store.root / "datasets" / dataset, store.root / "datasets" / ("0" * 32))
    with pytest.raises(Problem, match="damaged"):
        store.load("0" * 32)


def test_another_version_gives_a_sentence(store):
    _, _, dataset = saved(store)
    meta = store.root / "datasets" / dataset / "meta.json"
    meta.write_text(meta.read_text().replace('"schema": 2', '"schema": 999'))
    with pytest.raises(Problem, match="another version"):
        store.load(dataset)


def test_codes_without_a_meaning_are_damage_and_no_crash(store):
    _, subs, dataset = saved(store)
    path = store.root / "datasets" / dataset / "rows.arrow"
    codes = subs.rows["customer"].combine_chunks().indices.to_numpy().tobytes()
    whole = path.read_bytes()
    assert whole.count(codes) >= 1
    path.write_bytes(whole.replace(codes, b"\xff\xff\xff\x7f" * (len(codes) // 4)))
    with pytest.raises(Problem, match="damaged"):
        store.load(dataset)


def test_bytes_that_are_no_text_are_damage_and_no_crash(store):
    """Nobody looks at a customer's name before a page does."""
    _, _, dataset = saved(store, DATA.replace(b"\nB,", b"\nBertha,"))
    path = store.root / "datasets" / dataset / "rows.arrow"
    whole = path.read_bytes()
    assert whole.count(b"Bertha") == 1
    path.write_bytes(whole.replace(b"Bertha", b"\xff\xfertha"))
    with pytest.raises(Problem, match="damaged"):
        store.load(dataset)


def test_rows_in_pieces_are_kept_as_one(store):
    _, subs, _ = saved(store)
    pieces = pa.concat_tables([subs.rows.slice(0, 1), subs.rows.slice(1)])
    again = store.load(store.save(dataclasses.replace(subs, rows=pieces)))
    assert again.rows.equals(subs.rows) and {again.rows[name].num_chunks for name in again.rows.column_names} == {1}


def test_a_column_in_one_piece_says_what_its_pieces_say():
    one = pa.array(["a", "b", None, "a", "c"]).dictionary_encode()
    other = pa.array(["c", "a"]).dictionary_encode()
    for pieces in ([one], [one.slice(1, 2), one.slice(3)], [one, other], [one, one, other.slice(1)]):
        column = pa.chunked_array(pieces)
        whole = in_one_piece(column)
        assert whole.to_pylist() == column.to_pylist() and len(set(whole.dictionary.to_pylist())) == 3
    assert in_one_piece(pa.chunked_array([["a"], ["b", "a"]])).to_pylist() == ["a", "b", "a"]
    assert in_one_piece(pa.chunked_array([], one.type)).to_pylist() == []


def test_two_uploads_of_one_data_set_stay_and_go_with_it(store):
    one, two = store.intake([DATA]), store.intake([DATA + b"C,2025-03-01,,P,annual,7\n"])
    dataset = store.save(read(store.upload_path(one)), BOTH.join((one, two)))
    assert store.uploads_of(dataset) == (one, two)
    store.discard(two)
    assert store.sweep(2**40) == 0 and store.upload_path(one) and store.upload_path(two)
    store.delete(dataset)
    assert not list((store.root / "uploads").iterdir())
    with pytest.raises(Problem, match="not the id"):
        store.save(read(DATA), BOTH.join((one, "../x")))


def test_a_data_set_that_is_open_outlives_its_file(store):
    _, subs, dataset = saved(store)
    opened = store.load(dataset)
    store.delete(dataset)
    assert opened.rows.equals(subs.rows)


def test_a_deleted_data_set_is_gone_with_its_upload(store):
    sha, subs, dataset = saved(store)
    other = store.save(read(store.upload_path(sha), as_of="2025-12-31"), sha)
    store.delete(dataset)
    assert store.upload_path(sha).exists() and not store.has(dataset)
    store.delete(other)
    with pytest.raises(Problem, match="Upload the file again"):
        store.upload_path(sha)
    with pytest.raises(Problem, match="no longer here"):
        store.load(dataset)
    with pytest.raises(Problem, match="no longer here"):
        store.delete(dataset)
    assert not [path for path in store.root.rglob("*") if path.is_file()]


def test_a_sweep_takes_what_was_half_written_everywhere_and_nothing_else(store):
    _, _, dataset = saved(store)
    half = [store.root / folder / "tmpx.part" for folder in ("uploads", "datasets", "mappings")]
    half[0].touch()
    half[1].mkdir()
    (half[1] / "rows.arrow").write_bytes(b"half")
    half[2].touch()
    fresh = store.root / "datasets" / "tmpy.part"
    fresh.mkdir()
    kept = store.root / "mappings" / f"{'a' * 64}.json"
    kept.touch()
    for path in (*half, kept):
        os.utime(path, (1000, 1000))
    assert store.sweep(2000) == 3
    assert not any(path.exists() for path in half) and fresh.exists() and kept.exists()
    assert store.load(dataset)


def test_rows_without_the_canonical_columns_are_damage(store):
    for name in ("rows", "aside", "entries"):
        _, _, dataset = saved(store)
        path = store.root / "datasets" / dataset / f"{name}.arrow"
        table = pa.ipc.open_file(path.read_bytes()).read_all()
        # the copy of a triangle has columns of its own: only what the kind needs is asked for
        with pa.ipc.new_file(path, table.drop_columns(["row"]).schema) as file:
            file.write_table(table.drop_columns(["row"]))
        with pytest.raises(Problem, match="damaged"):
            store.load(dataset)


def test_the_counts_of_a_triangle_come_back_too(store):
    _, subs, dataset = saved(store, template_csv("triangle").encode())
    assert subs.kind == "triangle" and store.load(dataset).rows.equals(subs.rows)


def test_a_folder_that_was_there_keeps_its_rights(tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o750)
    assert stat.S_IMODE(Store(shared).root.stat().st_mode) == 0o750


@pytest.mark.parametrize(
    "id", ["../../etc/passwd", "..", "", "A" * 32, "0" * 31, "0" * 33, "0" * 31 + "\n", "/" * 32, None, 7]
)
def test_an_id_is_hex_and_never_a_path(store, id):
    for use in (store.load, store.delete, store.upload_path):
        with pytest.raises(Problem, match="not the id"):
            use(id)
    assert not store.has(id)


def test_only_the_owner_may_look_inside(store):
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700


def test_the_folder_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path / "here"))
    assert Store().root == tmp_path / "here"
    monkeypatch.delenv("PERENNIAL_DATA_DIR")
    assert default_root().name == ".perennial"
