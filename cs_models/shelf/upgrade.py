"""Tables brought to their newest form, with a copy of the file beside it; a newer form is left alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from cs_models.shelf.engines import reading, spoken, writing
from cs_models.shelf.entries import Unavailable

NEWER = (
    "These scenarios were saved by a newer version of Perennial, so this one leaves them alone. Update this server, or "
    "point DATABASE_URL at another database."
)
ONE_AT_A_TIME = 7_366_374  # of PostgreSQL's advisory locks


def steps() -> tuple[str, ...]:
    """Names of all forms of the tables, oldest first."""
    return tuple(step.revision for step in reversed(list(_scripts().walk_revisions())))


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(__file__).parent / "migrations"))


def form(engine: Engine) -> str | None:
    """The form the tables have; None where there are none yet."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring the tables to a form (the newest). Unavailable, a sentence, where they are newer than this version.

    SQLite is copied beside itself first, as `<file>.before-<form>`; PostgreSQL takes back what fails by itself.
    """
    if engine.dialect.name == "sqlite":
        _look_over(engine)
    known, now = steps(), form(engine)
    if now is not None and now not in known:
        raise Unavailable(NEWER)
    if now == (known[-1] if to == "head" else to):
        return
    if now is not None and engine.dialect.name == "sqlite":
        _copy(engine, known[known.index(now) + 1])
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        scripts = _scripts()
        with EnvironmentContext(Config(), scripts, fn=lambda at, _: scripts._upgrade_revs(to, at)) as environment:
            environment.configure(connection=connection)
            environment.run_migrations()  # nothing where another server was faster


def _look_over(engine: Engine) -> None:
    """Once at the start: is the file whole, and may readers go on while one writes (WAL)?"""
    with spoken(), closing(engine.raw_connection()) as connection:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found[0] != "ok":
            raise sqlite3.DatabaseError("malformed")
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            pass  # read-only, or others write: then it is WAL already


def _copy(engine: Engine, name: str) -> None:
    """A whole copy, also of what others wrote a moment ago."""
    target = Path(f"{engine.url.database}.before-{name}")
    with spoken(), closing(engine.raw_connection()) as own, closing(sqlite3.connect(target)) as copy:
        own.driver_connection.backup(copy)
    target.chmod(0o600)
