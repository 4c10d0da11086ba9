"""From exposures (entry, duration, left or not) to counts by month of tenure, as running sums."""

import numpy as np


def counts_by_tenure(
    entry, duration, event, weight, involuntary=False, term=1, anchor=0
) -> dict[str, np.ndarray]:
    """Counts for tenure 0..K of exposures (entry, duration, event) that stand for `weight` customers each.

    A customer with entry e and duration d is in force in the months e+1..d. With a term of 12 renewals fall
    at anchor + 12, anchor + 24, ..., where anchor is the tenure at which the present terms began.
    """
    entry, duration = np.asarray(entry, dtype=np.int64), np.asarray(duration, dtype=np.int64)
    event, weight = np.asarray(event, dtype=bool), np.asarray(weight)
    involuntary, anchor = (np.broadcast_to(v, entry.shape) for v in (involuntary, anchor))
    months = np.arange(int(duration.max(initial=0)) + 1)

    def tally(where, at):
        return np.bincount(at[where], weights=weight[where], minlength=len(months) + 1)[: len(months) + 1]

    def present(where):
        """entry < k <= duration, as a running sum of arrivals and departures (rounded: weights may be fractions)."""
        return np.round(np.cumsum(tally(where, entry + 1) - tally(where, duration + 1))[:-1], 9)

    seen = duration > entry  # who entered and closed at the same tenure was never under observation
    start = (entry == 0) & (anchor == 0)
    in_force = present(seen)
    at_risk = in_force.copy() if term == 1 else np.zeros(len(months))
    if term > 1:
        for shift in np.unique(anchor % term):
            at_risk += np.where((months - shift) % term == 0, present(seen & (anchor % term == shift)), 0)
    at_risk[0] = in_force[0] = weight[start].sum()
    return {
        "at_risk": at_risk,
        "churned": tally(seen & event, duration)[:-1],
        "involuntary": tally(seen & event & involuntary.astype(bool), duration)[:-1],
        "censored": tally(seen & ~event | start & (duration == 0), duration)[:-1],
        "in_force": in_force,
    }


def as_counts(counts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Whole numbers as int64; fractions (from a published curve) as they are."""
    return {k: np.rint(v).astype(np.int64) if np.all(np.rint(v) == v) else v for k, v in counts.items()}
