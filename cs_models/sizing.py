"""What counting costs on paper: rows, bytes, time and what comes home, for books larger than were measured.

Every figure is one of the recorded results of `benchmarks/folder_speed.py` and `counts_speed.py` (docs/benchmarks.md), or
grows from the last two of them as they grew.
"""

import math
from dataclasses import dataclass

from cs_models.words import count

# of docs/benchmarks.md, by number of customers: MB of CSV; CPU seconds of all threads from a folder of Parquet files to a
# data set of counts (everybody, by billing interval, plan and a group), and MB of memory above imports for the longest
FILE_MB = {10_000: 1, 100_000: 7, 1_000_000: 68, 10_000_000: 692}
CPU_SECONDS = {100_000: 2.6, 1_000_000: 14.5}
PEAK_MB = {1_000_000: 591}
KEPT_BYTES = 79  # a row, where the rows of a folder are kept for all questions
KEY_BYTES = 37  # a customer, of memory beside the engine's: 373 MB for 10,000,000
TEXT_SECONDS = 145.8  # CPU seconds of the portable text for the same of a million customers, in the embedded engine
POSTGRES_TIMES = 7  # as long takes PostgreSQL for the same text, in the same run
CORE_HOUR, READ_TIB = 0.05, 6.25  # US dollars: a core of a rented machine; what a warehouse asks that bills by what it reads
READINGS = 20  # of a table: account, names, six of everybody and four of each of three columns
MEMORY_BYTES = 3e9  # the engine's usual limit, PERENNIAL_ENGINE_MEMORY
ROWS_A_CUSTOMER = 1.29  # of the book that was measured
UPLOAD_MB = 200
LINE_BYTES = 120  # 13 whole numbers and 4 short texts
WINDOW_BITS = 25  # of a packed period: start and end within eleven years
KIND_BITS = 10  # prices, plans and groups, about a thousand mixes
WAYS = 10  # lines of a sign-up month and age: here or left, by customers, net, gross, and five kinds of movements
BOOKS = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
STEPS = (
    (UPLOAD_MB, "Upload it", "A file of up to 200 MB; nothing to set up."),
    (20_000, "Folder on this server", "Parquet or CSV under PERENNIAL_DATA_DIR/folders; Parquet is read faster."),
    (200_000, "Warehouse", "Count it where it lies: ClickHouse, Spark, BigQuery, Snowflake or Databricks; once a month."),
    (math.inf, "Warehouse, in parts", "As before, the table partitioned by customer: counts of parts add up."),
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """One book on paper. Bytes are bytes, times CPU seconds; `slow`: if time grew in proportion from here on; `text_seconds`:
    by the portable text, as warehouses are asked. `dollars`: of that processor time at the price of a rented core;
    `read_dollars`: where a warehouse bills what it reads.
    """

    customers: int
    rows: int
    file_bytes: float
    seconds: float
    slow: float
    memory_bytes: float
    lines: int
    home_bytes: float
    packed: bool
    step: str
    advice: str
    text_seconds: float
    dollars: float
    read_dollars: float


def exponent(found: dict[int, float]) -> float:
    """How a cost grew between the two largest measured books: x 10 customers cost x 10^exponent.

    >>> round(exponent(CPU_SECONDS), 2), round(exponent({10: 2.0, 100: 20.0}), 2)
    (0.75, 1.0)
    """
    small, large = sorted(found)[-2:]
    return math.log(found[large] / found[small], large / small)


def size(customers: int, months: int = 60, groups: int = 4) -> Size:
    """What a book of so many customers costs to count, for a CFO: the bill before anybody moves data.

    cost(n) = cost(n0) (n / n0)^exponent from the longest measured book n0. `seconds` takes the measured exponent
    (below 1, since something is fixed), `slow` takes 1; the truth of a longer book lies between. Lines: at most groups x
    M (M + 1) / 2 x 10, whatever the customers. Memory grows in proportion up to the limit of the engine, which goes to disk with
    the rest; beside it a number for each period is held.

    >>> paper = size(1_000_000_000)
    >>> paper.rows, paper.lines, paper.packed, paper.step
    (1290000000, 73200, False, 'Warehouse')
    """
    longest = max(CPU_SECONDS)
    times = customers / longest
    file_mb = FILE_MB[max(FILE_MB)] * (customers / max(FILE_MB)) ** exponent(FILE_MB)
    step, advice = next((name, told) for most, name, told in STEPS if file_mb <= most)
    lines = groups * months * (months + 1) // 2 * WAYS
    engine = PEAK_MB[longest] * 1e6 * max(times, 0.1)
    memory = min(engine, MEMORY_BYTES) + KEY_BYTES * customers
    return Size(
        customers, round(customers * ROWS_A_CUSTOMER), file_mb * 1e6,
        CPU_SECONDS[longest] * times ** exponent(CPU_SECONDS),
        CPU_SECONDS[longest] * times, memory, lines, lines * LINE_BYTES,
        customers < 1 << (64 - WINDOW_BITS - KIND_BITS), step, _with_room(step, advice, engine, customers),
        text := TEXT_SECONDS * customers / 1e6, text / 3600 * CORE_HOUR, file_mb * 1e6 * READINGS / 2**40 * READ_TIB,
    )  # fmt: skip


def _with_room(step: str, advice: str, engine: float, customers: int) -> str:
    """What goes to disk where the engine of this server would need more memory than it usually may take."""
    if engine <= MEMORY_BYTES or step.startswith("Warehouse"):
        return advice
    room = _bytes(KEPT_BYTES * ROWS_A_CUSTOMER * customers)
    return f"{advice} What does not fit into PERENNIAL_ENGINE_MEMORY goes to disk beside the data while it is counted: up to {room}."


def table(customers: tuple[int, ...] = BOOKS) -> list[dict[str, str]]:
    """Sizes as lines for reading."""
    found = []
    for one in map(size, customers):
        times = (one.seconds,) if one.customers <= max(CPU_SECONDS) else (one.seconds, one.slow)
        found.append({
            "Customers": count(one.customers), "Rows": count(one.rows), "As CSV": _bytes(one.file_bytes),
            "Time here": " to ".join(map(_time, times)), "Memory here": _bytes(one.memory_bytes),
            "Time in a warehouse": _time(one.text_seconds), "Comes home": f"at most {_bytes(one.home_bytes)}",
            "Costs": _dollars(one.dollars, one.read_dollars), "Switch on": one.step,
        })  # fmt: skip
    return found


def steps(customers: tuple[int, ...] = BOOKS) -> list[str]:
    """What to switch on at each of these sizes and how, a sentence each."""
    books = [size(one) for one in customers]
    first, last = {one.step: one for one in reversed(books)}, {one.step: one for one in books}
    return [f"**{name}**, from {count(first[name].customers)} customers on: {last[name].advice}" for name in last]


def assumptions() -> str:
    """On what the times and prices of `table` rest."""
    return (
        "Times are seconds of processor for everybody, by billing interval, plan and one group; more groups take longer. Those here "
        "are of a folder of Parquet files; those in a warehouse of the portable text in the embedded engine, in proportion to the "
        f"customers. PostgreSQL takes {POSTGRES_TIMES} times as long for it: "
        f"{_time(POSTGRES_TIMES * size(BOOKS[-2]).text_seconds)} for {count(BOOKS[-2])} customers and "
        f"{_time(POSTGRES_TIMES * size(BOOKS[-1]).text_seconds)} for {count(BOOKS[-1])}, which is why it is not named for them. Costs: {CORE_HOUR * 100:.0f} cents for an hour of a core; the "
        f"larger number where a warehouse bills by what it reads, ${READ_TIB:.2f} a TiB and {READINGS} readings of every column."
    )


def _dollars(least: float, most: float) -> str:
    told = ("under $0.01" if one < 0.005 else f"${one:,.2f}" for one in sorted((least, most)))
    return " to ".join(dict.fromkeys(told))


def _bytes(number: float) -> str:
    return f"{count(round(number / 1e9))} GB" if number >= 1e10 else f"{number / 1e9:.1f} GB" if number >= 1e9 \
        else f"{count(round(number / 1e6))} MB"  # fmt: skip


def _time(seconds: float) -> str:
    if seconds >= 7200:
        return f"{seconds / 3600:.1f} h"
    return f"{count(round(seconds / 60))} min" if seconds >= 90 else f"{count(round(seconds))} s"
