"""Every row of the published tables that a model of ours can answer, read from the files themselves."""

import re

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_waltons
from scipy.stats import chi2

import cs_models as cs
from cs_models.retention.fit import counts_per_period
from cs_models.retention.likelihood import hazard_of, log_likelihood

pytestmark = pytest.mark.reference
CUSTOMERS, RATE = 1000, 0.10
COLUMNS = {"HighEnd": "high_end_pct", "Regular": "regular_pct"}
MODELS = {"sBG": "sbg", "dW": "weibull", "BdW": "bdw", "LCW": "lcw", "geometric": "constant"}
MODELS |= {"LCW (2-comp dW)": "lcw"}
FREE = {"sbg": 2, "weibull": 2, "bdw": 3, "lcw": 5, "constant": 1}
NAMES = {"gamma(alpha)": "alpha", "delta(beta)": "beta", "pi": "share"}
NOT_OURS = ("sBG via SSE on r(t)", "2-geom")  # least squares on ratios; a model we do not offer


@pytest.fixture(scope="module")
def published(reference_data):
    return reference_data / "published"


@pytest.fixture(scope="module")
def fitted(published):
    cohorts, kept = pd.read_csv(published / "fader_hardie_2007_survival.csv"), {}

    def fit(data: str, model: str, renewals: int):
        key = data, MODELS[model], int(renewals)
        if key not in kept:
            share = cohorts[COLUMNS[data]][: key[2] + 1] / 100
            kept[key] = cs.fit(cs.life_table_from_survival(share, CUSTOMERS), key[1])
        return kept[key]

    return fit


def likelihood(curve) -> float:
    periods = len(counts_per_period(curve.table, 1).at_risk)
    return log_likelihood(counts_per_period(curve.table, 1), hazard_of(curve.survival[: periods + 1]))


def discounted_lifetime(curve) -> float:
    """DEL: payments of a new customer, discounted."""
    return 1 + curve.derl(RATE, 1) / (1 + RATE)


def answer(curve, quantity: str, sbg) -> float:
    """Our number for a quantity as the table names it."""
    if quantity == "LL":
        return likelihood(curve)
    if quantity == "AIC":
        return 2 * FREE[curve.model] - 2 * likelihood(curve)
    if quantity == "LR vs sBG":
        return 2 * (likelihood(curve) - likelihood(sbg))
    if quantity == "p":
        return float(chi2.sf(2 * (likelihood(curve) - likelihood(sbg)), 1))
    if found := re.match(r"S\((\d+)\)", quantity):
        return float(curve.survival[int(found[1])])
    if quantity.startswith("DEL"):
        return discounted_lifetime(curve)
    if found := re.search(r"DERL.*(?:n=|before )(\d+)", quantity):
        return curve.derl(RATE, int(found[1]))
    return curve.parameters[NAMES.get(quantity, quantity)]


def digits(number: str) -> float:
    """Half a unit of the last printed place, and a little for the optimiser that printed it."""
    places = len(number.partition(".")[2])
    return 0.5 * 10.0**-places + 6e-4 * (places >= 2)


def test_every_published_number_of_fader_and_hardie(published, fitted):
    table = pd.read_csv(published / "fader_hardie_published_vs_recomputed.csv", dtype=str)
    table = table[~table["model"].isin(NOT_OURS)]
    wrong = []
    for row in table.itertuples():
        curve, sbg = (fitted(row.dataset, model, row.renewals_used) for model in (row.model, "sBG"))
        found = answer(curve, row.quantity, sbg)
        for told in (row.published, row.recomputed):
            if isinstance(told, str) and abs(found - float(told)) > digits(told):
                wrong.append((row.dataset, row.model, row.renewals_used, row.quantity, told, found))
    assert len(table) == 60 and not wrong


def test_every_fit_to_shorter_and_longer_histories(published, fitted):
    """Parameters, likelihood, forecast of year 12 and discounted lifetime after 4, 5, 7, 8 and 12 renewals.
    """
    table = pd.read_csv(published / "fader_hardie_recomputed_fits.csv")
    table = table[table["model"].isin(MODELS) & table["data"].isin(COLUMNS)]
    wrong = []
    for row in table.itertuples():
        curve = fitted(row.data, row.model, row.renewals)
        told = [float(number) for number in str(row.params).split()]
        own = sorted(curve.parameters.values()) if row.model == "LCW" else list(curve.parameters.values())
        told = sorted(told) if row.model == "LCW" else told
        if row.model == "LCW":  # five parameters on few renewals are not identified: its curve is what counts
            close = True
        else:
            close = np.allclose(own, told, atol=2e-3 if row.model == "BdW" else 1e-3)
        close &= abs(likelihood(curve) - row.LL) < (0.2 if row.model == "LCW" else 1e-3)
        close &= abs(100 * curve.survival[12] - row.S12_pred) < (0.5 if row.model == "LCW" else 0.06)
        # The table's lifetimes run over 100 years; ours without end.
        close &= abs(discounted_lifetime(curve) / row.DEL10 - 1) < (0.03 if row.model == "LCW" else 0.002)
        if not close:
            wrong.append((row, own, likelihood(curve), curve.survival[12], discounted_lifetime(curve)))
    assert len(table) >= 40 and not wrong


