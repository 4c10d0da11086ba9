"""A customer snapshot: one row per customer with months served so far and whether they have left; no
dates.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers import amounts, common
from cs_models.importers.columns import BLANK, Column, shorten
from cs_models.importers.doubts import Asking, Weight, ask_free, ask_unit, unit_in_doubt
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.segments import segment_columns
from cs_models.importers.suspects import ask_test_accounts
from cs_models.importers.words import read_reasons, read_yes_no
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions

NOT_A_COHORT = (
    "This is a snapshot, not a cohort: customers who joined and left long before it may be missing, so early "
    "retention can look better than it was. It has no dates, so pages by calendar month are not available."
)
LONGEST = 1200


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """One exposure per row: months served, and whether the customer has left at the end of them.

    Months as given (0 stays 0); somebody who left has paid for at least 1.
    """
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    ledger = Ledger(table, roles.get("customer"))
    ledger.note("snapshot", NOT_A_COHORT)
    if "customer" in roles:
        common.reject_missing_customer(roles["customer"], ledger)
    churned = _read_churned(roles["churned"], ledger)
    months = _read_tenure(roles["tenure"], churned, ledger)
    currency = common.read_currency(roles.get("currency"), ledger)
    mrr, currency = _read_charge(roles.get("mrr"), currency, churned, answers, ledger)
    if "customer" in roles:
        # without ids two equal rows may well be two customers
        common.reject_duplicates(columns, ledger)
        _tell_repeated_customers(roles["customer"], ledger)
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    weight = Weight(np.arange(len(churned)), ~churned, ledger, currency)
    if "customer" in roles:
        _ask_test_accounts(roles["customer"], columns, mrr, weight, answers, ledger)
    free = (mrr == 0) & ledger.kept if mrr is not None else np.zeros(len(churned), bool)
    if mrr is not None and ask_free(free, churned, np.where(ledger.kept, mrr, 0), weight, answers, ledger):
        free = np.zeros(len(churned), bool)
    ledger.find("free", free, "customer pays nothing (a free plan or a trial) and stays out of the fits",
                "customers pay nothing (free plans or trials) and stay out of the fits")  # fmt: skip
    segments, headers = segment_columns(common.unmapped(table, columns, mapping), ledger)
    rows = _canonical(ledger, roles, months, churned, mrr, segments)
    kept = ledger.kept
    aside = rows.filter(pa.array(free & kept))
    return Subscriptions(
        kind="snapshot",
        rows=rows.filter(pa.array(kept & ~free)),
        as_of=as_of,
        report=ledger.report(int((free & kept).sum())),
        columns={name: mapping[name] for name in ("plan",) if name in mapping}
        | {f"c{at}": header for at, header in enumerate(headers)},
        currency=currency,
        digest="",
        mapping=dict(mapping),
        layout=LAYOUT.name,
        source_name=table.name,
        aside=aside.append_column("why", pa.array(["free"] * aside.num_rows, pa.string())),
        answers=dict(answers),
    )


def _read_churned(column: Column, ledger: Ledger) -> np.ndarray:
    answer = column.spread(read_yes_no(column))
    unknown = (answer < 0) & ledger.kept
    ledger.reject(unknown, column, "neither yes nor no: say whether the customer has left")
    header = shorten(column.header)
    ledger.find(
        "churned",
        unknown,
        f'cell in column "{header}" is neither yes nor no',
        f'cells in column "{header}" are neither yes nor no',
        "Write Yes for customers who have left.",
        column,
    )
    return answer == 1


def _read_tenure(column: Column, churned: np.ndarray, ledger: Ledger) -> np.ndarray:
    """Whole months: begun months count for those who left, complete ones for those who stay."""
    found = amounts.read_amounts(column, 2, {"decimal_mark": "point"})
    header = shorten(column.header)
    bad = (column.spread(found.state != amounts.GOOD) | (found.per_row > LONGEST * 100)) & ledger.kept
    ledger.reject(bad, column, "not a number of months: write the months served so far, such as 18")
    ledger.find(
        "tenure",
        bad,
        f'cell in column "{header}" is not a number of months',
        f'cells in column "{header}" are not numbers of months',
        "Write the months served so far, such as 18.",
        column,
    )
    hundredths = found.per_row
    parted = (hundredths % 100 != 0) & ledger.kept & ~bad
    ledger.find(
        "part_months",
        parted,
        "row has part of a month: rounded up for those who left and down for the others",
        "rows have parts of months: rounded up for those who left and down for the others",
        column=column,
    )
    months = np.where(churned, np.maximum(-(-hundredths // 100), 1), hundredths // 100)
    short = churned & (hundredths == 0) & ledger.kept & ~bad
    ledger.find(
        "same_day",
        short,
        "customer left with 0 months and counts as one paid month",
        "customers left with 0 months and count as one paid month",
    )
    return months


def _read_charge(column: Column | None, currency: str | None, churned: np.ndarray, answers, ledger: Ledger):
    """Minor units a month per row; whether they are cents is asked where the column cannot tell."""
    if column is None:
        return None, currency or "USD"
    found, currency = common.read_money(column, currency, answers, ledger)
    currency = currency or "USD"
    guess = unit_in_doubt(column, found.per_row, currency, answers, ledger)
    if guess is None:
        return found.per_row, currency
    minor = {"units": found.per_row, "cents": amounts.read_amounts(column, 0, answers).per_row}
    weight = Weight(np.arange(len(churned)), ~churned, ledger, currency)
    asking = Asking(ledger, answers)
    chosen = ask_unit(column, guess, lambda unit: weight.told(minor[unit]), asking)
    asking.close()
    return minor[chosen], currency


def _ask_test_accounts(customer: Column, columns, mrr, weight: Weight, answers, ledger: Ledger) -> None:
    def worth(out: np.ndarray | None) -> str:
        return "" if mrr is None else weight.told(mrr, out)

    ask_test_accounts(customer, columns, answers, ledger, worth)


def _tell_repeated_customers(customer: Column, ledger: Ledger) -> None:
    rows = np.bincount(customer.codes[ledger.kept], minlength=len(customer.values))
    again = customer.spread(rows > 1) & ledger.kept
    ledger.find(
        "repeated_customers",
        again,
        "row shares its customer with another row",
        "rows share their customer with another row, and each counts as one subscription",
    )


def _canonical(ledger: Ledger, roles, months, churned, mrr, segments) -> pa.Table:
    count = len(ledger.rows)
    text = pa.dictionary(pa.int32(), pa.string())
    reason = pa.nulls(count, text)
    if "end_reason" in roles:
        kinds = read_reasons(roles["end_reason"]).take(pa.array(roles["end_reason"].codes))
        reason = pc.if_else(pa.array(churned), kinds, pa.scalar(None, pa.string())).dictionary_encode()
    money = pa.nulls(count, pa.int64()) if mrr is None else pa.array(np.where(ledger.kept, mrr, 0))
    columns = {
        "row": pa.array(ledger.rows, pa.int32()),
        "customer": roles["customer"].text(None) if "customer" in roles else _row_names(ledger),
        "started_on": pa.nulls(count, pa.date32()),
        "ended_on": pa.nulls(count, pa.date32()),
        "term": pa.array(np.ones(count, np.int16)),
        "plan": roles["plan"].text(BLANK) if "plan" in roles else pa.nulls(count, text),
        "mrr": money,
        "price": money,
        "duration": pa.array(months.astype(np.int32)),
        "churned": pa.array(churned),
        "entry": pa.array(np.zeros(count, np.int32)),
        "end_reason": reason,
    }
    return pa.table(columns | {f"c{at}": segment for at, segment in enumerate(segments)})


def _row_names(ledger: Ledger) -> pa.DictionaryArray:
    """Rows without an id are customers of their own, named after their place in the file."""
    return pa.array([f"row {row}" for row in ledger.rows.tolist()], pa.string()).dictionary_encode()


LAYOUT = Layout(
    name="snapshot",
    title="Customer snapshot",
    about="One row per customer: months served so far, whether they have left, what they pay a month.",
    roles=(
        Role("customer", "Customer", False,
             ("customer_id", "customerid", "cust_id", "client", "client_id", "account", "account_id",
              "user", "user_id",
              "subscriber", "subscriber_id", "member", "member_id", "kunde", "kundennummer", "id"),
             "The id of the customer; without one every row is a customer."),
        Role("tenure", "Months served", True,
             ("months_served", "tenure_months", "tenure_in_months", "months_active", "active_months",
              "months_subscribed",
              "months_on_book", "lifetime_months", "account_age_months", "customer_age_months",
              "tenure in month",
              "months_with_company", "duration_months", "months", "duration"),
             "Complete months as a customer, up to today or up to the day they left."),
        Role("churned", "Left (yes or no)", True,
             ("churn", "churn_label", "churn_value", "churn_flag", "is_churned", "has_churned",
              "churn_status",
              "exited", "cancelled", "canceled", "is_cancelled", "left", "attrition", "gekundigt"),
             "Yes for customers who have left."),
        Role("mrr", "Monthly charge", False,
             ("monthly_charge", "monthly_charges", "monthly_recurring_revenue", "monthly_amount",
              "monthly_fee",
              "monthly_price", "monthly_revenue", "arpu", "price", "amount", "mrr_cents", "price_cents",
              "amount_cents", "monthly_charge_cents"),
             "Money per month."),
        Role("plan", "Plan", False,
             ("plan_name", "contract", "contract_type", "subscription_plan", "subscription_type",
              "product", "tier",
              "package", "tariff"),
             "What was bought."),
        Role("end_reason", "Reason for leaving", False,
             ("churn_reason", "churn_category", "cancel_reason", "cancellation_reason", "churn_type",
              "reason"),
             "Failed payments are told apart from decisions to leave."),
        Role("currency", "Currency", False, ("currency_code", "billing_currency"), "One currency per file."),
    ),
    build=build,
    template=(
        ("customer", "months served", "churned", "monthly charge", "plan", "segment"),
        ("C-001", "18", "No", "49.00", "Pro", "Small business"),
        ("C-002", "7", "Yes", "19.00", "Basic", "Small business"),
        ("C-003", "36", "No", "190.00", "Pro", "Enterprise"),
        ("C-004", "0", "No", "19.00", "Basic", "Enterprise"),
    ),
    available="Retention, lifetime value and scenarios; not the pages by calendar month (cohorts).",
)  # fmt: skip
