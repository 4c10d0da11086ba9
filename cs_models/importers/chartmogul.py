"""ChartMogul: amounts in cents, MRR a month; intervals of MRR are the paid periods of a subscription."""

from cs_models.importers.vendor import vendor
from cs_models.importers.vendor_rows import ENDED, LIVE

VENDORS = (
    vendor(
        "chartmogul_intervals", "ChartMogul MRR intervals export",
        {
            "customer": "CUSTOMER_UUID", "start": "START_DATE", "ended": "END_DATE", "mrr": "MRR", "plan": "PLAN_UUID",
            "in_trial": "IS_TRIAL", "currency": "CURRENCY",
        },
        "customer_uuid ; mrr ; start_date ; end_date ; subscription_uuid ; is_trial",
        """
        CUSTOMER_UUID,MRR,START_DATE,END_DATE,PLAN_UUID,QUANTITY,SUBSCRIPTION_UUID,IS_FREE,IS_TRIAL
        cus_1,4900,2024-01-15,,pl_1,1,sub_1,FALSE,FALSE
        cus_2,1900,2024-02-01,2024-09-01,pl_2,1,sub_2,FALSE,FALSE
        cus_3,4900,2024-08-20,,pl_1,1,sub_3,FALSE,FALSE
        """,
        cents=True,
    ),
    vendor(
        "chartmogul_subscriptions", "ChartMogul subscriptions export",
        {
            "customer": "CUSTOMER_UUID", "subscription": "CUSTOMER_SUBSCRIPTION_ID", "plan": "PLAN_NAME|PLAN_UUID",
            "mrr": "MRR", "currency": "CURRENCY", "interval": "INTERVAL_UNIT", "interval_count": "INTERVAL_COUNT",
            # the names of its days were not seen: the usual ones
            "start": "START_DATE|SUBSCRIPTION_START_DATE|STARTED_AT",
            "ended": "END_DATE|SUBSCRIPTION_END_DATE|CANCELLED_AT|CANCELED_AT", "status": "STATUS",
        },
        "customer_uuid ; customer_subscription_id ; mrr ; arr ; interval_unit ; interval_count",
        """
        CUSTOMER_UUID,CUSTOMER_SUBSCRIPTION_ID,PLAN_NAME,MRR,ARR,CURRENCY,INTERVAL_UNIT,INTERVAL_COUNT,START_DATE,END_DATE
        cus_1,s1,Pro,4900,58800,USD,month,1,2024-01-15,
        cus_2,s2,Basic,1900,22800,USD,month,1,2024-02-01,2024-09-01
        cus_3,s3,Pro,4083,49000,USD,year,1,2024-08-20,
        """,
        {LIVE: "active past_due", ENDED: "cancelled canceled"}, cents=True,
    ),
)  # fmt: skip
