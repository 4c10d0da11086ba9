"""What goes into the charts of a plan's doubts, maps, months and shares, and how they are told to who cannot see them."""

import numpy as np
import pandas as pd
import pytest

import cs_models as cs
from cs_models.charts import attribution, bridge, portfolio, tornado, two_way
from cs_models.exports import pictures

BASE = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True)
PLAN = cs.Scenario("rise", (cs.PriceIncrease(rise=0.1, scope="existing", one_off_loss=0.05), cs.ChurnReduction(cost=1.0)))


@pytest.fixture(scope="module")
def change():
    return cs.compare(BASE, PLAN, 36)


def test_names_of_beliefs_are_broken_for_a_phone_and_whole_elsewhere():
    """Beside a plot of 390 pixels there is room for two words a line; the axis joins them where there is more."""
    labels = ["Take-up", "Recovered with retries and reminders", "Choose a smaller plan at the old price"]
    frame = tornado.frame(40.0, [tornado._Swing(label, 52.0, -18.0, "1.5 % per 1 % of price", "6 %") for label in labels])
    bars = frame[frame["part"] == "bar"]
    assert [name.replace("\n", " ") for name in bars["name"].unique()] == labels
    assert max(len(line) for name in bars["name"] for line in name.split("\n")) <= 14
    axis = tornado.CHART.spec()["layer"][-1]["encoding"]["y"]["axis"]["labelExpr"]
    assert axis.startswith("windowSize()[0] < 600 ? split(") and axis.endswith("/\\n/g, ' ')")
    assert max(len(line) for text in bars["text"] for line in text.split("\n")) <= 10


def test_bars_of_a_tornado_start_at_the_answer_and_point_to_gain_or_loss(change):
    found = cs.tornado(change)
    frame = tornado.frame(found.delta, found.swings)
    bars = frame[frame["part"] == "bar"]
    assert (bars["start"] == found.delta).all() and len(bars) == 2 * sum(s.width > 0 for s in found.swings)
    assert (bars.loc[bars["end"] > found.delta, "role"] == "scenario").all()
    assert (bars.loc[bars["end"] < found.delta, "role"] == "loss").all()
    assert bars.groupby("order")["side"].apply(set).map(len).eq(2).all(), "one value on each side"
    assert frame.loc[frame["part"] == "zero", "start"].tolist() == [0.0]
    wide = tornado.table(found.swings)
    assert wide["Turns the sign"].tolist() == ["yes" if s.flips else "no" for s in found.swings]
    assert "Leave on the day from" in tornado.alt_text(found.delta, found.swings)


@pytest.mark.parametrize("words, shown", [
    ("1.5\xa0% per 1 % of price", "1.5\xa0%"), ("55,6\xa0%, that is 36,9\xa0% of those asked", "55,6\xa0%"),
    ("0.8\xa0times", "0.8\xa0times"), ("120 months", "120 months"), ("+1.234.567,00\xa0$", "+1.234.567,00\xa0$")])
def test_the_value_at_a_bar_has_a_room_of_its_own_and_its_unit_in_the_tip(words, shown):
    swing = tornado._Swing("Lasting effect on churn", -300.0, 200.0, words, words)
    bars = tornado.frame(-50.0, [swing]).dropna(subset=["end"])
    assert set(bars["text"]) == {shown} and set(bars["said"]) == {words}
    reach, ends = bars["reach"], bars[["start", "end"]].to_numpy()
    plot, room = reach.max() - reach.min(), min(ends.min() - reach.min(), reach.max() - ends.max())
    assert room / plot >= tornado.LETTER * min(len(shown), 15) - 1e-12


def test_beliefs_of_one_name_say_whose_they_are():
    from types import SimpleNamespace

    def swing(title, label):
        return SimpleNamespace(title=title, label=label, at_low=0.0, at_high=5.0, width=5.0, low_words="1 %", high_words="9 %")

    swings = [swing("Churn reduction", "Churn cut by"), swing("Account management", "Churn cut by"), swing("Annual", "Discount")]
    names = tornado.frame(3.0, swings).query("part == 'bar'")["name"].map(lambda lines: lines.replace("\n", " ")).unique()
    assert list(names) == ["Churn reduction: churn cut by", "Account management: churn cut by", "Discount"]
    assert "Account management: churn cut by from 1 %" in tornado.alt_text(3.0, swings)


