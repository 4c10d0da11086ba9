"""The book by month against sums done one customer and one month at a time."""

from dataclasses import replace

import numpy as np
import pytest

import cs_models as cs
from cs_models.portfolio_view import acquisition_cost, by_month, payback_month, portfolio_by_month


def book(churn=0.03, won=10.0, cac=120.0, months=36, **more):
    base = cs.Assumptions.flat(churn, 50, 0.8, 0.10, months, cac=cac, **more)
    return replace(base, acquisitions=np.full(months, won))


def change(lever, base=None, horizon=24):
    return cs.compare(base or book(), cs.Scenario("plan", (lever,)), horizon)


def test_the_book_of_the_baseline_month_by_month():
    table = by_month(cs.value(book(), 24))
    here = 0.0
    for month in range(24):
        here = here * 0.97 + 10
        assert table.customers[month] == pytest.approx(here, rel=1e-10)
        assert table.mrr[month] == pytest.approx(50 * here, rel=1e-10)
        assert table.gross_profit[month] == pytest.approx(40 * here, rel=1e-10)
        assert table.cash[month] == pytest.approx(40 * here - 1200, rel=1e-10)
    assert (table.acquisition == 1200).all()


def test_rewards_of_referrals_are_winning_customers_too():
    class Rewarded(cs.levers.Lever):
        """Everybody in force brings 0.02 customers a month, at 30 each."""

        def joining(self, joining):
            return replace(joining, referrals=np.full(36, 0.02), reward=np.full(36, 30.0))

    one, here = replace(cs.value(book(), 24), levers=(Rewarded(),)), 0.0
    for month, spent in enumerate(acquisition_cost(one)):
        here *= 0.97
        assert spent == pytest.approx(1200 + 0.02 * here * 30, rel=1e-10)
        here += 10 + 0.02 * here


def test_a_rise_is_ahead_from_the_start_and_a_programme_later():
    rise = portfolio_by_month(change(cs.PriceIncrease(scope="new", churn_elasticity=0.0)))
    assert (rise.payback, rise.deepest) == (0, 0.0) and "from the start" in rise.sentence
    saving = portfolio_by_month(change(cs.ChurnReduction(reduction=0.5, cost=4.0), horizon=36))
    running = saving.frame.cumulative.to_numpy()
    assert saving.deepest == running.min() < 0 and saving.deepest_month == int(np.argmin(running))
    assert saving.payback is not None and (running[saving.payback:] > 0).all() and running[saving.payback - 1] <= 0
    assert f"month {saving.payback}" in saving.sentence


def test_the_running_difference_adds_up_to_the_portfolio_without_discount():
    base = book().with_economics(discount_rate=0.0)
    found = change(cs.ChurnReduction(reduction=0.3, cost=1.0), base)
    assert portfolio_by_month(found).frame.cumulative.iloc[-1] == pytest.approx(found.portfolio.delta, rel=1e-9)


def test_nothing_moves_nothing():
    found = portfolio_by_month(cs.compare(book(), cs.Scenario("nothing"), 24))
    assert "no cash" in found.sentence and not found.frame.cumulative.any()


def test_a_loss_never_pays_back():
    found = portfolio_by_month(change(cs.ChurnReduction(reduction=0.01, cost=10.0)))
    assert found.payback is None and "does not pay back" in found.sentence


@pytest.mark.parametrize("running, month", [
    ([1, 2, 3], 0), ([-1, 1, 2], 1), ([1, -1, 2], 2), ([-1, -2, -3], None), ([0, 0, 0], None), ([-2, 3, 0], None)])
def test_payback_is_for_good(running, month):
    assert payback_month(np.array(running, float)) == month


def test_a_book_of_existing_customers_has_no_cost_of_winning():
    base = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 36, existing=True, cac=100.0)
    found = portfolio_by_month(change(cs.PriceIncrease(churn_elasticity=0.0), base))
    assert (found.frame.acquisition_after == 0).all() and found.frame.customers_before[1] == pytest.approx(0.97)
