"""Annual billing, price increases and old prices: worked examples, and a law for every parameter."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.cells import Cell, Mix
from cs_models.flows import in_force
from cs_models.levers import Detail
from cs_models.valuation import evaluate, portfolio

CURVE = cs.RetentionCurve.sbg(0.8, 8.0)
NEW = cs.Assumptions.from_curve(CURVE, 50.0, gross_margin=0.8, discount_rate=0.10)
OLD = cs.Assumptions.from_curve(CURVE, 50.0, existing_tenure=12, gross_margin=0.8, discount_rate=0.10)
RISE = {"rise": 0.2, "churn_elasticity": 0.8}


def effect(base, *levers, horizon=60, heterogeneity="types"):
    return cs.compare(base, cs.Scenario("", levers), horizon, heterogeneity).delta


def worth(*levers, horizon=60):
    return cs.compare(OLD, cs.Scenario("", levers), horizon, "aggregate").existing.after


def book(tenures, mix=None, months=48) -> cs.Assumptions:
    """Existing customers of several tenures, who pay more the older they are, and new ones like them."""
    heads = np.zeros(max(tenures) + 1)
    heads[tenures] = np.arange(1, len(tenures) + 1)
    cell = Cell(("Basic",), 1, mix or Mix.of_curve(CURVE), None, 1.0, 50.0, heads,
                heads * (40 + np.arange(len(heads))))
    return cs.Assumptions((cell,), months=months, acquisitions=np.full(months, 10.0))


# Worked examples (on the aggregate hazard) -----------------------------------------------------

def test_one_echo_a_month_later():
    """4 % on the day and half of it a month later: the second loss stands by itself, at no new price."""
    day = cs.PriceIncrease(**RISE, one_off_loss=0.04)
    for keep, value in (((), 1166.1), ((cs.Grandfathering(months=12),), 1154.3)):
        wait = keep[0].months if keep else 0
        later = cs.PriceIncrease(rise=1e-12, churn_elasticity=0.0, one_off_loss=0.02, start=wait + 1)
        assert worth(day, *keep, later) == pytest.approx(value, abs=0.05)


@pytest.mark.parametrize("keep, value", [((), 1155.3), ((cs.Grandfathering(months=12),), 1147.2),
                                         ((cs.Grandfathering(months=None),), 1074.8)])
def test_two_echoes_as_the_rules_have_them(keep, value):
    rise = cs.PriceIncrease(**RISE, one_off_loss=0.04, one_off_decay=0.5)
    assert worth(rise, *keep) == pytest.approx(value, abs=0.05)


def test_half_now_and_the_rest_in_a_year():
    half = cs.PriceIncrease(rise=0.1, churn_elasticity=0.8, one_off_loss=0.02)
    rest = cs.PriceIncrease(rise=1.2 / 1.1 - 1, churn_elasticity=0.8, one_off_loss=0.02, start=12)
    assert worth(half, rest) == pytest.approx(1180.3, abs=0.05)


@pytest.mark.parametrize("rise, aggregate, types",
                         [(0.05, 1.457, 2.675), (0.10, 1.418, 2.628), (0.20, 1.354, 2.551)])
def test_the_break_even_elasticity(rise, aggregate, types):
    for view, elasticity in (("aggregate", aggregate), ("types", types)):
        gains = [effect(NEW, cs.PriceIncrease(rise=rise, churn_elasticity=elasticity + off),
                        heterogeneity=view)
                 for off in (-0.0006, 0.0006)]
        assert gains[0] > 0 > gains[1]


# A price increase -----------------------------------------------------------------------------------------

@settings(deadline=None, max_examples=25)
@given(st.integers(0, 40), st.integers(0, 30), st.floats(0, 0.5))
def test_a_later_start_is_the_old_price_until_then(tenure, months, loss):
    base = book([tenure])
    facts = {"rise": 0.15, "one_off_loss": loss, "one_off_decay": 0.3, "scope": "existing"}
    later = evaluate(base, (cs.PriceIncrease(**facts, start=months),), 40).residual
    kept = cs.Scenario("", (cs.PriceIncrease(**facts), cs.Grandfathering(months=months)))
    assert later == evaluate(base, kept.active, 40).residual


def test_old_prices_and_the_start_of_the_rise_whichever_is_later():
    rise = cs.PriceIncrease(rise=0.1, churn_elasticity=0.0, start=6)
    assert effect(OLD, rise, cs.Grandfathering(months=4)) == effect(OLD, rise)
    assert effect(OLD, rise, cs.Grandfathering(months=9)) == effect(OLD, cs.PriceIncrease(
        rise=0.1, churn_elasticity=0.0, start=9))


@settings(deadline=None, max_examples=25)
@given(st.floats(0, 1), st.integers(1, 12), st.floats(0, 0.9), st.sampled_from(["evenly", "leaky"]))
def test_an_announcement_moves_a_part_of_the_loss_and_adds_nothing(announced, notice, loss, leavers):
    """On a book that would not leave by itself, as many are gone after the day as without an announcement."""
    base = cs.Assumptions.flat(0.0, 50, existing=True)
    rise = cs.PriceIncrease(rise=0.1, one_off_loss=loss, start=12, notice=notice, announced=announced,
                            leavers=leavers)
    here = evaluate(base, (rise,), 24).existing.in_force
    assert here[11] == pytest.approx(1 - announced * loss) and here[12 - notice] == here[11]
    assert here[12] == pytest.approx(1 - loss) and here[max(12 - notice - 1, 0)] == pytest.approx(
        1 - announced * loss * (notice == 12))


def test_customers_who_never_paid_the_old_price_or_knew_of_the_new_one_do_not_leave_over_it():
    jump = {"rise": 0.1, "one_off_loss": 0.3, "start": 6}
    plain = evaluate(NEW, (cs.PriceIncrease(**jump | {"one_off_loss": 0.0}),), 24)
    shocked, told = (evaluate(NEW, (cs.PriceIncrease(**jump, notice=n),), 24) for n in (0, 6))
    assert shocked.new.in_force[6] == pytest.approx(0.7 * plain.new.in_force[6])
    assert told.clv == plain.clv
    assert shocked.joined_in(6).mrr[0] == pytest.approx(55)
    assert shocked.joined_in(5).mrr[0] == pytest.approx(50)
    assert shocked.joined_in(6).cash[:18] == pytest.approx(plain.joined_in(6).cash[:18])


def test_losing_the_leaky_costs_less_than_losing_anybody():
    facts = {"rise": 0.1, "one_off_loss": 0.08, "start": 3}
    anybody, leaky = (effect(OLD, cs.PriceIncrease(**facts, leavers=who)) for who in ("evenly", "leaky"))
    assert leaky > anybody
    one_type = cs.Assumptions.flat(0.05, 50, 0.8, 0.1, existing=True)
    assert effect(one_type, cs.PriceIncrease(**facts, one_off_decay=0.5, leavers="leaky")) == pytest.approx(
        effect(one_type, cs.PriceIncrease(**facts, one_off_decay=0.5)), rel=1e-9)


def test_as_many_of_the_leaky_are_lost_as_said_and_the_echo_as_well():
    lever = cs.PriceIncrease(rise=0.1, one_off_loss=0.08, one_off_decay=0.5, start=3, leavers="leaky")
    plain = cs.PriceIncrease(rise=0.1, start=3)
    lost, kept = (evaluate(OLD, (one,), 24).existing.in_force for one in (lever, plain))
    assert lost[2] == pytest.approx(kept[2]) and lost[3] == pytest.approx(0.92 * kept[3], rel=1e-9)
    alike = evaluate(OLD, (cs.PriceIncrease(rise=0.1, one_off_loss=0.08, one_off_decay=0.5, start=3),), 24)
    assert lost[5] > alike.existing.in_force[5]  # those who remain are the loyal ones


def test_a_smaller_plan_keeps_the_customer_and_not_the_price():
    """Nobody leaves by himself: 20 % would, half of them stay at 60 % of the old price."""
    base = cs.Assumptions.flat(0.0, 50, existing=True)
    rise = cs.PriceIncrease(rise=0.1, one_off_loss=0.2, downgrade_share=0.5, downgrade_price=0.6, start=2)
    found = evaluate(base, (rise,), 6).existing
    assert found.in_force[:4] == pytest.approx([1, 1, 0.9, 0.9])
    assert found.mrr[:4] == pytest.approx([50, 50, 0.8 * 55 + 0.1 * 30, 0.8 * 55 + 0.1 * 30])


def test_fewer_new_customers_at_a_higher_price():
    base = book([5])
    rise = cs.PriceIncrease(rise=0.21, volume_elasticity=0.5, start=4, scope="new")
    volume = evaluate(base, (rise,), 24).joining.volume
    assert volume[:4] == pytest.approx(np.full(4, 10.0)) and volume[4:] == pytest.approx(10 / 1.1)
    existing = cs.PriceIncrease(volume_elasticity=1.0, scope="existing")
    assert (evaluate(base, (existing,), 24).joining.volume == 10).all()
    same_price = evaluate(base, (cs.PriceIncrease(rise=0.21, start=4, scope="new"),), 24)
    assert evaluate(base, (rise,), 24).clv == same_price.clv
    assert portfolio(evaluate(base, (rise,), 24)) < portfolio(same_price)


# Keeping old prices ---------------------------------------------------------------------------------------

def test_a_loyalty_price_softens_the_rise_in_proportion():
    """20 % more less 10 % is 8 % more: with 8 / 20 of the loss, for good."""
    rise = {"rise": 0.2, "churn_elasticity": 0.6, "one_off_loss": 0.05}
    soft = effect(OLD, cs.PriceIncrease(**rise), cs.Grandfathering(months=0, loyalty_discount=0.1))
    same = cs.PriceIncrease(rise=0.08, churn_elasticity=0.6, one_off_loss=0.02)
    assert soft == pytest.approx(effect(OLD, same))
    gone = effect(OLD, cs.PriceIncrease(**rise), cs.Grandfathering(months=0, loyalty_discount=1 / 6))
    assert gone == pytest.approx(0, abs=1e-8)


def test_the_choice_when_the_old_price_ends():
    """75 / 20 / 5 of those still here, in place of the loss; nobody leaves by himself."""
    base = cs.Assumptions.flat(0.0, 50, existing=True)
    asked = cs.Grandfathering(months=3, keep_share=0.75, downgrade_share=0.20, leave_share=0.05,
                              choice_discount=0.05)
    found = evaluate(base, (asked, cs.PriceIncrease(rise=0.2, one_off_loss=0.5)), 6).existing
    assert found.in_force[:5] == pytest.approx([1, 1, 1, 0.95, 0.95])
    assert found.mrr[:5] == pytest.approx([50, 50, 50, *[0.75 * 57 + 0.2 * 50] * 2])


def test_the_shares_of_the_choice_are_parts_of_their_sum():
    rise = cs.PriceIncrease(rise=0.2)
    one, other = (cs.Grandfathering(months=3, keep_share=0.75 * k, downgrade_share=0.2 * k,
                                    leave_share=0.05 * k)
                  for k in (1.0, 0.4))
    assert effect(OLD, rise, one) == pytest.approx(effect(OLD, rise, other), rel=1e-12)
    nobody_said, everybody = (cs.Grandfathering(months=3, keep_share=share) for share in (0.0, 1.0))
    assert effect(OLD, rise, nobody_said) == pytest.approx(effect(OLD, rise, everybody), rel=1e-12)


def test_vintages_keep_the_price_by_their_age():
    base = book([2, 11, 12, 30])
    rise = cs.PriceIncrease(rise=0.1, churn_elasticity=0.0)
    keep = cs.Grandfathering(months=None, older_than=12)
    groups = evaluate(base, cs.Scenario("", (rise, keep)).active, 12, detail=keep.detail()).parts
    raised = {group.age: float(group.index[0]) for group, _ in groups if group.book == "existing"}
    assert raised == pytest.approx({2: 1.1, 11: 1.1, None: 1.0})


def test_the_old_price_ends_in_waves():
    base = cs.Assumptions.flat(0.0, 50, existing=True)
    keep = cs.Grandfathering(months=2, phase_in=3)
    found = evaluate(base, (keep, cs.PriceIncrease(rise=0.2)), 8).existing.mrr
    assert found[:8] == pytest.approx([50, 50, 52.5, 55, 57.5, 60, 60, 60])


def test_a_promise_is_kept_once_through_two_rises():
    keep = cs.Grandfathering(months=0, loyalty_discount=0.05)
    found = evaluate(cs.Assumptions.flat(0.0, 50, existing=True), cs.Scenario("", (
        keep, cs.PriceIncrease(rise=0.1), cs.PriceIncrease(rise=0.2, start=3))).active, 6).existing.mrr
    assert found[4] == pytest.approx(50 * 1.1 * 1.2 * 0.95)


def test_whoever_took_a_smaller_plan_meets_no_later_rise():
    base, later = cs.Assumptions.flat(0.0, 50, existing=True), cs.PriceIncrease(rise=0.2, start=3)
    asked = cs.Grandfathering(months=0, keep_share=0.0, downgrade_share=1.0)
    assert effect(base, cs.PriceIncrease(rise=0.1), later, asked) == 0.0
    smaller = cs.PriceIncrease(rise=0.1, one_off_loss=1.0, downgrade_share=1.0, downgrade_price=0.6)
    assert evaluate(base, (smaller, later), 6).existing.mrr[:6] == pytest.approx(np.full(6, 30))


def test_the_months_of_a_promise_count_from_its_start():
    rise = cs.PriceIncrease(rise=0.1, churn_elasticity=0.0)
    late, plain = cs.Grandfathering(months=4, start=5), cs.Grandfathering(months=9)
    assert effect(OLD, rise, late) == effect(OLD, rise, plain)
    own = cs.Grandfathering(until="renewal", start=5)  # of month 12 of tenure: today would be an anniversary
    assert effect(OLD, rise, own) == effect(OLD, rise, cs.Grandfathering(months=12))


# Annual billing -------------------------------------------------------------------------------------------

EVERYBODY = {"adoption": 1.0, "discount": 0.0, "selection": 0.0}


def test_two_months_free_are_a_discount_of_a_sixth():
    assert effect(NEW, cs.AnnualBilling(free_months=2)) == effect(NEW, cs.AnnualBilling(discount=1 / 6))


def test_renewal_without_a_reminder():
    """The gap Einav et al. saw: where 52 % renew when asked to think, 75 % do when not."""
    base = cs.Assumptions.flat(1 - 0.52 ** (1 / 12), 50)
    for reminded, renewed in ((1.0, 0.52), (0.0, 0.75), (0.5, 0.635)):
        here = evaluate(base, (cs.AnnualBilling(**EVERYBODY, reminded=reminded),), 24).new.in_force
        assert here[12] == pytest.approx(renewed) and here[11] == 1.0


@given(st.floats(0.2, 3.0))
def test_a_yearly_bill_raises_each_types_renewal_to_a_power(effect_):
    group = NEW.groups("new")[0]
    here = evaluate(NEW, (cs.AnnualBilling(**EVERYBODY, renewal_effect=effect_),), 36).new.in_force
    assert here[24] == pytest.approx(group.heads @ np.exp(-24 * group.rate) ** effect_)


@pytest.mark.parametrize("begins", [0, 7])
@pytest.mark.parametrize("view", ["types", "aggregate"])
def test_a_typed_renewal_rate_holds_at_every_renewal(begins, view):
    offer = cs.AnnualBilling(**EVERYBODY, intent="typed", renewal_rate=0.7, start=begins, renewal_effect=2.0,
                             reminded=0.0)
    here, plain = (evaluate(NEW, levers, 36, view).new.in_force for levers in ((offer,), ()))
    assert here[: begins + 1] == pytest.approx(plain[: begins + 1])
    for renewals in (1, 2):
        assert here[begins + 12 * renewals] == pytest.approx(plain[begins] * 0.7**renewals)
    if view == "aggregate" and begins:
        return  # months before the offer are walked by type in either view
    dearer = cs.PriceIncrease(rise=0.1, churn_elasticity=1.0)
    assert evaluate(NEW, (dearer, offer), 36, view).new.in_force[begins + 12] == pytest.approx(
        evaluate(NEW, (dearer,), 36, view).new.in_force[begins] * 0.7**1.1)


def test_a_typed_rate_keeps_what_each_customer_pays():
    """Those who stay until the offer pay another mean price than all: the loyal here pay more."""
    base = book([0, 20, 40])
    offer = cs.AnnualBilling(**EVERYBODY, intent="typed", renewal_rate=1.0, start=10)
    found, plain = (evaluate(base, levers, 30).existing for levers in ((offer,), ()))
    for money, before in ((found.mrr, plain.mrr), (found.cost, plain.cost)):
        assert money[:11] == pytest.approx(before[:11]) and money[11:30] == pytest.approx(before[10])


def test_refunds_give_back_what_monthly_payers_would_not_have_paid():
    """All may leave at any time and get the rest back: recognised revenue is that of monthly payers."""
    found, plain = (evaluate(NEW, levers, 36).new
                    for levers in ((cs.AnnualBilling(**EVERYBODY, refunds=1.0),), ()))
    assert found.mrr[:36] == pytest.approx(plain.mrr[:36])
    assert found.cash[0] == pytest.approx(600) and found.cash[1] < 0
    assert found.cash[:36].sum() == pytest.approx(plain.cash[:36].sum())


def test_batches_take_the_offer_month_by_month():
    offer = cs.AnnualBilling(adoption=0.4, discount=0.0, selection=0.0, start=2, phase_in=3)
    cash = evaluate(cs.Assumptions.flat(0.0, 50, existing=True), (offer,), 24).existing.cash
    assert cash[:7] == pytest.approx([50, 50, *[50 * (1 - 0.1 * k) + 0.1 * 600 for k in (1, 2, 3, 4)], 30])
    assert cash[14:18] == pytest.approx([30 + 60] * 4)


@settings(deadline=None, max_examples=20)
@given(st.floats(0.05, 0.95), st.floats(-1, 2), st.integers(0, 20))
def test_as_many_take_it_as_said_of_those_here_then(adoption, selection, begins):
    base = book([0, 9, 25])
    offer = cs.AnnualBilling(adoption=adoption, selection=selection, start=begins, scope="existing")
    # They choose after the loss of the day.
    rise = cs.PriceIncrease(rise=0.2, one_off_loss=0.3, leavers="leaky", start=begins)
    parts = evaluate(base, (rise, offer), 40, detail=Detail(young=30)).parts
    here = {term: sum(g.count * in_force(g)[0][begins] for g, _ in parts if g.book == "existing"
                      and g.term == term)
            for term in (1, 12)}
    assert here[12] / (here[1] + here[12]) == pytest.approx(adoption, rel=1e-9)


# All of them ----------------------------------------------------------------------------------------------

FULL = (
    cs.Grandfathering(months=4, older_than=6, loyalty_discount=0.02, downgrade_share=0.1, leave_share=0.05,
                      phase_in=2),
    cs.PriceIncrease(rise=0.1, one_off_loss=0.05, one_off_decay=0.4, notice=2, announced=0.3, leavers="leaky",
                     downgrade_share=0.2, start=3, volume_elasticity=0.5),
    cs.AnnualBilling(adoption=0.3, renewal_effect=1.2, reminded=0.6, refunds=0.1, start=2, phase_in=3))


def test_a_finer_cut_of_the_book_changes_nothing():
    """Another lever may ask for it; nobody's chance may hang on how the customers are listed."""
    base = book([0, 3, 7, 14, 31])
    plan = cs.Scenario("", FULL)
    coarse, fine = (evaluate(base, plan.active, 36, detail=detail)
                    for detail in (plan.detail, Detail(40, True)))
    assert fine.residual == pytest.approx(coarse.residual, rel=1e-10)
    assert fine.existing.cash[:36] == pytest.approx(coarse.existing.cash[:36], rel=1e-9)


