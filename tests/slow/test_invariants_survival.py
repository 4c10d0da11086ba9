"""Eighteen laws of a survival curve (I1 to I18), each on 500 drawn sets of durations, on the product's own functions."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter

import cs_models as cs

pytestmark = pytest.mark.slow
law = settings(max_examples=500, deadline=None, derandomize=True, database=None)

people = st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=60)
entered = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 20), st.booleans()).map(lambda p: (p[0] + p[1], p[2], p[0])),
    min_size=1, max_size=60,
)  # fmt: skip


def table(rows, weights=None):
    durations, events = zip(*[(row[0], row[1]) for row in rows], strict=True)
    entry = [row[2] for row in rows] if len(rows[0]) > 2 else None
    return cs.life_table_from_durations(durations, events, entry, weights)


def curve(rows, weights=None):
    return cs.kaplan_meier(table(rows, weights))


@law
@given(people)
def test_i01_everybody_is_there_at_the_start(rows):
    assert curve(rows).survival[0] == 1


@law
@given(entered)
def test_i02_survival_is_a_share(rows):
    survival = curve(rows).survival
    assert np.all(survival >= 0) and np.all(survival <= 1)


@law
@given(entered)
def test_i03_survival_never_rises(rows):
    assert np.all(np.diff(curve(rows).survival) <= 0)


@law
@given(people)
def test_i04_without_censoring_it_is_the_share_above(rows):
    """S(t) = 1 - the empirical distribution function, to the last digits."""
    lengths = np.array([length for length, _ in rows])
    seen = curve([(length, True) for length in lengths])
    for tenure, share in zip(seen.tenure, seen.survival, strict=True):
        assert share == pytest.approx(np.mean(lengths > tenure), abs=1e-12)


@law
@given(people)
def test_i05_nobody_left(rows):
    assert np.all(curve([(length, False) for length, _ in rows]).survival == 1)


@law
@given(people)
def test_i06_everybody_left(rows):
    assert curve([(length, True) for length, _ in rows]).survival[-1] == 0


@law
@given(entered)
def test_i07_the_band_holds_the_curve_and_stays_a_share(rows):
    seen = curve(rows)
    known = ~np.isnan(seen.lower)
    assert np.all(seen.lower[known] <= seen.survival[known] + 1e-12)
    assert np.all(seen.upper[known] >= seen.survival[known] - 1e-12)
    assert np.all(seen.lower[known] >= 0) and np.all(seen.upper[known] <= 1)


@law
@given(entered, st.randoms(use_true_random=False))
def test_i08_the_order_of_rows_does_not_matter(rows, chance):
    other = list(rows)
    chance.shuffle(other)
    assert curve(rows).survival.tobytes() == curve(other).survival.tobytes()
    pd.testing.assert_frame_equal(table(rows).frame, table(other).frame)


@law
@given(entered)
def test_i09_every_row_twice_keeps_the_curve_and_narrows_the_band(rows):
    once, twice = curve(rows), curve([*rows, *rows])
    assert twice.survival == pytest.approx(once.survival, abs=1e-12)
    wide, narrow = once.upper - once.lower, twice.upper - twice.lower
    known = ~np.isnan(wide)
    assert np.all(narrow[known] <= wide[known] + 1e-12)
    inside = known & (once.survival > 0) & (once.survival < 1)
    assert np.all(narrow[inside] < wide[inside])


@law
@given(people, st.integers(1, 9))
def test_i10_a_weight_is_so_many_copies(rows, copies):
    pd.testing.assert_frame_equal(table(rows, [copies] * len(rows)).frame, table(rows * copies).frame, check_dtype=False)


@law
@given(people, st.integers(2, 12))
def test_i11_another_unit_of_time_only_scales_the_axis(rows, factor):
    """The curve of durations in years, told in months, has the same steps at the twelvefold tenure."""
    years, months = curve(rows), curve([(length * factor, left) for length, left in rows])
    at = {int(t): s for t, s in zip(months.tenure, months.survival, strict=True)}
    for tenure, share in zip(years.tenure, years.survival, strict=True):
        assert at[int(tenure) * factor] == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize("years", [4, 28])
@settings(max_examples=250, deadline=None, derandomize=True, database=None)
@given(rows=st.lists(st.tuples(st.integers(0, 300), st.none() | st.integers(1, 600)), min_size=1, max_size=12))
def test_i12_moving_every_date_changes_no_duration(years, rows):
    """Months are calendar months, so the shift that must change nothing is by years of the same calendar: multiples
    of four, while no century lies between."""
    days = 365 * years + years // 4

    def counted(shift):
        begin, last = date(2021, 1, 1) + timedelta(shift), date(2023, 12, 31) + timedelta(shift)
        frame = pd.DataFrame({
            "customer": [f"n{i}" for i in range(len(rows))],
            "start": [begin + timedelta(start) for start, _ in rows],
            "end": [None if stay is None else begin + timedelta(start + stay) for start, stay in rows],
            "mrr": "10",
        })  # fmt: skip
        return cs.life_table(cs.read(frame, as_of=last)).frame

    pd.testing.assert_frame_equal(counted(0), counted(days))


@law
@given(people, st.data())
def test_i13_a_longer_stay_never_lowers_the_curve(rows, data):
    """Without censoring only: with it, staying longer also moves others' denominators."""
    lengths = [length for length, _ in rows]
    which, more = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(1, 20))
    before = curve([(length, True) for length in lengths])
    lengths[which] += more
    after = curve([(length, True) for length in lengths])
    n = len(before.survival)
    assert np.all(after.survival[:n] >= before.survival - 1e-12)


