"""Chargebee: `non_renewing` is live to the end of its term; `cancelled_at` is when it ends and may be ahead."""

from cs_models.importers.vendor import vendor
from cs_models.importers.vendor_rows import ENDED, ENDING, LIVE, TRIAL, WAITING

VENDORS = (
    vendor(
        "chargebee", "Chargebee subscriptions export",
        {
            "customer": "customer_id", "subscription": "id|subscription_id",
            # activated_at is the last activation, not the first
            "start": "started_at|start_date|created_at", "ended": "cancelled_at",
            "period_start": "current_term_start", "period_end": "current_term_end",
            "paused_on": "pause_date", "trial_start": "trial_start", "trial_end": "trial_end", "status": "status",
            "plan": "plan_id|item_price_id",
            "interval": "billing_period_unit", "interval_count": "billing_period",
            "price": "plan_amount|plan_unit_price", "quantity": "plan_quantity", "currency": "currency_code",
            "end_reason": "cancel_reason|cancel_reason_code", "deleted": "deleted", "updated": "updated_at",
        },
        "customer_id ; status ; billing_period_unit ; current_term_end|current_term_start",
        """
        id,customer_id,status,started_at,current_term_start,current_term_end,cancelled_at,billing_period,billing_period_unit,plan_id,plan_amount
        s1,c1,active,1705309920,1725184800,1727776800,,1,month,pro,4900
        s2,c2,cancelled,1706781600,1722000000,1725184800,1725184800,1,month,basic,1900
        s3,c3,active,1724142600,1724142600,1755678600,,1,year,pro,49000
        """,
        {LIVE: "active paused", ENDING: "non_renewing", ENDED: "cancelled transferred", TRIAL: "in_trial",
         WAITING: "future"},
        cents=True, per_unit=("plan_unit_price",),
    ),
)  # fmt: skip
