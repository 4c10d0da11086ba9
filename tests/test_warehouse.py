"""Tables counted where they lie: recognised, told, counted into a data set; folders of files; the page."""

import gc
import os
import re
import shutil
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow.compute as pc
import pytest
from pandas.testing import assert_frame_equal
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.counts.engines import rows
from cs_models.definitions import Definitions
from cs_models.engine import counted as engine_of_counts
from cs_models.engine.counts import active_book
from cs_models.problems import NeedsRows, Problem
from cs_models.store import Store
from cs_models.warehouse import counting, dialects, facts, mapping
from cs_models.warehouse.columns import Columns
from cs_models.warehouse.folders import Folders, folders
from cs_models.warehouse.settings import connections
from cs_models.warehouse.under_way import MOST
from pages.data import counting as page_counting
from pages.data import database
from pages.shared import cache, quota
from counted_alike import alike
from folder_books import asked_of, serving, write_folder
from places import ROOT

ROWS = 1000
NEED_ROWS = "Only counts of these customers are here"


@pytest.fixture(scope="module")
def upload(thousand_rows):
    return cs.read(thousand_rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory, thousand_rows):
    """The folder of data sets of a server, with a folder of files in it."""
    root = tmp_path_factory.mktemp("home")
    write_folder(root, thousand_rows)
    return root


def test_a_schema_that_is_named_is_looked_at_alone(monkeypatch):
    """By what the one catalogue says; only BigQuery has one for each."""
    with duckdb.connect() as engine:
        engine.execute("CREATE SCHEMA billing; CREATE TABLE billing.plans (a DATE); CREATE TABLE plans (b DATE)")
        for asked, there in (("", {("billing", "plans"), ("main", "plans")}), ("Billing", {("billing", "plans")}), ("no", set())):
            for dialect in (dialects.DUCKDB, dialects.POSTGRES, dialects.SNOWFLAKE):
                assert set(dialects.listed(dialect, engine, asked)) == there
        told = []
        monkeypatch.setattr(dialects, "run", lambda connection, text: told.append(text) or [])
        dialects.listed(dialects.BIGQUERY, engine, "billing")
        assert "FROM `billing`.information_schema.columns" in told[0]


@pytest.fixture(scope="module")
def counted(home, upload):
    source = folders(home)
    return counting.Counting(source.open, asked_of(source, upload.as_of)).result()


def test_a_folder_gives_the_counts_of_an_upload(counted, upload):
    assert alike(counted, upload) and counted.report.rows == upload.report.rows == ROWS
    for value, every in (("logos", 1), ("mrr", 3), ("gross", 12)):
        assert cs.cohort_triangle(counted, value, every=every).frame.equals(
            cs.cohort_triangle(upload, value, every=every).frame)  # fmt: skip
    assert cs.mrr_movements(counted).equals(cs.mrr_movements(upload))
    assert_frame_equal(cs.metrics(counted), cs.metrics(upload))
    for value, term in (("logos", 12), ("mrr", 12), ("gross", 12), ("logos", 1)):
        ours, theirs = (cs.cohort_triangle(one, value, every=12, billed=term).frame for one in (counted, upload))
        assert ours.equals(theirs) and len(ours)


def test_counts_of_before_say_what_they_do_not_hold(counted):
    """A rule older than the revenue kept over a year; nothing else of them is in doubt."""
    rule = pc.and_(pc.equal(counted.rows["part"], "facts"), pc.equal(counted.rows["kind"], "rule"))
    at = counted.rows.column_names.index("customers")
    older = counted.rows.set_column(at, "customers", pc.if_else(rule, 2, counted.rows["customers"]))
    before = replace(counted, rows=older)
    with pytest.raises(Problem, match="Count the table again"):
        cs.metrics(before)
    assert not engine_of_counts.is_old(before) and cs.mrr_movements(before).equals(cs.mrr_movements(counted))


def test_any_whole_number_of_months_is_a_term_of_its_own():
    columns = Columns({"customer": "who", "start": "since", "interval": "every", "mrr": "mrr"}, kinds={"interval": "number"})
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE t AS SELECT 1 AS who, DATE '2025-01-01' AS since, 9 AS mrr, unnest([1, 4, 18, NULL]) AS every")
        found = engine.execute(mapping.view_text(dialects.DIALECTS["duckdb"], "t", columns, "term")).df()
    assert found["g0"].tolist() == found["term"].astype(str).tolist() == ["1", "4", "18", "1"]


