"""Levers: the laws each keeps, the worked examples, and what they do to whom."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.levers import ALL
from cs_models.levers.annual_billing import take_up

CURVE = cs.RetentionCurve.sbg(0.8, 8.0)
NEW = cs.Assumptions.from_curve(CURVE, 50.0, gross_margin=0.8, discount_rate=0.10)
V = 1.1 ** (-1 / 12)


def existing(tenure, **economics):
    return cs.Assumptions.from_curve(
        CURVE, 50.0, existing_tenure=tenure, **{"gross_margin": 0.8, "discount_rate": 0.10} | economics)


def effect(base, *levers, horizon=60, heterogeneity="types"):
    return cs.compare(base, cs.Scenario("test", levers), horizon, heterogeneity).delta


# The contract of every lever --------------------------------------------------------------------------------------

@pytest.mark.parametrize("lever", ALL.values(), ids=ALL)
def test_every_lever_declares_itself_once_and_rests_without_effect(lever):
    assert lever.title and lever.question and lever.__doc__ and lever().sentence()
    for parameter in lever.parameters():
        assert parameter.label and parameter.help, parameter.name
        assert parameter.evidence.split(":")[0] in {"assumption", "benchmark", "data", "experiment"}
        if parameter.kind == "choice":
            assert parameter.default in dict(parameter.choices)
    rest = lever.at_rest()
    assert rest.is_at_rest() and not lever().is_at_rest()
    for base in (NEW, existing(7)):
        change = cs.compare(base, cs.Scenario("rest", (rest,)), 36)
        assert change.delta == 0.0 == change.low == change.high and change.probability is None


@pytest.mark.parametrize("lever", ALL.values(), ids=ALL)
def test_what_is_told_of_a_lever_ends_in_one_stop(lever):
    """A phrase may end in a comma of its own, before the verb of a headline."""
    rise = cs.PriceIncrease(rise=0.1, one_off_loss=0.015)
    for plan in ((lever.suggested(),), (lever.suggested(), rise), (rise, lever.suggested())):
        said = cs.Scenario("", plan).told()
        assert re.search(r"\w( %)?\)?\.$", said.replace("\xa0", " ")) and ",." not in said, said


@pytest.mark.parametrize("lever", ALL.values(), ids=ALL)
def test_every_lever_survives_json(lever):
    plan = cs.Scenario("round trip", (lever(), lever.at_rest()))
    assert cs.Scenario.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("scope", ("new", "existing", "both"))
@pytest.mark.parametrize("lever", ALL.values(), ids=ALL)
def test_what_is_said_to_move_nothing_moves_nothing(lever, scope):
    """Beside a rise of everybody's price, which keeping old prices needs."""
    has_scope = any(p.name == "scope" for p in lever.parameters())
    one = replace(lever.suggested(), **({"scope": scope} if has_scope else {}))
    if lever is cs.PriceIncrease:
        one = replace(one, volume_elasticity=0.5)
    beside = (cs.PriceIncrease(rise=0.2, one_off_loss=0.1),) if lever is cs.Grandfathering else ()
    for base, book in ((NEW, "new"), (existing(1), "existing")):
        with_it, without = effect(base, one, *beside), effect(base, *beside)
        assert (with_it != without) == one.acts_on(book), book
        for name in one.without_effect(book) if one.acts_on(book) else ():
            assert effect(base, replace(one, **{name: 0.0})) == pytest.approx(with_it, rel=1e-12), name


@pytest.mark.parametrize("lever", ALL.values(), ids=ALL)
def test_every_lever_conserves_customers_and_keeps_shares_in_bounds(lever):
    from cs_models.flows import in_force

    price_rise = cs.PriceIncrease(rise=0.2, one_off_loss=0.1)
    for base, book in ((NEW, "new"), (existing(7), "existing")):
        groups = base.groups(book, lever().detail())
        after = price_rise.apply(lever().apply(groups))
        assert sum(g.size for g in after) == pytest.approx(sum(g.size for g in groups), rel=1e-12)
        for group in after:
            share = in_force(group)[0]
            assert np.all((share >= 0) & (share <= 1 + 1e-12)) and np.all(np.diff(share) <= 1e-12)


