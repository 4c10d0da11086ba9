"""Operational time: how far the types have aged after so many periods.

For most curves it is the number of periods. Models whose single customer's risk changes with age (Weibull, BdW)
keep the same types on a bent clock, so that every lever acts on them as on any others.
"""

from dataclasses import dataclass

import numpy as np

NODES = (8, 12, 16, 24, 32)  # so many clocks are tried
CLOSE = 1e-12  # of a share of customers: what is interpolated may be off by this
LOOKED_AT = 40  # periods, closer together where they are young


@dataclass(frozen=True, eq=False)
class FewClocks:
    """The clocks t^c of many draws by way of a few: clocks (nodes, P + 1), between (draws, nodes).

    What a type pays is smooth in c. So it is worked out on the few clocks, and ``between @ worth`` is what it is worth on
    the clock of each draw: interpolation at Chebyshev's points of log c, which converges faster than any power of their
    number (Trefethen 2013, chapters 5 and 8).
    """

    clocks: np.ndarray
    between: np.ndarray

    @classmethod
    def of(cls, power: np.ndarray, rate: np.ndarray, periods: int) -> "FewClocks | None":
        """For the powers c of the draws, (draws,), and types they share, (types,); None where 32 clocks are too few."""
        places, t = np.log(power), np.arange(periods + 1.0)
        middle, half = (places.max() + places.min()) / 2, max(np.ptp(places) / 2, 1e-6)
        some = looked_at(periods)
        for count in NODES:
            nodes = np.cos(np.pi * (np.arange(count) + 0.5) / count)
            found = cls(t ** np.exp(middle + half * nodes)[:, None], _interpolation(nodes, (places - middle) / half))
            between = np.linspace(-1, 1, 2 * count)
            there, guessed = (np.exp(-rate * (some ** np.exp(middle + half * at)[:, None])[..., None]) for at in (between, nodes))
            if np.abs(there - np.einsum("ij,jtk->itk", _interpolation(nodes, between), guessed)).max() < CLOSE:
                return found
        return None


def looked_at(periods: int) -> np.ndarray:
    """Some of the periods 1 .. periods, closer together where they are young."""
    return np.unique(np.geomspace(1, max(periods, 1), LOOKED_AT).round())


def _interpolation(nodes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Weights of values at Chebyshev's points for the value at each place, (places, nodes): the barycentric formula."""
    count = np.arange(nodes.size)
    weights = (-1.0) ** count * np.sin(np.pi * (count + 0.5) / nodes.size)
    apart = at[:, None] - nodes
    hit = apart == 0
    parts = np.where(hit.any(axis=1, keepdims=True), hit, weights / np.where(hit, 1.0, apart))
    return parts / parts.sum(axis=1, keepdims=True)


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
