"""Break-even and goal seek against published and closed-form values."""

from dataclasses import replace

import numpy as np
import pytest

import cs_models as cs
from cs_models import thresholds
from cs_models.thresholds import (
    _solve,
    break_even,
    churn_at,
    condition,
    conditions,
    goal_seek,
    sentences,
    what_must_be_true,
)
from cs_models.dials import dial, gain, gains_at
from cs_models.doubts import beliefs
from cs_models.problems import Problem

DISCOUNTS = {0.01: 0.092, 0.02: 0.139, 0.03: 0.183, 0.05: 0.263, 0.08: 0.364, 0.10: 0.422}


def sbg_base(months=60, **more):
    return cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50, gross_margin=0.8, discount_rate=0.10, months=months, **more)


def one(lever):
    return cs.Scenario("plan", (lever,))


@pytest.mark.parametrize("churn, discount", DISCOUNTS.items())
def test_break_even_discount_of_constant_churn(churn, discount):
    base = cs.Assumptions.flat(churn, 50, 1.0, 0.10, 60)
    found = break_even(base, one(cs.AnnualBilling(adoption=1.0, scope="new")), "AnnualBilling.discount", 60)
    q = (1 - churn) * 1.1 ** (-1 / 12)
    assert found == pytest.approx(1 - (1 - q**12) / (12 * (1 - q)), abs=1e-8)
    assert found == pytest.approx(discount, abs=5e-4)


def test_break_even_discount_of_a_mixed_population():
    plan = one(cs.AnnualBilling(adoption=1.0, selection=0.0, scope="new"))
    assert break_even(sbg_base(), plan, "AnnualBilling.discount", 60) == pytest.approx(0.2051, abs=5e-5)


@pytest.mark.parametrize("view, rise, elasticity", [
    ("aggregate", 0.05, 1.457), ("aggregate", 0.10, 1.418), ("aggregate", 0.20, 1.354),
    ("types", 0.05, 2.675), ("types", 0.10, 2.628), ("types", 0.20, 2.551)])  # fmt: skip
def test_break_even_elasticity(view, rise, elasticity):
    plan = one(cs.PriceIncrease(rise=rise, scope="new"))
    found = break_even(sbg_base(), plan, "PriceIncrease.churn_elasticity", 60, heterogeneity=view)
    assert found == pytest.approx(elasticity, abs=6e-4)


@pytest.mark.parametrize("margin, rise", [(0.8, 0.10), (0.6, 0.05), (0.95, 0.3)])
def test_a_one_off_loss_of_rise_over_margin_and_rise(margin, rise):
    base = cs.Assumptions.flat(0.03, 50, margin, 0.10, 60, existing=True)
    plan = one(cs.PriceIncrease(rise=rise, scope="existing", churn_elasticity=0.0, one_off_loss=0.01))
    found = break_even(base, plan, "PriceIncrease.one_off_loss", 60)
    assert found == pytest.approx(rise / (margin + rise), abs=1e-9)


def test_none_is_an_answer():
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60)
    assert break_even(base, one(cs.ChurnReduction()), "ChurnReduction.reduction", 60) is None, "only rest is 0"
    assert goal_seek(base, one(cs.ChurnReduction()), "ChurnReduction.reduction", 1e9, 60) is None


def test_a_decision_at_rest_is_no_break_even():
    """With a cost, doing nothing is 0 too; the answer is the cut that earns its cost."""
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60)
    found = break_even(base, one(cs.ChurnReduction(reduction=0.1, cost=1.0)), "ChurnReduction.reduction", 60)
    assert 0 < found < 1
    assert gain(base, one(cs.ChurnReduction(reduction=found, cost=1.0)), 60, "new") == pytest.approx(0, abs=1e-6)


def test_the_root_nearest_to_the_plan():
    """A rise with a very elastic churn gains, then loses; from each side the same nearest root."""
    base, name = sbg_base(), "PriceIncrease.rise"
    roots = {round(break_even(base, one(cs.PriceIncrease(rise=r, scope="new", churn_elasticity=2.6)), name, 60), 6)
             for r in (0.05, 0.10, 0.30)}
    assert len(roots) == 1 and 0.1 < roots.pop() < 0.2


