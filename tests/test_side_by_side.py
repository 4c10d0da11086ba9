"""Plans side by side: the running sums are the differences of every horizon, draws are paired, words follow numbers."""

from functools import lru_cache

import numpy as np
import pytest

import cs_models as cs
from cs_models import side_by_side
from places import ROOT
from cs_models.charts import contest as chart
from cs_models.side_by_side import HORIZONS, MOST, TODAY, Gap, contest, differing
from cs_models.problems import Problem

FLAT = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60)
PLANS = {
    "Prices": cs.Scenario("Prices", (cs.PriceIncrease(rise=0.10, one_off_loss=0.05),)),
    "Churn": cs.Scenario("Churn", (cs.ChurnReduction(reduction=0.15, cost=1.0),)),
    "Annual": cs.Scenario("Annual", (cs.AnnualBilling(adoption=0.25), cs.Dunning())),
}


@lru_cache(maxsize=1)
def base():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    return cs.Assumptions.from_data(subs, draws=60)


@lru_cache(maxsize=3)
def found(book):
    return contest(base(), PLANS, book)


@pytest.mark.parametrize("book", ["new", "existing", "portfolio"])
@pytest.mark.parametrize("horizon", HORIZONS)
def test_a_running_sum_is_the_difference_of_its_horizon(book, horizon):
    """Independent of it: each horizon valued by itself."""
    for name, plan in PLANS.items():
        change = cs.compare(base(), plan, horizon)
        own = found(book).gap(name, TODAY, horizon)
        assert own.delta == pytest.approx(change.point(book), rel=1e-9, abs=1e-9)
        alone = change.difference(book)
        assert (own.low, own.high) == pytest.approx((alone.low, alone.high), rel=1e-9, abs=1e-9)
        assert own.probability == alone.probability


@pytest.mark.parametrize("book", ["new", "portfolio"])
def test_draws_are_paired(book):
    """The range of the gap is that of the differences draw by draw."""
    drawn = {name: cs.compare(base(), plan, 36).draws[book] for name, plan in PLANS.items()}
    for first, second in (("Prices", "Churn"), ("Churn", "Annual")):
        gap = found(book).gap(first, second)
        low, high = np.quantile(drawn[first] - drawn[second], [0.025, 0.975])
        assert (gap.low, gap.high) == pytest.approx((low, high), rel=1e-9, abs=1e-9)
        mirrored = found(book).gap(second, first)
        assert (mirrored.delta, mirrored.low, mirrored.high) == pytest.approx((-gap.delta, -gap.high, -gap.low))


def test_ranges_that_overlap_may_still_be_told_apart():
    """Two rises one after the other: their ranges overlap by far, and the larger is ahead in every draw."""
    pair = contest(base(), {"Ten": cs.Scenario("", cs.PriceIncrease(rise=0.10)),
                            "Ten and a bit": cs.Scenario("", cs.PriceIncrease(rise=0.101))})  # fmt: skip
    ten, more = pair.gap("Ten", TODAY), pair.gap("Ten and a bit", TODAY)
    assert ten.high > more.low, "by eye nobody could say"
    gap = pair.gap("Ten and a bit", "Ten")
    assert gap.told_apart and gap.probability == 1.0 and "“Ten and a bit” is ahead" in pair.sentence()


def test_two_of_the_same_cannot_be_told_apart():
    twins = contest(base(), {"A": PLANS["Prices"], "B": PLANS["Prices"]})
    gap = twins.gap("A", "B")
    assert (gap.delta, gap.low, gap.high, gap.probability) == (0, 0, 0, None) and not gap.told_apart
    assert "come to the same" in twins.sentence() and "cannot be told apart" in twins.when()


def test_a_gap_whose_range_holds_zero_is_called_so():
    """Search for the rise at which the two plans bring about the same: chance decides between them."""
    target = cs.compare(base(), PLANS["Churn"], 36).delta
    rise = cs.goal_seek(base(), PLANS["Prices"], "PriceIncrease.rise", target, 36)
    even = contest(base(), {"Rise": cs.Scenario("", cs.PriceIncrease(rise=rise, one_off_loss=0.05)), "Churn": PLANS["Churn"]})
    gap = even.gap("Rise", "Churn")
    assert gap.low < 0 < gap.high and not gap.told_apart
    assert "cannot be told apart per new customer over 36 months" in even.sentence()


def test_the_month_in_which_the_lead_changes_hands():
    """A plan that costs at first and brings more for ever passes one that brings a little at once: by hand."""
    early = cs.Scenario("", cs.PriceIncrease(rise=0.02, churn_elasticity=0.0))
    late = cs.Scenario("", cs.ChurnReduction(reduction=0.3))
    pair = contest(FLAT, {"Early": early, "Late": late})
    stay, less = 0.97 ** np.arange(60), 0.97 ** (0.7 * np.arange(60))  # the hazard is cut
    v = 1.1 ** (-np.arange(60) / 12)
    sums = np.cumsum(np.stack([stay * 1.0, (less - stay) * 40]) * v, axis=1)
    assert pair.gains == pytest.approx(sums, rel=1e-9, abs=1e-9)
    month = int(np.argmax(sums[1] > sums[0])) + 1
    assert (month, "Late", "Early") in pair.crossings
    assert f"“Early” leads in months 1 to {month - 1}; “Late” leads in months {month} to 60." in pair.when()
    assert pair.when().startswith("Over 12") and "“Late” wins" in pair.when() and "yearly bill" not in pair.when()


