"""The Lifetime value page: what stands beside the value, for every kind of file, and never a lifetime
undiscounted.
"""

import pytest
from test_pages import SNAPSHOT, app, captions, cards, charts, clean, confirmed, go, own_folder  # noqa: F401


def metrics(at) -> dict[str, str]:
    return {m.label: m.value.replace("\\", "").replace("\xa0", " ") for m in at.metric}


def test_a_lifetime_stands_with_its_discount_and_the_share_nobody_has_seen():
    said = captions(app("lifetime_value"))
    assert "Discounted at 10 % a year." in said
    assert "% of the lifetime value lies beyond the months your data has seen" in said
    at = app("lifetime_value", discount_rate="0.15")
    assert "Discounted at 15 % a year." in captions(at)


def test_payback_is_shown_in_cash_and_as_earned():
    at = go(app("drivers", cac="500"), "lifetime_value")  # the Overview has the same input, and a test would reset it
    assert metrics(at)["Payback in cash"] == "1 month"
    assert any("as earned: 3 months" in str(m.delta).replace("\\", "") for m in at.metric)
    (table,) = [frame.value for frame in at.dataframe if "Payback in cash" in frame.value]
    assert set(table.loc[table["Billing"] == "Annual", "Payback in cash"]) == {"1 month"}
    assert (table["Payback as earned"].str.len() > 0).all()


def test_who_holds_the_value_who_returns_and_what_those_who_stay_pay():
    at = app("lifetime_value")
    said = cards(at)
    assert "The most valuable 10 % of customers hold" in said and "of the value and pay" in said
    assert "76 of 1,720 customers who left came back" in said
    assert "A customer who stays pays 3.8 % more after a year" in said
    assert "Returns add" in metrics(at)
    (growth,) = [frame.value for frame in at.dataframe if "Months of tenure" in frame.value]
    assert growth["Months of tenure"].tolist()[:3] == ["1 to 3", "4 to 12", "13 to 24"]


def test_a_snapshot_says_what_cannot_be_seen_in_it():
    at = app("lifetime_value", ds="sample-snapshot")
    told = " ".join(part.value for part in at.info)
    assert "nobody can be seen to return" in told and "price can be followed" in told
    assert "The most valuable 10 % of customers hold" in cards(at)


def test_few_returns_show_no_worth():
    at = app("lifetime_value", ds="sample-faults")
    assert "came back" in cards(at) and "Returns add" not in metrics(at)
    assert "shown from 30 returns on" in captions(at)


@pytest.mark.parametrize("live", [1, 40])
def test_a_small_book_and_one_where_nobody_pays_ahead(live):
    rows = ["customer,start,end,interval,mrr"]
    for n in range(60):
        end = "" if n < live else f"2025-0{1 + n % 9}-05"
        rows.append(f"c{n},2024-0{1 + n % 9}-05,{end},monthly,{30 + n}")
    at = confirmed("\n".join(rows).encode())
    go(at, "lifetime_value")
    assert not at.error and len(charts(clean(at))) >= 1
    assert "Cash counts a prepaid year" not in captions(at)

