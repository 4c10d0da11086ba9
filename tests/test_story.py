"""The story on a wall: five screens with a message each, the step in the link, and amounts that can be hidden."""

import json
import re

import pandas as pd
import pyarrow as pa
import pytest
from test_pages import SNAPSHOT, app, charts, clean, confirmed, own_folder  # noqa: F401

import cs_models as cs
from cs_models import discreet, story, words
from pages.shared import cache, link

PLAN = {"PriceIncrease.rise": "0.1", "AnnualBilling.adoption": "0.25"}


def wall(page: str = "scenarios", **more):
    return app(page, present="true", **{**PLAN, **more})


def title(at) -> str:
    (one,) = at.title
    return str(one.value).replace("\\", "").replace("\xa0", " ")


def tables_sent(at) -> list[pd.DataFrame]:
    """The tables behind the charts, as they travel."""
    parts = [table for chart in charts(at) for table in (chart.proto.data, *(one.data for one in chart.proto.datasets))]
    return [pa.ipc.open_stream(table.data).read_pandas() for table in parts if table.data]


def sent(at) -> str:
    """Every word the browser is told: text, cards, buttons, and the words in and about charts."""
    parts = [*at.title, *at.subheader, *at.markdown, *at.caption, *at.info, *at.warning]
    said = [str(part.value) for part in parts] + [button.label for button in at.button]
    said += [f"{one.label} {one.value} {one.delta} {one.proto.delta_description} {one.help}" for one in at.metric]
    said += [chart.proto.alt for chart in charts(at)]
    said += [table.select_dtypes(exclude="number").to_csv() for table in tables_sent(at)]
    return " ".join(said).replace("\\", "")


def numbers_sent(at) -> list[float]:
    return [n for table in tables_sent(at) for n in table.select_dtypes("number").stack().tolist()]


def test_five_messages_as_sentences_with_a_picture_each_and_where_we_are():
    told = []
    for step, name in enumerate(story.SCREENS, 1):
        at = wall(step=str(step))
        told.append(title(at))
        assert any(f"**{step} of 5** · {name}" in part.value for part in at.markdown)
        assert len(charts(at)) == (1 if step < 5 else 0)
        assert not at.slider and not at.selectbox and not at.expander, "nothing to set on a wall"
    assert told[0].startswith("Today a new customer is worth $5,588 over 36 months ($")
    assert told[1].startswith("This plan adds $509 per new customer over 36 months (likely $")
    assert told[2] == "Price increase adds $635, annual billing costs $126"
    assert re.match(r"It pays in (\d+ of 100 cases|nearly every case); most hangs on “", told[3])
    assert told[4].startswith(("It pays as long as “Lasting effect on churn” stays below ", "It pays at any setting of"))


def test_the_story_begins_with_today_on_the_landing_page_and_with_the_answer_on_the_desk():
    assert title(wall("overview")).startswith("Today a new customer")
    at = wall()
    assert title(at).startswith("This plan adds") and "step" not in at.query_params
    clean(at.button(key="story-next").click().run())
    assert at.query_params["step"] == "3" and title(at).startswith("Price increase adds")
    clean(at.button(key="story-back").click().run())
    clean(at.button(key="story-back").click().run())
    assert title(at).startswith("Today") and at.button(key="story-back").disabled
    clean(at.button(key="present-leave").click().run())
    assert "present" not in at.query_params and "step" not in at.query_params
    assert at.slider(key="PriceIncrease.rise").value == 0.1, "the desk is as it was"


def test_without_a_plan_the_wall_asks_and_goes_on_with_the_answer():
    at = app("scenarios", present="true")
    assert title(at) == "What if? Ask a question" and at.button(key="story-next").disabled
    clean(at.button(key="ask-PriceIncrease").click().run())
    assert title(at).startswith("Raising prices 10 %") and not at.button(key="story-next").disabled


@pytest.mark.parametrize("step, view", [(1, "new"), (2, "existing"), (2, "portfolio"), (3, "new"), (3, "portfolio"),
                                        (4, "existing"), (5, "new")])  # fmt: skip
def test_hidden_amounts_are_nowhere_in_what_the_browser_is_told(view, step):
    plain, hidden = (wall(view=view, step=str(step), amounts=amounts) for amounts in ("shown", "hidden"))
    base = cache.base("sample", cache.default_split("sample"), json.dumps(link.ECONOMICS | {"growth": "flat"}, sort_keys=True))
    worth = cs.value(base, 36)
    amounts = [worth.clv, worth.residual_per_customer, worth.portfolio, cache.subscriptions("sample").active_mrr]
    said = sent(hidden)
    assert ("$" in sent(plain)) is (step < 5) and "$" not in said, "no sum of money in words"
    for amount in amounts:
        assert words.money(amount) not in said and str(round(amount)) not in said
        assert not [n for n in numbers_sent(hidden) if n == pytest.approx(amount, rel=1e-3)]
    if step == 3:
        assert [n for n in numbers_sent(plain) if n == pytest.approx(amounts[0 if view == "new" else 2], rel=1e-9)]
        assert max(numbers_sent(hidden)) < 200, "hundredths of today's value"
    assert any("Amounts are shares of what" in part.value for part in hidden.caption)
    clean(hidden.button(key="story-amounts").click().run())
    assert "amounts" not in hidden.query_params and title(hidden) == title(plain), "nothing hidden was kept as it was"


