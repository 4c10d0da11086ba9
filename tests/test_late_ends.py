"""Annual plans ended some days after a renewal that was never paid: found, asked about, counted as ended by the renewal."""

from dataclasses import replace
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.counts import count
from cs_models.counts.definition import Definition
from cs_models.counts.late_ends import paid_view, weeks_text
from cs_models.definitions import Definitions
from cs_models.engine.notice import places_of_ends
from cs_models.import_report import Question
from cs_models.late_ends import QUIET, after_renewals, by_week, habit, paid_until
from cs_models.importers.period_dates import days_since_epoch
from cs_models.notice import notice
from cs_models.problems import Problem
from cs_models.as_they_were import at as as_they_were
from cs_models.recount import redefined
from cs_models.warehouse import counting
from cs_models.warehouse.folders import folders
from books import AS_OF, FIRST, COLUMNS, later, upload, view_of
from counted_alike import alike
from pages.data.check import in_words
from pages.data import counting as page_counting
from pages.shared import cache
from test_warehouse import asked_of, clean, click, page

TODAY = date(2025, 6, 30)
HEADER = "customer_id,start_date,end_date,plan,billing_interval,mrr"
RENEWS = 0.7


def read(*lines: str, **answers) -> cs.Subscriptions:
    return cs.read("\n".join([HEADER, *lines]).encode() + b"\n", as_of=str(TODAY), answers=answers)


def end_of(line: str, **answers) -> tuple[date, int]:
    """(day, months) of the end of one row, where ends within ten days of a renewal are of that renewal."""
    subs = read(line, "z,2025-01-01,,Pro,annual,9", **({"late_ends": "10"} | answers))
    row = subs.rows.slice(0, 1).to_pylist()[0]
    return row["ended_on"], row["duration"]


@pytest.mark.parametrize("line, day, months", [
    ("a,2023-01-01,2024-01-08,Pro,annual,9", date(2024, 1, 1), 12),
    ("a,2023-01-01,2024-01-11,Pro,annual,9", date(2024, 1, 1), 12),  # the tenth day
    ("a,2023-01-01,2024-01-12,Pro,annual,9", date(2024, 1, 12), 24),  # and the eleventh
    ("a,2023-01-01,2024-01-01,Pro,annual,9", date(2024, 1, 1), 12),  # first day not served
    ("a,2023-01-01,2023-12-31,Pro,annual,9", date(2023, 12, 31), 12),  # last day served
    ("a,2023-01-01,2023-01-08,Pro,annual,9", date(2023, 1, 8), 12),  # no renewal yet: it was paid at the start
    ("a,2022-01-01,2024-01-04,Pro,annual,9", date(2024, 1, 1), 24),  # the second renewal
    ("a,2024-02-29,2025-03-02,Pro,annual,9", date(2025, 2, 28), 12),  # of a leap day
    ("a,2023-02-28,2024-03-01,Pro,annual,9", date(2024, 2, 28), 12),  # two days on, over a leap day
    ("a,2024-01-31,2024-05-03,Pro,quarterly,9", date(2024, 4, 30), 3),  # the 31st falls on the 30th
    ("a,2024-01-31,2024-11-05,Pro,quarterly,9", date(2024, 10, 31), 9),
    ("a,2024-08-31,2025-03-05,Pro,semiannual,9", date(2025, 2, 28), 6),
    ("a,2024-01-01,2024-02-05,Pro,monthly,9", date(2024, 2, 5), 2),  # a month is paid for once more
])  # fmt: skip
def test_an_end_within_the_days_is_the_renewal(line, day, months):
    assert end_of(line) == (day, months)


def test_who_runs_or_goes_on_stays_as_he_is():
    subs = read("a,2024-06-25,2025-07-01,Pro,annual,9", "b,2023-01-01,2024-01-08,Pro,annual,9", "b,2024-01-08,,Max,annual,9",
                "c,2023-01-01,2024-01-08,Pro,annual,9", "c,2024-01-10,,Max,annual,9", late_ends="10")  # fmt: skip
    assert [str(day) for day in subs.rows["ended_on"].to_pylist()] == ["2025-07-01", "2024-01-08", "None", "2024-01-01", "None"]
    assert subs.active == 3


