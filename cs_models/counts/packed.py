"""The same counts from an embedded engine, faster: each period becomes one whole number of 64 bits.

    customer | start, days since a first day | end, days before the last day (0 = live) | what is bought, by which group

The engine reads and packs; sorted, the numbers stand in the order of `sql.spell_rows`, and `stretches.py` walks through
them in blocks that fit the processor's cache. What does not fit in 64 bits, or has customers that are no whole numbers,
goes the way of the text, with the same result to the byte.
"""

from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cs_models.counts.definition import Definition, cents, counted_rows, text
from cs_models.counts.stretches import Days, Kinds, Walk
from cs_models.counts.tables import ordered

WINDOWS = (12, 14)  # bits for a day: 11 years, 44 years
BLOCK = 1 << 17  # periods walked through at once
BATCH = 1 << 19  # periods taken over from the engine at once
SAMPLE = 20_000  # periods in which most prices, plans and groups are seen
MOST_KINDS = 1 << 20
WALKERS = 2  # threads
WHOLE = frozenset(f"{sign}{size}" for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"))


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
    walks = [Walk(days, kinds, asked.rules.gap, asked.rules.plan_change == "churn") for _ in range(WALKERS)]
    blocks = list(_blocks(keys, days.start_bits + days.end_bits + kinds.bits))
    with ThreadPoolExecutor(WALKERS) as together:
        list(together.map(lambda i: _walk(walks[i], blocks[i::WALKERS]), range(WALKERS)))
    for other in walks[1:]:
        walks[0].tally.add(other.tally)
    return {name: ordered(name, frame, asked.by) for name, frame in walks[0].tally.frames().items()}


def _walk(walk: Walk, blocks: list[np.ndarray]) -> None:
    for block in blocks:
        walk.through(block)


def _pack(connection, asked: Definition) -> tuple[np.ndarray, Days, Kinds] | None:
    """The periods as sorted numbers. The mixes of plan and price seen at the start of the file are tried first."""
    for bits in WINDOWS:
        days = Days(asked.as_of, bits)
        for some in (f" LIMIT {SAMPLE}", ""):
            kinds = _kinds(connection, asked, some)
            if kinds is None or not kinds.fit(days):
                return None
            try:
                keys = _keys(connection, asked, kinds, days)
            except duckdb.OutOfRangeException:
                return None  # too many customers for the bits that are left
            except duckdb.ConversionException:
                break  # a day before the window
            if keys is not None:
                keys.sort()
                return keys, days, kinds
    return None


def _kinds(connection, asked: Definition, some: str) -> Kinds | None:
    """Every mix of term, plan, price, reason and groups, numbered in the order of `sql.spell_rows`; None where customers
    are no whole numbers.
    """
    own = ["term", "plan", "mrr", "failed", *(f"g{i}" for i in range(asked.by))]
    told = [f"CAST(term AS INTEGER), {text('plan')}, {cents(asked)}, CASE WHEN failed = 1 THEN 1 ELSE 0 END"]
    told += [text(name) for name in own[4:]]
    told.append("typeof(customer_id)")
    rows = f"(SELECT * FROM {asked.view}{some})"
    found = connection.execute(f"SELECT DISTINCT {', '.join(own + told)} FROM {rows} AS seen").fetchall()
    if not 0 < len(found) <= MOST_KINDS or found[0][-1] not in WHOLE:
        return None
    kinds, ended, live = Kinds.of([row[len(own) : -1] for row in found], asked.by)
    columns = {name: pa.array([row[i] for row in found]) for i, name in enumerate(own)}
    free = [row[2] is not None and row[len(own) + 2] <= 0 for row in found]
    numbers = {"ended_kind": pa.array(ended, pa.uint64()), "live_kind": pa.array(live, pa.uint64())}
    connection.register("perennial_kind", pa.table({**columns, **numbers, "free": free}))
    return kinds


def _keys(connection, asked: Definition, kinds: Kinds, days: Days) -> np.ndarray | None:
    """One number for each period; None where a kind was not seen before.

    All parts are of one type: sums of two would be numbers of 128 bits, four times as slow.
    """
    today = f"DATE '{asked.as_of.isoformat()}'"
    columns = ("term", "plan", "mrr", "failed", *(f"g{i}" for i in range(asked.by)))
    same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM k.{name}" for name in columns)
    start = f"CAST({days.last} - ({today} - started_on) AS UBIGINT)"
    key = f"CAST(customer_id AS UBIGINT) * {1 << days.start_bits} + {start}"
    end = f"CAST(CASE WHEN ended_on <= {today} THEN {today} - ended_on + 1 ELSE 0 END AS UBIGINT)"
    key = f"({key}) * {1 << days.end_bits} + {end}"
    found = connection.sql(f"""
SELECT r.key * {1 << kinds.bits} + CASE WHEN r.ended THEN k.ended_kind ELSE k.live_kind END AS key
FROM (
  SELECT {key} AS key, COALESCE(ended_on <= {today}, FALSE) AS ended, {", ".join(columns)}
  FROM {asked.view} WHERE {counted_rows(asked, priced=False)}
) AS r LEFT JOIN perennial_kind k ON {same} WHERE k.free IS NOT TRUE""")
    keys, filled = np.empty(BATCH, np.uint64), 0
    for batch in found.to_arrow_reader(BATCH):
        column = batch.column(0)
        if column.null_count:
            return None
        if filled + len(column) > len(keys):  # grown where it lies: a list of pieces would be in memory twice
            keys.resize(2 * len(keys) + len(column), refcheck=False)
        keys[filled : filled + len(column)] = column.to_numpy()
        filled += len(column)
    keys.resize(filled, refcheck=False)
    return keys


def _blocks(keys: np.ndarray, below: int):
    """Parts of the sorted keys; no customer is in two of them."""
    at, shift = 0, np.uint64(below)
    while at < len(keys):
        to = min(at + BLOCK, len(keys))
        while to < len(keys) and keys[to] >> shift == keys[to - 1] >> shift:
            to += 1
        yield keys[at:to]
        at = to
