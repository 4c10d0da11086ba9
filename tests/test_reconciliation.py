"""The book ties out with the file at every month end; each vendor's rule counts a month counted by hand."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from places import ROOT
from cs_models.problems import Problem
from cs_models.reconciliation import book_at, month_ends, reconcile

# March 2025: opening 28 February, 30 days before 31 March is 1 March
MONTH = "\n".join([
    "customer,start,end,plan,interval,mrr",
    "stays,2024-01-01,,P,monthly,100",
    "leaves,2024-01-01,2025-03-15,P,monthly,50",
    "first_day,2024-01-01,2025-03-01,P,monthly,30",        # before the 30 days open
    "pause,2024-01-01,2025-03-10,P,monthly,20", "pause,2025-03-20,,P,monthly,20",
    "joins,2025-03-05,,P,monthly,10", "hops,2025-03-06,2025-03-20,P,monthly,10",
    "down,2024-01-01,2025-03-12,P,monthly,60", "down,2025-03-12,,Q,monthly,40",
    "one_of_two,2024-01-01,2025-03-12,P,monthly,5", "one_of_two,2024-01-01,,P,monthly,6",
    "twice,2024-01-01,2025-03-05,P,monthly,7", "twice,2025-03-15,2025-03-25,P,monthly,8",
    "renews,2024-01-01,2025-02-28,P,monthly,3", "renews,2025-03-01,,P,monthly,3",   # last day served
    "last_day,2024-01-01,2025-03-31,P,monthly,4",
    "grows,2024-01-01,2025-03-12,P,monthly,60", "grows,2025-03-12,,Q,monthly,90",
    "later,2025-04-02,,P,monthly,9", "gone,2023-01-01,2024-01-01,P,monthly,1",
    ""])  # fmt: skip


def rule(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame.set_index("rule").loc[name]


@pytest.fixture(scope="module")
def march() -> pd.DataFrame:
    return reconcile(cs.read(MONTH.encode(), as_of="2025-06-30"), "2025-03")


# leaves, first_day, last_day, pause (back), hops, twice x2; MRR before 100+50+30+20+60+11+7+3+4+60 = 345
@pytest.mark.parametrize("name, start, churned, rate, mrr, lost, mrr_rate", [
    ("Perennial", 10, 5, 5 / 10, 345, 50 + 30 + 4 + 10 + 8, 102 / 345),
    ("ChartMogul", 10, 4, 4 / 10, 345, 50 + 30 + 4 + 7 + 20 + 5, 116 / 345),
    ("Stripe", 9, 6, 6 / (9 + 2), 315, 50 + 4 + 20 + 10 + 7 + 8, None),
    ("ProfitWell", 10, 6, 6 / 10, 345, 50 + 30 + 4 + 20 + 7 + 8, 119 / 345),
    ("Baremetrics", 9, 5, 5 / 9, 315, 50 + 4 + 7 + 20 + 5 + 10, 96 / 315),
])  # fmt: skip
def test_a_month_counted_by_hand(march, name, start, churned, rate, mrr, lost, mrr_rate):
    found = rule(march, name)
    assert (found.customers_start, found.churned) == (start, churned)
    assert found.churn_rate == pytest.approx(rate) and found.mrr_start == mrr and found.churned_mrr == lost
    assert pd.isna(found.mrr_churn) if mrr_rate is None else found.mrr_churn == pytest.approx(mrr_rate)
    assert found.sentence.startswith(f"{name}: {churned} left, ")


def test_the_windows_are_said(march):
    assert rule(march, "ChartMogul").from_day == date(2025, 2, 28)
    assert rule(march, "Stripe").from_day == date(2025, 3, 1)
    assert set(march.to_day) == {date(2025, 3, 31)}


def test_a_shorter_gap_makes_our_pause_a_departure():
    subs = cs.read(MONTH.encode(), as_of="2025-06-30", answers={"gap_days": "5"})
    ours = rule(reconcile(subs, "2025-03"), "Perennial")
    assert ours.churned == 7 and "within 5 days" in ours.sentence
    assert rule(reconcile(subs, "2025-03"), "Stripe").churned == 6


@pytest.mark.parametrize("as_of", ["2026-10-31", "2026-06-17"])
def test_the_book_ties_out_with_the_file_at_every_month_end(as_of):
    """Counted again with pandas from the file itself."""
    path = ROOT / "sample_data" / "subscriptions.csv"
    subs = cs.read(path, as_of=as_of)
    file = pd.read_csv(path, parse_dates=["start_date", "end_date"])
    cents = np.rint(100 * file.price / np.where(file.billing_interval == "annual", 12, 1)).astype(int)
    frame = month_ends(subs, months=100)
    assert frame.day.iloc[-1] == date.fromisoformat(as_of) and frame.month.is_unique
    for line in frame.itertuples():
        day = pd.Timestamp(line.day)
        there = (file.start_date <= day) & ~(file.end_date <= day)
        assert line.customers == file.customer_id[there].nunique()
        assert line.mrr == pytest.approx(cents[there].sum() / 100, abs=there.sum() / 200)
    assert frame.customers.iloc[-1] == subs.active and frame.mrr.iloc[-1] == subs.active_mrr
    assert (frame.customers > 0).all()


def test_the_book_on_any_day():
    subs = cs.read(MONTH.encode(), as_of="2025-06-30")
    assert book_at(subs, date(2025, 3, 14)).customers == 9 and book_at(subs, date(2025, 3, 15)).customers == 9
    assert book_at(subs, date(2022, 1, 1)).mrr == 0
    assert (book_at(subs, subs.as_of).customers, book_at(subs, subs.as_of).mrr) == (subs.active, subs.active_mrr)


def test_rules_of_random_books_keep_their_order():
    """Standard <= ProfitWell (returns count) <= Stripe's falls on the same window (joiners and all)."""
    draw = np.random.default_rng(2)
    rows = ["customer,start,end,mrr"]
    for n in range(500):
        day = date(2024, 1, 1) + timedelta(days=int(draw.integers(100)))
        for _ in range(int(draw.integers(1, 5))):
            end = day + timedelta(days=int(draw.choice([0, 3, 10, 30, 60])))
            rows.append(f"c{n},{day},{end},{5 + n % 7}")
            day = end + timedelta(days=int(draw.choice([0, 2, 20, 50])))
    subs = cs.read("\n".join(rows).encode(), as_of="2024-12-31")
    for month in ("2024-02", "2024-03", "2024-06"):
        frame = reconcile(subs, month)
        assert rule(frame, "ChartMogul").churned <= rule(frame, "ProfitWell").churned
        assert rule(frame, "ChartMogul").customers_start == rule(frame, "Perennial").customers_start
        assert rule(frame, "Baremetrics").churned <= rule(frame, "Stripe").churned
        assert (frame.churned_mrr >= 0).all()


