"""Draws whose types age: all on one set of types and a few clocks, and the same to the bit that matters as each on its own."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betaln

import cs_models as cs
from cs_models.cells import Mix
from cs_models.levers.selection import take_up
from cs_models.mixing import Money
from cs_models.retention import bdw
from cs_models.retention.aging import FewClocks, _interpolation
from cs_models.retention.likelihood import Counts
from cs_models.staying import stays
from cs_models.valuation import evaluate

PERIODS, DRAWS = 240, 60
# alpha, beta, c: usual, loose, hardly different from each other, with a risk that falls
BOOKS = {"usual": (5.0, 45.0, 1.07), "loose": (2.0, 40.0, 1.2), "narrow": (50.0, 450.0, 1.4), "falling": (2.0, 30.0, 0.8)}
DECISIONS = {
    "price": (cs.PriceIncrease(rise=0.1, one_off_loss=0.02, leavers="leaky", start=2),),
    "annual": (cs.AnnualBilling(adoption=0.3, refunds=0.1),),
    "known renewal": (cs.AnnualBilling(adoption=0.3, intent="typed", renewal_rate=0.8),),
    "churn": (cs.ChurnReduction(reduction=0.2, cost=1.0, reach=0.5),),
}


def parameters(alpha: float, beta: float, power: float, seed: int = 0) -> np.ndarray:
    """Free parameters of draws around an estimate, (draws, 3)."""
    rng = np.random.default_rng(seed)
    x = np.array([np.log(alpha / beta), -np.log(alpha + beta), np.log(power)])
    return x + rng.normal(0, (0.03, 0.15, 0.03), (DRAWS, 3))


@pytest.fixture(scope="module", params=BOOKS)
def shared(request):
    x = parameters(*BOOKS[request.param])
    return x, bdw._on_shared_types(x, PERIODS)


def book(types, fitted: Mix) -> cs.Assumptions:
    """A book of one segment, new customers and some of many tenures, with these draws."""
    rng = np.random.default_rng(3)
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50.0, cac=100.0)
    heads = rng.integers(1, 30, 25).astype(float)
    cell = replace(base.cells[0], heads=heads, mrr=heads * rng.normal(50, 5, 25), new_share=1.0, fitted=fitted,
                   draws=Mix.of(types.theta, types.weights, aging=types.aging, few=types.few))
    return replace(base, cells=(cell,))


def test_each_draw_keeps_its_own_curve(shared):
    """Against the closed form B(alpha, beta + t^c) / B(alpha, beta), and nobody is a negative share of a type."""
    x, types = shared
    alpha, beta, power = bdw._alpha_beta_c(x).T[..., None]
    t = np.arange(PERIODS + 1.0)
    closed = np.exp(betaln(alpha, beta + t**power) - betaln(alpha, beta))
    alive = np.einsum("dk,dkt->dt", types.weights, (1 - types.theta)[:, None] ** types.aging[:, None, :])
    assert np.abs(alive - closed).max() < bdw.EXACT
    assert types.theta.ndim == 1 and types.weights.min() >= 0
    np.testing.assert_allclose(types.weights.sum(axis=1), 1, rtol=0, atol=1e-12)
    assert np.isfinite(Mix.of(types.theta, types.weights, aging=types.aging).after(np.array([0, 24, 60]))).all()


def test_a_few_clocks_give_every_clock_between():
    """Of a type that stays 119 months and of one that leaves at once, on clocks from the square root to the square."""
    rng = np.random.default_rng(1)
    power, rate, t = np.exp(rng.uniform(-0.2, 0.3, 40)), np.array([1e-6, 0.01, 0.3, 3.0]), np.arange(PERIODS + 1.0)
    few = FewClocks.of(power, rate, PERIODS)
    there = np.exp(-rate[:, None] * (t ** power[:, None])[:, None, :])
    found = np.einsum("dj,jkt->dkt", few.between, np.exp(-rate[:, None] * few.clocks[:, None, :]))
    assert np.abs(there - found).max() < 1e-11
    np.testing.assert_allclose(few.between.sum(axis=1), 1, rtol=0, atol=1e-12)


def test_at_a_point_of_its_own_a_value_is_itself():
    nodes = np.cos(np.pi * (np.arange(9) + 0.5) / 9)
    np.testing.assert_array_equal(_interpolation(nodes, nodes), np.eye(9))


def test_draws_of_one_clock_have_that_clock():
    few = FewClocks.of(np.full(7, 1.3), np.array([0.02]), 60)
    np.testing.assert_allclose(few.between @ few.clocks, np.tile(np.arange(61.0) ** 1.3, (7, 1)), rtol=1e-12)


def test_clocks_too_far_apart_are_left_as_they_are():
    assert FewClocks.of(np.array([0.2, 5.0]), np.array([0.001, 0.1]), PERIODS) is None


@pytest.mark.parametrize("levers", DECISIONS.values(), ids=DECISIONS)
def test_worth_on_a_few_clocks_is_that_of_months_followed_draw_by_draw(shared, levers):
    """Each group's discounted margin against the table of months on every draw's own clock."""
    x, types = shared
    base, plan = book(types, Mix.of([0.05], [1.0])), cs.Scenario("", levers)
    found = evaluate(base, plan.active, 48, drawn=True, detail=plan.detail)
    v = base.discount_factor[:48]
    for money in (found.new, found.existing):
        assert any(group.few is not None for group in money.groups)
        for group, worth in zip(money.groups, money.worths(v), strict=True):
            followed = Money(lambda group=group: [group], money.economics).margin @ v
            np.testing.assert_allclose(worth, followed, rtol=1e-9, atol=1e-9 * np.abs(followed).max())


def test_a_renewal_that_is_typed_is_on_no_few_clocks(shared):
    """Its takers are one type on a clock of their own, which those of the draws do not describe."""
    x, types = shared
    base, plan = book(types, Mix.of([0.05], [1.0])), cs.Scenario("", DECISIONS["known renewal"])
    groups = evaluate(base, plan.active, 48, drawn=True, detail=plan.detail).new.groups
    assert {group.few is None for group in groups if group.aging is not types.aging} == {True}
    assert {group.few is None for group in groups if group.aging is types.aging} == {False}


def test_draws_that_cannot_share_keep_types_of_their_own():
    """Some all alike, some very unlike, or clocks that run away: as many types as the estimate's, on a matched clock."""
    x = np.concatenate([parameters(1.5, 20.0, 1.2), parameters(9e3, 1e5, 1.2)])
    assert bdw._on_shared_types(x, PERIODS) is None
    counts = Counts(np.full(12, 1000.0), np.full(12, 50.0))
    types = bdw.MODEL.refit(counts, 30, 0, PERIODS)
    assert types.few is None and types.theta.ndim == 2
    curve = np.exp(-bdw._cumulative(bdw.fit_batch(bdw.FAMILY, *bdw.by_cell(counts, 30, 0))[0], np.arange(13.0)))
    theta = np.broadcast_to(types.theta, types.weights.shape)
    alive = np.einsum("dk,dkt->dt", types.weights, (1 - theta)[..., None] ** types.aging[:, None, :13])
    np.testing.assert_allclose(alive, curve, rtol=0, atol=2e-6)


