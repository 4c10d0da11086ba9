"""A file without prices: curves at once, value only at a price somebody types, which every page names."""

from pathlib import Path

import pytest

import cs_models as cs
from cs_models.problems import Problem
from cs_models.store import Store
from pages.shared import address_bar
from tests.test_pages import app, captions, cards, clean, confirmed, go, own_folder, title  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
ANNUAL = b"customer,start,end,interval\n" + b"".join(
    f"C{n},2024-{1 + n % 12:02d}-01,{'2025-01-01' if n % 3 == 0 else ''},{'annual' if n % 4 == 0 else 'monthly'}\n".encode()
    for n in range(60)
)
SNAPSHOT = b"months served,churned,size\n" + b"".join(
    f"{1 + n % 11},{'Yes' if n % 3 else 'No'},{'small' if n % 2 else 'large'}\n".encode() for n in range(120)
)


def test_everybody_pays_the_typed_price_and_an_annual_payer_twelve_of_them():
    subs = cs.read(ANNUAL, as_of="2025-01-31")
    assert not subs.has_price and subs.typed_price is None
    priced = subs.with_price(49)
    rows = priced.rows.to_pylist()
    assert {(row["term"], row["mrr"], row["price"]) for row in rows} == {(1, 4900, 4900), (12, 4900, 58800)}
    # 40 of 60 are live: every third has left
    assert priced.has_price and priced.typed_price == 49.0 and priced.active_mrr == 40 * 49
    assert subs.rows["mrr"].null_count == 60, "the data set without a price stays as it was"


def test_value_grows_with_the_price_and_retention_does_not_change():
    subs = cs.read(SNAPSHOT)
    one, two = subs.with_price(10), subs.with_price(20)
    assert cs.life_table(subs).frame.equals(cs.life_table(two).frame)
    clv = [cs.value(cs.Assumptions.from_data(each, draws=0), 12).clv for each in (one, two)]
    assert clv[1] == pytest.approx(2 * clv[0]) and clv[0] > 0
    with pytest.raises(Problem, match="no price"):
        cs.Assumptions.from_data(subs)


def test_the_price_is_part_of_the_digest_and_can_be_typed_again(tmp_path):
    subs = cs.read(SNAPSHOT)
    digests = {one.digest for one in (subs, subs.with_price(10), subs.with_price(10.01))}
    assert len(digests) == 3 and subs.with_price(10).digest == subs.with_price(10.0).digest
    again = subs.with_price(10).with_price(12.5)
    assert again.typed_price == 12.5 and set(again.rows["mrr"].to_pylist()) == {1250}
    store = Store(tmp_path)
    assert store.load(store.save(again)).typed_price == 12.5


@pytest.mark.parametrize("amount", [0, -1, 0.001, float("nan"), float("inf"), 2e9, "49", True, None])
def test_what_is_no_price_is_refused_in_a_sentence(amount):
    with pytest.raises(Problem, match="price per month must be a number"):
        cs.read(SNAPSHOT).with_price(amount)


def test_a_file_with_prices_keeps_its_own_and_cohorts_without_customers_have_none():
    own = cs.read(b"customer,start,end,mrr\nA,2024-01-01,,10\nB,2024-02-01,2024-04-01,10\n")
    with pytest.raises(Problem, match="prices of its own"):
        own.with_price(5)
    with pytest.raises(Problem, match="no customers"):
        cs.read(b"cohort,0,1,2\n2024-01,100,80,70\n2024-02,100,85,\n2024-03,90,,\n").with_price(5)


# --- on the pages ---


def fields(at) -> list[str]:
    return [field.key for field in at.number_input]


@pytest.mark.parametrize("name", ["lifetime_value", "scenarios"])
def test_a_page_of_money_asks_for_the_price_and_answers_with_it(name):
    at = go(confirmed(SNAPSHOT), name)
    assert "needs a price" in title(at) and fields(at) == ["price"] and "no price" in at.info[0].value
    clean(at.number_input(key="price").set_value(49.0).run())
    assert "$" in title(at) and "49.00 a month, typed" in captions(at)
    assert "everybody is counted with 49.00 USD a month, as typed" in cards(at)
    assert at.query_params["price"] == "49.0" and at.sidebar.number_input(key="price").value == 49.0


def test_the_price_goes_with_the_link_and_with_the_pages_but_not_to_other_data(monkeypatch):
    at = go(confirmed(SNAPSHOT), "lifetime_value")
    clean(at.number_input(key="price").set_value(49.0).run())
    first, data = title(at), at.query_params["ds"]
    assert "worth" in title(go(at, "overview")) and "typed" in captions(at)
    assert title(app("lifetime_value", ds=data, price="49.0")) == first
    assert "worth" in title(app("scenarios", ds=data, price="49.0"))
    assert "needs a price" in title(app("lifetime_value", ds=data, price="0.001"))
    with_own = app("lifetime_value", price="49.0")
    assert "price" not in fields(with_own) and "typed" not in captions(with_own)
    at = app("lifetime_value", ds=data, price="49.0")
    at.query_params["ds"] = "sample-snapshot"
    monkeypatch.setattr(address_bar, "_history", lambda: True)  # the browser went back to it
    assert "price" not in fields(clean(at.run())) and "price" not in at.query_params


def test_a_price_below_any_coin_and_none_at_all_ask_again():
    at = go(confirmed(SNAPSHOT), "lifetime_value")
    for amount in (49.0, 0.0):
        clean(at.number_input(key="price").set_value(amount).run())
    assert "needs a price" in title(at) and "price" not in at.query_params


def test_cohorts_without_customers_are_not_asked_for_a_price():
    at = go(confirmed(b"cohort,0,1,2\n2024-01,100,80,70\n2024-02,100,85,\n2024-03,90,,\n"), "lifetime_value")
    assert fields(at) == [] and "Bring an export with customers and prices" in at.info[0].value


@pytest.mark.reference
def test_the_saas_file_without_id_or_price(reference_data):
    subs = cs.read(reference_data / "pysurvival_saas_churn" / "churn.csv")
    assert subs.customers == 2000 and not subs.has_price
    curve = cs.fit(cs.life_table(subs))
    assert 0 < curve.survival[6] < 1
    base = cs.Assumptions.from_data(subs.with_price(100), draws=0)
    assert base.active_mrr == 100 * subs.active and cs.value(base, 12).clv > 0
