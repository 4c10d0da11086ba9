"""VIP, potential, core and secondary: everybody in one group, sums that match the valuation, thresholds that hold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.four_groups import GROUPS, Cutoffs, assigned, ceilings, customer_groups, least_of_top, moved_by
from cs_models.problems import Problem
from cs_models.valuation import evaluate

PLANS = (
    (),
    (cs.PriceIncrease(rise=0.10, one_off_loss=0.015), cs.Grandfathering(until="renewal")),
    (cs.AnnualBilling(adoption=0.4, phase_in=3),),
    (cs.AccountManagement(reach=0.5),),
    (cs.Onboarding(cost=20.0), cs.WinBack(), cs.Expansion()),
)


@pytest.fixture(scope="module")
def subs():
    return cs.read("sample_data/subscriptions.csv")


@pytest.fixture(scope="module")
def base(subs):
    return cs.Assumptions.from_data(subs, by=("segment",), draws=0, service_cost=1.5)


@pytest.fixture(scope="module")
def found(subs, base):
    return customer_groups(subs, base)


def test_everybody_is_in_one_group_and_the_sums_are_those_of_the_book(found, base):
    table = found.table
    assert table["group"].tolist() == list(GROUPS)
    assert table["customers"].sum() == pytest.approx(base.customers) == found.customers
    assert table["mrr"].sum() == pytest.approx(base.active_mrr)
    assert table["residual"].sum() == pytest.approx(cs.value(base, 36).residual, rel=1e-12)
    assert table["share"].sum() == pytest.approx(1)


def test_churn_of_all_groups_together_is_that_of_the_book(found, base):
    table = found.table
    left = (table["churn"].fillna(0) * table["customers"]).sum()
    stay = evaluate(base, (), 13).existing.in_force[12]
    assert left == pytest.approx(base.customers - stay, rel=1e-9)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: "-".join(type(one).__name__ for one in plan) or "nothing")
def test_a_plan_moves_customers_and_loses_nobody(found, base, plan):
    moved = moved_by(found, base, plan)
    assert moved.flows.sum(axis=1).to_numpy() == pytest.approx(found.table["customers"].to_numpy())
    assert moved.flows.sum(axis=0).to_numpy() == pytest.approx(moved.after["customers"].to_numpy())
    valued = evaluate(base, plan, 36, detail=cs.Scenario("", plan).detail)
    assert moved.after["residual"].sum() == pytest.approx(valued.residual, rel=1e-9)
    if not plan:
        assert moved.moved == 0


def test_a_rise_that_costs_nobody_moves_customers_up_only(found, base):
    flows = moved_by(found, base, (cs.PriceIncrease(rise=0.2, churn_elasticity=0.0),)).flows
    assert flows.loc["vip", ["potential", "core", "secondary"]].sum() == 0 and flows.loc["secondary", "core"] > 0


def test_more_vips_where_more_are_asked_for(subs, base):
    shares = [customer_groups(subs, base, cutoffs=Cutoffs(top=top)).table["share"].iloc[0] for top in (0, 0.1, 0.3, 0.6)]
    assert shares == sorted(shares) and shares[0] == 0 and 0.1 <= shares[1] < 0.15


def test_groups_by_hand():
    rows = pd.DataFrame({"value": [9.0, 5.0, 5.0, 5.0, 1.0], "reach": [9.0, 10.0, 8.0, 10.0, 1.0],
                         "room": [0.0, 0.5, 0.5, 0.1, 0.9], "growth": [0.0, 0.2, 0.2, 0.2, 0.2]})  # fmt: skip
    asked = assigned(rows, 9.0, 5.0, Cutoffs(), True)
    assert asked.tolist() == ["vip", "potential", "core", "core", "secondary"]
    assert assigned(rows.assign(growth=0.0), 9.0, 5.0, Cutoffs(), True)[1] == "core", "upgrades are not seen at that age"
    assert assigned(rows.assign(growth=np.nan), 9.0, 5.0, Cutoffs(), False)[1] == "potential", "nobody can see them"
    small = assigned(rows.assign(growth=np.nan, reach=10.0), 9.0, 5.0, Cutoffs(), False)
    assert small[4] == "secondary", "room alone makes no small customer promising"


def test_the_ceiling_is_what_nine_of_ten_do_not_pass():
    book = pd.DataFrame({"k0": ["A", "A", "A", "B"], "mrr": [10.0, 20.0, 90.0, 7.0], "customers": [5.0, 4.0, 1.0, 3.0]})
    assert ceilings(book, ["k0"]).tolist() == [20, 20, 20, 7]
    assert set(ceilings(book, [])) == {20.0}
    each = np.repeat(book["mrr"], book["customers"].astype(int))
    assert ceilings(book, [])[0] == np.quantile(each, 0.9, method="inverted_cdf")


def test_the_top_holds_whoever_is_worth_as_much_as_its_last():
    value, count = [3.0, 7.0, 7.0, 1.0], [10, 1, 1, 8]
    assert least_of_top(value, count, 0.05) == least_of_top(value, count, 0.1) == 7 and least_of_top(value, count, 0.11) == 3
    assert least_of_top(value, count, 1.0) == 1 and least_of_top(value, count, 0.0) == float("inf")


def test_fixed_prices_are_measured_against_the_group(subs, base, found):
    assert found.ceiling == "group", "inside a plan all pay the same, so nobody would have room"
    plan = customer_groups(subs, base, cutoffs=Cutoffs(ceiling="plan"))
    assert plan.ceiling == "plan" and plan.table["room"].sum() < found.table["room"].sum()


@pytest.mark.parametrize("wrong", [{"top": 1.2}, {"room": -0.1}, {"middle": 0.1}, {"ceiling": "sky"}])
def test_thresholds_that_make_no_sense_are_told(wrong):
    with pytest.raises(Problem):
        Cutoffs(**wrong)


def test_a_snapshot_has_no_upgrades_to_see_and_is_grouped_all_the_same():
    subs = cs.read("sample_data/snapshot.csv")
    base = cs.Assumptions.from_data(subs, draws=0)
    found = customer_groups(subs, base)
    assert not found.growth_seen and found.table["residual"].sum() == pytest.approx(cs.value(base, 36).residual)


def test_without_prices_it_says_so(tmp_path):
    file = tmp_path / "e2.csv"
    file.write_text("customer,start,end\n" + "".join(f"C{i},2024-01-05,\n" for i in range(30)))
    subs = cs.read(file, as_of="2024-12-31")
    with pytest.raises(Problem, match="price"):
        customer_groups(subs, cs.Assumptions.flat(0.03, 10, existing=True))


def test_service_cost_lowers_everybody_alike(subs, base, found):
    dear = customer_groups(subs, replace(base, service_cost=3.0))
    assert (dear.rows["value"] < found.rows["value"]).all()


@pytest.mark.reference
def test_telco_in_four_groups(reference_data):
    subs = cs.read(reference_data / "ibm_telco_21col" / "Telco-Customer-Churn.csv")
    base = cs.Assumptions.from_data(subs, by=("Contract",), draws=0)
    found = customer_groups(subs, base)
    assert (found.customers, round(found.table["mrr"].sum(), 2)) == (5174, 316985.75)
    assert found.table["residual"].sum() == pytest.approx(cs.value(base, 36).residual, rel=1e-12)
    vip = found.table.set_index("group").loc["vip"]
    assert vip["share"] == pytest.approx(0.2, abs=0.01) and vip["residual"] / found.table["residual"].sum() > 0.3
