"""A sheet of a workbook, or the records of a Parquet or JSON file, as the same table of text a CSV gives."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.problems import ImportProblem, Problem
from cs_models.readers.finish import finish, refuse_header_only
from cs_models.readers.header import (
    MAX_PREAMBLE,
    NO_HEADER,
    chosen_row,
    header_index,
    looks_like_data,
    no_header_question,
)
from cs_models.readers.structure import SHOWN
from cs_models.readers.table import Finding, Question, Rejection, TextTable

TOP = MAX_PREAMBLE + 20
FORMULA = "cell {} holds a formula without a value: open the file in Excel, save it and upload it again"


def records_table(opened, facts: Mapping[str, str], name: str, answers: Mapping[str, str]) -> TextTable:
    """Parquet or JSON: the names of the columns are the header, the first record is row 2."""
    answer, cells = opened.answer, opened.cells
    refuse_header_only(len(answer["header"]), cells.num_rows)
    faults = {number: text for number, text in answer.get("bad", ())}
    numbers = np.arange(1, cells.num_rows + len(faults) + 1, dtype=np.int32)
    rows = numbers[~np.isin(numbers, list(faults))] + 1
    reason = "not an object with names and values: write one JSON object per line"
    rejected = [Rejection(number + 1, "", text[:SHOWN], reason) for number, text in faults.items()]
    facts = {**facts, "kind": answer["title"], "header_row": "1", "above": ""}
    return finish(cells, rows, rejected, answer["header"], facts, (), (), name, answers)


def sheet_table(opened, facts: Mapping[str, str], name: str, answers: Mapping[str, str]) -> TextTable:
    """A sheet: the header row is found (titles above it are no data), merged header cells are filled, rows
    with a formula that has no value are rejected, hidden rows are included and told.
    """
    answer, cells = opened.answer, opened.cells
    cells = _without_blank_end(cells)
    top = [list(row.values()) for row in cells.slice(0, TOP).to_pylist()]
    merged = [(tuple(a), tuple(b)) for a, b in answer["merged"]]
    at, header, questions, findings = _header(top, merged, answers)
    body = cells.slice(at + 1)
    refuse_header_only(len([title for title in header if title.strip()]), body.num_rows)
    rows = np.arange(at + 2, at + 2 + body.num_rows, dtype=np.int32)
    body, header = _without_empty_columns(body, header)
    body, rows, rejected = _reject_formulas(body, rows, answer["formulas"], header)
    facts = {
        **facts,
        "kind": "Workbook",
        "sheet": answer["sheet"],
        "header_row": str(at + 1) if at >= 0 else NO_HEADER,
        "above": "\n".join(" ".join(filter(str.strip, row)) for row in top[: max(at, 0)]),
    }
    findings = (*_told(answer, at, merged, rows), *findings)
    questions = (*_sheet_question(answer), *questions)
    return finish(body, rows, rejected, header, facts, findings, questions, name, answers)


def _without_blank_end(cells: pa.Table) -> pa.Table:
    """Formatted but empty rows below the last one are no rows."""
    last = -1
    for column in cells.columns:
        filled = np.flatnonzero(pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0).to_numpy())
        last = max(last, int(filled[-1]) if len(filled) else -1)
    if last < 0:
        raise ImportProblem("The workbook holds no rows. Export it again and upload it.")
    return cells.slice(0, last + 1)


def _without_empty_columns(body: pa.Table, header: list[str]) -> tuple[pa.Table, list[str]]:
    """Columns without a name and without a single value are formatting."""
    keep = [
        at
        for at, title in enumerate(header)
        if title.strip() or pc.any(pc.greater(pc.binary_length(body.column(at)), 0)).as_py()
    ]
    kept = body.select(keep).rename_columns([f"c{at}" for at in range(len(keep))])
    return kept, [header[at] for at in keep]


def _header(top: list[list[str]], merged, answers: Mapping[str, str]):
    """Index of the header row (-1: none), its titles, what to ask and what to tell."""
    chosen = chosen_row(answers.get("header_row"))
    if chosen is not None and chosen > len(top):
        raise Problem(f'Row {chosen} is not among the first rows. Name another row, or "{NO_HEADER}".')
    found = header_index(top)
    if chosen == 0 or (chosen is None and looks_like_data(top[found], top[found + 1 :])):
        titles = [f"column {at + 1}" for at in range(len(top[0]))]
        start = -1 if chosen == 0 else found - 1
        return start, titles, (no_header_question(chosen is not None),), ()
    groups = _groups(merged, found)
    # a group title over several columns: the names stand in the row below
    at = chosen - 1 if chosen else found + bool(groups)
    if at >= len(top):
        at = found
    titles = _titles(top, merged, at)
    touched = [area for area in merged if area[0][0] <= at and area[1][0] >= found]
    if not touched:
        sentence = f"The header was found in row {at + 1}; the lines above it are no data."
        return at, titles, (), ((Finding("header_row", sentence),) if at else ())
    sentence = (
        f"Cells of the header are merged: row {at + 1} was taken for the names of the columns and "
        f"{len(touched)} merged cell{'s were' if len(touched) > 1 else ' was'} filled."
    )
    around = tuple(str(row) for row in (at, at + 1, at + 2) if row >= 1)
    question = Question(
        "header_row", "Which row names the columns?", str(at + 1), around, sentence, chosen is not None
    )
    return at, titles, (question,), (Finding("merged_header", sentence, len(touched)),)


def _groups(merged, row: int) -> list:
    return [area for area in merged if area[0][0] == area[1][0] == row and area[1][1] > area[0][1]]


def _titles(top: list[list[str]], merged, at: int) -> list[str]:
    """Titles of row `at` with merged cells filled; where a name stands under several groups, the group goes
    first.
    """
    width = len(top[0])
    filled = {row: list(top[row]) for row in (at - 1, at) if row >= 0}
    for (first_row, first), (last_row, last) in merged:
        if first_row >= len(top):
            continue
        for row in range(max(first_row, at - 1), min(last_row, at) + 1):
            if row in filled:
                for column in range(first, min(last, width - 1) + 1):
                    filled[row][column] = top[first_row][first]
    names, over = filled[at], filled.get(at - 1, [""] * width)
    grouped = bool(_groups(merged, at - 1))
    titles = []
    for column, title in enumerate(names):
        group = over[column] if grouped else ""
        if not title.strip():
            title = group
        elif names.count(title) > 1 and group.strip() and group != title:
            title = f"{group} {title}"
        titles.append(title)
    return titles


def _reject_formulas(body: pa.Table, rows: np.ndarray, formulas, header):
    """Rows in which a formula has no value: what it would say is not known."""
    first: dict[int, int] = {}
    for row, column in formulas:
        first.setdefault(row, column)
    hit = np.isin(rows, list(first))
    if not hit.any():
        return body, rows, []
    rejected = []
    for row in rows[hit].tolist():
        column = first[row]
        title = header[column] if column < len(header) else ""
        rejected.append(Rejection(row, title, "", FORMULA.format(f"{_letters(column)}{row}")))
    if hit.all():
        raise ImportProblem(
            f"No row can be read: {rejected[0].reason}. "
            f"The same holds for the other {len(rejected) - 1:,} rows."
        )
    return body.filter(pa.array(~hit)), rows[~hit], rejected


def _letters(column: int) -> str:
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _told(answer: Mapping, at: int, merged, rows: np.ndarray) -> tuple[Finding, ...]:
    found = []
    hidden = [row for row in answer["hidden"] if row > at + 1]
    if hidden:
        many = len(hidden) > 1
        verb = "s are" if many else " is"
        sentence = f"{len(hidden):,} row{verb} hidden in the workbook and included here."
        found.append(Finding("hidden_rows", sentence, len(hidden), tuple(hidden[:5])))
    below = [area[0][0] + 1 for area in merged if area[0][0] > at]
    if below:
        many = len(below) > 1
        sentence = (
            f"{len(below):,} cell{'s are' if many else ' is'} merged below the header; "
            "the value counts for the first row and column only."
        )
        found.append(Finding("merged_cells", sentence, len(below), tuple(below[:5])))
    if answer["rounded"]:
        sentence = (
            f"{answer['rounded']:,} numbers have more than 15 digits, which a workbook does not keep: "
            "store ids as text, or different customers may count as one."
        )
        found.append(Finding("rounded_numbers", sentence, answer["rounded"]))
    return tuple(found)


def _sheet_question(answer: Mapping) -> tuple[Question, ...]:
    names = tuple(answer["sheets"])
    if len(names) < 2 and not answer["answered"]:
        return ()
    sentence = f'The workbook has {len(names)} sheets with rows; "{answer["sheet"][:SHOWN]}" is read.'
    title, chosen = "Which sheet holds the rows?", answer["answered"]
    return (Question("sheet", title, answer["sheet"], names, sentence, chosen),)
