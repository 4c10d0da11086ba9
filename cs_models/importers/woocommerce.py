"""WooCommerce Subscriptions: states with the prefix `wc-`, 0 for no date, totals with tax and shipping."""

from cs_models.importers.vendor import vendor
from cs_models.importers.vendor_rows import ENDED, ENDING, LIVE, WAITING

VENDORS = (
    vendor(
        "woocommerce", "WooCommerce subscriptions export",
        {
            "customer": "customer_id", "other_customer": "customer_email|customer_username|billing_email",
            "subscription": "subscription_id", "start": "start_date", "trial_end": "trial_end_date",
            "ended": "end_date", "cancelled": "cancelled_date", "period_end": "next_payment_date",
            "period_start": "last_payment_date", "status": "subscription_status", "plan": "order_items",
            "interval": "billing_period", "interval_count": "billing_interval", "price": "order_total",
            "less": "order_tax", "less_2": "order_shipping", "less_3": "order_shipping_tax",
            "currency": "order_currency", "discount": "cart_discount",
        },
        "subscription_status ; start_date ; next_payment_date ; billing_period ; billing_interval ; "
        "order_total",
        """
        subscription_id,subscription_status,customer_id,start_date,trial_end_date,next_payment_date,end_date,billing_period,billing_interval,order_total,order_currency
        1,wc-active,1,2024-01-15 09:12:00,0,2024-10-15 09:12:00,0,month,1,49.00,USD
        2,wc-cancelled,2,2024-02-01 10:00:00,0,0,2024-09-01 10:00:00,month,1,19.00,USD
        3,wc-active,3,2024-08-20 08:30:00,0,2025-08-20 08:30:00,0,year,1,490.00,USD
        """,
        {LIVE: "active on_hold", ENDING: "pending_cancel", ENDED: "cancelled expired switched",
         WAITING: "pending"},
        discounted=True, plan_pattern=r"(?:^|\|)name:(?P<plan>[^|]+)",
    ),
)  # fmt: skip
