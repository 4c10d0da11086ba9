"""Zuora: revenue stands on the charges of a rate plan, an amendment writes a new version of everything."""

from cs_models.importers.vendor import not_subscriptions, vendor
from cs_models.importers.vendor_bills import bills
from cs_models.importers.vendor_rows import ENDED, LIVE, WAITING

INSTEAD = "Export the rate plan charges instead: they carry the revenue."

VENDORS = (
    vendor(
        "zuora_charges", "Zuora rate plan charges table",
        {
            "customer": "account_id", "subscription": "charge_number|original_id", "segment": "segment",
            "start": "effective_start_date", "ended": "effective_end_date", "plan": "name",
            "interval": "billing_period", "mrr": "mrr",
            "currency": "transaction_currency|currency|home_currency",
            "kind": "charge_type", "deleted": "_fivetran_deleted", "version": "version",
            "updated": "updated_date",
            "synced": "_fivetran_synced",
        },
        "account_id ; charge_number|original_id ; charge_type ; mrr ; effective_start_date ; "
        "effective_end_date",
        """
        account_id,charge_number,segment,version,charge_type,name,billing_period,mrr,effective_start_date,effective_end_date
        a1,C-1,1,1,Recurring,Pro,Month,49.00,2024-01-15,
        a2,C-2,1,1,Recurring,Basic,Month,19.00,2024-02-01,2024-08-01
        a3,C-3,1,1,Recurring,Pro,Annual,40.83,2024-08-20,
        """,
        recurring=("recurring",), key=("subscription", "segment"), booked_ends=True,
    ),
    vendor(
        "zuora_subscriptions", "Zuora subscriptions table",
        {
            "customer": "account_id", "subscription": "original_id|name|id",
            "start": "subscription_start_date",
            "ended": "cancelled_date", "period_end": "subscription_end_date|term_end_date",
            "status": "status",
            "end_reason": "cancel_reason", "deleted": "_fivetran_deleted", "version": "version",
            "current": "is_latest_version", "updated": "updated_date", "synced": "_fivetran_synced",
        },
        "account_id ; subscription_start_date ; cancelled_date ; term_type ; status",
        """
        account_id,name,version,is_latest_version,status,term_type,subscription_start_date,cancelled_date
        a1,A-S1,1,TRUE,Active,EVERGREEN,2024-01-15,
        a2,A-S2,1,TRUE,Cancelled,EVERGREEN,2024-02-01,2024-09-01
        a3,A-S3,1,TRUE,Active,EVERGREEN,2024-08-20,
        """,
        {LIVE: "active suspended", ENDED: "cancelled expired",
         WAITING: "draft pending_activation pending_acceptance"},
    ),
    not_subscriptions("zuora_accounts", "Zuora accounts table",
                      "account_number ; bill_cycle_day ; crm_id", INSTEAD),
    not_subscriptions("zuora_amendments", "Zuora amendments table",
                      "subscription_id ; term_start_date ; suspend_date",
                      INSTEAD),
    not_subscriptions("zuora_rate_plans", "Zuora rate plans table",
                      "subscription_id ; product_rate_plan_id ; "
                      "amendment_type", INSTEAD),
    bills(vendor(
        "zuora_invoice_items", "Zuora invoice items table",
        {
            "customer": "account_id", "date": "charge_date", "period_start": "service_start_date",
            "period_end": "service_end_date", "amount": "charge_amount", "plan": "charge_name",
            "currency": "transaction_currency|home_currency", "deleted": "_fivetran_deleted",
            "record": "id", "updated": "updated_date|_fivetran_synced",
        },
        "account_id ; charge_amount ; service_start_date ; invoice_id",
        """
        id,account_id,charge_amount,charge_date,charge_name,invoice_id,service_start_date,service_end_date,transaction_currency
        1,a1,49.00,2024-08-15 00:00:00.000000,Pro,i1,2024-08-15,2024-09-14,USD
        2,a2,19.00,2024-06-20 00:00:00.000000,Basic,i2,2024-06-20,2024-07-19,USD
        3,a3,490.00,2024-08-20 00:00:00.000000,Pro,i3,2024-08-20,2025-08-19,USD
        """,
        required="customer date amount",
    )),
)  # fmt: skip
