"""Expansion by tenure: every sum recounted customer by customer, the shrinkage against its laws, the price
path.
"""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import cs_models as cs
from places import ROOT
from cs_models.engine.expansion import expansion_counts
from cs_models.expansion import expansion_by_tenure, expansions, shrink
from sample_data.generate import add_months

AS_OF = date(2025, 6, 30)


def book(rows) -> object:
    """Rows (customer, start, end or None, mrr) as an export."""
    lines = [f"c{who},{start},{end or ''},P{mrr},monthly,{mrr:.2f}" for who, start, end, mrr in rows]
    return cs.read("\n".join(["customer,start,end,plan,interval,mrr", *lines]).encode(), as_of=AS_OF)


def random_rows(seed: int, customers: int = 40):
    """Customers who change their price on any day, some with an add-on, some of whom leave."""
    draw, rows = np.random.default_rng(seed), []
    for who in range(customers):
        start = date(2024, 1, 1) + timedelta(days=int(draw.integers(500)))
        until = start + timedelta(days=int(draw.integers(20, 600)))
        end = until if until <= AS_OF else None
        last, at, mrr = end or AS_OF, start, int(draw.integers(20, 90))
        while draw.random() < 0.6 and at + timedelta(days=9) < last:
            change = at + timedelta(days=int(draw.integers(1, max((last - at).days, 2))))
            rows.append((who, at, change, mrr))
            at, mrr = change, int(draw.integers(20, 90))
        rows.append((who, at, end, mrr))
        if draw.random() < 0.3 and (last - start).days > 60:
            on = start + timedelta(days=int(draw.integers(5, 20)))
            off = on + timedelta(days=int(draw.integers(1, 30)))
            rows.append((who, on, off, 7))
    return rows


def recount(rows) -> dict[int, list[float]]:
    """step -> customers, opening, changed, expansion, contraction, by walking every customer's payments."""
    found: dict[int, list[float]] = {}
    for who in {row[0] for row in rows}:
        mine = [row for row in rows if row[0] == who]
        start = min(row[1] for row in mine)
        ends = [row[2] for row in mine]
        left = None if None in ends else max(ends)
        step = 1
        while (add_months(start, step) < left) if left else (add_months(start, step) <= AS_OF):
            before, after = (
                sum(m for _, on, off, m in mine if on <= day and (off is None or off > day))
                for day in (add_months(start, step - 1), add_months(start, step)))
            change = 100 * (after - before)
            row = found.setdefault(step, [0, 0, 0, 0, 0])
            for i, value in enumerate([1, 100 * before, change != 0, max(change, 0), max(-change, 0)]):
                row[i] += value
            step += 1
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_sum_is_that_of_the_customers_walked_one_by_one(seed):
    rows = random_rows(seed)
    frame = expansion_counts(book(rows)).set_index("tenure")
    shown = frame[["customers", "opening", "changed", "expansion", "contraction"]]
    assert {k: list(row) for k, row in shown.iterrows()} == recount(rows)


def test_the_sums_of_squares_are_those_of_the_customers():
    rows = [(n, date(2024, 1, 5), date(2024, 3, 5) if n < 3 else None, 10 + n) for n in range(30)]
    rows += [(n, date(2024, 3, 5), None, 50) for n in range(3)]
    second = expansion_counts(book(rows)).set_index("tenure").loc[2]
    assert second["squares"] == sum((1000 + 100 * n) ** 2 for n in range(30))
    assert second["change_squares"] == sum((5000 - 1000 - 100 * n) ** 2 for n in range(3))
    assert second["cross_sum"] == sum((4000 - 100 * n) * (1000 + 100 * n) for n in range(3))


def test_groups_add_up_to_the_whole():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    whole = expansion_counts(subs).groupby("tenure").sum()
    apart = expansion_counts(subs, ("segment",)).groupby("tenure").sum(numeric_only=True)
    names = ["customers", "opening", "changed", "expansion", "contraction"]
    assert (whole[names] == apart[names]).all(axis=None)
    cells = {tuple(key.values()) for key, _ in cs.life_table(subs, "segment").split()}
    assert set(expansions(subs, "segment")) == cells


def test_a_departure_is_no_contraction_and_a_pause_ends_the_story():
    rows = [(n, date(2024, 1, 5), date(2024, 6, 5), 40) for n in range(30)]
    rows += [(n, date(2025, 1, 5), None, 400) for n in range(30)]  # back after half a year: another story
    found = expansion_by_tenure(book(rows))
    assert (found.observed_to, found.overall) == (4, 0.0)
    assert found.frame["contraction"].sum() == found.frame["expansion"].sum() == 0


def test_net_retention_after_a_year_is_survival_times_the_price_path():
    """Same rises for everybody, whoever leaves: NRR(12) = S(12) p(12) / P to the last digit."""
    draw, rows, then, now = np.random.default_rng(5), [], 0, 0
    for n in range(400):
        price, start = 10.0 * (1 + n % 4), date(2023, 1 + n % 12, 7)
        months = int(draw.geometric(0.05))
        prices = [price] * 4 + [price * 1.1] * 5 + [price * 1.32] * 40
        for at in range(min(months, 14)):  # a row per paid month
            rows.append((n, add_months(start, at), add_months(start, at + 1), round(prices[at], 2)))
        then, now = then + price, now + (prices[12] if months > 12 else 0)
    found = expansion_by_tenure(book(rows), tuple(range(1, 14)))
    curve = cs.kaplan_meier(cs.life_table(book(rows)))
    assert found.path(13, shrunk=False)[12] == pytest.approx(1.32, rel=1e-12)
    # Price and loyalty are independent by design and not by chance of the draw: so by price group.
    assert now / then == pytest.approx(curve.survival[12] * 1.32, rel=0.05)
    one = book([row for row in rows if row[0] % 4 == 0])
    year_later = {n: add_months(date(2023, 1 + n % 12, 7), 12) for n in range(400)}
    paid_again = sum(row[0] % 4 == 0 and row[1] == year_later[row[0]] for row in rows)
    index = expansion_by_tenure(one, tuple(range(1, 14))).path(13, shrunk=False)[12]
    nrr = paid_again * 13.2 / (100 * 10)
    assert nrr == pytest.approx(cs.kaplan_meier(cs.life_table(one)).survival[12] * index, rel=1e-12)


