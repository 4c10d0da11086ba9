"""Payback in margin and in cash: closed cases, single customers counted by hand, laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.charts import cash
from cs_models.paybacks import payback_by_group, paybacks

MONTHLY, YEARLY = cs.RetentionCurve.sbg(0.8, 8.0), cs.RetentionCurve.sbg(0.7, 3.0, clock=12)


def one(curve, cac, horizon=36, price=50.0, margin=0.8):
    return cs.value(cs.Assumptions.from_curve(curve, price, gross_margin=margin, cac=cac), horizon)


def both(cac, horizon=36):
    """70 % monthly and 30 % annual payers."""
    mixed = cs.RetentionCurve.mix([(0.7, MONTHLY), (0.3, YEARLY)])
    return one(mixed, cac, horizon)


def test_a_prepaid_year_is_back_at_once_in_cash_and_not_in_margin():
    found = paybacks(one(cs.RetentionCurve.constant(0.0, clock=12), 360, price=100.0, margin=1.0))
    assert (found.margin_months, found.cash_months) == (4, 1)
    assert found.prepaid == pytest.approx(11 / 12)


def test_monthly_payers_have_one_payback():
    valued = one(MONTHLY, 250)
    found = paybacks(valued)
    assert found.margin_months == found.cash_months == valued.payback_months and found.prepaid == 0


@pytest.mark.parametrize("cac", [30.0, 120.0, 300.0, 600.0, 1e6])
def test_both_paybacks_counted_month_by_month(cac):
    found, cash_sum, earned, here = paybacks(both(cac)), 0.0, 0.0, {}
    for month in range(120):
        served = 0.7 * MONTHLY.survival_to(120)[month] + 0.3 * YEARLY.survival_to(120)[month]
        cost = 10 * served
        cash_sum += 0.7 * 50 * MONTHLY.survival_to(120)[month] - cost
        cash_sum += 0.3 * 600 * YEARLY.survival_to(120)[month] if month % 12 == 0 else 0
        earned += 50 * served - cost
        for name, total in (("cash", cash_sum), ("margin", earned)):
            if total >= cac:
                here.setdefault(name, month + 1)
    assert (found.cash_months, found.margin_months) == (here.get("cash"), here.get("margin"))


@given(cac=st.floats(1, 2000))
@settings(max_examples=25, deadline=None)
def test_cash_is_never_later_than_margin(cac):
    found = paybacks(both(cac))
    if found.margin_months is not None:
        assert found.cash_months <= found.margin_months


def test_each_group_pays_back_its_own_customer():
    table = payback_by_group(both(120.0)).set_index("interval")
    for interval, curve in ((1, MONTHLY), (12, YEARLY)):
        alone = paybacks(one(curve, 120.0))
        assert table.loc[interval, "margin_months"] == alone.margin_months
        assert table.loc[interval, "cash_months"] == alone.cash_months
    assert table.loc[12, "cash_months"] == 1 < table.loc[12, "margin_months"]


def test_never_and_nobody_are_none():
    found = payback_by_group(both(1e6))
    assert found["margin_months"].isna().all() and found["cash_months"].isna().all()
    old = cs.value(cs.Assumptions.from_curve(MONTHLY, 50.0, existing_tenure=3), 12)
    assert paybacks(old).cash_months is None and payback_by_group(old).empty


# --- the chart of both ---


def test_the_lines_are_the_running_sums_and_meet_when_the_last_year_is_served():
    valued = one(YEARLY, 0.0)
    sums = cash.lines(valued.flows)
    got, earned = (sums[role]["value"].to_numpy() for role in (cash.CASH, cash.EARNED))
    np.testing.assert_allclose(got[[0, 12, 24, 36]], earned[[0, 12, 24, 36]], atol=1e-9)
    assert (got[1:12] > earned[1:12]).all()
    table = cash.table(sums)
    assert table["Paid ahead"].iloc[1] == pytest.approx(11 * 50)


def test_one_line_where_nobody_pays_ahead():
    frame = cash.frame(cash.lines(one(MONTHLY, 0.0).flows))
    assert set(frame["role"]) == {cash.CASH} and "ahead" not in set(frame["part"])


def test_both_paybacks_are_marked():
    valued = both(120.0)
    found = paybacks(valued)
    back = {cash.CASH: found.cash_months, cash.EARNED: found.margin_months}
    frame = cash.frame(cash.lines(valued.flows), 120.0, back)
    points = frame[frame["part"] == "point"].set_index("role")["month"]
    assert points.to_dict() == back and isinstance(frame, pd.DataFrame)
    assert list(frame[frame["part"] == "cac_name"]["text"]) == ["CAC $120"]
