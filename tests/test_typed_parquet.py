"""Clean Parquet files go from the query engine to rows on disk: the same data set as by way of text."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cs_models as cs
from cs_models import dataset_files, reading
from cs_models.importers import parquet_rows
from cs_models.readers import container
from cs_models.reading_typed import read_clean

ROWS = 900
REASONS = ["too expensive", "payment failed", "", "Card declined ", "moved"]


def book(seed: int, rows: int = ROWS) -> pa.Table:
    """A clean book: each customer's periods follow each other, every column has a type of its own."""
    draw = np.random.default_rng(seed)
    first, last = [], []
    while len(first) < rows:
        day = date(2021, 1, 1) + timedelta(days=int(draw.integers(0, 900)))
        for _ in range(int(draw.integers(1, 4))):
            end = day + timedelta(days=int(draw.choice([0, 10, 31, 200, 365, 700])))
            runs = end > date(2024, 6, 1) and draw.random() < 0.8
            first.append(day)
            last.append(None if runs else end)
            day = end + timedelta(days=int(draw.integers(1, 90)))
            if runs or day > date(2024, 1, 1):
                break
    who = [f"{at}" for at in _by_stretch(first)]
    mixed = draw.permutation(len(first))
    term = draw.choice([1, 12], len(first), p=[0.7, 0.3])
    plan = draw.integers(0, 3, len(first))
    price = np.array([9.5, 30, 120.25])[plan] * np.where(term == 12, 10, 1)
    table = pa.table({
        "customer": pa.array(who if seed % 2 else [int(one) for one in who]),
        "start": pa.array([datetime(d.year, d.month, d.day, seed) for d in first], pa.timestamp("us", "UTC"))
        if seed % 3 == 0 else pa.array(first, pa.date32()),
        "end": pa.array(last, pa.date32()),
        "plan": pa.array(np.array(["Basic", " Pro", "Ünlimited"])[plan]).dictionary_encode(),
        "interval": pa.array(term, pa.int8()) if seed % 2 else pa.array(np.where(term == 12, "annual", "month")),
        "price": pa.array([Decimal(f"{one:.2f}") for one in price]) if seed % 4 == 1 else pa.array(price),
        "end_reason": pa.array(draw.choice(REASONS, len(first))),
        "currency": pa.array(["EUR"] * len(first)),
        "vip": pa.array(draw.random(len(first)) < 0.5),
        "size": pa.array([None if draw.random() < 0.1 else int(n) for n in draw.integers(0, 20, len(first))]),
        "score": pa.array(draw.random(len(first))),
        "email": pa.array([f"u{n}@shop.io" for n in range(len(first))]),
    })  # fmt: skip
    return table.take(pa.array(mixed))


def _by_stretch(first: list[date]) -> list[int]:
    """A customer goes on as long as the days do."""
    steps = [0] + [int(b < a or (b - a).days > 800) for a, b in zip(first, first[1:], strict=False)]
    return np.cumsum(steps).tolist()


@pytest.fixture
def ways(tmp_path, monkeypatch):
    """A function that reads a table by way of text and straight from the engine (None where that is refused)."""
    monkeypatch.setattr(container, "CODED_FROM", 1)

    def both(table, **more):
        path = tmp_path / "book.parquet"
        pq.write_table(table, path, row_group_size=250)
        told = []

        def watched(*given):
            told.append(read_clean(*given))
            return told[-1]

        monkeypatch.setattr(reading, "read_clean", watched)
        straight = reading.read(path, **more)
        monkeypatch.setattr(reading, "read_clean", lambda *given: None)
        return reading.read(path, **more), straight if told[0] is not None else None

    return both


def same(one, other):
    assert one.rows.to_pylist() == other.rows.to_pylist() and one.rows.schema.equals(other.rows.schema)
    assert one.aside.to_pylist() == other.aside.to_pylist() and one.aside.schema.equals(other.aside.schema)
    assert asdict(replace(one.report, entries=None)) == asdict(replace(other.report, entries=None))
    assert one.report.entries.equals(other.report.entries)
    plain = "kind as_of columns currency digest mapping layout answers source_name customers active active_mrr".split()
    assert [getattr(one, name) for name in plain] == [getattr(other, name) for name in plain]


@pytest.mark.parametrize("seed", range(8))
def test_the_data_set_is_that_of_the_texts(ways, monkeypatch, seed):
    monkeypatch.setattr(parquet_rows, "AT_ONCE", 100)  # customers and findings across the borders of pieces
    text, straight = ways(book(seed))
    assert straight is not None, "a clean file must not become text"
    same(text, straight)
    told = {one.id for one in straight.report.findings}
    assert {"same_day", "mid_term", "not_segments"} <= told and straight.report.accepted == straight.report.rows
    by = ("plan", "vip", "interval")
    pd.testing.assert_frame_equal(cs.life_table(text, by).frame, cs.life_table(straight, by).frame)


@pytest.mark.parametrize("more", (
    {"as_of": "2024-08-31"}, {"as_of": "2023-12-31"}, {"answers": {"gap_days": "60"}},
    {"answers": {"recognised": "after grace"}}, {"answers": {"grain": "subscription"}},
    {"mapping": {"end": None}}, {"mapping": {"plan": None, "currency": None}},
), ids=repr)  # fmt: skip
def test_days_definitions_and_columns_left_out(ways, more):
    text, straight = ways(book(2), **more)
    assert straight is not None
    same(text, straight)


