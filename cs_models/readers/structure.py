"""Records that are no data: broken shape, blank, repeated header, totals, comments; each with its reason."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.readers.dialect import Dialect
from cs_models.readers.table import Rejection, plain_cells

MAX_CELL_BYTES = 32_768
SHOWN = 80
TOTAL = r"(?i)^(grand |sub)?(totals?|sum|summe|gesamt|gesamtsumme)( \(.*\))?:?$"


def ragged(record: tuple[int, int, str], dialect: Dialect) -> Rejection:
    number, actual, text = record
    expected = len(dialect.header)
    shown = text[:SHOWN]
    if text.lstrip().startswith("#"):
        reason = "a comment line, not a row of data"
    elif re.match(TOTAL, text.split(dialect.delimiter)[0].strip().strip('"')):
        reason = "total row: it repeats the rows above"
    elif actual < expected:
        reason = f"{actual} of {expected} columns: the line may be cut off; fill in the missing cells"
    else:
        reason = f"{actual} cells in {expected} columns: put text that holds the delimiter in quotes"
    return Rejection(number + dialect.header_row, "", shown, reason)


def set_structure_aside(cells: pa.Table, rows: np.ndarray, header: tuple[str, ...], delimiter: str = ","):
    """Blank rows, repeated headers, totals and endless cells leave the table, each with its reason."""
    reasons = np.zeros(cells.num_rows, np.int8)
    texts = (
        "",
        "a blank row",
        "repeated header: two exports pasted together",
        "total row: it repeats the rows above",
        "",
        "a comment line, not a row of data",
    )
    first = cells.column(0)
    reasons[_blank_rows(cells)] = 1
    reasons[_repeated_headers(cells, header)] = 2
    reasons[_total_rows(cells)] = 3
    endless: dict[int, int] = {}  # row -> its first column with such a cell
    for place, column in enumerate(cells.columns):
        for at in _where(_each(column, lambda cell: pc.greater(pc.binary_length(cell), MAX_CELL_BYTES))).tolist():
            endless.setdefault(at, place)
    reasons[list(endless)] = 4
    comments = _where(_each(first, lambda cell: pc.starts_with(cell, "#")))
    reasons[[at for at in comments if _mostly_blank(cells, at)]] = 5
    out = np.flatnonzero(reasons)
    if not len(out):
        return cells, rows, []
    entries = []
    for at in out.tolist():
        column, reason = _endless(header, endless[at]) if reasons[at] == 4 else ("", texts[reasons[at]])
        entries.append(Rejection(int(rows[at]), column, _preview(cells, at, delimiter), reason))
    keep = np.flatnonzero(reasons == 0)
    # codes of cells that left would still stand among the values of a column
    cells = plain_cells(cells)
    return cells.take(pa.array(keep)), rows[keep], entries


def _endless(header: tuple[str, ...], place: int) -> tuple[str, str]:
    name = header[place][:SHOWN] or f"column {place + 1}"
    return name, f'a cell in column "{name}" is longer than 32 kB: shorten it or close a quote before it'


def _where(mask) -> np.ndarray:
    return np.flatnonzero(mask.to_numpy())


def _each(column, rule):
    """What a rule says of every cell; of a coded column it is asked once for each different value."""
    if not pa.types.is_dictionary(column.type):
        return rule(column)
    told = [rule(piece.dictionary).take(piece.indices) for piece in column.chunks]
    return pa.chunked_array(told, pa.bool_())


def _blank(column) -> pa.Array:
    return _each(column, lambda cell: pc.equal(pc.binary_length(pc.utf8_trim_whitespace(cell)), 0))


def _blank_rows(cells: pa.Table) -> np.ndarray:
    at = np.arange(cells.num_rows)
    for column in cells.columns:
        if not len(at):
            return at
        part = column if len(at) == cells.num_rows else column.take(pa.array(at))
        at = at[_where(_blank(part))]
    return at


def _repeated_headers(cells: pa.Table, header: tuple[str, ...]) -> np.ndarray:
    at = np.arange(cells.num_rows)
    for column, title in zip(cells.columns, header, strict=True):
        if not len(at):
            return at
        part = column if len(at) == cells.num_rows else column.take(pa.array(at))
        at = at[_where(_each(part, lambda cell, title=title: pc.equal(pc.utf8_trim_whitespace(cell), title)))]
    return at


def _total_rows(cells: pa.Table) -> list[int]:
    """A total names itself in its first cells and leaves at least half of the others blank."""
    named: set[int] = set()
    for column in cells.columns[:2]:
        total = _each(column, lambda cell: pc.match_substring_regex(pc.utf8_trim_whitespace(cell), TOTAL))
        named.update(_where(total).tolist())
    return [at for at in named if _mostly_blank(cells, at)]


def _mostly_blank(cells: pa.Table, at: int) -> bool:
    values = [str(column[at]).strip() for column in cells.columns]
    return values.count("") * 2 >= len(values) - 1


def _preview(cells: pa.Table, at: int, delimiter: str) -> str:
    text = ""
    for column in cells.columns:
        text += str(column[at])[:SHOWN] + delimiter
        if len(text) > SHOWN:
            break
    return text[:SHOWN].rstrip(delimiter)
