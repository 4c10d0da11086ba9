"""What one cell means: months between days, the last known day, dates, money, words of billing systems."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_models.importers.durations import months_begun, round_up_to_terms, whole_months
from cs_models.importers.words import term_months
from cs_models.problems import ImportProblem, Problem
from cs_models.reading import read

HEADER = "customer,start,end,plan,interval,mrr\n"


def periods(*rows: str, header: str = HEADER) -> bytes:
    return (header + "\n".join(rows) + "\n").encode()


def accounted(subs) -> bool:
    report = subs.report
    entries = report.entries.to_pydict()
    rejected = {row for row, kind in zip(entries["row"], entries["kind"], strict=True) if kind == "rejected"}
    repaired = {row for row, kind in zip(entries["row"], entries["kind"], strict=True) if kind == "repaired"}
    usable = subs.rows.num_rows + subs.aside.num_rows
    return (
        report.accepted + report.repaired + report.rejected == report.rows
        and len(rejected) == report.rejected
        and len(repaired) == report.repaired
        and not rejected & repaired
        and usable == report.accepted + report.repaired
        and subs.aside.num_rows == report.set_aside
    )


def findings(subs) -> dict[str, str]:
    return {finding.id: finding.sentence for finding in subs.report.findings}


# --- months, against calendar arithmetic one day at a time ---


def plus_months(day: date, months: int) -> date:
    """The same day `months` later, or the month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def slow_months_begun(start: date, end: date) -> int:
    months = 1
    while plus_months(start, months) < end:
        months += 1
    return months


def slow_whole_months(start: date, end: date) -> int:
    months = 0
    while plus_months(start, months + 1) <= end:
        months += 1
    return months


DAY = st.dates(date(2019, 1, 1), date(2025, 12, 31))


def days(*values: date) -> np.ndarray:
    return np.array([(value - date(1970, 1, 1)).days for value in values])


@settings(max_examples=400, deadline=None)
@given(DAY, st.integers(0, 1500))
def test_months_equal_the_calendar_counted_one_by_one(start, length):
    end = start + timedelta(days=length)
    assert months_begun(days(start), days(end))[0] == slow_months_begun(start, end)
    assert whole_months(days(start), days(end))[0] == slow_whole_months(start, end)


def test_every_month_end_of_four_years():
    starts = [date(2022, 12, 31) + timedelta(days=shift) for shift in range(-3, 4)]
    for start in starts:
        ends = [start + timedelta(days=length) for length in range(1500)]
        assert months_begun(days(*[start] * 1500), days(*ends)).tolist() == [
            slow_months_begun(start, e) for e in ends
        ]
        assert whole_months(days(*[start] * 1500), days(*ends)).tolist() == [
            slow_whole_months(start, e) for e in ends
        ]


@settings(max_examples=100, deadline=None)
@given(DAY, st.integers(1, 48))
def test_last_day_served_and_first_day_not_served_read_alike(start, months):
    end = plus_months(start, months)
    both = months_begun(days(start, start), days(end, end - timedelta(days=1)))
    assert both.tolist() == [months, months]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 200), st.sampled_from([1, 3, 6, 12, 24]))
def test_terms_begun_are_paid_whole(months, term):
    paid = int(round_up_to_terms(np.array([months]), np.array([term]))[0])
    assert paid % term == 0 and paid - term < months <= paid


def test_durations_of_rows_by_hand():
    subs = read(
        periods(
            "A,2025-01-01,2025-01-31,Pro,monthly,50",
            "B,2025-01-01,2025-02-01,Pro,monthly,50",
            "C,2025-01-31,2025-02-28,Pro,monthly,50",
            "D,2025-01-31,2025-03-01,Pro,monthly,50",
            "E,2024-01-01,2025-02-01,Pro,annual,50",
            "F,2025-02-01,,Pro,monthly,50",
            "G,2025-01-15,2025-06-30,Pro,monthly,50",
            "H,2025-03-01,2025-03-01,Pro,monthly,50",
            "I,2024-06-30,,Pro,annual,50",
        ),
        as_of="2025-03-31",
    )
    assert subs.rows["duration"].to_pylist() == [1, 1, 1, 2, 24, 2, 2, 1, 9]
    assert subs.rows["churned"].to_pylist() == [True] * 5 + [False, False, True, False]
    assert "same_day" in findings(subs) and "mid_term" in findings(subs)
    assert subs.active == 3 and subs.active_mrr == 150.0


# --- as_of, live and left ---


