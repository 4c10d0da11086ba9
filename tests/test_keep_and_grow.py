"""Decisions that keep customers, sell them more or win others: closed forms and the worked examples."""

import json

import numpy as np
import pytest

import cs_models as cs

CURVE = cs.RetentionCurve.sbg(0.8, 8.0)
NEW = cs.Assumptions.from_curve(CURVE, 50.0, gross_margin=0.8, discount_rate=0.10)
FLAT = dict(gross_margin=1.0, discount_rate=0.0, months=24)


def effect(base, *levers, horizon=60, view="types"):
    return cs.compare(base, cs.Scenario("test", levers), horizon, view).delta


# The composition, worked by hand -----------------------------------------------------------------------------------------

FOUR = (cs.PriceIncrease(rise=0.10, scope="new", churn_elasticity=0.6), cs.ChurnReduction(reduction=0.15, cost=1.0),
        cs.AnnualBilling(adoption=0.30, discount=1 / 6, selection=0.0),
        cs.Expansion(attach=0.0, growth=0.005, cost_share=0.0))


@pytest.mark.parametrize("view, alone, last, whole, fair", [
    ("aggregate", (52.92, 79.47, 14.11, 95.70), (74.64, 100.56, -1.19, 109.28), 263.55, (63.74, 90.25, 6.99, 102.57)),
    ("types", (70.63, 36.13, 14.11, 95.70), (87.76, 45.17, 2.21, 102.72), 227.88, (79.28, 40.78, 8.50, 99.32))])
def test_four_decisions_alone_last_and_together(view, alone, last, whole, fair):
    change = cs.compare(NEW, cs.Scenario("", FOUR), 60, view)
    assert change.baseline.clv == pytest.approx(737.84, abs=0.01) and change.delta == pytest.approx(whole, abs=0.01)
    for lever, by_itself, at_last, shared in zip(FOUR, alone, last, fair):
        others = [one for one in FOUR if one is not lever]
        assert effect(NEW, lever, view=view) == pytest.approx(by_itself, abs=0.01)
        assert change.delta - effect(NEW, *others, view=view) == pytest.approx(at_last, abs=0.01)
        assert change.bridge[type(lever).__name__] == pytest.approx(shared, abs=0.01)


# Keep ------------------------------------------------------------------------------------------------------------------

def test_recovered_payments_cut_their_share_of_churn():
    """34.2 % of a quarter of churn: the multiplier of the intensity is .9145."""
    assert cs.Dunning().kept == pytest.approx(0.8 * 0.224 / 0.524)
    same = cs.ChurnReduction(reduction=0.25 * cs.Dunning().kept)
    assert effect(NEW, cs.Dunning()) == pytest.approx(effect(NEW, same), rel=1e-12)
    assert cs.Dunning(recovered=0.4, recovered_now=0.5).is_at_rest()  # to recover less is nobody's plan


def test_onboarding_ends_and_is_paid_once():
    flat = cs.Assumptions.flat(0.1, 50.0, **FLAT)
    lever, stay = cs.Onboarding(reduction=0.3, first_months=2, cost=7.0), 0.9**0.7
    alive = np.array([1, stay, *(stay**2 * 0.9 ** np.arange(22))])
    assert cs.compare(flat, cs.Scenario("", (lever,)), 24).new.after == pytest.approx(50 * alive.sum() - 7)
    assert effect(cs.Assumptions.flat(0.1, 50.0, **FLAT, existing=True), lever, horizon=24) > 0
    old = cs.Assumptions.from_curve(CURVE, 50.0, existing_tenure=2)
    assert effect(old, lever, horizon=24) == 0.0


def test_an_account_manager_costs_a_share_of_the_margin_and_not_of_a_higher_price():
    lever = cs.AccountManagement(reduction=0.0, care=0.12)
    assert effect(NEW, lever) == pytest.approx(-0.12 * cs.value(NEW, 60).clv, rel=1e-12)
    rise = cs.PriceIncrease(rise=0.5, churn_elasticity=0.0)
    assert effect(NEW, lever, rise) - effect(NEW, rise) == pytest.approx(effect(NEW, lever), rel=1e-12)


# Grow ------------------------------------------------------------------------------------------------------------------

def test_buyers_pay_more_from_the_month_they_buy_and_what_they_bought_costs():
    flat = cs.Assumptions.flat(0.0, 50.0, 0.8, 0.0, 24)
    sold = cs.Expansion(attach=0.4, uplift=0.5, first=2, last=3, cost_share=0.3)
    months = 0.5 * 22 + 0.5 * 21  # half of the buyers from month 2, half from month 3
    assert effect(flat, sold, horizon=24) == pytest.approx(0.4 * 0.5 * 50 * 0.7 * months)


def test_months_of_the_band_already_past_are_missed():
    sold, flat = cs.Expansion(attach=0.4, uplift=0.5, first=2, last=3, cost_share=0.0), cs.RetentionCurve.constant(0.0)
    worth = [effect(cs.Assumptions.from_curve(flat, 50.0, existing_tenure=k, discount_rate=0.0), sold, horizon=12)
             for k in (2, 3, 4)]
    assert worth == pytest.approx([0.2 * 50 * (12 + 11) / 2, 0.2 * 50 * 12 / 2, 0.0])


def test_who_pays_by_the_year_buys_now_and_pays_at_the_renewal():
    yearly = cs.Assumptions.from_curve(cs.RetentionCurve.constant(0.0, clock=12), 50.0, gross_margin=0.8, discount_rate=0.0)
    sold = cs.Expansion(attach=1.0, uplift=0.2, first=1, last=1, cost_share=0.25)
    assert effect(yearly, sold, horizon=12) == 0.0
    assert effect(yearly, sold, horizon=13) == pytest.approx(12 * 10 - 0.25 * 10)


