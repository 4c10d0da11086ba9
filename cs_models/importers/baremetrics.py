"""Baremetrics: the sheet of its manual import, one row per subscription, amounts in cents."""

from cs_models.importers.vendor import vendor

VENDORS = (
    vendor(
        "baremetrics", "Baremetrics import sheet",
        {
            "customer": "customer_oid", "subscription": "subscription_oid",
            "start": "subscription_started_at",
            "ended": "subscription_canceled_at", "plan": "plan_name|plan_oid", "interval": "plan_interval",
            "interval_count": "plan_interval_count", "price": "plan_amount",
            "quantity": "subscription_quantity",
            "currency": "plan_currency",
        },
        "customer_oid ; subscription_started_at ; plan_amount ; plan_interval",
        """
        plan_name,plan_currency,plan_amount,plan_interval,plan_interval_count,customer_oid,subscription_oid,subscription_started_at,subscription_canceled_at
        Pro,usd,4900,month,1,c1,s1,2024-01-15,
        Basic,usd,1900,month,1,c2,s2,2024-02-01,2024-09-01
        Pro,usd,49000,year,1,c3,s3,2024-08-20,
        """,
        cents=True, per_unit=("plan_amount",),
    ),
)  # fmt: skip
