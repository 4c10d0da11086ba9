"""The packed numbers give the counts of the text, to the byte; what does not fit goes the other way."""

from datetime import date, timedelta
from itertools import product

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from books import AS_OF, COLUMNS, LENGTHS, WAITS, books, same, view_of
from cs_models.counts import asked_for, cells, count, cube, life, packed, singles
from cs_models.counts.updating import update
from cs_models.definitions import Definitions

RULES = st.fixed_dictionaries({
    "gap_days": st.sampled_from(("45", "0", "60")), "plan_change": st.sampled_from(("not churn", "churn")),
    "same_day": st.sampled_from(("keep", "set aside", "set aside the same month")),
})  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def asked(**rules):
    return asked_for("subs", AS_OF, ("Region",), "USD", Definitions(**rules))


def by_text(engine, definition):
    return {"life": life(engine, definition), "cube": cube(engine, definition)}


def equal(one, other):
    return all(same(one[name], other[name]) for name in ("life", "cube"))


@settings(deadline=None, max_examples=25)
@given(books(25), st.one_of(st.just({}), RULES), st.sampled_from((3, 1 << 17)))
def test_packed_numbers_count_as_the_text_does(engine, book, rules, block):
    view_of(engine, book)
    whole, packed.BLOCK = packed.BLOCK, block
    try:
        found = packed.packed_counts(engine, asked(**rules))
    finally:
        packed.BLOCK = whole
    assert found is not None and equal(found, by_text(engine, asked(**rules)))


def row(number, **other):
    known = dict(customer_id=number, started_on=date(2024, 1, 31), ended_on=None, term=1, plan="Pro", mrr=10.0)
    return {**known, "failed": 0, "g0": "EU", **other}


def test_a_day_long_ago_widens_the_window(engine):
    book = pd.DataFrame([row(1, started_on=date(1990, 5, 5)), row(2)])[COLUMNS]
    view_of(engine, book)
    found = packed.packed_counts(engine, asked())
    assert found is not None and equal(found, by_text(engine, asked()))


@pytest.mark.parametrize("bits", [1, packed.BITS])
def test_prices_that_come_late_in_a_file_are_found(engine, monkeypatch, bits):
    """Also where there are more kinds than some bits of their marks tell apart."""
    monkeypatch.setattr(packed, "SAMPLE", 3)
    monkeypatch.setattr(packed, "BITS", bits)
    book = pd.DataFrame([row(i, mrr=10.0 + (i > 5) * i, g0="EU" if i < 6 else "US") for i in range(12)])[COLUMNS]
    view_of(engine, book)
    assert equal(packed.packed_counts(engine, asked()), by_text(engine, asked()))


@pytest.mark.parametrize("other", [{"customer_id": 1 << 60}, {"customer_id": -4}, {"started_on": date(1890, 1, 1)}])
def test_what_does_not_fit_goes_by_the_text(engine, other):
    view_of(engine, pd.DataFrame([row(1, **other), row(2)])[COLUMNS])
    assert packed.packed_counts(engine, asked()) is None
    assert count(engine, "subs", AS_OF, ("Region",)).life["customers"].sum() == 2


def test_rows_of_no_customer_and_kinds_that_cannot_be_told_apart_go_by_the_text(engine, monkeypatch):
    view_of(engine, pd.DataFrame([row(1), row(2, mrr=20.0)])[COLUMNS])
    engine.execute("CREATE OR REPLACE VIEW nameless AS SELECT * REPLACE (NULLIF(customer_id, 2) AS customer_id) FROM subs")
    assert packed.packed_counts(engine, asked_for("nameless", AS_OF, ("Region",), "USD", Definitions())) is None
    assert packed.packed_counts(engine, asked()) is not None
    monkeypatch.setattr(packed, "mark", lambda asked: "CAST(7 AS UBIGINT)")
    assert packed.packed_counts(engine, asked()) is None


@settings(deadline=None, max_examples=10)
@given(books(25), st.booleans())
def test_whoever_has_one_period_counts_the_same_among_the_others(engine, book, few):
    """Customers of one period are added up apart, unless their table would be too large; blocks, by one or two threads,
    summed up now and then."""
    view_of(engine, book)
    kept = singles.MOST_PLACES, packed.FEW_BLOCKS, packed.BLOCK, cells.COMPACT
    try:
        singles.MOST_PLACES, packed.FEW_BLOCKS, packed.BLOCK, cells.COMPACT = (kept[0], 0, 3, 5) if few else (0, *kept[1:])
        found = packed.packed_counts(engine, asked())
    finally:
        singles.MOST_PLACES, packed.FEW_BLOCKS, packed.BLOCK, cells.COMPACT = kept
    assert equal(found, by_text(engine, asked()))


