"""Counts equal counting by hand: every customer followed in plain Python, whatever the order of the rows."""

import calendar
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from lifelines import KaplanMeierFitter

import cs_models as cs
from cs_models import column_codes
from cs_models.engine import counts, sql

from cs_models.engine.counts import active_book
from cs_models.engine.duckdb import opened
from cs_models.life_table import COUNTS
from cs_models.subscriptions import Subscriptions

ROOT = Path(__file__).parents[1]
AS_OF = date(2025, 3, 20)
FOREVER = date(9999, 1, 1)


# ---- customers, and how a patient person counts them


def later(day, months):
    """The same day `months` later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole(start, end):
    k = 0
    while later(start, k + 1) <= end:
        k += 1
    return k


def begun(start, end):
    k = 0
    while later(start, k) < end:
        k += 1
    return k


def row_duration(start, end, term, as_of):
    if end is None or end > as_of:
        return whole(start, as_of + timedelta(days=1)), False
    return -(-max(begun(start, end), 1) // term) * term, True


def subscriptions(rows, as_of=AS_OF):
    """rows: (customer, start, end or None, term, plan, mrr, region, end_reason)."""
    customer, start, end, term, plan, mrr, region, reason = (list(c) for c in zip(*rows))
    counted = [row_duration(s, e, t, as_of) for s, e, t in zip(start, end, term)]
    table = pa.table(
        {
            "row": pa.array(range(2, len(rows) + 2), pa.int32()),
            "customer": pa.array(customer).dictionary_encode(),
            "started_on": pa.array(start, pa.date32()),
            "ended_on": pa.array(end, pa.date32()),
            "term": pa.array(term, pa.int16()),
            "plan": pa.array(plan, pa.string()).dictionary_encode(),
            "mrr": pa.array(mrr, pa.int64()),
            "price": pa.array(mrr, pa.int64()),
            "duration": pa.array([d for d, _ in counted], pa.int32()),
            "churned": pa.array([c for _, c in counted]),
            "entry": pa.array([0] * len(rows), pa.int32()),
            "end_reason": pa.array(reason, pa.string()).dictionary_encode(),
            "c0": pa.array(region, pa.string()).dictionary_encode(),
        }
    )
    return Subscriptions(
        "periods", table, as_of, None, {"plan": "Plan", "c0": "Region"}, "USD", "d", {"mrr": "MRR"}, "p"
    )


def histories(customers, seed, single=False):
    """Random customers: renewals, pauses, switches, parallel subscriptions, returns, month ends."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        day = date(2021, 1, 1) + timedelta(days=int(draw.integers(1500)))
        for _ in range(1 if single else int(draw.integers(1, 5))):
            if day > AS_OF:
                break
            length = int(draw.choice([0, 5, 28, 30, 31, 61, 90, 180, 365, 366, 700]))
            end = day + timedelta(days=length)
            end = None if draw.random() < 0.25 else end
            rows.append(
                (
                    f"c{number}",
                    day,
                    end,
                    int(draw.choice([1, 1, 3, 12])),
                    [None, "Basic", "Pro"][draw.integers(3)],
                    int(draw.integers(1, 9)) * 500,
                    [None, "EU", "US"][draw.integers(3)],
                    [None, "voluntary", "involuntary"][draw.integers(3)] if end else None,
                )
            )
            day = (end or day + timedelta(days=200)) + timedelta(
                days=int(draw.choice([-100, -46, -45, -10, 0, 1, 44, 45, 46, 200]))
            )
            day = max(day, rows[-1][1])
    return rows


def follow(rows):
    """Exposures of one customer by walking through the rows: (spell, plan, region, term, entry, anchor,
    duration, left, failed).
    """

    def until(r):
        return FOREVER if r[2] is None or r[2] > AS_OF else r[2]

    def place(r):  # ties are settled by what the rows say, never by their order in the file
        return (
            r[1],
            -until(r).toordinal(),
            r[3],
            r[4] or "(none)",
            r[5],
            r[7] != "involuntary",
            r[6] or "(none)",
        )

    rows = sorted(rows, key=place)
    spells = []
    for r in rows:
        if not spells or (r[1] - spells[-1][-1]["until"]).days > 45:
            spells.append([{"row": r, "begin": r[1], "until": until(r), "last": r, "gaps": 0}])
            continue
        now = spells[-1][-1]
        if until(r) <= now["until"]:
            continue
        handover = (now["until"] - r[1]).days <= 45
        if handover and (r[4], r[3]) != (now["last"][4], now["last"][3]):
            spells[-1].append({"row": r, "begin": r[1], "until": until(r), "last": r, "gaps": 0})
        else:
            now["gaps"] += max((r[1] - now["until"]).days, 0)
            now["until"], now["last"] = until(r), r
    return [out for n, spell in enumerate(spells) for out in _exposures(n, spell)]


