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


def fitted(cohorts, name, renewals):
    table = cs.life_table_from_survival(cohorts[f"{name}_pct"][: renewals + 1] / 100, CUSTOMERS)
    return cs.fit(table, "sbg")


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
    curve = cs.fit(cs.LifeTable(yearly))
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
