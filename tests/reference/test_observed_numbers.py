"""Observed curves on published and real data."""

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.causes import causes_sentence, unexplained
from cs_models.life_table import LifeTable

pytestmark = pytest.mark.reference


def test_log_rank_of_the_waltons_data():
    from lifelines.datasets import load_waltons

    data = load_waltons()
    parts = [
        cs.life_table_from_durations(own["T"].astype(int), own["E"]).frame.assign(group=name)
        for name, own in data.groupby("group")
    ]
    found = cs.log_rank(LifeTable(pd.concat(parts, ignore_index=True), ("group",)))
    assert found.statistic == pytest.approx(122.249, abs=5e-4)
    assert found.sentence.startswith("miR-137 customers leave faster than control; chance alone")


def test_the_multi_cohort_triangle_of_fader_and_hardie(reference_data):
    path = reference_data / "fader_hardie_cohorts" / "multi-cohort-triangle.csv"
    subs = cs.read(path, answers={"age_unit": "month"})
    assert cs.fit(cs.life_table(cs.read(path)), "sbg").parameters == cs.fit(cs.life_table(subs), "sbg").parameters
    table = cs.life_table(subs)
    curve = cs.fit(table, "sbg")
    assert curve.parameters["alpha"] == pytest.approx(1.667, abs=1e-3)
    assert curve.parameters["beta"] == pytest.approx(2.857, abs=1e-3)
    pace = cs.hazard_by_tenure(table)
    # Every cohort keeps the published shares: 6,334, 4,367, 3,264 and 2,604 of 10,000.
    assert (1 - pace.value).tolist()[:4] == pytest.approx([0.6334, 4367 / 6334, 3264 / 4367, 2604 / 3264])
    assert cs.log_rank(cs.life_table(subs, by="cohort")).statistic == pytest.approx(0, abs=1e-6)


def test_reasons_of_the_telco_file(reference_data):
    subs = cs.read(reference_data / "ibm_telco_33col" / "Telco_customer_churn.csv")
    found = cs.causes_of_leaving(subs, cs.life_table(subs))
    assert found.voluntary[12] == pytest.approx(1 - 0.8432, abs=5e-5), "every reason is a decision to leave"
    assert not found.involuntary.any() and unexplained(subs) == 0
    assert "nobody is marked as lost to a failed payment" in causes_sentence(found, 12)


def test_log_rank_of_the_telco_contracts_equals_lifelines(reference_data):
    from lifelines.statistics import multivariate_logrank_test

    subs = cs.read(reference_data / "ibm_telco_33col" / "Telco_customer_churn.csv")
    raw = pd.read_csv(reference_data / "ibm_telco_33col" / "Telco_customer_churn.csv")
    oracle = multivariate_logrank_test(raw["Tenure Months"], raw["Contract"], raw["Churn Value"])
    found = cs.log_rank(cs.life_table(subs, by="plan"))
    assert found.statistic == pytest.approx(oracle.test_statistic, rel=1e-9)
    assert (found.pairs["adjusted"] < 1e-3).all() and np.isfinite(found.groups["pace"]).all()
