"""Workbooks, archives, Parquet and JSON become the table their CSV would be; what explodes is refused early."""

import base64
import gzip
import io
import json
import os
import time
import zipfile
import zlib
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dresses import BOOK, DAY, HEADER, as_csv, as_json_lines, as_ods, as_parquet, as_zip, dressed, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cs_models.problems import ImportProblem, Problem
from cs_models.readers import ENDINGS, container, files, read_text_table
from cs_models.reading import inspect, read

def cells(data: bytes | Path, name: str = "", **answers) -> list[tuple]:
    table = read_text_table(data, name, answers)
    return list(zip(*(column.to_pylist() for column in table.cells.columns), strict=True))


@pytest.fixture(scope="module")
def dresses():
    """The book in every container."""
    return dressed()


NAMES = ["gzip", "zip", "xlsx", "xls", "ods", "parquet", "parquet in zip", "xlsx in zip", "semicolons in gzip",
         "json lines", "json in gzip", "json array"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_container_holds_the_same_book(dresses, name):
    table = read_text_table(dresses[name])
    assert table.columns == HEADER and table.rows.to_pylist() == [2, 3, 4] and not table.rejected
    seen = [[value.removesuffix(".0") for value in row] for row in cells(dresses[name])]
    assert seen == [list(map(text, row)) for row in BOOK]
    book, plain = read(dresses[name]), read(as_csv(BOOK))
    assert (book.active_mrr, book.customers) == (plain.active_mrr, plain.customers) == (49.99, 3)
    assert book.rows["duration"].to_pylist() == plain.rows["duration"].to_pylist()


@pytest.mark.parametrize("name", NAMES)
def test_a_proposal_is_made_for_every_container(dresses, name, tmp_path):
    path = tmp_path / "upload"  # as the app keeps it: no name that says what it is
    path.write_bytes(dresses[name])
    proposal = inspect(path)
    assert proposal.complete and proposal.headers == HEADER and len(proposal.preview) == 3


def test_what_was_detected_is_a_fact(dresses, make_workbook):
    assert read_text_table(dresses["xlsx in zip"]).facts["sheet"] == "Subscriptions"
    facts = read_text_table(as_zip(a__csv=as_csv(BOOK, delimiter="|", encoding="utf-16"))).facts
    assert {"container": "zip", "member": "a.csv", "delimiter": "pipe", "encoding": "UTF-16"}.items() <= facts.items()
    assert (facts["kind"], facts["header_row"]) == ("CSV", "1")


# --- workbooks ---


def test_cells_come_out_as_a_person_wrote_them(make_workbook):
    row = ("007", 29.85, 3.0, True, DAY, datetime(2025, 1, 31, 12, 30), "#N/A", 1e-7, "a\nb", None, 45688, datetime(2025, 2, 1))
    header = [f"h{at}" for at in range(len(row))]
    (seen,) = cells(make_workbook({"S": [header, row]}))
    assert seen == ("007", "29.85", "3", "TRUE", "2025-01-31", "2025-01-31 12:30:00", "#N/A", "1e-07", "a\nb", "",
                    "45688", "2025-02-01")  # fmt: skip


def test_a_workbook_that_counts_from_1904(make_workbook):
    days = (DAY - date(1904, 1, 1)).days
    data = make_workbook({"S": [("a", "b"), ("x", date.fromordinal(date(1899, 12, 30).toordinal() + days))]},
                         date1904=True)  # fmt: skip
    assert cells(data) == [("x", "2025-01-31")]


def test_titles_above_the_header_and_formatting_around_the_table(make_workbook):
    sheet = [(None, "Export of 2025-11-01"), (), (None, *HEADER), *((None, *row) for row in BOOK), ("",), (" ",)]
    table = read_text_table(make_workbook({"S": sheet}))
    assert table.columns == HEADER and table.rows.to_pylist() == [4, 5, 6] and not table.rejected
    assert table.facts["header_row"] == "3" and "2025-11-01" in table.facts["above"]
    assert [finding.id for finding in table.findings] == ["header_row"]
    assert read(make_workbook({"S": sheet})).as_of == date(2025, 11, 1)


def test_blank_rows_totals_and_repeated_headers_of_a_sheet_are_rejected(make_workbook):
    table = read_text_table(make_workbook({"S": [HEADER, BOOK[0], (), HEADER, BOOK[1], ("Total", None, None, None, 60.49)]}))
    assert [(entry.row, entry.reason.split(":")[0]) for entry in table.rejected] == [
        (3, "a blank row"), (4, "repeated header"), (6, "total row"),
    ]  # fmt: skip
    assert table.records == 5


def test_the_sheet_with_the_rows_is_the_guess_and_can_be_chosen(make_workbook):
    data = make_workbook({"About": [("Made", "by hand")], "Data": [HEADER, *BOOK], "Old": [HEADER, BOOK[0]], "Empty": []})
    table = read_text_table(data)
    (question,) = table.questions
    assert (question.id, question.guess, question.answered) == ("sheet", "Data", False)
    assert question.alternatives == ("About", "Data", "Old") and "3 sheets" in question.sentence
    assert table.facts["sheet"] == "Data"
    assert [q.id for q in read(data).report.questions][0] == "sheet"
    assert read(data, answers={"sheet": "Old"}).customers == 1
    with pytest.raises(ImportProblem, match="no such sheet. Choose from: About, Data, Old"):
        read(data, answers={"sheet": "../../etc/passwd"})


def test_a_hidden_sheet_is_read_only_when_named(make_workbook):
    data = make_workbook({"Shown": [HEADER, BOOK[0]], "Hidden": [HEADER, *BOOK]}, hidden_sheets=("Hidden",))
    assert read_text_table(data).facts["sheet"] == "Shown" and not read_text_table(data).questions
    assert read_text_table(data, answers={"sheet": "Hidden"}).records == 3


def test_merged_header_cells_are_filled_and_the_row_is_asked_for(make_workbook):
    top = ("Customer", "Period", None, "Money", None)
    names = (None, "start", "end", "plan", "mrr")
    data = make_workbook({"S": [top, names, *BOOK]}, merged=("A1:A2", "B1:C1", "D1:E1"))
    table = read_text_table(data)
    assert table.columns == ("Customer", "start", "end", "plan", "mrr") and table.rows.to_pylist() == [3, 4, 5]
    (question,) = table.questions
    assert (question.id, question.guess, question.alternatives) == ("header_row", "2", ("1", "2", "3"))
    assert [finding.id for finding in table.findings] == ["merged_header"]
    assert read(data).active_mrr == 49.99
    upper = read_text_table(data, answers={"header_row": "1"})
    assert upper.columns[:3] == ("Customer", "Period", "Period (2)") and upper.rows[0].as_py() == 2


def test_the_same_name_under_two_groups_is_told_apart(make_workbook):
    data = make_workbook({"S": [("Old", None, "New", None), ("plan", "mrr", "plan", "mrr"), ("a", 1, "b", 2)]},
                         merged=("A1:B1", "C1:D1"))  # fmt: skip
    assert read_text_table(data).columns == ("Old plan", "Old mrr", "New plan", "New mrr")


def test_hidden_rows_are_included_and_told(make_workbook):
    table = read_text_table(make_workbook({"S": [HEADER, *BOOK]}, hidden=(3, 4)))
    assert table.records == 3
    (finding,) = table.findings
    assert (finding.id, finding.count, finding.rows) == ("hidden_rows", 2, (3, 4))


def test_a_formula_without_a_value_rejects_its_row(make_workbook):
    rows = [HEADER, BOOK[0], (*BOOK[1][:4], "=D2*2"), BOOK[2]]
    table = read_text_table(make_workbook({"S": rows}))
    (entry,) = table.rejected
    assert (entry.row, entry.column) == (3, "mrr") and entry.reason.startswith("cell E3 holds a formula without a")
    assert table.rows.to_pylist() == [2, 4]
    with pytest.raises(ImportProblem, match="No row can be read: cell E2 holds a formula"):
        read_text_table(make_workbook({"S": [HEADER, (*BOOK[0][:4], "=1+1")]}))


def test_numbers_of_more_than_15_digits_are_told(make_workbook):
    table = read_text_table(make_workbook({"S": [("id", "x"), (12345678901234567, 1)]}))
    assert [finding.id for finding in table.findings] == ["rounded_numbers"]


def test_a_file_is_what_it_holds_not_what_it_is_called(make_workbook):
    book = read_text_table(make_workbook({"S": [HEADER, *BOOK]}), "data.csv")
    assert book.records == 3 and "read as Excel" in book.findings[0].sentence
    plain = read_text_table(as_csv(BOOK), "data.xlsx")
    assert plain.records == 3 and "read as CSV" in plain.findings[0].sentence


# --- records ---


def test_parquet_values_as_text():
    table = pa.table({
        "id": pa.array([2**60, None]), "day": [DAY, None], "at": [datetime(2025, 1, 31), datetime(2025, 1, 31, 9, 5)],
        "zoned": pa.array([datetime(2025, 1, 31, 4)] * 2, pa.timestamp("us", "America/New_York")),
        "price": [29.85, 3.0], "cents": pa.array([1, 2]).cast(pa.decimal128(21, 2)), "ok": [True, None],
        "plan": pa.array(["Pro", "Pro"]).dictionary_encode(), "tags": [["a"], None], "nan": [float("nan"), 1.5],
    })  # fmt: skip
    out = io.BytesIO()
    pq.write_table(table, out)
    read_back = read_text_table(out.getvalue())
    assert read_back.columns == tuple(table.column_names) and read_back.facts["kind"] == "Parquet"
    assert cells(out.getvalue()) == [
        (str(2**60), "2025-01-31", "2025-01-31 00:00:00", "2025-01-31 04:00:00", "29.85", "1.00", "true", "Pro",
         '["a"]', ""),
        ("", "", "2025-01-31 09:05:00", "2025-01-31 04:00:00", "3", "2.00", "", "Pro", "", "1.5"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(2)])
def test_bytes_of_a_parquet_file_that_are_no_text_are_read_as_far_as_they_are(kind):
    out = io.BytesIO()
    pq.write_table(pa.table({"customer": pa.array([b"A\xff", b"BB", None], kind), "plan": ["P"] * 3}), out)
    assert cells(out.getvalue()) == [("A\ufffd", "P"), ("BB", "P"), ("", "P")]


def test_json_lines_keep_numbers_as_written_and_reject_what_is_no_record():
    data = b'{"id": "007", "mrr": 1.10}\noops\n{"id": 12345678901234567890, "more": {"a": [1.50, "x", null]}}\n[1]\n'
    table = read_text_table(data)
    assert table.columns == ("id", "mrr", "more") and table.rows.to_pylist() == [2, 4]
    assert cells(data) == [("007", "1.10", ""), ("12345678901234567890", "", '{"a": [1.50, "x", null]}')]
    assert [(entry.row, entry.value) for entry in table.rejected] == [(3, "oops"), (5, "[1]")]


def test_a_page_of_an_interface_is_a_list_of_records():
    assert cells(b'{"object": "list", "data": [{"a": 1, "b": true}, {"a": 2}]}') == [("1", "true"), ("2", "")]


def test_many_records_in_many_batches():
    lines = b"\n".join(b'{"a": %d, "b%d": 1}' % (at, at > 25_000) for at in range(45_000))
    table = read_text_table(lines)
    assert table.records == 45_000 and table.columns == ("a", "b0", "b1")
    assert table.cells["c1"].to_pylist().count("1") == 25_001


# --- archives ---


def test_a_zip_of_several_tables_asks_and_names_are_never_paths(tmp_path):
    data = as_zip(**{"small__csv": as_csv(BOOK[:1]), "in/big__csv": as_csv(BOOK), "read__me": b"hello",
                     "MACOSX/._big__csv": b"x"})
    table = read_text_table(data)
    (question,) = table.questions
    assert (question.id, question.guess, question.alternatives) == ("member", "big.csv", ("small.csv", "big.csv"))
    assert table.facts["member"] == "big.csv" and table.records == 3
    assert read_text_table(data, answers={"member": "small.csv"}).records == 1
    with pytest.raises(ImportProblem, match="no such member. Choose from: small.csv, big.csv"):
        read_text_table(data, answers={"member": "../x"})


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a/../../evil.csv"])
def test_a_path_that_leads_outside_is_refused(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, as_csv(BOOK))
    with pytest.raises(ImportProblem, match="leads outside"):
        read_text_table(out.getvalue())


def locked_zip() -> bytes:
    data = bytearray(as_zip(a__csv=as_csv(BOOK)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying_zip() -> bytes:
    """The directory says 1 kB, the member unpacks to 9 MB."""
    data = bytearray(as_zip(a__csv=b"a,b\n" + b"0" * (9 << 20)))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1024).to_bytes(4, "little")
    return bytes(data)


def far_cell(make_workbook) -> bytes:
    data = make_workbook({"S": [("a", "b"), ("x", "FAR")]})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'r="B2"', b'r="XFD1048576"'))
    return out.getvalue()


LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)

REFUSED = {
    "gzip cut off": (lambda make: gzip.compress(as_csv(BOOK * 50))[:-9], "incomplete"),
    "gzip damaged": (lambda make: gzip.compress(as_csv(BOOK))[:12] + b"\xff" * 40, "damaged|incomplete"),
    "gzip bomb": (lambda make: gzip.compress(b"a,b\n" + b"0" * (9 << 20)), "more than 100 times"),
    "gzip in gzip": (lambda make: gzip.compress(gzip.compress(as_csv(BOOK))), "inside an archive"),
    "zip in zip": (lambda make: as_zip(a__csv=as_zip(b__csv=as_csv(BOOK))), "inside an archive"),
    "zip bomb": (lambda make: as_zip(a__csv=b"a,b\n" + b"0" * (9 << 20)), "more than 100 times"),
    "zip whose directory lies": (lambda make: lying_zip(), "zip file is damaged"),
    "zip with a password": (lambda make: locked_zip(), "protected by a password"),
    "zip cut off": (lambda make: as_zip(a__csv=as_csv(BOOK))[:-30], "damaged or incomplete"),
    "zip without a table": (lambda make: as_zip(), "empty zip"),
    "xlsx bomb": (lambda make: make({"S": [("a", "b"), ("0" * (9 << 20), "x")]}), "more than 100 times"),
    "a cell in the last corner": (far_cell, "more than 500 columns"),
    "a wide sheet": (lambda make: make({"S": [[f"h{at}" for at in range(501)], ["x"] * 501]}), "more than 500 columns"),
    "entities that grow": (lambda make: make({"S": [HEADER, *BOOK]}, prolog=LAUGHS), "DTD"),
    "no rows": (lambda make: make({"S": []}), "no rows"),
    "header only": (lambda make: make({"S": [HEADER]}), "5 columns and 0 data rows"),
    "password": (lambda make: OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password. Remove"),
    "an old document": (lambda make: OLE, "damaged or of a kind"),
    "parquet cut off": (lambda make: as_parquet(BOOK)[:-20], "damaged or incomplete"),
    "json cut off": (lambda make: b'[{"a": 1}, {"a": 2', "breaks off or is damaged at record 2"),
    "json of no records": (lambda make: b'["a", "b"]', "looks|no list of records|rows"),
    "json too deep": (lambda make: b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deep|no list of records"),
    "json too wide": (lambda make: json.dumps([{f"k{at}": 1 for at in range(501)}]).encode(), "500 columns"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_opened_is_refused_in_a_sentence_and_soon(name, make_workbook):
    build, words = REFUSED[name]
    data = build(make_workbook)
    begun = time.monotonic()
    with pytest.raises(ImportProblem, match=words) as problem:
        read_text_table(data)
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".")
    assert time.monotonic() - begun < 10  # alone it takes less than one second


def test_every_ending_an_upload_may_have_can_be_read(dresses, tmp_path):
    holds = {"gz": "gzip", "zip": "zip", "xlsx": "xlsx", "xlsm": "xlsx", "xls": "xls", "ods": "ods",
             "parquet": "parquet", "json": "json array", "jsonl": "json lines", "ndjson": "json lines"}  # fmt: skip
    for ending in ENDINGS:
        path = tmp_path / f"export.{ending}"
        path.write_bytes(dresses[holds[ending]] if ending in holds else as_csv(BOOK))
        table = read_text_table(path, path.name)
        assert table.records == 3 and not table.findings, ending


def test_json_under_a_csv_name_is_refused():
    with pytest.raises(ImportProblem, match="looks like JSON"):
        read_text_table(b'{"a": 1}\n', "data.csv")


# --- limits ---


def test_the_limit_on_size_holds_to_the_byte(monkeypatch, tmp_path):
    data = as_csv(BOOK)
    monkeypatch.setattr(files, "LARGEST", len(data))
    assert read_text_table(data).records == 3
    with pytest.raises(ImportProblem, match="at most 0 MB"):
        read_text_table(data + b"\n")
    sparse = tmp_path / "huge.csv"
    monkeypatch.setattr(files, "LARGEST", container.LARGEST)
    with sparse.open("wb") as file:
        file.truncate(2 << 30)
    begun = time.monotonic()
    with pytest.raises(ImportProblem, match="2,048 MB; at most 1,024 MB"):
        read_text_table(sparse)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("limit, value", [("MEMORY", 128 << 20), ("SECONDS", 1)])
def test_a_file_that_takes_too_much_ends_with_a_sentence(monkeypatch, make_workbook, limit, value):
    count = 10_000 if limit == "MEMORY" else 150_000
    rows = [("a", "b", "c", "d"), *((f"C-{at}", at * 7919 % 10_007, at, at / 7) for at in range(count))]
    data = make_workbook({"S": rows})
    monkeypatch.setattr(container, limit, value)
    with pytest.raises(ImportProblem, match="memory or .* seconds to open"):
        read_text_table(data)


def test_only_a_limit_is_called_a_limit(tmp_path):
    with ExitStack() as stack, pytest.raises(ImportProblem, match="is damaged and cannot be opened"):
        container.open_container(stack, "gzip", tmp_path / "gone", {})
    assert container._broken_off(-24, "") == container.LIMIT_HIT  # a signal
    assert container._broken_off(1, "Traceback\nMemoryError\n") == container.LIMIT_HIT
    assert "damaged" in container._broken_off(1, "KeyError")


def test_nothing_is_left_on_disk(monkeypatch, tmp_path, make_workbook):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    read_text_table(make_workbook({"S": [HEADER, *BOOK]}))
    read_text_table(gzip.compress(as_csv(BOOK)))
    with pytest.raises(ImportProblem):
        read_text_table(gzip.compress(as_csv(BOOK))[:-5])
    assert os.listdir(tmp_path) == []


# --- what was detected can be overridden ---


def test_answers_go_before_what_was_detected():
    data = "title;x\na;b,c\n1;2,3\n4;5,6\n".encode()
    assert read_text_table(data, answers={"delimiter": "comma", "header_row": "2"}).columns == ("a;b", "c")
    assert read_text_table(data, answers={"header_row": "2"}).columns == ("a", "b,c")
    none = read_text_table(data, answers={"header_row": "none"})
    assert none.columns == ("column 1", "column 2") and none.rows.to_pylist() == [1, 2, 3, 4]
    czech = "name,b\nŘehoř,1\n".encode("cp1250")
    assert cells(czech, encoding="cp1250") == cells(czech, encoding="Windows Central European (cp1250)") == [("Řehoř", "1")]
    for answer in ({"delimiter": "space"}, {"header_row": "-1"}, {"header_row": "99"}, {"encoding": "rot13"}):
        with pytest.raises(Problem):
            read_text_table(data, answers=answer)


def test_a_file_without_a_header_loses_no_row():
    data = b"A-1,2025-01-01,49\nA-2,2025-02-01,49\n"
    table = read_text_table(data)
    assert table.columns == ("column 1", "column 2", "column 3") and table.rows.to_pylist() == [1, 2]
    (question,) = table.questions
    assert (question.id, question.guess) == ("header_row", "none")
    mapping = {"customer": "column 1", "start": "column 2", "mrr": "column 3"}
    subs = read(data, mapping)
    assert (subs.customers, subs.report.rows, subs.active_mrr) == (2, 2, 98.0)
    assert read_text_table(data, answers={"header_row": "1"}).columns == ("A-1", "2025-01-01", "49")


@pytest.mark.parametrize("header", ["customer,2025-01,2025-02", "cohort,1,2", "plan,2024,2025"])
def test_months_and_numbers_can_name_columns(header):
    assert read_text_table(f"{header}\nx,10,20\ny,30,40\n".encode()).columns == tuple(header.split(","))


# --- laws ---

ROW = st.tuples(
    st.integers(0, 9), st.dates(date(2024, 1, 1), date(2025, 6, 30)), st.integers(0, 500), st.sampled_from("AB"),
    st.integers(100, 99_999),
)  # fmt: skip


def numbers(subs) -> tuple:
    rows = subs.rows.to_pylist()
    kept = sorted(tuple(str(row[name]) for name in row if name != "row") for row in rows)
    report = subs.report
    return kept, subs.active_mrr, subs.customers, report.rows, report.accepted, report.repaired, report.rejected


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=st.lists(ROW, min_size=1, max_size=12), seed=st.randoms(use_true_random=False))
def test_order_dialect_container_and_a_second_load_change_nothing(make_workbook, drawn, seed):
    rows = [
        (f"C-{who}", start, date.fromordinal(start.toordinal() + days) if days % 3 else None, plan, cents / 100)
        for who, start, days, plan, cents in drawn
    ]
    rows = list({row: None for row in rows})
    shuffled = seed.sample(rows, len(rows))
    written = numbers(read(as_csv(rows), as_of="2025-12-31"))
    for other in (
        as_csv(rows), as_csv(shuffled), as_csv(rows, delimiter=";", encoding="utf-16"),
        gzip.compress(as_csv(shuffled)), as_parquet(shuffled), as_json_lines(rows),
        make_workbook({"S": [HEADER, *shuffled]}),
    ):  # fmt: skip
        assert numbers(read(other, as_of="2025-12-31")) == written
