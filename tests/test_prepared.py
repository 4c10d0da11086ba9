"""Rows made ready once answer all questions of their data set, and go with it. (Other tests may have left a thread that
counts beside these: what it opens and keeps is not looked at.)
"""

import gc
import threading
from dataclasses import replace

import duckdb
import pandas as pd
import pytest
import random_books

import cs_models as cs
from cs_models.engine import counts, prepared


@pytest.fixture(autouse=True)
def ready(monkeypatch):
    """What lies ready, none at first, and none of it in the next test."""
    monkeypatch.setattr(prepared, "_ready", kept := [])
    yield kept
    for one in kept:
        one.stack.close()


@pytest.fixture
def opens(monkeypatch):
    """One line for each engine that was borrowed here."""
    lines, usual, own = [], counts.opened, threading.get_ident()
    monkeypatch.setattr(counts, "opened", lambda rows: (threading.get_ident() == own and lines.append(rows)) or usual(rows))
    return lines


def lie_ready(ready, *books) -> list:
    """Of these data sets those that lie ready, in their order."""
    return [one.whose() for one in ready if any(one.whose() is book for book in books)]


def book(number: int = 1):
    return random_books.read(random_books.book(number))


def answers(subs) -> list[pd.DataFrame]:
    return [cs.life_table(subs).frame, cs.cohort_triangle(subs).frame, cs.cohort_triangle(subs, "mrr").frame, cs.life_table(subs).frame]


@pytest.mark.parametrize("number", range(1, 9))
def test_all_questions_of_a_book_are_answered_as_if_each_were_the_first(number, opens, monkeypatch):
    first = answers(book(number))
    assert len(opens) == 1
    monkeypatch.setattr(prepared, "rest", lambda subs, by, stack, query: stack.close())
    alone = answers(book(number))
    assert len(opens) == 5, "each of the four opened one"
    for ours, theirs in zip(first, alone):
        pd.testing.assert_frame_equal(ours, theirs)


def test_other_columns_and_other_definitions_are_made_ready_for_themselves(opens):
    subs = book()
    for one in (subs, replace(subs, answers={**subs.answers, "gap_days": "1"})):
        for by in ((), ("country",)):
            with counts.open_rows(one, by) as query:
                assert len(query.values) == len(by)
    assert len(opens) == 4


def test_a_part_of_the_customers_is_not_taken_for_all_of_them(ready, opens):
    subs = book()
    (whole,) = _customers(subs, (0, 1))
    assert _customers(subs, (1, 2)) == [0] != [whole] and len(opens) == 2 and lie_ready(ready, subs) == [subs]


def _customers(subs, share) -> list[int]:
    with counts.open_rows(subs, (), share) as query:
        return [query.number("SELECT COUNT(DISTINCT customer) FROM span")]


def test_what_is_ready_goes_with_its_data_set(ready, monkeypatch):
    subs, other = book(1), book(2)
    for one in (subs, other):
        cs.life_table(one)
    assert lie_ready(ready, subs, other) == [subs, other]
    (query,) = (one.query for one in ready if one.whose() is subs)
    del subs, one
    gc.collect()
    assert lie_ready(ready, other) == [other] and query not in [one.query for one in ready]
    with pytest.raises(duckdb.ConnectionException, match="closed"):
        query.number("SELECT COUNT(*) FROM span")


def test_two_questions_at_once_do_not_share(ready, opens):
    subs = book()
    cs.life_table(subs)
    with counts.open_rows(subs, ()) as one, counts.open_rows(subs, ()) as beside:
        assert one.connection is not beside.connection and not lie_ready(ready, subs)
    assert len(opens) == 2


def test_a_question_that_fails_leaves_nothing_ready(ready, opens):
    subs = book()
    cs.life_table(subs)
    with pytest.raises(ZeroDivisionError), counts.open_rows(subs, ()):
        raise ZeroDivisionError
    assert not lie_ready(ready, subs)
    cs.life_table(subs)
    assert len(opens) == 2 and lie_ready(ready, subs) == [subs]


def test_no_more_than_four_and_no_large_one_lie_ready(ready, monkeypatch):
    books = [book(number) for number in range(1, 7)]
    for one in books:
        cs.life_table(one)
    assert lie_ready(ready, *books) == books[-prepared.MOST :]
    monkeypatch.setattr(prepared, "FEW_ROWS", len(books[0].rows) - 1)
    cs.life_table(books[0])
    assert not lie_ready(ready, books[0])


def test_an_engine_of_other_settings_is_not_taken(ready, opens, monkeypatch):
    subs = book()
    cs.life_table(subs)
    monkeypatch.setenv("PERENNIAL_ENGINE_MEMORY", "640MB")
    with counts.open_rows(subs, ()) as query:
        assert query.connection.execute("SELECT current_setting('memory_limit')").fetchone() == ("610.3 MiB",)
    assert len(opens) == 2


def test_a_relation_is_worked_out_once_and_anew_where_it_is_another(opens):
    with counts.open_rows(book(), ()) as query:
        for text, found in (("SELECT random() AS x", None), ("SELECT 2 AS x", 2)):
            query.make("own", text)
            first = query.connection.execute("SELECT x FROM own").fetchone()
            query.make("own", text)
            assert query.connection.execute("SELECT x FROM own").fetchone() == first and found in (None, *first)
