"""Many simulated data sets: ranges hold the truth as often as they say, and late windows need delayed
entry.
"""

import numpy as np
import pytest

import cs_models as cs
from cs_models.retention.bootstrap import resample
from cs_models.retention.fit import counts_per_period
from cs_models.retention.sbg import fit_sbg_batch, sbg_survival

pytestmark = pytest.mark.slow
ALPHA, BETA = 0.8, 8.0
V = 1.1 ** (-1 / 12)


def staggered(size, draw, cohorts=24):
    """Customers of sBG(.8, 8) who joined over 24 months, seen at the end: (duration, left)."""
    theta = draw.beta(ALPHA, BETA, size)
    leaves = draw.geometric(theta)
    window = draw.integers(1, cohorts + 1, size)
    return np.minimum(leaves, window), leaves <= window


def clv(alpha, beta, horizon):
    """Discounted payments of many curves at once, (R,)."""
    k = np.arange(1, horizon)
    stay = (beta[:, None] + k - 1) / (alpha[:, None] + beta[:, None] + k - 1)
    survival = np.concatenate([np.ones((len(alpha), 1)), np.cumprod(stay, axis=1)], axis=1)
    return survival @ V ** np.arange(horizon)


@pytest.mark.parametrize("horizon, least", [(24, 0.92), (36, 0.92), (60, 0.92), (1200, 0.90)])
def test_the_95_percent_range_of_clv_holds_the_truth(horizon, least):
    replicates, draw, held = 200, np.random.default_rng(11), 0
    truth = sbg_survival(ALPHA, BETA, horizon - 1) @ V ** np.arange(horizon)
    for replicate in range(replicates):
        counts = counts_per_period(cs.life_table_from_durations(*staggered(2000, draw)), 1)
        values = clv(
            *fit_sbg_batch(counts.at_risk, resample(counts.at_risk, counts.churned, 300, replicate)), horizon
        )
        low, high = np.percentile(values, [2.5, 97.5])
        held += low <= truth <= high
    assert least <= held / replicates <= 0.98


def test_the_fit_is_right_on_average():
    draw, found = np.random.default_rng(12), []
    for _ in range(200):
        counts = counts_per_period(cs.life_table_from_durations(*staggered(20_000, draw)), 1)
        found.append([v[0] for v in fit_sbg_batch(counts.at_risk, counts.churned[None])])
    alpha, beta = np.array(found).T
    assert alpha.mean() == pytest.approx(ALPHA, rel=0.015) and beta.mean() == pytest.approx(BETA, rel=0.015)
    assert alpha.std() / ALPHA < 0.06
    assert clv(alpha, beta, 60).mean() == pytest.approx(
        clv(np.array([ALPHA]), np.array([BETA]), 60)[0], rel=0.003
    )


def test_an_export_that_begins_late_needs_the_entry():
    """Customers joined over 48 months, the export knows only those present in the last 24: without entry, too
    loyal.
    """
    draw, truth = np.random.default_rng(13), sbg_survival(ALPHA, BETA, 12)[12]
    with_entry, without = [], []
    for _ in range(40):
        size = 6000
        leaves, joined = draw.geometric(draw.beta(ALPHA, BETA, size)), draw.integers(1, 49, size)
        entry = np.maximum(joined - 24, 0)
        seen = leaves > entry
        duration, left = np.minimum(leaves, joined)[seen], (leaves <= joined)[seen]
        with_entry.append(
            cs.kaplan_meier(cs.life_table_from_durations(duration, left, entry[seen])).survival[12]
        )
        without.append(cs.kaplan_meier(cs.life_table_from_durations(duration, left)).survival[12])
    assert abs(np.mean(with_entry) - truth) < 0.01
    assert np.mean(without) - truth > 0.05


def test_whole_months_are_not_exact_times():
    """sBG from whole-month counts gives the discounted 60 months within 2 % (a fit to exact times is far
    off).
    """
    counts = counts_per_period(
        cs.life_table_from_durations(*staggered(200_000, np.random.default_rng(14))), 1
    )
    alpha, beta = fit_sbg_batch(counts.at_risk, counts.churned[None])
    assert clv(alpha, beta, 60)[0] == pytest.approx(clv(np.array([ALPHA]), np.array([BETA]), 60)[0], rel=0.02)
