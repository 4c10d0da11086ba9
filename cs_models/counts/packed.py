"""The same counts from an embedded engine, faster: each period becomes one whole number of 64 bits.

    customer | start, days since a first day | end, days before the last day (0 = live) | what is bought, by which group

The engine reads and packs; sorted, the numbers stand in the order of `sql.spell_rows`, and `stretches.py` walks through
them in blocks that fit the processor's cache. What does not fit in 64 bits, or has customers that are no whole numbers,
goes the way of the text, with the same result to the byte.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.counts.definition import Definition, cents, counted_rows, text
from cs_models.counts.stretches import Days, Kinds, Walk
from cs_models.counts.tables import arranged
from cs_models.engine.sql import groups
from cs_models.kept_property import kept

WINDOWS = (12, 14)  # bits for a day: 11 years, 44 years
BLOCK = 1 << 18  # periods walked through at once
BATCH = 1 << 15  # periods taken over from the engine at once: they stay in the processor's cache
PARTS = pa.int64(), pa.int32(), pa.int32()  # customer and days since 1970
ROOM = 1 << 19  # periods there is room for before it grows
SAMPLE = 20_000  # periods in which most prices, plans and groups are seen
MOST_KINDS = 1 << 20
BITS = 16  # of a mark by which a few hundred kinds are told apart
FREE = -1  # instead of the number of a kind: costs nothing, does not count
WALKERS = 2  # threads
FEW_BLOCKS = 2  # that one thread walks through: others would get in its way
WHOLE = frozenset(f"{sign}{size}" for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"))


class Outside(Exception):
    """A day before the window, or too many customers for the bits that are left."""


@dataclass(frozen=True, eq=False)
class Marks:
    """By what the kind of a period is known, and the numbers of that kind ended and live, or FREE."""

    seen: np.ndarray
    number: np.ndarray

    def kinds(self, marks: np.ndarray, live: np.ndarray) -> np.ndarray | None:
        """None where one was not seen before."""
        shift, places = self._places
        if places is None:
            found = pc.index_in(pa.array(marks), value_set=pa.array(self.seen))
            at = found.fill_null(0).to_numpy()
        else:
            at = places.take(_bits(marks, shift))
        return self.number.take(2 * at + live) if (self.seen.take(at) == marks).all() else None

    @kept
    def _places(self) -> tuple[int, np.ndarray | None]:
        """Where each stands by some of its bits, if by these no two are alike: a third of the time of looking it up."""
        for shift in range(64 - BITS):
            at = _bits(self.seen, shift)
            if len(np.unique(at)) == len(at):
                places = np.zeros(1 << BITS, np.int64)
                places[at] = np.arange(len(at))
                return shift, places
        return 0, None


def _bits(marks: np.ndarray, shift: int) -> np.ndarray:
    return ((marks >> np.uint64(shift)) & np.uint64((1 << BITS) - 1)).view(np.int64)


def packed_counts(connection, asked: Definition) -> dict[str, pd.DataFrame] | None:
    """`life` and `cube` of a view in DuckDB, equal to those of the text; None where they do not fit.

    None as well under the definition that depends on more than the days (complete periods only).
    """
    if asked.rules.incomplete != "as counted":
        return None
    found = _pack(connection, asked)
    if found is None:
        return None
    keys, days, kinds = found
    blocks = list(_blocks(keys, days.start_bits + days.end_bits + kinds.bits))
    walkers = WALKERS if len(blocks) > FEW_BLOCKS else 1
    walks = [Walk(days, kinds, asked.rules.gap, asked.rules.plan_change == "churn") for _ in range(walkers)]
    with ThreadPoolExecutor(walkers) as together:
        list(together.map(lambda i: _walk(walks[i], blocks[i::walkers]), range(walkers)))
    tally, *others = (walk.tally() for walk in walks)
    for other in others:
        tally.plus(other)
    return {name: arranged(name, columns, tally.labels, asked.by) for name, columns in tally.columns().items()}


def _walk(walk: Walk, blocks: list[np.ndarray]) -> None:
    for block in blocks:
        walk.through(block)


def _pack(connection, asked: Definition) -> tuple[np.ndarray, Days, Kinds] | None:
    """The periods as sorted numbers. The mixes of plan and price seen at the start of the file are tried first."""
    for bits in WINDOWS:
        days = Days(asked.as_of, bits)
        for some in (f" LIMIT {SAMPLE}", ""):
            kinds, marks = _kinds(connection, asked, some) or (None, None)
            if kinds is None or not kinds.fit(days):
                return None
            try:
                keys = _keys(connection, asked, kinds, marks, days)
            except (Outside, duckdb.ConversionException):
                break
            if keys is not None:
                keys.sort()
                return keys, days, kinds
    return None


def _kinds(connection, asked: Definition, some: str) -> tuple[Kinds, Marks] | None:
    """Every mix of term, plan, price, reason and groups, numbered in the order of `sql.spell_rows`; None where customers
    are no whole numbers.
    """
    own = ["term", "plan", "mrr", "failed", *(f"g{i}" for i in range(asked.by))]
    told = [f"CAST(term AS INTEGER), {text('plan')}, {cents(asked)}, CASE WHEN failed = 1 THEN 1 ELSE 0 END"]
    told += [text(name) for name in own[4:]]
    seen = f"(SELECT DISTINCT {', '.join(own)}, typeof(customer_id) AS whole FROM (SELECT * FROM {asked.view}{some}))"
    told += [f"mrr IS NULL, whole, {mark(asked)}"]
    rows = connection.execute(f"SELECT {', '.join(told)} FROM {seen} AS seen").fetchall()
    *found, none, whole, marks = zip(*rows) if rows else [()] * (len(own) + 3)
    if not 0 < len(set(marks)) == len(marks) <= MOST_KINDS or whole[0] not in WHOLE:
        return None
    kinds, ended, live = Kinds.of([*zip(*found)], asked.by)
    number = np.stack([ended, live], axis=1)
    number[[amount <= 0 and not unknown for amount, unknown in zip(found[2], none)]] = FREE
    return kinds, Marks(np.array(marks, np.uint64), number.ravel())


def mark(asked: Definition) -> str:
    """64 bits by which the engine knows the kind of a period again: a third of the work of comparing its columns.

    Kinds seen that share them are refused; one not seen shares those of another once in 10^13 books of a thousand kinds.
    """
    return f"hash(term, plan, mrr, failed{groups(asked.by)})"


def _keys(connection, asked: Definition, kinds: Kinds, marks: Marks, days: Days) -> np.ndarray | None:
    """One number for each period; None where a customer is none or a kind was not seen before.

    The engine gives the parts, of a live period the day after the last as its end. Put together here they cost a third of
    what they do there, where every product is checked.
    """
    after = f"DATE '{(asked.as_of + timedelta(days=1)).isoformat()}'"
    found = connection.sql(
        f"SELECT CAST(customer_id AS BIGINT) AS customer, started_on, LEAST(ended_on, {after}) AS until, "
        f"{mark(asked)} AS mark FROM {asked.view} WHERE {counted_rows(asked, priced=False)}"
    )
    most, free = 1 << 64 - days.start_bits - days.end_bits - kinds.bits, bool((marks.number == FREE).any())
    np.empty(ROOM)  # 4 MB given back: the C library then keeps room for smaller arrays; a quarter less for the walk
    keys, filled = np.empty(ROOM, np.int64), 0
    for batch in found.to_arrow_reader(BATCH):
        if batch.column(0).null_count:
            return None
        customer, start, until = (batch.column(i).cast(kind).to_numpy() for i, kind in enumerate(PARTS))
        if customer.view(np.uint64).max(initial=0) >= most or start.min(initial=days.zero) < days.zero:  # -1 is huge
            raise Outside
        back = np.int32(days.zero + days.tomorrow) - until
        kind = marks.kinds(batch.column(3).to_numpy(), back == 0)
        if kind is None:
            return None
        some = customer << days.start_bits + days.end_bits
        some += ((start - np.int32(days.zero)) << days.end_bits) + back
        some <<= kinds.bits
        some += kind
        if free:
            some = some[kind != FREE]
        if filled + len(some) > len(keys):  # grown where it lies: a list of pieces would be in memory twice
            keys.resize(2 * len(keys) + len(some), refcheck=False)
        keys[filled : filled + len(some)] = some
        filled += len(some)
    keys.resize(filled, refcheck=False)
    return keys.view(np.uint64)


def _blocks(keys: np.ndarray, below: int):
    """Parts of the sorted keys; no customer is in two of them."""
    at, shift = 0, np.uint64(below)
    while at < len(keys):
        to = min(at + BLOCK, len(keys))
        while to < len(keys) and keys[to] >> shift == keys[to - 1] >> shift:
            to += 1
        yield keys[at:to]
        at = to
