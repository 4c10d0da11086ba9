"""One text, any engine: run it where the rows lie and bring home the counts, never a row of a customer.

A connection is either a Spark session (here, on a cluster or Spark Connect) or anything of PEP 249: DuckDB, PostgreSQL
(psycopg), ClickHouse (chdb, clickhouse-connect), and warehouses by their own drivers.
"""

import re

import numpy as np
import pandas as pd

TEXTS = re.compile(r"kind|plan|g\d+")  # columns of texts; all others are whole numbers
# What the standard says and ClickHouse does only when asked: null stays null in casts, joins and empty sums, and a name
# means the column before it means a new column of the same name.
CLICKHOUSE = (
    "SET cast_keep_nullable = 1", "SET join_use_nulls = 1", "SET aggregate_functions_null_for_empty = 1",
    "SET prefer_column_name_to_alias = 1",
)  # fmt: skip


def engine_of(connection) -> str:
    """The package a connection is of: "duckdb", "psycopg", "pyspark", "chdb", ..."""
    name = type(connection).__module__.partition(".")[0]
    return name.lstrip("_")


def rows(connection, text: str) -> pd.DataFrame:
    """The result of a query as a table, the same on every engine: numbers as int64, texts as str.

    >>> import duckdb
    >>> rows(duckdb.connect(), "SELECT 'new' AS kind, CAST(2 AS BIGINT) AS customers").to_dict("records")
    [{'kind': 'new', 'customers': 2}]
    """
    maker = engine_of(connection)
    if maker == "pyspark":
        found = connection.sql(text)
        return _table(found.columns, found.collect())
    cursor = cursor_of(connection)
    try:
        for setting in CLICKHOUSE if maker in ("chdb", "clickhouse_connect") else ():
            cursor.execute(setting)
        cursor.execute(text)
        return _table([column[0] for column in cursor.description], cursor.fetchall())
    finally:
        if cursor is not connection:
            cursor.close()


def cursor_of(connection):
    """What runs a statement. A cursor of DuckDB is a connection of its own, without the temporary tables of this one."""
    return connection if engine_of(connection) == "duckdb" else connection.cursor()


def _table(names: list[str], found: list) -> pd.DataFrame:
    columns = zip(*found) if found else [()] * len(names)
    names = [name.lower() for name in names]  # some engines say the names of a result in capitals
    return pd.DataFrame({name: _column(name, list(values)) for name, values in zip(names, columns)})


def _column(name: str, values: list) -> np.ndarray:
    """Whole numbers, however the driver spells them; texts stay texts: a plan may be called 007."""
    if TEXTS.fullmatch(name):
        return np.array(values, dtype=object)
    return np.array([int(value) for value in values], dtype=np.int64)
