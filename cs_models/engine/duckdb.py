"""DuckDB with the doors shut: it sees the tables it is given, and nothing else."""

import os

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


def connect(memory: str | None = None, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A private in-memory connection whose settings cannot be changed any more.

    ``memory``: limit such as "3GB" (default, or PERENNIAL_ENGINE_MEMORY); ``threads``: default all cores, at
    most 8.
    """
    limit = memory or os.environ.get("PERENNIAL_ENGINE_MEMORY", MEMORY)
    cores = threads or min(os.cpu_count() or 1, 8)
    connection = duckdb.connect(":memory:", config={**CLOSED, "memory_limit": limit, "threads": cores})
    connection.execute("SET enable_progress_bar = false")  # it would be printed
    connection.execute("SET lock_configuration = true")
    return connection


def run(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.DuckDBPyConnection:
    """Execute one statement; running out of memory becomes a sentence."""
    try:
        return connection.execute(sql)
    except duckdb.OutOfMemoryException as error:
        raise Problem(
            "These rows need more memory than the engine may use. "
            "Set PERENNIAL_ENGINE_MEMORY higher (for example 6GB), or bring fewer rows."
        ) from error
