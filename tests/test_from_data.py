"""Assumptions from data: what each figure of the baseline rests on, checked by another road."""

import io

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from places import ROOT

H = 36
V = 1.1 ** (-np.arange(H) / 12)


@pytest.fixture(scope="module")
def subs():
    return cs.read(ROOT / "sample_data" / "subscriptions.csv")


@pytest.fixture(scope="module")
def base(subs):
    return cs.Assumptions.from_data(subs, by=("segment",), draws=200)


@pytest.fixture(scope="module")
def file(subs):
    return pd.read_csv(ROOT / "sample_data" / "subscriptions.csv", parse_dates=["start_date", "end_date"])


def monthly_price(file):
    return file.price / np.where(file.billing_interval == "annual", 12, 1)


def test_the_book_ties_to_the_file(subs, base, file):
    live = file[file.end_date.isna() | (file.end_date > pd.Timestamp(subs.as_of))]
    assert base.customers == live.customer_id.nunique()
    assert base.active_mrr == pytest.approx(monthly_price(live).sum(), abs=0.5 * len(live) / 100)
    assert base.active_mrr == pytest.approx(subs.active_mrr, abs=0.01)


def test_new_customers_pay_the_list_price_of_the_newest_starts(base, file):
    first = file.sort_values("start_date").drop_duplicates("customer_id").assign(mrr=monthly_price)
    newest = first[first.start_date >= "2026-08-01"]
    for cell in base.cells:
        interval = "annual" if cell.interval == 12 else "monthly"
        same = newest[(newest.segment == cell.segment[0]) & (newest.billing_interval == interval)]
        assert cell.new_price == pytest.approx(same.mrr.mean(), abs=0.01)
    year = first[first.start_date > "2025-10-31"]
    shares = year.groupby(["segment", "billing_interval"]).size() / len(year)
    for cell in base.cells:
        interval = "annual" if cell.interval == 12 else "monthly"
        assert cell.new_share == pytest.approx(shares[cell.segment[0], interval], abs=1e-12)
    assert sum(cell.new_share for cell in base.cells) == pytest.approx(1.0)
    assert base.acquisitions[0] == pytest.approx(len(year) / 12)


def test_residual_value_is_the_sum_over_tenures_of_each_customers_own(base):
    """Once by merged groups in the engine, once tenure by tenure from the fitted curves."""
    total = 0.0
    for cell in base.cells:
        theta = 1 - np.exp(-cell.fitted.rate)
        for k in np.flatnonzero(cell.heads):
            done = k // cell.interval
            left = cell.fitted.weights * (1 - theta) ** done
            months, first = np.arange(H), -k % cell.interval
            renewals = (k + months) // cell.interval - done
            stay = (left / left.sum()) @ (1 - theta)[:, None] ** renewals
            pays = cell.interval * ((months - first) % cell.interval == 0) * (months >= first)
            total += cell.mrr[k] * (stay * V) @ (pays - 0.2)
    assert cs.value(base, H).residual == pytest.approx(total, rel=1e-9)


def test_clv_per_segment_mixes_to_clv(base):
    table = cs.value(base, H).by_segment
    assert (table.new_share * table.clv).sum() == pytest.approx(cs.value(base, H).clv, rel=1e-12)
    assert table.residual.sum() == pytest.approx(cs.value(base, H).residual, rel=1e-12)


def test_segment_ranges_hold_their_point(base):
    both = cs.value(base, H).by_segment.merge(cs.segment_ranges(base, H), on=["segment", "interval"])
    assert len(both) == 6
    for name, point in (("clv", both.clv), ("residual", both.residual_per_customer)):
        assert ((both[f"{name}_low"] <= point + 1e-9) & (point <= both[f"{name}_high"] + 1e-9)).all()
        assert (both[f"{name}_low"] < both[f"{name}_high"]).all()


def test_lifetime_is_the_long_sum(base):
    from cs_models.flows import flows

    total, beyond = cs.lifetime(base)
    v = 1.1 ** (-np.arange(1200) / 12)
    parts = [flows(g.until(1200), 0.8, 0.0).margin * v for g in base.groups("new")]
    assert total == pytest.approx(sum(part.sum() for part in parts), rel=1e-9)
    late = sum(part[cell.observed_to:].sum() for part, cell in zip(parts, base.cells))
    assert beyond == pytest.approx(late / total, rel=1e-9)
    around = cs.lifetime_range(base)
    assert around.low < total < around.high


