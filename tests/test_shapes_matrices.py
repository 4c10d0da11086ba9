"""Panels, matrices of months, cohort triangles and the bridge of MRR movements, by hand and by brute
force.
"""

import random
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.importers import wide_matrix
from cs_models.importers.months import month_number
from cs_models.movements import movements, mrr_movements
from cs_models.problems import ImportProblem, Problem
from cs_models.reading import read
from cs_models.store import Store

PANEL = "customer,month,mrr,plan,status\n"


def day(text: str) -> date:
    return date.fromisoformat(text)


def periods(subs) -> list[tuple]:
    names = ("customer", "started_on", "ended_on", "mrr")
    return sorted(zip(*(subs.rows[name].to_pylist() for name in names), strict=True), key=str)


def found(subs) -> dict[str, int]:
    return {finding.id: finding.count for finding in subs.report.findings}


# --- months ---


@pytest.mark.parametrize(
    "text, month",
    [("2025-01", 660), ("2025-01-31", 660), ("2025/1", 660), ("202501", 660), ("01/2025", 660), ("Jan 2025",
    660),
     ("jan-25", 660), ("January 2025", 660), ("2025 Jan", 660), ("MRR 2025-01", 660), ("1970-01", 0),
     ("2025-13", None),
     ("1", None), ("", None), ("2025", None), ("plan", None), ("Mon 2025", None), ("may", None)],
)  # fmt: skip
def test_months_in_headers(text, month):
    assert month_number(text) == month


# --- panel ---


def test_a_panel_is_paid_where_it_has_an_amount():
    subs = read(
        (PANEL + "A,2024-01,10,P,active\nA,2024-02,10,P,active\nA,2024-03,15,Q,active\n"
         "A,2024-04,0,Q,canceled\n"
         "A,2024-06,15,Q,active\nB,2024-01,5,P,active\nB,2024-02,0,P,canceled\n"
         "C,2024-06,7,P,active\n").encode()
    )  # fmt: skip
    assert subs.layout == "panel" and subs.as_of == day("2024-06-30") and subs.report.accepted == 8
    assert periods(subs) == [
        ("A", day("2024-01-01"), day("2024-03-01"), 1000),
        ("A", day("2024-03-01"), day("2024-04-01"), 1500),
        ("A", day("2024-06-01"), None, 1500),
        ("B", day("2024-01-01"), day("2024-02-01"), 500),
        ("C", day("2024-06-01"), None, 700),
    ]
    # whether June was anybody's last month, only July would show
    assert subs.rows["duration"].to_pylist() == [2, 1, 0, 1, 0] and subs.active_mrr == 22.0


@pytest.mark.parametrize("wide", [False, True])
def test_the_newest_month_is_not_a_month_survived(wide):
    """Counted by hand: a step from month to month is at risk only where the next month is in the file."""
    chance, last = np.random.default_rng(5), 11
    lives = [(first, int(chance.geometric(0.2))) for first in range(last + 1) for _ in range(40)]
    rows = [(f"c{n}", f"2025-{month + 1:02d}", 10) for n, (first, stay) in enumerate(lives)
            for month in range(first, min(first + stay, last + 1))]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["customer_id", "month", "mrr"])
    table = frame.pivot(index="customer_id", columns="month", values="mrr").reset_index() if wide else frame
    subs = read(table.to_csv(index=False).encode())
    seen = [(min(stay, last - first), first + stay <= last) for first, stay in lives]
    found = cs.life_table(subs).frame.set_index("tenure")
    for k in range(1, last + 1):
        assert found.at_risk.get(k, 0) == sum(watched >= k for watched, _ in seen)
        assert found.churned.get(k, 0) == sum(left and watched == k for watched, left in seen)
    earlier = cs.life_table(cs.at(subs, day("2025-08-31"))).frame.set_index("tenure")
    assert earlier.at_risk[1] == sum(first < 7 for first, _ in lives)


def test_rows_of_one_customer_and_month_are_added_up():
    subs = read((PANEL + "A,2024-01,10,P,active\nA,2024-01,4,Q,active\nA,2024-02,14,P,active\n").encode())
    assert periods(subs) == [("A", day("2024-01-01"), None, 1400)]


def test_faulty_rows_of_a_panel_are_told():
    subs = read((PANEL + "A,2024-01,10,P,active\nA,soon,10,P,active\nB,2024-01,9,P,canceled\n").encode())
    assert subs.report.rejected == 1 and found(subs)["month"] == 1 and found(subs)["paid_while_gone"] == 1
    assert subs.active == 1


