"""What one move of a lever costs: 12 segments x 120 months x 500 paired draws and the tornado, and the whole page script.

    python -m benchmarks.scenario_rerun [customers ...]     10,000 and 1,000,000

Seeded books of 12 segments, read and kept once each. The engine: the plan against the base, the range of the difference
from 500 paired draws, every belief at its low and its high. The page: the
Scenarios script of one move of the slider in Streamlit's own test harness, charts and messages to the browser included, at
60 months, the longest that page offers; and the same run again, when the answer and its range are known. The page's clock begins when
the first visit's own work is done (opening a data set begins its back-test) and what is imported is frozen, as the server
does once it is warm; like the server it keeps the compiled scripts, which the harness by itself compiles at every run.
Milliseconds: p50 and p95.
"""

import gc
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import duckdb
import numpy as np

import cs_models as cs
from benchmarks.book_file import write_book
from benchmarks.machine import told as machine
from cs_models.store import Store

ROOT = Path(__file__).resolve().parents[1]
SIZES, MOVES, MONTHS, DRAWS = (10_000, 1_000_000), 20, 120, 500
WARM = 2  # moves before the clock starts: imports and caches of the first visitor
PAUSE, QUIET = 0.5, 0.02  # seconds looked at, and of processor time in them at which nothing works beside the page


def stored(folder: Path, customers: int) -> str:
    """Id of a book of 12 segments: every plan of every segment is one of its own."""
    path, parted = folder / "book.csv", folder / "parted.csv"
    write_book(path, customers)
    duckdb.execute(f"COPY (SELECT * REPLACE (segment || ' ' || plan AS segment) FROM '{path}') TO '{parted}' (HEADER)")
    identity = Store(folder).save(cs.read(parted))
    path.unlink()
    parted.unlink()
    return identity


def told(what: str, found: list[tuple[float, float]]) -> None:
    for name, times in zip(("processor", "clock"), zip(*found)):
        p50, p95 = np.percentile(times, (50, 95))
        print(f"  {what:44} {name:9} p50 {p50:7.1f} ms   p95 {p95:7.1f} ms", flush=True)


def timed(work) -> tuple[float, float]:
    """Milliseconds of processor time of all threads, and on the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def engine(subs) -> None:
    base = cs.Assumptions.from_data(subs, by="segment", draws=DRAWS)
    print(f"  {len(base.cells)} cells of {len({cell.segment for cell in base.cells})} segments")

    def move(rise: float, parts: str) -> None:
        plan = cs.Scenario("", (cs.PriceIncrease(rise=rise, scope="new"), cs.AnnualBilling()))
        change = cs.compare(base, plan, MONTHS)
        assert np.isfinite(change.delta)
        if parts != "point":
            assert np.isfinite(change.low)
        if parts == "all":
            assert cs.tornado(change).swings

    for parts, what in (("point", "engine: the answer"), ("range", "engine: with its range"),
                        ("all", "engine: with its range and the tornado")):  # fmt: skip
        rises = np.linspace(0.02, 0.20, MOVES + WARM)
        told(what, [timed(lambda: move(float(rise), parts)) for rise in rises][WARM:])


def settle() -> None:
    """Wait until nothing works beside the page, and freeze what is there, as `server.warm` does."""
    begin = -1.0
    while time.process_time() - begin > QUIET:
        begin = time.process_time()
        time.sleep(PAUSE)
    gc.collect()
    gc.freeze()


def keep_scripts() -> None:
    """One cache of compiled scripts for all runs, as the server has."""
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache
    from streamlit.testing.v1 import app_test, local_script_runner

    kept = ScriptCache()
    for module in (app_test, local_script_runner):
        module.ScriptCache = lambda: kept


def page(identity: str) -> None:
    from streamlit.testing.v1 import AppTest

    keep_scripts()
    at = AppTest.from_file(ROOT / "app.py", default_timeout=600)
    for name, value in {"ds": identity, "horizon": "60", "PriceIncrease.rise": "0.01"}.items():
        at.query_params[name] = value
    at.run()
    at.switch_page("pages/scenarios/page.py").run()
    first, settled = [], []
    for i in range(MOVES + WARM):
        if i == WARM:
            settle()
        at.slider(key="PriceIncrease.rise").set_value(round(0.02 + 0.005 * i, 3))
        first.append(timed(at.run))
        settled.append(timed(at.run))
        assert not at.exception, at.exception[0].message
    told("page: the run a move asks for", first[WARM:])
    told("page: the same again, everything known", settled[WARM:])


def main(sizes: list[int]) -> None:
    """Print the figures of each size."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PERENNIAL_DATA_DIR"] = folder
        for customers in sizes:
            identity = stored(Path(folder), customers)
            print(f"\n{customers:,} customers")
            engine(Store(Path(folder)).load(identity))
            page(identity)
    print(machine())


if __name__ == "__main__":
    main([int(size.replace(",", "")) for size in sys.argv[1:]] or list(SIZES))
