"""Months in which prices rose, found in rows we wrote ourselves."""

import cs_models as cs
from places import ROOT
from cs_models.price_moves import price_rises


def read(lines, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("customer,start,end,plan,mrr\n" + "\n".join(lines) + "\n")
    return cs.read(path)


def test_the_rise_of_the_sample_data_is_found():
    (move,) = price_rises(cs.read(ROOT / "sample_data" / "subscriptions.csv"))
    assert (move.month, move.scope, round(move.rise, 2)) == ("2025-04", "new", 0.08)
    assert move.sentence == "April 2025: new customers pay 8 % more than those before"


def test_customers_who_began_to_pay_more_are_counted(tmp_path):
    rows = [f"C{n},2023-{1 + n % 12:02d}-05,2024-06-01,Pro,50" for n in range(60)]
    rows += [f"C{n},2024-06-01,,Pro,60" for n in range(60)]
    rows += [f"D{n},2023-{1 + n % 12:02d}-05,,Pro,50" for n in range(60)]
    (move,) = price_rises(read(rows, tmp_path))
    assert (move.month, move.scope, move.customers) == ("2024-06", "existing", 60)
    assert abs(move.rise - 0.2) < 1e-9 and abs(move.share - 0.5) < 1e-9


def test_a_rise_for_everybody_is_one_rise(tmp_path):
    rows = [f"C{n},2023-{1 + n % 12:02d}-05,2024-06-01,Pro,50" for n in range(120)]
    rows += [f"C{n},2024-06-01,,Pro,60" for n in range(120)]
    rows += [f"E{n},2024-{1 + n % 12:02d}-05,,Pro,{60 if n % 12 >= 5 else 50}" for n in range(240)]
    (move,) = price_rises(read(rows, tmp_path))
    assert (move.month, move.scope, round(move.rise, 2)) == ("2024-06", "both", 0.2)
    assert move.sentence == "June 2024: 120 customers began to pay 20 % more, and so did new ones"


def test_a_better_plan_is_no_price_rise(tmp_path):
    rows = [f"C{n},2023-{1 + n % 12:02d}-05,2024-06-01,Pro,50" for n in range(60)]
    rows += [f"C{n},2024-06-01,,Team,90" for n in range(60)]
    assert not [move for move in price_rises(read(rows, tmp_path)) if move.scope == "existing"]


def test_a_lower_price_is_no_rise_and_a_steady_one_neither(tmp_path):
    rows = [f"C{n},{2022 + n % 3}-{1 + n % 12:02d}-05,,Pro,{60 if n % 3 < 2 else 50}" for n in range(400)]
    assert price_rises(read(rows, tmp_path)) == ()


def test_no_dates_no_price_no_suggestion(tmp_path):
    assert price_rises(cs.read(ROOT / "sample_data" / "snapshot.csv")) == ()
    path = tmp_path / "bare.csv"
    path.write_text("customer,start,end\n" + "".join(f"C{n},2024-01-0{1 + n % 9},\n" for n in range(40)))
    assert price_rises(cs.read(path)) == ()
