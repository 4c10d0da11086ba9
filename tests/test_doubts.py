"""What only the owner of a file knows: every answer is worth what its question says."""

import re
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cs_models.importers.rhythm import rhythms
from cs_models.importers.words import day_cycle
from cs_models.problems import ImportProblem, Problem
from cs_models.reading import read

HEADER = "customer,start,end,plan,interval,mrr"
GOOD = (
    "A,2025-01-01,2025-03-01,Pro,monthly,50.00",
    "B,2025-01-15,,Pro,annual,40.00",
    "C,2025-02-01,,Basic,monthly,9.99",
)


def file(*rows: str, header: str = HEADER, good=GOOD) -> bytes:
    return "\n".join([header, *good, *rows, ""]).encode()


def question(subs, id: str):
    return next((one for one in subs.report.questions if one.id == id), None)


def findings(subs) -> dict[str, str]:
    return {finding.id: finding.sentence for finding in subs.report.findings}


def accounted(subs) -> bool:
    report = subs.report
    usable = subs.rows.num_rows + subs.aside.num_rows
    return (
        report.accepted + report.repaired + report.rejected == report.rows
        and usable == report.accepted + report.repaired
    )


def told(mrr: float) -> str:
    return f"active MRR {mrr:,.2f} USD"


# a file per question, and the active MRR of each answer, computed by hand
DOUBTS = {
    "amount_unit": (
        file(good=("A,2025-01-01,,Pro,monthly,5000", "B,2025-01-15,,Pro,monthly,2500")),
        {"units": 7500.0, "cents": 75.0},
    ),
    "amount_per": (
        file(
            header="customer,start,end,plan,interval,amount",
            good=("A,2025-01-01,,Pro,monthly,50.00", "B,2025-01-15,,Pro,annual,60.00"),
        ),
        {"a month": 110.0, "a payment": 55.0},
    ),
    "yearly_amounts": (
        file(good=(*(f"A{at},2025-01-01,,P,,10.00" for at in range(5)), "B,2025-01-01,,P,,120.00")),
        {"a month": 170.0, "a year": 60.0},
    ),
    "credits": (file("B,2025-02-01,,Pro,annual,-15.00"), {"leave out": 49.99, "net": 34.99}),
    "discount_column": (
        file(
            header=HEADER + ",discount",
            good=tuple(f"{row},{off}" for row, off in zip(GOOD, ("10%", "25 %", ""), strict=True)),
        ),
        {"already off": 49.99, "take off": 39.99},
    ),
    "conflicts": (
        file("B,2025-01-15,,Pro,annual,90.00"),
        {"count each": 139.99, "only the larger": 99.99, "only the smaller": 49.99},
    ),
    "test_accounts": (
        file("test@firm.com,2025-01-20,,Pro,monthly,5.00"),
        {"keep": 54.99, "leave out": 49.99},
    ),
}


@pytest.mark.parametrize("id", DOUBTS)
def test_every_answer_is_worth_what_the_question_says(id):
    data, worth = DOUBTS[id]
    open_question = question(read(data), id)
    assert set(open_question.alternatives) == set(worth) and not open_question.answered
    assert read(data).active_mrr == worth[open_question.guess]
    for answer, mrr in worth.items():
        subs = read(data, answers={id: answer})
        assert subs.active_mrr == pytest.approx(mrr, abs=0.001) and accounted(subs)
        assert told(mrr) in open_question.sentence
        again = question(subs, id)
        assert again.answered and again.guess == answer and told(mrr) in again.sentence


@pytest.mark.parametrize("id", DOUBTS)
def test_an_answer_that_is_none_is_a_sentence(id):
    with pytest.raises(Problem, match=f'The answer to "{id}" must be'):
        read(DOUBTS[id][0], answers={id: "perhaps"})


