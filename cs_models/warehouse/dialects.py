"""What differs between engines: how a session is opened and kept from writing, how a name is quoted, what is listed."""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cs_models.counts.engines import CLICKHOUSE as AS_THE_STANDARD
from cs_models.counts.engines import cursor_of, engine_of
from cs_models.problems import Problem

COLUMNS = """
SELECT table_schema, table_name, column_name, data_type FROM {where}information_schema.columns
WHERE LOWER(table_schema) NOT IN ('information_schema', 'pg_catalog', 'system', 'sys')
ORDER BY table_schema, table_name, ordinal_position"""
FILE = "perennial_file"  # of a row of a folder: in no list of columns
UNQUOTABLE = re.compile(r'["`\\\x00-\x1f\x7f]')  # in no name that is put into a text


@dataclass(frozen=True)
class Dialect:
    """`package`: the driver, opened by its `connect`; `extra`: what to install for it; `session`: statements that keep
    a session from writing and from running on ({seconds}); `quote`: around names; `sqlglot`: its name for linters.
    """

    name: str
    title: str
    package: str
    extra: str = ""
    session: tuple[str, ...] = ()
    quote: str = '"'
    sqlglot: str = ""

    def quoted(self, name: str) -> str:
        """A name of a table or column as it stands in a text; Problem where it holds a quote of any engine.

        >>> POSTGRES.quoted("Customer id")
        '"Customer id"'
        """
        if not name or UNQUOTABLE.search(name):
            told = f"The name {name[:80]!r} holds a quotation mark or a control character"
            raise Problem(f"{told}: make a view without it.")
        return f"{self.quote}{name}{self.quote}"

    def open(self, given: Mapping[str, object], seconds: int):
        """A connection by the driver, in a session that only reads where the engine knows such sessions."""
        connect = _driver(self)
        try:
            connection = connect(**given)
            begin(self, connection, seconds)
        except Problem:
            raise
        except Exception as error:  # every driver has errors of its own
            raise Problem(f"{self.title} did not let us in: {type(error).__name__}. Check the connection in the "
                          "secrets file; the server's log of the database says more.") from None
        return connection


# The last three of PostgreSQL: it takes no relation of a statement for as large as it is, and would compare every customer with
# every other one.
POSTGRES = Dialect("postgresql", "PostgreSQL", "psycopg", "", (
    "SET default_transaction_read_only = on", "SET statement_timeout = '{seconds}s'",
    "SET idle_in_transaction_session_timeout = '60s'", "SET enable_nestloop = off", "SET jit = off",
    "SET work_mem = '64MB'"), sqlglot="postgres")  # fmt: skip
CLICKHOUSE = Dialect("clickhouse", "ClickHouse", "clickhouse_connect.dbapi", "clickhouse",
                     ("SET max_execution_time = {seconds}", "SET readonly = 2"), "`", "clickhouse")  # fmt: skip
SPARK = Dialect("spark", "Apache Spark", "pyspark", "spark", (), "`", "spark")
BIGQUERY = Dialect("bigquery", "BigQuery", "google.cloud.bigquery.dbapi", "bigquery", (), "`", "bigquery")
SNOWFLAKE = Dialect("snowflake", "Snowflake", "snowflake.connector", "snowflake",
                    ("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {seconds}",), '"', "snowflake")  # fmt: skip
DATABRICKS = Dialect("databricks", "Databricks", "databricks.sql", "databricks",
                     ("SET STATEMENT_TIMEOUT = {seconds}",), "`", "databricks")  # fmt: skip
DUCKDB = Dialect("duckdb", "DuckDB", "duckdb", sqlglot="duckdb")
# 2 in ClickHouse: nothing is written, and settings other than this one may still be made.
DIALECTS = {one.name: one for one in (POSTGRES, CLICKHOUSE, SPARK, BIGQUERY, SNOWFLAKE, DATABRICKS, DUCKDB)}


def begin(dialect: Dialect, connection, seconds: int) -> None:
    """The statements of the session; each statement is a transaction of its own where the driver has transactions."""
    if engine_of(connection) == "psycopg":
        connection.autocommit = True
    for statement in dialect.session:
        run(connection, statement.format(seconds=int(seconds)))


def run(connection, text: str) -> list[tuple]:
    """All rows of a statement, by a driver of PEP 249 or a Spark session."""
    if engine_of(connection) == "pyspark":
        return [tuple(row) for row in connection.sql(text).collect()]
    cursor = cursor_of(connection)
    try:
        for setting in AS_THE_STANDARD if engine_of(connection) in ("chdb", "clickhouse_connect") else ():
            cursor.execute(setting)
        cursor.execute(text)
        return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
    finally:
        if cursor is not connection:
            cursor.close()


def _driver(dialect: Dialect):
    """The function of the driver that opens a connection."""
    try:
        module = importlib.import_module(dialect.package)
    except ImportError:
        raise Problem(f"The driver of {dialect.title} is not installed on this server. Whoever looks after it runs: "
                      f"pip install 'perennial[{dialect.extra}]'.") from None
    return _spark if dialect is SPARK else module.connect


def _spark(**given: str):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    for name, value in given.items():
        builder = builder.remote(value) if name == "remote" else builder.master(value) if name == "master" \
            else builder.config(name, value)  # fmt: skip
    return builder.getOrCreate()


def listed(dialect: Dialect, connection, where: str = "") -> dict[tuple[str, str], dict[str, str]]:
    """(schema, table) -> column -> type, in their order; `where`: of that schema alone. BigQuery's have a catalogue each."""
    if engine_of(connection) == "pyspark":
        return _of_spark(connection)
    known = run(connection, COLUMNS.format(where=f"{dialect.quoted(where)}." if where and dialect is BIGQUERY else ""))
    found: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table, column, kind in known:
        if where.lower() not in ("", str(schema).lower()) or column == FILE:
            continue
        found.setdefault((str(schema), str(table)), {})[str(column)] = str(kind).lower()
    return found


def _of_spark(session) -> dict[tuple[str, str], dict[str, str]]:
    known = {}
    for schema, table, *_ in run(session, "SHOW TABLES"):
        name = ".".join(SPARK.quoted(part) for part in (schema, table) if part)
        told = run(session, f"DESCRIBE TABLE {name}")
        end = next((i for i, line in enumerate(told) if line[0].startswith("#") or not line[0]), len(told))  # partitions
        known[schema, table] = {column: kind.lower() for column, kind, *_ in told[:end]}
    return known


def can_write(dialect: Dialect, connection, table: str) -> bool:
    """Whether the role of this connection may change that (quoted) table; False where the engine does not tell."""
    if dialect is not POSTGRES:
        return False
    name = table.replace("'", "''")
    rights = " OR ".join(f"has_table_privilege('{name}', '{right}')" for right in ("INSERT", "UPDATE", "DELETE"))
    return bool(run(connection, f"SELECT {rights}")[0][0])
