"""Saving on the Scenarios page and opening by a link: as a script, on a shelf of its own."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from page_parts import clean, press, said, text, title
from shelf_contract import NOON, draft
from streamlit.testing.v1 import AppTest

from cs_models.levers import ALL
from cs_models.saved import SavedScenario
from cs_models.shelf import Unavailable
from pages.scenarios import save
from pages.shared import cache, link, restore, share

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    cache.store.clear()
    share.forget()
    yield
    share.forget()


def opened(box: bool = True, **values: str) -> AppTest:
    """The page Scenarios, opened by a link; one with a scenario of the shelf leads there from the front page.
    `box`: whether “Save scenario” is open.
    """
    at = AppTest.from_file(ROOT / "app.py", default_timeout=240)
    at.session_state[save.BOX] = box
    for name, value in values.items():
        at.query_params[name] = value
    at.run()
    return clean(at if "scenario" in values else at.switch_page("pages/scenarios/page.py").run())


def address(at: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in dict(at.query_params).items()}


def on_sample(name: str, **more):
    return replace(draft(name, **more), data_set="sample")


def saved(**values: str) -> tuple[AppTest, str]:
    """A desk whose plan was saved, and the id."""
    at = press(opened(**({"PriceIncrease.rise": "0.12", "horizon": "24", "gross_margin": "0.7"} | values)), "save-new")
    return at, address(at)["scenario"]


def kept() -> str:
    """The id of a scenario somebody else saved on the sample."""
    return share.shelf().save(on_sample("Autumn", rise=0.12), "Ana", NOON).id


def test_a_press_saves_under_the_plan_as_name_and_the_link_restores_the_desk():
    at, scenario = saved()
    entry = share.shelf().get(scenario)
    assert text(entry.name) == "Raising prices 12 % for everybody" and entry.headline.startswith("Raising prices 12")
    assert (entry.author, entry.data_set, entry.saved.horizon) == ("local", "sample", 24)
    assert address(at) == {"scenario": scenario}, "the id alone says all"
    assert any(scenario in code.value for code in at.code)
    other = opened(scenario=scenario)
    assert title(other) == title(at) and [m.value for m in other.metric] == [m.value for m in at.metric]
    assert "saved by local" in said(other) and other.slider(key="PriceIncrease.rise").value == 0.12


def test_a_rerun_puts_nothing_where_somebody_is_typing():
    """What is set by the script replaces what stands in the browser and is not sent yet."""
    at = opened(box=False, **{"PriceIncrease.rise": "0.12"})
    assert not [one for one in at.text_input if one.key == save.NAME], "the opening's own run brings it, and none before"
    at.session_state[save.BOX] = True
    clean(at.run())
    assert at.text_input(key="scenario-name").proto.set_value, "the suggestion, once"
    clean(at.text_input(key="scenario-name").set_value("Mine").run())
    assert not at.text_area(key="scenario-reasons").proto.set_value
    assert not at.text_input(key="scenario-name").proto.set_value


def test_what_is_moved_since_stands_beside_the_id_and_a_refresh_keeps_it():
    at = opened(scenario=kept())
    clean(at.slider(key="PriceIncrease.rise").set_value(0.0).run())
    assert set(address(at)) == {"scenario", "PriceIncrease.rise"}, "also where a lever went to rest"
    again = opened(**address(at))
    assert title(again) == title(at) and "moved since" in said(again)


@pytest.mark.parametrize("here, told", [
    ("http://localhost:8501/scenarios", "aB3dE6gH, on the machine this was made on"), ("", "aB3dE6gH, on the machine"),
    ("http://127.0.0.1:8501/", "aB3dE6gH, on the machine"), ("http://[::1]:8501/", "aB3dE6gH, on the machine"),
    ("https://desk.example/scenarios", "https://desk.example/scenarios?scenario=aB3dE6gH")])
def test_a_file_has_no_link_that_opens_on_one_machine_only(monkeypatch, here, told):
    monkeypatch.setattr(share.st, "context", SimpleNamespace(url=here))
    assert share.abroad("aB3dE6gH").startswith(told)


def test_a_new_version_keeps_the_old_one():
    scenario, shelf = kept(), share.shelf()
    at = opened(scenario=scenario)
    at.slider(key="PriceIncrease.rise").set_value(0.2).run()
    press(at, "save-child")
    newest = shelf.newest(scenario)
    assert (newest.name, newest.reasons) == ("Autumn", "Costs rose."), "until others are typed"
    assert newest.number == 2 and newest.parent == scenario and shelf.get(scenario).saved != newest.saved
    old = opened(scenario=scenario)
    assert "version 1 of 2" in said(old)
    assert "version 2 of 2" in said(press(old, "open-newest")) and old.slider(key="PriceIncrease.rise").value == 0.2


def test_a_question_of_the_desk_before_is_none_of_the_scenario_that_is_opened():
    """Which of two comes first: that title stood over whatever was opened next."""
    scenario, shelf = kept(), share.shelf()
    shelf.save(on_sample("Theirs"), "Ben", share.now(), parent=scenario)
    at = opened(scenario=scenario, first="yes")
    assert "first" in address(at)
    assert "first" not in address(press(at, "open-newest"))


@pytest.mark.parametrize("key, versions, newest, rise", [
    ("keep-copy", 2, "Ben", 0.3), ("keep-mine", 3, "local", 0.3), ("keep-theirs", 2, "Ben", 0.1)])  # fmt: skip
def test_the_second_of_two_people_is_told_and_chooses(key, versions, newest, rise):
    scenario, shelf = kept(), share.shelf()
    at = opened(scenario=scenario)
    at.slider(key="PriceIncrease.rise").set_value(0.3).run()
    shelf.save(on_sample("Theirs"), "Ben", share.now(), parent=scenario)
    at = press(at, "save-child")
    assert "Ben saved a newer version of “Theirs”" in said(at)
    assert at.slider(key="PriceIncrease.rise").value == 0.3, "nothing of mine is lost"
    at = press(at, key)
    history = shelf.history(scenario)
    assert len(history) == versions and history[-1].author == newest
    assert at.slider(key="PriceIncrease.rise").value == rise and len(shelf.list()) == (2 if key == "keep-copy" else 1)


def test_a_link_whose_data_are_gone_shows_what_it_said_and_what_to_load():
    one = share.shelf().save(draft("Autumn push"), "Ana", NOON)
    at = opened(scenario=one.id)
    words = said(at)
    assert title(at).startswith(one.headline.rstrip(".")) and "export.csv" in words and "through 22 Nov 2026" in words
    assert "Costs rose." in words and not at.slider, "read-only"
    assert address(at) == {"scenario": one.id}, "the link stays"
    at = press(at, "open-elsewhere")
    assert "other data" in said(at) and at.slider


@pytest.mark.parametrize("wrong", ["nothing-here", "../../etc"])
def test_a_link_to_nothing_says_so_and_the_page_goes_on(wrong):
    at = opened(scenario=wrong)
    assert at.title and "not on this server" in said(at)


def test_values_a_page_cannot_show_are_named():
    data = json.loads(draft().saved.to_json())
    data["levers"][0]["rise"], data["horizon"] = 0.9, 48
    found, broken = restore.values(SavedScenario.from_json(json.dumps(data)))
    assert set(broken) == {"PriceIncrease.rise", "horizon"} and found["PriceIncrease.rise"] == 0.0


def test_a_scenario_of_a_later_version_says_why_not(monkeypatch):
    one = share.shelf().save(draft(), "Ana", NOON)
    newer = replace(one, body=one.body.replace('"perennial_scenario":2', '"perennial_scenario":7'), engine_version="3.0.0")
    monkeypatch.setattr(type(share.shelf()), "get", lambda *_: newer)
    monkeypatch.setattr(type(share.shelf()), "newest", lambda *_: newer)
    at = opened(scenario=one.id)
    assert "version 3.0.0" in said(at) and title(at).startswith("Raising prices 10 % adds $41")


def test_without_a_database_everything_else_goes_on(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://u:secret@h/x")
    at = opened(**{"PriceIncrease.rise": "0.12"})
    headline = title(at)
    at = press(at, "save-new")
    assert "cannot lie in" in said(at) and "secret" not in said(at) and title(at) == headline


def test_a_name_typed_once_is_the_author():
    at = opened(**{"PriceIncrease.rise": "0.12"})
    at.text_input(key="author").set_value("Ana").run()
    at.text_input(key="scenario-name").set_value("Autumn $5 *push*").run()
    at = press(at, "save-new")
    (entry,) = share.shelf().list()
    assert (entry.author, entry.name) == ("Ana", "Autumn $5 *push*") and entry.saved.name == entry.name
    assert "Autumn" not in str(dict(at.query_params)), "no text of a user in an address"


def test_every_value_of_a_scenario_is_one_a_link_restores():
    levers = tuple(kind.suggested() for kind in ALL.values())
    plan = draft().saved
    plan = replace(plan, scenario=replace(plan.scenario, levers=levers))
    found, broken = restore.values(plan)
    assert not broken
    for lever in levers:
        for p in lever.parameters():
            assert found[f"{type(lever).__name__}.{p.name}"] == getattr(lever, p.name)
    assert set(found) <= set(link.kept())


def test_a_database_that_goes_away_leaves_the_answer_where_it_is(monkeypatch):
    at = opened(scenario=kept())
    headline = title(at)

    def gone(*_, **__):
        raise Unavailable("The database of saved scenarios cannot be reached.")

    for name in ("get", "newest", "save"):
        monkeypatch.setattr(type(share.shelf()), name, gone)
    at = clean(at.slider(key="PriceIncrease.rise").set_value(0.2).run())
    assert "cannot be reached" in said(at) and title(at) != headline and at.metric
    assert "cannot be reached" in said(press(at, "save-child")) and at.slider(key="PriceIncrease.rise").value == 0.2


@pytest.mark.parametrize("url, said", [("http://localhost:8501/scenarios", "on this machine"), (None, "on any machine that"),
                                       ("https://desk.example/x", "on any machine that"), ("http://[::1]:1/", "on this machine")])
def test_a_link_to_this_machine_is_not_said_to_open_elsewhere(monkeypatch, url, said):
    monkeypatch.setattr(share.st, "context", SimpleNamespace(url=url))
    assert share.reach().startswith(said)
