"""The beta-discrete-Weibull: customers differ, and each one's own chance of leaving may rise or fall with age.

S(t) = B(alpha, beta + t^c) / B(alpha, beta) (Fader, Hardie, Liu, Davin and Steenburgh 2018, "How to project
customer retention revisited"). c = 1 is the sBG; c > 1: a customer's own risk rises while sorting lowers the
average; c < 1: it falls on both grounds. The types are those of the sBG; only their clock runs as t^c.
"""

from functools import partial

import numpy as np
from scipy.special import betaincinv, gammaln

from cs_models.retention.aging import FewClocks, looked_at
from cs_models.retention.bootstrap import Sampler, by_cell
from cs_models.retention.likelihood import Counts
from cs_models.retention.parametric import Family, fit_batch, fit_family, types_of
from cs_models.retention.quadrature import FINEST, beta_types_batch, beta_types_shared
from cs_models.retention.registry import Model, Types

SHAPES = (0.7, 1.0, 1.5)
FALLS = (0.03, 0.3, 2.0)
WIDEST = 0.75  # step of log-odds between types that draws share
STEPS = (WIDEST, 0.75), (0.5, 0.5), (WIDEST, 1.0)  # tried in turn: the widest, and as a share of the narrowest draw's spread
MOST = 160  # of these types
TAIL, EXACT = 1e-8, 1e-6  # of customers: more loyal than the most loyal type; off the curve on its own clock, t^c
LOOSE = 1.2  # alpha of the middle draw, below which the 64 types of an estimate leave out too many of the most loyal


def _alpha_beta_c(x: np.ndarray) -> np.ndarray:
    """From (logit m, log phi, log c): m = alpha / (alpha + beta), churn of the first period; phi = 1 / (alpha + beta)."""
    m, phi = 1 / (1 + np.exp(-x[:, 0])), np.exp(x[:, 1])
    return np.stack([m / phi, (1 - m) / phi, np.exp(x[:, 2])], axis=1)


def _aging(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    return t[None, :] ** np.exp(x[:, 2:3])


def _cumulative(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    alpha, beta, _ = (column[:, None] for column in _alpha_beta_c(x).T)
    age = _aging(x, t)
    # Paired so that nothing has happened at age 0 to the last bit.
    return (gammaln(alpha + beta + age) - gammaln(alpha + beta)) - (gammaln(beta + age) - gammaln(beta))


def _starts(churn: np.ndarray) -> np.ndarray:
    level = np.log(churn / (1 - churn))
    ones = np.ones_like(level)
    return np.array([np.stack([level + np.log1p(fall), np.log(fall) * ones, np.log(c) * ones], axis=1)
                     for fall in FALLS for c in SHAPES])


def _types(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    alpha, beta, _ = _alpha_beta_c(x).T
    return beta_types_batch(alpha, beta, FINEST)


def _refit(counts: Counts, draws: int, seed: int, periods: int, sample: Sampler = by_cell) -> Types:
    """The same fit on resampled counts, as types per draw: on one set of types where that is as good."""
    x, _ = fit_batch(FAMILY, *sample(counts, draws, seed))
    return _on_shared_types(x, periods) or types_of(FAMILY, _drawn, x, periods)


def _on_shared_types(x: np.ndarray, periods: int) -> Types | None:
    """Types and clocks shared by all draws; None where they would not give each draw its own curve."""
    alpha, beta, power = _alpha_beta_c(x).T
    some = looked_at(periods)
    age, curve = _aging(x, some), np.exp(-_cumulative(x, some))
    loyal = float(betaincinv(alpha, beta, TAIL).min()) if np.exp(np.log(alpha).mean()) > LOOSE else None
    for widest, fine in STEPS:
        theta, weights = beta_types_shared(alpha, beta, widest, fine, MOST, loyal) or (np.zeros(0), None)
        rate = -np.log1p(-theta)
        if theta.size and np.abs(_mixed(weights, rate, age) - curve).max() < EXACT:
            few = FewClocks.of(power, rate, periods)
            return few and Types(theta, weights, _aging(x, np.arange(periods + 1.0)), few)
    return None


def _mixed(weights: np.ndarray, rate: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Share still here of each draw at its ages (draws, K), of types they share; one age at a time, so that it stays small."""
    return np.stack([(weights * np.exp(-rate * one[:, None])).sum(-1) for one in age.T], axis=-1)


def _drawn(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The types of an estimate and those of its draws show a lever the same spread of loyalty: with c above 1 a few of
    Gauss do not, since their clock runs far beyond the period to which they are exact.
    """
    alpha, beta, _ = _alpha_beta_c(x).T
    shared = beta_types_shared(alpha, beta, WIDEST)
    if shared is None:
        return _types(x)
    return np.broadcast_to(shared[0], shared[1].shape).copy(), shared[1]


FAMILY = Family(
    ("alpha", "beta", "c"), _cumulative, _alpha_beta_c, _starts,
    (-14.0, np.log(1e-5), np.log(0.2)), (14.0, np.log(300.0), np.log(5.0)), _types, _aging,
)  # fmt: skip
MODEL = Model("bdw", "Customers differ and change with age (BdW)", partial(fit_family, FAMILY), _refit, 3,
              ranged=True)  # fmt: skip