def test_without_a_billing_interval_shares_by_renewal_are_not_known(few):
    source, asked = few
    plain = replace(asked, columns=replace(asked.columns, roles={
        role: name for role, name in asked.columns.roles.items() if role != "interval"}))  # fmt: skip
    with source.open() as engine:
        found = counting.count_there(engine, plain)
    with pytest.raises(NeedsRows, match="Count the table again"):
        cs.cohort_triangle(found, billed=12)


@pytest.mark.slow
def test_other_definitions_and_csv_too(tmp_path, thousand_rows, upload):
    answers = {"gap_days": "10", "plan_change": "churn", "last_day": "not seen"}
    write_folder(tmp_path, thousand_rows, "plain", "csv")
    source = folders(tmp_path)
    with source.open() as engine:
        found = counting.count_there(engine, asked_of(source, upload.as_of, "plain", rules=Definitions(**answers)))
    assert alike(found, cs.read(thousand_rows, answers={**upload.answers, **answers}))


@pytest.fixture(scope="module")
def few(tmp_path_factory, thousand_rows):
    """A folder of few rows, and what is asked of it: everybody, and by plan."""
    root = tmp_path_factory.mktemp("few")
    file = root / "few.csv"
    file.write_text("".join(thousand_rows.read_text().splitlines(True)[:101]))
    write_folder(root, file)
    source = folders(root)
    return source, asked_of(source, date(2025, 6, 30), most=0)


def test_counts_come_back_from_disk_and_name_themselves(few, tmp_path):
    source, asked = few
    with source.open() as engine:
        one, again, later = (
            counting.count_there(engine, ask) for ask in (asked, asked, replace(asked, as_of=date(2026, 12, 31)))
        )
    store = Store(tmp_path)
    assert alike(store.load(store.save(one)), one, "plan") and one.digest == again.digest != later.digest


@pytest.mark.parametrize("ask", [
    cs.revenue_retention, cs.customer_health, lambda subs: cs.back_test(subs, 12),
    lambda subs: cs.life_table(subs, ("segment", "channel")), lambda subs: subs.with_price(49),
])  # fmt: skip
def test_what_follows_each_customer_says_that_it_needs_rows(counted, ask):
    with pytest.raises(Problem, match=f"{NEED_ROWS}|one column at a time"):
        ask(counted)


def test_every_row_is_accounted_for(tmp_path):
    book = tmp_path / "odd.csv"
    book.write_text(
        "customer,start_date,end_date,mrr\nA,2025-01-05,,10\n,2025-01-05,,10\nB,2025-02-01,2025-01-01,10\nC,2026-05-01,,10\n"
        "D,2025-01-09,,0\nE,2025-01-09,2025-03-09,12\nF,2025-01-09,,-3\n"
    )
    write_folder(tmp_path, book, "odd")
    source = folders(tmp_path)
    with source.open() as engine:
        found = counting.count_there(engine, asked_of(source, date(2025, 6, 30), "odd"))
    told = found.report
    assert (told.rows, told.accepted, told.rejected, told.set_aside) == (7, 4, 3, 2)
    assert {one.id: one.count for one in told.findings} == {"nameless": 1, "backwards": 1, "price_negative": 1, "ahead": 1, "free": 1}
    own = cs.read(book, as_of=date(2025, 6, 30))
    assert (own.report.rows, own.report.rejected, own.report.set_aside, own.customers) == (7, 3, 2, found.customers)
    assert (found.customers, found.paying, found.active) == (4, 2, 1)


def test_a_table_without_rows_is_a_sentence():
    columns = Columns({"customer": "who", "start": "since", "mrr": "mrr"})
    with duckdb.connect() as engine, pytest.raises(Problem, match="No paying customer"):
        engine.execute("CREATE TABLE t (who INTEGER, since DATE, mrr DOUBLE)")
        counting.count_there(engine, counting.Asked(dialects.DUCKDB, "t", "t", columns, date(2025, 6, 30)))


@pytest.mark.parametrize("customers", [5, 18, 150, 250])
def test_a_column_that_names_customers_is_not_counted_by(tmp_path, customers):
    """Neither the ids of a small table nor a column with as many values as there are customers."""
    book, name = tmp_path / "named.csv", "customer" if customers < 9 else "firm"
    book.write_text("customer,firm,start_date,mrr\n" + "".join(f"A{i},F{i},2025-01-05,10\n" for i in range(customers)))
    write_folder(tmp_path, book, "named")
    source = folders(tmp_path)
    asked = asked_of(source, date(2025, 6, 30), "named")
    asked = replace(asked, columns=Columns(asked.columns.roles | {"plan": name}))
    with source.open() as engine, pytest.raises(Problem, match=f"{name} has {customers} different values"):
        counting.count_there(engine, asked)


