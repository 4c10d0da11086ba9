"""Cells and periods of a cohort file as numbers."""

import re
from dataclasses import dataclass

import numpy as np

from cs_models.importers import months
from cs_models.importers.columns import Column, encode, shorten
from cs_models.importers.ledger import Ledger
from cs_models.readers.table import TextTable
from cs_models.subscriptions import normalised

# more customers than there are people who could be
LARGEST = 10**9
# of a cohort, at most so many may have come back; with more it is no count of those who stayed
MOST_BACK = 0.1
MOST_OFTEN = 3
NAMED = 5


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


@dataclass(frozen=True, eq=False)
class Survivors:
    """A cohort at tenure 0, 1, ...: who is still here, and by cell how many who had left were counted again."""

    alive: np.ndarray
    back: dict[int, float]


def survivors(
    counts: np.ndarray, share: bool, size: float, starts_before: bool, in_rows: bool
) -> Survivors | None:
    """A cohort whose count never rises: who came back stays gone, as in every curve of this app.

    None where it has a hole (in a row also at its beginning), grows beyond its beginning, or where more came
    back than one customer and MOST_BACK of the cohort, or in more than one step and one of MOST_OFTEN: that is money.
    """
    filled = np.flatnonzero(~np.isnan(counts))
    if not len(filled):
        return Survivors(np.zeros(0), {})
    first = 0 if in_rows else filled[0]
    seen = counts[first : filled[-1] + 1] * (size if share else 1.0)
    seen = np.append(size, seen) if starts_before else seen
    if np.isnan(seen).any() or seen[0] <= 0:
        return None
    alive = np.minimum.accumulate(seen)
    over, slack = seen - alive, 1e-9 * max(seen[0], 1.0)
    rises = int((np.diff(seen) > slack).sum())
    if rises > 1 and rises * MOST_OFTEN > len(seen) - 1:
        return None
    if (seen > seen[0] + slack).any() or over.max() > max(1.0, MOST_BACK * seen[0]) + slack:
        return None
    back = {int(at + first - starts_before): float(over[at]) for at in np.flatnonzero(over > slack)}
    return Survivors(alive, back)


def tell_returned(
    found: dict[int, dict[int, float]], names: np.ndarray, clock: Column, places: list[int],
    order: np.ndarray | None, share: bool, ledger: Ledger,
) -> None:
    """One entry a cell and one sentence for the file: which cohort, at which age, how many were held back.

    found: by cohort and cell; `order`: the rows of the file by period where cohorts are columns, else None.
    """
    told = []
    for cohort, back in found.items():
        for at, many in back.items():
            row, place = (cohort, places[at]) if order is None else (order[at], places[cohort])
            column = encode(ledger.table, place)
            cell = np.zeros(len(ledger.rows), bool)
            cell[row] = True
            held = f"about {many:,.0f}" if share else f"{many:,.0f}"
            ledger.repair(cell, column, f"held at the age before: {held} who had left counted again")
            age = column.header if order is None else clock.raw[int(clock.codes[row])].as_py()
            told.append(f"{held} of cohort {shorten(str(names[cohort]))} at age {shorten(age)}")
    if told:
        more = f" and {len(told) - NAMED:,} more" if len(told) > NAMED else ""
        ledger.note(
            "came_back",
            "A count rises again where customers came back. In a curve who has left stays gone, so it is held at the "
            f"age before, and these are not counted again: {', '.join(told[:NAMED])}{more}.",
            len(told),
        )
