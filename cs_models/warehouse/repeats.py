"""Rows of a table that say again what another row has said. Exact repeats count once, as in an upload; rows of one customer
and start that differ only in amount or end are asked about, with the words and the answers of an upload.

A folder may hold the same book once for each month in which it was exported (`month=2025-08/`, `month=2025-09/`, or one
file beside the other): a subscription that lies in several of them counts each time or, where that is usual, as the last
one tells it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cs_models.import_report import Finding
from cs_models.importers.suspects import EACH, LARGER, SMALLER
from cs_models.warehouse.columns import LAST, MONEY, Columns, customer_of, kind_of, quoted
from cs_models.warehouse.dialects import Dialect, run
from cs_models.warehouse.parts import line, of_table
from cs_models.warehouse.text_days import day_of
from cs_models.words import counted

FREE = (*MONEY, "end", "end_reason")  # in which two rows that tell of one subscription may differ
SUBSCRIPTION = ("customer", "start", "plan", "interval")  # by which it is known again in another folder
USUAL = 0.3  # of the rows are of subscriptions in several folders: exports of the same book
CONFLICTS = (EACH, LARGER, SMALLER)
FOLDERS = (EACH, LAST)


@dataclass(frozen=True)
class Repeats:
    """How many rows there are; of them those that repeat another one exactly; those of a subscription that lies in several
    folders or files; those that share customer and start with another one and differ only in amount or end.
    """

    rows: int = 0
    copies: int = 0
    spread: int = 0
    conflicts: int = 0


def compared(known: Mapping[str, str]) -> tuple[str, ...]:
    """The columns by which rows are compared: all of them but those of kinds that know no equal (documents, lists)."""
    return tuple(name for name, kind in known.items() if kind_of(kind))


def once(dialect: Dialect, table: str, mapping: Columns) -> str:
    """The table, or its rows without those that say again what another one says (`repeats.py`)."""
    if not mapping.compared:
        return table
    text = f"SELECT DISTINCT {quoted(dialect, mapping.compared)} FROM {table}"
    if mapping.folders == LAST:
        text = _newest(dialect, table, mapping)
    if mapping.conflicts != EACH:
        text = _first(alike(dialect, mapping, text))
    return f"({text}) AS once"


def alike(dialect: Dialect, mapping: Columns, rows: str) -> str:
    """These rows, how many are `alike` but for amount, end and its reason, and the `place` of each among them. Rows that cost
    nothing are alike to none.
    """
    column = {role: dialect.quoted(name) for role, name in mapping.roles.items()}
    same = [dialect.quoted(name) for name in mapping.compared if name not in map(mapping.roles.get, FREE)]
    amount, way = column.get("mrr") or column["price"], "ASC" if mapping.conflicts == SMALLER else "DESC"
    order = [f"{amount} {way}"]
    if "end" in column:
        end = day_of(dialect, mapping, "end")
        order += [f"CASE WHEN {end} IS NULL THEN 1 ELSE 0 END {way}", f"{end} {way}"]
    order += [column["end_reason"]] if "end_reason" in column else []
    paid = f"CASE WHEN {amount} > 0 AND {customer_of(dialect, mapping)} IS NOT NULL THEN 1 ELSE 0 END"
    group = f"PARTITION BY {', '.join(same)}, paid"
    return (
        f"SELECT priced.*, CASE WHEN paid = 0 THEN 1 ELSE COUNT(*) OVER ({group}) END AS alike,\n"
        f"  CASE WHEN paid = 0 THEN 1 ELSE ROW_NUMBER() OVER ({group} ORDER BY {', '.join(order)}) END AS place\n"
        f"FROM (SELECT distinct_row.*, {paid} AS paid FROM ({rows}) AS distinct_row) AS priced"
    )


def _first(placed: str) -> str:
    return f"SELECT * FROM ({placed}) AS placed WHERE place = 1"


def _newest(dialect: Dialect, table: str, mapping: Columns) -> str:
    """Of each subscription the rows of the last folder or file it is in: of those the one in which somebody began latest."""
    places = quoted(dialect, mapping.places)
    names = quoted(dialect, dict.fromkeys((*mapping.compared, *mapping.places)))
    keys = quoted(dialect, (mapping.roles[role] for role in SUBSCRIPTION if role in mapping.roles))
    latest = f"MAX({day_of(dialect, mapping, 'start')}) OVER (PARTITION BY {places})"
    order = f"latest_start DESC, {', '.join(f'{dialect.quoted(name)} DESC' for name in mapping.places)}"
    dated = f"SELECT every_row.*, {latest} AS latest_start FROM (SELECT DISTINCT {names} FROM {table}) AS every_row"
    return _first(f"SELECT dated.*, RANK() OVER (PARTITION BY {keys} ORDER BY {order}) AS place FROM ({dated}) AS dated")


def sharing_text(dialect: Dialect, table: str, columns: Columns) -> str:
    """One line: how many rows share customer and start with another one."""
    keys = ", ".join(dialect.quoted(columns.roles[role]) for role in ("customer", "start"))
    return f"""
