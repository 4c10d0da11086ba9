"""Delimiter, header row and lines above it, found in the first part of the file."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from cs_models.problems import ImportProblem

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
SAMPLE = 1 << 18
MAX_COLUMNS = 500
MAX_PREAMBLE = 30
INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")


@dataclass(frozen=True)
class Dialect:
    """How the file is cut: `header_row` as a spreadsheet shows it, `data_offset` in bytes after the
    header.
    """

    delimiter: str
    header: tuple[str, ...]
    header_row: int
    data_offset: int
    above: tuple[str, ...] = ()


def sniff(head: bytes, complete: bool) -> Dialect:
    """Find delimiter and header in `head` (UTF-8); `complete` says that the file ends there."""
    text = head.decode("utf-8", errors="ignore")
    skipped_lines, text_after_hint, hint = _separator_hint(text)
    delimiter = hint or _best_delimiter(text_after_hint, complete)
    records = _records(text_after_hint, delimiter)
    at = _header_index(records)
    cells, _, end = records[at]
    header = _with_trailing_column(cells, [record for record, _, _ in records[at + 1 : at + 51]])
    if len(header) > MAX_COLUMNS:
        raise ImportProblem(
            f"The file has {len(header):,} columns; at most {MAX_COLUMNS} can be read. "
            "Keep the columns you need."
        )
    offset = len(text[: len(text) - len(text_after_hint)].encode()) + len(text_after_hint[:end].encode())
    above = tuple(" ".join(cell for cell in record if cell.strip()) for record, _, _ in records[:at])
    return Dialect(delimiter, tuple(clean(cell) for cell in header), at + 1 + skipped_lines, offset, above)


def clean(cell: str) -> str:
    """A header without invisible characters and outer blanks."""
    return INVISIBLE.sub("", cell).replace("\u00a0", " ").strip()


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


def _header_index(records: list[tuple[list[str], int, int]]) -> int:
    """The header is the first record with two filled cells; titles and blank lines above it are the
    preamble.
    """
    filled = [sum(bool(cell.strip()) for cell in cells) for cells, _, _ in records]
    for at, count in enumerate(filled[:MAX_PREAMBLE]):
        if count >= 2:
            return at
    return next((at for at, count in enumerate(filled) if count), 0)


def _with_trailing_column(header: list[str], sample: list[list[str]]) -> list[str]:
    """A delimiter at the end of every data line makes one more, empty column: give it a blank header."""
    data = [cells for cells in sample if cells]
    if data and all(len(cells) == len(header) + 1 and not cells[-1].strip() for cells in data):
        return [*header, ""]
    return header
