"""Constant churn: everybody leaves with the same chance every period, S(t) = (1 - theta)^t.

The plain line that ARPU / churn believes in. Real customers differ, so it understates the loyal tail; it is
here for data too small for anything better, and as the yardstick.
"""

import numpy as np

from cs_models.retention.bootstrap import Sampler, by_cell
from cs_models.retention.likelihood import Counts, log_likelihood
from cs_models.retention.quadrature import LARGEST
from cs_models.retention.registry import Fitted, Model, Types

HALF_A_CUSTOMER = 0.5  # nobody has left yet: churn is small, not zero; half an event is Jeffreys' choice


def churn_rate(at_risk, churned) -> np.ndarray:
    """Departures per customer-period at risk (last axis), with half a departure when there is none."""
    total = np.sum(at_risk, axis=-1)
    left = np.maximum(np.sum(churned, axis=-1), HALF_A_CUSTOMER)
    return np.clip(left / np.maximum(total, 1.0), 0.0, LARGEST)


def fit_constant(counts: Counts, periods: int) -> Fitted:
    """churn = departures / customer-periods at risk. 30 departures in 1,000 customer-months: 3 % a month."""
    churn = float(churn_rate(counts.at_risk, counts.churned))
    note = "" if counts.events > 0 else "Nobody has left yet: churn is set to half a departure."
    likelihood = log_likelihood(counts, np.full(len(counts.at_risk), churn))
    survival = (1 - churn) ** np.arange(periods + 1)
    return Fitted({"churn": churn}, survival, np.array([churn]), np.array([1.0]), likelihood, note)


def refit_constant(counts: Counts, draws: int, seed: int, periods: int, sample: Sampler = by_cell) -> Types:
    """One rate per draw from its Jeffreys posterior, which has a width even when nobody has left yet."""
    if sample is not by_cell:
        rates = churn_rate(*sample(counts, draws, seed))[:, None]
        return Types(rates, np.ones_like(rates))
    left, stayed = counts.churned.sum(), (counts.at_risk - counts.churned).sum()
    rates = np.random.default_rng(seed).beta(left + 0.5, stayed + 0.5, size=(draws, 1))
    return Types(rates, np.ones((draws, 1)))


MODEL = Model("constant", "Constant churn", fit_constant, refit_constant, 1)