def test_buyers_who_leave_less_are_worth_more_and_all_are_counted():
    sold = cs.Expansion(attach=0.3, uplift=0.2)
    loyal = cs.Expansion(attach=0.3, uplift=0.2, churn_effect=0.5)
    assert effect(NEW, loyal) > effect(NEW, sold) > 0
    tiny = cs.Expansion(attach=0.3, uplift=0.2, churn_effect=1e-12)
    assert effect(NEW, tiny) == pytest.approx(effect(NEW, sold), rel=1e-9)


def test_those_won_back_come_after_the_gap_and_pay_the_lower_price_first():
    """10 % leave a month; half of them are back two months after their last payment, for good (pace 0)."""
    flat = cs.Assumptions.flat(0.1, 50.0, **FLAT)
    back = cs.WinBack(returning=0.5, gap=2, price=0.6, promo=1, pace=0.0, cost=8.0)
    left = 0.1 * 0.9 ** np.arange(24)  # last payment in month 0, 1, ...
    worth = sum(0.5 * left[s] * (50 * (24 - s - 2) - 20 - 8) for s in range(22))
    assert effect(flat, back, horizon=24) == pytest.approx(worth)
    book = cs.compare(flat, cs.Scenario("", (back,)), 24).scenario.new
    assert book.in_force[2] == pytest.approx(0.81 + 0.05)


def test_a_loss_over_the_price_can_be_won_back_and_meets_later_losses_too():
    flat = cs.Assumptions.flat(0.0, 50.0, **FLAT, existing=True)
    first = cs.PriceIncrease(rise=0.1, churn_elasticity=0.0, one_off_loss=0.2, start=3)
    again = cs.PriceIncrease(rise=0.1, churn_elasticity=0.0, one_off_loss=0.5, start=9)
    back = cs.WinBack(returning=0.5, gap=2, price=1.0, promo=0, pace=1.0)
    here = cs.compare(flat, cs.Scenario("", (first, again, back)), 24).scenario.existing.in_force
    assert here[[2, 3, 4, 8, 9, 10]] == pytest.approx([1, 0.8, 0.9, 0.9, 0.45, 0.45 + 0.2])


def test_recommended_customers_cost_their_reward_and_bring_others():
    flat = cs.Assumptions.flat(0.0, 50.0, **FLAT, cac=100.0, existing=True)
    base = cs.Assumptions(tuple(flat.cells), 1.0, 0.0, 0.0, 100.0, 24, np.zeros(24))
    assert effect(base, cs.Referral(brought=120.0), horizon=24) == 0.0  # the value of one customer stays
    new = cs.Assumptions.flat(0.0, 50.0, **FLAT, cac=100.0)
    change = cs.compare(new, cs.Scenario("", (cs.Referral(brought=120.0, reward=30.0),)), 24)
    here = np.cumprod(np.full(24, 1.1)) / 1.1  # each month a tenth more than were here at its start
    assert change.scenario.book.in_force == pytest.approx(np.append(1, here[1:]))
    assert change.scenario.cac == pytest.approx(100.0)


def test_more_customers_at_a_higher_price_each():
    flat = cs.Assumptions.flat(0.1, 50.0, **FLAT, cac=100.0)
    change = cs.compare(flat, cs.Scenario("", (cs.Acquisition(volume=0.5, cac=0.2),)), 24)
    assert change.delta == 0.0 and change.scenario.cac == pytest.approx(120.0)
    worth = change.baseline.clv
    assert change.portfolio.delta == pytest.approx(1.5 * (worth - 120) - (worth - 100))


# Files of version 1 ----------------------------------------------------------------------------------------------------

def version_1(**lever) -> str:
    return json.dumps({"perennial_scenario": 1, "name": "old", "levers": [{"lever": "ChurnReduction", **lever}]})


def test_a_file_of_version_1_gives_the_numbers_it_gave():
    failed = cs.Scenario.from_json(version_1(reduction=0.4, cause="failed payments", first_months=None, cost=2.0, scope="new"))
    assert failed.levers == (cs.Dunning(recovered_now=0.0, recovered=0.4, quality=1.0, cost=2.0, scope="new"),)
    plain = cs.Scenario.from_json(version_1(reduction=0.2, cause="all", first_months=6, cost=0.5, scope="both"))
    assert plain.levers == (cs.ChurnReduction(reduction=0.2, first_months=6, cost=0.5),)
    assert json.loads(failed.to_json())["perennial_scenario"] == 2


def test_what_version_1_could_say_and_we_cannot_is_told():
    with pytest.raises(cs.Problem, match="first months only"):
        cs.Scenario.from_json(version_1(reduction=0.4, cause="failed payments", first_months=3))


def test_the_words_say_who_and_when():
    said = cs.ChurnReduction(reach=0.5, scope="new", segments=("EMEA",), start=3, phase_in=6).sentence()
    assert said == ("cutting churn of 50 % of customers by 10 % for new customers of EMEA from month 3 on, "
                    "growing over 6 months")


def test_those_who_leave_before_an_offer_is_made_are_won_back_like_others():
    """An annual offer of month 8 takes nobody's return from those who leave before it: until then it changes nothing."""
    base = cs.Assumptions.flat(0.05, 50, 0.8, 0.10, 36)
    back = cs.WinBack(returning=0.4, gap=2, price=0.6, promo=3, pace=1.8)
    offer = cs.AnnualBilling(adoption=0.5, discount=0.15, selection=0.0, start=8)
    alone = cs.compare(base, cs.Scenario("back", (back,)), 8).point("new")
    both = cs.compare(base, cs.Scenario("both", (back, offer)), 8).point("new")
    assert both == pytest.approx(alone, rel=1e-9)
