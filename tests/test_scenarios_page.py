"""The Scenarios page as a script: decisions come and go, every answer behind the headline, files, links, groups."""

import json
import re
from pathlib import Path

import pytest
from page_parts import ask, clean, press, said, text, title, unfold
from streamlit.testing.v1 import AppTest

from cs_models.comparison import Change
from cs_models.levers import ALL, Stage
from cs_models.problems import Problem
from cs_models.saved import SavedScenario
from cs_models.scenario import Scenario
from pages.scenarios import in_steps
from pages.shared import cache, cache_scenarios, link

ROOT = Path(__file__).resolve().parents[1]
TABS = ("Why", "How sure", "What it takes", "Map", "Whole book", "Trial", "Claims")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test keeps its uploads in a folder of its own."""
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(in_steps, "AT_ONCE", 600.0)  # a test waits for long work
    cache.store.clear()


def desk(**values: str) -> AppTest:
    """The page, opened by a link."""
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in values.items():
        at.query_params[name] = value
    at.run()
    return clean(at.switch_page("pages/scenarios/page.py").run())


def on_table(at: AppTest) -> set[str]:
    return {b.key.removeprefix("off-") for b in at.button if str(b.key).startswith("off-")}


def opened(at: AppTest, tab: str) -> AppTest:
    at.session_state["deeper"] = tab
    return clean(at.run())


# --- decisions ---


def test_a_question_puts_its_decision_on_the_table_with_the_three_figures_that_matter():
    at = ask(desk(), "AnnualBilling")
    assert on_table(at) == {"AnnualBilling"}
    drawn = {str(w.key) for w in (*at.slider, *at.selectbox, *at.number_input)}
    first = [p.name for p in ALL["AnnualBilling"].parameters()]
    assert {name for name in first if f"AnnualBilling.{name}" in drawn} == set(first[:3])


def test_once_asked_the_questions_fold_away_and_all_are_there_again_when_opened():
    questions = {f"ask-{name}" for name in (*ALL, link.FIRST)}

    def drawn(at: AppTest) -> set[str]:
        return {one.key for one in at.button} & questions

    at = ask(desk(), "AnnualBilling")
    assert not drawn(at)
    at = unfold(at, "ask-again")
    assert drawn(at) == questions
    assert not drawn(ask(at, "PriceIncrease"))


def test_a_second_decision_is_added_and_either_can_be_taken_out():
    at = ask(desk(), "PriceIncrease")
    assert "“Leave on the day” moves nothing in the value of a new customer" in said(at)
    at = press(at, "add-Onboarding")
    assert on_table(at) == {"PriceIncrease", "Onboarding"} and " and " in title(at)
    both = dict(at.query_params)
    at = press(at, "off-PriceIncrease")
    assert on_table(at) == {"Onboarding"} and not any(name.startswith("PriceIncrease") for name in at.query_params)
    assert any(name.startswith("PriceIncrease") for name in both)
    at = press(at, "rest")
    assert not on_table(at) and dict(at.query_params) == {} and title(at).startswith("What if?")


def test_a_decision_moved_to_rest_stays_in_sight_until_it_is_taken_out():
    at = ask(desk(), "ChurnReduction")
    clean(at.slider(key="ChurnReduction.reduction").set_value(0.0).run())
    assert on_table(at) == {"ChurnReduction"}, "whoever is still moving it must not lose it"
    assert title(at).startswith("What if?")


@pytest.mark.parametrize("name", ALL)
def test_every_decision_can_be_added_and_all_its_figures_are_reached(name):
    at = press(desk(), f"add-{name}")
    at.session_state[f"more-{name}"] = True
    clean(at.run())
    drawn = {str(w.key) for w in (*at.slider, *at.selectbox, *at.number_input, *at.multiselect)}
    assert {f"{name}.{p.name}" for p in ALL[name].parameters()} <= drawn
    if any(p.doubt or p.doubt_times for p in ALL[name].parameters()):
        assert "One may believe" in said(at)


def test_where_no_belief_moves_the_value_shown_nobody_calls_the_plan_arithmetic():
    at = desk(view="new", **{"ChurnReduction.reduction": "0.1", "ChurnReduction.scope": "existing"})
    assert "so no belief decides it" in said(at) and "arithmetic" not in said(at)
    at = opened(at, "What it takes")
    assert said(at).count("so no belief decides it") == 2 and "arithmetic" not in said(at)


def test_a_decision_that_brings_nothing_beside_the_others_says_why():
    at = desk(**{"Dunning.recovered": "0.2", "Dunning.recovered_now": "0.5"})
    assert on_table(at) == {"Dunning"} and title(at).startswith("What if?")
    assert "20 % recovered is less than today’s 50 %" in said(at).replace("\xa0", " ")
    at = desk(view="existing", **{"Grandfathering.months": "12"})
    assert "It needs a price rise that reaches the same existing customers" in said(at)


def test_a_whole_book_that_gains_while_everybody_loses_is_a_caution_in_sight():
    at = desk(view="portfolio", horizon="12", **{"AnnualBilling.adoption": "0.25", "AnnualBilling.discount": "0.167"})
    (caution,) = [str(one.value) for one in at.warning if "whole book gains while" in str(one.value)]
    assert "a new customer and an existing customer each lose" in caution
    assert "whole book gains while" not in said(desk(**dict(at.query_params) | {"horizon": "24"}))


def test_decisions_that_win_customers_are_read_in_the_whole_book():
    winning = [name for name, lever in ALL.items() if lever.stage is Stage.ACQUISITION]
    assert winning
    at = press(desk(), f"add-{winning[0]}")
    assert at.query_params["view"] == "portfolio" and "across the whole book" in title(at)
    at.segmented_control(key="view").set_value("new")
    clean(at.run())
    assert "It changes the value of the whole book" in said(at)
    assert "across the whole book" in title(press(at, "elsewhere"))


def test_three_decisions_are_called_the_plan_and_named_under_the_headline():
    at = press(press(ask(desk(), "PriceIncrease"), "add-Onboarding"), "add-ChurnReduction")
    assert title(at).startswith("This plan ") and "The plan: raising prices 10 %" in said(at)


def test_the_pictures_wait_for_no_range(monkeypatch):
    """Whoever moves a lever sees number, bridge and curve at once; what takes longest comes after them."""
    at, found, asked = desk(), Change.difference, []

    def late(change, book):
        asked.append(book)
        if len(asked) == 1:
            raise Problem("the range is not there yet")
        return found(change, book)

    monkeypatch.setattr(Change, "difference", late)
    ask(at, "PriceIncrease")
    assert title(at).startswith("Raising prices") and "likely" not in title(at)
    assert "the range is not there yet" in said(at)
    told = [chart.proto.alt for chart in at.get("vega_lite_chart")]
    assert [alt.split(":")[0].split(" $")[0] for alt in told] == ["From", "New customers still subscribed. Share still subscribed at month 36"]


@pytest.mark.parametrize("rise", [0.001, 0.01, 0.1])
def test_the_difference_card_says_the_amount_and_the_range_of_the_headline(rise):
    at = ask(desk(), "PriceIncrease")
    clean(at.slider(key="PriceIncrease.rise").set_value(rise).run())
    amount, likely = re.search(r"(?:adds|loses) (\S+) .*\(likely (.+)\)", title(at)).groups()
    card = next(metric for metric in at.metric if metric.label == "Difference")
    assert text(card.value).strip("+−") == amount
    assert re.sub("[+−]", "", text(card.proto.delta_description)).endswith(likely)


def test_the_price_lever_set_on_another_page_is_on_the_table():
    at = desk()
    at.session_state["PriceIncrease.rise"] = 0.12
    assert on_table(clean(at.run())) == {"PriceIncrease"}


def test_two_decisions_side_by_side_say_which_is_worth_more():
    at = ask(desk(), "first")
    assert on_table(at) == {"Onboarding", "Dunning"} and at.query_params["first"] == "yes"
    assert title(at).startswith("“Recover failed payments” first: it adds $") and "more than “Onboarding”" in title(at)
    labels = [metric.label for metric in at.metric][:3]
    assert labels == ["Recover failed payments alone", "Onboarding alone", "Together"]
    as_in_the_playbook = {"Onboarding.reduction": 0.15, "Dunning.recovered": 0.60}
    assert {name: at.session_state[name] for name in as_in_the_playbook} == as_in_the_playbook
    assert at.session_state["Onboarding.cost"] > 0 and at.session_state["Dunning.cost"] > 0, "help is not free"
    at.slider(key="Onboarding.reduction").set_value(1.0)
    at.slider(key="Dunning.recovered").set_value(0.48)
    assert title(clean(at.run())).startswith("“Onboarding” first"), "the answer follows the levers"
    assert title(press(at, "off-Onboarding")).startswith("Recovering"), "one decision alone has no rival"
    assert "first" not in at.query_params, "nor when another decision comes beside it"
    assert "first" not in ask(at, "PriceIncrease").query_params


# --- behind the headline ---


@pytest.mark.slow
@pytest.mark.parametrize("view", ["new", "existing", "portfolio"])
def test_every_tab_answers_for_every_book(view):
    at = press(ask(desk(view=view), "PriceIncrease"), "add-AnnualBilling")
    assert "What must be true" in said(at)
    for tab in TABS:
        at = opened(at, tab)
        assert not at.error, (tab, said(at))
        assert all(len(chart.proto.alt) > 20 for chart in at.get("vega_lite_chart"))


def test_what_stands_in_the_tabs():
    at = opened(ask(desk(), "PriceIncrease"), "Why")
    drawn = len(at.get("vega_lite_chart"))
    assert "One decision: all of the difference is its own" in said(at)
    at = press(at, "add-AnnualBilling")
    assert "Each alone the decisions would bring" in said(at)
    assert len(at.get("vega_lite_chart")) == drawn + 1, "a single decision has no three bars of one length"
    at = opened(at, "How sure")
    labels = [metric.label for metric in at.metric]
    assert {"Chance in the data", "Chance and beliefs", "Other curves"} <= set(labels)
    assert "beliefs as unsure as stated" in said(at) or "belief as unsure as stated" in said(at)
    assert "Departures to be seen" in [metric.label for metric in opened(at, "Trial").metric] or "trial" in said(at)
    assert "Your customers:" in said(opened(at, "Claims"))


def test_hidden_amounts_are_told_once():
    """A difference told as a share of today's value needs no share of today's value beside it."""
    at = desk(**{"PriceIncrease.rise": "0.1", "present": "true", "step": "2", "amounts": "hidden"})
    (found,) = [metric for metric in at.metric if metric.label == "Difference"]
    value, beside = (said.replace("\\", "") for said in (found.value, found.delta))
    assert value.startswith("+") and value not in beside and " to +" in beside


def test_a_sum_is_sought_and_none_found_is_an_answer():
    at = opened(ask(desk(view="portfolio"), "ChurnReduction"), "What it takes")
    at.selectbox(key="goal-figure").set_value("ChurnReduction.reduction")
    at.number_input(key="goal-sum").set_value(40_000.0)
    clean(at.run())
    assert re.search(r"With “Churn cut by” at \d.* % the plan brings \$40.0K", said(at))
    at.number_input(key="goal-sum").set_value(1e15)
    assert "No value of “Churn cut by”" in said(clean(at.run()))


# --- groups of customers ---


def test_a_link_names_groups_by_a_short_sign_and_never_by_their_name():
    at = desk(split="plan", **{"PriceIncrease.rise": "0.1", "PriceIncrease.segments": link.short("Core")})
    assert "of Core" in title(at) or "for Core" in title(at)
    assert at.query_params["PriceIncrease.segments"] == link.short("Core") and "Core" not in str(dict(at.query_params))


def test_groups_these_data_do_not_have_reach_nobody_and_it_is_said():
    at = desk(**{"ChurnReduction.reduction": "0.1", "ChurnReduction.segments": "0123abcd"})
    assert "it reaches nobody" in said(at) and at.metric[2].value.replace("\\", "") == "$0"


@pytest.mark.parametrize("value", ["Core", '["Core"]', "zzzzzzzz", "0123abcd,0123abce", ""])
def test_other_words_for_groups_are_a_broken_link(value):
    _, check = link.kept()["ChurnReduction.segments"]
    with pytest.raises(ValueError):
        check(value)
    assert check("0123abce.0123abcd") == ("0123abcd", "0123abce") == check(link.written(["0123abce", "0123abcd"]))


# --- files ---


def kept(**more) -> str:
    base = cache.base("sample", "plan", json.dumps(
        {"gross_margin": 0.7, "discount_rate": 0.1, "service_cost": 0.0, "cac": 300.0, "growth": "flat"},
        sort_keys=True))  # fmt: skip
    import cs_models as cs

    plan = Scenario("Autumn", (ALL["PriceIncrease"](rise=0.12, scope="new", **more),))
    return SavedScenario.of(cs.compare(base, plan, 24), "Autumn", "Costs rose.").to_json()


def test_a_saved_scenario_brings_its_economics_horizon_groups_and_reasons():
    at = desk()
    unfold(at, "files").file_uploader(key="scenario-in").upload("s.json", kept(segments=("Core",)).encode())
    at = clean(at.run())
    assert not at.error, said(at)
    assert at.query_params["horizon"] == "24" and at.query_params["gross_margin"] == "0.7"
    assert "Opened: Autumn: Costs rose." in said(at) and "When it was saved" not in said(at)
    at.slider(key="gross_margin").set_value(0.9)
    assert "When it was saved it said" in said(clean(at.run()))
    assert "Opened:" not in said(press(at, "off-PriceIncrease"))


def test_a_scenario_for_groups_that_are_not_here_changes_nothing():
    text = Scenario("x", (ALL["ChurnReduction"](reduction=0.3, segments=("Nobody",)),)).to_json()
    at = desk(**{"AnnualBilling.adoption": "0.3"})
    unfold(at, "files").file_uploader(key="scenario-in").upload("s.json", text.encode())
    at = clean(at.run())
    assert any("no group of these data" in text_ for text_ in map(lambda e: str(e.value).replace("\\", ""), at.error))
    assert on_table(at) == {"AnnualBilling"}


# --- long work ---


def test_long_work_shows_how_far_it_is_and_can_be_stopped_and_gone_on_with(monkeypatch):
    monkeypatch.setattr(in_steps, "AT_ONCE", 0.0)  # nothing is made until told
    cache_scenarios.doubting.clear()
    at = opened(ask(desk(), "ChurnReduction"), "How sure")
    (status,) = at.status
    assert "Drawing every belief" in status.label and "Chance and beliefs" not in [m.label for m in at.metric]
    (cancel,) = [button for button in at.button if button.label == "Cancel"]
    at = clean(cancel.click().run())
    assert "Stopped after 0 of" in said(at) and not at.status
    monkeypatch.setattr(in_steps, "AT_ONCE", 600.0)
    at = clean(at.run())
    assert "Stopped after 0 of" in said(at), "it waits until told"
    (further,) = [button for button in at.button if button.label == "Go on"]
    at = clean(further.click().run())
    assert "Chance and beliefs" in [metric.label for metric in at.metric] and not at.status


def test_a_group_chosen_under_another_split_stays_chosen():
    core = link.short("Core")
    at = desk(split="plan", **{"ChurnReduction.reduction": "0.1", "ChurnReduction.segments": core})
    assert "The choice is kept" not in said(at)
    at = clean(at.selectbox(key="split").set_value(link.NO_SPLIT).run())
    assert "The choice is kept" in said(at)
    at = clean(at.selectbox(key="split").set_value("plan").run())
    assert at.query_params["ChurnReduction.segments"] == core and "The choice is kept" not in said(at)


def test_a_choice_without_any_answer_is_no_choice():
    """The slider of those who go on, drawn to 0: the page stands, and everybody goes on."""
    asked = {"PriceIncrease.rise": "0.1", "Grandfathering.months": "6", "view": "existing"}
    before = desk(**asked).title[0].value
    assert desk(**asked, **{"Grandfathering.keep_share": "0"}).title[0].value == before
