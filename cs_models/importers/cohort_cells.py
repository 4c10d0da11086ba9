"""Cells and periods of a cohort file as numbers."""

import re

import numpy as np

from cs_models.importers import months
from cs_models.importers.columns import Column, encode, shorten
from cs_models.importers.ledger import Ledger
from cs_models.readers.table import TextTable
from cs_models.subscriptions import normalised

# more customers than there are people who could be
LARGEST = 10**9

def cells(table: TextTable, places: list[int], ledger: Ledger) -> np.ndarray:
    """The cells as numbers by row and column, NaN where blank; a row with anything else is rejected."""
    grid = np.full((len(ledger.rows), len(places)), np.nan)
    for at, place in enumerate(places):
        column = encode(table, place)
        values = np.array([_number(word) for word in column.values.to_pylist()], float)
        wrong = column.spread(np.isnan(values) & ~column.blank) & ledger.kept
        ledger.reject(wrong, column, "not a number of customers nor a share")
        ledger.find("cell", wrong, "row has a cell that is neither a number nor blank",
                    "rows have cells that are neither numbers nor blank", "Correct them.",
                    column)  # fmt: skip
        grid[:, at] = column.spread(values)
    return grid


def _number(word: str) -> float:
    """ "1,234", "84 %", ".84" as a number; NaN for anything else, below zero or too large."""
    match = re.fullmatch(r"((?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?)\s*(%?)", word.strip())
    if not match or not re.search(r"\d", word):
        return float("nan")
    number = float(match.group(1).replace(",", "")) / (100 if match.group(2) else 1)
    return number if number <= LARGEST else float("nan")


def _tell_weeks(header: str, ledger: Ledger) -> None:
    """Weeks are shorter than the shortest step there is: they must not be taken for months."""
    if normalised(header) in ("week", "weeks"):
        ledger.note(
            "step",
            f'Each row is read as one month. "{shorten(header)}" says that it is a week: '
            "wherever a page says months, read weeks.",
        )


def in_time(clock: Column, ledger: Ledger) -> np.ndarray:
    """The order of the rows by their period: a permuted file says the same."""
    _tell_weeks(clock.header, ledger)
    words = clock.values.to_pylist()
    number = []
    for word in words:
        digits = re.search(r"\d+(\.\d+)?", word)
        month = months.month_number(word) if not word.strip().isdecimal() else None
        number.append(month if month is not None else float(digits.group()) if digits else np.nan)
    value = np.array(number, float)
    value = clock.spread(np.where(value <= LARGEST, value, np.nan))
    wrong = np.isnan(value) & ledger.kept
    ledger.reject(wrong, clock, "not a period: number the rows 0, 1, 2 ...")
    ledger.find("period", wrong, "row has no period", "rows have no period", "Number them 0, 1, 2 ...")
    order = np.argsort(value, kind="stable")
    return order[ledger.kept[order]]
