"""Laws of cohorts, of MRR and of reading (I19 to I36, I59 to I68): each on the same 500 small awkward books.

The books are drawn by number (random_books.py), so a failure names the book; what is worked out of one is kept, because
every law asks for it again. Laws of sums over customers that need a changed file take the same books ten in a file: no
customer is in two of them.
"""

import gzip
import io
import json
from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from workbooks import write_workbook
from drawn_plans import any_lever, base_of
from hypothesis import given, settings
from hypothesis import strategies as st
from random_books import AS_OF, book, read

import cs_models as cs

pytestmark = pytest.mark.slow
BOOKS = range(500)
FEW = range(40)  # where another process opens the file: half a second each
TENS = range(0, 500, 10)
law = settings(max_examples=500, deadline=None, derandomize=True, database=None)
COUNTS = ["at_risk", "churned", "involuntary", "censored", "in_force"]
MOVES = ["new", "expansion", "contraction", "churned", "reactivated"]


@lru_cache(maxsize=None)
def frame(number):
    return book(number)


@lru_cache(maxsize=None)
def subs(number):
    return read(frame(number))


@lru_cache(maxsize=None)
def told(number):
    """What most laws ask of a book: asked together, the engine tells its stays apart once."""
    one = subs(number)
    return {"logos": cs.cohort_triangle(one).frame, "mrr": cs.cohort_triangle(one, "mrr").frame,
            "quarters": cs.cohort_triangle(one, every=3).frame, "table": cs.life_table(one).frame,
            "moves": cs.mrr_movements(one), "figures": cs.metrics(one)}  # fmt: skip


def logos(number):
    return told(number)["logos"]


def money(number):
    return told(number)["mrr"]


def moves(number):
    return told(number)["moves"]


def figures(number):
    return told(number)["figures"]


def table(number, by=()):
    return table_by(number, by) if by else told(number)["table"]


@lru_cache(maxsize=None)
def table_by(number, by):
    return cs.life_table(subs(number), by).frame


def ten(first, make=book):
    """Ten books in one file."""
    return pd.concat([make(number) for number in range(first, first + 10)], ignore_index=True)


@lru_cache(maxsize=None)
def told_of_ten(first):
    one = read(ten(first))
    return cs.life_table(one).frame, cs.mrr_movements(one), one.active_mrr


def paid(number) -> list[dict]:
    """Rows of the file that cost money, for a recount by hand."""
    rows = frame(number).to_dict("records")
    return [row for row in rows if float(row["mrr"]) > 0]


def in_force(row, day: str) -> bool:
    return row["start"] <= day and (row["end"] == "" or row["end"] > day)


def last_day(month: str) -> str:
    year, number = map(int, month.split("-"))
    return min(date(year, number, monthrange(year, number)[1]), AS_OF).isoformat()


def same(one, other, **more):
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), **more)


# --- cohorts


@pytest.mark.parametrize("value", ["logos", "mrr"])
def test_i19_a_cohort_begins_whole(value):
    for number in BOOKS:
        cells = logos(number) if value == "logos" else money(number)
        first = cells[cells["age"] == 0]
        seen = first["share"].notna()
        assert (first.loc[seen, "share"] == 1).all(), number
        if value == "logos":
            assert (first["value"][seen] == first["customers"][seen]).all(), number


def test_i20_a_cohort_never_grows():
    for number in BOOKS:
        for _, cells in logos(number).groupby("cohort"):
            assert (cells["share"].dropna().diff().dropna() <= 0).all(), number


def test_i21_cohorts_hold_every_paying_customer_once():
    for number in BOOKS:
        cells = logos(number)
        assert cells[cells["age"] == 0]["customers"].sum() == subs(number).paying, number


def test_i22_customers_of_a_month_end_are_those_counted_by_hand():
    for number in BOOKS:
        for row in figures(number)[["month", "customers"]].itertuples():
            there = {one["customer"] for one in paid(number) if in_force(one, last_day(row.month))}
            assert row.customers == len(there), (number, row.month)


def test_i23_no_cell_knows_the_future():
    for number in BOOKS:
        cells = logos(number)
        assert (cells["cohort"] <= f"{AS_OF:%Y-%m}").all(), number
        seen = cells[cells["share"].notna()]
        # The earliest day of the cohort, so many months on, is not beyond the last day the file knows.
        reached = pd.PeriodIndex(seen["cohort"], freq="M") + seen["age"].to_numpy()
        assert (reached <= pd.Period(AS_OF + timedelta(days=1), "M")).all(), number
        assert (seen["eligible"] == seen["customers"]).all(), number


