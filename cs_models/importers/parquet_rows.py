"""A long Parquet file as a table of the query engine: its rows are asked about and streamed, never held.

Columns are c0, c1, ... by their place and `n` is the place of a row: no header is part of a query. The engine
sees this one file, keeps to its limit of memory, and puts what does not fit into a folder it is given.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MEMORY = "512MB"
AT_ONCE = 500_000  # rows of a piece
TEXT, WHOLE, REAL, EXACT, DAY, MOMENT, YES = "text whole real exact day moment yes".split()
CLOSED = (
    "SET enable_progress_bar = false",  # it would be printed where the steps are told
    "SET enable_external_access = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET python_enable_replacements = false",
    "SET lock_configuration = true",
)
DAY_MICROSECONDS = 86_400_000_000


class NotClean(Exception):
    """Something in the file needs the slower path, which can tell it."""


class ParquetRows:
    """An open file: `names` and `kinds` of its columns, `count` of its rows. Use as a context.

    NotClean for a column of a kind that has no plain text. Engine errors are `duckdb.Error`.
    """

    def __init__(self, path: Path, spill: Path) -> None:
        self.path = str(path.resolve())
        if any(letter in self.path for letter in "*?[]{}'"):  # signs of a pattern for the engine
            raise NotClean
        with pq.ParquetFile(path) as file:
            schema, self.count = file.schema_arrow, file.metadata.num_rows
        self.names = tuple(schema.names)
        self.types = [_plain(field.type) for field in schema]
        self.kinds = [_kind(one) for one in self.types]
        columns = ", ".join(f"c{at}" for at in range(len(self.names)))
        options = "file_row_number = true, hive_partitioning = false"
        self.rows = f"(SELECT * FROM read_parquet(?, {options}) AS t({columns}, n))"
        self._connection = _connect(self.path, spill)

    def __enter__(self) -> "ParquetRows":
        return self

    def __exit__(self, *_) -> None:
        self._connection.close()

    def all(self, query: str, **tables: pa.Table) -> list[tuple]:
        """Every row of the result of a query, in which {rows} stands for the file."""
        for name, table in tables.items():
            self._connection.register(name, table)
        return self._connection.sql(query.format(rows=self.rows), params=[self.path]).fetchall()

    def stream(self, query: str) -> Iterator[pa.RecordBatch]:
        """The result of a query, a piece at a time; the rows of the file come in their order."""
        return self._connection.sql(query.format(rows=self.rows), params=[self.path]).to_arrow_reader(AT_ONCE)

    def day(self, at: int) -> str:
        """The day of a column as days since 1970-01-01; moments with a zone are told in UTC."""
        if self.kinds[at] == DAY:
            return f"CAST(c{at} - DATE '1970-01-01' AS INTEGER)"
        return f"CAST(FLOOR(epoch_us(c{at}) / {DAY_MICROSECONDS}.0) AS INTEGER)"

    def cell(self, at: int) -> str:
        """The cell as the text readers hand over; nothing for null."""
        return f"COALESCE(CAST(c{at} AS VARCHAR), '')"

    def different(self, at: int, most: int) -> list[str]:
        """The different cells of a column in order, at most `most` + 1 of them."""
        found = self.all(f"SELECT DISTINCT {self.cell(at)} AS cell FROM {{rows}} LIMIT {most + 1}")
        return sorted(cell for (cell,) in found)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _kind(kind: pa.DataType) -> str:
    tests = {
        TEXT: pa.types.is_string(kind) or pa.types.is_large_string(kind),
        WHOLE: pa.types.is_integer(kind) and not pa.types.is_uint64(kind),
        REAL: pa.types.is_float64(kind),
        EXACT: pa.types.is_decimal128(kind),
        DAY: pa.types.is_date32(kind),
        MOMENT: pa.types.is_timestamp(kind),
        YES: pa.types.is_boolean(kind),
    }
    found = next((name for name, fits in tests.items() if fits), None)
    if found is None:
        raise NotClean
    return found


def _connect(path: str, spill: Path) -> duckdb.DuckDBPyConnection:
    settings = {
        "memory_limit": os.environ.get("PERENNIAL_ENGINE_MEMORY", MEMORY),
        "threads": min(os.cpu_count() or 1, 4),
        "temp_directory": str(spill.resolve()),
        "preserve_insertion_order": "true",
        "allow_community_extensions": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute(f"SET allowed_paths = ['{path}']")  # it holds no quote: see above
    for setting in CLOSED:
        connection.execute(setting)
    return connection


def in_order(places: np.ndarray, begin: int) -> None:
    """A piece of rows must go on where the one before ended."""
    if not np.array_equal(places, np.arange(begin, begin + len(places))):
        raise NotClean
