"""Rows of a table or a folder that say again what another row has said count as in an upload of the same rows."""

import random
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.warehouse import counting, parts, repeats
from cs_models.warehouse.dialects import DUCKDB, FILE
from cs_models.warehouse.folders import folders
from counted_alike import alike
from folder_books import asked_of, serving, write_folder
from places import ROOT

EACH, LARGER, SMALLER = repeats.CONFLICTS
PAID, START, END = 5, 6, 7  # places in a row of the sample


def lines(file: Path) -> tuple[str, list[list[str]]]:
    head, *rest = file.read_text().splitlines()
    return head, [line.split(",") for line in rest]


def written(path: Path, head: str, rows) -> Path:
    path.write_text("\n".join([head, *(",".join(row) for row in rows)]) + "\n")
    return path


def told_again(rows: list[list[str]], seed: int) -> tuple[list[list[str]], int, int]:
    """The rows with some of them twice or three times, and some once more at another price, with another end or reason."""
    draw, more, copies, alone = random.Random(seed), [], 0, random.Random(seed).sample(rows, 60)
    for row in alone[:30]:
        times = draw.choice((1, 2))
        more += [row] * times
        copies += times
    for i, row in enumerate(alone[30:]):
        twin = row.copy()
        match i % 3:
            case 0:
                twin[PAID] = f"{float(row[PAID]) * 2:.2f}"
            case 1:
                twin[END] = "" if row[END] else "2026-01-15"
                twin[8] = "" if row[END] else "voluntary"
            case _:
                twin[PAID], twin[END] = f"{float(row[PAID]) + 1:.2f}", ""
                twin[8] = ""
        more.append(twin)
    together = rows + more
    draw.shuffle(together)
    return together, copies, 2 * len(alone[30:])


@pytest.fixture(scope="module")
def book(thousand_rows):
    """Four hundred rows of the sample, none of which is like another."""
    head, rows = lines(thousand_rows)
    return head, rows[:400]


def counted(source, asked) -> cs.Subscriptions:
    with source.open() as engine:
        return counting.count_there(engine, asked)


@pytest.mark.parametrize("answer", repeats.CONFLICTS)
def test_a_folder_with_repeats_counts_as_the_upload_of_the_same_rows(tmp_path, book, answer):
    head, rows = book
    for seed in range(2):
        again, copies, conflicts = told_again(rows, seed)
        root = tmp_path / str(seed)
        root.mkdir()
        file = written(root / "book.csv", head, again)
        write_folder(root, file, "book")
        own = cs.read(file, answers={"conflicts": answer})
        source = folders(root)
        asked = asked_of(source, own.as_of, "book")
        found = counted(source, replace(asked, columns=replace(asked.columns, conflicts=answer)))
        assert alike(found, own)
        heads = [(one.rows, one.accepted + one.repaired, one.rejected) for one in (found.report, own.report)]
        assert heads[0] == heads[1] and found.report.rejected >= copies
        told = [{one.id: one.count for one in report.findings} for report in (found.report, own.report)]
        assert all(one["duplicates"] == copies and one["conflicts"] == conflicts for one in told)


def test_the_same_file_twice_is_the_file_once(tmp_path, book):
    head, rows = book
    for root, names in ((tmp_path / "once", ("a",)), (tmp_path / "twice", ("a", "b"))):
        place = root / "folders" / "book"
        place.mkdir(parents=True)
        for name in names:
            written(place / f"{name}.csv", head, rows)
    once, twice = (folders(tmp_path / name) for name in ("once", "twice"))
    asked = [asked_of(source, date(2026, 6, 30), "book") for source in (once, twice)]
    one, two = (counted(*both) for both in zip((once, twice), asked))
    assert alike(two, one) and two.active_mrr == one.active_mrr > 0
    assert (two.report.rows, two.report.rejected, two.report.accepted) == (800, 400, 400)
    assert "400 rows repeat an earlier row exactly" in str(two.report) and one.report.rows == 400
    assert asked[0].columns.compared == () and "DISTINCT" not in asked[0].definition().rows
    careless = counted(twice, replace(asked[1], columns=replace(asked[1].columns, compared=())))
    assert careless.active_mrr == 2 * one.active_mrr and "800 rows share customer and start" in str(careless.report)


def export(rows: list[list[str]], on: str) -> list[list[str]]:
    """The book as it was exported on a day: who had begun, and of the ends those that were known."""
    return [row if row[END] and row[END] <= on else [*row[:END], "", ""] for row in rows if row[START] <= on]


@pytest.fixture(params=["folders", "files"])
def monthly(tmp_path, book, request):
    """A book in three folders or files, one for each month of its export, named so that the last is not last by name;
    twelve old rows are no longer in the last.
    """
    head, rows = book
    days = ["2025-04-30", "2025-05-31", "2025-06-30"]
    for day, name in zip(days, ("m9", "m10", "m11")):
        place = tmp_path / "folders" / "book" / (f"month={name}" if request.param == "folders" else "")
        place.mkdir(parents=True, exist_ok=True)
        kept = export(rows, day) if day < days[-1] else export(rows, day)[12:]
        written(tmp_path / f"{day}.csv", head, kept)
        with duckdb.connect() as engine:
            engine.execute(f"COPY (SELECT * FROM '{tmp_path / day}.csv') TO '{place / name}.parquet'")
    whole = export(rows, days[1])[:12] + export(rows, days[2])[12:]
    return folders(tmp_path), cs.read(written(tmp_path / "whole.csv", head, whole), as_of=date(2025, 6, 30))


