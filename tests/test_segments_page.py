"""The pages Segments and Playbook: thresholds move customers, a tactic opens as a scenario, costs are typed or uploaded."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.shared import cache, cache_segments, link

ROOT = Path(__file__).resolve().parents[1]
COSTS = b"channel,cac\nPartner,900\nEvents,2500\n"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Each test keeps its uploads in a folder of its own."""
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    cache.store.clear()


def opened(page: str, **link: str) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=90)
    for name, value in link.items():
        at.query_params[name] = value
    clean(at.run())
    return clean(at.switch_page(f"pages/{page}/page.py").run())


def clean(at: AppTest) -> AppTest:
    assert not at.exception, at.exception[0].stack_trace
    return at


def shown(at: AppTest) -> str:
    kinds = ("title", "markdown", "caption", "info", "warning", "error")
    parts = (str(part.value) for kind in kinds for part in at.get(kind))
    return " ".join(parts).replace("\\", "").replace("\xa0", " ").replace("\u2060", "")


def advised(at: AppTest) -> list[str]:
    """The groups a sentence of advice is given for."""
    return [title for title in ("VIP", "Potential", "Core", "Secondary")
            if any(part.value.startswith(f"**{title}**:") for part in at.markdown)]


def frame(at: AppTest, column: str):
    return next(one.value for one in at.dataframe if column in one.value)


def test_the_headline_says_what_the_vips_hold():
    at = opened("segments")
    assert "VIPs hold 61 % of the value" in at.title[0].value.replace("\\", "").replace("\xa0", " ")
    groups = frame(at, "Leave in 12 months")
    assert groups["Group"].tolist() == ["VIP", "Potential", "Core", "Secondary"] and groups["Customers"].sum() == 2951
    assert advised(at) == ["VIP", "Potential", "Core", "Secondary"]
    assert not at.error
    at.slider(key="four_top").set_value(0.5), at.slider(key="four_middle").set_value(0.5)
    groups = frame(clean(at.run()), "Leave in 12 months")
    assert groups.set_index("Group")["Customers"]["Core"] == 0, "VIP takes all that core would have"
    assert advised(at) == groups.loc[groups["Customers"] > 0, "Group"].tolist(), "nobody is told how to treat nobody"


def test_a_threshold_moves_customers():
    at = opened("segments")
    before = frame(at, "Leave in 12 months")["Customers"].tolist()
    at.slider(key="four_top").set_value(0.4)
    clean(at.run())
    after = frame(at, "Leave in 12 months")["Customers"].tolist()
    assert after[0] > 1.5 * before[0] and sum(after) == sum(before)
    assert at.title[0].value.replace("\\", "").startswith(f"{after[0]:,.0f} VIPs"), "the headline speaks of the same"


def test_a_plan_moves_customers_between_groups():
    at = opened("segments")
    at.selectbox(key="four-plan").set_value("price")
    clean(at.run())
    assert "moves" in shown(at) and "VIPs go from 592 to" in shown(at)


def test_the_plan_of_the_scenarios_page_is_offered():
    at = opened("segments", **{"PriceIncrease.rise": "0.2", "PriceIncrease.scope": "existing"})
    assert "Raising prices 20 %" in shown(at)


def test_growth_and_a_point_of_churn():
    text = shown(opened("segments", cac="300"))
    assert "is paid by customers who were there before 2026" in text and "came from expansion" in text


def test_costs_can_be_uploaded_and_a_bad_table_gets_a_sentence():
    at = opened("segments")
    assert "Type a CAC" in shown(at) and at.selectbox(key="cost-column").value == "plan"
    at.file_uploader[0].upload("costs.csv", COSTS)
    clean(at.run())
    assert at.selectbox(key="cost-column").value == "c1", "the column whose groups the table names"
    table = frame(at, "LTV:CAC")
    assert table["Group"].tolist() == ["Events", "Partner", "All together"] and (table["LTV:CAC"] > 0).all()
    at.file_uploader[0].upload("costs.csv", b"channel,price\nA,1\n")
    clean(at.run())
    assert "no column called CAC or spend" in shown(at)
    at.selectbox(key="cost-column").set_value("c0")
    clean(at.run())
    assert at.selectbox(key="cost-column").value == "c0", "a choice made after it stays"


def test_a_snapshot_says_why_there_are_no_years():
    at = opened("segments", ds="sample-snapshot")
    assert "no dates" in shown(at) and "no upgrades" in shown(at)
    assert "nine of ten customers" in shown(at) and "pay at most" in shown(at) and "room" not in shown(at).split("Who pays little")[1][:90]


def test_the_playbook_ranks_and_opens_a_tactic_as_a_scenario():
    at = opened("playbook")
    assert "would do most" in at.title[0].value.replace("\\", "")
    places = [str(one.value) for one in at.markdown if str(one.value).startswith(("**1", "**12"))]
    assert len([one for one in shown(at).split("**") if one[:1].isdigit()]) == 12, places
    at.button(key="open-annual").click()
    clean(at.run())
    state = at.session_state
    assert (state["AnnualBilling.adoption"], state["AnnualBilling.discount"], state["view"]) == (0.15, 0.10, "portfolio")
    assert state["PriceIncrease.rise"] == 0 and state["_decisions"] == {"AnnualBilling"}


