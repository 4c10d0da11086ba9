"""The one likelihood behind every retention model: each month, a share h of those at risk leaves.

log L = sum over k of churned(k) log h(k) + (at_risk(k) - churned(k)) log(1 - h(k)). It is exact for customers
who are still here, for those whose early months were not seen, and for whole months. Counts may be fractions.
"""

from dataclasses import dataclass

import numpy as np

SMALLEST = 1e-12


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts per period 1..K of the model's clock: ``at_risk`` (K,) and ``churned`` (K,)."""

    at_risk: np.ndarray
    churned: np.ndarray

    @property
    def events(self) -> float:
        """All who left."""
        return float(self.churned.sum())

    @property
    def event_periods(self) -> int:
        """In how many different periods somebody left: a curve needs at least three."""
        return int((self.churned > 0).sum())


def log_likelihood(counts: Counts, hazard: np.ndarray) -> float:
    """Product-binomial log-likelihood of per-period hazards (K,) in 0..1."""
    h = np.clip(hazard, SMALLEST, 1 - SMALLEST)
    stayed = counts.at_risk - counts.churned
    return float(np.sum(counts.churned * np.log(h) + stayed * np.log1p(-h)))


def hazard_of(survival: np.ndarray) -> np.ndarray:
    """h(k) = 1 - S(k) / S(k - 1) for k = 1..K from S(0..K)."""
    before = np.maximum(survival[:-1], SMALLEST)
    return 1 - survival[1:] / before
