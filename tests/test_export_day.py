"""The day of the export: read off the rows and their status, and asked where nobody states it and it moves a number."""

from datetime import date, timedelta

import pytest

import cs_models as cs
from cs_models.export_day import _moved
from cs_models.importers import layouts, template_csv
from cs_models.problems import Problem

PLAIN = b"""customer_id,start_date,end_date,plan,interval,mrr
C-1,2025-01-01,2025-03-01,Pro,monthly,50.00
C-2,2025-01-15,,Pro,annual,40.00
C-3,2025-02-01,,B,monthly,9.99
"""


def question(subs):
    return next((one for one in subs.report.questions if one.id == "as_of"), None)


def statuses(*lines: str, end: str = "cancel_date") -> bytes:
    """Monthly starts of 2024, everybody still here, and the lines under test."""
    start = [f"N-{month},2024-{month:02}-05,,active,10" for month in range(1, 13)]
    return "\n".join([f"customer,start,{end},status,mrr", *start, *lines, ""]).encode()


# --- the question ---


def test_a_day_nobody_states_is_asked_with_what_each_answer_moves():
    subs = cs.read(PLAIN)
    asked = question(subs)
    assert (asked.guess, asked.alternatives, asked.answered) == ("2025-03-01", ("2025-03-01", "2025-03-31"), False)
    # C-2 has stayed 1 whole month by 1 March and 2 by the 31st; C-3 1 and then 1 + 1
    assert "Up to 2025-03-01: 2 subscriptions running, 49.99 USD a month, 49.99 USD paid" in asked.sentence
    assert "Up to 2025-03-31: 2 subscriptions running, 49.99 USD a month, 99.98 USD paid" in asked.sentence


def test_an_answer_is_the_day_stated():
    told = cs.read(PLAIN, answers={"as_of": "2025-03-31"})
    stated = cs.read(PLAIN, as_of="2025-03-31")
    assert told.as_of == stated.as_of == date(2025, 3, 31) and told.rows.equals(stated.rows)
    assert question(told).answered and question(told).guess == "2025-03-31" and question(stated) is None
    assert question(told).alternatives == question(cs.read(PLAIN)).alternatives
    other = cs.read(PLAIN, answers={"as_of": "2025-04-15"})
    assert other.as_of == date(2025, 4, 15) and "2025-04-15" in question(other).alternatives
    assert len({told.digest, stated.digest, other.digest, cs.read(PLAIN).digest}) == 4
    with pytest.raises(Problem, match="as_of must be a day"):
        cs.read(PLAIN, answers={"as_of": "soon"})


@pytest.mark.parametrize("data", [
    b"Exported 2025-03-31\n" + PLAIN,  # the file says so
    PLAIN.replace(b"2025-03-01", b"2025-03-31").replace(b"2025-02-01", b"2025-03-15"),  # the end of a month
    b"customer,month,mrr\nA,2025-01,10\nA,2025-02,10\nB,2025-01,5\n",  # months are all there is
    b"customer,start,end,mrr\nA,2025-01-01,2025-02-01,10\nB,2025-01-01,2025-02-01,9\n",  # everybody has left
], ids=["stated", "end of month", "panel", "nobody left to count"])  # fmt: skip
def test_what_moves_nothing_is_not_asked(data):
    assert question(cs.read(data, answers={"live_at_end": "left"})) is None


def test_the_answer_belongs_to_one_file():
    from cs_models.mapping_memory import memory_of

    told = cs.read(PLAIN, answers={"as_of": "2025-03-31"})
    assert "as_of" not in memory_of(told, ["customer_id", "start_date", "end_date", "plan", "interval", "mrr"]).answers


@pytest.mark.parametrize("name", ["periods", "invoices", "mrr_events", "plan_changes"])
def test_the_money_told_is_that_of_reading_it_so(name):
    """What a day moves is worked out from rows read up to another day: it must be what a second reading gives."""
    data = template_csv(name).encode()
    subs = cs.read(data)
    for later in (3, 20, 75):
        day = subs.as_of + timedelta(days=later)
        told, read = _moved(subs, day, lambda day: cs.read(data, as_of=day)), cs.read(data, as_of=day)
        assert told == _moved(read, day, None) and told[1] == round(read.active_mrr * 100)
    assert name in layouts()


def test_a_log_of_payments_is_read_again_to_say_who_lapses(monkeypatch):
    log = b"customer,invoice_date,amount,status\nA,2025-01-25,50,paid\nB,2025-01-10,30,paid\nB,2025-02-10,30,paid\n"
    assert "Up to 2025-02-28: 1 subscription running, 30.00 USD a month" in question(cs.read(log)).sentence
    assert cs.read(log).active_mrr == 80.0 and cs.read(log, as_of="2025-02-28").active_mrr == 30.0
    monkeypatch.setattr("cs_models.export_day.LONGEST_LOG", 2)
    assert "Up to 2025-02-28: counted when you choose it." in question(cs.read(log)).sentence


# --- what the status proves ---


def test_who_has_cancelled_proves_a_later_export():
    gone = [f"G-{month},2024-03-05,2025-{month:02}-20,cancelled,10" for month in range(1, 5)]
    subs = cs.read(statuses(*gone))
    assert subs.as_of == date(2025, 4, 20) and (subs.active, subs.active_mrr) == (12, 120.0)
    # without the status the ends after the first weeks are taken for booked ahead
    silent = cs.read(statuses(*(row.replace("cancelled", "") for row in gone)))
    assert silent.as_of == date(2024, 12, 5) and silent.active == 16
    assert question(silent).alternatives == ("2024-12-05", "2025-04-20")


@pytest.mark.parametrize("end, word, last", [
    ("end", "expired", date(2025, 4, 20)),  # gone is gone, whatever the column is called
    ("end", "cancelled", date(2025, 3, 20)),  # served to the end of what was paid: a month at most
    ("end", "active", date(2024, 12, 5)),  # a term that runs
    ("cancel_date", "canceled", date(2025, 4, 20)),
])  # fmt: skip
def test_what_a_word_proves(end, word, last):
    subs = cs.read(statuses(f"G,2024-03-05,2025-04-20,{word},10", end=end))
    assert subs.as_of == last


def test_one_mistyped_year_stretches_nobodys_time():
    subs = cs.read(statuses("G,2024-03-05,2025-04-20,cancelled,10", "H,2024-03-05,2031-04-20,cancelled,10"))
    assert subs.as_of == date(2025, 4, 20) and subs.active == 13
