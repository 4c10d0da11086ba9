"""The last steps every reader shares: rows that are no data leave, headers become unique, the table is
made.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from cs_models.problems import ImportProblem
from cs_models.readers.header import clean
from cs_models.readers.structure import SHOWN, set_structure_aside
from cs_models.readers.table import Finding, Question, Rejection, TextTable

DELIMITER = {"semicolon": ";", "tab": "\t", "pipe": "|"}


def finish(
    cells: pa.Table,
    rows: np.ndarray,
    rejected: Sequence[Rejection],
    header: Sequence[str],
    facts: Mapping[str, str],
    findings: tuple[Finding, ...],
    questions: tuple[Question, ...],
    name: str,
    answers: Mapping[str, str],
) -> TextTable:
    """A TextTable of the cells (columns c0, c1, ...) and the rows already rejected, in the order of the
    file.
    """
    header = tuple(clean(title) for title in header)
    delimiter = DELIMITER.get(facts.get("delimiter", ""), ",")
    cells, rows, more = set_structure_aside(cells, rows, header, delimiter)
    columns, asked = unique_headers(header, answers.get("duplicate_header"))
    rejected = sorted([*rejected, *more], key=lambda entry: entry.row)
    return TextTable(
        columns,
        cells,
        pa.array(rows, pa.int32()),
        tuple(rejected),
        facts,
        (*findings, *_blank_header_findings(header)),
        name,
        (*questions, *asked),
    )


def unique_headers(header: Sequence[str], answer: str | None) -> tuple[tuple[str, ...], tuple[Question, ...]]:
    """Blank headers get a name. Of columns that share a name (upper and lower case alike) the first keeps it
    unless the answer is "last"; the others are numbered, so that each can be mapped.
    """
    columns = [title or f"column {at + 1}" for at, title in enumerate(header)]
    places: dict[str, list[int]] = {}
    for at, title in enumerate(columns):
        places.setdefault(title.casefold(), []).append(at)
    twice = [found for found in places.values() if len(found) > 1]
    if not twice:
        return tuple(columns), ()
    names = ", ".join(f'"{columns[found[0]][:SHOWN]}"' for found in twice[:5])
    taken = set(columns)
    for found in twice:
        others = found[:-1] if answer == "last" else found[1:]
        for number, at in enumerate(others, 1 if answer == "last" else 2):
            while f"{columns[at]} ({number})" in taken:
                number += 1
            columns[at] = f"{columns[at]} ({number})"
            taken.add(columns[at])
    guess = answer if answer in ("first", "last") else "first"
    sentence = f"Several columns share the name {names}; the {guess} one is used and the others are numbered."
    title = "Which of the columns with the same name is meant?"
    question = Question("duplicate_header", title, guess, ("first", "last"), sentence, bool(answer))
    return tuple(columns), (question,)


def _blank_header_findings(header: Sequence[str]) -> tuple[Finding, ...]:
    blank = [at + 1 for at, title in enumerate(header) if not title]
    if not blank:
        return ()
    named = ", ".join(f"column {at}" for at in blank[:5])
    plural = "columns have" if len(blank) > 1 else "column has"
    return (Finding("blank_header", f"{len(blank)} {plural} no name and got one: {named}.", len(blank)),)


def refuse_header_only(columns: int, rest: int) -> None:
    """A header without rows is a fault of the export."""
    if not rest:
        raise ImportProblem(
            f"The file has a header with {columns} column{'s' if columns != 1 else ''} and 0 data rows. "
            "Export it again with its rows, or start from the template."
        )
