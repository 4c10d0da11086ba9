"""Subscription periods: one row per customer and stretch of paid time, with a start and an end (blank =
still on).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from cs_models.importers import beside_periods, canonical, common, doubts, period_dates, suspects
from cs_models.importers.billing import read_cycles
from cs_models.importers.canonical import Book
from cs_models.importers.columns import BLANK
from cs_models.importers.doubts import Weight
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.importers.period_dates import Periods
from cs_models.importers.prices import Prices, read_prices
from cs_models.importers.segments import segment_columns
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """Turn rows of text into paid periods; every row ends accepted, repaired or rejected."""
    columns = common.encode_all(table)
    roles = common.by_role(table, columns, mapping)
    others = common.unmapped(table, columns, mapping)
    customer = roles["customer"]
    ledger = Ledger(table, customer)
    common.reject_missing_customer(customer, ledger)
    start, end, trial = period_dates.read_starts_and_ends(roles, answers, ledger)
    cycles = read_cycles(roles, ledger)
    currency = common.read_currency(roles.get("currency"), ledger)
    prices, currency = read_prices(roles, others, cycles, start, currency, answers, ledger, trial)
    common.reject_duplicates(columns, ledger)
    credits = doubts.settle_credits(prices, answers, ledger) if prices else ("", np.zeros(len(start), bool))
    common.tidy_repairs(roles, ledger)
    common.refuse_if_nothing_left(ledger, LAYOUT)
    credit = credits[1] & ledger.kept
    # a trial is no proof that the file knows open rows
    open_end = (~end.good if end else np.ones(len(start), bool)) & ~trial
    periods = Periods(start, end.day if end else np.zeros(len(start), np.int64), open_end, cycles.term)
    today = period_dates.last_known_day(periods, as_of, ledger, beside_periods.proven_days(others, roles, periods))
    active = (open_end | (periods.end > today)) & (start <= today) & ~credit
    weight = Weight(customer.codes, active, ledger, currency)
    mrr, price, term = _money(prices, cycles.term, credits, roles, weight, answers, ledger)
    money = (mrr, price, term)
    mrr, price, off = beside_periods.discounts(others, roles, money, currency, active, answers, ledger)
    _ask_rows(columns, roles, periods, mrr, credit | trial, weight, answers, ledger)

    def monthly(at: np.ndarray) -> str:
        return "" if mrr is None else f", with {weight.money(int(mrr[at].sum()))} of monthly revenue"

    periods = replace(periods, term=term)
    periods = period_dates.ask_live_at_end(periods, today, answers, ledger, monthly)
    if trial.any():
        no_end = ~end.good if end else trial
        periods = replace(periods, open=periods.open | (trial & no_end))
        _tell_trials(trial, ledger)
    period_dates.tell_ends(periods, today, end is not None, ledger)
    segments, headers = segment_columns(others, ledger)
    asides = beside_periods.columns(others, roles, periods, today, answers, ledger)
    book = Book(
        place=np.arange(len(ledger.rows)),
        customer=customer.text(None),
        periods=periods,
        currency=currency,
        mrr=mrr,
        price=price,
        plan=roles["plan"].text(BLANK) if "plan" in roles else None,
        reason=canonical.end_reasons(roles.get("end_reason"), len(ledger.rows)),
        segments=tuple(segments),
        headers=tuple(headers),
        named={name: mapping[name] for name in ("plan", "interval") if name in mapping},
        aside=np.where(trial, "trial", np.where(credit, "credit", "")).astype(object),
        asides=asides if off is None else asides | {"discount": pa.array(off)},
    )
    return canonical.subscriptions(LAYOUT, mapping, answers, ledger, book, today)


def _money(prices: Prices | None, term, credits, roles, weight: Weight, answers, ledger: Ledger):
    """MRR, price of a term and months of a term per row, after every doubt about the amounts."""
    if prices is None:
        return None, None, term
    meaning = doubts.ask_money(prices, credits, roles, weight, answers, ledger)
    mrr, price, term = prices.read(meaning)
    return np.where(ledger.kept, mrr, 0), np.where(ledger.kept, price, 0), term


def _ask_rows(columns, roles, periods, mrr, apart, weight: Weight, answers, ledger: Ledger) -> None:
    """Rows that may not belong: one customer told twice, and test accounts."""
    size = mrr if mrr is not None else np.zeros(len(periods.start), np.int64)

    def worth(out: np.ndarray | None) -> str:
        rows = weight.active & ledger.kept if out is None else weight.active & ledger.kept & ~out
        people = f"{weight.people(rows):,} active customers"
        return people if mrr is None else f"{people}, {weight.told(mrr, out)}"

    end = np.where(periods.open, np.iinfo(np.int32).max, periods.end)
    paid = ledger.kept & ~apart & ((size > 0) if mrr is not None else True)
    suspects.ask_conflicts(roles, columns, periods.start, size, end, paid, answers, ledger, worth)
    suspects.ask_test_accounts(roles["customer"], columns, answers, ledger, worth)
    common.refuse_if_nothing_left(ledger, LAYOUT)


def _tell_trials(trial: np.ndarray, ledger: Ledger) -> None:
    ledger.find(
        "trial",
        trial & ledger.kept,
        "row is a trial that was never paid: it is set aside, and no churn",
        "rows are trials that were never paid: they are set aside, and no churn",
    )


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
              "period", "cadence", "abrechnung", "intervall", "turnus", "zahlweise", "zahlungsintervall"),
             "How often they pay: monthly, quarterly, annual, or a number of months."),
        Role("mrr", "Monthly recurring revenue", False,
             ("monthly_recurring_revenue", "mrr_usd", "mrr_eur", "monthly_amount", "monthly_price",
              "monthly_charge",
              "monthly_charges", "monthly_fee", "monthly_revenue", "amount_per_month", "price_per_month",
              "current_mrr", "mrr_cents", "mrr_in_cents", "monthly_amount_cents", "monthly_price_cents"),
             "Money per month, whatever the billing interval."),
        Role("price", "Price per billing period", False,
             ("amount", "unit_price", "unit_amount", "plan_amount", "plan_price", "price_per_period",
              "fee", "charge",
              "list_price", "billing_amount", "subscription_amount", "subscription_price", "recurring_amount",
              "order_total", "total", "betrag", "preis", "prix", "montant", "amount_cents", "price_cents",
              "amount_in_cents", "price_in_cents", "unit_amount_cents"),
             "Money per payment: the yearly price for yearly plans."),
        Role("trial_start", "Start of the trial", False,
             ("trial_start_date", "trial_started_at", "trial_started_on", "trial_begin", "trial_date"),
             "Rows with a trial and no start never paid: they are set aside."),
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
