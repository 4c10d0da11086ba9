"""Days that are text in the CSV files of a folder are read as an upload of the same rows reads them; no order is silent."""

import gzip
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.warehouse import counting, dialects, mapping, text_days
from cs_models.warehouse.columns import YEAR_FIRST, Columns
from cs_models.warehouse.folders import folders
from counted_alike import alike
from folder_books import asked_of, serving
from places import ROOT

HEAD = "customer_id,plan,price,start_date,end_date"
FEW = HEAD.replace("plan,", "")
FORMS = {
    "day/month": "{d:02}/{m:02}/{y}", "month/day": "{m:02}/{d:02}/{y}", "dots": "{d}.{m}.{y}", "dashes": "{d:02}-{m:02}-{y}",
    "two digits": "{d:02}/{m:02}/{s:02}", "iso": "{y}-{m:02}-{d:02}", "slashed iso": "{y}/{m:02}/{d:02}",
    "times": "{y}-{m:02}-{d:02}T23:30:00-02:00",
    "short zones": "{y}-{m:02}-{d:02} 23:30:00.5-02", "times of the day": "{d:02}/{m:02}/{y} 11:45",
}  # fmt: skip


def book(seed: int, most: int = 28) -> list[tuple[str, str, str, date, date | None]]:
    """Sixty customers who begin on days up to `most`, some of whom have left."""
    draw = random.Random(seed)
    rows = []
    for who in range(60):
        start = date(2023, draw.randint(1, 12), draw.randint(1, most))
        end = start + timedelta(days=draw.randint(20, 500)) if draw.random() < 0.5 else None
        if end and end.day > most:
            end = end.replace(day=most)
        rows.append((f"C{who}", draw.choice(("Pro", "Team")), f"{draw.randint(5, 90)}.50", start, end))
    return rows


def text(rows, form: str, open_: str = "") -> str:
    def day(one: date | None) -> str:
        return FORMS[form].format(d=one.day, m=one.month, y=one.year, s=one.year % 100) if one else open_

    return "\n".join([HEAD, *(",".join((*row[:3], day(row[3]), day(row[4]))) for row in rows)]) + "\n"


def folder(root: Path, *files: str, name: str = "book") -> Path:
    place = root / "folders" / name
    place.mkdir(parents=True)
    for number, one in enumerate(files):
        (place / f"{number}.csv").write_text(one)
    return place


def found_order(source, name: str = "book") -> text_days.Order:
    with source.open() as engine:
        known = dialects.listed(source.dialect, engine)[("main", name)]
        known |= source.days(engine, f'"{name}"', known)
        asked = asked_of(source, date(2025, 1, 31), name)
        return text_days.order(source.dialect, engine, asked.table, asked.columns)


def counted(source, as_of: date, **more):
    asked = asked_of(source, as_of, "book", most=0)
    with source.open() as engine:
        return counting.count_there(engine, replace(asked, columns=replace(asked.columns, **more)))


@pytest.mark.parametrize("form", FORMS)
def test_a_folder_reads_days_as_the_upload_of_the_same_rows(tmp_path, form):
    data = text(book(1), form, "active")
    folder(tmp_path, data)
    own, source = cs.read(data.encode()), folders(tmp_path)
    assert alike(counted(source, own.as_of), own, "plan") and own.customers == 60
    assert not found_order(source).doubt, "a day above 12 tells, as dots and years in front do"


def test_dots_mean_the_day_first_where_nothing_else_tells(tmp_path):
    data = text(book(3, 12), "dots")
    folder(tmp_path, data)
    own, source = cs.read(data.encode()), folders(tmp_path)
    assert not [one for one in own.report.questions if one.id == "date_order"] and found_order(source) == text_days.Order("day")
    assert alike(counted(source, own.as_of), own, "plan")


def test_a_time_with_a_zone_is_taken_to_utc_wherever_the_server_stands():
    columns = Columns({"customer": "who", "start": "day", "mrr": "mrr"}, kinds={"start": YEAR_FIRST})
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'Pacific/Kiritimati'")  # fourteen hours ahead
        engine.execute("CREATE TABLE t AS SELECT 1 AS who, 9 AS mrr, unnest(['2025-03-04 23:30:00-02:00', '2025-03-04T00:30:00Z', "
                       "'2025-03-04 00:30:00+02', '2025-03-04 23:30']) AS day")  # fmt: skip
        found = engine.execute(mapping.view_text(dialects.DUCKDB, "t", columns)).df()["started_on"]
    assert [str(one)[:10] for one in found] == ["2025-03-05", "2025-03-04", "2025-03-03", "2025-03-04"]


