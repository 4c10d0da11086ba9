"""The page Saved as a script: list, versions, comments, put away and back, comparison, what came of it, no database."""

from dataclasses import replace
from datetime import date

import pytest
from shelf_contract import NOON, draft, later
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models.saved import SavedScenario
from pages.shared import cache, cache_saved, share
from page_parts import clean, press, said, title
from test_saving import ROOT, own_folder  # noqa: F401  a folder for each test

HOSTILE = "![x](http://h) $5 *bold* [a](http://b)"


def page() -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=240)
    at.run()
    return clean(at.switch_page("pages/saved/page.py").run())


def kept(name: str, lever, minutes: int = 0, author: str = "Ana", of: str = "", **more):
    """A scenario on the sample; `of`: the digest of the data it was saved with."""
    one = draft(name)
    saved = replace(one.saved, scenario=cs.Scenario(name, (lever,)), fingerprint=of)
    return share.shelf().save(replace(one, saved=saved, data_set="sample", **more), author, later(minutes))


def unfold(at: AppTest, key: str) -> AppTest:
    at.session_state[key] = True
    return clean(at.run())


def test_an_empty_shelf_says_how_to_fill_it():
    at = page()
    assert title(at) == "No saved scenario yet" and "Save scenario" in said(at)


def test_the_list_has_the_newest_of_each_and_text_of_users_is_never_live():
    one = kept("Prices", cs.PriceIncrease(rise=0.1))
    kept(HOSTILE, cs.Dunning(), 1, author=HOSTILE)
    shelf = share.shelf()
    shelf.save(replace(draft("Prices up"), data_set="sample"), "Ben", later(2), parent=one.id)
    at = page()
    assert title(at).startswith("2 saved scenarios; the latest is “Prices up” by Ben") and "version 2" in said(at)
    raw = " ".join(part.value for part in (*at.title, *at.markdown, *at.caption))
    assert "![x]" not in raw and "](http" not in raw and "$5 *bold*" not in raw and "bold" in raw


def test_versions_comments_and_the_way_back():
    one = kept("Prices", cs.PriceIncrease(rise=0.1))
    share.shelf().save(replace(draft("Prices"), data_set="sample"), "Ben", later(2), parent=one.id)
    newest = share.shelf().newest(one.id).id
    at = unfold(page(), f"more-{newest}")
    assert any(newest in code.value for code in at.code) and len(at.dataframe[0].value) == 2
    at = press(at, f"say-{newest}")
    assert "nothing in the comment" in said(at)
    at.text_area(key=f"comment-{newest}").set_value("Too *high*?").run()
    at.text_input(key=f"by-{newest}").set_value("Cleo").run()
    at = press(at, f"say-{newest}")
    (comment,) = share.shelf().comments(one.id)
    assert (comment.author, comment.text) == ("Cleo", "Too *high*?") and "Too high?" in said(at).replace("*", "")
    at = press(at, f"gone-{newest}")
    assert "was put away" in said(at) and not share.shelf().list()
    assert share.shelf().list() == () and press(at, "saved-undo") and share.shelf().list()[0].id == newest


def test_two_are_compared_by_the_difference_itself():
    first = kept("Prices", cs.PriceIncrease(rise=0.1))
    second = kept("Churn", cs.ChurnReduction(reduction=0.1), 1)
    at = page()
    at.multiselect(key="compared").set_value([first.id, second.id]).run()
    clean(at)
    base = cache.base("sample", cache.default_split("sample"), '{"cac": 0.0, "discount_rate": 0.1, "gross_margin": 0.8, '
                      '"growth": "flat", "service_cost": 0.0}')  # fmt: skip
    found = cs.contest(base, {"Prices": first.saved.scenario, "Churn": second.saved.scenario})
    assert title(at) == found.sentence().rstrip(".").replace("\xa0", " ")
    assert found.when().replace("\xa0", " ")[:40] in said(at)
    table = at.dataframe[0].value
    assert list(table["Scenario"]) == ["Prices", "Churn"] and "leads" in set(table["Behind Prices"])
    assert at.get("vega_lite_chart")


def test_scenarios_of_one_name_keep_apart_and_a_heading_is_no_name():
    first, second = (kept("Figure", cs.ChurnReduction(reduction=part), place) for place, part in enumerate((0.1, 0.2)))
    third = kept("today's way", cs.PriceIncrease(rise=0.1), 2)
    assert len({*cache_saved.plans(f"{first.id} {second.id} {third.id}")} - {"Figure", "today's way"}) == 3
    at = page()
    clean(at.multiselect(key="compared").set_value([first.id, second.id, third.id]).run())
    assert len(at.dataframe[0].value) == 3 and "Saved otherwise (3)" in [box.label for box in at.expander]


def test_plans_of_other_data_are_not_shown_as_what_was_saved():
    """A comparison opened on the sample works them out anew there: that must be seen before any figure."""
    here, there = (kept(name, cs.ChurnReduction(reduction=0.1), place, of=data)
                   for place, (name, data) in enumerate((("Ours", ""), ("Theirs", "0123456789abcdef"))))  # fmt: skip
    at = page()
    clean(at.multiselect(key="compared").set_value([here.id, there.id]).run())
    warned = [words.value for words in at.warning]
    assert len(warned) == 1 and "Theirs" in warned[0] and "Ours" not in warned[0]


def test_what_came_of_it_is_told_where_time_has_passed():
    subs = cs.read(ROOT / "sample_data" / "subscriptions.csv")
    day = date(2026, 7, 31)
    base = cs.Assumptions.from_data(cs.at(subs, day), draws=20)
    saved = SavedScenario.of(cs.compare(base, cs.Scenario("Summer", (cs.ChurnReduction(reduction=0.2),)), 36), "Summer")
    one = share.shelf().save(replace(draft(), saved=saved, data_set="sample", data_day=day), "Ana", NOON)
    fresh = kept("Today", cs.Dunning(), 1, data_day=subs.as_of)
    at = unfold(unfold(page(), f"more-{one.id}"), f"since-{one.id}")
    words = said(at)
    assert "it promised +$" in words and "3 months later" in words and "customers joined since" in words
    (chart,) = at.get("vega_lite_chart")
    assert "'$'" not in chart.proto.spec, "customers are counted, not paid"
    at = unfold(unfold(page(), f"more-{fresh.id}"), f"since-{fresh.id}")
    assert "No whole month has passed" in said(at)


@pytest.mark.parametrize("url, words", [("mysql://u:secret@h/x", "cannot lie in"), ("sqlite:////proc/x/y.db", "cannot be reached")])
def test_without_a_database_the_page_says_so(monkeypatch, url, words):
    monkeypatch.setenv("DATABASE_URL", url)
    at = page()
    assert words in said(at) and "secret" not in said(at)
