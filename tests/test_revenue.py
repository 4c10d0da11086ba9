"""Revenue by tenure, triangles by renewal, and margin so far: against customers counted one by one."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.charts import retention
from cs_models.earned import value_sentence
from cs_models.revenue import revenue_headline
from test_triangle import export

AS_OF = date(2025, 3, 20)
FAR = 10_000


def read(frame):
    return cs.read(frame, as_of=AS_OF)


def rows(*given):
    return read(pd.DataFrame(given, columns=["customer_id", "start_date", "end_date", "mrr"]))


def months(start, end, up=False):
    """Whole months from start to end, or months begun."""
    k = 0
    while start + pd.DateOffset(months=k + 1) <= end:
        k += 1
    return k + (1 if up and start + pd.DateOffset(months=k) < end else 0)


def book(seed, people=250):
    """Customers on up to three prices one after another without a gap, and what each pays by age."""
    random, lines, paid = np.random.default_rng(seed), [], {}
    tomorrow = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    for number in range(people):
        start = pd.Timestamp(2023, 6, 1) + pd.Timedelta(days=int(random.integers(600)))
        possible, ages, age = months(start, tomorrow), [], 0
        for part in range(int(random.integers(1, 4))):
            price, length = int(random.integers(1, 9)) * 10, int(random.integers(1, 8))
            begin, end = start + pd.DateOffset(months=age), start + pd.DateOffset(months=age + length)
            if begin > pd.Timestamp(AS_OF):
                break
            live = end > pd.Timestamp(AS_OF)
            lines.append((f"c{number}", begin.date(), None if live else end.date(), price))
            ages += [price] * (FAR if live else length)
            age += length
            if live:
                break
        paid[number] = (start, possible, ages)
    return pd.DataFrame(lines, columns=["customer_id", "start_date", "end_date", "mrr"]), paid


def at(ages, k):
    return ages[k] if k < len(ages) else 0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_net_and_gross_equal_counting_every_customer(seed):
    frame, paid = book(seed)
    subs = read(frame)
    for kind in ("net", "gross"):
        curve = cs.revenue_retention(subs, kind)[None]
        for k in curve.tenure:
            own = [ages for _, possible, ages in paid.values() if possible >= k]
            first = sum(ages[0] for ages in own)
            now = sum(min(at(ages, k), ages[0]) if kind == "gross" else at(ages, k) for ages in own)
            assert curve.at_risk[k] == len(own) and curve.start[k] == pytest.approx(first)
            assert curve.survival[k] == pytest.approx(now / first, abs=1e-12)


@pytest.mark.parametrize("value, kind", [("mrr", "net"), ("gross", "gross")])
def test_triangles_equal_counting_every_customer(value, kind):
    frame, paid = book(4)
    cells = cs.cohort_triangle(read(frame), value).frame
    for row in cells[cells["share"].notna()].itertuples():
        own = [a for s, _, a in paid.values() if s.strftime("%Y-%m") == row.cohort]
        now = sum(min(at(a, row.age), a[0]) if kind == "gross" else at(a, row.age) for a in own)
        assert row.value == pytest.approx(now) and row.share == pytest.approx(now / sum(a[0] for a in own))


def test_gross_is_by_customer_and_not_by_totals():
    """100 and 100 that end at 0 and 200: GRR 50 %, NRR 100 %."""
    subs = rows(("a", "2024-01-01", "2024-07-01", 100), ("b", "2024-01-01", "2024-07-01", 100),
                ("b", "2024-07-01", None, 200))  # fmt: skip
    gross, net = (cs.revenue_retention(subs, kind)[None].survival for kind in ("gross", "net"))
    assert (gross[5], net[5]) == (1, 1) and (gross[12], net[12]) == (0.5, 1.0)


def test_a_customer_who_comes_back_to_the_first_price_is_kept_in_full():
    subs = rows(("a", "2024-01-01", "2024-03-01", 100), ("a", "2024-03-01", "2024-05-01", 50),
                ("a", "2024-05-01", None, 120))  # fmt: skip
    assert cs.revenue_retention(subs, "gross")[None].survival[[1, 2, 4]].tolist() == [1, 0.5, 1]


@pytest.mark.parametrize("by", [None, "plan", "region", "year"])
def test_gross_never_exceeds_net_nor_one(by):
    subs = read(export(400, 5))
    gross, net = (cs.revenue_retention(subs, kind, by) for kind in ("gross", "net"))
    assert list(gross) == list(net) and len(gross) > (by is not None)
    for name, own in gross.items():
        seen = np.isfinite(own.survival)
        most = np.minimum(net[name].survival, 1) + 1e-12
        assert own.survival[0] == 1 and (own.survival[seen] <= most[seen]).all()
        many = seen & (own.at_risk > 1)
        assert (own.lower[many] <= own.survival[many] + 1e-12).all() and own.upper[many].max() <= 1
        assert (own.upper[many] >= own.survival[many] - 1e-12).all()
    if by:
        whole = cs.revenue_retention(subs, "net")[None]
        assert sum(own.start[0] for own in net.values()) == pytest.approx(whole.start[0])


def test_without_a_change_of_price_gross_net_and_logos_agree():
    frame = export(300, 6, several=False).assign(mrr=30)
    subs = read(frame)
    net, gross = (cs.revenue_retention(subs, kind)[None] for kind in ("net", "gross"))
    assert net.survival == pytest.approx(gross.survival)
    for value in ("mrr", "gross"):
        one, two = (cs.cohort_triangle(subs, v).matrix() for v in (value, "logos"))
        pd.testing.assert_frame_equal(one, two)


def test_the_band_holds_the_truth():
    """Half stay, price 10 or 90: the band at month 2 holds .5 about 95 times in 100."""
    hits = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        gone = random.random(200) < 0.5
        frame = pd.DataFrame({"customer_id": np.arange(200), "start_date": "2024-01-10",
                              "end_date": np.where(gone, "2024-02-10", None),
                              "mrr": random.choice([10, 90], 200)})  # fmt: skip
        curve = cs.revenue_retention(read(frame), "net")[None]
        hits += curve.lower[2] <= 0.5 <= curve.upper[2]
    assert hits >= 16
    residual = np.where(gone, 0, frame["mrr"]) - curve.survival[2] * frame["mrr"]
    by_hand = 1.959964 * np.sqrt(np.sum(residual**2) * 200 / 199) / frame["mrr"].sum()
    assert (curve.upper[2] - curve.lower[2]) / 2 == pytest.approx(by_hand, rel=1e-6)


def test_a_few_large_customers_weigh_as_few():
    books = [[(f"c{n}", "2024-01-01", None, price if n else first) for n in range(30)]
             for first, price in ((50, 50), (9000, 10))]  # fmt: skip
    like, mixed = (cs.revenue_retention(rows(*book))[None] for book in books)
    assert like.effective[3] == pytest.approx(30) and mixed.at_risk[3] == 30
    assert mixed.effective[3] == pytest.approx(9290**2 / (9000**2 + 29 * 100))
    assert retention.shown_to(like) == like.tenure[-1] and retention.shown_to(mixed) == 1


def test_the_headline_names_both_kinds():
    subs = rows(("a", "2024-01-01", "2024-07-01", 100), ("b", "2024-01-01", None, 100))
    said = [revenue_headline(cs.revenue_retention(subs, kind)[None], 12) for kind in ("gross", "net")]
    start = "Of every $100 customers began with, $50 are still billed after 12 months"
    assert all(sentence.startswith(start) for sentence in said)
    assert "without what they bought on top" in said[0] and ", with what" in said[1]


def test_what_cannot_be_followed_is_a_sentence():
    with pytest.raises(cs.Problem, match="price"):
        cs.revenue_retention(read(export(20, 8).drop(columns="mrr")))
    with pytest.raises(cs.Problem, match="gross"):
        cs.revenue_retention(read(export(20, 8)), "loose")


# --- triangles: averages, quarters, renewals ---


def test_the_average_weighs_each_intake_with_its_size():
    stay = [(f"a{n}", "2024-01-05", None if n < 45 else "2024-02-05", 10) for n in range(90)]
    subs = rows(*stay, *((f"b{n}", "2024-02-05", None, 10) for n in range(10)))
    average = cs.cohort_triangle(subs).average().set_index("age")
    assert average.loc[1, "share"] == pytest.approx(0.55) and average.loc[1, "customers"] == 100
    last = average.index.max()
    assert average.loc[last, "customers"] == 90, "only the older intake is that old"


@pytest.mark.parametrize("value", ["logos", "mrr", "gross"])
def test_the_average_is_the_sum_of_the_cells(value):
    triangle = cs.cohort_triangle(read(export(300, 9)), value)
    grid, sizes = triangle.matrix(), triangle.frame.query("age == 0").set_index("cohort")["value"]
    for row in triangle.average().itertuples():
        seen = grid[row.age].dropna()
        assert row.share == pytest.approx((seen * sizes[seen.index]).sum() / sizes[seen.index].sum())


@pytest.mark.parametrize("every, labels", [(3, {"2023 Q2", "2025 Q1"}), (12, {"2023", "2024", "2025"})])
def test_quarters_and_years_hold_the_same_customers(every, labels):
    subs = read(export(300, 10))
    month, wide = cs.cohort_triangle(subs), cs.cohort_triangle(subs, every=every)
    assert labels <= set(wide.frame["cohort"])
    sizes = [triangle.frame.query("age == 0")["customers"].sum() for triangle in (month, wide)]
    assert sizes[0] == sizes[1]
    for cohort, own in wide.frame.groupby("cohort"):
        inside = month.frame[month.frame["cohort"].str[:4].eq(cohort[:4])]
        if every == 12:
            seen = own[own["share"].notna()]
            sums = inside.groupby("age")["value"].sum(min_count=inside["cohort"].nunique())
            assert seen["value"].tolist() == pytest.approx(sums[seen["age"]].tolist())
    with pytest.raises(cs.Problem, match="month, a quarter or a year"):
        cs.cohort_triangle(subs, every=2)


def test_annual_payers_are_followed_by_renewal():
    ends = ["2023-02-03"] * 10 + ["2024-02-03"] * 5 + [None] * 25
    lines = [(f"a{n}", "2022-02-03", end, 1200, "annual") for n, end in enumerate(ends)]
    lines += [(f"m{n}", "2022-02-03", "2022-06-03", 100, "monthly") for n in range(25)]
    names = ["customer_id", "start_date", "end_date", "price", "billing_interval"]
    subs = read(pd.DataFrame(lines, columns=names))
    for value in ("logos", "mrr", "gross"):
        found = cs.cohort_triangle(subs, value, billed=12)
        assert found.matrix().loc["2022-02"].tolist() == [1, 0.75, 0.625, 0.625] and found.term == 12
    assert found.frame["customers"].max() == 40
    assert cs.cohort_triangle(subs, billed=3).frame.empty


def test_a_renewal_counts_when_the_whole_intake_has_met_it():
    lines = [(f"a{n}", day, None, 1200, "annual") for n, day in enumerate(["2024-03-05", "2024-03-29"])]
    names = ["customer_id", "start_date", "end_date", "price", "billing_interval"]
    found = cs.cohort_triangle(read(pd.DataFrame(lines, columns=names)), billed=12).frame.set_index("age")
    assert np.isnan(found.loc[1, "share"]) and found.loc[1, "eligible"] == 1


# --- margin so far ---


def test_the_example_of_margin_so_far():
    subs = rows(("a", "2024-01-01", "2024-02-01", 100), ("b", "2024-01-01", None, 100))
    found = cs.cohort_value(cs.cohort_triangle(subs, "mrr"), cs.cohort_triangle(subs), 0.8, cac=100)
    assert found.frame["value"].tolist()[:4] == pytest.approx([0, 80, 120, 160])
    assert found.average["value"].tolist()[:4] == pytest.approx([0, 80, 120, 160])
    assert found.paid_back["paid_back_in"].tolist() == [2]
    said = "The average customer earns back $100 in 2 months; 1 of the 1 sign-up month that old did so too."
    assert value_sentence(found) == said


@pytest.mark.parametrize("service", [0.0, 7.0])
def test_margin_so_far_equals_adding_up_payments(service):
    frame, paid = book(11)
    subs = read(frame)
    found = cs.cohort_value(cs.cohort_triangle(subs, "mrr"), cs.cohort_triangle(subs), 0.7, service)
    for row in found.frame.itertuples():
        own = [a for s, _, a in paid.values() if s.strftime("%Y-%m") == row.cohort]
        total = sum(0.7 * at(a, t) - service * (at(a, t) > 0) for a in own for t in range(row.age))
        assert row.value == pytest.approx(total / len(own)) and row.customers == len(own)
    assert (found.average["value"].diff().dropna() >= 0).all() or service


def test_the_average_is_a_cohort_where_all_are_alike():
    subs = rows(*((f"c{n}", f"2024-{1 + n % 6:02d}-05", None, 50) for n in range(60)))
    found = cs.cohort_value(cs.cohort_triangle(subs, "mrr"), cs.cohort_triangle(subs), 1.0, cac=FAR)
    assert found.average["value"].tolist() == pytest.approx((50.0 * found.average["age"]).tolist())
    assert found.paid_back["paid_back_in"].isna().all() and "No age is reached yet" in value_sentence(found)
    free = cs.cohort_value(cs.cohort_triangle(subs, "mrr"), cs.cohort_triangle(subs), 1.0)
    assert value_sentence(free).startswith("Customers brought $600 of margin each in their first 12 months.")


def test_margin_so_far_refuses_what_does_not_fit():
    subs = rows(("a", "2024-01-01", None, 100))
    mrr, logos = cs.cohort_triangle(subs, "mrr"), cs.cohort_triangle(subs)
    wrong = (mrr, mrr, 0.8), (mrr, logos, 1.2), (mrr, logos, 0.8, -1.0), (mrr, logos, 0.8, 0.0, np.nan)
    for given in wrong:
        with pytest.raises(cs.Problem):
            cs.cohort_value(*given)


def test_a_file_of_free_plans_only_is_a_sentence_and_no_traceback():
    rows = b"customer,start,end,mrr\nA,2025-01-01,2025-03-31,0\nB,2025-01-15,,0\n"
    subs = cs.read(rows, as_of="2025-06-30")
    with pytest.raises(cs.Problem, match="no paying customer"):
        cs.revenue_retention(subs)
    assert cs.expansion_by_tenure(subs).bands == ()