@pytest.mark.parametrize("id", DOUBTS)
def test_the_order_of_rows_changes_no_doubt(id):
    data, worth = DOUBTS[id]
    header, *rows = (
        data.decode().split() if "25 %" not in data.decode() else data.decode().strip().split("\n")
    )
    turned = "\n".join([header, *rows[::-1]]).encode()
    for answer in worth:
        one, other = (read(text, answers={id: answer}) for text in (data, turned))
        assert (one.active_mrr, one.customers, one.active) == (
            other.active_mrr,
            other.customers,
            other.active,
        )
    money = [
        re.findall(r"active MRR [\d,.]+ USD", question(read(text), id).sentence) for text in (data, turned)
    ]
    assert money[0] == money[1]


def test_a_file_without_doubt_asks_nothing():
    assert not read(file(), as_of="2025-03-31").report.questions


# --- cents or units ---


@pytest.mark.parametrize(
    "header, cells, guess",
    [
        ("mrr", ("49.00", "5000"), None),
        ("mrr", ("1,250", "2,500"), None),
        ("mrr", ("99", "5000"), None),
        ("mrr", ("100", "250"), "units"),
        ("mrr_cents", ("49", "250"), "cents"),
        ("amount", ("49", "250"), "units"),
        ("amount", ("49", "99"), None),
        ("mrr", ("0", "250"), "units"),
    ],
)
def test_the_unit_is_asked_where_the_file_cannot_tell_it(header, cells, guess):
    rows = (f'A{at},2025-01-01,"{cell}"' for at, cell in enumerate(cells))
    found = question(read(file(*rows, header=f"customer,start,{header}", good=())), "amount_unit")
    assert (found.guess if found else None) == guess


def test_a_currency_without_decimals_has_no_cents():
    assert not question(read(b"customer,start,mrr,currency\nA,2025-01-01,1250,JPY\n"), "amount_unit")


def test_the_snapshot_asks_for_its_unit_too():
    data = b"customer,months served,churned,monthly charge\nA,18,No,4900\nB,7,Yes,1900\n"
    assert read(data).active_mrr == 4900 and told(49) in question(read(data), "amount_unit").sentence
    assert read(data, answers={"amount_unit": "cents"}).active_mrr == 49
    named = read(data.replace(b"monthly charge", b"price_cents"))
    assert named.active_mrr == 49 and question(named, "amount_unit").guess == "cents"


# --- per payment or per month, yearly amounts ---


def test_plans_sold_both_ways_tell_whether_an_amount_is_for_the_term():
    header = "customer,start,end,plan,interval,amount"
    rows = ("A,2025-01-01,,Pro,monthly,50.00", "B,2025-01-15,,Pro,annual,500.00")
    sure = read(file(header=header, good=rows))
    assert not question(sure, "amount_per") and sure.active_mrr == pytest.approx(91.67)
    vague = read(file(header=header, good=rows[1:]))
    assert question(vague, "amount_per").guess == "a payment"
    against = read(file(header=HEADER, good=rows))
    assert question(against, "amount_per").guess == "a month" and against.active_mrr == 550


def test_a_price_list_has_no_yearly_amounts_in_it():
    ladder = (f"A{at},2025-01-01,,P,,{price}.00" for at, price in enumerate((*[10] * 9, 20, 30, 120)))
    assert not question(read(file(*ladder, good=())), "yearly_amounts")


@pytest.mark.parametrize(
    "price, asked", [("120.00", True), ("100.00", True), ("99.00", False), ("115.00", False)]
)
def test_without_plans_only_exactly_ten_or_twelve_times_stands_out(price, asked):
    rows = (*(f"A{at},2025-01-01,10.00" for at in range(9)), f"B,2025-01-01,{price}")
    subs = read(file(*rows, header="customer,start,mrr", good=()))
    assert bool(question(subs, "yearly_amounts")) is asked


# --- credits ---


