"""The page's own path, from the list of tables to the data set, on ClickHouse and Spark."""

import pytest

import cs_models as cs
from counted_alike import alike
from cs_models.warehouse import counting, dialects, facts, mapping

pytestmark = pytest.mark.engines

ROWS = 1000
TYPES = ("customer_id String, segment LowCardinality(String), channel Nullable(String), plan String, billing_interval String,"
         " price Decimal(10, 2), start_date Date, end_date Nullable(Date), end_reason Nullable(String)")  # fmt: skip


@pytest.fixture(scope="module")
def clickhouse(thousand_rows):
    from chdb import dbapi

    connection = dbapi.connect()
    cursor = connection.cursor()
    cursor.execute("CREATE DATABASE shop")
    cursor.execute(f"CREATE TABLE shop.billing ({TYPES}) ENGINE = Memory")
    plain = TYPES.replace("LowCardinality(String)", "String")
    cursor.execute(f"INSERT INTO shop.billing SELECT * FROM file('{thousand_rows}', CSVWithNames, '{plain}')")
    yield dialects.CLICKHOUSE, connection, ("shop", "billing")
    connection.close()


@pytest.fixture(scope="module")
def on_spark(thousand_rows, spark):
    spark.read.csv(str(thousand_rows), header=True, inferSchema=True).createOrReplaceTempView("billing")
    return dialects.SPARK, spark, ("", "billing")


@pytest.mark.parametrize("engine", ["clickhouse", "on_spark"])
def test_a_table_becomes_the_counts_of_an_upload(engine, thousand_rows, request):
    dialect, connection, where = request.getfixturevalue(engine)
    upload = cs.read(thousand_rows)
    dialects.begin(dialect, connection, 300)
    known = dialects.listed(dialect, connection)[where]
    roles = mapping.recognised(known)
    assert set(roles) == {"customer", "start", "end", "plan", "interval", "price", "end_reason"}
    table = ".".join(dialect.quoted(part) for part in where if part)
    kinds = {role: mapping.kind_of(known[name]) for role, name in roles.items()}
    few = facts.groups_of(dialect, connection, table, mapping.candidates(known, roles), roles["customer"])
    assert few == ["segment", "channel"]
    columns = mapping.Columns(roles, ("segment",), kinds=kinds)
    assert facts.span_of(dialect, connection, table, columns, upload.as_of).rows == ROWS
    asked = counting.Asked(dialect, table, "billing", columns, upload.as_of)
    assert alike(counting.count_there(connection, asked), upload)


def test_a_session_of_clickhouse_only_reads(clickhouse):
    dialect, connection, _ = clickhouse
    dialects.begin(dialect, connection, 300)
    with pytest.raises(Exception, match="READONLY"):
        connection.cursor().execute("INSERT INTO shop.billing SELECT * FROM shop.billing")
    with pytest.raises(Exception, match="READONLY"):
        connection.cursor().execute("SET readonly = 0")
