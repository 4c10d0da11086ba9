"""Saving, finding and putting away scenarios. What was saved stays as it was: an edit is a child with a parent."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timezone

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from cs_models.problems import Problem
from cs_models.saved import SCHEMA
from cs_models.shelf.engines import address, open_engine, reading, writing
from cs_models.shelf.entries import (
    LOCAL, LONGEST_AUTHOR, LONGEST_COMMENT, LONGEST_DATA_NAME, LONGEST_HEADLINE, Comment, Conflict, Draft, Entry, is_id,
)  # fmt: skip
from cs_models.shelf.forgetting import forget_name
from cs_models.shelf.tables import COMMENTS, REMOVALS, SCENARIOS
from cs_models.shelf.upgrade import upgrade

UNKNOWN = "This scenario is not on this server. Ask whoever sent the link which server they work on."
MOST = 500  # scenarios that a list shows


class Shelf:
    """The saved scenarios of one database. Safe to use from several threads, processes and servers.

    Every method raises Unavailable (a sentence) when the database cannot be reached, read or written.
    """

    def __init__(self, url: str | None = None) -> None:
        self._engine = open_engine(address() if url is None else url)
        try:
            upgrade(self._engine)
        except Problem:  # whoever tries again begins anew; what is open of the file is let go of
            self.close()
            raise

    def save(
        self, draft: Draft, author: str, at: datetime, parent: str | None = None, copy: bool = False, author_id: str = ""
    ) -> Entry:
        """Keep a scenario and return it with its id.

        parent: the version it was made from; then it is the next version of that scenario, or with `copy` a scenario
        of its own. Conflict where somebody was faster: theirs is kept, and yours is still in your hands.
        author: the name others read; author_id: the digest of the person, "" where persons are not told apart.
        at: the moment, with its time zone. Equal drafts saved twice are two versions: saving is never refused for that.
        """
        try:
            with writing(self._engine) as connection:
                by = {"created_at": _utc(at), "author": _name(author), "author_id": author_id}
                row = self._row(connection, draft, parent, copy) | by
                _insert(connection, row)
        except _Taken as taken:
            raise Conflict(taken.newest or self.newest(taken.family)) from None
        return self.get(row["id"])

    def _row(self, connection: Connection, draft: Draft, parent: str | None, copy: bool) -> dict:
        own, kept = secrets.token_urlsafe(9), draft.saved
        family, number = own, 1
        if parent is not None:
            before = _entry(connection, parent)
            if not copy:
                newest = _newest(connection, before.family)
                if newest.number > before.number:
                    raise _Taken(before.family, newest)
                family, number = before.family, before.number + 1
        return {
            "id": own, "family": family, "number": number, "parent": parent,
            "name": kept.name, "reasons": kept.reasons, "data_set": draft.data_set, "fingerprint": kept.fingerprint,
            "data_name": draft.data_name[:LONGEST_DATA_NAME], "data_day": draft.data_day,
            "engine_version": kept.version, "schema_version": SCHEMA, "headline": draft.headline[:LONGEST_HEADLINE],
            "body": kept.canonical(),
        }  # fmt: skip

    def get(self, scenario: str) -> Entry:
        """The version of that id, put away or not; Problem where there is none."""
        with reading(self._engine) as connection:
            return _entry(connection, scenario)

    def newest(self, scenario: str) -> Entry:
        """The newest version of the family this one belongs to."""
        with reading(self._engine) as connection:
            return _newest(connection, _entry(connection, scenario).family)

    def list(self, deleted: bool = False) -> tuple[Entry, ...]:
        """The newest version of each scenario, the latest saved first; with `deleted` those put away instead."""
        top = select(SCENARIOS.c.family, func.max(SCENARIOS.c.number).label("number")).group_by(SCENARIOS.c.family).subquery()
        newest = select(SCENARIOS).join(
            top, (SCENARIOS.c.family == top.c.family) & (SCENARIOS.c.number == top.c.number)
        )
        order = newest.order_by(SCENARIOS.c.created_at.desc(), SCENARIOS.c.id)
        with reading(self._engine) as connection:
            gone = _gone(connection)
            found = (_read(row, gone) for row in connection.execute(order))
            return tuple(one for one in found if one.deleted is deleted)[:MOST]

    def many(self) -> int:
        """How many scenarios there are that nobody put away; a list shows the latest 500 of them."""
        with reading(self._engine) as connection:
            families = select(SCENARIOS.c.family).distinct().where(SCENARIOS.c.family.not_in(_gone(connection)))
            return connection.execute(select(func.count()).select_from(families.subquery())).scalar_one()

    def history(self, scenario: str) -> tuple[Entry, ...]:
        """All versions of the family, oldest first."""
        with reading(self._engine) as connection:
            family, gone = _entry(connection, scenario).family, _gone(connection)
            rows = connection.execute(
                select(SCENARIOS).where(SCENARIOS.c.family == family).order_by(SCENARIOS.c.number)
            )
            return tuple(_read(row, gone) for row in rows)

    def comment(self, scenario: str, author: str, text: str, at: datetime) -> Comment:
        """Say something about a version; an empty text is refused with a sentence."""
        if not text.strip():
            raise Problem("There is nothing in the comment yet. Type it, then send it.")
        own = secrets.token_urlsafe(9)
        values = {"id": own, "scenario": scenario, "created_at": _utc(at), "author": _name(author), "text": text[:LONGEST_COMMENT]}
        with writing(self._engine) as connection:
            _entry(connection, scenario)
            connection.execute(insert(COMMENTS).values(**values))
        return Comment(own, scenario, values["author"], _aware(values["created_at"]), values["text"])

    def comments(self, scenario: str) -> tuple[Comment, ...]:
        """What was said about any version of the family, oldest first."""
        with reading(self._engine) as connection:
            family = _entry(connection, scenario).family
            rows = connection.execute(
                select(COMMENTS)
                .join(SCENARIOS, SCENARIOS.c.id == COMMENTS.c.scenario)
                .where(SCENARIOS.c.family == family)
                .order_by(COMMENTS.c.created_at, COMMENTS.c.id)
            )
            return tuple(Comment(r.id, r.scenario, r.author, _aware(r.created_at), r.text) for r in rows)

    def delete(self, scenario: str, author: str, at: datetime) -> None:
        """Put a scenario away, all its versions; nothing is erased, and `restore` brings it back."""
        self._mark(scenario, author, at, gone=1)

    def restore(self, scenario: str, author: str, at: datetime) -> None:
        """Take a scenario back that was put away."""
        self._mark(scenario, author, at, gone=0)

    def _mark(self, scenario: str, author: str, at: datetime, gone: int) -> None:
        with writing(self._engine) as connection:
            family = _entry(connection, scenario).family
            values = {"family": family, "gone": gone, "created_at": _utc(at), "author": _name(author)}
            connection.execute(insert(REMOVALS).values(**values))

    def forget_data(self, data_set: str) -> None:
        """The data set was deleted, so its name goes from every scenario that was saved on it. What was said stays."""
        forget_name(self._engine, data_set)

    def close(self) -> None:
        self._engine.dispose()


class _Taken(Exception):
    """The next number of a family was taken; by whom, where that is known already."""

    def __init__(self, family: str, newest: Entry | None = None) -> None:
        self.family, self.newest = family, newest


def _insert(connection: Connection, row: dict) -> None:
    try:
        connection.execute(insert(SCENARIOS).values(**row))
    except IntegrityError:
        raise _Taken(row["family"]) from None


def _entry(connection: Connection, scenario: str) -> Entry:
    row = connection.execute(select(SCENARIOS).where(SCENARIOS.c.id == scenario)).first() if is_id(scenario) else None
    if row is None:
        raise Problem(UNKNOWN)
    return _read(row, _gone(connection, (row.family,)))


def _newest(connection: Connection, family: str) -> Entry:
    ordered = select(SCENARIOS).where(SCENARIOS.c.family == family).order_by(SCENARIOS.c.number.desc()).limit(1)
    return _read(connection.execute(ordered).one(), _gone(connection, (family,)))


def _gone(connection: Connection, families: Iterable[str] = ()) -> set[str]:
    """Families whose latest mark says that they are put away."""
    last = select(func.max(REMOVALS.c.place)).group_by(REMOVALS.c.family)
    if families:
        last = last.where(REMOVALS.c.family.in_(list(families)))
    marks = select(REMOVALS.c.family).where(REMOVALS.c.place.in_(last), REMOVALS.c.gone == 1)
    return set(connection.execute(marks).scalars())


def _read(row: Row, gone: set[str]) -> Entry:
    values = dict(row._mapping)
    return Entry(**{**values, "created_at": _aware(values["created_at"])}, deleted=values["family"] in gone)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("The moment needs a time zone.")
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=timezone.utc)


def _name(author: str) -> str:
    return author.strip()[:LONGEST_AUTHOR] or LOCAL
