"""What counting costs on paper: rows, bytes, time and what comes home, for books larger than were measured.

Every figure is one of the recorded results of `benchmarks/counts_speed.py` (docs/benchmarks.md), or grows from the last
two of them as they grew.
"""

import math
from dataclasses import dataclass

from cs_models.words import count

# of docs/benchmarks.md, by number of customers: MB of CSV and CPU seconds of all threads, from the file to every count
# and curve; and MB of memory above imports, for the longest book
FILE_MB = {10_000: 1, 100_000: 7, 1_000_000: 68, 10_000_000: 692}
CPU_SECONDS = {10_000: 0.10, 100_000: 0.14, 1_000_000: 0.53, 10_000_000: 3.82}
PEAK_MB = {10_000_000: 373}
ROWS_A_CUSTOMER = 1.29  # of the book that was measured
UPLOAD_MB = 200
LINE_BYTES = 120  # 13 whole numbers and 4 short texts
WINDOW_BITS = 25  # of a packed period: start and end within eleven years
KIND_BITS = 10  # prices, plans and groups, about a thousand mixes
WAYS = 10  # lines of a sign-up month and age: here or left, by customers, net, gross, and five kinds of movements
STEPS = (
    (UPLOAD_MB, "Upload it", "A file of up to 200 MB; nothing to set up."),
    (20_000, "Folder on this server", "Parquet or CSV under PERENNIAL_DATA_DIR/folders; customer ids as whole numbers."),
    (200_000, "Warehouse", "Count it where it lies: ClickHouse, Spark, BigQuery, Snowflake or Databricks; once a month."),
    (math.inf, "Warehouse, in parts", "As before, the table partitioned by customer: counts of parts add up."),
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """One book on paper. Bytes are bytes, times CPU seconds; `slow`: if time grew in proportion from here on."""

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


def exponent(found: dict[int, float]) -> float:
    """How a cost grew between the two largest measured books: x 10 customers cost x 10^exponent.

    >>> round(exponent(CPU_SECONDS), 2), round(exponent({10: 2.0, 100: 20.0}), 2)
    (0.86, 1.0)
    """
    small, large = sorted(found)[-2:]
    return math.log(found[large] / found[small], large / small)


def size(customers: int, months: int = 60, groups: int = 4) -> Size:
    """What a book of so many customers costs to count, for a CFO: the bill before anybody moves data.

    cost(n) = cost(n0) (n / n0)^exponent from the longest measured book n0. `seconds` takes the measured exponent
    (below 1, since something is fixed), `slow` takes 1; the truth of a longer book lies between. Lines: at most groups x
    M (M + 1) / 2 x 10, whatever the customers. Memory grows in proportion from the longest measured book.

    >>> paper = size(1_000_000_000)
    >>> paper.rows, paper.lines, paper.packed, paper.step
    (1290000000, 73200, False, 'Warehouse')
    """
    longest = max(CPU_SECONDS)
    times = customers / longest
    file_mb = FILE_MB[longest] * times ** exponent(FILE_MB)
    step, advice = next((name, told) for most, name, told in STEPS if file_mb <= most)
    lines = groups * months * (months + 1) // 2 * WAYS
    memory = PEAK_MB[longest] * 1e6 * max(times, 0.1)
    return Size(
        customers, round(customers * ROWS_A_CUSTOMER), file_mb * 1e6,
        CPU_SECONDS[longest] * times ** exponent(CPU_SECONDS),
        CPU_SECONDS[longest] * times, memory, lines, lines * LINE_BYTES,
        customers < 1 << (64 - WINDOW_BITS - KIND_BITS), step, advice,
    )  # fmt: skip


def table(customers: tuple[int, ...] = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)) -> list[dict[str, str]]:
    """Sizes as lines for reading."""
    found = []
    for one in map(size, customers):
        times = (one.seconds,) if one.customers <= max(CPU_SECONDS) else (one.seconds, one.slow)
        found.append({
            "Customers": count(one.customers), "Rows": count(one.rows), "As CSV": _bytes(one.file_bytes),
            "CPU time": " to ".join(map(_time, times)), "Memory of one machine": _bytes(one.memory_bytes),
            "Comes home": f"at most {_bytes(one.home_bytes)}", "Switch on": one.step, "How": one.advice,
        })  # fmt: skip
    return found


def _bytes(number: float) -> str:
    return f"{count(round(number / 1e9))} GB" if number >= 1e10 else f"{number / 1e9:.1f} GB" if number >= 1e9 \
        else f"{count(round(number / 1e6))} MB"  # fmt: skip


def _time(seconds: float) -> str:
    return f"{count(round(seconds / 60))} min" if seconds >= 90 else f"{count(round(seconds))} s"