@law
@given(entered, st.data())
def test_i14_somebody_who_did_not_leave_never_lowers_the_curve(rows, data):
    which = data.draw(st.integers(0, len(rows) - 1))
    length, _, entry = rows[which]
    left = [*rows[:which], (length, True, entry), *rows[which + 1 :]]
    stayed = [*rows[:which], (length, False, entry), *rows[which + 1 :]]
    assert np.all(curve(stayed).survival >= curve(left).survival - 1e-12)


@law
@given(entered)
def test_i15_one_group_is_everybody(rows):
    """A table with one group, pooled, has the curve of the table without groups."""
    plain = table(rows)
    grouped = cs.LifeTable(plain.frame.assign(plan="only")[["plan", *plain.frame.columns]], ("plan",))
    assert cs.kaplan_meier(grouped).survival.tobytes() == cs.kaplan_meier(plain).survival.tobytes()


@law
@given(people, st.integers(1, 40))
def test_i16_the_restricted_mean_is_the_sum_of_the_curve(rows, months):
    counts, seen = table(rows), curve(rows)
    if months > len(seen.survival):
        with pytest.raises(cs.Problem):
            cs.restricted_value(counts, months)
        return
    assert cs.restricted_value(counts, months).value == pytest.approx(seen.survival[:months].sum(), abs=1e-12)


@pytest.mark.parametrize("model, truth", [("sbg", (0.8, 8.0)), ("weibull", (0.7, 20.0))])
def test_i17_a_fit_finds_the_parameters_it_was_drawn_from(model, truth):
    """200 sets of 2,000: the mean error of S(t) stays within 3 standard errors, and no set strays beyond 4.5 of its own."""
    draw, tenures, found = np.random.default_rng(17), np.arange(1, 25), []
    expected = _truth(model, truth, tenures)
    for _ in range(200):
        lengths = _lengths(model, truth, draw, 2000)
        window = draw.integers(1, 31, 2000)
        counts = cs.life_table_from_durations(np.minimum(lengths, window), lengths <= window)
        found.append(cs.fit(counts, model).survival[tenures])
    found = np.array(found)
    error, spread = found.mean(axis=0) - expected, found.std(axis=0)
    assert np.all(np.abs(error) < 3 * spread / np.sqrt(200) + 5e-4)
    assert np.all(np.abs(found - expected) < 4.5 * spread)


def _lengths(model, truth, draw, size):
    if model == "sbg":
        return draw.geometric(draw.beta(*truth, size))
    shape, scale = truth
    return np.ceil(scale * draw.weibull(shape, size)).astype(int)


def _truth(model, truth, tenures):
    if model == "sbg":
        alpha, beta = truth
        return np.cumprod((beta + tenures - 1) / (alpha + beta + tenures - 1))
    shape, scale = truth
    return np.exp(-((tenures / scale) ** shape))


@law
@given(people)
def test_i18_entering_at_once_is_entering_from_the_first_day(rows):
    late = table([(length, left, 0) for length, left in rows])
    pd.testing.assert_frame_equal(late.frame, table(rows).frame)


@law
@given(people)
def test_the_curve_is_that_of_another_implementation(rows):
    """lifelines on the same durations; late entry is compared in tests/test_life_table.py."""
    seen = curve(rows)
    lengths, events = (np.array(part) for part in zip(*rows, strict=True))
    other = KaplanMeierFitter().fit(lengths, events)
    assert seen.survival == pytest.approx(other.predict(seen.tenure).to_numpy(), abs=1e-9)