def test_the_band_is_mixed_as_a_table_of_all_would_be(shared):
    """Survival by month of every draw, as a series where they share types and a few draws at a time where they do not:
    weights times exp(-rate x clock), to 1e-12 of all customers, and never less than nobody.
    """
    x, types = shared
    base = book(types, Mix.of([0.05], [1.0]))
    group = base.groups("new", drawn=True, months=36)[0]
    apart = group.rate * np.linspace(0.5, 2, len(group.heads))[:, None]
    truth, own = ((np.exp(-rate[..., None, :] * group.aging[:, :36, None]) * group.heads[:, None, :]).sum(-1)
                  for rate in (group.rate, apart))
    np.testing.assert_allclose(stays([group.but(rate=apart)])[0].heads, own, rtol=1e-12)
    found = stays([group])[0].heads
    np.testing.assert_allclose(found, truth, rtol=0, atol=1e-12)
    assert found.min() >= 0


@pytest.mark.parametrize("selection", [-3.0, 1.0, 400.0])
def test_who_says_yes_is_solved_however_hard_customers_are_sorted(selection):
    """The share wanted, from the loyal or from the leaky, and never a warning or a chance outside 0..1."""
    rng = np.random.default_rng(2)
    rate, heads = np.exp(rng.uniform(-12, 1, (5, 20))), rng.dirichlet(np.ones(20), 5)
    with np.errstate(all="raise", under="ignore"):
        chance = take_up(rate, heads, 0.3, selection)
    np.testing.assert_allclose((heads * chance).sum(-1), 0.3, atol=1e-12 if abs(selection) < 10 else 1e-9)
    order = np.argsort(rate, axis=-1)
    assert (np.diff(np.take_along_axis(chance, order, -1), axis=-1) * np.sign(selection) <= 1e-15).all()
    assert chance.min() >= 0 and chance.max() <= 1
