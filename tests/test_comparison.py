"""Baseline against scenario: paired ranges, the bridge, both views of heterogeneity, the sentence."""

from dataclasses import replace

import numpy as np
import pytest

import cs_models as cs
from places import ROOT
from cs_models import explanations
from cs_models.bridge import shapley
from cs_models.headline import headline, other_view, verdict
from cs_models.uncertainty import chance_positive, span

PLAN = cs.Scenario("Autumn", (
    cs.PriceIncrease(rise=0.10, scope="both", one_off_loss=0.015), cs.Grandfathering(months=6),
    cs.AnnualBilling(), cs.ChurnReduction(reduction=0.05, first_months=6, cost=0.5)))


@pytest.fixture(scope="module")
def base():
    return cs.Assumptions.from_data(cs.read(ROOT / "sample_data" / "subscriptions.csv"), by=("segment",), draws=200)


@pytest.fixture(scope="module")
def change(base):
    return cs.compare(base, PLAN, 36)


def test_all_levers_at_rest_are_the_baseline_exactly(base):
    rest = cs.compare(base, cs.Scenario("rest", tuple(lever.at_rest() for lever in cs.levers.ALL.values())), 36)
    for part in (rest.new, rest.existing, rest.portfolio):
        assert (part.delta, part.low, part.high, part.probability) == (0.0, 0.0, 0.0, None)
    assert rest.scenario.clv == cs.value(base, 36).clv
    assert rest.bridge == {}


def test_each_book_has_its_own_difference_range_and_bridge(base, change):
    for part in (change.new, change.existing, change.portfolio):
        assert part.low <= part.delta <= part.high and part.after - part.before == part.delta
        assert sum(part.bridge.values()) == pytest.approx(part.delta, rel=1e-9)
        assert set(part.bridge) == {"PriceIncrease", "Grandfathering", "AnnualBilling", "ChurnReduction"}
    assert (change.delta, change.low, change.high) == (change.new.delta, change.new.low, change.new.high)
    assert change.new.bridge["Grandfathering"] == pytest.approx(0.0, abs=1e-9)
    assert change.existing.bridge["Grandfathering"] != 0.0


def test_the_portfolio_is_the_two_books_put_together(base, change):
    v = base.discount_factor
    per_new = change.scenario.new.margin - change.baseline.new.margin
    cohorts = sum(base.acquisitions[m] * v[m] * (per_new[: 36 - m] @ v[: 36 - m]) for m in range(36))
    assert change.portfolio.delta == pytest.approx(change.existing.delta * base.customers + cohorts, rel=1e-9)


def test_the_range_of_the_difference_is_paired(base, change):
    """Far narrower than the difference of two separate ranges, because both use the same draws."""
    wide = cs.interval(base, 36)["new"]
    assert change.high - change.low < 0.5 * (wide.high - wide.low)


def test_the_finer_cut_of_the_book_changes_no_money(base):
    """The same baseline, cut by anniversary, by first months and by every tenure."""
    plain = cs.value(base, 36).residual
    for lever in (cs.Grandfathering(until="renewal"), cs.ChurnReduction(first_months=7)):
        assert cs.compare(base, cs.Scenario("", (lever,)), 36).baseline.residual == pytest.approx(plain, rel=1e-10)
    whole = cs.compare(base, PLAN, 36, heterogeneity="aggregate").baseline
    assert whole.residual == pytest.approx(plain, rel=1e-10)


def test_merged_groups_give_what_every_tenure_apart_gives(base, monkeypatch):
    """Levers on merged tenures equal levers on one group per tenure, price by price."""
    plan = cs.Scenario("", (cs.PriceIncrease(rise=0.1, one_off_loss=0.02), cs.Grandfathering(until="renewal"),
                            cs.ChurnReduction(reduction=0.1, first_months=7, cost=0.5), cs.AnnualBilling()))
    merged = cs.compare(base, plan, 36).existing.after
    every = base.with_economics()
    fine = type(base).groups
    monkeypatch.setattr(type(base), "groups", lambda self, book, detail, drawn, _, months: fine(self, book, detail, drawn, True, months))
    assert cs.compare(every, plan, 36).scenario.residual_per_customer == pytest.approx(merged, rel=1e-10)


def test_a_lever_at_rest_beside_an_annual_offer_moves_nothing(base):
    """Take-up is solved once for a segment, however finely another lever cuts the book."""
    alone = cs.compare(base, cs.Scenario("", (cs.AnnualBilling(),)), 36)
    for fine in (cs.ChurnReduction(reduction=1e-12, first_months=24), cs.PriceIncrease(rise=1e-12)):
        beside = cs.compare(base, cs.Scenario("", (cs.AnnualBilling(), fine, cs.Grandfathering(until="renewal"))), 36)
        assert beside.existing.delta == pytest.approx(alone.existing.delta, rel=1e-7)
        assert beside.portfolio.delta == pytest.approx(alone.portfolio.delta, rel=1e-7)


