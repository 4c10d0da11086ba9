"""Chance in the counts: other departures that the same customers could have shown.

Each cell is drawn again, d* ~ Binomial(at_risk, churned / at_risk). That is the sampling error of the life
table; refits on the draws carry it to the curve and to CLV. Use the same draws before and after a lever, and
the range of the difference is as narrow as it should be.
"""

import numpy as np


def resample(at_risk: np.ndarray, churned: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Departures (draws, K) drawn for at_risk (K,) and churned (K,). Fractions of customers are rounded.

    The same seed gives the same draws. A cell in which nobody left stays so in every draw.
    """
    n = np.rint(np.asarray(at_risk, dtype=float)).astype(np.int64)
    share = np.divide(churned, at_risk, out=np.zeros(len(n)), where=np.asarray(at_risk) > 0)
    return np.random.default_rng(seed).binomial(n, np.clip(share, 0, 1), size=(draws, len(n)))
