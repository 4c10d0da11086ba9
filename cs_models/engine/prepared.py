"""Rows made ready for questions once, and lent again to the next question of the same data set.

To tell the stays of a small book apart takes an engine far longer to plan than to do, and one page asks the same book five
times. What is kept here is no more than the data set itself holds, goes when that goes, and is one question's at a time.
"""

import weakref
from contextlib import ExitStack
from dataclasses import dataclass

from cs_models.engine.duckdb import FEW_ROWS, settings

MOST = 4

_ready: list["Prepared"] = []


@dataclass(frozen=True, eq=False)
class Prepared:
    """A `query` over the rows of one data set, split by some columns, and the `stack` that closes it."""

    whose: weakref.ref
    by: tuple[str, ...]
    settings: tuple
    stack: ExitStack
    query: object


def take(subs, by: tuple[str, ...]) -> Prepared | None:
    """What was made ready for this data set and these columns, if it lies here: from now on the asker's alone."""
    for one in reversed(_ready):
        if one.whose() is subs and one.by == by and one.settings == settings() and _out(one):
            return one
    return None


def rest(subs, by: tuple[str, ...], stack: ExitStack, query) -> None:
    """Keep it until it is asked for again, the data set goes, or others need the place; one of many rows is closed."""
    if len(subs.rows) > FEW_ROWS:
        stack.close()
        return
    for oldest in _ready[: max(0, len(_ready) - MOST + 1)]:
        _close(oldest)
    _ready.append(Prepared(weakref.ref(subs, _gone), by, settings(), stack, query))


def _gone(whose: weakref.ref) -> None:
    for one in [one for one in _ready if one.whose is whose]:
        _close(one)


def _close(one: Prepared) -> None:
    if _out(one):
        one.stack.close()


def _out(one: Prepared) -> bool:
    """Whether it lay here still: another thread may have taken it."""
    try:
        _ready.remove(one)
    except ValueError:
        return False
    return True
