"""Published figures: Fader and Hardie's cohorts, RevenueCat's renewals, lifelines' waltons."""

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_waltons

import cs_models as cs
from cs_models.retention.fit import counts_per_period
from cs_models.retention.likelihood import hazard_of, log_likelihood

pytestmark = pytest.mark.reference
CUSTOMERS = 1000


@pytest.fixture(scope="module")
def cohorts(reference_data):
    return pd.read_csv(reference_data / "published" / "fader_hardie_2007_survival.csv")


def fitted(cohorts, name, renewals, model="sbg"):
    table = cs.life_table_from_survival(cohorts[f"{name}_pct"][: renewals + 1] / 100, CUSTOMERS)
    return cs.fit(table, model)


def likelihood_of(curve, renewals):
    return log_likelihood(counts_per_period(curve.table, 1), hazard_of(curve.survival[: renewals + 1]))


@pytest.mark.parametrize(
    "name, renewals, alpha, beta, likelihood",
    [
        ("high_end", 7, 0.668, 3.806, -1611.1582),
        ("regular", 7, 0.704, 1.182, -1680.2652),
        ("regular", 4, 0.7637, 1.2958, -1401.5594),
        ("high_end", 4, 1.2810, 7.7904, -1225.1349),
    ],
)
def test_sbg_parameters_and_likelihood_as_published(cohorts, name, renewals, alpha, beta, likelihood):
    curve = fitted(cohorts, name, renewals)
    assert curve.parameters["alpha"] == pytest.approx(alpha, abs=1e-3)
    assert curve.parameters["beta"] == pytest.approx(beta, abs=1e-3)
    hazard = hazard_of(curve.survival[: renewals + 1])
    assert log_likelihood(counts_per_period(curve.table, 1), hazard) == pytest.approx(likelihood, abs=1e-3)


def test_the_yearly_clock_gives_the_same_fit(cohorts):
    yearly = cs.life_table_from_survival(cohorts["high_end_pct"][:8] / 100, CUSTOMERS).frame
    yearly = yearly.assign(interval=12, tenure=yearly["tenure"] * 12)
    curve = cs.fit(cs.LifeTable(yearly), "sbg")
    assert curve.clock == 12 and curve.observed_to == 84
    assert curve.parameters["alpha"] == pytest.approx(0.668, abs=1e-3)
    assert curve.survival[12 * 7] == pytest.approx(fitted(cohorts, "high_end", 7).survival[7])


def test_discounted_residual_lifetime_of_the_high_end_cohort(cohorts):
    curve = fitted(cohorts, "high_end", 7)
    assert curve.derl(0.10, 8) == pytest.approx(7.52963, abs=1e-4)
    assert curve.derl(0.10, 7) == pytest.approx(7.34472, abs=1e-4)


@pytest.mark.parametrize("name, residual", [("regular", 5.68), ("high_end", 5.87)])
def test_discounted_residual_lifetime_after_four_renewals(cohorts, name, residual):
    assert fitted(cohorts, name, 4).derl(0.10, 5) == pytest.approx(residual, abs=0.005)


def test_forecast_of_the_high_end_cohort(cohorts):
    survival = fitted(cohorts, "high_end", 7).survival
    np.testing.assert_allclose(survival[8:13], [0.460, 0.436, 0.414, 0.395, 0.378], atol=5e-4)


def test_two_renewals_explain_the_third(reference_data):
    from cs_models.retention.sbg import sbg_survival

    rates = pd.read_csv(reference_data / "published" / "revenuecat_renewal_rates.csv").set_index("duration")
    for row in rates.itertuples():
        survival = sbg_survival(row.sbg_alpha_from_r1_r2, row.sbg_beta_from_r1_r2, 3)
        assert survival[3] / survival[2] == pytest.approx(row.sbg_predicted_third, abs=2e-3)


def test_kaplan_meier_of_the_waltons_data(reference_data):
    known = pd.read_csv(reference_data / "published" / "lifelines_reference_values.csv")
    known = known[known["dataset"] == "waltons"].set_index("quantity")["value"]
    data = load_waltons()
    found = cs.kaplan_meier(cs.life_table_from_durations(data["T"].astype(int), data["E"]))
    assert found.survival[40] == pytest.approx(float(known["KM S(40)"]), abs=1e-9)
    assert int(np.argmax(found.survival <= 0.5)) == float(known["KM median all"])


