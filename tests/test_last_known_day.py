"""The last day a folder or table is taken to know is the one an upload of the same rows is taken to know."""

import random
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

import cs_models as cs
from cs_models.warehouse import dialects, facts
from cs_models.warehouse.folders import folders
from folder_books import asked_of

TODAY = date(2030, 1, 1)
HEAD = "customer_id,start_date,end_date,billing_interval,plan,mrr"


def drawn(seed: int, intervals: tuple[str, ...], ahead: float) -> list[str]:
    """Rows of two years, so many of which end up to a year after the newest start; some are left out as they stand."""
    draw, first = random.Random(seed), date(2024, 1, 1)
    rows = []
    for i in range(60):
        start = first + timedelta(draw.randrange(700))
        booked = draw.random() < ahead
        end = first + timedelta(700 + draw.randrange(365)) if booked else start + timedelta(draw.randrange(1, 400))
        ends = "" if draw.random() < 0.3 else end.isoformat()
        rows.append(f"c{i},{start},{ends},{draw.choice(intervals)},basic,{20 + draw.randrange(5)}")
    return rows


LEFT_OUT = [  # rows that no one counts say nothing of the day
    ",2026-08-01,,monthly,basic,20",
    "backwards,2026-08-01,2026-07-01,monthly,basic,20",
    "refund,2026-08-01,,monthly,basic,-20",
    "long refund,2025-01-01,2026-08-01,monthly,basic,-20",
]


def last_days(place: Path, rows: list[str]) -> tuple[date, dict[str, facts.Span]]:
    """The day of an upload, and what folders of both kinds are asked."""
    file = place / "book.csv"
    file.write_text("\n".join([HEAD, *rows]) + "\n")
    for kind in ("csv", "parquet"):
        (place / "folders" / kind).mkdir(parents=True)
        with duckdb.connect() as engine:
            engine.execute(f"COPY (SELECT * FROM read_csv('{file}')) TO '{place}/folders/{kind}/part.{kind}' (FORMAT {kind})")
    source, found = folders(place), {}
    for kind in ("csv", "parquet"):
        asked = asked_of(source, TODAY, kind)
        with source.open() as engine:
            found[kind] = facts.span_of(dialects.DUCKDB, engine, asked.table, asked.columns, TODAY)
    return cs.read(file).as_of, found


@pytest.mark.parametrize("ahead", [0, 0.1, 0.5], ids=["nothing ahead", "some ahead", "much ahead"])
@pytest.mark.parametrize("intervals", [("monthly",), ("annual",), ("quarterly", "annual")], ids=["months", "years", "quarters"])
def test_a_folder_is_taken_to_know_what_an_upload_is_taken_to_know(tmp_path, intervals, ahead):
    for seed in range(3):
        place = tmp_path / str(seed)
        place.mkdir()
        known, found = last_days(place, drawn(seed, intervals, ahead) + LEFT_OUT)
        assert {kind: one.last_known for kind, one in found.items()} == {"csv": known, "parquet": known}
        assert all(one.rows == 60 + len(LEFT_OUT) for one in found.values())


def test_ends_beyond_one_interval_are_booked_ahead(tmp_path):
    rows = ["a,2026-01-31,,monthly,basic,20", "b,2025-01-01,2026-02-28,monthly,basic,20", "c,2025-01-01,2026-03-01,monthly,basic,20"]
    known, found = last_days(tmp_path, rows)
    assert known == date(2026, 2, 28) == found["csv"].limit == found["parquet"].last_known


def test_no_day_is_after_today(tmp_path):
    place = tmp_path / "folders" / "book"
    place.mkdir(parents=True)
    (place / "book.csv").write_text("\n".join([HEAD, "a,2026-01-31,,monthly,basic,20", "b,2026-06-01,2026-06-20,monthly,basic,20"]))
    source = folders(tmp_path)
    asked = asked_of(source, TODAY, "book")
    with source.open() as engine:
        on = {today: facts.span_of(dialects.DUCKDB, engine, asked.table, asked.columns, today).last_known
              for today in (date(2026, 3, 1), date(2026, 6, 10), date(2026, 6, 30))}  # fmt: skip
    assert [*on.values()] == [date(2026, 1, 31), date(2026, 6, 1), date(2026, 6, 20)]