def test_one_period_of_any_length_counts_as_by_the_text(engine):
    spans = [(date(2024, month, day), length, term) for month, day in ((1, 31), (2, 29), (4, 15)) for length in LENGTHS
             for term in (1, 12)]  # fmt: skip
    rows = [row(i, started_on=day, ended_on=day + timedelta(days=length), term=term, mrr=(0.0, 10.0, 99.0)[i % 3], failed=i % 2)
            for i, (day, length, term) in enumerate(spans)]  # fmt: skip
    view_of(engine, pd.DataFrame([*rows, *(row(1000 + i, term=term) for i, term in enumerate((1, 12, 12)))])[COLUMNS])
    engine.execute("CREATE OR REPLACE VIEW unpriced AS SELECT * REPLACE (NULLIF(mrr, 99) AS mrr) FROM subs")
    definition = asked_for("unpriced", AS_OF, ("Region",), "USD", Definitions())
    assert equal(packed.packed_counts(engine, definition), by_text(engine, definition))


@pytest.mark.parametrize("rules", [{}, {"gap_days": "0"}])
def test_two_periods_any_time_apart_count_as_by_the_text(engine, rules):
    """Who returns after a month and more is counted apart from the others, unless he had come and gone within a month."""
    rows, seen = [], 0
    for day, length, wait in product((date(2024, 1, 31), date(2024, 4, 2)), LENGTHS, WAITS):
        for until in (None, 0, 3, 61):
            seen += 1
            again = day + timedelta(days=length + wait)
            end = None if until is None else again + timedelta(days=until)
            rows.append(row(seen, started_on=day, ended_on=day + timedelta(days=length), mrr=99.0 if seen % 5 == 0 else 10.0))
            rows.append(row(seen, started_on=again, ended_on=end, mrr=99.0 if seen % 7 == 0 else 20.0, g0="US"))
    view_of(engine, pd.DataFrame(rows)[COLUMNS])
    engine.execute("CREATE OR REPLACE VIEW unpriced AS SELECT * REPLACE (NULLIF(mrr, 99) AS mrr) FROM subs")
    definition = asked_for("unpriced", AS_OF, ("Region",), "USD", Definitions(**rules))
    assert equal(packed.packed_counts(engine, definition), by_text(engine, definition))


@pytest.mark.parametrize("rules", [{}, {"gap_days": "0"}, {"plan_change": "churn"}])
def test_periods_that_follow_each_other_count_as_by_the_text(engine, rules):
    """Renewals of the same at the same price are one stretch; a day between, another plan, price, term or group part it."""
    rows, seen, waits = [], 0, ({"wait": 1}, {"wait": -1}, {"wait": 90})
    changes = {}, {"failed": 1}, {"plan": "Basic"}, {"mrr": 12.0}, {"g0": "US"}, {"term": 12}, *waits
    for length, change, term, last in product(LENGTHS, changes, (1, 12), (None, 0, 45)):
        seen += 1
        day = date(2023, 10, 31)
        for at in range(4):
            told = {"term": term, **(change if at == 2 else {})}
            start = day + timedelta(days=told.pop("wait", 0))
            day = start + timedelta(days=length)
            until = day if at < 3 else None if last is None else start + timedelta(days=last)
            rows.append(row(seen, started_on=start, ended_on=until, **told))
    view_of(engine, pd.DataFrame(rows)[COLUMNS])
    assert equal(packed.packed_counts(engine, asked(**rules)), by_text(engine, asked(**rules)))


def test_customers_that_are_texts_go_by_the_text(engine):
    view_of(engine, pd.DataFrame([row(12), row(12, started_on=date(2025, 1, 1))])[COLUMNS])
    engine.execute("CREATE OR REPLACE VIEW named AS SELECT * REPLACE (CASE WHEN started_on < DATE '2025-01-01' THEN "
                   "'012' ELSE '12' END AS customer_id) FROM subs")  # fmt: skip
    assert count(engine, "named", AS_OF, ("Region",)).life["customers"].sum() == 2


NEXT = AS_OF + timedelta(days=30)


