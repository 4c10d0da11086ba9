"""Folders of files on a server, and what the page would ask of them."""

from datetime import date
from pathlib import Path

import duckdb

from cs_models.warehouse import counting, dialects, facts, mapping, repeats
from cs_models.warehouse.folders import Folders


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
        known = dialects.listed(source.dialect, engine)[("main", name)]
        roles = mapping.recognised(known)
        table = source.dialect.quoted(name)
        groups = facts.groups_of(source.dialect, engine, table, mapping.candidates(known, roles), roles["customer"])
        kinds = {role: mapping.kind_of(known[column]) for role, column in roles.items()}
        columns = mapping.Columns(roles, tuple(groups[:most]), kinds=kinds, compared=repeats.compared(known), places=source.places(name))
        columns = repeats.settled(columns, repeats.repeats(source.dialect, engine, table, columns))
    return counting.Asked(source.dialect, table, name, columns, as_of, **choices)
