"""Customers who cancel a paid year before it is over, and what that says of those who have not."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

import cs_models as cs
from cs_models.cells import Cell, Mix
from cs_models.four_groups import customer_groups
from cs_models.engine.notice import places_of_ends
from cs_models.health import customer_health
from cs_models.health_check import check_health
from cs_models.notice import notice, renewing
from cs_models.valuation import evaluate

AS_OF = date(2025, 6, 30)
TOMORROW = date(2025, 7, 1)
RENEWS = 0.7


def book(customers: int, early: bool, seed: int = 1, before: int = 0):
    """Annual payers who renew with .7 each year, as a file and as (start, end in the file, end of what is paid);
    before: days by which the file ends them before that."""
    rng = np.random.default_rng(seed)
    lines, lives = ["customer_id,start_date,end_date,plan,billing_interval,mrr"], []
    for i in range(customers):
        start = (np.datetime64("2017-01-01") + int(rng.integers(0, 3100))).astype(object)
        start = start.replace(day=min(start.day, 28))
        years = int(rng.geometric(1 - RENEWS))
        last, over = (start.replace(year=start.year + k) for k in (years - 1, years))
        click = (np.datetime64(last) + int(rng.integers(1, (over - last).days + 1))).astype(object)
        end = click if early else over - timedelta(days=before)
        if start <= AS_OF:
            lives.append((start, end, over))
            lines.append(f"c{i},{start},{end if end <= AS_OF else ''},Pro,annual,100")
    return cs.read(("\n".join(lines) + "\n").encode(), as_of=str(AS_OF)), lives


def paid_months(lives, months: int) -> float:
    """By following each customer of the file's book: paid months to come, a customer."""
    until = [over for start, end, over in lives if start <= AS_OF < end]
    firsts = [date(TOMORROW.year + (TOMORROW.month - 1 + k) // 12, (TOMORROW.month - 1 + k) % 12 + 1, 1) for k in range(months)]
    return sum(day < over for over in until for day in firsts) / len(until)


@pytest.fixture(scope="module")
def clicks():
    return book(9000, early=True)


@pytest.fixture(scope="module")
def plain():
    return book(9000, early=False)


def base_of(subs, **more) -> cs.Assumptions:
    return cs.Assumptions.from_data(subs, gross_margin=1.0, discount_rate=0.0, **{"draws": 60, **more})


def test_the_habit_is_read_from_renewals_that_are_over(clicks, plain):
    """Days of cancelling are drawn evenly over the year: by month m, m / 12 of them and half of that month's."""
    early = notice(clicks[0])[12]
    assert early == pytest.approx((np.arange(12) + 0.5) / 12, abs=0.02)
    assert notice(plain[0]) == {} and not any("ended early" in note for note in base_of(plain[0], draws=0).notes)
    assert any("5" in note and "by the middle of the paid term" in note for note in base_of(clicks[0], draws=0).notes)
    ends = places_of_ends(clicks[0])
    due = sum(over <= TOMORROW for start, end, over in clicks[1] if end <= AS_OF)
    assert ends["customers"].sum() == due and set(ends["term"]) == {12}


def test_too_few_ends_are_no_habit():
    subs, _ = book(60, early=True)
    assert places_of_ends(subs)["customers"].sum() >= 25
    few, _ = book(40, early=True)
    assert 0 < places_of_ends(few)["customers"].sum() < 30 and notice(few) == {}


@pytest.mark.parametrize("months", [12, 24, 36])
def test_the_book_of_today_pays_as_a_simulation_says(clicks, months):
    subs, lives = clicks
    found = cs.value(base_of(subs, draws=0), months).survival_of("existing")[:months].sum()
    assert found == pytest.approx(paid_months(lives, months), rel=0.015)


def test_its_payments_are_those_of_a_simulation_and_a_seventh_more_than_without_the_habit(clicks):
    """1,200 at each renewal within two years that somebody of today's book goes through; months count from their ends."""
    subs, lives = clicks
    base = base_of(subs, draws=0)
    renewals = [(start.replace(year=year), over) for start, end, over in lives if start <= AS_OF < end for year in (2025, 2026, 2027)]
    paid = 1200 * sum(date(2025, 6, 1) < day <= date(2027, 6, 1) and day < over for day, over in renewals)
    assert cs.value(base, 24).residual == pytest.approx(paid, rel=0.015)
    deaf = replace(base, cells=tuple(replace(cell, noticed=None) for cell in base.cells))
    assert cs.value(deaf, 24).residual == pytest.approx(paid * 6 / 7, rel=0.03)


def test_files_that_end_with_the_paid_year_are_valued_as_ever(plain):
    subs, lives = plain
    base = base_of(subs, draws=0)
    assert all(cell.noticed is None for cell in base.cells) and not any(g.sure for g in base.groups("existing"))
    assert cs.value(base, 24).survival_of("existing")[:24].sum() == pytest.approx(paid_months(lives, 24), rel=0.015)


@pytest.mark.parametrize("aging", [None, np.array([0.0, 1.0, 1.7, 2.2, 2.6, 2.9, 3.1])])
def test_parts_renew_together_as_bayes_says(aging):
    mix = Mix.of([0.1, 0.3, 0.6], [0.2, 0.5, 0.3], 12, aging)
    tenure, noticed = np.array([0, 7, 19, 30]), (np.arange(12) + 0.5) / 12
    open_, sure = mix.parted(tenure, noticed)
    assert (open_ + sure).sum(axis=-1) == pytest.approx(1)
    step = np.diff(np.arange(7.0) if aging is None else aging)[tenure // 12]
    renews = np.exp(-mix.rate * step[:, None])
    each = renewing(renews, noticed[tenure % 12][:, None])
    here = mix.after(tenure) * (1 - (1 - renews) * noticed[tenure % 12][:, None])
    here /= here.sum(axis=-1, keepdims=True)
    assert (open_ * renews + sure) == pytest.approx(here * each)


def test_types_that_age_face_the_renewal_after_next_as_they_will_be_by_then():
    """Of somebody 7 months into the first year: sum w p1 p2 / sum w (1 - (1 - p1) F), p from the clock."""
    clock = np.array([0.0, 1.0, 1.7, 2.2, 2.6, 2.9, 3.1])
    mix, noticed, heads = Mix.of([0.1, 0.3, 0.6], [0.2, 0.5, 0.3], 12, clock), (np.arange(12) + 0.5) / 12, np.zeros(8)
    heads[7] = 100.0
    cell = Cell(("all",), 12, mix, None, 0.0, 10.0, heads, heads * 10, noticed=noticed)
    here = cs.value(cs.Assumptions((cell,)), 36).survival_of("existing")
    first, second = (np.exp(-mix.rate * step) for step in np.diff(clock)[:2])
    left = 1 - (1 - mix.weights @ first) * noticed[7]
    assert here[[4, 5, 16, 17]] == pytest.approx([1, *[mix.weights @ first / left] * 2, mix.weights @ (first * second) / left])


def test_the_parts_of_a_book_are_its_customers_and_its_money(clicks):
    base = base_of(clicks[0])
    for drawn in (False, True):
        groups = base.groups("existing", drawn=drawn)
        assert any(g.sure for g in groups)
        assert sum(g.size for g in groups) == pytest.approx(base.customers)
        assert sum(g.count * g.price * g.money.sum(axis=-1).mean() for g in groups) == pytest.approx(base.active_mrr)


def test_draws_lie_about_the_estimate(clicks):
    base = base_of(clicks[0], draws=300)
    plan = cs.Scenario("p", (cs.ChurnReduction(reduction=0.2),))
    found = cs.compare(base, plan, horizon=36)
    assert found.low < found.delta < found.high


def test_a_plan_that_does_nothing_changes_nothing(clicks):
    base = base_of(clicks[0])
    found = cs.compare(base, cs.Scenario("p", (cs.PriceIncrease(rise=0.0), cs.ChurnReduction(reduction=0.0))), horizon=36)
    assert found.delta == 0 and found.low == found.high == 0


def test_less_churn_saves_only_those_who_have_not_cancelled(clicks):
    """Nobody leaves any more: the book pays to the end, and not a month more than every month there is."""
    base = base_of(clicks[0], draws=0)
    never = evaluate(base, (cs.ChurnReduction(reduction=1.0),), 36)
    assert never.survival_of("existing") == pytest.approx(1.0)


@pytest.mark.parametrize("months", [6, 12, 18])
def test_the_back_test_counts_a_paid_year_to_its_end(clicks, months):
    """Against everybody's life: who had paid for that day, of the book of the earlier one."""
    subs, lives = clicks
    found = cs.back_test(subs, months, draws=60)
    day = found.day
    here = [over for start, end, over in lives if start <= day < end]
    still = sum(over > AS_OF for over in here)
    assert found.customers["happened"].iloc[0] == len(here) and found.last()["happened"] == still
    assert abs(found.error()) < 0.025 and abs(found.error("revenue")) < 0.025
    assert found.last("revenue")["happened"] == pytest.approx(100 * still)


@pytest.mark.parametrize("incomplete", ["as counted", "complete periods only"])
def test_a_year_under_way_is_paid_whatever_the_definitions(clicks, incomplete):
    subs, lives = clicks
    found = cs.back_test(replace(subs, answers={**subs.answers, "incomplete": incomplete}), 12, draws=10)
    assert found.last()["happened"] == sum(start <= found.day < end and over > AS_OF for start, end, over in lives)


def test_a_failed_payment_pays_for_nothing():
    """Annual payers of whom each was ended by a failed payment half a year after the day one looks back to."""
    rows = [f"c{i},2023-{1 + i % 12:02d}-05,{'2025-01-20,payment failed' if i % 2 else ','},Pro,annual,100" for i in range(400)]
    header = "customer_id,start_date,end_date,churn_reason,plan,billing_interval,mrr"
    left = [f"d{i},2022-{1 + i % 12:02d}-05,2024-{1 + i % 12:02d}-05,too expensive,Pro,annual,100" for i in range(100)]
    subs = cs.read("\n".join([header, *rows, *left]).encode() + b"\n", as_of=str(AS_OF))
    found = cs.back_test(subs, 12, draws=10)
    gone = sum(1 + i % 12 > 6 for i in range(100))
    assert found.customers["happened"].iloc[[0, -1]].tolist() == [400 + gone, 200]


def test_the_last_day_served_is_no_notice():
    subs, _ = book(3000, early=False, before=1)
    assert places_of_ends(subs)["customers"].sum() > 1000 and notice(subs) == {}


def test_the_four_groups_share_out_what_the_book_is_worth(clicks):
    base = base_of(clicks[0])
    found = customer_groups(clicks[0], base)
    assert found.table["residual"].sum() == pytest.approx(cs.value(base, 36).residual, rel=1e-9)


def test_each_customers_chance_knows_it_too(clicks):
    """At the end of the paid year everybody still here renews; at its begin .7 do, as ever."""
    frame = customer_health(clicks[0]).frame
    due = frame.groupby("due")["stay_due"].mean()
    assert due[12] == pytest.approx(renewing(RENEWS, 0.5 / 12), abs=0.03)
    assert due[1] == pytest.approx(renewing(RENEWS, 11.5 / 12), abs=0.02) and due.is_monotonic_decreasing
    checked = check_health(clicks[0], 12)
    level = checked.bins
    expected, happened = (float(level[name] @ level["customers"] / level["customers"].sum()) for name in ("expected", "happened"))
    assert happened == pytest.approx(expected, abs=0.03)
