"""From a CSV of subscriptions to every count and fitted curve, beside what a user would pick instead.

    python -m benchmarks.counts_speed [customers ...]     10,000 100,000 1,000,000 (default); 10,000,000 takes a while
    python -m benchmarks.counts_speed --rounds 1 10000000

Files are made in a temporary folder (PERENNIAL_BENCH_DIR keeps them). Every job runs in a process of its own, the jobs
by turns, so that a slower minute of the machine meets all of them; medians of 5 rounds, of 3 from 10,000,000 customers.
"peak" is the highest memory of that process above what its imports take. CPU seconds are those of all threads.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.book_file import write_book
from benchmarks.machine import told as machine

ROOT = Path(__file__).resolve().parents[1]
SIZES = (10_000, 100_000, 1_000_000)
LONG = 10_000_000
ONCE_FROM = 1_000_000  # the month explosion in pandas: a minute and more
ON_LONG_FILES = ("count_star", "packed", "alike", "read_csv")  # a month explosion needs more memory than most machines have
JOBS = ("count_star", "packed", "alike", "by_text", "read_csv", "polars_months", "pandas_lifelines")
TITLES = {
    "count_star": "DuckDB count(*) over the file", "packed": "here: counts, curves, six models",
    "alike": "here: what pandas and lifelines make",
    "by_text": "here, by the portable text", "read_csv": "pandas.read_csv alone, dates parsed",
    "polars_months": "polars: months exploded, counts only",
    "pandas_lifelines": "pandas: months exploded, lifelines on rows",
}  # fmt: skip


def run(job: str, path: Path) -> dict | None:
    """wall, cpu (s) and peak (MB) of one job in a process of its own; None when it did not come back."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.counts_jobs", job, str(path)], cwd=ROOT,
                          capture_output=True, text=True)  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def measure(customers: int, folder: Path, rounds: int) -> dict[str, dict]:
    path = folder / f"{customers}.csv"
    if not path.exists():
        write_book(path, customers)
    jobs = [job for job in JOBS if customers < LONG or job in ON_LONG_FILES]
    found = {job: [] for job in jobs}
    for at in range(rounds):
        for job in jobs:
            if job == "pandas_lifelines" and customers >= ONCE_FROM and at:
                continue  # a minute each; once is enough to see a hundredfold
            one = run(job, path)
            if one:
                found[job].append(one)
    print(f"\n{customers:,} customers, {path.stat().st_size / 1e6:.0f} MB, medians of {rounds}")
    medians = {job: {k: statistics.median(one[k] for one in many) for k in ("wall", "cpu", "peak")}
               for job, many in found.items() if many}  # fmt: skip
    base = medians["count_star"]
    for job, m in medians.items():
        print(f"  {TITLES[job]:44} {m['wall']:8.2f} s  {m['cpu']:8.2f} CPU s  {m['wall'] / base['wall']:6.1f} x count(*)"
              f"  ({m['cpu'] / base['cpu']:5.1f} x CPU)  peak {m['peak']:6.0f} MB")  # fmt: skip
    ours = medians["packed"]
    print(f"  against read_csv: {ours['wall'] / medians['read_csv']['wall']:.2f} x the time "
          f"({ours['cpu'] / medians['read_csv']['cpu']:.2f} x CPU); peak {ours['peak'] * 1e6 / path.stat().st_size:.2f} x "
          "the file")  # fmt: skip
    for job in ("pandas_lifelines", "polars_months"):
        for own in ("alike", "packed"):
            if job in medians:
                times = " ".join(f"{medians[job][k] / medians[own][k]:.0f} x {k}" for k in ("wall", "cpu"))
                print(f"  {TITLES[job]}: {times} of {TITLES[own]}")
    return medians


def exponents(found: dict[int, dict]) -> None:
    """How time and memory grow: x 10 customers are x 10^exponent."""
    import math

    sizes = sorted(found)
    print("\nGrowth exponents, by size to ten times the size (CPU time; 1 = in proportion)")
    for job in JOBS:
        steps = [(a, b) for a, b in zip(sizes, sizes[1:]) if job in found[a] and job in found[b]]
        told = [f"{a:,} to {b:,}: {math.log(found[b][job]['cpu'] / found[a][job]['cpu'], b / a):.2f}" for a, b in steps]
        print(f"  {TITLES[job]:44} " + "; ".join(told))


def main(sizes: list[int], rounds: int = 0) -> None:
    """Print the figures."""
    print(machine())
    kept = os.environ.get("PERENNIAL_BENCH_DIR")
    with tempfile.TemporaryDirectory() as folder:
        found = {size: measure(size, Path(kept or folder), rounds or (3 if size >= LONG else 5)) for size in sizes}
    exponents(found)


if __name__ == "__main__":
    asked = sys.argv[1:]
    told = int(asked.pop(asked.index("--rounds") + 1)) if "--rounds" in asked else 0
    main([int(size.replace(",", "")) for size in asked if size != "--rounds"] or list(SIZES), told)
