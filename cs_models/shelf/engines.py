"""Connections: SQLite so that a committed save survives a power cut and two writers wait for each other, PostgreSQL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cs_models.problems import Problem
from cs_models.shelf.entries import Unavailable
from cs_models.store import default_root

FILE = "scenarios.db"
PATIENCE = 10_000  # milliseconds a writer waits for another
POSTGRES = "postgresql+psycopg"
# What a database says -> what a person can do about it; the first that fits.
SENTENCES = (
    (("database or disk is full", "no space left", "disk full"),
     "The disk that keeps saved scenarios is full. Nothing was saved; what was saved before is safe. Free some space, "
     "then save again, or download the scenario as a file."),
    (("readonly", "read-only", "permission denied"),
     "Saved scenarios can be read here, not written: the database is read-only. Download the scenario as a file."),
    (("locked", "lock timeout"),
     "Others are saving at this moment. Nothing was saved; wait a few seconds and save again."),
    (("malformed", "not a database", "corrupt"),
     "The database of saved scenarios is damaged, so nothing is written to it. Put back a copy: your own back-up, or the "
     "newest file beside it with .before- in its name. Scenarios can be downloaded as files meanwhile."),
    (("no such table", "undefinedtable"),
     "The database of saved scenarios is gone or empty. Put back a copy of it; after a restart of the server without one, "
     "saving begins anew. Scenarios can be downloaded as files meanwhile."),
    (("unable to open", "no such file", "not a directory", "could not connect", "connection", "not known", "refused", "timeout"),
     "The database of saved scenarios cannot be reached. Everything else works; download the scenario as a file."),
)  # fmt: skip
HALF_A_LETTER = "One of the texts holds half a character, often the rest of a cut emoji. Type that text again, then save again."
OTHERWISE = "The database of saved scenarios answered with an error, and nothing was saved. Download the scenario as a file."


def address() -> str:
    """DATABASE_URL, else a SQLite file in the folder of the data sets."""
    given = os.environ.get("DATABASE_URL", "").strip()
    return given or f"sqlite:///{default_root() / FILE}"


def open_engine(url: str) -> Engine:
    """An engine for that address; Unavailable where no such database is known here."""
    try:
        place = make_url(url)
        if place.get_backend_name() in ("postgresql", "postgres"):
            # Prepared statements would not survive a pooler between us and the server.
            return create_engine(place.set(drivername=POSTGRES), pool_pre_ping=True,
                                 connect_args={"prepare_threshold": None, "connect_timeout": 5})  # fmt: skip
        if place.get_backend_name() == "sqlite":
            return _sqlite(place)
    except SQLAlchemyError as error:
        raise Unavailable("DATABASE_URL is not an address of a database. It begins with postgresql:// or sqlite:///.") from error
    raise Unavailable("DATABASE_URL names a database that saved scenarios cannot lie in. Use postgresql:// or sqlite:///.")


def _sqlite(place) -> Engine:
    if place.database and not place.database.startswith("file:"):
        with spoken():
            Path(place.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(_as_it_can_be_opened(place), connect_args={"timeout": PATIENCE / 1000})

    @event.listens_for(engine, "connect")
    def prepare(connection, _) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `begin` below does
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection) -> None:
        # A writer that began as a reader could be refused half-way; so it asks for the pen at once.
        if not _there(place.database):  # a pooled connection would go on writing into a deleted file
            raise sqlite3.OperationalError("no such table: the file is gone")
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _there(database: str | None) -> bool:
    in_memory = not database or database == ":memory:" or database.startswith("file:")
    return in_memory or Path(database).exists()


def _as_it_can_be_opened(place):
    """In a folder nobody may write to, SQLite opens a file only when told that nobody writes to it. A journal beside it
    holds saves that would then be left out: better it is not opened.
    """
    file = Path(place.database or "")
    if not file.is_file() or os.access(file.parent, os.W_OK) or Path(f"{file}-wal").exists():
        return place
    return place.set(database=f"file:{quote(str(file))}", query={"immutable": "1", "uri": "true"})


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    with spoken(), engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the pen of SQLite from its start."""
    with spoken(), engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def spoken() -> Iterator[None]:
    """Errors of the database as sentences; its own words may hold a password or a path and stay inside."""
    try:
        yield
    except UnicodeError:
        raise Problem(HALF_A_LETTER) from None
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise Unavailable(sentence(error)) from None


def sentence(error: Exception) -> str:
    """
    >>> sentence(sqlite3.OperationalError("database is locked"))[:36]
    'Others are saving at this moment. No'
    """
    said = str(getattr(error, "orig", None) or error).lower()
    return next((told for words, told in SENTENCES if any(word in said for word in words)), OTHERWISE)
