"""Customers, segments and growth of three published firms, each figure made again without the core: plain pandas on
the files, a logistic hazard of statsmodels, Kaplan-Meier of lifelines.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import KaplanMeierFitter
from scipy.stats import rankdata

import cs_models as cs
from cs_models.calls import residual_values
from cs_models.channel_economics import Cost
from cs_models.health_check import check_health

pytestmark = pytest.mark.reference
TODAY = pd.Timestamp("2026-03-31")
KEEPS = .10, .80  # discount rate, gross margin: the defaults of the core


@pytest.fixture(scope="module")
def trials(reference_data, tmp_path_factory):
    """(subscriptions, the paid rows of the file with channel and size) of the firm that sells after a trial."""
    folder = reference_data / "growth_trials_invoices"
    accounts = pd.read_csv(folder / "accounts.csv")[["account_id", "first_touch_channel", "company_size"]]
    rows = pd.read_csv(folder / "subscriptions.csv").merge(accounts).rename(columns={"first_touch_channel": "channel"})
    file = tmp_path_factory.mktemp("trials") / "joined.csv"
    rows.to_csv(file, index=False)
    paid = rows[rows["conversion_date"].notna()]
    paid = paid.assign(start=pd.to_datetime(paid["conversion_date"]), end=pd.to_datetime(paid["cancel_date"]))
    return cs.read(file, as_of=TODAY.date()), paid


@pytest.fixture(scope="module")
def osas(reference_data):
    """(subscriptions, MRR of customer by month) of the firm with a panel of months."""
    file = reference_data / "osas_mrr_bridge" / "subscription_monthly.csv"
    panel = pd.read_csv(file).pivot_table("mrr", "customer_id", "month", "sum", fill_value=0)
    return cs.read(file), panel


# --- health ---


def auc(chance, left) -> float:
    """Mann-Whitney: the share of pairs in the right order."""
    rank, ones = rankdata(chance), left.sum()
    return float((rank[left == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(left) - ones)))


def test_telco_orders_customers_as_a_logistic_hazard_does(reference_data):
    """A month of a customer is a row; a fifth of the customers at a time is held back, by another lot than the core's."""
    file = reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv"
    found, rows = check_health(cs.read(file)), pd.read_csv(file)
    names = ["Contract", "InternetService", "OnlineSecurity", "TechSupport", "PaymentMethod", "PaperlessBilling",
             "SeniorCitizen", "Dependents", "Partner", "MultipleLines", "StreamingTV", "OnlineBackup"]  # fmt: skip
    rows["left"], rows["fold"] = (rows["Churn"] == "Yes").astype(int), np.arange(len(rows)) % 5
    months = rows.loc[rows.index.repeat(rows["tenure"])]
    month = months.groupby(level=0).cumcount() + 1
    months = months.assign(month=month, gone=months["left"] * (month == months["tenure"]))
    band = pd.cut(months["month"], [0, 1, 2, 3, 6, 12, 24, 36, 48, 60, 72]).cat.codes
    cells = months.assign(band=band).groupby(["fold", "band", *names])["gone"].agg(["size", "sum"]).reset_index()
    design = sm.add_constant(pd.get_dummies(cells[["band", *names]].astype(str), drop_first=True, dtype=float))
    chances = np.zeros((2, len(cells)))
    for fold in range(5):
        rest = (cells["fold"] != fold).to_numpy()
        for which, columns in enumerate((list(design), [c for c in design if c == "const" or c.startswith("band_")])):
            counts = np.column_stack([cells["sum"], cells["size"] - cells["sum"]])[rest]
            fit = sm.GLM(counts, design.loc[rest, columns], family=sm.families.Binomial()).fit()
            chances[which, ~rest] = fit.predict(design.loc[~rest, columns])
    gone = np.repeat(np.tile([1, 0], len(cells)), np.column_stack([cells["sum"], cells["size"] - cells["sum"]]).ravel())
    each = [np.repeat(one.repeat(2), np.column_stack([cells["sum"], cells["size"] - cells["sum"]]).ravel()) for one in chances]
    theirs = [auc(one, gone) for one in each]
    print(f"AUC {found.auc:.3f} (logistic {theirs[0]:.3f}); tenure alone {found.auc_tenure:.3f} ({theirs[1]:.3f})")
    assert found.left == gone.sum() == 1869 and found.customers == len(gone)
    assert found.auc == pytest.approx(theirs[0], abs=0.01) and found.auc_tenure == pytest.approx(theirs[1], abs=0.01)
    assert found.brier == pytest.approx(float(np.mean((gone - each[0]) ** 2)), rel=0.01)
    assert found.gain > 0.1 and found.inside >= 8, "and the shares are right"


