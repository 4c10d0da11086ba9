"""A log of MRR movements: new, expansion, contraction, churn, reactivation. The running sum is what each
customer pays.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from cs_models.importers import canonical, common, period_dates
from cs_models.importers.columns import Column, matches, shorten
from cs_models.importers.grouping import book_of, customer_codes, group_days
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.levels import Levels, Stretches, stretches
from cs_models.importers.periods import LAYOUT as PERIODS
from cs_models.importers.words import read_reasons
from cs_models.importers.suspects import ask_test_accounts
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions

UP, DOWN, LEFT, UNKNOWN = 1, -1, -2, 0
WORDS = (
    (LEFT, r"churn|cancel|lost|terminat|expire|deactivat|ended"),
    (UP, r"^new|new.?biz|reactivat|resurrect|win.?back|return|expan|upgrade|upsell|increase|start|signup"),
    (DOWN, r"contract|downgrade|downsell|decrease|reduc"),
)  # fmt: skip
ANEW = r"^new|new.?biz|reactivat|resurrect|win.?back|return|start|signup"


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """Movements of one customer and day are netted; the balance after each day is the MRR until the next.

    Contraction and churn take away, with a minus or without one; a mixture of both is told. Other amounts
    count with their sign, and one of an unknown kind only where the file has signs. A churn without an
    amount takes the whole balance; what begins anew on that day stays. Somebody whose balance falls below
    zero was there before the log began: the movements are accepted and begin no period.
    """
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    ledger = Ledger(table, roles["customer"])
    common.reject_missing_customer(roles["customer"], ledger)
    read = period_dates.read_days({"date": roles["date"]}, ("date",), answers, ledger)["date"]
    kind = _kinds(roles.get("movement"), ledger)
    currency = common.read_currency(roles.get("currency"), ledger)
    found, symbol = common.read_money(
        roles["change"], currency, answers, ledger, signed=True, may_be_blank=kind == LEFT
    )
    currency = symbol or currency or "USD"
    change, empties = _signed(found, kind, roles, ledger)
    common.reject_duplicates(columns, ledger)
    ask_test_accounts(roles["customer"], columns, answers, ledger)
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    rows = np.flatnonzero(ledger.kept)
    day = np.where(ledger.kept, read.day, 0)
    today = canonical.last_day(int(day[rows].max()), int(day[rows].min()), as_of, ledger)
    customer = customer_codes(roles["customer"])
    days = group_days(rows, customer, day, kind, change, columns=columns)
    anew = kind == UP
    if "movement" in roles:
        anew &= roles["movement"].spread(matches(roles["movement"].values, ANEW))
    levels, below = _balances(days, customer, day, change, empties, anew)
    _tell_below(below, days, customer, ledger)
    book = stretches(levels, today)
    reason = _reasons(book, roles)
    made = book_of(book, table, columns, roles, mapping, ledger, currency, reason=reason)
    return canonical.subscriptions(LAYOUT, mapping, answers, ledger, made, today)


def _kinds(column: Column | None, ledger: Ledger) -> np.ndarray:
    """The kind of movement per row: UP, DOWN, LEFT or UNKNOWN."""
    if column is None:
        return np.zeros(len(ledger.rows), np.int64)
    kind = np.zeros(len(column.values), np.int64)
    for code, pattern in reversed(WORDS):
        kind[matches(column.values, pattern)] = code
    return column.spread(kind)


def _signed(found, kind: np.ndarray, roles: Mapping[str, Column], ledger: Ledger):
    """Change of MRR per row, and the rows that take the whole balance."""
    change = np.where(ledger.kept, found.per_row, 0)
    empties = (kind == LEFT) & (change == 0) & ledger.kept
    if "movement" not in roles:
        return change, empties
    _reject_unknown_kinds(change, kind, roles["movement"], ledger)
    change = np.where(ledger.kept, change, 0)
    down = (kind < 0) & (change != 0)
    # each kind has its own habit: churns may be bare where contractions have a minus
    mixes = [code for code in (DOWN, LEFT) if len(np.unique(np.sign(change[down & (kind == code)]))) > 1]
    wrong = np.isin(kind, mixes) & (change > 0)
    header = shorten(roles["change"].header)
    if mixes:
        what = f'in column "{header}" though others of the kind are negative'
        ledger.find("mixed_signs", wrong,
                    f"contraction or churn is positive {what}, and is taken away like them",
                    f"contractions or churns are positive {what}, and are taken away like them",
                    "Write all of them with a minus, or none.", roles["change"])  # fmt: skip
    elif (kind < 0).any() and not (change[down] < 0).any():
        ledger.note(
            "unsigned",
            f'No contraction or churn in "{header}" is negative: contraction and churn are taken away.',
        )
    return np.where(down, -np.abs(change), change), empties


def _reject_unknown_kinds(change: np.ndarray, kind: np.ndarray, column: Column, ledger: Ledger) -> None:
    """Where no amount has a minus, a movement of no known kind can go either way."""
    if (change < 0).any():
        return
    unknown = (kind == UNKNOWN) & ledger.kept & (change != 0)
    ledger.reject(
        unknown, column, "not a kind of movement: write new, expansion, contraction, churn or reactivation"
    )
    header = shorten(column.header)
    ledger.find(
        "movement",
        unknown,
        f'kind of movement in column "{header}" is not known',
        f'kinds of movement in column "{header}" are not known',
        "Write new, expansion, contraction, churn or reactivation.",
        column,
    )


def _balances(days, customer, day, change, empties, anew) -> tuple[Levels, np.ndarray]:
    """The balance after each customer and day, never below zero, and where it would have been."""
    total = days.sums(change)
    reset = days.sums(empties.astype(np.int64)) > 0
    who = days.first(customer)
    running = np.cumsum(total)
    begun = days.sums(np.where(anew, change, 0))
    # a running sum begins anew with every customer, and after a churn without an amount
    fresh = np.ones(len(who), bool)
    fresh[1:] = who[1:] != who[:-1]
    at = np.maximum.accumulate(np.where(fresh | reset, np.arange(len(who)), 0))
    # a churn without an amount takes what was there before its day, and leaves what begins anew on it; who
    # was not there before has come and gone
    base = np.where(reset, running - np.where(fresh, 0, begun), running - total)
    balance = running - base[at]
    # the lowest point so far below zero is what was there before the log began
    lowest = pd.Series(balance).groupby(at).cummin().to_numpy()
    below = (lowest == balance) & (balance < 0)
    mrr = balance - np.minimum(lowest, 0)
    place = days.first(np.arange(len(change)))
    ones = np.ones(len(who), np.int64)
    return Levels(who, days.first(day), place, mrr, mrr > 0, ones, ones * 0), below


def _tell_below(below: np.ndarray, days, customer: np.ndarray, ledger: Ledger) -> None:
    at = np.zeros(len(ledger.rows), bool)
    at[days.first(np.arange(len(customer)))[below]] = True
    ledger.find(
        "before_the_log",
        at & ledger.kept,
        "movement takes away more than the log has added: that customer began before it",
        "movements take away more than the log has added: those customers began before it",
        "Export the log from the first day on, or they are missing from retention.",
    )


def _reasons(found: Stretches, roles: Mapping[str, Column]) -> pa.DictionaryArray | None:
    """Why a stretch ended, from the row that ended it: its reason, else its kind of movement."""
    column = roles.get("end_reason") or roles.get("movement")
    if column is None:
        return None
    ends = np.where(found.last >= 0, found.levels.place[np.maximum(found.last, 0)], 0)
    kinds = read_reasons(column).take(pa.array(column.codes[ends]))
    return kinds.dictionary_encode()


LAYOUT = Layout(
    name="mrr_events",
    title="Log of MRR movements",
    about="One row per change of MRR: when, who, by how much (new, expansion, contraction, churn, return).",
    roles=(
        Role("customer", "Customer", True, PERIODS.role("customer").aliases[:-2],
             "The id of the customer, the same in all of its rows."),
        Role("date", "Day of the change", True,
             ("event_date", "movement_date", "change_date", "effective_date", "occurred_at", "occurred_on",
              "event_time", "timestamp", "day", "datum"),
             "From this day on the customer pays the changed amount."),
        Role("change", "Change of MRR", True,
             ("mrr_change", "change_in_mrr", "mrr_movement", "mrr_delta", "delta_mrr", "delta",
             "movement_amount",
              "change_amount", "mrr_difference", "amount_change", "net_mrr"),
             "How much more (or, with a minus or a churn, less) they pay a month from then on."),
        Role("movement", "Kind of movement", False,
             ("movement_type", "event_type", "change_type", "activity_type", "mrr_movement_type", "event",
             "activity",
              "type", "kind"),
             "New, expansion, contraction, churn or reactivation; gives the sign where amounts have none."),
        Role("plan", "Plan", False, PERIODS.role("plan").aliases, "What they pay for from then on."),
        Role("end_reason", "Reason for leaving", False, PERIODS.role("end_reason").aliases,
             "Failed payments are told apart from decisions to leave."),
        Role("currency", "Currency", False, PERIODS.role("currency").aliases, "One currency per file."),
    ),
    build=build,
    template=(
        ("date", "customer", "movement type", "mrr change", "segment"),
        ("2024-01-15", "C-001", "new", "49.00", "Small business"),
        ("2024-03-01", "C-001", "expansion", "30.00", "Small business"),
        ("2024-02-10", "C-002", "new", "19.00", "Enterprise"),
        ("2024-06-10", "C-002", "churn", "-19.00", "Enterprise"),
    ),
    available="All pages.",
    usual=False,
)  # fmt: skip
