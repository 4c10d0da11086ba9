"""RevenueCat: one row per renewal; unsubscribing switches renewal off, service runs to the end."""

from cs_models.importers.vendor import vendor

VENDORS = (
    vendor(
        "revenuecat", "RevenueCat transactions export",
        {
            "customer": "rc_original_app_user_id", "subscription": "store_transaction_id",
            "start": "start_time",
            # the effective end knows of refunds and grace periods
            "ended": "effective_end_time|end_time", "plan": "product_identifier",
            "interval": "product_duration",
            # gross, for the other price is zero after a refund
            "price": "purchase_price_in_usd|price_in_usd", "in_trial": "is_trial_period",
            "test_mode": "is_sandbox",
            "kind": "ownership_type", "failed_on": "billing_issues_detected_at",
            "opted_out_on": "unsubscribe_detected_at", "updated": "updated_at",
        },
        "rc_original_app_user_id ; start_time ; end_time|effective_end_time ; renewal_number ; "
        "product_identifier",
        """
        rc_original_app_user_id,product_identifier,start_time,end_time,store_transaction_id,is_trial_period,is_sandbox,renewal_number,product_duration,purchase_price_in_usd
        u1,pro,2024-08-15 09:12:00,2024-09-15 09:12:00,t1,false,false,1,P1M,9.99
        u2,pro,2024-07-01 10:00:00,2024-08-01 10:00:00,t2,false,false,1,P1M,9.99
        u3,pro_year,2024-08-20 08:30:00,2025-08-20 08:30:00,t3,false,false,1,P1Y,99.00
        """,
        recurring=("purchased", ""), booked_ends=True, renewals=True,
    ),
)  # fmt: skip