def test_who_left_within_half_a_year_is_counted_from_the_file(trials):
    subs, paid = trials
    day = pd.Timestamp("2025-09-30")
    there = paid[(paid["start"] <= day) & ~(paid["end"] <= day)]
    found = check_health(subs, 6)
    assert (found.customers, found.left) == (len(there), (there["end"] <= TODAY).sum())
    weight = found.bins["customers"] / found.customers
    expected, happened = (float(found.bins[name] @ weight) for name in ("expected", "happened"))
    print(f"expected {expected:.3f}, happened {happened:.3f}, AUC {found.auc:.3f} against {found.auc_tenure:.3f}")
    assert happened == pytest.approx(found.left / found.customers) and abs(expected - happened) < 0.03


# --- the four groups, the calls ---


def test_four_groups_customer_by_customer(trials):
    subs, _ = trials
    base, health = cs.Assumptions.from_data(subs, by=("plan",), draws=0), cs.customer_health(subs)
    found = cs.customer_groups(subs, base, 36, cs.customer_groups.__defaults__[1])
    mrr, value = health.frame["mrr"].to_numpy(), residual_values(subs, health, base, 36)
    kept = found.cutoffs
    order = np.sort(value)[::-1]
    vip, core = (order[int(np.ceil(share * len(order) - 1e-9)) - 1] for share in (kept.top, kept.middle))
    top = np.quantile(mrr, 0.9, method="inverted_cdf")  # one group of plans: prices inside a plan are a list
    reach, room = value * top / mrr, 1 - mrr / top
    names = np.select([value >= vip, (room >= kept.room) & (reach >= vip) & (value >= core), value >= core], ["vip", "potential", "core"], "secondary")
    table = found.table.set_index("group")
    print(table[["customers", "mrr", "residual", "churn"]].round(1).to_string())
    assert found.ceiling == "group" and not found.growth_seen
    for name in table.index:
        mine = names == name
        assert table.loc[name, "customers"] == mine.sum(), name
        assert table.loc[name, ["mrr", "residual"]].tolist() == pytest.approx([mrr[mine].sum(), value[mine].sum()]), name
    assert table["residual"].sum() == pytest.approx(cs.value(base, 36).residual)


def test_no_other_choice_of_calls_saves_more(trials):
    """Every contact takes as long, so the best list is that of the largest sums: held against swaps and an extra hour."""
    subs, _ = trials
    base, health = cs.Assumptions.from_data(subs, by=("plan",), draws=0), cs.customer_health(subs)
    found = cs.call_list(subs, health, base, horizon=36)
    each = (1 - health.frame["stay_3"]) * 0.2 * residual_values(subs, health, base, 36)
    best = np.sort(each)[::-1]
    assert found.contacts == 20 and found.total == pytest.approx(best[:20].sum())
    assert found.next_hour == pytest.approx(best[20:22].sum())
    print(f"20 calls save {found.total:,.0f}; one more hour {found.next_hour:,.0f}")


# --- channels ---