def test_draws_are_the_point_estimate_one_by_one():
    theta, weights = np.array([0.02, 0.1, 0.4]), np.array([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3]])
    points = [book([0, 8, 20], Mix.of(theta, row)) for row in weights]
    drawn = book([0, 8, 20], points[0].cells[0].fitted)
    cell = drawn.cells[0]
    object.__setattr__(cell, "draws", Mix.of(np.tile(theta, (2, 1)), weights))
    for more in ((), (cs.AnnualBilling(adoption=0.4, intent="typed", start=5),)):
        plan = cs.Scenario("", (*FULL[:2], *(more or FULL[2:])))
        many = evaluate(drawn, plan.active, 36, drawn=True, detail=plan.detail)
        for name in ("in_force", "mrr", "cash", "cost"):
            single = [evaluate(one, plan.active, 36, detail=plan.detail) for one in points]
            for part in ("new", "existing"):
                assert np.array(getattr(getattr(many, part), name))[..., :36] == pytest.approx(
                    np.array([getattr(getattr(one, part), name)[:36] for one in single]), rel=1e-9)


def test_segments_are_the_only_ones_reached():
    base = book([4])
    for lever in FULL[1:]:
        other, same = (evaluate(base, (replace(lever, segments=names),), 24)
                       for names in (("Pro",), ("Basic",)))
        assert other.residual == evaluate(base, (), 24).residual and other.clv == evaluate(base, (), 24).clv
        assert same.residual == evaluate(base, (lever,), 24).residual


