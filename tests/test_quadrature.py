"""Types are exact: they carry the sBG curve, its tenured customers and its discounted sums."""

import numpy as np
import pytest
from scipy.special import betaln, roots_jacobi

from cs_models.retention.quadrature import beta_types, beta_types_batch, beta_types_shared

MONTHS = np.arange(121)
PAIRS = [
    (0.1, 0.1),
    (0.1, 1000),
    (50, 1000),
    (50, 0.5),
    (0.5, 0.5),
    (0.3, 0.7),
    (1, 1),
    (0.8, 8),
    (0.668, 3.806),
    (1, 0.01),
    (0.001, 0.001),
    (3e4, 9.7e5),
]


@pytest.mark.parametrize("alpha, beta", PAIRS)
def test_types_reproduce_the_curve_to_month_120(alpha, beta):
    theta, weights = beta_types(alpha, beta)
    closed = np.cumprod(np.concatenate([[1.0], (beta + MONTHS[:-1]) / (alpha + beta + MONTHS[:-1])]))
    np.testing.assert_allclose(weights @ (1 - theta[:, None]) ** MONTHS, closed, rtol=0, atol=1e-9)


def test_the_closed_form_is_the_ratio_of_beta_functions():
    theta, weights = beta_types(0.8, 8)
    ratio = np.exp(betaln(0.8, 8 + MONTHS) - betaln(0.8, 8))
    np.testing.assert_allclose(weights @ (1 - theta[:, None]) ** MONTHS, ratio, rtol=0, atol=1e-12)


@pytest.mark.parametrize("alpha, beta", PAIRS)
def test_types_are_shares(alpha, beta):
    theta, weights = beta_types(alpha, beta)
    assert theta.shape == weights.shape == (64,)
    assert (theta >= 0).all() and (theta < 1).all() and (weights >= 0).all()
    assert abs(weights.sum() - 1) < 1e-12 and (np.diff(theta) >= 0).all()
    assert np.isfinite(np.log1p(-theta)).all()


def test_nodes_and_weights_are_those_of_gauss_and_jacobi():
    theta, weights = beta_types(0.8, 8, nodes=20)
    x, w = roots_jacobi(20, 8 - 1, 0.8 - 1)
    np.testing.assert_allclose(theta, (1 + x) / 2, atol=1e-13)
    np.testing.assert_allclose(weights, w / w.sum(), atol=1e-13)


def test_many_pairs_at_once_are_each_pair():
    alpha, beta = (np.array(v, dtype=float) for v in zip(*PAIRS))
    theta, weights = beta_types_batch(alpha, beta, nodes=32)
    for i in range(len(PAIRS)):
        one = beta_types(alpha[i], beta[i], nodes=32)
        np.testing.assert_allclose(theta[i], one[0], atol=1e-13)
        np.testing.assert_allclose(weights[i], one[1], atol=1e-13)


def test_few_nodes_are_exact_only_so_far():
    theta, weights = beta_types(0.8, 8, nodes=8)
    closed = np.exp(betaln(0.8, 8 + MONTHS) - betaln(0.8, 8))
    gap = np.abs(weights @ (1 - theta[:, None]) ** MONTHS - closed)
    assert gap[:16].max() < 1e-13 < gap[60]


# Many distributions on one set of types ---------------------------------------------------------------------

SPREADS = [(0.8, 8, 0.02, 0.2), (0.74, 18, 0.15, 3), (0.175, 5.8, 0.01, 0.5), (2.8, 234, 0.3, 20), (20, 200, 1, 10)]


@pytest.mark.parametrize("alpha, beta, a_error, b_error", SPREADS)
def test_draws_on_shared_types_are_far_more_exact_than_their_range_is_wide(alpha, beta, a_error, b_error):
    """Against the closed form: each draw's months lived within a thousandth of the width of their 95 % range."""
    rng = np.random.default_rng(0)
    a, b = np.maximum(rng.normal(alpha, a_error, 300), 0.05), np.maximum(rng.normal(beta, b_error, 300), 0.5)
    theta, weights = beta_types_shared(a, b)
    assert theta.ndim == 1 and len(theta) <= 64 and weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=0, atol=1e-12)
    exact = np.exp(betaln(a[:, None], b[:, None] + MONTHS) - betaln(a, b)[:, None]).sum(axis=1)
    found = (weights @ (1 - theta[:, None]) ** MONTHS).sum(axis=1)
    low, high = np.quantile(exact, [0.025, 0.975])
    assert np.abs(found - exact).max() < 1e-3 * (high - low)


@pytest.mark.parametrize("alpha, beta", [(3e4, 9.7e5), (0.1, 0.1)])
def test_what_no_shared_types_can_carry_is_said(alpha, beta):
    assert beta_types_shared(np.array([0.8, alpha]), np.array([8.0, beta])) is None
