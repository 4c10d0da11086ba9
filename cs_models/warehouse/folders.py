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

from cs_models.engine.duckdb import CLOSED, MEMORY
from cs_models.problems import Problem
from cs_models.store import default_root
from cs_models.warehouse.dialects import DUCKDB, Dialect

PLACE = "folders"
READ = {".parquet": "read_parquet('{files}', hive_partitioning = true, union_by_name = true)",
        ".csv": "read_csv('{files}', hive_partitioning = true, union_by_name = true)"}  # fmt: skip
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
        limit = self.memory or os.environ.get("PERENNIAL_ENGINE_MEMORY", MEMORY)
        settings = {**CLOSED, "enable_external_access": "true", "temp_directory": spill, "memory_limit": limit,
                    "threads": min(os.cpu_count() or 1, 8)}  # fmt: skip
        try:
            connection = duckdb.connect(":memory:", config=settings)
            connection.execute("SET enable_progress_bar = false")
            connection.execute(f"SET allowed_directories = ['{_escaped(self.root)}']")
            connection.execute("SET enable_external_access = false")
            connection.execute("SET lock_configuration = true")
            for path, ending in _readable(self.root):
                files = READ[ending].format(files=_escaped(Path(glob.escape(str(path))) / "**" / f"*{ending}"))
                connection.execute(f"CREATE VIEW {DUCKDB.quoted(path.name)} AS SELECT * FROM {files}")
        except duckdb.Error as error:
            raise Problem(f"A folder on this server cannot be read: {type(error).__name__}. Its files must be of one "
                          "kind, all with the same columns.") from None  # fmt: skip
        return connection


def folders(root: Path | None = None) -> Folders | None:
    """The source of this server's folders; None where there is none with a file to read."""
    place = (root or default_root()) / PLACE
    return Folders(place.resolve()) if place.is_dir() and any(_readable(place)) else None


def _readable(root: Path):
    """(folder, ending of its files), by name; a folder without such a file is left out."""
    for path in sorted(root.iterdir()):
        if not path.is_dir() or path.name.endswith(".part"):
            continue
        with contextlib.suppress(Problem):
            DUCKDB.quoted(path.name)
            ending = next((ending for ending in READ if any(path.rglob(f"*{ending}"))), None)
            if ending:
                yield path, ending


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
