"""Doubt about beliefs: against integrals and loops of our own, and against compare at the ends."""

import numpy as np
import pytest
from scipy.stats import beta

import cs_models as cs
from cs_models import dials
from places import ROOT
from cs_models.beliefs import monte_carlo, one_draw, pert, sobol, tornado, with_beliefs
from cs_models.dials import gain
from cs_models.doubts import beliefs

SAMPLE = ROOT / "sample_data" / "subscriptions.csv"
FLAT = cs.Assumptions.flat(0.04, 50, 0.8, 0.10, 60)
RISE = cs.Scenario("rise", (cs.PriceIncrease(rise=0.1, scope="both", churn_elasticity=1.2),
                            cs.ChurnReduction(reduction=0.1, cost=0.5)))


@pytest.fixture(scope="module")
def change():
    return cs.compare(FLAT, RISE, 36)


@pytest.fixture(scope="module")
def sampled():
    return cs.Assumptions.from_data(cs.read(SAMPLE), draws=50)


@pytest.mark.parametrize("book", ["existing", "portfolio"])
def test_a_bar_of_the_tornado_is_the_gain_at_each_end_by_itself(sampled, book):
    """Also where a belief at its low takes its decision to rest, and the customers need no telling apart."""
    plan = cs.Scenario("", (cs.PriceIncrease(rise=0.1), cs.Onboarding(reduction=0.3)))
    base = sampled
    found = tornado(cs.compare(base, plan, 36), book).swings
    assert any(swing.low == 0.0 and swing.name.startswith("Onboarding") for swing in found)
    for swing in found:
        belief = next(one for one in beliefs(plan) if one.name == swing.name)
        ends = [gain(base, with_beliefs(plan, (belief,), (value,)), 36, book) for value in (belief.low, belief.high)]
        assert [swing.at_low, swing.at_high] == pytest.approx(ends, rel=1e-9)


def test_a_tornado_runs_no_plan_twice_and_none_for_a_belief_that_sleeps(monkeypatch):
    """Eleven beliefs, 22 ends: six move nothing in new customers as the plan is set, and one end of the others is the plan."""
    plan, run, once = cs.Scenario("", (cs.PriceIncrease(rise=0.1, scope="new"), cs.AnnualBilling())), [], dials._gains
    monkeypatch.setattr(dials, "_gains", lambda base, plans, *more: run.extend(plans) or once(base, plans, *more))
    found = tornado(cs.compare(FLAT, plan, 36))
    asleep = {swing.label for swing in found.swings if belief_of(plan, swing.name).dial.sleeps("new")}
    assert len(found.swings) == 11 and len(asleep) == 6 and len(run) == 10
    for swing in found.swings:
        ends = [cs.compare(FLAT, with_beliefs(plan, (belief_of(plan, swing.name),), (at,)), 36).delta
                for at in (swing.low, swing.high)]
        assert [swing.at_low, swing.at_high] == pytest.approx(ends, abs=1e-9)
        assert swing.label not in asleep or swing.at_low == swing.at_high


def test_the_last_bits_of_two_ends_are_no_swing(change, monkeypatch):
    monkeypatch.setattr("cs_models.beliefs.gains", lambda base, plans, *more: [50.0 + 1e-12 * (i % 2) for i in range(len(plans))])
    assert {swing.width for swing in tornado(change).swings} == {0.0}


def belief_of(plan, name):
    return next(belief for belief in beliefs(plan) if belief.name == name)


def named(plan, word):
    return next(belief for belief in beliefs(plan) if belief.name.endswith(word))


def test_beliefs_are_those_of_active_levers_around_what_is_set():
    plan = cs.Scenario("", (*RISE.levers, cs.AnnualBilling(adoption=0.0)))
    names = {belief.name for belief in beliefs(plan)}
    assert {"PriceIncrease.churn_elasticity", "ChurnReduction.reduction"} <= names
    assert not any(name.startswith("AnnualBilling") or name.endswith((".rise", ".discount")) for name in names)
    assert all(b.low <= b.likely <= b.high for b in beliefs(plan))
    far = cs.Scenario("", (cs.PriceIncrease(churn_elasticity=5.0),))
    assert named(far, "elasticity").high == 5.0, "a value set beyond the range widens it"


def test_pert_is_its_beta():
    belief = named(RISE, "elasticity")
    wide = belief.high - belief.low
    a, b = 1 + 4 * (belief.likely - belief.low) / wide, 1 + 4 * (belief.high - belief.likely) / wide
    at = np.linspace(0.01, 0.99, 9)[:, None]
    assert pert((belief,), at)[:, 0] == pytest.approx(belief.low + wide * beta.ppf(at[:, 0], a, b), abs=1e-9)
    even = (np.arange(4000) + 0.5)[:, None] / 4000
    assert pert((belief,), even).mean() == pytest.approx((belief.low + 4 * belief.likely + belief.high) / 6, abs=1e-4)


