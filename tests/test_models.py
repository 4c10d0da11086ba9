"""The smooth models against lifelines, their types against their own formulas, the choice against simulated truth."""

import numpy as np
import pytest
from lifelines import LogLogisticFitter, LogNormalFitter, WeibullFitter

import cs_models as cs
from cs_models.cells import Mix
from cs_models.retention import holdout, parametric
from cs_models.retention.aging import elapsed
from cs_models.retention.bdw import FAMILY as BDW
from cs_models.retention.likelihood import Counts, hazard_of, log_likelihood
from cs_models.retention.parametric import fit_batch
from cs_models.retention.registry import model_named, models
from cs_models.retention.sbg import sbg_survival

SMOOTH = ("bdw", "weibull", "lognormal", "loglogistic", "lcw")


def simulated(hazard, customers=4000, months=30, seed=3, entry=0):
    """Durations, departures and months of entry of customers who start evenly over the window."""
    rng = np.random.default_rng(seed)
    leaves = rng.random((customers, len(hazard))) < hazard
    life = np.where(leaves.any(axis=1), leaves.argmax(axis=1) + 1, len(hazard) + 1)
    limit = rng.integers(1, months + 1, customers)
    late = rng.integers(0, entry + 1, customers)
    seen = np.minimum(life, limit + late)
    keep = seen > late
    return seen[keep], (life <= limit + late)[keep], late[keep]


def bdw_hazard(alpha, beta, c, months):
    x = np.array([[np.log(alpha / beta), -np.log(alpha + beta), np.log(c)]])
    return 1 - np.exp(-np.diff(BDW.cumulative(x, np.arange(months + 1.0))))[0]


# ---- lifelines is the oracle


@pytest.mark.parametrize("name, fitter, named", [
    ("weibull", WeibullFitter, lambda f: {"theta": -np.expm1(-f.lambda_ ** -f.rho_), "c": f.rho_}),
    ("lognormal", LogNormalFitter, lambda f: {"mu": f.mu_, "sigma": f.sigma_}),
    ("loglogistic", LogLogisticFitter, lambda f: {"alpha": f.alpha_, "beta": f.beta_}),
])  # fmt: skip
@pytest.mark.parametrize("entry", [0, 8])
def test_whole_months_as_lifelines_fits_intervals(name, fitter, named, entry):
    seen, left, late = simulated(0.12 / np.arange(1, 60) ** 0.4, entry=entry)
    cells, weights = np.unique(np.stack([seen, left, late]), axis=1, return_counts=True)
    duration, event, start = cells
    oracle = fitter().fit_interval_censoring(
        np.where(event, duration - 1, duration) + 1e-10, np.where(event, duration, np.inf),
        weights=weights, entry=start if entry else None,
    )  # fmt: skip
    curve = cs.fit(cs.life_table_from_durations(seen, left, late), name)
    for parameter, value in named(oracle).items():
        assert curve.parameters[parameter] == pytest.approx(value, abs=1e-3), parameter
    counts = Counts(*(curve.table.frame[c].to_numpy(float)[1:] for c in ("at_risk", "churned")))
    ours = log_likelihood(counts, hazard_of(curve.survival[: len(counts.at_risk) + 1]))
    assert ours == pytest.approx(oracle.log_likelihood_, abs=1e-2)


def test_a_batch_of_refits_is_every_fit_by_itself():
    seen, left, _ = simulated(bdw_hazard(0.4, 5, 1.4, 60))
    frame = cs.life_table_from_durations(seen, left).frame[1:]
    n = frame["at_risk"].to_numpy(float)
    d = np.random.default_rng(0).binomial(n.astype(int), 0.05, (6, len(n)))
    together, value = fit_batch(BDW, n, d)
    for row in range(6):
        alone, best = fit_batch(BDW, n, d[row : row + 1])
        assert best[0] == pytest.approx(value[row], abs=1e-6)


@pytest.mark.parametrize("name", SMOOTH)
def test_nothing_near_the_estimate_fits_better(name):
    """The climb ends on a top: no small change of a parameter raises the likelihood."""
    from cs_models.retention import bdw, lcw, loglogistic, lognormal, weibull

    family = {"bdw": bdw, "lcw": lcw, "weibull": weibull, "lognormal": lognormal, "loglogistic": loglogistic}[name].FAMILY
    seen, left, _ = simulated(bdw_hazard(0.4, 5, 1.3, 60), customers=20_000)
    frame = cs.life_table_from_durations(seen, left).frame[1:]
    counts = Counts(frame["at_risk"].to_numpy(float), frame["churned"].to_numpy(float))
    x, best = fit_batch(family, counts.at_risk, counts.churned[None, :])
    t = np.arange(len(counts.at_risk) + 1.0)
    for nudge in 1e-2 * np.eye(x.shape[1]):
        for side in (nudge, -nudge):
            moved = np.exp(-family.cumulative(np.clip(x + side, family.low, family.high), t))[0]
            assert log_likelihood(counts, hazard_of(moved)) <= best[0] + 1e-6


