"""Stripe: the subscriptions list of its dashboard, and the tables of its API as warehouses keep them.

In its words `canceled` has ended, `past_due` still counts, and `unpaid` has stopped paying. `canceled_at` is
the day of the request, `ended_at` the day service stops.
"""

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers import amounts, invoices, wide_matrix
from cs_models.importers.columns import encode
from cs_models.importers.vendor import not_subscriptions, vendor
from cs_models.importers.vendor_bills import bills
from cs_models.importers.vendor_rows import ENDED, LIVE, TRIAL, UNPAID, WAITING
from cs_models.importers.vendor_shape import column, through, with_column
from cs_models.subscriptions import minor_digits

STATUSES = {
    LIVE: "active past_due",
    ENDED: "canceled cancelled",
    UNPAID: "unpaid",
    TRIAL: "trialing",
    # a subscription is paused when its trial ends without a means of payment
    WAITING: "incomplete incomplete_expired paused",
}
SUBSCRIPTIONS = "Export the subscriptions instead."
PAYMENTS = "It names no customers. Export the invoices or the subscriptions instead."



def _net_of_refunds(table, mapping, answers):
    """What was refunded is taken off the payment: a row so marked is that payment, not one of its own."""
    if "status" in mapping:
        marked = r"(?i)^\s*(partially\s+)?refunded?\s*$"
        words = pc.replace_substring_regex(column(table, mapping["status"]), marked, "Paid")
        table = with_column(table, mapping["status"], words)
    if "refunded" not in mapping:
        return table
    codes = pc.unique(column(table, mapping["currency"])).to_pylist() if "currency" in mapping else []
    digits = minor_digits(next((code.strip().upper() for code in codes if code and code.strip()), "USD"))
    columns = [encode(table, table.columns.index(mapping[role])) for role in ("amount", "refunded")]
    given = {name: answers[name] for name in ("decimal_mark",) if name in answers}
    paid = amounts.read_amounts(columns[0], digits, given)
    if paid.decimal_comma:
        given["decimal_mark"] = "comma"
    back = amounts.read_amounts(columns[1], digits, given)
    comma = paid.decimal_comma or back.decimal_comma
    some = back.per_row > 0
    rest = (paid.per_row - back.per_row)[some].clip(0).tolist()
    # in the decimal mark of the column, or one cell would turn the meaning of the others
    left = pa.array([_written(minor, digits, comma) for minor in rest], pa.string())
    cells = column(table, mapping["amount"]).combine_chunks()
    return with_column(table, mapping["amount"], pc.replace_with_mask(cells, pa.array(some), left))


def _written(minor: int, digits: int, comma: bool) -> str:
    """4950 as "49.50" or "49,50"; 4900 as "49", which leaves the mark of the column open."""
    whole, rest = divmod(minor, 10**digits)
    text = format(Decimal(minor).scaleb(-digits), "f") if rest else str(whole)
    return text.replace(".", ",") if comma else text


def _less_refunds(layout):
    """The layout, with refunds taken off before it reads the payments."""

    def build(table, mapping, as_of, answers):
        return layout.build(_net_of_refunds(table, mapping, answers), mapping, as_of, answers)

    return replace(layout, build=build)


def _without_names(table, mapping, answers):
    """Customers go by their id; their names stay out."""
    names = ("customer", "customer email")
    kept = [at for at, header in enumerate(table.columns) if header.strip().lower() not in names]
    cells = table.cells.select(kept).rename_columns([f"c{at}" for at in range(len(kept))])
    return replace(table, columns=tuple(table.columns[at] for at in kept), cells=cells)


MRR_BY_MONTH = through(
    vendor(
        "stripe_mrr", "Stripe MRR per subscriber export",
        {"customer": "Customer ID", "currency": "Currency"},
        r"customer id ; customer ; customer email ; currency ; ^20\d\d-[01]\d$",
        """
        Customer ID,Customer,Customer Email,Currency,2024-06,2024-07,2024-08
        cus_1,Ada,ada@example.test,usd,49.00,49.00,49.00
        cus_2,Bob,bob@example.test,usd,19.00,19.00,0.00
        cus_3,Cy,cy@example.test,usd,0.00,49.00,49.00
        """,
        required="customer",
    ),
    wide_matrix.LAYOUT, "customer", _without_names,
)  # fmt: skip

