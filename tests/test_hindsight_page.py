"""A forecast of a year ago that missed its own range is said on every page about money, and no page waits for it."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models import words
from cs_models.charts import backtest as chart
from pages.shared import cache, cache_hindsight
from pages.shared.cache_hindsight import Ahead

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("overview", "lifetime_value", "scenarios")


def turned(seed: int = 1) -> str:
    """A firm whose customers hardly leave for three years, and in the fourth 8 % a month do."""
    chance, rows = np.random.default_rng(seed), ["customer,start,end,mrr"]
    for month in range(42):
        for number in range(30):
            at, rate = month + 1, 0.0
            while at < 48 and chance.random() >= rate:
                at, rate = at + 1, 0.01 if at < 36 else 0.08
            start, end = (f"{2022 + m // 12}-{m % 12 + 1:02d}-01" for m in (month, at))
            rows.append(f"C{month}-{number},{start},{end if at < 48 else ''},50")
    return "\n".join(rows)


@pytest.fixture(scope="module")
def firm(tmp_path_factory):
    file = tmp_path_factory.mktemp("firm") / "turned.csv"
    file.write_text(turned())
    return cs.read(file, as_of="2025-12-31")


@pytest.fixture(scope="module")
def kept(firm, tmp_path_factory):
    """The firm as a data set that pages can open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERENNIAL_DATA_DIR", str(tmp_path_factory.mktemp("store")))
        cache.store.clear()
        yield cache.store().save(firm)
    cache.store.clear()


def test_the_sentence_says_what_was_missed_and_which_way(firm):
    found = cs.back_test(firm, 12, draws=100)
    last = found.last()
    assert last["happened"] < last["low"] and not found.inside()
    assert found.caution.startswith(found.sentence()) and "too hopeful, so values here may be too high" in found.caution
    for number in (last["low"], last["high"]):
        assert f"{number:,.0f}" in found.caution


def test_a_forecast_that_held_says_nothing():
    found = cs.back_test(cs.read(ROOT / "sample_data" / "subscriptions.csv"), 12, draws=100)
    assert found.inside() and found.caution == ""


@pytest.mark.parametrize("page", PAGES)
def test_pages_about_money_say_it_once_it_is_known(kept, page):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=90)
    at.query_params["ds"] = kept
    at.run()
    if page != "overview":
        at.switch_page(f"pages/{page}/page.py").run()
    assert not at.exception
    found = cache_hindsight.ahead(kept, cache.default_split(kept), 12).result()
    at.run()
    assert not at.exception
    said = [one.value.replace("\\", "") for one in at.warning]
    assert sum("outside its own 95" in one and "too hopeful" in one for one in said) == 1, said
    assert f"{found.last()['happened']:,.0f} did" in said[-1] or any("did" in one for one in said)


def test_the_work_begins_once_and_nobody_waits_for_it():
    gate, begun, runs = Event(), Event(), []
    one = Ahead(lambda: (runs.append(1), begun.set(), gate.wait(20))[0])
    assert not begun.wait(0.3) and not one.done, "not before somebody wants it"
    one.begin(), one.begin()
    assert not one.done
    gate.set()
    one.result()
    assert one.done and len(runs) == 1


def test_what_went_wrong_is_raised_to_every_asker():
    def fail():
        raise cs.Problem("Too young.")

    one = Ahead(fail)
    for _ in range(2):
        with pytest.raises(cs.Problem, match="Too young"):
            one.result()


def test_errors_by_sign_up_month_read_like_those_on_the_cards(firm):
    cohorts = cs.back_test(firm, 12, draws=20).cohorts
    table = chart.cohort_table(cohorts)
    assert table[chart.OFF].to_numpy() == pytest.approx(100 * (cohorts["happened"] / cohorts["predicted"] - 1).to_numpy())
    assert chart.OFF_FORMAT % 29.21 == words.percent(0.2921, sign=True) == "+29.2\xa0%"
