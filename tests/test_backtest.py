"""The back-test: what happened is counted again by hand, the forecast sees nothing of what came after."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import cs_models as cs
from places import ROOT
from cs_models.as_they_were import at, months_before
from cs_models.backtest import back_test, choices
from cs_models.engine.counts import active_book
from cs_models.engine.stays import coded, follow, pace
from cs_models.hindsight import COLUMNS, BackTest
from cs_models.prediction import _worth, walk
from cs_models.reconciliation import book_at

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def sample():
    return cs.read(ROOT / "sample_data" / "subscriptions.csv")


@pytest.fixture(scope="module")
def year(sample):
    return back_test(sample, 12, by=("segment",), draws=200)


def number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def steps(last: date, months: int) -> list[date]:
    return [months_before(last, months - step) for step in range(months + 1)]


# --- what happened, counted by hand ---


def wanderers(customers: int, seed: int) -> pd.DataFrame:
    """Customers with several rows: pauses short and long, plans that change, two at once."""
    draw, rows = np.random.default_rng(seed), []
    for who in range(customers):
        day = date(2024, 1, 1) + timedelta(days=int(draw.integers(800)))
        for _ in range(int(draw.integers(1, 5))):
            end = day + timedelta(days=int(draw.choice([28, 31, 90, 200, 365])))
            open_ = draw.random() < 0.3
            rows.append((f"w{who}", day, None if open_ else end, int(draw.integers(1, 9)) * 5))
            if open_:
                break
            day = end + timedelta(days=int(draw.choice([-60, -10, 0, 1, 20, 45, 46, 120])))
    rows = [row for row in rows if row[1] <= TODAY]
    frame = pd.DataFrame(rows, columns=["customer", "start", "end", "mrr"])
    return frame.astype({"start": str}).assign(end=[d.isoformat() if d else "" for d in frame["end"]])


def stays(rows: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """Rows of one customer joined where a pause is no longer than 45 days."""
    found = []
    for start, end in sorted(rows):
        if found and start <= found[-1][1] + timedelta(days=45):
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def end_of(text: str) -> date:
    """The end of a row, if it is one by today."""
    return date.fromisoformat(text) if text and date.fromisoformat(text) <= TODAY else date(9000, 1, 1)


def by_hand(frame: pd.DataFrame, days: list[date]) -> pd.DataFrame:
    """customers still here, their MRR, and their MRR of the first day, on each day."""
    totals = np.zeros((len(days), 3))
    for _, own in frame.groupby("customer"):
        cells = zip(own["start"], own["end"], own["mrr"])
        rows = [(date.fromisoformat(start), end_of(end), mrr) for start, end, mrr in cells]
        # a row that ends the day before the next begins reaches it: ends given as the last day served
        starts = {start for start, _, _ in rows}
        rows = [(s, e + timedelta(1) if e + timedelta(1) in starts else e, m) for s, e, m in rows]
        paid = [sum(m for s, e, m in rows if s <= day < e) for day in days]
        if not paid[0]:
            continue
        (until,) = [e for s, e in stays([(s, e) for s, e, _ in rows]) if s <= days[0] < e]
        for step, day in enumerate(days):
            if day < until:
                totals[step] += 1, paid[step], paid[0]
    return pd.DataFrame(totals, columns=["customers", "mrr", "same"])


@pytest.mark.parametrize("seed", range(4))
def test_what_happened_by_hand(seed):
    frame, months = wanderers(150, seed), 12
    days = steps(TODAY, months)
    now = coded(cs.read(frame, as_of=TODAY, layout="periods", answers={"live_at_end": "left"}))
    found = follow(at(now, days[0]), now, (), np.array([number(day) for day in days]))
    wanted = by_hand(frame, days)
    left = found.heads.groupby("left")["customers"].sum()
    here = left.sum() - left.reindex(range(1, months + 1), fill_value=0).cumsum()
    assert [left.sum(), *here] == wanted["customers"].tolist() and left.sum() > 20
    money = found.money.groupby("step")[["mrr", "same"]].sum().reindex(range(months + 1), fill_value=0) / 100
    assert money["mrr"].tolist() == wanted["mrr"].tolist()
    assert money["same"].tolist() == wanted["same"].tolist()


@pytest.mark.parametrize("seed", range(3))
def test_who_is_followed_stands_where_the_book_of_that_day_has_him(seed):
    """Tenure by tenure, also of those who came to an annual plan in the middle of a month: whatever is forecast from the
    book's assumptions is followed from the same place."""
    frame = wanderers(400, seed)
    frame["interval"] = np.random.default_rng(seed).choice(["monthly", "annual"], len(frame))
    now = coded(cs.read(frame, as_of=TODAY, layout="periods", answers={"live_at_end": "left"}))
    then = at(now, steps(TODAY, 12)[0])
    found = follow(then, now, (), np.array([number(day) for day in steps(TODAY, 12)])).heads
    followed = found.rename(columns={"term": "interval"}).groupby(["interval", "tenure"], as_index=False)[["customers", "mrr"]].sum()
    book = active_book(then)
    assert set(book["interval"]) == {1, 12} and book["customers"].sum() > 100
    pd.testing.assert_frame_equal(followed, book, check_dtype=False)


