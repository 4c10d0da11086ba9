"""How long one million subscription periods take from CSV to Subscriptions, and how much memory.

    python -m benchmarks.import_speed [rows]

Makes its own seeded file in a temporary folder, reads it in a process of its own, and prints wall time, the
highest memory of that process, and the ratio to what a user would write instead: pandas.read_csv of the same
file.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

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


def _measured(code: str, path: Path) -> tuple[float, float]:
    """Wall seconds of `code` (imports not counted) and peak memory in MB, in a fresh process."""
    imports, call = code.splitlines()
    script = f"{imports}\nfrom benchmarks.import_speed import report\nreport(lambda p: {call})"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    wall, peak = done.stdout.split()
    return float(wall), float(peak)


def report(read) -> None:
    """Run `read` on the file named on the command line and print wall seconds and peak memory in MB."""
    began = time.perf_counter()
    kept = read(sys.argv[-1])
    wall = time.perf_counter() - began
    print(wall, _peak_megabytes())
    del kept


def _peak_megabytes() -> float:
    # not ru_maxrss: that one is inherited from the process that started this one
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


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
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
