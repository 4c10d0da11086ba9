"""The engine's doors: nothing goes to disk, and who borrows it next finds nothing of who had it before."""

import duckdb
import pyarrow as pa
import pytest

from cs_models.engine import duckdb as engine_of_rows
from cs_models.engine.duckdb import opened


def test_the_engine_never_spills_to_disk(monkeypatch):
    monkeypatch.setenv("PERENNIAL_ENGINE_MEMORY", "60MB")
    with opened(0) as connection, pytest.raises(duckdb.OutOfMemoryException):
        connection.execute(
            "SELECT COUNT(*) FROM (SELECT DISTINCT range::VARCHAR || 'xxxxxxxxxxxxxxxx' FROM range(5000000))"
        )


@pytest.fixture
def none_rest(monkeypatch):
    monkeypatch.setattr(engine_of_rows, "_resting", resting := [])
    return resting


def test_an_engine_lent_again_knows_nothing_of_who_had_it_before(none_rest):
    with opened(3) as first:
        first.register("held", pa.table({"who": ["ada"]}))
        first.execute("CREATE TEMP TABLE kept AS SELECT * FROM held")
        first.execute("CREATE TEMP VIEW seen AS SELECT * FROM kept")
        with opened(3) as beside:  # as another session would at the same time
            for name in ("held", "kept", "seen"):
                with pytest.raises(duckdb.CatalogException):
                    beside.execute(f"SELECT * FROM {name}")
    assert len(none_rest) == 2
    with opened(3) as again, opened(3):
        assert not none_rest
        for name in ("held", "kept", "seen"):
            with pytest.raises(duckdb.CatalogException):
                again.execute(f"SELECT * FROM {name}")
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            again.execute("SET threads = 1")


def test_an_engine_that_held_much_or_failed_is_closed(none_rest, monkeypatch):
    with opened(engine_of_rows.FEW_ROWS + 1):
        pass
    assert not none_rest
    with pytest.raises(ZeroDivisionError), opened(1):
        raise ZeroDivisionError
    assert not none_rest
    with opened(1):
        pass
    monkeypatch.setenv("PERENNIAL_ENGINE_MEMORY", "64MB")
    with opened(1) as other:
        assert other.execute("SELECT current_setting('memory_limit')").fetchone() == ("61.0 MiB",)


def test_little_memory_is_not_parted_among_many(monkeypatch):
    """Telling long rows apart ended with an error where two had 80 MB each."""
    monkeypatch.setattr(engine_of_rows.os, "cpu_count", lambda: 6)
    limits = {"60MB": 1, "160MB": 1, "480 MB": 3, "0.5GB": 3, "1GiB": 6, "3GB": 6, "80%": 6}
    assert {limit: engine_of_rows.threads(limit) for limit in limits} == limits
    monkeypatch.setenv("PERENNIAL_ENGINE_MEMORY", "320MB")
    with opened(engine_of_rows.FEW_ROWS + 1) as held:
        assert held.execute("SELECT current_setting('threads')").fetchone() == (2,)
    monkeypatch.setattr(engine_of_rows.os, "cpu_count", lambda: 32)
    assert engine_of_rows.threads("3GB") == 8
