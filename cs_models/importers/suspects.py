"""Rows that may not belong: test accounts, and rows that tell two things about one customer; asked about."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from cs_models.importers.columns import Column, matches, shorten
from cs_models.importers.doubts import choose
from cs_models.importers.ledger import Ledger
from cs_models.subscriptions import normalised

KEEP, OUT = "keep", "leave out"
EACH, LARGER, SMALLER = "count each", "only the larger", "only the smaller"
WORDS = "(?:test|tests|testing|tester|demo|qa|dummy|fake|sandbox)"
TEST_ACCOUNT = (
    rf"^{WORDS}(?:[ _.\-]*(?:account|user|customer|company|kunde|client))?[ _.\-]*\d*$"
    rf"|^{WORDS}(?:[._+\-]?\d*|[._+\-][^@]*)@|\+{WORDS}[^@]*@"
    r"|@(?:[^@]*\.)?(?:example\.(?:com|net|org)|mailinator\.com|example|test|invalid|localhost)$"
)
NAMES = "email mail emailaddress customeremail username customername company companyname domain".split()
# what marks most customers marks none: made-up data, or a word of the trade
MOST = 0.5
SHOWN = 3


def ask_test_accounts(
    customer: Column, columns: list[Column], answers, ledger: Ledger,
    worth: Callable[[np.ndarray | None], str] = lambda out: "",
) -> np.ndarray:
    """Customers named like test accounts (test@..., demo 1, ...@example.com): kept unless the answer says no.

    `worth(rows left out, None for none)` says what that moves. Returns the rows that are left out.
    """
    at = np.zeros(len(ledger.rows), bool)
    for column in (customer, *(one for one in columns if normalised(one.header) in NAMES)):
        found = matches(column.values, TEST_ACCOUNT)
        if found.any() and found.mean() <= MOST:
            at |= column.spread(found)
    at &= ledger.kept
    if not at.any() or at[ledger.kept].mean() > MOST:
        return np.zeros(len(at), bool)
    who = np.unique(customer.codes[at])
    first = ", ".join(shorten(name) for name in customer.values.take(who[:SHOWN]).to_pylist())
    several = f"{len(who):,} customers look like test accounts"
    named = several if len(who) > 1 else "1 customer looks like a test account"
    money = f" Kept: {worth(None)}; left out: {worth(at)}." if worth(None) else ""
    chosen = choose(
        ledger, answers, "test_accounts", "Are test accounts customers?", KEEP, (KEEP, OUT),
        lambda chosen: f"{named} by name ({first}{', ...' if len(who) > SHOWN else ''}), with "
        f"{int(at.sum()):,} {'row' if at.sum() == 1 else 'rows'}.{money} "
        f"They are {'kept' if chosen == KEEP else 'left out'}.",
    )  # fmt: skip
    if chosen == KEEP:
        return np.zeros(len(at), bool)
    ledger.reject(at, customer, "looks like a test account: left out as you answered")
    ledger.find(
        "test_accounts", at, "row of a test account is left out", "rows of test accounts are left out"
    )
    return at


def ask_conflicts(
    roles, columns: list[Column], start: np.ndarray, size: np.ndarray, end: np.ndarray, rows: np.ndarray,
    answers, ledger: Ledger, worth: Callable[[np.ndarray | None], str],
) -> np.ndarray:
    """Rows `rows` that agree in everything but the amount or the end: two subscriptions, or one told twice?

    `size` (amount) and `end` order the rows of one customer. Returns the rows that are left out.
    """
    group = _told_twice(roles, columns, start, rows)
    nothing = np.zeros(len(rows), bool)
    twins = group >= 0
    if not twins.any():
        return nothing
    larger, smaller = (_all_but_one(group, size, end, ledger, sign) for sign in (1, -1))
    out = {EACH: nothing, LARGER: larger, SMALLER: smaller}
    ledger.find(
        "conflicts", twins,
        "row shares customer and start with another row and differs only in amount or end",
        "rows share customer and start with another row and differ only in amount or end",
    )  # fmt: skip
    told = "; ".join(f"{choice}: {worth(left)}" for choice, left in out.items())
    first = np.flatnonzero(group == group[np.flatnonzero(twins)[0]])[:SHOWN]
    amount = roles.get("mrr", roles.get("price", roles.get("end")))
    places = " and ".join(ledger.where(int(at), amount) for at in first)
    chosen = choose(
        ledger, answers, "conflicts", "Do rows of one customer with the same start count each?", EACH,
        tuple(out),
        lambda chosen: f"{int(twins.sum()):,} rows share customer and start with another and differ only in "
        f"amount or end, first: {places}. {told[0].upper()}{told[1:]}. "
        f"Taken: {chosen}.",
    )  # fmt: skip
    if chosen != EACH:
        kept = "larger" if chosen == LARGER else "smaller"
        reason = f"the same customer and start as another row: only the {kept} counts, as you answered"
        ledger.reject(out[chosen], roles["customer"], reason)
    return out[chosen]


def _told_twice(roles, columns: list[Column], start: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A number per group of rows that differ only in amount, end or reason of the end; -1 for all others."""
    group = np.full(len(rows), -1, np.int64)
    at = np.flatnonzero(rows)
    pairs = pd.DataFrame({"who": roles["customer"].codes[at], "start": start[at]})
    at = at[pairs.duplicated(keep=False).to_numpy()]
    if not len(at):
        return group
    free = [roles[name] for name in ("mrr", "price", "end", "end_reason") if name in roles]
    same = [one for one in columns if not any(one is other for other in free)]
    frame = pd.DataFrame({place: column.codes[at] for place, column in enumerate(same)})
    number = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    several = np.bincount(number)[number] > 1
    group[at[several]] = number[several]
    return group


def _all_but_one(
    group: np.ndarray, size: np.ndarray, end: np.ndarray, ledger: Ledger, sign: int
) -> np.ndarray:
    """Every row of a group but that of the largest (sign 1) or smallest (-1) amount, then end, then place."""
    at = np.flatnonzero(group >= 0)
    order = at[np.lexsort((ledger.rows[at], -sign * end[at], -sign * size[at], group[at]))]
    out = np.zeros(len(group), bool)
    out[order[1:][group[order][1:] == group[order][:-1]]] = True
    return out
