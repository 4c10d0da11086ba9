"""The same text gives the same counts, to the byte, on DuckDB, PostgreSQL, Spark and ClickHouse."""

import os
from dataclasses import replace
from datetime import timedelta

import duckdb
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import cs_models as cs
from books import AS_OF, COLUMNS, books, same, sha, upload, view_of
from cs_models.counts import asked_for, count, cube, engines, life
from cs_models.counts.definition import Definition
from cs_models.counts.late_ends import paid_view, weeks_text
from cs_models.definitions import Definitions

pytestmark = pytest.mark.engines

BOOKS = 40
VIEW = "perennial_book"
OTHER_RULES = Definitions(gap_days="10", plan_change="churn", incomplete="complete periods only")


@pytest.fixture(scope="module")
def book():
    """Many generated books in one, each a group of its own: customers are counted apart from each other."""
    found = []

    @settings(max_examples=BOOKS, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(books(12))
    def collect(one):
        found.append(one.assign(customer_id=one["customer_id"] + 1000 * len(found), g1=f"book {len(found)}"))

    collect()
    return pd.concat(found, ignore_index=True)


@pytest.fixture(scope="module")
def parquet(book, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "book.parquet"
    pq.write_table(pa.table({name: pa.array(list(book[name])) for name in (*COLUMNS, "g1")}), path)
    os.chmod(path, 0o644)
    return path


@pytest.fixture(scope="module")
def here(parquet):
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW {VIEW} AS SELECT * FROM '{parquet}'")
        yield connection


@pytest.fixture(scope="module")
def postgres(book, postgres_url):
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            f"CREATE TEMP TABLE {VIEW} (customer_id BIGINT, started_on DATE, ended_on DATE, term INTEGER, plan TEXT,"
            " mrr DOUBLE PRECISION, failed INTEGER, g0 TEXT, g1 TEXT)"
        )
        with connection.cursor().copy(f"COPY {VIEW} FROM STDIN") as copy:
            for row in book.itertuples(index=False, name=None):
                copy.write_row(None if value is None or pd.isna(value) else value for value in row)
        yield connection


@pytest.fixture(scope="module")
def clickhouse(parquet):
    from chdb import dbapi

    connection = dbapi.connect()
    cursor = connection.cursor()
    cursor.execute(f"CREATE TABLE {VIEW} ENGINE = Memory AS SELECT * FROM file('{parquet}', Parquet)")
    cursor.close()
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def on_spark(parquet, spark):
    spark.read.parquet(str(parquet)).createOrReplaceTempView(VIEW)
    return spark


@pytest.mark.parametrize("rules", [Definitions(), OTHER_RULES], ids=["usual rules", "other rules"])
@pytest.mark.parametrize("engine", ["postgres", "clickhouse", "on_spark"])
def test_every_engine_counts_the_same(engine, rules, here, book, request):
    asked = (VIEW, AS_OF, ("Region", "Book"), "USD", rules)
    expected, found = count(here, *asked), count(request.getfixturevalue(engine), *asked)
    assert expected.life["customers"].sum() > BOOKS and len(set(expected.cube["g1"])) > BOOKS * 0.8
    for table in ("life", "cube"):
        ours, theirs = getattr(expected, table), getattr(found, table)
        apart = [name for name in set(ours["g1"]) if not same(ours[ours["g1"] == name], theirs[theirs["g1"] == name])]
        assert not apart, f"{table} of {sorted(apart)[:3]} differs"
        assert sha(ours) == sha(theirs)


@pytest.mark.parametrize("engine", ["postgres", "clickhouse", "on_spark"])
def test_every_engine_tells_alike_how_early_ends_come(engine, here, request):
    text = Definition(VIEW, AS_OF).ends
    ours, theirs = (engines.rows(one, text).astype(int).sort_values(["term", "place"], ignore_index=True)
                    for one in (here, request.getfixturevalue(engine)))  # fmt: skip
    assert len(ours) > 5 and ours["customers"].sum() > 15 and ours.equals(theirs)


@pytest.mark.parametrize("as_of", [AS_OF, AS_OF - timedelta(days=17)], ids=["at the end of a month", "inside it"])
@pytest.mark.parametrize("engine", ["postgres", "clickhouse", "on_spark"])
def test_every_engine_tells_alike_what_revenue_is_kept(engine, as_of, here, request):
    text = Definition(VIEW, as_of).kept
    ours, theirs = (engines.rows(one, text).sort_values(["kind", "place"], ignore_index=True)
                    for one in (here, request.getfixturevalue(engine)))  # fmt: skip
    assert set(ours["kind"]) == {"gross", "net", "due", "renewed"} and ours.equals(theirs)


@pytest.mark.parametrize("engine", ["postgres", "clickhouse", "on_spark"])
def test_every_engine_moves_ends_after_renewals_alike(engine, here, request):
    given = Definition("given_rows", AS_OF, 2, rules=Definitions(late_ends="10"), rows=f"SELECT * FROM {VIEW}", days=False)
    moved = replace(given, rows=paid_view(given))
    for text, least in ((weeks_text(given), 4), (moved.life, 50), (moved.ends, 4)):
        ours, theirs = (engines.rows(one, text) for one in (here, request.getfixturevalue(engine)))
        ours, theirs = (frame.sort_values(list(frame), ignore_index=True) for frame in (ours, theirs))
        assert len(ours) > least and same(ours, theirs)
    assert not same(*(engines.rows(here, one.life).pipe(lambda frame: frame.sort_values(list(frame))) for one in (given, moved)))


def test_duckdb_counts_the_same_by_the_text_and_by_packed_numbers(here):
    asked = asked_for(VIEW, AS_OF, ("Region", "Book"), "USD", Definitions())
    found = count(here, VIEW, AS_OF, ("Region", "Book"))
    assert sha(found.life) == sha(life(here, asked)) and sha(found.cube) == sha(cube(here, asked))


def test_the_tables_of_each_book_are_those_of_an_upload(book, here):
    found = count(here, VIEW, AS_OF, ("Region", "Book")).life_table(("Book", "Region"))
    for name in sorted(set(book["g1"]))[:5]:
        own = cs.life_table(upload(book[book["g1"] == name]), "Region")
        part = found.frame[found.frame["Book"] == name].drop(columns="Book").reset_index(drop=True)
        assert same(part, own.frame)


def test_only_counts_leave_the_engine(book, here, monkeypatch):
    """What comes home has no customer in it, and as many lines for a book ten times as long."""
    fetched = []
    plain = engines.rows
    monkeypatch.setattr("cs_models.counts.rows", lambda *asked: fetched.append(plain(*asked)) or fetched[-1])
    with duckdb.connect() as long:
        ten = pd.concat([book.assign(customer_id=book["customer_id"] + 1_000_000 * k) for k in range(10)])
        view_of(long, ten[COLUMNS])
        count(long, "subs", AS_OF, ("Region",))
        view_of(long, book[COLUMNS])
        count(long, "subs", AS_OF, ("Region",))
    many, few = fetched[:2], fetched[2:]
    assert [len(frame) for frame in many] == [len(frame) for frame in few]
    for frame in fetched:
        assert not {"customer", "customer_id"} & set(frame.columns)


def test_a_definition_is_one_statement_that_only_reads():
    asked = Definition(VIEW, AS_OF, 2)
    for text in (asked.life, asked.cube):
        assert text.strip().startswith("WITH") and ";" not in text
