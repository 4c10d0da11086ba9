"""One door for every kind of file: what it is decides its content, never its name."""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from cs_models.problems import ImportProblem
from cs_models.readers.container import LARGEST, open_container
from cs_models.readers.csv import read_csv
from cs_models.readers.grid import records_table, sheet_table
from cs_models.readers.signatures import SAVE_AS_CSV, kind_of
from cs_models.readers.table import Finding, Question, TextTable

OPTIONS = ("encoding", "delimiter", "header_row", "sheet", "member", "duplicate_header")
# what an upload may be called; its content decides what it is
ENDINGS = ("csv", "tsv", "txt", "gz", "zip", "xlsx", "xlsm", "xls", "ods", "parquet", "json", "jsonl", "ndjson")
FIRST, MORE = 1 << 20, 16 << 20  # bytes of a first look, and where a cell takes most of these
WORKBOOK_NAME = re.compile(r"(?i)\.(xlsx|xlsm|xlsb|xls|ods)$")
TEXT_NAME = re.compile(r"(?i)\.(csv|tsv|tab|txt|psv)$")


def read_text_table(
    source: Path | bytes, name: str = "", answers: Mapping[str, str] | None = None, first: bool = False,
    coded: bool = False,
) -> TextTable:
    """Read a table (a path, or its bytes) as text: CSV in any dress, gzip, zip, Excel and OpenDocument
    workbooks, Parquet, JSON lines or an array of objects.

    What was detected stands in `.facts` (kind, encoding, delimiter, header_row, sheet, member), and `answers`
    with those names go first. Several sheets or members are a question with the best guess taken. `first`
    reads only the beginning, for a preview; `coded` allows codes in place of a text a cell. Raises ImportProblem, one sentence, for images, PDFs, web pages,
    password-protected workbooks, damaged files, and files that grow without measure when opened.

    >>> table = read_text_table(b"customer;start\\nC-1;2025-01-31\\n")
    >>> table.columns, table.facts["delimiter"], table.rows.to_pylist()
    (('customer', 'start'), 'semicolon', [2])
    """
    answers = {key: value for key, value in (answers or {}).items() if key in OPTIONS}
    with ExitStack() as stack:
        table = _read(stack, source, name, answers, first)
        return table if coded else table.as_text()


def _read(stack, source, name, answers, first, nested=False) -> TextTable:
    raw = _buffer(source)
    if len(raw) > LARGEST:
        raise ImportProblem(
            f"The file has {len(raw) / (1 << 20):,.0f} MB; at most {LARGEST >> 20:,} MB can be read. "
            "Export fewer rows or columns, or upload it as Parquet."
        )
    kind = kind_of(bytes(raw[:4096]))
    if kind == "json" and TEXT_NAME.search(name):
        raise ImportProblem(f"This looks like JSON, not a table. {SAVE_AS_CSV} Or name it .json.")
    if kind == "text":
        return _named_otherwise(read_csv(_first_part(raw) if first else raw, name, answers), name)
    given = source if isinstance(source, Path) else raw
    start = FIRST if first else 0
    opened = open_container(stack, kind, given, answers, nested, start)
    if opened.path:
        inner = opened.answer.get("member") or re.sub(r"(?i)\.gz$", "", name)
        table = _read(stack, opened.path, inner, answers, first, nested=True)
        return _from_container(table, opened.answer, kind, name)
    if kind in ("parquet", "json"):
        return _named_otherwise(records_table(opened, {}, name, answers), name)
    return _named_otherwise(sheet_table(opened, {}, name, answers), name)


def _from_container(table: TextTable, answer: Mapping, kind: str, name: str) -> TextTable:
    facts = {**table.facts, "container": kind}
    if kind == "gzip":
        return replace(table, facts=facts, name=name)
    member, names = answer["member"], tuple(answer["members"])
    facts["member"] = member
    if len(names) < 2:
        return replace(table, facts=facts, name=name)
    sentence = f'The zip file holds {len(names)} tables; "{member}" is read.'
    question = Question(
        "member", "Which file of the zip is meant?", member, names, sentence, answer["answered"]
    )
    return replace(table, facts=facts, name=name, questions=(question, *table.questions))


def _named_otherwise(table: TextTable, name: str) -> TextTable:
    """Tell when a file is not what its name says."""
    kind = table.facts["kind"]
    if kind == "CSV" and WORKBOOK_NAME.search(name):
        sentence = "The file is named like a workbook but holds plain text; it was read as CSV."
    elif kind == "Workbook" and TEXT_NAME.search(name):
        sentence = "The file is named like a text file but is a workbook; it was read as Excel."
    else:
        return table
    return replace(table, findings=(Finding("kind", sentence), *table.findings))


def _buffer(source: Path | bytes) -> pa.Buffer:
    if isinstance(source, bytes | bytearray | memoryview):
        return pa.py_buffer(source)
    path = Path(source)
    try:
        if not path.stat().st_size:
            return pa.py_buffer(b"")
        with pa.memory_map(str(path)) as file:
            return file.read_buffer()
    except OSError as error:
        raise ImportProblem(f"The file {path.name} cannot be opened. Check that it is there.") from error


def _first_part(raw: pa.Buffer, size: int = FIRST) -> pa.Buffer:
    """Whole lines from the start of the file; enough for headers and a preview. More, where a cell takes most of it."""
    if len(raw) <= size:
        return raw
    head = bytes(raw[:size])
    cut, whole = max(head.rfind(b"\n"), head.rfind(b"\r")), False
    for _ in range(50):
        if whole := head[:cut].count(b'"') % 2 == 0:
            break
        # inside a quoted cell: go back to where no quote is open
        cut = max(head.rfind(b"\n", 0, cut), head.rfind(b"\r", 0, cut))
    if size < MORE and not whole:
        return _first_part(raw, MORE)
    if cut < size // 2:
        return _first_part(raw, MORE if size < MORE else len(raw))
    # UTF-16 breaks its lines with two bytes
    cut += (cut % 2) if head[:1] in (b"\xff", b"\xfe") else 0
    return pa.py_buffer(head[:cut])
