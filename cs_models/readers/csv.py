"""CSV in all its dress (comma, semicolon, tab, pipe; UTF-8, UTF-16, cp1252; LF, CRLF, CR) as a table of text.

Every record after the header is kept or listed as rejected with its row number. Files that cannot be a table
raise an `ImportProblem` with one sentence.
"""

import csv as stdlib_csv
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from cs_models.problems import ImportProblem
from cs_models.readers.dialect import DELIMITERS, SAMPLE, Dialect, _split_lines, clean, sniff
from cs_models.readers.encoding import to_utf8
from cs_models.readers.signatures import refuse_binary, refuse_control_bytes
from cs_models.readers.structure import SHOWN, ragged, set_structure_aside
from cs_models.readers.table import Finding, TextTable

BLOCK = 1 << 20


def read_text_table(source: Path | bytes, name: str = "") -> TextTable:
    """Read a CSV file (a path, or its bytes) as text.

    Delimiter, encoding and header row are found and told in `.facts`. A row with too many or too few cells,
    a repeated header, a totals line, a comment, a blank line or a cell of more than 32 kB is not guessed at:
    it stands in `.rejected` with its row number. Raises ImportProblem for an empty file, a header without
    rows, images, PDFs, workbooks, web pages, JSON, more than 500 columns and a quote that is never closed.

    >>> table = read_text_table(b"customer;start\\nC-1;2025-01-31\\n")
    >>> table.columns, table.facts["delimiter"], table.rows.to_pylist()
    (('customer', 'start'), 'semicolon', [2])
    """
    raw = _buffer(source)
    refuse_binary(bytes(raw[:4096]))
    data, facts, findings = to_utf8(raw)
    head = bytes(data[:SAMPLE])
    refuse_control_bytes(head)
    if not head.strip() and not bytes(data).strip():
        raise ImportProblem("The file is empty. Export it again and upload it.")
    complete = len(data) <= SAMPLE
    dialect = sniff(head, complete)
    body = _without_trailing_breaks(data[dialect.data_offset :])
    _refuse_header_only(dialect, body)
    _refuse_unclosed_quote(data, dialect)
    cells, broken = _parse(body, dialect)
    return _table(cells, broken, dialect, facts, findings, name)


def _buffer(source: Path | bytes) -> pa.Buffer:
    if isinstance(source, bytes | bytearray | memoryview):
        return pa.py_buffer(source)
    path = Path(source)
    try:
        size = path.stat().st_size
        if not size:
            return pa.py_buffer(b"")
        with pa.memory_map(str(path)) as file:
            return file.read_buffer()
    except OSError as error:
        raise ImportProblem(f"The file {path.name} cannot be opened. Check that it is there.") from error


def _without_trailing_breaks(body: pa.Buffer) -> pa.Buffer:
    """Line breaks after the last record are no records."""
    end = len(body)
    while end > 0:
        start = max(0, end - 4096)
        tail = bytes(body[start:end])
        kept = len(tail.rstrip(b"\r\n \x1a"))
        if kept:
            # keep blanks that belong to a last cell: only whole trailing lines go
            keep_to = start + kept
            rest = bytes(body[keep_to:end])
            breaks = re.search(rb"[\r\n]", rest)
            return body[: keep_to + breaks.start()] if breaks else body[:end]
        end = start
    return body[:0]


def _refuse_header_only(dialect: Dialect, body: pa.Buffer) -> None:
    if len(body) == 0:
        count = len(dialect.header)
        raise ImportProblem(
            f"The file has a header with {count} column{'s' if count != 1 else ''} and 0 data rows. "
            "Export it again with its rows, or start from the template."
        )


