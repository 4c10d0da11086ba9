"""Logs become periods: movements of MRR, changes of plan, invoices; each by hand."""

from datetime import date

import pytest

import cs_models as cs
from cs_models.importers import layouts
from cs_models.problems import ImportProblem, Problem
from cs_models.reading import inspect, read


def file(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows]).encode()


def periods(subs, *columns: str) -> list[tuple]:
    names = columns or ("customer", "started_on", "ended_on", "mrr")
    return sorted(zip(*(subs.rows[name].to_pylist() for name in names), strict=True), key=str)


def found(subs) -> dict[str, int]:
    return {finding.id: finding.count for finding in subs.report.findings}


def day(text: str) -> date:
    return date.fromisoformat(text)


# --- movements of MRR ---

MOVES = "date,customer,movement type,mrr change"


def test_the_balance_of_movements_is_what_a_customer_pays():
    subs = read(
        file(MOVES, "2024-01-15,A,new,10", "2024-03-01,A,expansion,5", "2024-04-01,A,contraction,-3",
             "2024-05-20,A,churn,-12", "2024-09-01,A,reactivation,8", "2024-10-31,B,new,1")
    )  # fmt: skip
    assert subs.layout == "mrr_events" and subs.as_of == day("2024-10-31") and subs.has_price
    assert periods(subs) == [
        ("A", day("2024-01-15"), day("2024-03-01"), 1000),
        ("A", day("2024-03-01"), day("2024-04-01"), 1500),
        ("A", day("2024-04-01"), day("2024-05-20"), 1200),
        ("A", day("2024-09-01"), None, 800),
        ("B", day("2024-10-31"), None, 100),
    ]
    assert subs.active == 2 and subs.active_mrr == 9.0 and subs.report.accepted == 6


def test_unsigned_movements_take_their_sign_from_their_kind():
    signed = file(MOVES, "2024-01-15,A,new_biz,10", "2024-03-01,A,contraction,-4", "2024-05-01,A,churn,-6")
    plain = file(MOVES, "2024-01-15,A,new_biz,10", "2024-03-01,A,downgrade,4", "2024-05-01,A,cancelled,6")
    empty = file(MOVES, "2024-01-15,A,new_biz,10", "2024-03-01,A,downgrade,4", "2024-05-01,A,churned,")
    assert periods(read(signed)) == periods(read(plain)) == periods(read(empty))
    assert "unsigned" in found(read(plain)) and "unsigned" not in found(read(signed))


def test_a_churn_never_adds_whatever_stands_before_other_amounts():
    below = file(MOVES, "2024-01-15,A,new,10", "2024-02-01,B,new,8", "2024-02-09,B,expansion,-3",
                 "2024-03-01,A,churn,10", "2024-03-01,B,contraction,2")  # fmt: skip
    subs = read(below)
    assert subs.active_mrr == 3.0 and "unsigned" in found(subs) and "mixed_signs" not in found(subs)
    mixed = read(file(MOVES, "2024-01-15,A,new,10", "2024-01-15,B,new,8", "2024-03-01,A,churn,10",
                      "2024-03-01,B,churn,-8", "2024-04-01,C,new,5"))  # fmt: skip
    assert mixed.active_mrr == 5.0 and found(mixed)["mixed_signs"] == 1 and "unsigned" not in found(mixed)


def test_a_kind_nobody_knows_is_rejected_where_it_decides():
    subs = read(file(MOVES, "2024-01-15,A,new,10", "2024-02-01,A,wobble,4"))
    assert subs.report.rejected == 1 and "not a kind of movement" in subs.report.entries["reason"][0].as_py()
    signed = read(file(MOVES, "2024-01-15,A,new,10", "2024-02-01,A,wobble,4", "2024-03-01,A,churn,-14"))
    assert signed.report.rejected == 0 and periods(signed)[1][3] == 1400


def test_movements_of_one_day_are_netted():
    subs = read(file(MOVES, "2024-01-15,A,new,10", "2024-02-01,A,churn,-10", "2024-02-01,A,reactivation,12"))
    assert periods(subs) == [
        ("A", day("2024-01-15"), day("2024-02-01"), 1000),
        ("A", day("2024-02-01"), None, 1200),
    ]


