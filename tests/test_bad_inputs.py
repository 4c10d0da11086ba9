"""Bad files: one clear sentence each, with row and column and what to do; every row is accounted for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_models.problems import ImportProblem
from cs_models.reading import inspect, read

HEADER = "customer_id,start_date,end_date,plan,interval,mrr"
GOOD = (
    "C-1,2025-01-01,2025-03-01,Pro,monthly,50.00",
    "C-2,2025-01-15,,Pro,annual,40.00",
    "C-3,2025-02-01,,B,monthly,9.99",
)


def file(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *GOOD[:2], *rows, GOOD[2], ""]).encode()


def accounted(subs, records: int) -> None:
    report = subs.report
    entries = report.entries.to_pydict()
    by_kind = {kind: set() for kind in ("rejected", "repaired")}
    for row, kind in zip(entries["row"], entries["kind"], strict=True):
        by_kind[kind].add(row)
    assert report.rows == records
    assert report.accepted + report.repaired + report.rejected == records
    assert (len(by_kind["repaired"]), len(by_kind["rejected"])) == (report.repaired, report.rejected)
    assert subs.rows.num_rows + subs.aside.num_rows == report.accepted + report.repaired
    assert subs.aside.num_rows == report.set_aside
    seen = set(subs.rows["row"].to_pylist()) | set(subs.aside["row"].to_pylist())
    assert not seen & by_kind["rejected"]
    assert all(entries["reason"])
    assert subs.rows["duration"].to_numpy().min(initial=0) >= 0


# --- files that cannot be a table: one sentence -------------------------------------------------------------

FILES = {
    "B001 empty": (b"", "The file is empty"),
    "B003 header only": (f"{HEADER}\n".encode(), "6 columns and 0 data rows"),
    "B009 a PNG": (b"\x89PNG\r\n\x1a\n" + bytes(300), "This is a PNG image, not a table"),
    "B010 a PDF": (b"%PDF-1.4\n%\xe2\xe3", "This is a PDF"),
    "B013 HTML": (b"<html><body><table></table></body></html>", "web page"),
    "B052 unclosed quote": (file('C-9,"2025-01-01,,Pro,monthly,5'), "line 4 is never closed"),
    "B054 one more cell in every row": (
        b"customer,start\nA,2025-01-01,5\nB,2025-01-01,5\n",
        "row 2 has 3 cells",
    ),
    "no recognisable columns": (
        b"colour,size\nred,5\n",
        "No column was recognised in row 1. Columns found: colour, size",
    ),
    "no names at all": (b"\r\n,\r\n,\r\n", "names of the columns holds nothing"),
    "every line is of a kind that is no subscription": (
        b"lago_id,issuing_date,customer_external_id,fee_item_type,subscription_external_id,subscription_plan_code,"
        b"fee_from_date,fee_to_date,fee_amount_currency,fee_units,fee_taxes_amount_cents,fee_total_amount_cents\n"
        b"u,2025-06-30,C0,charge,s0,Pro,2025-06-30,2025-06-30,USD,7,0,9900\n",
        "None of the 1 rows",
    ),
    "B005 no header": (b"A-1,2025-01-01,49\nA-2,2025-02-01,49\n", "The first row looks like data"),
    "B063 no start": (b"customer,plan,mrr\nA,Pro,5\n", "no column for start"),
    "B113 two currencies": (
        b"customer,start,mrr,currency\nA,2025-01-01,5,EUR\nB,2025-01-01,5,USD\n",
        "EUR in 1 rows",
    ),
    "unreadable dates": (
        b"customer,start,mrr\nC-1,soon,5\nC-2,later,5\n",
        '2 dates in column "start" cannot be read, first: row 2 ("soon"), customer C-1. Write dates like 2025',
    ),
    "text for money": (
        b"customer,start,mrr\nC-1,2025-01-01,on request\n",
        '1 cell in column "mrr" is text, not an amount, first: row 2 ("on request"), customer C-1.',
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_gets_one_sentence(name):
    data, words = FILES[name]
    with pytest.raises(ImportProblem) as problem:
        read(data)
    sentence = str(problem.value)
    assert words in sentence and sentence.endswith(".") and "\n" not in sentence and "Error" not in sentence


def test_a_missing_file_and_a_foreign_object_get_a_sentence():
    with pytest.raises(ImportProblem, match="no file nowhere.csv"):
        read("/nowhere.csv")
    with pytest.raises(ImportProblem, match="path, the bytes"):
        read(42)


@pytest.mark.parametrize(
    "name", [name for name in FILES if name[:4] in ("B001", "B003", "B009", "B010", "B013")]
)
def test_the_mapping_screen_refuses_the_same_files(name):
    with pytest.raises(ImportProblem):
        inspect(FILES[name][0])


# --- rows that cannot be used: rejected with row, column, value, reason -------------------------------------

ROWS = {
    "B101 impossible date": ("C-9,2025-02-30,,Pro,monthly,5", "start_date", "2025-02-30", "does not exist"),
    "unreadable start": ("C-9,soon,,Pro,monthly,5", "start_date", "soon", "like 2025-01-31"),
    "unreadable end": ("C-9,2025-01-01,next week,Pro,monthly,5", "end_date", "next week", "like 2025-01-31"),
    "another form": ("C-9,01.02.2025,,Pro,monthly,5", "start_date", "01.02.2025", "form of this column"),
    "month 13": ("C-9,2025-13-01,,Pro,monthly,5", "start_date", "2025-13-01", "does not exist"),
    "B102 placeholder": ("C-9,1900-01-01,,Pro,monthly,5", "start_date", "1900-01-01", "placeholder"),
    "B102 zero date": ("C-9,0000-00-00,,Pro,monthly,5", "start_date", "0000-00-00", "does not exist"),
    "start in 9999": ("C-9,9999-12-31,,Pro,monthly,5", "start_date", "9999-12-31", "no start date"),
    "B106 end before start": (
        "C-9,2025-02-01,2025-01-01,Pro,monthly,5",
        "end_date",
        "2025-01-01",
        "ends 2025-01-01, before",
    ),
    "B108 no start": ("C-9,,2025-01-01,Pro,monthly,5", "start_date", "", "when the subscription began"),
    "no customer": (",2025-01-01,,Pro,monthly,5", "customer_id", "", "who this row belongs to"),
    "blank customer": (
        "\u00a0,2025-01-01,,Pro,monthly,5",
        "customer_id",
        "\u00a0",
        "who this row belongs to",
    ),
    "text for money": ("C-9,2025-01-01,,Pro,monthly,on request", "mrr", "on request", "a number such as"),
    "no money": ("C-9,2025-01-01,,Pro,monthly,", "mrr", "", "0 for a free plan"),
    "B080 NULL money": ("C-9,2025-01-01,,Pro,monthly,NULL", "mrr", "NULL", "0 for a free plan"),
    "B075 negative": ("C-9,2025-01-01,,Pro,monthly,-5", "mrr", "-5", "refund or credit"),
    "B074 accounting negative": ("C-9,2025-01-01,,Pro,monthly,(12.50)", "mrr", "(12.50)", "refund or credit"),
    "B074 trailing minus": ("C-9,2025-01-01,,Pro,monthly,12.50-", "mrr", "12.50-", "refund or credit"),
    "B079 inf": ("C-9,2025-01-01,,Pro,monthly,inf", "mrr", "inf", "finite"),
    "B079 nan": ("C-9,2025-01-01,,Pro,monthly,nan", "mrr", "nan", "finite"),
    "B079 1e400": ("C-9,2025-01-01,,Pro,monthly,1e400", "mrr", "1e400", "finite"),
    "too large": ("C-9,2025-01-01,,Pro,monthly,99999999999999", "mrr", "99999999999999", "finite"),
    "interval": ("C-9,2025-01-01,,Pro,now and then,5", "interval", "now and then", "monthly, quarterly"),
    "B053 too many cells": (
        "C-9,2025-01-01,,Pro,monthly,5,6",
        "",
        "C-9,2025-01-01,,Pro,monthly,5,6",
        "in quotes",
    ),
    "B055 too few cells": ("C-9,2025-01-01,,Pro", "", "C-9,2025-01-01,,Pro", "4 of 6 columns"),
    "B066 repeated header": (HEADER, "", HEADER, "repeated header"),
    "B067 comment": ("# exported by hand", "", "# exported by hand", "comment"),
    "B007 totals": ("Total,,,,,99.99", "", "Total,,,,,99.99", "total row"),
    "blank row": (",,,,,", "", "", "blank row"),
    "B109 duplicate": (GOOD[0], "customer_id", "C-1", "duplicate of row 2"),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_cannot_be_used_is_rejected_where_it_stands(name):
    row, column, value, reason = ROWS[name]
    subs = read(file(row))
    assert subs.report.rejected == 1 and subs.report.repaired == 0
    (entry,) = subs.report.entries.to_pylist()
    assert (entry["row"], entry["column"], entry["value"]) == (4, column, value)
    assert reason in entry["reason"]
    accounted(subs, 4)
    assert subs.customers == 3
    told = [finding for finding in subs.report.findings if finding.count]
    assert told[0].count == 1 and told[0].rows == (4,) and "row 4" in told[0].sentence


def test_many_rows_that_end_before_they_start_make_one_sentence():
    bad = [f"C-00{at:02},2025-03-01,2025-02-0{at % 9 + 1},Pro,monthly,5" for at in range(12)]
    subs = read(file(*bad))
    sentences = [finding.sentence for finding in subs.report.findings if finding.id == "end_before_start"]
    assert sentences[0].startswith("12 rows end before they start, first: row 4, customer C-0000.")
    accounted(subs, 15)


# --- rows that are fine, however odd (ACCEPT), and repairs ---

ACCEPTED = {
    "B107 same day": "C-9,2025-01-01,2025-01-01,Pro,monthly,5",
    "B076 free": "C-9,2025-01-01,,Free,monthly,0",
    "B077 huge": "C-9,2025-01-01,,Pro,monthly,9999999",
    "B081 plan called null": "C-9,2025-01-01,,null,monthly,5",
    "B105 ends in the future": "C-9,2025-01-01,2031-01-01,Pro,monthly,5",
    "B104 starts in the future": "C-9,2031-01-01,,Pro,monthly,5",
    "B110 overlapping": "C-1,2025-02-01,2025-04-01,Pro,monthly,5",
    "B111 comes back": "C-1,2026-01-01,,Pro,monthly,5",
    "B131 markup": "<script>alert(1)</script>,2025-01-01,,![x](http://x.example/y),monthly,5",
    "B137 formula": "=1+1,2025-01-01,,@SUM(A1),monthly,5",
    "B139 SQL": "C'); DROP TABLE rows;--,2025-01-01,,' OR 1=1,monthly,5",
    "B142 line break": '"C\n9",2025-01-01,,Pro,monthly,5',
    "B143 emoji": "🌸-مرحبا,2025-01-01,,🌸,monthly,5",
    "B144 long plan": f"C-9,2025-01-01,,{'x' * 10_000},monthly,5",
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_odd_row_is_accepted_as_it_is(name):
    subs = read(file(ACCEPTED[name]), as_of="2026-06-30")
    accounted(subs, 4)
    assert (subs.report.accepted, subs.report.repaired, subs.report.rejected) == (4, 0, 0)


@pytest.mark.parametrize(
    "row",
    [
        "C-9,2025-01-01,active,Pro,monthly,5",
        "C\u200b-9,2025-01-01,,Pro,monthly,5",
        "C-9,2025-01-01,NULL,Pro,m,5",
    ],
)
def test_a_changed_cell_is_a_repair(row):
    subs = read(file(row))
    accounted(subs, 4)
    assert (subs.report.accepted, subs.report.repaired, subs.report.rejected) == (3, 1, 0)
    assert subs.report.entries["row"].to_pylist() == [4]


def test_hostile_headers_never_name_a_column():
    header = HEADER + ",__import__('os').system('id'),a[0].b:c\\d'\"\"e"
    rows = [f"C-{at},2025-01-01,,Pro,monthly,5,x,y" for at in range(3)]
    subs = read("\n".join([header, *rows]).encode())
    assert subs.segments[2:] == ("__import__('os').system('id')", 'a[0].b:c\\d\'""e')
    assert set(subs.rows.column_names) >= {"c0", "c1"} and not any(
        "import" in name for name in subs.rows.column_names
    )


# --- the accounting law under random faults -----------------------------------------------------------------

ODD = [
    "", "0", "-1", "1,5", '"1,234"', "soon", "2025-02-30", "2024-12-31", "9999-12-31", "31/12/2024", "NULL", "inf",
    "x,y",
    '"a ""quote"""', "\u00a0", "€5", "annual", "P1M", "Total", "1e400", "#", "C-1", "-", "1900-01-01",
]  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 19), st.integers(0, 5), st.sampled_from(ODD)), max_size=14),
    st.lists(
        st.tuples(st.integers(0, 19), st.sampled_from(["", ",,,,,", HEADER, "a,b", "Total,,,,,9", "# x"])),
        max_size=4,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_broken_every_row_is_accounted_for(cells, lines, line_end):
    ends = ["" if at % 2 else f"2025-0{at % 9 + 1}-01" for at in range(20)]
    rows = [[f"C-{at % 9}", "2024-06-01", ends[at], "Pro", "monthly", f"{at}.50"] for at in range(20)]
    for row, column, text in cells:
        rows[row][column] = text
    written = [",".join(row) for row in rows]
    for at, line in lines:
        written.insert(at, line)
    data = line_end.join([HEADER, *written, ""]).encode()
    try:
        subs = read(data)
    except ImportProblem as problem:
        assert str(problem).endswith(".")
        return
    accounted(subs, len(written))
    assert subs.active_mrr >= 0 and subs.customers <= len(written)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_a_sentence(data):
    try:
        subs = read(data)
    except ImportProblem as problem:
        assert str(problem).endswith(".")
    else:
        assert subs.report.rows