# ---- types on a bent clock


@pytest.mark.parametrize("name", [n for n in models() if n not in ("sbg", "constant")])
def test_a_model_that_ages_is_valued_as_its_curve(name):
    """CLV and residual equal the plain sums over S(t); residual from S(k + t) / S(k)."""
    seen, left, _ = simulated(bdw_hazard(0.4, 5, 1.4, 60))
    curve = cs.fit(cs.life_table_from_durations(seen, left), name)
    v = 1.1 ** (-np.arange(60) / 12)
    base = cs.Assumptions.from_curve(curve, 50, gross_margin=0.8, discount_rate=0.10)
    assert cs.value(base, 60).clv == pytest.approx(40 * curve.survival[:60] @ v, rel=1e-9)
    later = curve.survival[7:67] / curve.survival[7]
    old = cs.Assumptions.from_curve(curve, 50, existing_tenure=7, gross_margin=0.8, discount_rate=0.10)
    assert cs.value(old, 60).residual == pytest.approx(40 * later @ v, rel=1e-9)
    np.testing.assert_allclose(curve.from_tenure(7).survival[:60], later, rtol=1e-9)
    again = cs.Assumptions.from_curve(curve.from_tenure(7), 50, gross_margin=0.8, discount_rate=0.10)
    assert cs.value(again, 60).clv == pytest.approx(40 * later @ v, rel=1e-9)
    v = 1.1 ** (-np.arange(1200) / 12)
    assert cs.lifetime(base)[0] == pytest.approx(40 * curve.survival[:1200] @ v, rel=1e-6)


@pytest.mark.parametrize("name", ["bdw", "weibull"])
def test_yearly_renewals_age_too(name):
    """Paid ahead: S falls at months 12, 24, ...; twelve months are paid at each, and served whole."""
    yearly = cs.life_table_from_survival([1, 0.7, 0.55, 0.47, 0.41, 0.37], 4000).frame
    curve = cs.fit(cs.LifeTable(yearly.assign(interval=12, tenure=yearly["tenure"] * 12)), name)
    base = cs.Assumptions.from_curve(curve, 50, gross_margin=1.0, discount_rate=0.0)
    paid = 12 * 50 * curve.survival[[0, 12, 24, 36, 48]].sum()
    assert cs.value(base, 60).clv == pytest.approx(paid, rel=1e-9)
    # Seventeen months in: the next payment falls due after the second renewal, in seven months.
    old = cs.Assumptions.from_curve(curve, 50, existing_tenure=17, gross_margin=1.0, discount_rate=0.0)
    due = curve.survival[[24, 36, 48, 60, 72]] / curve.survival[12]
    assert cs.value(old, 60).residual == pytest.approx(600 * due.sum(), rel=1e-9)


def test_draws_of_a_model_that_ages_give_their_own_curves(monkeypatch):
    seen, left, _ = simulated(bdw_hazard(0.4, 5, 1.4, 60))
    frame = cs.life_table_from_durations(seen, left).frame[1:]
    counts = Counts(frame["at_risk"].to_numpy(float), frame["churned"].to_numpy(float))
    found = model_named("bdw").refit(counts, 40, 1, 1200)
    mix = Mix.of(found.theta, found.weights, 1, found.aging)
    months = np.arange(61)
    mixed = (mix.weights[:, None, :] * np.exp(-mix.rate[:, None, :] * mix.aging[:, months, None])).sum(-1)
    chosen = cs.fit(cs.life_table_from_durations(seen, left), "bdw")
    assert (np.diff(mixed) <= 0).all() and np.allclose(mixed[:, 0], 1)
    assert abs(mixed[:, 24].mean() - chosen.survival[24]) < 0.02
    # After a tenure the weights are those of the survivors: S(k + t) / S(k), draw by draw.
    left_over = mix.after(np.array([12]))[:, 0]
    onward = (left_over * np.exp(-mix.rate * (mix.aging[:, 36] - mix.aging[:, 12])[:, None])).sum(-1)
    np.testing.assert_allclose(onward, mixed[:, 36] / mixed[:, 12], rtol=1e-9)
    monkeypatch.setattr(parametric, "AT_ONCE", 1)
    assert np.array_equal(model_named("bdw").refit(counts, 40, 1, 1200).aging, found.aging), "one by one as all at once"


def test_the_clock_goes_on_beyond_what_is_kept():
    np.testing.assert_allclose(elapsed(np.array([0.0, 1.0, 3.0]), np.array([1, 2, 5])), [1, 3, 9])


