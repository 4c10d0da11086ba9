"""What customers of a year ago pay now, and who was up for renewal: by customer, plain SQL over `span`.

A customer's balance is constant between two changes. Such a stretch, moved twelve months on, meets the
stretches of the same customer now; each meeting adds min(then, now) where it begins and takes it away where
it ends. So the cost is the number of changes, whatever the number of months.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from cs_models.engine import balance, counted, sql
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
    if counted.is_counted(subs):
        return of_kinds(counted.kept(subs))
    with opened(subs.rows.num_rows) as connection:
        open_span(connection, subs, ())
        return of_kinds(run(connection, f"WITH {kept_year(subs.as_of)}").df())


def of_kinds(found: pd.DataFrame) -> Kept:
    """The tables out of the result of `kept_year`."""
    by_kind = {kind: found[found["kind"] == kind].set_index("place") for kind in ("gross", "net", "due", "renewed")}
    changes = pd.DataFrame({"gross": by_kind["gross"]["cents"], "net": by_kind["net"]["cents"],
                            "customers": by_kind["gross"]["customers"]})  # fmt: skip
    renewals = pd.DataFrame({"due": by_kind["due"]["customers"], "renewed": by_kind["renewed"]["customers"]}).fillna(0)
    return Kept(*(table.rename_axis("month").reset_index().astype("int64") for table in (changes, renewals)))


def kept_year(as_of: date) -> str:
    """CTEs over `span` and one row per kind and month: kind, place (the month), customers, cents.

    gross, net: the changes of MRR at most that of 12 months before, and of all of it, and how many customers it is of.
    due, renewed: customers whose term of a year or more is over in that month, and those of them who pay anything at its end, on
    whatever plan. The term is over in month start + k x term; an end on the last day served is the day before that.
    """
    months = balance.changes("month", sql.month_index("started_on"), sql.month_index("ended_on"))
    start, over = sql.month_index("started_on"), sql.month_index("(ended_on + 1)")
    steps = " UNION ALL ".join(f"SELECT {k} AS k" for k in range(1, MOST_RENEWALS + 1))
    whole, seen = "CAST(COUNT(*) AS BIGINT)", f"({12 * as_of.year + as_of.month} - {_not_yet(as_of)})"
    return f"""{months}, {balance.balances("month", balance.UNTIL)}, stretch AS (
  SELECT customer, month, until, balance FROM running WHERE balance > 0
), meeting AS (
  SELECT GREATEST(past.month + {YEAR}, here.month) AS month, LEAST(past.until + {YEAR}, here.until) AS until,
    LEAST(past.balance, here.balance) AS gross, here.balance AS net
  FROM stretch past JOIN stretch here ON past.customer = here.customer
  WHERE past.month + {YEAR} < here.until AND here.month < past.until + {YEAR}
), kept_change AS (
  SELECT month, gross, net, 1 AS customers FROM meeting
  UNION ALL
  SELECT until, -gross, -net, -1 FROM meeting WHERE until < {sql.FOREVER}
), step AS ({steps}
), up_to AS (
  SELECT most.k AS times, step.k AS k FROM step AS most CROSS JOIN step WHERE step.k <= most.k
), term_over AS (
  SELECT customer, term, {start} AS begun, CASE WHEN live = 0 AND {over} < {seen} THEN {over} ELSE {seen} END AS until
  FROM span WHERE term >= {YEAR} AND mrr > 0
), renewing AS (
  SELECT customer, term, begun, LEAST(CAST(FLOOR((until - begun) / term) AS INTEGER), {MOST_RENEWALS}) AS times
  FROM term_over WHERE until - begun >= term
), due AS (
  SELECT DISTINCT customer, begun + k * term AS month FROM renewing JOIN up_to ON renewing.times = up_to.times
)
SELECT 'gross' AS kind, month AS place, CAST(SUM(customers) AS BIGINT) AS customers, CAST(SUM(gross) AS BIGINT) AS cents
FROM kept_change GROUP BY month
UNION ALL
SELECT 'net', month, CAST(SUM(customers) AS BIGINT), CAST(SUM(net) AS BIGINT) FROM kept_change GROUP BY month
UNION ALL
SELECT 'due', month, {whole}, CAST(0 AS BIGINT) FROM due GROUP BY month
UNION ALL
SELECT 'renewed', due.month, {whole}, CAST(0 AS BIGINT)
FROM due JOIN stretch ON stretch.customer = due.customer
WHERE stretch.month <= due.month AND stretch.until > due.month GROUP BY due.month"""


def _not_yet(as_of: date) -> str:
    """1 where the day of the month on which a row renews is still to come in the month of `as_of`."""
    if (as_of + timedelta(days=1)).day == 1:
        return "0"
    return f"CASE WHEN EXTRACT(DAY FROM started_on) <= {as_of.day} THEN 0 ELSE 1 END"
