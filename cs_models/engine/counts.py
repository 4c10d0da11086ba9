"""Subscriptions into the engine as codes, counts out of it: no text of the user is part of a query."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.definitions import Definitions
from cs_models.engine import counted, prepared, sql, watched
from cs_models.engine.duckdb import opened, run
from cs_models.engine.moves import Move, find_moves, move_bond
from cs_models.kept_counts import kept
from cs_models.problems import Problem
from cs_models.column_codes import in_one_piece, share_dictionary

NONE = "(none)"
NOBODY = pa.array([], pa.int32())
WHOLE = (0, 1)  # the first of one part
AT_ONCE = 2_000_000  # rows whose customers are put into order at once
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
    made: dict[str, str] = field(default_factory=dict)  # name -> text of the relations that are there

    def make(self, name: str, text: str) -> None:
        """The relation `name`, worked out unless it lies there from an earlier question."""
        if self.made.get(name) != text:
            run(self.connection, sql.table(name, text))
            self.made[name] = text

    def frame(self, text: str) -> pd.DataFrame:
        """The result of a query, group codes replaced by the values they stand for."""
        found = run(self.connection, text).df()
        for i, values in enumerate(self.values):
            found[f"g{i}"] = np.array(values, dtype=object)[found[f"g{i}"].to_numpy()]
        return found

    def number(self, text: str) -> int:
        return int(run(self.connection, text).fetchone()[0])


@kept
def exposure_counts(subs, by: tuple[str, ...], cohort: bool = False) -> ExposureCounts:
    """The rows of a life table before they are summed up by tenure; `cohort` adds the month of the first start.

    Customers are counted apart from each other, so those of a long book are counted some at a time.
    """
    if counted.is_counted(subs):
        return ExposureCounts(*counted.exposures(subs, by, cohort))
    shares = 1 if Definitions.of(subs).join_migrations != "no" else -(-len(subs.rows) // AT_ONCE) or 1
    found, returns = [], 0
    for share in range(shares):
        with open_rows(subs, by, (share, shares)) as query:
            found.append(query.frame(watched.exposure_counts(len(by), cohort)))
            returns += query.number(watched.reactivations())
    if shares == 1:
        return ExposureCounts(found[0], returns)
    every = pd.concat(found, ignore_index=True)
    keys = [name for name in every.columns if name != "customers"]
    return ExposureCounts(every.groupby(keys, sort=False, as_index=False)["customers"].sum(), returns)


@kept
def active_book(subs, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Customers subscribed at as_of: columns *by, interval, tenure (completed months), customers, mrr (minor
    units).

    The sum of mrr over the smallest unit of the currency is ``subs.active_mrr``; whoever came back after a
    long pause is there with the months since the return.
    """
    by = tuple(name for name in by if name != "interval")
    if counted.is_counted(subs):
        return counted.book(subs, by)
    with open_rows(subs, by) as query:
        found = query.frame(sql.active_book(len(by)))
    found = found.rename(columns={"term": "interval", **{f"g{i}": name for i, name in enumerate(by)}})
    order = [*by, "interval", "tenure"]
    return found[[*order, "customers", "mrr"]].sort_values(order, ignore_index=True)


def moves(subs) -> list[tuple[Move, object, object]]:
    """Migrations of whole plans, the largest first: (move, name of the old plan, name of the new one)."""
    if not (subs.has_dates and subs.has_rows):
        return []
    names = _ranks(_counted(subs)["plan"])[1] if "plan" in subs.rows.column_names else [NONE]
    with opened(subs.rows.num_rows) as connection:
        open_span(connection, subs, ())
        return [(move, names[move.left_plan], names[move.plan]) for move in find_moves(connection)]


@contextmanager
def open_rows(subs, by: tuple[str, ...], share: tuple[int, int] = WHOLE) -> Iterator[Query]:
    """The engine over the rows of `subs`, with exposures prepared for these groups and by its definitions.

    `share` (i, k): only the i-th of k parts of the customers. All of a small data set are made ready once (`prepared.py`).
    """
    ready = prepared.take(subs, by) if share == WHOLE else None
    with ready.stack if ready else ExitStack() as stack:
        query = ready.query if ready else _made_ready(stack, subs, by, share)
        yield query
        if share == WHOLE:
            prepared.rest(subs, by, stack.pop_all(), query)


