"""How long one million subscription periods take from CSV to Subscriptions, and how much memory.

    python -m benchmarks.import_speed [rows]
    python -m benchmarks.import_speed parquet [rows]     10,000,000 periods of Parquet, dates as dates

Makes its own seeded file in a temporary folder, reads it in a process of its own, and prints wall time, the
highest memory of that process, and the ratio to what a user would write instead: pandas.read_csv of the same
file.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cs_models.dataset_files import read as open_data
from cs_models.dataset_files import write
from cs_models.life_table import life_table
from cs_models.reading import read
from cs_models.apart import LEAN

ROOT = Path(__file__).resolve().parents[1]
SEED = 20251


def write_periods(path: Path, rows: int) -> None:
    """A file of `rows` periods over five years: 8 columns, about 67 bytes a row."""
    chance = np.random.default_rng(SEED)
    start = np.datetime64("2020-01-01") + chance.integers(0, 2000, rows)
    months = chance.geometric(0.04, rows)
    end = (start + (months * 30.4375).astype(int)).astype("datetime64[D]")
    ended = end < np.datetime64("2025-06-24")
    plan = chance.integers(0, 4, rows)
    annual = chance.random(rows) < 0.25
    pd.DataFrame(
        {
            "customer_id": [f"C-{number:07d}" for number in chance.permutation(rows) * 4 // 5],
            "start_date": np.datetime_as_string(start, "D"),
            "end_date": np.where(ended, np.datetime_as_string(end, "D"), ""),
            "plan": np.array(["Basic", "Standard", "Professional", "Enterprise"])[plan],
            "billing_interval": np.where(annual, "annual", "monthly"),
            "price": np.round(
                np.array([9.0, 29, 99, 499])[plan] * (1 + annual * 9) * chance.uniform(0.8, 1, rows), 2
            ),
            "country": np.array(["Germany", "France", "United States", "Japan"])[chance.integers(0, 4, rows)],
            "end_reason": np.where(
                ended, np.where(chance.random(rows) < 0.25, "payment failed", "too expensive"), ""
            ),
        }
    ).to_csv(path, index=False)


def _measured(code: str, path: Path, settings: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Wall seconds of `code` (imports not counted) and peak memory in MB, in a fresh process."""
    imports, call = code.splitlines()
    script = f"{imports}\nfrom benchmarks.import_speed import report\nreport(lambda p: {call})"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, **(settings or {})},
    )  # fmt: skip
    wall, peak = done.stdout.split()
    return float(wall), float(peak)


def report(task) -> None:
    """Run `task` on the file named on the command line and print wall seconds and peak memory in MB."""
    began = time.perf_counter()
    kept = task(sys.argv[-1])
    wall = time.perf_counter() - began
    print(wall, _peak_megabytes())
    del kept


def _peak_megabytes() -> float:
    # not ru_maxrss: that one is inherited from the process that started this one
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def write_parquet(path: Path, rows: int) -> None:
    """A Parquet file of `rows` periods, a million rows at a time: dates, numbers and few different texts.

    Of five rows two are of one customer, the second after the end of the first.
    """
    chance = np.random.default_rng(SEED)
    writer = None
    for begin in range(0, rows, 1_000_000):
        some = min(1_000_000, rows - begin)
        start = np.datetime64("2020-01-01") + chance.integers(0, 2000, some)
        stay = (chance.geometric(0.04, some) * 30.4375).astype(int)
        again = np.flatnonzero(np.arange(some) % 5 == 1)
        stay[again - 1] = np.minimum(stay[again - 1], 600)
        start[again - 1] = np.datetime64("2020-01-01") + chance.integers(0, 1000, len(again))
        start[again] = start[again - 1] + stay[again - 1] + chance.integers(0, 200, len(again))
        end = (start + stay).astype("datetime64[D]")
        plan = chance.integers(0, 4, some)
        mixed = chance.permutation(some)
        part = pa.table({
            "customer_id": pa.array((begin + np.arange(some)) * 4 // 5),
            "start_date": pa.array(start), "end_date": pa.array(end, mask=end >= np.datetime64("2025-06-24")),
            "plan": pa.array(np.array(["Basic", "Standard", "Professional", "Enterprise"])[plan]),
            "price": pa.array(np.array([9.0, 29, 99, 499])[plan]),
            "country": pa.array(np.array(["Germany", "France", "Japan"])[chance.integers(0, 3, some)]),
        })  # fmt: skip
        writer = writer or pq.ParquetWriter(path, part.schema)
        writer.write_table(part.take(pa.array(mixed)))
    writer.close()


def parquet(rows: int = 10_000_000) -> None:
    """Print the figures of a Parquet file too long for a text in every cell, read apart as the page does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "periods.parquet"
        write_parquet(path, rows)
        wall, peak = _measured("from benchmarks.import_speed import keep\nkeep(p)", path, LEAN)
        print(f"{rows:,} periods, {path.stat().st_size / 1e6:.0f} MB of Parquet")
        print(f"read and kept in {wall:.1f} s; peak of the reading process {peak:,.0f} MB")
        wall, peak = _measured("from benchmarks.import_speed import count\ncount(p)", path)
        print(f"opened and counted by plan in {wall:.1f} s; peak {peak:,.0f} MB, pages of the file included")


def keep(path: str) -> None:
    """Read a file and write the data set beside it, as the reading process of the Data page does."""
    write(Path(path).parent, read(path))


def count(path: str) -> None:
    """The life table of the data set beside a file."""
    life_table(open_data(Path(path).parent), ("plan",))


def main(rows: int = 1_000_000) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "periods.csv"
        write_periods(path, rows)
        ours = _measured("from cs_models.reading import read\nread(p)", path)
        theirs = _measured("import pandas as pd\npd.read_csv(p)", path)
        dated = _measured("import pandas as pd\npd.read_csv(p, parse_dates=['start_date', 'end_date'])", path)
        print(f"{rows:,} periods, {path.stat().st_size / 1e6:.0f} MB")
        results = {"cs.read": ours, "pandas.read_csv": theirs, "... with dates": dated}
        for title, (wall, peak) in results.items():
            print(f"{title:16} {wall:6.2f} s  peak {peak:5.0f} MB  cs.read takes {ours[0] / wall:.1f} x that")


if __name__ == "__main__":
    if sys.argv[1:2] == ["parquet"]:
        parquet(*map(int, sys.argv[2:3]))
    else:
        main(*map(int, sys.argv[1:2]))
