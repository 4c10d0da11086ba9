"""Power of a trial: published event counts, and a simulated trial that finds the effect as often as promised."""

import numpy as np
import pytest
from dataclasses import replace

import cs_models as cs
from cs_models.experiment import departures, events_needed, size_experiment
from cs_models.problems import Problem


def base(churn=0.03, won=100.0, months=60, **more):
    found = cs.Assumptions.flat(churn, 50, 0.8, 0.10, months, **more)
    return replace(found, acquisitions=np.full(months, won))


def sized(lever, on=None, **more):
    return size_experiment(cs.compare(on or base(), cs.Scenario("plan", (lever,)), 36), **more)


@pytest.mark.parametrize("ratio, events", [(1.05, 13_189), (1.1, 3_456), (1.25, 631), (1.5, 191)])
def test_events_of_science_6(ratio, events):
    assert events_needed(ratio) == events
    assert abs(events_needed(1 / ratio) - events) <= 1


def test_an_uneven_split_and_more_power_need_more():
    assert events_needed(1.25, share=0.2) > events_needed(1.25) < events_needed(1.25, power=0.9)


def test_the_ratio_is_that_of_the_lever():
    assert sized(cs.ChurnReduction(reduction=0.2)).hazard_ratio == pytest.approx(0.8, abs=1e-9)
    rise = sized(cs.PriceIncrease(rise=0.2, scope="new", churn_elasticity=1.0))
    assert rise.hazard_ratio == pytest.approx(1.2, abs=1e-9)


def test_departures_one_cohort_at_a_time():
    run = cs.value(base(), 24)
    slow = [sum(100 * (1 - 0.97 ** (month - joined)) for joined in range(month)) for month in range(24)]
    assert departures(run, "new") == pytest.approx(slow)


def test_customers_and_months():
    found = sized(cs.ChurnReduction(reduction=0.2))
    assert found.events == events_needed(0.8) == 631 or found.events == pytest.approx(631, abs=3)
    curves = [sum(100 * (1 - q ** (found.months - joined)) for joined in range(found.months)) for q in (0.97, 0.97**0.8)]
    assert np.mean(curves) >= found.events and found.customers == 100 * found.months
    assert "customers and" in found.sentence


def test_too_small_a_book_says_so():
    found = sized(cs.ChurnReduction(reduction=0.05), base(won=1.0))
    assert found.months is None and "cannot be measured" in found.sentence and found.reached < found.events


def test_a_plan_that_moves_nobody():
    found = sized(cs.PriceIncrease(rise=0.1, scope="new", churn_elasticity=0.0))
    assert found.events is None and "does not change who leaves" in found.sentence


@pytest.mark.parametrize("book", ["new", "existing"])
def test_a_year_paid_ahead_changes_when_people_leave_and_the_trial_says_so(book):
    """As many are here at the year's end, more before it: .25 of takers who cannot leave beside .97 ^ 11 of the others."""
    on = of_both()
    found = sized(cs.AnnualBilling(adoption=0.25, selection=0.0), on, book=book)
    still = 0.97**11
    words = f"after 11 months {0.25 + 0.75 * still:.0%} are still here instead of {still:.0%}".replace("%", "\xa0%")
    assert found.events is None and "does not change who leaves" not in found.sentence
    assert words.replace("\xa0", " ") in found.sentence.replace("\xa0", " ") and "measure renewals" in found.sentence


def test_what_comes_after_a_year_is_not_said_to_change_nobody():
    found = sized(cs.ChurnReduction(reduction=0.2, start=14, scope="existing"), of_both(), book="existing")
    assert found.events is None and "what the plan changes comes later" in found.sentence


def test_a_trial_of_that_size_finds_the_effect_as_often_as_promised():
    """400 simulated trials of one existing book: the log-rank z of exponential lifetimes passes 1.96 in about 80 %."""
    n, churn, cut, chance = 4_000, 0.03, 0.2, np.random.default_rng(3)
    on = replace(cs.Assumptions.flat(churn, 50, 0.8, 0.10, 120, existing=True))
    cell = on.cells[0]
    on = replace(on, cells=(replace(cell, heads=cell.heads * n, mrr=cell.mrr * n),))
    found = sized(cs.ChurnReduction(reduction=cut), on)
    rate, wins = -np.log(1 - churn), 0
    for _ in range(400):
        times = [chance.exponential(1 / (rate * f), n // 2) for f in (1.0, 1 - cut)]
        seen = [(t < found.months).sum() for t in times]
        exposure = [np.minimum(t, found.months).sum() for t in times]
        z = np.log(seen[1] / exposure[1] / (seen[0] / exposure[0])) / np.sqrt(1 / seen[0] + 1 / seen[1])
        wins += abs(z) > 1.96
    assert 0.73 < wins / 400 < 0.89


def of_both(churn=0.03, won=100.0, customers=2_000.0):
    """A book of one pace: `customers` of today and `won` to come each month."""
    found = base(churn, won)
    cell = found.cells[0]
    return replace(found, cells=(replace(cell, heads=np.array([customers]), mrr=np.array([50 * customers])),))


def test_the_whole_book_is_measured_where_the_plan_acts():
    """A plan for new customers is not said to change nobody because today's customers are not in it."""
    plan = cs.ChurnReduction(reduction=0.2, scope="new")
    found, new = (sized(plan, of_both(), book=book) for book in ("portfolio", "new"))
    assert found.hazard_ratio == pytest.approx(0.8, abs=1e-9)
    assert (found.among, found.events, found.months) == ("new", new.events, new.months) and "new customers" in found.sentence


def test_both_books_together_see_an_effect_on_both_sooner():
    sizes = {book: sized(cs.ChurnReduction(reduction=0.2), of_both(), book=book) for book in ("new", "existing", "portfolio")}
    assert all(one.hazard_ratio == pytest.approx(0.8, abs=1e-9) for one in sizes.values())
    assert sizes["portfolio"].among == "portfolio"
    assert sizes["portfolio"].months < min(sizes["new"].months, sizes["existing"].months)


def test_more_customers_won_are_no_effect_on_leaving():
    """New customers leave faster than those of today: more of them is another mix, not another pace."""
    new = base(0.08)
    old = replace(of_both(0.01).cells[0], new_share=0.0)
    found = sized(cs.Acquisition(volume=0.5), replace(new, cells=(*new.cells, old)), book="portfolio")
    assert found.events is None and "does not change who leaves" in found.sentence


def test_those_lost_on_the_first_day_count_and_take_a_month_to_see():
    """30 % lost at once, then as ever: ln(.7 x .97^12) / ln(.97^12)."""
    found = sized(cs.PriceIncrease(rise=0.1, one_off_loss=0.3, churn_elasticity=0.0), of_both(), book="existing")
    assert found.hazard_ratio == pytest.approx(1 + np.log(0.7) / (12 * np.log(0.97)), abs=1e-9)
    assert found.months == 1 and "1 month here" in found.sentence.replace("\xa0", " ")


def test_a_share_outside_is_a_sentence():
    with pytest.raises(Problem, match="share"):
        events_needed(1.2, share=1.0)
    with pytest.raises(Problem, match="other than 1"):
        events_needed(1.0)
