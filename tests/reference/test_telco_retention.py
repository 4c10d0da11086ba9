"""The IBM Telco file: 7,043 real customers through the whole way from file to curve."""

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

import cs_models as cs
from cs_models.engine.counts import active_book

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def telco(reference_data):
    return cs.read(reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv")


def test_every_customer_is_counted(telco):
    frame = cs.life_table(telco).frame
    assert frame.loc[frame["tenure"] == 0, "at_risk"].item() == 7043
    assert frame["churned"].sum() == 1869
    assert frame.loc[frame["tenure"] == 0, "censored"].item() == 11  # tenure 0 and still there


def test_observed_retention(telco):
    survival = cs.kaplan_meier(cs.life_table(telco)).survival
    np.testing.assert_allclose(
        survival[[12, 24, 36, 60, 72]], [0.8432, 0.7887, 0.7485, 0.6644, 0.5928], atol=5e-5
    )
    monthly = cs.life_table(telco, "Contract").select(Contract="Month-to-month")
    assert cs.kaplan_meier(monthly).survival[24] == pytest.approx(0.5859, abs=5e-5)


def test_the_band_is_that_of_lifelines(telco):
    found = cs.kaplan_meier(cs.life_table(telco))
    theirs = KaplanMeierFitter().fit(telco.rows["duration"].to_numpy(), telco.rows["churned"].to_numpy())
    band = theirs.confidence_interval_survival_function_.to_numpy()
    np.testing.assert_allclose(found.survival, theirs.survival_function_.iloc[:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.lower[1:], band[1:, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.upper[1:], band[1:, 1], rtol=0, atol=1e-12)


def test_groups_add_up_and_today_s_book_is_the_active_mrr(telco):
    whole = cs.life_table(telco).frame
    assert cs.life_table(telco, ("Contract", "InternetService")).pooled().frame.equals(whole)
    book = active_book(telco, ("Contract",))
    assert book["mrr"].sum() == 31_698_575 and book["customers"].sum() == 7043 - 1869


def test_the_fit_follows_the_observed_curve(telco):
    monthly = cs.life_table(telco, "Contract").select(Contract="Month-to-month")
    curve, seen = cs.fit(monthly), cs.kaplan_meier(monthly).survival
    assert curve.model == "sbg" and np.abs(curve.survival[:37] - seen[:37]).max() < 0.06
    assert (
        "17 points above the observed one (month 68)" in curve.notes[0]
    )  # a snapshot is not a cohort, and it shows


def test_a_longer_contract_goes_with_less_churn(telco):
    found = cs.hazard_ratios(cs.life_table(telco, ("Contract", "InternetService"))).set_index(
        ["column", "level"]
    )
    assert found.loc[("Contract", "Two year"), "upper"] < found.loc[("Contract", "One year"), "lower"] < 1


def test_it_has_no_cohorts_and_says_so(telco):
    with pytest.raises(cs.Problem, match="no dates"):
        cs.cohort_triangle(telco)
