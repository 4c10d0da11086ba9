"""A sheet of an Excel or OpenDocument workbook as rows of text."""

import datetime as dt
from pathlib import Path

import python_calamine as calamine
from arrow import Writer
from limits import Refused
from sheet_xml import Seen, look_at_sheet, refuse_doctype

MOST_COLUMNS = 500
ROWS_AT_ONCE = 20_000
EXACT = 1e15  # a spreadsheet keeps 15 digits
PASSWORD = "This workbook is protected by a password. Remove the password in Excel and upload it again."
DAMAGED = (
    "This workbook is damaged or of a kind that cannot be read. "
    "Open it in Excel, save it as .xlsx and upload that."
)
NO_ROWS = "The workbook holds no rows. Export it again and upload it."


def workbook(request: dict) -> dict:
    """Write the chosen sheet, or the one with the most rows, as text cells; row 1 is the sheet's row 1."""
    path = request["path"]
    zipped = request["kind"] == "zip"
    if zipped:
        refuse_doctype(path)
    elif _encrypted(path):
        raise Refused(PASSWORD)
    book = _open(path)
    name, names, sheet = _choose(book, request, path if zipped else None)
    seen = look_at_sheet(path, name, book.sheet_names) if zipped else Seen()
    if sheet.start is None:
        raise Refused(NO_ROWS)
    width = sheet.end[1] + 1
    _refuse_wide(width)
    rounded, rows = _write(sheet, width, seen, request)
    return {
        "cells": rows,
        "sheet": name,
        "sheets": names,
        "answered": bool(request["answers"].get("sheet")),
        "hidden": [row for row in seen.hidden if sheet.start[0] < row <= rows],
        "formulas": [[row, column] for row, column in seen.formulas if row <= rows],
        "merged": [[list(a), list(b)] for a, b in _merged(sheet)],
        "rounded": rounded,
    }


def _open(path: str) -> calamine.CalamineWorkbook:
    try:
        with Path(path).open("rb") as file:
            return calamine.CalamineWorkbook.from_filelike(file)
    except calamine.PasswordError as error:
        raise Refused(PASSWORD) from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        if "assword" in str(error):
            raise Refused(PASSWORD) from error
        raise Refused(DAMAGED) from error


def _encrypted(path: str) -> bool:
    """A password turns a workbook into an OLE container with this stream."""
    with Path(path).open("rb") as file:
        return "EncryptedPackage".encode("utf-16-le") in file.read()


def _choose(book, request: dict, zipped: str | None):
    """The sheet to read: chosen, or the visible one with the most filled rows of two columns and more."""
    worksheet = calamine.SheetTypeEnum.WorkSheet
    sheets = [one for one in book.sheets_metadata if one.typ == worksheet]
    visible = [one.name for one in sheets if one.visible == calamine.SheetVisibleEnum.Visible]
    names = visible or [one.name for one in sheets]
    chosen = request["answers"].get("sheet")
    if chosen and chosen not in [one.name for one in sheets]:
        raise Refused(f"The workbook has no such sheet. Choose from: {', '.join(names[:20])}.")
    loaded, sizes = {}, {}
    for name in [chosen] if chosen else names:
        if zipped:
            look_at_sheet(zipped, name, book.sheet_names)  # before its cells are laid out in memory
        try:
            loaded[name] = sheet = book.get_sheet_by_name(name)
        except (calamine.CalamineError, ValueError) as error:
            raise Refused(DAMAGED) from error
        sizes[name] = (sheet.height if sheet.width > 1 else min(sheet.height, 1)) if sheet.start else 0
    if not loaded:
        raise Refused(NO_ROWS)
    best = chosen or max(sizes, key=sizes.get)
    return best, [name for name in names if name == best or sizes.get(name, 1)], loaded[best]


def _refuse_wide(width: int) -> None:
    if width > MOST_COLUMNS:
        raise Refused(
            f"The sheet has {width:,} columns; more than {MOST_COLUMNS} columns cannot be read. "
            "Keep the columns you need."
        )


def _merged(sheet) -> list:
    return list(sheet.merged_cell_ranges or [])


def _write(sheet, width: int, seen: Seen, request: dict) -> tuple[int, int]:
    """All rows as text; returns how many numbers had lost digits, and the number of rows."""
    first, rounded, done = sheet.start[1], 0, 0
    with Writer(request["out"], [f"c{at}" for at in range(width)]) as writer:
        batch = []
        for row in sheet.iter_rows():
            batch.append(row)
            if len(batch) == ROWS_AT_ONCE:
                rounded += _put(writer, batch, first, done, seen)
                done, batch = done + len(batch), []
                if request["first"]:
                    break
        if batch:
            rounded += _put(writer, batch, first, done, seen)
            done += len(batch)
    return rounded, done


def _put(writer: "Writer", batch: list, first: int, done: int, seen: Seen) -> int:
    rounded = 0
    columns = [[""] * len(batch) for _ in range(first)]
    for values in zip(*batch, strict=True):
        columns.append([TEXT.get(type(value), str)(value) for value in values])
        rounded += sum(type(value) is float and abs(value) >= EXACT for value in values)
    for row, column, text in seen.errors:
        if done < row <= done + len(batch) and column < len(columns):
            columns[column][row - done - 1] = text
    writer.write(columns)
    return rounded


def _number(value: float) -> str:
    """As a person wrote it: 2 for 2.0, 29.85 for 29.850000000000001."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)


def _moment(value: dt.datetime) -> str:
    """A day as 2025-01-31, with its time only when it has one."""
    value = (value + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return value.isoformat(" ") if value.time() != dt.time() else value.date().isoformat()


def _time(value: dt.time) -> str:
    # day 0 of the calendar: what a formula shows that points at an empty cell
    return "0" if value == dt.time() else value.isoformat("seconds")


def _span(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


TEXT = {
    str: str,
    float: _number,
    int: str,
    bool: lambda value: "TRUE" if value else "FALSE",
    dt.date: dt.date.isoformat,
    dt.datetime: _moment,
    dt.time: _time,
    dt.timedelta: _span,
}
