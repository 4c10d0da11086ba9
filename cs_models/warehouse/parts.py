"""What needs more memory than the embedded engine may take, asked of a part of the customers at a time.

Rows of one customer are never parted, so whatever is told of customers adds up.
"""

from collections.abc import Callable
from typing import TypeVar

import duckdb

from cs_models.problems import Problem
from cs_models.warehouse.dialects import DUCKDB, Dialect, run

PARTS = (1, 8, 64)  # of the customers, tried in turn
NO_ROOM = "Counting these rows needs more memory than the engine may take. Set PERENNIAL_ENGINE_MEMORY higher."
Told = TypeVar("Told")
Text = Callable[[str], str]  # a statement, of rows


def in_parts(ask: Callable[[int, int], Told], together: Callable[[list[Told]], Told]) -> Told:
    """What `ask(part, parts)` tells of everybody at once or, without room, of several parts put `together`."""
    for parts in PARTS:
        try:
            found = [ask(part, parts) for part in range(parts)]
        except duckdb.OutOfMemoryException:
            continue
        return found[0] if parts == 1 else together(found)
    raise Problem(NO_ROOM)


def part_of(rows: str, customer: str, part: int, parts: int) -> str:
    """A statement of rows, of one part of the customers."""
    return rows if parts == 1 else f"SELECT * FROM (\n{rows}\n) AS everybody WHERE hash({customer}) % {parts} = {part}"


def line(dialect: Dialect, connection, text: Text, rows: str, customer: str, together: tuple[Callable, ...] = ()) -> tuple:
    """The only line of `text(rows)`; `together`: how the parts of each number are put together, sums where it is not told."""
    if dialect is not DUCKDB:
        return run(connection, text(rows))[0]

    def added(lines: list[tuple]) -> tuple:
        told = ([cell for cell in cells if cell is not None] for cells in zip(*lines))
        return tuple(how(cells) if cells else None for how, cells in zip(together or (sum,) * len(lines[0]), told))

    return in_parts(lambda part, parts: run(connection, text(part_of(rows, customer, part, parts)))[0], added)


def of_table(text: Text, table: str) -> tuple[Text, str]:
    """`text` of a table and that table, as `line` takes them: a part of a table stands in brackets."""
    whole = f"SELECT * FROM {table}"
    return lambda rows: text(table if rows == whole else f"({rows}) AS part_of_it"), whole
