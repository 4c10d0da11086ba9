"""Calendar months: as the headers of a matrix, and as a column of a panel."""

import re

import numpy as np

from cs_models.importers import dates
from cs_models.importers.columns import Column, shorten
from cs_models.importers.ledger import Ledger

FORMS = (
    r"(?P<y>(?:19|20)\d\d)[-/._ ]?(?P<m>\d{1,2})(?:[-/._ ]\d{1,2})?(?:[ T].*)?",
    r"(?P<m>\d{1,2})[-/._ ](?P<y>(?:19|20)\d\d)",
    r"(?P<n>[a-z]{3})[a-z]*[-/.,' ]*(?P<y>(?:19|20)?\d\d)",
    r"(?P<y>(?:19|20)\d\d)[-/., ]*(?P<n>[a-z]{3})[a-z]*",
)
LEADING = re.compile(r"^(mrr|month|amount|revenue|rev)[\s_:\-]+")


def month_number(text: str) -> int | None:
    """Months since January 1970 of "2025-01", "Jan 2025", "01/2025", "MRR 2025-01"; None for anything
    else.
    """
    plain = LEADING.sub("", text.strip().lower())
    for form in FORMS:
        match = re.fullmatch(form, plain)
        if not match:
            continue
        parts = match.groupdict()
        name = parts.get("n")
        if name is not None and name not in dates.MONTHS:
            continue
        month = dates.MONTHS.index(name) + 1 if name else int(parts["m"])
        year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
        if 1 <= month <= 12:
            return (year - 1970) * 12 + month - 1
    return None


def first_day(month: np.ndarray) -> np.ndarray:
    """The first day of months counted from January 1970, in days since then."""
    return np.asarray(month, np.int64).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def read_months(column: Column, ledger: Ledger) -> np.ndarray:
    """The calendar month of each row; rows without one are rejected."""
    words = column.values.to_pylist()
    found = [month_number(word) for word in words]
    wrong = column.spread(np.array([month is None for month in found])) & ledger.kept
    header = shorten(column.header)
    ledger.reject(wrong, column, "not a month: write it like 2025-01")
    ledger.find(
        "month",
        wrong,
        f'cell in column "{header}" is not a month',
        f'cells in column "{header}" are not months',
        "Write them like 2025-01.",
        column,
    )
    return column.spread(np.array([month or 0 for month in found], np.int64))