def test_grouping_changes_the_mix_not_the_money(subs, base):
    whole = cs.Assumptions.from_data(subs, draws=0)
    assert whole.customers == base.customers and whole.active_mrr == pytest.approx(base.active_mrr)
    # The newest quarter had more large customers: its mean is 6 % above the year's, at the same prices by segment.
    paid = [sum(cell.new_share * cell.new_price for cell in one.cells) for one in (whole, base)]
    assert paid[0] == pytest.approx(paid[1], rel=1e-3)
    assert any("in the last twelve complete months, not of the newest three" in note for note in whole.notes)
    assert not any("price of new customers" in note for note in base.notes)
    assert not whole.has_draws and cs.interval(whole, H)["new"].low == cs.value(whole, H).clv


def test_billing_intervals_are_apart_whether_asked_or_not(subs):
    asked, plain = (cs.Assumptions.from_data(subs, by=by, draws=0) for by in ("interval", ()))
    assert [c.interval for c in asked.cells] == [1, 12] and cs.value(asked, H).clv == cs.value(plain, H).clv


def test_draws_repeat_with_the_seed_and_hold_the_point(subs, base):
    again = cs.Assumptions.from_data(subs, by=("segment",), draws=200)
    other = cs.Assumptions.from_data(subs, by=("segment",), draws=200, seed=1)
    assert cs.interval(base, H) == cs.interval(again, H) != cs.interval(other, H)
    found = cs.interval(base, H)["new"]
    assert found.low < cs.value(base, H).clv < found.high


def test_failed_payments_are_counted_from_the_file(subs, base):
    frame = cs.life_table(subs, by="segment").frame
    for cell in base.cells:
        mine = frame[(frame["segment"] == cell.segment[0]) & (frame["interval"] == cell.interval)]
        assert cell.involuntary == pytest.approx(mine["involuntary"].sum() / mine["churned"].sum())
        assert 0.1 < cell.involuntary < 0.4


def test_economics_change_without_a_new_fit(base):
    cheap = base.with_economics(gross_margin=0.5, cac=100.0)
    assert cheap.cells is base.cells and cs.value(cheap, H).clv < cs.value(base, H).clv


def test_a_curve_of_ones_own_replaces_the_fit_of_monthly_payers(subs):
    own = cs.Assumptions.from_data(subs, curve=cs.RetentionCurve.constant(0.5), draws=50)
    monthly = next(cell for cell in own.cells if cell.interval == 1)
    assert monthly.fitted.rate == pytest.approx([np.log(2)])


SMALL = """customer,start,end,billing interval,mrr,size
{rows}"""


def small(rows):
    return cs.read(io.BytesIO(SMALL.format(rows="\n".join(rows)).encode()).getvalue(), as_of="2025-12-31")


def test_a_segment_with_few_departures_takes_the_whole_curve_and_says_so():
    rows = [f"a{i},2025-01-01,{f'2025-{2 + i % 9:02d}-01' if i % 2 else ''},monthly,10,big" for i in range(60)]
    rows += [f"b{i},2025-01-01,{'2025-03-01' if i == 0 else ''},monthly,10,tiny" for i in range(5)]
    base = cs.Assumptions.from_data(small(rows), by="size", draws=20)
    assert any("tiny, monthly: too few departures for a curve of its own" in note for note in base.notes)
    whole = cs.Assumptions.from_data(small(rows), draws=0)
    tiny = next(cell for cell in base.cells if cell.segment == ("tiny",))
    assert np.allclose(tiny.fitted.rate, whole.cells[0].fitted.rate)
    assert {cell.segment: cell.pooled for cell in base.cells} == {("big",): False, ("tiny",): True}, "the page marks it"
    assert not whole.cells[0].pooled


def test_nobody_has_left_yet_still_gives_a_range():
    base = cs.Assumptions.from_data(small([f"a{i},2025-0{1 + i % 9}-01,,monthly,10,big" for i in range(40)]), draws=200)
    found, point = cs.interval(base, H)["new"], cs.value(base, H).clv
    assert found.low < point and 0.8 * 10 * V.sum() >= point > 0.5 * 0.8 * 10 * V.sum()
    assert any("departures" in note or "left" in note for note in base.notes)


def test_without_a_price_there_is_no_value():
    text = b"customer,start,end\n" + b"".join(b"c%d,2025-01-01,2025-0%d-01\n" % (i, 2 + i % 8) for i in range(30))
    with pytest.raises(cs.Problem, match="no price"):
        cs.Assumptions.from_data(cs.read(text))


