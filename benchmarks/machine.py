"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("duckdb", "numpy", "pandas", "lifelines")


def told() -> str:
    """One line: processor, cores, memory, load, Python and the libraries that count."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")] \
        if info.exists() else []  # fmt: skip
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, load {load:.1f}; "
        f"Python {platform.python_version()}, {libraries}"
    )