def unfinished(stay, anchor, own, term):
    """A stay that goes on counts whole, but between the renewal it went through and the next."""
    renewals = [anchor + k for k in range(0, own + term + 1, term)]
    passed = max(r for r in renewals if r <= anchor + own)
    return min(max(stay, passed), passed + term - 1)


def _exposures(number, spell):
    clock = spell[0]["begin"]
    for i, part in enumerate(spell):
        end = spell[i + 1]["begin"] if i + 1 < len(spell) else None
        term, anchor = part["row"][3], whole(clock, part["begin"]) if i else 0
        left = end is None and part["until"] != FOREVER
        begin, base = (clock, 0) if term == 1 else (part["begin"] + timedelta(days=part["gaps"]), anchor)
        seen_to = end or AS_OF + timedelta(days=1)
        served = whole(clock, seen_to)
        if term > 1:
            served = unfinished(served, anchor, whole(begin, seen_to), term)
        if left:
            paid = max(begun(begin, part["until"]), 1)
            duration = max(base + -(-paid // term) * term, anchor + 1)
            if term > 1 and whole(begin, seen_to) < duration - anchor:  # that renewal has not come yet
                left, duration = False, served
        else:
            duration = served
        failed = left and part["last"][7] == "involuntary"
        if end and duration <= anchor:
            continue  # moved on before a month was over: only the part that follows is anybody's time
        yield (
            number,
            part["row"][4] or "(none)",
            part["row"][6] or "(none)",
            term,
            anchor,
            anchor,
            duration,
            left,
            failed,
        )


def by_hand(rows, keys=()):
    """{(group..., interval, tenure): counts} by adding up customers one month at a time."""
    customers = {}
    for r in rows:
        customers.setdefault(r[0], []).append(r)
    total = {}
    for _, plan, region, term, entry, anchor, duration, left, failed in (
        e for own in customers.values() for e in follow(own) if e[0] == 0
    ):
        group = (*({"plan": plan, "Region": region}[k] for k in keys), term)

        def add(tenure, group=group, **what):
            total.setdefault((*group, tenure), Counter()).update(what)

        if entry == 0:
            add(0, at_risk=1, in_force=1, censored=int(duration == 0))
        for k in range(entry + 1, duration + 1):
            add(k, in_force=1, at_risk=int((k - anchor) % term == 0))
        if duration > entry:
            add(duration, churned=int(left), involuntary=int(failed), censored=int(not left))
    return {key: {c: v.get(c, 0) for c in COUNTS} for key, v in total.items() if any(v.values())}


def as_dict(table):
    keys = [*table.by, "interval", "tenure"]
    frame = table.frame[table.frame[list(COUNTS)].any(axis=1)]
    return {
        tuple(row[: len(keys)]): dict(zip(COUNTS, row[len(keys) :]))
        for row in frame[keys + list(COUNTS)].itertuples(index=False)
    }


# ---- the counts


@pytest.mark.parametrize("by", [(), ("plan",), ("Region",), ("plan", "Region")])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_counts_equal_following_every_customer_by_hand(by, seed):
    rows = histories(400, seed)
    assert as_dict(cs.life_table(subscriptions(rows), by)) == by_hand(rows, by)


def test_single_rows_are_counted_as_the_reader_says():
    rows = histories(300, 4, single=True)
    subs = subscriptions(rows)
    monthly = [i for i, r in enumerate(rows) if r[3] == 1]
    durations, churned = (subs.rows[c].to_numpy()[monthly] for c in ("duration", "churned"))
    expected = cs.life_table_from_durations(durations, churned).frame.drop(columns="involuntary")
    found = cs.life_table(subs).select(interval=1).frame.drop(columns="involuntary")
    assert found.equals(expected)


def test_order_of_rows_does_not_matter():
    rows = histories(300, 5)
    shuffled = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    assert cs.life_table(subscriptions(rows), "plan").frame.equals(
        cs.life_table(subscriptions(shuffled), "plan").frame
    )


def test_a_long_book_is_counted_in_parts(monkeypatch):
    subs = subscriptions(histories(300, 7))
    whole_table = cs.life_table(subs, ("plan", "cohort"))
    pieces = pa.concat_tables([subs.rows.slice(at, 90) for at in range(0, len(subs.rows), 90)])
    monkeypatch.setattr(counts, "AT_ONCE", 60)
    monkeypatch.setattr(sql, "NEIGHBOURS", 7)
    parted = cs.life_table(replace(subs, rows=pieces), ("plan", "cohort"))
    assert parted.frame.equals(whole_table.frame) and parted.reactivations == whole_table.reactivations > 0
    sizes = [len(open_share(subs, part)) for part in range(5)]
    assert sum(sizes) == len(subs.rows) and min(sizes) > 0


def open_share(subs, part):
    with counts.open_rows(subs, (), (part, 5)) as query:
        return query.frame("SELECT customer FROM span")


def test_groups_add_up_to_the_whole():
    subs = subscriptions(histories(300, 6))
    whole_table = cs.life_table(subs).frame
    for by in (("plan",), ("Region",), ("plan", "Region")):
        assert cs.life_table(subs, by).pooled().frame.equals(whole_table)


def test_a_switch_of_plan_is_not_churn_and_the_clock_runs_on():
    rows = [
        ("a", date(2024, 1, 15), date(2024, 3, 14), 1, "Basic", 100, None, None),
        ("a", date(2024, 3, 15), date(2024, 6, 15), 1, "Pro", 200, None, "involuntary"),
    ]
    table = cs.life_table(subscriptions(rows), "plan")
    basic, pro = table.select(plan="Basic").frame, table.select(plan="Pro").frame
    assert basic["churned"].sum() == 0 and basic["censored"].tolist() == [0, 0, 1]
    assert pro["in_force"].tolist() == [0, 0, 0, 1, 1, 1]
    assert pro["involuntary"].tolist() == pro["churned"].tolist() == [0, 0, 0, 0, 0, 1]


def test_a_return_after_a_long_pause_is_churn_and_is_reported():
    rows = [
        ("a", date(2024, 1, 1), date(2024, 3, 1), 1, "Basic", 100, None, None),
        ("a", date(2024, 4, 16), None, 1, "Basic", 100, None, None),
        ("b", date(2024, 1, 1), date(2024, 3, 1), 1, "Basic", 100, None, None),
        ("b", date(2024, 4, 15), None, 1, "Basic", 100, None, None),
    ]
    table = cs.life_table(subscriptions(rows))  # 46 days away, and 45
    assert table.reactivations == 1
    assert table.churned == 1 and table.frame.set_index("tenure").loc[2, "churned"] == 1


def test_monthly_payer_turned_annual_renews_twelve_months_later():
    rows = [
        ("a", date(2023, 1, 1), date(2023, 6, 1), 1, "Basic", 100, None, None),
        ("a", date(2023, 6, 1), date(2024, 6, 1), 12, "Basic", 80, None, None),
    ]
    annual = cs.life_table(subscriptions(rows)).select(interval=12).frame
    assert annual.loc[annual["at_risk"] > 0, "tenure"].tolist() == [17]
    assert annual.loc[annual["churned"] > 0, "tenure"].tolist() == [17]
    assert annual["in_force"].sum() == 12


def test_the_part_of_a_month_before_a_switch_to_annual_is_time_too():
    def changed(begin, switch):
        return subscriptions([("a", begin, switch, 1, "Basic", 100, None, None),
                              ("a", switch, None, 12, "Basic", 80, None, None)])  # fmt: skip

    def switched(begin, switch):
        return cs.life_table(changed(begin, switch)).frame

    # 5 months and 20 days, then 3 months and 20 days on the annual plan: 9 months in all, not 5 + 3
    annual = switched(date(2024, 6, 10), date(2024, 11, 30)).query("interval == 12")
    assert annual.loc[annual["in_force"] > 0, "tenure"].tolist() == [6, 7, 8, 9]
    # 17 months in all, but the renewal 12 months after the switch lies ahead: nobody has been through it
    ahead = switched(date(2023, 10, 10), date(2024, 3, 31)).query("interval == 12")
    assert ahead.loc[ahead["in_force"] > 0, "tenure"].max() == 16 and ahead["at_risk"].sum() == 0
    through = switched(date(2023, 10, 10), date(2024, 3, 15)).query("interval == 12")
    assert through.loc[through["at_risk"] > 0, "tenure"].tolist() == [17]
    # the next payment still falls 12 months after the switch
    assert active_book(changed(date(2024, 6, 10), date(2024, 11, 30)))["tenure"].tolist() == [3]


def test_whoever_leaves_by_a_renewal_that_has_not_come_is_not_counted_at_it():
    """Nobody who stays has faced it either. Four began 14 months before the last day; two click on cancel in the
    second year: of those at the first renewal nobody left, and the second one has no one at risk.
    """
    rows = [(f"c{i}", date(2024, 1, 15), date(2025, 3, 1) if i < 2 else None, 12, "Basic", 80, None, None) for i in range(4)]
    frame = cs.life_table(subscriptions(rows)).frame.set_index("tenure")
    assert frame["churned"].sum() == 0 and frame.loc[14, "censored"] == 4 and frame.index.max() == 14
    assert frame.loc[12, ["at_risk", "churned"]].tolist() == [4, 0]
    eve, day = (cs.life_table(subscriptions(rows, as_of=date(2026, 1, d))).frame.set_index("tenure") for d in (13, 14))
    assert eve["churned"].sum() == 0 and eve.index.max() == 23
    assert day.loc[24, ["at_risk", "churned", "censored"]].tolist() == [4, 2, 2]


def test_annual_payers_are_at_risk_only_at_renewals():
    rows = [(f"c{i}", date(2022, 1, 1), None, 12, "Basic", 80, None, None) for i in range(5)]
    frame = cs.life_table(subscriptions(rows)).frame
    at_risk = frame.loc[(frame["at_risk"] > 0) & (frame["tenure"] > 0), "tenure"].tolist()
    assert at_risk == [12, 24, 36] and frame.loc[frame["tenure"] == 30, "in_force"].item() == 5


def test_today_s_book_counts_everybody_subscribed_once():
    rows = histories(400, 7)
    subs = subscriptions(rows)
    book = active_book(subs, ("Region",))
    live = [r for r in rows if r[2] is None or r[2] > AS_OF]
    assert book["customers"].sum() == len({r[0] for r in live})
    assert book["mrr"].sum() == sum(r[5] for r in live) == round(subs.active_mrr * 100)
    assert (book["tenure"] >= 0).all()


def test_a_set_aside_row_takes_no_part():
    rows = histories(50, 8)
    subs = subscriptions(rows + [("trial", date(2024, 1, 1), None, 1, "Free", 0, None, None)])
    aside = pa.array([False] * len(rows) + [True])
    marked = Subscriptions(
        **{
            **{f: getattr(subs, f) for f in subs.__dataclass_fields__},
            "rows": subs.rows.append_column("set_aside", aside),
        }
    )
    assert cs.life_table(marked).frame.equals(cs.life_table(subscriptions(rows)).frame)


def test_names_that_mean_something_to_a_query_are_only_names():
    evil = 'Region"; DROP TABLE span; --'
    subs = subscriptions(histories(60, 9))
    renamed = Subscriptions(
        **{**{f: getattr(subs, f) for f in subs.__dataclass_fields__}, "columns": {"c0": evil}}
    )
    table = cs.life_table(renamed, evil)
    assert table.by == (evil,) and set(table.frame[evil]) <= {"EU", "US", "(none)"}
    named_like_a_count = Subscriptions(
        **{**{f: getattr(subs, f) for f in subs.__dataclass_fields__}, "columns": {"c0": "churned"}}
    )
    with pytest.raises(cs.Problem, match="c0"):
        cs.life_table(named_like_a_count, "churned")
    assert cs.life_table(named_like_a_count, "c0").by == ("c0",)


def test_a_list_of_customers_is_not_a_grouping():
    rows = [(f"c{i}", date(2020, 1, 1), None, 1, "Basic", 80, f"r{i}", None) for i in range(9000)]
    with pytest.raises(cs.Problem, match="fewer different values"):
        cs.life_table(subscriptions(rows), "Region")


def test_an_unknown_column_is_a_sentence():
    with pytest.raises(cs.Problem, match="Region"):
        cs.life_table(subscriptions(histories(10, 1)), "Colour")


def test_month_arithmetic_clips_to_the_end_of_the_month():
    starts = [date(2023, 12, 28) + timedelta(days=i) for i in range(70)]
    pairs = [
        (a, a + timedelta(days=d))
        for a in starts
        for d in (0, 1, 27, 28, 29, 30, 31, 32, 59, 60, 61, 90, 366, 427)
    ]
    table = pa.table({"a": pa.array([a for a, _ in pairs]), "b": pa.array([b for _, b in pairs])})
    with opened(0) as connection:
        connection.register("pair", table)
        text = f"SELECT a, b, {sql.whole_months('a', 'b')}, {sql.months_begun('a', 'b')} FROM pair"
        found = connection.execute(text).fetchall()
    assert len(found) == len(pairs)
    for a, b, complete, started in found:
        assert (complete, started) == (whole(a, b), begun(a, b)), (a, b)


# ---- tables from durations and curves


def test_a_switch_within_the_first_month_starts_once():
    rows = [("A", date(2024, 1, 1), date(2024, 1, 15), 1, "Basic", 500, None, None),
            ("A", date(2024, 1, 15), None, 12, "Pro", 400, None, None)]  # fmt: skip
    frame = cs.life_table(subscriptions(rows)).frame
    assert frame[frame.tenure == 0].at_risk.sum() == 1


def test_durations_with_entry_count_only_what_was_seen():
    table = cs.life_table_from_durations([5, 7, 7, 3], [1, 0, 1, 1], entry=[2, 0, 6, 0])
    assert table.frame["in_force"].tolist() == [2, 2, 2, 3, 2, 2, 1, 2]
    assert table.frame["churned"].tolist() == [0, 0, 0, 1, 0, 1, 0, 1]
    assert table.frame["censored"].tolist() == [0, 0, 0, 0, 0, 0, 0, 1]


def test_weights_are_customers():
    plain = cs.life_table_from_durations([1, 1, 2, 2, 2], [1, 1, 0, 0, 0])
    assert cs.life_table_from_durations([1, 2], [1, 0], weights=[2, 3]).frame.equals(plain.frame)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (([], []), "no customer"),
        (([1, 2], [1]), "same number"),
        (([1, -2], [1, 0]), "whole months"),
        (([1.5], [1]), "whole months"),
        (([float("nan")], [1]), "whole months"),
        (([3], [2]), "0 or 1"),
        (([0], [1]), "at least one month"),
        (([3], [1], [3]), "entry"),
        (([3], [0], [4]), "entry"),
        (([3], [0], None, [-1]), "weight"),
    ],
)
def test_impossible_durations_are_sentences(arguments, words):
    with pytest.raises(cs.Problem, match=words):
        cs.life_table_from_durations(*arguments)


