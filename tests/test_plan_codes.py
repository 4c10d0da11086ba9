"""A log of plan changes without its price table: the right shape, and what the numbers of plans mean is asked."""

import pytest

import cs_models as cs
from cs_models.problems import Problem
from cs_models.reading import read

HEADER = "customer_id,plan_id,start_date\n"
# everybody begins with 0 for a week; 4 is the last of whoever has it
LOG = HEADER + "".join(
    f"{who},0,2024-01-{who:02}\n{who},1,2024-01-{who + 7:02}\n"
    + (f"{who},4,2024-0{2 + who % 4}-10\n" if who % 2 else "")
    for who in range(1, 11)
) + "11,0,2024-01-11\n11,4,2024-01-15\n12,0,2024-01-12\n12,1,2024-01-19\n12,2,2024-03-19\n"
NAMES = "plan_id,plan_name,price\n0,trial,0\n1,basic,10\n2,pro,30\n4,churn,\n"


def questions(subs) -> dict:
    return {one.id: one for one in subs.report.questions}


def test_it_is_a_log_of_changes_and_its_plans_are_asked_about():
    subs = read(LOG.encode())
    found = questions(subs)
    assert subs.layout == "plan_changes" and not subs.has_price
    assert (found["left_plan"].guess, found["trial_plan"].guess) == ("4", "0")
    assert found["left_plan"].alternatives == ("none", "0", "1", "2", "4")
    sentence = found["left_plan"].sentence
    assert "6 of 12 customers have left" in sentence and "table of plans" in sentence


def test_the_guesses_are_what_the_price_table_says():
    alone, joined = read(LOG.encode()), read([LOG.encode(), NAMES.encode()])
    assert not {"left_plan", "trial_plan"} & set(questions(joined))
    assert joined.has_price and (alone.customers, alone.paying, alone.active) == (12, 11, 6)
    assert (joined.customers, joined.paying, joined.active) == (12, 11, 6)
    frames = [cs.life_table(one).frame for one in (alone, joined)]
    assert frames[0].equals(frames[1])


def test_an_answer_decides():
    stays = read(LOG.encode(), answers={"left_plan": "none", "trial_plan": "none"})
    assert (stays.active, stays.paying, cs.life_table(stays).churned) == (12, 12, 0)
    assert questions(stays)["left_plan"].answered
    with pytest.raises(Problem, match='"left_plan" must be'):
        read(LOG.encode(), answers={"left_plan": "7"})


@pytest.mark.parametrize("log", [
    HEADER + "1,Basic,2024-01-01\n1,churn,2024-02-01\n2,Basic,2024-01-05\n",  # plans with names
    "customer_id,plan_id,start_date,price\n1,1,2024-01-01,10\n1,2,2024-02-01,20\n",  # prices are there
])  # fmt: skip
def test_plans_with_names_or_prices_are_not_asked_about(log):
    assert not {"left_plan", "trial_plan"} & set(questions(read(log.encode())))


def test_nothing_is_guessed_where_two_plans_may_be_the_end():
    log = HEADER + "1,1,2024-01-01\n1,8,2024-02-01\n2,1,2024-01-02\n2,8,2024-03-01\n3,1,2024-01-03\n3,9,2024-03-02\n" \
        "4,1,2024-01-04\n4,9,2024-03-03\n"
    found = questions(read(log.encode()))
    assert (found["left_plan"].guess, found["trial_plan"].guess) == ("none", "none")


def test_a_plan_that_customers_begin_with_is_not_taken_for_the_end():
    turns = "".join(f"{who},{plan},2024-0{1 + month}-0{who}\n" for who in (3, 4) for month, plan in enumerate("121"))
    found = questions(read((HEADER + "1,7,2024-01-01\n2,7,2024-01-02\n" + turns).encode()))
    assert found["left_plan"].guess == "none" and "0 of 4 customers have left" in found["left_plan"].sentence


def test_the_order_of_the_rows_changes_nothing():
    lines = LOG.splitlines()
    turned = read("\n".join([lines[0], *reversed(lines[1:])]).encode())
    first = questions(read(LOG.encode()))
    assert {one.id: (one.guess, one.sentence) for one in first.values()} == {
        one.id: (one.guess, one.sentence) for one in turned.report.questions}  # fmt: skip
