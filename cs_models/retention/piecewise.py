"""Churn constant within bands of tenure: nearly the observed curve, smoothed; beyond it the last band goes on.

Within a band churn = departures / customer-periods at risk, the maximum likelihood. A band with fewer than ten
departures joins the one before it. A description more than a forecast.
"""

import numpy as np

from cs_models.gates import FEWEST_EVENTS
from cs_models.retention.bootstrap import Sampler, by_cell
from cs_models.retention.constant import churn_rate
from cs_models.retention.likelihood import Counts, log_likelihood
from cs_models.retention.parametric import one_type
from cs_models.retention.quadrature import LARGEST
from cs_models.retention.registry import Fitted, Model, Types

FIRST_PERIODS = (1, 2, 4, 7, 13, 25, 49)


def bands(counts: Counts) -> np.ndarray:
    """The band of each period, (K,), numbered from 0."""
    periods = np.arange(1, len(counts.at_risk) + 1)
    band = np.searchsorted(FIRST_PERIODS, periods, side="right") - 1
    for number in range(band.max(), 0, -1):
        if counts.churned[band == number].sum() < FEWEST_EVENTS:
            band[band >= number] -= 1
    return band


def _hazards(band: np.ndarray, at_risk: np.ndarray, churned: np.ndarray) -> np.ndarray:
    """Churn per band, (..., bands)."""
    of = [churn_rate(at_risk[..., band == b], churned[..., band == b]) for b in range(band.max() + 1)]
    return np.clip(np.stack(of, axis=-1), 0.0, LARGEST)


def _aging(band: np.ndarray, hazards: np.ndarray, periods: int) -> np.ndarray:
    """Cumulative hazard from 0 to `periods`, (..., periods + 1); the last band goes on."""
    path = np.pad(band, (0, max(periods - len(band), 0)), mode="edge")[:periods]
    steps = -np.log1p(-hazards)[..., path]
    return np.concatenate([np.zeros_like(steps[..., :1]), np.cumsum(steps, axis=-1)], axis=-1)


def fit_piecewise(counts: Counts, periods: int) -> Fitted:
    """One churn per band of tenure."""
    band = bands(counts)
    hazards = _hazards(band, counts.at_risk, counts.churned)
    aging = _aging(band, hazards, periods)
    theta, weights = one_type(np.zeros((1, 1)))
    likelihood = log_likelihood(counts, hazards[band])
    named = {f"from_{FIRST_PERIODS[i]}": float(h) for i, h in enumerate(hazards)}
    return Fitted(named, np.exp(-aging), theta[0], weights[0], likelihood, aging=aging)


def _refit(counts: Counts, draws: int, seed: int, periods: int, sample: Sampler = by_cell) -> Types:
    band = bands(counts)
    at_risk, churned = sample(counts, draws, seed)
    hazards = _hazards(band, np.broadcast_to(at_risk, churned.shape), churned)
    return Types(*one_type(np.zeros((draws, 1))), _aging(band, hazards, periods))


MODEL = Model("piecewise", "Churn by bands of tenure", fit_piecewise, _refit, len(FIRST_PERIODS))
