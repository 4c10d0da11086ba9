"""Months between two days, begun or whole, for whole columns at once. Days are counted from 1970-01-01."""

from collections.abc import Callable
from functools import wraps

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FOREVER = 2**31 - 1  # of a date that is missing: after all others
PIECE = 1 << 16  # rows at once: what is needed on the way to the answer stays small


def _in_pieces(rule: Callable[[np.ndarray, np.ndarray], np.ndarray]):
    """The same rule, a piece of the rows at a time; one of the two days may be a single number."""

    @wraps(rule)
    def whole(start: np.ndarray, end: np.ndarray) -> np.ndarray:
        start, end = np.broadcast_arrays(start, end)
        if start.size <= PIECE:
            return rule(start, end)
        found = np.empty(len(start), np.int64)
        for at in range(0, len(start), PIECE):
            found[at : at + PIECE] = rule(start[at : at + PIECE], end[at : at + PIECE])
        return found

    return whole


def days_of(dates: pa.ChunkedArray, missing: int = FOREVER) -> np.ndarray:
    """Dates of a column as days since 1970-01-01."""
    return pc.fill_null(dates.cast(pa.date32()).cast(pa.int32()), missing).to_numpy().astype(np.int64)


def _months_and_rest(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Calendar months between the two months, and how many days `end` lies after the anniversary in its
    month.

    The anniversary of the 31st in a shorter month is that month's last day.
    """
    first, last = start.astype("datetime64[D]"), end.astype("datetime64[D]")
    month_of_start, month_of_end = first.astype("datetime64[M]"), last.astype("datetime64[M]")
    months = (month_of_end - month_of_start).astype(np.int64)
    day_of_start = (first - month_of_start.astype("datetime64[D]")).astype(np.int64) + 1
    day_of_end = (last - month_of_end.astype("datetime64[D]")).astype(np.int64) + 1
    length = ((month_of_end + 1).astype("datetime64[D]") - month_of_end.astype("datetime64[D]")).astype(
        np.int64
    )
    return months, day_of_end - np.minimum(day_of_start, length)


@_in_pieces
def months_begun(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Paid months begun of somebody who left on `end`: the smallest k >= 1 with start + k months >= end.

    January 1 to January 31 (last day served) and to February 1 (first day not served) are both 1 month;
    January 31 to February 28 is 1, to March 1 it is 2.
    """
    months, rest = _months_and_rest(start, end)
    return np.maximum(months + (rest > 0), 1)


@_in_pieces
def whole_months(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Complete months served up to (not including) `end`: the largest k with start + k months <= end, at
    least 0.
    """
    months, rest = _months_and_rest(start, end)
    return np.maximum(months - (rest < 0), 0)


@_in_pieces
def add_months(start: np.ndarray, months: np.ndarray) -> np.ndarray:
    """The day so many months later; the 31st falls on the last day of a shorter month."""
    first = start.astype("datetime64[D]")
    month = first.astype("datetime64[M]")
    target = month + months.astype(np.int64)
    day = target.astype("datetime64[D]") + (first - month.astype("datetime64[D]"))
    return np.minimum(day, (target + 1).astype("datetime64[D]") - 1).astype(np.int64)


def round_up_to_terms(months: np.ndarray, term: np.ndarray) -> np.ndarray:
    """Paid terms begun, in months: 13 months of an annual plan are two paid years, 24."""
    return -(-months // term) * term
