"""Days that stand as text in the CSV files of a folder, read as in an upload: one form for a column, and one order of day and
month for the whole table. An engine that guesses takes 03/04/2025 for whatever its first rows fit, and says nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cs_models.importers.dates import FAMILIES, OPEN_WORDS, guessed_order, told_backwards
from cs_models.warehouse.dialects import Dialect, run
from cs_models.warehouse.columns import YEAR_FIRST, YEAR_LAST, Columns

SAMPLE = 1000  # rows of a table of which the form of its days is seen


@dataclass(frozen=True)
class Order:
    """Which comes first, day or month; why it has to be asked, or nothing where the days themselves tell."""

    first: str = "day"
    doubt: str = ""


def day_of(dialect: Dialect, mapping: Columns, role: str) -> str:
    """The day of a role; a text in the form of its column, and none where it is not of that form (in folders alone)."""
    if role not in mapping.roles:
        return "CAST(NULL AS DATE)"
    column, kind = dialect.quoted(mapping.roles[role]), mapping.kinds.get(role)
    if kind == YEAR_FIRST:
        zone = r"\d ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)\s*$"
        plain = f"TRY_CAST(REGEXP_REPLACE(REGEXP_EXTRACT({column}, '^\\s*(\\d{{4}}[-/.]\\d{{1,2}}[-/.]\\d{{1,2}})', 1), '[/.]', '-', 'g') AS DATE)"
        zoned = f"{column} LIKE '%:%' AND REGEXP_MATCHES({column}, '{zone}')"
        return f"CASE WHEN {zoned} THEN CAST(TRY_CAST({column} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS DATE) ELSE {plain} END"
    if kind == YEAR_LAST:
        form = r"^\s*(\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))(\D|$)"
        first = "%d-%m" if mapping.order == "day" else "%m-%d"
        text = f"REGEXP_REPLACE(REGEXP_EXTRACT({column}, '{form}', 1), '[/.]', '-', 'g')"
        return f"CAST(TRY_STRPTIME({text}, ['{first}-%y', '{first}-%Y']) AS DATE)"
    return f"CAST({column} AS DATE)"


def no_day(column: str, day: str) -> str:
    """Whether a cell says something that is neither a day nor a word for none."""
    words = "', '".join(sorted(word.replace("'", "''") for word in OPEN_WORDS))
    return f"{day} IS NULL AND LOWER(TRIM(COALESCE({column}, ''))) NOT IN ('', '{words}')"


def forms(dialect: Dialect, connection, table: str, known: Mapping[str, str]) -> dict[str, str]:
    """Column -> the form of its days, of the texts that hold some."""
    names = [name for name, kind in known.items() if kind == "varchar"]
    if not names:
        return {}
    lines = run(connection, f"SELECT {', '.join(map(dialect.quoted, names))} FROM {table} LIMIT {SAMPLE}")
    found = {name: form(cells) for name, cells in zip(names, zip(*lines))}
    return {name: one for name, one in found.items() if one}


def form(cells: Iterable[str | None]) -> str:
    """The form that half or more of the different cells have that say anything; none where that is no form of days."""
    told = {cell.strip() for cell in cells if cell and cell.strip() and cell.strip().lower() not in OPEN_WORDS}
    fits = {name: sum(bool(re.match(FAMILIES[name], cell)) for cell in told) for name in (YEAR_FIRST, YEAR_LAST)}
    best = max(fits, key=fits.get)
    return best if told and 2 * fits[best] >= len(told) else ""


def order(dialect: Dialect, connection, table: str, columns: Columns) -> Order:
    """Day or month first, as `importers.dates.date_order` finds it: a number above 12 settles it, dots mean the day; else
    it is asked, and the guess is the order in which fewer rows end before they start.
    """
    asked = [columns.roles[role] for role in ("start", "end") if columns.kinds.get(role) == YEAR_LAST]
    if not asked:
        return Order()
    cells = [_parts(dialect.quoted(name), table) for name in asked]
    days, months, first, second, dots, alike = run(connection, _SETTLED.format(cells=" UNION ALL ".join(cells)))[0]
    names = " and ".join(f'"{name[:40]}"' for name in asked)
    if days and months:
        usual = "day" if days >= months else "month"
        return Order(usual, f"Dates in {names} mix two orders: {days:,} fit only day/month, {months:,} only month/day. Those of the "
                     "other order are left out.")  # fmt: skip
    if days or months or dots or alike:
        return Order("month" if months else "day")
    turned = {one: _backwards(dialect, connection, table, replace(columns, order=one)) for one in ("day", "month")}
    return Order(guessed_order(turned, first, second),
                 f"Dates in {names} fit both day/month and month/day.{told_backwards(turned)}")  # fmt: skip


_SETTLED = """
WITH cell AS ({cells})
SELECT COUNT(DISTINCT CASE WHEN a > 12 AND b <= 12 THEN told END), COUNT(DISTINCT CASE WHEN b > 12 AND a <= 12 THEN told END),
  COUNT(DISTINCT a), COUNT(DISTINCT b), COALESCE(BOOL_AND(dot), TRUE), COALESCE(BOOL_AND(a = b), TRUE) FROM cell"""


def _parts(column: str, table: str) -> str:
    """The two numbers before the year of each cell, and whether dots part them."""
    form = r"^\s*(\d{1,2})([-/.])(\d{1,2})[-/.]\d{2}"
    one, dot, two = (f"REGEXP_EXTRACT({column}, '{form}', {place})" for place in (1, 2, 3))
    return (f"SELECT {column} AS told, TRY_CAST({one} AS INTEGER) AS a, TRY_CAST({two} AS INTEGER) AS b, {dot} = '.' AS dot "
            f"FROM {table} WHERE REGEXP_MATCHES({column}, '{form}')")  # fmt: skip


def _backwards(dialect: Dialect, connection, table: str, columns: Columns) -> int:
    """Rows that end before they start in the order of `columns`."""
    if "end" not in columns.roles:
        return 0
    start, end = (day_of(dialect, columns, role) for role in ("start", "end"))
    return int(run(connection, f"SELECT COUNT(*) FROM {table} WHERE {end} < {start}")[0][0])