def test_rounding_is_not_a_decision():
    base = cs.Assumptions.flat(0.0, 99.99, 0.7, 0.0, 36)
    none = cs.compare(base, cs.Scenario("", (cs.AnnualBilling(adoption=0.05, discount=0.0),)), 12)
    assert (none.delta, none.low, none.high, none.probability) == (0.0, 0.0, 0.0, None)


def test_the_aggregate_view_uses_each_tenures_own_hazard():
    """A book of two tenures is worth what the two are worth apart."""
    curve = cs.RetentionCurve.sbg(0.8, 8.0)
    plan = cs.Scenario("", (cs.ChurnReduction(reduction=0.2),))
    apart = [cs.Assumptions.from_curve(curve, 50.0, existing_tenure=k) for k in (3, 20)]
    heads = np.zeros(21)
    heads[[3, 20]] = 1.0
    both = replace(apart[1], cells=(replace(apart[1].cells[0], heads=heads, mrr=50 * heads),))
    alone = [cs.compare(base, plan, 36, "aggregate").existing.delta for base in apart]
    assert cs.compare(both, plan, 36, "aggregate").existing.delta == pytest.approx(np.mean(alone), rel=1e-10)


def test_the_other_view_bounds_a_churn_cut_from_above_and_a_price_rise_from_below(base):
    cut = cs.compare(base, cs.Scenario("", (cs.ChurnReduction(reduction=0.2),)), 36)
    rise = cs.compare(base, cs.Scenario("", (cs.PriceIncrease(rise=0.1, scope="new"),)), 36)
    assert cut.other.delta > cut.delta > 0 and rise.delta > rise.other.delta


def test_a_sign_that_depends_on_the_view_is_said():
    curve = cs.RetentionCurve.sbg(0.8, 8.0)
    base = cs.Assumptions.from_curve(curve, 50.0, gross_margin=0.8, discount_rate=0.10)
    torn = cs.compare(base, cs.Scenario("", (cs.PriceIncrease(rise=0.1, scope="new", churn_elasticity=2.0),)), 60)
    assert torn.delta > 0 > torn.other.delta and torn.sign_differs()
    assert str(torn).endswith("But if customers were all alike it loses $36.94.")
    assert not cs.compare(base, cs.Scenario("", (cs.ChurnReduction(),)), 60).sign_differs()


def test_curves_carry_a_band_around_each_line(change):
    table = change.curves
    assert list(table.month) == list(range(37))  # the last is the end of the horizon
    assert table.baseline[0] == pytest.approx(1.0) == table.scenario[0]
    for name in ("baseline", "scenario"):
        inside = (table[f"{name}_low"] <= table[name] + 1e-9) & (table[name] <= table[f"{name}_high"] + 1e-9)
        assert inside.all()


@pytest.mark.parametrize("view", ["types", "aggregate"])
def test_payback_is_counted_under_the_view_that_was_asked_for(view):
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50.0, cac=700.0)
    after = cs.compare(base, cs.Scenario("", (cs.ChurnReduction(reduction=0.5),)), 60, view).scenario
    assert after.payback_months == 1 + int(np.argmax(np.cumsum(after.new.margin) >= 700.0))


def test_each_book_has_its_own_curve(base, change):
    of_new, of_today = change.curves_of("new"), change.curves_of("existing")
    assert of_new.equals(change.curves) and change.curves_of("portfolio").equals(of_today)
    assert of_today.baseline[12] > of_new.baseline[12]  # those who stayed are the loyal ones
    flows = change.baseline.existing.in_force / base.customers
    assert of_today.baseline[:36].tolist() == pytest.approx(flows[:36].tolist())


def test_the_bridge_tells_the_business_story_in_order(change):
    assert list(change.bridge) == ["PriceIncrease", "Grandfathering", "AnnualBilling", "ChurnReduction"]


def test_the_sentence_names_those_who_leave_over_a_rise():
    said = cs.PriceIncrease(rise=0.1, one_off_loss=0.015).sentence()
    assert said == "raising prices 10 % for everybody, with 1.5 % of existing customers leaving over it,"
    assert cs.PriceIncrease(rise=0.1, scope="new", one_off_loss=0.015).sentence() == "raising prices 10 % for new customers"


def test_flat_has_no_sampling_error():
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 36, existing=True)
    change = cs.compare(base, cs.Scenario("", (cs.PriceIncrease(),)), 36)
    assert change.new is None and change.low == change.delta == change.high == change.existing.delta
    assert change.probability == 1.0


def test_an_unknown_view_is_refused(base):
    with pytest.raises(cs.Problem, match="aggregate"):
        cs.compare(base, PLAN, 36, heterogeneity="average")


