"""Subscriptions into the engine as codes, counts out of it: no text of the user is part of a query."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.definitions import Definitions
from cs_models.engine import sql
from cs_models.engine.duckdb import connect, run
from cs_models.engine.moves import Move, find_moves, move_bond
from cs_models.problems import Problem
from cs_models.subscriptions import in_one_piece

NONE = "(none)"
TAKEN = (
    "interval",
    "tenure",
    "at_risk",
    "churned",
    "involuntary",
    "censored",
    "in_force",
    "cohort",
    "age",
    "customers",
    "eligible",
    "value",
    "share",
    "mrr",
)


@dataclass(frozen=True, eq=False)
class ExposureCounts:
    """``frame``: g0.., term, anchor, entry, duration, churned, involuntary, customers; and the number of
    returns.
    """

    frame: pd.DataFrame
    reactivations: int


@dataclass(frozen=True, eq=False)
class Query:
    """An open connection over the rows of one data set, with the values behind the group codes."""

    connection: object
    values: tuple[list, ...]
    tomorrow: str

    def frame(self, text: str) -> pd.DataFrame:
        """The result of a query, group codes replaced by the values they stand for."""
        found = run(self.connection, text).df()
        for i, values in enumerate(self.values):
            found[f"g{i}"] = np.array(values, dtype=object)[found[f"g{i}"].to_numpy()]
        return found

    def number(self, text: str) -> int:
        return int(run(self.connection, text).fetchone()[0])


def exposure_counts(subs, by: tuple[str, ...], cohort: bool = False) -> ExposureCounts:
    """The rows of a life table before they are summed up by tenure; `cohort` adds the month of the first start."""
    with open_rows(subs, by) as query:
        found = query.frame(sql.exposure_counts(len(by), cohort))
        return ExposureCounts(found, query.number(sql.reactivations()))


def active_book(subs, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Customers subscribed at as_of: columns *by, interval, tenure (completed months), customers, mrr (minor
    units).

    The sum of mrr over the smallest unit of the currency is ``subs.active_mrr``; whoever came back after a
    long pause is there with the months since the return.
    """
    by = tuple(name for name in by if name != "interval")
    with open_rows(subs, by) as query:
        found = query.frame(sql.active_book(len(by)))
    found = found.rename(columns={"term": "interval", **{f"g{i}": name for i, name in enumerate(by)}})
    order = [*by, "interval", "tenure"]
    return found[[*order, "customers", "mrr"]].sort_values(order, ignore_index=True)


def moves(subs) -> list[tuple[Move, object, object]]:
    """Migrations of whole plans, the largest first: (move, name of the old plan, name of the new one)."""
    if not subs.has_dates:
        return []
    table, _ = span_table(subs, ())
    names = _ranks(_counted(subs)["plan"])[1] if "plan" in subs.rows.column_names else [NONE]
    connection = connect()
    try:
        connection.register("span", table)
        run(connection, sql.customers_with_many_rows())
        return [(move, names[move.left_plan], names[move.plan]) for move in find_moves(connection)]
    finally:
        connection.close()


@contextmanager
def open_rows(subs, by: tuple[str, ...]) -> Iterator[Query]:
    """The engine over the rows of `subs`, with exposures prepared for these groups and by its definitions."""
    chosen = Definitions.of(subs)
    complete = chosen.incomplete == "complete periods only"
    table, values = span_table(subs, by)
    seen_to = subs.watched_to
    tomorrow = f"DATE '{(seen_to + timedelta(days=1)).isoformat()}'" if seen_to else "DATE '1970-01-01'"
    connection = connect()
    try:
        connection.register("span", table)
        several = sql.customers_with_many_rows() if subs.kind == "periods" else sql.nobody_with_many_rows()
        run(connection, several)
        bond = move_bond(connection, subs, chosen)
        for text in (
            sql.spell_rows(len(by), chosen.gap, chosen.plan_change == "churn", bond),
            sql.spell_exposures(len(by), tomorrow, complete),
            sql.exposures(len(by), tomorrow, complete),
        ):
            run(connection, text)
        yield Query(connection, values, tomorrow)
    finally:
        connection.close()


