"""A second file about the same customers: joined by id, shown, counted only where asked, personal only behind
a switch.
"""

from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_pages import app, captions, clean, own_folder  # noqa: F401

import cs_models as cs
from cs_models.customer_columns import bands, columns_apart, read_columns, with_columns
from cs_models.health import NOT_KNOWN
from cs_models.problems import Problem
from cs_models.store import Store

ROOT = Path(__file__).resolve().parents[1]


@lru_cache(maxsize=1)
def sample():
    return cs.read(ROOT / "sample_data" / "subscriptions.csv")


def people() -> pd.DataFrame:
    rows = sample().rows.select(["customer", "churned"]).to_pandas()
    rows["customer"] = rows["customer"].astype(str)
    return rows.groupby("customer", as_index=False)["churned"].min()


def file(**columns) -> bytes:
    return pd.DataFrame(columns).to_csv(index=False).encode()


def test_rows_are_joined_by_the_column_that_holds_our_ids():
    own = people()["customer"].tolist()[:100]
    data = file(row=range(102), account=[*own, own[0], "somebody else"], NPS=[*([5] * 100), 9, 1])
    found = read_columns(data, "nps.csv", sample())
    assert (found.key, found.rows, found.strangers, found.twice) == ("account", 102, 1, 1)
    assert found.without == sample().customers - 100
    assert found.values["NPS"][own[0]] == "9"  # the last row counts
    assert "101 of 102 rows belong to customers of the data" in found.sentence


def test_a_file_of_other_people_is_told():
    with pytest.raises(Problem, match="No column of the second file holds the ids"):
        read_columns(file(id=["x1", "x2", "x3"], NPS=[1, 2, 3]), "x.csv", sample())


def test_personal_columns_are_known_by_name_and_by_content():
    own = people()["customer"].tolist()[:40]
    data = file(id=own, Full_name=["Ann"] * 40, contact=["ann@example.org"] * 40, NPS=list(range(40)))
    found = read_columns(data, "p.csv", sample())
    assert set(found.personal) == {"Full_name", "contact"} and found.countable == ("NPS",)
    assert set(found.shown(own[:2])) == {"NPS"} and set(found.shown(own[:2], True)) == {
        "NPS",
        "Full_name",
        "contact",
    }


def test_bands_are_quarters_of_the_customers():
    assert bands(pd.Series([str(n) for n in range(1, 9)])).tolist() == [
        *["1 to 2"] * 2, *["3 to 4"] * 2, *["5 to 6"] * 2, *["7 to 8"] * 2,
    ]  # fmt: skip
    assert bands(pd.Series(["gold", "", "tin"])).tolist() == ["gold", NOT_KNOWN, "tin"]
    days = pd.Series([f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(80)])
    assert bands(days).nunique() == 4 and bands(days).iloc[0].startswith("2026-01-01 to ")


def test_a_column_that_goes_with_leaving_counts_and_the_level_stays():
    own, rng = people(), np.random.default_rng(1)
    score = np.where(own["churned"], rng.integers(0, 8, len(own)), rng.integers(3, 11, len(own)))
    extra = read_columns(file(id=own["customer"], NPS=score), "nps.csv", sample())
    subs, names = with_columns(sample(), extra, ("NPS",))
    assert subs.digest != sample().digest and names == ("NPS",)
    plain, told = cs.customer_health(sample()), cs.customer_health(subs, todays=names)
    assert told.in_use == (*plain.in_use, "NPS")
    pace = [
        -np.log(health.frame["stay_due"]).groupby(health.frame["interval"]).mean() for health in (plain, told)
    ]
    assert pace[1].to_numpy() == pytest.approx(pace[0].to_numpy())
    assert "NPS: 0 to 3" in told.reasons(told.frame.head(1))[0]


def test_a_column_of_chance_moves_little():
    own = people()
    extra = read_columns(file(id=own["customer"], dice=np.arange(len(own)) * 7 % 12), "d.csv", sample())
    subs, names = with_columns(sample(), extra, ("dice",))
    both = (health.frame.set_index("customer")["stay_12"] for health in (
        cs.customer_health(sample()), cs.customer_health(subs, todays=names)))  # fmt: skip
    plain, told = both
    assert (told - plain).abs().max() < 0.08


def test_a_file_of_those_still_here_teaches_nothing():
    here = people().query("not churned")["customer"]
    extra = read_columns(file(id=here, NPS=np.arange(len(here)) % 11), "here.csv", sample())
    with pytest.raises(Problem, match="values for 0 customers who have left"):
        with_columns(sample(), extra, ("NPS",))
    with pytest.raises(Problem, match="can count"):
        with_columns(sample(), extra, ("id",))


def test_on_the_page_values_are_shown_counted_when_asked_and_names_behind_a_switch():
    own = people()
    data = file(
        id=own["customer"], MRR=np.arange(len(own)) % 11, name=[f"Canary {i}" for i in range(len(own))]
    )
    at = app("customers")
    at.file_uploader(key="beside-sample").upload("more.csv", data)
    clean(at.run())

    def listed():
        (shown,) = [frame.value for frame in at.dataframe if "Why" in frame.value]
        return shown

    assert "MRR (second file)" in listed() and not listed().astype(str).stack().str.contains("Canary").any()
    before = at.title[0].value
    clean(at.multiselect(key="beside-count-sample").set_value(["MRR"]).run())
    assert at.title[0].value != before and "calls this week" in at.title[0].value
    assert any("today's values" in w.value.replace("\\", "") for w in at.warning)
    clean(at.toggle(key="beside-personal-sample").set_value(True).run())
    assert listed()["name"].str.startswith("Canary").all()
    assert not [v for name in at.query_params for v in at.query_params[name] if "Canary" in v]


def test_a_second_file_is_joined_apart_as_it_is_joined_here(tmp_path):
    own, store = people()["customer"].tolist()[:60], Store(tmp_path)
    data = file(id=[*own, "stranger"], mail=[f"{n}@example.org" for n in range(61)], NPS=range(61), Plan=["a", ""] * 30 + ["b"])
    here, there = read_columns(data, "n.csv", sample()), columns_apart(store, data, "n.csv", sample())
    assert list(there.values) == list(here.values) and all(there.values[name].equals(here.values[name]) for name in here.values)
    assert [getattr(there, one.name) for one in fields(here)][1:] == [getattr(here, one.name) for one in fields(here)][1:]
    with pytest.raises(Problem, match="No column of the second file holds the ids"):
        columns_apart(store, file(id=["x1", "x2"]), "x.csv", sample())
    assert not [path for path in store.root.rglob("*") if path.is_file()], "nothing of it stays on disk"
