"""Who joins after a decision: how many, of which groups."""

from dataclasses import replace

import numpy as np
import pytest

import cs_models as cs
from cs_models.cells import Cell, Mix

H = 24


def of(*shares: float) -> cs.Assumptions:
    """New customers of up to two groups, "a" at 40 and "b" at 90, 30 a month in all, in these shares; some of today."""
    heads = np.array([5.0, 7.0, 0.0, 9.0])
    cells = [Cell((name,), 1, Mix.of(theta, np.array([0.6, 0.4])), None, share, price, heads, heads * price)
             for name, share, price, theta in (("a", shares[0], 40.0, (0.02, 0.2)), ("b", shares[1], 90.0, (0.05, 0.1)))]
    won = np.full(H, 30.0 * sum(shares))
    cells = tuple(replace(cell, new_share=cell.new_share / sum(shares)) for cell in cells)
    return cs.Assumptions(cells, 0.8, 0.10, 1.0, 120.0, H, won)


@pytest.mark.parametrize("start", [0, 5])
@pytest.mark.parametrize("others", [(), (cs.ChurnReduction(reduction=0.3, start=3),), (cs.Referral(brought=50.0),)])
def test_fewer_join_only_in_the_groups_that_pay_more(start, others):
    """Against the two groups as two businesses: the one with the rise, thinned, and the other as it was."""
    rise = cs.PriceIncrease(rise=0.21, volume_elasticity=1.5, start=start, scope="new", segments=("a",))
    together = cs.compare(of(0.7, 0.3), cs.Scenario("", (rise, *others)), H).scenario
    fewer = 1.21**-1.5
    joined = np.where(np.arange(H) >= start, 30 * (0.7 * fewer + 0.3), 30.0)
    np.testing.assert_allclose(together.joining.volume, joined, rtol=1e-12)
    if others and isinstance(others[0], cs.Referral):
        return  # whom a customer brings is like all who join, of both groups
    apart = [cs.compare(of(0.7, 0.0), cs.Scenario("", (replace(rise, segments=()), *others)), H),
             cs.compare(of(0.0, 0.3), cs.Scenario("", others), H)]
    today = [one.scenario.residual for one in apart]
    found = sum(one.scenario.portfolio for one in apart) - sum(today) + together.residual
    assert together.portfolio == pytest.approx(found, rel=1e-12)
    assert together.present(together.book) == pytest.approx(found, rel=1e-12)


def test_where_every_group_pays_more_the_mix_is_what_it_was():
    everybody = cs.PriceIncrease(rise=0.1, volume_elasticity=1.0, scope="new")
    named = replace(everybody, segments=("a", "b"))
    one, other = (cs.compare(of(0.7, 0.3), cs.Scenario("", (rise,)), H).scenario for rise in (everybody, named))
    assert one.portfolio == pytest.approx(other.portfolio, rel=1e-13)
    np.testing.assert_allclose(other.joining.mix, [[0.7] * H, [0.3] * H], rtol=1e-13)


def test_the_value_of_a_customer_is_not_moved_by_how_many_join():
    rise = cs.PriceIncrease(rise=0.1, scope="new", segments=("a",))
    few = replace(rise, volume_elasticity=2.0)
    one, other = (cs.compare(of(0.5, 0.5), cs.Scenario("", (lever,)), H) for lever in (rise, few))
    assert one.delta == pytest.approx(other.delta, rel=1e-13)
    assert other.scenario.portfolio < one.scenario.portfolio


@pytest.mark.parametrize("start, phase_in", [(0, 0), (4, 6)])
def test_who_brings_others_is_a_population_with_births(start, phase_in):
    """Customers by type as one vector, aged and multiplied by a matrix a month (Leslie): no cohort is kept apart.

    N(t) = x(t) + b (W + r(t) 1'x(t)) and x(t + 1) = D N(t); D survival, b who is born, r births per customer here.
    """
    base, bring = of(0.7, 0.3), cs.Referral(brought=240.0, reward=25.0, start=start, phase_in=phase_in)
    theta = np.concatenate([-np.expm1(-cell.fitted.rate) for cell in base.cells])
    born = np.concatenate([cell.new_share * cell.fitted.weights for cell in base.cells])
    price = np.repeat([40.0, 90.0], 2)
    here = np.concatenate([sum(heads * left / left.sum() for heads, left in (
        (heads, cell.fitted.weights * np.exp(-cell.fitted.rate * k)) for k, heads in enumerate(cell.heads))) for cell in base.cells])
    worth, customers, mrr = 0.0, [], []
    for month in range(H):
        births = 0.2 * min(max(month - start + 1, 0) / (phase_in + 1), 1.0) * np.outer(born, np.ones(4))
        brought = births @ here
        here = here + born * 30.0 + brought
        customers.append(here.sum()), mrr.append(here @ price)
        margin = here @ (0.8 * price - 1.0) - 30.0 * 120.0 - brought.sum() * 25.0
        worth += margin / 1.1 ** (month / 12)
        here = np.diag(1 - theta) @ here
    found = cs.compare(base, cs.Scenario("", (bring,)), H).scenario
    np.testing.assert_allclose(found.book.in_force, customers, rtol=1e-12)
    np.testing.assert_allclose(found.book.mrr, mrr, rtol=1e-12)
    assert found.portfolio == pytest.approx(worth, rel=1e-12)
