"""The Back-test page: another day, money instead of customers, files that cannot be tested."""

import pandas as pd
import pytest

from test_pages import PERIODS, app, captions, cards, charts, confirmed, go, own_folder, title  # noqa: F401


def said(at) -> str:
    return " ".join(part.value for part in at.markdown).replace("\\", "").replace("\xa0", " ").replace("\u2060", "")


def test_the_title_is_the_answer():
    at = app("backtest")
    assert title(at).startswith("Twelve months ago this model would have said 1,")
    assert "of 2,185 customers stay; 1,732 did (" in title(at)
    assert "95 % range it would have given" in said(at) and "the one-number formula would have said" in said(at)
    assert [metric.label for metric in at.metric] == ["Forecast", "What came", "One churn rate", "Straight line"]
    assert "sign-up months ended inside their own 95 % range" in captions(at)


@pytest.mark.parametrize(("back", "word"), [("6", "Six"), ("18", "Eighteen"), ("24", "Twenty-four")])
def test_a_link_looks_further_back(back, word):
    at = app("backtest", back=back)
    assert title(at).startswith(f"{word} months ago") and at.query_params["back"] == back
    go(at, "overview")
    assert at.query_params["back"] == back


def test_money_and_the_months_can_be_changed():
    at = app("backtest")
    at.segmented_control(key="back-of").set_value("revenue").run()
    assert not at.exception and "$" in title(at) and "a month stay" in title(at)
    assert "Those who stayed pay" in captions(at) and "$" in charts(at)[0].proto.alt
    at.segmented_control(key="back").set_value(6).run()
    assert not at.exception and title(at).startswith("Six months ago")
    assert dict(at.query_params) == {"back": "6"}


def test_every_day_is_shown_and_every_sign_up_month():
    at = app("backtest")
    days, cohorts = (frame.value for frame in at.dataframe)
    assert days["Months back"].tolist() == [6, 6, 12, 12, 18, 18, 24, 24]
    assert cohorts["Customers that day"].sum() == 2185 and cohorts["Still here"].sum() == 1732


def test_customers_are_split_as_elsewhere():
    at = app("backtest", split="all")
    one = title(at)
    at.selectbox(key="split").set_value("c0").run()
    assert not at.exception and title(at) != one and "2,185" in title(at)


def test_a_snapshot_gets_a_sentence():
    at = app("backtest", ds="sample-snapshot")
    assert title(at) == "Would this model have been right?"
    assert "no dates" in at.info[0].value.replace("\\", "") and not at.error and not charts(at)


def test_a_young_file_gets_a_sentence_or_fewer_days():
    file = pd.read_csv(pd.io.common.BytesIO(PERIODS), dtype=str).fillna("")
    file = file[file["start_date"] >= "2026-02-01"]
    at = confirmed(file.to_csv(index=False).encode())
    assert "reach back" in go(at, "backtest").info[0].value
    file = pd.read_csv(pd.io.common.BytesIO(PERIODS), dtype=str).fillna("")
    at = confirmed(file[file["start_date"] >= "2025-09-01"].to_csv(index=False).encode())
    assert title(go(at, "backtest")).startswith("Six months ago")


def test_without_prices_only_customers_are_asked():
    file = pd.read_csv(pd.io.common.BytesIO(PERIODS), dtype=str).drop(columns="price").fillna("")
    at = go(confirmed(file.to_csv(index=False).encode()), "backtest")
    assert "customers stay" in title(at) and len(charts(at)) == 1
    assert not [one for one in at.segmented_control if one.key == "back-of"]
