"""Customers one by one, and the months they were at risk in with what was known of them then: plain SQL.

The only result of the engine with a row per customer, because somebody has to be called. `customer` is a
code; names of customers stay outside of SQL.

A *period* is a stretch of months of one stay in which nothing about the customer changes: codes of tenure
(`band`), of a price rise and of a change of MRR shortly before, of an earlier return and of an earlier failed
payment, and the group columns. Payers of longer terms are at risk at renewals only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from cs_models.engine import sql
from cs_models.engine.counts import Query, _counted, open_rows
from cs_models.engine.duckdb import run
from cs_models.engine.prices import SMALLEST_RISE
from cs_models.engine.stays import paid_until
from cs_models.column_codes import in_one_piece

BANDS = (1, 2, 3, 4, 7, 13, 19, 25, 37, 49)  # first month of each stretch of tenure, monthly payers
RENEWALS = (1, 2, 3, 4)  # the same for longer terms, by the number of the renewal
FRESH, LATELY = 3, 12  # months: a price rose just now, within a year
CHANGED = 6  # months in which a change of MRR counts as recent
LONGEST = 1200  # months
LIVED = ("price", "change", "returned", "failed")  # codes beside the group columns
FOLDS = 5


@dataclass(frozen=True, eq=False)
class People:
    """The prepared rows of one data set; `levels[i]` are the values behind the codes of group column g{i}."""

    query: Query
    ids: pa.Array
    levels: tuple[list, ...]

    def marginal(self, column: str) -> pd.DataFrame:
        """term, band, level, at_risk, churned: how the codes of one column fared at equal tenure."""
        return self._frame(
            f"SELECT term, band, {column} AS level, {COUNTED} FROM period GROUP BY term, band, {column}"
        )

    def cells(self, columns: tuple[str, ...], fold: bool = False) -> pd.DataFrame:
        """term, band, the columns, at_risk, churned, involuntary; `fold`: and the fifth a customer is in."""
        keys = ", ".join(("term", "band", *(("fold",) if fold else ()), *columns))
        return self._frame(f"SELECT {keys}, {COUNTED} FROM period GROUP BY {keys}")

    @property
    def periods(self) -> int:
        return self.query.number("SELECT COUNT(*) FROM period")

    def today(self) -> pd.DataFrame:
        """A row per customer subscribed at as_of: customer, term, tenure, mrr and gained (minor units; what
        the MRR grew by in the last 6 months), since_rise and since_change (months, null = never), up,
        returns, failed, and g0, ... as codes.
        """
        return self._frame(_today(len(self.levels))).sort_values("customer", ignore_index=True)

    def _frame(self, text: str) -> pd.DataFrame:
        return run(self.query.connection, text).df()


@contextmanager
def open_people(subs, by: tuple[str, ...]) -> Iterator[People]:
    """The engine over these rows, with the periods at risk prepared.

    Complete months only, whatever the definitions say: those who left within the month that is not over would
    count as departures, and those who stayed in it not at all, and every chance would come out too high.
    """
    subs = replace(subs, answers={**subs.answers, "incomplete": "complete periods only"})
    by = tuple(name for name in by if subs.resolve(name) != "term")
    with open_rows(subs, by) as query:
        for name, table in (("band_of", _bands()), ("number", pa.table({"k": np.arange(1, LONGEST + 1)}))):
            query.connection.register(name, table)
        for text in (_events(), _periods(len(by))):
            run(query.connection, text)
        yield People(query, in_one_piece(_counted(subs)["customer"]).dictionary, query.values)


def until(subs, customers: np.ndarray, day: int, early: tuple[int, ...] = ()) -> np.ndarray:
    """The day number to which each of these customers' stays of `day` ended, or were paid on the terms `early` (`stays.paid_until`); `sql.FOREVER` while they run.

    Customers are codes of the same `stays.coded` data set; a return after a longer pause is another stay.
    """
    with open_rows(subs, ()) as query:
        query.connection.register("standing", pa.table({"customer": customers}))
        found = run(query.connection, paid_until(day, early)).df()
    return found.set_index("customer")["until"].reindex(customers).to_numpy()


COUNTED = """CAST(SUM(at_risk) AS BIGINT) AS at_risk, CAST(SUM(churned) AS BIGINT) AS churned,
  CAST(SUM(involuntary) AS BIGINT) AS involuntary"""


def band_of(number: np.ndarray, term: np.ndarray) -> np.ndarray:
    """The band of a month of tenure (monthly payers) or of a renewal's number (longer terms), 0, 1, ..."""
    monthly = np.searchsorted(BANDS, number, side="right") - 1
    return np.where(term == 1, monthly, np.searchsorted(RENEWALS, number, side="right") - 1)