def test_as_of_is_the_newest_start_or_a_little_later_end():
    open_row = "A,2025-01-10,,Pro,monthly,50"
    assert read(periods(open_row, "B,2025-03-01,,Pro,monthly,50")).as_of == date(2025, 3, 1)
    assert read(periods(open_row, "B,2025-03-01,2025-03-20,Pro,monthly,50")).as_of == date(2025, 3, 20)
    # an end booked ahead says nothing about today
    assert read(periods(open_row, "B,2025-03-01,2025-09-01,Pro,monthly,50")).as_of == date(2025, 3, 1)
    above = b"Exported on 2025-12-31\n" + periods(open_row)
    assert read(above).as_of == date(2025, 12, 31)
    assert read(above, as_of=date(2025, 6, 30)).as_of == date(2025, 6, 30)


@pytest.mark.parametrize("above, day", [
    ("Period 2024-01-01 to 2025-12-31", date(2025, 12, 31)),
    ("Period 2024-01-01 to 2026-12-31\nStand: 2025-06-30", date(2025, 6, 30)),
    ("Standard report 2025-11-30\nGenerated 2025-09-30 07:12", date(2025, 9, 30)),
    ("Exported 2025-13-45", date(2025, 3, 2)), ("Account created 2019-01-01", date(2025, 3, 2)),
    ("Period until 2025-02-01", date(2025, 3, 2)),
])  # fmt: skip
def test_a_day_above_the_header_is_used_only_where_it_can_be_the_export(above, day):
    rows = periods("A,2025-01-01,,P,monthly,5", "B,2025-03-02,,P,monthly,5")
    found = read(f"{above}\n".encode() + rows)
    assert found.as_of == day and found.active == 2
    assert ("preamble_day" in findings(found)) == ("2025-02-01" in above)


def test_a_day_called_the_export_is_believed_beside_scheduled_starts():
    rows = periods("A,2025-01-01,,P,monthly,5", "B,2025-03-02,,P,monthly,5")
    found = read(b"As of 2025-02-01\n" + rows)
    assert found.as_of == date(2025, 2, 1) and found.active == 1 and "preamble_day" not in findings(found)


def test_an_end_today_has_left_and_an_end_tomorrow_is_live():
    data = periods("A,2025-01-01,2025-03-31,P,monthly,5", "B,2025-01-01,2025-04-01,P,monthly,7")
    subs = read(data, as_of="2025-03-31")
    assert subs.rows["churned"].to_pylist() == [True, False]
    assert subs.active_mrr == 7.0
    assert subs.rows["ended_on"].to_pylist() == [date(2025, 3, 31), date(2025, 4, 1)]


def test_a_start_long_after_every_other_is_pointed_at():
    rows = ["A,2025-01-10,,Pro,monthly,50", "B,2025-03-01,,Pro,monthly,50", "C,2052-03-01,,Pro,monthly,50"]
    assert (
        "row starts on 2052-03-01, long after every other" in findings(read(periods(*rows)))["lonely_start"]
    )
    assert "lonely_start" not in findings(read(periods(*rows), as_of="2025-03-31"))
    assert "lonely_start" not in findings(read(periods(*rows[:2])))


def test_a_day_before_every_start_is_refused():
    with pytest.raises(Problem, match="before every start in the file; the first is 2025-01-10"):
        read(periods("A,2025-01-10,,Pro,monthly,50"), as_of="2024-01-10")


def test_ends_ahead_and_missing_ends_are_told():
    ahead = read(periods("A,2025-01-10,2026-01-10,Pro,monthly,50", "B,2025-03-01,,Pro,monthly,50"))
    assert findings(ahead)["ends_ahead"].startswith("1 row ends after the last known day")
    assert ahead.active == 2 and "no_end" not in findings(ahead)
    assert "no_end" in findings(read(b"customer,start,mrr\nA,2025-01-10,5\n"))


def test_future_starts_wait_outside():
    subs = read(periods("A,2025-01-01,,P,monthly,5", "B,2025-06-01,,P,monthly,7"), as_of="2025-03-31")
    assert (subs.report.accepted, subs.report.set_aside, subs.rows.num_rows) == (2, 1, 1)
    assert subs.aside["why"].to_pylist() == ["not yet begun"] and "scheduled" in findings(subs)
    assert accounted(subs)


def test_free_plans_and_trials_stay_out_of_the_fits_and_are_counted():
    subs = read(periods("A,2025-01-01,2025-01-15,Trial,monthly,0", "A,2025-01-15,,P,monthly,9.99"))
    assert (subs.report.accepted, subs.report.set_aside, subs.customers) == (2, 1, 1)
    assert subs.rows["started_on"].to_pylist() == [date(2025, 1, 15)] and accounted(subs)