def test_who_began_before_the_log_is_told_and_does_not_owe_money():
    subs = read(file(MOVES, "2024-01-15,A,churn,-10", "2024-02-01,A,reactivation,7", "2024-02-01,B,new,5"))
    assert found(subs)["before_the_log"] == 1 and subs.report.accepted == 3
    assert periods(subs) == [("A", day("2024-02-01"), None, 700), ("B", day("2024-02-01"), None, 500)]


def test_a_churn_without_an_amount_leaves_what_begins_anew_on_its_day():
    subs = read(file(MOVES, "2024-01-15,A,new,79", "2024-03-01,A,churn,", "2024-03-01,A,new,59",
                     "2024-04-01,A,expansion,1", "2024-01-15,B,new,5", "2024-02-01,B,expansion,2",
                     "2024-02-01,B,churn,"))  # fmt: skip
    assert periods(subs) == [
        ("A", day("2024-01-15"), day("2024-03-01"), 7900),
        ("A", day("2024-03-01"), day("2024-04-01"), 5900),
        ("A", day("2024-04-01"), None, 6000),
        ("B", day("2024-01-15"), day("2024-02-01"), 500),
    ]


def test_a_failed_payment_behind_a_churn_is_involuntary():
    subs = read(
        file(MOVES, "2024-01-15,A,new,10", "2024-03-01,A,churn_delinquent,-10", "2024-01-15,B,new,10",
             "2024-03-01,B,churn,-10")
    )  # fmt: skip
    assert periods(subs, "customer", "end_reason") == [("A", "involuntary"), ("B", "voluntary")]


def test_events_after_the_stated_day_have_not_happened():
    data = file(MOVES, "2024-01-15,A,new,10", "2024-03-01,A,churn,-10", "2024-04-01,B,new,10")
    subs = read(data, as_of="2024-02-29")
    assert (
        subs.active == 1 and subs.report.set_aside == 1 and subs.aside["why"].to_pylist() == ["not yet begun"]
    )
    with pytest.raises(Problem, match="before everything"):
        read(data, as_of="2023-12-31")


# --- changes of plan ---

EVENTS = ("customer_id,plan_id,start_date", "1,0,2024-01-01", "1,1,2024-01-08", "1,3,2024-03-08",
"2,0,2024-01-02",
          "2,4,2024-01-09", "3,2,2024-02-01", "3,4,2024-05-01", "4,0,2024-04-30")  # fmt: skip
PLANS = ("plan_id,plan_name,price", "0,trial,0", "1,basic monthly,9.90", "2,pro monthly,19.90",
"3,pro annual,199",
         "4,churn,")  # fmt: skip


@pytest.mark.parametrize("shape", [list, tuple, lambda both: {"plans": both[1], "events": both[0]}])
def test_events_and_their_price_table_are_joined(shape):
    subs = read(shape([file(*EVENTS), file(*PLANS)]))
    assert subs.layout == "plan_changes" and subs.report.rows == subs.report.accepted == 8
    assert periods(subs, "customer", "started_on", "ended_on", "term", "price", "plan") == [
        ("1", day("2024-01-08"), day("2024-03-08"), 1, 990, "basic monthly"),
        ("1", day("2024-03-08"), None, 12, 19900, "pro annual"),
        ("3", day("2024-02-01"), day("2024-05-01"), 1, 1990, "pro monthly"),
    ]
    assert sorted(subs.aside["why"].to_pylist()) == ["left in the trial", "trial", "trial"]
    assert found(subs)["left_in_trial"] == 1 and found(subs)["trial"] == 3 and subs.customers == 4
    assert inspect([file(*EVENTS), file(*PLANS)]).mapping["price"] == "price"


def test_the_order_of_two_files_does_not_matter():
    one, other = read([file(*EVENTS), file(*PLANS)]), read([file(*PLANS), file(*EVENTS)])
    assert one.digest == other.digest and periods(one) == periods(other)
    assert one.digest != read([file(*EVENTS), file(*PLANS[:-1], "4,churn,0")]).digest


