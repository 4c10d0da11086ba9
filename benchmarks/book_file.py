"""Books of any length for the benchmarks: seeded; groups, plans with a price list, renewals, moves and returns."""

from pathlib import Path

import duckdb

AS_OF = "2025-06-30"
SEED = 0.42
# customer_id, started_on, ended_on, term, plan, segment, mrr, failed: about 52 bytes a period; 1.29 periods
# and 15 months a customer, of those that begin by the last day
TEXT = """
COPY (
  WITH person AS (
    SELECT i AS customer_id, CAST(FLOOR(random() * 3) AS INTEGER) AS s, CAST(FLOOR(random() * 4) AS INTEGER) AS p,
      CAST(FLOOR(random() * 1980) AS INTEGER) AS begun, -LN(1 - random()) AS luck, random() AS more, random() AS yearly,
      random() AS why, CAST(FLOOR(random() * 5) AS INTEGER) AS rebate
    FROM range({customers}) AS t (i)
  ), stay AS (
    SELECT *, CAST(luck * (CASE s WHEN 0 THEN 210 WHEN 1 THEN 520 ELSE 1120 END) AS INTEGER) + 5 AS days,
      CASE WHEN yearly < 0.15 THEN 12 ELSE 1 END AS term
    FROM person
  ), period AS (
    SELECT customer_id, s, p, rebate, term, begun AS first, begun + days AS last, why FROM stay
    UNION ALL
    SELECT customer_id, s, CASE WHEN more < 0.12 THEN (p + 1) % 4 ELSE p END, rebate, term,
      begun + days + CASE WHEN more < 0.22 THEN 0 ELSE 80 END, begun + days * 2, yearly
    FROM stay WHERE more < 0.41
  )
  SELECT customer_id, DATE '2020-01-01' + first AS started_on,
    CASE WHEN DATE '2020-01-01' + last <= DATE '{as_of}' THEN DATE '2020-01-01' + last END AS ended_on, term,
    ['Basic', 'Plus', 'Pro', 'Team'][p + 1] AS plan, ['Self-serve', 'Mid-market', 'Enterprise'][s + 1] AS segment,
    CAST([9, 29, 99, 499][p + 1] * (1 - rebate * 0.05) AS DECIMAL(10, 2)) AS mrr,
    CASE WHEN why < 0.25 THEN 1 ELSE 0 END AS failed
  FROM period WHERE DATE '2020-01-01' + first <= DATE '{as_of}' ORDER BY hash(customer_id * 7 + first)
) TO '{path}' (HEADER)
"""


def write_book(path: Path, customers: int) -> None:
    """A CSV of subscription periods, in no order."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"SET enable_progress_bar = false; SELECT setseed({SEED})")
        connection.execute(TEXT.format(customers=customers, as_of=AS_OF, path=path))
