"""Recurly: `canceled` is still live and will not renew, `expired` has ended; histories hold every version."""

from cs_models.importers.vendor import not_subscriptions, vendor
from cs_models.importers.vendor_bills import bills
from cs_models.importers.vendor_rows import ENDED, ENDING, LIVE, TRIAL, WAITING

INSTEAD = "Export the subscriptions instead."

VENDORS = (
    vendor(
        "recurly", "Recurly subscriptions export",
        {
            "customer": "account_id|account_code", "subscription": "uuid|subscription_uuid|id",
            "start": "activated_at|subscription_activated_at|created_at", "ended": "expires_at",
            "cancelled": "canceled_at",
            "paused_on": "paused_at", "period_start": "current_period_started_at", "period_end": "current_period_ends_at",
            "trial_start": "trial_started_at", "trial_end": "trial_ends_at",
            "status": "state|version_state", "plan": "plan_name|plan_code|plan_id",
            "interval": "interval_unit|plan_interval_unit",
            "interval_count": "interval_length|plan_interval_length",
            # the subtotal holds the quantity and the add-ons
            "price": "subtotal|unit_amount", "quantity": "quantity", "currency": "currency",
            "end_reason": "expiration_reason", "updated": "version_created_at|updated_at|modified_at",
            "synced": "_fivetran_synced",
        },
        "account_id|account_code ; activated_at|subscription_activated_at ; canceled_at ; expires_at ; "
        "state|version_state",
        """
        uuid,account_code,state,activated_at,canceled_at,expires_at,plan_code,unit_amount,quantity,currency
        u1,acc-1,active,2024-01-15 09:12:00,,,pro,49.00,1,USD
        u2,acc-2,expired,2024-02-01 10:00:00,2024-09-01 10:00:00,2024-09-01 10:00:00,basic,19.00,1,USD
        u3,acc-3,active,2024-08-20 08:30:00,,,pro,49.00,1,USD
        """,
        {LIVE: "active live renewing paused past_due", ENDING: "canceled non_renewing",
         ENDED: "expired inactive",
         TRIAL: "trial in_trial", WAITING: "future failed pending"},
        per_unit=("unit_amount",),
    ),
    not_subscriptions("recurly_accounts", "Recurly accounts table",
                      "bill_to ; cc_emails ; vat_number", INSTEAD),
    not_subscriptions("recurly_coupons", "Recurly coupon redemptions table",
                      "account_id ; coupon_id ; discounted ; removed_at", INSTEAD),
    not_subscriptions("recurly_plans", "Recurly plans table",
                      "interval_unit ; interval_length ; trial_unit ; setup_fee_accounting_code",
                      "It has plans but no subscriptions; join it to the subscriptions."),
    not_subscriptions("recurly_plan_prices", "Recurly plan prices table",
                      "plan_id ; currency ; setup_fees|setup_fee",
                      "It has prices but no subscriptions; join it to the subscriptions."),
    not_subscriptions("recurly_changes", "Recurly subscription changes table",
                      "subscription_id ; activate_at ; activated ; unit_amount", INSTEAD),
    bills(vendor(
        "recurly_invoices", "Recurly invoices table",
        {
            "customer": "account_id|account_code", "date": "created_at", "amount": "total|subtotal",
            "less": "tax", "status": "state|status", "kind": "type", "currency": "currency",
            "record": "id", "updated": "updated_at",
        },
        "account_id|account_code ; collection_method ; net_terms ; refundable_amount",
        """
        id,created_at,updated_at,account_id,type,state,collection_method,net_terms,currency,total,refundable_amount,tax
        1,2024-08-15 09:12:00,2024-08-15,a1,charge,paid,automatic,0,USD,49.00,49.00,0.00
        2,2024-06-20 10:00:00,2024-06-20,a2,charge,paid,automatic,0,USD,19.00,19.00,0.00
        3,2024-08-20 08:30:00,2024-08-20,a3,charge,paid,automatic,0,USD,49.00,49.00,0.00
        """,
        required="customer date amount", recurring=("charge", "legacy"),
    )),
    bills(vendor(
        "recurly_lines", "Recurly invoice lines table",
        {
            "customer": "account_id|account_code", "date": "created_at",
            "period_start": "start_date", "period_end": "end_date", "amount": "amount|subtotal",
            "less": "tax", "kind": "type", "status": "state", "plan": "plan_code|plan_id",
            "currency": "currency", "record": "id", "updated": "updated_at",
        },
        "account_id|account_code ; invoice_id ; proration_rate ; original_line_item_invoice_id",
        """
        id,created_at,updated_at,account_id,invoice_id,original_line_item_invoice_id,type,state,plan_code,currency,amount,tax,proration_rate,start_date,end_date
        1,2024-08-15 09:12:00,2024-08-15,a1,i1,,charge,invoiced,pro,USD,49.00,0.00,,2024-08-15,2024-09-15
        2,2024-06-20 10:00:00,2024-06-20,a2,i2,,charge,invoiced,basic,USD,19.00,0.00,,2024-06-20,2024-07-20
        3,2024-08-20 08:30:00,2024-08-20,a3,i3,,charge,invoiced,pro,USD,490.00,0.00,,2024-08-20,2025-08-20
        """,
        required="customer date amount", recurring=("charge",),
    )),
    bills(vendor(
        "recurly_transactions", "Recurly transactions table",
        {
            "customer": "account_id|account_code", "date": "collected_at|created_at", "amount": "amount",
            "status": "status", "kind": "type", "currency": "currency", "record": "id",
        },
        "account_id|account_code ; collected_at ; gateway_message|status_message ; voided_at",
        """
        id,created_at,voided_at,collected_at,account_id,type,currency,amount,status,gateway_message
        1,2024-08-15 09:12:00,,2024-08-15 09:12:00,a1,purchase,USD,49.00,success,
        2,2024-06-20 10:00:00,,2024-06-20 10:00:00,a2,purchase,USD,19.00,success,
        3,2024-08-20 08:30:00,,2024-08-20 08:30:00,a3,purchase,USD,49.00,success,
        """,
        required="customer date amount", recurring=("purchase", "capture"),
    )),
)  # fmt: skip