def test_a_plan_missing_in_the_price_table_is_told():
    subs = read([file(*EVENTS, "5,9,2024-05-01"), file(*PLANS)])
    assert found(subs)["not_joined"] == 1 and subs.report.rejected == 1


@pytest.mark.parametrize(
    "files, words",
    [
        ([file(*EVENTS)], "two files"),
        ([file(*EVENTS), file("colour,price", "red,1")], "share no column"),
        ([file(*EVENTS), file("plan_id,price", "1,5", "1,6")], "share no column"),
    ],
)
def test_files_that_cannot_be_joined_get_a_sentence(files, words):
    with pytest.raises(ImportProblem, match=words):
        read(files)


def test_periods_with_an_end_are_no_log_of_plan_changes():
    header = ("customer_id", "start_date", "end_date", "plan_id", "plan_name", "price")
    assert layouts()["plan_changes"].score(header) < 1 < layouts()["periods"].score(header)


def test_two_plans_on_one_day_leave_the_last_by_name():
    changes = file("customer,change date,new plan,price", "A,2024-01-01,Basic,5", "A,2024-02-01,Basic,5",
                   "A,2024-02-01,Pro,9", "B,2024-02-01,Pro,9", "B,2024-02-01,churn,")  # fmt: skip
    subs = read(changes)
    assert found(subs)["same_day_changes"] == 2 and subs.report.accepted == 5
    assert periods(subs, "customer", "plan", "mrr") == [("A", "Basic", 500), ("A", "Pro", 900)]


# --- invoices ---

PAID = "customer,invoice date,amount,payment status"


def test_payments_less_than_45_days_apart_are_one_stretch():
    # the 31st comes again on the last day of February, and that payment is seven days late
    subs = read(
        file(PAID, "A,2024-01-31,10,paid", "A,2024-02-29,10,paid", "A,2024-04-05,10,late",
        "A,2024-09-01,10,paid",
             "B,2024-08-20,7,paid")
    )  # fmt: skip
    assert periods(subs) == [
        ("A", day("2024-01-31"), day("2024-05-05"), 1000),
        ("A", day("2024-09-01"), None, 1000),
        ("B", day("2024-08-20"), None, 700),
    ]
    assert cs.life_table(subs).churned == 1 and cs.life_table(subs).reactivations == 1


def test_trials_failed_and_void_rows_pay_for_nothing():
    subs = read(
        file(PAID, "A,2024-01-01,0,trial", "A,2024-01-15,10,paid", "A,2024-02-15,10,failed",
        "B,2024-01-20,10,paid",
             "C,2024-01-20,10,failed", "D,2024-01-03,0,trial", "E,2024-05-01,10,paid", "F,2024-01-15,10,void")
    )  # fmt: skip
    assert periods(subs, "customer", "ended_on", "end_reason") == [
        ("A", day("2024-02-15"), "involuntary"),
        ("B", day("2024-02-20"), "voluntary"),
        ("E", None, None),
    ]
    assert sorted(subs.aside["customer"].to_pylist()) == ["A", "D"] and set(
        subs.aside["why"].to_pylist()
    ) == {"trial"}
    counts = found(subs)
    assert (counts["failed"], counts["void"], counts["trial"]) == (2, 1, 2) and subs.report.accepted == 8


REFUNDS = (
    PAID,
    "A,2024-01-15,10,paid",
    "A,2024-01-20,-10,refund",
    "B,2024-01-15,10,paid",
    "B,2024-01-20,-4,credit",
    "C,2024-01-10,-3,refund",
    "C,2024-01-15,10,paid",
    "D,2024-01-15,10,refunded",
    "E,2024-01-15,10,paid",
)


def test_refunds_are_netted_against_the_payment_before_them():
    subs = read(file(*REFUNDS))
    question = next(one for one in subs.report.questions if one.id == "refunds")
    assert "4 rows give back 27.00 USD" in question.sentence and question.guess == "net"
    assert periods(subs, "customer", "mrr") == [("B", 600), ("C", 1000), ("E", 1000)]
    assert found(subs)["refund_alone"] == 1 and subs.report.accepted == 8


