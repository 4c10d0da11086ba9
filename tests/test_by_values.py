"""A column that no name tells is the billing interval by what stands in it, and nothing else is."""

from datetime import date

import pytest

import cs_models as cs
from cs_models.importers.by_values import is_interval
from cs_models.reading import inspect
from cs_models.warehouse import counting
from cs_models.warehouse.folders import folders
from folder_books import asked_of

ROWS = ["A,2024-01-05,,1200,{0}", "B,2024-02-05,,1200,{0}", "C,2024-03-05,2025-03-05,1200,{0}", "D,2024-04-05,,100,{1}",
        "E,2024-05-05,2024-09-05,100,{1}"]  # fmt: skip


def book(header: str, *words: str) -> bytes:
    return "\n".join(["customer,start,end,price," + header, *(row.format(*words) for row in ROWS)]).encode() + b"\n"


@pytest.mark.parametrize("header", ["billing", "Billing type", "plan_type", "payment plan", "subscription kind"])
@pytest.mark.parametrize("words", [("annual", "monthly"), ("Yearly", "Monthly"), ("1 year", "1 month")])
def test_a_column_of_intervals_is_read_as_if_it_were_named(header, words):
    named, own = (cs.read(book(name, *words), as_of="2025-06-30") for name in ("interval", header))
    assert own.mapping["interval"] == header == inspect(book(header, *words)).mapping["interval"]
    assert own.rows["term"].to_pylist() == [12, 12, 12, 1, 1] and own.active_mrr == 300.0
    assert own.rows["mrr"].equals(named.rows["mrr"]) and own.rows["duration"].equals(named.rows["duration"])
    told = [[one.sentence for one in subs.report.findings if one.id == "interval_by_values"] for subs in (named, own)]
    assert not told[0] and len(told[1]) == 1 and f'"{header}"' in told[1][0]


@pytest.mark.parametrize("header, words", [
    ("billing", ("49.00", "9.00")), ("billing", ("12", "1")), ("billing", ("annual", "VIP")), ("contract plan", ("One year", "Monthly")),
    ("team", ("annual", "monthly")), ("billing", ("a", "m")), ("billing", ("", "")),
])  # fmt: skip
def test_what_is_no_interval_or_not_about_paying_is_none(header, words):
    subs = cs.read(book(header, *words), as_of="2025-06-30")
    assert "interval" not in subs.mapping and subs.rows["term"].to_pylist() == [1] * 5


def test_the_user_and_a_name_go_first_and_two_such_columns_are_none():
    data = book("billing", "annual", "monthly")
    assert "interval" not in cs.read(data, mapping={"interval": None}).mapping
    both = b"\n".join([b"customer,start,end,price,billing,interval", *(row + b",monthly" for row in data.splitlines()[1:])])
    assert cs.read(both).mapping["interval"] == "interval"
    two = both.replace(b",interval\n", b",paying\n")
    assert "interval" not in cs.read(two).mapping


def test_words_of_one_letter_and_numbers_are_no_words():
    assert is_interval(["monthly", " Annual ", "", None]) and is_interval(["quarterly"])
    for cells in (["m", "a"], ["12"], ["12.0", "1.0"], [], [None], ["monthly", "soon"], [f"{n} months" for n in range(1, 60)]):
        assert not is_interval(cells)


@pytest.mark.parametrize("header, words, taken", [
    ("billing", ("annual", "monthly"), True), ("billing", ("annual", "VIP"), False), ("contract plan", ("annual", "monthly"), False),
])  # fmt: skip
def test_a_folder_is_counted_as_the_upload(tmp_path, header, words, taken):
    (place := tmp_path / "folders" / "book").mkdir(parents=True)
    data = book(header, *words)
    (place / "a.csv").write_bytes(data)
    source, own = folders(tmp_path), cs.read(data, as_of="2025-06-30")
    asked = asked_of(source, date(2025, 6, 30), "book", most=0)
    assert ("interval" in asked.columns.roles) == ("interval" in own.mapping) == taken
    with source.open() as engine:
        found = counting.count_there(engine, asked)
    assert found.active_mrr == own.active_mrr == (300.0 if taken else 2500.0)
    assert cs.life_table(found, ("interval", "cohort")).frame.equals(cs.life_table(own, ("interval", "cohort")).frame)
