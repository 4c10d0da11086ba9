"""A matrix of months: one row per customer or subscription, one column per month with what was paid in it."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from cs_models.importers import amounts, canonical, common, months
from cs_models.importers.canonical import Book
from cs_models.importers.columns import BLANK, Column, encode, shorten
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.levels import Levels, stretches
from cs_models.importers.panel import tell_first_month
from cs_models.importers.period_dates import Periods
from cs_models.importers.periods import LAYOUT as PERIODS
from cs_models.importers.segments import segment_columns
from cs_models.problems import ImportProblem
from cs_models.importers.suspects import ask_test_accounts
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions, minor_digits

FEWEST_MONTHS = 2
ROWS_AT_ONCE = 10_000


def month_columns(headers: tuple[str, ...]) -> dict[int, int]:
    """Position of each header that is a month -> that month."""
    found = {at: months.month_number(header) for at, header in enumerate(headers)}
    return {at: month for at, month in found.items() if month is not None}


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """A cell with an amount is a paid month; blank and 0 are not. The newest column is the last month
    known.
    """
    calendar = month_columns(table.columns)
    if len(calendar) < FEWEST_MONTHS:
        raise ImportProblem("No columns of months were found. Name them like 2025-01, 2025-02.")
    if len(set(calendar.values())) != len(calendar):
        raise ImportProblem("Two columns of the file stand for the same month. Keep one of each.")
    columns = {at: encode(table, at) for at in range(len(table.columns)) if at not in calendar}
    roles = {role: columns[table.columns.index(header)] for role, header in mapping.items()}
    ledger = Ledger(table, roles["customer"])
    common.reject_missing_customer(roles["customer"], ledger)
    currency = common.read_currency(roles.get("currency"), ledger)
    ordered = sorted(calendar, key=calendar.get)
    read = [encode(table, at) for at in ordered]
    paid, currency = _amounts(read, currency, answers, ledger)
    common.reject_duplicates([*columns.values(), *read], ledger)
    ask_test_accounts(roles["customer"], list(columns.values()), answers, ledger)
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    grid = np.array([calendar[at] for at in ordered], np.int64)
    first, last = int(grid[0]), int(grid[-1])
    newest = int(months.first_day(last + 1)) - 1
    today = canonical.last_day(newest, int(months.first_day(first)), as_of, ledger)
    place, mrr, periods = _paid_stretches(paid, grid, ledger, today)
    tell_first_month(_first_months(paid, grid, ledger), first, last, ledger)
    empty = ledger.kept & ~paid.any(axis=0)
    del paid, read
    ledger.find("never_paid", empty, "row has no amount in any month and is set aside",
                "rows have no amount in any month and are set aside")  # fmt: skip
    at = pa.array(place)
    others = [column for place, column in columns.items() if table.columns[place] not in mapping.values()]
    segments, headers = segment_columns(others, ledger)
    book = Book(
        place=place,
        customer=roles["customer"].text(None).take(at),
        periods=periods,
        currency=currency,
        mrr=mrr,
        price=mrr,
        plan=roles["plan"].text(BLANK).take(at) if "plan" in roles else None,
        aside_rows=empty,
        segments=tuple(segment.take(at) for segment in segments),
        headers=tuple(headers),
        named={"plan": mapping["plan"]} if "plan" in mapping else {},
    )
    return canonical.subscriptions(LAYOUT, mapping, answers, ledger, book, today)


def _amounts(read: list[Column], currency: str | None, answers, ledger: Ledger) -> tuple[np.ndarray, str]:
    """Minor units by month and row; rows with a cell that is no amount are rejected."""
    everything = _together(read)
    found = amounts.read_amounts(everything, minor_digits(currency or "USD"), answers)
    symbols = found.currencies(currency) | ({currency} if currency else set())
    if len(symbols) > 1:
        raise ImportProblem(f"The amounts carry {' and '.join(sorted(symbols))}, which cannot be added.")
    symbol = next(iter(symbols), "USD")
    if minor_digits(symbol) != minor_digits(currency or "USD"):
        found = amounts.read_amounts(everything, minor_digits(symbol), answers)
    if found.question:
        ledger.questions.append(found.question)
    if found.marked.any():
        ledger.note("currency_signs", f"Amounts carry a currency sign, read as {symbol}.")
    if found.grouped.any():
        ledger.note("grouped_digits", "Thousands parted by blanks or apostrophes are read as one number.")
    paid = np.zeros((len(read), len(ledger.rows)), np.int64)
    begin = 0
    for at, column in enumerate(read):
        own = slice(begin, begin + len(column.values))
        begin = own.stop
        state = found.state[own]
        _reject_cells(column, (state != amounts.GOOD) & (state != amounts.BLANK), ledger)
        paid[at] = column.spread(found.minor[own])
    return paid, symbol


def _together(read: list[Column]) -> Column:
    """The distinct cells of all months as one column: one currency and one decimal mark for all of them."""
    raw = pa.concat_arrays([column.raw for column in read])
    values = pa.concat_arrays([column.values for column in read])
    header = f"{shorten(read[0].header, 15)} to {shorten(read[-1].header, 15)}"
    return Column(header, raw, values, np.arange(len(raw)), np.concatenate([one.tidied for one in read]))


def _reject_cells(column: Column, wrong: np.ndarray, ledger: Ledger) -> None:
    bad = column.spread(wrong) & ledger.kept
    ledger.reject(bad, column, "not an amount of 0 or more: write what was paid for the month, or nothing")
    header = shorten(column.header)
    ledger.find("cell", bad, f'cell in column "{header}" is not an amount of 0 or more',
                f'cells in column "{header}" are not amounts of 0 or more', "Correct them.",
                column)  # fmt: skip


def _paid_stretches(paid: np.ndarray, grid: np.ndarray, ledger: Ledger, today: int):
    """Source row, minor units a month and days of every paid stretch. Each row of the file is a subscription of
    its own, so some rows at a time are enough: a level for every cell would take far more memory than the cells.
    """
    found = []
    for begin in range(0, paid.shape[1], ROWS_AT_ONCE):
        own = slice(begin, begin + ROWS_AT_ONCE)
        part = stretches(_levels(paid[:, own], grid, ledger.kept[own], begin), today)
        found.append((part.place, part.mrr, part.periods))
    places, mrrs, periods = zip(*found, strict=True)
    days = (np.concatenate([getattr(one, name) for one in periods]) for name in ("start", "end", "open", "term"))
    return np.concatenate(places), np.concatenate(mrrs), Periods(*days)


def _first_months(paid: np.ndarray, grid: np.ndarray, ledger: Ledger) -> Levels:
    """The first paid month of each row, as a level."""
    row = np.flatnonzero(ledger.kept & paid.any(axis=0))
    month = (paid > 0).argmax(axis=0)[row]
    return _of_cells(paid, grid, row, month)


def _levels(paid: np.ndarray, grid: np.ndarray, kept: np.ndarray, begin: int) -> Levels:
    """The paid cells of some rows as levels; the first of them is row `begin` of the file."""
    row, month = np.nonzero((paid > 0).T & kept[:, None])
    return _of_cells(paid, grid, row, month, begin)


def _of_cells(paid: np.ndarray, grid: np.ndarray, row: np.ndarray, month: np.ndarray, begin: int = 0) -> Levels:
    mrr, ones, who = paid[month, row], np.ones(len(row), np.int64), row + begin
    day, until = months.first_day(grid[month]), months.first_day(grid[month] + 1)
    return Levels(who, day, who, mrr, mrr > 0, ones, ones * 0, until)


class WideMatrix(Layout):
    """Recognised by its columns of months."""

    def score(self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None) -> float:
        """As for every layout, plus one for every month; no matrix without at least two months."""
        base, found = super().score(headers, given), len(month_columns(headers))
        return 0.0 if found < FEWEST_MONTHS else base + (found if base >= 1 else 0)


LAYOUT = WideMatrix(
    name="wide_matrix",
    title="Customers by month, one column per month",
    about="One row per customer and one column per month (2025-01, 2025-02 ...) with what was paid for it.",
    roles=(
        Role("customer", "Customer", True, PERIODS.role("customer").aliases,
             "The id of the customer. Several rows of one customer are several subscriptions."),
        Role("plan", "Plan", False, PERIODS.role("plan").aliases, "What was bought."),
        Role("currency", "Currency", False, PERIODS.role("currency").aliases, "One currency per file."),
    ),
    build=build,
    template=(
        ("customer", "plan", "segment", "2024-01", "2024-02", "2024-03"),
        ("C-001", "Pro", "Small business", "49.00", "49.00", "49.00"),
        ("C-002", "Basic", "Small business", "19.00", "19.00", ""),
        ("C-003", "Pro", "Enterprise", "", "49.00", "79.00"),
    ),
    available="All pages.",
    usual=False,
)  # fmt: skip
