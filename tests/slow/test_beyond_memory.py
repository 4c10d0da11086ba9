"""A folder far larger than the engine's memory is counted all the same, and gives what an upload gives."""

from datetime import date

import duckdb
import pytest

import cs_models as cs
from cs_models.warehouse import counting, dialects, mapping
from cs_models.warehouse.columns import Columns, kind_of
from cs_models.warehouse.folders import folders

pytestmark = pytest.mark.slow

MEMORY, MEMORY_TOLD = "160MB", "152.5 MiB"
PEOPLE, MONTHS = 150_000, 24
AS_OF = date(2025, 6, 30)
ROWS = f"""
SELECT 'customer-' || lpad(CAST(i AS VARCHAR), 12, '0') || repeat('x', 20) AS customer,
  DATE '2023-06-01' + CAST(hash(i) % 700 AS INTEGER) AS start_date,
  CASE WHEN hash(i, 1) % 3 > 0 THEN DATE '2023-06-01' + CAST(hash(i) % 700 + 20 + hash(i, 2) % 500 AS INTEGER) END AS end_date,
  19.0 + CAST(hash(i, 3) % 3 AS INTEGER) * 10 AS mrr, ['EU', 'US', 'Asia'][1 + CAST(hash(i, 4) % 3 AS INTEGER)] AS region,
  repeat('note ', 420) AS notes, CAST(hash(i) % {MONTHS} AS INTEGER) AS part
FROM range({PEOPLE}) AS t (i)"""


def test_partitions_twice_the_memory_are_counted(tmp_path):
    place = tmp_path / "folders" / "book"
    place.parent.mkdir()
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as engine:
        engine.execute(f"COPY ({ROWS}) TO '{place}' (FORMAT csv, PARTITION_BY part)")
        expected = engine.execute(f"SELECT COUNT(*), SUM(mrr) FILTER (WHERE end_date IS NULL OR end_date > '{AS_OF}'), "
                                  f"COUNT(*) FILTER (WHERE end_date <= '{AS_OF}') FROM ({ROWS})").fetchone()  # fmt: skip
    assert sum(path.stat().st_size for path in place.rglob("*.csv")) > 320_000_000
    held = folders(tmp_path)
    source = type(held)(held.root, memory=MEMORY)
    with source.open() as engine:
        (known,) = dialects.listed(source.dialect, engine).values()
        known |= source.days(engine, '"book"', known)
        assert engine.execute("SELECT current_setting('memory_limit')").fetchone() == (MEMORY_TOLD,)
    roles = mapping.recognised(known)
    columns = Columns(roles, kinds={role: kind_of(known[name]) for role, name in roles.items()})
    asked = counting.Asked(source.dialect, '"book"', "book", columns, AS_OF)
    found = counting.Counting(source.open, asked).result()
    table = cs.life_table(found)
    assert (found.customers, found.active_mrr, int(table.churned)) == expected
