"""Folders of files on a server, and what the page would ask of them."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from cs_models.warehouse import counting, dialects, facts, mapping, repeats, text_days
from cs_models.warehouse.columns import Columns, kind_of
from cs_models.warehouse.folders import Folders
from pages.data import counting as page_counting
from pages.shared import cache


@contextmanager
def serving(root: Path):
    """The app with this folder as its own; every question is waited for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERENNIAL_DATA_DIR", str(root))
        patch.setattr(page_counting, "PATIENCE", 180)
        cache.store.clear()
        try:
            yield root
        finally:
            cache.store.clear()


def write_folder(root: Path, file: Path, name: str = "subscriptions", ending: str = "parquet") -> Path:
    """A folder of files by year of the start, of one of the kinds that are read."""
    place = root / "folders" / name
    place.mkdir(parents=True)
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT *, year(start_date) AS year FROM '{file}') TO '{place}' (FORMAT {ending}, PARTITION_BY year)")
    return place


def asked_of(source: Folders, as_of: date, name: str = "subscriptions", most: int = 9, **choices) -> counting.Asked:
    """What the page would ask of a folder when every guess is taken, with at most so many groups."""
    with source.open() as engine:
        table = source.dialect.quoted(name)
        known = dialects.listed(source.dialect, engine)[("main", name)]
        known |= source.days(engine, table, known)
        roles = mapping.recognised(known)
        if "interval" not in roles and (found := facts.interval_of(source.dialect, engine, table, mapping.texts(known, roles))):
            roles["interval"] = found
        groups = facts.groups_of(source.dialect, engine, table, mapping.candidates(known, roles, source.places(name)), roles["customer"])
        kinds = {role: kind_of(known[column]) for role, column in roles.items()}
        kinds |= {f"c{i}": kind_of(known[column]) for i, column in enumerate(groups[:most])}
        columns = Columns(roles, tuple(groups[:most]), kinds=kinds, compared=repeats.compared(known), places=source.places(name))
        columns = replace(columns, order=text_days.order(source.dialect, engine, table, columns).first)
        columns = repeats.settled(columns, repeats.repeats(source.dialect, engine, table, columns))
    return counting.Asked(source.dialect, table, name, columns, as_of, **choices)
