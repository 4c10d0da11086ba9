"""Rows to life table at 1,000,000 customers: wall time and peak memory, beside pandas with lifelines on the
raw rows.

    python benchmarks/life_table_speed.py [rows]

Each job runs in a process of its own on the same Parquet file, so its peak memory is its own. Prints one line
per job and the ratios. A third of the customers have several rows (renewals, switches, pauses), as in real
exports.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

AS_OF = date(2025, 1, 1)


def make_rows(rows: int, path: Path) -> None:
    """Canonical rows of seeded customers: 60 months of starts, churn falling with tenure, 4 segments, some
    switches.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = np.random.default_rng(1)
    day0, today = np.datetime64("2020-01-01"), np.datetime64(AS_OF.isoformat())
    again = draw.random(rows) < 0.2  # this row goes on where the one before it ended
    again[0] = False
    owner = np.cumsum(~again) - 1
    start = day0 + draw.integers(0, 1800, rows).astype("timedelta64[D]")
    life = np.ceil(draw.geometric(np.clip(draw.beta(0.8, 8, rows), 1e-3, 1)) * 30.44).astype("timedelta64[D]")
    end = start + life
    gap = draw.choice([0, 1, 20, 90], rows).astype("timedelta64[D]")
    start[1:] = np.where(again[1:], np.minimum(end[:-1] + gap[1:], today), start[1:])
    end = start + life
    churned = end <= today
    months = np.ceil((np.where(churned, end, today) - start).astype(int) / 30.44).astype(np.int32)
    term = np.where(draw.random(rows) < 0.2, 12, 1)
    months = np.where(churned, -(-np.maximum(months, 1) // term) * term, months)
    table = pa.table(
        {
            "row": pa.array(np.arange(2, rows + 2), pa.int32()),
            "customer": pa.array([f"cus_{i:08d}" for i in owner]).dictionary_encode(),
            "started_on": pa.array(start),
            "ended_on": pa.array(np.where(churned, end, np.datetime64("NaT"))),
            "term": pa.array(term, pa.int16()),
            "plan": pa.array(
                np.array(["Basic", "Plus", "Pro"])[draw.integers(0, 3, rows)]
            ).dictionary_encode(),
            "mrr": pa.array(draw.integers(5, 50, rows) * 100, pa.int64()),
            "duration": pa.array(months, pa.int32()),
            "churned": pa.array(churned),
            "entry": pa.array(np.zeros(rows, np.int32)),
            "c0": pa.array(
                np.array(["EU", "US", "UK", "APAC"])[draw.integers(0, 4, rows)]
            ).dictionary_encode(),
        }
    )
    pq.write_table(table, path)


def ours(path: str) -> dict:
    """The product's way: Arrow rows -> SQL -> life table by segment -> Kaplan-Meier."""
    import duckdb  # noqa: F401 - imports are not part of the measured time, on either side
    import pyarrow.parquet as pq

    from cs_models.life_table import life_table
    from cs_models.observed import kaplan_meier
    from cs_models.subscriptions import Subscriptions

    rows = (
        pq.read_table(path, read_dictionary=["customer", "plan", "c0"]).unify_dictionaries().combine_chunks()
    )
    subs = Subscriptions("periods", rows, AS_OF, None, {"c0": "Region"}, "USD", "d", {}, "periods")
    before, start = memory(), time.perf_counter()
    table = life_table(subs, "Region")
    counted = time.perf_counter() - start
    survival = [kaplan_meier(part).survival for _, part in table.split()]
    return facts(start, before, cells=len(table.frame), curves=len(survival), table_s=round(counted, 3))


def pandas_lifelines(path: str) -> dict:
    """The usual way: pandas rows, durations in months, lifelines on raw rows per segment (it does not even
    join rows).
    """
    import pandas as pd
    from lifelines import KaplanMeierFitter
    from lifelines.utils import survival_table_from_events

    frame = pd.read_parquet(path)
    before, start = memory(), time.perf_counter()
    first = frame.sort_values("started_on").groupby("customer", observed=True)
    spell = first.agg(started_on=("started_on", "first"), ended_on=("ended_on", "last"), c0=("c0", "first"))
    end = pd.to_datetime(spell["ended_on"]).fillna(pd.Timestamp(AS_OF))
    begun = pd.to_datetime(spell["started_on"])
    spell["duration"] = ((end.dt.year - begun.dt.year) * 12 + end.dt.month - begun.dt.month).clip(lower=1)
    spell["churned"] = spell["ended_on"].notna()
    tables = [
        (
            survival_table_from_events(p["duration"], p["churned"]),
            KaplanMeierFitter().fit(p["duration"], p["churned"]),
        )
        for _, p in spell.groupby("c0", observed=True)
    ]
    return facts(start, before, curves=len(tables))


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def facts(start: float, before: float, **more) -> dict:
    return {
        "wall_s": round(time.perf_counter() - start, 3),
        "peak_mb": round(memory()),
        "added_mb": round(memory() - before),
        **more,
    }


def in_own_process(job: str, path: Path) -> dict:
    done = subprocess.run(
        [sys.executable, __file__, job, str(path)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        make_rows(rows, path)
        found = {
            job.__name__: min(
                (in_own_process(job.__name__, path) for _ in range(3)), key=lambda f: f["wall_s"]
            )
            for job in (ours, pandas_lifelines)
        }
    for name, fact in found.items():
        print(f"{name:18} {rows:>10,} rows  " + "  ".join(f"{k} {v}" for k, v in fact.items()))
    one, other = found["ours"], found["pandas_lifelines"]
    time_ratio, memory_ratio = other["wall_s"] / one["wall_s"], other["added_mb"] / max(one["added_mb"], 1)
    print(f"ratio: {time_ratio:.1f}x the time, {memory_ratio:.1f}x the memory")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps({"ours": ours, "pandas_lifelines": pandas_lifelines}[sys.argv[1]](sys.argv[2])))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
