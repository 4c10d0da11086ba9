"""Work that takes seconds: it is named step by step, stops when told to, and is not done twice."""

from threading import Event

import pytest
from streamlit.runtime.scriptrunner import RerunData, RerunException
from test_pages import app, clean, go, own_folder  # noqa: F401

from pages.shared import answers, work


@pytest.fixture
def long_book(monkeypatch):
    """Every book counts as a long one."""
    monkeypatch.setattr(work, "LONG", 1)


def test_a_short_book_waits_for_nothing(monkeypatch):
    monkeypatch.setattr(work, "_through", lambda *_: pytest.fail("no steps for a book that is read at once"))
    app()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["overview", "scenarios", "lifetime_value", "retention", "drivers", "customers",
                                  "backtest", "playbook", "segments"])  # fmt: skip
def test_every_step_of_a_long_book_is_worked_out_once_and_the_page_is_the_same(name, long_book, monkeypatch):
    named = []
    monkeypatch.setattr(work, "_done", lambda step: (named.append(step), step()))
    at = app(name)
    assert len(named) >= 2 and not at.error and not at.get("status"), "the steps give way to the page"
    plain = [str(one.value) for one in at.title]
    count = len(named)
    clean(at.run())
    assert len(named) == count, "nobody waits twice"
    monkeypatch.setattr(work, "LONG", 10**9)
    assert plain == [str(one.value) for one in app(name).title]


def test_cancel_leaves_the_rest_undone_and_go_on_takes_it_up(long_book, monkeypatch):
    """The press comes while the first step runs; the script is then begun anew, with what was asked for in mind."""
    at = app("retention")
    calls = []
    monkeypatch.setattr(work, "_done", lambda step: calls.append(step))
    name = repr(("Drivers", *_asked(at)))
    at.session_state["_halted"] = {name}
    at = go(at, "drivers")
    assert not calls and [part.value for part in at.info][0].startswith("Stopped.") and not at.title
    go(at, "retention")
    assert at.title, "other pages are as they were"
    at = go(at, "drivers")
    clean(at.button(key="work-on").click().run())
    assert calls and at.title


def test_a_press_is_heard_while_a_piece_is_under_way_and_the_piece_is_finished(monkeypatch):
    go_on, finished = Event(), Event()

    def pressed():
        raise RerunException(RerunData())

    monkeypatch.setattr(work.session, "stopped", pressed)
    with pytest.raises(RerunException):
        work._done(lambda: go_on.wait(60) and finished.set())
    assert not finished.is_set()
    go_on.set()
    assert finished.wait(60), "what was begun is kept"


def test_what_goes_wrong_in_a_piece_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        work._done(lambda: 1 / 0)


def _asked(at) -> tuple:
    state = at.session_state
    return ("sample", "c0", *(state[name] for name in ("growth", "by", "back", "horizon")))


def test_a_step_that_has_no_answer_leaves_it_to_the_page(long_book, monkeypatch):
    from cs_models.problems import Problem

    def refuse():
        raise Problem("no dates")

    monkeypatch.setattr(answers, "metrics", refuse)
    work._done(refuse)
    assert "left out" in " ".join(part.value for part in app(ds="sample-snapshot").info)
