"""Chance in the counts: other departures that the same customers could have shown.

Each cell is drawn again, d* ~ Binomial(at_risk, churned / at_risk). That is the sampling error of the life
table; refits on the draws carry it to the curve and to CLV. Use the same draws before and after a lever, and
the range of the difference is as narrow as it should be. Where sign-up months differ among themselves by more
than chance, whole months are drawn instead: their customers share a fate.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from cs_models.retention.likelihood import Counts

DISPERSED = 1.5  # spread between sign-up months over chance, from which months are drawn as blocks
FEWEST_BLOCKS = 12
FEWEST_MONTHS = 6  # sign-up months whose departures can be held against chance
Sampler = Callable[[Counts, int, int], tuple[np.ndarray, np.ndarray]]


def resample(at_risk: np.ndarray, churned: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Departures (draws, K) drawn for at_risk (K,) and churned (K,). Fractions of customers are rounded.

    The same seed gives the same draws. A cell in which nobody left stays so in every draw.
    """
    n = np.rint(np.asarray(at_risk, dtype=float)).astype(np.int64)
    share = np.divide(churned, at_risk, out=np.zeros(len(n)), where=np.asarray(at_risk) > 0)
    return np.random.default_rng(seed).binomial(n, np.clip(share, 0, 1), size=(draws, len(n)))


def by_cell(counts: Counts, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """At risk (K,) and departures (draws, K): every cell by itself."""
    return counts.at_risk, resample(counts.at_risk, counts.churned, draws, seed)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Sign-up months as blocks: ``at_risk`` and ``churned`` (months, K), drawn with replacement."""

    at_risk: np.ndarray
    churned: np.ndarray

    @property
    def dispersion(self) -> float:
        """Pearson's spread of departures between months over what chance allows; 1 = chance.

        The larger of two: cell by cell at the same tenure, and of each month's departures in all. A month
        whose customers leave faster at every age hardly shows cell by cell; the range feels all of it.
        """
        return max(self._of_cells, self._of_months[0])

    @property
    def share_a_fate(self) -> bool:
        """Whether months are to be drawn whole: a spread above 1.5, between whole months also one that chance
        shows in less than one of a hundred books.
        """
        if len(self.at_risk) < FEWEST_BLOCKS:
            return False
        spread, months = self._of_months
        rare = float(2 * gammaincinv(months / 2, 0.99)) / months if months else np.inf
        return self._of_cells > DISPERSED or spread > max(DISPERSED, rare)

    @property
    def _of_cells(self) -> float:
        """Sum of (left - expected)^2 / variance over cells that expect one to leave and one to stay at least."""
        hazard, expected = self._expected
        full = (expected >= 1) & (self.at_risk - expected >= 1)
        free = full.sum() - full.any(axis=0).sum()  # one churn per tenure is estimated
        if free < FEWEST_BLOCKS:
            return 1.0
        squares = (self.churned - expected) ** 2 / np.maximum(expected * (1 - hazard), 1e-300)
        return float(squares[full].sum() / free)

    @property
    def _of_months(self) -> tuple[float, int]:
        """Mean of (left - expected)^2 / variance over months, all tenures of a month in one; how many months."""
        hazard, expected = self._expected
        # A month is part of what it is compared with, the more the more of those at risk are its own.
        others = 1 - self.at_risk / np.maximum(self.at_risk.sum(axis=0), 1e-300)
        variance = (expected * (1 - hazard) * others).sum(axis=1)
        full = variance >= 1
        if full.sum() < FEWEST_MONTHS:
            return 1.0, 0
        beyond = (self.churned - expected).sum(axis=1)[full]
        return float((beyond**2 / variance[full]).mean()), int(full.sum())

    @property
    def _expected(self) -> tuple[np.ndarray, np.ndarray]:
        """Churn by tenure of all months together (K,), and the departures of each month by it (months, K)."""
        hazard = self.churned.sum(axis=0) / np.maximum(self.at_risk.sum(axis=0), 1e-300)
        return hazard, self.at_risk * hazard

    def __call__(self, counts: Counts, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """At risk and departures, both (draws, K), of as many months drawn with replacement."""
        months = len(self.at_risk)
        times = np.random.default_rng(seed).multinomial(months, np.full(months, 1 / months), size=draws)
        return times @ self.at_risk.astype(float), times @ self.churned.astype(float)
