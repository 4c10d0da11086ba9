"""A panel: one row per customer and month with what was paid in that month."""

from collections.abc import Mapping
from datetime import date

import numpy as np

from cs_models.importers import canonical, common, months
from cs_models.importers.columns import matches
from cs_models.importers.grouping import book_of, customer_codes, group_days, ranks
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.levels import Levels, stretches
from cs_models.importers.periods import LAYOUT as PERIODS
from cs_models.importers.suspects import ask_test_accounts
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions

NOT_PAYING = r"^\W*(cancel|churn|inactive|expired|ended|lost|none|paused|trial|no$|false$|0$)"
# so many times the usual intake in the first month means that most of them began earlier
USUAL = 3


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """A month with an amount is paid, from its first day on; a month with 0, or without a row, is not.

    Several rows of one customer and month are added up. The newest month of the file is the last one known,
    to its end: whoever is in it is still subscribed.
    """
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    ledger = Ledger(table, roles["customer"])
    common.reject_missing_customer(roles["customer"], ledger)
    month = months.read_months(roles["month"], ledger)
    currency = common.read_currency(roles.get("currency"), ledger)
    paying = np.ones(len(ledger.rows), bool)
    if "status" in roles:
        paying = roles["status"].spread(~matches(roles["status"].values, NOT_PAYING))
    found, symbol = common.read_money(roles["mrr"], currency, answers, ledger, may_be_blank=~paying)
    common.reject_duplicates(columns, ledger)
    ask_test_accounts(roles["customer"], columns, answers, ledger)
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    mrr = np.where(ledger.kept & paying, found.per_row, 0)
    _tell_paid_while_gone(ledger, found.per_row, paying)
    customer = customer_codes(roles["customer"])
    plan = ranks(roles["plan"]) if "plan" in roles else np.zeros(len(mrr), np.int64)
    last = int(month[ledger.kept].max())
    first = int(month[ledger.kept].min())
    newest = int(months.first_day(last + 1)) - 1
    today = canonical.last_day(newest, int(months.first_day(first)), as_of, ledger)
    rows = np.flatnonzero(ledger.kept & (mrr > 0))
    # the larger amount of a month gives the plan
    days = group_days(rows, customer, month, -mrr, plan, columns=columns)
    levels = _levels(days, customer, month, mrr, plan)
    told = stretches(levels, today)
    tell_first_month(levels, first, last, ledger)
    book = book_of(told, table, columns, roles, mapping, ledger, symbol or currency or "USD")
    return canonical.subscriptions(LAYOUT, mapping, answers, ledger, book, today)


def _levels(days, customer, month, mrr, plan) -> Levels:
    at = days.first(month)
    total = days.sums(mrr)
    ones = np.ones(len(total), np.int64)
    place = days.first(np.arange(len(mrr)))
    return Levels(
        days.first(customer), months.first_day(at), place, total, total > 0, ones, days.first(plan),
        months.first_day(at + 1),
    )  # fmt: skip


def _tell_paid_while_gone(ledger: Ledger, amount: np.ndarray, paying: np.ndarray) -> None:
    ledger.find(
        "paid_while_gone",
        ledger.kept & ~paying & (amount > 0),
        "row has an amount though its status says cancelled, and counts as not paid",
        "rows have an amount though their status says cancelled, and count as not paid",
        "Correct the status if they paid.",
    )


def tell_first_month(levels: Levels, first: int, last: int, ledger: Ledger) -> None:
    """Customers of the first month may have begun long before: retention then looks better than it is."""
    order = np.lexsort((levels.day, levels.customer))
    who, day = levels.customer[order], levels.day[order]
    begins = day[np.append(True, who[1:] != who[:-1])] if len(who) else day
    starts = np.bincount(begins.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) - first)
    if last - first < 3 or len(starts) < 2 or starts[0] <= USUAL * max(np.median(starts[1:]), 1):
        return
    ledger.note(
        "began_before",
        f"{starts[0]:,} customers are there in the first month, far more than begin in a later one: most "
        "of them began earlier, and their months before the file are not counted.",
        int(starts[0]),
    )


LAYOUT = Layout(
    name="panel",
    title="Customers by month, one row each",
    about="One row per customer and month: who, which month, how much was paid for it.",
    roles=(
        Role("customer", "Customer", True, PERIODS.role("customer").aliases,
             "The id of the customer, the same in all of its rows."),
        Role("month", "Month", True,
             ("calendar_month", "year_month", "yearmonth", "snapshot_month", "billing_month", "period_month",
              "mrr_month", "date_month", "month_start", "month_end", "reporting_month", "monat", "mois",
              "periode"),
             "The calendar month, like 2025-01."),
        Role("mrr", "Paid for the month", True,
             ("monthly_recurring_revenue", "amount", "monthly_amount", "revenue", "mrr_amount",
             "monthly_revenue",
              "mrr_usd", "mrr_eur", "betrag"),
             "Money for that month; 0 or no row when nothing was paid."),
        Role("status", "Status", False, ("state", "subscription_status", "customer_status", "is_active"),
             "Months marked cancelled count as not paid."),
        Role("plan", "Plan", False, PERIODS.role("plan").aliases, "What was bought."),
        Role("currency", "Currency", False, PERIODS.role("currency").aliases, "One currency per file."),
    ),
    build=build,
    template=(
        ("customer", "month", "mrr", "plan", "segment"),
        ("C-001", "2024-01", "49.00", "Pro", "Small business"),
        ("C-001", "2024-02", "49.00", "Pro", "Small business"),
        ("C-002", "2024-01", "19.00", "Basic", "Enterprise"),
        ("C-003", "2024-02", "19.00", "Basic", "Enterprise"),
    ),
    available="All pages.",
    usual=False,
)  # fmt: skip
