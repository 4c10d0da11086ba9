"""What every shape owes: no row disappears, and the order of rows says nothing."""

import random

import pytest

from cs_models.importers import layouts
from cs_models.problems import ImportProblem
from cs_models.reading import read

NAMES = tuple(layouts())


def grown(name: str, copies: int = 15) -> list[list[str]]:
    """The template's rows again and again for other customers (or cohorts)."""
    shape = layouts()[name]
    header, *rows = shape.template
    mapping = shape.recognise(header)
    at = header.index(mapping.get("customer") or mapping["clock"])
    return [
        [f"{cell}-{copy}" if place == at else cell for place, cell in enumerate(row)]
        for copy in range(copies)
        for row in rows
    ]


def text(name: str, rows: list[list[str]]) -> bytes:
    return "\n".join(",".join(row) for row in [layouts()[name].template[0], *rows]).encode()


def contents(subs) -> tuple:
    frames = [
        part.to_pandas().drop(columns="row", errors="ignore").astype(str) for part in (subs.rows, subs.aside)
    ]
    report = subs.report
    return (
        *(sorted(map(tuple, frame.to_numpy())) for frame in frames), subs.as_of, subs.customers, subs.active,
        report.accepted, report.repaired, report.rejected, report.set_aside,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_changes_nothing(name):
    rows = grown(name)
    expected = contents(read(text(name, rows), layout=name))
    for seed in range(3):
        shuffled = random.Random(seed).sample(rows, len(rows))
        assert contents(read(text(name, shuffled), layout=name)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_ties_are_settled_in_any_order(name):
    """Rows of one customer and day that differ in every other cell."""
    shape = layouts()[name]
    header, *template = shape.template
    mapping = shape.recognise(header)
    fixed = {
        mapping.get(role) for role in ("customer", "date", "month", "clock", "start", "tenure", "churned")
    }
    rows = grown(name, 4)
    other = [
        [f"{cell}7" if at == len(header) - 1 or header[at] == mapping.get("plan") else cell
         for at, cell in enumerate(row)] if header[-1] not in fixed else row
        for row in rows
    ]  # fmt: skip
    both = rows + [row for row, old in zip(other, rows, strict=True) if row != old]
    try:
        expected = contents(read(text(name, both), layout=name))
    except ImportProblem:
        assert name == "triangle"
        return
    for seed in range(3):
        shuffled = random.Random(seed).sample(both, len(both))
        assert contents(read(text(name, shuffled), layout=name)) == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("fault", ["", "???", "-5", "2024-02-31", "=1+1", "9" * 30])
def test_accepted_repaired_and_rejected_add_up_whatever_stands_in_a_cell(name, fault):
    shape = layouts()[name]
    rows = grown(name, 3)
    for at in range(len(shape.template[0])):
        broken = [list(row) for row in rows]
        broken[0][at] = broken[4][at] = fault
        broken.append(list(broken[1]))
        subs = read(text(name, broken), layout=name)
        report = subs.report
        assert report.accepted + report.repaired + report.rejected == report.rows == len(broken)
        entries = report.entries.to_pydict()
        gone = {row for row, kind in zip(entries["row"], entries["kind"], strict=True) if kind == "rejected"}
        assert len(gone) == report.rejected
        if subs.kind != "triangle":
            began = {*subs.rows["row"].to_pylist(), *subs.aside["row"].to_pylist()}
            assert not gone & began and began <= set(range(2, len(broken) + 2))


def test_a_mixture_of_many_currencies_names_five_and_counts_the_rest():
    codes = ("AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "USD")
    rows = [f"C{at},2024-01-01,5,{code}" for at, code in enumerate([*codes, "USD", "USD"])]
    with pytest.raises(ImportProblem, match="mixes 7 currencies") as told:
        read("\n".join(["customer,start,mrr,currency", *rows]).encode())
    text = str(told.value)
    assert "(AUD in 1 rows, CAD in 1 rows, CHF in 1 rows, EUR in 1 rows, USD in 3 rows and 2 more)" in text
