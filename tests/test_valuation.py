"""Lifetime value against closed forms and published worked examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cs_models as cs
from cs_models.cells import Cell, Mix
from cs_models.flows import flows
from cs_models.valuation import lifetime_of, payback

CURVE = cs.RetentionCurve.sbg(0.8, 8.0)
V = 1.1 ** (-1 / 12)


def monthly(**economics):
    return cs.Assumptions.from_curve(CURVE, 50.0, **{"gross_margin": 0.8, "discount_rate": 0.10} | economics)


def test_a_hundred_a_month_for_two_years_is_2400():
    assert cs.value(cs.Assumptions.flat(0.0, 100, 1.0, 0.0, 24), horizon=24).clv == 2400.0


def test_a_cac_of_a_tenth_of_three_years_is_paid_back_in_month_four():
    base = cs.Assumptions.flat(0.0, 100, 1.0, 0.0, 36, cac=360)
    assert cs.value(base, 36).payback_months == 4


@given(churn=st.floats(0, 1), price=st.floats(0, 1e4), margin=st.floats(0, 1), rate=st.floats(0, 1),
       horizon=st.integers(1, 120))
def test_flat_churn_is_the_closed_form(churn, price, margin, rate, horizon):
    found = cs.value(cs.Assumptions.flat(churn, price, margin, rate, 120), horizon).clv
    with np.errstate(divide="ignore"):
        fall = np.log1p(-churn) - np.log1p(rate) / 12  # ln q, q = (1 - churn) / (1 + rate)^(1/12)
    payments = horizon if fall == 0 else np.expm1(horizon * fall) / np.expm1(fall)
    assert found == pytest.approx(price * margin * payments, rel=1e-9, abs=1e-9)


def test_the_worked_baseline():
    """sBG(.8, 8), 50 a month, 80 % margin, 10 % a year, 60 months: 737.84."""
    assert cs.value(monthly(), 60).clv == pytest.approx(737.84, abs=0.01)


@pytest.mark.parametrize("months, share", [(12, 0.31), (24, 0.47), (36, 0.57), (60, 0.71), (120, 0.87)])
def test_each_horizon_holds_its_share_of_the_lifetime(months, share):
    total, _ = cs.lifetime(monthly())
    assert cs.value(monthly(), months).clv / total == pytest.approx(share, abs=0.006)


def test_lifetime_is_the_hypergeometric_sum():
    from scipy.special import hyp2f1

    total, beyond = cs.lifetime(monthly())
    assert total == pytest.approx(40 * hyp2f1(1, 8.0, 8.8, V), rel=2e-4)
    assert beyond == 1.0  # a curve from parameters has seen nobody


def test_existing_customers_are_valued_from_the_tenure_they_reached():
    base = cs.Assumptions.from_curve(CURVE, 50.0, existing_tenure=12, gross_margin=0.8, discount_rate=0.10)
    s, t = CURVE.survival, np.arange(60)
    assert cs.value(base, 60).residual == pytest.approx(40 * (s[12 + t] / s[12] @ V**t), rel=1e-9)
    assert cs.value(base, 60).clv is None and cs.value(base, 60).payback_months is None


def test_a_new_customer_is_an_existing_one_of_tenure_zero():
    old = cs.Assumptions.from_curve(CURVE, 50.0, existing_tenure=0, gross_margin=0.8, discount_rate=0.10)
    assert cs.value(old, 36).residual == pytest.approx(cs.value(monthly(), 36).clv, rel=1e-12)


def test_annual_payers_pay_at_their_own_renewal_and_cost_all_year():
    """Nine months into a paid year: three months of cost, then a year's payment from those who renew."""
    yearly = cs.RetentionCurve.constant(0.2, clock=12)
    base = cs.Assumptions.from_curve(yearly, 50.0, existing_tenure=9, gross_margin=0.8, discount_rate=0.0)
    assert cs.value(base, 3).residual == pytest.approx(-3 * 10)
    assert cs.value(base, 4).residual == pytest.approx(-3 * 10 + 0.8 * (600 - 10))
    assert cs.value(base, 16).residual == pytest.approx(-30 + 0.8 * (600 - 120) + 0.8**2 * (600 - 10))


def test_service_cost_is_money_per_customer_month_on_top():
    dear, cheap = cs.value(monthly(service_cost=3.0), 24).clv, cs.value(monthly(), 24).clv
    assert cheap - dear == pytest.approx(3 * (CURVE.survival[:24] @ V ** np.arange(24)), rel=1e-9)


@given(margin=st.floats(0.1, 0.9), rate=st.floats(0.01, 0.5), horizon=st.integers(1, 119))
def test_clv_rises_with_margin_and_horizon_and_falls_with_the_discount_rate(margin, rate, horizon):
    clv = cs.value(monthly(gross_margin=margin, discount_rate=rate), horizon).clv
    assert cs.value(monthly(gross_margin=margin + 0.05, discount_rate=rate), horizon).clv > clv
    assert cs.value(monthly(gross_margin=margin, discount_rate=rate), horizon + 1).clv > clv
    if horizon > 1:
        assert cs.value(monthly(gross_margin=margin, discount_rate=rate + 0.1), horizon).clv < clv


def test_payback_counts_payments_and_may_never_come():
    assert payback(np.full(36, 100.0), 360) == 4
    assert payback(np.full(36, 100.0), 100) == 1
    assert payback(np.full(36, 100.0), 3601) is None
    assert cs.value(cs.Assumptions.flat(0.03, 100, 0.4, 0.1, 120, cac=100), 36).payback_months == 3


