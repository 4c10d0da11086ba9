"""The regression of the hazard: statsmodels on rows, exact answers by hand, order that does not matter."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import stdtrit

from cs_models.hazard_fit import dispersion, fit_hazard, independent


def cells(seed=0, size=4000):
    draw = np.random.default_rng(seed)
    design = np.column_stack(
        [np.ones(size), draw.normal(size=(size, 2)), draw.random((size, 3)) < 0.3]
    ).astype(float)
    truth = np.array([-2.5, 0.3, -0.2, 0.5, -0.4, 0.1])
    at_risk = draw.integers(1, 30, size)
    churned = draw.binomial(at_risk, -np.expm1(-np.exp(design @ truth)))
    return at_risk, churned, design, draw.integers(0, 40, size)


def general(at_risk, churned, design):
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    return sm.GLM(np.column_stack([churned, at_risk - churned]), design, family=family)


def test_two_groups_by_hand():
    fit = fit_hazard([1000, 1000], [100, 190], np.array([[1.0, 0], [1, 1]]))
    assert fit.coefficients[1] == pytest.approx(np.log(np.log(0.81) / np.log(0.9)), abs=1e-9)
    assert np.exp(fit.coefficients[1]) == pytest.approx(2.0, abs=1e-3) and fit.hazard == pytest.approx(
        [0.1, 0.19]
    )


def test_estimates_and_errors_are_those_of_statsmodels():
    at_risk, churned, design, _ = cells()
    fit, oracle = fit_hazard(at_risk, churned, design), general(at_risk, churned, design).fit()
    assert fit.coefficients == pytest.approx(oracle.params, abs=1e-7)
    wider = np.sqrt(dispersion(at_risk, churned, fit.hazard, design.shape[1]))
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(wider * oracle.bse, rel=5e-3)


def test_errors_by_cluster_are_those_of_statsmodels_with_many_clusters():
    at_risk, churned, design, _ = cells(1)
    clusters = np.arange(len(at_risk)) // 20  # 200: there the two corrections for few clusters agree
    luck = np.random.default_rng(2).normal(0, 1, 200)[clusters]
    churned = np.random.default_rng(3).binomial(at_risk, -np.expm1(-0.1 * np.exp(luck)))
    fit = fit_hazard(at_risk, churned, design, clusters)
    oracle = general(at_risk, churned, design).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    assert fit.clustered and np.sqrt(np.diag(fit.covariance)) == pytest.approx(oracle.bse, rel=0.06)


def test_counts_and_rows_give_the_same_fit():
    at_risk, churned, design, _ = cells(4, 300)
    rows = np.repeat(design, at_risk, axis=0)
    left = np.concatenate([np.arange(n) < d for n, d in zip(at_risk, churned, strict=True)])
    one = fit_hazard(np.ones(len(rows)), left, rows)
    assert fit_hazard(at_risk, churned, design).coefficients == pytest.approx(one.coefficients, abs=1e-6)


def test_the_order_of_the_cells_does_not_matter():
    at_risk, churned, design, clusters = cells(5)
    order = np.random.default_rng(6).permutation(len(at_risk))
    one, other = (
        fit_hazard(at_risk[o], churned[o], design[o], clusters[o]) for o in (np.arange(len(order)), order)
    )
    assert one.coefficients == pytest.approx(other.coefficients, abs=1e-9)
    assert one.covariance == pytest.approx(other.covariance, rel=1e-6, abs=1e-12)


def test_few_clusters_are_none_and_shared_luck_never_narrows():
    at_risk, churned, design, clusters = cells(7)
    assert not fit_hazard(at_risk, churned, design, clusters % 19).clustered
    alone = np.sqrt(np.diag(general(at_risk, churned, design).fit().cov_params()))
    errors = np.sqrt(np.diag(fit_hazard(at_risk, churned, design, clusters).covariance))
    assert (errors >= 0.999 * alone).all()


def test_columns_that_repeat_others_are_found():
    draw = np.random.default_rng(8).normal(size=(50, 3))
    columns = np.column_stack([draw, draw[:, 0] + draw[:, 1], np.zeros(50), draw[:, 2] * 5, np.ones(50)])
    assert independent(columns) == [0, 1, 2, 6]


def test_a_level_that_nobody_left_does_not_break_the_others():
    at_risk, churned, design, _ = cells(9)
    lost = np.column_stack([design, np.arange(len(at_risk)) < 50]).astype(float)
    churned = np.where(lost[:, -1] > 0, 0, churned)
    fit = fit_hazard(at_risk, churned, lost)
    rest = lost[:, -1] == 0
    assert fit.coefficients[:-1] == pytest.approx(
        fit_hazard(at_risk[rest], churned[rest], design[rest]).coefficients, abs=1e-3)  # fmt: skip
    assert fit.coefficients[-1] < -5


def test_the_error_by_sign_up_month_is_the_jackknife_by_hand():
    """One level for all, 30 months of equal size: leaving one out moves it by its own excess, (G - 1) / G of the sum."""
    chance = np.random.default_rng(3)
    risk, months = np.full(30, 400.0), np.arange(30)
    left = chance.binomial(400, 0.1 * np.exp(0.4 * chance.standard_normal(30))).astype(float)
    fit = fit_hazard(risk, left, np.ones((30, 1)), months)
    h = left.sum() / risk.sum()
    pace = -np.log1p(-h)
    slope = pace * np.exp(-pace)
    weight, score = 400 * slope**2 / (h * (1 - h)), (left - 400 * h) * slope / (h * (1 - h))
    moved = score / (29 * weight)
    t = stdtrit(29, 0.975) / 1.959963984540054
    assert fit.at(0)[1] == pytest.approx(t * np.sqrt(29 / 30 * (moved**2).sum()), rel=1e-6)
