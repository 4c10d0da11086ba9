"""What a row of payments is by the words of its status, and what refunds take off."""

import numpy as np

from cs_models.import_report import Question
from cs_models.importers.columns import Column, matches
from cs_models.importers.ledger import Ledger
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits

PAID, FAILED, REFUNDED, TRIED, VOID, RETURNED = range(6)
WORD = r"(?:^|[^a-z])"
# the first that fits decides; anything else (paid, late, past due, open) is service that was sold. A payment
# that "was refunded" is given back itself, a "refund" gives back one before it
STATUS = (
    (PAID, r"part(?:ly|ial|ially)?[^a-z]*refund"),
    (RETURNED, rf"refunded|charged.?back|reversed|disputed|credited|{WORD}lost"),
    (REFUNDED, rf"refund(?:$|[^a])|charge.?back|{WORD}credits?(?:[^a-z]*$|[^a-z]+(?:note|memo))"),
    (TRIED, rf"{WORD}trial"),
    (FAILED, r"fail|declin|uncollect|unpaid|error|bad.?debt|written.?off|insufficient|not.?paid|rejected"),
    (VOID, rf"{WORD}void|{WORD}draft|cancel|deleted|{WORD}test(?:ing|mode)?(?:$|[^a-z])"),
)


def read_statuses(column: Column | None, count: int) -> np.ndarray:
    """The kind of each row by the words of its status; all are paid without such a column."""
    if column is None:
        return np.full(count, PAID)
    kind = np.full(len(column.values), PAID)
    for code, pattern in reversed(STATUS):
        kind[matches(column.values, pattern)] = code
    return column.spread(kind)


def read_refunds(amount, status, currency: str, answers, ledger: Ledger) -> tuple[np.ndarray, np.ndarray]:
    """Rows that give back money of another row, with the question how they count, and the statuses so read.

    A positive amount that "was refunded" is a payment of its own: it pays for nothing, or counts as paid when
    refunds are ignored.
    """
    back = ledger.kept & ((amount < 0) | (status == REFUNDED))
    own = ledger.kept & ~back & (status == RETURNED)
    gives = back | own
    if not gives.any():
        return back, status
    given = answers.get("refunds")
    if given not in (None, "net", "ignore"):
        raise Problem('The answer to "refunds" must be "net" or "ignore".')
    digits = minor_digits(currency)
    total = int(np.abs(amount[gives]).sum()) / 10**digits
    chosen = given or "net"
    told = "taken off the payment before them" if chosen == "net" else "left out"
    ledger.questions.append(
        Question(
            "refunds", "How do refunds count?", chosen, ("net", "ignore"),
            f"{_give(int(gives.sum()))} back {total:,.{digits}f} {currency}: {told}. A payment given back "
            "in full is no paid month.",
            given is not None,
        )
    )  # fmt: skip
    if chosen == "ignore":
        amount[back] = 0
        status = np.where(own, PAID, status)
    return back, status


def _give(count: int) -> str:
    return "1 row gives" if count == 1 else f"{count:,} rows give"


def net_of_refunds(amount, back, customer, day, status, ledger: Ledger) -> np.ndarray:
    """Payments less what was given back on or after their day: each refund belongs to the latest payment
    before.
    """
    pays = np.flatnonzero(ledger.kept & ~back & (status == PAID) & (amount > 0))
    gives = np.flatnonzero(back & (amount != 0))
    net = amount.copy()
    if not len(gives) or not len(pays):
        return net
    span = int(day.max()) + 1
    key = customer * span + day
    order = pays[np.lexsort((amount[pays], key[pays]))]
    at = np.searchsorted(key[order], key[gives], side="right") - 1
    own = (at >= 0) & (customer[order[np.maximum(at, 0)]] == customer[gives])
    np.subtract.at(net, order[at[own]], np.abs(amount[gives[own]]))
    lost = np.zeros(len(amount), bool)
    lost[gives[~own]] = True
    ledger.find("refund_alone", lost, "refund has no payment before it and changes nothing",
                "refunds have no payment before them and change nothing")  # fmt: skip
    return np.maximum(net, 0)
