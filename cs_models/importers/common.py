"""Steps that every layout with one row per record shares: ids, money, currency, duplicates."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from cs_models.importers import amounts as money
from cs_models.importers.columns import Column, encode, matches, shorten
from cs_models.importers.layout import Layout
from cs_models.importers.ledger import Ledger
from cs_models.problems import ImportProblem
from cs_models.readers.table import TextTable
from cs_models.subscriptions import minor_digits

CURRENCY_WORDS = {
    "$": "USD",
    "US$": "USD",
    "US DOLLAR": "USD",
    "US DOLLARS": "USD",
    "DOLLAR": "USD",
    "€": "EUR",
}
CURRENCY_WORDS |= {"EURO": "EUR", "EUROS": "EUR", "£": "GBP", "POUND": "GBP", "YEN": "JPY", "¥": "JPY"}
# a sentence names the most frequent ones; a column of other words can hold thousands
SHOWN_CURRENCIES = 5
DIRECTION = "[\u202a-\u202e\u2066-\u2069]"
# a header may end in any three letters: only these are taken for a currency
HEADER_CURRENCIES = frozenset(
    "USD EUR GBP CHF JPY CAD AUD NZD SEK NOK DKK PLN CZK INR BRL MXN SGD HKD ZAR".split()
)


def encode_all(table: TextTable) -> list[Column]:
    """Every column as distinct cells."""
    return [encode(table, at) for at in range(len(table.columns))]


def by_role(table: TextTable, columns: list[Column], mapping: Mapping[str, str]) -> dict[str, Column]:
    """The column that plays each mapped role (the first of that header)."""
    return {role: columns[table.columns.index(header)] for role, header in mapping.items()}


def unmapped(table: TextTable, columns: list[Column], mapping: Mapping[str, str]) -> list[Column]:
    """The columns without a role, in the order of the file."""
    used = {table.columns.index(header) for header in mapping.values()}
    return [column for at, column in enumerate(columns) if at not in used]


def tidy_repairs(columns: dict[str, Column], ledger: Ledger) -> None:
    """Invisible letters and non-breaking blanks taken from ids and plans are repairs (numbers and dates
    ignore them).
    """
    for role in ("customer", "plan"):
        column = columns.get(role)
        if column is not None:
            tell_directions(column, ledger)
        if column is None or not column.tidied.any():
            continue
        changed = column.spread(column.tidied)
        ledger.repair(changed, column, "non-breaking blanks, invisible or decomposed letters were put right")
        what = f'in column "{shorten(column.header)}" held invisible characters, which were removed'
        ledger.find("invisible", changed, f"cell {what}", f"cells {what}", column=column)


def tell_directions(column: Column, ledger: Ledger) -> None:
    """Marks that turn the direction of writing can make one name look like another: kept, told, not shown."""
    turned = column.spread(matches(column.values, DIRECTION)) & ledger.kept
    what = f'in column "{shorten(column.header)}" holds a mark that turns the direction of writing'
    ledger.find(
        "directions", turned, f"cell {what}: kept as it is, and shown without it",
        f"cells {what.replace('holds', 'hold')}: kept as they are, and shown without it", column=column,
    )  # fmt: skip


def reject_missing_customer(customer: Column, ledger: Ledger) -> None:
    """A row without a customer belongs to nobody."""
    missing = customer.spread(customer.blank) & ledger.kept
    ledger.reject(missing, customer, "no customer: fill in who this row belongs to")
    header = shorten(customer.header)
    ledger.find(
        "no_customer",
        missing,
        f'row has no customer in column "{header}"',
        f'rows have no customer in column "{header}"',
        "Fill them in and upload again.",
    )
    damaged = customer.spread(matches(customer.values, r"^\d\.\d+E\+\d+$"))
    ledger.find(
        "rounded_ids",
        damaged,
        "customer id was rounded by a spreadsheet",
        "customer ids were rounded by a spreadsheet",
        "Export the ids as text, or different customers count as one.",
        customer,
    )


def reject_duplicates(columns: list[Column], ledger: Ledger) -> None:
    """Exact copies of an earlier row are collapsed into it: rejected as "duplicate of row n"."""
    alike = _alike([column.codes for column in columns], len(ledger.rows))
    codes = pd.DataFrame({at: column.codes[alike] for at, column in enumerate(columns)}, index=alike)
    copies = np.zeros(len(ledger.rows), bool)
    copies[alike[codes.duplicated(keep="first").to_numpy(bool)]] = True
    copies &= ledger.kept
    if not copies.any():
        return
    twins = codes[codes.duplicated(keep=False)]
    first = twins.groupby(list(twins.columns), sort=False)[0].transform(lambda group: group.index[0])
    originals = ledger.rows[first.loc[np.flatnonzero(copies)].to_numpy()]
    ledger.reject(copies, columns[0], [f"duplicate of row {row}: only one is kept" for row in originals])
    ledger.find(
        "duplicates",
        copies,
        "row repeats an earlier row exactly and counts once",
        "rows repeat an earlier row exactly and count once",
        "Remove the copies if that is not what you mean.",
    )


def _alike(codes: list[np.ndarray], rows: int) -> np.ndarray:
    """Positions of rows that may equal another one: all that do, and rarely one that does not.

    One number is made of all cells of a row; comparing the cells of every row would take ten times the
    memory.
    """
    key = np.zeros(rows, np.uint64)
    for column in codes:
        key = (key + column.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    ordered = np.sort(key)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.flatnonzero(np.isin(key, again)) if len(again) else np.zeros(0, np.int64)


def read_currency(column: Column | None, ledger: Ledger) -> str | None:
    """The one currency of the currency column. More than one is an ImportProblem naming them."""
    if column is None:
        return None
    words = [cell.strip().upper() for cell in column.values.to_pylist()]
    codes = [CURRENCY_WORDS.get(word, word) for word in words]
    unknown = np.array(
        [bool(code) and not (code.isalpha() and code.isascii() and len(code) == 3) for code in codes], bool
    )
    bad = column.spread(unknown) & ledger.kept
    ledger.reject(bad, column, "not a currency code: write three letters such as USD")
    ledger.find(
        "currency", bad, "currency is not known", "currencies are not known", "Write USD, EUR ...", column
    )
    rows = np.bincount(column.codes[ledger.kept], minlength=len(codes))
    counts: dict[str, int] = {}
    for code, count in zip(codes, rows, strict=True):
        if code and count and (len(code) == 3 and code.isalpha()):
            counts[code] = counts.get(code, 0) + int(count)
    if len(counts) > 1:
        _refuse_mixture(counts, column.header)
    return next(iter(counts), None)


def _refuse_mixture(counts: dict[str, int], header: str) -> None:
    most = sorted(counts, key=lambda code: (-counts[code], code))[:SHOWN_CURRENCIES]
    named = ", ".join(f"{code} in {counts[code]:,} rows" for code in sorted(most))
    if len(counts) > len(most):
        named += f" and {len(counts) - len(most):,} more"
    raise ImportProblem(
        f'Column "{shorten(header)}" mixes {len(counts)} currencies ({named}), which cannot be added. '
        "Upload one currency at a time, or convert the amounts first."
    )


def read_money(
    column: Column,
    currency: str | None,
    answers: Mapping[str, str],
    ledger: Ledger,
    signed: bool = False,
    may_be_blank: np.ndarray | None = None,
):
    """Amounts of a price column with every unusable row rejected; returns them and the currency.

    `signed` amounts may be negative; rows of the mask `may_be_blank` need no amount (they count as 0).
    """
    digits = minor_digits(currency or "USD")
    found = money.read_amounts(column, digits, answers, signed)
    symbols = found.currencies(currency) | ({currency} if currency else set())
    if len(symbols) > 1:
        raise ImportProblem(
            f'Amounts in "{shorten(column.header)}" carry {" and ".join(sorted(symbols))}; '
            "amounts in different currencies cannot be added. Upload one currency at a time."
        )
    symbols = symbols or header_currency(column.header)
    if not currency and symbols and minor_digits(next(iter(symbols))) != digits:
        return read_money(column, symbols.pop(), answers, ledger, signed, may_be_blank)
    if found.question:
        ledger.questions.append(found.question)
    if found.decimal_comma:
        ledger.note("decimal_comma", f'Amounts in "{shorten(column.header)}" are read with a decimal comma.')
    tell_marks(column, found, next(iter(symbols), None), ledger)
    _reject_money(column, found, ledger, may_be_blank)
    return found, next(iter(symbols), None)


def header_currency(header: str) -> set[str]:
    """The currency a header ends in: "mrr_usd" {"USD"}, "Betrag (EUR)" {"EUR"}, "mrr" none."""
    last = re.search(r"(?:[_\s(\[])([A-Za-z]{3}|[$€£¥₹])[)\]]?\s*$", header.strip())
    word = last.group(1).upper() if last else ""
    word = money.SYMBOLS.get(word, word)
    return {word} & HEADER_CURRENCIES


def tell_marks(column: Column, found: money.Amounts, currency: str | None, ledger: Ledger) -> None:
    """Currency signs and grouped digits are read by one rule for the column, which is told."""
    header = shorten(column.header)
    ledger.find(
        "currency_signs", column.spread(found.marked) & ledger.kept,
        f'amount in column "{header}" carries a currency sign, read as {currency}',
        f'amounts in column "{header}" carry a currency sign, read as {currency}',
        "Map a currency column if it is another one." if "$" in found.marks else "", column,
    )  # fmt: skip
    ledger.find(
        "grouped_digits", column.spread(found.grouped) & ledger.kept,
        f'amount in column "{header}" has thousands parted by a blank or an apostrophe, read as one number',
        f'amounts in column "{header}" have thousands parted by blanks or apostrophes, read as one number',
        column=column,
    )  # fmt: skip


def _reject_money(
    column: Column, found: money.Amounts, ledger: Ledger, may_be_blank: np.ndarray | None
) -> None:
    header = shorten(column.header)
    faults = (
        (money.TEXT, "price_text", "text where an amount belongs: write a number such as 49.00",
         f'cell in column "{header}" is text, not an amount',
         f'cells in column "{header}" are text, not an amount',
         "Write a number such as 49.00."),
        (money.BLANK, "price_missing", "no amount: fill it in, or 0 for a free plan",
         f'row has no amount in column "{header}"', f'rows have no amount in column "{header}"',
         "Fill them in, or write 0 for a free plan."),
        (money.NEGATIVE, "price_negative",
         "a negative amount, a refund or credit: give the price of a period",
         f'amount in column "{header}" is negative', f'amounts in column "{header}" are negative',
         "Leave refunds and credits out, or give the price of a period."),
        (money.NOT_FINITE, "price_not_finite", "not a finite amount: write a number such as 49.00",
         f'amount in column "{header}" is not a finite number',
         f'amounts in column "{header}" are not finite numbers',
         "Write a number such as 49.00."),
    )  # fmt: skip
    for state, id, reason, one, many, remedy in faults:
        bad = found.rows_in(state) & ledger.kept
        if state == money.BLANK and may_be_blank is not None:
            bad &= ~may_be_blank
        ledger.reject(bad, column, reason)
        ledger.find(id, bad, one, many, remedy, column)
    rounded = column.spread(found.rounded) & ledger.kept
    text = "more decimals than its currency has, and was rounded to the nearest"
    ledger.find("rounded", rounded, f"amount has {text}", f"amounts have {text}", column=column)


def refuse_if_nothing_left(ledger: Ledger, layout: Layout) -> None:
    """A file of which no row can be used is no table of subscriptions: say why, with the first row."""
    if ledger.kept.any():
        return
    found = (*ledger.structure_findings(), *ledger.findings)
    reasons = " ".join(finding.sentence for finding in found if finding.count)
    raise ImportProblem(
        f"None of the {ledger.table.records:,} rows can be read as {layout.title.lower()}. {reasons}".rstrip()
    )


def dictionary(values: list[str | None], codes: np.ndarray) -> pa.DictionaryArray:
    """A text column of few distinct entries."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(values, pa.string()))


def nulls(length: int, kind: pa.DataType) -> pa.Array:
    """A column of nothing, in the canonical type."""
    return pa.nulls(length, kind)
