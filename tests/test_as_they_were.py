"""The book of an earlier day is what an export of that day would have shown: read again, counted by hand."""

import calendar
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import cs_models as cs
from places import ROOT
from cs_models.as_they_were import at, months_before
from cs_models.recount import redefined

AS_OF = date(2025, 3, 20)
SAMPLE = ROOT / "sample_data" / "subscriptions.csv"


@pytest.fixture(scope="module")
def sample():
    return cs.read(SAMPLE)


def later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def whole(start: date, end: date) -> int:
    k = 0
    while later(start, k + 1) <= end:
        k += 1
    return k


def begun(start: date, end: date) -> int:
    k = 1
    while later(start, k) < end:
        k += 1
    return k


def export(rows: list[tuple]) -> pd.DataFrame:
    """customer, start, end or None, plan: as a file."""
    frame = pd.DataFrame(rows, columns=["customer", "start", "end", "plan"]).assign(mrr="50")
    for name in ("start", "end"):
        frame[name] = [day.isoformat() if day else "" for day in frame[name]]
    return frame


def read(rows, as_of=AS_OF):
    return cs.read(export(rows), as_of=as_of, layout="periods", answers={"live_at_end": "left"})


def one_each(customers: int, seed: int) -> list[tuple]:
    """One row per customer, any lengths, month ends among them."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        start = date(2022, 1, 1) + timedelta(days=int(draw.integers(1100)))
        end = start + timedelta(days=int(draw.choice([0, 1, 27, 28, 30, 31, 59, 90, 181, 365, 500])))
        rows.append((f"c{number}", start, None if draw.random() < 0.3 else end, "Pro"))
    return rows


@pytest.mark.parametrize("day", ["2023-02-28", "2024-06-15", "2025-10-31", "2026-10-30"])
def test_it_equals_reading_the_export_of_that_day(sample, day):
    file = pd.read_csv(SAMPLE, dtype=str).fillna("")
    file = file[file.start_date <= day]
    ahead = file.end_date > day
    file.loc[ahead, ["end_date", "end_reason"]] = ""
    fresh, then = cs.read(file, as_of=day), at(sample, date.fromisoformat(day))
    assert (then.active, then.customers) == (fresh.active, fresh.customers)
    assert then.active_mrr == pytest.approx(fresh.active_mrr, abs=1e-9)
    for by in ((), ("segment", "cohort")):
        assert_frame_equal(cs.life_table(then, by=by).frame, cs.life_table(fresh, by=by).frame)


@pytest.fixture(scope="module")
def told():
    """Rows with what definitions may ask for beside them: clicks on cancel, pauses, several subscriptions."""
    subs, draw = read(one_each(400, 3) + one_each(150, 4)), np.random.default_rng(5)
    start, end = (subs.rows[name].to_pylist() for name in ("started_on", "ended_on"))
    asked = [max(s, e - timedelta(days=int(draw.integers(60)))) if e else None for s, e in zip(start, end)]
    word = [None if e or draw.random() < 0.6 else str(draw.choice(["paused", "past due"])) for e in end]
    later_on = [min(day + timedelta(days=int(draw.integers(500))), AS_OF) for day in start]
    since = [day if w else None for day, w in zip(later_on, word)]
    rows = subs.rows.append_column("asked_on", pa.array(asked, pa.date32()))
    rows = rows.append_column("standing", pa.array(word, pa.string()).dictionary_encode())
    return replace(subs, rows=rows.append_column("standing_on", pa.array(since, pa.date32())))


@pytest.mark.parametrize(
    "choices",
    [
        {"recognised": "cancel click"},
        {"recognised": "after grace", "grace_days": "90"},
        {"paused": "left"},
        {"past_due": "left", "gap_days": "10"},
        {"grain": "subscription"},
        {"incomplete": "complete periods only"},
    ],
)
def test_a_definition_and_an_earlier_day_may_come_in_any_order(told, choices):
    for day in (date(2023, 6, 30), date(2024, 9, 12)):
        one, other = at(redefined(told, **choices), day), redefined(at(told, day), **choices)
        assert (one.active, one.active_mrr, one.answers) == (other.active, other.active_mrr, other.answers)
        assert_frame_equal(cs.life_table(one).frame, cs.life_table(other).frame)
    assert cs.life_table(one).frame["churned"].sum() > 50


def test_what_was_asked_later_is_not_known_yet(told):
    then = at(told, date(2024, 3, 31))
    for name in ("asked_on", "standing_on"):
        assert max(filter(None, then.rows[name].to_pylist())) <= date(2024, 3, 31)
    assert [d is None for d in then.rows["standing_on"].to_pylist()] == [
        w is None for w in then.rows["standing"].to_pylist()]


def test_the_last_day_is_the_file_itself(sample):
    assert at(sample, sample.as_of) is sample
    eve = at(sample, sample.as_of - timedelta(days=1))
    again = at(eve, eve.as_of)
    assert again is eve


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), back=st.integers(1, 900))
def test_life_table_and_book_by_hand(seed, back):
    rows, day = one_each(60, seed), AS_OF - timedelta(days=back)
    there = [row for row in rows if row[1] <= day]
    if not there:
        return
    tomorrow, counted, gone = day + timedelta(days=1), [], []
    for _, start, end, _ in there:
        left = end is not None and end <= day
        counted.append(begun(start, end) if left else whole(start, tomorrow))
        gone.append(left)
    then = at(read(rows), day)
    assert then.rows["duration"].to_pylist() == counted and then.rows["churned"].to_pylist() == gone
    table = cs.life_table(then).frame.set_index("tenure")
    for k in range(1, max(counted) + 1):
        assert table.loc[k, "in_force"] == sum(d >= k for d in counted)
        assert table.loc[k, "churned"] == sum(d == k and g for d, g in zip(counted, gone))
    assert then.active == gone.count(False)
    ends = then.rows["ended_on"].to_pylist()
    assert all((end is None) != left for end, left in zip(ends, gone)), "an end to come is not known yet"


def test_a_period_served_to_that_day_goes_on_the_next_morning():
    """Files of paid months name the last day served: on the last of a month all would seem to have left."""
    january = date(2025, 1, 1), date(2025, 1, 31), "Pro"
    following = ("A", date(2025, 2, 1), date(2025, 2, 28), "Pro"), ("B", date(2025, 2, 2), None, "Pro")
    rows = [("A", *january), ("B", *january), *following]
    then = at(read(rows), date(2025, 1, 31))
    assert then.rows["churned"].to_pylist() == [False, True]


def test_it_says_what_it_is(sample):
    then = at(sample, date(2025, 10, 31))
    assert then.as_of == date(2025, 10, 31) and then.active == 2185
    assert len({then.digest, sample.digest, at(sample, date(2025, 10, 30)).digest}) == 3
    assert then.report.rows == sample.report.rows and then.report.entries is sample.report.entries
    assert "as it stood on 2025-10-31" in then.report.findings[-1].sentence
    assert then.rows.schema == sample.rows.schema
    reasons = then.rows["end_reason"].to_pylist()
    assert not any(reason for reason, left in zip(reasons, then.rows["churned"].to_pylist()) if not left)


def test_rows_set_aside_and_not_begun_are_not_there_yet():
    rows = [("A", date(2024, 1, 1), None, "Pro"), ("B", date(2025, 6, 1), None, "Pro")]
    subs = read(rows)
    assert subs.aside.num_rows == 1 and subs.customers == 2
    then = at(subs, date(2024, 5, 1))
    assert then.aside.num_rows == 0 and then.customers == 1


def test_what_cannot_be_ends_in_a_sentence(sample):
    with pytest.raises(cs.Problem, match="no dates"):
        at(cs.read(ROOT / "sample_data" / "snapshot.csv"), date(2025, 1, 1))
    with pytest.raises(cs.Problem, match="reach to 2026-10-31"):
        at(sample, date(2026, 11, 1))
    with pytest.raises(cs.Problem, match="Nobody was a customer yet"):
        at(sample, date(2020, 1, 1))


@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.integers(0, 400))
def test_months_before_keeps_the_day_or_the_month_end(day, months):
    found = months_before(day, months)
    assert day.year * 12 + day.month - found.year * 12 - found.month == months
    is_last = [(one + timedelta(days=1)).day == 1 for one in (day, found)]
    longest = calendar.monthrange(found.year, found.month)[1]
    assert is_last[1] if is_last[0] else found.day == min(day.day, longest)
