"""Twelve tactics, ranked: each is what its levers do, what is paid ahead is not earned, costs are taken off once."""

from dataclasses import replace

import pytest

import cs_models as cs
from cs_models import words
from cs_models.levers import ALL
from cs_models.playbook import TACTICS, best, doubted, earned_value, play, price_of, rank_tactics
from pages.shared import link


@pytest.fixture(scope="module")
def base():
    return cs.Assumptions.from_data(cs.read("sample_data/subscriptions.csv"), by=("segment",), draws=40)


@pytest.fixture(scope="module")
def ranked(base):
    return rank_tactics(base)


def test_twelve_tactics_the_best_first(ranked):
    assert len(ranked) == 12 == len({one.tactic.key for one in ranked})
    assert [one.rank for one in ranked] == list(range(1, 13))
    assert [one.earned for one in ranked] == sorted((one.earned for one in ranked), reverse=True)


def test_each_says_what_the_scenarios_page_says(base, ranked):
    for one in ranked[:3] + ranked[-2:]:
        change = cs.compare(base, cs.Scenario("", tuple(sorted(one.levers, key=lambda lever: list(ALL).index(
            type(lever).__name__)))), 36)  # fmt: skip
        whole = change.portfolio
        assert (one.delta, one.low, one.high) == pytest.approx((whole.delta, whole.low, whole.high))
        assert one.said == change.headline("portfolio") and one.sentence.startswith(one.said)
        earned = earned_value(change.scenario) - earned_value(change.baseline)
        assert one.earned == pytest.approx(float(earned)) and one.low <= one.delta <= one.high


def test_without_prepaid_terms_cash_is_what_is_earned():
    flat = cs.Assumptions.flat(0.04, 50, 0.8, 0.1, 48, existing=True)
    for tactic in TACTICS:
        one = play(flat, tactic, 36)
        if tactic.key != "annual":
            assert one.earned == pytest.approx(one.delta, abs=1e-9) and "That is cash" not in one.sentence, tactic.key


def test_a_year_paid_ahead_is_told_apart_from_what_is_earned(ranked):
    annual = next(one for one in ranked if one.tactic.key == "annual")
    assert annual.delta > 0 > annual.earned
    assert "That is cash: counted month by month as it is served, it loses $" in annual.sentence


def test_a_bill_in_the_last_month_is_no_reason_to_come_first(ranked):
    """Cash would put the yearly bills first; what is served within the horizon decides, and both are named."""
    annual = next(one for one in ranked if one.tactic.key == "annual")
    by_cash = sorted(ranked, key=lambda one: -one.delta)
    assert by_cash.index(annual) + 1 < annual.rank
    said = annual.gain.replace("\xa0", " ")
    assert said.startswith(f"{words.money(annual.earned)} as earned over 36 months; {words.money(annual.delta)} in cash")
    assert annual.label == f"Annual billing, earned {words.money(annual.earned)}", "what decides its place stands at its bar"
    alike = [one for one in ranked if one.delta * one.earned >= 0]
    assert len(alike) > 5 and [one.label for one in alike] == [one.tactic.title for one in alike]
    best = ranked[0]
    assert best.gain.replace("\xa0", " ").startswith(f"{words.money(best.delta)} (") and "cash" not in best.gain


def test_shares_of_failed_payments_are_said_to_be_a_benchmark(ranked):
    dunning = next(one for one in ranked if one.tactic.key == "dunning")
    assert "benchmarks of billing systems, not figures of your file" in dunning.tactic.how


def test_cost_is_what_the_tactic_spends():
    """Nobody leaves: 2 % of a price of 100 for every customer and month, discount rate 0."""
    flat = cs.Assumptions.flat(0.0, 100, 0.8, 0.0, 36, existing=True)
    service = play(flat, next(one for one in TACTICS if one.key == "service"), 36)
    assert service.cost == pytest.approx(72.0) and service.delta == pytest.approx(-72.0)
    assert service.per_cost == pytest.approx(0.0, abs=1e-9) and price_of(flat) == 100


def test_doubt_holds_the_setting_and_is_that_of_the_scenarios_page(base, ranked):
    one = next(one for one in ranked if one.tactic.key == "dunning")
    wide, there = doubted(base, one), cs.monte_carlo(cs.compare(base, cs.Scenario("", one.levers), 36), "portfolio", 32)
    assert (wide.low, wide.high) == pytest.approx((there.both.low, there.both.high)) and wide.pays == there.by_both
    assert wide.low < one.low and wide.high > one.high, "wider than chance in the data alone"
    assert [row["Set to"] for row in wide.table] == ["60\xa0%", "47.6\xa0%", "80\xa0%"]
    assert all(row["Evidence"] and " to " in row["May be"] for row in wide.table)
    assert wide.sentence.startswith("With doubt about 3 assumptions: ")


def test_doubt_is_never_narrower_than_chance_alone(base, ranked):
    """A price can only be minded more than assumed: the range still reaches as far up as chance does."""
    price = next(one for one in ranked if one.tactic.key == "price")
    found = cs.monte_carlo(cs.compare(base, cs.Scenario("", price.levers), 36), "portfolio", 8)
    wide = doubted(base, price, 8)
    assert found.both.high < price.high == wide.high, "all doubt is on one side"
    assert wide.low == found.both.low < price.low


def test_settings_fit_the_sliders_so_that_a_link_can_carry_them(base):
    kept = link.kept()
    for tactic in TACTICS:
        for lever in tactic.levers(base):
            for parameter in type(lever).parameters():
                value = getattr(lever, parameter.name)
                if value != parameter.rest:
                    if parameter.kind in ("share", "number", "months"):
                        assert parameter.low <= value <= parameter.high, (tactic.key, parameter.name)
                    check = kept[f"{type(lever).__name__}.{parameter.name}"][1]
                    assert check(link.written(value)) == value, (tactic.key, parameter.name)


def test_every_tactic_is_declared_in_full():
    for tactic in TACTICS:
        assert tactic.how and len(tactic.evidence) > 40 and all(name in ALL for name, _ in tactic.settings)
        assert "ssumed" in tactic.evidence, "what is not measured is called an assumption"


def test_a_sentence_for_each(ranked):
    for one in ranked:
        assert one.sentence.endswith(".") and " across the whole book over 36 months" in one.sentence
        assert one.sentence[0].isupper() or one.sentence[0].isdigit()
        assert one.cost == 0 or " spent brings " in one.sentence


@pytest.mark.reference
def test_telco(reference_data):
    subs = cs.read(reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv")
    found = rank_tactics(cs.Assumptions.from_data(subs, by=("Contract",), draws=20))
    assert found[0].tactic.key == "price" and len(found) == 12 and found[-1].delta < 0


def test_the_headline_names_who_is_first_and_whose_bar_is_longest(ranked):
    first, *others = ranked
    assert best((first,)).endswith(first.gain) and "In cash" not in best((first, min(others, key=lambda one: one.delta)))
    longer = replace(others[0], delta=2 * first.delta)
    assert best((first, longer)).endswith(f"{first.gain}. In cash it is “{longer.tactic.title}”")
    assert best((replace(first, earned=-1.0), longer)) == "At these modest settings no tactic pays for itself"