def test_of_a_book_exported_month_by_month_the_last_export_counts(monthly):
    source, whole = monthly
    asked = asked_of(source, whole.as_of, "book", most=2)
    assert asked.columns.places in (("month",), (FILE,)) and asked.columns.folders == repeats.LAST
    found = counted(source, asked)
    assert alike(found, whole) and found.active_mrr == whole.active_mrr
    assert found.report.accepted == whole.report.rows and "that a later export tells of again" in str(found.report)
    each = counted(source, replace(asked, columns=replace(asked.columns, folders=EACH)))
    least = 2 if asked.columns.places == ("month",) else 1  # of files beside each other exact repeats count once all the same
    assert each.active_mrr > least * whole.active_mrr


def test_two_seats_of_one_customer_stay_two_in_the_last_folder(tmp_path):
    """They begin on one day with one plan: as many as there are in the last folder count."""
    for month in ("2025-01", "2025-02"):
        place = tmp_path / "folders" / "seats" / f"month={month}"
        place.mkdir(parents=True)
        (place / "a.csv").write_text("customer,seat,start_date,plan,mrr\n" + "".join(
            f"A{i},{seat},2025-01-05,Pro,10\n" for i in range(6) for seat in ("x", "y")))  # fmt: skip
    found = counted(source := folders(tmp_path), asked_of(source, date(2025, 3, 31), "seats"))
    assert (found.report.rows, found.report.accepted, found.active, found.active_mrr) == (24, 12, 6, 120)


def test_free_rows_and_rows_of_nobody_are_like_no_other(tmp_path):
    (place := tmp_path / "folders" / "odd").mkdir(parents=True)
    (place / "a.csv").write_text(
        "customer,start_date,end_date,mrr\nA,2025-01-05,,0\nA,2025-01-05,2025-02-05,0\nA,2025-01-05,,10\n"
        ",2025-01-05,,10\n,2025-01-05,,12\nB,2025-01-05,,10\nB,2025-01-05,,12\n")  # fmt: skip
    asked = asked_of(source := folders(tmp_path), date(2025, 6, 30), "odd")
    with source.open() as engine:
        assert repeats.repeats(DUCKDB, engine, asked.table, asked.columns) == repeats.Repeats(7, 0, 0, 2)
    for answer, money, out in ((EACH, 32, 2), (LARGER, 22, 3), (SMALLER, 20, 3)):
        found = counted(source, replace(asked, columns=replace(asked.columns, conflicts=answer)))
        assert (found.active_mrr, found.report.rejected, found.report.set_aside) == (money, out, 2)


def test_columns_that_know_no_equal_are_not_compared():
    known = {"id": "bigint", "payload": "json", "tags": "array<int64>", "place": "point", "plan": "text", "on": "date", "vip": "boolean"}
    assert repeats.compared(known) == ("id", "plan", "on", "vip")


def test_nothing_dear_is_asked_where_no_row_shares_customer_and_start(tmp_path, book):
    write_folder(tmp_path, written(tmp_path / "b.csv", *book), "book")
    asked = asked_of(source := folders(tmp_path), date(2025, 6, 30), "book")
    columns = replace(asked.columns, compared=("customer_id", "start_date"))
    sent = []
    with source.open() as engine, pytest.MonkeyPatch.context() as patch:
        plain = parts.run
        patch.setattr(parts, "run", lambda connection, text: sent.append(text) or plain(connection, text))
        assert repeats.repeats(DUCKDB, engine, asked.table, columns) == repeats.Repeats()
    assert len(sent) == 1 and "DISTINCT" not in sent[0]


# --- the page ---


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path):
        yield tmp_path


def test_the_page_tells_repeats_and_asks_what_rows_of_one_start_are(server, book):
    head, rows = book
    again, copies, conflicts = told_again(rows, 7)
    write_folder(server, written(server / "b.csv", head, again), "book")
    at = AppTest.from_file(ROOT / "app.py", default_timeout=180).run().switch_page("pages/data/page.py").run()
    at = at.button(key="source-open").click().run()
    words = " ".join(one.value for one in (*at.info, *at.caption, *at.markdown))
    assert f"{copies} rows repeat another one exactly" in words and f"{conflicts} rows share customer and start" in words
    table = '"main"."book"'
    assert at.radio(key=f"source-{table}-conflicts").value == EACH
    assert "DISTINCT" in at.code[0].value and "paid ORDER BY" not in at.code[0].value
    at.radio(key=f"source-{table}-conflicts").set_value(LARGER).run()
    assert "paid ORDER BY" in at.code[0].value and not at.exception
