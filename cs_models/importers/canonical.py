"""The last part of every importer: reconstructed paid periods become Subscriptions, whatever the shape was.

An importer hands over one entry per paid period, each with the place of the source row that began it. Months
who has left, what is set aside and the report are decided here, once. Rows of the report
are always rows of the file: a period that many rows make up is accounted for by those rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from cs_models.importers import doubts, durations
from cs_models.importers.columns import Column
from cs_models.importers.layout import Layout
from cs_models.importers.ledger import Ledger
from cs_models.importers.period_dates import EPOCH, Periods, days_since_epoch, tell_inferred_day
from cs_models.importers.words import read_reasons
from cs_models.problems import Problem
from cs_models.subscriptions import MONTH_GRIDS, Subscriptions

TEXT = pa.dictionary(pa.int32(), pa.string())
MID_TERM = (
    "row paid for longer than a month ends inside a paid term and counts to the end of the term",
    "rows paid for longer than a month end inside a paid term and count to the end of the term",
)


@dataclass(frozen=True, eq=False)
class Book:
    """Paid periods of one file, one entry per period; all arrays have the length of `place`.

    `place`: position in the table (0 = first row after the header) of the source row that began the period;
    periods of rejected rows are left out. `periods`: days and term. `mrr` and `price`: minor units a month
    and a term, None without a price. `reason`: "voluntary" | "involuntary" | null, counted only for those who
    have left. `aside`: why a period stays out of the fits, "" for none (free periods and starts in the future
    are found here). `aside_rows`: source rows that are accepted but began no period at all (one per row of
    the file). `segments` and `headers`: columns to group by and their names; `named`: canonical name ->
    header ("plan", "interval") for what the user may group by.
    """

    place: np.ndarray
    customer: pa.DictionaryArray
    periods: Periods
    currency: str = "USD"
    mrr: np.ndarray | None = None
    price: np.ndarray | None = None
    plan: pa.DictionaryArray | None = None
    reason: pa.DictionaryArray | None = None
    aside: np.ndarray | None = None
    aside_rows: np.ndarray | None = None
    segments: tuple[pa.DictionaryArray, ...] = ()
    headers: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    # columns a definition may ask for later, by their names in recount.py
    asides: Mapping[str, pa.Array] = field(default_factory=dict)


def subscriptions(
    layout: Layout,
    mapping: Mapping[str, str],
    answers: Mapping[str, str],
    ledger: Ledger,
    book: Book,
    today: int,
) -> Subscriptions:
    """Close the import: `today` is the last day the file knows, in days since 1970-01-01."""
    periods = book.periods
    ended = ~periods.open & (periods.end <= today)
    months = months_of(periods, ended, _seen_to(layout, today))
    kept = ledger.kept[book.place]
    why = _why_aside(book, periods.start > today)
    if book.mrr is not None:
        free = kept & (why == "free")
        who = book.customer.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        weight = doubts.Weight(who, kept & ~ended & (why != "not yet begun"), ledger, book.currency)
        if doubts.ask_free(free, ended, book.mrr, weight, answers, ledger):
            why = np.where(free, "", why)
    tell_aside(ledger, book, why, ended)
    rows = table_of(ledger.rows[book.place], book, ended, months)
    aside = kept & (why != "")
    set_aside = _source(ledger, book, aside)
    if book.aside_rows is not None:
        set_aside |= book.aside_rows & ledger.kept
    return Subscriptions(
        kind="periods",
        rows=_pick(rows, kept & ~aside),
        as_of=EPOCH + timedelta(days=int(today)),
        report=ledger.report(int(set_aside.sum())),
        columns=dict(book.named) | {f"c{at}": header for at, header in enumerate(book.headers)},
        currency=book.currency,
        digest="",
        mapping=dict(mapping),
        layout=layout.name,
        source_name=ledger.table.name,
        aside=_pick(rows, aside).append_column("why", pa.array(why[aside].tolist(), pa.string())),
        answers=dict(answers),
    )


def last_day(newest: int, oldest: int, as_of: date | None, ledger: Ledger) -> int:
    """The last day of a log: the stated one, else its newest entry; a day before all entries is a Problem."""
    if as_of is None:
        tell_inferred_day(newest, ledger)
        return newest
    if days_since_epoch(as_of) < oldest:
        first = (EPOCH + timedelta(days=int(oldest))).isoformat()
        raise Problem(
            f"The day {as_of.isoformat()} lies before everything in the file; the first is {first}. "
            "Choose a later day."
        )
    return days_since_epoch(as_of)


def end_reasons(column: Column | None, count: int) -> pa.DictionaryArray:
    """ "voluntary" | "involuntary" | null per row of the file."""
    if column is None:
        return pa.nulls(count, TEXT)
    kinds = read_reasons(column).dictionary_encode()
    return kinds.take(pa.array(column.codes))


def _seen_to(layout: Layout, today: int) -> int:
    """The day up to which a departure would show, as `Subscriptions.watched_to`."""
    month = np.int64(today).astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]")
    return int(month.astype(np.int64)) if layout.name in MONTH_GRIDS else today


def months_of(periods: Periods, ended: np.ndarray, seen_to: int) -> np.ndarray:
    """Months per period: terms begun of those who have left, whole months of the others."""
    return np.where(
        ended,
        durations.round_up_to_terms(durations.months_begun(periods.start, periods.end), periods.term),
        durations.whole_months(periods.start, np.int64(seen_to + 1)),
    )


def _why_aside(book: Book, scheduled: np.ndarray) -> np.ndarray:
    why = np.full(len(scheduled), "", object)  # one word for all rows, not a text for each
    if book.mrr is not None:
        why[book.mrr == 0] = "free"
    if book.aside is not None:
        own = book.aside != ""
        why[own] = book.aside[own]
    why[scheduled] = "not yet begun"
    return why


def _source(ledger: Ledger, book: Book, mask: np.ndarray) -> np.ndarray:
    """From a mask over periods to the mask over the rows of the file that began them."""
    at = np.zeros(len(ledger.rows), bool)
    at[book.place[mask]] = True
    return at & ledger.kept


def _pick(rows: pa.Table, mask: np.ndarray) -> pa.Table:
    return rows if mask.all() else rows.filter(pa.array(mask))


def tell_aside(ledger: Ledger, book: Book, why: np.ndarray, ended: np.ndarray) -> None:
    """Say what is set aside, and whose paid term is longer than their stay."""
    periods = book.periods
    ledger.find(
        "scheduled",
        _source(ledger, book, why == "not yet begun"),
        "row starts after the last known day and is set aside until then",
        "rows start after the last known day and are set aside until then",
    )
    ledger.find(
        "free",
        _source(ledger, book, why == "free"),
        "row is free (a free plan or a trial) and stays out of the fits",
        "rows are free (free plans or trials) and stay out of the fits",
    )
    early = ledger.kept[book.place] & ended & (periods.term > 1)
    begun = durations.months_begun(periods.start[early], periods.end[early])
    mid_term = np.zeros(len(early), bool)
    mid_term[np.flatnonzero(early)] = begun % periods.term[early] != 0
    ledger.find(
        "mid_term",
        _source(ledger, book, mid_term),
        *MID_TERM,
    )


def table_of(rows: np.ndarray, book: Book, ended: np.ndarray, months: np.ndarray) -> pa.Table:
    """The canonical table of the periods of a book; `rows`: the number of the source row of each."""
    count, periods = len(book.place), book.periods
    reason = book.reason if book.reason is not None else pa.nulls(count, TEXT)
    missing = ~ended | np.asarray(reason.is_null())
    codes = reason.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int32)
    money = [
        pa.nulls(count, pa.int64()) if values is None else pa.array(values.astype(np.int64))
        for values in (book.mrr, book.price)
    ]
    ends = pa.array(periods.end.astype(np.int32), mask=periods.open)
    columns = {
        "row": pa.array(rows, pa.int32()),
        "customer": book.customer,
        "started_on": pa.array(periods.start.astype(np.int32)).cast(pa.date32()),
        "ended_on": ends.cast(pa.date32()),
        "term": pa.array(periods.term.astype(np.int16)),
        "plan": book.plan if book.plan is not None else pa.nulls(count, TEXT),
        "mrr": money[0],
        "price": money[1],
        "duration": pa.array(months.astype(np.int32)),
        "churned": pa.array(ended),
        "entry": pa.array(np.zeros(count, np.int32)),
        # a reason counts only for those who have left
        "end_reason": pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing), reason.dictionary),
    }
    segments = {f"c{at}": segment for at, segment in enumerate(book.segments)}
    return pa.table(columns | segments | dict(book.asides))
