"""Operational time: how far the types have aged after so many periods.

For most curves it is the number of periods. Models whose single customer's risk changes with age (Weibull, BdW)
keep the same types on a bent clock, so that every lever acts on them as on any others.
"""

import numpy as np


def elapsed(aging: np.ndarray | None, periods: np.ndarray) -> np.ndarray:
    """Operational time after whole `periods` (K,): itself for None, else aging (..., P + 1) at them, (..., K).

    Beyond the last period that is kept the clock goes on at its last pace.
    >>> elapsed(np.array([0.0, 1.0, 3.0]), np.array([0, 2, 4]))
    array([0., 3., 7.])
    """
    periods = np.asarray(periods)
    if aging is None:
        return periods.astype(float)
    last = aging.shape[-1] - 1
    if np.max(periods, initial=0) <= last:
        return aging[..., periods]
    pace = aging[..., -1:] - aging[..., -2:-1]
    return aging[..., np.minimum(periods, last)] + np.maximum(periods - last, 0) * pace
