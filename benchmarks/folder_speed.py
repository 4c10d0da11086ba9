"""A folder of this server to a data set of counts: everybody, by billing interval, plan and segment; customers have names.

    python -m benchmarks.folder_speed [customers ...]     100,000 and 1,000,000

Makes a seeded book as one CSV or Parquet file for each year, with ids such as cus_000000042. Each job runs in a process of
its own, by turns, medians of 3; "text" is the same count with every question asked of the files, as a warehouse is asked.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import duckdb

from benchmarks.book_file import AS_OF, write_book
from benchmarks.counts_jobs import peak
from benchmarks.machine import told as machine

ROOT = Path(__file__).resolve().parents[1]
SIZES, ROUNDS = (100_000, 1_000_000), 3
JOBS = {"count_star": "DuckDB count(*) over the files", "here": "here: every count", "text": "the same, asked of the files each time",
        "pandas": "pandas reads the files"}  # fmt: skip
ROLES = {"customer": "customer", "start": "started_on", "end": "ended_on", "interval": "term", "plan": "plan", "mrr": "mrr"}
KINDS = {"start": "date", "end": "date", "interval": "number", "c0": "text"}


def write(root: Path, customers: int) -> None:
    """Folders "csv" and "parquet" of the same book."""
    write_book(root / "book.csv", customers)
    for kind in ("csv", "parquet"):
        place = root / "folders" / kind
        place.mkdir(parents=True)
        with duckdb.connect() as engine:
            engine.execute(f"COPY (SELECT printf('cus_%012d', customer_id) AS customer, * EXCLUDE (customer_id, failed), year(started_on) AS year "
                           f"FROM '{root}/book.csv') TO '{place}' (FORMAT {kind}, PARTITION_BY year)")  # fmt: skip
    (root / "book.csv").unlink()


def work(job: str, kind: str, root: Path):
    """What is timed, ready to run."""
    from cs_models.warehouse import counting
    from cs_models.warehouse.columns import Columns
    from cs_models.warehouse.folders import folders

    source, files = folders(root), [*map(str, (root / "folders" / kind).rglob(f"*.{kind}"))]
    if job == "pandas":
        import pandas as pd

        read = pd.read_parquet if kind == "parquet" else lambda path: pd.read_csv(path, parse_dates=["started_on", "ended_on"])
        return lambda: sum(len(read(path)) for path in files)
    asked = counting.Asked(source.dialect, f'"{kind}"', kind, Columns(ROLES, ("segment",), kinds=KINDS), date.fromisoformat(AS_OF))
    if job == "count_star":
        return lambda: duckdb.sql(f"SELECT COUNT(*), COUNT(ended_on) FROM '{root}/folders/{kind}/**/*.{kind}'").fetchall()
    if job == "text":
        counting.read_once = lambda *given: False

    def count():
        with source.open() as engine:
            return counting.count_there(engine, asked).active

    return count


def run(job: str, kind: str, root: Path) -> dict:
    done = subprocess.run([sys.executable, "-m", "benchmarks.folder_speed", job, kind, str(root)], cwd=ROOT, capture_output=True,
                          text=True, check=True)  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def measure(customers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), customers)
        for kind in ("csv", "parquet"):
            found = {job: [] for job in JOBS}
            for _ in range(ROUNDS):
                for job in JOBS:
                    found[job].append(run(job, kind, Path(folder)))
            size = sum(path.stat().st_size for path in (Path(folder) / "folders" / kind).rglob(f"*.{kind}"))
            print(f"\n{customers:,} customers, {kind}, {size / 1e6:.0f} MB, medians of {ROUNDS}")
            middle = {job: {name: statistics.median(one[name] for one in many) for name in many[0]} for job, many in found.items()}
            for job, one in middle.items():
                print(f"  {JOBS[job]:40} {one['wall']:7.2f} s  {one['cpu']:7.2f} CPU s  {one['cpu'] / middle['count_star']['cpu']:6.1f} x count(*)"
                      f"  peak {one['peak']:6.0f} MB", flush=True)  # fmt: skip


def main(asked: list[str]) -> None:
    """Print the figures; of one job, a line of JSON."""
    if asked and asked[0] in JOBS:
        job = work(asked[0], asked[1], Path(asked[2]))
        before, wall, cpu = peak(), time.perf_counter(), time.process_time()
        job()
        print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak": peak() - before}))
        return
    print(machine())
    for size in [int(one.replace(",", "")) for one in asked] or SIZES:
        measure(size)


if __name__ == "__main__":
    main(sys.argv[1:])