@pytest.mark.parametrize("churn", [0.0, 1.0])
@pytest.mark.parametrize("extreme", [
    cs.PriceIncrease(rise=10.0, one_off_loss=1.0, announced=1.0, notice=3, start=5, downgrade_share=1.0,
                     leavers="leaky"),
    cs.PriceIncrease(one_off_loss=1.0, one_off_decay=1.0, leavers="leaky"), cs.PriceIncrease(start=119),
    cs.AnnualBilling(adoption=1.0, discount=1.0, refunds=1.0, start=40, phase_in=119),
    cs.AnnualBilling(adoption=1.0, free_months=12, intent="typed", renewal_rate=0.0, start=3),
    cs.AnnualBilling(adoption=1.0, reminded=0.0, renewal_effect=0.0)])
def test_extremes_are_finite(churn, extreme):
    base = book([0, 5], Mix.of([churn], [1.0]))
    found = evaluate(base, (extreme, cs.Grandfathering(keep_share=0.0, downgrade_share=1.0, older_than=3)),
                     36)
    assert np.isfinite(found.residual) and np.isfinite(found.clv) and np.isfinite(found.portfolio)


def test_beliefs_have_a_range_and_decisions_none():
    doubted = {p.name for lever in FULL for p in lever.parameters() if p.doubt or p.doubt_times}
    assert doubted == {"adoption", "selection", "renewal_rate", "renewal_effect", "refunds", "one_off_loss",
                       "one_off_decay", "churn_elasticity", "announced", "downgrade_share", "downgrade_price",
                       "volume_elasticity", "keep_share", "leave_share"}
    for lever in FULL:
        for p in lever.parameters():
            if p.doubt:
                assert p.least <= p.doubt[0] < p.doubt[1] <= p.most