def test_a_payment_marked_refunded_is_given_back_itself_and_not_the_one_before():
    subs = read(file(PAID, "A,2024-01-15,10,paid", "A,2024-02-15,10,refunded", "A,2024-03-15,10,paid",
                     "B,2024-02-15,10,partially refunded", "C,2024-03-15,7,non-refundable"))  # fmt: skip
    assert periods(subs, "customer", "started_on", "mrr") == [
        ("A", day("2024-01-15"), 1000), ("B", day("2024-02-15"), 1000), ("C", day("2024-03-15"), 700),
    ]  # fmt: skip
    assert "refund_alone" not in found(subs)


def test_words_of_a_status_are_whole_words():
    words = ("credit card", "latest", "industrial", "CREDIT_CARD", "avoided")
    subs = read(file(PAID, *(f"C{at},2024-01-15,10,{word}" for at, word in enumerate(words))))
    assert subs.active == len(words)
    gone = ("credit", "credit_note", "test", "test_mode", "trial", "trialing", "voided", "draft", "lost")
    with_gone = read(file(PAID, "A,2024-01-15,10,paid", *(f"{word},2024-01-15,10,{word}" for word in gone)))
    assert with_gone.active == 1


def test_a_week_is_no_month():
    header = "customer,invoice date,amount,period start,period end"
    subs = read(file(header, "A,2024-01-01,7,2024-01-01,2024-01-08", "A,2024-01-08,7,2024-01-08,2024-01-15",
                     "B,2024-01-08,14,2024-01-08,2024-01-21",
                     "C,2024-01-08,9,2024-01-08,2024-02-08"))  # fmt: skip
    assert periods(subs, "customer", "mrr") == [("A", 3044), ("B", 3044), ("C", 900)]
    assert found(subs)["weeks"] == 3


def test_refunds_can_be_left_out_of_account():
    subs = read(file(*REFUNDS), answers={"refunds": "ignore"})
    assert periods(subs, "customer", "mrr") == [(who, 1000) for who in "ABCDE"]
    with pytest.raises(Problem, match="net"):
        read(file(*REFUNDS), answers={"refunds": "perhaps"})


def test_a_yearly_invoice_is_twelve_months():
    by_name = file("customer,invoice date,amount,plan", "A,2023-03-01,120,Pro yearly", "B,2024-05-01,10,Pro")
    by_interval = file(
        "customer,invoice date,amount,interval", "A,2023-03-01,120,annual", "B,2024-05-01,10,monthly"
    )
    by_period = file("customer,invoice date,amount,period start,period end",
    "A,2023-03-01,120,2023-03-01,2024-02-29",
                     "B,2024-05-01,10,2024-05-01,2024-05-31")  # fmt: skip
    for data in (by_name, by_interval, by_period):
        subs = read(data)
        assert periods(subs, "customer", "started_on", "ended_on", "term", "mrr", "price") == [
            ("A", day("2023-03-01"), day("2024-03-01"), 12, 1000, 12000),
            ("B", day("2024-05-01"), None, 1, 1000, 1000),
        ]


def test_payments_a_year_apart_are_asked_about():
    subs = read(file(PAID, "A,2023-03-01,120,paid", "A,2024-03-01,120,paid", "B,2024-03-01,10,paid"))
    assert found(subs)["a_year_apart"] == 1
    told = file("customer,invoice date,amount,interval", "A,2023-03-01,120,annual", "A,2024-03-01,120,annual")
    assert "a_year_apart" not in found(read(told)) and read(told).active_mrr == 10.0


def test_a_payment_in_the_middle_of_a_paid_period_runs_beside_it():
    header = "customer,invoice date,amount,interval"
    both = read(file(header, "A,2024-01-01,1200,annual", "A,2024-02-15,10,monthly", "B,2024-06-01,5,monthly"))
    assert periods(both) == [
        ("A", day("2024-01-01"), None, 10000),
        ("A", day("2024-02-15"), day("2024-03-15"), 1000),
        ("B", day("2024-06-01"), None, 500),
    ]
    early = read(file(header, "A,2024-01-01,1200,annual", "A,2024-02-15,10,monthly"))
    assert early.active_mrr == 110.0 and cs.life_table(early).churned == 0
    after = read(file(header, "A,2024-01-01,1200,annual", "A,2024-02-15,10,monthly"), as_of="2025-02-01")
    assert max(after.rows["ended_on"].to_pylist()) == day("2025-01-01") and cs.life_table(after).churned == 1


