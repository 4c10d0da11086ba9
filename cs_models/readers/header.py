"""Which row names the columns: titles above it are the preamble, and a file may have no such row at all."""

import re
from collections import Counter
from collections.abc import Sequence

from cs_models.problems import Problem
from cs_models.readers.table import Question

NO_HEADER = "none"
MAX_PREAMBLE = 30
INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
NUMBER = re.compile(r"^[\s$€£]*-?\d[\d.,' ]*%?$")
DATE = re.compile(r"^\d{4}-\d\d(-\d\d)?([T ].*)?$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$")


def clean(cell: str) -> str:
    """A header without invisible characters and outer blanks."""
    return INVISIBLE.sub("", cell).replace("\u00a0", " ").strip()


def header_index(records: Sequence[Sequence[str]]) -> int:
    """The header is the first record with two filled cells, unless a record below it is plainly the header:
    text only, at least twice as wide, and as wide as the rows after it.
    """
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in records]
    first = next((at for at, count in enumerate(filled[:MAX_PREAMBLE]) if count >= 2), None)
    if first is None:
        return next((at for at, count in enumerate(filled) if count), 0)
    widths = Counter(len(cells) for cells in records[first:] if cells)
    usual = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    for at in range(first + 1, min(len(records) - 1, MAX_PREAMBLE)):
        wide = filled[at] >= 2 * filled[first] and len(records[at]) == usual
        if wide and filled[at] > 2 and all(kind(cell) in ("text", "") for cell in records[at]):
            return at
    return first


def kind(cell: str) -> str:
    """What a cell looks like: "" (blank), "number", "date" or "text"."""
    text = cell.strip()
    if not text:
        return ""
    return "date" if DATE.match(text) else "number" if NUMBER.match(text) else "text"


def looks_like_data(header: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the row taken for the header is one more row of data: in every column it holds the same kind
    of thing as the rows below, numbers or dates among it. A run of numbers or months (1, 2, 3 ...) names
    columns.
    """
    kinds = [kind(cell) for cell in header]
    below = [cells for cells in below if len(cells) == len(header) and any(cell.strip() for cell in cells)]
    if not below or not {"number", "date"} & set(kinds) or _counts_up(header):
        return False
    for cells in below[:3]:
        if any(a and b and a != b for a, b in zip(kinds, map(kind, cells), strict=True)):
            return False
    return True


def _counts_up(header: Sequence[str]) -> bool:
    numbers = [int(text) for cell in header if re.fullmatch(r"\d{1,4}", text := cell.strip())]
    return len(numbers) > 1 and all(b == a + 1 for a, b in zip(numbers, numbers[1:], strict=False))


def chosen_row(answer: str | None) -> int | None:
    """The header row somebody named, counted as a spreadsheet does; 0 = there is none."""
    if not answer:
        return None
    if answer == NO_HEADER or answer == "0":
        return 0
    if not re.fullmatch(r"\d{1,6}", answer):
        raise Problem(
            f'The header row must be a row number such as 3, or "{NO_HEADER}" when no row names the columns.'
        )
    return int(answer)


def no_header_question(answered: bool) -> Question:
    """Asked when the first row looks like data: taking it for the header would lose a customer."""
    return Question(
        "header_row",
        "Which row names the columns?",
        NO_HEADER,
        (NO_HEADER, "1"),
        "The first row looks like data, so no row was taken for the header: the columns are called "
        "column 1, column 2 and so on. Map them by hand.",
        answered,
    )
