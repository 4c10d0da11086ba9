"""Saved scenarios in a real PostgreSQL: the same contract as on a file."""

import psycopg
import pytest
from shelf_contract import NOON, Contract, draft
from shelf_crowd import crowd
from sqlalchemy import text

from cs_models.shelf import Shelf, Unavailable, engines, upgrade

pytestmark = pytest.mark.engines


@pytest.fixture
def place(postgres_url):
    """A database of its own, dropped at the end."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS shelf WITH (FORCE)")
        server.execute("CREATE DATABASE shelf")
    yield postgres_url.rsplit("/", 1)[0] + "/shelf"


@pytest.fixture
def shelf(place):
    found = Shelf(place)
    yield found
    found.close()


@pytest.fixture
def again(shelf, place):
    found = Shelf(place)
    yield found
    found.close()


class TestPostgreSQL(Contract):
    """The contract on a server."""


def test_the_older_form_is_brought_up_and_a_newer_one_refused(place):
    engine = engines.open_engine(place)
    upgrade.upgrade(engine, upgrade.steps()[0])
    assert upgrade.form(engine) == upgrade.steps()[0]
    shelf = Shelf(place)
    assert upgrade.form(engine) == upgrade.steps()[-1] and shelf.save(draft(), "Ana", NOON) in shelf.list()
    with engines.writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="newer version"):
        Shelf(place)
    shelf.close()
    engine.dispose()


def test_a_step_that_fails_leaves_nothing_behind(place, monkeypatch):
    engine = engines.open_engine(place)

    def fails(*_):
        raise OSError("cut off")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", fails)
        with pytest.raises(Unavailable):
            upgrade.upgrade(engine)
    assert upgrade.form(engine) is None
    upgrade.upgrade(engine)
    assert upgrade.form(engine) == upgrade.steps()[-1]
    engine.dispose()


def test_a_server_that_goes_away_is_a_sentence_and_it_comes_back(shelf, postgres_url):
    one = shelf.save(draft(), "Ana", NOON)
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shelf'")
    assert shelf.get(one.id) == one, "a broken connection is replaced"


def test_nobody_loses_a_save_among_twenty_processes(place):
    crowd(place)
