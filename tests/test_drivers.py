"""Hazard ratios: the truth is recovered, lifelines agrees, and no name is ever code."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

import cs_models as cs
from places import ROOT
from cs_models.drivers import strongest
from cs_models.life_table import COUNTS

RATIO = 1.6


def simulated(size, ratio, seed, months=24, base=0.03):
    """Proportional hazards on the months: h = 1 - (1 - base k^-.2)^ratio for the second group."""
    draw = np.random.default_rng(seed)
    group = draw.integers(0, 2, size)
    duration, left = np.full(size, months), np.zeros(size, bool)
    here = np.ones(size, bool)
    for k in range(1, months + 1):
        h = 1 - (1 - base * k**-0.2) ** np.where(group == 1, ratio, 1.0)
        goes = here & (draw.random(size) < h)
        duration[goes], left[goes], here = k, True, here & ~goes
    return group, duration, left


def table_of(groups, duration, left, names=("plan",)):
    """A grouped life table from columns of labels."""
    parts = []
    keys = pd.DataFrame(dict(zip(names, groups)))
    for key, at in keys.groupby(list(names)).groups.items():
        key = key if isinstance(key, tuple) else (key,)
        frame = cs.life_table_from_durations(duration[at], left[at]).frame
        parts.append(frame.assign(**dict(zip(names, key))))
    return cs.LifeTable(
        pd.concat(parts, ignore_index=True)[[*names, "interval", "tenure", *COUNTS]], tuple(names)
    )


def test_the_ratio_behind_the_data_is_found():
    group, duration, left = simulated(40_000, RATIO, 1)
    found = cs.hazard_ratios(table_of([np.where(group, "b", "a")], duration, left)).set_index("level")
    reference = found.loc["a", "reference"]
    other = "b" if reference == "a" else "a"
    truth = RATIO if other == "b" else 1 / RATIO
    row = found.loc[other]
    assert row["lower"] < truth < row["upper"] and abs(np.log(row["ratio"] / truth)) < 0.05
    assert found.loc[reference, "ratio"] == 1 and found["customers"].sum() == 40_000
    assert found["churned"].sum() == left.sum()


def test_the_interval_holds_the_truth_as_often_as_it_says():
    held, off, claimed = 0, [], []
    for seed in range(60):
        group, duration, left = simulated(1500, RATIO, 100 + seed)
        found = cs.hazard_ratios(table_of([np.where(group, "b", "a")], duration, left)).set_index("level")
        other = "a" if found.loc["a", "reference"] == "b" else "b"
        truth = RATIO if other == "b" else 1 / RATIO
        ratio, low, high = found.loc[other, ["ratio", "lower", "upper"]]
        held += low < truth < high
        off.append(np.log(ratio / truth))
        claimed.append(np.log(high / low) / (2 * 1.96))
    assert held >= 53  # 57 expected; 3 of 1,000 runs fall lower
    assert 0.8 < np.std(off, ddof=1) / np.mean(claimed) < 1.25, "no wider than the estimates scatter"


def test_high_churn_gives_a_ratio_of_hazards_and_not_of_odds():
    group, duration, left = simulated(40_000, RATIO, 8, months=6, base=0.4)
    found = cs.hazard_ratios(table_of([np.where(group, "b", "a")], duration, left)).query(
        "level != reference"
    )
    ratio = found["ratio"].item()
    assert max(ratio, 1 / ratio) == pytest.approx(RATIO, rel=0.04)  # the odds ratio would be 2


def test_young_customers_are_compared_with_young_ones():
    """One group joined lately, so it shows only the first, dangerous months; it is no worse at any tenure."""
    draw = np.random.default_rng(9)
    leaves = draw.geometric(draw.beta(0.5, 2, 30_000))
    recent = draw.random(30_000) < 0.5
    window = np.where(recent, 3, 24)
    labels = np.where(recent, "recent", "old")
    found = cs.hazard_ratios(table_of([labels], np.minimum(leaves, window), leaves <= window))
    ratio = found.query("level != reference")["ratio"].item()
    assert max(ratio, 1 / ratio) < 1.05


def test_lifelines_cox_on_the_rows_agrees():
    group, duration, left = simulated(6000, RATIO, 2)
    found = cs.hazard_ratios(table_of([np.where(group, "b", "a")], duration, left)).set_index("level")
    cox = CoxPHFitter().fit(pd.DataFrame({"t": duration, "e": left, "g": group}), "t", "e").params_["g"]
    other = "a" if found.loc["a", "reference"] == "b" else "b"
    ours = np.log(found.loc[other, "ratio"]) * (1 if other == "b" else -1)
    assert ours == pytest.approx(cox, abs=0.03)


def test_two_columns_are_told_apart():
    draw = np.random.default_rng(3)
    group, duration, left = simulated(20_000, RATIO, 3)
    follows = np.where(
        draw.random(20_000) < 0.8, group, 1 - group
    )  # goes with the plan, and does nothing itself
    names = [np.where(group, "b", "a"), np.where(follows, "y", "x")]
    found = cs.hazard_ratios(table_of(names, duration, left, ("plan", "region"))).set_index(
        ["column", "level"]
    )
    idle = found.loc["region"].query("level != reference")
    assert (idle["lower"] < 1).all() and (idle["upper"] > 1).all()
    strong = found.loc["plan"].query("level != reference")["ratio"].item()
    assert max(strong, 1 / strong) == pytest.approx(RATIO, rel=0.1)


def test_names_that_are_code_elsewhere_are_only_names():
    group, duration, left = simulated(3000, RATIO, 4)
    hostile = ['C(x) + __import__("os").system("true")', "a:b*c ~ 1 | Q('z')"]
    name = 'plan"] ; 1/0 #'
    found = cs.hazard_ratios(table_of([np.array(hostile)[group]], duration, left, (name,)))
    assert set(found["level"]) == set(hostile) and set(found["column"]) == {name}
    plain = cs.hazard_ratios(table_of([np.array(["p", "q"])[group]], duration, left))
    assert found["ratio"].tolist() == pytest.approx(plain["ratio"].tolist())


def test_a_group_that_nobody_left_has_no_ratio_and_does_not_spoil_the_others():
    group, duration, left = simulated(4000, RATIO, 5)
    labels = np.where(group, "b", "a").astype(object)
    alone = cs.hazard_ratios(table_of([labels], duration, left)).set_index("level")["ratio"]
    n = 5000  # the largest group, and still nothing to compare the others with
    with_loyal = table_of(
        [np.append(labels, ["z"] * n)], np.append(duration, [24] * n), np.append(left, [False] * n)
    )
    found = cs.hazard_ratios(with_loyal).set_index("level")
    assert np.isnan(found.loc["z", "ratio"]) and "nobody left" in found.loc["z", "note"]
    assert found.loc[["a", "b"], "ratio"].tolist() == pytest.approx(alone[["a", "b"]].tolist())


def test_columns_that_say_the_same_are_named_and_not_invented():
    group, duration, left = simulated(4000, RATIO, 6)
    labels = np.where(group, "b", "a")
    found = cs.hazard_ratios(table_of([labels, labels], duration, left, ("plan", "copy"))).set_index(
        ["column", "level"]
    )
    copy = found.loc["copy"].query("level != reference")
    assert copy["ratio"].isna().all() and copy["note"].str.contains("told apart").all()
    assert found.loc["plan"]["ratio"].notna().all()


def test_annual_payers_have_a_level_of_their_own():
    group, duration, left = simulated(8000, RATIO, 7)
    monthly = table_of([np.where(group, "b", "a")], duration, left)
    _, duration, left = simulated(8000, RATIO, 7, months=4, base=0.3)
    of = (group == 1) | (np.arange(8000) % 10 == 0)  # nearly all who pay by the year are on plan b
    yearly = table_of([np.where(group, "b", "a")[of]], duration[of], left[of])
    yearly = yearly.frame.assign(interval=12, tenure=yearly.frame["tenure"] * 12)
    both = cs.hazard_ratios(cs.LifeTable(pd.concat([monthly.frame, yearly]), ("plan",)))
    ratio = both.query("level != reference")["ratio"].item()
    assert max(ratio, 1 / ratio) == pytest.approx(RATIO, rel=0.12)


def test_what_cannot_be_compared_is_a_sentence():
    with pytest.raises(cs.Problem, match="segment"):
        cs.hazard_ratios(cs.life_table_from_durations([1, 2], [1, 0]))
    with pytest.raises(cs.Problem, match="Too few"):
        cs.hazard_ratios(table_of([np.array(["a", "b"] * 4)], np.arange(1, 9), np.ones(8, bool)))


def test_few_columns_are_held_equal_and_many_are_compared_alone(monkeypatch):
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    columns = ("segment", "channel")
    joint = cs.compare_groups(subs, columns)
    assert not joint.attrs["alone"]
    assert joint.ratio.equals(cs.hazard_ratios(cs.life_table(subs, by=(*columns, "cohort"))).ratio)
    monkeypatch.setattr("cs_models.drivers.MOST_GROUPS", 2)
    alone = cs.compare_groups(subs, columns)
    assert alone.attrs["alone"] and list(alone.column.unique()) == list(columns)
    assert alone[alone.column == "channel"].ratio.tolist() == (
        cs.hazard_ratios(cs.life_table(subs, by=("channel", "cohort"))).ratio.tolist()
    )


# --- sign-up months: season, shared luck ---

TRUTH = {"b": 1.6, "c": 0.7}
WINTER = 0.8 * np.cos(2 * np.pi * np.arange(12) / 12)


def by_cohort(seed, joining=60, luck=0.0, own_luck=0.0, season=False, months=30, tilt=0.0):
    """Counts by plan and sign-up month; `luck` is a cohort's, `own_luck` a cohort's within its plan.

    `tilt`: plan b joins mostly before winter, so that it meets the bad months young.
    """
    draw, rows = np.random.default_rng(seed), []
    shared = draw.normal(0, 1, months) * luck
    for plan, ratio in {"a": 1.0, **TRUTH}.items():
        own = draw.normal(0, 1, months) * own_luck
        for start in range(months):
            more = 1 + tilt * (plan == "b") * (9 if start % 12 in (8, 9) else 0)
            alive = draw.poisson(joining * more * ((4 if tilt else 1.5) if plan == "a" else 1))
            for k in range(1, months - start):
                pace = 0.06 * k**-0.3 * ratio * np.exp(shared[start] + own[start])
                pace *= np.exp(WINTER[(start + k) % 12]) if season else 1.0
                left = draw.binomial(alive, -np.expm1(-pace))
                rows.append(
                    (plan, f"{2022 + start // 12}-{start % 12 + 1:02d}", 1, k, alive, left, 0, 0, alive)
                )
                alive -= left
    return cs.LifeTable(
        pd.DataFrame(rows, columns=["plan", "cohort", "interval", "tenure", *COUNTS]), ("plan", "cohort")
    )


def test_a_sign_up_month_is_no_driver_and_gives_the_errors():
    table = by_cohort(1, joining=600)
    found = cs.hazard_ratios(table)
    assert set(found["column"]) == {"plan"} and found.attrs == {"clustered": True, "season": True}
    ratios = found.set_index("level")
    assert all(ratios.loc[k, "lower"] < v < ratios.loc[k, "upper"] for k, v in TRUTH.items())
    few = table.frame[table.frame["cohort"] <= "2023-06"]
    assert not cs.hazard_ratios(cs.LifeTable(few, table.by)).attrs["clustered"]


def test_the_month_of_the_year_is_held_equal():
    """Plan b joins before winter and meets it young: without the season its ratio is too high."""
    table = by_cohort(2, joining=400, season=True, tilt=1.0)
    held = cs.hazard_ratios(table).set_index("level").loc["b"]
    assert held["lower"] < TRUTH["b"] < held["upper"]
    pooled = table.frame.groupby(["plan", "interval", "tenure"], as_index=False)[list(COUNTS)].sum()
    assert cs.hazard_ratios(cs.LifeTable(pooled, ("plan",))).set_index("level").loc["b", "lower"] > TRUTH["b"]


def test_customers_are_counted_once_whatever_the_sign_up_months():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    plain, dated = (
        cs.hazard_ratios(cs.life_table(subs, by=by)) for by in (("segment",), ("segment", "cohort"))
    )
    assert plain["customers"].tolist() == dated["customers"].tolist()
    assert plain["churned"].tolist() == dated["churned"].tolist()


def test_the_renewals_of_annual_payers_have_a_slope_of_their_own():
    """Each renewal loses more than the one before, alike in both plans; plan b is young. Without a slope of their own
    its few late renewals would pass for loyalty.
    """
    rows = [(plan, 1, k, 4000, 200, 0, 0, 4000) for plan in "ab" for k in range(1, 25)]
    for plan, there in {"a": (400, 1000, 3000), "b": (3000, 1000, 400)}.items():
        for j, n in enumerate(there, 1):
            rows.append((plan, 12, 12 * j, n, round(n * -np.expm1(-np.exp(0.8 * j - 2.5))), 0, 0, n))
    table = cs.LifeTable(pd.DataFrame(rows, columns=["plan", "interval", "tenure", *COUNTS]), ("plan",))
    found = cs.hazard_ratios(table)
    assert found.attrs["clustered"] is False
    assert found.query("level != reference")["ratio"].item() == pytest.approx(1, abs=0.01)


def test_the_clearest_difference_is_a_sentence():
    rows = {"column": "plan", "level": ["a", "b", "c", "d"], "reference": "a", "ratio": [1, 0.33, 2.4, 0.2],
            "lower": [1, 0.25, 1.9, 0.03], "upper": [1, 0.41, 3.0, 1.4]}  # fmt: skip
    frame = pd.DataFrame(rows)
    assert strongest(frame) == "b (plan): 67 % less likely to leave in a month than a (59 % to 75 %)"
    assert strongest(frame.iloc[[0, 2]]) == "c (plan): 2.4 times as likely to leave in a month as a (1.9 to 3.0)"
    assert strongest(frame.iloc[[0, 3]]) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name, luck, low", [
    ("independent customers", {}, 0.92), ("shared luck of a month (sd .2)", {"luck": 0.2}, 0.92),
    ("own luck of a plan's month (sd .2)", {"own_luck": 0.2}, 0.92),
])  # fmt: skip
def test_bias_and_coverage_of_the_ratios(name, luck, low):
    errors, held, plain = [], [], []
    for seed in range(200):
        table = by_cohort(5000 + seed, **luck)
        found = cs.hazard_ratios(table).set_index("level")
        pooled = table.frame.groupby(["plan", "interval", "tenure"], as_index=False)[list(COUNTS)].sum()
        alone = cs.hazard_ratios(cs.LifeTable(pooled, ("plan",))).set_index("level")
        for level, truth in TRUTH.items():
            errors.append(np.log(found.loc[level, "ratio"] / truth))
            held.append(found.loc[level, "lower"] < truth < found.loc[level, "upper"])
            plain.append(alone.loc[level, "lower"] < truth < alone.loc[level, "upper"])
    print(
        f"\n{name:36s} bias {np.mean(errors):+.4f} cover by month {np.mean(held):.1%} without {np.mean(plain):.1%}",
        end="",
    )
    assert abs(np.mean(errors)) < 0.02 and low <= np.mean(held) <= 0.985
