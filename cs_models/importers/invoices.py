"""A log of invoices or payments: what was paid makes the periods, whatever else stands in the file."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from cs_models.importers import canonical, common, period_dates
from cs_models.importers.amounts import per_month
from cs_models.importers.billing import Cycles, read_cycles
from cs_models.importers.columns import Column, matches
from cs_models.importers.grouping import book_of, customer_codes, group_days, ranks
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.levels import Levels, Stretches, stretches
from cs_models.importers.lines import lines
from cs_models.importers.payments import (
    FAILED,
    PAID,
    TRIED,
    VOID,
    net_of_refunds,
    read_refunds,
    read_statuses,
)
from cs_models.importers.periods import LAYOUT as PERIODS
from cs_models.importers.plan_changes import YEARLY
from cs_models.importers.rhythm import ask_rhythm
from cs_models.importers.suspects import ask_test_accounts
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions

GRACE_DAYS = 45
DAYS_A_MONTH = 30.4375
A_YEAR_GIVE = 10
# a week and two, counted to the last day or to the day after
WEEKS = {6: 7, 7: 7, 13: 14, 14: 14}


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """Each payment pays for its period: as stated, else one billing interval from its date.

    Late payments count from their date. Failed ones pay for nothing, and an end after one is involuntary.
    Trials and payments of 0 are set aside. Refunds are netted against the customer's latest payment before
    them, and a payment marked refunded is itself given back (answers "refunds": "net" or "ignore"). A payment
    renews one that ends at about its day, and goes on beside one that does not; a renewal up to 45 days late
    is one stretch. The last known day is the newest row; what is paid beyond it is still subscribed.
    """
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    ledger = Ledger(table, roles["customer"])
    common.reject_missing_customer(roles["customer"], ledger)
    days = {role: roles[role] for role in ("date", "period_start", "period_end") if role in roles}
    read = period_dates.read_days(days, ("date",), answers, ledger)
    status = read_statuses(roles.get("status"), len(ledger.rows))
    currency = common.read_currency(roles.get("currency"), ledger)
    found, symbol = common.read_money(
        roles["amount"], currency, answers, ledger, signed=True, may_be_blank=(status != PAID)
    )
    currency = symbol or currency or "USD"
    start = np.where(read["period_start"].good, read["period_start"].day, read["date"].day) \
        if "period_start" in read else read["date"].day  # fmt: skip
    cycles = _cycles(roles, read, start, ledger)
    term = cycles.term
    common.reject_duplicates(columns, ledger)
    ask_test_accounts(roles["customer"], columns, answers, ledger)
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    amount = np.where(ledger.kept, found.per_row, 0)
    start = np.where(ledger.kept, start, 0)
    newest = np.where(ledger.kept, read["date"].day, 0)
    rows = np.flatnonzero(ledger.kept)
    today = canonical.last_day(int(newest[rows].max()), int(newest[rows].min()), as_of, ledger)
    customer = customer_codes(roles["customer"])
    back, status = read_refunds(amount, status, currency, answers, ledger)
    amount = net_of_refunds(amount, back, customer, newest, status, ledger)
    if not ({"interval", "period_end"} & set(roles)):
        pays = ledger.kept & (status == PAID) & (amount > 0) & ~back
        cycles = ask_rhythm(cycles, pays, customer, start, amount, currency, answers, ledger)
    amount = cycles.as_terms(amount)
    if "period_end" in read and "interval" not in roles:
        amount = _a_month_of_weeks(amount, start, read["period_end"], ledger)
    pays = ledger.kept & (status == PAID) & (amount > 0) & ~back
    tried = ledger.kept & ~back & ((status == TRIED) | ((status == PAID) & (found.per_row == 0)))
    _tell(ledger, status, tried)
    _tell_a_year_apart(np.flatnonzero(pays & (term == 1)), customer, start, ledger)
    until = _paid_until(start, read.get("period_end"), cycles)
    made, price = _stretches(pays, tried, roles, customer, start, until, term, amount, today, columns)
    aside = np.where(made.levels.mrr[made.first] == 0, "trial", "").astype(object)
    book = book_of(
        made, table, columns, roles, mapping, ledger, currency, aside=aside,
        price=price, reason=_reasons(made, status, customer, newest, ledger),
    )  # fmt: skip
    return canonical.subscriptions(LAYOUT, mapping, answers, ledger, book, today)


def _cycles(roles: Mapping[str, Column], read, start: np.ndarray, ledger: Ledger) -> Cycles:
    """Months a payment is for: its own period, else the interval, else a yearly plan by name, else a
    month.
    """
    if "interval" in roles:
        return read_cycles(roles, ledger)
    if "plan" in roles:
        term = np.where(roles["plan"].spread(matches(roles["plan"].values, YEARLY)), 12, 1).astype(np.int64)
    else:
        term = np.ones(len(ledger.rows), np.int64)
    if "period_end" not in read:
        return Cycles(term, np.zeros(len(term)))
    end = read["period_end"]
    length = np.where(end.good, end.day - start, 0)
    backwards = end.good & (length < 0) & ledger.kept
    ledger.reject(backwards, end.column, "the paid period ends before it starts: correct one of them")
    ledger.find("end_before_start", backwards, "paid period ends before it starts",
                "paid periods end before they start", "Correct them.", end.column)  # fmt: skip
    stated = np.clip(np.rint(length / DAYS_A_MONTH), 1, 60).astype(np.int64)
    return Cycles(np.where(end.good & ~backwards, stated, term), np.zeros(len(term)))


def _paid_until(start: np.ndarray, end, cycles: Cycles) -> np.ndarray:
    """First day no longer paid: start + term months, the 31st clipped to a shorter month's end, or + days."""
    first = start.astype("datetime64[D]")
    month = first.astype("datetime64[M]")
    target = month + cycles.term
    last = (target + 1).astype("datetime64[D]") - 1
    moved = np.minimum(target.astype("datetime64[D]") + (first - month.astype("datetime64[D]")), last)
    until = np.where(cycles.days > 0, start + np.rint(cycles.days), moved.astype(np.int64)).astype(np.int64)
    if end is None:
        return until
    # a stated end that is about the same day says the same: last day served or first day not served
    return np.where(end.good & (np.abs(end.day - until) > 3), np.maximum(end.day, start + 1), until)


