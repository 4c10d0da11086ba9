"""Who holds the value: each customer valued alone by hand, the sum against the valuation, laws of the curve.
"""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import cs_models as cs
from places import ROOT
from cs_models.charts import concentration as chart
from cs_models.concentration import concentration_of, value_concentration

SAMPLE = cs.read(ROOT / "sample_data" / "subscriptions.csv")
BASE = cs.Assumptions.from_data(SAMPLE, by="segment", draws=0, service_cost=4.0)


@pytest.mark.parametrize("horizon", [12, 36])
def test_the_values_of_single_customers_add_up_to_the_residual(horizon):
    found = value_concentration(SAMPLE, BASE, horizon)
    assert found.total == pytest.approx(cs.value(BASE, horizon).residual, rel=1e-9)
    assert found.customers == SAMPLE.active == BASE.customers


def test_every_customer_valued_alone_gives_the_same_curve():
    """A small book: each customer as a book of his own, sorted and summed in plain Python."""
    draw = np.random.default_rng(3)
    rows = ["customer,start,end,interval,mrr"]
    for n in range(90):
        start = date(2023, 1 + n % 12, 5)
        end = date(2024, 1 + n % 12, 5) if n % 3 == 0 else None
        rows.append(f"c{n},{start},{end or ''},{'annual' if n % 2 else 'monthly'},{draw.lognormal(4, 1):.2f}")
    subs = cs.read("\n".join(rows).encode(), as_of="2025-06-30")
    base = cs.Assumptions.from_data(subs, draws=0, service_cost=2.0)
    curves = {cell.interval: cell.fitted for cell in base.cells}
    values = []
    for row in rows[1:]:
        _, start, end, interval, mrr = row.split(",")
        if end:
            continue
        start = date.fromisoformat(start)
        tenure = (date(2025, 7, 1).year - start.year) * 12 + 7 - start.month - 1
        term, worth = 12 if interval == "annual" else 1, 0.0
        mix = curves[term]
        weights = mix.after(np.array([tenure]))[0]
        for t in range(24):
            steps = (tenure + t) // term - tenure // term  # renewals faced since today
            here = weights @ np.exp(-mix.rate * steps)
            due = term * float(mrr) if (tenure + t) % term == 0 else 0.0
            worth += here * 1.1 ** (-t / 12) * (due - 0.2 * float(mrr) - 2.0)
        values.append(worth)
    values = sorted(values, reverse=True)
    found = value_concentration(subs, base, 24)
    for top in (0.1, 0.5, 0.8):
        n = top * len(values)
        part = sum(values[: int(n)]) + (n - int(n)) * values[min(int(n), len(values) - 1)]
        assert found.share(top) == pytest.approx(part / sum(values), rel=2e-3)


def test_one_large_customer_among_ten():
    found = concentration_of([10.0, 910.0], [9, 1], [10.0, 910.0])
    assert found.share(0.10) == pytest.approx(0.91) == found.share(0.10, "mrr")
    assert found.customers == 10 and found.total == 1000


@given(value=hnp.arrays(float, 12, elements=st.floats(0.01, 1e5)),
       count=hnp.arrays(float, 12, elements=st.integers(1, 50)))
@settings(max_examples=50, deadline=None)
def test_the_curve_rises_bends_down_and_does_not_ask_for_the_unit_of_money(value, count):
    curve = concentration_of(value, count).curve["value"].to_numpy()
    assert curve[0] == 0 and curve[-1] == pytest.approx(1)
    steps = np.diff(curve)
    assert (steps >= -1e-12).all() and (np.diff(steps) <= 1e-9).all()
    np.testing.assert_allclose(concentration_of(value * 7, count).curve["value"], curve, atol=1e-12)


def test_customers_alike_hold_their_share():
    found = concentration_of(np.full(5, 3.0), np.full(5, 20))
    np.testing.assert_allclose(found.curve["value"], found.curve["customers"], atol=1e-12)


def test_no_value_is_said():
    with pytest.raises(cs.Problem, match="no value"):
        concentration_of([-1.0], [10])
    with pytest.raises(cs.Problem, match="no value"):
        concentration_of([], [])


def test_the_chart_says_what_the_top_hold():
    found = value_concentration(SAMPLE, BASE)
    frame = chart.frame(found.curve)
    (said,) = frame[frame["part"] == "point"]["text"]
    assert said.replace("\xa0", " ") == f"{found.share(0.1) * 100:.0f} %"
    tips = frame[frame["part"] == "line"].set_index("customers")["text"]
    assert tips[0.1].replace("\xa0", " ") == f"top 10 % hold {found.share(0.1) * 100:.0f} %"
    table = chart.table(found.curve)
    assert list(table) == ["Customers", "Value", "MRR"] and table["Customers"].iloc[0] == 0.01
