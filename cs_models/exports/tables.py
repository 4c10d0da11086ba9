"""Tables as files that a spreadsheet opens and never runs."""

import re
import unicodedata

import pandas as pd

from cs_models.words import plain

LONGEST_NAME = 48
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # letters a file may not hold

# What a spreadsheet takes for a formula, full-width forms included.
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\x00＝＋－＠]")


def line(text: object) -> str:
    """Text from data as one harmless line that every kind of file can hold.

    >>> line("North\\x00\\ud800"), line("a\\nb")
    ('North �', 'a b')
    """
    return _NO_XML.sub("\ufffd", plain(text))


def slug(text: str) -> str:
    """What a file of that name may be called on any machine; "" where no letter of it is plain.

    >>> slug("Autumn: raise prices 10 % (Zürich)/../x"), slug("=cmd|' /C"), slug("売上")
    ('autumn-raise-prices-10-zurich-x', 'cmd-c', '')
    """
    plain_letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain_letters)[:LONGEST_NAME].strip("-")


def harmless(cell: object) -> object:
    """Text that begins like a formula gets an apostrophe; numbers stay numbers.

    >>> harmless("=1+1"), harmless(-3.5)
    ("'=1+1", -3.5)
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def csv_bytes(frame: pd.DataFrame, about: tuple[tuple[str, str], ...] = ()) -> bytes:
    """The table as CSV: UTF-8 with a mark, so that Excel reads accents; text made harmless.

    about: facts (label, text) as comments below the table, a line each: `pandas.read_csv(file, comment="#")`.

    >>> print(csv_bytes(pd.DataFrame({"MRR": [1]}), (("Data", "=x"),)).decode("utf-8-sig"), end="")
    MRR
    1
    # Data: =x
    """
    safe = frame.rename(columns=_in_one_row)
    text = [name for name, kind in safe.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    for name in text:
        safe[name] = safe[name].astype(object).map(_in_one_row)
    below = "".join(f"# {_one_cell(label)}: {_one_cell(told)}\n" for label, told in about)
    return (safe.to_csv(index=False) + below).encode("utf-8-sig")


def _in_one_row(cell: object) -> object:
    """A line break inside a cell would begin a row, and so a formula that no apostrophe stands before."""
    safe = harmless(cell)
    return re.sub(r"[\r\n]+", " ", safe) if isinstance(safe, str) else safe


def _one_cell(text: str) -> str:
    """Text of a comment: what would part it into cells, or quote it, is left out."""
    return re.sub(r"[\",;\t]+", " ", line(text)).strip()