def _bands() -> pa.Table:
    last = [*(first - 1 for first in BANDS[1:]), LONGEST]
    return pa.table({"band": np.arange(len(BANDS)), "first": np.array(BANDS), "last": np.array(last)})


def _events() -> str:
    """Changes of what a customer pays while he stays: customer, spell, age (months), gained, rise, up, down.

    A rise is a higher price of the same plan; any other change is one of plan or of what was bought on top.
    """
    ended = f"CASE WHEN r.live = 1 THEN {sql.FOREVER} ELSE {sql.months_begun('b.spell_on', 'r.ended_on')} END"
    next_one = "OVER (PARTITION BY customer, spell, carries ORDER BY start_day, end_day)"
    return f"""
CREATE OR REPLACE TEMP TABLE event AS
WITH begun AS (
  SELECT customer, spell, MIN(started_on) AS spell_on FROM spell_row GROUP BY customer, spell
), aged AS (
  SELECT r.customer, r.spell, r.mrr, r.plan, r.term, r.carries, r.handover, r.start_day, r.end_day,
    {sql.months_begun("b.spell_on", "r.started_on")} AS age_from, {ended} AS age_to
  FROM spell_row r JOIN begun b ON r.customer = b.customer AND r.spell = b.spell
), following AS (
  SELECT *, LEAD(age_from) {next_one} AS next_from, LEAD(handover) {next_one} AS taken_over,
    LAG(plan) {next_one} AS plan_before, LAG(term) {next_one} AS term_before, LAG(mrr) {next_one} AS paid
  FROM aged
), billed AS (
  SELECT customer, spell, mrr, age_from, CASE WHEN carries = 1 AND next_from IS NULL THEN {sql.FOREVER}
    WHEN carries = 1 AND taken_over = 1 THEN next_from ELSE age_to END AS age_to
  FROM following
), moved AS (
  SELECT customer, spell, age_from AS age, mrr AS gained FROM billed WHERE age_to > age_from
  UNION ALL
  SELECT customer, spell, age_to, -mrr FROM billed WHERE age_to > age_from AND age_to < {sql.FOREVER}
), netted AS (
  SELECT customer, spell, age, CAST(SUM(gained) AS BIGINT) AS gained FROM moved GROUP BY customer, spell, age
), levels AS (
  SELECT *, CAST(SUM(gained) OVER (PARTITION BY customer, spell ORDER BY age ROWS UNBOUNDED PRECEDING) AS
    BIGINT) AS balance
  FROM netted
), rise AS (
  SELECT DISTINCT customer, spell, age_from AS age FROM following
  WHERE carries = 1 AND plan = plan_before AND term = term_before AND paid > 0
    AND mrr > paid * {1 + SMALLEST_RISE}
)
SELECT l.customer, l.spell, l.age, l.gained, CASE WHEN rise.age IS NULL THEN 0 ELSE 1 END AS rise,
  CASE WHEN rise.age IS NULL AND l.gained > 0 THEN 1 ELSE 0 END AS up,
  CASE WHEN rise.age IS NULL AND l.gained < 0 THEN 1 ELSE 0 END AS down
FROM levels l LEFT JOIN rise ON l.customer = rise.customer AND l.spell = rise.spell AND l.age = rise.age
WHERE l.age > 0 AND l.gained <> 0 AND l.balance > 0 AND l.balance > l.gained"""


def _past() -> str:
    """When a payment failed before, as the spell it ended."""
    return """failing AS (
  SELECT customer, MIN(spell) AS failed_spell FROM exposure WHERE is_last = 1 AND involuntary = 1
  GROUP BY customer
)"""


def price_code(since: str) -> str:
    return f"CASE WHEN {since} <= {FRESH} THEN 1 WHEN {since} <= {LATELY} THEN 2 ELSE 0 END"