def test_a_credit_is_taken_off_the_row_before_it_and_set_aside():
    data = file("B,2025-02-01,,Pro,annual,(15.00)", "D,2025-02-01,,Pro,annual,-7.00")
    subs = read(data, answers={"credits": "net"})
    assert subs.active_mrr == 34.99 and subs.report.rejected == 1 and subs.report.set_aside == 1
    assert (
        subs.aside["why"].to_pylist() == ["credit"]
        and "1 row has no earlier row" in question(subs, "credits").sentence
    )


def test_what_is_given_back_is_told_in_the_unit_of_the_amounts():
    data = file(good=("A,2025-01-01,,Pro,monthly,5000", "A,2025-02-01,,Pro,monthly,-2000"))
    for unit, total in (("units", "2,000.00 USD in all"), ("cents", "20.00 USD in all")):
        assert total in question(read(data, answers={"amount_unit": unit}), "credits").sentence


def test_a_credit_larger_than_the_price_leaves_nothing_and_no_debt():
    assert read(file("B,2025-02-01,,Pro,annual,-90.00"), answers={"credits": "net"}).active_mrr == 9.99


# --- free rows ---


def test_free_rows_count_as_customers_only_when_asked_to():
    data = file("D,2025-01-20,2025-02-03,Trial,monthly,0", "E,2025-01-20,,Free,monthly,0")
    apart, counted = read(data), read(data, answers={"free_rows": "count as customers"})
    assert (apart.active, apart.report.set_aside, counted.active, counted.report.set_aside) == (2, 2, 3, 0)
    sentence = question(apart, "free_rows").sentence
    assert (
        "2 active customers, 25.00 USD a month each" in sentence
        and "3 active customers, 16.66 USD" in sentence
    )
    assert accounted(counted) and counted.active_mrr == apart.active_mrr


# --- rows that may not belong ---


@pytest.mark.parametrize(
    "name, test",
    [
        ("test@firm.com", True),
        ("Test 12", True),
        ("ada+test@firm.com", True),
        ("ada@example.com", True),
        ("demo account", True),
        ("qa", True),
        ("testino@firm.com", False),
        ("Contest Ltd", False),
        ("ada@firm.com", False),
        ("demographics", False),
        ("latest@firm.com", False),
        ("C-100", False),
    ],
)
def test_a_test_account_is_known_by_its_name(name, test):
    assert bool(question(read(file(f"{name},2025-01-20,,Pro,monthly,5.00")), "test_accounts")) is test


def test_an_address_that_most_share_marks_nobody():
    rows = [f"c{at}@example.com,2025-01-20,,Pro,monthly,5.00" for at in range(9)]
    assert not question(read(file(*rows)), "test_accounts")
    mails = [
        f"{row},{at}@example.com" for at, row in enumerate((*GOOD, "test 1,2025-01-20,,Pro,monthly,5.00"))
    ]
    subs = read(file(header=HEADER + ",email", good=tuple(mails)))
    assert question(subs, "test_accounts").sentence.startswith(
        "1 customer looks like a test account by name (test 1)"
    )


LOGS = {
    "invoices": "customer,invoice date,amount,payment status\n{0},2025-01-05,5.00,paid\n{0},2025-02-05,5.00,paid\n",
    "mrr_events": "customer,date,movement,mrr change\n{0},2025-01-05,new,5.00\n",
    "panel": "customer,month,mrr\n{0},2025-01,5.00\n{0},2025-02,5.00\n",
    "wide_matrix": "customer,2025-01,2025-02,2025-03\n{0},5.00,5.00,5.00\n",
    "plan_changes": "customer,date,plan,price\n{0},2025-01-05,Pro,5.00\n",
}


@pytest.mark.parametrize("shape", LOGS)
def test_every_shape_offers_to_leave_test_accounts_out(shape):
    header, *rows = LOGS[shape].strip().split("\n")
    book = "\n".join(
        [header, *(row.format(who) for who in ("Ada", "Bob", "test@firm.com") for row in rows)]
    ).encode()
    kept, left = read(book), read(book, answers={"test_accounts": "leave out"})
    assert (
        kept.layout == shape
        and question(kept, "test_accounts")
        and (kept.customers, left.customers) == (3, 2)
    )
    assert left.report.rejected == len(rows)


