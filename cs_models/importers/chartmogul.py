"""ChartMogul: amounts in cents, MRR a month; intervals of MRR are paid periods, movements a log of changes."""

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from cs_models.import_report import Question
from cs_models.importers import mrr_events
from cs_models.importers.vendor import looks_like, vendor
from cs_models.importers.vendor_rows import ENDED, LIVE
from cs_models.problems import Problem
from cs_models.readers.table import Finding
from cs_models.subscriptions import minor_digits


def _movements(table, mapping, as_of, answers):
    """The log as the general shape reads it, after its cents have become units."""
    given = answers.get("amount_unit")
    if given not in (None, "cents", "units"):
        raise Problem('The answer to "amount_unit" must be "cents" or "units".')
    unit = given or "cents"
    at = table.columns.index(mapping["change"])
    currency = _currency(table, mapping)
    if unit == "cents" and minor_digits(currency):
        cells = table.cells.set_column(at, f"c{at}", _hundredths(table.cells.column(at), minor_digits(currency)))
        table = replace(table, cells=cells)
    found = mrr_events.build(table, mapping, as_of, answers)
    average = found.active_mrr / max(found.active, 1)
    other = average * 100 if unit == "cents" else average / 100
    cents, units = (average, other) if unit == "cents" else (other, average)
    question = Question(
        "amount_unit", "Are amounts in cents or in whole units?", unit, ("cents", "units"),
        f'Read as cents, amounts in "{mapping["change"][:40]}" come to {cents:,.2f} {currency} a month for the '
        f"average customer; read as whole units, to {units:,.2f}. They are read as {unit}.", given is not None,
    )  # fmt: skip
    report = replace(
        found.report,
        findings=(Finding("layout", looks_like(MOVEMENTS.title)), *found.report.findings),
        questions=(*found.report.questions, question),
    )
    return replace(found, report=report, layout=MOVEMENTS.name)


def _currency(table, mapping) -> str:
    if "currency" not in mapping:
        return "USD"
    codes = pc.unique(table.cells.column(table.columns.index(mapping["currency"]))).to_pylist()
    return next((code.strip().upper() for code in codes if code and code.strip()), "USD")


def _hundredths(column: pa.ChunkedArray, digits: int) -> pa.Array:
    """Whole minor units written as units, each distinct cell once; anything else stays as it is."""
    encoded = pc.dictionary_encode(column).combine_chunks()
    whole = pc.match_substring_regex(encoded.dictionary, r"^\s*-?\d{1,15}(\.0*)?\s*$").to_pylist()
    texts = [
        format(Decimal(cell.strip()).scaleb(-digits), "f") if good else cell
        for cell, good in zip(encoded.dictionary.to_pylist(), whole, strict=True)
    ]
    return pa.array(texts, pa.string()).take(encoded.indices)


MOVEMENTS = replace(
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
        required="customer date change",
    ),
    build=_movements,
)  # fmt: skip

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
    MOVEMENTS,
)  # fmt: skip