def test_the_sample_by_hand(sample, year):
    """Without the engine: rows of the file, joined per customer."""
    file = pd.read_csv(ROOT / "sample_data" / "subscriptions.csv", parse_dates=["start_date", "end_date"])
    day, today = pd.Timestamp(year.day), pd.Timestamp(sample.as_of)
    end = file["end_date"].where(file["end_date"] <= today, pd.Timestamp.max.normalize())
    then = set(file.loc[(file.start_date <= day) & (end > day), "customer_id"])
    gone = file.assign(end=end).sort_values("start_date").groupby("customer_id")
    still = 0
    for who, own in gone:
        rows = [(s.date(), e.date()) for s, e in zip(own["start_date"], own["end"])]
        still += who in then and any(s <= day.date() and e > today.date() for s, e in stays(rows))
    assert len(then) == year.customers["happened"].iloc[0] == 2185
    assert still == year.last()["happened"]


def test_it_begins_with_the_book_of_that_day(sample, year):
    book = book_at(sample, year.day)
    for frame, start in ((year.customers, book.customers), (year.revenue, book.mrr)):
        assert frame.loc[0, list(COLUMNS[2:])].tolist() == pytest.approx([start] * 6)
    assert year.left_out == 0 and (np.diff(year.customers["happened"]) <= 0).all()
    assert year.cohorts["customers"].sum() == book.customers
    assert year.cohorts[["happened", "predicted"]].sum().tolist() == pytest.approx(
        year.last()[["happened", "predicted"]].tolist())  # fmt: skip
    assert year.cohorts[["mrr_happened", "mrr_predicted"]].sum().tolist() == pytest.approx(
        year.last("revenue")[["happened", "predicted"]].tolist())  # fmt: skip


def test_pace_counts_who_was_there_and_who_left():
    frame = wanderers(120, 9)
    days = steps(TODAY, 6)
    subs = cs.read(frame, as_of=TODAY, layout="periods", answers={"live_at_end": "left"})
    found = pace(subs, [number(day) for day in days])
    for step, (first, last) in enumerate(zip(days, days[1:])):
        there = left = 0
        for _, own in frame.groupby("customer"):
            rows = zip(map(date.fromisoformat, own["start"]), map(end_of, own["end"]))
            for start, end in stays(list(rows)):
                there += start <= first < end
                left += start <= first < end <= last
        assert found.loc[step].tolist() == [there, left]


# --- what was said ---


def test_the_forecast_is_that_of_the_engine(sample, year):
    then = at(sample, year.day)
    base = cs.Assumptions.from_data(then, by=("segment",), draws=0, expansion=True)
    flows = cs.value(base, horizon=13).existing
    assert year.customers["predicted"].to_numpy() == pytest.approx(flows.in_force[:13], rel=1e-9)
    assert year.revenue["predicted"].to_numpy() == pytest.approx(flows.mrr[:13], rel=1e-9)


