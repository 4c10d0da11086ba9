"""All that is public, every lever parameter, model and definition stands on the Methods page, harmlessly."""

import inspect
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import cs_models as cs
from cs_models import methods, words
from cs_models.definitions import Definitions
from cs_models.glossary import HELP, LABELS
from cs_models.levers import ALL
from cs_models.recount import redefined
from cs_models.retention.registry import models

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def page():
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    at.switch_page("pages/methods/page.py").run()
    assert not at.exception
    return at


def plain(text: str) -> str:
    """What a reader sees of escaped markdown."""
    return text.replace("\\", "").replace("\u2060", "")


def everything(at) -> str:
    kinds = ("title", "header", "subheader", "markdown", "caption", "code")
    parts = [part.value for kind in kinds for part in at.get(kind)]
    cells = [cell for table in at.table for row in table.value.to_numpy() for cell in row]
    return plain("\n".join(map(str, [*parts, *cells])))


def test_every_public_name_that_has_a_docstring_is_there(page):
    there = {part.value for part in page.subheader}
    public = {name: getattr(cs, name) for name in cs.__all__ if name not in ALL}
    wanted = [name for name, thing in public.items()
              if (inspect.isroutine(thing) or inspect.isclass(thing)) and methods.described(thing)]  # fmt: skip
    assert len(wanted) > 30 and "back_test" in wanted
    titles = {one.name: one.title for one in methods.public_entries()}
    assert not [name for name in wanted if words.md(titles[name]) not in there]
    code = {part.value.split("(")[0] for part in page.code}
    assert not [name for name in wanted if f"cs.{name}" not in code], "its name in code stands under it"


def test_headings_are_words_and_no_two_are_the_same():
    titles = [one.title for one in methods.public_entries()]
    assert len(set(titles)) == len(titles) and not [one for one in titles if "_" in one or not one[0].isupper()]
    assert set(methods.TITLES) <= set(cs.__all__), "a title of nothing"


def test_every_word_of_the_glossary_has_a_label():
    assert not set(HELP) - set(LABELS)


def test_the_words_of_a_docstring_are_there(page):
    shown = " ".join(everything(page).split())
    for said in ("Fit on what was known `months` ago", "cs.back_test(subs, months=12, by=()",
                 "S(t) = product over k <= t of (1 - churned(k) / in_force(k))"):  # fmt: skip
        assert said in shown, said


def test_every_lever_parameter_is_there_with_range_default_and_evidence(page):
    columns = list(methods.PARAMETER_COLUMNS)
    tables = [table.value.map(plain) for table in page.table if list(table.value.columns) == columns]
    assert len(tables) == len(ALL)
    for (_, lever), table in zip(ALL.items(), tables):
        assert any(plain(part.value) == lever.title for part in page.subheader)
        for parameter, row in zip(lever.parameters(), table.itertuples(index=False), strict=True):
            assert row[0] == parameter.label and row[4] == parameter.evidence and row[5] == parameter.help
            assert row[2] == methods.shown(parameter, parameter.default)


def test_models_definitions_and_words_are_there(page):
    shown = everything(page)
    assert not [model.title for model in models().values() if model.title not in shown]
    assert not [switch.label for switch in Definitions.switches() if switch.label not in shown]
    assert not [text for text in (*LABELS.values(), *HELP.values()) if text not in shown]


def test_the_definitions_in_force_are_those_of_the_open_data():
    subs = redefined(cs.read(ROOT / "sample_data" / "subscriptions.csv"), gap_days="60")
    first, usual = methods.sections(subs)[0], methods.sections()[0]
    assert "60 days" in first.about and "usual definitions" in usual.about
    now, before = first.entries[0].rows[0][1:3]
    assert "60 days" in now and "45 days" in before


def test_values_of_parameters_are_for_people():
    rise, scope = cs.PriceIncrease.parameters()[:2]
    assert methods.shown(rise, 0.1) == "10\xa0%" and methods.shown(scope, "both") == "Everybody"
    assert methods.shown(rise, None) == "always"


def test_every_anchor_leads_to_one_place():
    found = methods.sections()
    entries = [entry for section in found for entry in section.entries]
    anchors = [one.anchor for one in (*found, *entries)]
    assert len(set(anchors)) == len(anchors) and all(anchors)


def test_a_search_finds_what_says_all_words_and_nothing_else():
    found = methods.search(methods.sections(), "CAC  payments")
    names = [entry.name for section in found for entry in section.entries]
    assert "payback_by_group" in names or "Valuation" in names
    assert all(entry.says("cac") and entry.says("payments") for section in found for entry in section.entries)
    assert methods.search(methods.sections(), "zebra") == ()
    assert methods.counted(methods.search(methods.sections(), " ")) == methods.counted(methods.sections())


def test_the_page_searches(page):
    at = page.text_input(key="methods-search").input("grandfathering").run()
    assert not at.exception and 0 < len(at.subheader) < 12
    at = page.text_input(key="methods-search").input("zebra $x$ <b>").run()
    assert not at.exception and not at.subheader and "Try a shorter word" in at.info[0].value
    page.text_input(key="methods-search").input("").run()


def test_a_docstring_in_pieces():
    text = "First.\nStill first.\n\n* one\n  more\n* two\n\n    import x\n\n>>> a = 1\n>>> a\n1\n\nEnd, >>> no code."
    assert methods.blocks(text) == [
        ("text", "First. Still first."), ("point", "one more"), ("point", "two"), ("example", "import x"),
        ("example", ">>> a = 1\n>>> a\n1"), ("text", "End, >>> no code."),
    ]  # fmt: skip
    close = methods.blocks("Text first.\n>>> 1 + 1\n2")
    assert close == [("text", "Text first."), ("example", ">>> 1 + 1\n2")]


def test_what_stands_on_the_page_is_shown_and_never_obeyed():
    assert methods.prose("``a * b`` *c*") == "`a * b` \\*c\\*"
    hostile = methods.prose("`x` ![i](http://h/i.png) $5 vs $7 <b> :red[a] ` alone")
    assert "![" not in hostile and hostile.count("`") == 3 and "\\$5" in hostile and "\\<b" in hostile
