"""Laws of lifetime value and of scenarios (I37 to I58), each on 500 drawn books and plans."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from drawn_plans import any_lever, base_of, books, plans, values
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.levers import ALL
from cs_models.uncertainty import amounts

pytestmark = pytest.mark.slow
law = settings(max_examples=500, deadline=None, derandomize=True, database=None)

shares = st.floats(0, 1).map(lambda x: round(x, 4))
rates = st.floats(0, 1).map(lambda x: round(x, 3))
churns = st.floats(0, 0.5).map(lambda x: round(x, 5))
prices = st.floats(0, 5000).map(lambda x: round(x, 2))
horizons = st.integers(1, 120)
LEAST = 1e-9

# What each decision does is measured by one figure: at nothing it is not taken.
DIAL = {"PriceIncrease": "rise", "AnnualBilling": "adoption", "Onboarding": "reduction", "ChurnReduction": "reduction",
        "AccountManagement": "reduction", "Expansion": "attach", "WinBack": "returning", "Referral": "brought",
        "Acquisition": "volume"}  # fmt: skip


def clv(churn, price, margin, rate, horizon):
    return cs.value(cs.Assumptions.flat(churn, price, margin, rate), horizon).clv


def worth(change) -> float:
    return (change.new or change.existing).after


# --- value


@law
@given(books, rates, prices, shares, horizons, st.floats(0.001, 0.3))
def test_i37_value_rises_and_falls_with_what_it_should(book, rate, price, margin, horizon, more):
    """Up with price and margin; down with the discount rate, churn and the cost to serve."""
    alpha, beta, _ = book
    curve = cs.RetentionCurve.sbg(alpha, beta)

    def at(curve=curve, price=price, gross_margin=margin, discount_rate=rate, service_cost=0.0):
        base = cs.Assumptions.from_curve(curve, price, gross_margin=gross_margin, discount_rate=discount_rate,
                                         service_cost=service_cost)  # fmt: skip
        return cs.value(base, horizon).clv

    usual, near = at(), 1e-9 * (1 + price * 120)
    assert at(price=price + more) >= usual - near
    assert at(gross_margin=min(margin + more, 1)) >= usual - near
    assert at(discount_rate=rate + more) <= usual + near
    assert at(cs.RetentionCurve.sbg(alpha + more, beta)) <= usual + near
    assert at(cs.RetentionCurve.sbg(alpha, beta + more)) >= usual - near
    assert at(service_cost=more) <= usual + near


@law
@given(churns, prices, rates, horizons)
def test_i38_no_price_or_no_margin_is_no_value(churn, price, rate, horizon):
    assert clv(churn, 0.0, 0.8, rate, horizon) == 0
    assert clv(churn, price, 0.0, rate, horizon) == pytest.approx(0, abs=1e-9 * (1 + price))


@law
@given(books, prices, shares, horizons)
def test_i39_without_discounting_value_is_the_sum_of_the_margins(book, price, margin, horizon):
    curve = cs.RetentionCurve.sbg(*book[:2])
    base = cs.Assumptions.from_curve(curve, price, gross_margin=margin, discount_rate=0.0)
    stay = cs.RetentionCurve.sbg(*book[:2]).survival[:horizon]
    assume(len(stay) == horizon)
    assert cs.value(base, horizon).clv == pytest.approx(price * margin * stay.sum(), rel=1e-6, abs=1e-6)


@law
@given(books, rates, st.integers(1, 59), st.integers(1, 60))
def test_i40_horizons_add_up(book, rate, first, more):
    """CLV(0, a + b) = CLV(0, a) + v^a S(a) x the residual value over b of who reached a."""
    curve = cs.RetentionCurve.sbg(*book[:2])
    economics = {"gross_margin": 0.8, "discount_rate": rate}
    new = cs.Assumptions.from_curve(curve, 50.0, **economics)
    reached = cs.Assumptions.from_curve(curve, 50.0, existing_tenure=first, **economics)
    passed = cs.value(new, first + more).new.in_force[first] * (1 + rate) ** (-first / 12)
    later = passed * cs.value(reached, more).residual
    assert cs.value(new, first + more).clv == pytest.approx(cs.value(new, first).clv + later, rel=1e-9)


@law
@given(books, rates, shares, st.integers(1, 119))
def test_i41_a_longer_horizon_never_takes_away(book, rate, margin, horizon):
    base = base_of((*book[:2], None), gross_margin=margin, discount_rate=rate)
    assert cs.value(base, horizon + 1).clv >= cs.value(base, horizon).clv - LEAST


@law
@given(churns, prices, shares, rates, horizons)
def test_i42_constant_churn_has_the_closed_form(churn, price, margin, rate, horizon):
    q = (1 - churn) * (1 + rate) ** (-1 / 12)
    months = horizon if q == 1 else (1 - q**horizon) / (1 - q)
    assert clv(churn, price, margin, rate, horizon) == pytest.approx(price * margin * months, rel=1e-9, abs=1e-9)


@law
@given(books, prices, shares, rates, horizons)
def test_i43_nobody_is_worth_more_than_staying_for_sure(book, price, margin, rate, horizon):
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(*book[:2]), price, gross_margin=margin, discount_rate=rate)
    assert cs.value(base, horizon).clv <= price * margin * horizon * (1 + 1e-12)


def snapshot(lengths, left, copies=1):
    """A file of customers with months of tenure, whether they left, and what they pay."""
    lengths, left = np.tile(lengths, copies), np.tile(left, copies)
    return cs.read(pd.DataFrame({
        "customer": [f"n{i}" for i in range(len(lengths))], "tenure": lengths.astype(str),
        "churned": np.where(left, "Yes", "No"), "mrr": "20",
    }))  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_i44_the_range_holds_the_point_and_narrows_with_more_data(seed):
    """4 x 125 sets of customers, each once and four times over."""
    draw = np.random.default_rng(seed)
    for _ in range(125):
        size = int(draw.integers(80, 200))
        lengths, window = draw.geometric(draw.beta(0.8, 8.0, size)), draw.integers(1, 25, size)
        widths = []
        for copies in (1, 4):
            subs = snapshot(np.minimum(lengths, window), lengths <= window, copies)
            base = cs.Assumptions.from_data(subs, draws=100)
            around = cs.interval(base, 36)["new"]
            assert around.low <= cs.value(base, 36).clv <= around.high
            widths.append(around.high - around.low)
        assert widths[1] < widths[0]


@law
@given(books, st.floats(0, 5000), shares)
def test_i45_payback_is_the_first_month_that_covers_the_cost_or_not_within(book, cac, margin):
    base = base_of((*book[:2], None), cac=cac, gross_margin=margin)
    found = cs.value(base, 36).payback_months
    brought = np.cumsum(cs.value(base, 120).new.margin)
    if found is None:
        assert brought[-1] < cac + LEAST
    else:
        assert 0 <= found <= 120 and brought[max(found, 1) - 1] >= cac - 1e-6
        assert found <= 1 or brought[found - 2] < cac


# --- scenarios


@law
@given(books, horizons)
def test_i46_nothing_decided_is_the_baseline_to_the_last_bit(book, horizon):
    base = base_of(book)
    resting = cs.Scenario("", tuple(kind.at_rest() for kind in ALL.values()))
    plain = {name: float(worth) for name, worth in amounts(cs.value(base, horizon)).items()}
    for plan in (cs.Scenario(""), resting):
        found = cs.compare(base, plan, horizon)
        assert {name: found.difference(name).after for name in plain} == plain
        assert all(found.difference(name).delta == 0 for name in plain)


@law
@given(books, st.sampled_from(sorted(DIAL)), st.data())
def test_i47_a_decision_nobody_takes_up_changes_nothing_and_all_of_them_is_finite(book, name, data):
    base, kind = base_of(book), ALL[name]
    settings_of = {p.name: data.draw(values(p), label=p.name) for p in kind.parameters()}
    free = {p: 0.0 for p in ("cost", "care", "reward", "growth", "cac", "announced", "one_off_loss") if p in settings_of}
    try:
        none = kind(**{**settings_of, **free, DIAL[name]: 0.0})
        every = kind(**{**settings_of, DIAL[name]: min(1.0, next(p.high for p in kind.parameters() if p.name == DIAL[name]))})
    except cs.Problem:
        assume(False)
    assert cs.compare(base, cs.Scenario("", (none,)), 36).delta == pytest.approx(0, abs=LEAST)
    assert np.isfinite(worth(cs.compare(base, cs.Scenario("", (every,)), 36)))


@law
@given(books, st.lists(any_lever, min_size=2, max_size=3, unique_by=type))
def test_i48_the_order_of_clicks_changes_nothing(book, levers):
    base = base_of(book)
    found = {cs.compare(base, cs.Scenario("", order), 36).delta for order in permutations(levers)}
    assert len(found) == 1


@law
@given(books, plans)
def test_i49_what_was_tried_leaves_no_trace(book, plan):
    base = base_of(book)
    before = amounts(cs.value(base, 36))
    cs.compare(base, cs.Scenario("", plan), 36).delta  # noqa: B018
    after = amounts(cs.value(base, 36))
    assert {k: float(v) for k, v in before.items()} == {k: float(v) for k, v in after.items()}
    assert cs.compare(base, cs.Scenario(""), 36).delta == 0


def two_groups(book, share):
    """One customer, in group A with this probability, in group B otherwise, each with a pace and a price of its own."""
    alpha, beta, tenure = book
    cells = []
    for name, part, own, price in (("A", share, alpha, 50.0), ("B", 1 - share, alpha + 1, 30.0)):
        one = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(own, beta), price, existing_tenure=tenure)
        cells += [replace(cell, segment=(name,), new_share=cell.new_share * part, heads=cell.heads * part,
                          mrr=cell.mrr * part) for cell in one.cells]  # fmt: skip
    return replace(one, cells=tuple(cells), by=("plan",))


SEGMENTED = [name for name in ALL if any(p.name == "segments" for p in ALL[name].parameters())]


@law
@given(books, st.floats(0.1, 0.9), st.sampled_from(SEGMENTED), st.data())
def test_i50_a_decision_for_all_is_the_decision_for_each_group(book, share, name, data):
    base, kind = two_groups(book, share), ALL[name]
    # The volume of new customers belongs to the book, not to one of its groups.
    chosen = {p.name: data.draw(values(p), label=p.name) for p in kind.parameters()} | {"segments": ()}
    chosen |= {"volume_elasticity": 0.0} if "volume_elasticity" in chosen else {}
    try:
        everybody, a, b = (kind(**chosen | {"segments": of}) for of in ((), ("A",), ("B",)))
    except cs.Problem:
        assume(False)
    deltas = [cs.compare(base, cs.Scenario("", (lever,)), 36).delta for lever in (everybody, a, b)]
    assert deltas[0] == pytest.approx(deltas[1] + deltas[2], rel=1e-9, abs=1e-8)


@law
@given(books, st.floats(0, 0.5), horizons)
def test_i51_whoever_keeps_the_old_price_for_ever_pays_the_same_to_the_cent(book, rise, horizon):
    base = base_of((*book[:2], book[2] or 0))
    plan = cs.Scenario("", (cs.PriceIncrease(rise=rise, scope="both"), cs.Grandfathering(months=None)))
    found = cs.compare(base, plan, horizon)
    assert np.round(found.scenario.existing.cash * 100).tolist() == np.round(found.baseline.existing.cash * 100).tolist()
    assert found.existing.delta == 0


@law
@given(books, st.floats(0, 0.5), st.integers(0, 24))
def test_i52_a_rise_nobody_minds_is_that_much_revenue(book, rise, start):
    base = base_of(book)
    lever = cs.PriceIncrease(rise=rise, scope="both", churn_elasticity=0.0, one_off_loss=0.0, start=start, volume_elasticity=0.0)
    found = cs.compare(base, cs.Scenario("", (lever,)), 60)
    before, after = (side.new or side.existing for side in (found.baseline, found.scenario))
    raised = np.arange(before.cash.shape[-1]) >= start
    assert after.cash == pytest.approx(before.cash * np.where(raised, 1 + rise, 1.0), rel=1e-12, abs=1e-12)


@law
@given(churns, st.floats(1, 500), st.floats(0, 0.5))
def test_i53_a_year_is_paid_at_once_and_left_only_at_its_end(churn, price, discount):
    base = cs.Assumptions.flat(churn, price, existing=True)
    lever = cs.AnnualBilling(adoption=1.0, discount=discount, scope="both", selection=0.0, refunds=0.0)
    found = cs.compare(base, cs.Scenario("", (lever,)), 36).scenario.existing
    assert found.cash[..., 0].sum() == pytest.approx(12 * (1 - discount) * price, rel=1e-9)
    assert found.cash[..., 1:12].sum() == pytest.approx(0, abs=1e-9)
    assert np.ptp(found.in_force[..., :12]) == pytest.approx(0, abs=1e-12)
    assert found.in_force[..., 12] == pytest.approx((1 - churn) ** 12, rel=1e-9)


@law
@given(books, shares, st.floats(0, 0.99), shares)
def test_i54_recovered_payments_save_at_most_those_who_failed(book, recovered, now, quality):
    """Never more than a programme that stops every departure by a failed payment: a quarter, where nothing else is known."""
    assume(recovered >= now)
    base = base_of(book)
    saved = cs.compare(base, cs.Scenario("", (cs.Dunning(recovered=recovered, recovered_now=now, quality=quality),)), 36).delta
    every = cs.compare(base, cs.Scenario("", (cs.ChurnReduction(reduction=0.25, cost=0.0),)), 36).delta
    assert -LEAST <= saved <= every + LEAST


@law
@given(books, horizons)
def test_i55_no_churn_at_all_and_no_reduction(book, horizon):
    base = base_of(book)
    kept = cs.compare(base, cs.Scenario("", (cs.ChurnReduction(reduction=1.0, cost=0.0),)), horizon).scenario
    same = cs.compare(base, cs.Scenario("", (cs.ChurnReduction(reduction=0.0, cost=0.0),)), horizon)
    assert (kept.new or kept.existing).in_force == pytest.approx(1.0)
    assert same.delta == 0


@law
@given(books, st.lists(any_lever, min_size=1, max_size=3).map(tuple))
def test_i56_the_parts_and_their_overlap_are_the_whole(book, plan):
    found = cs.compare(base_of(book), cs.Scenario("", plan), 24)
    parts = found.attribution()
    near = {"rel": 1e-9, "abs": 1e-8}
    assert sum(step.shapley for step in parts.steps) == pytest.approx(found.delta, **near)
    assert parts.sum_alone - parts.overlap == pytest.approx(found.delta, **near)


def test_i57_the_same_seed_is_the_same_answer():
    """500 pairs of draws on one book: the same seed to the bit; another seed within the range of the first."""
    draw = np.random.default_rng(57)
    starts = np.array(["2023-01-01"], "datetime64[D]") + draw.integers(0, 700, 400)
    stay = np.minimum(draw.geometric(draw.beta(0.8, 8, 400)) * 30.4375, 2000)
    rows = [{"customer": i, "start": str(s), "end": "" if s + int(k) > np.datetime64("2024-12-31") else str(s + int(k)),
             "mrr": "20"} for i, (s, k) in enumerate(zip(starts, stay, strict=True))]  # fmt: skip
    subs = cs.read(pd.DataFrame(rows).astype(str), as_of="2024-12-31")
    plan = cs.Scenario("", (cs.ChurnReduction(reduction=0.1, cost=0.0),))
    first = cs.compare(cs.Assumptions.from_data(subs, draws=100, seed=0), plan, 36)
    for seed in range(1, 26):
        once, again = (cs.compare(cs.Assumptions.from_data(subs, draws=20, seed=seed), plan, 36) for _ in range(2))
        assert once.draws["new"].tobytes() == again.draws["new"].tobytes()
        assert once.delta == first.delta
        assert first.new.low <= np.median(once.draws["new"]) <= first.new.high


@law
@given(books, st.lists(st.sampled_from(sorted(ALL)), min_size=1, max_size=11, unique=True), st.data())
def test_i58_sliders_at_their_ends_give_no_nonsense(book, names, data):
    def end(p):
        if p.kind == "choice":
            return st.sampled_from([word for word, _ in p.choices])
        if p.kind == "segments":
            return st.just(())
        least = max(p.low, p.least)
        ends = [int(least), int(min(p.high, p.most))] if p.kind == "months" else [least, min(p.high, p.most)]
        return st.sampled_from([*ends, None] if p.optional else ends)

    levers = []
    for name in names:
        chosen = {p.name: data.draw(end(p), label=f"{name}.{p.name}") for p in ALL[name].parameters()}
        try:
            levers.append(ALL[name](**chosen))
        except cs.Problem:
            continue
    found = cs.compare(base_of(book), cs.Scenario("", tuple(levers)), 60)
    for flows in (found.scenario.new, found.scenario.existing, found.scenario.book):
        if flows is not None:
            for name in ("in_force", "mrr", "cash", "cost"):
                assert np.all(np.isfinite(getattr(flows, name))), name
            assert np.all(flows.in_force >= -1e-12)
    assert np.isfinite(found.delta)
