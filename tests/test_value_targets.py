"""Targets that tie the parts together: prepaid years, cash timing alone, monotone values, whole-month
counts.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import cs_models as cs
from cs_models.paybacks import paybacks

V = 1.1 ** (-1 / 12)


def test_two_years_prepaid_are_a_hundred_a_month():
    """2,400 for 24 months: MRR 100, cash once in two years, and a payback in cash with the first payment."""
    rows = ["customer,start,end,interval,price"]
    for n in range(80):
        start, end = 2018 + n % 3, "" if n % 4 else f"{2020 + n % 3}-03-05"
        rows.append(f"c{n},{start}-03-05,{end},24 months,2400")
    subs = cs.read("\n".join(rows).encode(), as_of="2023-06-30")
    assert subs.active_mrr == pytest.approx(100.0 * subs.active)
    base = cs.Assumptions.from_data(subs, draws=0, cac=1500.0)
    flows = cs.value(base, 48).flows.query("book == 'new'")
    paid = np.flatnonzero(flows["cash"])
    assert paid.tolist() == [0, 24] and flows["cash"].iloc[0] == pytest.approx(2400)
    assert flows["mrr"].iloc[:24].to_numpy() == pytest.approx(100)
    back = paybacks(cs.value(base, 48))
    assert (back.cash_months, back.margin_months) == (1, 19)  # 19 x 80 = 1,520
    assert back.prepaid == pytest.approx(23 / 24)


@pytest.mark.parametrize("kappa", [0.0, 1.0, 2.0])
def test_annual_plans_without_discount_or_effect_move_cash_only(kappa):
    """Case (a): who takes the offer pays 12 months at once and is served the paid year; nothing else
    changes.
    """
    curve, horizon, adoption = cs.RetentionCurve.sbg(0.8, 8.0), 60, 0.3
    base = cs.Assumptions.from_curve(curve, 50.0, gross_margin=0.8, discount_rate=0.10)
    offer = cs.AnnualBilling(adoption=adoption, discount=0.0, selection=kappa)
    change = cs.compare(base, cs.Scenario("offer", (offer,)), horizon)
    theta, weights = curve.theta, curve.weights
    z = np.log(theta / (1 - theta))
    z = (z - weights @ z) / np.sqrt(weights @ (z - weights @ z) ** 2)
    take = lambda c: 1 / (1 + np.exp(-(c - kappa * z)))  # noqa: E731
    chance = take(brentq(lambda c: weights @ take(c) - adoption, -30, 30))
    t = np.arange(horizon)
    stay, year = (1 - theta[:, None]) ** t, (1 - theta[:, None]) ** (t - t % 12)
    monthly = (50 - 10) * stay @ V**t
    annual = (600 * (t % 12 == 0) * year) @ V**t - 10 * year @ V**t
    assert change.delta == pytest.approx(weights @ (chance * (annual - monthly)), rel=1e-6)
    assert change.delta > 0, "money that comes earlier, and months paid and not used"


@given(price=st.floats(1, 500), alpha=st.floats(0.3, 3), beta=st.floats(1, 30), more=st.floats(1.01, 2))
@settings(max_examples=25, deadline=None)
def test_clv_rises_with_survival_and_price(price, alpha, beta, more):
    def clv(p, b):
        curve = cs.RetentionCurve.sbg(alpha, b)
        return cs.value(cs.Assumptions.from_curve(curve, p, gross_margin=0.7), 48).clv

    assert clv(price * more, beta) > clv(price, beta)
    assert clv(price, beta * more) > clv(price, beta), "the more loyal market is worth more"


@pytest.mark.slow
def test_whole_months_taken_for_exact_times_cut_the_far_end():
    """Weibull(18, .7) seen in whole months for 36: ours within 2 % at month 60, exact times 25 % below."""
    from lifelines import WeibullFitter

    draw, truth = np.random.default_rng(3), np.exp(-((60 / 18) ** 0.7))
    months = np.ceil(18 * draw.weibull(0.7, 300_000)).astype(int)
    duration, left = np.minimum(months, 36), months <= 36
    curve = cs.fit(cs.life_table_from_durations(duration, left), "weibull")
    assert curve.survival[60] == pytest.approx(truth, rel=0.02)
    exact = WeibullFitter().fit(duration, left)
    assert float(exact.predict(60)) / truth == pytest.approx(0.75, abs=0.02)