def test_the_range_is_that_of_a_plain_loop(change):
    found, chance = monte_carlo(change, runs=512), np.random.default_rng(5)
    doubted, loop = beliefs(RISE), []
    for _ in range(1500):
        levers = {belief.name: belief.low + (belief.high - belief.low) * chance.beta(
            1 + 4 * (belief.likely - belief.low) / (belief.high - belief.low),
            1 + 4 * (belief.high - belief.likely) / (belief.high - belief.low)) for belief in doubted}
        plan = cs.Scenario("", (
            cs.PriceIncrease(rise=0.1, scope="new", churn_elasticity=levers["PriceIncrease.churn_elasticity"],
                             one_off_loss=levers.get("PriceIncrease.one_off_loss", 0.0)),
            cs.ChurnReduction(reduction=levers["ChurnReduction.reduction"], cost=levers.get("ChurnReduction.cost", 0.5))))
        loop.append(gain(FLAT, plan, 36, "new"))
    low, high = np.quantile(loop, [0.025, 0.975])
    size = high - low
    assert (found.both.low, found.both.high) == pytest.approx((low, high), abs=0.06 * size)
    assert found.by_both == pytest.approx(np.mean(np.array(loop) > 0), abs=0.04)
    assert found.data.low == found.data.high == change.delta, "flat has no chance in the data"


def test_a_draw_alone_is_that_draw_of_the_comparison(sampled):
    change = cs.compare(sampled, RISE, 24)
    for book in ("new", "existing", "portfolio"):
        assert gain(sampled, RISE, 24, book) == pytest.approx(change.point(book), rel=1e-12)
        for i in (0, 7, 41):
            assert gain(one_draw(sampled, i), RISE, 24, book) == pytest.approx(change.draws[book][i], rel=1e-8)


def test_doubt_about_beliefs_is_wider_than_chance_in_the_data(sampled):
    wide = monte_carlo(cs.compare(sampled, RISE, 24), runs=64)
    assert wide.both.high - wide.both.low > wide.data.high - wide.data.low > 0
    assert "beliefs as unsure as stated the plan" in wide.sentence and wide.by_both <= 1
    assert "likely" not in wide.sentence, "that is the word of chance in the data alone"


def test_the_same_seed_the_same_range(change):
    one, two = (monte_carlo(change, runs=32, seed=4) for _ in range(2))
    assert one.both == two.both and one.sentence == two.sentence != monte_carlo(change, runs=32, seed=5).sentence + "x"


def test_without_beliefs_only_chance_is_left():
    found = monte_carlo(cs.compare(FLAT, cs.Scenario("nothing"), 36))
    assert found.by_both is None and found.both == found.data and "changes nothing" in found.sentence


def test_a_tornado_is_compare_at_the_ends(change):
    found = tornado(change)
    assert [s.width for s in found.swings] == sorted((s.width for s in found.swings), reverse=True)
    for swing in found.swings:
        belief = named(RISE, swing.name)
        for value, worth in ((swing.low, swing.at_low), (swing.high, swing.at_high)):
            assert worth == pytest.approx(cs.compare(FLAT, with_beliefs(RISE, (belief,), (value,)), 36).delta, abs=1e-9)


def test_the_belief_that_turns_the_sign_is_named():
    plan = cs.Scenario("", (cs.ChurnReduction(reduction=0.1, cost=1.5),))
    found = tornado(cs.compare(FLAT, plan, 36))
    turned = [s for s in found.swings if s.name == "ChurnReduction.reduction"]
    assert turned[0].flips and "turn" in found.sentence and "Churn cut by" in found.sentence


def test_total_effects_are_the_variance_left(change):
    """T_i = E[Var(f | all but i)] / Var(f), by a grid over the quantiles of both beliefs."""
    doubted = tuple(b for b in beliefs(RISE) if b.name in ("PriceIncrease.churn_elasticity", "ChurnReduction.reduction"))
    at = (np.arange(30) + 0.5) / 30
    pairs = pert(doubted, np.array([(u, w) for u in at for w in at]))
    worth = np.array([gain(FLAT, with_beliefs(RISE, doubted, row), 36, "new") for row in pairs]).reshape(30, 30)
    left = {doubted[0].name: worth.var(axis=0).mean() / worth.var(), doubted[1].name: worth.var(axis=1).mean() / worth.var()}
    found = sobol(change)
    assert {effect.name for effect in found} == set(left), "others move nothing here"
    for effect in found:
        assert effect.total == pytest.approx(left[effect.name], abs=0.08)


def test_one_belief_has_no_shares():
    assert sobol(cs.compare(FLAT, cs.Scenario("", (cs.ChurnReduction(reduction=0.1),)), 36)) == ()
