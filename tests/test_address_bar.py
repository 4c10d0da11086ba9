"""What stands in the address decides when the browser went to it, and not when an older one arrives late."""

from pathlib import Path

import pytest
from page_parts import ask, clean, title
from streamlit.testing.v1 import AppTest

from pages.shared import address_bar, session

APP = Path(__file__).resolve().parents[1] / "app.py"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Scenarios with a price rise of 12 % on the table; its address is the older one of every test."""
    monkeypatch.setenv("PERENNIAL_DATA_DIR", str(tmp_path))
    at = AppTest.from_file(APP, default_timeout=120)
    at.query_params["PriceIncrease.rise"] = "0.12"
    return clean(clean(at.run()).switch_page("pages/scenarios/page.py").run())


def arrives(at: AppTest, address: dict[str, str]) -> AppTest:
    """A run that was asked for by a browser with this address in its bar."""
    at.query_params.clear()
    at.query_params.update(address)
    return clean(at.run())


def standing(at: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in dict(at.query_params).items()}


def test_a_run_asked_for_before_the_press_does_not_undo_it(desk):
    """The clock of a page, or a second press, asks while the first is worked on: with the address from before."""
    old = standing(desk)
    at = ask(desk, "AnnualBilling")
    said, new = title(at), standing(at)
    assert said.startswith("Annual billing") and new != old
    assert title(arrives(at, old)) == said and standing(at) == new


def test_back_and_on_set_what_the_address_says(desk, monkeypatch):
    old, before = standing(desk), title(desk)
    at = ask(desk, "AnnualBilling")
    said, new = title(at), standing(at)
    monkeypatch.setattr(address_bar, "_history", lambda: True)
    assert title(arrives(at, old)) == before and standing(at) == old
    assert title(arrives(at, new)) == said and standing(at) == new


def test_the_menu_leads_to_a_bare_address_and_values_stay(desk, monkeypatch):
    new = standing(desk)
    desk.query_params.clear()
    at = clean(desk.switch_page("pages/retention/page.py").run())
    assert standing(at) == new
    monkeypatch.setattr(address_bar, "_history", lambda: True)
    assert standing(arrives(at, {})) == new, "nobody stood on the bare address the menu led over"


def test_a_part_of_a_page_writes_the_address_only_where_it_is_drawn_alone(desk, monkeypatch):
    written = []
    monkeypatch.setattr(session, "write_link", lambda: written.append(session._around.get()))
    clean(desk.run())
    assert written == [False], "the page around it writes once, at its end"
    session.end_alone()
    assert written == [False, False]