def test_channels_against_the_observed_curve(trials, reference_data):
    """Over a year nothing is beyond what was seen: value and survival to payback are those of Kaplan-Meier."""
    subs, paid = trials
    told = pd.read_csv(reference_data / "growth_trials_invoices" / "expected" / "channel_performance.csv")
    cac = told.set_index("first_touch_channel")["cac"]
    cac = cac[(cac > 0) & (cac < 500)]
    base = cs.Assumptions.from_data(subs, by=("channel",), draws=60)
    table = cs.economics_by_group(base, {name: Cost(cac=one) for name, one in cac.items()}, 12).set_index("group")
    v = (1 + KEEPS[0]) ** (-1 / 12)
    days = (paid["end"].fillna(TODAY + pd.Timedelta(days=1)) - paid["start"]).dt.days
    months = np.where(paid["end"].notna(), np.ceil(days / 30.4375).clip(lower=1), np.floor(days / 30.4375))
    for name, cost in cac.items():
        mine = (paid["channel"] == name).to_numpy()
        curve = KaplanMeierFitter().fit(months[mine], paid.loc[mine, "end"].notna())
        stays = np.array([1.0, *(float(curve.predict(t)) for t in range(1, 36))])
        # 49, 99 or 249 a month: a quarter of a channel is too few for a price, so it is the last year's
        lately = paid.loc[mine & (paid["start"] >= "2025-04-01").to_numpy()]
        margin = KEEPS[1] * float(lately["monthly_recurring_revenue"].mean())
        worth = margin * float((stays[:12] * v ** np.arange(12)).sum())
        row, payments = table.loc[name], int(np.ceil(cost / margin))
        print(f"{name}: value {row['clv']:.0f} ({worth:.0f}), LTV:CAC {row['ratio']:.2f} [{row['low']:.2f}, {row['high']:.2f}], "
              f"reach payback {row['reached']:.3f} ({stays[payments - 1]:.3f})")
        assert row["clv"] == pytest.approx(worth, rel=0.06) and row["own_months"] == pytest.approx(payments, abs=1)
        assert row["reached"] == pytest.approx(stays[int(row["own_months"]) - 1], abs=0.04)
        assert row["low"] < row["ratio"] < row["high"] and row["ratio"] == pytest.approx(row["clv"] / cost)


# --- growth ---


def test_growth_by_year_from_the_panel(osas):
    subs, panel = osas
    found = cs.where_growth_comes_from(subs).years.set_index("year")
    ends = {year: panel[f"{year}-12"] for year in (2023, 2024, 2025)}
    before, seen = pd.Series(0, panel.index), pd.Series(False, panel.index)
    for year, now in ends.items():
        change = now - before
        kinds = {"new": (before == 0) & (now > 0) & ~seen, "returned": (before == 0) & (now > 0) & seen,
                 "lost": (before > 0) & (now == 0), "expansion": (before > 0) & (now > before),
                 "contraction": (now > 0) & (now < before)}  # fmt: skip
        parts = {name: float(change[which].sum()) for name, which in kinds.items()}
        assert found.loc[year, list(parts)].to_dict() == pytest.approx(parts), year
        assert found.loc[year, "closing"] == pytest.approx(now.sum())
        before, seen = now, seen | (now > 0)
    print(found[["opening", "new", "expansion", "returned", "lost", "contraction", "closing"]].to_string())


def test_a_point_of_churn_and_what_is_lost_a_month(osas, reference_data):
    subs, _ = osas
    bridge = pd.read_csv(reference_data / "osas_mrr_bridge" / "expected" / "mrr_bridge_monthly.csv", sep=";").tail(12)
    found = cs.where_growth_comes_from(subs)
    lost = -(bridge["churned_mrr"] + bridge["contraction_mrr"]).sum() / bridge["starting_mrr"].sum()
    print(f"MRR {found.mrr:,.0f}, lost a month {found.monthly_churn:.4f} ({lost:.4f})")
    assert found.mrr == 252_915 and found.monthly_churn == pytest.approx(float(lost), rel=1e-6)
    assert cs.to_stand_still(found.mrr).mrr == pytest.approx(2529.15)
