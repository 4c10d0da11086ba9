"""What must hold of any file whatever: a sentence, or every row accounted for."""

import os
import random
from collections import Counter
from collections.abc import Callable

import cs_models as cs
from cs_models.problems import Problem

# Cells that have made trouble somewhere: empty, not quite empty, numbers and days that are none, text that is code.
NASTY = (
    "", " ", "\u00a0", "-", "NULL", "NaN", "nan", "inf", "-inf", "1e400", "-1e-400", "0", "-0.00", "-5", "1,5", "1.234.567,89",
    "$12.50", "(40.00)", "50 €", "9" * 400, "0x10", "1e5", "½", "٣", "1/0", "2025-02-30", "0000-00-00", "9999-12-31",
    "10000-01-01", "0001-01-01", "31/12/2024", "12/31/2024", "1/2/3", "2024-12-31T23:59:60Z", "2024-01-01 00:00:00+14:00",
    "1735689600", "1735689600000", "45688", "-1", "yesterday", "Jan-24", "2024", "2024-13", "True", "yes", "=1+1", "=cmd|'/C calc'!A0",
    "'; DROP TABLE x; --", "__import__('os').system('x')", "${7*7}", "![x](http://h)", "<script>x</script>", "\u202ecod", "e\u0301", "é",
    "\x00", "\ufffe", "\U0001f4a9", "a\nb", 'a"b', "a\tb", "x" * 40_000, "Total", "customer", "month", "annual", "cancelled",
)  # fmt: skip


SO_FAR = Counter()  # files and rows of this process
TIMES = int(os.environ.get("PERENNIAL_FUZZ_TIMES", "1"))  # so many times as many files


def outcome(data, **how) -> str:
    """"told" or "read"; AssertionError where a row is not accounted for. Anything but a Problem escapes."""
    SO_FAR["files"] += 1
    try:
        subs = cs.read(data, **how)
    except Problem as problem:
        sentence = str(problem)
        assert sentence.strip() and "Traceback" not in sentence and "Exception" not in sentence, sentence[:300]
        return "told"
    report, entries = subs.report, subs.report.entries.to_pydict()
    rows = {kind: {row for row, own in zip(entries["row"], entries["kind"], strict=True) if own == kind}
            for kind in ("rejected", "repaired")}  # fmt: skip
    assert report.accepted + report.repaired + report.rejected == report.rows
    assert (len(rows["rejected"]), len(rows["repaired"])) == (report.rejected, report.repaired)
    assert all(entries["reason"])
    SO_FAR["rows"] += report.rows
    duration = subs.rows["duration"].to_numpy() if "duration" in subs.rows.column_names else []
    assert min(duration, default=0) >= 0
    return "read"


def each(name: str, times: int, made: Callable[[random.Random], bytes], then: Callable[[int, bytes], None] | None = None) -> None:
    """So many files (times `TIMES`), the same at every run; how they ended is printed. `then`, by its number, goes on."""
    draw, ends = random.Random(name), Counter(told=0, read=0)
    for number in range(times * TIMES):
        data = made(draw)
        ends[outcome(data)] += 1
        if then:
            then(number, data)
    so_far = f"{SO_FAR['files']:,} files so far, {SO_FAR['rows']:,} rows accounted for, 0 crashes"
    print(f"{name} {dict(ends)}; {so_far}")


def counted(data) -> None:
    """What every page begins with, on a file that was read."""
    try:
        subs = cs.read(data)
        table = cs.life_table(subs)
        cs.kaplan_meier(table)
        if subs.has_dates:
            cs.cohort_triangle(subs)
            cs.mrr_movements(subs)
            cs.metrics(subs)
    except Problem:
        pass