SELECT CAST(COALESCE(SUM(many), 0) AS BIGINT) AS sharing FROM (
  SELECT COUNT(*) AS many FROM {table} WHERE {customer_of(dialect, columns)} IS NOT NULL
  GROUP BY {keys} HAVING COUNT(*) > 1
) AS shared"""


def sharing(dialect: Dialect, connection, table: str, columns: Columns) -> int:
    """How many rows share customer and start with another one."""
    return _number(dialect, connection, sharing_text, table, columns)


def _number(dialect: Dialect, connection, text: Callable, table: str, columns: Columns, at: int = 0) -> int:
    """One number of a statement. Which export is the latest is told of all rows, never of a part of them."""
    if columns.folders == LAST:
        return int(run(connection, text(dialect, table, columns))[0][at])
    parted = of_table(lambda some: text(dialect, some, columns), table)
    return int(line(dialect, connection, *parted, dialect.quoted(columns.roles["customer"]))[at])


def spread_text(dialect: Dialect, table: str, columns: Columns) -> str:
    """One line: rows of subscriptions that lie in several folders."""
    keys = ", ".join(dialect.quoted(columns.roles[role]) for role in SUBSCRIPTION if role in columns.roles)
    several = " OR ".join(f"MIN({name}) <> MAX({name})" for name in map(dialect.quoted, columns.places))
    return f"""
SELECT CAST(COALESCE(SUM(many), 0) AS BIGINT) AS spread FROM (
  SELECT COUNT(*) AS many FROM {table} GROUP BY {keys} HAVING {several}
) AS shared"""


def conflicts_text(dialect: Dialect, table: str, columns: Columns) -> str:
    """One line: rows as they count so far, and how many differ from another one only in amount or end."""
    so_far = f"SELECT * FROM {once(dialect, table, replace(columns, conflicts=EACH))}"
    return f"""
SELECT CAST(COUNT(*) AS BIGINT) AS counted, CAST(COALESCE(SUM(CASE WHEN alike > 1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS conflicts
FROM ({alike(dialect, columns, so_far)}) AS told"""


def rows_text(dialect: Dialect, table: str, columns: Columns) -> str:
    """One line: how many rows count, after all that is taken out."""
    return f"SELECT CAST(COUNT(*) AS BIGINT) AS counted FROM {once(dialect, table, columns)}"


def repeats(dialect: Dialect, connection, table: str, columns: Columns) -> Repeats:
    """What there is of all three. Rows are compared only where some share customer and start: that is rare, and dear."""
    if not columns.compared or not sharing(dialect, connection, table, columns):
        return Repeats()

    def number(text: Callable, columns: Columns, at: int = 0) -> int:
        return _number(dialect, connection, text, table, columns, at)

    rows = number(rows_text, replace(columns, compared=()))
    spread = number(spread_text, columns) if columns.places else 0
    plain = replace(columns, folders=LAST if _usual(spread, rows) else EACH, conflicts=EACH)
    distinct = number(rows_text, replace(plain, folders=EACH))
    return Repeats(rows, rows - distinct, spread, number(conflicts_text, plain, 1))


def settled(columns: Columns, found: Repeats) -> Columns:
    """The columns with the guess of what is to be done; where nothing repeats, so that nothing dear is asked, none."""
    if not (found.copies or found.spread or found.conflicts):
        return replace(columns, compared=())
    return replace(columns, folders=LAST if _usual(found.spread, found.rows) else EACH)


def _usual(spread: int, rows: int) -> bool:
    return spread > USUAL * rows


def findings(dialect: Dialect, connection, table: str, columns: Columns) -> tuple[tuple[Finding, ...], int]:
    """What is told of them in the report of a counted table, and how many rows are left out."""
    if not columns.compared:
        many = sharing(dialect, connection, table, columns)
        return ((_told("conflicts", many, "customer and start with another row. Each counts"),) if many else ()), 0
    steps = (replace(columns, compared=()), replace(columns, folders=EACH, conflicts=EACH),
             replace(columns, conflicts=EACH), columns)  # fmt: skip
    rows, distinct, newest, kept = (_number(dialect, connection, rows_text, table, one) for one in steps)
    conflicts = _number(dialect, connection, conflicts_text, table, columns, 1)
    again = "repeats an earlier row exactly and counts once" if rows - distinct == 1 else "repeat an earlier row exactly and count once"
    found = []
    if rows > distinct:
        found.append(Finding("duplicates", f"{counted(rows - distinct, 'row')} {again}.", rows - distinct))
    if distinct > newest:
        many = distinct - newest
        found.append(Finding("older_folders", f"{counted(many, 'row')} of subscriptions that a later export tells of again: left out.", many))
    if conflicts:
        left = f"; {counted(newest - kept, 'row')} left out" if newest > kept else ""
        what = f"customer and start with another row and differ only in amount or end. Taken: {columns.conflicts}{left}"
        found.append(_told("conflicts", conflicts, what))
    return tuple(found), rows - kept


def _told(id: str, many: int, what: str) -> Finding:
    return Finding(id, f"{counted(many, 'row')} {'shares' if many == 1 else 'share'} {what}.", many)
