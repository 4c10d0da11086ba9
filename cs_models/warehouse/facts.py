"""What is asked of a table before it is counted: how many rows count, from when to when, which columns have few values.

Every text is an aggregate: one line for the whole table, or one for each value of a column of few values.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from cs_models.counts.definition import Definition, cents, counted_rows
from cs_models.import_report import Finding, ImportReport
from cs_models.importers import by_values
from cs_models.importers.period_dates import EPOCH, add_months_to_day
from cs_models.problems import Problem
from cs_models.small_groups import LEAST
from cs_models.warehouse.dialects import Dialect, run
from cs_models.warehouse.mapping import VIEW, Columns, view_text
from cs_models.warehouse.parts import line, of_table
from cs_models.words import counted, day

FEW_VALUES = 20
NAMELESS, BACKWARDS = "customer_id IS NULL OR started_on IS NULL", "ended_on < started_on"  # rows that are left out
TOGETHER = (sum, min, max, max, min)  # of the numbers of `span_text` by parts
MOST_PLANS = 200  # more are no plans but names
NOT_HERE = "Only counts came home: which rows these are can be looked up where they lie, with the text shown before counting."


@dataclass(frozen=True)
class Span:
    """First start, latest start, and the latest end that is no later than `limit` of a table; None where there is none.

    `term`: months of the shortest billing interval.
    """

    rows: int
    first: date | None
    last_start: date | None
    last_end: date | None
    term: int = 1

    @property
    def limit(self) -> date | None:
        """One billing interval after the newest start, the shortest one: ends beyond are booked ahead, as in an upload."""
        return self.last_start and EPOCH + timedelta(add_months_to_day((self.last_start - EPOCH).days, self.term))

    @property
    def last_known(self) -> date | None:
        """The latest day on which anything is known to have happened: the guess for the last day of the book."""
        known = [one for one in (self.last_start, self.last_end) if one]
        return max(known) if known else None


def span_text(dialect: Dialect, table: str, mapping: Columns, today: date, limit: date | None = None) -> str:
    """One line: rows; of those that are not left out first start, latest start not after `today`, latest end not after
    `limit` or today, and the shortest billing interval.
    """
    by, until = (f"<= DATE '{one.isoformat()}'" for one in (today, limit or today))
    return f"""
WITH {VIEW} AS ({view_text(dialect, table, mapping)}
), told AS (SELECT started_on, ended_on, term, CASE WHEN {NAMELESS} OR {BACKWARDS} OR mrr < 0 THEN 0 ELSE 1 END AS good FROM {VIEW})
SELECT CAST(COUNT(*) AS BIGINT) AS all_rows, MIN(CASE WHEN good = 1 THEN started_on END) AS first_on,
  MAX(CASE WHEN good = 1 AND started_on {by} THEN started_on END) AS last_start,
  MAX(CASE WHEN good = 1 AND ended_on {until} THEN ended_on END) AS last_end,
  CAST(COALESCE(MIN(CASE WHEN good = 1 THEN term END), 1) AS BIGINT) AS shortest
FROM told"""


def span_of(dialect: Dialect, connection, table: str, mapping: Columns, today: date) -> Span:
    """`span_text` of a table; Problem for one without rows. Asked again where ends are booked ahead."""
    def told(limit: date | None = None) -> Span:
        text, rows = of_table(lambda some: span_text(dialect, some, mapping, today, limit), table)
        return _span(line(dialect, connection, text, rows, dialect.quoted(mapping.roles["customer"]), TOGETHER))

    found = told()
    if not found.rows:
        raise Problem("This table has no rows, or none that this connection may see.")
    ahead = found.limit and found.last_end and found.last_end > found.limit
    return told(found.limit) if ahead else found


def _span(told: tuple) -> Span:
    rows, *days, term = told
    return Span(int(rows), *map(_day, days), int(term))


def groups_text(dialect: Dialect, table: str, names: list[str]) -> str:
    """One line: how many different values each column has."""
    asked = ", ".join(f"CAST(COUNT(DISTINCT {dialect.quoted(name)}) AS BIGINT) AS n{i}" for i, name in enumerate(names))
    return f"SELECT {asked} FROM {table}"


def holders_text(dialect: Dialect, table: str, name: str, customer: str) -> str:
    """One line: how many different values a column has, and how many of them fewer than five customers bear."""
    value, who = dialect.quoted(name), dialect.quoted(customer)
    return f"""
