"""What stands behind a baseline: newest sign-up months, months that share a fate, growth of those who stay."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.other_models import ModelRange
from cs_models.retention.bootstrap import Blocks, by_cell, resample
from cs_models.retention.likelihood import Counts

START, MONTHS = pd.Period("2022-01", "M"), 36


def book(churn_of, per_month=60, months=MONTHS, seed=1, price=lambda age: 50.0):
    """An export of monthly payers: `churn_of(sign-up month)` is their monthly chance of leaving."""
    rng, rows = np.random.default_rng(seed), []
    for month in range(months):
        life = rng.geometric(churn_of(month), per_month)
        for i, stay in enumerate(life):
            ended = month + stay <= months - 1
            rows.append((f"C{month}-{i}", str((START + month).start_time.date()),
                         str((START + month + int(stay)).start_time.date()) if ended else ""))
    frame = pd.DataFrame(rows, columns=["customer_id", "start_date", "end_date"]).assign(mrr=50)
    return cs.read(frame, as_of=(START + months - 1).start_time.date())


def blocks(spread, months=36, size=200, seed=0):
    """Counts of sign-up months whose churn varies around 8 % (standard deviation of its logarithm: spread)."""
    rng = np.random.default_rng(seed)
    n, d = np.zeros((months, months)), np.zeros((months, months))
    for month in range(months):
        churn = 0.08 * np.exp(spread * rng.standard_normal())
        alive = size
        for k in range(months - month):
            n[month, k], d[month, k] = alive, rng.binomial(alive, churn)
            alive -= d[month, k]
    return Blocks(n, d)


def test_spread_between_sign_up_months_is_seen():
    assert [blocks(0.0, seed=s).dispersion for s in range(5)] == pytest.approx([1.0] * 5, abs=0.4)
    assert not blocks(0.0).share_a_fate and blocks(0.4).share_a_fate
    assert blocks(0.4).dispersion > 2


def test_months_that_share_a_fate_are_seen_where_no_single_cell_shows_it():
    """Churn that differs by a tenth between months doubles what chance allows; chance alone seldom raises it."""
    assert sum(blocks(0.1, seed=seed).share_a_fate for seed in range(40)) > 32
    for months, size in ((14, 20), (14, 200), (36, 200)):
        alarms = [blocks(0.0, months, size, seed) for seed in range(100)]
        assert sum(one.share_a_fate for one in alarms) <= 7
        assert np.mean([one.dispersion for one in alarms]) < 1.3


def test_blocks_keep_the_mean_and_widen_the_range():
    found = blocks(0.4)
    counts = Counts(found.at_risk.sum(axis=0), found.churned.sum(axis=0))
    n, d = found(counts, 800, 1)
    whole = counts.churned.sum() / counts.at_risk.sum()
    drawn = d.sum(axis=1) / n.sum(axis=1)
    assert drawn.mean() == pytest.approx(whole, rel=0.02)
    by_chance = resample(counts.at_risk, counts.churned, 800, 1).sum(axis=1) / counts.at_risk.sum()
    assert drawn.std() > 2 * by_chance.std()
    assert (d <= n).all() and by_cell(counts, 3, 0)[1].shape == (3, 36)


def test_ranges_are_wider_where_months_share_a_fate_and_the_page_is_told():
    rng = np.random.default_rng(4)
    fate = 0.08 * np.exp(0.5 * rng.standard_normal(MONTHS))
    calm, stormy = (cs.Assumptions.from_data(book(f, per_month=120)) for f in (lambda m: 0.08, lambda m: min(fate[m], 0.5)))
    assert any("differ by more than chance" in note for note in stormy.notes)
    assert not any("differ by more than chance" in note for note in calm.notes)
    wide, narrow = (r.high - r.low for r in (cs.interval(one)["existing"] for one in (stormy, calm)))
    assert wide > 1.5 * narrow


def test_new_customers_take_the_curve_of_the_newest_months_where_those_differ():
    worse = book(lambda month: 0.05 if month < 24 else 0.15, per_month=150)
    found = cs.Assumptions.from_data(worse, gross_margin=1.0, discount_rate=0.0)
    assert any("newest 12 sign-up months speak for new customers" in note for note in found.notes)
    truth = 50 * (1 - 0.85**36) / 0.15
    assert cs.value(found, 36).clv == pytest.approx(truth, rel=0.12)
    same = book(lambda month: 0.05, per_month=150)
    plain = cs.Assumptions.from_data(same, gross_margin=1.0, discount_rate=0.0)
    assert cs.value(plain, 36).clv == pytest.approx(50 * (1 - 0.95**36) / 0.05, rel=0.08)
    assert not any("newest" in note for note in plain.notes)
    # Nobody is lost or counted twice, and the table of groups still has one row.
    assert found.customers == worse.active and found.active_mrr == pytest.approx(worse.active_mrr)
    assert sum(cell.new_share for cell in found.cells) == pytest.approx(1)
    assert len(cs.value(found, 36).by_segment) == 1


def test_months_that_scatter_are_no_trend():
    """Six books whose sign-up months leave faster or slower by chance, none of them later ones faster."""
    told = []
    for seed in range(6):
        fate = np.exp(0.4 * np.random.default_rng(seed).standard_normal(MONTHS))
        told.append(cs.newest_cohorts(book(lambda month, fate=fate: min(0.06 * fate[month], 0.5), 120, seed=seed)).p)
    assert min(told) > 0.01


def test_the_newest_months_too_are_drawn_whole_where_they_share_a_fate(monkeypatch):
    fate = np.exp(0.4 * np.random.default_rng(6).standard_normal(MONTHS))
    subs = book(lambda month: min((0.04 if month < 24 else 0.15) * fate[month], 0.5), per_month=150)
    stormy = cs.Assumptions.from_data(subs, draws=200)
    assert len(stormy.cells) == 2  # the newest months have a curve of their own
    monkeypatch.setattr(Blocks, "share_a_fate", False)
    calm = cs.Assumptions.from_data(subs, draws=200)
    wide, narrow = (r.high - r.low for r in (cs.interval(one)["new"] for one in (stormy, calm)))
    assert wide > 1.5 * narrow


@cache
def growing(grows=0.02, months=30, per_month=80):
    """Everybody's price grows by a fixed share each month; 4 % leave."""
    rng, rows = np.random.default_rng(2), []
    for month in range(months):
        for i, stay in enumerate(rng.geometric(0.04, per_month)):
            for age in range(min(int(stay), months - month)):
                first = START + month + age
                rows.append((f"C{month}-{i}", str(first.start_time.date()), str((first + 1).start_time.date())
                             if month + age < months - 1 or age == stay - 1 else "", round(100 * (1 + grows) ** age, 2)))
    frame = pd.DataFrame(rows, columns=["customer_id", "start_date", "end_date", "mrr"])
    return cs.read(frame, as_of=(START + months - 1).start_time.date())