def test_every_stretch_in_which_each_leads_is_named_and_the_yearly_bill_that_makes_it():
    """Four horizons that agree do not say who leads between them: months 13 and 25 belong to who billed a year then."""
    yearly = cs.Scenario("", cs.AnnualBilling(adoption=0.25, discount=0.10, selection=0.0))
    pair = contest(FLAT, {"Yearly": yearly, "Prices": cs.Scenario("", cs.PriceIncrease(rise=0.05, churn_elasticity=0.2))})
    ahead = [1 + int(np.argmax(sums)) if max(sums) > 0 else 0 for sums in pair.gains.T]  # by hand: 1 = Yearly, 2 = Prices
    led = {name: [month for month, who in enumerate(ahead, 1) if who == place]
           for place, name in enumerate(pair.names, 1)}  # fmt: skip
    assert {name: [m for first, last in runs for m in range(first, last + 1)] for name, runs in pair.leads.items()} == led
    assert len(pair.leads["Yearly"]) > 1 and len(pair.crossings) <= side_by_side.MOST_TURNS
    said = pair.when()
    assert all(str(first) in said and str(last) in said for runs in pair.leads.values() for first, last in runs)
    assert pair.billed == (13, 25, 37) and "A yearly bill falls in months 13, 25 and 37 and makes the lead there." in said


def test_a_lead_that_flickers_is_counted_and_not_listed(monkeypatch):
    early, late = cs.PriceIncrease(rise=0.02, churn_elasticity=0.0), cs.ChurnReduction(reduction=0.3)
    pair = contest(FLAT, {"Early": cs.Scenario("", early), "Late": cs.Scenario("", late)})
    monkeypatch.setattr(side_by_side, "MOST_TURNS", 0)
    assert "The lead changes hands 1 times" in pair.when() and "leads in months" not in pair.when()


def test_nothing_wins_where_every_plan_loses():
    book = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True)
    bad = contest(book, {"Worse": cs.Scenario("", cs.PriceIncrease(rise=0.01, one_off_loss=0.5))}, "existing")
    assert bad.ranked()[0] == TODAY and bad.sentence().startswith("Today's way is ahead")


def test_the_table_says_what_the_cards_of_one_scenario_say():
    table = found("new").table.set_index("name")
    for name, plan in PLANS.items():
        change = cs.compare(base(), plan, 36)
        row = table.loc[name]
        assert row.clv == pytest.approx(change.scenario.clv) and row.delta == pytest.approx(change.delta)
        assert row.payback == change.scenario.payback_months and row.horizon == 36
    assert list(found("new").table.name) == list(PLANS), "in the order they were chosen"


def test_only_levers_that_differ_are_listed():
    table = differing(PLANS | {"More": cs.Scenario("", (cs.PriceIncrease(rise=0.2, one_off_loss=0.05),))})
    price = table[table.Lever == "Price increase"].set_index("Figure")
    assert price.loc["Price rise"].tolist()[1:] == ["10\xa0%", "–", "–", "20\xa0%"]
    same = differing({"A": PLANS["Prices"], "B": PLANS["Prices"]})
    assert same.empty and list(same.columns) == ["Lever", "Figure", "A", "B"]


def test_too_many_or_none_is_a_sentence():
    for plans in ({}, dict.fromkeys("abcdefg", PLANS["Prices"])):
        with pytest.raises(Problem, match=f"one to {MOST}"):
            contest(FLAT, plans)
    with pytest.raises(Problem, match="no existing customers"):
        contest(FLAT, PLANS, "existing")


def test_the_picture_has_every_plan_with_its_name_at_the_end():
    gains = found("new").gains
    frame = chart.frame(found("new").names, gains)
    assert set(frame[frame.part == "end"].name) == {*PLANS, "Today"} and frame.role.nunique() == len(PLANS) + 1
    lines = frame[(frame.part == "line") & (frame.month == 36)].set_index("name")
    assert lines.loc["Churn"].value == pytest.approx(gains[1, 35])
    assert len(chart.table(found("new").names, gains)) == 60 and "Churn" in chart.spoken(PLANS, gains)


@pytest.mark.parametrize("name", [TODAY, "Months", "Lever", "Figure"])
def test_no_plan_is_called_like_a_heading(name):
    """The sum of such a plan would be taken for that of today's way, its column for another."""
    plans = {name: PLANS["Prices"], "Churn": PLANS["Churn"]}
    for asked in (lambda: contest(FLAT, plans), lambda: differing(plans)):
        with pytest.raises(Problem, match="another name"):
            asked()


def test_a_range_on_the_other_side_of_nought_decides_nothing():
    assert Gap("a", "b", 12, 5.0, 1.0, 9.0, 1.0).told_apart and Gap("b", "a", 12, -5.0, -9.0, -1.0, 0.0).told_apart
    assert not Gap("a", "b", 12, 5.0, -3.0, -1.0, 0.0).told_apart


def test_beliefs_that_reach_less_than_five_years_can_be_compared_too():
    plans = {"Prices": cs.Scenario("", (cs.PriceIncrease(rise=0.10),)), "Churn": cs.Scenario("", (cs.ChurnReduction(),))}
    short, long = (cs.contest(cs.Assumptions.flat(0.03, 50, 0.8, 0.1, months), plans, horizon=12) for months in (24, 60))
    assert short.gains.shape[1] == 24 and np.allclose(short.gains, long.gains[:, :24])
    assert short.sentence() == long.sentence() and "60" not in short.when()
