"""A table of a real PostgreSQL becomes a data set of counts: the numbers of an upload, and no row on the wire."""

from dataclasses import replace

import psycopg
import pytest

import cs_models as cs
from counted_alike import alike, nobody_is_nobody
from cs_models.engine import counted
from cs_models.problems import Problem
from cs_models.warehouse import counting, dialects, facts, mapping, repeats
from cs_models.warehouse.columns import Columns, kind_of
from cs_models.warehouse.settings import connections
from places import ROOT

pytestmark = pytest.mark.engines

SAMPLE = ROOT / "sample_data" / "subscriptions.csv"
TYPES = ("(customer_id TEXT, segment TEXT, channel TEXT, plan TEXT, billing_interval TEXT, price NUMERIC(10, 2), start_date DATE,"
         " end_date DATE, end_reason TEXT)")  # fmt: skip
COPIES = 3  # of every customer, each with an id of its own


def columns_of(connection, table: str = "billing") -> tuple[str, Columns]:
    """The table as it is quoted, and its columns as the page proposes them."""
    known = dialects.listed(dialects.POSTGRES, connection)[("shop", table)]
    roles = mapping.recognised(known)
    quoted = f'"shop"."{table}"'
    groups = facts.groups_of(dialects.POSTGRES, connection, quoted, mapping.candidates(known, roles), roles["customer"])
    kinds = {role: kind_of(known[name]) for role, name in roles.items()}
    return quoted, Columns(roles, tuple(groups), kinds=kinds)


def copied(admin, table: str) -> None:
    """The sample into a table."""
    with admin.cursor().copy(f"COPY {table} FROM STDIN (FORMAT csv, HEADER)") as copy:
        copy.write(SAMPLE.read_bytes())


@pytest.fixture(scope="module")
def upload():
    return cs.read(SAMPLE)


