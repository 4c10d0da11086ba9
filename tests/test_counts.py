"""The portable counts give the same tables as an upload of the same rows, on any book, under any definition."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.counts import count, tables
from cs_models.counts.definition import LIFE_KEYS, NOWHERE, Definition, day_number
from cs_models.counts.engines import rows
from cs_models.counts.tables import ordered
from cs_models.definitions import Definitions
from cs_models.engine.kept import kept_sums, of_kinds
from cs_models.problems import Problem
from books import AS_OF, COLUMNS, books, same, sha, upload, view_of

RULES = st.fixed_dictionaries({
    "gap_days": st.sampled_from(("45", "0", "60")),
    "plan_change": st.sampled_from(("not churn", "churn")),
    "same_day": st.sampled_from(("keep", "set aside", "set aside the same month")),
    "incomplete": st.sampled_from(("as counted", "complete periods only")),
    "last_day": st.sampled_from(("seen", "not seen")),
})  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection


def counted(engine, book, as_of=AS_OF, **answers):
    view_of(engine, book)
    return count(engine, "subs", as_of, ("Region",), rules=Definitions(**answers))


@settings(deadline=None, max_examples=12)
@given(books(30), st.one_of(st.just({}), RULES))
def test_every_table_equals_that_of_the_same_rows_uploaded(engine, book, answers):
    found, subs = counted(engine, book, **answers), upload(book, **answers)
    for by in ((), ("Region", "cohort")):
        table = cs.life_table(subs, by)
        assert same(found.life_table(by).frame, table.frame)
        assert found.life_table(by).reactivations == table.reactivations
    if not subs.rows.num_rows:
        return
    for value in ("logos", "mrr", "gross"):
        by = ("Region",) if value == "mrr" else ()
        assert same(found.cohort_triangle(value, by).frame, cs.cohort_triangle(subs, value, by).frame)
    assert same(found.movements().money, cs.mrr_movements(subs))
    told = of_kinds(rows(engine, Definition("subs", AS_OF, rules=Definitions(**answers)).kept))
    for ours, theirs in zip((told.changes, told.renewals), (kept_sums(subs).changes, kept_sums(subs).renewals)):
        assert same(*(one.sort_values("month", ignore_index=True) for one in (ours, theirs)))


@settings(deadline=None, max_examples=5)
@given(books(30), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_and_the_parts_of_a_book_do_not_matter(engine, book, chance):
    order = list(book.index)
    chance.shuffle(order)
    whole, mixed = counted(engine, book), counted(engine, book.loc[order])
    assert sha(whole.life) == sha(mixed.life) and sha(whole.cube) == sha(mixed.cube)
    odd = book["customer_id"] % 2 == 1
    one, other = counted(engine, book[odd]), counted(engine, book[~odd])
    both = one.plus(other)
    assert sha(both.life) == sha(whole.life) and sha(both.cube) == sha(whole.cube)
    rest = whole.minus(one)
    assert sha(rest.life) == sha(other.life) and sha(rest.cube) == sha(other.cube)


def test_quarters_years_and_another_currency_are_those_of_an_upload(engine):
    book = pd.DataFrame([
        (1, date(2024, 1, 31), date(2024, 4, 30), 1, "Pro", 1200.0, 0, "EU"),
        (2, date(2024, 5, 5), None, 12, "Pro", 800.0, 0, "EU"),
    ], columns=COLUMNS)  # fmt: skip
    view_of(engine, book)
    yen = count(engine, "subs", AS_OF, ("Region",), "JPY")
    assert yen.cohort_triangle("mrr", every=3).frame["value"].max() == 1200
    assert list(dict.fromkeys(yen.cohort_triangle(every=12).frame["cohort"])) == ["2024"]
    assert yen.movements().money["closing"].iloc[-1] == 800


@given(st.dates(date(1900, 3, 1), date(2399, 12, 31)))
@settings(deadline=None, max_examples=100)
def test_days_are_numbered_as_the_calendar_does(engine, day):
    text = day_number(f"DATE '{day.isoformat()}'")
    assert engine.execute(f"SELECT {text}").fetchone()[0] == (day - date(1970, 1, 1)).days
    eve = day_number(f"DATE '{(day - timedelta(days=1)).isoformat()}'")
    assert engine.execute(f"SELECT {text} - {eve}").fetchone()[0] == 1


@pytest.mark.parametrize("name", ["subs; DROP TABLE subs", "", "a b", '"subs"', "a.b.c.d"])
def test_a_view_has_a_plain_name(name):
    with pytest.raises(Problem, match="plain name"):
        Definition(name, AS_OF)


def test_what_cannot_be_counted_is_said(engine):
    with pytest.raises(Problem, match="Moves of a whole plan"):
        Definition("subs", AS_OF, rules=Definitions(join_migrations="yes"))
    found = counted(engine, pd.DataFrame([(1, date(2024, 1, 5), None, 1, "Pro", 10.0, 0, "EU")], columns=COLUMNS))
    with pytest.raises(Problem, match="not grouped by 'Plan'"):
        found.life_table(("Plan",))
    with pytest.raises(Problem, match="shows"):
        found.cohort_triangle("money")
    with pytest.raises(Problem, match="other groups"):
        found.plus(count(engine, "subs", AS_OF))


def test_no_word_that_an_engine_may_not_know():
    asked = Definition("subs", AS_OF, 2)
    for text in (asked.life.upper(), asked.cube.upper(), asked.kept.upper()):
        for word in ("UNNEST", "GENERATE_SERIES", "QUALIFY", "FILTER", "::", "DISTINCT ON", "GROUP BY ALL", "ANY_VALUE",
                     "NULLS FIRST", "NULLS LAST", "TEMP TABLE", "CREATE"):  # fmt: skip
            assert word not in text


@pytest.mark.parametrize("span", [1, 4_000, 1 << 40])
def test_rows_stand_in_the_order_of_their_columns(span):
    """As pandas sorts them, whether the columns fit into one number or not; days that are none come first, nobody's cells go."""
    chance = np.random.default_rng(5)
    frame = pd.DataFrame({name: chance.integers(-1, 3, 500) for name in ("g0", *LIFE_KEYS)})
    frame["g0"] = np.array(["(none)", "EU", "US"], dtype=object)[frame["g0"] % 3]
    for name in ("spell_day", "own_day"):
        frame[name] = np.where(chance.random(500) < 0.4, NOWHERE, chance.integers(-span, span, 500))
    frame = frame.drop_duplicates(ignore_index=True).assign(customers=lambda one: np.arange(len(one)) % 7)
    told = frame[frame["customers"] > 0].sort_values(["g0", *LIFE_KEYS], ignore_index=True)
    pd.testing.assert_frame_equal(ordered("life", frame, 1), told)


def test_months_of_many_days_are_those_of_each_day():
    days, seen_to = np.random.default_rng(5).integers(19_000, 20_000, 25_000), date(2025, 2, 27)
    each = {day: tables.whole_months(np.array([day]), seen_to)[0] for day in np.unique(days).tolist()}
    assert tables.whole_months(days, seen_to).tolist() == [each[day] for day in days.tolist()]
