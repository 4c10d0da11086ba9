"""Ranges over types that all draws share: the same differences as with each draw's own types, and mixed without loss."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betaln

import cs_models as cs
from cs_models import uncertainty
from cs_models.assumptions import MOST_HEAVY
from cs_models.beliefs import one_draw
from cs_models.cells import Mix
from cs_models.dials import gain
from cs_models.flows import all_flows, total
from cs_models.levers.base import Detail
from cs_models.retention import bdw
from cs_models.retention.likelihood import Counts
from cs_models.retention.quadrature import beta_types_batch, beta_types_shared
from cs_models.uncertainty import BOOKS, amounts, drawn_amounts, span
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


@pytest.mark.parametrize("c", [0.7, 1.5])
def test_a_draw_that_is_the_estimate_says_what_the_estimate_says(c):
    """Of types that age too: refitted to counts nobody drew again, each draw is the estimate but for the types it is split
    into; else every range lies beside its number. Counts of a million people by the curve itself, seen for 15 months.
    """
    survival = np.exp(betaln(0.9, 6 + np.arange(16.0) ** c) - betaln(0.9, 6))
    counts = Counts(1e6 * survival[:-1], 1e6 * (survival[:-1] - survival[1:]))
    fitted = bdw.MODEL.fit(counts, 60)
    types = bdw.MODEL.refit(counts, 3, 0, 60, lambda counts, draws, seed: (counts.at_risk, np.tile(counts.churned, (draws, 1))))
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50.0)
    ours, theirs = (Mix.of(one.theta, one.weights, aging=one.aging) for one in (fitted, types))
    base = replace(base, cells=(replace(base.cells[0], fitted=ours, draws=theirs),))
    for levers in (DECISIONS["price"], DECISIONS["annual"], DECISIONS["churn"]):
        found = cs.compare(base, cs.Scenario("", levers), 36)
        assert np.allclose(found.draws["new"], found.new.delta, rtol=0.005), levers


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


@pytest.mark.parametrize("levers", DECISIONS.values(), ids=DECISIONS)
def test_a_book_alone_has_the_draws_it_has_beside_the_other(pair, levers):
    """Whoever looks at one book has it worked out alone; draws that share types or have their own, followed or in tables."""
    plan = cs.Scenario("", levers)
    for base in pair:
        change, more = cs.compare(base, plan, 36), (36, "types", plan.detail)
        before, after = (drawn_amounts(base, some, *more) for some in ((), plan.active))
        for book in BOOKS:
            gap, size = after[book] - before[book], np.abs(before[book]).max()
            np.testing.assert_allclose(change.draws_of(book), gap, rtol=0, atol=1e-11 * size, err_msg=book)
            alone = [gain(one_draw(base, i), plan, 36, book) for i in (0, DRAWS - 1)]  # a draw as if it were the estimate
            np.testing.assert_allclose(change.draws_of(book)[[0, -1]], alone, rtol=0, atol=1e-10 * size, err_msg=book)
        for book in ("new", "existing"):
            whole = evaluate(base, plan.active, 37, drawn=True, detail=plan.detail).survival_of(book)[:, :37]
            band = change.curves_of(book)[["scenario_low", "scenario_high"]].to_numpy().T
            np.testing.assert_allclose(band, np.quantile(whole, (0.025, 0.975), axis=0), rtol=0, atol=1e-12, err_msg=book)


def test_a_book_nobody_looks_at_is_not_worked_out_over_the_draws(pair, monkeypatch):
    seen = []
    monkeypatch.setattr(uncertainty, "evaluate", lambda base, *more, **named: seen.append(base) or evaluate(base, *more, **named))
    change = cs.compare(pair[0], cs.Scenario("", DECISIONS["price"]), 36)
    change.difference("new")
    change.curves_of("new")
    assert seen and not any(base.has_existing for base in seen)


def test_finer_and_finer_cuts_of_a_book_do_not_pile_up(pair):
    """Groups over the draws take megabytes; somebody who turns "first months" asks for another cut each time."""
    base = pair[0].with_economics()
    for young in range(2 * MOST_HEAVY):
        assert base.groups("existing", Detail(young=young), drawn=True, months=36)
    assert len(base._heavy) <= MOST_HEAVY
