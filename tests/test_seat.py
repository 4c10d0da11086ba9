"""A bare address: the browser that had data open is offered them again; no other browser hears of them."""

from types import SimpleNamespace

import pytest
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from test_pages import app, clean, own_folder  # noqa: F401
from test_sweeper import BOOK, kept

from pages.shared import cache, seat, session


@pytest.fixture
def sitting(monkeypatch):
    """Who sits there: a name that a test may change."""
    here = SimpleNamespace(name="one")
    monkeypatch.setattr(seat, "browser", lambda: here.name)
    seat.seats.clear()
    yield here
    seat.seats.clear()


def opened() -> str:
    """Data of one's own, opened by a link; their id."""
    data = kept(cache.store())
    assert app("data", ds=data).query_params["ds"] == data
    return data


def buttons(at) -> set[str]:
    return {str(one.key) for one in at.button}


def test_a_bare_address_offers_what_this_browser_had_open(sitting):
    data = opened()
    at = app()
    assert "go-on" in buttons(at) and "ds" not in at.query_params
    clean(at.button(key="go-on").click().run())
    assert at.query_params["ds"] == data and "go-on" not in buttons(at)


def test_who_has_data_open_is_told_when_they_are_opened_and_once_a_minute_of_use(sitting, monkeypatch):
    clock, told = SimpleNamespace(now=1000.0), []
    monkeypatch.setattr(session, "monotonic", lambda: clock.now)
    monkeypatch.setattr(seat, "note", told.append)
    first, second = kept(cache.store()), kept(cache.store(), BOOK.replace(b"2025-01", b"2025-02"))
    at = app("data", ds=first)
    clean(at.run())
    assert told == [first]
    clock.now += session.SEATED
    clean(at.run())
    assert told == [first, first]
    app("data", ds=second)
    assert told == [first, first, second]


def test_another_browser_hears_nothing_of_it(sitting):
    opened()
    for sitting.name in ("two", ""):
        assert "go-on" not in buttons(app())


def test_the_offer_ends_when_it_is_turned_down_and_when_the_data_are_gone(sitting):
    data = opened()
    at = app()
    assert "go-on" not in buttons(clean(at.button(key="go-on-not").click().run()))
    assert "go-on" not in buttons(app(ds="sample-snapshot")), "a link that names data is no bare address"
    cache.store().delete(data)
    assert "go-on" not in buttons(app())


def test_a_seat_is_kept_for_a_day_and_the_quietest_goes_first(monkeypatch):
    monkeypatch.setattr(seat, "MOST", 2)
    seats = seat.Seats()
    for now, name in enumerate("aba"):
        seats.note(name, f"data of {name}", now)
    seats.note("c", "data of c", 3)
    assert [seats.of(name, 4) for name in "abc"] == ["data of a", "", "data of c"]
    assert seats.of("a", 2 + seat.DAY) == "" and seats.of("a", 1 + seat.DAY)


def test_a_browser_is_known_by_its_token_however_it_is_masked(monkeypatch):
    def known(cookie: str, person: str = "") -> str:
        monkeypatch.setattr(seat, "st", SimpleNamespace(context=SimpleNamespace(cookies={seat.TOKEN: cookie})))
        monkeypatch.setattr(seat.who, "who", lambda: seat.who.Person(person, "ana@firm.test"))
        return seat.browser()

    one, same, other = (generate_xsrf_token_string(token) for token in (b"1" * 16, b"1" * 16, b"2" * 16))
    assert one != same and known(one) == known(same) != known(other)
    assert known(one, "a" * 32) != known(one, "b" * 32) and known("") == known("2|x|y|z") == ""