@pytest.mark.parametrize("wrong, says", [
    (lambda: cs.AnnualBilling(adoption=25), "take-up"), (lambda: cs.PriceIncrease(scope="nobody"), "who pays it"),
    (lambda: cs.ChurnReduction(reduction=float("nan")), "churn cut by"), (lambda: cs.Grandfathering(months=1.5), "months"),
    (lambda: cs.PriceIncrease(rise="0.1"), "price rise"), (lambda: cs.PriceIncrease(rise=True), "price rise")])
def test_impossible_settings_are_refused_by_lever_and_parameter(wrong, says):
    with pytest.raises(cs.Problem, match=says):
        wrong()


# Worked examples (sBG(.8, 8), 50 a month, 80 % margin, 10 % a year, 60 months) -------------------------------

PRICE = cs.PriceIncrease(rise=0.10, scope="new", churn_elasticity=0.6)
CHURN = cs.ChurnReduction(reduction=0.15, cost=1.0)
ANNUAL = cs.AnnualBilling(adoption=0.30, discount=1 / 6, selection=0.0)


@pytest.mark.parametrize("lever, types, aggregate", [
    (PRICE, 70.63, 52.92), (CHURN, 36.13, 79.47), (ANNUAL, 14.11, 14.11)])
def test_each_lever_alone(lever, types, aggregate):
    assert effect(NEW, lever) == pytest.approx(types, abs=0.01)
    assert effect(NEW, lever, heterogeneity="aggregate") == pytest.approx(aggregate, abs=0.01)


@pytest.mark.parametrize("months, types, aggregate", [
    (24, 0.079, 0.116), (36, 0.091, 0.146), (60, 0.105, 0.187), (120, 0.118, 0.241)])
def test_a_fifth_less_churn(months, types, aggregate):
    base = cs.Assumptions.from_curve(CURVE, 50.0, gross_margin=1.0, discount_rate=0.10)
    cut, before = cs.ChurnReduction(reduction=0.2), cs.value(base, months).clv
    assert effect(base, cut, horizon=months) / before == pytest.approx(types, abs=6e-4)
    assert effect(base, cut, horizon=months, heterogeneity="aggregate") / before == pytest.approx(aggregate, abs=6e-4)


@pytest.mark.parametrize("selection, share", [(0.0, 0.021), (1.0, -0.016)])
def test_who_takes_the_annual_offer_flips_its_sign(selection, share):
    base = cs.Assumptions.from_curve(CURVE, 50.0, gross_margin=1.0, discount_rate=0.10)
    offer = cs.AnnualBilling(adoption=0.3, discount=1 / 6, selection=selection)
    assert effect(base, offer, horizon=120) / cs.value(base, 120).clv == pytest.approx(share, abs=0.003)


@pytest.mark.parametrize("selection, takers, others", [(0.0, 0.478, 0.478), (1.0, 0.661, 0.399)])
def test_loyal_takers_look_like_a_churn_cut(selection, takers, others):
    """Twelve-month retention of annual and monthly payers although nobody's behaviour changed."""
    offer = cs.AnnualBilling(adoption=0.3, discount=1 / 6, selection=selection)
    annual, monthly = offer.apply(NEW.groups("new"))
    stay = np.exp(-12 * annual.rate)
    assert annual.heads @ stay / annual.size == pytest.approx(takers, abs=0.003)
    assert monthly.heads @ stay / monthly.size == pytest.approx(others, abs=0.003)


