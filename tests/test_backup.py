"""What is backed up is what comes back, from a server that goes on writing; what was touched does not come back."""

import sqlite3
import tarfile
from contextlib import closing

import pytest
from scripts import backup


@pytest.fixture
def kept(tmp_path):
    """A data folder with a data set, a half-written one, and a database with a save that is not finished."""
    root = tmp_path / "data"
    (root / "datasets" / "a1").mkdir(parents=True)
    (root / "datasets" / "a1" / "rows.arrow").write_bytes(bytes(range(256)) * 64)
    (root / "datasets" / "b2.part").write_bytes(b"half")
    with closing(sqlite3.connect(root / "scenarios.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE saved (id TEXT)")
        database.executemany("INSERT INTO saved VALUES (?)", [(f"s{i}",) for i in range(200)])
        database.commit()
    return root


def saved(root) -> list:
    with closing(sqlite3.connect(root / "scenarios.db")) as database:
        return [row[0] for row in database.execute("SELECT id FROM saved")]


def test_everything_comes_back_and_what_was_half_written_does_not(kept, tmp_path):
    archive, back = tmp_path / "one.tar.gz", tmp_path / "back"
    with closing(sqlite3.connect(kept / "scenarios.db")) as writer:
        writer.execute("INSERT INTO saved VALUES ('late')")
        writer.commit()  # it stands in the journal beside the file, as after any save of a running server
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO saved VALUES ('unfinished')")
        assert backup.save(kept, archive) == 2
        writer.rollback()
    assert backup.restore(archive, back) == 2
    assert saved(back) == saved(kept) and len(saved(back)) == 201
    rows = "datasets/a1/rows.arrow"
    assert (back / rows).read_bytes() == (kept / rows).read_bytes()
    assert sorted(p.name for p in back.rglob("*") if p.is_file()) == ["rows.arrow", "scenarios.db"]
    assert back.stat().st_mode & 0o077 == 0


def test_a_changed_file_is_not_restored(kept, tmp_path):
    archive, spoiled, back = tmp_path / "one.tar.gz", tmp_path / "two.tar.gz", tmp_path / "back"
    backup.save(kept, archive)
    whole = tmp_path / "whole"
    with tarfile.open(archive) as old:
        old.extractall(whole, filter="data")
    (whole / "datasets" / "a1" / "rows.arrow").write_bytes(b"other")
    with tarfile.open(spoiled, "w:gz") as new:
        new.add(whole, ".")
    with pytest.raises(backup.Refused, match="1 of 2 files are not as they were saved, first: datasets/a1/rows.arrow"):
        backup.restore(spoiled, back)
    assert not back.exists()


def test_an_archive_cut_off_restores_nothing(kept, tmp_path):
    archive, back = tmp_path / "one.tar.gz", tmp_path / "back"
    backup.save(kept, archive)
    archive.write_bytes(archive.read_bytes()[:-400])
    with pytest.raises(backup.Refused):
        backup.restore(archive, back)
    assert not back.exists()


def test_nothing_is_overwritten(kept, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(kept))
    archive = tmp_path / "one.tar.gz"
    assert backup.main(["save", str(archive)]) == 0 and "2 files saved" in capsys.readouterr().out
    assert backup.main(["save", str(archive)]) == 1 and "exists already" in capsys.readouterr().err
    assert backup.main(["restore", str(archive), str(kept)]) == 1 and "not empty" in capsys.readouterr().err
    assert len(saved(kept)) == 200


def test_no_folder_is_a_sentence(tmp_path):
    with pytest.raises(backup.Refused, match="no data folder"):
        backup.save(tmp_path / "nowhere", tmp_path / "one.tar.gz")
