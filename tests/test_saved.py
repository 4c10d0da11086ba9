"""A saved scenario gives the same numbers to the cent, knows its data again and refuses what it cannot read."""

import json
import tomllib

import pytest

import cs_models as cs
from places import ROOT
from cs_models.definitions import Definitions
from cs_models.problems import Problem
from cs_models.saved import VERSION, SavedScenario
from sample_data import golden

FLAT = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True, digest="ab" * 32)
PLAN = cs.Scenario("Autumn", (cs.PriceIncrease(rise=0.1, scope="existing", one_off_loss=0.02),))
FILES = sorted((ROOT / "sample_data" / "saved").glob("*.json"))


def kept(**more):
    return SavedScenario.of(cs.compare(FLAT, PLAN, 36), reasons="Costs rose <b>10 %</b>", **more)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_saved_file_gives_the_same_numbers_to_the_cent(path):
    """make golden writes it again; the diff is what users will see."""
    saved = SavedScenario.from_json(path.read_text(encoding="utf-8"))
    assert saved.to_json() == path.read_text(encoding="utf-8")
    base = golden.sample_base(draws=saved.draws, seed=saved.seed)
    change = saved.compare(base)
    found, was = change.difference(saved.figure.book), saved.figure
    assert (found.delta, found.low, found.high) == pytest.approx((was.delta, was.low, was.high), abs=0.011)
    assert saved.changed(change) == "" and saved.differences(base) == ()


def test_there_is_a_golden_file():
    assert FILES


def test_there_and_back():
    one = kept(definitions=Definitions.of({"gap_days": "60"}), seed=3)
    assert SavedScenario.from_json(one.to_json()) == one
    assert one.definitions == {"gap_days": "60"} and one.seed == 3
    assert cs.Scenario.from_json(one.to_json()) == PLAN, "a plain scenario reader takes it too"
    assert SavedScenario.from_json(PLAN.to_json()).scenario == PLAN, "and a plain scenario is read here"


def test_no_file_name_and_little_of_the_digest():
    text = kept().to_json()
    assert json.loads(text)["data"] == "ab" * 8 and "csv" not in text


def test_what_is_otherwise_than_it_was_is_said():
    one = kept()
    assert one.differences(FLAT) == ()
    other = cs.Assumptions.flat(0.03, 50, 0.7, 0.10, 60, existing=True, digest="cd" * 32)
    said = " ".join(one.differences(other, Definitions.of({"gap_days": "9"})))
    assert "other data" in said and "other definitions" in said and "gross margin was 80.0" in said
    assert one.compare(other).delta == pytest.approx(one.figure.delta, abs=0.005), "its own economics are put back"
    assert "now it says" in one.changed(cs.compare(other, PLAN, 36))
    euros = cs.Assumptions.flat(0.03, 50, 0.8, 0.10, 60, existing=True, cac=600.0, currency="EUR")
    assert "now it is €600" in " ".join(one.differences(euros)), "in the currency of the data"


def test_the_version_is_that_of_the_product():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


@pytest.mark.parametrize("change, words", [
    ({"horizon": "36"}, "whole number"), ({"horizon": 0}, "whole number"), ({"seed": -1}, "seed"), ({"reasons": 5}, "text"),
    ({"heterogeneity": "both"}, "types or aggregate"), ({"economics": {"margin": 1}}, "economics"),
    ({"economics": {"gross_margin": "high"}}, "wrong kind"), ({"definitions": {"colour": "red"}}, "unknown definition"),
    ({"definitions": ["x"]}, "definitions"), ({"figure": {"book": "new"}}, "figure"), ({"figure": {"delta": 1e999}}, "figure"),
    ({"levers": {}}, "no list of levers")])  # fmt: skip
def test_what_it_cannot_read_is_a_sentence(change, words):
    with pytest.raises(Problem, match=words):
        SavedScenario.from_json(json.dumps(json.loads(kept().to_json()) | change))


def test_long_texts_are_cut():
    one = SavedScenario.of(cs.compare(FLAT, PLAN, 36), name="n" * 999, reasons="r" * 9999)
    assert len(one.name) == 200 and len(one.reasons) == 4000 and one.renamed("b", "why").reasons == "why"


def test_a_typed_price_is_part_of_it():
    one = kept(price=49.5)
    assert one.price == 49.5 and SavedScenario.from_json(one.to_json()) == one
    assert "price" not in json.loads(kept().to_json()), "where the data hold prices none is typed"
    assert SavedScenario.from_json(one.canonical()) == one and "\n" not in one.canonical()
    with pytest.raises(Problem, match="number from 0"):
        SavedScenario.from_json(json.dumps(json.loads(one.to_json()) | {"price": "high"}))