def test_the_perils_of_ignoring_that_customers_differ(published):
    """Customer-base valuation of 2010: one retention rate for all is 38 % too low."""
    cohorts = pd.read_csv(published / "fader_hardie_2010_cohorts.csv").set_index("year")
    known = pd.read_csv(published / "fader_hardie_2010_values.csv").set_index("quantity")["value"]
    total, before = cohorts["total"][2007], cohorts["total"][2006]
    rate = (total - 10_000) / before
    assert rate == pytest.approx(float(known["aggregate_2006_2007_retention"]), abs=5e-6)
    naive = total * 100 * cs.RetentionCurve.constant(1 - rate).derl(RATE, 1)
    assert naive == pytest.approx(float(known["naive_residual_value_usd_v100_d10"]), abs=1)
    theta, weights = np.array([0.1, 0.5]), np.array([1 / 3, 2 / 3])
    survival = ((1 - theta) ** np.arange(200)[:, None]) @ weights
    mixed = cs.RetentionCurve("two kinds", {}, theta, weights, survival)
    heads = cohorts.loc[2007].drop("total")
    years = [2007 - int(name[-4:]) for name in heads.index]
    aware = sum(n * 100 * mixed.derl(RATE, year + 1) for n, year in zip(heads, years))
    assert aware == pytest.approx(float(known["segment_aware_residual_value_usd"]), rel=1e-4)
    assert 100 * (1 - naive / aware) == pytest.approx(float(known["undervaluation_pct"]), abs=0.05)


@pytest.mark.parametrize("case", ["case1", "case2"])
def test_two_markets_of_one_mean_churn(published, case):
    known = pd.read_csv(published / "fader_hardie_2010_values.csv", dtype=str).set_index("quantity")["value"]
    curve = cs.RetentionCurve.sbg(*(float(known[f"sBG_{case}_{name}"]) for name in ("alpha", "beta")))
    assert discounted_lifetime(curve) == pytest.approx(float(known[f"sBG_{case}_DEL_d10"]), abs=6e-4)
    told = [float(number) for number in known[f"sBG_{case}_DERL_d10_n1..5"].split("|")]
    np.testing.assert_allclose([curve.derl(RATE, n) for n in range(1, 6)], told, atol=0.0051)


# --- lifelines' own data sets ---


@pytest.fixture(scope="module")
def waltons(published):
    known = pd.read_csv(published / "lifelines_reference_values.csv")
    known = known[known["dataset"] == "waltons"].set_index("quantity")["value"]
    data = load_waltons()
    return data.assign(T=data["T"].astype(int)), {name: float(value) for name, value in known.items()}


def table_of(data) -> cs.LifeTable:
    return cs.life_table_from_durations(data["T"], data["E"])


def test_observed_curves_of_the_waltons_data(waltons):
    data, known = waltons
    whole = cs.kaplan_meier(table_of(data)).survival
    assert whole[40] == pytest.approx(known["KM S(40)"], abs=1e-9)
    # The table prints 0.3115236394, lifelines 0.30.3 itself 0.3115236594: one digit is miscopied there.
    assert whole[60] == pytest.approx(known["KM S(60)"], abs=3e-8)
    theirs = KaplanMeierFitter().fit(data["T"], data["E"]).survival_function_at_times(np.arange(80))
    np.testing.assert_allclose(whole, theirs.iloc[: len(whole)], atol=1e-12)
    assert whole[:60].sum() == pytest.approx(known["RMST(60) KM"], abs=1e-8)
    for group, name in (("control", "KM median control"), ("miR-137", "KM median miR-137")):
        own = cs.kaplan_meier(table_of(data[data["group"] == group])).survival
        assert int(np.argmax(own <= 0.5)) == known[name]


@pytest.mark.parametrize(
    "model, told, ours",
    [
        (
            "weibull",
            "Weibull",
            lambda p: {"lambda_": (-np.log1p(-p["theta"])) ** (-1 / p["c"]), "rho_": p["c"]},
        ),
        ("constant", "Exponential", lambda p: {"lambda_": -1 / np.log1p(-p["churn"])}),
        ("lognormal", "LogNormal", lambda p: {"mu_": p["mu"], "sigma_": p["sigma"]}),
        ("loglogistic", "LogLogistic", lambda p: {"alpha_": p["alpha"], "beta_": p["beta"]}),
    ],
)
def test_models_of_the_waltons_data(waltons, model, told, ours):
    """Theirs take a whole day for an exact time, ours for the end of an interval: half a day earlier on
    average, so near and not equal; to 1e-3 they equal lifelines' interval fit (tests/test_models.py).
    """
    data, known = waltons
    curve = cs.fit(table_of(data), model)
    for name, found in ours(curve.parameters).items():
        assert found == pytest.approx(known[f"{told} {name}"], rel=0.025), name
    # Chance per interval against density: with intervals of one day the two likelihoods are near.
    theirs = known.get(f"{told} LL", known.get(f"{told} LL (docs -672.062)"))
    assert likelihood(curve) == pytest.approx(theirs, rel=0.005)


@pytest.mark.parametrize(
    "contract, month", [("Month-to-month", 12), ("Month-to-month", 24), ("One year", 12)]
)
def test_observed_retention_of_the_telco_contracts(reference_data, published, contract, month):
    known = pd.read_csv(published / "lifelines_reference_values.csv").set_index("quantity")["value"]
    telco = cs.read(reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv")
    table = cs.life_table(telco, "Contract").select(Contract=contract)
    found = cs.kaplan_meier(table).survival[month]
    assert found == pytest.approx(float(known[f"KM S({month}) {contract.lower()}"]), abs=5e-5)
