"""The jobs of `counts_speed`, one per process: `python -m benchmarks.counts_jobs <job> <file>` prints one line of JSON."""

import json
import os
import sys
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

AS_OF = date(2025, 6, 30)
MODELS = ("constant", "sbg", "bdw", "weibull", "lognormal", "loglogistic")
IN_LIFELINES = ("constant", "weibull", "lognormal", "loglogistic")
TYPES = {
    "customer_id": "BIGINT", "started_on": "DATE", "ended_on": "DATE", "term": "INTEGER", "plan": "VARCHAR",
    "segment": "VARCHAR", "mrr": "DECIMAL(10, 2)", "failed": "INTEGER",
}  # fmt: skip
# Said, not found out: the engine would look for it in every query anew, for 25 ms.
FORMAT = "header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false"


def peak() -> float:
    """The highest memory of this process, MB (not that of the process that started it)."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


def engine(path: str):
    import duckdb

    connection = duckdb.connect(config={"preserve_insertion_order": "false", "memory_limit": "4GB"})
    connection.execute("SET enable_progress_bar = false")
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
    connection.execute(
        "CREATE VIEW subs AS SELECT customer_id, started_on, ended_on, term, plan, mrr, failed, segment AS g0 "
        f"FROM read_csv('{path}', columns = {{{columns}}}, {FORMAT})"
    )
    return connection


def count_star(path: str):
    """How long the engine needs to go through the file at all."""
    connection = engine(path)
    return lambda: connection.execute("SELECT COUNT(*) FROM subs").fetchone()


def packed(path: str):
    """Every count, then per segment Kaplan-Meier and six fitted models, both triangles and the movements."""
    from cs_models.counts import count

    connection = engine(path)
    warm()
    return lambda: tables(count(connection, "subs", AS_OF, ("Segment",)))


def alike(path: str):
    """Counted the same, then only what `pandas_lifelines` makes: four models, two triangles, movements."""
    from cs_models.counts import count

    connection = engine(path)
    warm()
    return lambda: tables(count(connection, "subs", AS_OF, ("Segment",)), IN_LIFELINES, ("logos", "mrr"))


def by_text(path: str):
    """The same by the portable text alone."""
    from cs_models.counts import asked_for, cube, life, seen_to
    from cs_models.counts.tables import Counts
    from cs_models.definitions import Definitions

    connection, rules = engine(path), Definitions()
    warm()
    asked = asked_for("subs", AS_OF, ("Segment",), "USD", rules)
    return lambda: tables(Counts(life(connection, asked), cube(connection, asked), ("Segment",), AS_OF,
                                 seen_to(AS_OF, rules)))  # fmt: skip


def tables(counts, fitted=MODELS, triangles=("logos", "mrr", "gross")) -> None:
    from cs_models.observed import kaplan_meier
    from cs_models.retention.fit import counts_per_period
    from cs_models.retention.registry import models

    for keys, part in counts.life_table(("Segment",)).split():
        kaplan_meier(part)
        seen = counts_per_period(part, keys["interval"])
        for name in fitted:
            models()[name].fit(seen, 120)
    for value in triangles:
        counts.cohort_triangle(value, ("Segment",))
    counts.movements()


def warm() -> None:
    """Imports and what is set up once, on three customers."""
    import cs_models as cs
    import cs_models.counts.packed
    import cs_models.counts.tables
    from cs_models.retention.fit import counts_per_period
    from cs_models.retention.registry import models

    table = cs.life_table_from_durations([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 0])
    for name in MODELS:
        models()[name].fit(counts_per_period(table, 1), 120)


def read_csv(path: str):
    """The file in memory, nothing counted."""
    import pandas as pd

    return lambda: pd.read_csv(path, parse_dates=["started_on", "ended_on"])


def polars_months(path: str):
    """Triangle and movements from one row per customer and month, as a polars user would write it."""
    import polars as pl

    def month(column: pl.Expr) -> pl.Expr:
        return column.dt.year().cast(pl.Int32) * 12 + column.dt.month()

    def work():
        rows = pl.read_csv(path, try_parse_dates=True)
        rows = rows.with_columns(a=month(pl.col("started_on")), b=month(pl.col("ended_on").fill_null(AS_OF)))
        months = pl.int_ranges("a", pl.max_horizontal("b", pl.col("a") + 1))
        paid = rows.with_columns(month=months).explode("month").group_by("customer_id", "month").agg(pl.col("mrr").sum())
        first = paid.group_by("customer_id").agg(pl.col("month").min().alias("cohort"))
        paid = paid.join(first, on="customer_id").sort("customer_id", "month")
        grid = paid.group_by("cohort", "month").agg(pl.len(), pl.col("mrr").sum())
        moved = paid.with_columns((pl.col("mrr") - pl.col("mrr").shift(1).over("customer_id")).alias("change"))
        moved = moved.with_columns(way=pl.col("change").sign())
        return grid, moved.group_by("month", "way").agg(pl.len(), pl.col("change").sum())

    return work


def pandas_lifelines(path: str):
    """The same outputs as tutorials write them: pandas, months exploded, a pivot, lifelines on the rows."""
    import lifelines
    import numpy as np
    import pandas as pd

    def work():
        rows = pd.read_csv(path, parse_dates=["started_on", "ended_on"])
        end = rows["ended_on"].fillna(pd.Timestamp(AS_OF))
        rows["a"] = rows["started_on"].dt.year * 12 + rows["started_on"].dt.month
        rows["b"] = np.maximum(end.dt.year * 12 + end.dt.month, rows["a"] + 1)
        rows["month"] = [list(range(a, b)) for a, b in zip(rows["a"], rows["b"])]
        long = rows.explode("month")
        long["month"] = long["month"].astype(int)
        long["cohort"] = long.groupby("customer_id")["month"].transform("min")
        grid = long.groupby(["segment", "cohort", "month"])["customer_id"].nunique()
        money = long.groupby(["segment", "cohort", "month"])["mrr"].sum()
        paid = long.pivot_table(index="customer_id", columns="month", values="mrr", aggfunc="sum", fill_value=0)
        before = paid.shift(1, axis=1, fill_value=0)
        change = paid - before
        moves = {
            "new": change.where((before == 0) & (paid > 0)).sum(),
            "churned": change.where((before > 0) & (paid == 0)).sum(),
            "expansion": change.where((before > 0) & (change > 0)).sum(),
            "contraction": change.where((paid > 0) & (change < 0)).sum(),
        }  # fmt: skip
        rows["left"] = rows["ended_on"].notna()
        person = rows.groupby("customer_id").agg(
            a=("a", "min"), b=("b", "max"), left=("left", "min"), segment=("segment", "first"), term=("term", "first")
        )  # fmt: skip
        for _, part in person.groupby(["segment", "term"]):
            months = part["b"] - part["a"]
            lifelines.KaplanMeierFitter().fit(months, part["left"])
            for model in ("ExponentialFitter", "WeibullFitter", "LogNormalFitter", "LogLogisticFitter"):
                getattr(lifelines, model)().fit(months, part["left"])
        return grid, money, moves

    return work


if __name__ == "__main__":
    work = globals()[sys.argv[1]](sys.argv[2])
    before, wall, cpu = peak(), time.perf_counter(), time.process_time()
    work()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak": peak() - before}))
