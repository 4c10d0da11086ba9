"""Delimiter, header row and lines above it, found in the first part of the file."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cs_models.problems import ImportProblem, Problem
from cs_models.readers.header import (
    NO_HEADER,
    chosen_row,
    clean,
    header_index,
    looks_like_data,
    no_header_question,
)
from cs_models.readers.table import Question

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SAMPLE = 1 << 18
MAX_COLUMNS = 500


@dataclass(frozen=True)
class Dialect:
    """How the file is cut: `header_row` as a spreadsheet shows it (0 = no row names the columns),
    `data_offset` in bytes after the header.
    """

    delimiter: str
    header: tuple[str, ...]
    header_row: int
    data_offset: int
    above: tuple[str, ...] = ()
    hinted: bool = False
    questions: tuple[Question, ...] = field(default=())


def sniff(head: bytes, complete: bool, answers: Mapping[str, str] | None = None) -> Dialect:
    """Find delimiter and header in `head` (UTF-8); `complete` says that the file ends there. What `answers`
    say about "delimiter" and "header_row" goes first.
    """
    answers = answers or {}
    text = head.decode("utf-8", errors="ignore")
    skipped, rest, hint = _separator_hint(text)
    delimiter = _chosen_delimiter(answers.get("delimiter")) or hint or _best_delimiter(rest, complete)
    records = _records(rest, delimiter)
    cells = [record for record, _, _ in records]
    at, questions = _choose_header(cells, answers, skipped)
    if at < 0:
        width = Counter(len(record) for record in cells if record).most_common(1)[0][0]
        header, end = [f"column {number + 1}" for number in range(width)], 0
    else:
        header = _with_trailing_column(cells[at], cells[at + 1 : at + 51])
        end = records[at][2]
    refuse_too_wide(len(header))
    offset = len(text[: len(text) - len(rest)].encode()) + len(rest[:end].encode())
    above = tuple(" ".join(cell for cell in record if cell.strip()) for record in cells[: max(at, 0)])
    row = at + 1 + skipped
    header = tuple(clean(cell) for cell in header)
    return Dialect(delimiter, header, row, offset, above, hint is not None, questions)


def refuse_too_wide(columns: int) -> None:
    """More columns than any billing export has are a mistake or an attack."""
    if columns > MAX_COLUMNS:
        raise ImportProblem(
            f"The file has {columns:,} columns; at most {MAX_COLUMNS} can be read. Keep the columns you need."
        )


def _choose_header(
    cells: list[list[str]], answers: Mapping[str, str], skipped: int
) -> tuple[int, tuple[Question, ...]]:
    """Index of the header among the records (-1: there is none), and the question that goes with it."""
    chosen = chosen_row(answers.get("header_row"))
    at = header_index(cells)
    asked = at == 0 and looks_like_data(cells[0], cells[1:]) if cells else False
    questions = (no_header_question(chosen is not None),) if asked else ()
    if chosen is None:
        return (-1 if asked else at), questions
    if chosen == 0:
        return -1, questions
    if not skipped < chosen <= len(cells) + skipped:
        raise Problem(f'Row {chosen} is not in the file. Name another row, or "{NO_HEADER}".')
    return chosen - 1 - skipped, questions


def _chosen_delimiter(answer: str | None) -> str | None:
    if not answer:
        return None
    for delimiter, name in DELIMITERS.items():
        if answer in (delimiter, name):
            return delimiter
    raise Problem(f"The delimiter must be one of: {', '.join(DELIMITERS.values())}.")


def _separator_hint(text: str) -> tuple[int, str, str | None]:
    """Excel's first line "sep=;" names the delimiter and is no record."""
    match = re.match(r'"?sep=(.)"?(\r\n|\r|\n)', text, re.IGNORECASE)
    if match and match.group(1) in DELIMITERS:
        return 1, text[match.end() :], match.group(1)
    return 0, text, None


def _best_delimiter(text: str, complete: bool) -> str:
    """The delimiter under which most records have the same, largest number of cells."""

    def quality(delimiter: str) -> tuple[float, int]:
        counts = Counter(len(cells) for cells, _, _ in _records(text, delimiter, 200))
        del counts[0]
        counts.pop(1, None)
        if not counts:
            return 0.0, 0
        width, agreeing = max(counts.items(), key=lambda item: (item[1], item[0]))
        return agreeing / sum(counts.values()) * agreeing, width

    return max(DELIMITERS, key=lambda d: (quality(d)[0] > 0, *quality(d), d == ","))


def _records(text: str, delimiter: str, limit: int = 400) -> list[tuple[list[str], int, int]]:
    """The first records as (cells, first character, character after the record). Quoted line breaks stay
    inside.
    """
    lines = io.StringIO(text, newline="")
    consumed = 0

    def feed():
        nonlocal consumed
        for line in _split_lines(lines.getvalue()):
            consumed += len(line)
            yield line

    found = []
    start = 0
    csv.field_size_limit(max(csv.field_size_limit(), SAMPLE + 1))
    for cells in csv.reader(feed(), delimiter=delimiter):
        found.append((cells, start, consumed))
        start = consumed
        if len(found) >= limit:
            break
    return found


def _split_lines(text: str) -> list[str]:
    """Lines with their ends kept, for LF, CRLF and CR files (str.splitlines also cuts at other
    characters).
    """
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)


def _with_trailing_column(header: list[str], sample: list[list[str]]) -> list[str]:
    """A delimiter at the end of every data line makes one more, empty column: give it a blank header."""
    data = [cells for cells in sample if cells]
    if data and all(len(cells) == len(header) + 1 and not cells[-1].strip() for cells in data):
        return [*header, ""]
    return header
