"""Customer health: counts against the life table, a penalised fit against an optimiser, chances against the
truth of a made-up market, measures against their definitions, and real data held back.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from statsmodels.stats.proportion import proportion_confint

import cs_models as cs
from cs_models.engine.people import BANDS, open_people
from cs_models.hazard_fit import fit_hazard
from cs_models.health import ordinal
from cs_models.health_check import auc_pair, brier, calibration, choices, wilson
from cs_models.health_model import choose, evidence
from cs_models.problems import Problem

ROOT = Path(__file__).resolve().parents[1]
TURN = pd.Timestamp("2025-06-30")


@lru_cache(maxsize=1)
def sample():
    return cs.read(ROOT / "sample_data" / "subscriptions.csv")


def book(rows, columns="customer,start,end,plan,interval,mrr", as_of="2026-01-31"):
    return cs.read("\n".join([columns, *rows]).encode(), as_of=as_of)


def market(seed=1, size=6000, churn=(0.02, 0.06), turn=False):
    """Two plans with a constant monthly churn each, sign-ups over 40 months, and a column that says nothing.

    `turn`: whoever is left on plan A in June 2025 goes then.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(size):
        plan, begun = rng.integers(2), int(rng.integers(40))
        life = int(rng.geometric(churn[plan]))
        start, end = (pd.Timestamp("2022-09-01") + pd.DateOffset(months=m) for m in (begun, begun + life))
        end -= pd.Timedelta(days=1)  # the last day served, so that the last month of the file is a whole one
        if turn and plan == 0 and start < TURN <= end:
            end = TURN
        until = f"{end:%Y-%m-%d}" if end <= pd.Timestamp("2026-01-31") else ""
        rows.append(f"u{number},{start:%Y-%m-%d},{until},{'AB'[plan]},monthly,50,{rng.integers(3)}")
    return book(rows, "customer,start,end,plan,interval,mrr,shirt")


# --- the counts ---


def test_the_periods_of_first_stays_are_those_of_the_life_table():
    subs = sample()
    with open_people(subs, subs.segments) as people:
        cells = people.cells(("returned",))
        today = people.today()
    first = cells[cells["returned"] == 0].groupby("term")[["at_risk", "churned", "involuntary"]].sum()
    table = cs.life_table(subs).frame
    table = table[table["tenure"] > 0].groupby("interval")[["at_risk", "churned", "involuntary"]].sum()
    # departures of the month that is not over are no departures yet; the sample has none
    assert first.to_numpy().tolist() == table.to_numpy().tolist()
    assert len(today) == subs.active and today["mrr"].sum() / 100 == pytest.approx(subs.active_mrr)


def test_somebody_who_left_in_the_month_that_is_not_over_is_no_departure_yet():
    rows = ["a,2025-01-01,,P,monthly,50", "b,2025-01-01,2026-01-15,P,monthly,50"]
    with open_people(book(rows, as_of="2026-01-20"), ()) as people:
        cells = people.cells(())
    assert (cells["at_risk"].sum(), cells["churned"].sum()) == (24, 0)


def test_a_price_rise_and_a_step_up_are_marks_of_the_months_after():
    rows = [
        "a,2025-01-01,2025-06-01,P,monthly,50", "a,2025-06-01,,P,monthly,60",  # a rise after 5 months
        "b,2025-01-01,2025-04-01,P,monthly,50", "b,2025-04-01,,Q,monthly,90",  # another plan after 3
        "c,2025-01-01,,P,monthly,50",
    ]  # fmt: skip
    with open_people(book(rows), ()) as people:
        by_price = people.marginal("price").groupby("level")["at_risk"].sum().to_dict()
        by_change = people.marginal("change").groupby("level")["at_risk"].sum().to_dict()
        today = people.today()
    assert by_price == {0: 13 + 13 + 5, 1: 3, 2: 5}  # three months of news, then the rest of a year
    assert by_change == {0: 13 + 13 + 7, 1: 6}
    assert today["since_rise"].tolist()[0] == 8 and today["since_change"].tolist()[1] == 10
    assert today["since_rise"].isna().tolist() == [False, True, True]


