"""Saved scenarios in a file: the contract, and what happens when the file is old, newer, full, damaged or locked."""

import sqlite3
from dataclasses import replace

import pytest
from shelf_contract import NOON, Contract, draft, later
from sqlalchemy import text
from sqlalchemy.schema import CreateTable

from cs_models.problems import Problem
from cs_models.shelf import Shelf, Unavailable, engines, tables, upgrade


@pytest.fixture
def place(tmp_path):
    return tmp_path / "data" / "scenarios.db"


@pytest.fixture
def shelf(place):
    found = Shelf(f"sqlite:///{place}")
    yield found
    found.close()


@pytest.fixture
def again(shelf, place):
    found = Shelf(f"sqlite:///{place}")
    yield found
    found.close()


class TestSQLite(Contract):
    """The contract on a file."""


def pragma(shelf, name: str):
    with shelf._engine.connect() as connection:
        return connection.execute(text(f"PRAGMA {name}")).scalar()


def test_a_committed_save_survives_a_power_cut_and_readers_go_on(shelf, place):
    assert pragma(shelf, "journal_mode") == "wal" and pragma(shelf, "synchronous") == 2
    assert pragma(shelf, "busy_timeout") >= 5000 and pragma(shelf, "foreign_keys") == 1
    assert place.parent.stat().st_mode & 0o77 == 0, "only its owner may look inside"


def test_a_reader_reads_while_another_writes(shelf, again):
    one = shelf.save(draft(), "Ana", NOON)
    with engines.writing(shelf._engine):
        assert again.get(one.id) == one


def test_rows_cannot_be_changed_through_the_shelf():
    for path in (engines.__file__, upgrade.__file__, tables.__file__, engines.__file__.replace("engines", "shelf")):
        with open(path, encoding="utf-8") as file:
            words = file.read()
        assert "update(" not in words and "UPDATE" not in words and "delete()" not in words


@pytest.mark.parametrize("old", upgrade.steps()[:-1])
def test_every_older_form_is_brought_up_with_a_copy_beside_it(place, old):
    place.parent.mkdir()
    engine = engines.open_engine(f"sqlite:///{place}")
    upgrade.upgrade(engine, old)
    rows = {"id": "a" * 12, "family": "a" * 12, "number": 1, "created_at": NOON.replace(tzinfo=None), "author": "Ana",
            "name": "Old", "reasons": "", "data_set": "sample", "fingerprint": "", "data_name": "", "engine_version": "0.0.9",
            "schema_version": 2, "headline": "It adds $1.", "body": draft().saved.canonical()}  # fmt: skip
    with engines.writing(engine) as connection:
        connection.execute(tables.SCENARIOS.insert().values(**rows))
    engine.dispose()
    (found,) = Shelf(f"sqlite:///{place}").list()
    assert found.name == "Old" and found.saved == draft().saved, "the same levers, horizon and figure"
    (copy,) = place.parent.glob("scenarios.db.before-????")
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT name FROM scenarios").fetchall() == [("Old",)]
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (old,)
    Shelf(f"sqlite:///{place}")
    assert len(list(place.parent.glob("scenarios.db.before-????"))) == 1, "once is enough"


