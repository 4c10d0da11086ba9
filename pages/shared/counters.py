"""What happened on this server, as numbers: how often, how long, never what or whose.

A name and a label are words of this program; nothing a person typed or loaded ever becomes one.
"""

import threading
import time
from collections import Counter
from contextlib import contextmanager

MEANING = {
    "runs": "Runs of a page",
    "imports": "Files that became a data set",
    "refused_uploads": "Files that could not be read",
    "problems": "Sentences shown in the place of a result, by class",
    "fits": "Fits of retention",
    "fit_seconds": "Seconds spent in fits",
}
Key = tuple[str, str]
_counted: Counter[Key] = Counter()
_lock = threading.Lock()


def count(name: str, label: str = "", by: float = 1) -> None:
    """Add to a counter of `MEANING`; `label` is the name of a class of this program.

    >>> count("problems", "ImportProblem"); counted()["problems", "ImportProblem"] >= 1
    True
    """
    if name not in MEANING:
        raise KeyError(name)
    with _lock:
        _counted[name, label] += by


def counted() -> dict[Key, float]:
    """All counters of this moment."""
    with _lock:
        return dict(_counted)


@contextmanager
def fitting():
    """Count a fit and its seconds."""
    begun = time.monotonic()
    try:
        yield
    finally:
        count("fits")
        count("fit_seconds", by=time.monotonic() - begun)