def test_nothing_of_what_came_after_is_known(sample):
    """Had everybody left the next morning, the forecast would have been the same, and the page would say so."""
    file = pd.read_csv(ROOT / "sample_data" / "subscriptions.csv", dtype=str).fillna("")
    day = "2025-10-31"
    gone = (file.start_date <= day) & ((file.end_date > day) | (file.end_date == ""))
    file.loc[gone, "end_date"] = "2025-11-01"  # nobody has begun another paid year by then
    file = file[~(file["customer_id"].isin(file.loc[gone, "customer_id"]) & (file.start_date > day))]
    dark = back_test(cs.read(file, as_of="2026-10-31"), 12, draws=100)
    real = back_test(sample, 12, draws=100)
    said = [c for c in COLUMNS if c not in ("happened",)]
    pd.testing.assert_frame_equal(dark.customers[said], real.customers[said])
    pd.testing.assert_frame_equal(dark.revenue[said], real.revenue[said])
    assert dark.last()["happened"] == 0 and dark.error() == -1
    assert "outside" in dark.range_sentence() and "too hopeful" in dark.range_sentence()


def test_the_naive_forecasts_are_what_they_say(sample, year):
    days = steps(year.day, 12)
    seen = pace(at(sample, year.day), [number(day) for day in days])
    assert year.churn == pytest.approx(seen["left"].sum() / seen["customers"].sum())
    assert year.last()["constant"] == pytest.approx(2185 * (1 - year.churn) ** 12)
    assert year.last()["line"] == pytest.approx(2185 - 12 * seen["left"].tail(6).mean())
    arpu = year.revenue["happened"].iloc[0] / 2185
    assert year.last("revenue")["constant"] == pytest.approx(arpu * year.last()["constant"])


@pytest.mark.parametrize("months", [6, 12, 24])
def test_on_the_sample_the_model_is_near_and_the_simple_rules_are_not(sample, months):
    found = back_test(sample, months, by=("segment",), draws=100)
    assert abs(found.error()) < 0.04 + 0.003 * months
    assert abs(found.error(forecast="constant")) > 1.5 * abs(found.error())
    assert found.closest() == "predicted" and found.closest("revenue") == "predicted"
    assert found.coverage >= 0.85


def test_the_band_holds_the_luck_of_the_future():
    """With the curve known for certain, survivors of 400 customers are binomial at every month."""
    path = np.broadcast_to(0.95 ** np.arange(13), (20_000, 13))
    here = walk(400, path, np.random.default_rng(5))
    assert (np.diff(here, axis=1) <= 0).all() and (here[:, 0] == 400).all()
    for step in (1, 6, 12):
        law = binom(400, 0.95**step)
        assert here[:, step].mean() == pytest.approx(law.mean(), abs=4 * law.std() / 20_000**0.5)
        assert here[:, step].std() == pytest.approx(law.std(), rel=0.03)
        assert np.quantile(here[:, step], [0.025, 0.975]) == pytest.approx(law.ppf([0.025, 0.975]), abs=1)


def test_who_stays_matters_in_money():
    """The MRR of a random 30 of 80 unequal customers, against drawing them one set at a time."""
    draw = np.random.default_rng(6)
    prices = draw.lognormal(4, 1, 80)
    sets = np.array([draw.choice(prices, 30, replace=False).sum() for _ in range(20_000)])
    worth = _worth(np.full((20_000, 1), 30.0), 80, prices.sum(), (prices**2).sum(), draw)
    assert worth.mean() == pytest.approx(sets.mean(), rel=0.01)
    assert worth.std() == pytest.approx(sets.std(), rel=0.03)