def test_growth_of_those_who_stay_enters_price_and_cost():
    subs = growing()
    grown = cs.Assumptions.from_data(subs, gross_margin=0.8, discount_rate=0.10, expansion=True, draws=100)
    flat = cs.Assumptions.from_data(subs, gross_margin=0.8, discount_rate=0.10, draws=100)
    (cell,) = grown.cells
    survival = cs.value(grown, 24).survival_of("new")[:24]
    v, path = 1.1 ** (-np.arange(24) / 12), 1.02 ** np.arange(24)
    assert np.allclose(cell.growth[:20], 0.02, atol=2e-4)
    # Price and the cost of serving both follow the baseline's own growth.
    assert cs.value(grown, 24).clv == pytest.approx(0.8 * cell.new_price * (survival * v * path).sum(), rel=5e-3)
    assert cs.value(flat, 24).clv == pytest.approx(0.8 * cell.new_price * (survival * v).sum(), rel=1e-9)
    assert cs.value(grown, 24).residual > cs.value(flat, 24).residual
    around = cs.interval(grown, 24)["existing"]
    assert around.low < cs.value(grown, 24).residual / grown.customers < around.high
    # Beyond the months observed nothing grows, so a lifetime value stays finite and near the sum of its parts.
    years = cell.price_path(1200, 0)
    assert years[-1] == years[len(cell.growth)] and np.isfinite(cs.lifetime(grown)[0])
    alive = cell.fitted.weights @ np.exp(-np.outer(cell.fitted.rate, np.arange(1200)))
    by_hand = 0.8 * cell.new_price * (alive * years * 1.1 ** (-np.arange(1200) / 12)).sum()
    assert cs.lifetime(grown)[0] == pytest.approx(by_hand, rel=1e-9)


def test_a_price_rise_adds_to_growth_and_costs_nothing_to_serve():
    grown = cs.Assumptions.from_data(growing(), gross_margin=0.8, discount_rate=0.0, expansion=True, draws=0)
    plan = cs.Scenario("up", (cs.PriceIncrease(rise=0.1, scope="both", churn_elasticity=0.0, one_off_loss=0.0),))
    change = cs.compare(grown, plan, horizon=24)
    before, after = (getattr(change, name).new for name in ("baseline", "scenario"))
    np.testing.assert_allclose(after.cash[:24], 1.1 * before.cash[:24])
    np.testing.assert_allclose(after.cost[:24], before.cost[:24])


def test_the_range_of_models_holds_the_chosen_figure_and_widens_with_the_horizon():
    rng = np.random.default_rng(3)
    subs = book(lambda month: rng.beta(0.8, 8, 150), per_month=150, months=18)
    base, table = cs.Assumptions.from_data(subs, draws=0), cs.life_table(subs)
    near, far = cs.model_range(base, 12), cs.model_range(base, 60)
    for found, horizon in ((near, 12), (far, 60)):
        chosen = cs.value(base, horizon).clv
        assert found["new"].low <= chosen <= found["new"].high
        assert set(found["new"].by_model) == {"sbg", "bdw", "weibull", "lognormal", "loglogistic"}
    relative = [(r["new"].high - r["new"].low) / r["new"].high for r in (near, far)]
    assert relative[1] > 3 * relative[0] and far["lifetime"].high > far["new"].high
    # Each model's figure is the value of its own curve, month by month.
    months = 1.1 ** (-np.arange(60) / 12)
    for name, worth in far["new"].by_model.items():
        by_hand = 0.8 * base.cells[0].new_price * (cs.fit(table, name).survival[:60] @ months)
        assert worth == pytest.approx(by_hand, rel=1e-9)


def test_both_ends_of_a_model_range_hold_the_chosen_figure_whatever_the_others_say():
    two = {"a": 6.0, "b": 7.0}
    for chosen, others in ((5.0, two), (8.0, two), (6.5, two), (3.0, {})):
        found = ModelRange.of(chosen, others)
        assert found.low <= chosen <= found.high
        assert (found.low, found.high) == (min([chosen, *others.values()]), max([chosen, *others.values()]))