def test_a_column_of_few_names_is_not_offered_as_groups(tmp_path):
    """Eighteen addresses are few values and a list of people; two regions are groups, one thin region among three too."""
    book = tmp_path / "few.csv"
    book.write_text("customer,email,region,size,start_date,mrr\n" + "".join(
        f"A{i},a{i}@x.test,{'north' if i % 2 else 'south'},{'top' if i < 2 else 'mid' if i < 9 else 'low'},2025-01-05,10\n"
        for i in range(18)))  # fmt: skip
    write_folder(tmp_path, book, "few")
    assert asked_of(folders(tmp_path), date(2025, 6, 30), "few").columns.groups == ("region", "size")


def test_a_folder_named_by_a_number_is_a_group(home, thousand_rows, upload, tmp_path):
    """`year=2024/` holds rows that began in 2024: as an upload with a column of years. A number that names no folder is none."""
    asked = asked_of(source := folders(home), upload.as_of)
    assert asked.columns.groups[-1] == "year" and mapping.candidates({"year": "bigint", "seats": "bigint"}, {}, ("year",)) == ["year"]
    with source.open() as engine:
        found = counting.count_there(engine, asked)
    head, *rows_of = thousand_rows.read_text().splitlines()
    dated = tmp_path / "dated.csv"
    dated.write_text("\n".join([head + ",year", *(f"{row},{row.split(',')[6][:4]}" for row in rows_of)]) + "\n")
    assert alike(found, cs.read(dated, as_of=upload.as_of), "year") and active_book(found, ("year",))["year"].nunique() > 2


def test_a_plan_called_007_stays_a_text_and_names_in_capitals_are_the_same(tmp_path):
    book = tmp_path / "agents.csv"
    plans = ["p"] + ["007", "101"] * 5  # five customers each: fewer would be told by name
    book.write_text("customer,plan,start_date,mrr\n" + "".join(f"A{i},{plan},2025-02-01,10\n" for i, plan in enumerate(plans)))
    place = tmp_path / "folders" / "agents"
    place.mkdir(parents=True)
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT * FROM read_csv('{book}', types = {{'plan': 'VARCHAR'}}) WHERE plan <> 'p') "
                       f"TO '{place / 'a.parquet'}'")  # fmt: skip
        told = rows(engine, "SELECT '007' AS G0, 2 AS CUSTOMERS")
    assert told.to_dict("records") == [{"g0": "007", "customers": 2}]
    source = folders(tmp_path)
    with source.open() as engine:
        found = counting.count_there(engine, asked_of(source, date(2025, 6, 30), "agents"))
    assert active_book(found, ("plan",))["plan"].tolist() == ["007", "101"]


def test_a_folder_that_cannot_be_read_leaves_the_others_open(home):
    """One of files of two kinds, one of a file that is none; both are named."""
    root = home / "folders"
    try:
        for name, file in (("mixed", "a.csv"), ("mixed", "b.csv.gz"), ("torn", "a.parquet")):
            (root / name).mkdir(exist_ok=True)
            (root / name / file).write_text("customer\n1\n")
        source = folders(home)
        with source.open() as engine:
            assert source.left_out(engine) == ["mixed", "torn"]
            assert engine.execute("SELECT COUNT(*) FROM subscriptions").fetchone() == (ROWS,)
    finally:
        for name in ("mixed", "torn"):
            shutil.rmtree(root / name)


def test_a_look_for_folders_ends_at_the_first_file(home, monkeypatch):
    """The page asks at every run; a folder of a hundred thousand files may not be walked through each time."""
    place, plain, walked = home / "folders" / "subscriptions", os.walk, []
    monkeypatch.setattr(os, "walk", lambda top: (walked.append(one) or one for one in plain(top)))
    assert folders(home) and len(list(place.iterdir())) > 1
    assert len(walked) == 2, "the folder, and the first one in it"


