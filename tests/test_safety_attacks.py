"""Fourteen statements that reach for files, hosts, extensions, settings or variables of Python, at both doors of the
query engine: the one that counts, and the one that reads a long Parquet file.
"""

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cs_models.engine.duckdb import opened
from cs_models.importers.parquet_rows import ParquetRows

ATTACKS = {
    "read a file as csv": "SELECT * FROM read_csv('{other}')",
    "read a file as text": "SELECT * FROM read_text('{other}')",
    "read a file by its name": "SELECT * FROM '{other}'",
    "read another parquet file": "SELECT * FROM read_parquet('{parquet}')",
    "list files": "SELECT * FROM glob('{folder}/*')",
    "write a file": "COPY (SELECT 1) TO '{folder}/out.csv'",
    "write a database": "EXPORT DATABASE '{folder}/out'",
    "open a database": "ATTACH '{folder}/out.db'",
    "install an extension": "INSTALL httpfs",
    "load an extension": "LOAD httpfs",
    "call a host": "SELECT * FROM read_csv('http://localhost:1/x.csv')",
    "keep a secret": "CREATE SECRET s (TYPE s3)",
    "open the door again": "SET enable_external_access = true",
    "see a variable of Python": "SELECT * FROM hidden_frame",
}
SETTINGS = ("SET memory_limit = '99GB'", "SET temp_directory = '{folder}'", "SET lock_configuration = false",
            "SET allowed_directories = ['{folder}']", "RESET enable_external_access")  # fmt: skip


@pytest.fixture(params=["counting", "reading a long file"])
def door(request, tmp_path):
    """An open connection, as the product opens it, and the folder of somebody else's files."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "secret.csv").write_text("who\nada\n")
    pq.write_table(pa.table({"who": ["ada"]}), folder / "secret.parquet")
    if request.param == "counting":
        with opened(0) as connection:
            yield connection, folder
        return
    own = tmp_path / "own.parquet"
    pq.write_table(pa.table({"customer": ["a", "b"]}), own)
    with ParquetRows(own, tmp_path / "spill") as rows:
        assert rows.all("SELECT COUNT(*) FROM {rows}") == [(2,)], "the file itself can be read"
        yield rows._connection, folder


def refused(door, statement: str) -> None:
    connection, folder = door
    before = sorted(folder.rglob("*"))
    text = statement.format(other=folder / "secret.csv", parquet=folder / "secret.parquet", folder=folder)
    hidden_frame = pa.table({"a": [1]})  # noqa: F841  what SQL must not see
    with pytest.raises(duckdb.Error) as told:
        connection.execute(text).fetchall()
    assert "ada" not in str(told.value) and sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_query_engine_refuses(door, attack):
    refused(door, ATTACKS[attack])


@pytest.mark.parametrize("setting", SETTINGS)
def test_its_settings_are_locked(door, setting):
    refused(door, setting)


def test_both_have_a_limit_of_memory_and_spill_nowhere_else(door, tmp_path):
    connection, _ = door
    limit, place = connection.execute("SELECT current_setting('memory_limit'), current_setting('temp_directory')").fetchone()
    assert "GiB" in limit or "MiB" in limit
    assert place in ("", str(tmp_path / "spill"))
