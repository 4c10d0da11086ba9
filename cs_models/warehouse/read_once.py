"""The rows of a folder read once: typed, repeats taken out, customers numbered, all groups beside each other.

A data set is counted in some twenty questions. Out of the files each would read all of them again, and tell customers by
their names; out of what is kept here they walk through numbers (`counts/packed.py` knows no others). It lies in the memory
of the engine, beyond its limit in its own place to spill, and goes with the connection.
"""

import contextlib
from dataclasses import replace
from datetime import date

import duckdb

from cs_models.counts.definition import Definition
from cs_models.counts.packed import WHOLE
from cs_models.warehouse.dialects import Dialect
from cs_models.warehouse.mapping import Columns, view_text

READ, PEOPLE, KEPT = "perennial_read", "perennial_people", "perennial_kept"
BOOK, STARTS = "perennial_book", "perennial_starts"  # by all splits
HERE, LONGER = "perennial_here", "perennial_longer"  # customers with a row that is on, and with one of several months
ROW = "started_on, ended_on, term, plan, mrr, failed"


def read_once(connection, dialect: Dialect, table: str, mapping: Columns, splits: list[str], as_of: date) -> bool:
    """Keep the rows of `table`, those of nobody too, with a column for each of `splits`; False where there is no room."""
    try:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {READ} AS {view_text(dialect, table, mapping, *splits)}")
        _number(connection, ", ".join([ROW, *(f"g{i}" for i in range(len(splits)))]))
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        for name in (READ, PEOPLE, KEPT):
            with contextlib.suppress(duckdb.Error):
                connection.execute(f"DROP TABLE IF EXISTS {name}")
        return False
    some = {HERE: f"ended_on IS NULL OR ended_on > DATE '{as_of.isoformat()}'", LONGER: "term > 1"}
    for name, which in some.items():
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT customer_id FROM {KEPT} WHERE {which}")
    return True


def _number(connection, columns: str) -> None:
    """Customers by number, unless they are numbers already."""
    (kind,) = connection.execute(f"SELECT ANY_VALUE(typeof(customer_id)) FROM {READ}").fetchone()
    if kind in WHOLE:
        connection.execute(f"ALTER TABLE {READ} RENAME TO {KEPT}")
        return
    known = f"SELECT DISTINCT customer_id AS named FROM {READ} WHERE customer_id IS NOT NULL"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {PEOPLE} AS SELECT named, ROW_NUMBER() OVER () - 1 AS number FROM ({known})")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {KEPT} AS SELECT CAST(number AS BIGINT) AS customer_id, {columns} FROM {READ} "
                       f"LEFT JOIN {PEOPLE} ON customer_id = named")  # fmt: skip
    for name in (READ, PEOPLE):
        connection.execute(f"DROP TABLE {name}")


def kept_text(groups: str = "", raw: bool = False) -> str:
    """What `mapping.view_text` would say, out of what was kept, with these columns of `groups`; `raw`: with the rows of nobody."""
    known = "" if raw else " WHERE customer_id IS NOT NULL"
    return f"SELECT customer_id, {ROW}{groups} FROM {KEPT}{known}"


def all_at_once(connection, every: Definition) -> bool:
    """Count today's book and who joined by all splits beside each other; False where each is to be asked for itself.

    Of rows that begin a customer's stay alike the least group tells whose he is (`engine/sql.py`). Split by split that may be
    another row each time, so it must not arise.
    """
    torn = " OR ".join(f"MIN(g{i}) <> MAX(g{i}) OR COUNT(g{i}) NOT IN (0, COUNT(*))" for i in range(every.by))
    if not every.by or connection.execute(
        f"SELECT 1 FROM {KEPT} GROUP BY customer_id, started_on, term, plan HAVING customer_id IS NOT NULL AND ({torn}) LIMIT 1"
    ).fetchone():
        return False
    try:
        for name, text in ((BOOK, replace(every, among=HERE).book), (STARTS, every.starts)):
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}")
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        return False
    return True


def of_split(table: str, place: str, at: int) -> str:
    """Of what was counted at once the counts of one split, or of everybody (-1); `place`: tenure or cohort."""
    group = f", g{at}" if at >= 0 else ""
    named = f"{group} AS g0" if group else ""
    return (f"SELECT term{named}, {place}, CAST(SUM(customers) AS BIGINT) AS customers, CAST(SUM(cents) AS BIGINT) AS cents "
            f"FROM {table} GROUP BY term{group}, {place}")  # fmt: skip
