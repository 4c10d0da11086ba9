"""Files that are not text, told apart by their first bytes, each with a sentence that says what to do."""

import re

from cs_models.problems import ImportProblem

SAVE_AS_CSV = "Export or save it as CSV and upload that."

MAGIC = (
    (b"\x89PNG\r\n", "This is a PNG image, not a table."),
    (b"\xff\xd8\xff", "This is a JPEG image, not a table."),
    (b"GIF8", "This is a GIF image, not a table."),
    (b"%PDF", "This is a PDF, not a table."),
    (b"PK\x03\x04", "This is an Excel workbook or a zip archive, not a CSV file."),
    (b"PK\x05\x06", "This is an empty zip archive."),
    (b"\x1f\x8b", "This file is compressed (gzip): unpack it first."),
    (b"PAR1", "This is a Parquet file."),
    (b"ARROW1", "This is a Feather file."),
    (b"SQLite format 3", "This is a database file, not a table."),
    (b"\xd0\xcf\x11\xe0", "This is an old or password-protected Office file: open it in Excel first."),
    (b"\x7fELF", "This is a program, not a table."),
    (b"MZ\x90", "This is a program, not a table."),
)
CONTROL = bytes(set(range(9)) | {11} | set(range(14, 32)))


def refuse_binary(head: bytes) -> None:
    """Raise the sentence for images, PDFs, workbooks, archives, web pages and JSON. `head` = first 64 kB."""
    for magic, sentence in MAGIC:
        if head.startswith(magic):
            raise ImportProblem(f"{sentence} {SAVE_AS_CSV}")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:400]
    if re.match(rb"(?i)<(!doctype|html|table|head|body|\?xml|meta|div)", text):
        raise ImportProblem(f"This is a web page (HTML), not a CSV file. Open it in Excel. {SAVE_AS_CSV}")
    if text[:1] == b"{" or re.match(rb"\[\s*[\[{]", text):
        raise ImportProblem(f"This looks like JSON, not a table. {SAVE_AS_CSV}")


def refuse_control_bytes(head: bytes) -> None:
    """Raise when text is full of control bytes: a binary file under a CSV name."""
    controls = len(head) - len(head.translate(None, CONTROL))
    if controls > max(8, len(head) // 100):
        raise ImportProblem(f"This is a binary file, not text in rows and columns. {SAVE_AS_CSV}")