def test_levers_act_on_types_that_age():
    """A tenth less churn multiplies each type's exposure by .9, whatever its clock."""
    seen, left, _ = simulated(bdw_hazard(0.4, 5, 1.4, 60))
    curve = cs.fit(cs.life_table_from_durations(seen, left), "bdw")
    base = cs.Assumptions.from_curve(curve, 50)
    found = cs.compare(base, cs.Scenario("less", (cs.ChurnReduction(reduction=0.1),)), horizon=36)
    by_hand = curve.weights @ np.exp(-0.9 * np.outer(curve.rate, curve.aging[:36]))
    np.testing.assert_allclose(found.scenario.survival_of("new")[:36], by_hand, rtol=1e-9)


# ---- the choice


def test_the_choice_follows_the_truth():
    truth = {"sbg": 0.8 / (8.8 + np.arange(60)), "bdw": bdw_hazard(0.3, 4, 1.6, 60)}
    for name, hazard in truth.items():
        seen, left, _ = simulated(hazard, customers=20_000, months=36)
        curve = cs.fit(cs.life_table_from_durations(seen, left))
        assert curve.model == name
        assert ("own chance of leaving rises" in curve.why) == (name == "bdw")


def test_a_richer_model_without_differences_between_customers_is_not_chosen():
    """Everybody alike, each less likely to leave with age: BdW fits best, as a Weibull; its types would be one type."""
    seen, left, _ = simulated(1 - np.exp(-np.diff(0.12 * np.arange(61.0) ** 0.6)), customers=20_000, months=36)
    table = cs.life_table_from_durations(seen, left)
    rich = cs.fit(table, "bdw")
    assert rich.parameters["alpha"] + rich.parameters["beta"] > holdout.ALIKE and cs.fit(table).model == "sbg"


def test_the_table_of_models_shows_the_chosen_one_and_the_naive_line_last():
    seen, left, _ = simulated(0.8 / (8.8 + np.arange(60)), customers=20_000)
    found = cs.compare_models(cs.life_table_from_durations(seen, left))
    assert set(found["model"]) == set(models()) and found["chosen"].sum() == 1
    assert found.loc[found["chosen"], "model"].item() == "sbg"
    assert found.iloc[-1]["model"] == "constant" and found["miss"].iloc[-1] > 3 * found["miss"].min()
    k = found.set_index("model")
    assert k.loc["bdw", "log_likelihood"] >= k.loc["sbg", "log_likelihood"]  # sBG is the BdW with c = 1
    assert (k["aic"] == 2 * k["parameters"] - 2 * k["log_likelihood"]).all()


def test_deviance_of_a_hold_out_by_hand():
    counts = Counts(np.array([100.0, 80, 60, 50]), np.array([20.0, 20, 10, 5]))
    (found,) = holdout.deviances(model_named("constant"), counts)
    assert holdout.origins(counts) == [3]  # 1/2 and 2/3 of four periods leave too little to fit
    churn = 50 / 240
    by_hand = 2 * (5 * np.log(0.1) + 45 * np.log(0.9) - 5 * np.log(churn) - 45 * np.log(1 - churn)) / 50
    assert found == pytest.approx(by_hand)


def test_few_periods_carry_a_warning():
    curve = cs.fit(cs.life_table_from_survival([1, 0.8, 0.66, 0.56, 0.49], 1000))
    assert any("Only 4 months seen so far: anything beyond month 8 is a guess." in note for note in curve.notes)
    long = cs.fit(cs.life_table_from_survival(0.95 ** np.arange(12), 1000))
    assert not any("is a guess" in note for note in long.notes)


# ---- one way of leaving


def test_causes_are_fitted_apart():
    frame = cs.life_table_from_survival(0.9 ** np.arange(13), 1000).frame
    table = cs.LifeTable(frame.assign(involuntary=frame["churned"] * 0.25))
    failed, chosen = (cs.fit(table, "constant", cause=c).parameters["churn"] for c in ("involuntary", "voluntary"))
    assert failed == pytest.approx(0.025) and chosen == pytest.approx(0.075)
    with pytest.raises(cs.Problem, match="cause is one of"):
        cs.fit(table, cause="weather")


def test_a_better_fit_that_foretells_worse_does_not_choose_three_parameters():
    """A book of sBG customers on which chance favours the BdW (p = .01), and held-back months do not."""
    chance, curve = np.random.default_rng(12), sbg_survival(0.8, 8, 24)
    hazard, at_risk, churned = 1 - curve[1:] / curve[:-1], np.zeros(24), np.zeros(24)
    for joined in range(24):
        alive = 85
        for k in range(24 - joined):
            left = chance.binomial(alive, hazard[k])
            at_risk[k], churned[k], alive = at_risk[k] + alive, churned[k] + left, alive - left
    counts = Counts(at_risk, churned)
    simple, rich = (model_named(name).fit(counts, 24) for name in ("sbg", "bdw"))
    assert 2 * (rich.log_likelihood - simple.log_likelihood) > 3.85
    assert (holdout.deviances(model_named("bdw"), counts) < holdout.deviances(model_named("sbg"), counts)).sum() < 2
    assert holdout.richer(counts, simple, rich) == (False, "")
