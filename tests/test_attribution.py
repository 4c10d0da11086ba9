"""Alone, last in and Shapley, and what the levers overlap; sampled orders for many levers still sum exactly."""

import numpy as np
import pytest

import cs_models as cs
from cs_models.bridge import Attribution, attribute, shapley
from cs_models.cells import Cell, Mix
from cs_models.uncertainty import amounts
from cs_models.valuation import evaluate


class Named:
    """A lever as far as an attribution knows it: an order."""

    def __init__(self, order, amount):
        self.order, self.amount = order, amount


def test_the_worked_example_on_both_views():
    """Price +10 %, churn -15 % at 1 a month, annual for 30 % at 1/6 (its expansion lever left out)."""
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50, gross_margin=0.8, discount_rate=0.10, months=60)
    plan = cs.Scenario("three", (cs.PriceIncrease(rise=0.1, scope="new"), cs.ChurnReduction(reduction=0.15, cost=1.0),
                                 cs.AnnualBilling(adoption=0.3, discount=1 / 6, selection=0.0, scope="new")))
    for view, alone in (("aggregate", (52.92, 14.11, 79.47)), ("types", (70.63, 14.11, 36.13))):
        found = cs.compare(base, plan, 60, view).attribution()
        assert [step.name for step in found.steps] == ["PriceIncrease", "AnnualBilling", "ChurnReduction"]
        assert [step.alone for step in found.steps] == pytest.approx(alone, abs=0.01)
        assert sum(step.shapley for step in found.steps) == pytest.approx(found.combined, rel=1e-12)
        assert found.sum_alone - found.overlap == pytest.approx(found.combined, rel=1e-12)
        assert found.exact and "every order" in found.sentence


def test_what_is_kept_between_the_runs_of_a_bridge_changes_none_of_them():
    """Combinations that begin alike share groups and flows; each amount is that of a comparison of its own."""
    mix, rng = cs.RetentionCurve.sbg(0.8, 8.0), np.random.default_rng(3)
    heads = rng.integers(5, 50, 40).astype(float)
    cells = tuple(Cell(("a",), clock, Mix.of(mix.theta, mix.weights, clock), None, 0.5, 50.0, heads, heads * 45.0,
                       observed_to=40) for clock in (1, 12))
    base = cs.Assumptions(cells, acquisitions=np.full(120, 10.0))
    plan = cs.Scenario("five", (cs.PriceIncrease(rise=0.1, one_off_loss=0.02), cs.Grandfathering(until="renewal"),
                                cs.AnnualBilling(start=2), cs.Onboarding(), cs.WinBack(returning=0.2)))
    change = cs.compare(base, plan, 36)
    for book in ("new", "existing", "portfolio"):
        for step, lever in zip(change.attribution(book).steps, sorted(plan.active, key=lambda one: one.order)):
            others = tuple(one for one in plan.active if one is not lever)
            without = evaluate(base, others, 36, detail=plan.detail)
            alone = evaluate(base, (lever,), 36, detail=plan.detail)
            assert step.last == pytest.approx(amounts(change.scenario)[book] - amounts(without)[book], rel=1e-9, abs=1e-9)
            assert step.alone == pytest.approx(amounts(alone)[book] - amounts(change.baseline)[book], rel=1e-9, abs=1e-9)


def test_last_in_is_what_its_absence_costs():
    levers = (Named(0, 1.0), Named(1, 2.0), Named(2, 4.0))

    def worth(chosen):
        return sum(lever.amount for lever in chosen) ** 2

    found = attribute(levers, worth, "new")
    assert [step.alone for step in found.steps] == [1.0, 4.0, 16.0]
    assert [step.last for step in found.steps] == [49.0 - 36, 49.0 - 25, 49.0 - 9]
    assert found.overlap == pytest.approx(21 - 49)


def test_many_levers_are_sampled_and_sum_exactly():
    levers = tuple(Named(i, float(i + 1)) for i in range(9))
    calls = []

    def root(chosen):
        calls.append(chosen)
        return np.sqrt(sum(lever.amount for lever in chosen))

    found, each = attribute(levers, root, "new"), attribute(levers, lambda chosen: len(chosen) * 2.0, "existing")
    for one, total in ((found, np.sqrt(45)), (each, 18.0)):
        assert sum(step.shapley for step in one.steps) == pytest.approx(total, rel=1e-12)
        assert not one.exact and "24 of the orders" in one.sentence
    assert len(calls) < 2**9, "fewer runs than every combination"
    assert [step.shapley for step in each.steps] == pytest.approx([2.0] * 9), "no overlap: what each adds"
    assert attribute(levers, root, "new") == found, "the same seed, the same shares"


def test_sampled_orders_are_near_every_order():
    levers = tuple(Named(i, float(i + 1)) for i in range(7))

    def worth(chosen):
        return np.sqrt(sum(lever.amount for lever in chosen))

    import cs_models.bridge as bridge
    sampled, kept = shapley(levers, worth), bridge.MOST_EXACT
    bridge.MOST_EXACT = 7
    try:
        exact = shapley(levers, worth)
    finally:
        bridge.MOST_EXACT = kept
    assert np.allclose(sampled, exact, atol=0.12 * sum(exact)) and not np.allclose(sampled, exact, atol=1e-9)


def test_a_sign_that_flips_is_named():
    found = Attribution("new", tuple(attribute((Named(0, 2.0), Named(1, -5.0)),
                                               lambda c: abs(sum(one.amount for one in c)), "new").steps), 3.0, True)
    assert found.steps[0].flips and "changes sign" in found.sentence