def test_everybody_ending_on_the_last_day_is_a_question():
    data = periods(
        "A,2025-01-01,2025-03-01,P,monthly,5",
        "B,2025-02-01,2025-03-01,P,monthly,7",
        "C,2025-01-01,2025-02-01,P,monthly,9",
    )
    subs = read(data)
    assert [question.id for question in subs.report.questions] == ["live_at_end", "as_of"]
    assert subs.report.questions[0].guess == "live" and subs.active_mrr == 12.0
    assert subs.report.questions[0].sentence.endswith("with 12.00 USD of monthly revenue.")
    left = read(data, answers={"live_at_end": "left"})
    assert left.active == 0 and left.rows["churned"].to_pylist() == [True] * 3
    assert left.report.questions[0].answered and left.digest != subs.digest
    with pytest.raises(Problem, match='"live" or "left"'):
        read(data, answers={"live_at_end": "maybe"})


# --- dates ---


@pytest.mark.parametrize(
    "written, iso",
    [
        ("2025-01-31", "2025-01-31"), ("2025/1/31", "2025-01-31"), ("2025-01-31 23:10:00", "2025-01-31"),
        ("2025-01-31T23:30:00Z", "2025-01-31"), ("2025-01-31T23:30:00-08:00", "2025-02-01"),
        ("2025-02-01T00:30:00+0200", "2025-01-31"), ("2025-01-31 10:12:03.123456", "2025-01-31"),
        ("31.01.2025", "2025-01-31"), ("31/01/2025", "2025-01-31"), ("01/31/2025", "2025-01-31"),
        ("31-1-2025", "2025-01-31"), ("1/31/25", "2025-01-31"), ("31 Jan 2025", "2025-01-31"),
        ("January 31, 2025", "2025-01-31"), ("20250131", "2025-01-31"), ("45688", "2025-01-31"),
        ("1738281600", "2025-01-31"), ("1738281600000", "2025-01-31"), ("2025-01", "2025-01-01"),
        ("29.02.2024", "2024-02-29"), ("01/31/2025 11:30 PM", "2025-01-31"),
    ],
)  # fmt: skip
def test_a_date_in_many_forms(written, iso):
    subs = read(periods(f'A,"{written}",,P,monthly,5'))
    assert subs.rows["started_on"].to_pylist() == [date.fromisoformat(iso)]


@pytest.mark.parametrize("start, end", [
    ("1738281600", "253402214400"), ("1738281600000", "253402300799000"), ("45688", "2958465"),
    ("1738281600", "9999999999"),
])  # fmt: skip
def test_far_futures_in_numbers_are_no_end_and_no_start(start, end):
    rows = [f"A,{start},{end},P,monthly,5", f"B,{start},{start},P,monthly,5", f"C,{end},,P,monthly,5"]
    found = read(periods(*rows))
    assert found.rows["ended_on"].to_pylist()[0] is None and found.report.rejected == 1
    assert found.as_of == date(2025, 1, 31) and "open_end" in findings(found)


def test_dates_that_fit_both_orders_are_asked_about():
    data = periods("A,03/04/2025,,P,monthly,5", "B,05/06/2025,,P,monthly,5", "C,05/07/2025,,P,monthly,5")
    subs = read(data)
    (question,) = subs.report.questions
    assert question.id == "date_order" and set(question.alternatives) == {"day", "month"}
    assert question.guess in question.alternatives and not question.answered
    day = read(data, answers={"date_order": "day"}).rows["started_on"].to_pylist()
    month = read(data, answers={"date_order": "month"}).rows["started_on"].to_pylist()
    assert day == [date(2025, 4, 3), date(2025, 6, 5), date(2025, 7, 5)]
    assert month == [date(2025, 3, 4), date(2025, 5, 6), date(2025, 5, 7)]
    with pytest.raises(Problem, match='"day" or "month"'):
        read(data, answers={"date_order": "year"})


def test_billing_days_guess_the_order():
    # day first, all fall on the first of a month
    subs = read(periods(*(f"{month},01/{month:02}/2025,,P,monthly,5" for month in range(1, 7))))
    assert subs.report.questions[0].guess == "day"


def test_one_day_above_twelve_anywhere_settles_both_columns():
    subs = read(periods("A,03/04/2025,,P,monthly,5", "B,05/06/2025,25/06/2025,P,monthly,5"))
    assert not subs.report.questions and "date_format" in findings(subs)
    assert subs.rows["started_on"].to_pylist() == [date(2025, 4, 3), date(2025, 6, 5)]


def test_the_smaller_part_of_a_contradiction_is_rejected():
    subs = read(
        periods("A,25/04/2025,,P,monthly,5", "B,26/06/2025,,P,monthly,5", "C,06/27/2025,,P,monthly,5")
    )
    assert subs.report.rejected == 1 and subs.report.entries["row"].to_pylist() == [4] and accounted(subs)