def test_both_rows_of_a_conflict_are_named():
    sentence = question(read(DOUBTS["conflicts"][0]), "conflicts").sentence
    assert 'row 3 ("40.00"), customer B and row 5 ("90.00"), customer B' in sentence


def test_each_question_tells_its_part_with_the_others_settled():
    header = "customer,start,end,plan,interval,amount"
    data = file(header=header, good=("A,2025-01-01,,Pro,monthly,5000", "B,2025-01-15,,Pro,annual,6000"))
    for unit, per, mrr in (
        ("units", "a month", 11_000),
        ("cents", "a month", 110),
        ("cents", "a payment", 55),
    ):
        subs = read(data, answers={"amount_unit": unit, "amount_per": per})
        assert subs.active_mrr == mrr
        assert all(told(mrr) in question(subs, id).sentence for id in ("amount_unit", "amount_per"))


def test_rows_that_differ_in_anything_else_are_no_conflict():
    header = HEADER + ",subscription_id"
    good = tuple(f"{row},S{at}" for at, row in enumerate(GOOD))
    assert not question(
        read(file("B,2025-01-15,,Pro,annual,90.00,S9", header=header, good=good)), "conflicts"
    )
    assert not question(read(file("B,2025-01-15,,Basic,annual,90.00")), "conflicts")


def test_one_subscription_told_open_and_ended_is_a_conflict():
    subs = read(file("B,2025-01-15,2025-02-15,Pro,annual,40.00"), answers={"conflicts": "only the larger"})
    assert (
        subs.active_mrr == 49.99 and subs.report.rejected == 1 and "rows 3" not in findings(subs)["conflicts"]
    )


# --- signs and digits ---


@pytest.mark.parametrize(
    "cells, currency, mrr",
    [
        (("$12.50", "US$12", "12.50 USD"), "USD", 37.0),
        (("12.50 EUR", "€5"), "EUR", 17.5),
        (("CAD 10", "$5"), "CAD", 15.0),
        (("1 234.50", "1'234.50", "1\u202f000.00"), "USD", 3469.0),
    ],
)
def test_signs_and_grouped_digits_are_read_and_told(cells, currency, mrr):
    subs = read(
        file(
            *(f"A{at},2025-01-01,{cell}" for at, cell in enumerate(cells)),
            header="customer,start,mrr",
            good=(),
        )
    )
    assert (subs.currency, subs.active_mrr) == (currency, mrr)
    assert ("currency_signs" in findings(subs)) is any(not cell[0].isdigit() for cell in cells)
    assert ("grouped_digits" in findings(subs)) is ("1 234.50" in cells)
    assert subs.report.accepted == subs.report.rows, "a rule for the whole column is no repair"


def test_a_shared_sign_agrees_with_the_currency_column_and_another_does_not():
    subs = read(b"customer,start,mrr,currency\nA,2025-01-01,$5,CAD\n")
    assert subs.currency == "CAD" and "read as CAD" in findings(subs)["currency_signs"]
    with pytest.raises(ImportProblem, match="cannot be added"):
        read("customer,start,mrr,currency\nA,2025-01-01,€5,CAD\n".encode())


def test_letters_that_name_no_currency_are_text():
    subs = read(file("D,2025-01-01,,Pro,monthly,49 pcm"))
    assert subs.currency == "USD" and subs.report.rejected == 1


def test_the_header_names_the_currency_when_nothing_else_does():
    assert read(b"customer,start,mrr_eur\nA,2025-01-01,5.00\n").currency == "EUR"
    assert read(b"customer,start,mrr_eur,currency\nA,2025-01-01,5.00,USD\n").currency == "USD"


def test_thousandths_are_decimals_in_a_currency_that_has_them():
    data = b"customer,start,mrr,currency\nA,2025-01-01,12.500,%s\n"
    assert read(data % b"KWD").active_mrr == 12.5 and read(data % b"USD").active_mrr == 12_500


