"""Groups so small that a sum about them is a fact about a person: which of them to leave out, so that none can be worked out.

A group of fewer than five customers is left out of what strangers see. Where that is one alone, or all that are left out
are fewer than five together, a total minus the rest would tell it: so the next smallest goes with them (primary and
complementary suppression, as statistical offices do it: Hundepool et al., Statistical Disclosure Control, 2012, ch. 4).
"""

from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

LEAST = 5  # customers


def left_out(counts: Mapping[Hashable, float], least: int = LEAST) -> frozenset:
    """Names of the groups to leave out; `counts`: customers by group, an empty group tells nothing and stays.

    Afterwards each group that is shown has at least `least` customers, and those left out are none, or two or more with
    `least` together (or everything). To a CFO: no line of a table is about three accounts he could name.

    >>> sorted(left_out({"Pro": 400, "Basic": 90, "Trial": 8, "Custom": 2}))
    ['Custom', 'Trial']
    >>> left_out({"Pro": 400, "Empty": 0})
    frozenset()
    """
    there = {name: float(n) for name, n in counts.items() if n > 0}
    small = {name for name, n in there.items() if n < least}
    rest = sorted((name for name in there if name not in small), key=lambda name: (there[name], str(name)))
    while small and rest and (len(small) < 2 or sum(there[name] for name in small) < least):
        small.add(rest.pop(0))
    return frozenset(small)


def without(table: pd.DataFrame, customers: str = "customers", least: int = LEAST) -> pd.DataFrame:
    """The rows of a table of groups that may be shown; `customers`: the column that counts them, empty for none."""
    counts = dict(enumerate(table[customers].fillna(0.0)))
    gone = left_out(counts, least)
    return table[[place not in gone for place in counts]]


def masked(table: pd.DataFrame, least: int = LEAST) -> pd.DataFrame:
    """A table of counts by two groupings, with NaN where a cell may not be told: so many that neither a row's nor a
    column's total gives one away.

    >>> int(masked(pd.DataFrame([[90, 2, 30], [40, 50, 60], [7, 80, 9]])).isna().to_numpy().sum())
    6
    """
    counts = table.to_numpy(dtype=float)
    hidden = (counts > 0) & (counts < least)
    again = hidden.any()
    while again:
        before = hidden.copy()
        for line, mask in [*zip(counts, hidden), *zip(counts.T, hidden.T)]:
            _cover(line, mask, least)
        again = (before != hidden).any()
    return table.astype(float).mask(pd.DataFrame(hidden, index=table.index, columns=table.columns))


def _cover(line: np.ndarray, mask: np.ndarray, least: int) -> None:
    """Hide more of one row or column (in place) until what is hidden in it cannot be worked out."""
    rest = sorted(np.flatnonzero(~mask & (line > 0)), key=lambda place: line[place])
    while mask.any() and rest and (mask.sum() < 2 or line[mask].sum() < least):
        mask[rest.pop(0)] = True