@pytest.mark.parametrize("churn, discount", [(.01, .092), (.02, .139), (.03, .183), (.05, .263), (.08, .364), (.10, .422)])
def test_the_break_even_discount_of_constant_churn(churn, discount):
    base = cs.Assumptions.flat(churn, 50, 1.0, 0.10, 60)
    q = (1 - churn) * V
    exact = 1 - (1 - q**12) / (12 * (1 - q))
    assert exact == pytest.approx(discount, abs=6e-4)
    assert effect(base, cs.AnnualBilling(adoption=1.0, discount=exact, selection=0.0)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("selection, who", [(1.0, "payers (the loyal first) at"), (0.0, "payers at"), (-1.0, "(the leaky first)")])
def test_the_sentence_says_who_takes_the_offer(selection, who):
    assert who in cs.AnnualBilling(selection=selection).sentence()


def test_the_break_even_discount_of_a_mixed_population():
    assert effect(NEW, cs.AnnualBilling(adoption=1.0, discount=0.2051, selection=0.0)) == pytest.approx(0, abs=0.05)


def test_grandfathering_for_ever_is_the_old_book():
    rise = cs.PriceIncrease(rise=0.2, churn_elasticity=0.8, one_off_loss=0.04)
    change = cs.compare(existing(12), cs.Scenario("", (rise, cs.Grandfathering(months=None))), 60)
    assert change.existing.after == pytest.approx(1074.8, abs=0.05) and change.delta == 0.0


# Laws ---------------------------------------------------------------------------------------------------------------

@given(rise=st.floats(0.01, 1.0), margin=st.floats(0.1, 1.0), tenure=st.integers(0, 60))
def test_the_break_even_one_off_loss_holds_for_any_book(rise, margin, tenure):
    """u / (gm + u) leaves the value unchanged: what the rise brings is what the leavers cost."""
    loss = rise / (margin + rise)
    lever = cs.PriceIncrease(rise=rise, one_off_loss=loss, churn_elasticity=0.0)
    assert effect(existing(tenure, gross_margin=margin), lever) == pytest.approx(0, abs=1e-8)


@settings(deadline=None, max_examples=40)
@given(order=st.permutations([PRICE, CHURN, ANNUAL, cs.Grandfathering(months=6)]), tenure=st.integers(0, 40))
def test_click_order_does_not_matter_and_the_bridge_sums(order, tenure):
    both = cs.PriceIncrease(rise=0.1, scope="both", one_off_loss=0.02)
    base = existing(tenure)
    levers = [both if lever is PRICE else lever for lever in order]
    change = cs.compare(base, cs.Scenario("", tuple(levers)), 36)
    straight = cs.compare(base, cs.Scenario("", (cs.Grandfathering(months=6), both, CHURN, ANNUAL)), 36)
    assert change.delta == straight.delta
    assert sum(change.bridge.values()) == pytest.approx(change.delta, rel=1e-9)


def test_one_off_loss_never_touches_new_customers_and_scope_is_kept():
    shock = cs.PriceIncrease(rise=0.1, scope="both", one_off_loss=0.5)
    assert effect(NEW, shock) == effect(NEW, cs.PriceIncrease(rise=0.1, scope="both"))
    assert effect(NEW, cs.PriceIncrease(rise=0.1, scope="existing")) == 0.0
    assert effect(existing(5), cs.PriceIncrease(rise=0.1, scope="new")) == 0.0


def test_a_price_rise_does_not_change_what_a_customer_costs():
    rise = cs.PriceIncrease(rise=0.10, scope="new", churn_elasticity=0.0)
    assert effect(NEW, rise, horizon=12) == pytest.approx(5 * (CURVE.survival[:12] @ V ** np.arange(12)), rel=1e-9)


def test_the_old_price_lasts_as_long_as_promised():
    rise, keep = cs.PriceIncrease(rise=0.10, churn_elasticity=0.0), cs.Grandfathering(months=12)
    assert effect(existing(3), rise, keep, horizon=12) == 0.0
    assert effect(existing(3), rise, keep, horizon=13) == pytest.approx(5 * CURVE.survival[15] / CURVE.survival[3] * V**12)


def test_keeping_old_prices_is_at_rest_without_a_rise_to_soften():
    keep = cs.Grandfathering(months=12)
    assert cs.Scenario("", (keep,)).active == ()
    assert cs.Scenario("", (keep, PRICE)).active == (PRICE,)
    assert keep in cs.Scenario("", (keep, cs.PriceIncrease(scope="existing"))).active


def test_the_suggested_loss_follows_the_rise():
    """0.15 x the rise, an assumption of the page; the constructor's default stays 0."""
    suggested = cs.PriceIncrease.suggested()
    assert suggested.one_off_loss == pytest.approx(0.15 * suggested.rise) and cs.PriceIncrease().one_off_loss == 0.0
    assert cs.AnnualBilling.suggested() == cs.AnnualBilling()


def test_without_a_new_price_nobody_is_lost_over_it():
    assert effect(existing(5), cs.PriceIncrease(rise=0.0, one_off_loss=0.05)) == 0.0


def test_two_levers_of_a_kind_act_the_same_in_any_order():
    rise = cs.PriceIncrease(rise=0.2)
    keep6, keep24 = cs.Grandfathering(months=6), cs.Grandfathering(months=24)
    assert effect(existing(12), rise, keep6, keep24) == effect(existing(12), rise, keep24, keep6)
    assert effect(existing(12), rise, keep6, keep24) == effect(existing(12), rise, keep24)  # the longer promise holds
    some, many = cs.AnnualBilling(adoption=0.3, discount=0.1), cs.AnnualBilling(adoption=0.5, discount=0.3)
    assert effect(NEW, some, many) == effect(NEW, many, some)


def test_the_echo_of_a_loss_comes_twice_and_shrinks():
    rise = {"rise": 0.1, "churn_elasticity": 0.0, "one_off_loss": 0.1}
    flat = cs.Assumptions.flat(0.0, 50, 1.0, 0.0, 12, existing=True)
    paid = 55 * (0.9 + 0.9 * 0.95 + 10 * 0.9 * 0.95 * 0.975)
    assert cs.compare(flat, cs.Scenario("", (cs.PriceIncrease(**rise, one_off_decay=0.5),)), 12).existing.after == (
        pytest.approx(paid))


def test_until_own_renewal_means_the_next_anniversary():
    rise, keep = cs.PriceIncrease(rise=0.10, churn_elasticity=0.0), cs.Grandfathering(until="renewal")
    assert effect(existing(3), rise, keep, horizon=9) == 0.0
    assert effect(existing(3), rise, keep, horizon=10) > 0
    yearly = cs.RetentionCurve.constant(0.2, clock=12)
    base = cs.Assumptions.from_curve(yearly, 50.0, existing_tenure=3, gross_margin=0.8, discount_rate=0.0)
    assert effect(base, rise, keep, horizon=9) == 0.0
    assert effect(base, rise, keep, horizon=10) == pytest.approx(0.8 * 60)


def test_annual_payers_meet_a_rise_at_their_renewal_not_inside_the_term():
    yearly = cs.RetentionCurve.constant(0.2, clock=12)
    base = cs.Assumptions.from_curve(yearly, 50.0, existing_tenure=3, gross_margin=0.8, discount_rate=0.0)
    rise = cs.PriceIncrease(rise=0.10, churn_elasticity=0.0, one_off_loss=0.05)
    assert effect(base, rise, horizon=9) == 0.0
    assert effect(base, rise, horizon=10) == pytest.approx(0.8 * (0.95 * (660 - 10) - (600 - 10)))


def test_quarterly_payers_renew_at_their_next_payment():
    base = cs.Assumptions.from_curve(
        cs.RetentionCurve.constant(0.1, clock=3), 50.0, existing_tenure=4, gross_margin=0.8, discount_rate=0.0)
    rise, keep = cs.PriceIncrease(rise=0.10, churn_elasticity=0.0), cs.Grandfathering(until="renewal")
    assert effect(base, rise, keep, horizon=2) == 0.0
    assert effect(base, rise, keep, horizon=3) == pytest.approx(0.9 * 15)


def test_those_who_pay_yearly_already_get_no_annual_offer():
    base = cs.Assumptions.from_curve(cs.RetentionCurve.constant(0.2, clock=12), 50.0, gross_margin=0.8)
    assert effect(base, ANNUAL) == 0.0


def test_onboarding_leaves_old_customers_alone():
    early = cs.ChurnReduction(reduction=0.3, first_months=3)
    assert effect(NEW, early) > 0 and effect(existing(1), early) > 0
    assert effect(existing(3), early) == 0.0
    one_left, whole = cs.ChurnReduction(reduction=0.3, first_months=3), cs.ChurnReduction(reduction=0.3)
    assert effect(existing(2), one_left, horizon=2) == effect(existing(2), whole, horizon=2)
    assert effect(existing(2), one_left, horizon=3) < effect(existing(2), whole, horizon=3)


def test_failed_payments_are_a_part_of_churn():
    part = cs.Dunning(recovered_now=0.0, recovered=0.4, quality=1.0)
    assert effect(NEW, part) == pytest.approx(effect(NEW, cs.ChurnReduction(reduction=0.1)), rel=1e-9)


def test_a_programme_costs_as_long_as_it_acts():
    free, paid = (cs.ChurnReduction(reduction=0.0, first_months=2, cost=cost) for cost in (1e-12, 3.0))
    assert effect(NEW, paid) - effect(NEW, free) == pytest.approx(-3 * (1 + CURVE.survival[1] * V), rel=1e-6)


def test_one_type_has_no_selection():
    base = cs.Assumptions.flat(0.05, 50, 0.8, 0.10, 60)
    loyal, random = (cs.AnnualBilling(adoption=0.3, discount=0.1, selection=k) for k in (1.0, 0.0))
    assert effect(base, loyal) == pytest.approx(effect(base, random), rel=1e-12)


@given(adoption=st.floats(0.001, 0.999), selection=st.floats(-3, 3))
def test_take_up_is_solved(adoption, selection):
    group = NEW.groups("new")[0]
    chance = take_up(group.rate, group.heads, adoption, selection)
    assert group.heads @ chance == pytest.approx(adoption, abs=1e-10)
    order = np.argsort(group.rate)
    if selection > 0.01:
        assert np.all(np.diff(chance[order]) <= 1e-12)


def test_a_hundred_percent_churn_is_finite():
    base = cs.Assumptions.flat(1.0, 50, 0.8, 0.10, 60)
    for lever in (PRICE, CHURN, ANNUAL):
        assert np.isfinite(effect(base, lever))


# Files --------------------------------------------------------------------------------------------------------------

def test_numbers_of_any_library_are_numbers():
    assert cs.PriceIncrease(rise=np.float32(0.5)).rise == 0.5 and cs.Grandfathering(months=np.int64(6)).months == 6
    assert cs.Scenario("one", cs.PriceIncrease()).levers == (cs.PriceIncrease(),)


@pytest.mark.parametrize("text, says", [
    ('{"perennial_scenario": 1, "levers": [{"lever": ["PriceIncrease"]}]}', "Unknown lever"),
    ('{"perennial_scenario": 1, "levers": [{"lever": "PriceIncrease", "scope": ["new"]}]}', "choose one of"),
    ("not json", "not valid JSON"), ("[]", "no list of levers"), ('{"levers": []}', "version"),
    ('{"perennial_scenario": 1, "levers": [{"lever": "Magic"}]}', "Unknown lever"),
    ('{"perennial_scenario": 1, "levers": [{"lever": "PriceIncrease", "rise": 0.1, "x": 1}]}', "no parameter 'x'"),
    ('{"perennial_scenario": 1, "levers": [{"lever": "PriceIncrease", "rise": "a"}]}', "a number is needed"),
    ('{"perennial_scenario": 1, "levers": ["PriceIncrease"]}', "Unknown lever")])
def test_a_broken_scenario_file_is_answered_with_a_sentence(text, says):
    with pytest.raises(cs.Problem, match=says):
        cs.Scenario.from_json(text)
