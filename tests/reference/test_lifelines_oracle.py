"""The oracle itself: the installed lifelines gives the reference values that other tests lean on (waltons, rossi)."""

import pandas as pd
import pytest
from lifelines import (
    CoxPHFitter,
    ExponentialFitter,
    GeneralizedGammaFitter,
    LogLogisticFitter,
    LogNormalFitter,
    WeibullFitter,
)
from lifelines.datasets import load_rossi, load_waltons

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def known(reference_data):
    table = pd.read_csv(reference_data / "published" / "lifelines_reference_values.csv")
    return table.set_index(["dataset", "quantity"])["value"]


@pytest.mark.parametrize("fitter, likelihood, parameters", [
    (WeibullFitter, "Weibull LL (docs -672.062)", ("Weibull lambda_", "Weibull rho_")),
    (ExponentialFitter, "Exponential LL", ("Exponential lambda_",)),
    (LogNormalFitter, "LogNormal LL", ("LogNormal mu_", "LogNormal sigma_")),
    (LogLogisticFitter, "LogLogistic LL", ("LogLogistic alpha_", "LogLogistic beta_")),
    (GeneralizedGammaFitter, "GenGamma LL", ()),
])  # fmt: skip
def test_parametric_fits_of_waltons(known, fitter, likelihood, parameters):
    data = load_waltons()
    fitted = fitter().fit(data["T"], data["E"])
    assert fitted.log_likelihood_ == pytest.approx(float(known["waltons", likelihood]), abs=2e-3)
    for name in parameters:
        assert getattr(fitted, name.split()[1]) == pytest.approx(float(known["waltons", name]), abs=2e-4), name


def test_cox_of_rossi(known):
    fitted = CoxPHFitter().fit(load_rossi(), "week", "arrest")
    for name in ("fin", "age", "race", "wexp", "mar", "paro", "prio"):
        assert fitted.params_[name] == pytest.approx(float(known["rossi", f"Cox {name}"]), abs=1e-4)
    for name in ("fin", "age", "prio"):
        assert fitted.standard_errors_[name] == pytest.approx(float(known["rossi", f"Cox se {name}"]), abs=1e-4)
    assert fitted.log_likelihood_ == pytest.approx(float(known["rossi", "partial LL (docs -658.75)"]), abs=1e-4)
    assert fitted.concordance_index_ == pytest.approx(float(known["rossi", "concordance (docs 0.64)"]), abs=1e-4)
    assert fitted.AIC_partial_ == pytest.approx(float(known["rossi", "partial AIC (docs 1331.50)"]), abs=1e-3)


def test_cox_of_the_telco_customers(reference_data, known):
    """Stratified by the services that define the product, as in the published analysis of these customers."""
    data = pd.read_csv(reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv")
    data["Churn"] = (data["Churn"] == "Yes").astype(int)
    data = data.replace({"No internet service": "No", "No phone service": "No"})
    formula = (
        "gender + SeniorCitizen + Partner + Dependents + MultipleLines + OnlineSecurity + OnlineBackup + "
        "DeviceProtection + TechSupport + Contract + PaperlessBilling + PaymentMethod + MonthlyCharges"
    )
    cox = CoxPHFitter(strata=["InternetService", "StreamingMovies", "StreamingTV", "PhoneService"])
    fitted = cox.fit(data, "tenure", "Churn", formula=formula)
    assert fitted.log_likelihood_ == pytest.approx(float(known["telco", "Cox partial LL (docs -10106.05)"]), abs=0.01)
    assert fitted.concordance_index_ == pytest.approx(float(known["telco", "concordance (docs 0.83)"]), abs=5e-4)
    for name, row in (("Contract[T.One year]", "Cox Contract One year"), ("Contract[T.Two year]", "Cox Contract Two year"),
                      ("PaymentMethod[T.Electronic check]", "Cox Electronic check")):  # fmt: skip
        assert fitted.params_[name] == pytest.approx(float(known["telco", row]), abs=1e-3), row
