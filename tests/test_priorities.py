"""Which decision first: each alone is what compare says, the gap is that of paired draws, the words follow it."""

from pathlib import Path

import numpy as np
import pytest

import cs_models as cs
from cs_models.levers import ALL
from cs_models.priorities import which_first
from cs_models.uncertainty import span

ROOT = Path(__file__).resolve().parents[1]
FLAT = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 36)


@pytest.fixture(scope="module")
def base():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    return cs.Assumptions.from_data(subs, gross_margin=0.8, discount_rate=0.1)


def plan(rise: float, cut: float):
    return cs.Scenario("", (cs.PriceIncrease(rise=rise), cs.ChurnReduction(reduction=cut)))


def test_each_alone_is_the_answer_of_compare_and_the_best_stands_first(base):
    for rise, cut in ((0.02, 0.4), (0.2, 0.02)):
        found = which_first(cs.compare(base, plan(rise, cut), 24))
        alone = {lever.title: cs.compare(base, cs.Scenario("", (lever,)), 24).delta for lever in plan(rise, cut).levers}
        assert {one.title: one.delta for one in found.ranked} == pytest.approx(alone, rel=1e-12)
        assert found.ranked[0].title == max(alone, key=alone.get)
        assert found.gap == pytest.approx(max(alone.values()) - min(alone.values()))


def test_the_range_of_the_gap_is_that_of_paired_draws(base):
    levers = plan(0.05, 0.1).levers
    found = which_first(cs.compare(base, plan(0.05, 0.1), 36))
    first, second = (cs.compare(base, cs.Scenario("", (lever,)), 36).draws["new"] for lever in levers)
    expected = span(first - second) if found.ranked[0].title == levers[0].title else span(second - first)
    assert (found.ahead.low, found.ahead.high) == pytest.approx((expected.low, expected.high))
    assert found.ahead.low <= found.gap <= found.ahead.high
    assert abs(np.corrcoef(first, second)[0, 1]) > 0.2, "what they share is why the draws must be paired"


@pytest.mark.parametrize("book", ["new", "existing", "portfolio"])
def test_the_words_follow_the_chance(base, book):
    sure = which_first(cs.compare(base, plan(0.2, 0.01), 36), book)
    assert sure.decided and sure.sentence().startswith("“Price increase” first: it adds $")
    assert "more than “Churn reduction” (likely $" in sure.sentence()
    assert "likely" not in sure.sentence(ranged=False)


def test_two_that_cannot_be_told_apart_are_called_so(base):
    found = which_first(cs.compare(base, plan(0.05, 0.1), 36))
    even = type(found)(found.book, (found.ranked[0], found.ranked[0]))
    assert not even.decided and "cannot be told apart" in even.sentence() and "between them" in even.sentence()


def test_where_neither_pays_neither_is_first():
    worse = cs.Scenario("", (cs.AnnualBilling(adoption=0.5, discount=0.5), ALL["Onboarding"](reduction=0.01, cost=400.0)))
    assert which_first(cs.compare(FLAT, worse, 36)).sentence().startswith("Neither first: ")


def test_one_decision_has_no_rival():
    with pytest.raises(ValueError, match="two decisions"):
        which_first(cs.compare(FLAT, cs.Scenario("", (cs.PriceIncrease(rise=0.1),)), 36))
