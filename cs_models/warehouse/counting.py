"""A table counted where it lies, step by step, into a data set of counts; it can be watched and stopped."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial

import pandas as pd
import pyarrow as pa

from cs_models.counts import cube, life, packed_ways, seen_to
from cs_models.counts.definition import Definition
from cs_models.counts.engines import engine_of, rows
from cs_models.counts.late_ends import paid_view, weeks_text
from cs_models.counts.tables import ordered
from cs_models.definitions import Definitions
from cs_models.engine.counted import RULE, by_month, rows_of_counts
from cs_models.late_ends import habit
from cs_models.problems import Problem
from cs_models.subscriptions import COUNTED, Subscriptions, minor_digits
from cs_models.warehouse import repeats
from cs_models.warehouse.dialects import Dialect
from cs_models.warehouse.facts import account, refuse_names
from cs_models.warehouse.mapping import TERM, VIEW, Columns, counted_view, view_text
from cs_models.warehouse.parts import in_parts, part_of
from cs_models.warehouse.read_once import BOOK, HERE, LONGER, STARTS, all_at_once, kept_text, of_split, read_once
from cs_models.warehouse.under_way import UnderWay
from cs_models.words import day

LAYOUT = "periods"
LOCAL = "duckdb"
AT_ONCE = {"book": (BOOK, "tenure"), "starts": (STARTS, "cohort")}
UNABLE = {"grain", "recognised", "grace_days", "paused", "past_due", "discounts", "join_migrations"}


@dataclass(frozen=True)
class Asked:
    """What is counted: the table as it is quoted and as it is called, its columns, the last day, currency and
    definitions; `source`: the name by which the server knows where it lies.
    """

    dialect: Dialect
    table: str
    title: str
    columns: Columns
    as_of: date
    currency: str = "USD"
    rules: Definitions = Definitions()
    source: str = ""

    @property
    def origin(self) -> dict[str, object]:
        """What was asked of which table, to ask it again: plain values."""
        told = {"source": self.source, "table": self.table, "columns": asdict(self.columns), "currency": self.currency,
                "rules": asdict(self.rules), "as_of": self.as_of.isoformat()}  # fmt: skip
        return json.loads(json.dumps(told))

    @property
    def splits(self) -> list[str]:
        """Everybody, then by how they are billed where the table tells, and each column of groups by its internal name."""
        return ["", *([TERM] if "interval" in self.columns.roles else []), *self.columns.columns]

    def definition(self, split: str = "", raw: bool = False, kept: bool = False) -> Definition:
        """What is counted of one split; `raw`: with the rows of nobody, to account for them; `kept`: of what was read once."""
        some = (split,) if split else ()
        if kept:
            return self._of(kept_text(f", g{self.splits.index(split) - 1} AS g0" if split else "", raw), len(some), raw)
        return self._of((view_text if raw else counted_view)(self.dialect, self.table, self.columns, *some), len(some), raw)

    @property
    def every(self) -> Definition:
        """What is counted of all splits beside each other, of what was read once."""
        many = len(self.splits) - 1
        return self._of(kept_text("".join(f", g{i}" for i in range(many))), many)

    def _of(self, text: str, by: int, raw: bool = False) -> Definition:
        one = Definition(VIEW, self.as_of, by, 10 ** minor_digits(self.currency), self.rules, rows=text, days=False)
        return one if raw or self.rules.late_ends == "0" else replace(one, rows=paid_view(one))

    def usual_days(self, connection) -> str:
        """Days after a renewal within which ends are a habit here (`late_ends.py`): the guess of that definition."""
        one = replace(self.definition(raw=True), rows=counted_view(self.dialect, self.table, self.columns))
        return str(habit(rows(connection, weeks_text(one))))

    def texts(self) -> dict[str, str]:
        """Every text that is sent for everybody, to be read on the page; each split sends the same with its column."""
        one = self.definition()
        return {"Life table": one.life, "Movements and sign-up months": one.cube, "Customers of today": one.book,
                "Who joined": one.starts, "When annual plans are ended": one.ends,
                "Revenue kept over a year, and renewals": one.kept}  # fmt: skip


class Counting(UnderWay):
    """`count_there` under way: `steps` is how many there are. Problem where the server counts as many tables already."""

    def __init__(self, open_connection: Callable[[], object], asked: Asked) -> None:
        self.steps = 5 + 3 * len(asked.splits)
        super().__init__(open_connection, lambda connection, tell: count_there(connection, asked, tell), counts=True)


def count_there(connection, asked: Asked, tell: Callable[[str], None] = lambda title: None) -> Subscriptions:
    """The data set of counts of a table: what an upload of the same rows is counted to, and no row.

    `tell` hears the title of each step before it begins.
    """
    tell("Accounting for every row")
    refuse_names(asked.dialect, connection, asked.table, asked.columns)
    kept = engine_of(connection) == LOCAL and read_once(connection, asked.dialect, asked.table, asked.columns, asked.splits[1:], asked.as_of)
    report, people = account(asked.dialect, connection, asked.definition(raw=True, kept=kept))
    told, again = repeats.findings(asked.dialect, connection, asked.table, asked.columns)
    report = replace(report, rows=report.rows + again, rejected=report.rejected + again, findings=(*told, *report.findings))
    parts: dict[tuple[str, str], pd.DataFrame] = {("facts", ""): _facts(people)}
    tell("Counting customers of today and who joined")
    at_once = kept and all_at_once(connection, asked.every)
    for at, split in enumerate(asked.splits, -1):
        whom = f" by {asked.columns.columns.get(split, 'billing interval')}" if split else ""
        for part, frame in _counts(connection, asked.definition(split, kept=kept), tell, whom, kept, at if at_once else None):
            parts[part, split] = frame
    tell("Counting revenue kept over a year")
    parts["kept", ""] = _asked_apart(connection, asked.definition(kept=kept), _kept)["kept"]
    if parts["life", ""].empty:
        raise Problem("No paying customer is in this table by the last known day, so there is nothing to count.")
    held = rows_of_counts(parts)
    answers = {name: str(choice) for name, choice in asdict(asked.rules).items() if name in asked.rules.changed}
    return Subscriptions(
        COUNTED, held, asked.as_of, report, asked.columns.columns, asked.currency, digest(asked, held),
        {**asked.columns.roles, "mrr": asked.columns.roles.get("mrr") or asked.columns.roles["price"]}, LAYOUT,
        f"{asked.title}, counted to {day(asked.as_of)}", answers=answers, origin=asked.origin,
    )  # fmt: skip


def _counts(connection, one: Definition, tell, whom: str, kept: bool, at: int | None):
    """(part, result) of one split, in the order they are told; `at`: which it is of those that were counted at once."""
    here, longer = (HERE, LONGER) if kept else ("", "")
    asked = [("stays and movements", _stays), ("customers of today", partial(_book, here=here)), ("who joined", _starts)]
    asked += [] if one.by else [("when annual plans are ended", partial(_ends, longer=longer))]
    for (title, ask), known in zip(asked, (None, "book", "starts", None)):
        tell(f"Counting {title}{whom}")
        if at is None or known is None:
            yield from _asked_apart(connection, one, ask).items()
        else:
            yield known, _summed([rows(connection, of_split(*AT_ONCE[known], at))])


def _stays(connection, one: Definition) -> dict[str, pd.DataFrame]:
    found = packed_ways(connection, replace(one, days=True))
    if not found:
        return {"life": life(connection, one), "cube": cube(connection, one)}
    to = seen_to(one.as_of, one.rules)  # the embedded engine: by day is faster, and nothing crosses a wire
    return {part: ordered(part, by_month(part, frame, to), one.by) for part, frame in found.items()}


def _book(connection, one: Definition, here: str) -> dict[str, pd.DataFrame]:
    """`here`, `longer`: who of the customers can be in it, where that is known."""
    return {"book": _summed([rows(connection, replace(one, among=here).book)])}


def _ends(connection, one: Definition, longer: str) -> dict[str, pd.DataFrame]:
    return {"ends": _summed([rows(connection, replace(one, among=longer).ends)])}


def _starts(connection, one: Definition) -> dict[str, pd.DataFrame]:
    return {"starts": _summed([rows(connection, one.starts)])}


def _kept(connection, one: Definition) -> dict[str, pd.DataFrame]:
    return {"kept": _summed([rows(connection, one.kept)])}


def _asked_apart(connection, one: Definition, ask: Callable) -> dict[str, pd.DataFrame]:
    """What `ask` counts; in the embedded engine of a part of the customers at a time where memory is short."""
    if engine_of(connection) != LOCAL:
        return ask(connection, one)

    def of_some(part: int, parts: int) -> dict[str, pd.DataFrame]:
        return ask(connection, replace(one, rows=part_of(one.rows, "customer_id", part, parts)))

    return in_parts(of_some, lambda found: {name: _summed([part[name] for part in found]) for name in found[0]})


def _summed(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The sum of several results, in one order."""
    every = pd.concat(frames, ignore_index=True)
    sums = [name for name in ("customers", "cents") if name in every]
    return every.groupby([name for name in every if name not in sums], as_index=False)[sums].sum()


def digest(asked: Asked, held: pa.Table) -> str:
    """sha256 of what was asked and of every count."""
    told = [asked.dialect.name, asked.table, asked.title, asdict(asked.columns), asked.as_of.isoformat(),
            asked.currency, asdict(asked.rules)]  # fmt: skip
    sha = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, held.schema) as stream:
        stream.write_table(held)
    sha.update(sink.getvalue())
    return sha.hexdigest()


def _facts(people: int) -> pd.DataFrame:
    return pd.DataFrame({"kind": ["customers", "rule"], "customers": [people, RULE]})