def test_without_a_price_there_is_no_money():
    data = b"customer,start,end\nA,2024-01-01,2024-03-05\nB,2024-01-01,\n"
    frame = reconcile(cs.read(data, as_of="2024-06-30"), "2024-03")
    assert frame[["mrr_start", "churned_mrr", "mrr_churn"]].isna().all(axis=None)
    assert rule(frame, "Perennial").churned == 1 and "MRR" not in rule(frame, "Perennial").sentence.split(".")[0]


@pytest.mark.parametrize("month, said", [
    ("2025-07", "up to 2025-06-30"), ("2025-13", "like 2025-12"), ("March", "like"),
    ("2019-01", "later month"), (None, "like")])  # fmt: skip
def test_a_month_that_cannot_be_counted_is_a_sentence(month, said):
    with pytest.raises(Problem, match=said):
        reconcile(cs.read(MONTH.encode(), as_of="2025-06-30"), month)


def test_a_book_all_set_aside_has_no_months():
    free = cs.read(b"customer,start,end,mrr\nA,2025-01-01,,0\nB,2025-02-01,,0\n")
    with pytest.raises(Problem, match="set aside"):
        month_ends(free)


def test_a_snapshot_has_no_months():
    with pytest.raises(Problem, match="no dates"):
        month_ends(cs.read(ROOT / "sample_data" / "snapshot.csv"))


@pytest.mark.parametrize("data", [
    b"customer,month,mrr\nA,2025-01,10\nA,2025-02,10\nA,2025-03,10\nB,2025-01,5\nB,2025-02,5\nA,2025-04,10\n",
    b"Customer ID,Customer,Customer Email,Currency,2025-01,2025-02,2025-03,2025-04\n"
    b"A,a,a@x.example,usd,10,10,10,10\nB,b,b@x.example,usd,5,5,0,0\n",
], ids=["panel", "Stripe's months"])  # fmt: skip
def test_rules_of_thirty_days_are_not_counted_on_a_file_of_months(data):
    """B is missing from 1 March on, a day before the 30 days to the 31st begin: a rule of days would count nobody."""
    found = reconcile(cs.read(data), "2025-03")
    for name in ("Perennial", "ChartMogul", "ProfitWell"):
        assert (rule(found, name).churned, rule(found, name).churned_mrr) == (1, 5.0)
    for name in ("Stripe", "Baremetrics"):
        counted = ["customers_start", "churned", "churn_rate", "mrr_start", "churned_mrr", "mrr_churn"]
        assert rule(found, name)[counted].isna().all()
        assert "needs the day on which each customer left" in rule(found, name).sentence
