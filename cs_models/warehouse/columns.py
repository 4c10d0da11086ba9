"""What is said of the columns of a table before it is counted: their roles, their kinds, and what becomes of repeated rows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cs_models.importers.suspects import EACH
from cs_models.warehouse.dialects import Dialect

MONEY = ("mrr", "price")
WHOLE, HUNDREDTHS = "whole units", "hundredths"
LAST = "only the last"
KINDS = {
    "date": r"date|timestamp",
    "number": r"u?int|u?bigint|smallint|tinyint|hugeint|integer|long|short|numeric|decimal|double|real|float|number"
              r"|bignumeric",
    "text": r"char|varchar|text|string|fixedstring|bpchar|nvarchar|name",
    "uuid": r"uuid",
    "yes or no": r"bool",
    "year first": "year first",
    "year last": "year last",
}
YEAR_FIRST, YEAR_LAST = "year first", "year last"  # days as text, in folders alone


@dataclass(frozen=True)
class Columns:
    """Which column plays which role, the columns to group by, and what the amounts are in.

    `compared`: by which columns exact repeats are told and taken out, none where each row counts; `places`: those that tell
    in which folder or file a row lies; `conflicts`: what counts of rows that differ only in amount or end; `folders`: of
    those of one subscription in several folders or files (`repeats.py`); `order`: whether "day" or "month" comes first where
    days are text (`text_days.py`).
    """

    roles: Mapping[str, str]
    groups: tuple[str, ...] = ()
    unit: str = WHOLE
    kinds: Mapping[str, str] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    conflicts: str = EACH
    folders: str = EACH
    order: str = "day"

    @property
    def columns(self) -> dict[str, str]:
        """Internal name -> the user's, as in `Subscriptions.columns`."""
        plan = {"plan": self.roles["plan"]} if "plan" in self.roles else {}
        return plan | {f"c{i}": name for i, name in enumerate(self.groups)}


def kind_of(told: str) -> str:
    """ "date", "number", "text", "yes or no" or "" out of an engine's name of a type.

    >>> kind_of("timestamp without time zone"), kind_of("Nullable(LowCardinality(String))"), kind_of("jsonb")
    ('date', 'text', '')
    """
    plain = told.lower()
    while match := re.match(r"(nullable|lowcardinality)\((.*)\)$", plain):
        plain = match.group(2)
    return next((kind for kind, names in KINDS.items() if re.match(rf"({names})", plain)), "")


def customer_of(dialect: Dialect, mapping: Columns) -> str:
    """Who a row is of: without blanks around a name, and nobody where nothing is left, as in an upload."""
    column = dialect.quoted(mapping.roles["customer"])
    return f"NULLIF(TRIM({column}), '')" if mapping.kinds.get("customer") == "text" else column


def quoted(dialect: Dialect, names: Iterable[str]) -> str:
    """Names as a list in a text."""
    return ", ".join(map(dialect.quoted, names))
