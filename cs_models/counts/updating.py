"""Next month's export: only customers to whom something happened are counted again."""

from datetime import date

from cs_models.counts.definition import Definition, cents, counted_rows, text
from cs_models.counts.engines import cursor_of, rows
from cs_models.counts.tables import Counts
from cs_models.definitions import Definitions
from cs_models.engine.sql import groups

CHANGED = "perennial_changed"


def update(
    before: Counts, connection, old: str, new: str, as_of: date, rules: Definitions = Definitions()
) -> tuple[Counts, int]:
    """The counts of the view `new` at its last day out of those of the view `old`, and how many customers changed.

    Changed is who has a period that the other view has not, or whose period ended or began between the two days. Their
    old counts are taken away and their new ones added; nobody else is counted. Equal to counting everybody, to the
    byte, since no count of the others hangs on the day. The connection must be allowed a temporary table.

    Under "complete periods only" everybody is counted again: there the day decides who has left.
    """
    from cs_models.counts import asked_for, count

    by, currency = before.by, before.currency
    was, now = (asked_for(view, day, by, currency, rules) for view, day in ((old, before.as_of), (new, as_of)))
    cursor = cursor_of(connection)
    for statement in (f"DROP TABLE IF EXISTS {CHANGED}", f"CREATE TEMP TABLE {CHANGED} AS {changed(was, now)}"):
        cursor.execute(statement)
    people = int(rows(connection, f"SELECT CAST(COUNT(*) AS BIGINT) AS people FROM {CHANGED}")["people"][0])
    if rules.incomplete != "as counted":
        return count(connection, new, as_of, by, currency, rules), people
    asked = {"by": by, "currency": currency, "rules": rules, "among": CHANGED}
    gone, come = count(connection, old, before.as_of, **asked), count(connection, new, as_of, **asked)
    return before.minus(gone).plus(come).at(come.as_of, come.seen_to), people


def changed(was: Definition, now: Definition) -> str:
    """Customers whose periods differ between two views, each seen on its own last day."""
    keys = f"customer_id, started_on, ended, term, plan, cents, failed{groups(now.by)}"
    return f"""
SELECT DISTINCT customer_id FROM (
  SELECT {keys} FROM ({_seen(was, -1)} UNION ALL {_seen(now, 1)}) AS both_views
  GROUP BY {keys} HAVING SUM(side) <> 0
) AS differing"""


def _seen(asked: Definition, side: int) -> str:
    ended = f"ended_on <= DATE '{asked.as_of.isoformat()}'"
    labels = "".join(f", {text(f'g{i}')} AS g{i}" for i in range(asked.by))
    return f"""
SELECT customer_id, started_on, CASE WHEN {ended} THEN ended_on END AS ended, term, {text("plan")} AS plan,
  {cents(asked)} AS cents, CASE WHEN {ended} AND failed = 1 THEN 1 ELSE 0 END AS failed{labels}, {side} AS side
FROM {asked.view} WHERE {counted_rows(asked)}"""