def test_the_scenario_says_the_sentence_of_the_playbook():
    at = opened("playbook")
    said = next(text for text in shown(at).split("Offer a year ahead")[1:2])
    at.button(key="open-annual").click()
    clean(at.run())
    clean(at.switch_page("pages/scenarios/page.py").run())
    answer = at.title[0].value.replace("\\", "").replace("\xa0", " ").replace("\u2060", "")
    assert "across the whole book over 36 months" in answer and answer in said


def test_every_tactic_has_its_range_with_doubt_and_what_is_assumed():
    at = opened("playbook")
    said = shown(at)
    assert said.count("With doubt about ") == 12 and said.count("it pays in ") == 12 and "doubt is being added" not in said


def test_a_tactic_replaces_the_plan_that_was_there():
    at = opened("playbook", **{"PriceIncrease.rise": "0.2"})
    at.button(key="open-service").click()
    clean(at.run())
    assert at.session_state["PriceIncrease.rise"] == 0 and at.session_state["ChurnReduction.reduction"] == 0.05


def test_the_order_can_be_what_a_dollar_brings():
    at = opened("playbook")
    by_money = [one for one in shown(at).split("**") if one[:1].isdigit()]
    at.segmented_control(key="playbook-order").set_value("per_cost") if hasattr(at, "segmented_control") else \
        at.button_group(key="playbook-order").set_value(["per_cost"])
    clean(at.run())
    by_dollar = [one for one in shown(at).split("**") if one[:1].isdigit()]
    assert sorted(by_money) == sorted(by_dollar) and by_money != by_dollar


@pytest.mark.slow
@pytest.mark.parametrize("page", ["segments", "playbook"])
def test_present_mode_and_other_samples(page):
    opened(page, present="true")
    opened(page, ds="sample-faults")
    opened(page, ds="sample-snapshot")


def test_thresholds_stand_in_the_link_and_come_back():
    at = opened("segments")
    at.slider(key="four_top").set_value(0.4)
    clean(at.run())
    assert at.query_params["four_top"] in ("0.4", ["0.4"])
    linked = opened("segments", four_top="0.4", four_room="7")
    assert frame(linked, "Leave in 12 months").equals(frame(at, "Leave in 12 months"))
    assert linked.slider(key="four_room").value == 0.25, "a value the slider does not have stands at its start"


def test_typed_costs_stand_in_the_link_without_the_names_of_groups():
    text = link.costs_text("c1", {"Partner": {"cac": 900.0, "spend": None}, "Events": {"cac": None, "spend": 12_000.5}})
    assert link.kept()[link.COSTS][1](text) == text and "Partner" not in text and "Events" not in text
    at = opened("segments", costs=text)
    table = frame(at, "LTV:CAC").set_index("Group")
    assert at.selectbox(key="cost-column").value == "c1" and table.loc["Partner", "CAC"] == 900
    assert table.loc["Events", "CAC"] == pytest.approx(12_000.5 / table.loc["Events", "New a month"], rel=0.01)
    assert at.query_params["costs"] in (text, [text]), "and stay there"


@pytest.mark.parametrize("text", ["", "c1", "c1_", "c1_12345678c", "c1_12345678x3", "plan_12345678c-3", "x_12345678c3",
                                  "c1_<script>c3", "c1" + "_12345678c3" * 31])  # fmt: skip
def test_costs_in_a_link_are_checked(text):
    with pytest.raises(ValueError):
        link.kept()[link.COSTS][1](text)


def test_the_sidebar_asks_what_every_page_about_money_asks():
    """Growth of those who stay decides the values of the call list too."""
    texts = [{str(one.label) for kind in ("slider", "number_input", "selectbox", "button_group") for one in
              opened(page).sidebar.get(kind)} for page in ("customers", "segments")]  # fmt: skip
    assert texts[0] == texts[1] and "What those who stay pay" in texts[0]


def test_names_of_groups_are_no_part_of_a_cache_key(monkeypatch):
    asked, real = [], cache_segments.unit_economics
    monkeypatch.setattr(cache_segments, "unit_economics", lambda *key: (asked.append(key), real(*key))[1])
    at = opened("segments")
    at.selectbox(key="cost-column").set_value("c1")
    clean(at.run())
    at.file_uploader[0].upload("costs.csv", COSTS)
    clean(at.run())
    assert asked and not [key for key in asked if "Partner" in str(key) or "Events" in str(key)]
    assert frame(at, "LTV:CAC")["CAC"].tolist()[:2] == [2500, 900]
    at.file_uploader[0].upload("costs.csv", b"channel,cac\nNowhere,900\n")
    clean(at.run())
    assert "no group “Nowhere”" in shown(at)