def test_payback_is_sought_within_120_months_whatever_the_projection():
    assert cs.value(cs.Assumptions.flat(0.0, 100, 1.0, 0.0, months=24, cac=3000), 24).payback_months == 30
    assert cs.value(cs.Assumptions.flat(0.0, 100, 1.0, 0.0, months=600, cac=15000), 24).payback_months is None


def test_money_paid_ahead_pays_back_at_once():
    yearly = cs.RetentionCurve.constant(0.2, clock=12)
    base = cs.Assumptions.from_curve(yearly, 50.0, gross_margin=0.8, discount_rate=0.0, cac=590.0)
    assert cs.value(base, 12).payback_months == 1


def test_a_curve_of_two_billing_intervals_becomes_two_cells():
    parts = [(3.0, cs.RetentionCurve.constant(0.1)), (1.0, cs.RetentionCurve.constant(0.3, clock=12))]
    base = cs.Assumptions.from_curve(cs.RetentionCurve.mix(parts), 50.0)
    alone = [cs.value(cs.Assumptions.from_curve(curve, 50.0), 24).clv for _, curve in parts]
    assert cs.value(base, 24).clv == pytest.approx(0.75 * alone[0] + 0.25 * alone[1])


def test_the_portfolio_is_the_base_plus_every_cohort_to_come():
    """Two new customers a month for three months, one on the books, no churn: 1 x 3 + 2 x (3 + 2 + 1) payments."""
    from dataclasses import replace

    base = cs.Assumptions.flat(0.0, 100, 1.0, 0.0, 120)
    cell = replace(base.cells[0], heads=np.array([1.0]), mrr=np.array([100.0]))
    both = replace(base, cells=(cell,), acquisitions=np.full(120, 2.0))
    assert cs.value(both, 3).portfolio == pytest.approx(100 * (3 + 12))
    later = replace(both, discount_rate=0.5)
    v = 1.5 ** (-1 / 12)
    assert cs.value(later, 3).portfolio == pytest.approx(100 * (1 + 2) + 100 * (1 + 4) * v + 100 * (1 + 6) * v**2)


def test_a_horizon_beyond_the_projection_is_refused():
    with pytest.raises(ValueError, match="from 1 to 24"):
        cs.value(cs.Assumptions.flat(0.0, 100, 1.0, 0.0, 24), horizon=25)


@pytest.mark.parametrize("wrong", [
    lambda: cs.Assumptions.from_curve(CURVE, 50.0, existing_tenure=-1),
    lambda: cs.Assumptions.from_curve(CURVE, 50.0, existing_tenure=2.5),
    lambda: cs.Assumptions.flat(0.1, 50, months=12.5), lambda: cs.value(monthly(), float("inf")),
    lambda: cs.value(monthly(), None), lambda: cs.value(monthly(), True),
    lambda: cs.Assumptions.from_curve(cs.RetentionCurve.constant(0.2, clock=12).from_tenure(9), 50.0)])
def test_what_is_no_number_of_months_is_refused_with_a_sentence(wrong):
    with pytest.raises(cs.Problem):
        wrong()


@pytest.mark.parametrize("wrong", [{"gross_margin": 80}, {"discount_rate": -0.1}, {"cac": float("nan")}])
def test_impossible_economics_are_refused_with_a_sentence(wrong):
    with pytest.raises(cs.Problem, match="must lie between"):
        monthly(**wrong)


def test_flows_add_up_to_the_value():
    valuation = cs.value(monthly(service_cost=1.0), 36)
    table = valuation.flows
    assert table.discounted.sum() == pytest.approx(valuation.clv, rel=1e-12)
    assert np.allclose(table.cash - table.cost, table.margin)
    assert valuation.by_segment.clv.iloc[0] == pytest.approx(valuation.clv, rel=1e-12)


def one_by_one(churn, growth, term, price, margin, service, rate):
    """A customer's life told month by month for 100 years: pays at a term's start, may leave at its end, costs every month."""
    worth, level, here, paid_until = 0.0, 1.0, 1.0, 0
    for month in range(1200):
        if month == paid_until:
            here *= 1 - churn if month else 1.0
            worth += here * term * price * level / (1 + rate) ** (month / 12)
            paid_until += term
        worth -= here * ((1 - margin) * price * level + service) / (1 + rate) ** (month / 12)
        level *= 1 + (growth[month] if month < len(growth) else 0.0)
    return worth


@pytest.mark.parametrize("term", (1, 3, 12))
@pytest.mark.parametrize("growth", (np.full(30, 0.02), np.array([0.0] * 5 + [0.3] + [0.0] * 8 + [-0.1]), np.zeros(4)))
def test_a_lifetime_with_growth_inside_a_paid_term_is_that_of_one_customer(term, growth):
    """Growth inside a year is billed at the next renewal, but costs from the month it comes."""
    cell = Cell(("a",), term, Mix.of(np.array([0.2]), np.array([1.0]), term), None, 1.0, 50.0, np.zeros(1), np.zeros(1),
                growth=growth)
    base = cs.Assumptions((cell,), gross_margin=0.7, service_cost=3.0, discount_rate=0.1)
    told = one_by_one(0.2, growth, term, 50.0, 0.7, 3.0, 0.1)
    assert float(lifetime_of(base, cell)) == pytest.approx(told, rel=1e-9)
    (group,) = base.groups("new")
    engine = flows(group.until(1200), 0.7, 3.0).worth(1.1 ** (-np.arange(1200) / 12))
    assert float(engine) == pytest.approx(told, rel=1e-9), "the engine's months say the same"