def _a_month_of_weeks(amount: np.ndarray, start: np.ndarray, end, ledger: Ledger) -> np.ndarray:
    """What is paid for a week or two as money per month: 7 for 7 days are 30.44."""
    length = np.where(end.good & ledger.kept, end.day - start, 0)
    days = np.zeros(len(length), np.int64)
    for counted, whole in WEEKS.items():
        days[length == counted] = whole
    weeks = days > 0
    ledger.find("weeks", weeks,
                f"payment is for a week or two and counts with {DAYS_A_MONTH} days a month",
                f"payments are for a week or two and count with {DAYS_A_MONTH} days a month")  # fmt: skip
    scaled = np.rint(amount * DAYS_A_MONTH / np.maximum(days, 1)).astype(np.int64)
    return np.where(weeks, scaled, amount)


def _tell(ledger: Ledger, status: np.ndarray, tried: np.ndarray) -> None:
    failed = ledger.kept & (status == FAILED)
    ledger.find(
        "failed", failed, "payment failed and pays for nothing", "payments failed and pay for nothing"
    )
    void = ledger.kept & (status == VOID)
    ledger.find("void", void, "row is void, a draft or cancelled, and pays for nothing",
                "rows are void, drafts or cancelled, and pay for nothing")  # fmt: skip
    ledger.find("trial", tried,
    "row is a trial or free, set aside: the clock starts with the first payment",
                "rows are trials or free, set aside: the clock starts with the first payment")  # fmt: skip


def _tell_a_year_apart(rows: np.ndarray, customer: np.ndarray, start: np.ndarray, ledger: Ledger) -> None:
    """Payments that count as a month and come a year after the one before look like yearly invoices."""
    order = rows[np.lexsort((start[rows], customer[rows]))]
    wait = np.diff(start[order])
    yearly = (np.diff(customer[order]) == 0) & (np.abs(wait - 365) <= A_YEAR_GIVE)
    at = np.zeros(len(ledger.rows), bool)
    at[order[1:][yearly]] = True
    ledger.find(
        "a_year_apart",
        at,
        "payment comes a year after the one before and counts as one month: is it for a year?",
        "payments come a year after the one before and count as one month: are they for a year?",
        "Add a billing interval column, or the start and end of the paid period.",
    )


