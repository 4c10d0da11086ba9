"""Every retention model keeps the same promises; sBG is fitted as scipy would, alone and 500 at a time."""

import numpy as np
import pytest
from scipy.optimize import minimize

import cs_models as cs
from cs_models.retention.bootstrap import resample
from cs_models.retention.curve import RetentionCurve
from cs_models.retention.fit import counts_per_period
from cs_models.retention.likelihood import Counts, hazard_of, log_likelihood
from cs_models.retention.quadrature import beta_types_batch
from cs_models.retention.registry import models
from cs_models.retention.sbg import fit_sbg_batch, sbg_survival

MONTHS = np.arange(121)
V = 1.1 ** (-1 / 12)


def table_of(survival, customers=2000):
    return cs.life_table_from_survival(survival, customers)


def rounded(alpha, beta, months=36, customers=2000):
    alive = customers * sbg_survival(alpha, beta, months)
    return np.round(alive[:-1]), np.round(alive[:-1] - alive[1:])


# ---- one contract for all models


@pytest.mark.parametrize("name", [*models(), "auto"])
@pytest.mark.parametrize("truth", [sbg_survival(0.8, 8, 24), 0.95 ** np.arange(25), sbg_survival(5, 4, 6)])
def test_contract_of_every_model(name, truth):
    curve = cs.fit(table_of(truth), model=name)
    assert curve.model in models() and curve.parameters and curve.why
    assert len(curve.survival) >= 121 and curve.survival[0] == 1
    assert (np.diff(curve.survival) <= 0).all() and curve.survival.min() >= 0
    assert abs(curve.weights.sum() - 1) < 1e-12
    aging = MONTHS if curve.aging is None else curve.aging[MONTHS]
    types = curve.weights @ (1 - curve.theta[:, None]) ** aging
    np.testing.assert_allclose(types, curve.survival[:121], rtol=0, atol=1e-9)
    assert curve.observed_to == len(truth) - 1
    assert np.isfinite(curve.rate).all() and 0 < curve.mean_churn < 1
    np.testing.assert_allclose(curve.survival[1:7], truth[1:7], atol=0.1)


def test_models_are_found_and_unknown_names_refused():
    assert {"sbg", "constant"} <= set(models())
    with pytest.raises(cs.Problem, match="sbg"):
        cs.fit(table_of(sbg_survival(0.8, 8, 12)), model="crystal ball")


# ---- sBG


@pytest.mark.parametrize(
    "alpha, beta", [(0.8, 8), (0.668, 3.806), (0.704, 1.182), (3, 60), (0.3, 0.2), (0.05, 0.3)]
)
def test_fit_finds_the_parameters_behind_exact_counts(alpha, beta):
    found = cs.fit(table_of(sbg_survival(alpha, beta, 36)), "sbg").parameters
    assert found["alpha"] == pytest.approx(alpha, rel=1e-6) and found["beta"] == pytest.approx(beta, rel=1e-6)


def scipy_fit(at_risk, churned):
    counts = Counts(at_risk, churned)

    def minus(logs):
        with np.errstate(all="ignore"):
            return -log_likelihood(
                counts, hazard_of(sbg_survival(*np.exp(np.clip(logs, -20, 12)), len(at_risk)))
            )

    best = min(
        (
            minimize(
                minus,
                np.log(s),
                method="Nelder-Mead",
                options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000},
            )
            for s in ([1, 1], [1, 10], [5, 100])
        ),
        key=lambda r: r.fun,
    )
    return np.exp(best.x)


def clv(alpha, beta):
    return sbg_survival(alpha, beta, 35) @ V ** np.arange(36)