def test_the_steps_end_at_the_tables_of_today(shelf):
    """A column in one place and not in the other would fail at the first save of somebody else."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with shelf._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.METADATA) == []
    for table in tables.METADATA.sorted_tables:
        assert str(CreateTable(table))


def test_a_newer_form_is_refused_with_a_sentence(shelf, place):
    with engines.writing(shelf._engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="newer version of Perennial"):
        Shelf(f"sqlite:///{place}")
    with sqlite3.connect(place) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",), "left alone"


def test_a_full_disk_is_a_sentence_and_nothing_is_torn(shelf):
    one = shelf.save(draft(), "Ana", NOON)
    with shelf._engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(Unavailable, match="disk that keeps saved scenarios is full"):
        for number in range(50):
            shelf.save(draft(reasons="x" * 4000), "Ana", later(number))
    assert one in shelf.list() and pragma(shelf, "integrity_check") == "ok"


def test_a_read_only_database_can_be_read(shelf, place):
    one = shelf.save(draft(), "Ana", NOON)
    shelf.close()
    closed = Shelf(f"sqlite:///file:{place}?mode=ro&uri=true")
    assert closed.get(one.id) == one
    for write in (lambda: closed.save(draft(), "Ana", NOON), lambda: closed.delete(one.id, "Ana", NOON)):
        with pytest.raises(Unavailable, match="read-only"):
            write()


def test_a_locked_database_is_a_sentence(shelf, place, monkeypatch):
    monkeypatch.setattr(engines, "PATIENCE", 20)
    hasty = Shelf(f"sqlite:///{place}")
    with engines.writing(shelf._engine):
        with pytest.raises(Unavailable, match="Others are saving"):
            hasty.save(draft(), "Ben", NOON)
    assert hasty.save(draft(), "Ben", NOON).author == "Ben"


@pytest.mark.parametrize("column, value", [("created_at", "2025-99-99"), ("created_at", 5), ("number", "a"), ("data_day", "x"),
                                           ("name", b"\x00"), ("schema_version", b"1")])  # fmt: skip
def test_a_cell_of_another_kind_is_damage_and_a_fault_of_ours_is_none(shelf, place, column, value):
    shelf.save(draft(), "Ana", NOON)
    with sqlite3.connect(place) as own:
        own.execute(f"UPDATE scenarios SET {column} = ?", (value,))
    with pytest.raises(Unavailable, match="damaged"):
        shelf.list()
    with pytest.raises(ValueError, match="needs a time zone") as told:
        shelf.save(draft(), "Ana", NOON.replace(tzinfo=None))
    assert not isinstance(told.value, Problem)


@pytest.mark.parametrize("place_of_damage", [0, 20, 100, 4096, 8192])
def test_a_damaged_file_is_a_sentence_and_is_not_written_to(shelf, place, place_of_damage):
    for number in range(20):
        shelf.save(draft(reasons="x" * 3000), "Ana", later(number))
    shelf.close()
    data = bytearray(place.read_bytes())
    data[place_of_damage : place_of_damage + 64] = bytes(64)
    place.write_bytes(data)
    with pytest.raises(Unavailable, match="damaged|cannot be reached"):
        Shelf(f"sqlite:///{place}")
    assert place.read_bytes() == bytes(data)


@pytest.mark.parametrize("url, words", [
    ("sqlite:////proc/no/such/scenarios.db", "cannot be reached|read-only"), ("mysql://u:secret@h/x", "cannot lie in"),
    ("not an address", "not an address"), ("postgresql://u:secret@127.0.0.1:1/x", "cannot be reached")])  # fmt: skip
def test_a_place_that_does_not_work_is_a_sentence_without_its_password(url, words):
    with pytest.raises(Unavailable, match=words) as told:
        Shelf(url)
    assert "secret" not in str(told.value) and told.value.__cause__ is None or "secret" not in str(told.value.__cause__)


def test_the_address_is_that_of_the_settings(monkeypatch, tmp_path):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    assert engines.address() == f"sqlite:///{tmp_path}/scenarios.db"
    monkeypatch.setenv("DATABASE_URL", "postgresql://team@db/perennial")
    assert engines.address() == "postgresql://team@db/perennial"


def test_a_scenario_of_an_older_version_opens_and_one_of_a_later_says_why_not(shelf):
    one = shelf.save(draft(), "Ana", NOON)
    old = one.body.replace('"perennial_scenario":2', '"perennial_scenario":1').replace("PriceIncrease", "ChurnReduction")
    old = old[: old.index('"levers"')] + '"levers":[{"lever":"ChurnReduction","cause":"failed payments","reduction":0.2}],' + (
        old[old.index('"name"') :]
    )
    assert replace(one, body=old, schema_version=1).saved.scenario.levers[0].recovered == 0.2, "migrated as it is read"
    newer = replace(one, body=one.body.replace('"perennial_scenario":2', '"perennial_scenario":7'), engine_version="3.0.0")
    with pytest.raises(Problem, match="“Autumn” cannot be opened.*version 3.0.0.*versions 1 and 2"):
        _ = newer.saved
    assert newer.figure is None and newer.amount == "" and newer.headline, "what it said then can be read"


def test_a_database_that_was_taken_away_is_a_sentence_and_nothing_is_written_into_the_void(shelf, place):
    shelf.save(draft(), "ana", NOON)
    for file in place.parent.glob(f"{place.name}*"):
        file.unlink()
    for ask in (shelf.list, shelf.many, lambda: shelf.save(draft(), "ana", NOON)):
        with pytest.raises(Unavailable, match="gone or empty"):
            ask()
    assert not place.exists()


def test_half_a_character_is_a_sentence(shelf):
    for bad in (draft(reasons="cut \ud83d"), draft(name="\udc4d")):
        with pytest.raises(Problem, match="half a character"):
            shelf.save(bad, "ana", NOON)
    kept = shelf.save(draft(), "ana", NOON)
    for author, text in (("ana", "\ud83d"), ("\ud83d", "well")):
        with pytest.raises(Problem, match="half a character"):
            shelf.comment(kept.id, author, text, NOON)
    assert shelf.many() == 1 and not shelf.comments(kept.id)


def test_a_list_that_is_cut_can_say_how_many_there_are(shelf, monkeypatch):
    monkeypatch.setattr("cs_models.shelf.shelf.MOST", 2)
    kept = [shelf.save(draft(), "ana", later(n)) for n in range(4)]
    shelf.save(draft(), "ana", later(9), parent=kept[0].id)
    shelf.delete(kept[1].id, "ana", later(10))
    assert len(shelf.list()) == 2 and shelf.many() == 3