@pytest.mark.parametrize(
    "row",
    [
        "C\u202e9,2025-01-20,,Pro,monthly,5.00,x",
        "C9,2025-01-20,,Pr\u2066o,monthly,5.00,x",
        "C9,2025-01-20,,Pro,monthly,5.00,\u202ax",
    ],
)
def test_marks_that_turn_the_direction_of_writing_are_kept_and_told(row):
    subs = read(file(row, header=HEADER + ",team", good=tuple(f"{one},y" for one in GOOD)))
    assert findings(subs)["directions"].startswith("1 cell") and subs.report.repaired == 0
    cells = {cell for name in ("customer", "plan", "c0") for cell in subs.rows[name].to_pylist()}
    assert set(row.split(",")) & {cell for cell in cells if not cell.isascii()}


# --- days ---


def starts(*days: str, **answers: str):
    rows = (f"A{at},{day},10.00" for at, day in enumerate(days))
    return read(file(*rows, header="customer,start,mrr", good=()), answers=answers)


def test_mixed_orders_are_asked_and_those_of_the_other_order_left_out():
    days = ("13/04/2025", "14/04/2025", "04/15/2025")
    subs = starts(*days)
    assert question(subs, "date_order").guess == "day" and (subs.report.rejected, subs.customers) == (1, 2)
    other = starts(*days, date_order="month")
    assert question(other, "date_order").answered and (other.report.rejected, other.customers) == (2, 1)


@pytest.mark.parametrize(
    "answer, year, rows", [("1970 to 1999", 1970, 2), ("2070 to 2099", 2070, 2), ("left out", 2025, 1)]
)
def test_the_century_of_two_digits_is_asked_from_70_on(answer, year, rows):
    subs = starts("25/02/25", "26/02/70", two_digit_years=answer)
    assert len(subs.rows) + len(subs.aside) == rows
    assert year in [day.year for day in subs.rows["started_on"].to_pylist()]
    assert not question(starts("25/02/25", "26/02/69"), "two_digit_years")
    assert "years such as 25 are 2025" in findings(starts("25/02/25", "26/03/24"))["date_format"]


def test_a_day_nobody_stated_is_told_and_a_stated_one_is_not():
    subs = read(file())
    assert "up to 2025-03-01, its latest event" in findings(subs)["inferred_day"]
    booked = read(file("Z9,2025-01-01,2026-12-31,Pro,monthly,10.00"))
    assert "before the ends that lie ahead" in findings(booked)["inferred_day"]
    assert "inferred_day" not in findings(read(file(), as_of="2025-03-31"))
    assert "inferred_day" not in findings(read(b"Exported 2025-03-31\n" + file()))
    log = LOGS["invoices"].format("Ada").encode()
    assert "up to 2025-02-05" in findings(read(log))["inferred_day"]
    assert "inferred_day" not in findings(read(log, as_of="2025-03-31"))


def test_an_end_in_99_can_be_no_end():
    data = b"customer,start,end,mrr\nA,25/02/24,31/12/99,5.00\nB,25/02/24,,5.00\n"
    assert read(data).report.rejected == 1
    assert read(data, answers={"two_digit_years": "2070 to 2099"}).active_mrr == 10


# --- weeks ---

CYCLES = {
    "weekly": 7,
    "every 2 weeks": 14,
    "Every two weeks": 14,
    "bi-weekly": 14,
    "fortnightly": 14,
    "P2W": 14,
    "28 days": 28,
    "every 4 weeks": 28,
    "4_weeks": 28,
    "per week": 7,
    "every other week": 14,
    "w\u00f6chentlich": 7,
}