def _periods(by: int) -> str:
    """Monthly payers whose price never moved by stretches of tenure, all others month by month."""
    kept = f"x.customer, x.spell, x.term{sql.groups(by, 'x.')}"
    same = f"""CASE WHEN x.spell > 1 THEN 1 ELSE 0 END AS returned,
    CASE WHEN failed_spell < x.spell THEN 1 ELSE 0 END AS failed, x.customer % {FOLDS} AS fold"""
    window = "OVER (PARTITION BY m.customer, m.spell ORDER BY m.k)"
    latest = ", ".join(
        f"MAX(CASE WHEN e.{kind} = 1 THEN e.age END) {window} AS {kind}_at" for kind in ("rise", "up", "down")
    )
    recent = f"GREATEST(COALESCE(up_at, -{LONGEST}), COALESCE(down_at, -{LONGEST}))"
    renewal = "CAST((k - anchor) / term + FLOOR((2 * anchor + term) / (2 * term)) AS INTEGER)"
    groups = sql.groups(by)
    return f"""
CREATE OR REPLACE TEMP TABLE period AS
WITH {_past()}, touched AS (
  SELECT DISTINCT customer, spell FROM event
), stay AS (
  SELECT {kept}, x.entry, x.anchor, x.duration, x.churned, x.involuntary, {same},
    CASE WHEN t.customer IS NULL THEN 0 ELSE 1 END AS touched
  FROM exposure x LEFT JOIN failing f ON x.customer = f.customer
    LEFT JOIN touched t ON x.customer = t.customer AND x.spell = t.spell
), calm AS (
  SELECT term{groups}, returned, failed, fold, band, 0 AS price, 0 AS change,
    LEAST(duration, last) - GREATEST(entry + 1, first) + 1 AS at_risk,
    CASE WHEN churned = 1 AND duration BETWEEN first AND last THEN 1 ELSE 0 END AS churned,
    CASE WHEN involuntary = 1 AND churned = 1 AND duration BETWEEN first AND last THEN 1 ELSE 0 END
      AS involuntary
  FROM stay JOIN band_of ON first <= duration AND last > entry
  WHERE touched = 0 AND term = 1 AND duration > entry
), monthly AS (
  SELECT stay.*, k FROM stay JOIN number ON k > entry AND k <= duration WHERE touched = 1 OR term > 1
), aware AS (
  SELECT m.*, {latest}
  FROM monthly m LEFT JOIN event e ON m.customer = e.customer AND m.spell = e.spell AND m.k = e.age + 1
), facing AS (
  SELECT *, CASE WHEN term = 1 THEN k ELSE {renewal} END AS number FROM aware
  WHERE term = 1 OR (k - anchor) % term = 0
)
SELECT term{groups}, returned, failed, fold, band, price, change, at_risk, churned, involuntary FROM calm
UNION ALL
SELECT term{groups}, returned, failed, fold, {_banded("number")} AS band,
  {price_code("k - rise_at")} AS price,
  CASE WHEN k - {recent} > {CHANGED} THEN 0 WHEN up_at = {recent} THEN 1 ELSE 2 END AS change, 1 AS at_risk,
  CASE WHEN churned = 1 AND k = duration THEN 1 ELSE 0 END AS churned,
  CASE WHEN involuntary = 1 AND churned = 1 AND k = duration THEN 1 ELSE 0 END AS involuntary
FROM facing"""


def _banded(number: str) -> str:
    def cases(firsts: tuple[int, ...]) -> str:
        steps = [f"WHEN {number} >= {first} THEN {i}" for i, first in enumerate(firsts)]
        return f"CASE {' '.join(reversed(steps))} ELSE 0 END"

    return f"CASE WHEN term = 1 THEN {cases(BANDS)} ELSE {cases(RENEWALS)} END"


def _today(by: int) -> str:
    whole = "CAST(FLOOR((2 * anchor + term - 1) / (2 * term)) AS INTEGER) * term"
    tenure = f"CASE WHEN term = 1 THEN duration ELSE own + {whole} END"
    return f"""
WITH {_past()}, money AS (
  SELECT customer, CAST(SUM(mrr) AS BIGINT) AS mrr FROM span WHERE live = 1 GROUP BY customer
), here AS (
  SELECT * FROM exposure WHERE is_last = 1 AND churned = 0
), moved AS (
  SELECT h.customer, MIN(CASE WHEN e.rise = 1 THEN h.duration - e.age END) AS since_rise,
    MIN(CASE WHEN e.up = 1 THEN h.duration - e.age END) AS since_up,
    MIN(CASE WHEN e.down = 1 THEN h.duration - e.age END) AS since_down,
    CAST(SUM(CASE WHEN h.duration - e.age < {CHANGED} THEN e.gained ELSE 0 END) AS BIGINT) AS gained
  FROM here h JOIN event e ON h.customer = e.customer AND h.spell = e.spell GROUP BY h.customer
)
SELECT h.customer, h.term, {tenure} AS tenure, money.mrr, COALESCE(moved.gained, 0) AS gained,
  moved.since_rise, LEAST(COALESCE(since_up, since_down), COALESCE(since_down, since_up)) AS since_change,
  CASE WHEN since_up <= COALESCE(since_down, {LONGEST}) THEN 1 ELSE 0 END AS up,
  h.spell - 1 AS returns, CASE WHEN failed_spell < h.spell THEN 1 ELSE 0 END AS failed{sql.groups(by, "h.")}
FROM here h JOIN money ON h.customer = money.customer
  LEFT JOIN moved ON h.customer = moved.customer LEFT JOIN failing ON h.customer = failing.customer"""
