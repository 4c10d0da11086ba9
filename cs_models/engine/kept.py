"""What customers of a year ago pay now, and who was up for renewal: by customer, plain SQL over `span`.

A customer's balance is constant between two changes. Such a stretch, moved twelve months on, meets the
stretches of the same customer now; each meeting adds min(then, now) where it begins and takes it away where
it ends. So the cost is the number of changes, whatever the number of months.
"""

from dataclasses import dataclass

import pandas as pd

from cs_models.engine import balance, sql
from cs_models.engine.counts import open_span
from cs_models.engine.duckdb import opened, run
from cs_models.kept_counts import kept

YEAR = 12
MOST_RENEWALS = 100


@dataclass(frozen=True, eq=False)
class Kept:
    """`changes`: month, gross, net (changes of what those present 12 months before pay, minor units),
    customers.

    `renewals`: month, due, renewed (customers on terms of a year or more whose paid term ended that month).
    """

    changes: pd.DataFrame
    renewals: pd.DataFrame


@kept
def kept_sums(subs) -> Kept:
    """Retained revenue and renewals by calendar month (12 x year + month)."""
    with opened(subs.rows.num_rows) as connection:
        open_span(connection, subs, ())
        run(connection, _stretches())
        today = f"DATE '{subs.as_of.isoformat()}'"
        return Kept(run(connection, _retained()).df(), run(connection, _renewals(today)).df())


def _stretches() -> str:
    months = balance.changes("month", sql.month_index("started_on"), sql.month_index("ended_on"))
    return f"""
CREATE OR REPLACE TEMP TABLE stretch AS
WITH {months}, {balance.balances("month", balance.UNTIL)}
SELECT customer, month, until, balance FROM running WHERE balance > 0"""


def _retained() -> str:
    return f"""
WITH meeting AS (
  SELECT GREATEST(past.month + {YEAR}, here.month) AS month, LEAST(past.until + {YEAR}, here.until) AS until,
    LEAST(past.balance, here.balance) AS gross, here.balance AS net
  FROM stretch past JOIN stretch here ON past.customer = here.customer
  WHERE past.month + {YEAR} < here.until AND here.month < past.until + {YEAR}
), moved AS (
  SELECT month, gross, net, 1 AS customers FROM meeting
  UNION ALL
  SELECT until, -gross, -net, -1 FROM meeting WHERE until < {sql.FOREVER}
)
SELECT month, CAST(SUM(gross) AS BIGINT) AS gross, CAST(SUM(net) AS BIGINT) AS net,
  CAST(SUM(customers) AS BIGINT) AS customers
FROM moved GROUP BY month"""


def _renewals(today: str) -> str:
    """The term is over in month start + k x term; an end on the last day served is the day before that.

    Whoever pays anything at the end of that month has renewed, on whatever plan.
    """
    start, last = sql.month_index("started_on"), sql.month_index(today)
    over = sql.month_index("(ended_on + 1)")
    steps = " UNION ALL ".join(f"SELECT {k} AS k" for k in range(1, MOST_RENEWALS + 1))
    passed = f"EXTRACT(DAY FROM started_on) <= EXTRACT(DAY FROM {today}) OR EXTRACT(DAY FROM {today} + 1) = 1"
    return f"""
WITH step AS ({steps}), due AS (
  SELECT DISTINCT customer, {start} + k * term AS month
  FROM span CROSS JOIN step
  WHERE term >= {YEAR} AND mrr > 0 AND {start} + k * term <= {last} - CASE WHEN {passed} THEN 0 ELSE 1 END
    AND (live = 1 OR {over} >= {start} + k * term)
)
SELECT due.month AS month, CAST(COUNT(*) AS BIGINT) AS due, CAST(COUNT(stretch.customer) AS BIGINT) AS renewed
FROM due LEFT JOIN stretch ON stretch.customer = due.customer AND stretch.month <= due.month
  AND stretch.until > due.month
GROUP BY due.month"""
