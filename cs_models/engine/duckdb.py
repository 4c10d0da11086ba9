"""DuckDB with the doors shut: it sees the tables it is given, and nothing else."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from cs_models.problems import Problem

# No file, network, extension or Python variable can be reached from SQL, and nothing is ever spilled to disk:
# a query that needs more memory ends with an error instead of leaving customer data in a temporary folder.
CLOSED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    "preserve_insertion_order": "false",
}
MEMORY = "3GB"
MOST_THREADS, THREAD = 8, 160  # MB of memory for each: with less, telling long rows apart ends with an error
FEW_ROWS = 100_000  # an engine keeps the room it once needed
MOST_RESTING = 4

_resting: list[tuple[tuple, duckdb.DuckDBPyConnection]] = []


@contextmanager
def opened(rows: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A private in-memory connection whose settings cannot be changed any more, for that many rows; closed behind it.

    Starting an engine takes longer than counting a small file, so one that held few rows and ended well is lent again:
    what it was told of the rows went with the connection.
    """
    now = settings()
    engine, again = _lent(now), False
    connection = engine.cursor()
    try:
        yield connection
        again = rows <= FEW_ROWS and len(_resting) < MOST_RESTING
    finally:
        connection.close()
        if again:
            _resting.append((now, engine))
        else:
            engine.close()


def memory_limit() -> str:
    """The most memory an engine may take: PERENNIAL_ENGINE_MEMORY, or 3 GB."""
    return os.environ.get("PERENNIAL_ENGINE_MEMORY", MEMORY)


def threads(memory: str) -> int:
    """As many as there are processors, at most eight, and fewer where each would have too little memory.

    >>> threads("160MB")
    1
    """
    most = min(os.cpu_count() or 1, MOST_THREADS)
    told = re.fullmatch(r"\s*([\d.]+)\s*(MB|MiB|GB|GiB)\s*", memory, re.IGNORECASE)
    megabytes = float(told[1]) * (1000 if told[2][0] in "gG" else 1) if told else THREAD * most
    return max(min(most, int(megabytes // THREAD)), 1)


def settings() -> tuple:
    """What an engine is opened with at this time."""
    return memory_limit(), threads(memory_limit())


def _lent(now: tuple) -> duckdb.DuckDBPyConnection:
    """One that rests and is of these settings; a new one where there is none. Those of other settings are closed."""
    while True:
        try:
            known, engine = _resting.pop()
        except IndexError:  # another thread may have taken the last
            return _started(now)
        if known == now:
            return engine
        engine.close()


def _started(now: tuple) -> duckdb.DuckDBPyConnection:
    memory, many = now
    engine = duckdb.connect(":memory:", config={**CLOSED, "memory_limit": memory, "threads": many})
    engine.execute("SET enable_progress_bar = false")  # it would be printed
    engine.execute("SET lock_configuration = true")
    return engine


def run(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Execute one statement; running out of memory becomes a sentence."""
    try:
        return connection.execute(sql)
    except duckdb.OutOfMemoryException as error:
        raise Problem(
            "These rows need more memory than the engine may use. "
            "Set PERENNIAL_ENGINE_MEMORY higher (for example 6GB), or bring fewer rows."
        ) from error
