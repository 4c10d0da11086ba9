"""Rows of one customer and day, taken together: what a log says does not depend on the order of its rows."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from cs_models.importers import common
from cs_models.importers.canonical import Book
from cs_models.importers.columns import BLANK, Column
from cs_models.importers.ledger import Ledger
from cs_models.importers.levels import Stretches
from cs_models.importers.segments import segment_columns


def customer_codes(column: Column) -> np.ndarray:
    """One number per customer and row; ids that differ in invisible letters only are the same customer."""
    return column.text(None).indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)


def ranks(column: Column) -> np.ndarray:
    """Numbers in the order of the words, so that a tie is settled the same way in any order of rows."""
    words = column.values.to_pylist()
    place = {word: at for at, word in enumerate(sorted(set(words)))}
    return column.spread(np.array([place[word] for word in words], np.int64))


@dataclass(frozen=True, eq=False)
class Days:
    """Rows grouped by customer and day: `order` sorts the rows, `start` marks the first row of each group in
    that order.
    """

    order: np.ndarray
    start: np.ndarray

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum per group."""
        return np.add.reduceat(values[self.order], self.start) if len(self.start) else values[:0]

    def first(self, values: np.ndarray) -> np.ndarray:
        """The value of the first row of each group."""
        return values[self.order[self.start]]

    def last(self, values: np.ndarray) -> np.ndarray:
        """The value of the last row of each group."""
        stop = np.append(self.start[1:], len(self.order)) - 1
        return values[self.order[stop]]

    @property
    def sizes(self) -> np.ndarray:
        return np.diff(np.append(self.start, len(self.order)))


def group_days(
    rows: np.ndarray, customer: np.ndarray, day: np.ndarray, *ties: np.ndarray, columns: list[Column]
) -> Days:
    """The positions `rows`, sorted by customer, day and then `ties`, at last by their cells: never by their
    order in the file.
    """
    found = _sorted(rows, customer, day, *ties)
    if len(found.start) == len(rows):
        return found
    return _sorted(rows, customer, day, *ties, _row_keys(columns))


def _sorted(rows: np.ndarray, customer: np.ndarray, day: np.ndarray, *ties: np.ndarray) -> Days:
    keys = [key[rows] for key in (*reversed(ties), day, customer)]
    order = rows[np.lexsort(keys)]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (customer[order][1:] != customer[order][:-1]) | (day[order][1:] != day[order][:-1])
    return Days(order, np.flatnonzero(fresh))


def _row_keys(columns: list[Column]) -> np.ndarray:
    """A number made of all cells of a row; equal rows have the same, in any file."""
    key = np.zeros(len(columns[0].codes), np.uint64)
    for column in columns:
        cells = pd.util.hash_array(np.array(column.raw.to_pylist(), object), categorize=False)
        key = key * np.uint64(1_000_003) + column.spread(cells)
    return key


def book_of(
    found: Stretches,
    table,
    columns: list[Column],
    roles: dict[str, Column],
    mapping,
    ledger: Ledger,
    currency: str,
    **more,
) -> Book:
    """The book of reconstructed stretches: customers, plans and groups come from the row that began each."""
    place = found.place
    segments, headers = segment_columns(common.unmapped(table, columns, mapping), ledger)
    at = pa.array(place)
    named = {name: mapping[name] for name in ("plan", "interval") if name in mapping}
    plan = roles["plan"].text(BLANK).take(at) if "plan" in roles else None
    values = dict(
        place=place,
        customer=roles["customer"].text(None).take(at),
        periods=found.periods,
        currency=currency,
        mrr=found.mrr,
        price=found.mrr * found.periods.term,
        plan=plan,
        segments=tuple(segment.take(at) for segment in segments),
        headers=tuple(headers),
        named=named,
    )
    return Book(**(values | more))