def test_who_came_back_and_who_failed_to_pay_before_are_marked():
    rows = [
        "a,2024-01-10,2024-03-10,P,monthly,50,payment failed", "a,2024-09-10,,P,monthly,50,",
        "b,2024-01-10,,P,monthly,50,", "c,2024-01-10,2024-05-10,P,monthly,50,cancelled",
    ]  # fmt: skip
    subs = book(rows, "customer,start,end,plan,interval,mrr,end_reason")
    with open_people(subs, ()) as people:
        today = people.today()
        failed = people.marginal("failed").groupby("level")["at_risk"].sum()
    assert today[["returns", "failed"]].to_numpy().tolist() == [[1, 1], [0, 0]]
    assert failed[1] == 16


# --- the fit ---


def test_the_penalised_fit_is_the_optimum_of_its_likelihood():
    rng = np.random.default_rng(3)
    at_risk, level = rng.integers(5, 400, 24), rng.integers(0, 4, 24)
    design = np.column_stack([np.ones(24), np.eye(4)[level]])  # the levels repeat the constant
    left = rng.binomial(at_risk, 1 - np.exp(-np.exp(-2 + np.array([0, 0.5, -0.4, 1])[level])))
    penalty = np.array([0, 4, 4, 4, 4.0])

    def loss(b):
        pace = np.exp(design @ b)
        return -(left @ np.log(-np.expm1(-pace)) - (at_risk - left) @ pace) + penalty @ b**2 / 2

    best = minimize(loss, np.array([-2.0, 0, 0, 0, 0]), method="BFGS", options={"gtol": 1e-8}).x
    assert fit_hazard(at_risk, left, design, penalty=penalty).coefficients == pytest.approx(best, abs=1e-4)


def test_a_column_that_says_nothing_does_not_count_and_one_that_does_is_first():
    health = cs.customer_health(market())
    assert health.in_use == ("plan",)


def test_evidence_is_the_sum_of_squares_over_variance():
    frame = pd.DataFrame({"term": 1, "band": 0, "level": [0, 1], "at_risk": [100, 100], "churned": [10, 30]})
    stat, chance = evidence(frame)  # 20 expected of each at .2: variance 16
    assert stat == pytest.approx(2 * 100 / 16) and chance == pytest.approx(0.000407, abs=1e-6)
    assert choose({"g0": frame, "g1": frame.assign(churned=[20, 20])}, 1000) == ("g0",)


def test_the_chances_are_those_of_the_market():
    health = cs.customer_health(market(size=12_000))
    plan = health.value("g0")
    for name, churn in (("A", 0.02), ("B", 0.06)):
        mine = health.frame[plan == name]
        assert mine["stay_3"].mean() == pytest.approx((1 - churn) ** 3, abs=0.01)
        assert mine["stay_12"].mean() == pytest.approx((1 - churn) ** 12, abs=0.03)
    worst = health.frame.head(1)
    assert (
        health.reasons(worst)[0].startswith("plan: B (2.")
        and worst["stay_3"].iloc[0] == health.frame["stay_3"].min()
    )


def test_annual_payers_can_leave_at_their_renewal_only():
    frame = cs.customer_health(sample()).frame
    annual = frame[frame["interval"] == 12]
    assert annual.loc[annual["due"] > 3, "stay_3"].eq(1).all()
    assert annual.loc[annual["due"] <= 3, "stay_3"].lt(1).all()
    assert np.allclose(annual["stay_12"], annual["stay_due"])
    assert annual.loc[annual["due"] == 1, "renewal"].eq("2026-11").all()


def test_failed_payments_have_a_share_where_the_file_says_why():
    assert cs.customer_health(sample()).frame["failing"].between(0.05, 0.6).all()
    assert cs.customer_health(market()).frame["failing"].isna().all()


def test_too_few_departures_are_told():
    with pytest.raises(Problem, match="Too few departures"):
        cs.customer_health(book([f"a{i},2025-01-01,,P,monthly,50" for i in range(50)]))