def test_a_snapshot_is_valued_without_dates():
    base = cs.Assumptions.from_data(cs.read(ROOT / "sample_data" / "snapshot.csv"), draws=50)
    assert cs.value(base, H).clv > 0 and base.acquisitions.sum() == 0
    assert any("no dates" in note for note in base.notes)


def test_the_one_number_of_the_vendors_is_arpu_times_margin_over_churn(base):
    found = cs.naive(base)
    assert found["clv"] == pytest.approx(found["arpu"] * base.gross_margin / found["churn"])
    assert found["arpu"] == pytest.approx(base.active_mrr / base.customers)
    same = cs.naive(cs.Assumptions.flat(0.03, 50, 0.8, existing=True))
    assert same == pytest.approx({"arpu": 50.0, "churn": 0.03, "clv": 50 * 0.8 / 0.03})


# What the review of the baseline found, each once wrong ---------------------------------------------------------------

def rows(count, start="2025-01-01", end="", billing="monthly", mrr=10, size="big", name="a"):
    return [f"{name}{i},{start},{end},{billing},{mrr},{size}" for i in range(count)]


def leavers(count, name="a", size="big"):
    """Half of them left, at nine different tenures."""
    return [f"{name}{i},2025-01-01,{f'2025-{2 + i % 9:02d}-01' if i % 2 else ''},monthly,10,{size}" for i in range(count)]


def test_a_cell_that_cannot_be_valued_yet_does_not_dilute_the_others():
    plain = cs.Assumptions.from_data(small(leavers(60)), draws=0)
    young = cs.Assumptions.from_data(small(leavers(60) + rows(60, "2025-05-01", billing="annual", name="y")), draws=0)
    assert cs.value(young, 12).clv == pytest.approx(cs.value(plain, 12).clv)
    assert sum(cell.new_share for cell in young.cells) == pytest.approx(1.0)
    assert young.acquisitions[0] == pytest.approx(plain.acquisitions[0])
    assert any("60 customers with 600 USD a month" in note for note in young.notes)


def test_parallel_subscriptions_of_one_customer_are_one_price():
    both = [f"a{i},2025-0{1 + i % 9}-01,,monthly,{mrr},big" for i in range(60) for mrr in (10, 30)]
    base = cs.Assumptions.from_data(small(both), draws=0)
    assert base.cells[0].new_price == 40.0 == base.active_mrr / base.customers


def test_a_shared_curve_shares_its_error():
    """Fifty small groups on one pooled fit are as uncertain together as the whole is."""
    many = [row.replace("big", f"g{i % 50}") for i, row in enumerate(leavers(400))]
    split, whole = (cs.interval(cs.Assumptions.from_data(small(many), by=by, draws=300), H)["new"] for by in ("size", ()))
    assert split.high - split.low == pytest.approx(whole.high - whole.low, rel=0.25)


def test_whoever_came_back_otherwise_is_still_on_the_books():
    gone = [f"r{i},2024-01-01,2024-06-01,monthly,10,big" for i in range(5)]
    back = [f"r{i},2025-06-01,,annual,20,big" for i in range(5)]
    other = [f"r{i},2025-06-01,,monthly,20,other" for i in range(5)]
    left_out = cs.Assumptions.from_data(small(leavers(60) + gone + back), draws=0)
    assert any("5 customers with 100 USD a month" in note for note in left_out.notes)
    subs = small(leavers(60) + gone + other)
    assert cs.Assumptions.from_data(subs, by="size", draws=0).active_mrr == subs.active_mrr


def test_a_given_curve_keeps_its_range_if_it_knows_its_counts(subs):
    curve = cs.fit(cs.life_table(subs))
    given = cs.interval(cs.Assumptions.from_data(subs, curve=curve, draws=200), H)["new"]
    fitted = cs.interval(cs.Assumptions.from_data(subs, draws=200), H)["new"]
    assert given.high - given.low == pytest.approx(fitted.high - fitted.low, rel=0.3)
    bare = cs.Assumptions.from_data(subs, curve=cs.RetentionCurve.sbg(0.8, 8.0), draws=50)
    assert any("no counts behind it" in note for note in bare.notes)
    with pytest.raises(cs.Problem, match="none of the billing intervals"):
        cs.Assumptions.from_data(subs, curve=cs.RetentionCurve.constant(0.1, clock=3))