@pytest.mark.parametrize("word", CYCLES)
def test_a_cycle_of_weeks_is_never_a_month(word):
    days = CYCLES[word]
    assert day_cycle(word) == days
    price = read(f"customer,start,interval,price\nA,2025-01-01,{word},10.00\n".encode())
    assert price.active_mrr == pytest.approx(10 * 30.4375 / days, abs=0.01)
    paid = [
        f"{who},{date(2025, 1, 1) + timedelta(days * at)},{word},10.00" for who in "AB" for at in range(9)
    ]
    log = read("\n".join(["customer,invoice date,interval,amount", *paid]).encode())
    assert (
        log.active_mrr == pytest.approx(2 * price.active_mrr, abs=0.001)
        and log.customers == len(log.rows) == 2
    )
    assert "day_cycles" in findings(log) and "day_cycles" in findings(price)


@pytest.mark.parametrize(
    "word", ["monthly", "month", "annual", "3 months", "day one", "weekend", "", "0 days"]
)
def test_other_words_are_no_cycle_of_days(word):
    assert day_cycle(word) == 0


def test_stated_mrr_is_money_a_month_in_any_cycle():
    assert read(b"customer,start,interval,mrr\nA,2025-01-01,weekly,10.00\n").active_mrr == 10


@pytest.mark.parametrize("days", [7, 14, 28])
def test_a_rhythm_without_an_interval_column_is_asked(days):
    paid = [f"{who},{date(2025, 3, 3) + timedelta(days * at)},10.00" for who in "AB" for at in range(9)]
    book = "\n".join(["customer,invoice date,amount", *paid]).encode()
    subs = read(book)
    found = question(subs, f"every_{days}_days")
    assert (
        found.guess == f"{days} days"
        and f"{10 * 30.4375 / days:.2f} USD a month for the average" in found.sentence
    )
    assert subs.active_mrr == pytest.approx(20 * 30.4375 / days, abs=0.02)
    if days == 28:
        assert read(book, answers={"every_28_days": "a month"}).active_mrr == 20


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 40)), min_size=1, max_size=12))
def test_who_pays_on_one_day_of_the_month_has_no_other_rhythm(payers):
    who, days = [], []
    for number, (first, count) in enumerate(payers):
        start = np.datetime64("2024-01-01") + first
        day = min((start - start.astype("datetime64[M]")).astype(int), 27)
        for month in range(count):
            who.append(number)
            days.append(((start.astype("datetime64[M]") + month).astype("datetime64[D]") + day).astype(int))
    found = rhythms(np.ones(len(who), bool), np.array(who), np.array(days))
    assert not found.any()


# --- Stripe's refunds ---


def payments(currency: str, *rows: tuple[str, str], **answers: str):
    header = (
        "id,Description,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Status,Customer ID"
    )
    lines = [
        f'ch_{at},Pro,2024-08-{15 + at} 09:12,"{paid}","{back}",{currency},"{paid}",Paid,cus_{at}'
        for at, (paid, back) in enumerate(rows)
    ]
    return read("\n".join([header, *lines]).encode(), answers=answers)


@pytest.mark.parametrize(
    "currency, rows, answers, mrr",
    [
        ("usd", (("49.00", "0.00"), ("30.50", "10.25")), {}, 69.25),
        ("usd", (("49,00", "0,00"), ("30,50", "10,25")), {}, 69.25),
        ("jpy", (("4900", "0"), ("3000", "1000")), {}, 6900),
        ("kwd", (("49.000", "0.000"), ("3.500", "1.250")), {}, 51.25),
        ("usd", (("1,234", "0"), ("2,500", "1,000")), {}, 2734),
        ("usd", (("1,234", "0"), ("2,500", "1,000")), {"decimal_mark": "comma"}, 2.73),
    ],
)
def test_refunds_of_stripe_keep_the_decimals_of_their_currency(currency, rows, answers, mrr):
    subs = payments(currency, *rows, **answers)
    assert (subs.currency, subs.active_mrr) == (currency.upper(), mrr)


def test_a_refund_leaves_the_doubt_about_the_decimal_mark_open():
    assert question(payments("usd", ("1,234", "0"), ("2,500", "1,000")), "decimal_mark")
