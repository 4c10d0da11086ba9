"""What keeping old prices costs: by month and vintage, summing to the difference in cash."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.cells import Cell, Mix
from cs_models.valuation import evaluate

V = 1.1 ** (-np.arange(40) / 12)
CURVE = cs.RetentionCurve.sbg(0.8, 8.0)


def book(heads: dict[int, float], price=50.0, interval=1) -> cs.Assumptions:
    """Existing customers by completed months of tenure."""
    count = np.zeros(max(heads) + 1)
    for tenure, number in heads.items():
        count[tenure] = number
    curve = CURVE if interval == 1 else cs.RetentionCurve.constant(0.2, clock=interval)
    return cs.Assumptions((Cell(("All",), interval, Mix.of_curve(curve), None, 0.0, price, count,
                                count * price),),
                          months=120, acquisitions=np.zeros(120))


def plan(keep, **rise) -> cs.Scenario:
    return cs.Scenario("", (cs.PriceIncrease(**({"rise": 0.2, "churn_elasticity": 0.0} | rise)), keep))


def test_the_cost_of_a_year_at_the_old_price():
    """Sum over t < 12 of S(k + t) / S(k) x (new - old price), vintage by vintage."""
    found = cs.forgone(book({3: 100.0, 30: 40.0}), plan(cs.Grandfathering(months=12)), 36)
    for year, tenure, heads in ((0, 3, 100.0), (2, 30, 40.0)):
        here = CURVE.survival[tenure: tenure + 36] / CURVE.survival[tenure]
        expected = heads * here * 10.0 * (np.arange(36) < 12)
        assert found[found.vintage == year].forgone.to_numpy() == pytest.approx(expected, rel=1e-9)
    assert sorted(found.vintage.unique()) == [0, 2] and len(found) == 2 * 36


keeps = st.builds(cs.Grandfathering, months=st.integers(0, 30),
                  until=st.sampled_from(["months", "renewal", "forever"]),
                  older_than=st.integers(0, 40), loyalty_discount=st.floats(0, 0.15), start=st.integers(0, 6),
                  phase_in=st.integers(0, 3), downgrade_share=st.sampled_from([0.0, 0.2]))


@settings(deadline=None, max_examples=40)
@given(keeps, st.sampled_from([1, 12]), st.integers(0, 10))
def test_it_sums_to_the_difference_in_cash_when_nobody_reacts(keep, interval, begins):
    base = book({0: 10.0, 5: 60.0, 13: 30.0, 38: 20.0}, interval=interval)
    both = plan(keep, start=begins)
    with_promise, without = (evaluate(base, one.active, 40, detail=both.detail).existing.cash[:40]
                             for one in (both, cs.Scenario("", both.levers[:1])))
    found = cs.forgone(base, both, 40)
    by_month = found.groupby("month").forgone.sum().to_numpy()
    assert by_month == pytest.approx(without - with_promise, rel=1e-9, abs=1e-7)
    assert by_month @ V == pytest.approx(without @ V - with_promise @ V, rel=1e-9, abs=1e-7)
    assert (by_month >= -1e-7).all()


def test_it_does_not_depend_on_how_customers_react():
    calm, jumpy = (plan(cs.Grandfathering(months=9, leave_share=leave), **facts) for leave, facts in (
        (0.0, {}), (0.3, {"churn_elasticity": 1.4, "one_off_loss": 0.1})))
    base = book({7: 50.0})
    assert cs.forgone(base, calm, 24).forgone.to_numpy() == pytest.approx(cs.forgone(base, jumpy, 24).forgone,
                                                                          rel=1e-12)


def test_it_runs_off_and_ends_with_the_promise():
    found = cs.forgone(book({20: 1.0}), plan(cs.Grandfathering(months=18)), 36).forgone.to_numpy()
    assert (np.diff(found[:18]) < 0).all() and (found[:18] > 0).all() and (found[18:] == 0).all()


def test_only_the_vintages_with_a_promise_forgo_anything():
    found = cs.forgone(book({3: 5.0, 26: 5.0}), plan(cs.Grandfathering(months=12, older_than=24)), 24)
    spent = found.groupby("vintage").forgone.sum()
    assert spent[0] == 0 and spent[2] > 0


@pytest.mark.parametrize("nothing", [
    cs.Scenario(""), cs.Scenario("", (cs.PriceIncrease(),)), cs.Scenario("", (cs.Grandfathering(),)),
    plan(cs.Grandfathering(months=12), scope="new")])
def test_without_a_promise_or_a_rise_nothing_is_forgone(nothing):
    assert (cs.forgone(book({7: 50.0}), nothing, 12).forgone == 0).all()


def test_a_book_of_new_customers_only_has_no_vintages():
    found = cs.forgone(cs.Assumptions.flat(0.05, 50), plan(cs.Grandfathering(months=12)), 12)
    assert found.empty and list(found) == ["month", "vintage", "forgone"]
