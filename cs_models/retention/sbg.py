"""The shifted beta-geometric: customers differ in loyalty, so churn falls as the disloyal leave first.

Each customer has a chance theta of leaving per period, Beta(alpha, beta) over customers (Fader and Hardie
2007, "How to project customer retention"). Then h(k) = alpha / (alpha + beta + k - 1) and S(t) = B(alpha,
beta + t) / B(alpha, beta).

The fit works with m = alpha / (alpha + beta), churn in the first period, and phi = 1 / (alpha + beta), how
fast it falls: h(k) = m / (1 + phi (k - 1)). phi = 0 is constant churn, so the limit in which alpha and beta
run away together is an ordinary point here and not a breakdown.
"""

import numpy as np

from cs_models.retention.bootstrap import Sampler, by_cell
from cs_models.retention.constant import churn_rate
from cs_models.retention.likelihood import Counts, hazard_of, log_likelihood
from cs_models.retention.quadrature import beta_types, beta_types_batch, beta_types_shared
from cs_models.retention.registry import Fitted, Model, Types

FLATTEST = 1e-6  # phi: alpha + beta = 1,000,000 cannot be told from constant churn
STEEPEST = 1e3
NODES_DRAWN = 32  # types per bootstrap draw: exact to period 63, and a fraction of the cost of 64
STARTS = np.array([1e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 30.0])


def sbg_survival(alpha: float, beta: float, periods: int) -> np.ndarray:
    """S(0..periods) = product of (beta + k - 1) / (alpha + beta + k - 1). sBG(.8, 8): S(12) = .478."""
    k = np.arange(1, periods + 1)
    return np.concatenate([[1.0], np.cumprod((beta + k - 1) / (alpha + beta + k - 1))])


def fit_sbg(counts: Counts, periods: int) -> Fitted:
    """Maximum likelihood on the counts. High End cohort, 7 renewals: alpha .668, beta 3.806."""
    alpha, beta = (float(v[0]) for v in fit_sbg_batch(counts.at_risk, counts.churned[None, :]))
    note = ""
    if alpha + beta >= 0.999 / FLATTEST:
        note = "Churn does not fall with tenure in these counts: the curve is that of constant churn."
    survival = sbg_survival(alpha, beta, periods)
    theta, weights = beta_types(alpha, beta)
    likelihood = log_likelihood(counts, hazard_of(sbg_survival(alpha, beta, len(counts.at_risk))))
    return Fitted({"alpha": alpha, "beta": beta}, survival, theta, weights, likelihood, note)


