"""Tables counted where they lie: recognised, told, counted into a data set; folders of files; the page."""

import os
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.counts.engines import rows
from cs_models.definitions import Definitions
from cs_models.engine.counts import active_book
from cs_models.problems import Problem
from cs_models.store import Store
from cs_models.warehouse import counting, dialects, facts, mapping
from cs_models.warehouse.folders import Folders, folders
from cs_models.warehouse.settings import connections
from pages.shared import cache
from counted_alike import alike
from places import ROOT

ROWS = 1000
NEED_ROWS = "Only counts of these customers are here"


def write_folder(root: Path, file: Path, name: str = "subscriptions", ending: str = "parquet") -> Path:
    """A folder of files by year of the start, of one of the kinds that are read."""
    place = root / "folders" / name
    place.mkdir(parents=True)
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT *, year(start_date) AS year FROM '{file}') TO '{place}' (FORMAT {ending}, PARTITION_BY year)")
    return place


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The first thousand rows of the sample."""
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    path.write_text("".join((ROOT / "sample_data" / "subscriptions.csv").read_text().splitlines(True)[: ROWS + 1]))
    return path


@pytest.fixture(scope="module")
def upload(sample):
    return cs.read(sample)


@pytest.fixture(scope="module")
def home(tmp_path_factory, sample):
    """The folder of data sets of a server, with a folder of files in it."""
    root = tmp_path_factory.mktemp("home")
    write_folder(root, sample)
    return root


def asked_of(source: Folders, as_of: date, name: str = "subscriptions", **choices) -> counting.Asked:
    """What the page would ask of a folder when every guess is taken."""
    with source.open() as engine:
        known = dialects.listed(source.dialect, engine)[("main", name)]
        roles = mapping.recognised(known)
        table = source.dialect.quoted(name)
        groups = facts.groups_of(source.dialect, engine, table, mapping.candidates(known, roles), roles["customer"])
    kinds = {role: mapping.kind_of(known[column]) for role, column in roles.items()}
    return counting.Asked(source.dialect, table, name, mapping.Columns(roles, tuple(groups), kinds=kinds), as_of, **choices)


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


@pytest.mark.slow
def test_other_definitions_and_csv_too(tmp_path, sample, upload):
    answers = {"gap_days": "10", "plan_change": "churn", "last_day": "not seen"}
    write_folder(tmp_path, sample, "plain", "csv")
    source = folders(tmp_path)
    with source.open() as engine:
        found = counting.count_there(engine, asked_of(source, upload.as_of, "plain", rules=Definitions(**answers)))
    assert alike(found, cs.read(sample, answers={**upload.answers, **answers}))


def test_where_memory_is_short_parts_of_the_customers_add_up(home, counted, upload, monkeypatch):
    source, asked, plain = folders(home), [], counting.rows

    def short(connection, text):
        asked.append(text)
        if "% 8 =" not in text:
            raise duckdb.OutOfMemoryException("not enough")
        return plain(connection, text)

    monkeypatch.setattr(counting, "rows", short)
    with source.open() as engine:
        found = counting.count_there(engine, asked_of(source, upload.as_of))
    assert found.digest == counted.digest and sum("% 8 = 7" in text for text in asked) == 2 * 4
    monkeypatch.setattr(counting, "PARTS", (1,))
    with source.open() as engine, pytest.raises(Problem, match="PERENNIAL_ENGINE_MEMORY"):
        counting.count_there(engine, asked_of(source, upload.as_of))


def test_counts_come_back_from_disk_and_name_themselves(counted, home, tmp_path, upload):
    store = Store(tmp_path)
    again = store.load(store.save(counted))
    assert alike(again, counted)
    source = folders(home)
    now, later = (asked_of(source, day) for day in (upload.as_of, date(2026, 12, 31)))
    with source.open() as engine:
        assert counting.count_there(engine, now).digest == counted.digest
        assert counting.count_there(engine, later).digest != counted.digest


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
        "D,2025-01-09,,0\nE,2025-01-09,2025-03-09,12\n"
    )
    write_folder(tmp_path, book, "odd")
    source = folders(tmp_path)
    with source.open() as engine:
        found = counting.count_there(engine, asked_of(source, date(2025, 6, 30), "odd"))
    told = found.report
    assert (told.rows, told.accepted, told.rejected, told.set_aside) == (6, 4, 2, 2)
    assert {one.id: one.count for one in told.findings} == {"nameless": 1, "backwards": 1, "ahead": 1, "free": 1}
    assert (found.customers, found.paying, found.active) == (4, 2, 1)


@pytest.mark.parametrize("customers", [5, 18, 150, 250])
def test_a_column_that_names_customers_is_not_counted_by(tmp_path, customers):
    """Neither the ids of a small table nor a column with as many values as there are customers."""
    book, name = tmp_path / "named.csv", "customer" if customers < 9 else "firm"
    book.write_text("customer,firm,start_date,mrr\n" + "".join(f"A{i},F{i},2025-01-05,10\n" for i in range(customers)))
    write_folder(tmp_path, book, "named")
    source = folders(tmp_path)
    asked = asked_of(source, date(2025, 6, 30), "named")
    asked = replace(asked, columns=mapping.Columns(asked.columns.roles | {"plan": name}))
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
    for wrong, said in (('engine = "oracle"', "engine"), ('engine = "spark"\nseconds = "x"', "seconds"), ("engine", "TOML")):
        file.write_text(f"[connections.a]\n{wrong}\n")
        with pytest.raises(Problem, match=said):
            connections(file)


def test_a_driver_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "snowflake.connector", None)
    with pytest.raises(Problem, match=r"perennial\[snowflake\]"):
        dialects.SNOWFLAKE.open({}, 5)


# --- the page ---


@pytest.fixture
def server(home, monkeypatch):
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(home))
    cache.store.clear()
    yield home
    cache.store.clear()


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
    assert stopped == [ours._mark] and sorted(marked) == sorted([ours._mark, others._mark])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overview", "retention", "drivers", "lifetime_value", "customers", "scenarios", "playbook", "backtest"])
def test_pages_open_counts_or_say_what_they_need(server, counted, name):
    at = page(name, ds=cache.store().save(counted))
    said = " ".join(one.value for kind in (at.info, at.error, at.title) for one in kind).replace("\\", "")
    assert NEED_ROWS in said or "$" in said


def test_without_a_source_the_page_says_who_makes_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PERENNIAL_SECRETS", os.devnull + "/none")
    cache.store.clear()
    assert any("secrets file" in one.value for one in page().caption)
    cache.store.clear()
