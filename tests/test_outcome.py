"""Last quarter's scenario on this quarter's data: what was promised, what came, counted a second way."""

import inspect
from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from places import ROOT
from cs_models.problems import Problem
from cs_models.outcome import replay
from cs_models.saved import SavedScenario

DAY, TODAY = date(2026, 7, 31), date(2026, 10, 31)
PLAN = cs.Scenario("Autumn", (cs.ChurnReduction(reduction=0.3),))


@lru_cache(maxsize=1)
def sample():
    return cs.read(ROOT / "sample_data" / "subscriptions.csv")


@lru_cache(maxsize=1)
def saved():
    """As it was saved on that day, on what was known then."""
    base = cs.Assumptions.from_data(cs.at(sample(), DAY), draws=40)
    return SavedScenario.of(cs.compare(base, PLAN, 36), "Autumn", "Costs rose.")


@lru_cache(maxsize=1)
def found():
    return replay(saved(), sample(), DAY, draws=40)


def rows():
    """The file itself, without our engine."""
    frame = pd.read_csv(ROOT / "sample_data" / "subscriptions.csv")
    starts, ends = (pd.to_datetime(frame[name]) for name in ("start_date", "end_date"))
    return frame.assign(start=starts, end=ends)


def test_the_months_and_the_promise_are_those_of_that_day():
    assert (found().months, found().day, found().until) == (3, DAY, TODAY)
    assert found().promised == saved().figure
    assert found().then.delta == pytest.approx(found().promised.delta, abs=0.01), "the same model on the same day"


def test_the_same_plan_on_todays_customers_has_the_range_it_has_on_the_desk():
    """As many draws of the same seed: two pages with two ranges of one number are a question to every analyst."""
    desk = cs.compare(cs.Assumptions.from_data(sample(), draws=40), PLAN, 36)
    for book in ("new", "existing", "portfolio"):
        mine, theirs = found().now.difference(book), desk.difference(book)
        assert (mine.delta, mine.low, mine.high) == pytest.approx((theirs.delta, theirs.low, theirs.high), rel=1e-9)
    usual = [inspect.signature(one).parameters["draws"].default for one in (replay, cs.Assumptions.from_data)]
    assert usual[0] == usual[1] > 0


def test_who_was_there_and_is_still_here_is_counted_in_the_file():
    frame = rows()
    there = frame[(frame.start <= str(DAY)) & ~(frame.end <= str(DAY))]
    here = frame[(frame.start <= str(TODAY)) & ~(frame.end <= str(TODAY))]
    then, now = set(there.customer_id), set(here.customer_id)
    assert found().test.customers["happened"].iloc[0] == len(then)
    assert found().customers.happened == pytest.approx(len(then & now), abs=5), "but for returns after a pause"
    first = frame.groupby("customer_id").start.min()
    joined = set(first.index[first > str(DAY)])
    assert found().joined[1] == len(joined) and found().joined_here[1] == len(now & joined)
    assert (now - then) - joined, "somebody who had left came back, and is no newcomer"


def test_with_the_plan_more_stay_than_without_and_the_range_holds_the_expectation():
    here = found().customers
    assert here.low < here.expected < here.planned and here.expected < here.high
    start = found().test.customers["happened"].iloc[0]
    left, kept = 1 - here.expected / start, 1 - here.planned / start
    assert kept == pytest.approx(0.7 * left, rel=0.05), "three of ten departures less"
    assert found().mrr.planned > found().mrr.expected and found().mrr.low < found().mrr.happened < found().mrr.high * 1.1


def test_newcomers_are_those_of_the_pace_of_that_day():
    joined, here = found().joined, found().joined_here
    base = found().then.base
    assert joined[0] == pytest.approx(3 * base.acquisitions[0])
    stay = found().then.baseline.survival_of("new")
    assert here[0] == pytest.approx(base.acquisitions[0] * (stay[1] + stay[2] + stay[3]), rel=1e-9)


def test_a_plan_that_looks_less_far_ahead_than_time_has_passed_is_followed_all_the_same():
    day = date(2025, 1, 31)
    near, far = (SavedScenario("Long ago", PLAN, horizon=horizon) for horizon in (12, 36))
    short, long = (replay(one, sample(), day, draws=0) for one in (near, far))
    assert short.months == 21 and short.customers.planned == pytest.approx(long.customers.planned)
    assert short.mrr.planned == pytest.approx(long.mrr.planned) and short.joined_here == pytest.approx(long.joined_here)


def test_what_changed_in_the_baseline():
    table = found().baseline.set_index("figure")
    assert table.loc["Customers", "then"] == found().then.base.customers
    assert table.loc["Customers", "now"] == found().now.base.customers == 2951
    assert table.loc["Lifetime value of a new customer", "now"] == found().now.baseline.clv
    assert table.loc["New customers who stay a year", "then"] == pytest.approx(found().then.baseline.survival_of("new")[12])


def test_the_words_follow_the_numbers():
    said = found().sentence()
    assert said.startswith("On 31 Jul 2026 it promised +$") and "3 months later" in said
    inside = found().customers.inside
    assert ("within what chance allows" in said) is inside
    assert "customers joined since" in found().newcomers() and "Worked out again on today's customers" in found().again()


def test_a_promise_made_on_other_customers_is_doubted():
    assert found().doubt() == "", "worked out again on the customers of that day it is what it was"
    strange = replace(found().promised, delta=9e6, low=8e6, high=1e7)
    told = replace(found(), saved=replace(found().saved, figure=strange)).doubt()
    assert told.startswith("Are these the same customers? The plan promised +$9.0M per new customer")


def test_nothing_is_promised_where_nothing_was_saved():
    plain = SavedScenario("Plain", PLAN)
    other = replay(plain, sample(), DAY, draws=0)
    assert other.promised is None and other.sentence().startswith("3 months later")


@pytest.mark.parametrize("day, words", [(TODAY, "No whole month"), (date(2026, 10, 1), "No whole month"), (None, "with dates")])
def test_when_nothing_can_be_said_it_says_so(day, words):
    with pytest.raises(Problem, match=words):
        replay(saved(), sample(), day)


def test_data_without_dates_say_so():
    with pytest.raises(Problem, match="dates"):
        replay(saved(), cs.read(ROOT / "sample_data" / "snapshot.csv"), DAY)


def test_a_day_before_there_was_enough_to_learn_from_says_so():
    with pytest.raises(Problem):
        replay(saved(), sample(), date(2022, 12, 31))


def test_a_group_the_data_do_not_have_reaches_nobody():
    aimed = SavedScenario("Aimed", cs.Scenario("", (cs.ChurnReduction(reduction=0.3, segments=("Nowhere",)),)))
    other = replay(aimed, sample(), DAY, draws=0)
    assert other.customers.planned == pytest.approx(other.customers.expected) and np.isclose(other.now.delta, 0)
