"""The map of two figures: its points are those of compare, its line lies where break-even lies."""

import numpy as np
import pytest

import cs_models as cs
from cs_models.problems import Problem
from cs_models.two_way import suggested_maps, two_way_map, zero_line

BASE = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True)
PLAN = cs.Scenario("rise", (cs.PriceIncrease(rise=0.1, scope="existing", churn_elasticity=0.0, one_off_loss=0.02),))


@pytest.fixture(scope="module")
def found():
    return two_way_map(BASE, PLAN, "PriceIncrease.rise", "PriceIncrease.one_off_loss", 36)


def test_every_point_is_that_of_compare(found):
    for row in found.frame.iloc[[0, 17, 80, 168]].itertuples():
        lever = cs.PriceIncrease(rise=row.across, scope="existing", churn_elasticity=0.0, one_off_loss=row.down)
        assert row.delta == pytest.approx(cs.compare(BASE, cs.Scenario("", (lever,)), 36).delta, abs=1e-9)
    assert len(found.frame) == 13 * 13 and found.here == (0.1, 0.02)


def test_the_zero_line_is_loss_over_margin_and_rise(found):
    """A rise u breaks even at a loss of u / (gm + u) on any curve; straight pieces come within half a point."""
    assert len(found.line) > 5
    for x, y in found.line[["across", "down"]].to_numpy():
        assert y == pytest.approx(x / (0.8 + x), abs=0.005)


def test_pieces_join_where_cells_meet(found):
    ends = np.round(np.concatenate([found.line[["across", "down"]], found.line[["across_to", "down_to"]]]), 9)
    _, times = np.unique(ends, axis=0, return_counts=True)
    assert (times == 2).sum() >= len(found.line) - 1 and times.max() == 2


def test_a_circle_is_closed_and_round():
    at = np.linspace(-1, 1, 41)
    line = zero_line(at, at, 0.51 - at[None, :] ** 2 - at[:, None] ** 2)
    assert np.hypot(line.across, line.down).to_numpy() == pytest.approx(np.sqrt(0.51), abs=2e-3)
    ends = np.round(np.concatenate([line[["across", "down"]], line[["across_to", "down_to"]]]), 9)
    assert (np.unique(ends, axis=0, return_counts=True)[1] == 2).all()


def test_no_line_where_everything_pays():
    plan = cs.Scenario("cut", (cs.ChurnReduction(reduction=0.1, first_months=6),))
    found = two_way_map(BASE, plan, "ChurnReduction.first_months", "ChurnReduction.reduction", 36, steps=4)
    assert found.line.empty
    assert set(found.frame.across) == {float(int(v)) for v in found.frame.across}


def test_the_pairs_worth_a_map():
    assert ("PriceIncrease.rise", "PriceIncrease.one_off_loss") in suggested_maps(PLAN)
    assert suggested_maps(cs.Scenario("none")) == ()


def test_one_name_twice_is_a_sentence():
    with pytest.raises(Problem, match="two different"):
        two_way_map(BASE, PLAN, "PriceIncrease.rise", "PriceIncrease.rise")
