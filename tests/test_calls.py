"""Whom to call, what renews, and the list: sums against the valuation, margins, order, filters, files."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from test_pages import app, cards, charts, clean, go, own_folder, title  # noqa: F401

import cs_models as cs
from cs_models.calls import Capacity, residual_values
from cs_models.health_check import FLOOR
from cs_models.customer_list import Wanted, candidates, chosen, table
from cs_models.problems import Problem
from cs_models.exports.tables import csv_bytes

ROOT = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def world():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    return subs, cs.customer_health(subs), cs.Assumptions.from_data(subs, by=("segment",), draws=0)


def week(**more):
    return cs.call_list(*world(), **more)


# --- calls ---


@pytest.mark.parametrize("by", [(), ("segment",), ("c0", "plan")])
def test_values_of_customers_sum_to_the_valuation(by):
    subs, health, _ = world()
    base = cs.Assumptions.from_data(subs, by=by, draws=0, service_cost=7)
    assert residual_values(subs, health, base, 24).sum() == pytest.approx(cs.value(base, 24).residual)


def test_a_call_saves_chance_times_effect_times_value():
    found = week(effect=0.3)
    frame = found.frame
    assert frame["saved"].to_numpy() == pytest.approx((1 - frame["stay_3"]) * 0.3 * frame["worth"])
    assert frame["saved"].is_monotonic_decreasing and found.contacts == 20
    assert found.total == pytest.approx(np.sort(frame["saved"])[::-1][:20].sum())


def test_where_chances_tell_nothing_the_money_at_stake_decides():
    found = week(by_chance=False)
    frame = found.frame
    assert frame["worth"].is_monotonic_decreasing and not week().frame["worth"].is_monotonic_decreasing
    assert found.at_stake == pytest.approx(frame["worth"].nlargest(20).sum())
    assert frame["saved"].to_numpy() == pytest.approx(frame["worth"] * frame["leaves"].mean() * 0.2)
    assert "cannot be told" in found.sentence and "save an expected" not in found.sentence


def test_an_order_is_believed_from_a_floor_on():
    """Two normal scores at that AUC: what the riskiest tenth holds of those who leave."""
    normal = NormalDist()
    holds = [normal.cdf(normal.inv_cdf(0.1) + 2**0.5 * normal.inv_cdf(auc)) for auc in (0.5, FLOOR, 0.65)]
    assert [round(100 * share) for share in holds] == [10, 13, 23]
    found = cs.check_health(world()[0], 12)
    assert found.tells and found.little == ""
    coin = replace(found, auc=0.53)
    assert not coin.tells and "AUC 0.53" in coin.little and "money at stake alone" in coin.little


def test_one_more_hour_is_what_a_longer_week_brings():
    one = week(capacity=Capacity(1, 4, 30))
    assert one.next_hour == pytest.approx(week(capacity=Capacity(1, 5, 30)).total - one.total)
    long_calls = week(capacity=Capacity(1, 4, 120))  # an hour is half a contact
    assert long_calls.next_hour == pytest.approx(long_calls.frame["saved"].iloc[2] / 2)


def test_more_hours_never_save_less_and_each_adds_less():
    totals = [week(capacity=Capacity(1, hours, 30)).total for hours in range(0, 30, 5)]
    steps = np.diff(totals)
    assert totals[0] == 0 and (steps > 0).all() and (np.diff(steps) <= 1e-9).all()
    assert week(effect=0.0).total == 0
    assert week(capacity=Capacity(1, 0, 30)).sentence.startswith("No call fits")


def test_more_hours_than_customers():
    everybody = week(capacity=Capacity(100, 168, 5))
    assert everybody.contacts == len(everybody.frame) and everybody.next_hour == 0


def test_renewals_go_first_where_asked():
    frame = week(renewals_first=True).frame
    due = ((frame["interval"] > 1) & (frame["due"] <= 3)).to_numpy()
    assert due[: due.sum()].all() and not due[due.sum() :].any()
    assert frame["saved"][due].is_monotonic_decreasing and frame["saved"][~due].is_monotonic_decreasing


def test_nobody_is_called_who_cannot_leave():
    frame = week().frame
    assert not ((frame["interval"] == 12) & (frame["due"] > 3)).any()


@pytest.mark.parametrize("wrong", [dict(effect=1.2), dict(effect=-0.1)])
def test_an_effect_is_a_share(wrong):
    with pytest.raises(Problem, match="share between 0 and 1"):
        week(**wrong)


@pytest.mark.parametrize("wrong", [(-1, 5, 30), (2, 200, 30), (2, 5, 0)])
def test_a_week_has_limits(wrong):
    with pytest.raises(Problem, match="must lie between"):
        Capacity(*wrong)


# --- renewals ---


def test_the_calendar_of_two_customers():
    _, health, _ = world()
    two = health.frame[health.frame["interval"] == 12].head(2)
    two = two.assign(due=2, stay_due=[0.9, 0.5], mrr=100.0)
    calendar = cs.renewal_calendar(replace(health, frame=two))
    month = calendar.frame.iloc[1]
    assert (month["month"], month["mrr"], month["customers"]) == ("2026-12", 200, 2)
    assert month["mrr_leaving"] == pytest.approx(60) and calendar.frame["mrr"].sum() == 200
    assert calendar.sentence.startswith(
        "The wall is December 2026: $200 of MRR, 100 %".replace(" %", "\xa0%")
    )


def test_every_unit_of_mrr_is_in_the_calendar_or_beside_it():
    subs, health, _ = world()
    for months in (6, 12):
        calendar = cs.renewal_calendar(health, months)
        assert calendar.frame["mrr"].sum() + calendar.later + calendar.monthly == pytest.approx(
            subs.active_mrr
        )


def test_monthly_payers_have_no_calendar():
    with pytest.raises(Problem, match="pays by the month"):
        cs.renewal_calendar(cs.customer_health(cs.read(ROOT / "sample_data" / "snapshot.csv")))


# --- the list ---


def test_every_customer_is_on_the_list_once():
    subs, health, _ = world()
    rows = candidates(health, week())
    assert len(rows) == subs.active and rows["customer"].is_unique and rows["this_week"].sum() == 20


def test_filters_and_orders():
    _, health, _ = world()
    rows = candidates(health, week())
    group = next(name for name, header in health.columns.items() if header == "segment")
    small = chosen(rows, health, Wanted(group, ("Small business",), sort="mrr"))
    assert set(health.value(group, small)) == {"Small business"} and small["mrr"].is_monotonic_decreasing
    due = chosen(rows, health, Wanted(due=1, sort="due"))
    assert due["due"].eq(1).all() and due["interval"].gt(1).all()
    assert chosen(rows, health, Wanted(text="c-0322"))["customer"].str.startswith("C-0322").all()
    assert chosen(rows, health, Wanted(text="(")).empty  # a text, not a pattern
    assert chosen(rows, health, Wanted(sort="leaves"))["leaves"].is_monotonic_decreasing
    with pytest.raises(Problem, match="ordered by"):
        Wanted(sort="name")


def test_the_file_has_a_reason_per_row_and_no_formula():
    _, health, _ = world()
    rows = candidates(health, week()).head(3).assign(customer=["=1+1", "@cmd", "a\nb"])
    shown = table(rows, health)
    assert (shown["Why"].str.len() > 5).all() and shown["Customer"].tolist()[2] == "a b"
    text = csv_bytes(shown).decode("utf-8-sig")
    assert "'=1+1" in text and "'@cmd" in text


# --- the page ---


def test_the_page_answers_with_the_week_the_wall_and_the_check():
    at = app("customers")
    assert title(at).startswith("20 calls this week save an expected $")
    assert "What comes up for renewal" in cards(at) and "Do these chances deserve belief?" in cards(at)
    (shown,) = [frame.value for frame in at.dataframe if "Why" in frame.value]
    assert len(shown) == 200 and (shown["Why"].str.len() > 5).all()


def test_a_page_whose_chances_tell_little_promises_no_sum(monkeypatch):
    monkeypatch.setattr("cs_models.health_check.FLOOR", 0.9)
    at = app("customers")
    assert title(at).startswith("20 calls this week go where most is at stake, $")
    assert "money at stake alone" in at.warning[0].value
    labels = [metric.label for metric in at.metric]
    assert "At stake with them" in labels and "One more hour saves" not in labels and "Expected value saved" not in labels


def test_the_levers_of_the_week_move_the_answer():
    at = app("customers")
    before = title(at)
    clean(at.number_input(key="call_hours").set_value(10.0).run())
    assert title(at) != before and title(at).startswith("40 calls")
    assert clean(at.toggle(key="call-first").set_value(True).run()) and not at.error


def test_no_id_of_a_customer_is_in_the_address_or_on_a_wall():
    at = app("customers")
    ids = set(world()[1].frame["customer"])
    clean(at.selectbox(key="list-column-sample").set_value("g0").run())
    clean(at.text_input(key="list-text-sample").set_value("C-03218").run())
    assert not [value for name in at.query_params for value in at.query_params[name] if value in ids]
    wall = app("customers", present="true")
    assert not wall.dataframe and len(charts(wall)) == 2


def test_a_file_without_prices_has_the_list_without_money():
    at = app("data")
    ends = [f"2025-0{1 + i % 9}-05" if i % 3 else "" for i in range(120)]
    rows = ["customer,start,end,plan", "new,2025-10-05,,A", *(f"u{i},2024-0{1 + i % 9}-05,{ends[i]},"
            f"{'AB'[i % 2]}" for i in range(120))]  # fmt: skip
    at.file_uploader[0].upload("free.csv", "\n".join(rows).encode())
    clean(clean(at.run()).button(key="use").click().run())
    go(at, "customers")
    assert title(at) == "Who is likely to leave, and why" and not at.error
    assert any("Why" in frame.value and "Value left" not in frame.value for frame in at.dataframe)


def test_a_book_too_small_is_told():
    at = app("data")
    rows = ["customer,start,end,plan,mrr", *(f"u{i},2025-0{1 + i % 9}-05,,A,20" for i in range(30))]
    at.file_uploader[0].upload("few.csv", "\n".join(rows).encode())
    clean(clean(at.run()).button(key="use").click().run())
    go(at, "customers")
    assert not at.error and "Too few departures" in " ".join(part.value for part in at.info)