def test_a_first_month_full_of_customers_is_told():
    rows = [f"C{at},2024-0{month},5,P,active" for at in range(30) for month in range(1, 7)]
    rows += [f"N{month},2024-0{month},5,P,active" for month in range(2, 7)]
    assert found(read((PANEL + "\n".join(rows)).encode()))["began_before"] == 30
    steady = [f"C{at}-{month},2024-0{month},5,P,active" for at in range(3) for month in range(1, 7)]
    assert "began_before" not in found(read((PANEL + "\n".join(steady)).encode()))


# --- wide matrix ---


def test_a_matrix_says_the_same_as_its_panel():
    panel = (
        PANEL + "A,2024-01,10,P,active\nA,2024-02,12,P,active\nB,2024-01,5,P,active\nB,2024-03,5,P,active\n"
    ).encode()
    wide = b"customer,plan,2024-03,2024-01,2024-02\nA,P,,10,12\nB,P,5,5,0\n"
    one, other = read(panel), read(wide)
    assert other.layout == "wide_matrix" and other.has_price and one.as_of == other.as_of == day("2024-03-31")
    assert periods(one) == periods(other) and mrr_movements(one).equals(mrr_movements(other))


def test_faulty_cells_of_a_matrix_reject_their_row():
    subs = read(b"customer,2024-01,2024-02\nA,10,x\nB,10,-3\nC,10,\nD,,0\n")
    assert (subs.report.rejected, subs.report.set_aside, subs.customers) == (2, 1, 1)
    assert found(subs)["cell"] == 2 and found(subs)["never_paid"] == 1
    assert subs.report.entries["value"].to_pylist() == ["x", "-3"]


@pytest.mark.parametrize(
    "data, words",
    [
        (b"customer,2024-01,Jan 2024\nA,1,2\n", "same month"),
        (b"customer,2024-01,2024-02\nA,$1,2 EUR\n", "EUR and USD"),
    ],
)
def test_a_matrix_that_cannot_be_added_gets_a_sentence(data, words):
    with pytest.raises(ImportProblem, match=words):
        read(data)


def test_the_symbol_of_a_matrix_says_how_many_decimals_its_money_has():
    subs = read("customer,2024-01,2024-02\nA,¥4900,¥4900\nB,,¥100\n".encode())
    assert subs.currency == "JPY" and subs.active_mrr == 5000.0


def test_one_decimal_mark_holds_for_all_months_of_a_matrix():
    subs = read(b'customer,2024-01,2024-02\nA,"9,50","1,234"\nB,"3,25","1,234"\n')
    assert subs.active_mrr == 2.46 and not subs.report.questions
    asked = read(b'customer,2024-01,2024-02\nA,"1,234","2,345"\n')
    assert [one.id for one in asked.report.questions] == ["decimal_mark"] and asked.active_mrr == 2345.0
    told = read(b'customer,2024-01,2024-02\nA,"1,234","2,345"\n', answers={"decimal_mark": "comma"})
    assert told.active_mrr == 2.34 and told.report.questions[0].answered


# --- triangles ---


def test_a_triangle_is_a_life_table_without_customers():
    subs = read(b"cohort,customers,0,1,2\n2024-01,100,100,90,84\n2024-02,50,50,45,\n")
    assert subs.kind == "triangle" and (subs.customers, subs.active) == (150, 129)
    table = cs.life_table(subs)
    assert table.frame["at_risk"].tolist() == [150, 150, 90] and table.frame["churned"].tolist() == [0, 15, 6]
    assert table.frame["censored"].tolist() == [0, 45, 84]
    apart = cs.life_table(subs, by=("cohort",)).select(cohort="2024-02")
    assert apart.frame["at_risk"].tolist() == [50, 50] and cs.kaplan_meier(table).survival[
        1
    ] == pytest.approx(0.9)
    assert not subs.has_dates and not subs.has_price


@pytest.mark.parametrize(
    "call", [lambda s: s.active_mrr, cs.Assumptions.from_data, cs.cohort_triangle, mrr_movements],
    ids=["mrr", "assumptions", "cohorts", "movements"],
)  # fmt: skip
def test_what_needs_customers_says_so(call):
    subs = read(b"cohort,0,1\n2024-01,100,90\n")
    with pytest.raises(Problem, match="no customers|no dates"):
        call(subs)


def test_vectors_staggered_columns_and_shares_are_the_same_curve():
    upright = read(b"Year,Early,Late\n2003,1000,\n2004,800,500\n2005,600,400\n", answers={"age_unit": "month"})
    lying = read(b"cohort,0,1,2\nEarly,1000,800,600\nLate,500,400,\n")
    assert cs.life_table(upright).frame.equals(cs.life_table(lying).frame)
    shares = read(b"month,share\n1,80%\n2,60%\n")
    question = next(one for one in shares.report.questions if one.id == "cohort_size")
    assert question.guess == "1000" and cs.life_table(shares).frame["churned"].tolist() == [0, 200, 200]
    ten = read(b"month,share\n0,1\n1,.8\n2,.6\n", answers={"cohort_size": "10"})
    assert cs.life_table(ten).frame["churned"].tolist() == [0, 2, 2]


