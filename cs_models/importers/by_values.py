"""A column that is known by what stands in it: "billing" with monthly and annual in it is how often customers are billed,
"billing" with 49.00 in it is not.
"""

import re
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cs_models.import_report import Finding
from cs_models.importers.columns import shorten
from cs_models.importers.layout import Layout
from cs_models.importers.words import term_months
from cs_models.readers.table import TextTable

INTERVAL = "interval"
# "Contract" with one year in it is for how long a customer is bound, not how often he pays
ABOUT = re.compile(r"(?i)bill|pay|invoic|freq|cycl|interval|recur|cadence|plan|subscri|abrech|zahl|turnus")
NOT_ABOUT = re.compile(r"(?i)contract|commit|notice|trial|previous|former|old|next|new")
SHORTEST = 3  # letters: "m" and "a" may be anything
MOST = 50  # different cells
SHOWN = 3


def is_interval(cells: Iterable[str | None]) -> bool:
    """Whether every cell that says anything is a word for an interval, and no number.

    >>> is_interval(["Monthly", "annual", ""]), is_interval(["12", "1"]), is_interval(["monthly", "VIP"])
    (True, False, False)
    """
    told = {cell.strip() for cell in cells if cell and cell.strip()}
    return bool(told) and len(told) <= MOST and all(
        len(cell) >= SHORTEST and re.search(r"[^\W\d]", cell) and term_months(cell) for cell in told)  # fmt: skip


def named_so(header: str) -> bool:
    """Whether a name may be that of a billing interval."""
    return bool(ABOUT.search(header)) and not NOT_ABOUT.search(header)


def may_be(header: str, cells: Iterable[str | None]) -> bool:
    """Whether a column can be the billing interval, by its name and its values."""
    return named_so(header) and is_interval(cells)


def with_interval(table: TextTable, layout: Layout, mapping: dict[str, str], given: Mapping[str, str | None]) -> dict[str, str]:
    """The mapping, with the one column as the billing interval whose values are; unchanged where the user or a name told."""
    if INTERVAL in mapping or INTERVAL in given or INTERVAL not in {role.name for role in layout.roles}:
        return mapping
    left = [at for at, header in enumerate(table.columns) if header not in mapping.values()]
    found = [table.columns[at] for at in left if f"c{at}" in table.cells.column_names
             and may_be(table.columns[at], _different(table, at))]  # fmt: skip
    return mapping | {INTERVAL: found[0]} if len(found) == 1 else mapping


def told(table: TextTable, layout: Layout, mapping: Mapping[str, str], given: Mapping[str, str | None]) -> tuple[Finding, ...]:
    """That a column was taken by its values, where one was."""
    header = mapping.get(INTERVAL)
    if header is None or INTERVAL in given or layout.recognise(table.columns, given).get(INTERVAL) == header:
        return ()
    cells = sorted({cell.strip() for cell in _different(table, table.columns.index(header)) if cell and cell.strip()})
    shown = ", ".join(map(shorten, cells[:SHOWN])) + (", ..." if len(cells) > SHOWN else "")
    text = f'Column "{shorten(header)}" is taken as the billing interval by its values ({shown}). Change it under the columns if it is none.'
    return (Finding("interval_by_values", text),)


def _different(table: TextTable, at: int) -> list[str | None]:
    """The different cells of a column, a few more than an interval has at most."""
    cells = table.cells[f"c{at}"]
    if pa.types.is_dictionary(cells.type) and cells.num_chunks:
        return cells.unify_dictionaries().chunk(0).dictionary.slice(0, MOST + 2).to_pylist()
    return pc.unique(cells).slice(0, MOST + 2).to_pylist()
