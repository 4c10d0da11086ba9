"""What a workbook's own XML says beyond its values: hidden rows, formulas without a value, error cells.

Read as bytes in pieces of whole rows, before any cell is laid out in memory.
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from limits import Refused

PIECE = 4 << 20
LONGEST_ROW = 64 << 20
START = 64 << 10
MOST_COLUMNS = 500
TAG = rb"<(?:\w+:)?"
HIDDEN = re.compile(TAG + rb'row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
CELL = re.compile(TAG + rb'c\b([^>]*[^>/])>(.*?)</(?:\w+:)?c>', re.S)
PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')
# columns after number 500 (SF) that hold something
WIDE = re.compile(TAG + rb'c\b[^>]*?\br="((?:S[G-Z]|[T-Z][A-Z]|[A-Z]{3})\d+)"[^>]*[^>/]>')
FORMULA = re.compile(TAG + rb"f\b")
VALUE = re.compile(TAG + rb"v>([^<]+)<")
DOCTYPE = "A document type (DTD) is not allowed in a workbook. Save it again in Excel and upload that."
BROKEN = "This workbook is damaged. Open it in Excel, save it as .xlsx and upload that."


@dataclass
class Seen:
    """Row numbers from 1, columns from 0."""

    hidden: list[int] = field(default_factory=list)
    formulas: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)


def refuse_doctype(path: str) -> None:
    """A workbook needs no document type; entities that grow need one."""
    try:
        with zipfile.ZipFile(path) as archive:
            for one in archive.infolist():
                if one.filename.lower().endswith((".xml", ".rels")):
                    with archive.open(one) as part:
                        start = part.read(START).replace(b"\0", b"").lower()
                    if b"<!doctype" in start or b"<!entity" in start:
                        raise Refused(DOCTYPE)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Refused(BROKEN) from error


def look_at_sheet(path: str, name: str, names: list[str]) -> Seen:
    """Scan the XML of one sheet; refused when a cell stands beyond column 500."""
    seen = Seen()
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part_of(archive, name)
            if part is None:
                return seen
            with archive.open(part) as file:
                for piece in _whole_rows(file):
                    _look(piece, seen)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Refused(BROKEN) from error
    return seen


def _part_of(archive: zipfile.ZipFile, name: str) -> str | None:
    """Which part of an .xlsx holds the sheet of this name; None for other kinds of workbook."""
    held = set(archive.namelist())
    book, relations = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {book, relations} <= held:
        return None
    try:
        sheets = ElementTree.fromstring(archive.read(book))
        targets = ElementTree.fromstring(archive.read(relations))
    except ElementTree.ParseError as error:
        raise Refused(BROKEN) from error
    to = {one.get("Id"): one.get("Target", "") for one in targets}
    for one in sheets.iter():
        if one.tag.endswith("}sheet") and one.get("name") == name:
            relation = next((value for key, value in one.attrib.items() if key.endswith("}id")), None)
            target = to.get(relation, "")
            part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            return part if part in held else None
    return None


def _whole_rows(file) -> Iterator[bytes]:
    rest = b""
    while data := file.read(PIECE):
        rest += data
        cut = max(rest.rfind(b"</row>"), rest.rfind(b":row>")) + 6
        if cut > 6:
            yield rest[:cut]
            rest = rest[cut:]
        if len(rest) > LONGEST_ROW:
            raise Refused("One row of the sheet is larger than a table needs. Keep the columns you need.")
    yield rest


def _look(piece: bytes, seen: Seen) -> None:
    if wide := WIDE.search(piece):
        raise Refused(
            f"Cell {wide.group(1).decode()} lies far to the right; more than {MOST_COLUMNS} columns cannot be "
            "read. Delete what stands there and save the file again."
        )
    seen.hidden += [int(found) for found in HIDDEN.findall(piece)]
    if not (FORMULA.search(piece) or b't="e"' in piece):
        return
    for cell in CELL.finditer(piece):
        mark, inside = cell.groups()
        formula, error = FORMULA.search(inside), b't="e"' in mark
        if not (formula or error):
            continue
        place, value = PLACE.search(mark), VALUE.search(inside)
        if not place:
            continue
        row, column = int(place.group(2)), _column(place.group(1))
        if error and value:
            seen.errors.append((row, column, value.group(1).decode("utf-8", "replace")[:20]))
        elif formula and not value and b't="str"' not in mark:
            seen.formulas.append((row, column))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