def test_the_engine_of_folders_sees_them_and_nothing_else(home, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("a\n1\n")
    with folders(home).open() as engine:
        assert engine.execute("SELECT COUNT(*) FROM subscriptions").fetchone() == (ROWS,)
        with pytest.raises(duckdb.PermissionException):
            engine.execute(f"SELECT * FROM '{outside}'")
        with pytest.raises(duckdb.Error, match="locked"):
            engine.execute("SET memory_limit = '900GB'")


def test_a_folder_s_name_is_no_pattern(tmp_path):
    names = ["2024*", "2024b", "a[b]", "who?"]
    for name in names:
        (tmp_path / "folders" / name).mkdir(parents=True)
        duckdb.execute(f"COPY (SELECT '{name}' AS x) TO '{tmp_path / 'folders' / name / 'a.parquet'}'")
    with folders(tmp_path).open() as engine:
        assert [engine.execute(f'SELECT x FROM "{name}"').fetchall() for name in names] == [[(name,)] for name in names]


def test_columns_are_recognised_by_name_and_type():
    known = {"customer_id": "bigint", "start_date": "text", "started_at": "timestamp with time zone", "mrr": "numeric",
             "status": "text", "uid": "uuid", "vip": "boolean", "cancel_reason": "character varying"}  # fmt: skip
    found = mapping.recognised(known)
    assert found == {"customer": "customer_id", "start": "started_at", "mrr": "mrr", "end_reason": "cancel_reason"}
    assert mapping.candidates(known, found) == ["start_date", "status", "vip"]
    assert mapping.missing({"customer": "customer_id"}) == ["Start", "Monthly recurring revenue, or Price per billing period"]


@pytest.mark.parametrize("name", ['a"b', "a`b", "a\\b", "a\nb", ""])
def test_a_name_that_could_leave_its_quotes_is_refused(name):
    for dialect in dialects.DIALECTS.values():
        with pytest.raises(Problem, match="quotation mark"):
            dialect.quoted(name)


def test_connections_come_from_the_secrets_file_alone(tmp_path):
    file = tmp_path / "secrets.toml"
    assert connections(file) == {}
    file.write_text('[gate]\nkind = "proxy"\n[connections.a]\nengine = "postgresql"\npassword = "hush"\nseconds = 9\n')
    (one,) = connections(file).values()
    assert (one.name, one.dialect, one.given, one.seconds) == ("a", dialects.POSTGRES, {"password": "hush"}, 9)
    assert "hush" not in repr(one)
    for wrong, said in (('engine = "oracle"', "engine"), ('engine = "duckdb"', "into a folder"), ('engine = "spark"\nseconds = "x"', "seconds"), ("engine", "TOML")):
        file.write_text(f"[connections.a]\n{wrong}\n")
        with pytest.raises(Problem, match=said):
            connections(file)


def test_a_driver_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "snowflake.connector", None)
    with pytest.raises(Problem, match=r"perennial\[snowflake\]"):
        dialects.SNOWFLAKE.open({}, 5)


# --- the page ---


@pytest.fixture
def server(home):
    with serving(home):
        yield home


