"""Next month the same table is counted again, with the same columns, groups and definitions, and what changed is said."""

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.store import Store
from cs_models.warehouse import counting
from cs_models.warehouse.folders import folders
from counted_alike import alike
from folder_books import asked_of, serving
from pages.data import counting as page_counting
from pages.shared import cache
from places import ROOT

QUOTED = '"main"."book"'


def month(rows: list[str], on: str) -> str:
    """The book as it was exported on a day."""
    told = (row.split(",") for row in rows[1:])
    known = [row if row[7] and row[7] <= on else [*row[:7], "", ""] for row in told if row[6] <= on]
    return "\n".join([rows[0], *map(",".join, known)]) + "\n"


@pytest.fixture
def server(tmp_path, thousand_rows):
    """A server with one folder: the book as it was at the end of May 2025. Calling it brings the export of a later day."""
    place, rows = tmp_path / "folders" / "book", thousand_rows.read_text().splitlines()
    place.mkdir(parents=True)

    def export(on: str) -> bytes:
        (place / "a.csv").write_text(month(rows, on))
        return month(rows, on).encode()

    export("2025-05-31")
    with serving(tmp_path):
        yield export


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def counted(at: AppTest) -> AppTest:
    at = clean(at.button(key="count").click().run())
    at.session_state["_waiting"]["counting"].result()
    return clean(at.run())


def test_the_form_comes_back_as_it_was_and_the_new_export_is_counted(server):
    at = clean(AppTest.from_file(ROOT / "app.py", default_timeout=180).run().switch_page("pages/data/page.py").run())
    assert not [one for one in at.button if one.key == "count-again"], "nothing was counted yet"
    at = clean(at.button(key="source-open").click().run())
    at.multiselect(key=f"source-{QUOTED}-groups").set_value(["channel"])
    at.selectbox(key="source-currency").set_value("EUR")
    at.selectbox(key=f"source-{QUOTED}-plan").set_value("segment")
    at = clean(at.run())
    gap = next(one.key for one in at.number_input if one.key.endswith("gap_days"))
    at.number_input(key=gap).set_value(10)
    at = counted(at.run())
    first = cache.store().load(list(cache.store().ids())[-1])
    assert first.origin["columns"]["groups"] == ["channel"] and first.definitions.gap_days == "10"

    newest = server("2025-06-30")
    at = clean(at.button(key="count-again").click().run())
    assert at.multiselect(key=f"source-{QUOTED}-groups").value == ["channel"]
    assert at.selectbox(key="source-currency").value == "EUR"
    assert at.selectbox(key=f"source-{QUOTED}-plan").value == "segment"
    assert next(one.value for one in at.number_input if one.key.endswith("gap_days")) == 10
    at = counted(at)
    ids = [cache.store().load(one) for one in cache.store().ids()]
    second = max(ids, key=lambda one: one.as_of)
    own = cs.read(newest, as_of=second.as_of, mapping={"plan": "segment"}, answers={"gap_days": "10"})
    assert alike(second, replace(own, currency="EUR"), "channel") and len(ids) == 2 and first.as_of < second.as_of
    told = " ".join(one.value for one in at.info).replace("\\", "")
    assert f"rows {first.report.rows} to {second.report.rows}" in told and f"subscribed today {first.active} to {second.active}" in told


def test_nothing_new_is_said_to_be_nothing_new(tmp_path, server):
    source = folders(tmp_path)
    with source.open() as engine:
        one, same, later = (counting.count_there(engine, asked_of(source, day, "book", most=0))
                            for day in (date(2025, 5, 31), date(2025, 5, 31), date(2025, 6, 30)))  # fmt: skip
    assert "nothing has changed" in page_counting.since(one, same)
    assert "from 31 May 2025 to 30 Jun 2025" in page_counting.since(one, later)


def test_another_table_is_looked_at_afresh(monkeypatch):
    origin = {"source": "x", "table": '"main"."other"', "currency": "EUR"}
    monkeypatch.setattr(page_counting, "_state", lambda: {"before": ("id", origin)})
    assert page_counting.before(QUOTED) == {} and page_counting.before('"main"."other"') == origin
    monkeypatch.setattr(page_counting, "_state", dict)
    assert page_counting.before(QUOTED) == {} and page_counting.table_before() == ""


def test_what_was_asked_comes_back_from_disk_and_holds_no_secret(server, tmp_path):
    source = folders(tmp_path)
    asked = replace(asked_of(source, date(2025, 5, 31), "book", most=0), source=source.name)
    with source.open() as engine:
        one = counting.count_there(engine, asked)
    again = Store(tmp_path / "kept").load(Store(tmp_path / "kept").save(one))
    assert again.origin == one.origin == asked.origin
    assert set(again.origin) == {"source", "table", "columns", "currency", "rules", "as_of"}
    assert cs.read(b"customer,start,mrr\nA,2025-01-01,5\n").origin == {}
