"""Customers who cancel a paid year before it is over, and what that says of those who have not."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

import cs_models as cs
from cs_models.cells import Cell, Mix
from cs_models.four_groups import customer_groups
from cs_models.concentration import value_concentration
from cs_models.engine.notice import places_of_ends
from cs_models.engine.people import until
from cs_models.engine.stays import coded
from cs_models.health import customer_health
from cs_models.health_check import check_health
from cs_models.levers.dunning import Dunning
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
    left = [f"d{i},2022-{1 + i % 9:02d}-05,2023-{4 + i % 9:02d}-05,too expensive,Pro,annual,100" for i in range(100)]
    subs = cs.read("\n".join([header, *rows, *left]).encode() + b"\n", as_of=str(AS_OF))
    assert notice(subs)[12][6] > 0.2
    found = cs.back_test(subs, 12, draws=10)
    assert found.customers["happened"].iloc[[0, -1]].tolist() == [400, 200] and "paid term is over" in found.range_sentence()


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


def test_who_holds_the_value_and_the_calls_know_both_parts(clicks):
    subs, _ = clicks
    base = base_of(subs, draws=0)
    assert value_concentration(subs, base, 36).total == pytest.approx(cs.value(base, 36).residual, rel=1e-9)


def ended(customers: int, when) -> cs.Subscriptions:
    """Annual payers of .7, ended by `when(over, number, chance)`: the day and, maybe, a reason."""
    rng, lines = np.random.default_rng(3), ["customer_id,start_date,end_date,churn_reason,plan,billing_interval,mrr"]
    for i in range(customers):
        start = (np.datetime64("2017-01-01") + int(rng.integers(0, 3000))).astype(object)
        start = start.replace(day=min(start.day, 28))
        over = start.replace(year=start.year + int(rng.geometric(1 - RENEWS)))
        day, reason = when(over, i, rng)
        lines.append(f"c{i},{start},{day if day <= AS_OF else ''},{reason if day <= AS_OF else ''},Pro,annual,{50 + 100 * (i % 2)}")
    return cs.read(("\n".join(lines) + "\n").encode(), as_of=str(AS_OF))


@pytest.mark.parametrize("days", [-2, 7, 30])
@pytest.mark.parametrize("reason", ["", "payment failed"])
def test_days_of_grace_and_ends_just_before_the_renewal_are_no_notice(days, reason):
    subs = ended(1500, lambda over, i, rng: (over + timedelta(days=days), reason))
    assert places_of_ends(subs)["customers"].sum() > 500 and notice(subs) == {}
    found = cs.back_test(subs, 12, draws=10)
    still = sum(end > AS_OF for start, end in rows_of(subs) if start <= found.day < end)
    assert found.last()["happened"] == still and "paid term" not in found.range_sentence()


def rows_of(subs):
    table = subs.rows.to_pylist()
    return [(row["started_on"], row["ended_on"] or date.max) for row in table]


@pytest.fixture(scope="module")
def half_fail():
    """Of those who leave, one half fails to pay at the renewal, the other cancels on any day before."""
    def when(over, i, rng):
        return (over, "payment failed") if i % 2 else (over - timedelta(days=int(rng.integers(0, 365))), "too expensive")

    return ended(9000, when)


def test_of_those_who_have_not_cancelled_more_fail_to_pay(half_fail):
    """Shortly before the renewal nearly all who will still be lost are lost to a failed payment."""
    cell = next(iter(base_of(half_fail, draws=0).cells))
    assert cell.involuntary == pytest.approx(0.5, abs=0.03)
    assert [cell.failing_at(k) for k in (0, 12, 11)] == pytest.approx([0.5 / 0.98, 0.5 / 0.98, 0.5 / 0.52], abs=0.04)
    for group in base_of(half_fail, draws=0).groups("existing"):
        share = np.broadcast_to(group.failing, group.months)[[0, 5, 11, 12, 24]]
        next_one = (group.first_payment or 12) > np.array([0, 5, 11, 12, 24])
        assert (share[~next_one] == cell.involuntary).all()
        assert (share[next_one] > cell.involuntary).all() if not group.sure else (share == cell.involuntary).all()
    failing = customer_health(half_fail).frame.groupby("due")["failing"].mean()
    assert failing[1] / failing[12] == pytest.approx(0.96 / 0.52, abs=0.1) and failing.is_monotonic_decreasing


def test_payments_recovered_keep_half_of_those_who_would_have_left(half_fail):
    """At the next renewal of each of today's customers: everybody who failed, against the counts of all lives."""
    base = base_of(half_fail, draws=0)
    plan = Dunning(recovered=0.99, recovered_now=0.0, quality=1.0)
    kept = [evaluate(base, levers, 13).survival_of("existing")[12] for levers in ((), (plan,))]
    early = notice(half_fail)[12]
    lost = sum(group.size * (1 - RENEWS) * 0.5 * 0.99 / (1 - (1 - RENEWS) * early[k]) for k, group in by_month(base)) / base.customers
    assert kept[1] - kept[0] == pytest.approx(lost, rel=0.1)


