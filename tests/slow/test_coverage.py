"""The tables of benchmarks/coverage.py with fewer replicates: ranges hold the truth, and the usual formula
misses it.
"""

from datetime import date

import numpy as np
import pytest

import cs_models as cs
from benchmarks import coverage
from sample_data.generate import add_months

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size, replicates", [(500, 150), (2000, 150), (20_000, 100)])
def test_ranges_hold_the_truth_as_often_as_they_say(size, replicates):
    """92 to 98 % (lifetime 90), with two Monte Carlo errors of room for so few replicates."""
    found = coverage.coverage(size, replicates)
    room = 2 * found.error
    for share in (found.rmst, *(found.values[horizon] for horizon in (24, 36, 60))):
        assert 0.92 - room <= share <= 0.98 + room
    assert found.values[coverage.LIFE] >= 0.90 - room
    assert abs(found.bias) < 3 * found.sd[coverage.LIFE] / replicates**0.5 + 0.006
    if size == 20_000:
        assert abs(found.bias) < 0.01
    expected = {500: (0.062, 0.125), 2000: (0.031, 0.061), 20_000: (0.010, 0.020)}[size]
    np.testing.assert_allclose([found.sd[60], found.sd[coverage.LIFE]], expected, rtol=0.25)


@pytest.mark.parametrize(
    "market, churn, naive, new60, lifetime, residual",
    [
        ("heterogeneous sBG(.8, 8)", 0.051, 785, 738, 1043, 1545),
        ("mild sBG(8, 80)", 0.084, 476, 445, 451, 486),
        ("homogeneous", 0.091, 440, 407, 408, 408),
    ],
)
def test_the_usual_formula_against_the_truth(market, churn, naive, new60, lifetime, residual):
    found = coverage.formula(coverage.MARKETS[market])
    assert found.churn == pytest.approx(churn, abs=5e-4)
    told = [found.naive, found.new60, found.lifetime, found.residual]
    np.testing.assert_allclose(told, [naive, new60, lifetime, residual], atol=0.6)


def test_growth_alone_moves_the_usual_formula():
    rows = [coverage.formula((0.8, 8.0), growth) for growth in coverage.GROWTHS]
    np.testing.assert_allclose([row.churn for row in rows], [0.039, 0.045, 0.051, 0.056, 0.061], atol=5e-4)
    np.testing.assert_allclose([row.naive for row in rows], [1028, 887, 785, 714, 652], atol=0.6)
    assert len({round(row.lifetime, 9) for row in rows}) == 1, "the customers are the same"


def test_a_simulated_book_gives_the_first_row_from_its_rows():
    """40,000 customers drawn one by one, written as an export and read again."""
    draw, first, as_of = np.random.default_rng(6), date(2021, 1, 1), date(2023, 12, 31)
    intakes = 1.03 ** np.arange(36)
    month = draw.choice(36, 40_000, p=intakes / intakes.sum())
    paid = draw.geometric(draw.beta(0.8, 8.0, 40_000))
    rows = ["customer,start,end,interval,mrr"]
    for who, (at, stay) in enumerate(zip(month, paid)):
        start = add_months(first, int(at)).replace(day=15)
        end = add_months(start, int(stay)) if stay < 500 else as_of.replace(year=2100)
        rows.append(f"c{who},{start},{end if end <= as_of else ''},monthly,50")
    base = cs.Assumptions.from_data(cs.read("\n".join(rows).encode(), as_of=as_of), draws=0)
    existing = cs.value(base, 60).existing
    # Half a month younger than the table's book on average, so a little more of them leave.
    assert 1 - existing.in_force[1] / existing.in_force[0] == pytest.approx(0.051, abs=0.002)
    assert cs.value(base, 60).clv == pytest.approx(738, rel=0.02)
    assert cs.lifetime(base)[0] == pytest.approx(1043, rel=0.05)
    assert coverage.lifetime_of_the_book(base) == pytest.approx(1545, rel=0.05)