def test_i24_who_left_and_who_is_there_make_the_cohort():
    for number in BOOKS:
        left = table(number, ("cohort",)).groupby(["cohort", "tenure"])["churned"].sum()
        for cohort, cells in logos(number).groupby("cohort"):
            gone = left.loc[cohort].reindex(cells["age"], fill_value=0).cumsum().to_numpy()
            seen = cells["share"].notna().to_numpy()
            assert (gone + cells["value"].to_numpy())[seen] == pytest.approx(cells["customers"].to_numpy()[seen]), number


def test_i25_mrr_of_a_month_end_is_the_sum_by_hand():
    for number in BOOKS:
        for row in moves(number)[["month", "closing"]].itertuples():
            total = sum(round(float(one["mrr"]) * 100) for one in paid(number) if in_force(one, last_day(row.month)))
            assert row.closing == total, (number, row.month)


def test_i26_three_months_are_a_quarter():
    for number in BOOKS:
        quarters = told(number)["quarters"]
        months = logos(number).assign(quarter=lambda f: pd.PeriodIndex(f["cohort"], freq="M").asfreq("Q").strftime("%Y Q%q"))
        added = months.groupby(["quarter", "age"])[["customers"]].sum()
        for row in quarters.itertuples():
            cells = months[(months["quarter"] == row.cohort) & (months["age"] == row.age)]
            if row.age == 0:
                assert row.customers == added.loc[(row.cohort, 0), "customers"], number
            if pd.notna(row.value) and cells["value"].notna().all():
                young = set(months[months["quarter"] == row.cohort]["cohort"]) - set(cells["cohort"])
                assert young or row.value == pytest.approx(cells["value"].sum()), number


# --- MRR and metrics


def test_i27_movements_tie_to_the_cent():
    for number in BOOKS:
        found = moves(number)
        assert (found["opening"] + found[MOVES].sum(axis=1) == found["closing"]).all(), number
        assert found[[*MOVES, "opening", "closing"]].dtypes.map(lambda kind: kind.kind == "i").all(), number


def test_i28_a_month_opens_with_what_the_last_one_closed():
    for number in BOOKS:
        found = moves(number)
        assert (found["opening"].iloc[1:].to_numpy() == found["closing"].iloc[:-1].to_numpy()).all(), number
        assert found["opening"].iloc[0] == 0, number


@pytest.mark.parametrize("by", ["plan", "country", "cohort"])
def test_i29_groups_add_up_to_the_whole(by):
    for number in BOOKS:
        parts = table(number, (by,)).groupby(["interval", "tenure"], as_index=False)[COUNTS].sum()
        whole = table(number)[["interval", "tenure", *COUNTS]]
        same(parts[parts[COUNTS].any(axis=1)], whole[whole[COUNTS].any(axis=1)], check_dtype=False)


def test_i29_movements_of_the_countries_add_up_to_those_of_the_file():
    for first in TENS:
        parts = [cs.mrr_movements(read(part)) for _, part in ten(first).groupby("country") if _paying(part)]
        added = pd.concat(parts).groupby("month")[[*MOVES, "closing"]].sum()
        whole = told_of_ten(first)[1].set_index("month")[[*MOVES, "closing"]]
        assert (added.reindex(whole.index)[MOVES].fillna(0) == whole[MOVES]).all().all(), first


def _paying(part) -> bool:
    return (part["mrr"].astype(float) > 0).any()


def test_i30_two_currencies_are_never_added():
    """One currency per file: two are refused by name, whatever else is in it."""
    for number in BOOKS:
        mixed = frame(number).assign(currency=["EUR", *["USD"] * (len(frame(number)) - 1)])
        if len(mixed) < 2:
            continue
        with pytest.raises(cs.ImportProblem) as refused:
            read(mixed)
        assert "EUR" in str(refused.value) and "USD" in str(refused.value), number


def test_i31_retained_revenue_and_churn_are_of_one_bridge():
    for number in BOOKS:
        found = figures(number)
        known = found[found["opening"] > 0]
        lost = -(known["contraction"] + known["churned"])
        grown = known["expansion"] + known["reactivated"]
        assert known["gross_churn"].to_numpy() == pytest.approx((lost / known["opening"]).to_numpy(), abs=1e-9), number
        assert known["net_churn"].to_numpy() == pytest.approx(((lost - grown) / known["opening"]).to_numpy(), abs=1e-9), number
        year = found.dropna(subset=["grr"])
        assert (year["grr"] <= 1 + 1e-12).all() and (year["grr"] <= year["nrr"] + 1e-12).all(), number


def test_i32_a_year_paid_ahead_is_a_twelfth_a_month_and_the_invoice_to_the_cent():
    for number in BOOKS:
        yearly = frame(number).assign(interval="year").rename(columns={"mrr": "price"})
        rows = cs.read(yearly, as_of=AS_OF, answers={"amount_per": "a payment"}).rows.to_pandas()
        billed = {row: round(float(price) * 100) for row, price in enumerate(yearly["price"], 2)}
        assert rows["price"].tolist() == [billed[row] for row in rows["row"]], number
        assert (np.abs(rows["mrr"] * 12 - rows["price"]) <= 6).all(), number


