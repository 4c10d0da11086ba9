"""MRR of each intake by age, customer by customer: what is billed, and how much of the first MRR is left.

Plain SQL over the tables of `sql`: ``member`` (one row per customer), ``spell_row``, ``many`` and ``span``.
"""

from dataclasses import dataclass

import pandas as pd

from cs_models.engine import counted, sql
from cs_models.engine.counts import open_rows
from cs_models.engine.sql import FOREVER, groups, months_begun
from cs_models.kept_counts import kept


@dataclass(frozen=True, eq=False)
class CohortSums:
    """`sizes`: g0.., cohort, potential, customers. `changes`: g0.., cohort, age and what changed there: customers who
    left (change), or the columns of `cohort_money`.
    """

    sizes: pd.DataFrame
    changes: pd.DataFrame


@kept
def cohort_sums(subs, by: tuple[str, ...], money: bool) -> CohortSums:
    """Customers of each intake and what became of them, or of their money."""
    if counted.is_counted(subs):
        return CohortSums(*counted.intakes(subs, by, money))
    with open_rows(subs, by) as query:
        query.make("member", sql.members(len(by), query.tomorrow))
        changes = cohort_money(len(by)) if money else sql.cohort_losses(len(by))
        return CohortSums(query.frame(sql.cohort_sizes(len(by))), query.frame(changes))


def cohort_money(by: int) -> str:
    """Changes per cohort, months possible and age, first spells only, money in minor units.

    net: MRR that begins (+) and ends (-). gross: the same for min(MRR, MRR at age 0), taken per customer
    before any sum, so that one customer's expansion never hides another's loss. The other columns are the
    changes of sums of products, which a ratio's variance needs: net2 and gross2 of squares, net0 and gross0
    of products with the MRR at age 0. At age 0 the change is the level itself.
    """
    keys = f"cohort{groups(by)}, potential"
    return f"""
WITH {stepped(by)}, real AS (
  SELECT {keys}, age, change, kept, had, CAST(base AS DOUBLE) AS base, CAST(level AS DOUBLE) AS level,
    CAST(level - change AS DOUBLE) AS was
  FROM stepped
)
SELECT {keys}, age, CAST(SUM(change) AS BIGINT) AS net, CAST(SUM(kept - had) AS BIGINT) AS gross,
  SUM(level * level - was * was) AS net2, SUM((level - was) * base) AS net0,
  SUM(CAST(kept AS DOUBLE) * kept - CAST(had AS DOUBLE) * had) AS gross2, SUM((kept - had) * base) AS gross0
FROM real GROUP BY {keys}, age"""


def stepped(by: int, everybody: bool = False) -> str:
    """CTEs up to ``stepped``, one row per customer and age at which something changes: cohort, groups, potential,
    age, change and level of MRR, its level at age 0 (base), and both levels cut at that (kept now, had before).

    `everybody`: `spell_row` has the customers with one row too.
    """
    keys = f"cohort{groups(by)}, potential"
    return f"""{_moved(by, everybody)}, by_age AS (
  SELECT customer, {keys}, age, CAST(SUM(change) AS BIGINT) AS change
  FROM moved WHERE age < {FOREVER} GROUP BY customer, {keys}, age
), standing AS (
  SELECT {keys}, age, change,
    CAST(SUM(change) OVER (PARTITION BY customer ORDER BY age ROWS UNBOUNDED PRECEDING) AS BIGINT) AS level,
    MAX(CASE WHEN age = 0 THEN change ELSE 0 END) OVER (PARTITION BY customer) AS base
  FROM by_age
), stepped AS (
  SELECT {keys}, age, change, base, level, LEAST(level, base) AS kept, LEAST(level - change, base) AS had
  FROM standing
)"""


def _moved(by: int, everybody: bool) -> str:
    """CTEs up to ``moved``: customer, cohort, groups, potential, age, change.

    A carrying row is billed until the next one takes over, the last one as long as the customer counts as
    subscribed: so a cohort has MRR exactly while it has customers. A row in parallel is billed in its own
    months.
    """
    ended = f"CASE WHEN r.live = 1 THEN {FOREVER} ELSE {months_begun('m.spell_on', 'r.ended_on')} END"
    last = f"CASE WHEN churned = 1 THEN left_at ELSE {FOREVER} END"
    keys = f"cohort{groups(by)}, potential"
    own = ", ".join(f"m.{name} AS {name}" for name in ("customer", *keys.split(", ")))
    single = "" if everybody else f"""
  UNION ALL
  SELECT {own}, s.mrr, 0, {last.replace("churned", "m.churned")}
  FROM member m JOIN span s ON m.customer = s.customer LEFT JOIN many ON m.customer = many.customer
  WHERE many.customer IS NULL"""
    return f"""aged AS (
  SELECT {own}, m.churned AS churned, m.left_at AS left_at, r.mrr AS mrr, r.carries AS carries,
    r.handover AS handover, r.start_day AS start_day, r.end_day AS end_day,
    {months_begun("m.spell_on", "r.started_on")} AS age_from, {ended} AS age_to
  FROM spell_row r JOIN member m ON r.customer = m.customer WHERE r.spell = 1
), following AS (
  SELECT *, LEAD(age_from) OVER (PARTITION BY customer, carries ORDER BY start_day, end_day) AS next_from,
    LEAD(handover) OVER (PARTITION BY customer, carries ORDER BY start_day, end_day) AS taken_over
  FROM aged
), billed AS (
  SELECT customer, {keys}, mrr, age_from,
    CASE WHEN carries = 1 AND next_from IS NULL THEN {last}
      WHEN carries = 1 AND taken_over = 1 THEN next_from
      ELSE LEAST(age_to, {last}) END AS age_to
  FROM following{single}
), moved AS (
  SELECT customer, {keys}, CASE WHEN ends = 1 THEN age_to ELSE age_from END AS age,
    CASE WHEN ends = 1 THEN -mrr ELSE mrr END AS change
  FROM billed CROSS JOIN (SELECT 0 AS ends UNION ALL SELECT 1) AS event WHERE age_to > age_from
)"""
