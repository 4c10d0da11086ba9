"""One number for one thing: how long a new customer stays, and the churn figures that hang together."""

import numpy as np
import pytest
from places import ROOT

import cs_models as cs
from cs_models.metrics_by_month import metrics
from cs_models.newcomers import moved_share, why_apart


@pytest.fixture(scope="module")
def subs():
    return cs.read(ROOT / "sample_data" / "subscriptions.csv")


@pytest.fixture(scope="module")
def base(subs):
    return cs.Assumptions.from_data(subs, by=("segment",), draws=0)


def test_the_curve_of_a_new_customer_is_the_one_scenarios_count_with(base):
    found = cs.expected_curve(base)
    assert len(found.survival) == 121 and found.survival[0] == pytest.approx(1.0)
    for horizon in (12, 36, 60):
        curves = cs.compare(base, cs.Scenario(""), horizon).curves_of("new")
        assert curves["month"].iloc[-1] == horizon
        assert np.allclose(curves["baseline"], found.survival[: horizon + 1], rtol=1e-12)


def test_it_is_the_mean_of_the_groups_by_their_share_of_sign_ups(base):
    apart = [(cell.new_share, cs.expected_curve(type(base)((cell,))).survival) for cell in base.cells if cell.new_share]
    together = sum(share / share * curve for share, curve in apart)
    assert np.allclose(cs.expected_curve(base).survival, together, rtol=1e-9)
    assert sum(share for share, _ in apart) == pytest.approx(1.0)


def test_nobody_joins_nothing_is_expected():
    gone = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(0.8, 8.0), 50.0, existing_tenure=12)
    assert cs.expected_curve(gone) is None


def test_who_moved_on_to_another_group_is_counted_and_told():
    plans = {"a": "Basic,2024-01-01,2024-07-01", "b": "Basic,2024-01-01,", "c": "Basic,2024-02-01,2024-05-01", "d": "Pro,2024-03-01,"}
    later = ["a,Pro,2024-07-01,,60", "c,Basic,2024-06-01,,30", "d,Pro,2024-03-01,,20"]  # up; back again; two at once
    text = "customer,plan,start,end,mrr\n" + "\n".join([*(f"{name},{row},30" for name, row in plans.items()), *later])
    subs = cs.read(text.encode(), as_of="2025-06-30")
    assert moved_share(subs, ("plan",)) == 0.25 and moved_share(subs, ()) == 0
    top = cs.read(text.replace("c,Basic,2024-06-01,,30", "b,Pro,2024-03-01,,9").encode(), as_of="2025-06-30")
    assert moved_share(top, ("plan",)) == 0.25, "b bought Pro on top and stays on Basic"
    told = why_apart(0.60, 0.50, 24, 2, 0.25)
    assert "25 % of all so far moved on to another later" in told and "moved on" not in why_apart(0.6, 0.5, 24, 2, 0.0)
    assert not why_apart(0.60, 0.58, 24, 2, 0.25) and "groups" not in why_apart(0.6, 0.5, 24, 1)


@pytest.fixture(scope="module")
def churn(base, subs):
    return cs.churn_figures(base, metrics(subs))


def test_churn_by_age_adds_up_to_that_of_today(churn, base):
    ages, figures = churn.ages, churn.figures.set_index("figure")["churn"]
    assert ages["customers"].sum() == pytest.approx(base.customers)
    assert np.allclose(ages["churn"] * ages["customers"], ages["leaving"])
    stays = cs.value(base, 12).survival_of("existing")[1]
    assert figures["Today's average customer, next month"] == pytest.approx(1 - stays, rel=1e-9)
    assert ages["churn"].is_monotonic_decreasing  # those who stayed are the loyal ones


def test_each_churn_figure_is_the_one_its_page_shows(churn, base, subs):
    figures, last = churn.figures.set_index("figure")["churn"], metrics(subs).iloc[-1]
    for name in ("logo_churn", "gross_churn", "net_churn"):
        assert figures[cs.todays_metrics(subs)[name].label] == pytest.approx(last[name], rel=1e-9)
    assert figures["Expected churn a month"] == cs.naive(base)["churn"]
    assert figures["A new customer, first month"] == pytest.approx(1 - cs.expected_curve(base).survival[1])


def test_how_a_churn_figure_comes_about_is_said_with_numbers_that_tie(churn):
    follows = churn.figures.set_index("figure")["follows"]
    assert follows["Gross MRR churn a month"].startswith("2.40 % × $231 paid by one who left / $340 by all (× 0.68)".replace(" %", "\xa0%"))
    assert "66 of 2,951" in follows["Today's average customer, next month"]
    assert "69 of the 2,879" in follows["Customer churn a month"]
