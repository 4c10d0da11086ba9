"""Help where one is: a note on every page with the way to Methods, and a tour of the sample that ends when told to."""

import pytest
from test_pages import PAGES, PERIODS, app, clean, confirmed, go, own_folder  # noqa: F401

from cs_models import methods
from cs_models.notes import NOTES
from pages.shared.tour import STOPS


def words_of(at) -> str:
    return " ".join(str(part.value) for part in (*at.title, *at.markdown, *at.caption)).replace("\\", "")


def pressed(at, key: str):
    return clean(at.button(key=key).click().run())


@pytest.mark.parametrize("name", NOTES)
def test_what_a_note_names_is_found_on_the_methods_page(name):
    assert 0 < methods.counted(methods.search(methods.sections(), NOTES[name].find)) < 30
    assert len(NOTES[name].text) < 330, "three sentences, read standing"


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PAGES if name != "methods"])
def test_every_page_says_how_it_is_worked_out_and_leads_to_the_long_of_it(name):
    at = app(name)
    title = "Back-test" if name == "backtest" else name.replace("_", " ").capitalize()
    assert NOTES[title].text[:40] in words_of(at).replace("\xa0", " ")
    at = pressed(at, "to-methods")
    assert at.text_input(key="methods-search").value == NOTES[title].find
    assert "How every number is made" in words_of(at)


def test_the_tour_goes_through_the_sample_stop_by_stop():
    at = pressed(app(), "tour-begin")
    for stop, (_, _, text) in enumerate(STOPS, 1):
        assert f"{stop} of 6: {text[:30]}" in words_of(at)
        if stop < len(STOPS):
            at = pressed(at, "tour-next")
    assert "Load your data" in words_of(at) or "rows are accounted for" in words_of(at)
    at = pressed(at, "tour-end")
    assert "6 of 6" not in words_of(at)


def test_whoever_leaves_the_way_is_led_back_and_other_data_have_no_tour():
    at = go(pressed(app(), "tour-begin"), "drivers")
    assert "The tour waits at Overview" in words_of(at)
    assert "1 of 6: What a customer" in words_of(pressed(at, "tour-next"))
    at = go(confirmed(PERIODS), "overview")
    assert "tour-begin" not in {button.key for button in at.button}
