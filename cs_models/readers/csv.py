"""CSV in all its dress (comma, semicolon, tab, pipe; UTF-8, UTF-16, cp1252; LF, CRLF, CR) as a table of text.

Every record after the header is kept or listed as rejected with its row number. Files that cannot be a table
raise an `ImportProblem` with one sentence.
"""

import csv as stdlib_csv
import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.csv

from cs_models.problems import ImportProblem
from cs_models.readers.dialect import DELIMITERS, SAMPLE, Dialect, _split_lines, sniff
from cs_models.readers.encoding import to_utf8
from cs_models.readers.finish import finish, refuse_header_only
from cs_models.readers.header import NO_HEADER
from cs_models.readers.signatures import refuse_control_bytes, refuse_web_page
from cs_models.readers.structure import SHOWN, ragged
from cs_models.readers.table import Finding, TextTable

BLOCK = 1 << 20


def read_csv(raw: pa.Buffer, name: str = "", answers: Mapping[str, str] | None = None) -> TextTable:
    """Read the bytes of a CSV file as text.

    Delimiter, encoding and header row are found and told in `.facts`; `answers` {"encoding", "delimiter",
    "header_row"} go first. A row with too many or too few cells, a repeated header, a totals line, a comment,
    a blank line or a cell of more than 32 kB is not guessed at: it stands in `.rejected` with its row number.
    Raises ImportProblem for an empty file, a header without rows, web pages, more than 500 columns and a
    quote that is never closed.
    """
    answers = answers or {}
    data, facts, findings, asked = to_utf8(raw, answers.get("encoding"))
    head = bytes(data[:SAMPLE])
    refuse_web_page(head)
    refuse_control_bytes(head)
    if not head.strip() and not bytes(data).strip():
        raise ImportProblem("The file is empty. Export it again and upload it.")
    complete = len(data) <= SAMPLE
    dialect = sniff(head, complete, answers)
    if not dialect.header:
        raise ImportProblem("The row with the names of the columns holds nothing. Put the names there, or say which row it is.")
    body = _without_trailing_breaks(data[dialect.data_offset :])
    refuse_header_only(len(dialect.header), len(body))
    _refuse_unclosed_quote(data, dialect)
    cells, broken = _parse(body, dialect)
    return _table(cells, broken, dialect, {"kind": "CSV", **facts}, findings, asked, name, answers)


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


def _table(cells, broken, dialect: Dialect, facts, findings, asked, name: str, answers) -> TextTable:
    total = cells.num_rows + len(broken)
    if broken and not cells.num_rows:
        _refuse_all_ragged(broken, dialect)
    kept = np.ones(total, bool)
    kept[[number - 1 for number, _, _ in broken]] = False
    rows = np.flatnonzero(kept).astype(np.int32) + dialect.header_row + 1
    rejected = [ragged(record, dialect) for record in broken]
    facts = {
        **facts,
        "delimiter": DELIMITERS[dialect.delimiter],
        "header_row": str(dialect.header_row) if dialect.header_row else NO_HEADER,
        "above": "\n".join(dialect.above),
    }
    findings = (*findings, *_dialect_findings(dialect))
    return finish(
        cells, rows, rejected, dialect.header, facts, findings, (*asked, *dialect.questions), name, answers
    )


def _refuse_all_ragged(broken, dialect: Dialect) -> None:
    number, actual, _ = broken[0]
    raise ImportProblem(
        f"The header has {len(dialect.header)} columns, but row {number + dialect.header_row} "
        f"has {actual} cells, and no row fits the header. "
        "Check the header and the delimiter, and export the file again."
    )


def _dialect_findings(dialect: Dialect) -> tuple[Finding, ...]:
    found = ()
    if dialect.hinted:
        sentence = f'The first line "sep={dialect.delimiter}" names the delimiter and is no data.'
        found += (Finding("separator_hint", sentence),)
    if dialect.delimiter != ",":
        sentence = f"Cells are divided by the {DELIMITERS[dialect.delimiter]}, which was detected."
        found += (Finding("delimiter", sentence),)
    if dialect.header_row > 1 + dialect.hinted:
        sentence = f"The header was found in row {dialect.header_row}; the lines above it are no data."
        found += (Finding("header_row", sentence),)
    return found