def test_shapley_gives_overlap_in_equal_halves():
    """10 + 20 alone, 36 together: the overlap of 6 is shared."""
    worth = {(): 0.0, ("a",): 10.0, ("b",): 20.0, ("a", "b"): 36.0}
    assert shapley(("a", "b"), worth.get) == [13.0, 23.0]


def test_span_and_chance():
    draws = np.arange(1001.0)
    assert (span(draws).low, span(draws).high) == (pytest.approx(25.0), pytest.approx(975.0))
    assert chance_positive(draws - 100) == pytest.approx(900 / 1001)
    assert chance_positive(np.zeros(5)) is None


@pytest.mark.parametrize("probability, delta, words", [
    (0.99, 5.0, "adds"), (0.85, 5.0, "likely adds"), (0.6, 5.0, "too close to call"),
    (0.01, -5.0, "loses"), (0.1, -5.0, "likely loses"), (None, 0.0, "changes nothing")])
def test_words_follow_the_range(probability, delta, words):
    assert verdict(probability, delta) == words


def test_the_sentence_has_decision_amount_horizon_and_range():
    part = type("Spread", (), {"low": 18.0, "high": 66.0, "probability": 0.99})
    said = headline("raising prices 10 % for new customers", "new", 41.0, 36, part, "USD")
    assert said == ("Raising prices 10 % for new customers adds $41 per new customer over 36 months "
                    "(likely $18 to $66).")
    assert headline("", "new", 0.0, 36, None, "USD").startswith("Nothing is changed")


@pytest.mark.parametrize("delta, low, high, probability, said", [
    (0.004, 0.003, 0.005, 1.0, "hardly changes anything per new customer over 36 months."),
    (0.004, -0.002, 0.004, 0.6, "hardly changes anything per new customer over 36 months."),
    (0.3, 0.1, 60.0, 0.99, "hardly changes anything per new customer over 36 months ($0 to +$60)."),
    (0.3, -50.0, 60.0, 0.5, "is too close to call per new customer over 36 months: −$50 to +$60."),
    (1.0, -5.0, -2.0, 0.0, "cannot be told per new customer over 36 months: as fitted +$1.00, yet the range is "
     "−$5.00 to −$2.00."),
    (-1.0, 2.0, 5.0, 1.0, "cannot be told per new customer over 36 months: as fitted −$1.00, yet the range is "
     "+$2.00 to +$5.00."),
    (-41.0, -66.0, -18.0, 0.0, "loses $41 per new customer over 36 months (likely $18 to $66)."),
])  # fmt: skip
def test_an_amount_written_as_nought_adds_nothing_and_a_range_that_contradicts_is_named(delta, low, high, probability, said):
    part = type("Spread", (), {"low": low, "high": high, "probability": probability})
    assert headline("the plan", "new", delta, 36, part, "USD") == f"The plan {said}"
    if "hardly" in said and high < 1:
        assert headline("the plan", "new", delta, 36, None, "USD") == f"The plan {said}"
        assert other_view(delta, "types", "USD") == "But if customers differ in loyalty it hardly changes anything."


@pytest.mark.parametrize("lever, each", [
    (cs.Onboarding(cost=7.0), lambda here, worth: 7.0),
    (cs.AccountManagement(care=0.12), lambda here, worth: 0.12 * worth),
    (cs.ChurnReduction(reduction=0.0, cost=2.0), lambda here, worth: 2.0 * here),
])  # fmt: skip
def test_the_headline_names_what_a_programme_costs(lever, each):
    """Per new customer: once, as a share of the margin of those served, or for each month served."""
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 36)
    change = cs.compare(base, cs.Scenario("", (lever,)), 36)
    here = float(change.scenario.new.in_force[:36] @ base.discount_factor[:36])
    paid = each(here, 40.0 * here)
    assert change.paid() == pytest.approx(paid, rel=1e-12)
    assert f", after paying {cs.words.money(paid, cents=paid < 10)} for it" in str(change)
    free = cs.compare(base, cs.Scenario("", (lever.unpaid(),)), 36)
    assert free.delta - change.delta == pytest.approx(paid, rel=1e-12) and "after paying" not in str(free)


def test_what_is_earlier_and_not_more_is_told_apart():
    """Without a discount rate nothing is earlier; a loss without one is a gain by timing alone."""
    plan = cs.Scenario("Annual", (cs.AnnualBilling(adoption=0.3, discount=0.1, selection=0.0),))
    flat, dear = (cs.compare(cs.Assumptions.flat(0.03, 50, 0.8, rate, 36), plan, 36) for rate in (0.0, 0.3))
    assert flat.undiscounted == pytest.approx(flat.delta) == pytest.approx(dear.undiscounted)
    assert explanations.earlier(flat.delta, flat.undiscounted) == ""
