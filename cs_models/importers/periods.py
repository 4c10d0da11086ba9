"""Subscription periods: one row per customer and stretch of paid time, with a start and an end (blank =
still on).
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from cs_models.importers import common, durations, period_dates
from cs_models.importers.amounts import per_month
from cs_models.importers.columns import BLANK, Column, matches, shorten
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.period_dates import EPOCH, Periods
from cs_models.importers.segments import segment_columns
from cs_models.importers.words import read_reasons, read_terms
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions, minor_digits


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """Turn rows of text into paid periods; every row ends accepted, repaired or rejected (RULES 1-3, 20)."""
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    customer = roles["customer"]
    ledger = Ledger(table, customer)
    common.reject_missing_customer(customer, ledger)
    start, end = period_dates.read_starts_and_ends(roles, answers, ledger)
    term = _read_terms(roles, ledger)
    currency = common.read_currency(roles.get("currency"), ledger)
    mrr, price, currency = _read_money(roles, term, currency, answers, ledger)
    common.reject_duplicates(columns, ledger)
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    open_end = ~end.good if end else np.ones(len(term), bool)
    periods = Periods(start.day, end.day if end else np.zeros(len(term), np.int64), open_end, term)
    today = period_dates.last_known_day(periods, as_of, ledger)

    def monthly(at: np.ndarray) -> str:
        if mrr is None:
            return ""
        digits = minor_digits(currency)
        return f", with {int(mrr[at].sum()) / 10**digits:,.{digits}f} {currency} of monthly revenue"

    periods = period_dates.ask_live_at_end(periods, today, answers, ledger, monthly)
    period_dates.tell_ends(periods, today, end is not None, ledger)
    return _subscriptions(
        table, mapping, answers, ledger, columns, roles, periods, mrr, price, today, currency
    )


def _read_terms(roles: Mapping[str, Column], ledger: Ledger) -> np.ndarray:
    column = roles.get("interval")
    if column is None:
        _hint_annual_plans(roles.get("plan"), ledger)
        return np.ones(len(ledger.rows), np.int64)
    per_value = read_terms(column)
    term = column.spread(per_value).astype(np.int64)
    unknown = (term == 0) & ledger.kept
    ledger.reject(
        unknown, column, "not a billing interval: write monthly, quarterly, annual or a number of months"
    )
    header = shorten(column.header)
    ledger.find(
        "interval",
        unknown,
        f'billing interval in column "{header}" is not known',
        f'billing intervals in column "{header}" are not known',
        "Write monthly, quarterly, annual or a number of months.",
        column,
    )
    blank = column.spread(column.blank) & ledger.kept
    ledger.find(
        "interval_blank",
        blank,
        "row has no billing interval and counts as monthly",
        "rows have no billing interval and count as monthly",
    )
    return np.maximum(term, 1)


def _hint_annual_plans(plan: Column | None, ledger: Ledger) -> None:
    if plan is None:
        return
    yearly = plan.spread(matches(plan.values, r"annual|yearly|per year|12.?month")) & ledger.kept
    ledger.find(
        "interval_unmapped",
        yearly,
        "row has a yearly plan, but there is no billing interval column: it counts as monthly",
        "rows have a yearly plan, but there is no billing interval column: they count as monthly",
        "Add a billing interval column.",
        plan,
    )


def _read_money(roles, term, currency, answers, ledger):
    """MRR and price of a term in minor units per row; a stated MRR goes before a price."""
    nothing = np.zeros(len(term), np.int64)
    role = "mrr" if "mrr" in roles else "price"
    if role not in roles:
        return None, None, currency or "USD"
    found, currency = common.read_money(roles[role], currency, answers, ledger)
    minor = np.where(ledger.kept, found.per_row, nothing)
    if role == "mrr":
        return minor, minor * term, currency or "USD"
    return per_month(minor, term), minor, currency or "USD"


def _subscriptions(
    table, mapping, answers, ledger, columns, roles, periods, mrr, price, today, currency
) -> Subscriptions:
    ended = ~periods.open & (periods.end <= today)
    months = np.where(
        ended,
        durations.round_up_to_terms(durations.months_begun(periods.start, periods.end), periods.term),
        durations.whole_months(periods.start, np.int64(today + 1)),
    )
    scheduled = periods.start > today
    free = (mrr == 0) if mrr is not None else np.zeros(len(ended), bool)
    _tell_aside(ledger, scheduled, free, ended, periods)
    segments, headers = segment_columns(common.unmapped(table, columns, mapping), ledger)
    rows = _canonical(ledger, roles, periods, ended, months, mrr, price, segments)
    named = {name: mapping[name] for name in ("plan", "interval") if name in mapping}
    out = ledger.rejected | scheduled | free
    aside = ledger.kept & (scheduled | free)
    why = np.where(scheduled, "not yet begun", "free")[aside]
    return Subscriptions(
        kind="periods",
        rows=_pick(rows, ~out),
        as_of=EPOCH + timedelta(days=today),
        report=ledger.report(int(aside.sum())),
        columns=named | {f"c{at}": header for at, header in enumerate(headers)},
        currency=currency,
        digest="",
        mapping=dict(mapping),
        layout=LAYOUT.name,
        source_name=table.name,
        aside=_pick(rows, aside).append_column("why", pa.array(why, pa.string())),
        answers=dict(answers),
    )


def _pick(rows: pa.Table, mask: np.ndarray) -> pa.Table:
    return rows if mask.all() else rows.filter(pa.array(mask))


def _tell_aside(ledger: Ledger, scheduled, free, ended, periods: Periods) -> None:
    kept = ledger.kept
    ledger.find(
        "scheduled",
        scheduled & kept,
        "row starts after the last known day and is set aside until then",
        "rows start after the last known day and are set aside until then",
    )
    ledger.find(
        "free",
        free & ~scheduled & kept,
        "row is free (a free plan or a trial) and stays out of the fits",
        "rows are free (free plans or trials) and stay out of the fits",
    )
    early = kept & ended & (periods.term > 1)
    begun = durations.months_begun(periods.start[early], periods.end[early])
    mid_term = np.zeros(len(kept), bool)
    mid_term[np.flatnonzero(early)] = begun % periods.term[early] != 0
    ledger.find(
        "mid_term",
        mid_term,
        "row paid for longer than a month ends inside a paid term and counts to the end of the term",
        "rows paid for longer than a month end inside a paid term and count to the end of the term",
    )


def _canonical(ledger, roles, periods: Periods, ended, months, mrr, price, segments) -> pa.Table:
    count = len(ledger.rows)
    text = pa.dictionary(pa.int32(), pa.string())
    plan = roles["plan"].text(BLANK) if "plan" in roles else pa.nulls(count, text)
    reason = _end_reasons(roles.get("end_reason"), ended, count)
    money = [pa.nulls(count, pa.int64()) if values is None else pa.array(values) for values in (mrr, price)]
    days = periods.start.astype(np.int32)
    ends = pa.array(periods.end.astype(np.int32), mask=periods.open)
    columns = {
        "row": pa.array(ledger.rows, pa.int32()),
        "customer": roles["customer"].text(None),
        "started_on": pa.array(days).cast(pa.date32()),
        "ended_on": ends.cast(pa.date32()),
        "term": pa.array(periods.term.astype(np.int16)),
        "plan": plan,
        "mrr": money[0],
        "price": money[1],
        "duration": pa.array(months.astype(np.int32)),
        "churned": pa.array(ended),
        "entry": pa.array(np.zeros(count, np.int32)),
        "end_reason": reason,
    }
    return pa.table(columns | {f"c{at}": segment for at, segment in enumerate(segments)})


def _end_reasons(column: Column | None, ended: np.ndarray, count: int) -> pa.DictionaryArray:
    """A reason counts only for those who have left."""
    if column is None:
        return pa.nulls(count, pa.dictionary(pa.int32(), pa.string()))
    kinds = read_reasons(column).dictionary_encode()
    codes = kinds.indices.take(pa.array(column.codes))
    missing = pa.array(codes.to_numpy(zero_copy_only=False) if not codes.null_count else _filled(codes))
    mask = ~ended | np.asarray(codes.is_null())
    return pa.DictionaryArray.from_arrays(
        pa.array(np.asarray(missing, np.int32), mask=mask), kinds.dictionary
    )


def _filled(codes: pa.Array) -> np.ndarray:
    return codes.fill_null(0).to_numpy(zero_copy_only=False)


LAYOUT = Layout(
    name="periods",
    title="Subscription periods",
    about="One row per customer and paid period: who, from when, until when (blank = on), at what price.",
    roles=(
        Role("customer", "Customer", True,
             ("customer_id", "customer id", "cust_id", "customer number", "customer no", "client",
              "client_id",
              "account", "account_id", "account code", "user", "user_id", "subscriber", "subscriber_id",
              "member",
              "member_id", "organization_id", "organisation_id", "org_id", "company_id", "tenant_id",
              "company",
              "kunde", "kundennummer", "kunden_id", "client number", "customer uuid", "customer name",
              "subscription_id", "subscription"),
             "The id of the customer, the same in all of its rows."),
        Role("start", "Start", True,
             ("start_date", "started_on", "started_at", "started", "start_at", "subscription_start",
              "subscription_start_date", "subscription_started_at", "begin", "begin_date", "begins_on",
              "from",
              "valid_from", "period_start", "current_term_start", "effective_start_date", "activated_at",
              "activation_date", "conversion_date", "signup_date", "sign_up_date", "subscribed_at",
              "subscribed_on",
              "created_at", "created", "created_date", "beginn", "startdatum", "start datum",
              "date_debut", "debut"),
             "First day of the period."),
        Role("end", "End", False,
             ("end_date", "ended_on", "ended_at", "ended", "end_at", "subscription_end",
              "subscription_end_date",
              "expires_at", "expiration_date", "expired_at", "churn_date", "churned_at", "churned_on",
              "termination_date", "terminated_at", "effective_end_date", "cancel_date", "cancellation_date",
              "cancelled_at", "canceled_at", "cancelled_on", "canceled_on", "cancelled_date",
              "subscription_canceled_at",
              "to", "until", "valid_to", "valid_until", "period_end", "ende", "enddatum", "end datum",
              "date_fin", "fin"),
             "Last paid day, or the first day no longer paid; blank while the subscription runs."),
        Role("plan", "Plan", False,
             ("plan_name", "plan_id", "plan_code", "plan_title", "subscription_plan", "product",
              "product_name",
              "product_title", "product_id", "tier", "package", "tariff", "tarif", "pricing_plan", "sku"),
             "What was bought."),
        Role("interval", "Billing interval", False,
             ("billing_interval", "billing_period", "billing_cycle", "billing_frequency", "billing_term",
              "plan_interval", "interval_unit", "frequency", "payment_interval", "payment_frequency",
              "term", "cycle",
              "period", "cadence", "abrechnung", "intervall"),
             "How often they pay: monthly, quarterly, annual, or a number of months."),
        Role("mrr", "Monthly recurring revenue", False,
             ("monthly_recurring_revenue", "mrr_usd", "mrr_eur", "monthly_amount", "monthly_price",
              "monthly_charge",
              "monthly_charges", "monthly_fee", "monthly_revenue", "amount_per_month", "price_per_month",
              "current_mrr"),
             "Money per month, whatever the billing interval."),
        Role("price", "Price per billing period", False,
             ("amount", "unit_price", "unit_amount", "plan_amount", "plan_price", "price_per_period",
              "fee", "charge",
              "list_price", "billing_amount", "subscription_amount", "subscription_price", "recurring_amount",
              "order_total", "total", "betrag", "preis", "prix", "montant"),
             "Money per payment: the yearly price for yearly plans."),
        Role("end_reason", "Reason for leaving", False,
             ("churn_reason", "cancel_reason", "cancellation_reason", "cancelation_reason", "churn_type",
              "cancellation_type", "expiration_reason", "reason", "churn_category"),
             "Failed payments are told apart from decisions to leave."),
        Role("currency", "Currency", False,
             ("currency_code", "order_currency", "plan_currency", "customer_currency", "billing_currency",
              "ccy",
              "wahrung", "waehrung", "devise"),
             "One currency per file."),
    ),
    build=build,
    template=(
        ("customer", "start", "end", "plan", "billing interval", "price", "end reason", "segment"),
        ("C-001", "2024-01-15", "", "Pro", "monthly", "49.00", "", "Small business"),
        ("C-002", "2024-02-01", "2024-09-01", "Basic", "monthly", "19.00", "too expensive", "Small business"),
        ("C-003", "2023-06-10", "2024-06-10", "Pro", "annual", "490.00", "payment failed", "Enterprise"),
        ("C-004", "2024-08-20", "", "Pro", "annual", "490.00", "", "Enterprise"),
    ),
    available="All pages.",
)  # fmt: skip
