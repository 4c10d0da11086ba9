"""The size of a book on paper: the recorded results of the benchmark, and how they grow."""

import re

import pytest

from cs_models import sizing
from places import ROOT

RECORDED = (ROOT / "docs" / "benchmarks.md").read_text()


def recorded(row: str) -> list[float]:
    """The numbers of a line of the first table."""
    (line,) = re.findall(rf"^\| {re.escape(row)} \|(.*)\|$", RECORDED, re.M)
    return [float(re.sub(r"[^\d.]", "", cell)) for cell in line.split("|")]


@pytest.mark.parametrize(("table", "row", "mine"), [
    ("job, CPU seconds", "file", sizing.FILE_MB),
    ("a folder of Parquet files, CPU seconds", "**a data set of counts, here**", sizing.CPU_SECONDS),
])  # fmt: skip
def test_the_figures_are_those_the_benchmark_recorded(table, row, mine):
    heads = re.search(rf"\| {table} \|(.*)\|", RECORDED).group(1).split("|")
    customers = [int(re.sub(r"\D", "", head)) for head in heads]
    assert dict(zip(customers, recorded(row))) == mine


def test_memory_and_room_are_recorded_too():
    assert f"at 1,000,000: {sizing.PEAK_MB[1_000_000]} MB here" in RECORDED and f"{sizing.KEPT_BYTES} bytes a row" in RECORDED
    assert f"10,000,000 customers: {sizing.KEY_BYTES * 10 + 3} MB here" in RECORDED


@pytest.mark.parametrize("customers", [2_000_000, 10_000_000, 100_000_000, 1_000_000_000])
def test_a_longer_book_costs_more_and_brings_home_the_same(customers):
    small, large = sizing.size(customers), sizing.size(10 * customers)
    assert large.file_bytes > 9 * small.file_bytes
    assert large.memory_bytes - small.memory_bytes >= 9 * customers * sizing.KEY_BYTES
    assert large.memory_bytes <= sizing.MEMORY_BYTES + 10 * customers * sizing.KEY_BYTES, "the engine keeps to its limit"
    assert large.seconds / small.seconds == pytest.approx(10 ** sizing.exponent(sizing.CPU_SECONDS))
    assert large.slow == pytest.approx(10 * small.slow)
    assert (large.lines, large.home_bytes) == (small.lines, small.home_bytes)


def test_what_to_switch_on_changes_where_the_limits_are():
    steps = [sizing.size(n).step for n in (2_800_000, 3_000_000, 270_000_000, 290_000_000, 4_000_000_000)]
    assert steps == ["Upload it", "Folder on this server", "Folder on this server", "Warehouse", "Warehouse, in parts"]
    assert sizing.size(500_000_000).packed and not sizing.size(600_000_000).packed
    assert [row["Customers"] for row in sizing.table()][-2:] == ["100,000,000", "1,000,000,000"]


def test_a_counted_book_has_no_more_lines_than_on_paper():
    import duckdb

    from books import AS_OF, COLUMNS, FIRST, view_of
    from cs_models.counts import count
    import pandas as pd
    from datetime import timedelta

    book = pd.DataFrame([
        (i, FIRST + timedelta(days=i % 800), None if i % 3 else FIRST + timedelta(days=i % 800 + i % 400), 1, "Pro", 10.0, 0,
         ("EU", "US")[i % 2]) for i in range(5000)], columns=COLUMNS)  # fmt: skip
    with duckdb.connect() as engine:
        view_of(engine, book)
        found = count(engine, "subs", AS_OF, ("Region",))
    months = (AS_OF.year - FIRST.year) * 12 + AS_OF.month - FIRST.month + 1
    assert len(found.cube) + len(found.life) < sizing.size(5000, months, 2).lines


def test_prices_and_times_of_a_warehouse_follow_from_what_is_recorded():
    (first, *_) = re.findall(r"^\| the same, asked of the files each time \|(.*)\|$", RECORDED, re.M)
    assert float(first.split("|")[1]) == sizing.TEXT_SECONDS, "CPU seconds for 1,000,000"
    assert f"PostgreSQL {sizing.POSTGRES_TIMES} times as long" in RECORDED
    paper = sizing.size(1_000_000_000)
    assert paper.text_seconds == pytest.approx(145_800) and paper.dollars == pytest.approx(145_800 / 3600 * 0.05)
    assert paper.read_dollars == pytest.approx(paper.file_bytes * 20 / 1024**4 * 6.25)
    assert sizing.table()[-1]["Costs"] == "$2.02 to $8.15" and sizing.table()[-1]["Time in a warehouse"] == "40.5 h"
    assert "283.5 h for 1,000,000,000" in sizing.assumptions()


def test_every_step_is_told_once_with_how_and_with_the_memory_it_needs():
    told = sizing.steps()
    assert [line.split("**")[1] for line in told] == ["Upload it", "Folder on this server", "Warehouse"]
    assert "from 10,000,000 customers" in told[1] and told[1].endswith("up to 10 GB."), "what its largest book needs"
    small, large = sizing.size(4_900_000).advice, sizing.size(1_000_000_000).advice
    assert "PERENNIAL_ENGINE_MEMORY" in sizing.size(100_000_000).advice and "PERENNIAL_ENGINE_MEMORY" not in small + large
