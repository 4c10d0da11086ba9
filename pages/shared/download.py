"""Tables as files that a spreadsheet opens and never runs."""

import re

import pandas as pd

# What a spreadsheet takes for a formula, full-width forms included.
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\x00＝＋－＠]")


def harmless(cell: object) -> object:
    """Text that begins like a formula gets an apostrophe; numbers stay numbers.

    >>> harmless("=1+1"), harmless(-3.5)
    ("'=1+1", -3.5)
    """
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """The table as CSV: UTF-8 with a mark, so that Excel reads accents; text made harmless."""
    safe = frame.rename(columns=harmless)
    text = [name for name, kind in safe.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    for name in text:
        safe[name] = safe[name].astype(object).map(harmless)
    return safe.to_csv(index=False).encode("utf-8-sig")
