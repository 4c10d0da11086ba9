"""Ranges over types that all draws share: the same differences as with each draw's own types, and mixed without loss."""

from dataclasses import replace

import numpy as np
import pytest

import cs_models as cs
from cs_models.cells import Mix
from cs_models.flows import all_flows, total
from cs_models.retention.quadrature import beta_types_batch, beta_types_shared
from cs_models.uncertainty import amounts, span
from cs_models.valuation import evaluate
from cs_models.valuation import portfolio as worth_of_book

DRAWS = 80
DECISIONS = {
    "price": (cs.PriceIncrease(rise=0.1, one_off_loss=0.02, leavers="leaky", start=2),),
    "annual": (cs.AnnualBilling(adoption=0.3, refunds=0.1),),
    "churn": (cs.ChurnReduction(reduction=0.2, cost=1.0, reach=0.5),),
    "many": (cs.PriceIncrease(rise=0.1), cs.Grandfathering(months=6), cs.Expansion(), cs.WinBack(), cs.Referral(),
             cs.Acquisition(), cs.AccountManagement(), cs.Onboarding(cost=5.0)),
}


@pytest.fixture(scope="module")
def pair() -> tuple[cs.Assumptions, cs.Assumptions]:
    """One book whose draws share types, and the same with 64 types of each draw's own."""
    rng = np.random.default_rng(4)
    a, b = rng.normal(0.8, 0.06, DRAWS), rng.normal(8.0, 0.7, DRAWS)
    heads = rng.integers(1, 30, 25).astype(float)
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50.0, cac=100.0)
    cell = replace(base.cells[0], heads=heads, mrr=heads * rng.normal(50, 5, 25), new_share=1.0)
    joining = np.full(base.months, 20.0)
    return tuple(replace(base, acquisitions=joining, cells=(replace(cell, draws=Mix.of(*types)),))
                 for types in (beta_types_shared(a, b), beta_types_batch(a, b, nodes=64)))


@pytest.mark.parametrize("levers", DECISIONS.values(), ids=DECISIONS)
def test_shared_types_move_no_draw_by_a_hundredth_of_the_range(pair, levers):
    """Each draw's difference, in every book, within 1 % of the width of the 95 % range."""
    shared, own = (cs.compare(base, cs.Scenario("", levers), 60).draws for base in pair)
    for book, draws in own.items():
        around = span(draws)
        assert np.abs(shared[book] - draws).max() <= 0.01 * (around.high - around.low), book


@pytest.mark.parametrize("levers", DECISIONS.values(), ids=DECISIONS)
def test_mixing_at_the_end_is_following_each_draw(pair, levers):
    """The same groups, each draw's money worked out month by month, agree in every table to rounding."""
    base, plan = pair[0], cs.Scenario("", levers)
    mixed = evaluate(base, plan.active, 36, drawn=True, detail=plan.detail)
    for book, found in (("new", mixed.new), ("existing", mixed.existing)):
        groups = [group.but(rate=np.broadcast_to(group.rate, group.heads.shape))
                  for group, _ in mixed.parts if group.book == book]
        plain = total(all_flows(groups, base.gross_margin, base.service_cost))
        for name in ("in_force", "mrr", "cash", "cost", "margin"):
            one = getattr(plain, name)
            np.testing.assert_allclose(getattr(found, name), one, rtol=0, atol=1e-11 * np.abs(one).max(), err_msg=name)


@pytest.mark.parametrize("levers", DECISIONS.values(), ids=DECISIONS)
def test_the_worth_of_the_book_is_the_present_value_of_its_months(pair, levers):
    """Summed cohort by cohort, and month by month."""
    plan = cs.Scenario("", levers)
    for drawn in (False, True):
        valuation = evaluate(pair[0], plan.active, 36, drawn=drawn, detail=plan.detail)
        np.testing.assert_allclose(worth_of_book(valuation), valuation.present(valuation.book), rtol=1e-11)
        assert np.shape(amounts(valuation)["portfolio"]) == ((DRAWS,) if drawn else ())