def test_money_is_a_share_inside_and_an_amount_outside():
    with discreet.against(200.0):
        assert words.money(50.0, sign=True) == "+25.0\xa0%" and words.money_interval(-20.0, 10.0)[0] == words.MINUS
        with discreet.against(None):
            assert words.money(50.0) == "$50.00"
        assert words.money(50.0) == "25.0\xa0%"
    assert words.money(50.0) == "$50.00"
    with discreet.against(0.0):
        assert words.money(50.0) == "0.0\xa0%"


def test_a_file_without_dates_or_prices_can_be_presented_or_says_why_not():
    at = confirmed(SNAPSHOT, "snapshot.csv")
    ds = at.query_params["ds"]
    for step in range(1, 6):
        assert not wall(ds=ds, step=str(step)).error
    rows = "".join(f"c{n},2025-0{1 + n % 5}-01,{'' if n % 2 else '2025-07-28'}\n" for n in range(60))
    ds = confirmed(f"customer,start,end\n{rows}".encode()).query_params["ds"]
    at = wall(ds=ds)
    assert title(at) == "A presentation needs a price" and at.button(key="present-leave")


def test_what_must_be_seen_beside_the_headline_is_on_the_wall_too():
    rows = "".join(f"c{n},2025-0{1 + n % 5}-01,{'' if n % 9 else '2025-07-28'},20\n" for n in range(40))
    ds = confirmed(f"customer,start,end,mrr\n{rows}".encode()).query_params["ds"]
    for step in ("2", "5"):
        assert [one.value[:7] for one in wall(ds=ds, step=step).warning] == ["Too few"]
    assert not wall(step="2").warning


def test_messages_of_plans_that_change_nothing_or_lose():
    assert story.how_sure(None) == "This plan changes nothing here"
    assert story.how_sure(0.999).endswith("nearly every case") and story.how_sure(0.0).endswith("hardly any case")
    assert story.must_be_true((), True, 0).startswith("Nothing in this plan rests")
    assert story.must_be_true((), None, 3) == "In this view the plan moves nothing, so no belief decides it"
    assert "rests on" not in story.must_be_true((), False, 3), "it has beliefs"
    assert story.must_be_true((), True, 1) == "It pays at any setting of its one belief"
    assert story.must_be_true((), True, 4) == "It pays at any setting of each of its 4 beliefs, one at a time"
    assert story.must_be_true((("A", "below 1"), ("B", "above 2")), False, 2).endswith("one of 2 beliefs would have to be another")
    one = (("A", "below 1"), ("B", story.NO_VALUE))
    assert story.must_be_true(one, False, 2) == "As set it does not pay: “A” would have to be below 1"
    assert "no belief in it alone" in story.must_be_true(one[1:], False, 1)
    steps = {"A": 5_000.0, "B": -300.0, "C": 200.0, "D": 150.0, "E": 0.0}
    said = story.why(steps, 1000.0, 6050.0, "new")
    assert said == "A adds $5,000, b costs $300, c adds $200, the other 2 together add $150"


@pytest.mark.parametrize("steps, said", [
    ({"A": 500.4, "B": 0.3}, "A adds $501, b hardly changes anything"),
    ({"A": 500.4, "B": -0.3}, "A adds $500, b hardly changes anything"),
    ({"A": 500.0, "B": 0.0}, "A adds $500, b changes nothing"),
    ({"A": 500.2, "B": 300.2, "C": 200.2, "D": 0.3, "E": -0.4}, "the other 2 together hardly change anything"),
    ({"A": 0.3}, "A hardly changes anything: $1,000 per new customer"),
    ({"A": 0.0}, "A changes nothing: $1,000 per new customer"),
])  # fmt: skip
def test_a_step_has_the_sign_it_has_before_it_is_rounded(steps, said):
    assert story.why(steps, 1000.0, 1000.0 + sum(steps.values()), "new").endswith(said)


def test_where_the_plan_moves_nothing_no_screen_calls_it_arithmetic():
    idle = {"ChurnReduction.reduction": "0.1", "ChurnReduction.scope": "existing", "view": "new"}
    for step in ("4", "5"):
        at = app("scenarios", present="true", step=step, **idle)
        assert "so no belief decides it" in sent(at) and "arithmetic" not in sent(at)
    assert title(at) == "In this view the plan moves nothing, so no belief decides it"