def test_goal_seek_brings_the_goal():
    base = cs.Assumptions.flat(0.05, 50, 0.8, 0.10, 60, existing=True)
    found = goal_seek(base, one(cs.ChurnReduction()), "ChurnReduction.reduction", 20.0, 12, book="portfolio")
    plan = one(cs.ChurnReduction(reduction=found))
    assert cs.compare(base, plan, 12).portfolio.delta == pytest.approx(20.0, abs=1e-6)


def test_whole_months_are_the_first_on_the_other_side():
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60)
    plan = one(cs.ChurnReduction(reduction=0.2, first_months=12, cost=2.0))
    found = break_even(base, plan, "ChurnReduction.first_months", 60)
    assert found is None or found == int(found)


def test_a_name_the_plan_lacks_is_a_sentence():
    base = cs.Assumptions.flat(0.03, 50)
    with pytest.raises(Problem, match="has no lever"):
        break_even(base, one(cs.PriceIncrease()), "AnnualBilling.discount")
    with pytest.raises(Problem, match="has no parameter"):
        break_even(base, one(cs.PriceIncrease()), "PriceIncrease.colour")
    with pytest.raises(Problem, match="is a choice"):
        break_even(base, one(cs.PriceIncrease()), "PriceIncrease.scope")


def test_the_second_of_a_kind_has_a_number():
    plan = cs.Scenario("two", (cs.ChurnReduction(reduction=0.1), cs.ChurnReduction(reduction=0.2)))
    assert dial(plan, "ChurnReduction 2.reduction").value == 0.2


def test_what_must_be_true_of_a_rise():
    """11.1 % at once when churn stays; 3.47 % a month for ever when nobody leaves at once."""
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 1200, existing=True)
    at_once = cs.PriceIncrease(rise=0.1, scope="existing", churn_elasticity=0.0, one_off_loss=0.015)
    change = cs.compare(base, one(at_once), 600)
    said = [c for c in conditions(change) if c.name.endswith("one_off_loss")]
    assert said[0].holds == "below" and said[0].threshold == pytest.approx(1 / 9, abs=1e-9)
    assert "stays below 11.1 %" in said[0].sentence.replace("\xa0", " ")
    lasting = cs.compare(base, one(cs.PriceIncrease(rise=0.1, scope="existing", one_off_loss=0.0)), 600)
    (found,) = [c for c in conditions(lasting) if c.name.endswith("churn_elasticity")]
    assert churn_at(0.03, found.churn).replace("\xa0", " ") == "3.47 %"
    assert all(sentence.endswith(".") for sentence in what_must_be_true(lasting))


def test_a_belief_without_a_limit_says_so():
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60)
    (found,) = conditions(cs.compare(base, one(cs.ChurnReduction()), 60))
    said = found.sentence.replace("\xa0", " ")
    assert (found.holds, found.threshold, found.pays) == ("above", 0.0, True) and "whatever" not in said
    assert said == "The plan pays with any “Churn cut by” (churn reduction) above 0 % (now 10 %); at 0 % it does nothing."
    beside = cs.Scenario("two", (cs.ChurnReduction(), cs.PriceIncrease(rise=0.1, churn_elasticity=0.0)))
    found = {c.name: c for c in conditions(cs.compare(base, beside, 60))}["ChurnReduction.reduction"]
    assert found.holds == "any" and found.sentence.endswith("this page allows: 0\xa0% to 100\xa0%."), "the rise pays without it"