PAYMENTS_LIST = _less_refunds(through(
    vendor(
        "stripe_payments", "Stripe payments export",
        {
            "customer": "Customer ID", "date": "Created (UTC)|Created", "amount": "Amount",
            "refunded": "Amount Refunded",
            "status": "Status", "plan": "Description", "currency": "Currency",
        },
        "amount refunded ; converted amount ; customer id ; status ; created (utc)|created",
        """
        id,Description,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Status,Customer ID
        ch_1,Pro,2024-08-15 09:12,49.00,0.00,usd,49.00,Paid,cus_1
        ch_2,Basic,2024-06-20 10:00,19.00,0.00,usd,19.00,Paid,cus_2
        ch_3,Pro,2024-08-20 08:30,49.00,0.00,usd,49.00,Paid,cus_3
        """,
        required="customer date amount",
    ),
    invoices.LAYOUT, "amount",
))  # fmt: skip

INVOICES = bills(
    vendor(
        "stripe_invoices", "Stripe invoices table",
        {
            "customer": "customer_id|customer",
            # an invoice is written when the period before it is over
            "date": "created|status_transitions_paid_at|date|period_end",
            # without tax; an amount due or paid is what credits have left of it
            "amount": "total|amount_due|amount_paid", "less": "tax", "status": "status",
            "currency": "currency", "live_mode": "livemode", "deleted": "is_deleted",
            "record": "id", "updated": "updated_at|_fivetran_synced",
        },
        "customer_id|customer ; amount_due ; amount_paid ; attempt_count|attempted",
        """
        id,created,customer_id,amount_due,amount_paid,total,tax,currency,attempt_count,status,livemode
        in_1,2024-08-15 09:12:00,cus_1,4900,4900,4900,0,usd,1,paid,TRUE
        in_2,2024-06-20 10:00:00,cus_2,1900,1900,1900,0,usd,1,paid,TRUE
        in_3,2024-08-20 08:30:00,cus_3,4900,4900,4900,0,usd,1,paid,TRUE
        """,
        required="customer date amount", cents=True,
    )
)  # fmt: skip

CHARGES = _less_refunds(bills(
    vendor(
        "stripe_charges", "Stripe charges table",
        {
            "customer": "customer_id|customer", "date": "created", "amount": "amount",
            "refunded": "amount_refunded", "status": "status", "plan": "description", "currency": "currency",
            "live_mode": "livemode", "record": "id", "updated": "updated_at|_fivetran_synced",
        },
        "amount_refunded ; captured ; customer_id|customer ; failure_code ; status",
        """
        id,created,customer_id,amount,amount_refunded,captured,currency,failure_code,status,description,livemode
        ch_1,2024-08-15 09:12:00,cus_1,4900,0,TRUE,usd,,succeeded,Pro,TRUE
        ch_2,2024-06-20 10:00:00,cus_2,1900,0,TRUE,usd,,succeeded,Basic,TRUE
        ch_3,2024-08-20 08:30:00,cus_3,4900,0,TRUE,usd,,succeeded,Pro,TRUE
        """,
        required="customer date amount", cents=True,
    )
))  # fmt: skip