def by_month(base):
    """Months into the paid year and a group of that size, both parts of it together."""
    return [(int(group.age) % 12, group) for group in base.groups("existing", every_tenure=True)]


def test_a_tenure_of_whole_years_has_renewed_already():
    """12 months: the next renewal but one is the first that the sure may lose; prices differ, and so do the mixes."""
    mix, noticed, heads = Mix.of([0.1, 0.6], [0.5, 0.5], 12), np.full(12, 0.4), np.zeros(37)
    heads[[12, 24, 36]] = 100.0, 50.0, 25.0
    paid = heads * np.linspace(10, 40, 37)
    cell = Cell(("all",), 12, mix, None, 0.0, 10.0, heads, paid, noticed=noticed)
    base = cs.Assumptions((cell,), gross_margin=1.0, discount_rate=0.0)
    groups = base.groups("existing")
    assert sum(g.count * g.price * g.money.sum() for g in groups) == pytest.approx(paid.sum())
    weights = {k: 0.5 * np.exp(-mix.rate * k) for k in (1, 2, 3, 4)}
    renewed = {k: weights[k + 1].sum() / (weights[k].sum() * 0.6 + 0.4 * weights[k + 1].sum()) for k in (1, 2, 3)}
    here = cs.value(base, 24).survival_of("existing")
    assert here[11] == pytest.approx(1) and here[12] == pytest.approx((100 * renewed[1] + 50 * renewed[2] + 25 * renewed[3]) / 175)
    assert cs.value(base, 24).residual == pytest.approx(12 * sum(paid[12 * k] * (1 + renewed[k]) for k in renewed))


def test_the_year_counts_from_the_switch_to_it():
    """Monthly from 20 January 2023, annual from 1 July: paid to 1 July 2025, and eight months into that year at the end."""
    tail = "".join(f"c{i},2023-01-20,2023-07-01,Pro,monthly,100\nc{i},2023-07-01,2025-03-01,Pro,annual,100\n" for i in range(40))
    subs = coded(cs.read(("customer_id,start_date,end_date,plan,billing_interval,mrr\n" + tail + "z,2022-01-01,,Pro,annual,9\n").encode(),
                         as_of="2025-12-31"))  # fmt: skip
    ends = places_of_ends(subs)
    assert ends[["term", "place", "customers"]].to_numpy().tolist() == [[12, 8, 40]]
    day = (np.datetime64("2024-12-31") - np.datetime64("1970-01-01")).astype(int)
    who = np.unique(subs.rows["customer"].combine_chunks().indices.to_numpy())
    days = until(subs, who, int(day), (12,))
    assert sorted(set((np.datetime64("1970-01-01") + days[days < 9_000_000].astype(int)).astype(str))) == ["2025-07-01"]
    days = until(subs, who, int(day))
    assert sorted(set((np.datetime64("1970-01-01") + days[days < 9_000_000].astype(int)).astype(str))) == ["2025-03-01"]
