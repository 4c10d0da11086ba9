"""Which databases this server knows: `[connections.<name>]` of the secrets file, and nothing a page could say."""

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from cs_models.problems import Problem
from cs_models.warehouse.dialects import DIALECTS, DUCKDB, Dialect
from cs_models.warehouse.folders import folders

SECONDS = 300
OWN = ("engine", "seconds", "schema")
EMBEDDED = (
    "The connection {name} of the secrets file: a DuckDB file would be opened with every right of this server. Put Parquet "
    "files of it into a folder instead; docs/warehouse.md in the folder of this app says where."
)


@dataclass(frozen=True)
class Connection:
    """One database: its name on the page, its engine, what the driver is given (never shown), how long a statement may
    run, and the schema whose catalogue is asked where the engine has one for each.
    """

    name: str
    dialect: Dialect
    given: dict = field(repr=False, default_factory=dict)
    seconds: int = SECONDS
    schema: str = ""

    def open(self):
        """A connection; Problem where it cannot be had."""
        return self.dialect.open(self.given, self.seconds)

    def left_out(self, connection) -> list[str]:
        """A database lists what there is."""
        return []

    def days(self, connection, table: str, known: dict[str, str]) -> dict[str, str]:
        """The types of a database tell its days."""
        return {}

    def places(self, table: str) -> tuple[str, ...]:
        """A table lies in no folders."""
        return ()


def place() -> Path:
    """PERENNIAL_SECRETS, else `.streamlit/secrets.toml` beside app.py."""
    root = Path(__file__).resolve().parents[2]
    return Path(os.environ.get("PERENNIAL_SECRETS") or root / ".streamlit" / "secrets.toml")


def connections(path: Path | None = None) -> dict[str, Connection]:
    """The databases of that file by name; none without a file. Problem for one that cannot be understood."""
    path = path or place()
    if not path.is_file():
        return {}
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8")).get("connections", {})
    except (OSError, ValueError):
        told = "The secrets file of this server cannot be read as TOML, so its databases are not known."
        raise Problem(told) from None
    return {name: _one(name, given) for name, given in told.items() if isinstance(given, dict)}


def _one(name: str, given: dict) -> Connection:
    engine = given.get("engine")
    if engine == DUCKDB.name:
        raise Problem(EMBEDDED.format(name=name))
    if engine not in DIALECTS:
        known = ", ".join(sorted(set(DIALECTS) - {DUCKDB.name}))
        raise Problem(f"The connection {name} of the secrets file has no engine of these: {known}.")
    seconds, schema = given.get("seconds", SECONDS), given.get("schema", "")
    if not isinstance(seconds, int) or seconds < 1 or not isinstance(schema, str):
        raise Problem(f"The connection {name} of the secrets file: seconds is a whole number above 0, schema a text.")
    return Connection(name, DIALECTS[engine], {k: v for k, v in given.items() if k not in OWN}, seconds, schema)


def sources() -> dict[str, object]:
    """Everything that can be counted where it lies: databases by name, then the folders of this server."""
    held = folders()
    return {**connections(), **({held.name: held} if held else {})}