@pytest.mark.parametrize(
    "alpha, beta, months, customers", [(0.8, 8, 36, 2000), (2, 10, 12, 400), (0.5, 0.9, 24, 900)]
)
def test_batch_fit_equals_scipy_draw_by_draw(alpha, beta, months, customers):
    at_risk, churned = rounded(alpha, beta, months, customers)
    draws = resample(at_risk, churned, 40, seed=3)
    a, b = fit_sbg_batch(at_risk, draws)
    for i in range(40):
        assert clv(a[i], b[i]) == pytest.approx(clv(*scipy_fit(at_risk, draws[i])), rel=1e-4)


def test_batch_is_as_good_as_one_by_one_and_orders_do_not_mix():
    at_risk, churned = rounded(0.8, 8)
    draws = resample(at_risk, churned, 30, seed=5)
    a, b = fit_sbg_batch(at_risk, draws)
    for i in (0, 7, 29):
        one = fit_sbg_batch(at_risk, draws[i : i + 1])
        assert a[i] == pytest.approx(one[0][0], rel=1e-7) and b[i] == pytest.approx(one[1][0], rel=1e-7)


def test_fit_is_a_summit():
    at_risk, churned = rounded(0.8, 8)
    a, b = (v[0] for v in fit_sbg_batch(at_risk, churned[None]))
    counts = Counts(at_risk, churned)

    def height(x, y):
        return log_likelihood(counts, hazard_of(sbg_survival(x, y, len(at_risk))))

    assert all(height(a, b) >= height(a * s, b * t) for s in (0.99, 1, 1.01) for t in (0.99, 1, 1.01))


def test_no_grid_finds_a_better_fit_on_ragged_counts():
    draw, customers = np.random.default_rng(4), 40
    rows = [np.sort(draw.integers(1, 7, customers)) for _ in range(25)]
    at_risk = np.array([[(r >= k).sum() for k in range(1, 7)] for r in rows], dtype=float)
    churned = draw.binomial(np.array([[(r == k).sum() for k in range(1, 7)] for r in rows]), 0.6).astype(
        float
    )
    a, b = fit_sbg_batch(at_risk, churned)
    for i in range(len(rows)):
        counts = Counts(at_risk[i], churned[i])
        found = log_likelihood(counts, hazard_of(sbg_survival(a[i], b[i], 6)))
        grid = max(
            log_likelihood(counts, hazard_of(sbg_survival(m / phi, (1 - m) / phi, 6)))
            for m in np.linspace(0.02, 0.9, 40)
            for phi in np.logspace(-5, 2, 30)
        )
        assert found >= grid - 1e-3


def test_rising_hazard_becomes_constant_churn_and_says_so():
    at_risk, churned = np.array([1000, 950, 850, 700, 500.0]), np.array([50, 100, 150, 200, 250.0])
    a, b = fit_sbg_batch(at_risk, churned[None])
    assert a[0] + b[0] == pytest.approx(1e6)
    assert a[0] / (a[0] + b[0]) == pytest.approx(churned.sum() / at_risk.sum())
    table = table_of(np.append(at_risk, 250) / 1000, 1000)
    auto, asked = cs.fit(table), cs.fit(table, "sbg")
    assert auto.model == "constant" and asked.model == "sbg" and "does not fall" in auto.notes[0] + auto.why
    assert "does not fall" in asked.notes[0]
    np.testing.assert_allclose(auto.survival[:121], asked.survival[:121], atol=2e-3)


def test_churn_that_is_exactly_constant_is_recognised():
    curve = cs.fit(table_of(0.95 ** np.arange(25)))
    assert curve.model == "constant" and curve.parameters["churn"] == pytest.approx(0.05)


def test_a_customer_who_leaves_for_certain_has_a_finite_rate():
    assert np.isfinite(RetentionCurve.constant(1.0).rate).all()
    assert RetentionCurve.constant(1.0).survival[1] < 1e-11