def _refuse_unclosed_quote(data: pa.Buffer, dialect: Dialect) -> None:
    """An odd number of quotes may be one that is never closed and swallows the rest; then find where it
    opens.
    """
    if not np.count_nonzero(np.frombuffer(data, np.uint8) == ord('"')) % 2:
        return
    lines = _split_lines(bytes(data).decode("utf-8"))
    reader = stdlib_csv.reader(lines, delimiter=dialect.delimiter)
    start = 0
    try:
        for _ in reader:
            last, start = start, reader.line_num
        list(stdlib_csv.reader(lines[last:], delimiter=dialect.delimiter, strict=True))
    except stdlib_csv.Error as error:
        if "unexpected end" in str(error):
            start = last
        elif "field larger" not in str(error):
            return
        raise ImportProblem(
            f'A quote (") opened in line {start + 1} is never closed, so the rest of the file '
            "cannot be told apart. Close or remove the quote in that line."
        ) from None


def _parse(body: pa.Buffer, dialect: Dialect) -> tuple[pa.Table, list[tuple[int, int, str]]]:
    """All cells as strings, and the records (number from 1, cells, text) whose number of cells is wrong."""
    names = [f"c{i}" for i in range(len(dialect.header))]
    broken: list[tuple[int, int, str]] = []

    def set_aside(record) -> str:
        broken.append((record.number, record.actual_columns, record.text[: SHOWN + 1]))
        return "skip"

    def run(block: int) -> pa.Table:
        broken.clear()
        return pyarrow.csv.read_csv(
            pa.BufferReader(body),
            # one thread: only then are record numbers known
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=names, block_size=block),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=dialect.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )

    try:
        return run(BLOCK), broken
    except pa.ArrowInvalid:
        pass
    try:
        # one record is longer than a block: read in one piece; the long cell is rejected below
        return run(len(body) + 16), broken
    except pa.ArrowInvalid as error:
        raise ImportProblem(
            "The file cannot be cut into rows and columns. "
            "Open it in a spreadsheet, save it as CSV and upload that."
        ) from error


def _table(cells, broken, dialect: Dialect, facts, findings, name: str) -> TextTable:
    total = cells.num_rows + len(broken)
    if broken and not cells.num_rows:
        _refuse_all_ragged(broken, dialect)
    kept = np.ones(total, bool)
    kept[[number - 1 for number, _, _ in broken]] = False
    rows = np.flatnonzero(kept).astype(np.int32) + dialect.header_row + 1
    rejected = [ragged(record, dialect) for record in broken]
    cells, rows, more = set_structure_aside(cells, rows, dialect)
    rejected = sorted([*rejected, *more], key=lambda entry: entry.row)
    columns, header_findings = _headers(dialect.header)
    facts = {
        **facts,
        "delimiter": DELIMITERS[dialect.delimiter],
        "header_row": str(dialect.header_row),
        "above": "\n".join(dialect.above),
    }
    return TextTable(
        columns,
        cells,
        pa.array(rows, pa.int32()),
        tuple(rejected),
        facts,
        (*findings, *_dialect_findings(dialect), *header_findings),
        name,
    )


def _refuse_all_ragged(broken, dialect: Dialect) -> None:
    number, actual, _ = broken[0]
    raise ImportProblem(
        f"The header has {len(dialect.header)} columns, but row {number + dialect.header_row} "
        f"has {actual} cells, and no row fits the header. "
        "Check the header and the delimiter, and export the file again."
    )


def _headers(header: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Blank headers get a name; a name used twice is told (the first is used unless the mapping says
    otherwise).
    """
    columns = tuple(clean(title) or f"column {at + 1}" for at, title in enumerate(header))
    twice = sorted({title for title in columns if columns.count(title) > 1})
    if not twice:
        return columns, ()
    names = ", ".join(f'"{title[:SHOWN]}"' for title in twice[:5])
    return columns, (
        Finding("duplicate_header", f"Two columns share the name {names}; the first one is used."),
    )


def _dialect_findings(dialect: Dialect) -> tuple[Finding, ...]:
    if dialect.header_row == 1:
        return ()
    return (
        Finding(
            "header_row", f"The header was found in row {dialect.header_row}; the lines above it are no data."
        ),
    )