VENDORS = (
    PAYMENTS_LIST,
    INVOICES,
    CHARGES,
    MRR_BY_MONTH,
    vendor(
        "stripe_dashboard", "Stripe subscriptions export",
        {
            "customer": "Customer ID", "subscription": "id",
            "start": "Start Date (UTC)|Created (UTC)|Start (UTC)",
            "ended": "Ended At (UTC)", "cancelled": "Canceled At (UTC)", "cancel_at": "Cancel At (UTC)",
            "ends_with_period": "Cancel At Period End",
            "period_start": "Current Period Start (UTC)", "period_end": "Current Period End (UTC)",
            "trial_start": "Trial Start (UTC)", "trial_end": "Trial End (UTC)", "status": "Status",
            "plan": "Plan Name|Plan|Product Name|Product",
            "interval": "Interval|Plan Interval", "interval_count": "Interval Count|Plan Interval Count",
            "price": "Amount|Plan Amount", "quantity": "Quantity", "currency": "Currency",
            "end_reason": "Cancellation Reason",
        },
        "customer id ; status ; created (utc)|start (utc)|start date (utc) ; current period start (utc)|"
        "current period end (utc)|canceled at (utc)|ended at (utc)",
        """
        id,Customer ID,Status,Plan,Amount,Currency,Interval,Created (UTC),Canceled At (UTC),Ended At (UTC)
        sub_1,cus_1,active,Pro,49.00,usd,month,2024-01-15 09:12,,
        sub_2,cus_2,canceled,Basic,19.00,usd,month,2024-02-01 10:00,2024-09-01 10:00,2024-09-01 10:00
        sub_3,cus_3,active,Pro,490.00,usd,year,2024-08-20 08:30,,
        """,
        STATUSES, per_unit=("plan amount",),
    ),
    vendor(
        "stripe_api", "Stripe subscriptions table",
        {
            "customer": "customer_id|customer", "subscription": "id|subscription_id",
            "start": "start_date|created|start", "ended": "ended_at", "cancelled": "canceled_at",
            "cancel_at": "cancel_at", "ends_with_period": "cancel_at_period_end",
            "period_start": "current_period_start", "period_end": "current_period_end",
            "trial_start": "trial_start", "trial_end": "trial_end", "status": "status",
            "plan": "plan_nickname|nickname|plan_name|product_name|plan_id|price_id|plan",
            "interval": "recurring_interval|plan_interval|interval",
            "interval_count": "recurring_interval_count|plan_interval_count|interval_count",
            "price": "unit_amount|plan_amount|amount", "quantity": "quantity", "currency": "currency",
            "end_reason": "cancellation_details_reason|cancellation_reason",
            "live_mode": "livemode", "deleted": "is_deleted", "current": "_fivetran_active",
            "updated": "updated_at", "synced": "_fivetran_synced",
        },
        "customer_id|customer ; status ; current_period_start ; cancel_at_period_end ; canceled_at",
        """
        id,customer_id,status,start_date,current_period_start,cancel_at_period_end,canceled_at,ended_at,unit_amount
        sub_1,cus_1,active,1705309920,1714000000,FALSE,,,4900
        sub_2,cus_2,canceled,1706781600,1722000000,FALSE,1725184800,1725184800,1900
        sub_3,cus_3,active,1724142600,1724142600,FALSE,,,4900
        """,
        STATUSES, cents=True, per_unit=("unit_amount", "plan_amount", "amount"),
    ),
    not_subscriptions("stripe_items", "Stripe subscription items table",
                      "subscription_id ; plan_id|price_id ; current_period_start ; quantity",
                      "It names no customers; join it to the subscriptions."),
    not_subscriptions("stripe_plans", "Stripe price list",
                      "billing_scheme ; usage_type|recurring_usage_type ; product_id ; livemode",
                      "It has prices but no subscriptions; join it to the subscriptions."),
    not_subscriptions("stripe_customers", "Stripe customers table",
                      "invoice_prefix ; delinquent ; default_card_id|default_source_id", SUBSCRIPTIONS),
    not_subscriptions("stripe_discounts", "Stripe discounts table",
                      "coupon_id ; customer_id ; invoice_item_id ; subscription_id", SUBSCRIPTIONS),
    not_subscriptions("stripe_refunds", "Stripe refunds table",
                      "charge_id ; balance_transaction_id ; receipt_number ; reason", SUBSCRIPTIONS),
    not_subscriptions("stripe_invoice_lines", "Stripe invoice lines table",
                      "invoice_id ; proration ; plan_id ; subscription_id", PAYMENTS),
)  # fmt: skip
