"""A move of a whole plan is told apart from everyday changes, and joining it joins exactly those customers."""

from datetime import date, timedelta

import numpy as np
import pytest

import cs_models as cs
from places import ROOT
from cs_models.recount import redefined
from cs_models.engine.counts import active_book
from cs_models.migration import migrations

MOVED, UPGRADED = 120, 60


def file(wait=60, moved=MOVED, price=True, spread=4, interval="monthly", old=200) -> bytes:
    """Customers on Old from 2023; some moved to New in March 2025 after `wait` days; Pro is a usual upgrade."""
    draw = np.random.default_rng(7)
    rows = ["customer,start,end,plan,interval" + (",mrr" if price else "")]

    def row(customer, start, end, plan, term, mrr):
        rows.append(f"{customer},{start},{end or ''},{plan},{term}" + (f",{mrr}" if price else ""))

    for n in range(old):
        start = date(2023, 1, 1) + timedelta(days=int(draw.integers(500)))
        end = date(2025, 3, 1) + timedelta(days=int(draw.integers(spread)))
        row(f"o{n}", start, end if n < moved else None, "Old", "monthly", 50)
        if n < moved:
            row(f"o{n}", end + timedelta(days=wait), None, "New", interval, 55)
    row("early", "2023-05-01", "2024-05-01", "Old", "monthly", 50)
    row("early", "2024-05-01", "2025-01-31", "New", interval, 55)
    for n in range(400):
        start = date(2023, 1, 1) + timedelta(days=int(draw.integers(700)))
        end = start + timedelta(days=int(draw.integers(5, 300)))
        row(f"u{n}", start, end, "Basic", "monthly", 20)
        if n < UPGRADED:
            row(f"u{n}", end, None, "Pro", "monthly", 40)
    return "\n".join(rows).encode()


def read(data: bytes, **answers):
    return cs.read(data, as_of="2025-08-31", answers=answers)


@pytest.mark.parametrize("wait, joined", [(60, False), (3, True), (-2, True), (0, True)])
def test_a_move_is_found_with_its_effect(wait, joined):
    subs = read(file(wait))
    (move,) = migrations(subs)
    assert (move.from_plan, move.to_plan, move.customers, move.longest_wait) == ("Old", "New", MOVED, wait)
    assert (move.first, move.last) == (date(2025, 3, 1), date(2025, 3, 4))
    assert move.share == pytest.approx(MOVED / 200) and move.joined is joined
    left = 400 - UPGRADED + 1  # the early one left New by itself
    assert (move.churn_before, move.churn_after) == (left + MOVED, left)
    assert cs.life_table(subs).churned == (left if joined else left + MOVED)
    assert move.clv_before < move.clv_after
    said = move.sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("120 customers, 60 % of those on Old, moved from it to New between 2025-03-01 and 2025-03-04.")
    assert f"would make {left + MOVED} departures instead of {left}" in move.sentence


def test_joining_joins_these_customers_and_nobody_else():
    data = file(60) + b"\nx1,2024-12-01,2025-03-02,Basic,monthly,20\nx1,2025-05-01,,New,monthly,55"
    plain, joined = read(data), read(data, join_migrations="yes")
    assert cs.life_table(plain).reactivations == MOVED + 1 and cs.life_table(joined).reactivations == 1
    assert joined.digest != plain.digest and "the same customers" in joined.definitions.sentence()
    assert joined.active_mrr == plain.active_mrr == active_book(joined)["mrr"].sum() / 100
    new = active_book(joined, ("plan",)).query("plan == 'New'")
    assert new.query("tenure > 6")["customers"].sum() == MOVED, "the months on Old count"
    assert new.query("tenure <= 6")["customers"].sum() == 1
    assert active_book(plain, ("plan",)).query("plan == 'New'")["tenure"].max() < 6
    (move,) = migrations(joined)
    assert move.joined and cs.life_table(joined).churned == move.churn_after


def test_the_order_of_rows_does_not_matter():
    head, *rows = file(60).decode().splitlines()
    again = "\n".join([head, *reversed(rows)]).encode()
    found = migrations(read(again))
    assert found and found == migrations(read(file(60)))


def test_a_move_to_another_interval_names_it():
    (move,) = migrations(read(file(60, interval="annual")))
    assert (move.from_plan, move.to_plan) == ("Old (monthly)", "New (annual)")


def test_without_a_price_the_effect_is_churn_only():
    (move,) = migrations(read(file(60, price=False)))
    assert move.clv_before is None and move.clv_after is None and "CLV" not in move.sentence


@pytest.mark.parametrize("change", [{"moved": 9, "old": 12}, {"moved": 30}, {"wait": 100}, {"spread": 700}])
def test_a_few_a_small_part_or_a_trickle_is_no_migration(change):
    assert migrations(read(file(**change))) == []


def test_what_everybody_does_after_a_month_is_no_migration():
    rows = ["customer,start,end,plan,interval,mrr"]
    for n in range(300):
        start = date(2023, 6, 1) + timedelta(days=2 * n)
        rows += [f"c{n},{start},{start + timedelta(days=30)},Intro,monthly,5"]
        rows += [f"c{n},{start + timedelta(days=30)},,Pro,monthly,40"]
    assert migrations(read("\n".join(rows).encode())) == []


def test_the_sample_has_changes_of_plan_and_no_migration():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    assert migrations(subs) == []
    joined = redefined(subs, join_migrations="yes")
    assert cs.life_table(joined).frame.equals(cs.life_table(subs).frame)


def test_a_snapshot_has_none():
    assert migrations(cs.read(ROOT / "sample_data" / "snapshot.csv")) == []