def test_two_subscriptions_at_once_are_asked_about(ways):
    table = book(2)
    later = changed("start", lambda days: pa.array([day + timedelta(days=1) for day in days]))(table)
    later = changed("end", lambda days: pa.array([day and day + timedelta(days=99) for day in days]))(later)
    text, straight = ways(pa.concat_tables([table, later]), as_of="2025-06-01")
    assert straight is not None and any(one.id == "grain" for one in straight.report.questions)
    same(text, straight)


def changed(name, values):
    def change(table):
        at = table.column_names.index(name)
        return table.set_column(at, name, values(table[name].to_pylist()))
    return change


def first(value, kind=None):
    """The first cell is another one."""
    return lambda cells: pa.array([value, *cells[1:]], kind)


def billed_monthly(table):
    """Every customer pays the same by the month, so that nothing but the column's values tells the interval."""
    return changed("price", lambda cells: pa.array([9.5] * len(cells)))(
        changed("interval", lambda cells: pa.array(["month"] * len(cells)))(table))  # fmt: skip


NOT_CLEAN = {
    "no customer": changed("customer", first(None)),
    "no start": changed("start", first(None, pa.date32())),
    "start before 1950": changed("start", first(date(1900, 1, 1), pa.date32())),
    "a lonely start": changed("start", first(date(2031, 1, 1), pa.date32())),
    "end before start": changed("end", first(date(2001, 1, 1))),
    "no end yet": changed("end", first(date(9999, 12, 31))),
    "a negative price": changed("price", first(-9.5)),
    "a free plan": changed("price", first(0.0)),
    "no price": changed("price", first(None)),
    "half a cent": changed("price", first(9.505)),
    "an endless price": changed("price", first(1e12)),
    "whole amounts that are large": changed("price", lambda cells: pa.array([1000 + n % 7 for n in range(len(cells))])),
    "months and years cost the same": changed("price", lambda cells: pa.array([9.5] * len(cells))),
    "two currencies": changed("currency", first("USD")),
    "an unknown interval": changed("interval", first("now and then")),
    "weeks": changed("interval", first("weekly")),
    "no interval": changed("interval", first(None)),
    "an interval that no name tells": lambda table: billed_monthly(table).rename_columns(
        ["billing" if name == "interval" else name for name in table.column_names]),
    "text for days": changed("start", lambda cells: pa.array([str(one) for one in cells])),
    "an invisible letter": changed("plan", first("Pro\u200b")),
    "a test account": changed("email", first("test@shop.io")),
    "a long cell": changed("email", first("x" * 40_000)),
    "lists": changed("vip", lambda cells: pa.array([[1]] * len(cells))),
    "a row twice": lambda table: pa.concat_tables([table, table.slice(5, 1)]),
    "a row with another price": lambda table: pa.concat_tables(
        [table, changed("price", lambda cells: pa.array([cells[0] + 1]))(table.slice(5, 1))]
    ),
    "a paused customer": lambda table: table.append_column("status", pa.array(["paused"] + ["live"] * (len(table) - 1))),
    "an end ahead that a status proves": lambda table: changed("end", first(date(2025, 1, 15)))(table).append_column(
        "status", pa.array(["expired"] + ["live"] * (len(table) - 1))),
    "requests to cancel": lambda table: table.append_column("cancelled_at", table["end"]),
    "discounts": lambda table: table.append_column("discount", pa.array(["10%"] * len(table))),
    "trials": lambda table: table.append_column("trial_start", table["start"]),
    "nobody is left": lambda table: changed("end", lambda cells: pa.array(
        [min(one or date(2024, 1, 5), date(2024, 1, 5)) for one in cells]))(table),
    "a header twice": lambda table: table.append_column("VIP", table["vip"]),
}  # fmt: skip


@pytest.fixture
def taken(tmp_path, monkeypatch):
    """Whether a table is read straight from the engine."""
    monkeypatch.setattr(container, "CODED_FROM", 1)

    def straight(table):
        path = tmp_path / "book.parquet"
        pq.write_table(table, path)
        return read_clean(path, "", {}, None, {}, None) is not None

    return straight


@pytest.mark.parametrize("fault", NOT_CLEAN)
def test_a_file_that_leaves_something_to_tell_takes_the_other_way(taken, fault):
    assert not taken(NOT_CLEAN[fault](book(2))) and taken(billed_monthly(book(2)))


@pytest.mark.parametrize("fault, cell", (
    ("blank", " "), ("blanks around", " A"), ("invisible", "A\u200b"), ("turned", "A\u202e"), ("test", "test@a.io"),
    ("rounded", "1.2E+15"), ("total", "Total"), ("comment", "# A"),
))  # fmt: skip
def test_ids_that_are_told_about_take_the_other_way(taken, fault, cell):
    assert taken(book(5))
    assert not taken(changed("customer", first(cell))(book(5)))


def test_short_files_and_other_shapes_take_the_other_way(taken, monkeypatch):
    invoices = pa.table({"customer": ["A", "B"] * 20, "invoice_date": [date(2024, n % 9 + 1, 5) for n in range(40)],
                         "amount": [9.5] * 40})  # fmt: skip
    assert not taken(invoices)
    monkeypatch.setattr(container, "CODED_FROM", ROWS * 2)
    assert not taken(book(2))


def test_what_does_not_fit_into_memory_takes_the_other_way(taken, monkeypatch):
    assert taken(book(2))
    monkeypatch.setenv("PERENNIAL_ENGINE_MEMORY", "1MB")
    assert not taken(book(2))


def test_rows_on_disk_are_kept_as_they_lie(ways, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset_files, "LARGE", 1)
    text, straight = ways(book(3))
    dataset_files.write(tmp_path, straight)
    monkeypatch.setattr(dataset_files, "_files", {})
    again = dataset_files.read(tmp_path)
    same(again, text)
