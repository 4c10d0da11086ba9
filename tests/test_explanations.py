"""Sentences beside a number that hold in the edge cases: beliefs that move nothing, decisions that bring nothing."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

import cs_models as cs
from cs_models import explanations
from cs_models.beliefs import tornado
from cs_models.levers import ALL
from cs_models.portfolio_view import against_everybody, caution, wins_customers
from cs_models.scenario import Scenario

BASE = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 36)
OLD_ONLY = ALL["ChurnReduction"](reduction=0.1, scope="existing")
LATE = ALL["ChurnReduction"](reduction=0.1, start=20)


@pytest.mark.parametrize("lever, horizon", [(OLD_ONLY, 36), (LATE, 12)])
def test_a_plan_that_moves_nothing_here_rests_on_beliefs_all_the_same(lever, horizon):
    found = tornado(cs.compare(BASE, Scenario("", (lever,)), horizon), "new")
    assert found.swings and not found.delta and found.sentence == explanations.IDLE_BELIEFS
    moving = tornado(cs.compare(BASE, Scenario("", (ALL["ChurnReduction"](reduction=0.1),)), 36), "new")
    assert "moves it most" in moving.sentence or "turns the answer" in moving.sentence


def test_only_a_plan_without_a_belief_is_arithmetic():
    assert explanations.no_limit(0, True) == explanations.no_limit(0, False) == explanations.NO_BELIEF
    assert "No belief in this plan moves" in explanations.no_limit(2, True)


def no_effect(*plan, book="existing"):
    return explanations.no_effect(plan[0], book, plan)


def test_a_recovery_below_todays_is_said_and_not_counted():
    worse = ALL["Dunning"](recovered=0.2, recovered_now=0.5)
    assert no_effect(worse) == "20 % recovered is less than today’s 50 %: nothing is gained, and the loss is not counted."
    paid = ALL["Dunning"](recovered=0.2, recovered_now=0.5, cost=1.0)
    assert "nothing is gained" in no_effect(paid), "it costs and brings nothing"
    assert not no_effect(ALL["Dunning"]()) and not no_effect(ALL["Dunning"].at_rest())


def test_an_old_price_needs_a_new_one_for_the_same_customers():
    keep, rise = ALL["Grandfathering"](segments=("Core",)), ALL["PriceIncrease"]
    idle = (), (rise.at_rest(),), (rise(scope="new"),), (rise(segments=("Basic",)),)
    for others in idle:
        assert "needs a price rise" in no_effect(keep, *others) and keep.is_idle((keep, *others))
    for others in ((rise(),), (rise(segments=("Basic", "Core")),), (rise(scope="new"), rise(scope="existing"))):
        assert not no_effect(keep, *others) and not keep.is_idle((keep, *others))
    assert "needs a price rise" in no_effect(keep, book="new"), "no other view helps"
    assert "look at existing customers" in no_effect(keep, rise(), book="new")


def test_an_annual_offer_says_where_nobody_is_left_to_move():
    offer, flat = ALL["AnnualBilling"], BASE.cells
    yearly = tuple(replace(cell, interval=12) for cell in flat)
    said = Scenario("", (offer(),)).nobody_left(yearly, "new")
    assert explanations.no_limit(3, False, said).startswith("In this view the plan moves nothing: nobody it is for pays monthly")
    assert not Scenario("", (offer(),)).nobody_left(flat, "new")
    assert Scenario("", (offer(segments=("Other",)),)).nobody_left(flat, "portfolio")
    assert not Scenario("", (offer(scope="existing"),)).nobody_left(yearly, "new"), "it is for others"
    assert not Scenario("", (LATE,)).nobody_left(yearly, "new") and explanations.no_limit(3, True, said) != said


def test_the_whole_book_against_every_customer_in_it():
    said = explanations.whole_book_alone(True, ("new", "existing"), 12, False)
    assert "whole book gains while a new customer and an existing customer each lose." in said
    assert "stops after 12 months: money paid ahead is in it" in said and "how many join" not in said
    said = explanations.whole_book_alone(False, ("existing",), 24, True)
    assert "whole book loses while an existing customer gains." in said and "how many join" in said


@pytest.mark.parametrize("points, opposed", [
    ({"new": -1.0, "existing": -2.0, "portfolio": 9.0}, ("new", "existing")),
    ({"new": 1.0, "existing": 2.0, "portfolio": -9.0}, ("new", "existing")),
    ({"new": -1.0, "existing": 0.0, "portfolio": 9.0}, ("new",)),
    ({"existing": -1.0, "portfolio": 9.0}, ("existing",)),
    ({"new": -1.0, "existing": 2.0, "portfolio": 9.0}, ()),
    ({"new": 0.0, "existing": 0.0, "portfolio": 9.0}, ()),
    ({"new": -1.0, "existing": -2.0, "portfolio": 0.0}, ()),
])  # fmt: skip
def test_a_sign_against_all_is_against_all_who_move(points, opposed):
    assert against_everybody(SimpleNamespace(books=tuple(points), point=points.get)) == opposed


def test_the_caution_of_a_whole_book_stands_in_every_file():
    """Annual plans at 16.7 % off over a year: each customer pays less, the year's joiners pay it in advance."""
    base = replace(BASE, acquisitions=np.ones(len(BASE.acquisitions)))
    change = cs.compare(base, Scenario("", (ALL["AnnualBilling"](adoption=0.5, discount=0.167, scope="new"),)), 12)
    assert change.point("new") < 0 < change.point("portfolio")
    source = cs.Source("made up", 1, date(2026, 10, 31))
    assert "while a new customer loses" in cs.tell(change, source, "portfolio").notes[0]
    assert not caution(change, "new") and not any("Read with care" in note for note in cs.tell(change, source).notes)


def test_who_wins_customers_is_told_apart():
    won = {"Acquisition": {"volume": 0.1}, "PriceIncrease": {"scope": "new", "volume_elasticity": 1.0}, "Referral": {}}
    for name, lever in ALL.items():
        change = cs.compare(BASE, Scenario("", (lever(**won.get(name, {})),)), 36)
        assert wins_customers(change) is (name in won), name


def test_one_month_and_one_tenure_are_one():
    for lever in (ALL["ChurnReduction"](reduction=0.1, phase_in=1), ALL["Onboarding"](phase_in=1)):
        assert lever.sentence().endswith(", growing over 1 month")
    assert ALL["ChurnReduction"](reduction=0.1, phase_in=2).sentence().endswith("over 2 months")
    assert "in the first month" in ALL["ChurnReduction"](reduction=0.1, first_months=1).sentence()
    one, two = (cs.fit(cs.life_table_from_durations([*left, *[12] * 100], [1] * len(left) + [0] * 100)).notes[0]
                for left in ([3] * 5, [3] * 5 + [4]))
    assert "(so far 5, at 1 tenure)" in one and "(so far 6, at 2 different tenures)" in two
