"""Definitions: today's numbers by default, and each switch does what its sentence says, no more."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

import cs_models as cs
from cs_models.definitions import Definitions
from cs_models.engine.counts import active_book
from cs_models.importers import durations
from cs_models.problems import Problem
from cs_models.recount import redefined
from cs_models.subscriptions import Subscriptions

EPOCH = date(1970, 1, 1)


def csv(*rows: str) -> bytes:
    return "\n".join(["customer,start,end,plan,interval,mrr", *rows, ""]).encode()


GAPS = csv(
    "A,2024-01-01,2024-04-01,P,monthly,10", "A,2024-04-02,2024-07-01,P,monthly,10",     # 1 day
    "B,2024-01-01,2024-04-01,P,monthly,10", "B,2024-05-16,2024-07-01,P,monthly,10",     # 45 days
    "C,2024-01-01,2024-04-01,P,monthly,10", "C,2024-05-17,2024-07-01,P,monthly,10",     # 46 days
    "D,2024-01-01,2024-04-01,P,monthly,10", "D,2024-06-30,,P,monthly,10",               # 90 days
    "E,2024-01-01,2024-01-01,P,monthly,10", "F,2024-01-05,2024-01-20,P,monthly,10",
    "G,2024-01-01,2024-04-01,P,monthly,10", "G,2024-04-01,,Q,annual,10", "H,2024-01-01,,P,monthly,10",
)  # fmt: skip


def read(**answers) -> Subscriptions:
    return cs.read(GAPS, as_of="2024-08-31", answers=answers)


def churned(subs) -> int:
    return int(cs.life_table(subs).churned)


def test_the_defaults_are_the_rules_and_say_so():
    stated = {one.name: one.default for one in Definitions.switches()}
    assert stated == {
        "gap_days": "45", "plan_change": "not churn", "same_day": "keep", "incomplete": "as counted",
        "join_migrations": "no", "recognised": "period end", "grace_days": "30", "paused": "active",
        "past_due": "active", "discounts": "taken off", "grain": "customer",
        "last_day": "seen", "late_ends": "0"}  # fmt: skip
    plain, spelled = read(), read(**stated)
    assert cs.life_table(plain).frame.equals(cs.life_table(spelled).frame)
    assert plain.definitions == spelled.definitions == Definitions() and not plain.definitions.changed
    assert plain.definitions.sentence().startswith("Counted with the usual definitions: a gap of up to 45 days")


def test_a_definition_is_part_of_the_digest_and_of_every_result():
    plain, other = read(), read(gap_days="60")
    assert plain.digest != other.digest == read(gap_days="60").digest
    assert redefined(plain, gap_days="60").digest not in (plain.digest, redefined(plain, gap_days="61").digest)
    assert redefined(plain, gap_days="45").answers["gap_days"] == "45"
    said = "Counted with other definitions than usual: a gap of up to 60 days is the same customer."
    assert other.definitions.sentence() == said
    assert said in cs.Assumptions.from_data(other, draws=0).notes
    assert not [n for n in cs.Assumptions.from_data(plain, draws=0).notes if n.startswith("Counted")]


@pytest.mark.parametrize("name, wrong", [
    ("gap_days", "-1"), ("gap_days", "many"), ("gap_days", "4000"), ("gap_days", "1.5"), ("gap_days", "²"),
    ("recognised", "never"), ("grace_days", "-2"), ("paused", "gone"), ("grain", "row"), ("discounts", "no"),
    ("plan_change", "yes"), ("late_ends", "soon"), ("same_day", ""), ("incomplete", "Complete"), ("join_migrations", "true")])  # fmt: skip
def test_a_choice_that_does_not_exist_is_a_sentence(name, wrong):
    with pytest.raises(Problem, match=name):
        read(**{name: wrong})
    with pytest.raises(Problem, match=name):
        redefined(read(), **{name: wrong})


def test_an_unknown_definition_is_a_sentence():
    with pytest.raises(Problem, match="no definition"):
        redefined(read(), gap="60")


@pytest.mark.parametrize("days, returns", [(0, 4), (1, 3), (44, 3), (45, 2), (46, 1), (89, 1), (90, 0), (3650, 0)])
def test_a_gap_of_so_many_days_is_the_same_customer(days, returns):
    assert cs.life_table(read(gap_days=str(days))).reactivations == returns


def test_a_longer_gap_never_makes_more_returns():
    subs = random_book(seed=3)
    found = [cs.life_table(redefined(subs, gap_days=str(d))).reactivations for d in (0, 1, 7, 30, 45, 90, 400, 3650)]
    assert found == sorted(found, reverse=True) and found[0] > found[-1]
    for days in ("0", "90"):
        frame = cs.life_table(redefined(subs, gap_days=days)).frame
        assert frame.loc[frame["tenure"] == 0, "at_risk"].sum() == subs.customers


def test_a_change_of_plan_may_count_as_churn():
    plain, other = read(), read(plan_change="churn")
    assert (churned(plain), churned(other)) == (6, 7) and cs.life_table(other).reactivations == 3
    book = active_book(other)
    annual = book[book["interval"] == 12]
    assert annual["tenure"].tolist() == [5] and active_book(plain)["customers"].sum() == book["customers"].sum()
    triangle = cs.cohort_triangle(other, "mrr").frame
    assert triangle["value"].notna().any() and (triangle["share"].dropna() >= 0).all()


@pytest.mark.parametrize("choice, out", [("keep", 0), ("set aside", 1), ("set aside the same month", 2)])
def test_whoever_leaves_at_once_may_be_set_aside(choice, out):
    subs = read(same_day=choice)
    frame = cs.life_table(subs).frame
    assert churned(subs) == 6 - out and frame.loc[frame["tenure"] == 0, "at_risk"].sum() == 8 - out
    assert subs.active_mrr == read().active_mrr == active_book(subs)["mrr"].sum() / 100


def test_a_paid_period_that_is_not_over_has_not_ended():
    subs = cs.read(csv(
        "A,2024-01-01,2024-03-10,P,monthly,10",    # paid until 2024-04-01, as_of 2024-03-20: 2 months, live
        "B,2024-01-01,2024-02-10,P,monthly,10",    # over since 2024-03-01
        "C,2024-01-01,2024-03-10,P,annual,10",     # paid until 2025-01-01
        "D,2023-01-01,2024-01-01,P,annual,10", "E,2024-01-01,,P,monthly,10",
        "F,2023-12-01,2024-01-15,P,monthly,10", "F,2024-01-20,2024-03-10,P,monthly,10",  # until 2024-04-01
        "G,2022-01-01,2023-01-01,P,annual,10", "G,2023-01-01,2024-03-10,P,annual,10",  # until 2025-01-01
    ), as_of="2024-03-20")  # fmt: skip
    assert churned(subs) == 4, "C and G leave by a renewal that is not yet due"
    assert churned(redefined(subs, incomplete="complete periods only")) == 2
    frame = cs.life_table(redefined(subs, incomplete="complete periods only")).frame.set_index(["interval", "tenure"])
    assert frame.loc[(1, 2), ["at_risk", "churned", "censored"]].tolist() == [4, 1, 2]
    assert frame.loc[(1, 3), ["at_risk", "churned", "censored"]].tolist() == [1, 0, 1]
    assert frame.loc[(12, 12), ["at_risk", "churned"]].tolist() == [2, 1] and frame.loc[(12, 2), "censored"] == 1
    assert frame.loc[(12, 26), "censored"] == 1 and frame.loc[(12, 12), "in_force"] == 2
    both = (subs, redefined(subs, incomplete="complete periods only"))
    assert active_book(both[0]).equals(active_book(both[1])), "whoever has left will not pay again"


def test_a_snapshot_is_not_touched():
    rows = [f"{k},{'Yes' if k % 3 else 'No'},50" for k in range(40)]
    data = "\n".join(["tenure,churned,monthly charge", *rows, ""]).encode()
    plain = cs.read(data)
    changed = redefined(plain, gap_days="0", plan_change="churn", same_day="set aside the same month",
                        incomplete="complete periods only", join_migrations="yes")  # fmt: skip
    assert cs.life_table(plain).frame.equals(cs.life_table(changed).frame)


def book(start, end, term, as_of: date, customer=None) -> Subscriptions:
    """Subscriptions from days since 1970; an end beyond as_of is not known yet. Durations as defined."""
    today = (as_of - EPOCH).days
    start, end, term = (np.asarray(v, np.int64) for v in (start, end, term))
    begun = start <= today
    start, end, term = start[begun], end[begun], term[begun]
    left = end <= today
    months = np.where(left, durations.round_up_to_terms(durations.months_begun(start, end), term),
                      durations.whole_months(start, np.full(len(start), today + 1)))  # fmt: skip
    names = np.arange(len(begun))[begun] if customer is None else np.asarray(customer)[begun]
    rows = pa.table({
        "row": pa.array(np.arange(len(start)), pa.int32()),
        "customer": pa.array([f"c{n}" for n in names]).dictionary_encode(),
        "started_on": pa.array(start.astype(np.int32), pa.int32()).cast(pa.date32()),
        "ended_on": pa.array(end.astype(np.int32), pa.int32(), mask=~left).cast(pa.date32()),
        "term": pa.array(term, pa.int16()), "plan": pa.array(["P"] * len(start)).dictionary_encode(),
        "mrr": pa.array(np.full(len(start), 1000)), "price": pa.array(1000 * term),
        "duration": pa.array(months, pa.int32()), "churned": pa.array(left),
        "entry": pa.array(np.zeros(len(start)), pa.int32()),
        "end_reason": pa.nulls(len(start), pa.string()).dictionary_encode()})  # fmt: skip
    return Subscriptions("periods", rows, as_of, None, {"plan": "plan"}, "USD", f"{as_of}", {"mrr": "mrr"}, "p")


def random_book(seed: int) -> Subscriptions:
    draw = np.random.default_rng(seed)
    customer = np.repeat(np.arange(300), 3)
    gaps = draw.choice([0, 1, 2, 10, 30, 44, 46, 80, 200, 500], (300, 3))
    spans = draw.integers(20, 200, (300, 3))
    until = np.cumsum(gaps + spans, axis=1) + (date(2021, 1, 1) - EPOCH).days
    return book((until - spans).ravel(), until.ravel(), np.ones(900), date(2025, 12, 31), customer)


@pytest.mark.parametrize("term, since", [(1, date(2024, 1, 1)), (12, date(2022, 1, 1))])
def test_click_dates_bias_months_unless_complete_and_never_years(term, since):
    """sBG(.8, 8) (annual: renewals of .7): who will go clicks on some day of the last paid month or year."""
    draw = np.random.default_rng(5)
    people = 60_000
    theta = draw.beta(0.8, 8, people) if term == 1 else np.full(people, 0.3)
    periods = draw.geometric(np.clip(theta, 1e-9, 1))
    begin = (since - EPOCH).days + draw.integers(0, (date(2025, 1, 31) - since).days, people)
    months = np.datetime64(0, "D") + begin
    due = [(months.astype("datetime64[M]") + term * np.clip(periods + k, 0, 2000)).astype("datetime64[D]")
           + (months - months.astype("datetime64[M]")) for k in (-1, 0)]  # fmt: skip
    last, over = (d.astype(np.int64) for d in due)
    click = last + 1 + (draw.random(people) * (over - last - 1)).astype(np.int64)
    subs = book(begin, click, np.full(people, term), date(2025, 1, 31))

    def survival(chosen, to):
        frame = cs.life_table(chosen).frame
        hazard = (frame["churned"] / frame["at_risk"].where(frame["at_risk"] > 0)).fillna(0)
        return float((1 - hazard[frame["tenure"].between(1, to)]).prod())

    for to in (12,) if term == 1 else (12, 24):
        truth = float(np.mean((1 - theta) ** (to // term)))
        usual, fair = survival(subs, to), survival(redefined(subs, incomplete="complete periods only"), to)
        assert fair == pytest.approx(truth, abs=0.006)
        assert usual < truth - 0.008 if term == 1 else usual == fair


def test_the_days_of_the_core_are_those_of_the_rows():
    subs = book([0, 31], [40, 99999], [1, 1], date(1970, 1, 1) + timedelta(days=100))
    assert subs.rows["churned"].to_pylist() == [True, False] and subs.rows["duration"].to_pylist() == [2, 2]