@pytest.mark.parametrize("lever", cs.levers.ALL.values())
def test_every_figure_in_a_sentence_has_its_unit(lever):
    """Of what is believed and of what is decided: %, money, months, or the unit of a plain number."""
    plan = one(lever.suggested())
    for p in (p for p in lever.parameters() if p.kind not in ("choice", "segments")):
        said = dial(plan, f"{lever.__name__}.{p.name}").words(p.kind != "months" and 1.5 or 2, "USD").replace("\xa0", " ")
        unit = {"share": "%", "money": "$", "months": "months"}.get(p.kind) or p.unit
        assert unit and unit in said, (lever.title, p.label)


def test_of_a_figure_set_beyond_the_slider_the_limit_there_is_told():
    plan = one(cs.PriceIncrease(rise=0.1, churn_elasticity=2.5))
    change = cs.compare(cs.Assumptions.flat(0.01, 50, 0.8, 0.10, 36), plan, 36)
    found = {c.name: c for c in conditions(change)}["PriceIncrease.churn_elasticity"]
    root = break_even(change.base, plan, "PriceIncrease.churn_elasticity", 36)
    assert (found.holds, found.threshold, found.pays) == ("below", pytest.approx(root, abs=1e-8), True) and root > 2.5


def test_a_limit_beyond_the_slider_is_no_figure_but_any_value_of_the_page():
    """At 36 months churn must go up by more than the slider can say before a rise of 10 % costs money."""
    change = cs.compare(cs.Assumptions.flat(0.01, 50, 0.8, 0.10, 36), one(cs.PriceIncrease(rise=0.1)), 36)
    found = {c.name: c for c in conditions(change)}["PriceIncrease.churn_elasticity"]
    root = break_even(change.base, change.plan, "PriceIncrease.churn_elasticity", 36)
    assert root > 2.0 and (found.holds, found.threshold, found.pays) == ("any", None, True)
    said = found.sentence.replace("\xa0", " ")
    assert said == ("The plan pays at any value of “Lasting effect on churn” (price increase) this page allows: "
                    "0 to 2 % per 1 % of price.")
    near = cs.compare(cs.Assumptions.flat(0.10, 50, 0.8, 0.10, 120), one(cs.PriceIncrease(rise=0.1)), 120)
    told = {c.name: c for c in conditions(near)}["PriceIncrease.churn_elasticity"].sentence.replace("\xa0", " ")
    assert "stays below 1.41 % per 1 % of price, which is 14 % more leaving than today" in told and "(now 0.6 % per 1 % of price)." in told


def test_a_scale_says_what_its_values_mean():
    plan = one(cs.AnnualBilling(adoption=0.2, selection=1.0))
    turned = dial(plan, "AnnualBilling.selection")
    said = [turned.words(value).replace("\xa0", " ") for value in (-1.0, 0.0, 1.0, 1.5, 2.0)]
    assert said == ["−1 points (those about to leave)", "0 points (at random)", "1 point (the loyal first)", "1.5 points",
                    "2 points (the very loyal first)"]
    assert turned.span(0.0, 2.0).replace("\xa0", " ") == "0 (at random) to 2 points (the very loyal first)"
    factor = dial(plan, "AnnualBilling.renewal_effect")
    assert [factor.words(value).replace("\xa0", " ") for value in (0.8, 1.0, 1.5)] == ["0.8 times", "1 (no difference)", "1.5 times"]


def test_a_plan_that_does_not_pay_is_not_said_to_pay_as_long_as_something_stays():
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 600, existing=True)
    rise = cs.PriceIncrease(rise=0.1, scope="existing", churn_elasticity=0.0, one_off_loss=0.3)
    (found,) = [c for c in conditions(cs.compare(base, one(rise), 600)) if c.name.endswith("one_off_loss")]
    said = found.sentence.replace("\xa0", " ")
    assert not found.pays and "would pay with" in said and "stays" not in said and "below 11.1 % (now 30 %)" in said