def test_who_joins_is_counted_over_the_last_year_only():
    old = [f"o{i},2019-0{1 + i % 9}-01,2019-12-01,monthly,10,big" for i in range(600)]
    new = [f"n{i},2025-{1 + i:02d}-01,,monthly,10,big" for i in range(12)]
    base = cs.Assumptions.from_data(small(old + new), draws=0)
    assert base.acquisitions[0] == pytest.approx(1.0) and any("Only 12 customers joined" in n for n in base.notes)
    base = cs.Assumptions.from_data(small(old), draws=0)
    assert any(n.startswith("Nobody joined in the last twelve") for n in base.notes)


def test_one_price_rise_counts_from_its_first_quarter_on():
    starts = [f"n{m}-{i},2025-{m:02d}-01,,monthly,{140 if m > 9 else 100},big" for m in range(1, 13) for i in range(20)]
    assert cs.Assumptions.from_data(small(starts), draws=0).cells[0].new_price == 140


def test_reasons_that_name_no_failed_payment_are_no_assumption():
    text = "customer,start,end,mrr,end reason\n" + "\n".join(
        f"c{i},2025-01-01,2025-{2 + i % 9:02d}-01,10,too expensive" for i in range(100))
    base = cs.Assumptions.from_data(cs.read(text.encode(), as_of="2025-12-31"), draws=0)
    assert base.cells[0].involuntary == 0.0


def test_nobody_to_value_is_a_sentence():
    with pytest.raises(cs.Problem, match="completed a billing period"):
        cs.Assumptions.from_data(small(rows(10, "2025-12-20")), draws=0)


def test_a_changed_copy_does_not_remember_the_old_groups(base):
    from dataclasses import replace

    before = cs.value(base, H).clv
    dearer = replace(base, cells=tuple(replace(cell, new_price=2 * cell.new_price) for cell in base.cells))
    assert cs.value(dearer, H).clv == pytest.approx(2 * before)


def test_draws_are_centred_on_the_fit_and_as_wide_as_the_counts_allow(base):
    """Mean of the drawn survival near the fitted one; its spread near Greenwood's, which knows nothing of the model."""
    cell = next(c for c in base.cells if c.interval == 1 and c.segment == ("Small business",))
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    km = cs.kaplan_meier(cs.life_table(subs, by="segment").select(segment="Small business", interval=1))
    drawn = (np.exp(-12 * cell.draws.rate) * cell.draws.weights).sum(axis=1)
    assert drawn.mean() == pytest.approx(np.exp(-12 * cell.fitted.rate) @ cell.fitted.weights, rel=0.005)
    assert 0.6 < drawn.std() / ((km.upper[12] - km.lower[12]) / 3.92) < 1.1  # a model borrows strength, but not more


def test_one_rate_is_drawn_from_its_posterior():
    base = cs.Assumptions.from_data(small(rows(40, "2025-01-01")), draws=4000)
    rate = 1 - np.exp(-base.cells[0].draws.rate[:, 0])
    n = 40 * 12  # months survived without anybody leaving
    assert rate.mean() == pytest.approx(0.5 / (n + 1), rel=0.1)
    assert np.quantile(rate, 0.975) == pytest.approx(0.00521, rel=0.1)  # Beta(.5, 480.5)



def joined_until(last: str):
    """Ten customers a month from January 2024 to that month, seen at the end of 2025; one in ten leaves in a year."""
    rows = [{"customer": f"{month}-{n}", "start": f"{month}-05", "end": "2025-11-20" if n == 0 else "", "mrr": "20"}
            for month in pd.period_range("2024-01", last, freq="M").astype(str) for n in range(10)]  # fmt: skip
    return cs.Assumptions.from_data(cs.read(pd.DataFrame(rows), as_of="2025-12-31"), draws=0)


@pytest.mark.parametrize("last, months", [("2025-12", None), ("2025-11", None), ("2025-09", 3), ("2025-07", 5)])
def test_sign_ups_that_stopped_are_told_where_the_book_counts_on_them(last, months):
    said = [note for note in joined_until(last).notes if note.startswith("Nobody has joined")]
    assert bool(said) == (months is not None)
    if months:
        expected = round(10 * (12 - months) / 12)
        assert said[0].startswith(f"Nobody has joined in the last {months} complete months") and f"on {expected} new" in said[0]
