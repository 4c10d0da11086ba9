"""Definitions that change rows: each with a file of a few rows and the count by hand, and each taken back."""

from datetime import date

import pytest

import cs_models as cs
from cs_models.definitions import Definitions, idle
from cs_models.engine.counts import active_book
from cs_models.recount import redefined
from cs_models.store import Store


def csv(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def by_customer(subs) -> dict:
    return {row["customer"]: row for row in subs.rows.to_pylist()}


def counted(subs) -> tuple[int, float, int]:
    """Active, their MRR, and departures in the life table."""
    return subs.active, subs.active_mrr, int(cs.life_table(subs).churned)


def restores(subs, **choices) -> bool:
    """Whether the usual choices bring back the rows that were read, to the last column."""
    usual = {one.name: one.default for one in Definitions.switches() if one.name in choices}
    return redefined(redefined(subs, **choices), **usual).rows.equals(subs.rows)


STRIPE = csv(
    "id,Customer ID,Status,Amount,Interval,Created (UTC),Current Period Start (UTC),Current Period End (UTC),"
    "Canceled At (UTC),Ended At (UTC)",
    # service to May 10: 4 paid months; asked for on February 20: 2 begun
    "1,A,canceled,50.00,month,2025-01-10 09:00,2025-04-10 09:00,2025-05-10 09:00,2025-02-20 09:00,2025-05-10 09:00",
    # served on, though leaving was asked for on May 1: 4 months begun
    "2,B,active,30.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,2025-05-01 09:00,",
    "3,C,active,20.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,,",
    # the payment of May 10 has failed so far
    "4,D,past_due,10.00,month,2025-01-10 09:00,2025-05-10 09:00,2025-06-10 09:00,,",
)


def test_churn_at_the_click_at_the_end_of_the_period():
    subs = cs.read(STRIPE)
    assert subs.as_of == date(2025, 5, 10) and counted(subs) == (3, 60.0, 1)
    assert by_customer(subs)["A"]["duration"] == 4
    click = redefined(subs, recognised="cancel click")
    rows = by_customer(click)
    assert counted(click) == (2, 30.0, 2) and (rows["A"]["duration"], rows["B"]["duration"]) == (2, 4)
    assert (rows["A"]["ended_on"], rows["B"]["ended_on"]) == (date(2025, 2, 20), date(2025, 5, 1))
    assert rows["C"] == by_customer(subs)["C"] | {f"read_{name}": rows["C"][name] for name in
                                                   ("ended_on", "duration", "churned", "end_reason")}
    assert restores(subs, recognised="cancel click")


def test_the_question_of_a_file_and_the_definition_are_one_choice():
    asked, defined = (cs.read(STRIPE, answers=one) for one in
                      ({"end_date": "cancel request"}, {"recognised": "cancel click"}))
    assert asked.rows.equals(defined.rows) and asked.definitions == defined.definitions
    assert "churn counts from the click on cancel" in asked.definitions.sentence()
    back = redefined(asked, recognised="period end")
    assert back.rows.equals(cs.read(STRIPE).rows) and not back.definitions.changed


def test_a_payment_past_due_may_count_as_leaving_by_failed_payment():
    subs = cs.read(STRIPE)
    left = redefined(subs, past_due="left")
    row = by_customer(left)["D"]
    # paid from January 10 to May 10: 4 months
    assert counted(left) == (2, 50.0, 2)
    assert (row["ended_on"], row["duration"], row["end_reason"]) == (date(2025, 5, 10), 4, "involuntary")
    assert restores(subs, past_due="left") and "past due have left" in left.definitions.sentence()


RECURLY = csv(
    "uuid,account_code,state,activated_at,canceled_at,expires_at,paused_at,current_period_started_at,unit_amount,"
    "currency,updated_at",
    "1,A,active,2025-01-05 10:00:00,,,,2025-06-05 10:00:00,10.00,USD,2025-06-20 10:00:00",
    # paused from April 5: 3 paid months
    "2,B,paused,2025-01-05 10:00:00,,,2025-04-05 10:00:00,2025-06-05 10:00:00,20.00,USD,2025-06-20 10:00:00",
    # no day of the pause: the current period is not paid, so 5 months
    "3,C,paused,2025-01-05 10:00:00,,,,2025-06-05 10:00:00,40.00,USD,2025-06-20 10:00:00",
    # the pause is booked for July: still here
    "4,D,paused,2025-01-05 10:00:00,,,2025-07-05 10:00:00,2025-06-05 10:00:00,80.00,USD,2025-06-20 10:00:00",
)


def test_a_pause_may_count_as_leaving_on_its_first_day():
    subs = cs.read(RECURLY)
    assert counted(subs) == (4, 150.0, 0)
    left = redefined(subs, paused="left")
    assert counted(left) == (2, 90.0, 2)
    assert [by_customer(left)[who]["duration"] for who in "BCD"] == [3, 5, 5]
    assert by_customer(left)["B"]["end_reason"] is None and restores(subs, paused="left")


GRACE = csv(
    "customer,start,end,mrr",
    "A,2025-01-01,2025-06-25,10",     # 5 days ago
    "B,2025-01-01,2025-05-31,20",     # 30 days ago: the grace is over
    "C,2025-01-01,2025-06-01,40",     # 29 days ago
    "D,2025-01-01,2025-06-20,80", "D,2025-06-20,,160",       # goes on: nothing has ended
    "E,2024-01-01,2024-03-01,1", "E,2025-05-01,2025-06-28,2",  # its last row is young
    "F,2025-01-01,,320",
)  # fmt: skip


def test_after_grace_the_young_ends_are_still_subscribed():
    subs = cs.read(GRACE, as_of="2025-06-30")
    # A, B and C have left, E left first in March 2024
    assert counted(subs) == (2, 480.0, 4)
    late = redefined(subs, recognised="after grace")
    assert counted(late) == (5, 480.0 + 10 + 40 + 2, 2)
    # A: 6 whole months to the end of June; B as before: 5 months
    assert [by_customer(late)[who]["duration"] for who in "AB"] == [6, 5]
    assert counted(redefined(late, grace_days="5")) == (3, 482.0, 4)
    assert counted(redefined(late, grace_days="0")) == counted(subs)
    assert active_book(late)["mrr"].sum() / 100 == late.active_mrr
    assert restores(subs, recognised="after grace", grace_days="5")


WOO = csv(
    "subscription_id,subscription_status,customer_id,start_date,trial_end_date,next_payment_date,end_date,"
    "billing_period,billing_interval,order_total,order_tax,cart_discount",
    # totals are after the discount
    "1,wc-active,A,2025-01-05 10:00:00,0,2025-07-05 10:00:00,0,month,1,40.00,0,10.00",
    "2,wc-active,B,2025-01-05 10:00:00,0,2026-01-05 10:00:00,0,year,1,108.00,0,12.00",
    "3,wc-active,C,2025-01-05 10:00:00,0,2025-07-05 10:00:00,0,month,1,30.00,0,0",
    "4,wc-on-hold,D,2025-01-05 10:00:00,0,2025-07-05 10:00:00,0,month,1,20.00,0,0",
)


def test_monthly_revenue_before_and_after_discounts():
    subs = cs.read(WOO)
    assert subs.active_mrr == 40 + 108 / 12 + 30 + 20
    gross = redefined(subs, discounts="left in")
    # 10 a month more of A, 1 a month more of B
    assert gross.active_mrr == subs.active_mrr + 11 and gross.active == subs.active
    assert by_customer(gross)["B"]["price"] == 12000 and restores(subs, discounts="left in")


TWO = csv(
    "customer,start,end,plan,mrr",
    "A,2024-01-01,2024-06-20,X,10", "A,2024-06-01,,X,10",      # a renewal, some days ahead
    "A,2024-03-01,2024-09-01,Y,20",                            # beside it
    "B,2024-01-01,2024-03-01,X,10", "B,2024-12-01,,X,10",      # away and back
    "C,2024-01-01,,X,10", "C,2025-01-20,,Y,20",                # both run today
    "D,2024-01-01,2024-06-01,X,10", "D,2024-05-01,2024-12-01,Y,10",   # a move with a month of overlap
)  # fmt: skip


def test_customers_or_subscriptions_are_counted_and_it_is_asked_where_it_matters():
    subs = cs.read(TWO, as_of="2025-01-31")
    (asked,) = [one for one in subs.report.questions if one.id == "grain"]
    assert asked.guess == "customer" and asked.alternatives == ("customer", "subscription") and not asked.answered
    assert asked.sentence == (
        "2 customers hold several subscriptions at once. By customer there are 3 active with 16.67 USD a month "
        "each; by subscription, 4 active with 12.50 USD a month each. They are counted by customer.")  # fmt: skip
    # B left in March and came back, D left for good; A has not left
    assert counted(subs) == (3, 50.0, 2) and cs.life_table(subs).frame["at_risk"].iloc[0] == 4
    apart = cs.read(TWO, as_of="2025-01-31", answers={"grain": "subscription"})
    # A's second one ended in September, C's second one runs
    assert counted(apart) == (4, 50.0, 3) and cs.life_table(apart).frame["at_risk"].iloc[0] == 6
    assert sorted(set(apart.rows["customer"].to_pylist())) == ["A", "A / 2", "B", "C", "C / 2", "D"]
    assert apart.rows.equals(redefined(subs, grain="subscription").rows) and restores(subs, grain="subscription")
    assert "each subscription is counted as a customer" in apart.definitions.sentence()


def test_the_order_of_rows_does_not_part_subscriptions_otherwise():
    header, *rows = TWO.decode().splitlines()
    sides = [cs.read(csv(header, *order), as_of="2025-01-31", answers={"grain": "subscription"}).rows
             for order in (rows, rows[::-1])]  # fmt: skip
    told = [sorted((r["customer"], r["started_on"], r["mrr"]) for r in side.to_pylist()) for side in sides]
    assert told[0] == told[1]


def test_where_the_file_names_subscriptions_each_is_one():
    subs = cs.read(csv(
        "id,customer_id,status,start_date,current_period_start,cancel_at_period_end,canceled_at,ended_at,unit_amount",
        "s1,A,active,2024-01-01,2025-01-01,FALSE,,,1000", "s2,A,canceled,2024-02-01,2024-11-01,FALSE,2024-12-01,2024-12-01,1000",
        "s3,B,canceled,2024-01-01,2024-02-01,FALSE,2024-03-01,2024-03-01,1000", "s4,B,active,2024-09-01,2025-01-01,FALSE,,,1000",
    ), answers={"amount_unit": "cents"})  # fmt: skip
    assert counted(subs) == (2, 20.0, 1)
    apart = redefined(subs, grain="subscription")
    # four subscriptions: s2 and s3 have ended, and s4 is no return of s3
    assert counted(apart) == (2, 20.0, 2) and cs.life_table(apart).reactivations == 0
    assert cs.life_table(subs).reactivations == 1


def test_a_file_of_one_subscription_each_is_not_asked():
    for data in (GRACE, STRIPE):
        assert not [one for one in cs.read(data).report.questions if one.id == "grain"]


def test_definitions_together_are_each_definition_and_survive_the_store(tmp_path):
    subs = cs.read(STRIPE)
    both = redefined(subs, recognised="cancel click", past_due="left")
    assert counted(both) == (1, 20.0, 3)
    store = Store(tmp_path)
    again = store.load(store.save(both))
    assert counted(again) == counted(both)
    assert redefined(again, recognised="period end", past_due="active").rows.equals(subs.rows)


def test_where_a_definition_changes_nothing_it_says_so():
    told = idle(cs.read(GRACE))
    assert told["paused"] == "No subscription in this file is paused, so this changes nothing here."
    assert set(told) == {"recognised", "paused", "past_due", "discounts", "late_ends"} and "the click changes nothing" in told["recognised"]
    assert set(idle(cs.read(STRIPE))) == {"paused", "discounts", "late_ends"}
    assert set(idle(cs.read(RECURLY))) == {"recognised", "past_due", "discounts", "late_ends"}
    assert set(idle(cs.read(WOO))) == {"recognised", "paused"}
    snapshot = cs.read(b"tenure,churned\n3,yes\n4,no\n")
    assert len(idle(snapshot)) == len(Definitions.switches())
    for data in (GRACE, STRIPE, RECURLY, WOO):
        subs = cs.read(data)
        for name in set(idle(subs)) - {"recognised"}:
            (switch,) = [one for one in Definitions.switches() if one.name == name]
            other = redefined(subs, **{name: next((c for c in switch.choices if c != switch.default), "7")})
            assert counted(other) == counted(subs), name


@pytest.mark.parametrize("answers, sentence", [
    ({"recognised": "after grace", "grace_days": "14"}, "once the days of grace are over; there are 14 days of grace."),
    ({"discounts": "left in"}, "monthly revenue is before discounts."),
    ({"grain": "subscription"}, "each subscription is counted as a customer of its own."),
])  # fmt: skip
def test_every_result_says_how_it_was_counted(answers, sentence):
    many = csv("customer,start,end,mrr", *(f"C{n},2024-{n % 12 + 1:02d}-01,{'2025-01-01' if n % 2 else ''},10"
                                           for n in range(60)))  # fmt: skip
    notes = cs.Assumptions.from_data(cs.read(many, as_of="2025-06-15", answers=answers), draws=0).notes
    assert any(note.endswith(sentence) for note in notes)


# --- a list of one's own, with columns named as people name them ---

OWN = csv(
    "customer,subscription id,start,end,cancelled at,status,paused on,price,discount,interval",
    "A,s1,2025-01-10,2025-05-10,2025-02-20,ended,,50,10,monthly",
    "B,s2,2025-01-10,,2025-05-01,active,,30,,monthly",
    "C,s3,2025-01-10,,,past due,,20,5,monthly",
    "D,s4,2025-01-10,,,Paused,2025-03-10,120,24,annual", "D,s5,2025-01-15,,,active,,40,,monthly",
    "E,s6,2025-05-20,,,paused,,10,,monthly",
)


def test_a_list_of_ones_own_has_the_same_definitions():
    subs = cs.read(OWN)
    (asked,) = [one for one in subs.report.questions if one.id == "discount_in"]
    # live: 30 + 20 + 10 + 40 + 10 a month, less 5 and 24 / 12
    assert "pay 103.00 USD a month; as prices after them, 110.00" in asked.sentence
    assert subs.as_of == date(2025, 5, 20) and counted(subs) == (4, 103.0, 1) and not idle(subs)
    assert counted(redefined(subs, discounts="left in")) == (4, 110.0, 1)
    assert counted(cs.read(OWN, answers={"discount_in": "after discounts"})) == (4, 110.0, 1)
    click = redefined(subs, recognised="cancel click")
    assert counted(click) == (3, 73.0, 2) and by_customer(click)["A"]["duration"] == 2
    # no day for C and E: they leave on the last day, after 5 and 1 months begun
    assert counted(redefined(subs, past_due="left")) == (3, 88.0, 2)
    left = redefined(subs, paused="left")
    assert counted(left) == (3, 85.0, 2)
    gone = [row for row in left.rows.to_pylist() if row["churned"]]
    assert sorted(row["duration"] for row in gone) == [1, 4, 12]
    assert {row["customer"]: row["ended_on"] for row in gone}["D"] == date(2025, 3, 10)
    assert counted(redefined(subs, grain="subscription")) == (5, 103.0, 1)
    for choices in ({"recognised": "cancel click"}, {"paused": "left", "discounts": "left in"}, {"grain": "subscription"}):
        assert restores(subs, **choices)


def test_revenue_a_month_is_taken_to_be_after_discounts_and_a_share_is_no_discount():
    rows = ("A,2025-01-10,,50,{}", "B,2025-02-10,,30,")
    header = "customer,start,end,mrr,discount"
    subs = cs.read(csv(header, rows[0].format("10"), rows[1]))
    assert subs.active_mrr == 80.0 and redefined(subs, discounts="left in").active_mrr == 90.0
    share = cs.read(csv(header, rows[0].format("20%"), rows[1] + "5"))
    assert share.active_mrr == 80.0 and "discounts" in idle(share)