def test_the_click_stands_unless_the_renewal_comes_first():
    header = HEADER + ",cancelled_at"
    rows = [f"a,2023-01-01,2024-01-08,Pro,annual,9,{day}" for day in ("2023-06-01", "2024-01-05")]
    for line, day in zip(rows, (date(2023, 6, 1), date(2024, 1, 1))):
        subs = cs.read("\n".join([header, line, "z,2025-01-01,,Pro,annual,9,"]).encode(), as_of=str(TODAY),
                       answers={"recognised": "cancel click", "late_ends": "10"})  # fmt: skip
        assert "asked_on" in subs.rows.column_names and subs.rows["ended_on"].to_pylist()[0] == day


def test_within_days_of_grace_nobody_has_left():
    """Ended by the renewal of 10 June, known on the 20th: with 30 days of grace he may still pay on the 30th."""
    line, answers = "a,2024-06-10,2025-06-20,Pro,annual,9", {"recognised": "after grace"}
    assert read(line, late_ends="10").active == 0 and read(line, late_ends="10", **answers).active == 1
    assert read(line, late_ends="10", grace_days="15", **answers).active == 0


def book(late, customers=1500, seed=1, **how) -> list[str]:
    """Annual payers of .7 whom the file ends so many days after the renewal they did not pay. No renewal falls into the
    last fifty days, so that every end is known.
    """
    rng, lines = np.random.default_rng(seed), []
    for i in range(customers):
        start = date(2019, 7, 1) + timedelta(days=int(rng.integers(0, 5 * 365)))
        start = start.replace(day=min(start.day, 28))
        if (start.month, start.day) >= (5, 10) and (start.month, start.day) <= (6, 30):
            start = start.replace(month=4)
        over = start.replace(year=start.year + int(rng.geometric(1 - RENEWS)))
        day = over + timedelta(days=late(rng) if callable(late) else late)
        lines.append(f"c{i},{start},{day if day <= TODAY else ''},Pro,annual,100")
    return lines


@pytest.fixture(scope="module")
def paid():
    return read(*book(0))


@pytest.fixture(scope="module")
def late():
    return read(*book(7))


def question(subs) -> list[Question]:
    return [one for one in subs.report.questions if one.id == "late_ends"]


def test_where_they_are_a_habit_it_is_asked_and_the_guess_is_not_paid(late):
    (asked,) = question(late)
    ended = late.rows.num_rows - late.active
    assert asked.guess == "7" and asked.alternatives == ("7", "0") and not asked.answered
    assert f"{ended:,} of {ended:,} annual plans" in asked.sentence and f"{ended * 1200:,} USD" in asked.sentence
    (told,) = (one.sentence for one in late.report.findings if one.id == "mid_term")
    assert told.endswith(f"Of them {ended:,} ended up to 7 days after a renewal: whether it was paid is a question of its own.")
    assert late.definitions.late_ends == "7" and "up to 7 days after a renewal did not pay it" in late.definitions.sentence()


def test_every_count_is_that_of_the_same_customers_ended_on_the_renewal(paid, late):
    for name in ("started_on", "ended_on", "duration", "churned"):
        assert late.rows[name].to_pylist() == paid.rows[name].to_pylist()
    assert cs.life_table(late).frame.equals(cs.life_table(paid).frame)
    assert cs.mrr_movements(late).equals(cs.mrr_movements(paid))
    for value in ("logos", "mrr", "gross"):
        assert cs.cohort_triangle(late, value).frame.equals(cs.cohort_triangle(paid, value).frame)
    worth = [cs.value(cs.Assumptions.from_data(subs, draws=0), 24) for subs in (late, paid)]
    assert worth[0].clv == worth[1].clv and worth[0].residual == worth[1].residual


def test_they_renew_with_seven_in_ten_and_not_with_more(late):
    renewed = {}
    for choice in ("7", "0"):
        frame = cs.life_table(redefined(late, late_ends=choice)).frame
        yearly = frame[(frame["tenure"] % 12 == 0) & (frame["tenure"] > 0)]
        renewed[choice] = 1 - yearly["churned"].sum() / yearly["at_risk"].sum()
    assert renewed["7"] == pytest.approx(RENEWS, abs=0.03) and renewed["0"] > RENEWS + 0.05


