"""Returns: counted by hand and by lifelines, their worth against the closed form and against single
customers.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from places import ROOT
from cs_models.engine.returns import return_counts
from cs_models.reactivation import FEWEST_RETURNS, reactivations, served
from sample_data.generate import add_months

AS_OF, FIRST = date(2026, 12, 31), date(2021, 1, 1)
SAMPLE = cs.read(ROOT / "sample_data" / "subscriptions.csv")


def people(
    seed=1, customers=1500, churn=0.06, comeback=0.4, wait=(2, 8), later_churn=0.06, price=(50.0, 50.0)
):
    """Rows (customer, start, end or None, mrr): a stay, perhaps a pause of whole months and one more stay."""
    draw, rows = np.random.default_rng(seed), []
    for who in range(customers):
        start = add_months(FIRST, int(draw.integers(60))) + timedelta(days=int(draw.integers(1, 27)))
        end = add_months(start, int(draw.geometric(churn)))
        rows.append((who, start, end if end <= AS_OF else None, price[0]))
        if end > AS_OF or draw.random() >= comeback:
            continue
        again = add_months(end, int(draw.integers(wait[0], wait[1] + 1)))
        if again <= AS_OF:
            last = add_months(again, int(draw.geometric(later_churn)))
            rows.append((who, again, last if last <= AS_OF else None, price[1]))
    return rows


def book(rows):
    lines = [f"c{who},{start},{end or ''},monthly,{mrr:.2f}" for who, start, end, mrr in rows]
    return cs.read("\n".join(["customer,start,end,interval,mrr", *lines]).encode(), as_of=AS_OF)


ROWS = people()
FOUND = reactivations(book(ROWS))


def whole_months(start, end) -> int:
    k = 0
    while add_months(start, k + 1) <= end:
        k += 1
    return k


def test_months_away_are_kaplan_meier_on_single_customers():
    from lifelines import KaplanMeierFitter

    away, back = [], []
    for who, mine in pd.DataFrame(ROWS, columns=["who", "start", "end", "mrr"]).groupby("who"):
        gone = mine["end"].iloc[0]
        if gone is None:
            continue
        back.append(len(mine) > 1)
        away.append(whole_months(gone, mine["start"].iloc[1] if back[-1] else AS_OF + timedelta(days=1)))
    theirs = KaplanMeierFitter().fit(away, back)
    assert (FOUND.left, FOUND.returned) == (len(away), sum(back))
    shown = 1 - theirs.predict(FOUND.frame["month"]).to_numpy()
    np.testing.assert_allclose(FOUND.frame["share"], shown, atol=1e-12)
    assert FOUND.back_within(8) == pytest.approx(0.4, abs=0.04) and np.isnan(FOUND.back_within(10_000))


def test_stays_before_and_after_are_counted_apart():
    first = {}
    for who, *_ in ROWS:
        first[who] = first.get(who, 0) + 1
    assert FOUND.returns == sum(n - 1 for n in first.values())
    assert FOUND.first.frame["at_risk"][0] == len(first) and FOUND.later.frame["at_risk"][0] == FOUND.returns
    alone = cs.life_table(book([row for row in ROWS]))
    pd.testing.assert_frame_equal(FOUND.first.frame, alone.frame, check_dtype=False)
    assert alone.reactivations == FOUND.returns


def test_the_worth_of_a_return_is_the_closed_form():
    """Same churn, same price, back after exactly three months with chance 1/2: R = 1, Q = .5 v^3."""
    found = reactivations(book(people(seed=2, customers=6000, comeback=0.5, wait=(3, 3))))
    v, stay = 1.1 ** (-1 / 12), 0.94
    base = cs.Assumptions.flat(0.06, 50.0, 0.8, 0.10)
    worth = found.worth(base)
    at_leaving = sum(0.06 * stay ** (k - 1) * v**k for k in range(1, 2000))
    assert worth.discount_at_leaving == pytest.approx(at_leaving, rel=1e-6)
    assert worth.rho == pytest.approx(0.5 * v**3, rel=0.06)
    assert worth.rho_range.low < 0.5 * v**3 < worth.rho_range.high
    assert worth.total == pytest.approx(worth.clv * (1 + worth.rho * at_leaving), rel=1e-9)
    assert worth.clv == pytest.approx(0.8 * 50 / (1 - v * stay), rel=1e-3)


def test_the_total_is_what_single_customers_bring_with_their_returns():
    """Discounted payments of people walked from their start; two thirds of the price and double churn
    afterwards.
    """
    v, draw, people_seen = 1.1 ** (-1 / 12), np.random.default_rng(8), 40_000
    paid = draw.geometric(0.06, people_seen)
    value = 60 * (1 - v**paid) / (1 - v)
    back = draw.random(people_seen) < 0.3
    wait, again = draw.integers(2, 7, people_seen), draw.geometric(0.12, people_seen)
    value += back * 40 * v ** (paid + wait) * (1 - v**again) / (1 - v)
    rows = people(seed=4, customers=8000, comeback=0.3, wait=(2, 6), later_churn=0.12, price=(60.0, 40.0))
    worth = reactivations(book(rows)).worth(cs.Assumptions.flat(0.06, 60.0, 1.0, 0.10))
    # The comparison of stays ends with the window watched; nearly all of both lies within it.
    assert worth.total == pytest.approx(value.mean(), rel=0.01)


def test_a_range_holds_the_truth_as_often_as_it_says():
    v, held = 1.1 ** (-1 / 12), 0
    truth = 0.4 * np.mean(v ** np.arange(2, 9))
    base = cs.Assumptions.flat(0.06, 50.0, 1.0, 0.10)
    for seed in range(20):
        worth = reactivations(book(people(seed=100 + seed, customers=500))).worth(base, draws=300)
        held += worth.rho_range.low <= truth <= worth.rho_range.high
    assert held >= 17


def test_served_months_are_the_discounted_survival():
    curve = cs.RetentionCurve.sbg(0.8, 8.0)
    base = cs.Assumptions.from_curve(curve, 50.0, gross_margin=0.3, service_cost=4.0)
    t = np.arange(1200)
    assert served(base) == pytest.approx(curve.survival_to(1200)[:1200] @ 1.1 ** (-t / 12), rel=1e-6)


def test_few_returns_have_no_worth_and_a_sentence_says_so():
    few = reactivations(book(people(seed=3, customers=60)))
    assert 0 < few.returned < FEWEST_RETURNS and not few.enough
    with pytest.raises(cs.Problem, match="from 30 on"):
        few.worth(cs.Assumptions.flat(0.06, 50.0))
    nobody = reactivations(book([(n, date(2025, 1, 5), None, 10) for n in range(5)]))
    assert nobody.sentence.startswith("Nobody has left") and not nobody.enough and nobody.typical_wait is None
    gone = reactivations(book([(n, date(2025, 1, 5), date(2025, 3, 5), 10) for n in range(50)]))
    assert gone.sentence == "0 of 50 customers who left came back."


def test_the_sample_returns_as_its_truth_says():
    """6 % of monthly payers who left, after 2 to 9 months."""
    found = reactivations(SAMPLE)
    assert found.returned == cs.life_table(SAMPLE).reactivations
    assert found.back_within(12) == pytest.approx(0.06 * 0.93, abs=0.02) and 4 <= found.typical_wait <= 8
    assert "came back: 5.4 % within 12 months" in found.sentence.replace("\xa0", " ")
    worth = found.worth(cs.Assumptions.from_data(SAMPLE, by="segment", draws=0))
    assert 0 < worth.added_range.low < worth.added < worth.added_range.high < 0.05 * worth.clv


def test_the_order_of_rows_does_not_matter_and_dates_are_needed():
    again = reactivations(book(ROWS[::-1]))
    pd.testing.assert_frame_equal(again.frame, FOUND.frame)
    with pytest.raises(cs.Problem, match="no dates"):
        reactivations(cs.read(ROOT / "sample_data" / "snapshot.csv"))


def test_a_first_stay_that_ends_inside_a_paid_year_is_watched_until_its_renewal_is_due():
    """As the life table has it: of two annual plans left in March 2026, one was to renew in June 2026, one will in February 2027."""
    lines = ["customer,start,end,interval,mrr", "a,2025-06-10,2026-03-01,annual,10", "b,2026-02-10,2026-03-01,annual,10"]
    stays = return_counts(cs.read("\n".join([*lines, ""]).encode(), as_of=AS_OF)).stays
    assert sorted(stays[["duration", "churned"]].itertuples(index=False, name=None)) == [(10, 0), (12, 1)]