@pytest.mark.parametrize(
    "name, renewals, model, parameters, likelihood",
    [
        ("regular", 4, "weibull", {"theta": 0.3739, "c": 0.6359}, -1404.0082),
        ("high_end", 4, "weibull", {"theta": 0.1384, "c": 0.9101}, -1226.5489),
        ("regular", 4, "bdw", {"alpha": 0.5231, "beta": 0.8944, "c": 1.1963}, -1401.3831),
        ("high_end", 4, "bdw", {"alpha": 0.2593, "beta": 1.7225, "c": 1.5844}, -1222.7493),
        ("regular", 12, "bdw", {"alpha": 0.5083, "beta": 0.8688, "c": 1.2094}, -1930.9297),
        ("high_end", 12, "bdw", {"alpha": 0.2496, "beta": 1.6542, "c": 1.5968}, -2004.8169),
        ("high_end", 12, "lcw", {"share": 0.71, "theta1": 0.068, "c1": 0.853, "theta2": 0.288, "c2": 1.386}, -2004.3176),
    ],
)
def test_other_models_as_published(cohorts, name, renewals, model, parameters, likelihood):
    curve = fitted(cohorts, name, renewals, model)
    assert likelihood_of(curve, renewals) == pytest.approx(likelihood, abs=1e-3)
    for parameter, value in parameters.items():
        assert curve.parameters[parameter] == pytest.approx(value, abs=2e-3), parameter


@pytest.mark.parametrize(
    "name, model, lifetime, residual",
    [("regular", "sbg", 3.62, 5.68), ("high_end", "sbg", 5.46, 5.87), ("regular", "bdw", 3.69, 6.03), ("high_end", "bdw", 5.99, 7.32)],
)
def test_discounted_lifetimes_after_four_renewals(cohorts, name, model, lifetime, residual):
    curve = fitted(cohorts, name, 4, model)
    assert 1 + curve.derl(0.10, 1) * curve.survival[0] / 1.1 == pytest.approx(lifetime, abs=0.006)
    assert curve.derl(0.10, 5) == pytest.approx(residual, abs=0.006)


def test_information_criteria_and_the_choice_of_the_high_end_cohort(cohorts):
    found = cs.compare_models(fitted(cohorts, "high_end", 12).table).set_index("model")
    assert found.loc["bdw", "aic"] == pytest.approx(4015.6, abs=0.05)
    assert found.loc["lcw", "aic"] == pytest.approx(4018.6, abs=0.05)
    regular = cs.compare_models(fitted(cohorts, "regular", 12).table).set_index("model")
    assert regular.loc["bdw", "aic"] == pytest.approx(3867.9, abs=0.05)
    simple, rich = (likelihood_of(fitted(cohorts, "high_end", 4, m), 4) for m in ("sbg", "bdw"))
    assert 2 * (rich - simple) == pytest.approx(4.77, abs=0.005)
    # Twelve periods are asked for before three parameters may speak for a forecast.
    assert [fitted(cohorts, "high_end", k, "auto").model for k in (4, 7)] == ["sbg", "sbg"]


@pytest.mark.parametrize(
    "name, renewals, model, foretold",
    [("regular", 4, "constant", 2.2), ("regular", 4, "weibull", 10.3), ("regular", 4, "sbg", 16.0), ("regular", 4, "bdw", 17.1),
     ("high_end", 4, "constant", 20.2), ("high_end", 4, "weibull", 23.9), ("high_end", 4, "sbg", 30.7),
     ("high_end", 4, "bdw", 38.9), ("regular", 7, "sbg", 17.0), ("high_end", 7, "sbg", 37.8), ("regular", 7, "bdw", 17.7),
     ("high_end", 7, "bdw", 40.4)],
)  # fmt: skip
def test_forecasts_of_the_twelfth_year(cohorts, name, renewals, model, foretold):
    assert 100 * fitted(cohorts, name, renewals, model).survival[12] == pytest.approx(foretold, abs=0.06)


@pytest.mark.parametrize("alpha, beta, lifetime, residuals", [
    (3.80, 15.20, 4.009, [3.31, 3.45, 3.59, 3.72, 3.84]), (0.067, 0.267, 7.973, [7.67, 9.46, 9.85, 10.06, 10.19]),
])  # fmt: skip
def test_the_perils_of_ignoring_heterogeneity(alpha, beta, lifetime, residuals):
    """Two books with the same mean churn of 20 %: what a customer is still worth differs by a factor of 2 to 3."""
    curve = cs.RetentionCurve.sbg(alpha, beta)
    assert 1 + curve.derl(0.10, 1) / 1.1 * curve.survival[0] == pytest.approx(lifetime, abs=0.01)
    found = [curve.derl(0.10, n) for n in range(1, 6)]
    np.testing.assert_allclose(found, residuals, atol=0.011)


@pytest.mark.parametrize("model, parameters, likelihood", [
    ("weibull", {"lambda_": 55.7331, "rho_": 3.4505}, -672.062), ("lognormal", {"mu": 3.8288, "sigma": 0.5124}, -716.146),
    ("loglogistic", {"alpha": 50.3235, "beta": 4.0286}, -701.823),
])  # fmt: skip
def test_waltons_of_lifelines_by_whole_days(model, parameters, likelihood):
    """lifelines takes the days as exact, we as intervals: half a day apart, the same shape."""
    data = load_waltons()
    curve = cs.fit(cs.life_table_from_durations(data["T"].astype(int), data["E"]), model)
    found = dict(curve.parameters)
    if model == "weibull":
        found = {"lambda_": (-np.log1p(-found["theta"])) ** (-1 / found["c"]), "rho_": found["c"]}
    for name, value in parameters.items():
        assert found[name] == pytest.approx(value, rel=0.025), name
