"""MRR movements by month, from the event form: a period adds its MRR in the month it starts and takes it away
in the month it ends. A running sum per customer is the balance, and one CASE names each change.
"""

import pandas as pd

from cs_models.engine import balance, counted, sql
from cs_models.engine.counts import open_span
from cs_models.engine.duckdb import opened, run
from cs_models.kept_counts import kept

KINDS = ("new", "expansion", "contraction", "churned", "reactivated")


@kept
def movement_sums(subs) -> pd.DataFrame:
    """One row per month and kind: month (12 x year + month), kind, customers, change (minor units, signed).

    A month's balance is what is in force at its end. Overlapping and back-to-back periods of one customer add
    up, so a change of plan is an expansion or a contraction and never a departure.
    """
    if counted.is_counted(subs):
        return counted.moved(subs)
    with opened(subs.rows.num_rows) as connection:
        open_span(connection, subs, ())  # who has left is decided by the reader; an end ahead is none yet
        return run(connection, _text()).df()


def _text() -> str:
    return f"""
WITH {NAMED}
SELECT month, kind, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(change) AS BIGINT) AS change
FROM named GROUP BY month, kind"""


MONTHS = (sql.month_index("started_on"), sql.month_index("ended_on"))
NAMED = ", ".join((
    balance.changes("month", *MONTHS), balance.balances("month", balance.PLACE),
    balance.named("month", gone="churned", back="reactivated"),
))  # fmt: skip
