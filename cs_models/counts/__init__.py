"""One definition of the counts, many engines: where the rows lie they are counted, and only counts come home.

    found = count(connection, "subs", as_of=date(2025, 3, 31), by=("Region",))
    found.life_table(("Region",)), found.cohort_triangle("mrr"), found.movements().money
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from cs_models.counts.definition import Definition
from cs_models.counts.engines import engine_of, rows
from cs_models.counts.tables import Counts, ordered
from cs_models.definitions import Definitions
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits

USUAL = Definitions()

def count(
    connection, view: str, as_of: date, by: Sequence[str] = (), currency: str = "USD", rules: Definitions = USUAL,
    among: str = "",
) -> Counts:  # fmt: skip
    """All counts of the subscriptions in a view (columns: `definition.py`), by the engine behind the connection.

    The numbers are those of `cs.life_table`, `cs.cohort_triangle` and `cs.mrr_movements` of the same rows in an upload,
    and the same to the byte on every engine. by: names for the columns g0, g1, ... of the view; among: a relation of
    customer_id, where only those count. Two customers of which one left after a month:

    >>> import duckdb
    >>> book = duckdb.connect()
    >>> _ = book.execute('''CREATE VIEW subs AS SELECT * FROM (VALUES
    ...     (1, DATE '2025-01-05', DATE '2025-02-05', 1, 'Pro', 29.0, 0),
    ...     (2, DATE '2025-01-09', NULL, 1, 'Pro', 49.0, 0)
    ... ) AS t (customer_id, started_on, ended_on, term, plan, mrr, failed)''')
    >>> count(book, "subs", date(2025, 3, 31)).life_table().frame[["tenure", "at_risk", "churned"]].to_dict("list")
    {'tenure': [0, 1, 2], 'at_risk': [2, 2, 1], 'churned': [0, 1, 0]}

    Raises `Problem` for a view with another name than letters, digits and underscores.
    """
    asked = asked_for(view, as_of, by, currency, rules, among)
    found = packed_ways(connection, asked) or {"life": life(connection, asked), "cube": cube(connection, asked)}
    return Counts(**found, by=tuple(by), as_of=as_of, seen_to=seen_to(as_of, rules), currency=currency)


def packed_ways(connection, asked: Definition) -> dict[str, pd.DataFrame] | None:
    """The faster way, where the rows lie in the embedded engine."""
    if engine_of(connection) != "duckdb":
        return None
    from cs_models.counts.packed import packed_counts

    if asked.rows:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {asked.view} AS {asked.rows}")
        asked = replace(asked, rows="")
    return packed_counts(connection, asked)


def asked_for(
    view: str, as_of: date, by: Sequence[str], currency: str, rules: Definitions, among: str = ""
) -> Definition:
    """The definition of a view's counts; Problem where its rows would have to be other ones (`late_ends.py`)."""
    if rules.late_ends != "0":
        raise Problem("Ends after a renewal are looked at in an upload or on the page Data; set that definition back to 0.")
    return Definition(view, as_of, len(by), 10 ** minor_digits(currency), rules, among)


def seen_to(as_of: date, rules: Definitions) -> date:
    """The day up to which a departure would show."""
    return as_of - timedelta(days=rules.last_day == "not seen")


def cube(connection, asked: Definition) -> pd.DataFrame:
    """`Definition.cube` by any engine, in its one order."""
    return ordered("cube", rows(connection, asked.cube), asked.by)


def life(connection, asked: Definition) -> pd.DataFrame:
    """`Definition.life` by any engine, in its one order."""
    return ordered("life", rows(connection, asked.life), asked.by)
