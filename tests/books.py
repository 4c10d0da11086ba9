"""Books of subscriptions for tests: any mix of overlaps, gaps, same-day ends, returns, free plans, changes of plan and
month ends; as rows of a view, and as the same rows uploaded.
"""

import calendar
import hashlib
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

from cs_models.subscriptions import Subscriptions

AS_OF = date(2025, 3, 31)
FIRST = date(2022, 11, 28)
COLUMNS = ["customer_id", "started_on", "ended_on", "term", "plan", "mrr", "failed", "g0"]

LENGTHS = (0, 1, 27, 28, 29, 30, 31, 59, 61, 90, 97, 180, 364, 365, 366, 372, 500)
WAITS = (-120, -46, -45, -44, -10, -1, 0, 1, 30, 44, 45, 46, 47, 200)


@st.composite
def books(draw, most: int = 8) -> pd.DataFrame:
    """A book of a few customers with up to four periods each."""
    rows = []
    for number in range(draw(st.integers(1, most))):
        day = FIRST + timedelta(days=draw(st.integers(0, (AS_OF - FIRST).days + 40)))
        for _ in range(draw(st.integers(1, 4))):
            end = draw(st.one_of(st.none(), st.sampled_from(LENGTHS)))
            until = None if end is None else day + timedelta(days=end)
            rows.append((
                number, day, until, draw(st.sampled_from((1, 1, 1, 3, 12))),
                draw(st.sampled_from((None, "Basic", "Pro"))), draw(st.sampled_from((0.0, 5.01, 19.99, 19.99, 20.0, 100.0))), draw(st.integers(0, 1)),
                draw(st.sampled_from((None, "", "EU", "US"))),
            ))  # fmt: skip
            day = (until or day + timedelta(days=150)) + timedelta(days=draw(st.sampled_from(WAITS)))
    return pd.DataFrame(rows, columns=COLUMNS)


def later(day: date, months: int) -> date:
    """The same day `months` later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def duration(start: date, end: date | None, term: int, as_of: date, seen_to: date) -> tuple[int, bool]:
    """(months, left) of one row: months begun up to an end, whole months up to `seen_to`, counted one by one."""
    months = 0
    if end is None or end > as_of:
        while later(start, months + 1) <= seen_to + timedelta(days=1):
            months += 1
        return months, False
    while later(start, months) < end:
        months += 1
    return -(-max(months, 1) // term) * term, True


def upload(book: pd.DataFrame, as_of: date = AS_OF, **answers: str) -> Subscriptions:
    """The rows of a book as the importers hand them on: free plans and what has not yet begun set aside."""
    rows = [row for row in book.itertuples(index=False) if row.started_on <= as_of and round(row.mrr * 100) > 0]
    rows = [row for row in rows if row.ended_on is None or row.ended_on >= row.started_on]
    seen_to = as_of - timedelta(days=answers.get("last_day") == "not seen")
    counted = [duration(row.started_on, row.ended_on, row.term, as_of, seen_to) for row in rows]

    def texts(values):
        return pa.array(list(values), pa.string()).dictionary_encode()

    cents = pa.array([round(row.mrr * 100) for row in rows], pa.int64())
    table = pa.table({
        "row": pa.array(range(2, len(rows) + 2), pa.int32()),
        "customer": texts(str(row.customer_id) for row in rows),
        "started_on": pa.array([row.started_on for row in rows], pa.date32()),
        "ended_on": pa.array([row.ended_on for row in rows], pa.date32()),
        "term": pa.array([row.term for row in rows], pa.int16()),
        "plan": texts(row.plan for row in rows), "mrr": cents, "price": cents,
        "duration": pa.array([months for months, _ in counted], pa.int32()),
        "churned": pa.array([left for _, left in counted], pa.bool_()),
        "entry": pa.array([0] * len(rows), pa.int32()),
        "end_reason": texts("involuntary" if row.failed else "voluntary" for row in rows),
        "c0": texts(row.g0 for row in rows),
    })  # fmt: skip
    columns = {"plan": "Plan", "c0": "Region"}
    return Subscriptions("periods", table, as_of, None, columns, "USD", "d", {"mrr": "MRR"}, "p", answers=answers)


def view_of(connection, book: pd.DataFrame, name: str = "subs") -> None:
    """The book as a table of an embedded engine."""
    connection.execute(
        f"CREATE OR REPLACE TABLE {name} (customer_id BIGINT, started_on DATE, ended_on DATE, term INTEGER,"
        " plan VARCHAR, mrr DOUBLE, failed INTEGER, g0 VARCHAR)"
    )
    if len(book):
        held = pa.table({column: pa.array(list(book[column])) for column in COLUMNS})
        connection.register("held_book", held)
        connection.execute(f"INSERT INTO {name} SELECT * FROM held_book")


def sha(frame: pd.DataFrame) -> str:
    """sha256 of a table as text, rows and columns in the order they have."""
    return hashlib.sha256(frame.to_csv(index=False).encode()).hexdigest()


def same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Equal to the last bit, row by row and column by column, nothing where nothing is."""
    return list(one.columns) == list(other.columns) and len(one) == len(other) and all(
        np.array_equal(one[c].to_numpy(), other[c].to_numpy(), equal_nan=one[c].dtype.kind == "f") for c in one.columns
    )  # fmt: skip
