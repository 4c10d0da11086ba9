"""Chance in the counts: other departures that the same customers could have shown.

Each cell is drawn again, d* ~ Binomial(at_risk, churned / at_risk). That is the sampling error of the life
table; refits on the draws carry it to the curve and to CLV. Use the same draws before and after a lever, and
the range of the difference is as narrow as it should be. Where sign-up months differ among themselves by more
than chance, whole months are drawn instead: their customers share a fate.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cs_models.retention.likelihood import Counts

DISPERSED = 1.5  # spread between sign-up months over chance, from which months are drawn as blocks
FEWEST_BLOCKS = 12
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
        """Pearson's spread of departures between months at the same tenure over what chance allows; 1 = chance.

        Only cells that expect at least one to leave and one to stay.
        """
        hazard = self.churned.sum(axis=0) / np.maximum(self.at_risk.sum(axis=0), 1e-300)
        expected = self.at_risk * hazard
        full = (expected >= 1) & (self.at_risk - expected >= 1)
        free = full.sum() - full.any(axis=0).sum()  # one churn per tenure is estimated
        if free < FEWEST_BLOCKS:
            return 1.0
        squares = (self.churned - expected) ** 2 / np.maximum(expected * (1 - hazard), 1e-300)
        return float(squares[full].sum() / free)

    @property
    def share_a_fate(self) -> bool:
        """Whether months are to be drawn whole."""
        return len(self.at_risk) >= FEWEST_BLOCKS and self.dispersion > DISPERSED

    def __call__(self, counts: Counts, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """At risk and departures, both (draws, K), of as many months drawn with replacement."""
        months = len(self.at_risk)
        times = np.random.default_rng(seed).multinomial(months, np.full(months, 1 / months), size=draws)
        return times @ self.at_risk.astype(float), times @ self.churned.astype(float)
