"""Migrations: many customers who end one plan and begin another within days, around one date."""

from dataclasses import dataclass

import numpy as np

from cs_models.engine import sql
from cs_models.engine.duckdb import run

LONGEST_WAIT = 92  # days between the two plans that still can be one move: an invoice cycle of a quarter
WINDOW = 31  # days within which a move of a whole plan happens
FEWEST = 10  # customers
LEAST_SHARE = 0.2  # of those who were on the plan when it began
TIMES_USUAL = 5  # as many as in a usual window of that length: people change plans all the time


@dataclass(frozen=True)
class Move:
    """Codes of the two plans, their billing intervals, the days (since 1970) on which the first ended."""

    left_plan: int
    left_term: int
    plan: int
    term: int
    first: int
    last: int
    customers: int
    longest_wait: int
    share: float

    def condition(self) -> str:
        """This move as a condition on the rows of spell_rows."""
        return (
            f"(carries = 1 AND left_plan = {self.left_plan} AND left_term = {self.left_term}"
            f" AND plan = {self.plan} AND term = {self.term} AND reached BETWEEN {self.first} AND {self.last}"
            f" AND start_day - reached BETWEEN -{sql.GRACE_DAYS} AND {LONGEST_WAIT})"
        )


def move_bond(connection, subs, definitions) -> str:
    """The `bond` of sql.spell_rows by the definitions: 1 joins the rows of every migration, -1 parts them."""
    if definitions.join_migrations == "no" or not subs.has_dates:
        return sql.NO_BOND
    found = find_moves(connection)
    if not found:
        return sql.NO_BOND
    bond = 1 if definitions.join_migrations == "yes" else -1
    return f"CASE WHEN {' OR '.join(move.condition() for move in found)} THEN {bond} ELSE 0 END"


def find_moves(connection) -> list[Move]:
    """Every migration in the relation `span`, the largest first. Loops over days, never over customers."""
    days = run(connection, _changes_by_day()).df()
    found = []
    for key, part in days.groupby(["left_plan", "left_term", "plan", "term"], sort=True):
        rest = part.sort_values("day", ignore_index=True)
        while len(rest) and (move := _densest(connection, tuple(int(k) for k in key), rest)):
            found.append(move)
            rest = rest[(rest["day"] < move.first) | (rest["day"] > move.last)].reset_index(drop=True)
    return sorted(found, key=lambda m: (-m.customers, m.first, m.left_plan, m.plan))


def _changes_by_day() -> str:
    order = "start_day, end_day DESC, term, plan, mrr, entry"
    before = f"OVER (PARTITION BY customer ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    left = f"OVER (PARTITION BY customer ORDER BY {order})"
    return f"""
WITH placed AS (
  SELECT customer, start_day, end_day, term, plan, mrr, entry, MAX(end_day) {before} AS reached
  FROM span WHERE customer IN (SELECT customer FROM many)
), carried AS (
  SELECT * FROM placed WHERE reached IS NULL OR end_day > reached
), linked AS (
  SELECT *, LAG(plan) {left} AS left_plan, LAG(term) {left} AS left_term FROM carried
)
SELECT left_plan, left_term, plan, term, reached AS day,
  CAST(COUNT(DISTINCT customer) AS BIGINT) AS customers, CAST(MAX(start_day - reached) AS BIGINT) AS wait
FROM linked
WHERE reached < {sql.FOREVER} AND (plan <> left_plan OR term <> left_term)
  AND start_day - reached BETWEEN -{sql.GRACE_DAYS} AND {LONGEST_WAIT}
GROUP BY left_plan, left_term, plan, term, reached"""


def _densest(connection, key: tuple[int, int, int, int], days) -> Move | None:
    """The window of most changes, if it is a migration: many, much of the plan, far above the usual."""
    day, heads = days["day"].to_numpy(np.int64), days["customers"].to_numpy(np.int64)
    sums = np.concatenate([[0], np.cumsum(heads)])
    end = np.searchsorted(day, day + WINDOW)
    counts = sums[end] - sums[:-1]
    at = int(np.argmax(counts))
    customers = int(counts[at])
    if customers < FEWEST:
        return None
    first, last = int(day[at]), int(day[end[at] - 1])
    left_plan, left_term, plan, term = key
    holders, begun, known = run(connection, _holders(left_plan, left_term, first)).fetchone()
    usual = (sums[-1] - customers) * WINDOW / max(known - begun - WINDOW, WINDOW)
    if customers < LEAST_SHARE * holders or customers < TIMES_USUAL * usual:
        return None
    waits = int(days["wait"].to_numpy()[at : end[at]].max())
    return Move(*key, first, last, customers, waits, customers / holders)


def _holders(plan: int, term: int, day: int) -> str:
    """Customers on a plan on a day, the first day anybody was on it and the last."""
    return f"""
SELECT COUNT(DISTINCT CASE WHEN start_day <= {day} AND end_day >= {day} THEN customer END), MIN(start_day),
  GREATEST(MAX(start_day), MAX(CASE WHEN end_day < {sql.FOREVER} THEN end_day END))
FROM span WHERE plan = {plan} AND term = {term}"""