def test_i33_arpu_times_customers_is_mrr():
    for number in BOOKS:
        found = figures(number).dropna(subset=["arpu"])
        assert (found["arpu"] * found["customers"]).to_numpy() == pytest.approx(found["mrr"].to_numpy(), abs=1e-6), number


def test_i34_all_amounts_times_three_is_all_money_times_three():
    for first in TENS:
        tripled = read(ten(first).assign(mrr=lambda f: (f["mrr"].astype(float) * 3).map("{:.2f}".format)))
        stays, moved, mrr = told_of_ten(first)
        same(cs.mrr_movements(tripled)[[*MOVES, "closing"]], moved[[*MOVES, "closing"]] * 3)
        same(cs.life_table(tripled).frame, stays)
        assert tripled.active_mrr == pytest.approx(3 * mrr), first


def test_i35_a_customer_more_changes_nobody_else():
    """One customer of another book beside each of ten books: all of them count as they do alone."""
    for first in TENS:
        guests = ten(first + 10_000, guest)
        both = read(pd.concat([ten(first), guests], ignore_index=True))
        added = Counter(_cells(cs.life_table(read(guests)).frame))
        for number in range(first, first + 10):
            added.update(_cells(table(number)))
        assert +added == +Counter(_cells(cs.life_table(both).frame)), first


def guest(number):
    alone = book(number).assign(customer=lambda f: "guest " + f["customer"])
    return alone[alone["customer"] == alone["customer"].iloc[0]]


def _cells(found) -> dict:
    return {(row["interval"], row["tenure"], name): int(row[name]) for row in found.to_dict("records") for name in COUNTS}


def test_i36_a_payment_given_back_whole_was_never_made():
    """Gross - refunds = net: a log with payments refunded in full counts as the log without them."""
    for number in TENS:
        draw = np.random.default_rng(number)
        rows = [(f"{log}-{c}", date(2024, month, 5).isoformat(), f"{draw.integers(5, 90)}.00", "paid") for log in range(10)
                for c in range(int(draw.integers(2, 6))) for month in range(1, int(draw.integers(3, 12)))]  # fmt: skip
        log = pd.DataFrame(rows, columns=["customer", "date", "amount", "status"])
        # the last payment of some customers
        last = log.groupby("customer").tail(1).index
        given_back = [at for at in last if draw.random() < 0.5]
        refunded = log.assign(status=["refunded" if at in given_back else "paid" for at in log.index])
        net = log.drop(index=given_back)
        one, other = (cs.read(part, as_of="2024-12-31") for part in (refunded, net))
        assert one.active_mrr == pytest.approx(other.active_mrr), number
        same(cs.life_table(one).frame, cs.life_table(other).frame)


# --- reading and keeping


def test_i59_read_twice_is_read_once():
    for number in BOOKS:
        again = read(frame(number))
        assert again.digest == subs(number).digest and again.rows.equals(subs(number).rows), number


def test_i60_the_order_of_rows_changes_no_result():
    for first in TENS:
        mixed = read(ten(first).sample(frac=1, random_state=first))
        stays, moved, _ = told_of_ten(first)
        same(cs.life_table(mixed).frame, stays)
        same(cs.mrr_movements(mixed), moved)


def test_i61_written_and_read_again_is_the_same_table():
    columns = ["customer", "started_on", "ended_on", "term", "plan", "mrr", "duration", "churned", "c0"]
    for number in BOOKS:
        rows = subs(number).rows.to_pandas()
        out = pd.DataFrame({
            "customer": rows["customer"], "start": rows["started_on"], "end": rows["ended_on"], "plan": rows["plan"],
            "interval": rows["term"].map({1: "month", 3: "quarter", 12: "year"}), "mrr": rows["mrr"] / 100,
            "country": rows["c0"],
        })  # fmt: skip
        back = cs.read(out.to_csv(index=False).encode(), as_of=AS_OF).rows.to_pandas()
        same(back[columns].astype(str), rows[columns].astype(str))


def test_i62_the_same_rows_in_another_kind_of_file():
    for number in FEW:
        plain = frame(number)
        text = plain.to_csv(index=False).encode()
        sheet = write_workbook({"Sheet1": [list(plain.columns), *plain.to_numpy().tolist()]})
        parquet = io.BytesIO()
        plain.to_parquet(parquet)
        for kind, data in {"csv": text, "gz": gzip.compress(text), "xlsx": sheet, "parquet": parquet.getvalue(),
                           "jsonl": plain.to_json(orient="records", lines=True).encode()}.items():  # fmt: skip
            other = cs.read(data, as_of=AS_OF)
            same(cs.life_table(other).frame, table(number))
            assert other.active_mrr == subs(number).active_mrr, (number, kind)


