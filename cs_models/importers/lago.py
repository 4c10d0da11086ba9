"""Lago: invoices, and the fees on them, which name subscription, plan and the days they are for; in cents."""

from cs_models.importers.vendor import vendor
from cs_models.importers.vendor_bills import bills

VENDORS = (
    bills(vendor(
        "lago_fees", "Lago invoice fees export",
        {
            "customer": "customer_external_id|customer_lago_id|subscription_external_id",
            "date": "issuing_date|invoice_issuing_date|fee_from_date",
            "period_start": "fee_from_date", "period_end": "fee_to_date",
            "amount": "fee_total_amount_cents", "less": "fee_taxes_amount_cents",
            "status": "payment_status", "kind": "fee_item_type",
            "plan": "subscription_plan_code", "currency": "fee_amount_currency|currency",
        },
        "subscription_external_id ; fee_from_date ; fee_to_date ; fee_total_amount_cents",
        """
        customer_external_id,issuing_date,fee_item_type,subscription_external_id,subscription_plan_code,fee_from_date,fee_to_date,fee_amount_currency,fee_taxes_amount_cents,fee_total_amount_cents
        c1,2024-08-15,subscription,s1,pro,2024-08-15,2024-09-14,USD,0,4900
        c2,2024-06-01,subscription,s2,basic,2024-06-01,2024-06-30,USD,0,1900
        c3,2024-08-20,subscription,s3,pro,2024-08-20,2025-08-19,USD,0,49000
        """,
        required="customer date amount", cents=True, recurring=("subscription",),
    )),
    bills(vendor(
        "lago_invoices", "Lago invoices export",
        {
            "customer": "customer_external_id|customer_lago_id", "date": "issuing_date",
            "amount": "fees_amount_cents", "less": "coupons_amount_cents",
            "status": "payment_status", "kind": "invoice_type", "currency": "currency",
            "record": "lago_id", "updated": "updated_at",
        },
        "customer_external_id|customer_lago_id ; issuing_date ; invoice_type ; payment_status ; "
        "fees_amount_cents ; total_amount_cents",
        """
        lago_id,issuing_date,customer_external_id,invoice_type,payment_status,status,currency,fees_amount_cents,coupons_amount_cents,total_amount_cents
        i1,2024-08-15,c1,subscription,succeeded,finalized,USD,4900,0,4900
        i2,2024-06-20,c2,subscription,succeeded,finalized,USD,1900,0,1900
        i3,2024-08-20,c3,subscription,succeeded,finalized,USD,4900,0,4900
        """,
        required="customer date amount", cents=True, recurring=("subscription",),
    )),
)  # fmt: skip
