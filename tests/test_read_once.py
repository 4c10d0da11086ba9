"""A folder whose rows are read once is counted to the byte as by the texts over its files."""

from datetime import date

import duckdb
import pandas as pd
import pytest

import cs_models as cs
import random_books
from cs_models.definitions import Definitions
from cs_models.warehouse import counting, facts, parts, read_once
from cs_models.warehouse.folders import folders
from cs_models.warehouse.mapping import VIEW
from cs_models.warehouse.read_once import KEPT
from folder_books import asked_of

RULES = [
    Definitions(), Definitions(gap_days="10", plan_change="churn", same_day="set aside"),
    Definitions(incomplete="complete periods only", last_day="not seen"), Definitions(late_ends="14", same_day="set aside the same month"),
]  # fmt: skip


def awkward(numbered: bool) -> pd.DataFrame:
    """Books drawn by chance as one, some rows of nobody, some told twice; customers are names, or numbers with gaps."""
    book = pd.concat([random_books.book(number) for number in range(14)], ignore_index=True)
    who = {name: 7 * i - 3 if numbered else name for i, name in enumerate(book["customer"].unique())}
    book["customer"] = book["customer"].map(who).astype("Int64" if numbered else object)
    book.loc[book.index % 23 == 0, "customer"] = None
    again = pd.concat([book, book[3:9]], ignore_index=True)
    return again.assign(mrr=again["mrr"].astype(float), start=pd.to_datetime(again["start"]), end=pd.to_datetime(again["end"]))


@pytest.fixture(scope="module", params=[False, True], ids=["names", "numbers"])
def source(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    place = root / "folders" / "book"
    place.mkdir(parents=True)
    awkward(request.param).to_parquet(place / "book.parquet")
    return folders(root)


def told(source, asked) -> tuple[str, object]:
    """The digest of every count, and the account of every row."""
    with source.open() as engine:
        found = counting.count_there(engine, asked)
    return found.digest, (found.report.rows, found.report.rejected, found.report.set_aside, found.report.findings)


@pytest.mark.parametrize("rules", RULES, ids=["usual", "churn at changes", "complete periods", "late ends"])
def test_read_once_is_counted_as_the_files_are(source, rules, monkeypatch):
    """On an earlier day many ends lie ahead."""
    for as_of, most in ((random_books.AS_OF, 1), (date(2024, 3, 31), 0)):
        asked = asked_of(source, as_of, "book", most=most, rules=rules)
        assert asked.columns.compared and "term" in asked.splits
        once = told(source, asked)
        with monkeypatch.context() as patch:
            patch.setattr(counting, "read_once", lambda *given: False)
            assert told(source, asked) == once


@pytest.mark.parametrize("torn", [False, True], ids=["one group", "two groups"])
def test_all_splits_at_once_are_each_split_alone(tmp_path, torn, monkeypatch):
    """Told at once unless a customer begins twice alike in two groups: whose he is then hangs on the split."""
    whole = awkward(False).drop_duplicates(["customer", "start", "plan", "interval"])
    twin = whole[whole["customer"].notna()].iloc[[0, 5, 9]]
    book = pd.concat([whole, twin.assign(country="ZZ", region="A"), whole.iloc[:0]], ignore_index=True) if torn else whole
    place = tmp_path / "folders" / "book"
    place.mkdir(parents=True)
    book.assign(region=book.get("region", pd.Series(index=book.index, dtype=object)).fillna("B")).assign(
        region=lambda rows: rows["region"].where(rows.index % 3 > 0, "C")).to_parquet(place / "book.parquet")  # fmt: skip
    source, told_at_once, usual = folders(tmp_path), [], counting.all_at_once
    asked = asked_of(source, random_books.AS_OF, "book", most=2)
    assert len(asked.splits) == 5, "everybody, interval, plan, country, region"
    monkeypatch.setattr(counting, "all_at_once", lambda *given: told_at_once.append(usual(*given)) or told_at_once[-1])
    found = told(source, asked)
    assert told_at_once == [not torn]
    monkeypatch.setattr(counting, "all_at_once", lambda *given: False)
    assert told(source, asked) == found


def test_the_files_are_read_once(source, monkeypatch):
    texts = []
    for module, name in ((counting, "rows"), (facts, "run"), (parts, "run")):
        usual = getattr(module, name)
        monkeypatch.setattr(module, name, lambda connection, text, ask=usual: texts.append(text) or ask(connection, text))
    told(source, asked_of(source, random_books.AS_OF, "book"))
    again = [text for text in texts if KEPT in text]
    assert len(again) > 2 and not [text for text in texts if VIEW in text and text not in again]
    assert not [text for text in again if '"book"' in text]


def test_who_has_no_name_is_nobody_and_blanks_around_one_are_none(tmp_path):
    """As in an upload: two rows of one customer, two of nobody, two of customers who differ in a capital."""
    names = ["a1", "a1 ", "", "  ", "b", "B"]
    book = pd.DataFrame({"customer": names, "start": pd.to_datetime("2025-01-01") + pd.to_timedelta(range(0, 180, 30), "D"),
                         "end": pd.to_datetime([None] * 5 + ["2025-08-01"]), "mrr": 10.0})  # fmt: skip
    place = tmp_path / "folders" / "book"
    place.mkdir(parents=True)
    book.to_parquet(place / "book.parquet")
    own = cs.read(book.assign(**{day: book[day].dt.strftime("%Y-%m-%d").fillna("") for day in ("start", "end")}), as_of=date(2025, 9, 30))
    source = folders(tmp_path)
    with source.open() as engine:
        found = counting.count_there(engine, asked_of(source, own.as_of, "book", most=0))
    assert (found.customers, found.active, found.active_mrr) == (own.customers, own.active, own.active_mrr)
    assert own.customers == 3 and found.report.rejected == own.report.rejected == 2


class Full:
    """An engine whose disk is full once so many relations were kept."""

    def __init__(self, engine, room: int) -> None:
        self.engine, self.room = engine, room

    def execute(self, text: str):
        self.room -= "TEMP TABLE" in text
        if self.room < 0:
            raise duckdb.OutOfMemoryException("no room")
        return self.engine.execute(text)


@pytest.mark.parametrize("room", [0, 1, 2])
def test_without_room_nothing_is_kept_and_the_files_are_asked(source, room, monkeypatch):
    asked = asked_of(source, random_books.AS_OF, "book", most=0)
    usual, keep = told(source, asked), read_once.read_once
    kept = []
    monkeypatch.setattr(counting, "read_once", lambda engine, *given: kept.append(keep(Full(engine, room), *given)) or kept[-1])
    assert told(source, asked) == usual
    with source.open() as engine:
        (kind,) = engine.execute('SELECT DISTINCT typeof(customer) FROM "book"').fetchone()
    assert kept == [kind == "BIGINT" and room > 0], "names take two tables more"
