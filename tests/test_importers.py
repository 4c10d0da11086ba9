"""From text to paid periods: dates, money, months, repairs and rejections, on both layouts."""

import random
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_models.importers import layouts, template_csv
from cs_models.importers.columns import Column
from cs_models.problems import ImportProblem, Problem
from cs_models.reading import inspect, read

HEADER = "customer,start,end,plan,interval,mrr\n"


def periods(*rows: str, header: str = HEADER) -> bytes:
    return (header + "\n".join(rows) + "\n").encode()


# the others make periods out of several rows, or none
ONE_ROW_ONE_PERIOD = ("periods", "snapshot")


def accounted(subs) -> bool:
    report = subs.report
    entries = report.entries.to_pydict()
    rejected = {row for row, kind in zip(entries["row"], entries["kind"], strict=True) if kind == "rejected"}
    repaired = {row for row, kind in zip(entries["row"], entries["kind"], strict=True) if kind == "repaired"}
    usable = subs.rows.num_rows + subs.aside.num_rows
    began = {*subs.rows["row"].to_pylist(), *subs.aside["row"].to_pylist()} if subs.kind != "triangle" else set()
    if subs.layout in ONE_ROW_ONE_PERIOD:
        each = usable == report.accepted + report.repaired and subs.aside.num_rows == report.set_aside
    else:
        each = report.set_aside <= report.accepted + report.repaired
    return (
        report.accepted + report.repaired + report.rejected == report.rows
        and len(rejected) == report.rejected
        and len(repaired) == report.repaired
        and not rejected & repaired
        and not rejected & began
        and each
    )


def findings(subs) -> dict[str, str]:
    return {finding.id: finding.sentence for finding in subs.report.findings}


# --- every layout keeps the contract ---


@pytest.mark.parametrize("name", layouts())
def test_the_template_of_every_layout_reads_back_without_a_fault(name):
    layout = layouts()[name]
    subs = read(template_csv(name).encode())
    assert subs.layout == name and subs.kind in ("periods", "snapshot", "triangle")
    assert (subs.report.accepted, subs.report.repaired, subs.report.rejected) == (
        len(layout.template) - 1,
        0,
        0,
    )
    assert {one.id for one in subs.report.questions} <= {"as_of"} and accounted(subs)
    assert not [finding for finding in subs.report.findings if finding.count]
    assert 3 <= len(layout.template) - 1 <= 4


@pytest.mark.parametrize("name", layouts())
def test_every_layout_declares_its_columns_for_people(name):
    layout = layouts()[name]
    assert layout.title and layout.about and layout.available
    assert any(role.required for role in layout.roles)
    for role in layout.roles:
        assert role.title and role.help
    assert layout.score(layout.template[0]) > 1
    assert layout.score(("a", "b")) < 1


@pytest.mark.parametrize("name", [name for name in layouts() if name != "triangle"])
def test_the_canonical_columns_are_the_same_for_every_layout(name):
    subs = read(template_csv(name).encode())
    types = {field.name: str(field.type) for field in subs.rows.schema}
    expected = {
        "row": "int32", "customer": "dictionary<values=string, indices=int32, ordered=0>",
        "started_on": "date32[day]",
        "ended_on": "date32[day]", "term": "int16", "mrr": "int64", "price": "int64", "duration": "int32",
        "churned": "bool", "entry": "int32",
    }  # fmt: skip
    assert {key: types[key] for key in expected} == expected
    assert types["plan"] == types["end_reason"] == types["c0"] == expected["customer"]
    assert not any(
        subs.rows[key].null_count for key in ("row", "customer", "term", "duration", "churned", "entry")
    )


# --- repairs, rejections ---


@pytest.mark.parametrize("marker", ["active", "9999-12-31", "NULL", "0", "-", "2099-12-31", "N/A"])
def test_markers_for_no_end_are_repaired_to_blank(marker):
    subs = read(periods(f"A,2025-01-01,{marker},P,monthly,5", "B,2025-01-01,2025-02-01,P,monthly,5"))
    assert (subs.report.accepted, subs.report.repaired, subs.report.rejected) == (1, 1, 0)
    assert (
        subs.rows["ended_on"].to_pylist() == [None, date(2025, 2, 1)] and not subs.rows["churned"][0].as_py()
    )
    assert subs.report.entries.to_pylist()[0]["value"] == marker and accounted(subs)


