"""Columns of a table in a database as the view that is counted: recognised by name and type, said as plain SQL.

Names come from the engine's own list and are quoted by its dialect; everything else in the text is ours.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cs_models.importers import layout
from cs_models.importers.dates import OPEN_WORDS
from cs_models.importers.layout import Role
from cs_models.importers.suspects import EACH, SMALLER
from cs_models.importers.words import MAX_TERM, TERMS
from cs_models.problems import Problem
from cs_models.warehouse.dialects import Dialect

VIEW = "perennial_rows"
ROLES = ("customer", "start", "end", "plan", "interval", "mrr", "price", "end_reason")
MONEY = ("mrr", "price")
MOST_GROUPS = 8
WHOLE, HUNDREDTHS = "whole units", "hundredths"
FREE = (*MONEY, "end", "end_reason")  # in which two rows that tell of one subscription may differ
SUBSCRIPTION = ("customer", "start", "plan", "interval")  # by which it is known again in another folder
LAST = "only the last"
TERM = "term"  # a split by the months between two payments
# as INVOLUNTARY of importers/words.py, in what every engine knows
FAILED = ("involuntary", "fail", "declin", "dunning", "past_due", "delinquen", "un_paid", "unpaid", "non_pay",
          "not_paid", "no_card", "charge_back", "chargeback", "expired_card", "card_expired", "insufficient")  # fmt: skip
KINDS = {
    "date": r"date|timestamp",
    "number": r"u?int|u?bigint|smallint|tinyint|hugeint|integer|long|short|numeric|decimal|double|real|float|number"
              r"|bignumeric",
    "text": r"char|varchar|text|string|fixedstring|uuid|bpchar|nvarchar|name",
    "yes or no": r"bool",
    "year first": "year first",
    "year last": "year last",
}
YEAR_FIRST, YEAR_LAST = "year first", "year last"  # days as text, in folders alone
FITS = {"start": ("date", YEAR_FIRST, YEAR_LAST), "end": ("date", YEAR_FIRST, YEAR_LAST), "plan": ("text",), "interval": ("text", "number"), "mrr": ("number",),
        "price": ("number",), "end_reason": ("text",)}  # fmt: skip


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


def roles() -> tuple[Role, ...]:
    """What is asked for, with the words of an upload."""
    return tuple(layout("periods").role(name) for name in ROLES)


def recognised(columns: Mapping[str, str]) -> dict[str, str]:
    """Role -> column, by the names an upload is recognised by, where the type can be it."""
    left = dict(columns)
    while True:
        known = layout("periods").recognise(tuple(left))
        found = {role: column for role, column in known.items() if role in ROLES}
        wrong = [column for role, column in found.items() if not fits(role, left[column])]
        if not wrong:
            return found
        for column in wrong:
            del left[column]


def fits(role: str, told: str) -> bool:
    """Whether a column of that type can play the role."""
    kind = kind_of(told)
    return kind in FITS[role] if role in FITS else kind in ("text", "number")


def candidates(columns: Mapping[str, str], taken: Mapping[str, str], places: tuple[str, ...] = ()) -> list[str]:
    """Columns that may be groups: texts, yes or no, and names of folders though they be numbers (`year=2024`); not in a role."""
    left = [name for name in columns if name not in taken.values()]
    return [name for name in left if kind_of(columns[name]) in ("text", "yes or no") and "uuid" not in columns[name]
            or name in places and kind_of(columns[name]) == "number"]  # fmt: skip


def texts(columns: Mapping[str, str], taken: Mapping[str, str]) -> list[str]:
    """Columns of text that are in no role."""
    return [name for name in columns if name not in taken.values() and kind_of(columns[name]) == "text"]


def missing(mapping: Mapping[str, str]) -> list[str]:
    """Titles of what must be chosen before anything can be counted."""
    lacking = [role.title for role in roles() if role.required and role.name not in mapping]
    priced = set(MONEY) & set(mapping)
    return lacking if priced else [*lacking, "Monthly recurring revenue, or Price per billing period"]


def view_text(dialect: Dialect, table: str, mapping: Columns, split: str = "") -> str:
    """The rows as `counts/definition.py` reads them; `split`: the column that is g0, "plan", "term" or c0, c1, ..., or none.

    >>> from cs_models.warehouse.dialects import POSTGRES
    >>> print(view_text(POSTGRES, '"subs"', Columns({"customer": "id", "start": "from", "mrr": "mrr"})))
    SELECT "id" AS customer_id, CAST("from" AS DATE) AS started_on, CAST(NULL AS DATE) AS ended_on, 1 AS term,
      '' AS plan, "mrr" AS mrr, 0 AS failed
    FROM "subs"
    """
    column = {role: dialect.quoted(name) for role, name in mapping.roles.items()}
    term = _term(column["interval"], mapping.kinds.get("interval", "text")) if "interval" in column else "1"
    start, end = (day_of(dialect, mapping, role) for role in ("start", "end"))
    if unreadable := _no_day(column["end"], end) if mapping.kinds.get("end") in (YEAR_FIRST, YEAR_LAST) else "":
        start = f"CASE WHEN {unreadable} THEN NULL ELSE {start} END"
    group = "" if not split else f", {_group(dialect, mapping, split)} AS g0"
    return (
        f"SELECT {column['customer']} AS customer_id, {start} AS started_on, {end} AS ended_on, "
        f"{term} AS term,\n  {column.get('plan', chr(39) * 2)} AS plan, {_money(column, mapping, term)} AS mrr, "
        f"{_failed(column)} AS failed{group}\nFROM {once(dialect, table, mapping)}"
    )


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


def _no_day(column: str, day: str) -> str:
    """Whether a cell says something that is neither a day nor a word for none."""
    words = "', '".join(sorted(word.replace("'", "''") for word in OPEN_WORDS))
    return f"{day} IS NULL AND LOWER(TRIM(COALESCE({column}, ''))) NOT IN ('', '{words}')"


def once(dialect: Dialect, table: str, mapping: Columns) -> str:
    """The table, or its rows without those that say again what another one says (`repeats.py`)."""
    if not mapping.compared:
        return table
    text = f"SELECT DISTINCT {_all(dialect, mapping.compared)} FROM {table}"
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
    paid = f"CASE WHEN {amount} > 0 AND {column['customer']} IS NOT NULL THEN 1 ELSE 0 END"
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
    places = _all(dialect, mapping.places)
    names = _all(dialect, dict.fromkeys((*mapping.compared, *mapping.places)))
    keys = _all(dialect, (mapping.roles[role] for role in SUBSCRIPTION if role in mapping.roles))
    latest = f"MAX({day_of(dialect, mapping, 'start')}) OVER (PARTITION BY {places})"
    order = f"latest_start DESC, {', '.join(f'{dialect.quoted(name)} DESC' for name in mapping.places)}"
    dated = f"SELECT every_row.*, {latest} AS latest_start FROM (SELECT DISTINCT {names} FROM {table}) AS every_row"
    return _first(f"SELECT dated.*, RANK() OVER (PARTITION BY {keys} ORDER BY {order}) AS place FROM ({dated}) AS dated")


def _all(dialect: Dialect, names: Iterable[str]) -> str:
    return ", ".join(map(dialect.quoted, names))


def counted_view(dialect: Dialect, table: str, mapping: Columns, split: str = "") -> str:
    """`view_text` without rows of nobody."""
    return f"SELECT * FROM (\n{view_text(dialect, table, mapping, split)}\n) AS every_row WHERE customer_id IS NOT NULL"


def _money(column: Mapping[str, str], mapping: Columns, term: str) -> str:
    amount = column["mrr"] if "mrr" in column else f"{column['price']} * 1.0 / {term}"
    return amount if mapping.unit == WHOLE else f"{amount} / 100.0"


def _term(column: str, kind: str, quote: str = "") -> str:
    """Months between two payments out of a word or a number; whatever else is a month. `quote`: as a text.

    A text has cases of its own: one around the number would hold all of its cases for each month there is, and engines
    take seconds to plan that.
    """
    one = f"{quote}1{quote}"
    if kind == "number" and quote:
        longer = " ".join(f"WHEN {months} THEN '{months}'" for months in range(1, MAX_TERM + 1))
        return f"CASE WHEN {column} > 1 THEN CASE CAST({column} AS INTEGER) {longer} END ELSE {one} END"
    if kind == "number":
        return f"CASE WHEN {column} > 1 THEN CAST({column} AS INTEGER) ELSE 1 END"
    known = ((months, "', '".join(sorted(word for word in words.split() if word.isascii())))
             for months, words in TERMS.items() if months > 1)  # fmt: skip
    whens = " ".join(f"WHEN LOWER({column}) IN ('{words}') THEN {quote}{months}{quote}" for months, words in known)
    return f"CASE {whens} ELSE {one} END"


def _failed(column: Mapping[str, str]) -> str:
    if "end_reason" not in column:
        return "0"
    likes = " OR ".join(f"LOWER({column['end_reason']}) LIKE '%{word}%'" for word in FAILED)
    return f"CASE WHEN {likes} THEN 1 ELSE 0 END"


def _group(dialect: Dialect, mapping: Columns, split: str) -> str:
    if split == TERM:
        return _term(dialect.quoted(mapping.roles["interval"]), mapping.kinds.get("interval", "text"), "'")
    name = mapping.columns.get(split)
    if name is None:
        raise Problem("There is no such column to group by.")
    column = dialect.quoted(name)
    if mapping.kinds.get(split) == "yes or no":
        return f"CASE WHEN {column} THEN 'yes' WHEN NOT {column} THEN 'no' END"
    if mapping.kinds.get(split) == "number":
        return f"CAST({column} AS VARCHAR)"
    return column
