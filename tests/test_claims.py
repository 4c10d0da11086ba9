"""The articles' claims on known customers: closed forms and published figures."""

import numpy as np
import pytest

import cs_models as cs
from places import ROOT
from cs_models.claims import check_claims


def of(base, horizon=36):
    return {claim.key: claim for claim in check_claims(base, horizon)}


@pytest.mark.parametrize("margin", [0.5, 0.8, 1.0])
def test_a_price_five_per_cent_higher(margin):
    """rise / margin where nobody leaves, and 22.7 % is the operating margin at which that is 22 %."""
    claim = of(cs.Assumptions.flat(0.03, 50, margin, 0.10, 60))["price"]
    assert claim.ours == pytest.approx(0.05 / margin, rel=1e-9) and claim.low == claim.high == pytest.approx(claim.ours)
    assert "22.7" in claim.why


def test_five_points_of_retention_over_a_lifetime():
    """r 0.8 to 0.85 a year adds about 20-33 % for ever (yearly payments +20 % at 10 %, here monthly ones)."""
    h = 1 - 0.8 ** (1 / 12)
    claim = of(cs.Assumptions.flat(h, 50, 0.8, 0.10, 1200), 1200)["churn"]
    v = 1.1 ** (-1 / 12)
    worth = [1 / (1 - v * r ** (1 / 12)) for r in (0.8, 0.85)]
    assert claim.ours == pytest.approx(worth[1] / worth[0] - 1, rel=1e-6)
    assert 0.15 < claim.ours < 0.3 and "80.0" in claim.why and "85.0" in claim.why


def test_nobody_left_to_keep():
    claim = of(cs.Assumptions.flat(0.001, 50, 0.8, 0.10, 60))["churn"]
    assert claim.ours is None and "not to be had" in claim.why


def test_annual_pays_far_above_ten_months():
    """Revenue only, two months free pays from about 2.6 % churn a month: 38 months of lifetime."""
    claim = of(cs.Assumptions.flat(0.03, 50, 1.0, 0.10, 60), 60)["annual"]
    assert 1 / claim.ours == pytest.approx(0.026, abs=0.0007)
    q = (1 - 1 / claim.ours) * 1.1 ** (-1 / 12)
    assert 1 - (1 - q**12) / (12 * (1 - q)) == pytest.approx(1 / 6, abs=1e-8)


@pytest.mark.parametrize("churn, payments", [(0.0, 4), (0.03, 3)])
def test_ten_per_cent_of_three_years(churn, payments):
    """3.6 months, so four payments; with 3 % churn 2.2 months, so three."""
    assert of(cs.Assumptions.flat(churn, 100, 1.0, 0.0, 60))["cac"].ours == payments


def test_standing_still_is_what_leaves_in_a_year():
    found = of(cs.Assumptions.flat(0.05, 50, 0.8, 0.10, 60, existing=True))
    assert found["still"].ours == pytest.approx(1 - 0.95**12, rel=1e-9) and "cac" not in found


def test_on_the_sample_every_claim_has_its_range_and_reason():
    base = cs.Assumptions.from_data(cs.read(ROOT / "sample_data" / "subscriptions.csv"), by=("segment",), draws=60, cac=300.0)
    found = of(base)
    assert set(found) == {"price", "churn", "annual", "cac", "still"}
    for claim in found.values():
        assert claim.low <= claim.ours + 1e-9 and claim.ours <= claim.high + 1e-9 and claim.why.endswith(".")
        assert claim.theirs and claim.said and np.isfinite(claim.ours)
    assert found["churn"].low < found["churn"].high