def test_a_cohort_that_grows_or_has_a_hole_is_left_out():
    subs = read(b"cohort,0,1,2\n2024-01,100,80,95\n2024-02,100,,80\n2024-03,100,90,80\n2024-04,100,many,80\n")
    assert subs.report.rejected == 3 and subs.customers == 100 and found(subs)["rising"] == 2
    with pytest.raises(ImportProblem, match="never rises"):
        read(b"month,customers alive\n0,100\n1,110\n")
    with pytest.raises(ImportProblem, match="without a gap"):
        read(b"cohort,0,1,3\n2024-01,100,90,80\n")


def test_who_comes_back_is_held_and_told_and_loses_no_cohort():
    lying = read(b"cohort,0,1,2,3\nEarly,100,90,92,85\nLate,3,2,3,\n")
    upright = read(b"month,Early,Late\n3,85,\n2,92,3\n0,100,3\n1,90,2\n")
    for subs in (lying, upright):
        table = cs.life_table(subs, by=("cohort",))
        assert table.select(cohort="Early").frame["churned"].tolist() == [0, 10, 0, 5]
        assert table.select(cohort="Late").frame["churned"].tolist() == [0, 1, 0]
        told = next(one.sentence for one in subs.report.findings if one.id == "came_back")
        assert "2 of cohort Early at age 2, 1 of cohort Late at age 2." in told and subs.report.rejected == 0
        assert sorted(subs.report.entries["value"].to_pylist()) == ["3", "92"]
    assert (lying.report.repaired, upright.report.repaired) == (2, 1)
    shares = read(b"cohort,size,0,1,2\nA,50,100%,80%,82%\n")
    assert cs.life_table(shares).frame["churned"].tolist() == [0, 10, 0] and found(shares)["came_back"] == 1


def test_shares_of_revenue_that_go_up_and_down_are_no_customers():
    subs = read(b"cohort,size,0,1,2,3,4\nA,100,100%,92%,95%,99%,97%\nB,100,100%,90%,80%,81%,70%\n")
    assert subs.report.rejected == 1 and subs.customers == 100


def test_where_most_cohorts_rise_nobody_came_back():
    rises = "".join(f"{name},100,90,92,85\n" for name in "ABCD")
    plain = "E,100,90,80,70\n"
    subs = read(f"cohort,0,1,2,3\n{rises}{plain}".encode())
    assert subs.report.rejected == 4 and subs.customers == 100 and "came_back" not in found(subs)
    few = read(f"cohort,0,1,2,3\n{rises[:15]}{plain}{plain.replace('E', 'F')}".encode())
    assert few.report.rejected == 0 and found(few)["came_back"] == 1


def test_where_the_ages_begin_is_decided_once_for_the_file():
    after = read(b"cohort,size,1,2\nA,100,90,80\nB,50,50,40\n")
    apart = cs.life_table(after, by=("cohort",))
    assert apart.select(cohort="A").frame["churned"].tolist() == [0, 10, 10]
    assert apart.select(cohort="B").frame["churned"].tolist() == [0, 0, 10]
    same = read(b"cohort,size,1,2\nA,100,100,80\nB,50,50,40\n")
    assert cs.life_table(same).frame["churned"].tolist() == [0, 30]
    shares = cs.life_table(read(b"month,A,B\n1,80%,100%\n2,60%,50%\n"), by=("cohort",))
    assert shares.select(cohort="B").frame["churned"].tolist() == [0, 0, 500]


def test_a_cohort_without_its_beginning_or_size_is_left_out():
    subs = read(b"cohort,0,1,2\nA,100,90,80\nB,,90,80\n")
    assert subs.report.rejected == 1 and subs.customers == 100
    sizes = read(b"cohort,size,0,1\nA,100,1,.8\nB,,1,.8\nC,0,1,.8\n")
    assert sizes.report.rejected == 2 and sizes.customers == 100
    assert "how many customers" in sizes.report.entries["reason"][0].as_py()


@pytest.mark.parametrize("data", [b"cohort,0,1\nA,,\nB,,\n", b"month,A,B\n0,,\n1,,\n"])
def test_a_triangle_of_blanks_gets_a_sentence(data):
    with pytest.raises(ImportProblem, match="no number"):
        read(data)


@pytest.mark.parametrize("answer", ["\u00b2", "9" * 5000, "0", "-1", "many"])
def test_an_answer_that_is_no_number_of_customers_gets_a_sentence(answer):
    with pytest.raises(Problem, match="cohort_size"):
        read(b"month,share\n0,1\n1,.8\n", answers={"cohort_size": answer})