def test_invisible_letters_in_ids_are_repaired_and_names_composed():
    subs = read(
        periods("A\u00a0,2025-01-01,2025-02-01,P,monthly,5", "A\u200b,2025-02-01,,Cafe\u0301,monthly,5",
                "B,2025-01-01,,Caf\u00e9,monthly,5")
    )  # fmt: skip
    assert subs.customers == 2 and subs.report.repaired == 2 and "invisible" in findings(subs)
    assert set(subs.rows["plan"].to_pylist()) == {"P", "Café"} and accounted(subs)


def test_plans_called_null_and_ids_with_zeros_are_kept_as_they_are():
    long = "9007199254740993,2025-01-01,,null,monthly,5"
    subs = read(periods("00123,2025-01-01,,NA,monthly,5", "123,2025-01-01,,None,monthly,5", long))
    assert subs.customers == 3 and subs.rows["plan"].to_pylist() == ["NA", "None", "null"]
    assert subs.rows["customer"].to_pylist()[2] == "9007199254740993"


def test_exact_copies_count_once_and_name_their_original():
    row = "A,2025-01-01,,P,monthly,5"
    subs = read(periods(row, "B,2025-01-01,,P,monthly,5", row, row))
    assert subs.report.rejected == 2 and subs.active_mrr == 10.0 and accounted(subs)
    assert subs.report.entries["row"].to_pylist() == [4, 5]
    assert all("duplicate of row 2" in reason for reason in subs.report.entries["reason"].to_pylist())


def test_a_rejected_row_keeps_no_repairs():
    subs = read(periods("A,2025-01-01,active,P,monthly,free", "B,2025-01-01,,P,monthly,5"))
    assert subs.report.entries["kind"].to_pylist() == ["rejected"] and accounted(subs)


def test_downloads_cannot_run_as_formulas():
    subs = read(periods("A,=1+1,,P,monthly,5", "B,2025-01-01,,P,monthly,5"))
    assert subs.report.frame()["value"].tolist() == ["'=1+1"]


# --- segments and names ---


def test_columns_of_few_entries_are_segments_and_personal_ones_never():
    header = "customer,start,mrr,email,notes,Country / Region,__import__('os'),account manager email,status\n"
    rows = [
        f"C{i},2025-01-01,5,a{i}@b.example,n{i},{'DE' if i % 2 else ''},x,m@b.example,active"
        for i in range(60)
    ]
    subs = read(periods(*rows, header=header))
    assert subs.segments == ("Country / Region", "__import__('os')")
    assert subs.columns["c0"] == "Country / Region" and subs.resolve("country / region") == "c0"
    assert set(subs.rows["c0"].to_pylist()) == {"DE", "(blank)"}
    assert subs.rows.column_names[-2:] == ["c0", "c1"]
    assert "email, notes, account manager email, status" in findings(subs)["not_segments"]
    with pytest.raises(Problem, match="Country / Region"):
        subs.resolve("plan")


@pytest.mark.parametrize("reaches", [
    "ada@firm.example", "+44 20 7946 0958", "+31-20-5550404", "(020) 555-0404", "NL91 ABNA 0417 1643 00",
    "DE89370400440532013000", "4111 1111 1111 1111", "4111-1111-1111-1111",
])  # fmt: skip
@pytest.mark.parametrize("group", ["DE", "2025-01-31", "1 000", "Gold 2024", "+10 %", "(none)", "AB12", "10.5", "100-199"])
def test_what_reaches_a_person_is_no_group_whatever_its_header(reaches, group):
    rows = [f"C{i},2025-01-01,5,{reaches if i % 2 else 'unknown'},{group if i % 2 else 'other'}" for i in range(60)]
    subs = read(periods(*rows, header="customer,start,mrr,extra,region\n"))
    assert subs.segments == ("region",) and "extra" in findings(subs)["not_segments"]


def test_resolve_knows_plan_and_interval_by_every_name():
    subs = read(periods("A,2025-01-01,,P,monthly,5", header="customer,start,end,Tarif,Billing cycle,mrr\n"))
    assert subs.segments == ("plan", "interval")
    assert subs.resolve("plan") == subs.resolve("Tarif") == "plan"
    assert subs.resolve("interval") == subs.resolve("Billing cycle") == "term"


# --- mapping, inspect, fingerprints ---


