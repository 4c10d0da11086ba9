"""Folders of Parquet or CSV files on this server, partitioned or not, larger than memory: counted by the engine where
they lie.

    <PERENNIAL_DATA_DIR>/folders/<name>/**/*.parquet     or *.csv, *.csv.gz; of one kind, all with the same columns

A folder in the name of a folder such as `month=2025-03` becomes a column. The engine sees these files and nothing else,
keeps to its memory limit, and spills to a folder of its own beside them, which goes with the connection.
"""

import contextlib
import glob
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from cs_models.engine.duckdb import CLOSED, memory_limit, threads
from cs_models.problems import Problem
from cs_models.store import default_root
from cs_models.warehouse.dialects import DUCKDB, FILE, Dialect
from cs_models.warehouse.text_days import forms

PLACE = "folders"
# Days of one form alone: which of two numbers is the month is not for the engine to guess (`text_days.py`).
KINDS = "auto_type_candidates = ['BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE', 'VARCHAR'], dateformat = '%Y-%m-%d'"
READ = {".parquet": "read_parquet('{files}', hive_partitioning = true, union_by_name = true)",
        ".csv": f"read_csv('{{files}}', hive_partitioning = true, union_by_name = true, {KINDS})"}  # fmt: skip
READ[".csv.gz"] = READ[".csv"]


@dataclass(frozen=True)
class Folders:
    """All folders of this server as one source; a folder is a table."""

    root: Path
    name: str = "Folders on this server"
    dialect: Dialect = DUCKDB
    schema: str = ""
    memory: str = ""

    def open(self) -> duckdb.DuckDBPyConnection:
        """The engine with a view of each folder; it may read there, write nowhere but its own place to spill."""
        spill = tempfile.mkdtemp(prefix="spill-", suffix=".part", dir=self.root)
        os.rmdir(spill)  # the engine makes it when it needs it, and takes away at the end what it has made
        limit = self.memory or memory_limit()
        settings = {**CLOSED, "enable_external_access": "true", "temp_directory": spill, "memory_limit": limit,
                    "threads": threads(limit)}  # fmt: skip
        try:
            connection = duckdb.connect(":memory:", config=settings)
            connection.execute("SET enable_progress_bar = false")
            connection.execute(f"SET allowed_directories = ['{_escaped(self.root)}']")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
        except duckdb.Error as error:
            raise Problem(f"The folders of this server cannot be opened: {type(error).__name__}.") from None
        for path in _folders(self.root):
            with contextlib.suppress(duckdb.Error):  # the others are no worse for it; `left_out` names it
                _see(connection, path)
        return connection

    def left_out(self, connection) -> list[str]:
        """Folders with files that could not be read together, by name."""
        seen = {name for name, in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()}
        return [path.name for path in _folders(self.root) if path.name not in seen]

    def days(self, connection, table: str, known: dict[str, str]) -> dict[str, str]:
        """Columns of texts that are days, and their form."""
        return forms(self.dialect, connection, table, known)

    def places(self, table: str) -> tuple[str, ...]:
        """The columns that tell where a row lies: `month` of `month=2025-03/`, or else the file where there are several."""
        inside = [(Path(place).relative_to(self.root / table).parts, files) for place, _, files in os.walk(self.root / table)]
        named = dict.fromkeys(part.split("=", 1)[0] for parts, _ in inside for part in parts if "=" in part)
        return tuple(named) or ((FILE,) if sum(len(files) for _, files in inside) > 1 else ())


def folders(root: Path | None = None) -> Folders | None:
    """The source of this server's folders; None where there is none with a file to read."""
    place = (root or default_root()) / PLACE
    return Folders(place.resolve()) if place.is_dir() and any(_folders(place)) else None


def _folders(root: Path):
    """Folders with a file to read, by name. A look ends at the first such file."""
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.name.endswith(".part") and any(_endings(path)):
            with contextlib.suppress(Problem):
                DUCKDB.quoted(path.name)
                yield path


def _endings(path: Path):
    """The kind of each file that can be read, one after the other."""
    for _, _, files in os.walk(path):
        yield from (ending for name in files for ending in READ if name.endswith(ending))


def _see(connection, path: Path) -> None:
    """A view of all files of a folder, unless they are of several kinds: some of them would be left out unsaid."""
    ending, *others = set(_endings(path))
    if others:
        return
    files = READ[ending].format(files=_escaped(Path(glob.escape(str(path))) / "**" / f"*{ending}"))
    connection.execute(f"CREATE VIEW {DUCKDB.quoted(path.name)} AS SELECT *, filename AS {FILE} FROM {files}")


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
