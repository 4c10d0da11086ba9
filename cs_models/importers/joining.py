"""Two files joined on the column they share: events with the price table of their plans."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers.columns import shorten
from cs_models.problems import ImportProblem
from cs_models.readers.table import Finding, TextTable
from cs_models.subscriptions import normalised


def join(tables: Sequence[TextTable]) -> TextTable:
    """The rows of the longer file, each with the columns of the row of the other that has the same key.

    The key is a header both files have ("plan_id"; or "id" in the table of plans) and stands once per value
    in the table looked up. Rows without a partner keep blanks there, and a finding says how many. Raises
    ImportProblem when no such column exists.
    """
    if len(tables) != 2:
        raise ImportProblem("Give two files: the events, and the table of plans they refer to.")
    left, right = sorted(tables, key=lambda table: table.cells.num_rows, reverse=True)
    found = _key(left, right)
    if found is None:
        raise ImportProblem(
            f"The two files share no column that names one row of the smaller: {_names(left)}; "
            f"{_names(right)}. "
            "Give both the same column name, such as plan_id."
        )
    mine, theirs = found
    keys = _plain(left, mine)
    known = _plain(right, theirs)
    at = pc.index_in(keys, value_set=known)
    added = [place for place in range(len(right.columns)) if place != theirs]
    cells, columns = left.cells, list(left.columns)
    for place in added:
        looked_up = _plain(right, place).take(at).fill_null("")
        cells = cells.append_column(f"c{len(columns)}", looked_up)
        columns.append(_free(right.columns[place], columns))
    return replace(
        left, columns=tuple(columns), cells=cells, findings=(*left.findings, *_told(left, right, mine, at))
    )


def joined_digest(digests: Sequence[str]) -> str:
    """sha256 over the digests of the files, whichever came first."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def _key(left: TextTable, right: TextTable) -> tuple[int, int] | None:
    for theirs, header in enumerate(right.columns):
        column = _plain(right, theirs)
        if pc.count_distinct(column).as_py() != len(column):
            continue
        for mine, own in enumerate(left.columns):
            same = normalised(own) == normalised(header)
            if same or normalised(header) == "id" and normalised(own) in ("planid", "priceid", "productid"):
                return mine, theirs
    return None


def _plain(table: TextTable, at: int) -> pa.Array:
    column = pc.utf8_trim_whitespace(table.cells.column(at))
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _free(header: str, taken: list[str]) -> str:
    return header if header not in taken else f"{header} (joined)"


def _names(table: TextTable) -> str:
    return ", ".join(shorten(header) for header in table.columns[:10])


def _told(left: TextTable, right: TextTable, mine: int, at: pa.Array) -> list[Finding]:
    key = shorten(left.columns[mine])
    name = shorten(right.name) or "the second file"
    told = [Finding("joined", f'Joined with the {right.cells.num_rows:,} rows of {name} on "{key}".')]
    lost = np.flatnonzero(np.asarray(at.is_null()))
    if len(lost):
        rows = left.rows.to_numpy()[lost]
        many = "row has" if len(lost) == 1 else "rows have"
        sentence = f'{len(lost):,} {many} a "{key}" that {name} does not know, first: row {rows[0]:,}.'
        told.append(Finding("not_joined", sentence, len(lost), tuple(int(row) for row in rows[:5])))
    if right.rejected:
        told.append(Finding("joined_broken", f"{len(right.rejected):,} rows of {name} cannot be read."))
    return told
