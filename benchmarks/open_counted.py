"""How long a page waits for a data set that was counted before, and for the imports of the app.

    python -m benchmarks.open_counted [rows]

Keeps 1,000,000 seeded periods in a store in a temporary folder and counts them once; then a fresh process imports what
the pages import, opens the data set and asks for its life table, its cohorts and Kaplan-Meier. Medians of 5.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import told as machine

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
HEAVY = ("lifelines", "statsmodels")


def keep(folder: Path, rows: int) -> str:
    """A data set of so many periods in a store there; its id."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks.life_table_speed import AS_OF, make_rows
    from cs_models.import_report import ImportReport
    from cs_models.store import Store
    from cs_models.subscriptions import Subscriptions

    make_rows(rows, folder / "rows.parquet")
    table = pq.read_table(folder / "rows.parquet", read_dictionary=["customer", "plan", "c0"]).unify_dictionaries()
    table = table.append_column("price", table["mrr"]).append_column("end_reason", pa.nulls(rows, pa.string()))
    entries = pa.table({name: pa.array([], pa.string()) for name in ("row", "kind", "column", "value", "reason")})
    report = ImportReport(rows, rows, 0, 0, 0, (), (), entries)
    subs = Subscriptions("periods", table.combine_chunks(), AS_OF, report, {"c0": "Region"}, "USD", "ab" * 32,
                         {"mrr": "mrr"}, "periods")  # fmt: skip
    store = Store(folder / "store")
    return store.save(replace(subs))


def visit(folder: str, identity: str) -> None:
    """What a fresh process needs: seconds for the imports, to open, and for the tables; prints one line of JSON."""
    sys.modules["rfc3987_syntax"] = None  # only a test tool installs it; jsonschema, which altair loads, would compile it
    began = time.perf_counter(), time.process_time()
    import altair  # noqa: F401
    import streamlit  # noqa: F401

    import cs_models as cs
    from cs_models.store import Store

    imported = time.perf_counter(), time.process_time()
    subs = Store(Path(folder) / "store").load(identity)
    table = cs.life_table(subs, "Region")
    cs.kaplan_meier(table.pooled().select(interval=1))
    cs.cohort_triangle(subs, "mrr")
    done = time.perf_counter(), time.process_time()
    heavy = [name for name in HEAVY if name in sys.modules]
    names = ("imports", "imports_cpu", "open", "open_cpu")
    values = (imported[0] - began[0], imported[1] - began[1], done[0] - imported[0], done[1] - imported[1])
    print(json.dumps({**dict(zip(names, values)), "heavy": heavy}))


def main(rows: int = 1_000_000) -> None:
    """Print the figures."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        identity = keep(Path(folder), rows)
        command = [sys.executable, "-m", "benchmarks.open_counted", folder, identity]
        found = []
        for _ in range(ROUNDS + 1):
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            found.append(json.loads(done.stdout))
    first, later = found[0], found[1:]
    print(f"{rows:,} periods: opened and counted the first time in {first['open']:.2f} s ({first['open_cpu']:.2f} CPU s)")
    for name, title in (("open", "opened once counted"), ("imports", "imports")):
        wall, cpu = (statistics.median(one[key] for one in later) for key in (name, f"{name}_cpu"))
        print(f"{title}: {wall * 1000:.0f} ms ({cpu * 1000:.0f} ms CPU)")
    print("loaded by then: " + (", ".join(later[0]["heavy"]) or "neither lifelines nor statsmodels"))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        visit(*sys.argv[1:])
    else:
        main(*map(int, sys.argv[1:]))
