"""How often customers pay, where the file does not say: a payment every week or 28 days is for no month."""

from collections.abc import Mapping

import numpy as np

from cs_models.importers.billing import Cycles
from cs_models.importers.doubts import Weight, choose
from cs_models.importers.ledger import Ledger
from cs_models.importers.words import MONTH_DAYS

DAYS = (7, 14, 28)
A_MONTH = "a month"
LEAST_GAPS, MOST_OF_THEM = 2, 0.6


def ask_rhythm(
    cycles: Cycles, pays: np.ndarray, customer: np.ndarray, day: np.ndarray, amount: np.ndarray,
    currency: str, answers: Mapping[str, str], ledger: Ledger,
) -> Cycles:
    """The cycles with the days between a customer's payments, where these are 7, 14 or 28 most of the time.

    28 days a payment are 13.04 payments a year, not 12: 10 for 28 days are 10.87 a month. Asked, with the
    days as the guess.
    """
    found = rhythms(pays & (cycles.term == 1), customer, day)
    for days in DAYS:
        at = pays & (found == days)
        if not at.any():
            continue
        weight = Weight(customer, at, ledger, currency)
        mean = float(amount[at].mean())
        worth = (mean * MONTH_DAYS / days, mean)
        money = [f"{weight.money(one)} a month for the average payment" for one in worth]
        people = len(np.unique(customer[at]))
        chosen = choose(
            ledger, answers, f"every_{days}_days", f"Is a payment every {days} days for {days} days?",
            f"{days} days", (f"{days} days", A_MONTH),
            lambda chosen, n=people, told=money, days=days: f"{n:,} "
            f"{'customer pays' if n == 1 else 'customers pay'} every {days} days, and there is no "
            f"billing interval. For {days} days: {told[0]}; for a month: {told[1]}. "
            f"They are read as for {chosen}.",
        )  # fmt: skip
        if chosen != A_MONTH:
            cycles = Cycles(cycles.term, np.where(at, float(days), cycles.days))
    return cycles


def rhythms(pays: np.ndarray, customer: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Days between payments per row: 7, 14 or 28 where most gaps of its customer are that long, else 0.

    February makes one such gap for who pays by the month; two of them, and most, are a rhythm.
    """
    rows = np.flatnonzero(pays)
    order = rows[np.lexsort((day[rows], customer[rows]))]
    gap, same = np.diff(day[order]), np.diff(customer[order]) == 0
    said = same & (gap > 0)
    size = int(customer.max(initial=0)) + 1
    gaps = np.bincount(customer[order][1:][said], minlength=size)
    result = np.zeros(len(pays), np.int64)
    for days in DAYS:
        hits = np.bincount(customer[order][1:][said & (gap == days)], minlength=size)
        regular = (hits >= LEAST_GAPS) & (hits >= MOST_OF_THEM * gaps)
        result[order] = np.where(regular[customer[order]], days, result[order])
    return result
