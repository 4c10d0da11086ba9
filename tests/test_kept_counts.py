"""What was counted of a data set is kept beside it: not counted twice, rebuilt when damaged, never another's."""

import os
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import cs_models as cs
from books import AS_OF, COLUMNS, same, upload
from cs_models import kept_counts
from cs_models.engine import counts as engine
from cs_models.import_report import ImportReport
from cs_models.store import Store


@pytest.fixture
def kept(tmp_path):
    """(store, id) of a small data set on disk."""
    draw = np.random.default_rng(3)
    begun = [date(2023, 1, 31) + timedelta(days=int(day)) for day in draw.integers(0, 700, 60)]
    left = [None if day % 3 else begun[day] + timedelta(days=90) for day in range(60)]
    rows = [(i, begun[i], left[i], 1, ("Basic", "Pro")[i % 2], 10.0 + i, 0, (None, "EU")[i % 2]) for i in range(60)]
    subs = upload(pd.DataFrame(rows, columns=COLUMNS))
    entries = pa.table({name: pa.array([], pa.string()) for name in ("row", "kind", "column", "value", "reason")})
    report = ImportReport(60, 60, 0, 0, 0, (), (), entries)
    store = Store(tmp_path)
    return store, store.save(replace(subs, report=report, digest="ab" * 32))


@pytest.fixture
def opened(monkeypatch):
    """How often the rows were gone through."""
    seen = []
    plain = engine.open_span
    monkeypatch.setattr(engine, "open_span", lambda *asked: seen.append(asked[1]) or plain(*asked))
    return seen


def everything(subs):
    return [
        cs.life_table(subs, ("Region", "cohort")).frame, cs.cohort_triangle(subs, "gross").frame,
        engine.active_book(subs, ("Region",)), cs.mrr_movements(subs),
    ]  # fmt: skip


def files(store, identity):
    return sorted((store.root / "datasets" / identity / kept_counts.FOLDER).iterdir())


def test_a_counted_data_set_is_opened_without_its_rows(kept, opened):
    store, identity = kept
    first = everything(store.load(identity))
    went, told = len(opened), files(store, identity)
    again = everything(store.load(identity))
    assert went > 0 and len(opened) == went and files(store, identity) == told
    assert all(same(one, other) for one, other in zip(first, again))
    fresh = store.load(identity)
    assert cs.life_table(fresh).reactivations == 0 and cs.life_table(fresh, "Region").by == ("Region",)


@pytest.mark.parametrize("damage", [
    lambda data: data[:-1], lambda data: b"", lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
    lambda data: bytes(len(data)),
], ids=["cut", "empty", "a bit", "zeros"])  # fmt: skip
def test_a_damaged_count_is_made_again(kept, opened, damage):
    store, identity = kept
    first = everything(store.load(identity))
    for path in files(store, identity):
        path.write_bytes(damage(path.read_bytes()))
    went = len(opened)
    assert all(same(one, other) for one, other in zip(first, everything(store.load(identity))))
    went, before = len(opened), went
    assert went > before
    everything(store.load(identity))
    assert len(opened) == went, "the damaged files were replaced"


def test_a_changed_copy_is_counted_by_itself(kept):
    store, identity = kept
    subs = store.load(identity)
    everything(subs)
    fewer = replace(subs, rows=subs.rows.slice(0, 20))
    assert cs.life_table(fewer).frame["at_risk"].iloc[0] == 20 < cs.life_table(subs).frame["at_risk"].iloc[0]
    assert cs.life_table(subs, "plan").frame.shape != cs.life_table(subs).frame.shape


def test_nothing_is_kept_where_nothing_can_be_written(kept, monkeypatch):
    store, identity = kept

    def full(*_, **__):
        raise OSError("No space left on device")

    monkeypatch.setattr(kept_counts.tempfile, "mkstemp", full)
    assert len(everything(store.load(identity))) == 4 and not files(store, identity)


def test_kept_counts_go_with_their_data_set(kept):
    store, identity = kept
    everything(store.load(identity))
    assert files(store, identity)
    store.delete(identity)
    assert not (store.root / "datasets" / identity).exists()


def test_rows_are_looked_at_once_and_again_when_their_file_changed(kept, monkeypatch):
    store, identity = kept
    store.load(identity)
    looked = []
    plain = pa.OSFile
    monkeypatch.setattr(pa, "OSFile", lambda *asked: looked.append(asked) or plain(*asked))
    store.load(identity)
    assert not looked
    os.utime(store.root / "datasets" / identity / "rows.arrow", ns=(1, 1))
    store.load(identity)
    assert len(looked) == 1
    assert AS_OF == store.load(identity).as_of