# --- money ---


@pytest.mark.parametrize(
    "written, minor",
    [
        ("1234.5", 123450), ("1,234.50", 123450), ("$12.50", 1250), ("12,50", 1250), ("1.234,50", 123450),
        ("1 234,50", 123450), ("1'234.50", 123450), ("12.50 USD", 1250), ("US$12", 1200), ("0.125", 12),
        ("0.135", 14), ("1e3", 100000), ("007", 700), (".5", 50), ("29.", 2900), ("1\u00a0234.50", 123450),
        ("1,234,567", 123456700), ("0.30000000000000004", 30), ("999999999999.99", 99999999999999),
    ],
)  # fmt: skip
def test_an_amount_in_many_forms(written, minor):
    subs = read(periods(f'A,2025-01-01,,P,monthly,"{written}"', "B,2025-01-01,,P,monthly,"))
    assert subs.rows["mrr"].to_pylist() == [minor]


def test_a_price_is_per_payment_and_mrr_per_month():
    header = "customer,start,end,plan,interval,price\n"
    subs = read(periods("A,2025-01-01,,P,annual,1199.99", "B,2025-01-01,,P,quarterly,99", header=header))
    assert subs.rows["mrr"].to_pylist() == [10000, 3300] and subs.rows["price"].to_pylist() == [119999, 9900]
    subs = read(periods("A,2025-01-01,,P,annual,100"))
    assert subs.rows["mrr"].to_pylist() == [10000] and subs.rows["price"].to_pylist() == [120000]


def test_decimal_commas_are_one_rule_not_a_repair():
    subs = read(periods('A,2025-01-01,,P,monthly,"12,50"', 'B,2025-01-01,,P,monthly,"1.012,50"'))
    assert subs.report.repaired == 0 and "decimal_comma" in findings(subs)
    assert subs.rows["mrr"].to_pylist() == [1250, 101250]


def test_an_ambiguous_thousand_is_asked_about():
    data = periods('A,2025-01-01,,P,monthly,"1,234"', 'B,2025-01-01,,P,monthly,"5,678"')
    subs = read(data)
    assert [question.id for question in subs.report.questions] == ["decimal_mark", "as_of"]
    assert subs.active_mrr == 6912.0
    assert read(data, answers={"decimal_mark": "comma"}).active_mrr == pytest.approx(1.23 + 5.68)


def test_currencies_have_their_own_minor_units_and_are_never_added():
    header = "customer,start,mrr,currency\n"
    yen = read(periods("A,2025-01-01,1200,jpy", header=header))
    assert yen.currency == "JPY" and yen.rows["mrr"].to_pylist() == [1200] and yen.active_mrr == 1200.0
    dinar = read(periods("A,2025-01-01,1.2345,KWD", header=header))
    assert dinar.rows["mrr"].to_pylist() == [1234]
    with pytest.raises(ImportProblem, match="EUR in 1 rows, USD in 2 rows"):
        read(periods("A,2025-01-01,1,USD", "B,2025-01-01,1,US Dollar", "C,2025-01-01,1,eur", header=header))
    with pytest.raises(ImportProblem, match="EUR and USD"):
        read(periods("A,2025-01-01,$1", "B,2025-01-01,€1", header="customer,start,mrr\n"))
    assert read(periods("A,2025-01-01,€1", header="customer,start,mrr\n")).currency == "EUR"


# --- words ---


@pytest.mark.parametrize(
    "word, months",
    [
        ("Monthly", 1), ("month", 1), ("m", 1), ("1", 1), ("Month-to-month", 1), ("per month", 1), ("P1M", 1),
        ("quarterly", 3), ("3 months", 3), ("every 3 months", 3), ("half-yearly", 6), ("annual", 12),
        ("Yearly", 12),
        ("One year", 12), ("12", 12), ("year", 12), ("2 years", 24), ("Two year", 24), ("biennial", 24),
        ("weekly", None), ("soon", None), ("0", None), ("99", None),
    ],
)  # fmt: skip
def test_words_for_billing_intervals(word, months):
    assert term_months(word) == months


def test_reasons_count_only_for_those_who_left():
    subs = read(
        periods(
            "A,2025-01-01,2025-02-01,payment_failed,5", "B,2025-01-01,2025-02-01,Too expensive,5",
            "C,2025-01-01,2025-02-01,,5", "D,2025-01-01,,card declined,5",
            header="customer,start,end,churn reason,mrr\n",
        )
    )  # fmt: skip
    assert subs.rows["end_reason"].to_pylist() == ["involuntary", "voluntary", None, None]
