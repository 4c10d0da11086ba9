"""What a vendor's row costs a month: cents or units, per unit or in all, cycles of days, tax taken off."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cs_models.import_report import Question
from cs_models.importers import amounts, common
from cs_models.importers.amounts import per_month
from cs_models.importers.columns import Column, matches, shorten
from cs_models.importers.dates import Dates
from cs_models.importers.ledger import Ledger
from cs_models.importers.words import MAX_TERM, term_months
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits

MONTH_DAYS = 30.4375
DAYS = re.compile(r"p?(\d{1,3})?[\s_]*(d|day|days|daily|w|wk|week|weeks|weekly)")


@dataclass(frozen=True, eq=False)
class Cycle:
    """Per row: months between payments (`term`) and days of a cycle that is no calendar month (0 = none)."""

    term: np.ndarray
    days: np.ndarray
    from_period: bool = False


def billing_cycle(word: str, count: str = "") -> tuple[int, int]:
    """Months and days of a cycle in words; (0, 0) for no such word.

    ("year", "") (12, 0); ("months", "3") (3, 0); "P1Y" (12, 0); ("day", "28") (1, 28); ("week", "2") (1, 14).
    """
    times = int(float(count)) if re.fullmatch(r"\d{1,3}(\.0*)?", count) else 1
    match = DAYS.fullmatch(word.strip().lower())
    if match:
        days = int(match.group(1) or 1) * times * (7 if match.group(2)[0] == "w" else 1)
        term = max(1, round(days / MONTH_DAYS))
        return (term, days) if days and term <= MAX_TERM else (0, 0)
    months = (term_months(word) or 0) * times
    return (months, 0) if 1 <= months <= MAX_TERM else (0, 0)


def read_cycles(roles: Mapping[str, Column], read: Mapping[str, Dates], ledger: Ledger) -> Cycle:
    """From the interval columns, else from the length of the current period, else monthly."""
    rows = len(ledger.rows)
    unit = roles.get("interval")
    if unit is None:
        return _from_period(read, rows, ledger)
    number = roles.get("interval_count")
    counts = number.codes if number is not None else np.zeros(rows, np.int64)
    size = len(number.values) if number is not None else 1
    pairs, place = np.unique(unit.codes.astype(np.int64) * size + counts, return_inverse=True)
    words = unit.values.to_pylist()
    numbers = number.values.to_pylist() if number is not None else [""]
    found = [billing_cycle(words[pair // size], numbers[pair % size]) if words[pair // size] else (1, 0)
             for pair in pairs.tolist()]  # fmt: skip
    term, days = (np.array(values, np.int64)[place] for values in zip(*found, strict=True))
    header = shorten(unit.header)
    unknown = (term == 0) & ledger.kept
    ledger.reject(unknown, unit, "not a billing interval: write month, year, day or week")
    ledger.find("interval", unknown, f'billing interval in column "{header}" is not known',
                f'billing intervals in column "{header}" are not known', "Write month, year, day or week.",
                unit)  # fmt: skip
    blank = unit.spread(unit.blank) & ledger.kept
    ledger.find("interval_blank", blank, "row has no billing interval and counts as monthly",
                "rows have no billing interval and count as monthly")  # fmt: skip
    ledger.find("day_cycles", (days > 0) & ledger.kept,
                "row is billed in days: a month is 30.4375 of them",
                "rows are billed in days: a month is 30.4375 of them", column=number or unit)  # fmt: skip
    return Cycle(np.maximum(term, 1), days)


def _from_period(read: Mapping[str, Dates], rows: int, ledger: Ledger) -> Cycle:
    term, none = np.ones(rows, np.int64), np.zeros(rows, np.int64)
    if "period_start" not in read or "period_end" not in read:
        told = "There is no column of billing intervals: everybody counts as billed monthly."
        ledger.note("no_interval", told)
        return Cycle(term, none)
    begin, end = read["period_start"], read["period_end"]
    length = np.where(begin.good & end.good, end.day - begin.day, 0)
    # a first period is often cut short, so that less than a month is no sign of a shorter cycle
    months = np.clip(np.rint(length / MONTH_DAYS), 1, MAX_TERM).astype(np.int64)
    ledger.note("interval_from_period", "Billing intervals are taken from the length of the current period.")
    return Cycle(months, none, from_period=True)


def read_money(layout, roles: Mapping[str, Column], cycle: Cycle, answers: Mapping[str, str], ledger: Ledger):
    """MRR and price of a term in whole minor units per row, the currency, and what discounts take off a month
    (None without amounts, or discounts). MRR and price are those after discounts.
    """
    currency = common.read_currency(roles.get("currency"), ledger)
    role = "mrr" if "mrr" in roles else "price"
    if role not in roles:
        ledger.note("no_price", "There are no amounts: retention can be read, value only with a typed price.")
        return None, None, currency or "USD", None
    column = roles[role]
    found, currency = common.read_money(column, currency, answers, ledger)
    currency = currency or "USD"
    digits = minor_digits(currency)
    units, cents = (amounts.read_amounts(column, places, answers).per_row for places in (digits, 0))
    both = []
    for minor in (cents, units):
        value = _scaled(column, minor, roles, layout, digits if minor is units else 0)
        if role == "price":
            value = _as_months(value, cycle)
        both.append((value, value * cycle.term) if role == "mrr" else (per_month(value, cycle.term), value))
    chosen = _ask_unit(layout.cents, column, both, currency, answers, ledger)
    mrr, price = (np.where(ledger.kept, values, 0) for values in both[chosen])
    if "discount" not in roles:
        return mrr, price, currency, None
    off = amounts.read_amounts(roles["discount"], digits if chosen else 0, answers).per_row
    monthly = off if role == "mrr" else per_month(_as_months(off, cycle), cycle.term)
    if layout.discounted:
        return mrr, price, currency, monthly
    monthly = np.minimum(monthly, mrr)
    return mrr - monthly, price - monthly * cycle.term, currency, monthly


def _scaled(column: Column, minor: np.ndarray, roles, layout, digits: int) -> np.ndarray:
    """Tax and shipping off, times the quantity for a price per unit."""
    for name in ("less", "less_2", "less_3"):
        if name in roles:
            minor = minor - amounts.read_amounts(roles[name], digits, {}).per_row
    minor = np.maximum(minor, 0)
    if "quantity" in roles and column.header.strip().lower() in layout.per_unit:
        number = amounts.read_amounts(roles["quantity"], 2, {})
        hundredths = np.where(number.rows_in(amounts.GOOD), number.per_row, 100)
        minor = per_month(minor * hundredths, np.int64(100))
    return minor.astype(np.int64)


def _as_months(price: np.ndarray, cycle: Cycle) -> np.ndarray:
    """The price of a cycle of days as the price of its term; money per month needs no such step."""
    months = cycle.term * MONTH_DAYS / np.maximum(cycle.days, 1)
    return np.where(cycle.days > 0, np.rint(price * months), price).astype(np.int64)


def _ask_unit(cents: bool, column: Column, both, currency: str, answers, ledger: Ledger) -> int:
    """0 for cents, 1 for units. Size alone cannot tell: a Question, unless decimals are written."""
    given = answers.get("amount_unit")
    if given not in (None, "cents", "units"):
        raise Problem('The answer to "amount_unit" must be "cents" or "units".')
    digits = minor_digits(currency)
    paying = ledger.kept & (both[1][0] > 0)
    if not digits or not paying.any():
        return 1
    decimals = (column.spread(matches(column.values, r"[.,]\d{1,2}\D*$")) & ledger.kept).any()
    if decimals and not cents and given is None:
        return 1
    broken = (column.spread(matches(column.values, r"[.,]\d?[1-9]\d?\D*$")) & ledger.kept).any()
    chosen = given or ("cents" if cents and not broken else "units")
    average = [float(mrr[paying].mean()) / 10**digits for mrr, _ in both]
    told = [f"{value:,.{digits}f} {currency} a month" for value in average]
    text = f'Read as cents, amounts in "{shorten(column.header)}" come to {told[0]} for the average row'
    ledger.questions.append(Question(
        "amount_unit", "Are amounts in cents or in whole units?", chosen, ("cents", "units"),
        f"{text}; read as whole units, to {told[1]}. They are read as {chosen}.", given is not None,
    ))  # fmt: skip
    return 0 if chosen == "cents" else 1
