"""What a file is, told by its first bytes and never by its name; what is no table, with a sentence that says
what to do.
"""

import re

from cs_models.problems import ImportProblem

SAVE_AS_CSV = "Export or save it as CSV and upload that."

REFUSED = (
    (b"\x89PNG\r\n", "This is a PNG image, not a table."),
    (b"\xff\xd8\xff", "This is a JPEG image, not a table."),
    (b"GIF8", "This is a GIF image, not a table."),
    (b"%PDF", "This is a PDF, not a table."),
    (b"PK\x05\x06", "This is an empty zip archive."),
    (b"ARROW1", "This is a Feather file; CSV, Excel, OpenDocument, Parquet and JSON lines can be read."),
    (b"SQLite format 3", "This is a database file, not a table."),
    (b"7z\xbc\xaf\x27\x1c", "This is a 7z archive: unpack it first, or use zip."),
    (b"Rar!", "This is a RAR archive: unpack it first, or use zip."),
    (b"BZh", "This file is compressed (bzip2): unpack it first, or use gzip."),
    (b"\xfd7zXZ", "This file is compressed (xz): unpack it first, or use gzip."),
    (b"\x28\xb5\x2f\xfd", "This file is compressed (zstd): unpack it first, or use gzip."),
    (b"\x7fELF", "This is a program, not a table."),
    (b"MZ\x90", "This is a program, not a table."),
)
KINDS = (
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"PAR1", "parquet"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
)
CONTROL = bytes(set(range(9)) | {11} | set(range(14, 32)))


def kind_of(head: bytes) -> str:
    """"zip", "gzip", "parquet", "ole" (old Excel, or a password), "json" or "text"; raises the sentence for
    images, PDFs, programs and other archives.
    """
    for magic, sentence in REFUSED:
        if head.startswith(magic):
            raise ImportProblem(f"{sentence} {SAVE_AS_CSV}")
    for magic, kind in KINDS:
        if head.startswith(magic):
            return kind
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400]
    if re.match(rb"\{\s*(\"|\}|$)", text) or re.match(rb"\[\s*([\[{]|$)", text):
        return "json"
    return "text"


def refuse_web_page(head: bytes) -> None:
    """Raise when a web page was saved under the name of a table, as some billing systems do with .xls."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400]
    if re.match(rb"(?i)<(!doctype|!--|html|table|head|body|\?xml|meta|div)", text):
        raise ImportProblem(f"This is a web page (HTML), not a CSV file. Open it in Excel. {SAVE_AS_CSV}")


def refuse_control_bytes(head: bytes) -> None:
    """Raise when text is full of control bytes: a binary file under a CSV name."""
    controls = len(head) - len(head.translate(None, CONTROL))
    if controls > max(8, len(head) // 100):
        raise ImportProblem(f"This is a binary file, not text in rows and columns. {SAVE_AS_CSV}")