def fit_sbg_batch(at_risk: np.ndarray, churned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit R count vectors at once: at_risk (K,) or (R, K), churned (R, K) -> alpha (R,), beta (R,).

    Damped Newton with analytic slope and curvature on (logit m, log phi), from the best of a few starting
    points. Where no fall of churn is found, alpha + beta is set to 1,000,000: constant churn in effect. No
    event: half a one.
    """
    churned = np.asarray(churned, dtype=float)
    n = np.broadcast_to(np.asarray(at_risk, dtype=float), churned.shape)
    flat = np.clip(churn_rate(n, churned), 1e-9, 1 - 1e-9)
    m, phi = _climb(n, churned, *_best_start(n, churned))
    falls = (phi > 1.001 * FLATTEST) & (churned.sum(axis=1) > 0)
    m, phi = np.where(falls, m, flat), np.where(falls, phi, FLATTEST)
    return m / phi, (1 - m) / phi


def _value(n, d, m, phi) -> np.ndarray:
    """log L (R,), written so that each departure costs one logarithm: no special functions."""
    later = np.arange(n.shape[1])[None, :] * phi[:, None]
    stayed = (n - d) * np.log(np.maximum(1 - m[:, None] + later, 1e-300))
    return d.sum(axis=1) * np.log(m) + (stayed - n * np.log1p(later)).sum(axis=1)


def _best_start(n, d) -> tuple[np.ndarray, np.ndarray]:
    """The best of some values of phi, each with the m that makes expected departures equal observed ones."""
    periods = np.arange(n.shape[1])
    left = np.maximum(d.sum(axis=1), 0.5)
    candidates = [
        np.clip(left / np.maximum(n @ (1 / (1 + phi * periods)), 1e-9), 1e-6, 0.999) for phi in STARTS
    ]
    values = np.array([_value(n, d, m, np.full_like(m, phi)) for m, phi in zip(candidates, STARTS)])
    best = values.argmax(axis=0)
    return np.array(candidates)[best, np.arange(len(best))], STARTS[best]


def _climb(n, d, m, phi, steps: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Levenberg's damping: a step that does not climb is taken back and shortened."""
    x = np.stack([np.log(m / (1 - m)), np.log(phi)], axis=1)
    value, damping = _value(n, d, m, phi), np.full(len(m), 1e-3)
    open_ = np.arange(len(m))
    for _ in range(steps):
        slope, curve = _slope_and_curvature(n[open_], d[open_], x[open_])
        step = np.clip(_newton_step(slope, curve, damping[open_]), -2, 2)
        trial = np.clip(x[open_] + step, [-20, np.log(FLATTEST)], [20, np.log(STEEPEST)])
        trial_value = _value(n[open_], d[open_], _logistic(trial[:, 0]), np.exp(trial[:, 1]))
        better = trial_value >= value[open_]
        moved = np.abs(trial - x[open_]).max(axis=1)
        x[open_[better]], value[open_[better]] = trial[better], trial_value[better]
        damping[open_] = np.where(better, damping[open_] / 10, damping[open_] * 10)
        open_ = open_[(moved > 1e-10) & (damping[open_] < 1e12)]
        if not len(open_):
            break
    return _logistic(x[:, 0]), np.exp(x[:, 1])


def _logistic(z):
    return 1 / (1 + np.exp(-z))


def _slope_and_curvature(n, d, x):
    """Gradient (R, 2) and Hessian terms (pp, qq, pq) of log L in p = logit m and q = log phi."""
    m, phi = _logistic(x[:, :1]), np.exp(x[:, 1:])
    k = np.arange(n.shape[1])[None, :]
    still, stay, run = n - d, 1 - m + phi * k, 1 + phi * k
    left = d.sum(axis=1)
    m, phi = m[:, 0], phi[:, 0]
    by_m = left / m - (still / stay).sum(axis=1)
    by_mm = -left / m**2 - (still / stay**2).sum(axis=1)
    by_phi = (still * k / stay - n * k / run).sum(axis=1)
    by_phiphi = (n * k**2 / run**2 - still * k**2 / stay**2).sum(axis=1)
    by_mphi = (still * k / stay**2).sum(axis=1)
    w = m * (1 - m)
    slope = np.stack([by_m * w, by_phi * phi], axis=1)
    curve = by_mm * w**2 + by_m * w * (1 - 2 * m), by_phiphi * phi**2 + by_phi * phi, by_mphi * w * phi
    return slope, curve


def _newton_step(slope, curve, damping):
    """Solve (damped curvature) step = slope; the damping makes the 2 x 2 matrix definite where it is not."""
    pp, qq, pq = (-c for c in curve)
    smallest = (pp + qq) / 2 - np.sqrt(((pp - qq) / 2) ** 2 + pq**2)
    scale = np.maximum(np.abs(pp) + np.abs(qq), 1e-12)
    lift = np.maximum(-smallest, 0) * 1.01 + damping * scale
    pp, qq = pp + lift, qq + lift
    det = pp * qq - pq**2
    return np.stack(
        [(qq * slope[:, 0] - pq * slope[:, 1]) / det, (pp * slope[:, 1] - pq * slope[:, 0]) / det], axis=1
    )


def refit_sbg(counts: Counts, draws: int, seed: int, periods: int, sample: Sampler = by_cell) -> Types:
    """The same fit on resampled counts: weights per draw on types that all draws share, where one set can carry them."""
    found = fit_sbg_batch(*sample(counts, draws, seed))
    return Types(*(beta_types_shared(*found) or beta_types_batch(*found, nodes=NODES_DRAWN)))


MODEL = Model("sbg", "Customers differ in loyalty (sBG)", fit_sbg, refit_sbg, 2, ranged=True)