def test_two_subscriptions_paid_on_different_days_add_up():
    rows = [f"A,2024-0{month}-{what},paid" for month in range(1, 7) for what in ("01,50", "15,30")]
    subs = read(file(PAID, *rows))
    assert subs.active_mrr == 80.0 and periods(subs) == [
        ("A", day("2024-01-01"), None, 5000),
        ("A", day("2024-01-15"), None, 3000),
    ]
    assert cs.life_table(subs).churned == 0


def test_payments_of_one_day_are_added_up_and_a_year_beside_a_month_is_not_its_end():
    subs = read(file(PAID, "B,2024-01-15,5,paid", "B,2024-01-15,4,paid"))
    assert periods(subs) == [("B", day("2024-01-15"), None, 900)]
    mixed = read(file("customer,invoice date,amount,interval", "A,2024-01-15,120,annual",
                      "A,2024-01-15,30,monthly", "A,2024-02-15,30,monthly"))  # fmt: skip
    assert mixed.active_mrr == 40.0


def test_what_stripe_gave_back_is_written_in_the_mark_of_its_column():
    header = "id;Description;Created (UTC);Amount;Amount Refunded;Currency;Converted Amount;Status;Customer ID"
    subs = read(
        file(header, "ch_1;Pro;2024-08-15 09:12;49,50;9,25;eur;49,50;Paid;cus_1",
             "ch_2;Pro;2024-08-15 09:12;1.049,50;49,50;eur;49,50;Partially refunded;cus_2",
             "ch_3;Pro;2024-08-15 09:12;1.234;1.234;eur;49,50;Refunded;cus_3",
             "ch_4;Pro;2024-08-15 09:12;49,50;0,00;eur;49,50;Paid;cus_4")
    )  # fmt: skip
    assert subs.layout == "stripe_payments"
    assert periods(subs, "customer", "mrr") == [("cus_1", 4025), ("cus_2", 100000), ("cus_4", 4950)]
    assert not subs.report.questions and subs.report.rejected == 0


# --- trials in a file of periods ---


def test_a_trial_without_a_first_payment_is_set_aside():
    subs = read(
        file("customer,trial_start_date,conversion_date,cancel_date,mrr", "A,2024-01-01,,,",
        "B,2024-01-01,2024-01-15,,9",
             "C,2024-01-01,2024-01-15,2024-02-10,9", "D,,,,9")
    )  # fmt: skip
    assert (subs.report.accepted, subs.report.rejected, subs.report.set_aside) == (3, 1, 1)
    assert subs.aside["why"].to_pylist() == ["trial"] and subs.active == 1 and subs.active_mrr == 9.0
    assert cs.life_table(subs).churned == 1 and subs.customers == 3


CHARGES = "id,created,customer_id,amount,amount_refunded,captured,currency,failure_code,status,description,livemode"


def charges(*statuses: str) -> bytes:
    return file(CHARGES, *(
        f"ch_{at},2024-0{at + 1}-15 09:12:00,cus_1,4900,0,TRUE,usd,,{word},Pro,TRUE" for at, word in enumerate(statuses)
    ))  # fmt: skip


def test_cents_are_not_asked_about_where_nobody_ever_paid():
    asked = {one.id: one for one in read(charges("succeeded", "succeeded")).report.questions}
    assert "49.00 USD a month for the average customer" in asked["amount_unit"].sentence
    lapsed = read(charges("succeeded", "succeeded"), as_of="2025-01-31")
    (question,) = lapsed.report.questions
    assert lapsed.active == 0
    assert "49.00 USD a month for the average row; read as whole units, to 4,900.00" in question.sentence
    assert "amount_unit" not in {one.id for one in read(charges("failed", "failed")).report.questions}
