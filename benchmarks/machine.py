"""What the figures were measured on."""

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np

LIBRARIES = ("duckdb", "numpy", "pandas", "lifelines")
STEPS, NUMBERS = 1_000_000, 30_000


def speed() -> str:
    """How fast it is just now: a machine that is shared, or lacks the wide registers, takes several times as long."""
    small, room = -np.linspace(0, 20, NUMBERS), np.empty(NUMBERS)
    loop = _milliseconds(_loop, 1)
    one = _milliseconds(lambda: np.exp(small, out=room), 50) * 1e6 / NUMBERS
    return f"a sum of 1,000,000 numbers in a Python loop {loop:.1f} ms, an exponential {one:.1f} ns"


def _loop() -> int:
    total = 0
    for number in range(STEPS):
        total += number
    return total


def _milliseconds(work, times: int, rounds: int = 7) -> float:
    found = []
    for _ in range(rounds):
        begin = time.process_time()
        for _ in range(times):
            work()
        found.append((time.process_time() - begin) / times * 1000)
    return median(found)


def told() -> str:
    """One line: processor, cores, memory, load, Python and the libraries that count, and how fast it is just now."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")] \
        if info.exists() else []  # fmt: skip
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, load {load:.1f}; "
        f"Python {platform.python_version()}, {libraries}; {speed()}"
    )
