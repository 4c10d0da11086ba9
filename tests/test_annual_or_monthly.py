"""Annual against monthly: by hand, against a general library, and where the truth is no effect at all."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from lifelines import KaplanMeierFitter

import cs_models as cs
from places import ROOT
from cs_models import annual_or_monthly as aom
from cs_models.annual_or_monthly import compare_choices, e_value


def rows_of(draw, size, annual, chance_of_leaving, window=24, **columns):
    """One row per customer: leaves each month with his own chance, an annual one only at a year's end."""
    duration = np.full(size, window)
    churned = np.zeros(size, int)
    months = draw.geometric(np.clip(chance_of_leaving, 1e-9, 1))
    ends = np.where(annual, -(-months // 12) * 12, months)
    gone = ends <= window
    duration[gone], churned[gone] = ends[gone], 1
    frame = pd.DataFrame({**columns, "term": np.where(annual, 12, 1), "entry": 0, "duration": duration,
                          "churned": churned})  # fmt: skip
    return frame.groupby(list(frame), as_index=False).size().rename(columns={"size": "customers"})


def confounded(seed, size=20_000, effect=1.0):
    """Big customers are loyal and choose annual; paying by the year multiplies leaving by `effect`."""
    draw = np.random.default_rng(seed)
    big = draw.random(size) < 0.4
    annual = draw.random(size) < np.where(big, 0.6, 0.15)
    chance = np.where(big, 0.01, 0.05) * np.where(annual, effect, 1)
    return rows_of(draw, size, annual, chance, size_of=np.where(big, "big", "small"))


def test_as_observed_is_kaplan_meier():
    rows = confounded(1, 3000)
    found = compare_choices(rows, (), draws=20)
    for term, own in ((12, found.annual), (1, found.monthly)):
        arm = rows[rows["term"] == term]
        curve = KaplanMeierFitter().fit(arm["duration"], arm["churned"], weights=arm["customers"])
        assert own[0] == pytest.approx(curve.predict(12), abs=1e-12)


def test_what_the_columns_explain_is_taken_away():
    found = compare_choices(confounded(2), ("size_of",), draws=100)
    assert found.plain_cut[1] > 0.3, "as observed annual payers seem to leave far less"
    assert found.cut[1] < 0 < found.cut[2], "alike in size there is no difference, as is the truth"
    assert found.e_value[1] == 1.0 and found.effective[0] < found.customers[0]


def test_a_true_difference_stays():
    found = compare_choices(confounded(3, effect=0.5), ("size_of",), draws=100)
    truth = [1 - np.average(1 - (1 - np.array([0.01, 0.05]) * f) ** 12, weights=(0.4, 0.6)) for f in (0.5, 1)]
    assert found.annual_alike[1] < truth[0] < found.annual_alike[2]
    assert found.monthly_alike[1] < truth[1] < found.monthly_alike[2]
    assert found.cut[1] > 0 and found.e_value[1] > 1.5


def test_the_weights_are_those_of_a_general_library():
    draw = np.random.default_rng(4)
    size = 6000
    region, tier = draw.integers(0, 3, size).astype(str), draw.integers(0, 2, size).astype(str)
    annual = draw.random(size) < 0.2 + 0.1 * region.astype(int) + 0.2 * tier.astype(int)
    rows = rows_of(draw, size, annual, np.full(size, 0.03), region=region, tier=tier)
    arms = aom._Arms(rows, ("region", "tier"))
    ours = arms.weights(rows["customers"].to_numpy(float))
    design = sm.add_constant(pd.get_dummies(rows[["region", "tier"]], drop_first=True).astype(float))
    chose = rows["term"].eq(12).astype(float)
    family = sm.families.Binomial()
    chance = sm.GLM(chose, design, family=family, freq_weights=rows["customers"]).fit().predict()
    overall = np.average(chose, weights=rows["customers"])
    theirs = np.where(chose == 1, overall / chance, (1 - overall) / (1 - chance))
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_weights_make_the_mix_of_both_arms_the_same():
    rows = confounded(5)
    weight = aom._Arms(rows, ("size_of",)).weights(rows["customers"].to_numpy(float)) * rows["customers"]
    mix = weight.groupby([rows["term"], rows["size_of"]]).sum().unstack()
    assert (mix["big"] / mix.sum(axis=1)).to_numpy() == pytest.approx([0.4, 0.4], abs=0.01)


def test_the_interval_holds_the_truth():
    cuts = np.array([compare_choices(confounded(200 + seed, 2500), ("size_of",), draws=120, seed=seed).cut
                     for seed in range(60)])  # fmt: skip
    assert ((cuts[:, 1] < 0) & (cuts[:, 2] > 0)).sum() >= 53
    claimed = (cuts[:, 2] - cuts[:, 1]).mean() / (2 * 1.96)
    assert 0.8 < cuts[:, 0].std(ddof=1) / claimed < 1.25, "no wider than the estimates scatter"


def test_the_same_seed_the_same_range():
    rows = confounded(6, 1000)
    assert compare_choices(rows, ("size_of",), 30, seed=1) == compare_choices(rows, ("size_of",), 30, seed=1)


def test_e_values_of_the_published_examples():
    """VanderWeele and Ding 2017: a risk ratio of 3.9 has 7.26; its lower end 1.8 has 3.0."""
    assert e_value(3.9) == pytest.approx(7.26, abs=0.01) and e_value(1.8) == pytest.approx(3.0, abs=0.01)
    assert e_value(0.5) == e_value(2) == pytest.approx(3.414, abs=1e-3) and e_value(1) == 1


def test_the_example_in_the_warning_is_true():
    """sBG(.8, 8), 30 % adopt, nobody changes: 44 % by leaning, 81 % when all the most loyal choose it."""
    nodes = (np.arange(200_000) + 0.5) / 200_000
    from scipy.optimize import brentq
    from scipy.stats import beta

    theta = beta.ppf(nodes, 0.8, 8)
    z = np.log(theta / (1 - theta))
    z = (z - z.mean()) / z.std()

    def cut(weight):
        kept = (1 - theta) ** 12
        annual, monthly = np.average(kept, weights=weight), np.average(kept, weights=1 - weight)
        return 1 - (1 - annual) / (1 - monthly)

    c = brentq(lambda c: (1 / (1 + np.exp(-(c - z)))).mean() - 0.3, -10, 10)
    assert cut(1 / (1 + np.exp(-(c - z)))) == pytest.approx(0.44, abs=0.01)
    assert cut((nodes < 0.3).astype(float)) == pytest.approx(0.81, abs=0.01)
    assert "44 %" in aom.NO_EFFECT and "81 %" in aom.NO_EFFECT


def test_too_few_is_a_sentence():
    with pytest.raises(cs.Problem, match="annual payers"):
        compare_choices(confounded(7, 60), ())
    only = confounded(8, 500)
    with pytest.raises(cs.Problem, match="billed monthly"):
        compare_choices(only[only["term"] == 12], ())


def test_the_sample_data_are_compared_with_their_columns_alike():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    found = aom.annual_against_monthly(subs, subs.segments, draws=50)
    assert set(found.columns) == {"segment", "channel", "plan"} and sum(found.customers) == 4632
    assert found.plain_cut[0] > found.cut[0] > 0, "segments explain a part; the rest is in the generator too"
    assert len(found.table()) == 4


def test_columns_with_too_many_values_are_named_and_left_out(monkeypatch):
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    monkeypatch.setattr(aom, "MOST_GROUPS", 3)
    found = aom.annual_against_monthly(subs, ("segment", "channel"), draws=10)
    assert found.columns == ("segment",) and found.left_out == ("channel",)
