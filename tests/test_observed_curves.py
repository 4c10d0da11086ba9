"""The pace of leaving, its causes, log-rank and the newest sign-up months, against others' oracles."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

import cs_models as cs
from cs_models import cohorts
from cs_models.causes import causes, causes_sentence, says_why, unexplained
from cs_models.cohorts import _pace, by_year, newest_cohorts
from cs_models.life_table import LifeTable, single_table
from cs_models.same_pace import chance

AS_OF = date(2025, 3, 20)


def draw(seed, people=400, churn=0.06, delayed=False):
    """Durations, ends and entries of random customers; delayed: those still there when observation began."""
    random = np.random.default_rng(seed)
    life, seen = random.geometric(churn, people), random.integers(1, 30, people)
    entry = random.integers(0, 6, people) * delayed
    duration = np.minimum(life, seen)
    there = duration > entry
    return duration[there], (life <= seen)[there], entry[there]


def two_groups(first, second, names=("Basic", "Pro")):
    """One table with a column from two draws."""
    parts = zip((first, second), names, strict=True)
    frames = [cs.life_table_from_durations(*part).frame.assign(plan=name) for part, name in parts]
    return LifeTable(pd.concat(frames, ignore_index=True), ("plan",))


def book(rows, as_of=AS_OF):
    """Subscriptions from (customer, start, end, mrr, plan, reason)."""
    names = ["customer_id", "start_date", "end_date", "mrr", "plan", "end_reason"]
    return cs.read(pd.DataFrame(rows, columns=names), as_of=as_of)


# --- the pace of leaving ---


def test_jeffreys_bands_are_those_of_the_table():
    """2 of 50: 0.8 to 12.2 %; 50 of 1,000: 3.8 to 6.5 %."""
    for left, people, low, high in ((2, 50, 0.008, 0.122), (50, 1000, 0.038, 0.065)):
        counts = {"at_risk": [people] * 2, "in_force": [people] * 2, "churned": [0, left],
                  "involuntary": [0, 0], "censored": [0, people - left]}  # fmt: skip
        found = cs.hazard_by_tenure(single_table({name: np.array(c) for name, c in counts.items()}))
        assert found.value[0] == left / people
        assert (found.lower[0], found.upper[0]) == pytest.approx((low, high), abs=6e-4)


def test_the_band_is_the_beta_distribution_and_open_where_nobody_left():
    table = cs.life_table_from_durations([1, 2, 3, 3, 3], [1, 0, 1, 1, 1])
    found = cs.hazard_by_tenure(table)
    assert found.at_risk.tolist() == [5, 4, 3] and found.churned.tolist() == [1, 0, 3]
    assert found.lower.tolist() == pytest.approx([beta.ppf(0.025, 1.5, 4.5), 0, beta.ppf(0.025, 3.5, 0.5)])
    assert found.upper.tolist() == pytest.approx([beta.ppf(0.975, 1.5, 4.5), beta.ppf(0.975, 0.5, 4.5), 1])


@pytest.mark.parametrize("delayed", [False, True])
def test_the_pace_makes_the_observed_curve(delayed):
    table = cs.life_table_from_durations(*draw(1, delayed=delayed))
    found = cs.hazard_by_tenure(table)
    rest = np.nan_to_num(found.value)
    assert np.cumprod(1 - rest) == pytest.approx(cs.kaplan_meier(table).survival[1:], abs=1e-12)


def test_nobody_leaves_in_the_middle_of_a_paid_year():
    rows = [(f"c{n}", "2023-01-05", "2024-01-05" if n % 3 else None, 100, "Pro") for n in range(30)]
    frame = pd.DataFrame(rows, columns=["customer_id", "start_date", "end_date", "mrr", "plan"])
    subs = cs.read(frame.assign(billing_interval="annual"), as_of=AS_OF)
    found = cs.hazard_by_tenure(cs.life_table(subs))
    able = np.flatnonzero(np.isfinite(found.value))
    assert found.tenure[able].tolist() == [12, 24] and found.value[able[0]] == pytest.approx(20 / 30)


def test_a_table_without_customers_is_a_sentence():
    empty = LifeTable(cs.life_table_from_durations([1], [1]).frame.iloc[:0])
    for ask in (cs.hazard_by_tenure, causes):
        with pytest.raises(cs.Problem, match="no paying customer"):
            ask(empty)


# --- why they leave ---


def caused(seed, people=600):
    """A table with both causes, and the durations, ends and causes behind it."""
    random = np.random.default_rng(seed)
    life, seen = random.geometric(0.08, people), random.integers(1, 25, people)
    duration, left = np.minimum(life, seen), life <= seen
    failed = left & (random.random(people) < 0.3)
    table = cs.life_table_from_durations(duration, left).frame
    table["involuntary"] = np.bincount(duration[failed], minlength=len(table))
    return LifeTable(table), duration, left, failed


def test_the_example_of_the_docstring():
    counts = {"at_risk": [100, 100, 85], "in_force": [100, 100, 85], "churned": [0, 15, 17],
              "involuntary": [0, 5, 0], "censored": [0, 0, 68]}  # fmt: skip
    found = causes(single_table({name: np.array(c) for name, c in counts.items()}))
    assert (found.voluntary[2], found.involuntary[2], found.staying[2]) == pytest.approx((0.27, 0.05, 0.68))
    said = "Of 100 customers who began, 27 chose to leave within 2 months and 5 were"
    assert causes_sentence(found, 2).startswith(said)
    assert "17 % of those who left gave no reason" in causes_sentence(found, 2, 0.17).replace("\xa0", " ")


@pytest.mark.parametrize("seed", range(5))
def test_three_shares_make_one_and_what_stays_is_kaplan_meier(seed):
    table, *_ = caused(seed)
    found = causes(table)
    assert np.abs(found.voluntary + found.involuntary + found.staying - 1).max() < 1e-12
    assert found.staying == pytest.approx(cs.kaplan_meier(table).survival, abs=1e-12)
    for name in ("voluntary", "involuntary"):
        assert (np.diff(getattr(found, name)) >= 0).all()


def test_both_causes_equal_counting_customer_by_customer():
    """The sum over customers weighted by 1 / (share not yet censored), an estimate we did not build on."""
    table, duration, left, failed = caused(7)
    found = causes(table)
    last = int(duration.max())
    free = np.ones(last + 1)  # Kaplan-Meier of being censored; departures come first at the same month
    for k in range(1, last + 1):
        risk = (duration >= k).sum() - (left & (duration == k)).sum()
        gone = (~left & (duration == k)).sum()
        free[k] = free[k - 1] * (1 - gone / risk if risk else 1)
    for mask, share in ((failed, found.involuntary), (left & ~failed, found.voluntary)):
        for k in range(last + 1):
            by_hand = sum(1 / free[d - 1] for d in duration[mask & (duration <= k)]) / len(duration)
            assert share[k] == pytest.approx(by_hand, abs=1e-12)


def test_one_minus_kaplan_meier_of_one_cause_overstates():
    table, *_ = caused(3)
    alone = table.frame.assign(churned=table.frame["involuntary"])
    assert (1 - cs.kaplan_meier(LifeTable(alone)).survival[-1]) > causes(table).involuntary[-1] + 0.02


def test_the_band_of_a_cause_holds_the_truth():
    """300 samples of 400: the 95 % band at month 12 holds the true share 92 to 98 times in 100."""
    truth = 0.3 * (1 - 0.92**12)
    hits = 0
    for seed in range(300):
        found = causes(caused(1000 + seed, 400)[0])
        hits += found.involuntary_lower[12] <= truth <= found.involuntary_upper[12]
    assert 0.92 <= hits / 300 <= 0.98


def test_without_censoring_the_band_is_that_of_a_share():
    """CIF(K) is then a plain count over n, with variance p (1 - p) / n at every month."""
    random = np.random.default_rng(5)
    life = random.geometric(0.1, 500)
    failed = random.random(500) < 0.3
    table = cs.life_table_from_durations(life, np.ones(500, bool)).frame
    table["involuntary"] = np.bincount(life[failed], minlength=len(table))
    found = causes(LifeTable(table))
    share = np.array([(failed & (life <= k)).mean() for k in found.tenure])
    width = 1.959963984540054 * np.sqrt(share * (1 - share) / 500)
    assert found.involuntary == pytest.approx(share, abs=1e-12)
    assert found.involuntary_upper == pytest.approx(share + width, abs=1e-9)
    assert found.involuntary_lower == pytest.approx(np.maximum(share - width, 0), abs=1e-9)


def test_a_file_without_reasons_says_so():
    rows = [("a", "2024-01-01", "2024-05-01", 10, "Pro", ""), ("b", "2024-01-01", None, 10, "Pro", "")]
    silent = book(rows)
    assert not says_why(silent)
    with pytest.raises(cs.Problem, match="does not say why"):
        cs.causes_of_leaving(silent, cs.life_table(silent))
    told = book([("c", "2024-01-01", "2024-04-01", 10, "Pro", "card declined"), *rows])
    assert says_why(told) and unexplained(told) == 0.5
    assert cs.causes_of_leaving(told, cs.life_table(told)).involuntary[-1] == pytest.approx(1 / 3)


def test_a_change_of_plan_needs_no_reason():
    rows = [("a", "2024-01-01", "2024-05-01", 10, "Basic", ""),
            ("a", "2024-05-01", "2024-09-01", 20, "Pro", "too dear")]  # fmt: skip
    assert unexplained(book(rows)) == 0


# --- is it chance? ---


@pytest.mark.parametrize("seed", range(4))
def test_log_rank_equals_lifelines(seed):
    from lifelines.statistics import logrank_test

    first, second = draw(seed), draw(seed + 100, churn=0.09)
    oracle = logrank_test(first[0], second[0], first[1], second[1])
    found = cs.log_rank(two_groups(first, second))
    assert found.statistic == pytest.approx(oracle.test_statistic, rel=1e-9)
    assert found.p == pytest.approx(oracle.p_value, rel=1e-6) and found.freedom == 1


def test_log_rank_of_three_groups_equals_lifelines():
    from lifelines.statistics import multivariate_logrank_test

    parts = [draw(20 + n, churn=churn) for n, churn in enumerate((0.05, 0.06, 0.09))]
    frames = [cs.life_table_from_durations(*part).frame.assign(plan=f"P{n}") for n, part in enumerate(parts)]
    found = cs.log_rank(LifeTable(pd.concat(frames, ignore_index=True), ("plan",)))
    duration, left = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    oracle = multivariate_logrank_test(duration, np.repeat([0, 1, 2], 400), left)
    assert (found.statistic, found.freedom) == (pytest.approx(oracle.test_statistic, rel=1e-9), 2)
    assert len(found.pairs) == 3 and (found.pairs["adjusted"] >= found.pairs["p"]).all()
    assert found.groups["churned"].sum() == pytest.approx(found.groups["expected"].sum())


def test_log_rank_of_monthly_and_annual_payers_equals_lifelines():
    """Annual payers are there in the middle of the year too, though none of them can leave."""
    from lifelines.statistics import logrank_test

    random, lines = np.random.default_rng(6), []
    for n, life in enumerate(random.geometric(0.05, 300)):
        start, term = pd.Timestamp(2023, 1, 5), 12 if n % 3 == 0 else 1
        life = int(-(-life // term) * term)
        gone = life <= 26
        end = (start + pd.DateOffset(months=life)).date() if gone else None
        lines.append((n, start.date(), end, term, life, gone))
    raw = pd.DataFrame(lines, columns=["customer_id", "start_date", "end_date", "term", "life", "gone"])
    frame = raw[["customer_id", "start_date", "end_date"]].assign(mrr=10)
    frame["billing_interval"] = raw["term"].map({1: "monthly", 12: "annual"})
    found = cs.log_rank(cs.life_table(cs.read(frame, as_of=AS_OF)), "interval")
    duration, annual = np.minimum(raw["life"], 26), raw["term"] == 12
    oracle = logrank_test(duration[annual], duration[~annual], raw["gone"][annual], raw["gone"][~annual])
    assert found.statistic == pytest.approx(oracle.test_statistic, rel=1e-9)
    assert "Monthly" in found.sentence and "Annual" in found.sentence


def test_late_entry_takes_no_side():
    """Groups alike but for when they were first seen: about 5 in 100 comparisons go below 5 %."""
    below = [cs.log_rank(two_groups(draw(s), draw(s + 5000, delayed=True))).p < 0.05 for s in range(300)]
    assert 0.02 <= np.mean(below) <= 0.085


def test_the_sentence_says_who_leaves_faster_or_that_it_cannot_tell():
    said = cs.log_rank(two_groups(draw(1, 900, 0.10), draw(2, 900, 0.04))).sentence
    rare = "chance alone would show this less than 1 time in 1,000."
    assert said == f"Basic customers leave faster than Pro; {rare}"
    alike = cs.log_rank(two_groups(draw(3, 60), draw(4, 60))).sentence
    assert alike.startswith("Not enough data to tell Basic from Pro: chance alone would show such a")
    few = cs.log_rank(two_groups(([5, 6], [1, 0], [0, 0]), ([5, 6], [0, 0], [0, 0]))).sentence
    assert few == "Not enough data to compare the groups: 1 departure so far, and 10 are needed."
    table = two_groups(draw(1, 900, 0.1), draw(2, 900, 0.04), ("Yes", "No"))
    bare = cs.log_rank(table, "plan", "Paperless").sentence
    assert bare.startswith("Paperless Yes customers leave faster than Paperless No;")


def test_one_group_cannot_be_compared():
    with pytest.raises(cs.Problem, match="one group only"):
        cs.log_rank(cs.life_table_from_durations([1, 2], [1, 0]))
    with pytest.raises(cs.Problem, match="not grouped by 'region'"):
        cs.log_rank(cs.life_table_from_durations([1, 2], [1, 0]), "region")


def test_how_rare_in_words():
    assert [chance(p) for p in (0.0004, 0.02, 0.3)] == [
        "less than 1 time in 1,000", "about 1 time in 50", "about 30 times in 100"]  # fmt: skip


# --- the newest customers ---


def intakes(seed, late=0.05, early=0.05, months=24, people=60):
    """Monthly intakes; those of the second half leave at another pace."""
    random, rows = np.random.default_rng(seed), []
    first = pd.Period("2023-04", "M")
    for month in range(months):
        start = (first + month).to_timestamp() + pd.Timedelta(days=9)
        for n, life in enumerate(random.geometric(late if month >= months // 2 else early, people)):
            end = start + pd.DateOffset(months=int(life))
            gone = end <= pd.Timestamp(AS_OF)
            rows.append((f"c{month}-{n}", start.date(), end.date() if gone else None, 20, "Basic", ""))
    return book(rows)


def test_newest_customers_who_leave_faster_are_seen_and_stand_alone():
    subs = intakes(1, late=0.12)
    found = newest_cohorts(subs)
    assert found.differs and found.p < 0.001 and found.ratio > 1.3 and found.lower > 1
    assert "faster at the same age" in found.sentence and "newest 12" in found.sentence
    assert [_pace(r) for r in (1.14, 0.7, 2.44, 13.36)] == [
        "14 % faster", "30 % slower", "2.4 times as fast", "13 times as fast"]  # fmt: skip
    newest = cs.life_table(subs, by="cohort").frame.query("cohort >= '2024-04'")
    assert found.table.frame["churned"].sum() == newest["churned"].sum() and not found.table.by
    assert found.table.frame["at_risk"].iloc[0] == 12 * 60
    assert cs.fit(found.table).survival[6] < cs.fit(cs.life_table(subs)).survival[6]
    assert newest_cohorts(subs, by="plan").table.by == ("plan",)


@pytest.mark.slow
def test_customers_alike_are_seldom_called_different():
    """At 1 % of all tests; 60 books, none or few."""
    found = [newest_cohorts(intakes(seed, people=25)) for seed in range(60)]
    chances = np.array([one.p for one in found])
    assert [one.differs for one in found] == (chances < 0.01).tolist()
    assert np.mean(chances < 0.01) <= 0.06 and np.mean(chances < 0.5) > 0.25


def test_the_test_is_the_likelihood_ratio():
    """Against the plain deviances of a formula fit, where cells scatter no more than chance allows."""
    import statsmodels.api as sm
    import statsmodels.formula.api as smf
    from scipy.stats import chi2

    subs = intakes(5, late=0.08)
    frame = cs.life_table(subs, by="cohort").frame.query("at_risk > 0 and tenure > 0").copy()
    level = frame.groupby("tenure")["churned"].transform("sum")
    frame = frame[level > 0]
    frame = frame.assign(c=frame["cohort"].str[:4].astype(int) * 12 + frame["cohort"].str[5:].astype(int))
    frame = frame[frame["c"] + frame["tenure"] <= 2025 * 12 + 2]  # the last sign-up of a month is as old by February's end
    frame["stayed"] = frame["at_risk"] - frame["churned"]
    family = sm.families.Binomial(link=sm.families.links.CLogLog())
    still, moving = (smf.glm(f"churned + stayed ~ C(tenure){more}", frame, family=family).fit()
                     for more in ("", " + c"))  # fmt: skip
    plain = chi2.sf(still.deviance - moving.deviance, 1)
    found = newest_cohorts(subs)
    assert found.ratio == pytest.approx(np.exp(12 * moving.params["c"]), rel=1e-4)
    assert plain <= found.p + 1e-12 < 0.05 and np.log(found.p) == pytest.approx(np.log(plain), rel=0.5)


def test_guards_of_the_trend():
    short = intakes(2, months=5)
    assert not newest_cohorts(short).differs and "Too few" in newest_cohorts(short).sentence
    young = newest_cohorts(intakes(3, late=0.2, months=12, people=150))
    assert young.differs and young.table is None, "twelve sign-up months are all there is"
    with pytest.raises(cs.Problem, match="sign-up"):
        snapshot = pd.DataFrame({"customerID": ["a", "b"], "tenure": [1, 5], "Churn": ["No", "Yes"]})
        newest_cohorts(cs.read(snapshot))


def test_a_month_whose_stayers_cannot_be_there_yet_is_no_trend():
    """Yearly payers leave on any day of their year, all sign-up months alike: of those younger than a year only who left
    is counted, at its end. Let in, they make the newest of this book leave 52 % faster, p < .001.
    """
    random = np.random.default_rng(2)
    begun = np.sort(random.integers(0, 1200, 6000))
    ends = begun + random.exponential(500, begun.size).astype(int) + 5
    day = pd.Timestamp("2022-01-01") + pd.to_timedelta(begun, unit="D")
    gone = pd.Timestamp("2022-01-01") + pd.to_timedelta(ends, unit="D")
    last = pd.Timestamp("2022-01-01") + pd.Timedelta(days=1210)
    rows = pd.DataFrame({"customer_id": np.arange(begun.size), "start_date": day.date, "interval": "annual", "mrr": 20,
                         "end_date": np.where(gone <= last, gone.strftime("%Y-%m-%d"), "")})
    found = newest_cohorts(cs.read(rows, as_of=last.date()))
    assert not found.differs and found.p > 0.1 and found.lower < 1 < found.upper


@pytest.mark.parametrize("a_year, differs", [(1.019, False), (1 / 1.019, False), (1.021, True), (1 / 1.021, True)])
def test_a_difference_that_is_there_and_too_small_is_told_and_left_alone(monkeypatch, a_year, differs):
    monkeypatch.setattr(cohorts, "_trend", lambda cells: (60.0, np.log(a_year) / 12, 0.0002, 22))
    found = newest_cohorts(intakes(1))
    assert found.p < 0.001 and found.ratio == pytest.approx(a_year)
    assert found.differs is differs and (found.table is not None) is differs
    assert ("less than 2 % a year apart, too little" in found.sentence.replace("\xa0", " ")) is not differs


def test_years_of_sign_up_add_up_to_the_whole():
    subs = intakes(4)
    table = by_year(cs.life_table(subs, by="cohort"))
    assert table.frame["year"].unique().tolist() == ["2023", "2024", "2025"]
    whole = cs.life_table(subs).frame.set_index("tenure")["churned"]
    assert (table.frame.groupby("tenure")["churned"].sum() == whole).all()