def test_who_joins_before_a_later_rise_is_part_of_its_loss():
    """The convention Methods states with its numbers; who joins at the new price is not."""
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50, gross_margin=0.8, discount_rate=0.10)
    found = {(start, loss): cs.compare(base, cs.Scenario("", (cs.PriceIncrease(rise=0.1, one_off_loss=loss, start=start),))).delta
             for start in (0, 6) for loss in (0.0, 0.04)}
    assert found[6, 0.04] == pytest.approx(24.48, abs=0.005) and found[6, 0.0] == pytest.approx(42.31, abs=0.005)
    assert found[0, 0.04] == found[0, 0.0] == pytest.approx(59.08, abs=0.005)


@pytest.mark.parametrize("keep, named", [
    (None, True),
    (cs.Grandfathering(until="forever"), False),
    (cs.Grandfathering(until="forever", older_than=12), True),
    (cs.Grandfathering(until="forever", segments=("a",)), True),
    (cs.Grandfathering(months=6), True),
])  # fmt: skip
def test_the_loss_of_existing_customers_is_named_where_they_meet_the_price(keep, named):
    rise = cs.PriceIncrease(rise=0.1, one_off_loss=0.02)
    plan = cs.Scenario("", tuple(filter(None, (rise, keep))))
    assert ("existing customers leaving over it" in plan.sentence()) is named
    assert "leaving over it" not in plan.sentence(customers=False)
    new = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50)
    assert "leaving over it" not in str(cs.compare(new, plan)), "a book without customers of today loses none of them"


def test_a_headline_leaves_out_what_moves_nothing_in_the_value_it_is_about():
    """Who joins at the new price is not lost over it; whoever joins today and meets it in half a year may be."""
    old = replace(cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True), acquisitions=np.full(60, 0.02))
    both = replace(old, cells=(replace(old.cells[0], new_share=1.0),))
    now, later = (cs.compare(both, cs.Scenario("", (cs.PriceIncrease(rise=0.1, one_off_loss=0.02, start=start),)), 36)
                  for start in (0, 6))
    told = {book: "existing customers leaving over it" in now.headline(book) for book in ("new", "existing", "portfolio")}
    assert told == {"new": False, "existing": True, "portfolio": True} and "leaving over it" in now.decisions
    assert "existing customers leaving over it" in later.headline("new")
