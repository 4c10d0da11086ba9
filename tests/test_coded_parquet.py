"""Long Parquet files are read as codes: the same data set, report and sentences as with a text for every cell."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cs_models.problems import ImportProblem
from cs_models.readers import container, read_text_table
from cs_models.reading import read

ROWS = 600


def book(seed: int) -> pa.Table:
    """Periods in every kind of column, with all that can be wrong with them."""
    draw = np.random.default_rng(seed)
    first = [date(2023, 1, 1) + timedelta(days=int(d)) for d in draw.integers(0, 700, ROWS)]
    last = [None if draw.random() < 0.4 else d + timedelta(days=int(draw.integers(-5, 300))) for d in first]
    price = [None if draw.random() < 0.02 else round(float(draw.choice([9, 29.5, 1e3, -4])), 2) for _ in first]
    return pa.table({
        "customer": pa.array([None if draw.random() < 0.01 else int(n) for n in draw.integers(0, 400, ROWS)]),
        "start": pa.array([datetime(d.year, d.month, d.day, int(seed)) for d in first], pa.timestamp("us", "UTC")),
        "end": pa.array(last, pa.date32()),
        "plan": pa.array(draw.choice(["Basic", " Pro", "Pro\u200b", ""], ROWS)).dictionary_encode(),
        "interval": pa.array(draw.choice([1, 12], ROWS), pa.int8()),
        "price": pa.array(price, pa.float64()),
        "tax": pa.array([Decimal("1.20")] * ROWS),
        "vip": pa.array(draw.random(ROWS) < 0.5),
        "note": pa.nulls(ROWS, pa.string()),
    })  # fmt: skip


@pytest.fixture
def both(tmp_path, monkeypatch):
    """A function that reads a table as text and as codes."""

    def twice(table, use=read, **more):
        path = tmp_path / "book.parquet"
        pq.write_table(pa.concat_tables([table, table.slice(0, 7)]), path, row_group_size=250)
        monkeypatch.setattr(container, "CODED_FROM", 10**9)
        plain = use(path, **more)
        monkeypatch.setattr(container, "CODED_FROM", 1)
        return plain, use(path, **more)

    return twice


@pytest.mark.parametrize("seed", range(4))
def test_the_data_set_is_that_of_the_texts(both, seed):
    plain, coded = both(book(seed))
    assert coded.rows.to_pylist() == plain.rows.to_pylist() and coded.aside.to_pylist() == plain.aside.to_pylist()
    assert coded.report.entries.equals(plain.report.entries) and coded.report.rejected > 20
    assert asdict(replace(coded.report, entries=None)) == asdict(replace(plain.report, entries=None))
    told = coded.report
    assert told.accepted + told.repaired + told.rejected == told.rows == ROWS + 7
    assert (coded.digest, coded.columns, coded.mapping) == (plain.digest, plain.columns, plain.mapping)


def test_the_cells_are_those_of_the_texts_and_each_value_stands_once(both):
    plain, coded = both(book(1), lambda path: read_text_table(path, coded=True))
    assert coded.coded and not plain.coded
    assert coded.as_text().cells.equals(plain.cells.combine_chunks())
    for column in coded.cells.columns:
        (piece,) = column.chunks
        assert sorted(piece.dictionary.to_pylist()) == sorted(set(column.to_pylist()))


def test_rows_that_are_no_data_leave_in_the_same_way(both):
    extra = pa.table({"customer": ["Total", "", "customer", "# note"], "start": ["", "", "start", ""],
                      "mrr": ["", "", "mrr", ""]})  # fmt: skip
    rows = pa.table({"customer": [f"C{n}" for n in range(30)], "start": ["2024-01-05"] * 30, "mrr": ["5"] * 30})
    plain, coded = both(pa.concat_tables([rows, extra]))
    assert plain.report.rejected >= 4 and coded.rows.to_pylist() == plain.rows.to_pylist()
    assert coded.report.entries.equals(plain.report.entries)


def test_other_shapes_and_nested_columns_take_texts(both):
    invoices = pa.table({"customer": ["A", "A", "B"] * 10, "invoice_date": [date(2024, n % 9 + 1, 5) for n in range(30)],
                         "amount": [9.0] * 30})  # fmt: skip
    plain, coded = both(invoices)
    assert coded.layout == plain.layout == "invoices" and coded.rows.equals(plain.rows)
    nested = book(2).append_column("tags", pa.array([["a"]] * ROWS))
    assert not both(nested, lambda path: read_text_table(path, coded=True))[1].coded


@pytest.mark.parametrize("coded_from", [1, 10**9])
def test_a_damaged_file_is_told(tmp_path, monkeypatch, coded_from):
    """With the sentence of Parquet, not that of a process that broke off: column by column, and in batches."""
    monkeypatch.setattr(container, "CODED_FROM", coded_from)
    path = tmp_path / "book.parquet"
    pq.write_table(book(0), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + b"\xff" * 400 + whole[440:])
    with pytest.raises(ImportProblem, match="^This Parquet file is damaged or incomplete"):
        read(path)
