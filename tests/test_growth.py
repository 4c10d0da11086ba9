"""Where growth comes from: the years close with the months, to the coin; a point of churn in new selling."""

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.growth import monthly_loss, to_stand_still, where_growth_comes_from
from cs_models.problems import Problem

PARTS = ["new", "expansion", "contraction", "lost", "returned"]


def checked(subs):
    """The years of a data set, held against the months and against a loop over customers."""
    found = where_growth_comes_from(subs)
    years, months = found.years, cs.mrr_movements(subs)
    cents = (years[["opening", *PARTS, "closing", "kept", "earlier"]] * 100).round().astype("int64")
    assert (cents["opening"] + cents[PARTS].sum(axis=1) == cents["closing"]).all()
    assert (cents["opening"].iloc[1:].to_numpy() == cents["closing"].iloc[:-1].to_numpy()).all()
    assert (cents["earlier"] + cents["new"] == cents["closing"]).all()
    assert (cents["kept"] == cents["opening"] + cents["lost"] + cents["contraction"]).all()
    closing = months.assign(year=months["month"].str[:4].astype(int)).groupby("year")["closing"].last()
    assert cents["closing"].tolist() == closing.loc[years["year"]].tolist()
    return found


def by_hand(rows: pd.DataFrame, as_of: str) -> dict:
    """Year -> part -> MRR, a customer and a year at a time."""
    found, last = {}, int(as_of[:4])
    first = int(rows["start"].str[:4].min())
    for year in range(first, last + 1):
        parts = dict.fromkeys(PARTS, 0.0)
        for _, own in rows.groupby("customer"):
            day = f"{year}-12-31" if year < last else as_of
            now, before = (own[(own["start"] <= d) & ((own["end"] == "") | (own["end"] > d))]["mrr"].sum()
                           for d in (day, f"{year - 1}-12-31"))  # fmt: skip
            ever = any((own["start"] <= f"{y}-12-31").any() and
                       own[(own["start"] <= f"{y}-12-31") & ((own["end"] == "") | (own["end"] > f"{y}-12-31"))]["mrr"].sum()
                       for y in range(first - 1, year))  # fmt: skip
            if now == before:
                continue
            kind = ("lost" if not now else ("returned" if ever else "new") if not before
                    else "expansion" if now > before else "contraction")  # fmt: skip
            parts[kind] += now - before
        found[year] = parts
    return found


def drawn(seed: int) -> pd.DataFrame:
    """Customers who come, move to other prices, leave and return."""
    chance, rows = np.random.default_rng(seed), []
    for customer in range(40):
        at = int(chance.integers(0, 30))
        for _ in range(int(chance.integers(1, 4))):
            stay, wait = int(chance.integers(2, 14)), int(chance.choice([0, 4, 11]))
            end = at + stay
            name = [f"{2021 + month // 12}-{month % 12 + 1:02d}-05" for month in (at, end)]
            rows.append((f"C{customer}", name[0], name[1] if end < 48 else "", float(chance.choice([20, 50, 80]))))
            at = end + wait
            if end >= 48:
                break
    return pd.DataFrame(rows, columns=["customer", "start", "end", "mrr"])


@pytest.mark.parametrize("seed", range(3))
def test_years_against_a_loop_over_customers(seed, tmp_path):
    rows = drawn(seed)
    file = tmp_path / "e2.csv"
    rows.to_csv(file, index=False)
    found = checked(cs.read(file, as_of="2024-12-31")).years.set_index("year")
    for year, parts in by_hand(rows, "2024-12-31").items():
        assert found.loc[year, PARTS].to_dict() == pytest.approx(parts), year
    assert found["returned"].sum() > 0 > found["contraction"].sum(), "every kind is in the draw"


def test_the_sample_firm_lives_from_earlier_years_more_and_more():
    found = checked(cs.read("sample_data/subscriptions.csv"))
    share = found.share("earlier")
    assert share.is_monotonic_increasing and share.iloc[0] == 0 and share.iloc[-1] > 0.6
    assert (found.share("expansion").iloc[1:].between(0, 0.2)).all()
    assert found.mrr == pytest.approx(1_002_104.08) and "paid by customers who were there before 2026" in found.sentence


def test_a_point_of_churn_in_new_selling():
    assert to_stand_still(1_000_000, 0.05).mrr == 50_000, "not the 20,000 of the article"
    found = to_stand_still(1_000_000, 0.01, price=100, cac=300)
    assert (found.mrr, found.customers, found.spend, found.year) == (10_000, 100, 30_000, 120_000)
    assert to_stand_still(500, 0.01).customers is None and to_stand_still(500, 0.01, 10).spend is None
    with pytest.raises(Problem):
        to_stand_still(100, 1.2)


def test_selling_what_was_lost_stands_still():
    """A book that loses a share a month and sells to_stand_still each month keeps its MRR."""
    mrr = 80_000.0
    for _ in range(24):
        mrr = mrr * (1 - 0.03) + to_stand_still(mrr, 0.03).mrr
    assert mrr == pytest.approx(80_000)


def test_the_monthly_loss_counts_whole_months_only():
    months = pd.DataFrame({"opening": [0, 100, 100, 50], "churned": [0, -10, -50, -50], "contraction": [0, 0, 0, 0]})
    assert monthly_loss(months, pd.Timestamp("2024-04-30").date()) == 110 / 250
    assert monthly_loss(months, pd.Timestamp("2024-04-29").date()) == 60 / 200
    assert monthly_loss(months.head(1), pd.Timestamp("2024-01-31").date()) is None


def test_a_snapshot_has_no_years():
    with pytest.raises(Problem, match="dates"):
        where_growth_comes_from(cs.read("sample_data/snapshot.csv"))


@pytest.mark.reference
def test_a_firm_that_stopped_selling(reference_data):
    subs = cs.read(reference_data / "growth_trials_invoices" / "subscriptions.csv", as_of="2026-03-31")
    found = checked(subs)
    assert found.years["closing"].tolist() == [208_196, 244_431, 203_363] and found.years["new"].iloc[-1] == 0
    assert "nothing is new" in found.sentence and found.monthly_churn == pytest.approx(0.0652, abs=1e-4)