def _made_ready(stack: ExitStack, subs, by: tuple[str, ...], share: tuple[int, int]) -> Query:
    chosen = Definitions.of(subs)
    complete = chosen.incomplete == "complete periods only"
    seen_to = subs.watched_to
    tomorrow = f"DATE '{(seen_to + timedelta(days=1)).isoformat()}'" if seen_to else "DATE '1970-01-01'"
    connection = stack.enter_context(opened(subs.rows.num_rows))
    values = open_span(connection, subs, by, share)
    bond = move_bond(connection, subs, chosen)
    spells = sql.spell_rows(len(by), chosen.gap, chosen.plan_change == "churn", bond)
    query = Query(connection, values, tomorrow)
    query.make("spell_row", spells)
    query.make("spell_exposure", sql.spell_exposures(len(by), tomorrow, complete))
    run(connection, sql.view("exposure", sql.exposures(len(by), tomorrow if seen_to else "", complete)))
    run(connection, sql.view("watched", watched.watched(len(by))))
    return query


def open_span(connection, subs, by: tuple[str, ...], share: tuple[int, int] = WHOLE) -> tuple[list, ...]:
    """The relations `span` and `many` of sql.py; returns the values of each group column in the order of
    their codes.

    The engine reads the columns as they lie in the data set, on disk where that is mapped: `span` is a view.
    """
    subs.need_rows()
    rows = _counted(subs)
    names = set(rows.column_names)
    customer = _codes(rows["customer"])
    held = {name: rows[name] for name in ("term", "mrr", "duration", "churned")}
    held |= {name: rows[name].cast(pa.date32()) for name in ("started_on", "ended_on")}
    held["customer"] = customer
    held["plan"] = _ranks(rows["plan"])[0] if "plan" in names else _zeros(rows)
    held["entry"] = rows["entry"] if "entry" in names else _zeros(rows)
    held["failed"] = _failed(rows) if "end_reason" in names else _zeros(rows)
    values = []
    for i, name in enumerate(by):
        held[f"g{i}"], found = _ranks(rows[_column(subs, name)])
        values.append(found)
    connection.register("held", pa.table(held))
    connection.register("several", pa.table({"customer": _several(customer) if subs.kind == "periods" else NOBODY}))
    run(connection, sql.table("many", sql.customers_with_many_rows()))
    run(connection, sql.view("span", sql.span(len(by), share)))
    return tuple(values)


def _several(codes: pa.ChunkedArray) -> pa.Array:
    """Customers with several rows; a snapshot has one row per customer by definition."""
    counts = np.zeros(0, np.int32)
    for piece in codes.chunks:
        more = np.bincount(piece.to_numpy(), minlength=len(counts)).astype(np.int32)
        more[: len(counts)] += counts
        counts = more
    return pa.array(np.flatnonzero(counts > 1).astype(np.int32))


def _zeros(rows: pa.Table) -> pa.Array:
    return pa.array(np.zeros(len(rows), np.int8))


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


def _failed(rows: pa.Table) -> pa.ChunkedArray:
    """Whether the reason of a row is a failed payment; asked once for each different reason."""
    told = []
    for piece in rows["end_reason"].chunks:
        piece = piece if pa.types.is_dictionary(piece.type) else piece.dictionary_encode()
        failed = pc.equal(piece.dictionary.cast(pa.string()), "involuntary")
        told.append(pc.fill_null(failed.take(piece.indices), False).cast(pa.int8()))
    return pa.chunked_array(told, pa.int8())


def _codes(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Integers that stand for the values, in any order; those of a mapped column stay where they are."""
    one = share_dictionary(column)
    pieces = column.chunks if one else [in_one_piece(column)]
    return pa.chunked_array([piece.indices.cast(pa.int32()) for piece in pieces], pa.int32())


def _ranks(column: pa.ChunkedArray) -> tuple[pa.Array, list]:
    """Integers in the order of the values, so that ties do not depend on the order of the rows; empty is
    "(none)".
    """
    encoded = in_one_piece(column)
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