def test_the_same_seed_gives_the_same_band(sample):
    one, two, other = (back_test(sample, 6, draws=50, seed=seed).customers for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one["low"].equals(other["low"]) and one["predicted"].equals(other["predicted"])


# --- sentences, and what cannot be ---


def told(happened, predicted, low, high, constant, line, months=12) -> BackTest:
    start, end = (0, date(2025, 10, 31), *[1523] * 6), (months, date(2026, 10, 31))
    rows = [start, (*end, happened, predicted, low, high, constant, line)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    cohorts = pd.DataFrame({"cohort": ["2025-01", "2025-02"], "inside": [True, False]})
    money = frame.assign(same=frame["happened"] / 1.04)
    return BackTest(months, date(2025, 10, 31), date(2026, 10, 31), 30, 0.03, frame, money, cohorts)


def test_the_sentence_is_the_answer():
    found = told(1190, 1204, 1170, 1238, 1050, 1100)
    plain = lambda text: text.replace("\xa0", " ")  # noqa: E731
    assert plain(found.sentence()) == (
        "Twelve months ago this model would have said 1,204 (1,170 to 1,238) of 1,523 customers stay; 1,190 did (−1.2 %)")
    assert found.range_sentence() == "That lies inside the 95 % range it would have given, 1,170 to 1,238."
    assert plain(found.naive_sentence()) == (
        "Simpler rules, same customers: the one-number formula would have said 1,050 (+13.3 %), "
        "a straight line would have said 1,100 (+8.2 %).")
    assert plain(found.cohort_sentence()) == "1 of 2 sign-up months ended inside their own 95 % range (50 %)."
    assert "$1,204 ($1,170 to $1,238) of $1,523 a month stay; $1,190 did" in found.sentence("revenue")
    assert plain(found.price_sentence()).startswith("Those who stayed pay 4.0 % more")
    assert told(1, 2, 0, 3, 1, 1, months=7).sentence().startswith("7 months ago")


def test_it_is_honest_when_it_was_wrong():
    high, low = told(1000, 1204, 1170, 1238, 1050, 1100), told(1300, 1204, 1170, 1238, 1050, 1290)
    assert "outside" in high.range_sentence() and "too hopeful" in high.range_sentence()
    assert "too cautious" in low.range_sentence()
    assert high.naive_sentence().endswith("Here the one-number formula was closer than the model.")
    assert low.naive_sentence().endswith("Here a straight line was closer than the model.")


def test_files_that_cannot_be_tested_end_in_a_sentence(sample):
    for ask in (choices, back_test):
        with pytest.raises(cs.Problem, match="no dates"):
            ask(cs.read(ROOT / "sample_data" / "snapshot.csv"))
    young = at(sample, date(2023, 9, 30))
    with pytest.raises(cs.Problem, match=r"reach back 10 months.*at least 12"):
        choices(young)
    with pytest.raises(cs.Problem, match="reach back 10 months"):
        back_test(young, 6)
    assert choices(at(sample, date(2024, 6, 30))) == (6, 12) and choices(sample) == (6, 12, 18, 24)
    for months in (0, 43):
        with pytest.raises(cs.Problem, match="not possible"):
            back_test(sample, months)


def test_without_prices_there_are_customers(sample):
    file = pd.read_csv(ROOT / "sample_data" / "subscriptions.csv", dtype=str).drop(columns="price")
    found = back_test(cs.read(file, as_of="2026-10-31"), 12, draws=50)
    assert found.revenue is None and "mrr_happened" not in found.cohorts and found.price_sentence() == ""
    assert found.last()["happened"] == back_test(sample, 12, draws=0).last()["happened"]


def test_customers_nobody_can_forecast_are_told(sample):
    """Nine months in, no annual payer has reached a renewal: they are in no number, and it says so."""
    found = back_test(at(sample, date(2024, 1, 31)), 6, draws=50)
    book = book_at(sample, date(2023, 7, 31))
    assert found.left_out > 0 and found.left_out + found.customers["happened"].iloc[0] == book.customers
    assert any(note.startswith(f"{found.left_out} customers of that day could not") for note in found.notes)