@settings(deadline=None, max_examples=20)
@given(books(20), st.data())
def test_a_later_export_counts_changed_customers_only_and_equals_a_full_count(engine, book, data):
    """Some leave, some are corrected, some come and some are gone from the file; the rest only grows older."""
    view_of(engine, book, "old")
    later = book.copy()
    people = sorted(set(book["customer_id"]))
    touched = set(data.draw(st.lists(st.sampled_from(people), unique=True, max_size=3)))
    live = later["ended_on"].isna() & later["customer_id"].isin(touched)
    day = data.draw(st.integers(0, 40))
    later.loc[live, "ended_on"] = [max(start, AS_OF + timedelta(days=day)) for start in later.loc[live, "started_on"]]
    gone = set(data.draw(st.lists(st.sampled_from(people), unique=True, max_size=2)))
    later = later[~later["customer_id"].isin(gone)]
    fresh = data.draw(books(3)).assign(customer_id=lambda new: new["customer_id"] + 1000)
    later = pd.concat([later, fresh], ignore_index=True)[COLUMNS].astype({"ended_on": object})
    later["ended_on"] = [None if value is None or pd.isna(value) else value for value in later["ended_on"]]
    view_of(engine, later, "new")
    before = count(engine, "old", AS_OF, ("Region",))
    found, people = update(before, engine, "old", "new", NEXT)
    full = count(engine, "new", NEXT, ("Region",))
    assert same(found.life, full.life) and same(found.cube, full.cube)
    assert same(found.life_table(("Region",)).frame, full.life_table(("Region",)).frame)
    assert same(found.cohort_triangle("mrr").frame, full.cohort_triangle("mrr").frame)
    assert people <= len(set(later["customer_id"]) | set(book["customer_id"]))


def test_who_only_grew_older_is_not_counted_again(engine):
    book = pd.DataFrame([row(i, term=12 if i % 2 else 1) for i in range(50)])[COLUMNS]
    view_of(engine, book, "old")
    view_of(engine, pd.concat([book, pd.DataFrame([row(99, started_on=NEXT)])])[COLUMNS], "new")
    before = count(engine, "old", AS_OF, ("Region",))
    found, people = update(before, engine, "old", "new", NEXT)
    assert people == 1 and same(found.life_table().frame, count(engine, "new", NEXT, ("Region",)).life_table().frame)


def test_where_the_day_decides_who_left_everybody_is_counted_again(engine):
    rules = Definitions(incomplete="complete periods only")
    year = row(1, started_on=date(2024, 4, 20), ended_on=date(2024, 6, 30), term=12)  # served until April
    for name in ("old", "new"):
        view_of(engine, pd.DataFrame([year])[COLUMNS], name)
    before = count(engine, "old", AS_OF, ("Region",), rules=rules)
    found, _ = update(before, engine, "old", "new", NEXT, rules)
    assert same(found.life, count(engine, "new", NEXT, ("Region",), rules=rules).life)


@pytest.mark.parametrize("alone", [True, False])
def test_a_renewal_that_falls_due_between_two_exports_changes_nobody(engine, alone):
    """Who left by it was ahead of it in the old counts and is behind it in the new ones, with the same rows."""
    years = [row(1, started_on=date(2023, 4, 20), ended_on=date(2024, 6, 30), term=12, failed=1),
             row(2, started_on=date(2023, 6, 20), ended_on=date(2024, 7, 31), term=12)]  # fmt: skip
    if not alone:
        years += [row(i, started_on=date(2023, 1, day), ended_on=date(2023, month, day)) for i, month, day in ((1, 4, 20), (2, 6, 20))]
    for name in ("old", "new"):
        view_of(engine, pd.DataFrame(years)[COLUMNS], name)
    before = count(engine, "old", AS_OF, ("Region",))
    found, people = update(before, engine, "old", "new", NEXT)
    full = count(engine, "new", NEXT, ("Region",))
    assert people == 0 and same(found.life, full.life) and same(found.life_table().frame, full.life_table().frame)
    assert [one.life_table().churned for one in (before, found)] == [0, 1]


def test_amounts_of_a_billion_are_exact(engine):
    big = 9_876_543_210.12
    view_of(engine, pd.DataFrame([row(i, mrr=big, ended_on=date(2024, 6, 30)) for i in range(500)])[COLUMNS])
    found = packed.packed_counts(engine, asked())
    assert equal(found, by_text(engine, asked())) and np.abs(found["cube"]["cents"]).max() == 500 * 987_654_321_012