def _stretches(
    pays, tried, roles, customer, start, until, term, amount, today: int, columns
) -> tuple[Stretches, np.ndarray]:
    """Payments of one customer, day and term are added up; those that renew each other form a line, and lines
    run in parallel; then stretches of equal payments, and trials as free ones.
    """
    plan = ranks(roles["plan"]) if "plan" in roles else np.zeros(len(start), np.int64)
    mrr = per_month(amount, term)
    # a trial day on which the customer also pays is no trial
    key = customer * (int(start.max(initial=0)) + 1) + start
    rows = np.flatnonzero(pays | tried & ~np.isin(key, key[pays]))
    # a year and a month bought on one day end on different days
    line = customer * (int(term.max(initial=0)) + 1) + term
    days = group_days(rows, line, start, ~pays, -mrr, plan, until, columns=columns)
    who, begins = days.first(customer), days.first(start)
    paid, terms = days.sums(np.where(pays, mrr, 0)), days.first(term)
    plans, ends = days.first(plan), days.first(until)
    own = lines(who, begins, ends, terms, paid, plans, GRACE_DAYS)
    order = np.lexsort((begins, own))
    place, paying = days.first(np.arange(len(start))), np.ones(len(days.start), bool)
    levels = Levels(own, begins, place, paid, paying, terms, plans, ends).pick(order)
    found = stretches(levels, today, GRACE_DAYS)
    return found, days.sums(np.where(pays, amount, 0))[order][found.first]


def _reasons(found: Stretches, status, customer, day, ledger: Ledger) -> pa.DictionaryArray | None:
    """An end is involuntary when the last row of the customer around it is a failed payment."""
    failed = np.flatnonzero(ledger.kept & (status == FAILED))
    if not len(failed):
        return None
    span = int(day.max()) + 2 * GRACE_DAYS + 1
    keys = np.sort(customer[failed] * span + day[failed])
    who = customer[found.place] * span
    end = np.where(found.periods.open, 0, found.periods.end)
    low = np.searchsorted(keys, who + np.maximum(end - GRACE_DAYS, 0), side="left")
    high = np.searchsorted(keys, who + np.minimum(end + GRACE_DAYS, span - 1), side="right")
    words = pa.array(["voluntary", "involuntary"], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array((high > low).astype(np.int32)), words)


LAYOUT = Layout(
    name="invoices",
    title="Log of invoices or payments",
    about="One row per invoice or payment: who, when, how much, and whether it was paid, failed or refunded.",
    roles=(
        Role("customer", "Customer", True, PERIODS.role("customer").aliases[:-2],
             "The id of the customer, the same in all of its rows."),
        Role("date", "Day of the invoice", True,
             ("invoice_date", "invoiced_at", "invoiced_on", "payment_date", "paid_at", "paid_on", "paid_date",
              "charge_date", "charged_at", "billed_at", "billing_date", "issued_at", "issue_date",
              "issuing_date",
              "transaction_date", "order_date", "rechnungsdatum", "datum"),
             "When it was issued or paid; the paid period begins here unless the file says when."),
        Role("amount", "Amount", True,
             ("amount_paid", "paid_amount", "invoice_amount", "payment_amount", "amount_due", "total",
             "total_amount",
              "subtotal", "net_amount", "charge_amount", "invoice_total", "betrag", "montant"),
             "What was paid for the whole period; refunds negative."),
        Role("status", "Status", False,
             ("payment_status", "invoice_status", "charge_status", "transaction_status", "state", "result",
             "type",
              "transaction_type"),
             "Paid, late, failed, refunded, trial."),
        Role("period_start", "Start of the paid period", False,
             ("service_start", "period_start_date", "service_period_start", "from", "from_date",
             "covers_from"),
             "First day paid for."),
        Role("period_end", "End of the paid period", False,
             ("service_end", "period_end_date", "service_period_end", "to", "to_date", "covers_to", "until"),
             "Last day paid for, or the first day no longer paid."),
        Role("interval", "Billing interval", False, PERIODS.role("interval").aliases,
             "How often they pay: monthly, quarterly, annual, or a number of months."),
        Role("plan", "Plan", False, PERIODS.role("plan").aliases, "What was bought."),
        Role("currency", "Currency", False, PERIODS.role("currency").aliases, "One currency per file."),
    ),
    build=build,
    template=(
        ("customer", "invoice date", "amount", "payment status", "plan", "segment"),
        ("C-001", "2024-01-15", "49.00", "paid", "Pro", "Small business"),
        ("C-001", "2024-02-15", "49.00", "paid", "Pro", "Small business"),
        ("C-002", "2024-01-20", "19.00", "paid", "Basic", "Enterprise"),
        ("C-003", "2024-02-20", "19.00", "paid", "Basic", "Enterprise"),
    ),
    available="All pages.",
    usual=False,
)  # fmt: skip
