"""Columns of a table in a database as the view that is counted: recognised by name and type, said as plain SQL.

Names come from the engine's own list and are quoted by its dialect; everything else in the text is ours.
"""

from collections.abc import Mapping

from cs_models.importers import layout
from cs_models.importers.layout import Role
from cs_models.importers.words import MAX_TERM, TERMS
from cs_models.problems import Problem
from cs_models.warehouse.columns import MONEY, WHOLE, YEAR_FIRST, YEAR_LAST, Columns, customer_of, kind_of
from cs_models.warehouse.dialects import Dialect
from cs_models.warehouse.repeats import once
from cs_models.warehouse.text_days import day_of, no_day

VIEW = "perennial_rows"
ROLES = ("customer", "start", "end", "plan", "interval", "mrr", "price", "end_reason")
MOST_GROUPS = 8
TERM = "term"  # a split by the months between two payments
# as INVOLUNTARY of importers/words.py, in what every engine knows
FAILED = ("involuntary", "fail", "declin", "dunning", "past_due", "delinquen", "un_paid", "unpaid", "non_pay",
          "not_paid", "no_card", "charge_back", "chargeback", "expired_card", "card_expired", "insufficient")  # fmt: skip
FITS = {"start": ("date", YEAR_FIRST, YEAR_LAST), "end": ("date", YEAR_FIRST, YEAR_LAST), "plan": ("text", "uuid"),
        "interval": ("text", "number"), "mrr": ("number",), "price": ("number",), "end_reason": ("text",)}  # fmt: skip


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
    return kind_of(told) in FITS.get(role, ("text", "number", "uuid"))


def candidates(columns: Mapping[str, str], taken: Mapping[str, str], places: tuple[str, ...] = ()) -> list[str]:
    """Columns that may be groups: texts, yes or no, and names of folders though they be numbers (`year=2024`); not in a role."""
    left = {name: kind_of(told) for name, told in columns.items() if name not in taken.values()}
    return [name for name, kind in left.items() if kind in ("text", "yes or no") or kind == "number" and name in places]


def texts(columns: Mapping[str, str], taken: Mapping[str, str]) -> list[str]:
    """Columns of text that are in no role."""
    return [name for name in columns if name not in taken.values() and kind_of(columns[name]) == "text"]


def missing(mapping: Mapping[str, str]) -> list[str]:
    """Titles of what must be chosen before anything can be counted."""
    lacking = [role.title for role in roles() if role.required and role.name not in mapping]
    priced = set(MONEY) & set(mapping)
    return lacking if priced else [*lacking, "Monthly recurring revenue, or Price per billing period"]


def view_text(dialect: Dialect, table: str, mapping: Columns, *splits: str) -> str:
    """The rows as `counts/definition.py` reads them; `splits`: the columns that are g0, g1, ...: "plan", "term" or c0, c1, ...

    >>> from cs_models.warehouse.dialects import POSTGRES
    >>> print(view_text(POSTGRES, '"subs"', Columns({"customer": "id", "start": "from", "mrr": "mrr"})))
    SELECT "id" AS customer_id, CAST("from" AS DATE) AS started_on, CAST(NULL AS DATE) AS ended_on, 1 AS term,
      '' AS plan, "mrr" AS mrr, 0 AS failed
    FROM "subs"
    """
    column = {role: dialect.quoted(name) for role, name in mapping.roles.items()}
    term = _term(column["interval"], mapping.kinds.get("interval", "text")) if "interval" in column else "1"
    start, end = (day_of(dialect, mapping, role) for role in ("start", "end"))
    if unreadable := no_day(column["end"], end) if mapping.kinds.get("end") in (YEAR_FIRST, YEAR_LAST) else "":
        start = f"CASE WHEN {unreadable} THEN NULL ELSE {start} END"
    group = "".join(f", {_group(dialect, mapping, split)} AS g{i}" for i, split in enumerate(splits))
    return (
        f"SELECT {customer_of(dialect, mapping)} AS customer_id, {start} AS started_on, {end} AS ended_on, "
        f"{term} AS term,\n  {column.get('plan', chr(39) * 2)} AS plan, {_money(column, mapping, term)} AS mrr, "
        f"{_failed(column)} AS failed{group}\nFROM {once(dialect, table, mapping)}"
    )


def counted_view(dialect: Dialect, table: str, mapping: Columns, *splits: str) -> str:
    """`view_text` without rows of nobody."""
    return f"SELECT * FROM (\n{view_text(dialect, table, mapping, *splits)}\n) AS every_row WHERE customer_id IS NOT NULL"


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