def test_batch_survives_draws_without_departures_and_with_all():
    at_risk = np.array([20.0, 12.0, 5.0])
    a, b = fit_sbg_batch(at_risk, np.array([[0, 0, 0], [20, 12, 5], [1, 0, 0], [20, 0, 0]], dtype=float))
    assert np.isfinite([a, b]).all() and (a > 0).all() and (b > 0).all()
    theta, weights = beta_types_batch(a, b)
    assert np.isfinite(theta).all() and np.isfinite(weights).all()
    assert a[0] / (a[0] + b[0]) == pytest.approx(0.5 / 37)


# ---- guards


def test_too_few_departures_give_constant_churn_with_a_note():
    early = [1, 1, 1, 1, 2, 2, 2, 3, 3]
    few = cs.fit(cs.life_table_from_durations(early + [12] * 100, [1] * 9 + [0] * 100), "sbg")
    assert cs.fit(cs.life_table_from_durations([*early, 4] + [12] * 100, [1] * 10 + [0] * 100)).model == "sbg"
    assert few.model == "constant" and "Too few" in few.notes[0] and few.why
    one_month = cs.fit(cs.life_table_from_durations([3] * 50 + [12] * 100, [1] * 50 + [0] * 100))
    assert one_month.model == "constant"
    assert one_month.parameters["churn"] == pytest.approx(50 / (50 * 3 + 100 * 12))


@pytest.mark.parametrize("wavy, gap", [
    ([1, 0.95, 0.9, 0.75, 0.74, 0.73, 0.60], "7 points below"),
    ([1, 0.95, 0.9, 0.85, 0.72, 0.71, 0.70], "6 points above"),
    ([1, 0.95, 0.9, 0.80, 0.79, 0.78, 0.70], ""),
])  # fmt: skip
def test_a_fit_that_leaves_the_observed_curve_by_five_points_says_so(wavy, gap):
    curve = cs.fit(table_of(wavy))
    away = float(np.abs(curve.survival[: len(wavy)] - wavy).max())
    assert 0.03 < away < 0.08 and (away > 0.05) is bool(gap)
    assert [gap in note for note in curve.notes if "points" in note] == [True] * bool(gap)
    assert not cs.fit(table_of(sbg_survival(0.8, 8, 24))).notes


def test_nobody_left_yet_is_small_churn_and_a_note():
    curve = cs.fit(cs.life_table_from_durations([10] * 40, [0] * 40))
    assert curve.parameters["churn"] == pytest.approx(0.5 / 400) and any(
        "Nobody has left" in n for n in curve.notes
    )


def test_no_completed_month_is_a_sentence():
    with pytest.raises(cs.Problem, match="billing period"):
        cs.fit(cs.life_table_from_durations([0, 0], [0, 0]))


# ---- the curve


def test_tenured_customers_are_the_loyal_ones():
    curve = RetentionCurve.sbg(0.8, 8)
    later = curve.from_tenure(12)
    assert curve.survival[12] == pytest.approx(0.4777, abs=1e-4) and later.survival[12] == pytest.approx(
        0.686, abs=1e-3
    )
    np.testing.assert_allclose(later.survival[:121], RetentionCurve.sbg(0.8, 20).survival[:121], atol=1e-12)
    np.testing.assert_allclose(
        later.weights @ (1 - later.theta[:, None]) ** np.arange(100), later.survival[:100], atol=1e-9
    )
    twice = curve.from_tenure(5).from_tenure(7)
    np.testing.assert_allclose(twice.survival[:100], later.survival[:100], atol=1e-12)
    np.testing.assert_allclose(twice.weights, later.weights, atol=1e-12)
    assert curve.from_tenure(0) is curve


def test_very_old_customers_still_have_a_curve():
    old = RetentionCurve.sbg(0.8, 8).from_tenure(350)
    assert len(old.survival) >= 121
    np.testing.assert_allclose(old.survival[:121], sbg_survival(0.8, 358, 120), atol=1e-3)