def page(name: str = "data", **link: str) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=180)
    for key, value in link.items():
        at.query_params[key] = value
    return clean(clean(at.run()).switch_page(f"pages/{name}/page.py").run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def click(at: AppTest, key: str) -> AppTest:
    return clean(at.button(key=key).click().run())


def test_a_folder_is_counted_on_the_data_page_and_opens(server, upload):
    at = click(page(), "source-open")
    assert any("no customer" in one.value for one in at.info), "said before anything is counted"
    assert any("SELECT" in one.value for one in at.code), "what is asked can be read"
    at.date_input[0].set_value(upload.as_of)
    at.multiselect[0].set_value(["segment"])
    at = click(clean(at.run()), "count")
    at.session_state["_waiting"]["counting"].result()
    at = clean(at.run())
    opened = cache.store().load(list(cache.store().ids())[-1])
    assert opened.customers == upload.customers and opened.kind == "counted"
    assert [one.value.replace("\\", "") for one in at.metric][:2] == ["1,000", "1,000"]


def test_counting_is_stopped_on_the_page(server, monkeypatch):
    gate = threading.Event()
    plain = counting.count_there
    monkeypatch.setattr(counting, "count_there", lambda *asked: gate.wait(30) and plain(*asked))
    at = click(click(page(), "source-open"), "count")
    under = at.session_state["_waiting"]["counting"]
    at = click(at, "cancel-counting")
    gate.set()
    with pytest.raises(Problem, match="cancelled"):
        under.result()
    assert any("cancelled" in one.value for one in at.warning) and at.button(key="count")


def test_of_a_session_that_others_share_only_our_own_work_is_stopped(monkeypatch):
    """A Spark session is one for the whole server; what bears the mark of this counting is stopped and nothing else."""
    marked, stopped, begun, gate = [], [], threading.Semaphore(0), threading.Event()
    kind = type("SparkSession", (), {"__module__": "pyspark.sql", "addTag": lambda self, mark: marked.append(mark),
                                     "interruptTag": lambda self, mark: stopped.append(mark),
                                     "interruptAll": lambda self: stopped.append("everybody")})  # fmt: skip
    monkeypatch.setattr(counting, "count_there", lambda *asked: begun.release() or gate.wait(30))
    ours, others = (counting.Counting(kind, SimpleNamespace(splits=[""])) for _ in range(2))
    assert begun.acquire(timeout=30) and begun.acquire(timeout=30)
    ours.cancel()
    gate.set()
    assert stopped == [ours.mark] and sorted(marked) == sorted([ours.mark, others.mark])
    assert ours.wait(30) and others.wait(30)


@pytest.fixture
def held(monkeypatch):
    """Countings that go on until the gate is opened, on a connection that can be interrupted."""
    gate, begun, stopped = threading.Event(), threading.Semaphore(0), []
    kind = type("DuckDBPyConnection", (), {"__module__": "_duckdb", "interrupt": lambda self: stopped.append(self)})
    monkeypatch.setattr(counting, "count_there", lambda *asked: begun.release() or gate.wait(30))
    started = []

    def start():
        started.append(counting.Counting(kind, SimpleNamespace(splits=[""])))
        assert begun.acquire(timeout=30)
        return started.pop()

    yield SimpleNamespace(start=start, gate=gate, stopped=stopped)
    gate.set()


def test_a_counting_that_nobody_holds_stops(held):
    """As after a tab was closed: the session goes, and with it what it held."""
    under = held.start()
    thread = under._thread
    assert not held.stopped
    del under
    gc.collect()
    assert len(held.stopped) == 1
    held.gate.set()
    thread.join(30)


def test_a_server_counts_only_so_many_tables_at_once(held):
    under = [held.start() for _ in range(MOST)]
    with pytest.raises(Problem, match=f"counting {MOST} tables already"):
        held.start()
    held.gate.set()
    assert all(one.wait(30) for one in under)
    assert held.start().wait(30), "a place is free again"


def test_a_question_that_takes_long_is_stopped_on_the_page(server, monkeypatch):
    gate, plain = threading.Event(), database.listed
    monkeypatch.setattr(database, "listed", lambda *asked: gate.wait(30) and plain(*asked))
    monkeypatch.setattr(page_counting, "PATIENCE", 0.01)
    at = click(page(), "source-open")
    _, question = at.session_state["_waiting"]["asking"]
    at = click(at, "cancel-question")
    gate.set()
    with pytest.raises(Problem, match="cancelled"):
        question.result()
    assert at.button(key="source-open"), "back where a source is chosen"


def test_what_could_not_be_kept_is_not_counted(server, monkeypatch):
    monkeypatch.setattr(quota, "full", lambda store, who: "You keep too much.")
    at = click(click(page(), "source-open"), "count")
    assert any("keep too much" in one.value for one in at.warning) and "counting" not in at.session_state["_waiting"]


@pytest.mark.slow
@pytest.mark.parametrize("name, answer, needing", [
    ("overview", r"A new customer is worth \$[\d,]+ over 36 months", 0),
    ("data", "All 1,000 rows are accounted for", 0),
    ("retention", r"\d+ of 100 customers are still subscribed after 24 months", 1),
    ("drivers", r"\d+ % less likely to leave in a month", 2),
    ("lifetime_value", r"A new customer is worth \$[\d,]+ over 36 months", 3),
    ("scenarios", r"Today a new customer is worth \$[\d,]+ over 36 months", 0),
    ("saved", "No saved scenario yet", 0),
    ("playbook", r"would do most at a modest setting: \$[\d.]+K", 0),
    ("segments", "Segments", 2),
    ("customers", "Whom to call this week", 2),
    ("backtest", "Would this model have been right", 1),
    ("methods", "How every number is made", 0),
])  # fmt: skip
def test_pages_answer_from_counts_and_say_what_needs_rows(server, counted, name, answer, needing):
    """Each page's own answer, and as many parts of it as follow each customer's rows; nothing of it is a fault."""
    at = page(name, ds=cache.store().save(counted))
    title, said = (" ".join(one.value for one in kind).replace("\\", "") for kind in (at.title, at.info))
    assert re.search(answer, title.replace("\xa0", " ")), title
    assert said.count(NEED_ROWS) == needing and not at.error
    unchecked = sum(one.value.startswith("Not checked against held-back months") for one in at.caption)
    assert unchecked == (name in ("overview", "lifetime_value", "scenarios")), "once, where a missed back-test is told"


def test_without_a_source_the_page_says_who_makes_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PERENNIAL_SECRETS", os.devnull + "/none")
    cache.store.clear()
    assert any("secrets file" in one.value for one in page().caption)
    cache.store.clear()