def test_numbers_no_cohort_can_have_are_rejected():
    subs = read(("cohort,0,1\nA,100,90\nB," + "9" * 400 + ",5\nC,1000000001,5\n").encode())
    assert subs.report.rejected == 2 and subs.customers == 100
    upright = read(("month,A\n0,100\n1,90\n\u00b2,80\n" + "9" * 400 + ",80\n").encode())
    assert upright.report.rejected == 2 and cs.life_table(upright).frame["churned"].tolist() == [0, 10]


def test_a_triangle_is_kept_like_any_data_set(tmp_path):
    subs = read(b"cohort,0,1,2\n2024-01,100,90,84\n2024-02,50,45,\n")
    store = Store(tmp_path)
    again = store.load(store.save(subs))
    assert again.kind == "triangle" and cs.life_table(again).frame.equals(cs.life_table(subs).frame)


# --- movements ---


def book(seed: int, rows: int = 150) -> bytes:
    chance = random.Random(seed)
    lines = ["customer,start,end,mrr"]
    for _ in range(rows):
        start = date(2024, 1, 1) + timedelta(days=chance.randrange(400))
        end = start + timedelta(days=chance.randrange(300)) if chance.random() < 0.6 else ""
        lines.append(
            f"C{chance.randrange(40)},{start},{end},{chance.randrange(1, 4)}.{chance.randrange(100):02d}"
        )
    return "\n".join(lines).encode()


@pytest.mark.parametrize("seed", range(5))
def test_movements_against_a_loop_over_months(seed):
    subs = read(book(seed))
    told = movements(subs).money
    names = ["opening", "new", "expansion", "contraction", "churned", "reactivated"]
    assert (told[names].sum(axis=1) == told["closing"]).all()
    assert (told["opening"].to_numpy()[1:] == told["closing"].to_numpy()[:-1]).all()
    assert told["closing"].iloc[-1] == round(subs.active_mrr * 100)
    rows, expected = subs.rows.to_pylist(), {name: 0 for name in names}
    before, ever = {}, set()
    for month in told["month"]:
        last = (np.datetime64(month) + 1).astype("datetime64[D]").astype(date) - timedelta(days=1)
        now = {}
        for row in rows:
            if row["started_on"] <= last and not (row["churned"] and row["ended_on"] <= last):
                now[row["customer"]] = now.get(row["customer"], 0) + row["mrr"]
        line = told[told["month"] == month].iloc[0]
        expected = dict.fromkeys(names[1:], 0)
        for who in {*now, *before}:
            old, new = before.get(who, 0), now.get(who, 0)
            kind = (
                ("reactivated" if who in ever else "new") if not old and new
                else "churned" if old and not new else "expansion" if new > old else "contraction"
            )  # fmt: skip
            expected[kind] += new - old
        assert {name: int(line[name]) for name in expected} == expected
        ever |= set(now)
        before = now


def test_movements_name_the_months_to_the_last_known_day():
    subs = read(b"customer,start,end,mrr\nA,2023-11-05,2024-01-10,10\nB,2023-12-05,,10\n", as_of="2024-03-15")
    told = movements(subs)
    assert told.money["month"].tolist() == ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"]
    assert told.money["churned"].tolist() == [0, 0, -1000, 0, 0] and told.customers["churned"].tolist() == [
        0,
        0,
        -1,
        0,
        0,
    ]
    assert told.customers["closing"].tolist() == [1, 2, 1, 1, 1]


@pytest.mark.parametrize("data", [b"customer,start\nA,2024-01-01\n", b"tenure,churned,mrr\n3,0,5\n"])
def test_movements_need_dates_and_prices(data):
    with pytest.raises(Problem, match="no price|no dates"):
        mrr_movements(read(data))


@pytest.mark.parametrize("rows", (1, 7, 50))
def test_a_matrix_read_some_rows_at_a_time_is_the_same(monkeypatch, rows):
    draw = np.random.default_rng(5)
    cells = np.where(draw.random((120, 9)) < 0.6, draw.choice([10, 20], (120, 9)), 0)
    cells[40:50] = 0  # nobody in a whole piece
    lines = [f"C{n},{','.join(str(cell or '') for cell in row)}" for n, row in enumerate(cells)]
    header = "customer," + ",".join(f"2024-0{month}" for month in range(1, 10))
    data = "\n".join([header, *lines]).encode()
    whole = read(data, layout="wide_matrix")
    monkeypatch.setattr(wide_matrix, "ROWS_AT_ONCE", rows)
    parted = read(data, layout="wide_matrix")
    assert parted.rows.equals(whole.rows) and parted.report.findings == whole.report.findings
    first = pd.DataFrame(whole.rows.to_pydict()).groupby("customer")["started_on"].min()
    begun = {f"C{n}": (row > 0).argmax() + 1 for n, row in enumerate(cells) if row.any()}
    assert {who: day.month for who, day in first.items()} == begun