def test_a_published_curve_becomes_whole_people():
    frame = cs.life_table_from_survival([1, 0.869, 0.743], 1000).frame
    assert frame["churned"].tolist() == [0, 131, 126] and frame["at_risk"].tolist() == [1000, 1000, 869]
    assert frame["censored"].tolist() == [0, 0, 743] and str(frame["churned"].dtype) == "int64"
    assert cs.life_table_from_survival([1, 0.5], 3).frame["churned"].tolist() == [0, 1.5]


@pytest.mark.parametrize("curve", [[0.9, 0.8], [1, 0.8, 0.9], [1, -0.1], [1], [100, 87], [1, float("nan")]])
def test_impossible_curves_are_sentences(curve):
    with pytest.raises(cs.Problem):
        cs.life_table_from_survival(curve, 100)


# ---- Kaplan-Meier


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("delayed", [False, True])
def test_kaplan_meier_equals_lifelines_band_included(seed, delayed):
    draw = np.random.default_rng(seed)
    size = 400
    duration = draw.geometric(0.08, size)
    entry = (
        np.where(draw.random(size) < 0.5, draw.integers(0, 10, size), 0) if delayed else np.zeros(size, int)
    )
    duration, event = duration + entry, draw.random(size) < 0.7
    ours = cs.kaplan_meier(cs.life_table_from_durations(duration, event, entry))
    theirs = KaplanMeierFitter().fit(duration, event, entry=entry if delayed else None, timeline=ours.tenure)
    np.testing.assert_allclose(ours.survival, theirs.survival_function_.iloc[:, 0], rtol=0, atol=1e-12)
    band = theirs.confidence_interval_survival_function_.to_numpy()
    sure = (ours.survival > 0) & (ours.survival < 1)
    np.testing.assert_allclose(ours.lower[sure], band[sure, 0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.upper[sure], band[sure, 1], rtol=0, atol=1e-12)


def test_kaplan_meier_of_groups_is_that_of_the_whole():
    subs = subscriptions(histories(200, 10))
    one, many = cs.kaplan_meier(cs.life_table(subs)), cs.kaplan_meier(cs.life_table(subs, ("plan", "Region")))
    np.testing.assert_array_equal(one.survival, many.survival)


def test_kaplan_meier_where_nobody_and_where_everybody_left():
    stayed = cs.kaplan_meier(cs.life_table_from_durations([3, 4], [0, 0]))
    assert stayed.survival.tolist() == stayed.lower.tolist() == stayed.upper.tolist() == [1.0] * 5
    gone = cs.kaplan_meier(cs.life_table_from_durations([1, 2], [1, 1]))
    assert gone.survival.tolist() == [1, 0.5, 0] and np.isfinite([gone.lower, gone.upper]).all()


def test_no_customers_is_a_sentence_or_an_empty_table():
    one = subscriptions(histories(5, 1))
    fields = {f: getattr(one, f) for f in one.__dataclass_fields__}
    nobody = Subscriptions(**{**fields, "rows": one.rows.slice(0, 0)})
    table = cs.life_table(nobody, "plan")
    assert table.frame.empty and list(table.frame) == ["plan", "interval", "tenure", *COUNTS]
    assert active_book(nobody).empty and cs.cohort_triangle(nobody, "mrr").frame.empty
    for ask in (cs.kaplan_meier, cs.fit):
        with pytest.raises(cs.Problem, match="Nobody|no paying"):
            ask(table)


def test_cohorts_add_up_to_the_table_without_them():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    fine, plain = cs.life_table(subs, by=("segment", "cohort")), cs.life_table(subs)
    assert fine.by == ("segment", "cohort") and fine.frame["cohort"].str.fullmatch(r"20\d\d-[01]\d").all()
    pooled = fine.pooled().frame.set_index(["interval", "tenure"])
    expected = plain.frame.set_index(["interval", "tenure"]).loc[pooled.index, list(pooled.columns)]
    assert (pooled == expected).all().all()
    # A cohort that began k months ago has nobody at risk beyond k.
    newest = fine.frame[fine.frame["cohort"] == fine.frame["cohort"].max()]
    assert newest.query("at_risk > 0")["tenure"].max() <= 1


def test_cohorts_need_dates():
    with pytest.raises(cs.Problem, match="no dates"):
        cs.life_table(cs.read(ROOT / "sample_data" / "snapshot.csv"), by="cohort")


@pytest.mark.parametrize("most", [1, 1 << 20])
def test_groups_are_numbered_as_by_a_groupby(monkeypatch, most):
    """Also where there are more mixes of the columns than marks are kept for."""
    monkeypatch.setattr(column_codes, "MOST_MIXES", most)
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"name": rng.choice(["b", "a", None, "c"], 200), "term": rng.choice([12, 1, 3], 200),
                          "share": rng.choice([0.5, np.nan], 200)})  # fmt: skip
    keys = ["name", "term", "share"]
    expected = frame.groupby(keys, sort=True, dropna=False).ngroup().to_numpy()
    assert expected.max() > 15 and np.array_equal(column_codes.group_numbers([frame[key] for key in keys]), expected)
    assert len(column_codes.group_numbers([np.zeros(0)])) == 0
