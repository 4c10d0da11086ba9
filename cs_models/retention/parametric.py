"""What the smooth models share: one likelihood in the cumulative hazard, one way to fit and refit.

A family says H(t) = -log S(t) for its parameters. Then h(k) = 1 - exp(-(H(k) - H(k - 1))), and the product-binomial
likelihood of likelihood.py is a sum over periods. Everything is vectorised over sets of parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cs_models.retention.bootstrap import Sampler, by_cell
from cs_models.retention.climb import climb
from cs_models.retention.constant import churn_rate
from cs_models.retention.likelihood import Counts
from cs_models.retention.registry import Fitted, Types

SMALLEST_STEP = 1e-12
AT_ONCE = 1 << 18  # numbers of a table made at once, 2 MB


@dataclass(frozen=True)
class Family:
    """A family of curves. `names` of the parameters as people know them.

    cumulative(x (R, P), t (K,)) -> H (R, K), with H(0) = 0; x are free numbers within `low`..`high`
    named(x (R, P)) -> (R, P) the parameters of `names`
    starts(churn (R,)) -> (S, R, P) first guesses from churn per customer-period
    types(x (R, P)) -> theta (R, T) and weights (R, T)
    aging(x, t) -> operational time (R, K): S is the mean over types of (1 - theta)^aging
    """

    names: tuple[str, ...]
    cumulative: Callable
    named: Callable
    starts: Callable
    low: tuple[float, ...]
    high: tuple[float, ...]
    types: Callable
    aging: Callable


def fit_batch(family: Family, at_risk: np.ndarray, churned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit R count vectors: at_risk (K,) or (R, K), churned (R, K) -> free parameters (R, P) and log L (R,)."""
    d = np.asarray(churned, dtype=float)
    n = np.broadcast_to(np.asarray(at_risk, dtype=float), d.shape)
    t = np.arange(d.shape[1] + 1.0)

    def value(x, rows):
        step = np.maximum(np.diff(family.cumulative(x, t), axis=1), SMALLEST_STEP)
        step = np.where(np.isfinite(step), step, 700.0)
        return (d[rows] * np.log(-np.expm1(-step)) - (n - d)[rows] * step).sum(axis=1)

    everyone = np.arange(len(d))
    guesses = family.starts(np.clip(churn_rate(n, d), 1e-6, 0.95))
    values = np.array([value(np.clip(guess, family.low, family.high), everyone) for guess in guesses])
    best = guesses[np.nanargmax(values, axis=0), everyone]
    return climb(value, best, np.array(family.low), np.array(family.high))


def fit_family(family: Family, counts: Counts, periods: int) -> Fitted:
    """Maximum likelihood for one count vector, as a `Fitted`."""
    x, likelihood = fit_batch(family, counts.at_risk, counts.churned[None, :])
    found = types_of(family, family.types, x, periods)
    survival = np.exp(-family.cumulative(x, np.arange(periods + 1.0)))[0]
    named = dict(zip(family.names, map(float, family.named(x)[0])))
    return Fitted(named, survival, found.theta[0], found.weights[0], float(likelihood[0]), aging=found.aging[0])


def refit_family(
    family: Family, counts: Counts, draws: int, seed: int, periods: int, sample: Sampler = by_cell
) -> Types:
    """The same fit on resampled counts, as types per draw."""
    x, _ = fit_batch(family, *sample(counts, draws, seed))
    return types_of(family, family.types, x, periods)


def types_of(family: Family, types: Callable, x: np.ndarray, periods: int) -> Types:
    """Types and their clock, such that together they give the family's curve and not only nearly."""
    t = np.arange(periods + 1.0)
    theta, weights = types(x)
    aging = family.aging(x, t)
    if theta.shape[1] > 1:
        aging = _matched(-np.log1p(-theta), weights, aging, family.cumulative(x, t))
    return Types(theta, weights, aging)


def _matched(rate: np.ndarray, weights: np.ndarray, aging: np.ndarray, cumulative: np.ndarray) -> np.ndarray:
    """The operational time at which the mixed types have exactly the cumulative hazard wanted, (R, K).

    A rule with few nodes is not exact at t^c; a slightly moved clock makes it so. Newton on log S, which is convex. Some
    draws at a time: a table of all of them, month by type, takes hundreds of megabytes.
    """
    some = max(AT_ONCE // (aging.shape[1] * rate.shape[1]), 1)
    rows = [slice(first, first + some) for first in range(0, len(aging), some)]
    return np.concatenate([_newton(rate[one], weights[one], aging[one], cumulative[one]) for one in rows])


def _newton(rate, weights, aging, cumulative) -> np.ndarray:
    for _ in range(6):
        left = weights[:, None, :] * np.exp(-rate[:, None, :] * aging[:, :, None])
        alive = np.maximum(left.sum(-1), 1e-290)
        slope = np.maximum((left * rate[:, None, :]).sum(-1) / alive, 1e-290)
        aging = np.maximum(aging + (cumulative + np.log(alive)) / slope, 0.0)
    return np.maximum.accumulate(aging, axis=1)


def one_type(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Everybody alike: intensity 1 per unit of operational time, which is the cumulative hazard itself."""
    return np.full((len(x), 1), -np.expm1(-1.0)), np.ones((len(x), 1))