@pytest.mark.parametrize("form", ["day/month", "month/day", "dashes", "times of the day"])
@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_tells_the_same_is_asked_with_the_same_guess(tmp_path, form, seed):
    data = text(book(seed, 12), form)
    folder(tmp_path, data)
    own, source = cs.read(data.encode()), folders(tmp_path)
    (question,) = [one for one in own.report.questions if one.id == "date_order"]
    found = found_order(source)
    assert found.doubt and found.first == question.guess
    told = text_days.told_backwards
    assert question.sentence.split("first.")[1] == found.doubt.split("month/day.")[1] != told({"day": 0, "month": 0})
    for answer in ("day", "month"):
        other = cs.read(data.encode(), answers={"date_order": answer})
        ours = counted(source, other.as_of, order=answer)
        assert alike(ours, other, "plan") and ours.report.rejected == other.report.rejected


def test_the_order_in_which_nobody_leaves_before_he_came_is_the_guess(tmp_path):
    """Begun on the first to the twelfth of January, left in February: month first half of them leave before they come."""
    rows = [f"C{i},Pro,9,{i:02}/01/2024,{max(i - 3, 1):02}/02/2024" for i in range(1, 13)]
    data = "\n".join([HEAD, *rows]) + "\n"
    turned = sum(max(i - 3, 1) < i for i in range(1, 13))
    (question,) = [one for one in cs.read(data.encode()).report.questions if one.id == "date_order"]
    folder(tmp_path, data)
    assert question.guess == found_order(folders(tmp_path)).first == "day"
    assert f"month first, {turned} rows end before they start" in question.sentence and "day first, 0 rows end" in question.sentence


def test_two_files_that_an_engine_would_read_in_two_orders_are_read_in_one(tmp_path):
    rows = book(5)
    few = [row for row in rows if row[3].day <= 12 and (row[4] is None or row[4].day <= 12)]
    many = [row for row in rows if row not in few]
    folder(tmp_path, text(few, "month/day"), text(many, "month/day"))
    own = cs.read(text(few + many, "month/day").encode())
    assert alike(counted(folders(tmp_path), own.as_of), own, "plan") and own.report.rejected == 0


def test_packed_files_are_read_alike(tmp_path):
    place, data = folder(tmp_path), text(book(6), "month/day")
    (place / "a.csv.gz").write_bytes(gzip.compress(data.encode()))
    own = cs.read(data.encode())
    assert alike(counted(folders(tmp_path), own.as_of), own, "plan")


def test_mixed_orders_are_told_and_those_of_the_other_left_out(tmp_path):
    data = "\n".join([FEW, "A,9,13/04/2024,", "B,9,14/04/2024,", "C,9,04/15/2024,"]) + "\n"
    folder(tmp_path, data)
    own, source = cs.read(data.encode()), folders(tmp_path)
    found = found_order(source)
    assert found.first == "day" and "2 fit only day/month, 1 only month/day" in found.doubt
    ours = counted(source, own.as_of)
    assert (ours.customers, ours.report.rejected) == (own.customers, own.report.rejected) == (2, 1)


@pytest.mark.parametrize("cell", ["soon", "31/02/2024", "2024", "1/2/3/4"])
def test_an_end_that_cannot_be_read_is_no_open_end(tmp_path, cell):
    data = "\n".join([FEW, "A,9,13/01/2024,14/03/2024", f"B,9,14/01/2024,{cell}", "C,9,15/01/2024,never"]) + "\n"
    folder(tmp_path, data)
    own, source = cs.read(data.encode()), folders(tmp_path)
    ours = counted(source, own.as_of)
    assert (ours.active, ours.report.rejected) == (own.active, own.report.rejected) == (2, 1)


def test_texts_that_are_no_days_are_none():
    for cells in (["Pro", "Team"], [], [None, ""], ["2025"], ["12345678"], ["1.2.3", "v2"], ["active", "never"]):
        assert text_days.form(cells) == ""
    assert text_days.form(["03/04/2025", "never", None]) == "year last"
    assert text_days.form(["2025-03-04 10:00:00+02:00", "open"]) == "year first"


# --- the page ---


def test_the_page_asks_for_the_order(tmp_path):
    folder(tmp_path, text(book(2, 12), "day/month"))
    key = 'source-"main"."book"-order'
    with serving(tmp_path):
        at = AppTest.from_file(ROOT / "app.py", default_timeout=180).run().switch_page("pages/data/page.py").run()
        at = at.button(key="source-open").click().run()
        assert at.radio(key=key).value == "day" and "'%d-%m-%y'" in at.code[0].value
        at = at.radio(key=key).set_value("month").run()
    assert not at.exception and "'%m-%d-%y'" in at.code[0].value
