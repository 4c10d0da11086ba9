"""Laws that hold whatever the customers and the decisions: drawn settings, no numbers from a last run."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.flows import in_force
from cs_models.levers import ALL
from cs_models.valuation import evaluate
from drawn_plans import any_lever, base_of, books, plans, values

LEAST = 1e-9  # money; below it a difference is rounding
quick = settings(deadline=None, max_examples=25)


def worth(change) -> float:
    return (change.new or change.existing).after


@quick
@given(book=books, plan=plans)
def test_customers_are_conserved_and_shares_stay_between_0_and_1(book, plan):
    base, scenario = base_of(book), cs.Scenario("", plan)
    for name in ("new", "existing"):
        groups = before = base.groups(name, scenario.detail)
        for lever in scenario.active:
            groups = lever.apply(groups)
        assert sum(g.size for g in groups) == pytest.approx(sum(g.size for g in before), rel=1e-9)
        for group in groups:
            heads, money = in_force(group)
            for share in (heads, money):
                assert np.all(share >= 0) and np.all(share <= 1 + 1e-9) and np.all(np.diff(share) <= 1e-12)
    money = cs.compare(base, scenario, 24).scenario
    everybody = money.new or money.existing
    assert np.all(everybody.in_force[:24] >= 0) and np.all(everybody.in_force[:24] <= 1 + 1e-9)


@quick
@given(book=books, lever=any_lever, data=st.data())
def test_a_figure_that_is_said_to_sleep_moves_nothing_whatever_it_says(book, lever, data):
    """The worth of each book and who is in it, for any other value of each figure that sleeps at these settings."""
    base, beside = base_of(book), (cs.PriceIncrease(rise=0.2, one_off_loss=0.1),) if isinstance(lever, cs.Grandfathering) else ()
    for shown in ("new", "existing", "portfolio"):
        for name in lever.dormant(shown):
            drawn = data.draw(values(next(one for one in lever.parameters() if one.name == name)), label=name)
            other = replace(lever, **{name: drawn})
            assert other.acting(shown) == lever.acting(shown)
            found = [_acted(base, shown, (one, *beside)) for one in (lever, other)]
            assert found[0] == found[1], name


def _acted(base, book: str, levers) -> tuple:
    """What decisions make of a book: its worth, and how large each of its groups is; of everybody, the worth."""
    plan, worth = cs.Scenario("", levers), {"new": "clv", "existing": "residual", "portfolio": "portfolio"}[book]
    found = evaluate(base, plan.active, 24, detail=plan.detail)
    money = None if book == "portfolio" else getattr(found, book)
    return getattr(found, worth), [group.size for group in money.groups] if money else []


NOT_ALIKE = (cs.Grandfathering(months=5), cs.AnnualBilling(), cs.PriceIncrease(rise=0.2, one_off_loss=0.05, leavers="leaky"))


@quick
@given(book=books, plan=plans, seed=st.randoms(use_true_random=False))
def test_the_order_of_clicks_changes_nothing(book, plan, seed):
    base, plan = base_of(book), (*plan, *NOT_ALIKE)
    turned = list(plan)
    seed.shuffle(turned)
    straight, other = (cs.compare(base, cs.Scenario("", tuple(levers)), 24) for levers in (plan, turned))
    assert straight.delta == other.delta and straight.point("portfolio") == other.point("portfolio")


@settings(deadline=None, max_examples=12)
@given(book=books, plan=plans)
def test_the_bridge_sums_to_the_difference(book, plan):
    change = cs.compare(base_of(book), cs.Scenario("", plan), 24)
    assert sum(change.bridge.values()) == pytest.approx(change.delta, rel=1e-9, abs=LEAST)
    assert sum(change.portfolio.bridge.values()) == pytest.approx(change.portfolio.delta, rel=1e-9, abs=1e-6)


@quick
@given(book=books, plan=plans)
def test_what_rests_changes_nothing_beside_anything(book, plan):
    base = base_of(book)
    resting = tuple(kind.at_rest() for kind in ALL.values())
    with_rest = cs.compare(base, cs.Scenario("", (*plan, *resting)), 24)
    alone = cs.compare(base, cs.Scenario("", plan), 24)
    assert with_rest.delta == alone.delta
    rest = cs.compare(base, cs.Scenario("", resting), 24)
    assert (rest.delta, rest.low, rest.high, rest.probability) == (0.0, 0.0, 0.0, None)


@quick
@given(book=books, plan=plans)
def test_a_scenario_in_a_file_is_the_same_scenario(book, plan):
    scenario = cs.Scenario("as saved", plan)
    assert cs.Scenario.from_json(scenario.to_json()) == scenario


@quick
@given(book=books, rate=st.floats(0.0, 0.5), more=st.floats(0.01, 0.5), horizon=st.integers(2, 60))
def test_value_falls_with_the_discount_rate_and_rises_with_the_margin(book, rate, more, horizon):
    now, later = (cs.value(base_of(book, discount_rate=r), horizon) for r in (rate, rate + more))
    assert (later.clv or later.residual) < (now.clv or now.residual)
    thin, fat = (cs.value(base_of(book, gross_margin=m), horizon) for m in (0.5 - more / 2, 0.5 + more / 2))
    assert (fat.clv or fat.residual) > (thin.clv or thin.residual)


@quick
@given(book=books, small=st.floats(0.0, 0.9), more=st.floats(0.02, 0.1), when=st.integers(0, 11))
def test_value_rises_with_survival(book, small, more, when):
    less, most = (cs.ChurnReduction(reduction=cut, start=when) for cut in (small, small + more))
    first, second = (worth(cs.compare(base_of(book), cs.Scenario("", (cut,)), 24)) for cut in (less, most))
    assert second > first


@quick
@given(book=books, rise=st.floats(0.0, 0.5), more=st.floats(0.01, 0.5))
def test_value_rises_with_the_price_where_nobody_minds(book, rise, more):
    lower, higher = (cs.PriceIncrease(rise=u, churn_elasticity=0.0) for u in (rise, rise + more))
    first, second = (worth(cs.compare(base_of(book), cs.Scenario("", (u,)), 24)) for u in (lower, higher))
    assert second > first


EXTREMES = {
    "nothing is discounted": dict(discount_rate=0.0), "nothing is earned": dict(gross_margin=0.0),
    "everything is earned": dict(gross_margin=1.0), "all leave in a month": dict(churn=1.0),
    "nobody leaves": dict(churn=0.0), "the price is nothing": dict(price=0.0), "one month": dict(horizon=1)}


@pytest.mark.parametrize("extreme", EXTREMES.values(), ids=EXTREMES)
@pytest.mark.parametrize("existing", [False, True])
def test_extremes_are_finite(extreme, existing):
    facts = {"churn": 0.03, "price": 50.0, "gross_margin": 0.8, "discount_rate": 0.10, "horizon": 36} | extreme
    base = cs.Assumptions.flat(facts["churn"], facts["price"], facts["gross_margin"], facts["discount_rate"], 60,
                               existing=existing)
    most = [cs.AnnualBilling(adoption=1.0), cs.PriceIncrease(rise=10.0, one_off_loss=1.0), cs.ChurnReduction(reduction=1.0),
            cs.Onboarding(reduction=1.0), cs.Dunning(recovered=1.0, recovered_now=0.0, quality=1.0),
            cs.AccountManagement(reduction=1.0), cs.Expansion(attach=1.0, churn_effect=1.0, growth=0.5),
            cs.WinBack(returning=1.0, gap=24, promo=24, pace=0.0), cs.Referral(brought=1200.0), cs.Acquisition(volume=-1.0)]
    for levers in ([one] for one in most), (most,):
        for plan in levers:
            change = cs.compare(base, cs.Scenario("", tuple(plan)), facts["horizon"])
            assert np.isfinite(change.delta) and np.isfinite(change.point("portfolio")), plan
            assert str(change)


@pytest.mark.parametrize("name", [name for name in ALL if "segments" in {p.name for p in ALL[name].parameters()}])
def test_a_lever_for_other_customers_changes_nothing(name):
    away = replace(ALL[name].suggested(), segments=("somebody else",))
    for tenure in (None, 2):
        assert cs.compare(base_of((0.8, 8.0, tenure)), cs.Scenario("", (away,)), 24).delta == 0.0


@pytest.mark.parametrize("name", ALL)
def test_a_decision_that_begins_beyond_the_horizon_changes_nothing(name):
    later = replace(ALL[name].suggested(), start=24)
    for tenure in (None, 2):
        assert cs.compare(base_of((0.8, 8.0, tenure)), cs.Scenario("", (later,)), 24).delta == 0.0


@pytest.mark.parametrize("name", ["ChurnReduction", "AccountManagement"])
def test_half_the_reach_is_half_the_effect(name):
    """Who is covered is drawn at random, so the effect is in proportion to how many are."""
    whole, half = (cs.compare(base_of((0.8, 8.0, 5)), cs.Scenario("", (ALL[name](reach=reach),)), 36).delta
                   for reach in (1.0, 0.5))
    assert half == pytest.approx(whole / 2, rel=1e-9)


def test_an_effect_that_grows_lies_between_none_and_all():
    gain = [cs.compare(base_of((0.8, 8.0, 5)), cs.Scenario("", (cs.ChurnReduction(phase_in=n),)), 36).delta for n in (0, 6, 12)]
    assert gain[0] > gain[1] > gain[2] > 0