def spoiled(number):
    """The book with some cells broken, and how many rows that touches."""
    draw, broken = np.random.default_rng(number + 7), frame(number).copy()
    hit = [at for at in broken.index if draw.random() < 0.3]
    for at in hit:
        column, nonsense = [("start", "yesterday"), ("start", ""), ("end", "1999-01-01"), ("mrr", "a lot"),
                            ("customer", ""), ("mrr", "-5")][int(draw.integers(6))]  # fmt: skip
        broken.loc[at, column] = nonsense
    return broken


def test_i63_accepted_repaired_and_rejected_are_all_rows():
    for number in BOOKS:
        broken = spoiled(number)
        try:
            report = read(broken).report
        except cs.ImportProblem:
            continue  # nothing in it could be used, and the file is refused with a sentence
        assert report.rows == len(broken) == report.accepted + report.repaired + report.rejected, number


@pytest.mark.parametrize("separator, encoding, line", [
    (";", "utf-8", "\n"), ("\t", "utf-8-sig", "\r\n"), ("|", "utf-16", "\r\n"), (",", "cp1252", "\r"),
])  # fmt: skip
def test_i64_delimiter_encoding_and_line_ends_change_nothing(separator, encoding, line):
    for first in TENS:
        text = ten(first).to_csv(index=False, sep=separator, lineterminator=line)
        written = cs.read(text.encode(encoding), as_of=AS_OF)
        stays, _, mrr = told_of_ten(first)
        same(cs.life_table(written).frame, stays)
        assert written.active_mrr == mrr, first


def test_i65_a_row_that_cannot_be_read_changes_only_the_count_of_such_rows():
    for number in BOOKS:
        nobody = pd.DataFrame([{**frame(number).iloc[0], "customer": "lost", "start": "the other day"}])
        more = read(pd.concat([frame(number), nobody], ignore_index=True))
        was, now = subs(number).report, more.report
        assert (now.rows, now.rejected) == (was.rows + 1, was.rejected + 1), number
        assert (now.accepted, now.repaired) == (was.accepted, was.repaired), number
        same(cs.life_table(more).frame, table(number))


@law
@given(st.lists(any_lever, max_size=4).map(tuple), st.text(max_size=60), st.text(max_size=200))
def test_i66_a_scenario_kept_and_opened_is_the_same(levers, name, reasons):
    base = base_of((0.8, 8.0, None))
    saved = cs.SavedScenario.of(cs.compare(base, cs.Scenario("plan", levers), 36), name, reasons)
    text = saved.to_json()
    assert cs.SavedScenario.from_json(text) == saved
    assert cs.SavedScenario.from_json(text).to_json() == text
    assert saved.compare(base).delta == cs.compare(base, cs.Scenario("plan", levers), 36).delta


@law
@given(st.floats(0, 1).map(lambda x: round(x, 3)), st.floats(0, 0.9).map(lambda x: round(x, 3)))
def test_i67_a_scenario_of_an_older_version_keeps_its_result(reduction, rise):
    """Version 1 had the price rise as it is, and one kind of churn reduction."""
    old = json.dumps({"perennial_scenario": 1, "name": "old", "levers": [
        {"lever": "ChurnReduction", "reduction": reduction, "cost": 1.0},
        {"lever": "PriceIncrease", "rise": min(rise, 0.5), "scope": "both"},
    ]})  # fmt: skip
    base = base_of((0.8, 8.0, None))
    now = (cs.ChurnReduction(reduction=reduction, cost=1.0), cs.PriceIncrease(rise=min(rise, 0.5), scope="both"))
    opened = cs.Scenario.from_json(old)
    assert cs.compare(base, opened, 36).delta == cs.compare(base, cs.Scenario("now", now), 36).delta
    assert cs.Scenario.from_json(opened.to_json()) == opened


@law
@given(st.lists(any_lever, max_size=3).map(tuple), st.floats(0.3, 3.0), st.floats(1.0, 20.0))
def test_i68_what_is_remembered_is_what_would_be_worked_out(levers, alpha, beta):
    """A baseline remembers its results: asked again after other questions it says what a fresh one says."""
    used, plan = base_of((alpha, beta, 3)), cs.Scenario("", levers)
    first = cs.compare(used, plan, 36).delta
    cs.compare(used, cs.Scenario("", (cs.ChurnReduction(reduction=0.5),)), 12)
    fresh = base_of((alpha, beta, 3))
    assert first == cs.compare(used, plan, 36).delta == cs.compare(fresh, plan, 36).delta
