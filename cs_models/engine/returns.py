"""Who left and came back: counts of months away, of stays before and after a return, and of what is paid at
their start. Plain SQL over the spells of the life table.
"""

from dataclasses import dataclass

import pandas as pd

from cs_models.engine import sql
from cs_models.engine.counts import open_rows
from cs_models.kept_counts import kept


@dataclass(frozen=True, eq=False)
class ReturnCounts:
    """away: months, returned (0 or 1), customers, of first departures; months begun to the return, else whole
    months away so far. stays: again (0 first stay, 1 after a return), entry, duration, churned, customers.
    openings: again, customers, mrr and squares of the MRR (minor units) on the first day of a stay.
    """

    away: pd.DataFrame
    stays: pd.DataFrame
    openings: pd.DataFrame


@kept
def return_counts(subs) -> ReturnCounts:
    """All that is counted of returns, in one pass over the rows."""
    with open_rows(subs, ()) as query:
        return ReturnCounts(*(query.frame(text) for text in (_away(query.tomorrow), STAYS, OPENINGS)))


def _away(tomorrow: str) -> str:
    back, since = sql.months_begun("until", "back"), sql.whole_months("until", tomorrow)
    return f"""
WITH stay AS (
  SELECT customer, spell, MAX(ended_on) AS until, MIN(started_on) AS since FROM spell_row
  GROUP BY customer, spell
  UNION ALL
  SELECT span.customer, 1, ended_on, started_on FROM span LEFT JOIN many ON span.customer = many.customer
  WHERE many.customer IS NULL
), gone AS (
  SELECT l.customer, s.until, n.since AS back
  FROM exposure l JOIN stay s ON l.customer = s.customer AND s.spell = 1
  LEFT JOIN stay n ON l.customer = n.customer AND n.spell = 2
  WHERE l.spell = 1 AND l.is_last = 1 AND l.churned = 1
), counted AS (
  SELECT CASE WHEN back IS NULL THEN {since} ELSE GREATEST({back}, 1) END AS months,
    CASE WHEN back IS NULL THEN 0 ELSE 1 END AS returned
  FROM gone
)
SELECT CAST(GREATEST(months, 0) AS INTEGER) AS months, returned, CAST(COUNT(*) AS BIGINT) AS customers
FROM counted GROUP BY CAST(GREATEST(months, 0) AS INTEGER), returned"""


STAYS = """
WITH stay AS (
  SELECT CASE WHEN spell > 1 THEN 1 ELSE 0 END AS again, entry, duration, churned
  FROM watched WHERE NOT (is_last = 0 AND duration <= entry)
)
SELECT again, entry, duration, churned, CAST(COUNT(*) AS BIGINT) AS customers
FROM stay GROUP BY again, entry, duration, churned"""

OPENINGS = """
WITH placed AS (
  SELECT customer, spell, mrr, start_day, MIN(start_day) OVER (PARTITION BY customer, spell) AS first_day
  FROM spell_row
), opening AS (
  SELECT customer, spell, CAST(SUM(mrr) AS BIGINT) AS mrr FROM placed WHERE start_day = first_day
  GROUP BY customer, spell
  UNION ALL
  SELECT span.customer, 1, mrr FROM span LEFT JOIN many ON span.customer = many.customer
  WHERE many.customer IS NULL
), kind AS (
  SELECT CASE WHEN spell > 1 THEN 1 ELSE 0 END AS again, mrr FROM opening
)
SELECT again, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(mrr) AS BIGINT) AS mrr,
  SUM(CAST(mrr AS DOUBLE) * mrr) AS squares
FROM kind GROUP BY again"""