def test_a_mapping_goes_before_recognition():
    data = periods("A,2025-01-01,2025-01-05,9,7", header="who,from,created,mrr,paid\n")
    mapping = {"customer": "who", "start": "created", "end": None, "mrr": "paid"}
    subs = read(data, mapping=mapping)
    assert subs.rows["started_on"].to_pylist() == [date(2025, 1, 5)] and subs.active_mrr == 7.0
    assert subs.mapping == {"customer": "who", "start": "created", "mrr": "paid"}


@pytest.mark.parametrize(
    "mapping, words",
    [
        ({"customer": "nobody"}, '"nobody", which is not in the file'),
        ({"colour": "customer"}, '"colour", which is none of'),
        ({"customer": "plan", "start": "plan"}, "twice"),
        ({"mrr": "plan"}, 'column "plan"'),
        ({"start": "plan", "plan": None}, 'column "plan"'),
        ({"tenure": "start", "interval": "mrr"}, "different layouts"),
        ({"start": None}, "no column for start"),
    ],
)
def test_a_wrong_mapping_gives_a_sentence(mapping, words):
    with pytest.raises(ImportProblem, match=words):
        read(periods("A,2025-01-01,,Pro,monthly,5"), mapping=mapping)


def test_inspect_proposes_without_reading_everything():
    big = periods(*(f"C{i},2025-01-01,,Pro,monthly,5" for i in range(60_000)))
    proposal = inspect(big)
    assert proposal.layout == "periods" and proposal.complete
    assert proposal.mapping == {"customer": "customer", "start": "start", "end": "end", "plan": "plan",
                                "interval": "interval", "mrr": "mrr"}  # fmt: skip
    assert len(proposal.preview) == 20 and proposal.preview.index[0] == 2
    partial = inspect(b"who,start\nA,2025-01-01\n")
    assert [role.name for role in partial.missing] == ["customer"] and partial.headers == ("who", "start")
    assert inspect(b"who,start\nA,2025-01-01\n", {"customer": "who"}).complete


def test_the_digest_names_file_and_definitions():
    data = periods("A,2025-01-01,,Pro,monthly,5")
    same = read(data).digest
    assert same == read(data).digest and len(same) == 64
    others = [
        read(data, as_of="2025-02-01"),
        read(data, {"plan": None}),
        read(data + b"B,2025-01-01,,Pro,monthly,5\n"),
    ]
    assert len({same, *(other.digest for other in others)}) == 4


@pytest.mark.parametrize("as_of", ["tomorrow", "2025-13-01"])
def test_as_of_must_be_a_day(as_of):
    with pytest.raises(Problem, match="2025-01-31"):
        read(periods("A,2025-01-01,,Pro,monthly,5"), as_of=as_of)


ONE = periods("A,2025-01-01,,Pro,monthly,5")


@pytest.mark.parametrize("as_of", ["2099-01-01", date(9999, 12, 31), pd.Timestamp("2100-01-01")])
def test_a_last_day_nobody_can_know_is_refused(as_of):
    with pytest.raises(Problem, match="before 2099-01-01"):
        read(ONE, as_of=as_of)


def test_no_time_is_no_last_day():
    assert read(ONE, as_of=pd.NaT).as_of == date(2025, 1, 1)


@pytest.mark.parametrize("text", [ONE.decode(), "secret," * 60, "secret/" * 999, "secret\0"])
def test_the_text_of_a_file_is_no_name_and_is_not_repeated(text):
    for use in (read, inspect):
        with pytest.raises(ImportProblem, match="Give the bytes") as told:
            use(text)
        assert "secret" not in str(told.value) and "2025" not in str(told.value)


def test_half_letters_in_a_frame_become_question_marks():
    frame = pd.DataFrame({"customer": ["A\ud800"], "start": ["2025-01-01"], "mrr": ["5"]})
    assert read(frame).rows["customer"].to_pylist() == ["A?"]


@pytest.mark.parametrize("wrong", [["customer"], "customer", 7])
def test_a_mapping_is_a_dictionary(wrong):
    for use in (read, inspect):
        with pytest.raises(Problem, match="mapping must be a dictionary"):
            use(ONE, wrong)
        with pytest.raises(Problem, match="answers must be a dictionary"):
            use(ONE, answers=wrong)


# --- the same rows, however they come ---


