"""Stays in days: who stands in the book of an earlier day, until when they stay, what they pay meanwhile."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from cs_models.engine import sql
from cs_models.engine.counts import Query, open_rows
from cs_models.engine.duckdb import run
from cs_models.engine.presence import SERVED

STAY = """stay AS (
  SELECT customer, MIN(start_day) AS begun, MAX(end_day) AS until FROM spell_row GROUP BY customer, spell
  UNION ALL
  SELECT span.customer, start_day, end_day FROM span LEFT JOIN many ON span.customer = many.customer
  WHERE many.customer IS NULL
)"""


@dataclass(frozen=True, eq=False)
class Followed:
    """What became of the customers of a day: counts, no line per customer. Money in minor units.

    `heads`: g0.., term, tenure (completed months that day), cohort (12 x year + month in which the stay
    began), left (the first later day they were away, by its number; 0 = still here on the last), customers,
    mrr (on the first day), squares (sum of its squares).
    `money`: g0.., term, cohort, step, mrr, same: what those still here pay on each later day, and what they
    paid on the first.
    """

    heads: pd.DataFrame
    money: pd.DataFrame


def coded(subs):
    """The same data with one dictionary of customers, so that books of several days share its codes."""
    names = subs.rows["customer"].cast(pa.string()).combine_chunks().dictionary_encode()
    names = pa.chunked_array([names])
    at = subs.rows.column_names.index("customer")
    return replace(subs, rows=subs.rows.set_column(at, "customer", names))


def follow(then, now, by: tuple[str, ...], days: np.ndarray, early: tuple[int, ...] = ()) -> Followed:
    """The customers of `then` (a data set as it stood) followed in `now`, the same data known to their end.

    days: numbers (since 1970-01-01) of the day of `then` and of each later one. Both data sets come from one
    `coded` set. A stay lasts while no pause is longer than the definitions allow; who returns later has left.
    early: terms whose plans the file ends before what is paid is over (`notice.notice`).
    """
    with open_rows(then, by) as query:
        standing = query.frame(_standing(len(by)))
    with open_rows(now, ()) as query:
        until = _ask(query, paid_until(int(days[0]), early), standing=standing[["customer"]])
        standing = standing.merge(until, on="customer", validate="one_to_one")
        keys = [*(f"g{i}" for i in range(len(by))), "term"]
        place = standing.groupby([*keys, "cohort"], sort=True, observed=True).ngroup()
        here = standing[["customer", "until", "ended", "mrr"]].assign(place=place)
        grid = pd.DataFrame({"step": np.arange(len(days)), "day": days})
        money = _ask(query, _money(), here=here, grid=grid)
    names = standing[[*keys, "cohort"]].assign(place=place).drop_duplicates("place")
    return Followed(_heads(standing, keys, days), money.merge(names, on="place").drop(columns="place"))


def pace(subs, days: np.ndarray) -> pd.DataFrame:
    """How fast customers left between days: one row per gap, customers at its start and those left in it."""
    with open_rows(subs, ()) as query:
        stays = run(query.connection, f"WITH {STAY} SELECT begun, until FROM stay").fetchnumpy()
    begun, until = stays["begun"], stays["until"]
    rows = []
    for first, last in zip(days[:-1], days[1:]):
        there = (begun <= first) & (until > first)
        rows.append((int(there.sum()), int((there & (until <= last)).sum())))
    return pd.DataFrame(rows, columns=["customers", "left"])


def _ask(query: Query, text: str, **tables: pd.DataFrame) -> pd.DataFrame:
    for name, frame in tables.items():
        query.connection.register(name, pa.Table.from_pandas(frame, preserve_index=False))
    return run(query.connection, text).df()


def _standing(by: int) -> str:
    """One row per customer in the book, as in `sql.active_book`, with the month in which the stay began."""
    who = f", exposure.customer AS customer, {sql.month_index('spell_on')} AS cohort"
    return f"WITH {sql.standing(by, who)}\nSELECT * FROM standing"


def paid_until(day: int, early: tuple[int, ...] = ()) -> str:
    """Of each customer in `standing`: `ended`, the day number on which the stay of `day` ends in the file, FOREVER while
    it runs, and `until`, the day to which it is paid: on the terms `early` the end of the last one, as in the life table.
    Not where a payment failed: nothing is paid then.
    """
    epoch, months = "DATE '1970-01-01'", "to_months(CAST(duration - anchor AS INTEGER))"
    date = f"CAST(CAST({epoch} + CAST(own_day AS INTEGER) + {months} AS DATE) - {epoch} AS INTEGER)"
    terms = ", ".join(map(str, (0, *early)))
    over = f"CASE WHEN churned = 1 THEN {date} ELSE {sql.FOREVER} END"  # not ended where only complete periods count
    return f"""
WITH {STAY}, paid AS (
  SELECT customer, spell_day, {over} AS over FROM exposure WHERE is_last = 1 AND involuntary = 0 AND term IN ({terms})
), ended AS (
  SELECT standing.customer, MAX(begun) AS begun, MAX(until) AS ended FROM standing
  JOIN stay ON standing.customer = stay.customer
  WHERE begun <= {day} AND until >= {day} GROUP BY standing.customer
)
SELECT ended.customer, ended, CASE WHEN over > ended + 1 THEN over ELSE ended END AS until
FROM ended LEFT JOIN paid ON paid.customer = ended.customer AND paid.spell_day = ended.begun"""


def _money() -> str:
    there = "s.start_day <= day AND (s.end_day > day OR s.end_day = h.ended) AND h.until > day"
    return f"""
WITH {SERVED}, paid AS (
  SELECT h.place, step, CAST(SUM(s.mrr) AS BIGINT) AS mrr
  FROM served s JOIN here h ON s.customer = h.customer JOIN grid ON {there} GROUP BY h.place, step
), kept AS (
  SELECT h.place, step, CAST(SUM(h.mrr) AS BIGINT) AS same
  FROM here h JOIN grid ON h.until > day GROUP BY h.place, step
)
SELECT kept.place, kept.step, COALESCE(paid.mrr, 0) AS mrr, kept.same
FROM kept LEFT JOIN paid ON kept.place = paid.place AND kept.step = paid.step"""


def _heads(standing: pd.DataFrame, keys: list[str], days: np.ndarray) -> pd.DataFrame:
    away = np.searchsorted(days, standing["until"].to_numpy(), side="left")
    left = np.where(away < len(days), np.maximum(away, 1), 0)
    found = standing.assign(left=left, squares=standing["mrr"].astype(float) ** 2)
    counted = found.groupby([*keys, "tenure", "cohort", "left"], sort=True, observed=True, as_index=False)
    return counted.agg(customers=("customer", "size"), mrr=("mrr", "sum"), squares=("squares", "sum"))