def test_annual_payers_leave_only_at_renewals():
    curve = RetentionCurve.sbg(1, 3, clock=12)
    assert curve.survival[:12].min() == 1 and curve.survival[12] == pytest.approx(0.75)
    middle = curve.from_tenure(14)  # two months into the second year
    assert (
        (middle.survival[:10] == 1).all() and middle.survival[10] == pytest.approx(0.8) and middle.phase == 2
    )
    assert middle.from_tenure(10).survival[12] == pytest.approx(5 / 6)


def test_derl_is_the_sum_of_payments_to_come():
    curve = RetentionCurve.sbg(0.668, 3.806)
    terms = np.arange(5000)
    stay = np.cumprod((3.806 + 7 + terms) / (0.668 + 3.806 + 7 + terms))
    assert curve.derl(0.10, 8) == pytest.approx((stay / 1.1**terms).sum(), rel=1e-10)
    assert RetentionCurve.constant(0.2).derl(0.1, 3) == pytest.approx(0.8 / (1 - 0.8 / 1.1))
    for bad in ((0, 1), (0.1, 0)):
        with pytest.raises(ValueError):
            curve.derl(*bad)


def test_curves_cannot_be_changed():
    with pytest.raises(ValueError):
        RetentionCurve.sbg(0.8, 8).survival[0] = 0


def test_monthly_and_annual_payers_are_fitted_apart():
    monthly = table_of(sbg_survival(0.8, 8, 36), 3000).frame
    yearly = table_of(sbg_survival(1, 4, 6), 1000).frame
    yearly = yearly.assign(interval=12, tenure=yearly["tenure"] * 12)
    import pandas as pd

    table = cs.LifeTable(pd.concat([monthly, yearly], ignore_index=True))
    curve = cs.fit(table)
    (share, first), (other, second) = curve.parts
    assert (share, other) == (0.75, 0.25) and (first.clock, second.clock) == (1, 12)
    assert (
        second.parameters["beta"] == pytest.approx(4, rel=1e-5) and curve.parameters[12] == second.parameters
    )
    np.testing.assert_allclose(curve.survival, 0.75 * first.survival + 0.25 * second.survival)
    assert curve.observed_to == 72 and "apart" in curve.notes[0]
    later = curve.from_tenure(30)
    np.testing.assert_allclose(later.survival[:90], curve.survival[30:120] / curve.survival[30], atol=1e-12)
    assert RetentionCurve.sbg(1, 2).parts[0][0] == 1.0


def test_renewals_of_those_who_switched_count_as_the_nearest_year():
    import pandas as pd

    frame = pd.DataFrame(
        {
            "interval": 12,
            "tenure": [0, 12, 17, 24, 29],
            "at_risk": [9, 9, 5, 4, 3],
            "churned": [0, 2, 1, 1, 1],
            "involuntary": 0,
            "censored": 0,
            "in_force": 9,
        }
    )
    counts = counts_per_period(cs.LifeTable(frame), 12)
    assert counts.at_risk.tolist() == [14, 7] and counts.churned.tolist() == [3, 2]


def test_resampling_is_binomial_and_repeatable():
    at_risk, churned = np.array([1000.0, 500, 0, 100]), np.array([100.0, 50, 0, 0])
    first, again = resample(at_risk, churned, 4000, 1), resample(at_risk, churned, 4000, 1)
    assert (first == again).all() and (first != resample(at_risk, churned, 4000, 2)).any()
    np.testing.assert_allclose(first.mean(axis=0), churned, rtol=0.01)
    assert first[:, 0].std() == pytest.approx(np.sqrt(90), rel=0.05) and first[:, 2:].max() == 0


def test_derl_is_finite_when_hardly_anybody_stays():
    assert cs.RetentionCurve.constant(1.0).derl(0.1, 60) == pytest.approx(0.0, abs=1e-9)
    half = cs.RetentionCurve.constant(0.5)
    assert half.derl(0.1, 60) == pytest.approx(half.derl(0.1, 1))
