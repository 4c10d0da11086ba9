"""Board figures by month: the published examples, and a recount customer by customer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.metrics_by_month import metrics
from cs_models.problems import Problem

HEAD = "customer,start,end,interval,mrr\n"


def book(rows, as_of="2025-12-31"):
    text = HEAD + "".join(f"{who},{start},{end},{term},{mrr}\n" for who, start, end, term, mrr in rows)
    return cs.read(text.encode(), as_of=as_of)


def at(frame, month):
    return frame.set_index("month").loc[month]


def test_gross_retention_is_by_customer_and_never_from_totals():
    rows = [("a", "2024-01-01", "2024-06-01", "month", 100), ("b", "2024-01-01", "2024-06-01", "month", 100),
            ("b", "2024-06-01", "", "month", 200)]  # fmt: skip
    january = at(metrics(book(rows)), "2025-01")
    assert (january.grr, january.nrr, january.customers_then) == (0.5, 1.0, 2)


def test_an_annual_payer_counts_a_twelfth():
    text = "customer,start,end,interval,price\n"
    text += "".join(f"m{i},2025-01-05,,month,100\n" for i in range(100))
    text += "".join(f"y{i},2025-01-05,,year,600\n" for i in range(50))
    last = metrics(cs.read(text.encode(), as_of="2025-06-30")).iloc[-1]
    assert (last.mrr, last.arr, last.customers) == (12_500, 150_000, 150)


def test_those_up_for_renewal_stand_apart_from_the_others():
    rows = [("a", "2024-03-10", "2025-03-10", "year", 50), ("b", "2024-03-10", "2025-03-09", "year", 50),
            ("c", "2024-03-10", "", "year", 50), ("d", "2024-05-10", "", "year", 50),
            ("e", "2024-03-10", "2025-03-10", "year", 50), ("e", "2025-03-10", "", "year", 60)]  # fmt: skip
    frame = metrics(book(rows, "2025-04-30"))
    assert (at(frame, "2025-03").due, at(frame, "2025-03").renewed) == (4, 2)
    assert at(frame, "2025-03").renewal_churn == 0.5
    assert frame["due"].sum() == 4, "d renews in May, which nobody has seen"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 23), st.integers(1, 20), st.integers(1, 9)),
                min_size=1, max_size=14))  # fmt: skip
def test_against_a_recount_customer_by_customer(stays):
    def day(month):
        return f"{2024 + month // 12}-{month % 12 + 1:02d}-01"

    rows = [(f"c{who}", day(start), day(start + long) if start + long < 24 else "", "month", 10 * mrr)
            for who, start, long, mrr in dict.fromkeys(stays)]  # fmt: skip
    held = np.zeros((6, 24))
    for who, start, long, mrr in dict.fromkeys(stays):
        held[who, start : min(start + long, 24)] += 10 * mrr
    frame = metrics(book(rows))
    first = 24 - len(frame)
    for row, month in zip(frame.itertuples(), range(first, 24)):
        now, before = held[:, month], held[:, month - 1] if month else np.zeros(6)
        assert row.mrr == now.sum() and row.customers == (now > 0).sum()
        lost = np.clip(before - now, 0, None).sum()
        told = {"gross_churn": (lost, before.sum()),
                "logo_churn": (((before > 0) & (now == 0)).sum(), (before > 0).sum()),
                "quick_ratio": (np.clip(now - before, 0, None).sum(), lost)}  # fmt: skip
        if month - 12 >= first:
            then = held[:, month - 12]
            told |= {"grr": (np.minimum(now, then).sum(), then.sum()),
                     "nrr": (now[then > 0].sum(), then.sum())}  # fmt: skip
        for name, (part, whole) in told.items():
            assert getattr(row, name) == pytest.approx(part / whole if whole else np.nan, nan_ok=True), name


def test_a_snapshot_is_told_what_is_missing():
    snapshot = cs.read(b"customer,tenure,churned,monthly charges\na,3,No,20\nb,5,Yes,30\nc,9,No,10\n")
    with pytest.raises(Problem, match="no dates"):
        metrics(snapshot)


@pytest.mark.reference
def test_the_published_bridge_of_a_panel_to_the_cent(reference_data):
    folder = reference_data / "osas_mrr_bridge"
    frame = metrics(cs.read(folder / "subscription_monthly.csv"))
    bridge = pd.read_csv(folder / "expected" / "mrr_bridge_monthly.csv", sep=";")
    names = {"opening": "starting_mrr", "new": "new_mrr", "expansion": "expansion_mrr",
             "contraction": "contraction_mrr", "churned": "churned_mrr", "reactivated": "reactivated_mrr",
             "mrr": "ending_mrr"}  # fmt: skip
    for own, theirs in names.items():
        assert (frame[own].to_numpy() == bridge[theirs].to_numpy()).all(), own
    key = pd.read_csv(folder / "expected" / "key_metrics.csv", sep=";").iloc[1:]
    assert frame["arpu"].iloc[1:].round(1).to_numpy() == pytest.approx(key["arpu"].to_numpy(), abs=0.051)
    shown = 100 * frame["logo_churn"].iloc[1:].to_numpy()
    assert shown == pytest.approx(key["logo_churn_pct"].to_numpy(), abs=0.051)
    kept = 100 * (1 - frame["gross_churn"].iloc[1:].to_numpy())
    assert kept == pytest.approx(key["grr_pct"].to_numpy(), abs=0.051), "theirs is a month's, not twelve"
