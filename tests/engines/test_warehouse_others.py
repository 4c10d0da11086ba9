"""The page's own path, from the list of tables to the data set, on ClickHouse and Spark."""

from dataclasses import replace

import pytest

import cs_models as cs
from counted_alike import alike, nobody_is_nobody
from cs_models.warehouse import counting, dialects, facts, mapping, repeats
from cs_models.warehouse.columns import Columns, kind_of

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
    kinds = {role: kind_of(known[name]) for role, name in roles.items()}
    few = facts.groups_of(dialect, connection, table, mapping.candidates(known, roles), roles["customer"])
    assert few == ["segment", "channel"]
    columns = Columns(roles, ("segment",), kinds=kinds)
    assert facts.span_of(dialect, connection, table, columns, upload.as_of).rows == ROWS
    asked = counting.Asked(dialect, table, "billing", columns, upload.as_of)
    assert alike(counting.count_there(connection, asked), upload)


@pytest.mark.parametrize("engine", ["clickhouse", "on_spark"])
def test_rows_that_are_told_twice_count_as_in_an_upload(engine, thousand_rows, request, tmp_path):
    """Of the same thousand, three hundred stand twice and fifty once more at another price."""
    dialect, connection, where = request.getfixturevalue(engine)
    dialects.begin(dialect, connection, 300)
    table = ".".join(dialect.quoted(part) for part in where if part)
    known = dialects.listed(dialect, connection)[where]
    names, dearer = list(known), ["price + 1 AS price" if name == "price" else name for name in known]
    same, other = ("customer_id < 'C-00301'", "customer_id > 'C-00800'")
    twice = (f"(SELECT {', '.join(names)} FROM {table} UNION ALL SELECT {', '.join(names)} FROM {table} WHERE {same} "
             f"UNION ALL SELECT {', '.join(dearer)} FROM {table} WHERE {other})")  # fmt: skip
    head, *rest = thousand_rows.read_text().splitlines()
    more = [line for line in rest if line < "C-00301"]
    for line in (one.split(",") for one in rest if one.split(",")[0] > "C-00800"):
        more.append(",".join([*line[:5], f"{float(line[5]) + 1:.2f}", *line[6:]]))
    file = tmp_path / "twice.csv"
    file.write_text("\n".join([head, *rest, *more]) + "\n")
    roles = mapping.recognised(known)
    kinds = {role: kind_of(known[name]) for role, name in roles.items()}
    columns = Columns(roles, ("segment",), kinds=kinds, compared=repeats.compared(known))
    relation = f"{twice} AS twice"
    found = repeats.repeats(dialect, connection, relation, columns)
    for answer in repeats.CONFLICTS:
        upload = cs.read(file, answers={"conflicts": answer})
        told = {one.id: one.count for one in upload.report.findings}
        assert (found.rows, found.copies, found.conflicts) == (upload.report.rows, told["duplicates"], told["conflicts"])
        asked = counting.Asked(dialect, relation, "billing", replace(columns, conflicts=answer), upload.as_of)
        assert alike(counting.count_there(connection, asked), upload)


@pytest.mark.parametrize("engine", ["clickhouse", "on_spark"])
def test_an_empty_id_is_nobody(engine, thousand_rows, request):
    dialect, connection, where = request.getfixturevalue(engine)
    dialects.begin(dialect, connection, 300)
    known = dialects.listed(dialect, connection)[where]
    roles = mapping.recognised(known)
    columns = Columns(roles, ("segment",), kinds={role: kind_of(known[name]) for role, name in roles.items()})
    assert nobody_is_nobody(dialect, connection, where, columns, thousand_rows)


def test_a_session_of_clickhouse_only_reads(clickhouse):
    dialect, connection, _ = clickhouse
    dialects.begin(dialect, connection, 300)
    with pytest.raises(Exception, match="READONLY"):
        connection.cursor().execute("INSERT INTO shop.billing SELECT * FROM shop.billing")
    with pytest.raises(Exception, match="READONLY"):
        connection.cursor().execute("SET readonly = 0")
