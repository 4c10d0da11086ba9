"""MRR by calendar year, from the event form: what each customer paid at the end of a year against the year before."""

import pandas as pd

from cs_models.engine import sql
from cs_models.engine.counts import open_span
from cs_models.engine.duckdb import connect, run
from cs_models.kept_counts import kept

KINDS = ("new", "expansion", "contraction", "lost", "returned")


@kept
def year_sums(subs) -> pd.DataFrame:
    """One row per calendar year and kind: year, kind, customers, change (minor units, signed). Customers who pay at the
    end of a year what they paid at the end of the year before are in none.
    """
    connection = connect()
    try:
        open_span(connection, subs, ())
        return run(connection, _text()).df()
    finally:
        connection.close()


def _text() -> str:
    began, ended = (f"CAST(FLOOR(({sql.month_index(day)} - 1) / 12) AS INTEGER)" for day in ("started_on", "ended_on"))
    return f"""
WITH change AS (
  SELECT customer, {began} AS year, mrr FROM span
  UNION ALL
  SELECT customer, {ended} AS year, -mrr FROM span WHERE live = 0
), netted AS (
  SELECT customer, year, CAST(SUM(mrr) AS BIGINT) AS change FROM change GROUP BY customer, year HAVING SUM(mrr) <> 0
), running AS (
  SELECT customer, year, change,
    CAST(SUM(change) OVER (PARTITION BY customer ORDER BY year ROWS UNBOUNDED PRECEDING) AS BIGINT) AS balance,
    ROW_NUMBER() OVER (PARTITION BY customer ORDER BY year) AS place
  FROM netted
), named AS (
  SELECT year, change, CASE
    WHEN place = 1 THEN 'new'
    WHEN balance = 0 THEN 'lost'
    WHEN balance = change THEN 'returned'
    WHEN change > 0 THEN 'expansion'
    ELSE 'contraction' END AS kind
  FROM running
)
SELECT year, kind, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(change) AS BIGINT) AS change
FROM named GROUP BY year, kind"""
