"""Where the engine's memory is short, a folder is asked about some of its customers at a time, with the same answers."""

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest
import random_books
from folder_books import asked_of

from cs_models.problems import Problem
from cs_models.warehouse import counting, facts, parts, repeats
from cs_models.warehouse.columns import Columns
from cs_models.warehouse.dialects import DUCKDB
from cs_models.warehouse.folders import folders

AS_OF = random_books.AS_OF


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Books drawn by chance as one, in two exports beside each other: some rows of nobody, some told twice, some at
    another price, some ends booked ahead.
    """
    root = tmp_path_factory.mktemp("root")
    place = root / "folders" / "book"
    place.mkdir(parents=True)
    book = pd.concat([random_books.book(number) for number in range(14)], ignore_index=True).astype({"mrr": float})
    book.loc[book.index % 23 == 0, "customer"] = None
    book.loc[book.index % 17 == 0, "end"] = "2027-01-15"
    dearer = book[3:60:7].assign(mrr=lambda rows: rows["mrr"] + 5)
    for name, rows in {"one": [book, book[3:9], dearer], "two": [book[50:90]]}.items():
        told = pd.concat(rows)
        told.assign(**{day: pd.to_datetime(told[day]) for day in ("start", "end")}).to_parquet(place / f"{name}.parquet")
    return folders(root)


def numbers(report) -> tuple:
    return report.rows, report.accepted, report.rejected, report.set_aside, report.findings


def answers(source, asked) -> list:
    """What the page asks before counting, for each answer to what is asked there; then the data set and its report."""
    columns = asked.columns
    with source.open() as engine:
        told = [repeats.repeats(source.dialect, engine, asked.table, replace(columns, compared=known)) for known in ((), columns.compared)]
        told += [facts.span_of(source.dialect, engine, asked.table, columns, day) for day in (AS_OF, date(2024, 3, 31))]
        for conflicts in repeats.CONFLICTS:
            one = replace(asked, columns=replace(columns, conflicts=conflicts))
            report, people = facts.account(source.dialect, engine, one.definition(raw=True))
            told += [numbers(report), people, repeats.findings(source.dialect, engine, asked.table, one.columns)]  # fmt: skip
        found = counting.count_there(engine, asked)
    return [*told, found.digest, numbers(found.report)]


def short_of_memory(monkeypatch, sent: list[str], many: int = 3) -> None:
    """Engines that answer only of one of so many parts of the customers, and keep nothing."""
    monkeypatch.setattr(parts, "PARTS", (1, many))
    monkeypatch.setattr(counting, "read_once", lambda *given: False)
    for module, name in ((counting, "rows"), (parts, "run")):
        plain = getattr(module, name)

        def short(connection, text, plain=plain):
            sent.append(text)
            if f"% {many} =" not in text:
                raise duckdb.OutOfMemoryException("not enough")
            return plain(connection, text)

        monkeypatch.setattr(module, name, short)


def test_parts_of_the_customers_add_up(source, monkeypatch):
    asked = asked_of(source, AS_OF, "book", most=1)
    assert asked.columns.compared and asked.columns.folders == repeats.EACH
    whole, sent = answers(source, asked), []
    assert whole[1].copies and whole[1].spread and whole[1].conflicts and whole[-1][2]
    short_of_memory(monkeypatch, sent)
    for ours, theirs in zip(answers(source, asked), whole, strict=True):
        assert ours == theirs
    assert sum("% 3 = 2" in text for text in sent) > 30


def test_parts_without_a_row_say_nothing(monkeypatch):
    """Three customers in nine parts: the shortest interval and both days are those of the table."""
    columns = Columns({"customer": "who", "start": "since", "end": "until", "interval": "every", "mrr": "mrr"}, kinds={"interval": "number"})
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE t AS SELECT * FROM (VALUES ('a', DATE '2024-01-05', DATE '2024-05-05', 12, 9), "
                       "('b', DATE '2024-02-05', NULL, 1, 9), ('c', DATE '2024-03-05', DATE '2024-03-20', 3, 9)) AS r (who, since, until, every, mrr)")
        whole = facts.span_of(DUCKDB, engine, "t", columns, AS_OF)
        short_of_memory(monkeypatch, [], 9)
        for _ in range(2):
            assert facts.span_of(DUCKDB, engine, "t", columns, AS_OF) == whole
            engine.execute("UPDATE t SET every = 13 - every, since = since + 1, until = until + 1")
            whole = replace(whole, first=date(2024, 1, 6), last_start=date(2024, 3, 6), last_end=date(2024, 3, 21))


def test_which_export_is_the_latest_is_never_told_of_a_part(source, monkeypatch):
    asked = asked_of(source, AS_OF, "book", most=0)
    latest = replace(asked.columns, folders=repeats.LAST)
    with source.open() as engine:
        told = repeats.findings(source.dialect, engine, asked.table, latest)
        assert any(one.id == "older_folders" for one in told[0])
        plain = parts.run
        monkeypatch.setattr(parts, "run", lambda connection, text: pytest.fail(text) if "latest_start" in text else plain(connection, text))
        assert repeats.findings(source.dialect, engine, asked.table, latest) == told


def test_what_fits_in_no_part_is_a_sentence(source, monkeypatch):
    asked = asked_of(source, AS_OF, "book", most=0)
    short_of_memory(monkeypatch, [])
    monkeypatch.setattr(parts, "PARTS", (1,))
    with source.open() as engine:
        for ask in (lambda: facts.span_of(source.dialect, engine, asked.table, asked.columns, AS_OF),
                    lambda: counting.count_there(engine, asked)):  # fmt: skip
            with pytest.raises(Problem, match="PERENNIAL_ENGINE_MEMORY"):
                ask()
