"""Ends some days after a renewal (`late_ends.py`) in plain SQL: the same rows of the view with other ends, and how many.

The texts keep to what `definition.py` calls portable; a day is moved by taking whole days off it.
"""

from dataclasses import replace

from cs_models.counts.definition import Definition, counted_rows, day_number, number_of_day
from cs_models.definitions import Definitions
from cs_models.engine import sql
from cs_models.late_ends import BEFORE, QUIET, REST, WEEK, WEEKS


def paid_view(asked: Definition) -> str:
    """The rows of `asked`, where what ended within the days of its rules after a renewal ended on that renewal."""
    moved = f"CASE WHEN days BETWEEN 1 AND {int(asked.rules.late_ends)} AND goes_on IS NULL THEN ended_on - days ELSE ended_on END"
    return f"""
WITH {_relations(asked)}
SELECT measured.customer_id AS customer_id, started_on, {moved} AS ended_on, term, plan, mrr, failed{sql.groups(asked.by)}
FROM measured LEFT JOIN going ON measured.customer_id = going.customer_id AND ended_on = until_on AND days = late_days"""


def weeks_text(asked: Definition) -> str:
    """Ends on a renewal day or later, as `late_ends.by_week` counts them: term, week, customers."""
    week = f"""CASE WHEN days <= {WEEK * WEEKS} THEN CAST(FLOOR((days + {WEEK - 1}) / {WEEK}) AS INTEGER)
  WHEN days <= 30 * term - {BEFORE} THEN {QUIET} ELSE {REST} END"""
    return f"""
WITH {_relations(asked)}, placed AS (
  SELECT CAST(term AS INTEGER) AS term, {week} AS week
  FROM measured LEFT JOIN going ON measured.customer_id = going.customer_id AND ended_on = until_on AND days = late_days
  WHERE days >= 0 AND goes_on IS NULL
)
SELECT term, week, CAST(COUNT(*) AS BIGINT) AS customers FROM placed GROUP BY term, week"""


def _relations(asked: Definition) -> str:
    """`measured`: each row with its `days` from its last renewal to its end, none (-1) where it runs or has had none.
    `going`: what of them was only handed over, as the customer has a row that begins between that day and the next after
    the end.
    """
    whole = replace(asked, rules=Definitions())
    months = f"(CAST(FLOOR({sql.whole_months('started_on', 'ended_on')} / term) AS INTEGER) * term)"
    month = f"({sql.month_index('started_on')} + through - 1)"
    first, after = (_first_of(f"({month} + {k})") for k in (0, 1))
    day = "CAST(EXTRACT(DAY FROM started_on) AS INTEGER)"
    renewal = f"(LEAST({first} + {day}, {after}) - 1)"
    ended = f"term > 1 AND ended_on <= DATE '{asked.as_of.isoformat()}' AND {counted_rows(whole)}"
    start = day_number("own.started_on")
    return f"""given AS ({asked.rows}
), passed AS (
  SELECT given.*, CASE WHEN {ended} THEN {months} ELSE 0 END AS through FROM given
), measured AS (
  SELECT passed.*, CASE WHEN through > 0 THEN {day_number("ended_on")} - {renewal} ELSE -1 END AS days FROM passed
), going AS (
  SELECT late.customer_id AS customer_id, late.ended_on AS until_on, late.days AS late_days, 1 AS goes_on
  FROM measured AS late JOIN (SELECT * FROM given WHERE {counted_rows(whole)}) AS own ON late.customer_id = own.customer_id
  WHERE late.days >= 0 AND own.started_on <= late.ended_on + 1
    AND ({start} > {day_number("late.ended_on")} - late.days OR (late.days = 0 AND own.started_on = late.ended_on))
  GROUP BY late.customer_id, late.ended_on, late.days
)"""


def _first_of(month: str) -> str:
    """Day number of the first of a month, counted in months since year 0 from 0."""
    return number_of_day(f"CAST(FLOOR({month} / 12) AS INTEGER)", f"({month} % 12 + 1)", "1")
