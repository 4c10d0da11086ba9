"""One small book in every container that can be read."""

import base64
import gzip
import io
import json
import zipfile
import zlib
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
from workbooks import write_workbook

HEADER = ("customer", "start", "end", "plan", "mrr")
DAY = date(2025, 1, 31)
BOOK = [
    ("C-1", date(2025, 1, 1), date(2025, 3, 1), "Pro", 50.5),
    ("C-2", date(2025, 1, 15), None, "Basic", 9.99),
    ("C-3", date(2025, 2, 1), None, "Pro", 40.0),
]
# the same three rows as Excel 97 wrote them (deflated)
XLS = """
eNrtWE9IFGEU/30zs+6uqbuaBhqICFmZHsxLF90yy5OLFfSPoHbXPWzqrsyuhzqUZR6DoFMRhGKHLlaX/lBB3TICow5BEKwFXTwF
BR3U6b03s+aagRslGPMb5s333ve+3/fm+z/zero8O3avZgbL0A4dC5YfRUtsim5/TgmC8i2Lk7mnj27LxbqC30cdWeTB49JXXu5D
7u8ZaLhrPCcJfKT7BAYRTiXjdWuIDokhojiGNpIKN8hShmqJqkJkTORGkXfE84nI3WK5LLKNfLPqOKZD4cZdzig+qtVLXhmY94GU
eS+WFlThBY/i81eU7evBHjMR6V9nGbVGCSZAHdoVT8ZN1gO4hWLgGKG5u7u5szOLSursCXyz6oCvuVn9rM61r61dgezf8+3e39h9
1InL7Vc1AxiGdUomySiNiHaDc0pxaCiajpmJwUwilUzPIYwNZC621+nYUDqTGoibHiCdiZgZHYgne6ngYH8kScqAaZLc29xCssdM
SXonOXdE0omYaK3MZK8ewbzVo1RmVQnJXgQkXS5zK0j1zt3+8qY72hM6KZZh2THsfWULvwYsXOASVLhMcuRNaFADjVJih8iLwrpZ
0jUiK8mHng09VU5i/4j4XJLcBqqnVfA2tHVJehulR2cPPKwd/RTaTunJrpmzlZPvQmOop32ul8rzNYIm1aSuX2M8CuWeylmDPois
/mU98mlBJ3bL2TwDmJfWB7UHw9a4ddSipjltZWs6afqiZpBmOMxqBWYlzNxWTyk2jrwCp6c0kodfasRq+zAn99I5jTXmnA3bnNoK
nJpweh1/TTjHpzQnj7l8i3nMdTNgc+krcOnC5Xf8deH67HDpeXHpwjXOpxCtAvc5CFrTf6IYLly4cOHChQsXLv4USk6dkNOZ4Zy1
+Rzmdf7rzNO94P4m+W9xECm6MvRRuQ9Jepo4U9D42QSPynGpVZbJ/S9kHKHaTfQhKnH0FTx+6StMLX2fVRcM/r0pVGj9C4XE+Y/r
/wE4qPDt
"""


def text(value) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def as_csv(rows, header=HEADER, delimiter=",", encoding="utf-8") -> bytes:
    lines = [delimiter.join(header), *(delimiter.join(map(text, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode(encoding)


def as_zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def as_parquet(rows, header=HEADER) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(header)}), out)
    return out.getvalue()


def as_json_lines(rows, header=HEADER) -> bytes:
    records = [dict(zip(header, row, strict=True)) for row in rows]
    return "\n".join(json.dumps(record, default=str) for record in records).encode()


def as_ods(rows, header=HEADER) -> bytes:
    def cell(value) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"><text:p/></table:table-cell>'
        if isinstance(value, float):
            return f'<table:table-cell office:value-type="float" office:value="{value!r}"><text:p/></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    space = "urn:oasis:names:tc:opendocument:xmlns"
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in [header, *rows])
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0" '
        f'xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Rows">{body}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def dressed() -> dict[str, bytes]:
    """The book in every container, by name."""
    xls = zlib.decompress(base64.b64decode(XLS))
    workbook = write_workbook({"Subscriptions": [HEADER, *BOOK]})
    return {
        "gzip": gzip.compress(as_csv(BOOK)),
        "zip": as_zip(a__csv=as_csv(BOOK)),
        "xlsx": workbook,
        "xls": xls,
        "ods": as_ods(BOOK),
        "parquet": as_parquet(BOOK),
        "parquet in zip": as_zip(a__parquet=as_parquet(BOOK)),
        "xlsx in zip": as_zip(a__xlsx=workbook),
        "semicolons in gzip": gzip.compress(as_csv(BOOK, delimiter=";", encoding="utf-16")),
        "json lines": as_json_lines(BOOK),
        "json in gzip": gzip.compress(as_json_lines(BOOK)),
        "json array": json.dumps([dict(zip(HEADER, row, strict=True)) for row in BOOK], default=str).encode(),
    }