SELECT CAST(COUNT(*) AS BIGINT) AS all_values, CAST(SUM(CASE WHEN people < {LEAST} THEN 1 ELSE 0 END) AS BIGINT) AS few
FROM (SELECT {value} AS held, COUNT(DISTINCT {who}) AS people FROM {table} GROUP BY {value}) AS holders"""


def tells_who(dialect: Dialect, connection, table: str, name: str, customer: str) -> bool:
    """Whether a column is a list of people rather than of groups: most of its values belong to fewer than five
    customers, as an e-mail address or the name of a firm does.
    """
    values, few = run(connection, holders_text(dialect, table, name, customer))[0]
    return 2 * int(few or 0) > int(values)


def groups_of(dialect: Dialect, connection, table: str, names: list[str], customer: str) -> list[str]:
    """Of these columns those with 2 to 20 values: groups to compare, and no list of people."""
    if not names:
        return []
    told = run(connection, groups_text(dialect, table, names))[0]
    few = [name for name, values in zip(names, told) if 2 <= int(values) <= FEW_VALUES]
    return [name for name in few if not tells_who(dialect, connection, table, name, customer)]


def interval_of(dialect: Dialect, connection, table: str, names: list[str]) -> str:
    """Of these columns the one that is the billing interval by its values, as in an upload; none where it is not one."""
    asked = [name for name in names if by_values.named_so(name)]
    if not asked:
        return ""
    told = run(connection, groups_text(dialect, table, asked))[0]
    few = [name for name, values in zip(asked, told) if 1 <= int(values) <= FEW_VALUES]
    found = [name for name in few if by_values.is_interval(cell for cell, _ in run(connection, values_text(dialect, table, name)))]
    return found[0] if len(found) == 1 else ""


def values_text(dialect: Dialect, table: str, name: str) -> str:
    """One line for each different value of a column of few."""
    return f"SELECT {dialect.quoted(name)} AS held, CAST(COUNT(*) AS BIGINT) AS many FROM {table} GROUP BY {dialect.quoted(name)}"


def refuse_names(dialect: Dialect, connection, table: str, mapping: Columns) -> None:
    """Problem where a column to count by would bring home who the customers are: their ids, values that hardly two
    customers share, or more values than plans have.
    """
    names, customer = list(dict.fromkeys(mapping.columns.values())), mapping.roles["customer"]
    if not names:
        return
    told = run(connection, groups_text(dialect, table, names))[0]
    for name, values in zip(names, map(int, told)):
        if name == customer or values > MOST_PLANS or tells_who(dialect, connection, table, name, customer):
            raise Problem(f"The column {name} has {counted(values, 'different value')}. Counted by each of them, who the "
                          "customers are would leave the database. Choose another column for the plan.")  # fmt: skip


def account_text(asked: Definition) -> str:
    """One line: what becomes of every row of the view, and how many customers there are."""
    today = f"DATE '{asked.as_of.isoformat()}'"
    ahead, free = f"started_on > {today}", f"mrr IS NOT NULL AND {cents(asked)} <= 0"
    credit = f"mrr IS NOT NULL AND {cents(asked)} < 0"
    cases = (("nameless", NAMELESS), ("backwards", BACKWARDS), ("credit", credit), ("ahead", ahead), ("free", free))
    sums = ", ".join(f"CAST(COALESCE(SUM(CASE WHEN what = '{name}' THEN 1 ELSE 0 END), 0) AS BIGINT) AS {name}" for name, _ in cases)
    told = " ".join(f"WHEN {test} THEN '{name}'" for name, test in cases)
    return f"""
WITH {VIEW} AS ({asked.rows}
), told AS (SELECT customer_id, CASE {told} ELSE 'counted' END AS what FROM {VIEW})
SELECT CAST(COUNT(*) AS BIGINT) AS all_rows, {sums},
  CAST(COUNT(DISTINCT CASE WHEN what NOT IN ('nameless', 'backwards', 'credit') THEN customer_id END) AS BIGINT) AS people
FROM told"""


def account(dialect: Dialect, connection, asked: Definition) -> tuple[ImportReport, int]:
    """The report of a counted table and the customers in its accepted rows."""
    numbers = line(dialect, connection, lambda rows: account_text(replace(asked, rows=rows)), asked.rows, "customer_id")
    rows, nameless, backwards, credit, ahead, free, people = map(int, numbers)
    told = (
        ("nameless", nameless, "without a customer, a start or a day that can be read: left out"),
        ("backwards", backwards, "ending before they start: left out"),
        ("price_negative", credit, "with a negative amount, a refund or credit: left out"),
        ("ahead", ahead, f"starting after {day(asked.as_of)}: set aside"),
        ("free", free, "without a price above 0: set aside"),
    )
    some = (one for one in told if one[1])
    findings = tuple(Finding(name, f"{counted(many, 'row')} {what}. {NOT_HERE}", many) for name, many, what in some)
    left_out = nameless + backwards + credit
    return ImportReport(rows, rows - left_out, 0, left_out, ahead + free, findings), people


def counted_text(asked: Definition) -> str:
    """The rows that count, for whoever looks them up himself."""
    return f"SELECT * FROM (\n{asked.rows}\n) AS {VIEW}\nWHERE {counted_rows(asked)}"


def _day(told) -> date | None:
    if isinstance(told, str):
        return date.fromisoformat(told[:10])
    return told.date() if isinstance(told, datetime) else told