def span_table(subs, by: tuple[str, ...]) -> tuple[pa.Table, tuple[list, ...]]:
    """The relation `span` of sql.py, and the values of each group column in the order of their codes."""
    subs.need_customers()
    rows = _counted(subs)
    churned = rows["churned"].combine_chunks()
    end_day = pc.if_else(churned, _days(rows["ended_on"]), pa.scalar(sql.FOREVER, pa.int32()))
    columns = {
        "customer": _codes(rows["customer"])[0],
        "started_on": rows["started_on"].cast(pa.date32()),
        "ended_on": rows["ended_on"].cast(pa.date32()),
        "start_day": _days(rows["started_on"]),
        "end_day": pc.fill_null(end_day, sql.FOREVER),
        "live": pc.invert(churned).cast(pa.int32()),
        "term": rows["term"].cast(pa.int32()),
        "plan": _ranks(rows["plan"])[0]
        if "plan" in rows.column_names
        else pa.array(np.zeros(len(rows), np.int32)),
        "mrr": pc.fill_null(rows["mrr"].cast(pa.int64()), 0),
        "duration": rows["duration"].cast(pa.int32()),
        "churned": churned.cast(pa.int32()),
        "involuntary": _involuntary(rows, churned),
        "entry": rows["entry"].cast(pa.int32())
        if "entry" in rows.column_names
        else pa.array(np.zeros(len(rows), np.int32)),
    }
    values = []
    for i, name in enumerate(by):
        columns[f"g{i}"], found = _ranks(rows[_column(subs, name)])
        values.append(found)
    return pa.table(columns), tuple(values)


def _counted(subs) -> pa.Table:
    """The rows that take part: without those set aside and, where the definitions say so, the short stays."""
    rows = subs.rows
    if "set_aside" in rows.column_names:
        rows = rows.filter(pc.invert(rows["set_aside"]))
    choice = Definitions.of(subs).same_day
    if choice == "keep" or not subs.has_dates:
        return rows
    unit = "day" if choice == "set aside" else "month"
    days = (rows[name].cast(pa.date32()) for name in ("started_on", "ended_on"))
    same = pc.equal(*(pc.floor_temporal(day, unit=unit) for day in days))
    short = pc.and_(pc.fill_null(same, False), rows["churned"])
    return rows.filter(pc.invert(short))


def _column(subs, name: str) -> str:
    """The internal column of a user's name, unless the name is also a column of every result."""
    internal = subs.resolve(name)
    if name in TAKEN and name != "interval":
        raise Problem(f'The column "{name}" has the name of a count. Ask for it as "{internal}".')
    return internal


def _involuntary(rows: pa.Table, churned: pa.Array) -> pa.Array:
    if "end_reason" not in rows.column_names:
        return pa.array(np.zeros(len(rows), np.int32))
    failed = pc.fill_null(pc.equal(rows["end_reason"].cast(pa.string()), "involuntary"), False)
    return pc.and_(failed.combine_chunks() if isinstance(failed, pa.ChunkedArray) else failed, churned).cast(
        pa.int32()
    )


def _days(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.date32()).combine_chunks().cast(pa.int32())


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """One dictionary for the whole column, without nulls in the codes."""
    return in_one_piece(column)


def _codes(column: pa.ChunkedArray) -> tuple[pa.Array, list]:
    """Integers that stand for the values, in any order."""
    encoded = _encoded(column)
    return encoded.indices.cast(pa.int32()), encoded.dictionary


def _ranks(column: pa.ChunkedArray) -> tuple[pa.Array, list]:
    """Integers in the order of the values, so that ties do not depend on the order of the rows; empty is
    "(none)".
    """
    encoded = _encoded(column)
    texts = encoded.dictionary.to_pylist()
    numbers = all(isinstance(t, (int, float)) for t in texts) and texts
    label = [t if numbers else NONE if t is None or t == "" else str(t) for t in texts]
    missing = encoded.indices.null_count > 0
    values = sorted({*label, *([NONE] if missing and not numbers else [])})
    place = {value: i for i, value in enumerate(values)}
    if missing and numbers:
        values, place = [*values, NONE], {**place}
    rank = np.array(
        [place[t] for t in label] + [len(values) - 1 if numbers else place.get(NONE, 0)], dtype=np.int32
    )
    codes = pc.fill_null(encoded.indices.cast(pa.int32()), len(label))
    return pa.array(rank[codes.to_numpy(zero_copy_only=False)]), values
