"""Board figures by month: the published examples, and a recount customer by customer."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cs_models as cs
from cs_models.charts import movements as moves_chart
from cs_models.glossary import HELP, LABELS
from cs_models.metrics_by_month import metrics
from cs_models.metrics_today import BALANCES, FLOWS, RECENT, todays_metrics
from cs_models.problems import Problem
from cs_models.unit_economics import customer_economics

HEAD = "customer,start,end,interval,mrr\n"


def book(rows, as_of="2025-12-31", **answers):
    text = HEAD + "".join(f"{who},{start},{end},{term},{mrr}\n" for who, start, end, term, mrr in rows)
    return cs.read(text.encode(), as_of=as_of, answers=answers)


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


@pytest.mark.parametrize("told", ["24", "24 months", "2 years", "biennial"])
def test_two_years_paid_ahead_count_a_twentyfourth(told):
    text = f"customer,start,end,interval,price\na,2024-01-10,,{told},2400\nb,2024-02-10,,month,50\n"
    frame = metrics(cs.read(text.encode(), as_of="2025-06-30"))
    assert at(frame, "2024-01").mrr == 100, "not 2,400 in the month it is paid"
    assert frame["mrr"].iloc[1:].tolist() == [150] * 17


def test_those_up_for_renewal_stand_apart_from_the_others():
    rows = [("a", "2024-03-10", "2025-03-10", "year", 50), ("b", "2024-03-10", "2025-03-09", "year", 50),
            ("c", "2024-03-10", "", "year", 50), ("d", "2024-05-10", "", "year", 50),
            ("e", "2024-03-10", "2025-03-10", "year", 50), ("e", "2025-03-10", "", "year", 60),
            ("m", "2024-03-10", "", "month", 5)]  # fmt: skip
    frame = metrics(book(rows, "2025-04-30"))
    assert (at(frame, "2025-03").due, at(frame, "2025-03").renewed) == (4, 2)
    assert at(frame, "2025-03").renewal_churn == 0.5
    assert frame["due"].sum() == 4, "d renews in May, which nobody has seen"


@pytest.mark.parametrize("start, as_of, due", [
    ("2024-03-20", "2025-03-19", 0), ("2024-03-20", "2025-03-20", 1), ("2024-03-20", "2025-03-31", 1),
    ("2024-02-29", "2025-02-27", 0), ("2024-02-29", "2025-02-28", 1),
])  # fmt: skip
def test_who_renews_later_in_the_month_of_the_last_day_is_not_due_yet(start, as_of, due):
    """A day that the month does not have is its last one."""
    found = metrics(book([("a", start, "", "year", 50), ("b", "2024-01-01", "", "month", 5)], as_of))
    assert at(found, as_of[:7]).due == due == found["due"].sum()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 23), st.integers(1, 20), st.integers(1, 9)),
                min_size=1, max_size=14))  # fmt: skip
def test_against_a_recount_customer_by_customer(stays):
    def day(month):
        return f"{2024 + month // 12}-{month % 12 + 1:02d}-01"

    # A row that is written twice is one row for the importer.
    own = dict.fromkeys((who, start, min(start + long, 24), mrr) for who, start, long, mrr in stays)
    rows = [(f"c{who}", day(start), day(end) if end < 24 else "", "month", 10 * mrr)
            for who, start, end, mrr in own]  # fmt: skip
    held = np.zeros((6, 24))
    for who, start, end, mrr in own:
        held[who, start:end] += 10 * mrr
    frame = metrics(book(rows, live_at_end="left"))  # where all have left, those of the last day would be asked about
    first = 24 - len(frame)
    for row, month in zip(frame.itertuples(), range(first, 24)):
        now, before = held[:, month], held[:, month - 1] if month else np.zeros(6)
        assert row.mrr == now.sum() and row.customers == (now > 0).sum()
        here, left, seen = (before > 0) & (now > 0), (before > 0) & (now == 0), held[:, :month].any(axis=1)
        came, up, down = (before == 0) & (now > 0), here & (now > before), here & (now < before)
        moves = {"new": came & ~seen, "reactivated": came & seen, "expansion": up, "contraction": down,
                 "churned": left}  # fmt: skip
        for kind, who in moves.items():
            assert getattr(row, kind) == (now - before)[who].sum(), kind
            assert getattr(row, f"customers_{kind}") == who.sum(), kind
        lost = np.clip(before - now, 0, None).sum()
        regained = (now - before)[up | (came & seen)].sum()
        told = {"gross_churn": (lost, before.sum()), "net_churn": (lost - regained, before.sum()),
                "logo_churn": (left.sum(), (before > 0).sum()), "arpu": (now.sum(), (now > 0).sum()),
                "quick_ratio": (np.clip(now - before, 0, None).sum(), lost)}  # fmt: skip
        if month - 12 >= first:
            then = held[:, month - 12]
            told |= {"grr": (np.minimum(now, then).sum(), then.sum()),
                     "nrr": (now[then > 0].sum(), then.sum())}  # fmt: skip
        for name, (part, whole) in told.items():
            assert getattr(row, name) == pytest.approx(part / whole if whole else np.nan, nan_ok=True), name


YEAR_AND_A_HALF = [("a", "2024-01-01", "", "month", 100), ("b", "2024-03-01", "2025-11-20", "month", 60),
                   ("c", "2025-12-03", "", "month", 40)]  # fmt: skip


def test_balances_are_of_today_and_flows_of_the_last_whole_month():
    today = todays_metrics(book(YEAR_AND_A_HALF, "2025-12-12"))
    assert (today.as_of, today.month, today.cut) == (date(2025, 12, 12), "2025-11", True)
    assert (today["mrr"].value, today["mrr"].day, today["mrr"].n) == (140, date(2025, 12, 12), 2)
    assert (today["arr"].value, today["arpu"].value, today["active"].value) == (1680, 70, 2)
    churn = today["logo_churn"]
    assert (churn.value, churn.day, churn.n) == (0.5, date(2025, 11, 30), 2), "c of December is not in it"
    assert (today["new_mrr"].value, today["churned_mrr"].value, today["churned_mrr"].n) == (0, -60, 1)
    assert today["nrr"].value == 100 / 160 and today["nrr"].n == 2
    assert (today["renewal_churn"].value, today["renewal_churn"].n) == (None, 0)


def test_a_month_that_ends_with_the_file_is_a_whole_one():
    today = todays_metrics(book(YEAR_AND_A_HALF, "2025-12-31"))
    assert (today.month, today.cut, today["new_mrr"].value) == ("2025-12", False, 40)
    assert today["new_mrr"].day == date(2025, 12, 31)


def test_no_month_is_over_yet():
    today = todays_metrics(book([("a", "2025-12-03", "", "month", 40)], "2025-12-12"))
    assert (today.month, today.cut, today["mrr"].value) == (None, True, 40)
    assert all(today[name].value is None and not today[name].recent for name in FLOWS)


def test_a_book_of_free_plans_has_no_figures():
    free = cs.read(b"customer,start,end,mrr\na,2025-01-01,,0\nb,2025-02-01,,0\n", as_of="2025-06-30")
    with pytest.raises(Problem, match="paying customer"):
        todays_metrics(free)


def test_the_history_ends_with_the_value_and_has_no_gap():
    today = todays_metrics(book(YEAR_AND_A_HALF, "2025-12-12"))
    assert today["mrr"].recent == (100, 100) + (160,) * 20 + (100, 140) and len(today["mrr"].recent) == RECENT
    assert today["logo_churn"].recent[-2:] == (0, 0.5)
    rows = [("a", "2023-01-10", "", "year", 50), ("b", "2023-02-10", "", "year", 50)]
    renewals = todays_metrics(book(rows, "2025-02-28"))["renewal_churn"]
    assert renewals.recent == (0, 0), "January and February 2025; before them nobody was due"


def test_gains_stand_on_zero_and_losses_hang_from_it():
    rows = [("a", "2024-01-01", "", "month", 100), ("b", "2024-01-01", "2025-11-20", "month", 60),
            ("a", "2025-11-03", "", "month", 5), ("c", "2025-11-03", "", "month", 40),
            ("d", "2025-12-03", "", "month", 7)]  # fmt: skip
    by_month = metrics(book(rows, "2025-12-12"))
    frame = moves_chart.frame(by_month, cut=True)
    november = frame[(frame["month"] == "Nov 2025") & (frame["part"] == "bar")].set_index("name")
    assert november[["low", "high"]].to_dict("index") == {
        "New": {"low": 0, "high": 40}, "Expansion": {"low": 40, "high": 45},
        "Churned": {"low": 0, "high": -60}}  # fmt: skip
    net = frame[frame["part"] == "net"].set_index("month")["low"]
    assert net["Nov 2025"] == -15 and "Dec 2025" not in net, "a month that is not over has no point"
    december = frame[(frame["month"] == "Dec 2025") & (frame["part"] != "ground")]
    assert set(december["part"]) == {"unfinished"}
    assert len(net) == moves_chart.MOST_MONTHS - 1
    assert moves_chart.sentence(by_month, "2025-11") == (
        "November 2025: MRR fell by $15.00; $45.00 came, $60.00 went.")  # fmt: skip


def test_every_figure_has_a_name_and_a_definition():
    for name in [*BALANCES, *FLOWS, "cac", "ltv_cac", "payback_cash", "payback_margin", "retention_cost"]:
        assert LABELS[name] and len(HELP[name]) > 20, name


def test_ltv_to_cac_bears_its_range_and_its_horizon():
    base = cs.Assumptions.flat(0.0, 100, 1.0, 0.0, 24, cac=400)
    found = customer_economics(cs.value(base, 12), span=cs.interval(base, 12)["new"])
    assert (found.horizon, found.ratio, found.low, found.high) == (12, 3, 3, 3)
    assert (found.margin_months, found.cash_months, found.retention_cost) == (4, 4, None)
    assert customer_economics(cs.value(base, 24)).ratio == 6, "twice the horizon, twice the ratio"
    rows = [(f"c{n}", "2024-01-05", "" if n % 4 else "2025-06-05", "month", 50) for n in range(60)]
    here = cs.Assumptions.from_data(book(rows), draws=0)
    kept = customer_economics(cs.value(here, 12), retention_spend=90)
    assert (kept.ratio, kept.low, kept.high) == (None, None, None)
    assert kept.retention_cost == 2, "45 of 60 are customers today"


def test_a_snapshot_is_told_what_is_missing():
    snapshot = cs.read(b"customer,tenure,churned,monthly charges\na,3,No,20\nb,5,Yes,30\nc,9,No,10\n")
    with pytest.raises(Problem, match="no dates"):
        metrics(snapshot)
    without_prices = cs.read(b"customer,start,end\na,2025-01-01,\nb,2025-01-05,2025-03-01\n")
    with pytest.raises(Problem, match="no price"):
        todays_metrics(without_prices)


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
