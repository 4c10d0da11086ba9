"""What every reader hands over: text cells with the row numbers a spreadsheet would show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa


@dataclass(frozen=True)
class Finding:
    """Something about the whole file, or a kind of fault with its count: shown, never hidden.

    `rows` holds the first few row numbers (header = row 1). Example: Finding("end_before_start",
    "12 rows end before they start, first: row 7, customer C-0042.", 12, (7, 19, 23)).
    """

    id: str
    sentence: str
    count: int = 0
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Question:
    """Something only the user knows. The reader goes on with `guess`; `answers={id: alternative}` settles
    it.
    """

    id: str
    title: str
    guess: str
    alternatives: tuple[str, ...]
    sentence: str
    answered: bool = False


@dataclass(frozen=True)
class Rejection:
    """One row that cannot be read, why, and what to do about it."""

    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, eq=False)
class TextTable:
    """A file as text: `columns` holds the header as written, `cells` the same columns named c0, c1, ...

    `rows[i]` is the row number of `cells` row i as a spreadsheet shows it (the header is row 1 unless lines
    stand above it). Every record after the header is either in `cells` or in `rejected`, so
    `records == cells.num_rows + len(rejected)`. User headers never name a column: they would be code one day.
    """

    columns: tuple[str, ...]
    cells: pa.Table
    rows: pa.Array
    rejected: tuple[Rejection, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    name: str = ""
    questions: tuple[Question, ...] = ()

    @property
    def records(self) -> int:
        """Records after the header, broken ones included. A file of 100 rows and a "Total" line has 101."""
        return self.cells.num_rows + len(self.rejected)

    @property
    def coded(self) -> bool:
        """Whether the cells are codes and their different values: the same table, for millions of rows."""
        return any(pa.types.is_dictionary(kind) for kind in self.cells.schema.types)

    def as_text(self) -> "TextTable":
        """The same table with a text for every cell."""
        return replace(self, cells=plain_cells(self.cells)) if self.coded else self


def plain_cells(cells: pa.Table) -> pa.Table:
    """Columns of codes as columns of texts."""
    return pa.table({name: cells[name].cast(pa.string()) for name in cells.column_names})