def book(rows: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    made = []
    for at in range(rows):
        start = date(2024, 1, 1) + timedelta(days=chance.randrange(500))
        end = start + timedelta(days=chance.randrange(400)) if chance.random() < 0.6 else None
        interval = chance.choice(["monthly", "annual"])
        made.append(
            f"C{at % 40},{start},{end or ''},{chance.choice('PQ')},{interval},{chance.randrange(1, 90)}.50"
        )
    return made


def numbers(subs) -> tuple:
    frame = subs.rows.to_pandas().drop(columns="row").astype(str)
    rows = sorted(map(tuple, frame.to_numpy()))
    report = subs.report
    return (
        subs.customers,
        subs.active_mrr,
        subs.as_of,
        report.accepted,
        report.repaired,
        report.rejected,
        rows,
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_changes_nothing(seed):
    rows = book(60, seed)
    shuffled = random.Random(seed + 1).sample(rows, len(rows))
    assert numbers(read(periods(*rows))) == numbers(read(periods(*shuffled)))


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_re_save_in_another_dress_changes_nothing(delimiter, encoding, line_end):
    rows = [row.replace("P", "Größe") for row in book(50, 7)]
    dressed = periods(*rows).decode().replace(",", delimiter).replace("\n", line_end).encode(encoding)
    assert numbers(read(dressed)) == numbers(read(periods(*rows)))


def test_a_european_re_save_with_decimal_commas_changes_nothing():
    rows = book(50, 8)
    european = periods(*rows).decode().replace(",", ";").replace(".50", ",50").encode()
    assert numbers(read(european)) == numbers(read(periods(*rows)))


def test_a_frame_is_read_like_its_file():
    rows = book(50, 9)
    names = HEADER.strip().split(",")
    text = pd.DataFrame([row.split(",") for row in rows], columns=names)
    typed = text.assign(
        start=pd.to_datetime(text["start"]),
        end=pd.to_datetime(text["end"], errors="coerce"),
        mrr=text["mrr"].astype(float),
    )
    assert numbers(read(text)) == numbers(read(periods(*rows))) == numbers(read(typed))


# --- snapshot ---


def test_a_snapshot_by_hand():
    subs = read(
        b"customerID,tenure,Churn,MonthlyCharges,Contract,Gender\n"
        b"A,0,No,10.5,One year,F\nB,5,Yes,20,Two year,M\nC,0,Yes,30,One year,M\nD,7.5,no,40,One year,F\n"
        b"E,7.5,1,1,One year,M\nF,many,No,1,One year,M\nG,3,perhaps,1,One year,M\n"
    )
    assert subs.kind == "snapshot" and not subs.has_dates and subs.has_price and subs.as_of is None
    assert subs.rows["duration"].to_pylist() == [0, 5, 1, 7, 8]
    assert subs.rows["churned"].to_pylist() == [False, True, True, False, True]
    assert subs.rows["term"].to_pylist() == [1] * 5 and subs.rows["started_on"].null_count == 5
    assert subs.active_mrr == 50.5 and subs.report.rejected == 2 and accounted(subs)
    assert subs.resolve("Contract") == subs.resolve("plan") == "plan" and subs.segments == ("plan", "Gender")
    assert "not a cohort" in findings(subs)["snapshot"]


def test_a_snapshot_without_ids_keeps_equal_rows():
    subs = read(b"months_active,churned,size\n3.0,1.0,big\n3.0,1.0,big\n4.0,0.0,small\n")
    assert subs.customers == 3 and subs.report.rejected == 0 and not subs.has_price
    assert subs.rows["mrr"].null_count == 3 and subs.active_mrr == 0.0


def test_rows_that_end_before_they_start_cost_no_look_at_all_rows_each(monkeypatch):
    """A long export with thousands of them took minutes: as many looks at every row as rows at fault."""
    looks, spread = [], Column.spread
    monkeypatch.setattr(Column, "spread", lambda self, per: looks.append(0) or spread(self, per))
    taken = []
    for faulty in (3, 60):
        rows = [f"C{n},2025-03-0{1 + n % 9},{'2025-02-01' if n < faulty else '2025-05-01'},Pro,1,50" for n in range(200)]
        assert read(periods(*rows)).report.rejected == faulty
        taken.append(len(looks))
        looks.clear()
    assert taken[0] == taken[1]