def test_a_tornado_of_nothing_is_empty():
    assert tornado.frame(0.0, ()).empty and tornado.table(()).empty


def test_cells_of_a_map_cover_it_and_the_line_lies_in_it():
    found = cs.two_way_map(BASE, PLAN, "PriceIncrease.rise", "PriceIncrease.one_off_loss", 36)
    frame = two_way.frame(found)
    cells = frame[frame["part"] == "cell"]
    area = ((cells["x2"] - cells["x"]) * (cells["y2"] - cells["y"])).sum()
    assert area == pytest.approx(1.0) and cells["strength"].between(0, 1).all()
    assert (cells["x2"] - cells["x"]).round(9).value_counts().index[0] == round(1 / 12, 9), "even cells, half ones at the ends"
    assert set(cells["role"]) == {"scenario", "loss"}
    line = frame[frame["part"] == "line"]
    assert len(line) == len(found.line) > 0 and line[["x", "y", "x2", "y2"]].to_numpy().min() >= 0
    (here,) = frame[frame["part"] == "here"].to_dict("records")
    assert (here["across"], here["down"], here["x"]) == ("10%", "5%", pytest.approx(0.2))
    assert two_way.table(found).shape == (13, 14) and "Price rise across" in two_way.alt_text(found)


def test_a_hole_in_a_map_is_left_out():
    class Hole(two_way._Map):
        frame = two_way._Map.frame.assign(delta=[np.nan, *two_way._Map.frame["delta"][1:]])

    assert len(two_way.frame(Hole).query("part == 'cell'")) == 8


def test_the_book_before_and_after(change):
    view = cs.portfolio_by_month(change)
    for measure in portfolio.MEASURES:
        frame = portfolio.frame(view.frame, measure, view.payback)
        lines = frame[frame["part"] == "line"].groupby("role").size()
        assert lines.to_dict() == ({"scenario": 36} if measure == "cumulative" else {"baseline": 36, "scenario": 36})
        assert len(portfolio.table(view.frame, measure)) == 36 and portfolio.alt_text(view.frame, measure).endswith(".")
    assert portfolio.example().query("part == 'point'")["text"].tolist() == ["Ahead for good from month 16"]


def test_three_bars_a_decision_in_the_order_of_the_story(change):
    found = change.attribution()
    frame = attribution.frame(found.steps, {"PriceIncrease": "Price increase"})
    assert frame.groupby("order")["kind"].apply(list).tolist() == [["alone", "fair share", "added last"]] * 2
    assert frame["name"].unique().tolist() == ["Price increase", "ChurnReduction"]
    shares = frame.loc[frame["kind"] == "fair share", "value"].sum()
    assert shares == pytest.approx(found.combined)
    wide = attribution.table(found)
    assert wide["Decision"].tolist()[-3:] == ["All together", "Sum of each alone", "Overlap"]
    assert isinstance(wide, pd.DataFrame) and "overlap" in attribution.alt_text(found)


def test_amounts_that_add_up_to_more_than_a_hundred_are_written_without_cents():
    """Each fits its bar to the cent; their sum does not, and what is read adds up."""

    class Step:
        def __init__(self, name, amount):
            self.name, self.alone, self.shapley, self.last = name, amount, amount, amount

    told = {many: set(attribution.frame([Step(str(i), 83.6 - i) for i in range(many)])["amount"]) for many in (1, 2)}
    assert told == {1: {"+$83.60"}, 2: {"+$84", "+$82", "+$83"}}, "83.6 and 82.6 are 166"


def test_names_under_a_crowded_bridge_stand_upright():
    few, many = ({f"Decision of kind {i}": 10.0 for i in range(count)} for count in (3, 9))

    def drawn(steps, width):
        return pictures.svg("bridge", bridge.frame(100, steps, 100 + 10 * len(steps)), width)

    assert drawn(many, 600).count("rotate(-90)") == 11 and "rotate(-90)" not in drawn(few, 600)
    assert drawn(many, 400).count("rotate(-90)") == 22, "and their numbers"
    assert "rotate(-90)" not in drawn(many, 900), "there is room side by side"
