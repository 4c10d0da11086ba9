"""The step of a cohort file: years and quarters are asked about and never taken for months."""

import numpy as np
import pytest

import cs_models as cs
from cs_models.problems import Problem
from cs_models.reading import read

LYING = "cohort,{}\nA,1000,800,600\nB,500,400,\n"


def asked(subs):
    return next((one for one in subs.report.questions if one.id == "age_unit"), None)


@pytest.mark.parametrize("data, guess", [
    (LYING.format("y0,y1,y2"), "year"),
    (LYING.format("Year 0,Year 1,Year 2"), "year"),
    (LYING.format("Q0,Q1,Q2"), "quarter"),
    ("year,A,B\n0,1000,500\n1,800,400\n2,600,\n", "year"),
    ("Quarter,A,B\n0,1000,500\n1,800,400\n2,600,\n", "quarter"),
    ("t,A,B\n2003,1000,\n2004,800,500\n2005,600,400\n", "year"),
    (LYING.format("0,1,2").replace("A,", "2019,").replace("B,", "2020,"), "year"),
    (LYING.format("0,1,2").replace("A,", "2019-Q1,").replace("B,", "2019-Q2,"), "quarter"),
    ("cohort,0,1,2,3,4\n2019,100,90,80,70,60\n2020,100,90,80,,\n", "month"),  # longer than two years are
])  # fmt: skip
def test_the_file_says_what_a_step_may_be(data, guess):
    question = asked(read(data.encode()))
    assert (question.guess, question.alternatives) == (guess, ("month", "quarter", "year"))


@pytest.mark.parametrize("data", [
    LYING.format("m0,m1,m2"),
    LYING.format("0,1,2"),
    LYING.format("Month 0,Month 1,Month 2").replace("A,", "2019,").replace("B,", "2020,"),
    "month,A,B\n0,1000,500\n1,800,400\n2,600,\n",
    LYING.format("0,1,2").replace("A,", "2019-01,").replace("B,", "2019-02,"),
])  # fmt: skip
def test_months_are_not_asked_about(data):
    subs = read(data.encode())
    assert asked(subs) is None and set(subs.rows["interval"].to_pylist()) == {1}


@pytest.mark.parametrize("unit, step", [("month", 1), ("quarter", 3), ("year", 12)])
def test_a_step_is_so_many_months_and_the_fit_is_the_same_on_its_own_clock(unit, step):
    data = b"year,A\n0,1000\n1,700\n2,550\n3,460\n4,400\n"
    months = read(data, answers={"age_unit": "month"})
    subs = read(data, answers={"age_unit": unit})
    table = cs.life_table(subs)
    seen = cs.kaplan_meier(table).survival
    assert seen[[0, step, 2 * step, 4 * step]] == pytest.approx([1, 0.7, 0.55, 0.4])
    assert len(seen) == 4 * step + 1 and (np.diff(seen) != 0).sum() == 4  # nobody leaves within a step
    there = table.frame.set_index("tenure")["in_force"]
    assert (there[1], there[step], there[step + 1], there[4 * step]) == (1000, 1000, 700, 460)
    assert subs.customers == 1000 and subs.active == 400 and table.intervals == (step,)
    fitted, plain = cs.fit(table, "sbg"), cs.fit(cs.life_table(months), "sbg")
    assert fitted.parameters == plain.parameters
    assert fitted.survival[[step, 3 * step]] == pytest.approx(plain.survival[[1, 3]])
    assert asked(subs).answered and asked(subs).guess == unit


def test_the_question_says_what_each_answer_moves():
    sentence = asked(read(b"year,A\n0,1000\n1,700\n2,550\n")).sentence
    assert 'column "year"' in sentence and "after 12 and 24 months" in sentence
    assert "if a step is a quarter, after 3 and 6" in sentence and sentence.endswith("It is read as years.")


def test_an_unknown_step_gets_a_sentence():
    with pytest.raises(Problem, match='"age_unit" must be month or quarter or year'):
        read(LYING.format("y0,y1,y2").encode(), answers={"age_unit": "week"})


def test_weeks_are_told():
    subs = read(b"week,A\n0,100\n1,90\n2,85\n")
    assert any(one.id == "step" and "it is a week" in one.sentence for one in subs.report.findings)