def test_nothing_grows_beyond_the_last_month_observed():
    rows = [(n, date(2024, 6, 5), date(2024, 9, 5), 40) for n in range(50)]
    rows += [(n, date(2024, 9, 5), None, 60) for n in range(50)]
    found = expansion_by_tenure(book(rows))
    path = found.path(60)
    assert found.observed_to == 12 and path[0] == 1 and path[12] > 1 and (path[12:] == path[12]).all()
    assert (found.path(5, tenure=12) == 1).all()


@given(months=st.integers(1, 80), tenure=st.integers(0, 80))
@settings(max_examples=30, deadline=None)
def test_a_path_from_a_later_month_is_the_rest_of_the_whole_path(months, tenure):
    found = SAMPLE
    whole = found.path(tenure + months)
    np.testing.assert_allclose(found.path(months, tenure), whole[tenure:] / whole[tenure], rtol=1e-12)


SAMPLE = expansion_by_tenure(cs.read(ROOT / "sample_data" / "subscriptions.csv"))


def test_the_sample_grows_as_its_truth_says():
    """Moves to Plus (+40 %) of .4, .8 and 1.2 % a month by segment: between those, weighted by MRR, and
    falling.
    """
    assert 0.0016 < SAMPLE.overall < 0.0048
    assert all(band.low < band.raw < band.high for band in SAMPLE.bands)
    by = expansions(cs.read(ROOT / "sample_data" / "subscriptions.csv"), "segment")
    for segment, chance in (("Small business", 0.004), ("Mid-market", 0.008), ("Enterprise", 0.012)):
        first = by[segment, 1].bands[0]
        assert abs(first.raw - 0.4 * chance) < 4 * (first.high - first.low) / 3.9 + 1e-3


rates = hnp.arrays(float, 4, elements=st.floats(-0.05, 0.05))
spreads = hnp.arrays(float, 4, elements=st.floats(1e-8, 1e-2))


@given(raw=rates, variance=spreads)
def test_shrunk_rates_lie_between_their_own_and_the_mean(raw, variance):
    rate, error, mean, between = shrink(raw, variance)
    low, high = np.minimum(raw, mean), np.maximum(raw, mean)
    assert ((low - 1e-12 <= rate) & (rate <= high + 1e-12)).all() and (error > 0).all() and between >= 0


def test_the_variance_between_bands_is_der_simonian_and_lairds():
    """Against statsmodels' meta-analysis."""
    from statsmodels.stats.meta_analysis import combine_effects

    raw, variance = np.array([0.012, 0.004, 0.002, -0.001]), np.array([4e-6, 1e-6, 2e-6, 9e-6])
    theirs = combine_effects(raw, variance, method_re="dl")
    _, _, mean, between = shrink(raw, variance)
    assert between**2 == pytest.approx(theirs.tau2, rel=1e-9)
    assert mean == pytest.approx(theirs.mean_effect_re, rel=1e-9)


def test_bands_of_one_rate_are_pooled_and_bands_that_differ_are_not():
    same, _, mean, between = shrink([0.01, 0.0101, 0.0099, 0.01], [1e-5] * 4)
    assert between == 0 and np.allclose(same, mean)
    apart, _, _, _ = shrink([0.03, 0.0, 0.0, 0.0], [1e-7] * 4)
    assert apart[0] == pytest.approx(0.03, rel=0.01)


def test_the_range_holds_the_true_growth():
    """Each customer's MRR rises 10 % with chance 3 % a month: 95 % ranges, 60 books of 300 customers."""
    held = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        opening, net, squares, change_squares, cross = np.zeros((5, 2))
        mrr = draw.lognormal(4, 0.8, 300)
        for step in range(24):
            change = 0.1 * mrr * (draw.random(300) < 0.03)
            for sums, value in ((opening, mrr), (net, change), (squares, mrr**2), (change_squares, change**2),
                                (cross, change * mrr)):
                sums[step // 12] += value.sum()
            mrr = mrr + change
        raw = net / opening
        rate, error, _, _ = shrink(raw, (change_squares - 2 * raw * cross + raw**2 * squares) / opening**2)
        held += (abs(rate - 0.003) <= 1.96 * error).sum()
    assert 0.90 <= held / 120 <= 1.0


def test_what_is_missing_is_said():
    snapshot = cs.read(ROOT / "sample_data" / "snapshot.csv")
    with pytest.raises(cs.Problem, match="no dates"):
        expansion_by_tenure(snapshot)
    rows = b"customer,start,end,plan\nc1,2024-01-01,,Pro\nc2,2024-02-01,2024-09-01,Pro\n"
    no_price = cs.read(rows, as_of=AS_OF)
    with pytest.raises(cs.Problem, match="no price"):
        expansion_by_tenure(no_price)
    with pytest.raises(cs.Problem, match="begins at month 1"):
        expansion_by_tenure(book(random_rows(1)), (4, 13))
    with pytest.raises(cs.Problem, match="0 or more"):
        SAMPLE.path(-1)


def test_a_handful_of_customers_shows_no_growth():
    found = expansion_by_tenure(book([(1, date(2024, 1, 5), None, 40)]))
    assert found.bands == () and (found.path(24) == 1).all() and found.frame.empty
