"""The price-change event study: known effects come back, made-up ones do not, and too little says so."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import cs_models as cs
import price_market as pm
from cs_models import event_cells, events
from cs_models.events import Effect, EventStudy, price_change
from cs_models.levers import ALL

MONTH = pm.change_month()
CONTROL = ("plan", "kept")


def test_the_effect_behind_the_data_is_found():
    study = price_change(pm.market(14, joining=3000), MONTH, 0.20)
    assert (
        study.shock.low < pm.SHOCK < study.shock.high and study.lasting.low < pm.LASTING < study.lasting.high
    )
    assert study.lasting.found and not study.suspect and study.clustered and study.season
    assert study.elasticity[0] == pytest.approx(np.log(study.lasting.ratio) / np.log(1.2))
    # 7 % leave in those two months anyway; 1.6 against 1.12 of it are 3.4 %
    assert study.one_off[1] < 1 - np.exp(-0.0725 * (1.6 - 1.12)) < study.one_off[2]


def test_the_fit_is_that_of_statsmodels_and_the_errors_those_of_leaving_out_each_cohort():
    cells = event_cells.event_cells(pm.market(3, luck=0.4), MONTH, "both", None)
    fit, at, design = events._fit(cells, cells.tau)
    columns = list(at.values())

    def oracle(own):
        family = sm.families.Binomial(link=sm.families.links.CLogLog())
        both = np.column_stack([cells.churned, cells.at_risk - cells.churned])[own]
        return sm.GLM(both, design[own], family=family).fit().params

    everybody = oracle(np.ones(len(design), bool))
    assert fit.coefficients == pytest.approx(everybody, abs=1e-6)
    cohorts = np.unique(cells.cohort)
    moves = np.array([oracle(cells.cohort != cohort) - everybody for cohort in cohorts])[:, columns]
    spread = (len(cohorts) - 1) / len(cohorts) * moves.T @ moves
    assert fit.covariance[np.ix_(columns, columns)] == pytest.approx(spread, rel=0.15)


def test_a_control_plan_takes_away_what_hits_everybody():
    """Churn doubles for everybody when the price rises: without a control it looks like the price."""
    table = pm.market(4, joining=1500, shock=1, lasting=1, control=True)
    frame = table.frame.copy()
    later = frame["cohort"].map(event_cells.month_number) + frame["tenure"] >= event_cells.month_number(MONTH)
    frame.loc[later, "churned"] = np.minimum(2 * frame["churned"], frame["at_risk"])[later]
    both = cs.LifeTable(frame, table.by)
    assert price_change(both, MONTH, 0.1).lasting.low > 1.5
    fair = price_change(both, MONTH, 0.1, control=CONTROL)
    assert fair.lasting.low < 1 < fair.lasting.high and fair.control == "kept"


def test_the_expected_line_is_what_would_have_been_without_the_change():
    study = price_change(pm.market(5, joining=2000), MONTH, 0.2)
    detail = study.detail
    before, after = detail[detail.since < 0], detail[detail.since >= 2]
    assert before["left"].sum() == pytest.approx(before["expected"].sum(), rel=0.02)
    assert after["left"].sum() / after["expected"].sum() == pytest.approx(study.lasting.ratio, rel=0.03)
    assert detail["month"].iloc[30 - 1] == MONTH and (detail["at_risk"] > 0).all()


def test_only_those_meant_are_compared():
    """The rise met those who were there already: they leave 1.5 times as fast, and the new do not."""
    table = pm.market(6, joining=3000, trend=0, shock=1.5, lasting=1.5, meant="existing")
    old = price_change(table, MONTH, 0.2, scope="existing")
    assert old.lasting.low < 1.5 < old.lasting.high and old.lasting.low > 1.3 and old.shock.found
    table = pm.market(6, joining=3000, trend=0, lasting=1.5, shock=1.5, meant="new")
    new = price_change(table, MONTH, 0.2, scope="new")
    assert new.lasting.low < 1.5 < new.lasting.high and new.lasting.low > 1.3
    assert new.shock is None and new.one_off is None
    assert new.lever().scope == "new" and new.lever().one_off_loss == 0


def test_what_was_measured_goes_to_the_price_lever_within_its_range():
    effect = EventStudy("2025-04", 0.2, "both", 500, shock=Effect(np.log(1.6), 0.05),
                        lasting=Effect(np.log(1.12), 0.05), base_intensity=0.08)  # fmt: skip
    assert effect.elasticity[0] == pytest.approx(0.6216, abs=1e-4)
    assert effect.one_off[0] == pytest.approx(0.0377, abs=1e-4)
    lever = effect.lever()
    assert (lever.rise, lever.churn_elasticity, lever.one_off_loss) == (0.2, 0.6, 0.04)
    assert effect.lever(0.1).one_off_loss == 0.02, "half the rise, half the loss"
    assert effect.evidence == "estimated from your data: price change of April 2025, 500 departures"
    fields = {p.name: p for p in ALL["PriceIncrease"].parameters()}
    for log in (-3.0, 3.0):
        wild = EventStudy("2025-04", 0.1, "both", 500, lasting=Effect(log, 0.1)).lever()
        assert fields["churn_elasticity"].low <= wild.churn_elasticity <= fields["churn_elasticity"].high


def test_too_little_is_a_sentence_and_no_number():
    few = price_change(pm.market(7, joining=4), MONTH, 0.2)
    assert "200 are needed" in few.why_not and few.lasting is None and few.elasticity is None
    early = price_change(pm.market(8), pm.change_month(8), 0.2)
    assert "12 before and 6 after" in early.why_not
    late = price_change(pm.market(8), pm.change_month(45), 0.2)
    assert "12 before and 6 after" in late.why_not
    with pytest.raises(cs.Problem, match="200 are needed"):
        few.lever()


@pytest.mark.parametrize("given, words", [
    (dict(month="April"), "year and month"), (dict(month="2025-13"), "year and month"),
    (dict(rise=0.0), "by how much"), (dict(scope="some"), "Whose price"), (dict(control=("plan", "gone")), "Nobody"),
    (dict(control=("region", "x")), "Nobody"),
])  # fmt: skip
def test_a_wrong_question_is_a_sentence(given, words):
    with pytest.raises(cs.Problem, match=words):
        price_change(pm.market(9), **{"month": MONTH, "rise": 0.1, **given})


def test_a_file_without_sign_up_months_is_a_sentence():
    with pytest.raises(cs.Problem, match="dates"):
        price_change(cs.life_table_from_durations([1, 2, 3], [1, 1, 0]), MONTH, 0.1)


def test_names_that_are_code_elsewhere_are_only_names():
    table = pm.market(10, control=True)
    hostile = 'C(x) + __import__("os")'
    frame = table.frame.replace({"plan": {"kept": hostile}}).rename(columns={"plan": "a:b ~ 1"})
    odd = price_change(cs.LifeTable(frame, ("a:b ~ 1", "cohort")), MONTH, 0.1, control=("a:b ~ 1", hostile))
    assert odd.lasting.log == pytest.approx(price_change(table, MONTH, 0.1, control=CONTROL).lasting.log)


# --- the published simulation: 48 months, 300 new a month, ratio 1.6 for two months, then 1.12 ---

RUNS = 150


def replicates(against=None, runs=RUNS, **truth):
    """One row per replicate: error of the log ratio and its standard error, for shock and lasting; checks."""
    rows = []
    for seed in range(runs):
        study = price_change(pm.market(2000 + seed, **truth), MONTH, 0.2, control=against)
        rows.append((
            study.shock.log - np.log(truth.get("shock", pm.SHOCK)), study.shock.error,
            study.lasting.log - np.log(truth.get("lasting", pm.LASTING)), study.lasting.error,
            *(effect.found for _, effect in study.placebo), study.drift.found, study.suspect,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=["b1", "e1", "b2", "e2", "p6", "p12", "drift", "suspect"]).astype(float)


def told(name, found):
    """Prints a row of the table; returns bias and cover of both effects."""
    numbers = [value for b, e in (("b1", "e1"), ("b2", "e2"))
               for value in (found[b].mean(), (found[b].abs() < events.Z95 * found[e]).mean())]  # fmt: skip
    print(f"\n{name:34s} shock {numbers[0]:+.3f} {numbers[1]:.0%}  lasting {numbers[2]:+.3f} {numbers[3]:.0%}"
          f" (sd {found['b2'].std():.3f})  placebo {found['p6'].mean():.1%} {found['p12'].mean():.1%}"
          f" drift {found['drift'].mean():.1%} suspect {found['suspect'].mean():.1%}", end="")  # fmt: skip
    return numbers


@pytest.mark.slow
def test_bias_and_coverage_of_the_study():
    bias1, cover1, bias2, cover2 = told("tenure, season, trend", replicates())
    assert abs(bias1) < 0.02 and abs(bias2) < 0.02 and 0.92 <= cover1 <= 0.98 and 0.92 <= cover2 <= 0.98
    bias1, cover1, bias2, cover2 = told("control plan", replicates(CONTROL, control=True))
    assert abs(bias1) < 0.02 and abs(bias2) < 0.02 and 0.91 <= cover1 and 0.92 <= cover2
    *_, bias2, cover2 = told("customers differ (sd .5)", replicates(frailty=0.5))
    assert -0.05 < bias2 < 0.01 and cover2 > 0.85, "sorting eats a little of the effect, as published"
    *_, bias2, cover2 = told("control plan, customers differ", replicates(CONTROL, control=True, frailty=0.5))
    assert -0.05 < bias2 < 0.01 and cover2 > 0.85
    *_, cover1, _, cover2 = told("cohort luck (sd .2)", replicates(luck=0.2))
    assert cover1 > 0.91 and cover2 > 0.91


@pytest.mark.slow
def test_what_is_left_out_is_taken_for_the_price(monkeypatch):
    whole = event_cells.EventCells.background
    monkeypatch.setattr(event_cells, "season_columns", lambda month: [])
    bias1, cover, *_ = told("season omitted", replicates())
    assert abs(bias1) > 0.05 and cover < 0.9
    monkeypatch.undo()
    monkeypatch.setattr(event_cells.EventCells, "background", lambda self: whole(self)[:-1])
    _, _, bias, cover = told("trend omitted", replicates())
    assert bias > 0.05 and cover < 0.6
    monkeypatch.setattr(event_cells, "_bands", lambda number, churned: [(1, int(number.max()))])
    monkeypatch.setattr(event_cells.EventCells, "background", whole)
    told("tenure omitted", replicates())


@pytest.mark.slow
def test_a_change_that_did_nothing_is_rejected_as_often_as_it_should():
    found = replicates(shock=1.0, lasting=1.0, runs=300)
    told("no effect", found)
    for effect, error in (("b1", "e1"), ("b2", "e2")):
        rejected = (found[effect].abs() > events.Z95 * found[error]).mean()
        print(f"  {effect} rejected {rejected:.1%}", end="")
        assert 0.03 <= rejected <= 0.08
    assert found["suspect"].mean() <= 0.10