def test_ordinals_and_bands():
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 21, 112)] == [
        "1st",
        "2nd",
        "3rd",
        "4th",
        "11th",
        "21st",
        "112th",
    ]
    assert list(BANDS) == sorted(set(BANDS)) and BANDS[0] == 1


# --- the check ---


def test_auc_and_its_error_by_counting_pairs():
    rng = np.random.default_rng(5)
    left = rng.random(60) < 0.4
    scores = [np.round(rng.random(60) + 0.3 * left, 1), rng.random(60)]
    kernels = [
        (s[left][:, None] > s[~left][None, :]) + 0.5 * (s[left][:, None] == s[~left][None, :]) for s in scores
    ]
    apart = kernels[0] - kernels[1]
    error = np.sqrt(apart.mean(1).var(ddof=1) / left.sum() + apart.mean(0).var(ddof=1) / (~left).sum())
    found = auc_pair(*scores, np.ones(60), left.astype(float))
    assert found == pytest.approx((kernels[0].mean(), kernels[1].mean(), error))


def test_wilson_is_that_of_a_library():
    low, high = wilson(np.array([0.3, 0.0]), np.array([10, 25]))
    for i, (left, n) in enumerate(((3, 10), (0, 25))):
        assert (low[i], high[i]) == pytest.approx(proportion_confint(left, n, method="wilson"), abs=1e-12)


def test_brier_and_groups_of_equal_size():
    chance, left = np.repeat([0.1, 0.2], [60, 40]), np.zeros(100)
    left[[0, 1, 60, 61, 62]] = 1
    assert brier(chance, np.ones(100), left) == pytest.approx(((chance - left) ** 2).mean())
    together = brier(np.array([0.1, 0.2]), np.array([60.0, 40.0]), np.array([2.0, 3.0]))
    assert together == pytest.approx(brier(chance, np.ones(100), left), abs=1e-12)
    bins = calibration(chance, np.ones(100), left)
    assert bins["customers"].tolist() == [60, 40] and bins["happened"].tolist() == pytest.approx(
        [2 / 60, 3 / 40]
    )


def test_a_check_learns_from_the_earlier_day_only():
    """In the last year everybody on plan A left: what had been expected of them does not know it."""
    subs = market()
    check = cs.check_health(subs, 12)
    assert check.inside >= 8 and check.gain_low > 0
    turned = market(turn=True)
    after = cs.check_health(turned, 12)
    assert after.bins["expected"].tolist() == pytest.approx(check.bins["expected"].tolist())
    assert after.bins["happened"].iloc[0] > 0.9 and after.inside < 8
    assert "beats tenure alone" in check.sentence


def test_where_nothing_parts_customers_it_says_so():
    check = cs.check_health(market(churn=(0.04, 0.04)), 6)
    assert check.gain == 0 and "adds nothing" in check.sentence


def test_months_that_cannot_be_held_back():
    young = book(
        [f"a{i},2025-0{1 + i % 9}-01,{'2025-12-01' if i < 30 else ''},P,monthly,50" for i in range(60)]
    )
    assert choices(young) == (3,)
    with pytest.raises(Problem, match="cannot be held back"):
        cs.check_health(young, 12)


# --- real data ---


@pytest.mark.reference
@pytest.mark.parametrize("files, months, inside, sure", [
    (["growth_trials_invoices/subscriptions.csv", "growth_trials_invoices/accounts.csv"], 6, 9, True),
    (["growth_trials_invoices/subscriptions.csv", "growth_trials_invoices/accounts.csv"], 3, 8, False),
    (["osas_mrr_bridge/subscription_monthly.csv"], 3, 9, True),
    (["ibm_telco_21col/Telco-Customer-Churn.csv"], 12, 9, True),
])  # fmt: skip
def test_held_back_months_of_real_data(reference_data, files, months, inside, sure):
    """`sure`: whether more than tenure is known beyond chance; three months of a book without new customers tell less."""
    paths = [reference_data / name for name in files]
    found = cs.check_health(cs.read(paths if len(paths) > 1 else paths[0]), months)
    assert found.inside >= inside and found.auc >= found.auc_tenure and (found.gain_low > 0) == sure
    assert found.brier <= found.brier_tenure