@pytest.fixture(scope="module")
def source(postgres_url, tmp_path_factory):
    """A database with the sample as a table and three of each customer in another, and a role that may read only."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA shop")
        for table in ("billing", "thrice"):
            admin.execute(f"CREATE TABLE shop.{table} {TYPES}")
        copied(admin, "shop.billing")
        for k in range(COPIES):
            admin.execute(
                f"INSERT INTO shop.thrice SELECT customer_id || '/{k}', segment, channel, plan, billing_interval, price,"
                " start_date, end_date, end_reason FROM shop.billing"
            )
        admin.execute("CREATE TABLE shop.twice AS SELECT b.*, '{\"a\": 1}'::json AS payload FROM shop.billing b, generate_series(1, 2)")
        others = TYPES[1:-1].replace(" TEXT", "").replace(" DATE", "").replace(" NUMERIC(10, 2)", "").split(", ")[1:]
        admin.execute(f"CREATE TABLE shop.by_uuid AS SELECT MD5(customer_id)::uuid AS customer_id, {', '.join(others)} FROM shop.billing")
        admin.execute("CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA shop TO reader")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader")
        server = postgres_url.removeprefix("postgresql://postgres@")
        secrets = tmp_path_factory.mktemp("secrets") / "secrets.toml"
        secrets.write_text("".join(
            f'[connections.{name}]\nengine = "postgresql"\nconninfo = "postgresql://{role}@{server}"\nseconds = 120\n'
            for name, role in (("warehouse", "reader"), ("owner", "postgres"))
        ))  # fmt: skip
        yield connections(secrets)
        admin.execute("DROP SCHEMA shop CASCADE; DROP ROLE reader")


@pytest.fixture(scope="module")
def wire(source, upload):
    """Both tables counted by the role that reads, with every text that was sent and every line that came home."""
    seen, found = [], {}
    with pytest.MonkeyPatch.context() as patch:
        plain = psycopg.Cursor.fetchall
        patch.setattr(psycopg.Cursor, "fetchall", lambda cursor: seen.append((cursor._query.query.decode(), plain(cursor)))
                      or seen[-1][1])  # fmt: skip
        for table in ("billing", "thrice"):
            seen.clear()
            with source["warehouse"].open() as connection:
                quoted, columns = columns_of(connection, table)
                facts.span_of(dialects.POSTGRES, connection, quoted, columns, upload.as_of)
                asked = counting.Asked(dialects.POSTGRES, quoted, table, columns, upload.as_of)
                found[table] = counting.count_there(connection, asked), list(seen)
    return found


def test_the_numbers_are_those_of_an_upload(wire, upload):
    subs, _ = wire["billing"]
    assert (subs.customers, subs.paying, subs.active) == (upload.customers, upload.paying, upload.active)
    assert subs.active_mrr == upload.active_mrr and subs.report.rows == upload.report.rows
    for by in ((), ("segment",), ("segment", "cohort"), ("plan",)):
        assert cs.life_table(subs, by).frame.equals(cs.life_table(upload, by).frame)
    assert cs.mrr_movements(subs).equals(cs.mrr_movements(upload))
    for value in ("logos", "mrr", "gross"):
        assert cs.cohort_triangle(subs, value).frame.equals(cs.cohort_triangle(upload, value).frame)
    ours, theirs = (cs.Assumptions.from_data(one, by="segment", draws=0) for one in (subs, upload))
    assert cs.value(ours, horizon=36).clv == cs.value(theirs, horizon=36).clv and ours.notes == theirs.notes


def test_no_customer_crosses_the_wire(wire, upload):
    ids = set(upload.rows["customer"].to_pylist())
    (subs, few), (_, many) = wire["billing"], wire["thrice"]
    assert len(few) == len(many) > 12
    for (text, lines), (_, of_thrice) in zip(few, many):
        cells = {str(cell).split("/")[0] for line in lines + of_thrice for cell in line}
        assert not cells & ids, text
        assert len(lines) == len(of_thrice), "three times the customers are as many lines"
        assert text.lstrip().startswith(("SELECT", "WITH")) and ";" not in text
    days = {line[i] for text, lines in few if "AS way" in text for line in lines for i, _ in enumerate(line)}
    assert len(days) < 400, "months and ages, no day of anybody"
    assert not {"customer", "started_on", "ended_on"} & set(subs.rows.column_names)


def test_an_empty_id_is_nobody_and_a_uuid_is_a_name(source, upload):
    with source["warehouse"].open() as connection:
        _, columns = columns_of(connection)
        assert nobody_is_nobody(dialects.POSTGRES, connection, ("shop", "billing"), replace(columns, groups=("segment",)), SAMPLE)
        quoted, columns = columns_of(connection, "by_uuid")
        assert columns.kinds["customer"] == "uuid"
        assert alike(counting.count_there(connection, counting.Asked(dialects.POSTGRES, quoted, "u", columns, upload.as_of)), upload)


def test_a_table_with_every_row_twice_is_the_table_once(source, upload):
    """Beside a column of documents, which know no equal."""
    with source["warehouse"].open() as connection:
        quoted, columns = columns_of(connection, "twice")
        known = dialects.listed(dialects.POSTGRES, connection)[("shop", "twice")]
        columns = replace(columns, compared=repeats.compared(known))
        assert "payload" in known and "payload" not in columns.compared
        found = repeats.repeats(dialects.POSTGRES, connection, quoted, columns)
        assert (found.rows, found.copies, found.conflicts) == (2 * upload.report.rows, upload.report.rows, 0)
        subs = counting.count_there(connection, counting.Asked(dialects.POSTGRES, quoted, "twice", columns, upload.as_of))
    assert alike(subs, upload) and subs.report.rejected == upload.report.rows
    told = {one.id: one.count for one in subs.report.findings}
    assert told["duplicates"] == upload.report.rows and "conflicts" not in told


def test_a_session_only_reads_and_ends_in_time(source):
    with source["owner"].open() as connection:
        for change in ("CREATE TABLE shop.mine (a INT)", "DELETE FROM shop.billing", "CREATE TEMP TABLE mine (a INT)"):
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(change)
        assert connection.execute("SHOW statement_timeout").fetchone() == ("2min",)
    impatient = dialects.POSTGRES.open({"conninfo": source["owner"].given["conninfo"]}, 1)
    with impatient, pytest.raises(psycopg.errors.QueryCanceled):
        impatient.execute("SELECT pg_sleep(20)")


def test_a_role_that_can_write_is_told_apart(source):
    for name, can in (("warehouse", False), ("owner", True)):
        with source[name].open() as connection:
            assert dialects.can_write(dialects.POSTGRES, connection, '"shop"."billing"') is can


def test_counting_can_be_stopped_and_a_wrong_door_is_a_sentence(source, upload):
    with source["warehouse"].open() as connection:
        quoted, columns = columns_of(connection, "thrice")
    asked = counting.Asked(dialects.POSTGRES, quoted, "thrice", columns, upload.as_of)
    under = counting.Counting(source["warehouse"].open, asked)
    under.cancel()
    with pytest.raises(Problem, match="cancelled"):
        under.result()
    with pytest.raises(Problem, match="did not let us in") as told:
        dialects.POSTGRES.open({"conninfo": "postgresql://nobody:hush@127.0.0.1:1/x", "connect_timeout": 2}, 5)
    assert "hush" not in str(told.value)


def test_what_needs_rows_says_so(wire):
    subs, _ = wire["billing"]
    assert counted.is_counted(subs)
    for ask in (cs.revenue_retention, cs.customer_health):
        with pytest.raises(Problem, match="Only counts of these customers"):
            ask(subs)


def test_a_named_schema_is_listed_alone_and_counted(postgres_url, tmp_path, upload):
    """Two schemas hold a table of the same name; the secrets name one of them."""
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute("CREATE SCHEMA north; CREATE SCHEMA south")
        try:
            for schema in ("north", "south"):
                admin.execute(f"CREATE TABLE {schema}.billing {TYPES}")
            copied(admin, "north.billing")
            admin.execute("INSERT INTO south.billing SELECT * FROM north.billing WHERE segment = 'Small business'")
            south = admin.execute("SELECT COUNT(DISTINCT customer_id) FROM south.billing").fetchone()[0]
            secrets = tmp_path / "secrets.toml"
            secrets.write_text("".join(
                f'[connections.{name}]\nengine = "postgresql"\nconninfo = "{postgres_url}"\nschema = "{name}"\n'
                for name in ("north", "south")
            ))  # fmt: skip
            found = {name: _counted_alone(one, name, upload) for name, one in connections(secrets).items()}
        finally:
            admin.execute("DROP SCHEMA north CASCADE; DROP SCHEMA south CASCADE")
    assert alike(found["north"], upload)
    assert 0 < found["south"].customers == south < upload.customers


def _counted_alone(source, name, upload):
    """What the connection counts of the only table it lists."""
    with source.open() as connection:
        listed = dialects.listed(source.dialect, connection, source.schema)
        assert list(listed) == [(name, "billing")]
        known = listed[name, "billing"]
        roles = mapping.recognised(known)
        kinds = {role: kind_of(known[column]) for role, column in roles.items()}
        table, few = f'"{name}"."billing"', mapping.candidates(known, roles)
        groups = facts.groups_of(source.dialect, connection, table, few, roles["customer"])
        columns = Columns(roles, tuple(groups), kinds=kinds)
        return counting.count_there(connection, counting.Asked(source.dialect, table, "billing", columns, upload.as_of))
