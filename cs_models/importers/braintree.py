"""Braintree: no day of cancellation; those that ended are served to the end of their period."""

from cs_models.importers.vendor import vendor
from cs_models.importers.vendor_rows import ENDED, LIVE, WAITING

VENDORS = (
    vendor(
        "braintree", "Braintree subscriptions list",
        {
            # without a customer each subscription stands for one
            "customer": "customer_id|customer|id", "subscription": "id",
            "start": "first_billing_date|created_at",
            "period_start": "billing_period_start_date", "period_end": "billing_period_end_date",
            "status": "status", "plan": "plan_id", "price": "price", "currency": "currency_iso_code|currency",
            "updated": "updated_at",
        },
        "plan_id ; price ; status ; first_billing_date ; billing_period_end_date",
        """
        id,plan_id,price,status,first_billing_date,next_billing_date,billing_period_start_date,billing_period_end_date
        1,pro,49.00,Active,2024-01-15,2024-10-15,2024-09-15,2024-10-14
        2,basic,19.00,Canceled,2024-02-01,,2024-08-01,2024-08-31
        3,pro,49.00,Past Due,2024-08-20,2024-10-20,2024-09-20,2024-10-19
        """,
        {LIVE: "active past_due", ENDED: "canceled cancelled expired", WAITING: "pending"},
    ),
)  # fmt: skip