def test_a_limit_nobody_can_set_does_not_save_a_losing_plan():
    """Half of the customers lost at once: only customers who come because it is dearer could make up for them."""
    base = replace(cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True), acquisitions=np.full(60, 0.02))
    both = replace(base, cells=(replace(base.cells[0], new_share=1.0),))
    plan = one(cs.PriceIncrease(rise=0.1, churn_elasticity=0.0, one_off_loss=0.5))
    found = {c.name: c for c in conditions(cs.compare(both, plan, 60), "portfolio")}
    fewer = found["PriceIncrease.volume_elasticity"]
    assert (fewer.holds, fewer.threshold, fewer.pays) == ("none", None, False) and "from 0 to 2\xa0%" in fewer.sentence
    assert found["PriceIncrease.one_off_loss"].holds == "below"


def test_an_answer_of_a_choice_is_said_as_a_part_of_those_asked():
    """Sixty leave beside a hundred who go on: 37.5 % of those asked."""
    plan = cs.Scenario("plan", (cs.PriceIncrease(rise=0.2), cs.Grandfathering(months=0, leave_share=0.1)))
    assert dial(plan, "Grandfathering.leave_share").words(0.6).replace("\xa0", " ") == "37.5 % of those asked (60 % on the scale)"
    assert dial(plan, "Grandfathering.leave_share").words(0.0).replace("\xa0", " ") == "0 %"
    assert dial(plan, "PriceIncrease.churn_elasticity").words(-0.0798).replace("\xa0", " ") == "−0.08 % per 1 % of price"
    young = cs.Grandfathering(older_than=1, keep_share=0.0)
    assert "customers of 1 month and more" in young.sentence() and young.shares == 1.0


def test_gain_is_the_difference_of_compare():
    base = sbg_base()
    plan = one(cs.PriceIncrease(scope="new"))
    assert gain(base, plan, 60, "new") == pytest.approx(cs.compare(base, plan, 60).delta, rel=1e-12)
    assert np.isclose(gain(base, plan, 60, "new", "aggregate"), cs.compare(base, plan, 60, "aggregate").delta)


@pytest.mark.parametrize("here, root", [(0.10, 0.05), (0.25, 0.30)])
def test_of_two_roots_the_nearer(here, root):
    one_dial = dial(one(cs.PriceIncrease(rise=here)), "PriceIncrease.rise")
    assert _solve(one_dial, lambda many: [(v - 0.05) * (v - 0.30) for v in many], False) == pytest.approx(root, abs=1e-9)


def test_a_value_the_lever_refuses_is_no_answer():
    plan = cs.Scenario("", (cs.PriceIncrease(rise=0.1), cs.Grandfathering(months=6, keep_share=0.5)))
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True)
    assert break_even(base, plan, "Grandfathering.keep_share", 36) is None


def test_conditions_one_at_a_time_are_those_all_at_once():
    """A page asks for one belief after the other; a belief the plan does not have is refused by name."""
    plan = cs.Scenario("plan", (cs.PriceIncrease(rise=0.10, one_off_loss=0.015), cs.AnnualBilling()))
    for book, base in (("new", sbg_base(36)), ("existing", sbg_base(36, existing_tenure=12))):
        change = cs.compare(base, plan, 36)
        each = [condition(change, belief.name, book) for belief in beliefs(plan)]
        kept = tuple(found for found in each if found is not None)
        assert kept == conditions(change, book) and sentences(kept) == what_must_be_true(change, book)
        assert len(kept) < len(each), "some beliefs do not move this answer"
    with pytest.raises(Problem, match="no belief"):
        condition(change, "PriceIncrease.rise")


def test_a_search_asks_for_no_value_twice(monkeypatch):
    """Whether a belief matters, where it stops paying and in which sense share what was worked out."""
    asked = []
    monkeypatch.setattr(thresholds, "gains_at", lambda base, turned, *more: asked.extend(
        (one.name, float(value)) for one, value in turned) or gains_at(base, turned, *more))  # fmt: skip
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 36, existing=True)
    change = cs.compare(base, cs.Scenario("", (cs.PriceIncrease(rise=0.1, one_off_loss=0.02),)), 36)
    assert thresholds.condition(change, "PriceIncrease.one_off_loss").threshold and 0 < len(asked) == len(set(asked))
