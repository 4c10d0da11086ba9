"""A long Parquet file of periods straight from the query engine to rows on disk, where it is clean.

The same data set as by way of text, in bounded memory: only counts, ids and a piece of the rows at a time are
ever held. A file that leaves anything to be told, asked or repaired takes the other way.
"""

import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cs_models import dataset_files
from cs_models.import_report import ImportReport
from cs_models.importers.parquet_rows import NotClean, ParquetRows
from cs_models.importers.periods import LAYOUT
from cs_models.importers.typed_periods import Clean, day_of, look
from cs_models.importers.typed_rows import read_ids, write_rows
from cs_models.problems import ImportProblem
from cs_models.readers import container
from cs_models.readers.header import clean as tidied
from cs_models.readers.table import TextTable
from cs_models.recognition import choose
from cs_models.subscriptions import Subscriptions

MAGIC = b"PAR1"


def read_clean(
    path: Path, name: str, mapping: Mapping[str, str | None], as_of: date | None, answers, layout: str | None
) -> Subscriptions | None:
    """The subscriptions of a clean Parquet file of at least `CODED_FROM` rows; None for every other file."""
    if not _is_long_parquet(path):
        return None
    workshop = Path(tempfile.mkdtemp(prefix="import-"))
    try:
        with ParquetRows(path, workshop) as file:
            headers = tuple(tidied(title) for title in file.names)
            table = TextTable(headers, pa.table({}), pa.array([], pa.int32()), facts={"header_row": "1"})
            chosen, complete = choose(table, mapping, layout)
            if chosen.name != LAYOUT.name:
                return None
            clean = look(file, headers, complete, as_of, answers)
            return _subscriptions(file, clean, complete, answers, workshop / "rows.arrow", name)
    except (NotClean, ImportProblem, duckdb.Error, pa.ArrowException):
        return None  # the other way tells what it is
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _is_long_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return False
        return pq.read_metadata(path).num_rows >= container.CODED_FROM
    except (OSError, pa.ArrowException):
        return False


def _subscriptions(file: ParquetRows, clean: Clean, mapping, answers, path: Path, name: str) -> Subscriptions:
    findings, schema = write_rows(file, clean, read_ids(file, clean), path)
    rows = dataset_files.mapped(path)
    named = {role: mapping[role] for role in ("plan", "interval") if role in mapping}
    return Subscriptions(
        kind="periods",
        rows=rows,
        as_of=day_of(clean.today),
        report=ImportReport(file.count, file.count, 0, 0, findings=tuple(findings)),
        columns=named | {f"c{at}": header for at, header in enumerate(clean.headers)},
        currency=clean.currency,
        digest="",
        mapping=dict(mapping),
        layout=LAYOUT.name,
        source_name=name,
        aside=schema.empty_table().append_column("why", pa.array([], pa.string())),
        answers=dict(answers),
    )