def test_the_answer_paid_gives_the_file_as_it_says_and_every_choice_can_be_taken_back(late):
    given = read(*book(7), late_ends="0")
    assert question(given)[0].answered and given.rows["duration"].to_pylist() == redefined(late, late_ends="0").rows["duration"].to_pylist()
    ended = [row for row in given.rows.to_pylist() if row["churned"]]
    assert ended and all(row["ended_on"].day != row["started_on"].day and row["duration"] >= 24 for row in ended)
    assert not [name for name in given.rows.column_names if name.startswith("read_")]
    again = redefined(redefined(late, late_ends="0"), late_ends="7")
    assert again.rows.equals(late.rows)
    assert redefined(late, late_ends="0").rows.equals(given.rows)


def test_an_earlier_day_knows_only_the_ends_of_that_day(late):
    """A renewal that failed three days before that day ends four days after it."""
    day = date(2024, 3, 15)
    then = as_they_were(late, day).rows.to_pylist()
    known = {row["customer"]: row for row in redefined(late, late_ends="0").rows.to_pylist() if row["started_on"] <= day}
    for row in then:
        told = known[row["customer"]]
        assert row["churned"] == (told["ended_on"] is not None and told["ended_on"] <= day)
        assert not row["churned"] or row["ended_on"] == told["ended_on"] - timedelta(days=7)


def spread(rng) -> int:
    return -int(rng.integers(0, 365))


OTHERS = {
    "any day": spread, "the renewal": 0, "the last day served": -1, "two days before": -2,
    "clicks, more of them right after the charge": lambda rng: -int(365 - rng.exponential(60) % 365) if rng.random() < 0.4 else spread(rng),
    "one in fifty": lambda rng: 7 if rng.random() < 0.015 else 0,
}  # fmt: skip


@pytest.mark.parametrize("when", OTHERS.values(), ids=OTHERS)
def test_other_files_are_not_asked_about(when):
    subs = read(*book(when))
    assert not question(subs) and "late_ends" not in subs.answers


def test_monthly_payers_are_not_asked_about():
    assert not question(read(*(line.replace("annual", "monthly") for line in book(7))))


def even(seed: int, term: int, customers: int = 400) -> pd.DataFrame:
    """Ends on any day of the term, by week."""
    rng = np.random.default_rng(seed)
    return by_week(np.full(customers, term), rng.integers(0, round(term * 30.44), customers))


@pytest.mark.parametrize("term", [3, 6, 12, 24])
def test_even_ends_are_never_taken_for_the_habit(term):
    assert not [seed for seed in range(200) if habit(even(seed, term))]


