"""Workbooks written by hand, so that every oddity of the format can be tested."""

import io
import zipfile
from datetime import date, datetime
from xml.sax.saxutils import escape

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = (
    f'<styleSheet xmlns="{SPREADSHEET}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="22"/></cellXfs></styleSheet>'
)


def _cell(value, place: str) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, datetime | date):
        days = (datetime(*value.timetuple()[:6]) - datetime(1899, 12, 30)).total_seconds() / 86_400
        return f'<c r="{place}" s="{2 if isinstance(value, datetime) else 1}"><v>{days!r}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    if value.startswith("="):   # a formula without a value
        return f'<c r="{place}"><f>{escape(value[1:])}</f></c>'
    if value.startswith("#"):
        return f'<c r="{place}" t="e"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _letters(column: int) -> str:
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def write_workbook(sheets: dict, hidden=(), merged=(), date1904=False, prolog="", hidden_sheets=()) -> bytes:
    """An .xlsx file: {sheet: rows of str, number, bool, date, None}; "=A1" is a formula without a value."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        book.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
                      f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>')  # fmt: skip
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{at}" r:id="r{at}"'
            + (' state="hidden"' if name in hidden_sheets else "") + "/>"
            for at, name in enumerate(sheets, 1)
        )
        epoch = '<workbookPr date1904="1"/>' if date1904 else ""
        book.writestr("xl/workbook.xml", f'{prolog}<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}">{epoch}'
                      f"<sheets>{listed}</sheets></workbook>")  # fmt: skip
        links = "".join(f'<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
                        for at in range(1, len(sheets) + 1))
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{links}'
                      f'<Relationship Id="rs" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>')
        book.writestr("xl/styles.xml", STYLES)
        areas = "".join(f'<mergeCell ref="{area}"/>' for area in merged)
        for at, rows in enumerate(sheets.values(), 1):
            body = "".join(
                f'<row r="{number}" hidden="{int(number in hidden)}">'
                + "".join(_cell(value, f"{_letters(column)}{number}") for column, value in enumerate(row))
                + "</row>"
                for number, row in enumerate(rows, 1)
            )
            tail = f'<mergeCells count="{len(merged)}">{areas}</mergeCells>' if merged else ""
            book.writestr(f"xl/worksheets/sheet{at}.xml",
                          f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{body}</sheetData>{tail}</worksheet>')
    return out.getvalue()
