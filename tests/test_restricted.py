"""What was observed, summed: against lifelines, against resampled counts, against the closed form."""

import numpy as np
import pytest

import cs_models as cs
from cs_models.restricted import restricted_value
from cs_models.retention.bootstrap import resample


def staggered(size=4000, seed=0):
    draw = np.random.default_rng(seed)
    leaves, window = draw.geometric(draw.beta(0.8, 8.0, size)), draw.integers(1, 37, size)
    return np.minimum(leaves, window), leaves <= window


DURATION, LEFT = staggered()
TABLE = cs.life_table_from_durations(DURATION, LEFT)


@pytest.mark.parametrize("months", [1, 12, 24])
def test_the_restricted_mean_is_that_of_lifelines(months):
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    theirs = restricted_mean_survival_time(KaplanMeierFitter().fit(DURATION, LEFT), months)
    assert restricted_value(TABLE, months).value == pytest.approx(theirs, rel=1e-10)


def test_the_variance_is_the_spread_of_resampled_tables():
    weights = 40 * 1.1 ** (-np.arange(24) / 12)
    n, d = (TABLE.frame[name].to_numpy(float)[1:24] for name in ("in_force", "churned"))
    stays = np.cumprod(1 - resample(n, d, 4000, 1) / n, axis=1)
    drawn = weights[0] + stays @ weights[1:]
    found = restricted_value(TABLE, 24, weights)
    assert found.error == pytest.approx(drawn.std(), rel=0.04)
    assert found.value == pytest.approx(drawn.mean(), rel=2e-3)
    assert found.high - found.value == found.value - found.low == pytest.approx(1.96 * found.error, rel=1e-3)


def test_two_months_of_ten_customers_by_hand():
    """Three of ten leave in the first month: 1 + .7 payments, variance .3 x .7 / 10."""
    found = restricted_value(cs.life_table_from_durations([1] * 3 + [2] * 7, [1] * 3 + [0] * 7), 2)
    assert found.value == pytest.approx(1.7) and found.error**2 == pytest.approx(0.021, rel=1e-12)


def test_the_truth_lies_near():
    truth = cs.RetentionCurve.sbg(0.8, 8.0).survival[:24].sum()
    found = restricted_value(TABLE, 24)
    assert truth == pytest.approx(13.065, abs=0.001) and abs(found.value - truth) < 3 * found.error


def test_one_payment_is_sure_and_nothing_beyond_the_data_is_said():
    assert restricted_value(TABLE, 1).error == 0
    with pytest.raises(cs.Problem, match="nothing observed fills 90 months"):
        restricted_value(TABLE, 90)
    with pytest.raises(cs.Problem, match="one number for each month"):
        restricted_value(TABLE, 12, np.ones(5))
