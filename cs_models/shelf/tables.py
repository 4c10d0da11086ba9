"""The tables as the newest migration leaves them. Rows are added and read, never changed."""

import sqlite3
from datetime import date, datetime

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA = MetaData()


class Sound(TypeDecorator):
    """What is read is of the kind that was written. A file holds what nobody wrote where its bytes were changed: SQLite
    gives it back as it finds it, a text for a number or a day that is none.
    """

    impl = Text
    cache_ok = True

    def __init__(self, kind: TypeEngine, of: type, blank: bool = False) -> None:
        super().__init__()
        self.impl, self.of = kind, (of, type(None)) if blank else of

    def result_processor(self, dialect, coltype):
        own = super().result_processor(dialect, coltype)

        def checked(value):
            try:
                found = own(value) if own and value is not None else value
            except (ValueError, TypeError):
                raise sqlite3.DatabaseError("malformed") from None
            if not isinstance(found, self.of):
                raise sqlite3.DatabaseError("malformed")
            return found

        return checked


WORDS, KEY, VERSION = Sound(Text(), str), Sound(String(64), str), Sound(String(20), str)
PERSON = Sound(String(32), str)  # a digest, never a name
NUMBER, MOMENT = Sound(Integer(), int), Sound(DateTime(), datetime)
PARENT, DAY = Sound(String(64), str, blank=True), Sound(Date(), date, blank=True)

SCENARIOS = Table(
    "scenarios",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("family", KEY, nullable=False),
    Column("number", NUMBER, nullable=False),
    Column("parent", PARENT, ForeignKey("scenarios.id")),
    Column("created_at", MOMENT, nullable=False),  # UTC
    Column("author", WORDS, nullable=False),
    Column("author_id", PERSON, nullable=False, server_default=""),  # "" where persons are not told apart
    Column("name", WORDS, nullable=False),
    Column("reasons", WORDS, nullable=False),
    Column("data_set", KEY, nullable=False),
    Column("fingerprint", KEY, nullable=False),
    Column("data_name", WORDS, nullable=False),
    Column("data_day", DAY),
    Column("engine_version", VERSION, nullable=False),
    Column("schema_version", NUMBER, nullable=False),
    Column("headline", WORDS, nullable=False),
    Column("body", WORDS, nullable=False),
    UniqueConstraint("family", "number", name="one_version_of_a_number"),  # of two at once, the second is told
)

COMMENTS = Table(
    "comments",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("scenario", KEY, ForeignKey("scenarios.id"), nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("author", WORDS, nullable=False),
    Column("text", WORDS, nullable=False),
    Index("comments_of_a_scenario", "scenario"),
)

# A tombstone is a row, and so is taking it back: the latest of a family counts.
REMOVALS = Table(
    "removals",
    METADATA,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("family", KEY, ForeignKey("scenarios.id"), nullable=False),
    Column("gone", NUMBER, nullable=False),  # 1 put away, 0 taken back
    Column("created_at", MOMENT, nullable=False),
    Column("author", WORDS, nullable=False),
    Index("removals_of_a_family", "family"),
)