@pytest.mark.parametrize("most, days", [(1, 7), (7, 7), (8, 14), (21, 21), (30, 35), (45, 49)])
def test_the_days_are_read_off_the_file(most, days):
    """All ends within so many days: the last week in which they stand out from a few on any day."""
    late = np.r_[np.tile(np.arange(1, most + 1), 600 // most), np.arange(5, 340, 10)]
    assert habit(by_week(np.full(len(late), 12), late)) == days


def test_a_few_or_fewer_than_on_the_other_days_are_no_habit():
    told = pd.DataFrame({"term": 12, "week": [1, QUIET], "customers": [29, 0]})
    assert habit(told) == 0 and habit(told.assign(customers=[30, 0])) == 7
    assert habit(told.assign(customers=[60, 60])) == 0 and habit(told.assign(customers=[61, 60])) == 7
    assert habit(told.assign(term=2, customers=[300, 0])) == 0, "too short a term to tell"


LENGTHS = (365, 366, 367, 372, 376, 377, 380, 731, 735, 740, 89, 91, 92, 97, 100, 102, 30, 0)


@pytest.fixture(scope="module")
def plans() -> pd.DataFrame:
    """Rows that end about a renewal, of which some customers go on at once, some days later or on a free plan."""
    rng, rows = np.random.default_rng(5), []
    for number in range(3000):
        day = FIRST + timedelta(days=int(rng.integers(-700, (AS_OF - FIRST).days)))
        for _ in range(rng.integers(1, 4)):
            until = day + timedelta(days=int(rng.choice(LENGTHS))) if rng.random() < 0.9 else None
            rows.append((number, day, until, int(rng.choice((1, 3, 12))), "Pro", float(rng.choice((0.0, 20.0, 35.0))), 0, "EU"))
            day = (until or day) + timedelta(days=int(rng.choice((-400, -8, -1, 0, 1, 2, 9, 60))))
    return pd.DataFrame(rows, columns=COLUMNS)


def test_the_same_rows_in_a_database_end_on_the_same_days(plans):
    subs, today = upload(plans), days_since_epoch(AS_OF)
    ends = np.array([days_since_epoch(day) if day else 2**31 - 1 for day in subs.rows["ended_on"].to_pylist()], np.int64)
    moved = paid_until(subs.rows, ends, today, 10)
    assert 100 < (moved < ends).sum() < len(ends) / 4
    at, _, late = after_renewals(subs.rows, today)
    text = "SELECT customer_id, started_on, ended_on, term, plan, mrr, failed FROM subs"
    asked = Definition("v", AS_OF, rules=Definitions(late_ends="10"), rows=text)
    with duckdb.connect() as engine:
        view_of(engine, plans)
        told = engine.execute(f"SELECT customer_id, started_on, ended_on - DATE '1970-01-01' FROM ({paid_view(asked)}) WHERE mrr > 0 "
                              f"AND started_on <= DATE '{AS_OF}' AND (ended_on IS NULL OR ended_on >= started_on)").fetchall()  # fmt: skip
        weeks = engine.execute(weeks_text(asked)).fetchall()
    rows = zip(subs.rows["customer"].to_pylist(), subs.rows["started_on"].to_pylist(), moved.tolist())
    assert sorted(rows) == sorted((str(who), day, 2**31 - 1 if end is None else end) for who, day, end in told)
    assert sorted(weeks) == sorted(map(tuple, by_week(subs.rows["term"].to_numpy()[at].astype(int), late).to_numpy().tolist()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of files with the habit, and the same rows uploaded."""
    root = tmp_path_factory.mktemp("home")
    (root / "folders" / "plans").mkdir(parents=True)
    lines = [line if i % 9 else line.replace(",annual,100", ",quarterly,100") for i, line in enumerate(book(7, 300))]
    (root / "folders" / "plans" / "plans.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    return root, read(*lines)


def test_a_folder_of_the_same_rows_is_counted_alike_and_has_the_same_guess(folder):
    root, subs = folder
    source = folders(root)
    asked = asked_of(source, TODAY, "plans")
    with source.open() as engine:
        guess = asked.usual_days(engine)
        found = counting.count_there(engine, replace(asked, rules=Definitions(late_ends=guess)))
    assert guess == subs.answers["late_ends"] == "7" and alike(found, subs, "plan")
    assert found.answers["late_ends"] == "7"


def test_the_page_takes_that_guess_for_a_folder_and_says_so(folder, monkeypatch):
    root, subs = folder
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(root))
    monkeypatch.setattr(page_counting, "PATIENCE", 180)
    cache.store.clear()
    at = click(page(), "source-open")
    at = clean(at.date_input[0].set_value(TODAY).run())
    assert any("ended in the first 7 days after a renewal" in one.value for one in at.info)
    (days,) = (one for one in at.number_input if one.label.startswith("Days after a renewal"))
    assert days.value == 7
    click(at, "count").session_state["_waiting"]["counting"].result()
    clean(at.run())
    opened = cache.store().load(list(cache.store().ids())[-1])
    assert opened.definitions.late_ends == "7" and cs.life_table(opened).frame.equals(cs.life_table(subs).frame)
    cache.store.clear()


def test_a_view_that_cannot_be_changed_says_so():
    with duckdb.connect() as engine, pytest.raises(Problem, match="Ends after a renewal are looked at"):
        count(engine, "subs", TODAY, rules=Definitions(late_ends="7"))


def test_ends_that_were_moved_are_no_notice(late):
    assert places_of_ends(late)["place"].unique().tolist() == [12] and notice(late) == {}


def test_the_page_asks_in_words_and_leaves_other_answers_alone():
    """A number of days is no answer anybody can read."""
    assert [in_words("late_ends", one) for one in ("7", "0")] == [
        "Whoever is ended up to 7 days after a renewal did not pay it", "Whoever is ended after a renewal has paid it"]  # fmt: skip
    assert in_words("last_day", "seen") == "seen" and in_words("sheet", "Sheet1") == "Sheet1"
