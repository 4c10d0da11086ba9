"""A plan as a cache key: no word of the user's in it, and the plan comes back on the same beliefs."""

from dataclasses import replace

import pytest
from places import ROOT

import cs_models as cs
from pages.shared import keys


@pytest.fixture(scope="module")
def base():
    return cs.Assumptions.from_data(cs.read(ROOT / "sample_data" / "subscriptions.csv"), by=("segment",), draws=0)


def test_a_plan_for_some_groups_comes_back_and_its_key_names_none(base):
    levers = (cs.PriceIncrease(rise=0.1, segments=("Small business", "Enterprise")), cs.ChurnReduction(reduction=0.2))
    text = keys.written(levers)
    assert "Small business" not in text and "Enterprise" not in text
    assert keys.read(text, base).levers == levers


def test_the_same_answer_comes_out_of_the_key(base):
    lever = cs.ChurnReduction(reduction=0.2, segments=("Small business",))
    through = cs.compare(base, keys.read(keys.written((lever,)), base), 24)
    assert through.point() == cs.compare(base, cs.Scenario("", (lever,)), 24).point() != 0


def test_a_group_these_data_do_not_have_reaches_nobody(base):
    lever = cs.ChurnReduction(reduction=0.2, segments=("Canary", "Bird"))
    (found,) = keys.read(keys.written((lever,)), base).levers
    assert found == replace(lever, segments=(keys.NOWHERE,))
    assert cs.compare(base, cs.Scenario("", (found,)), 24).point() == 0.0
