"""Prices at first starts, and rises of the price of customers who stayed on their plan: plain SQL over
`span`.
"""

import pandas as pd

from cs_models.engine.counts import open_rows
from cs_models.engine.sql import GRACE_DAYS, groups, month_index
from cs_models.kept_counts import kept

SMALLEST_RISE = 0.005  # below it is rounding, a currency or a tax


@kept
def first_prices(subs, by: tuple[str, ...]) -> pd.DataFrame:
    """One row per group, billing interval, start month and price: *by, interval, month, mrr (minor units),
    customers.

    month = 12 x year + month.
    """
    with open_rows(subs, by) as query:
        found = query.frame(_first(len(by)))
    return found.rename(columns={"term": "interval", **{f"g{i}": name for i, name in enumerate(by)}})


@kept
def raised_prices(subs) -> pd.DataFrame:
    """One row per month in which customers began to pay more on the same plan: month, raised, rise, there.

    raised = customers, rise = their median rise as a share, there = customers in force in that month.
    """
    with open_rows(subs, ()) as query:
        return query.frame(_raised())


def _first(by: int) -> str:
    keys = f"term{groups(by)}, {month_index('started_on')}"
    order = f"start_day, end_day DESC, term, plan, mrr, entry{groups(by)}"
    return f"""
WITH placed AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY customer ORDER BY {order}) AS place FROM span WHERE mrr > 0
)
SELECT {keys} AS month, mrr, CAST(COUNT(*) AS BIGINT) AS customers
FROM placed WHERE place = 1 GROUP BY {keys}, mrr"""


def _raised() -> str:
    before = "OVER (PARTITION BY customer, plan, term ORDER BY start_day, end_day)"
    month = month_index("started_on")
    return f"""
WITH linked AS (
  SELECT customer, {month} AS month, start_day, mrr,
    LAG(mrr) {before} AS paid, LAG(end_day) {before} AS reached
  FROM span WHERE mrr > 0 AND customer IN (SELECT customer FROM many)
), raised AS (
  SELECT month, customer, CAST(mrr AS DOUBLE) / paid - 1 AS rise FROM linked
  WHERE paid > 0 AND abs(start_day - reached) <= {GRACE_DAYS} AND mrr > paid * {1 + SMALLEST_RISE}
), summed AS (
  SELECT month, CAST(COUNT(DISTINCT customer) AS BIGINT) AS raised, MEDIAN(rise) AS rise
  FROM raised GROUP BY month
)
SELECT month, raised, rise, (
  SELECT CAST(COUNT(DISTINCT customer) AS BIGINT) FROM span
  WHERE {month} <= summed.month AND (live = 1 OR {month_index("ended_on")} >= summed.month)) AS there
FROM summed ORDER BY month"""
