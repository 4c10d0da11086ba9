"""ChartMogul: amounts in cents, MRR a month; intervals are paid periods, movements a log of changes."""

from cs_models.importers import mrr_events
from cs_models.importers.vendor import vendor
from cs_models.importers.vendor_rows import ENDED, LIVE
from cs_models.importers.vendor_shape import through

MOVEMENTS = through(
    vendor(
        "chartmogul_movements", "ChartMogul MRR movements export",
        {
            "customer": "CUSTOMER_EXTERNAL_ID|CUSTOMER_UUID", "date": "DATE", "change": "MRR_MOVEMENT",
            "movement": "MOVEMENT_TYPE", "plan": "PLAN_EXTERNAL_ID", "currency": "CURRENCY_CODE",
        },
        "date ; mrr_movement ; movement_type ; customer_external_id|customer_uuid ; currency_code",
        """
        DATE,CUSTOMER_NAME,MRR_MOVEMENT,MRR,MOVEMENT_TYPE,CURRENCY_CODE,CUSTOMER_UUID
        2024-01-15,Ada,4900,4900,new_biz,USD,cus_1
        2024-02-01,Bob,1900,1900,new_biz,USD,cus_2
        2024-08-20,Cy,4900,4900,new_biz,USD,cus_3
        2024-09-01,Bob,-1900,0,churn,USD,cus_2
        """,
        required="customer date change", cents=True,
    ),
    mrr_events.LAYOUT, "change",
)  # fmt: skip

VENDORS = (
    vendor(
        "chartmogul_intervals", "ChartMogul MRR intervals export",
        {
            "customer": "CUSTOMER_UUID", "start": "START_DATE", "ended": "END_DATE", "mrr": "MRR",
            "plan": "PLAN_UUID",
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
            "customer": "CUSTOMER_UUID", "subscription": "CUSTOMER_SUBSCRIPTION_ID",
            "plan": "PLAN_NAME|PLAN_UUID",
            "mrr": "MRR", "currency": "CURRENCY", "interval": "INTERVAL_UNIT",
            "interval_count": "INTERVAL_COUNT",
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
    MOVEMENTS,
)  # fmt: skip
