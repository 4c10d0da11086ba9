"""Cohorts: eligible denominators, empty until observed, and the same losses as the life table."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import cs_models as cs

AS_OF = date(2025, 3, 20)


def export(customers, seed, several=True):
    """A random export as a user would bring it."""
    draw, rows = np.random.default_rng(seed), []
    for number in range(customers):
        day = date(2023, 6, 1) + timedelta(days=int(draw.integers(640)))
        region = ["EU", "US"][draw.integers(2)]
        for _ in range(int(draw.integers(1, 4)) if several else 1):
            if day > AS_OF - timedelta(days=3):
                break
            end = day + timedelta(days=int(draw.choice([10, 31, 61, 120, 300])))
            end = None if end > AS_OF or draw.random() < 0.3 else end
            rows.append(
                (
                    f"c{number}",
                    day,
                    end,
                    ["Basic", "Pro"][draw.integers(2)],
                    int(draw.integers(1, 9)) * 10,
                    region,
                )
            )
            if end is None:
                break
            day = end + timedelta(days=int(draw.choice([0, 1, 30, 80])))
    return pd.DataFrame(rows, columns=["customer_id", "start_date", "end_date", "plan", "mrr", "region"])


def read(frame):
    return cs.read(frame, as_of=AS_OF)


def followed(frame):
    """{customer: (cohort, months possible, tenure at the end, left)} of single-row customers, in plain
    pandas.
    """
    start, end = pd.to_datetime(frame["start_date"]), pd.to_datetime(frame["end_date"])
    tomorrow = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)

    def whole(a, b):
        k = 0
        while a + pd.DateOffset(months=k + 1) <= b:
            k += 1
        return k

    def begun(a, b):
        k = 1
        while a + pd.DateOffset(months=k) < b:
            k += 1
        return k

    return pd.DataFrame(
        {
            "cohort": start.dt.strftime("%Y-%m"),
            "possible": [whole(a, tomorrow) for a in start],
            "left_at": [begun(a, b) if pd.notna(b) else np.inf for a, b in zip(start, end)],
            "mrr": frame["mrr"],
        }
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_cells_equal_counting_every_customer(seed):
    frame = export(300, seed, several=False)
    people, subs = followed(frame), read(frame)
    for value, weight in (("logos", np.ones(len(people))), ("mrr", people["mrr"].to_numpy())):
        found = cs.cohort_triangle(subs, value).frame
        for row in found.itertuples():
            own = (people["cohort"] == row.cohort).to_numpy()
            eligible = int((people["possible"][own] >= row.age).sum())
            assert row.customers == own.sum() and row.eligible == eligible
            alive = weight[own & (people["left_at"] > row.age).to_numpy()].sum()
            if eligible < own.sum():
                assert np.isnan(row.value) and np.isnan(row.share)
            else:
                assert row.value == pytest.approx(alive) and row.share == pytest.approx(
                    alive / weight[own].sum()
                )


@pytest.mark.parametrize("by", [(), ("plan",), ("region",)])
def test_a_cohort_starts_whole_and_is_empty_where_not_yet_observed(by):
    for value in ("logos", "mrr"):
        frame = cs.cohort_triangle(read(export(300, 3)), value, by).frame
        assert (frame.loc[frame["age"] == 0, "share"] == 1).all()
        seen = frame["share"].notna()
        assert (frame.loc[seen, "eligible"] == frame.loc[seen, "customers"]).all()
        assert (frame.loc[~seen, "eligible"] < frame.loc[~seen, "customers"]).all() and (~seen).any()
        assert frame["value"].notna().equals(seen)


def test_losses_between_observed_ages_are_those_of_the_life_table():
    frame = export(400, 4)
    subs = read(frame)
    cohort_of = frame.groupby("customer_id")["start_date"].min().map(lambda d: d.strftime("%Y-%m"))
    grid = cs.cohort_triangle(subs).frame
    for cohort, cells in grid.groupby("cohort"):
        own = frame[frame["customer_id"].map(cohort_of) == cohort]
        table = cs.life_table(read(own)).frame.groupby("tenure")["churned"].sum()
        values = cells.sort_values("age")["value"].to_numpy()
        for age in range(1, int(np.isfinite(values).sum())):
            assert values[age - 1] - values[age] == table.get(age, 0)


def test_a_cohort_has_money_exactly_while_it_has_customers():
    subs = read(export(400, 5))
    logos, money = cs.cohort_triangle(subs).frame, cs.cohort_triangle(subs, "mrr").frame
    assert ((logos["value"] > 0) == (money["value"] > 0)).all()
    pd.testing.assert_series_equal(logos["customers"], money["customers"])


def test_groups_add_up_to_the_cohort():
    subs = read(export(300, 6))
    whole = cs.cohort_triangle(subs).frame.set_index(["cohort", "age"])["customers"]
    parts = cs.cohort_triangle(subs, by="region").frame
    sums = parts[parts["age"] == 0].groupby("cohort")["customers"].sum()
    assert (sums == whole.xs(0, level="age")).all()


def test_expansion_lifts_money_and_not_customers():
    rows = [
        ("a", "2024-01-01", "2024-04-01", "Basic", 100),
        ("a", "2024-04-01", None, "Pro", 150),
        ("b", "2024-01-10", "2024-03-10", "Basic", 50),
    ]
    subs = read(pd.DataFrame(rows, columns=["customer_id", "start_date", "end_date", "plan", "mrr"]))
    money, logos = cs.cohort_triangle(subs, "mrr"), cs.cohort_triangle(subs)
    assert money.matrix().loc["2024-01", [0, 1, 2, 3]].tolist() == pytest.approx([1, 1, 100 / 150, 1])
    assert logos.matrix().loc["2024-01", [0, 1, 2, 3]].tolist() == [1, 1, 0.5, 0.5]
    assert money.frame.loc[money.frame["age"] == 3, "value"].item() == 150


def test_money_is_neither_doubled_nor_lost_while_one_plan_takes_over_from_another():
    rows = [
        (
            "a",
            "2024-01-01",
            "2024-04-20",
            "Basic",
            100,
        ),  # paid until the 20th, the new plan runs since the 1st
        ("a", "2024-04-01", "2024-07-01", "Pro", 150),
        ("a", "2024-07-25", None, "Pro", 150),  # back after a failed payment: the same spell
    ]
    subs = read(pd.DataFrame(rows, columns=["customer_id", "start_date", "end_date", "plan", "mrr"]))
    money = cs.cohort_triangle(subs, "mrr").frame["value"]
    assert money[:12].tolist() == [100] * 3 + [150] * 9


def test_a_customer_stays_in_the_group_of_the_first_plan():
    rows = [("a", "2024-01-01", "2024-04-01", "Basic", 100), ("a", "2024-04-01", "2024-06-01", "Pro", 150)]
    subs = read(pd.DataFrame(rows, columns=["customer_id", "start_date", "end_date", "plan", "mrr"]))
    frame = cs.cohort_triangle(subs, by="plan").frame
    assert set(frame["plan"]) == {"Basic"} and frame["share"][:6].tolist() == [1] * 5 + [0]


def test_order_of_rows_does_not_matter():
    frame = export(200, 7)
    again = frame.sample(frac=1, random_state=1)
    for value in ("logos", "mrr"):
        one, two = (cs.cohort_triangle(read(f), value).frame for f in (frame, again))
        pd.testing.assert_frame_equal(one, two)


def test_a_snapshot_has_no_cohorts_and_says_so():
    frame = pd.DataFrame(
        {
            "customerID": ["a", "b", "c"],
            "tenure": [1, 5, 9],
            "Churn": ["No", "Yes", "No"],
            "MonthlyCharges": [10, 20, 30],
        }
    )
    with pytest.raises(cs.Problem, match="no dates"):
        cs.cohort_triangle(cs.read(frame))


def test_other_values_are_refused_in_a_sentence():
    with pytest.raises(cs.Problem, match="logos"):
        cs.cohort_triangle(read(export(20, 8)), "revenue")
    with pytest.raises(cs.Problem, match="price"):
        cs.cohort_triangle(read(export(20, 8).drop(columns="mrr")), "mrr")


@pytest.mark.parametrize("header, told", [("Year", True), ("Quarter", True), ("Month", False), ("t", False)])
def test_retention_by_year_is_not_taken_for_that_of_months_in_silence(tmp_path, header, told):
    path = tmp_path / "curve.csv"
    path.write_text(f"{header},Regular,High end\n1,1000,1000\n2,631,869\n3,468,743\n")
    asked = [one for one in cs.read(path).report.questions if one.id == "age_unit"]
    assert bool(asked) is told
    assert not told or asked[0].guess == header.lower()
