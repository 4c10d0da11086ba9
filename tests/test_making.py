"""A file on its way: its steps in order, a press that comes in twice, and a Cancel that leaves none."""

import pytest
from pages.shared import making
from pages.shared.downloads import Stopped


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(making, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def files(monkeypatch):
    kept = {}
    monkeypatch.setattr(making.session, "making", lambda: kept)
    return kept


def test_a_file_tells_each_step_before_it_takes_it(files, clock):
    seen = []

    def maker():
        for title, seconds in (("Telling", 2.0), ("Writing", 1.5)):
            yield title
            seen.append((files["pdf"].steps, files["pdf"].over))
            clock[0] += seconds
        return b"file"

    assert making.later("pdf", "PDF", maker)() == b"file"
    assert seen == [(("Telling",), False), (("Telling", "Writing"), False)]
    assert files["pdf"].over and files["pdf"].seconds == 3.5


@pytest.mark.parametrize("last", [False, True])
def test_a_cancel_ends_it_after_the_step_under_way(files, last):
    taken = []

    def maker():
        for title in ("first", "second"):
            yield title
            taken.append(title)
            if not last or title == "second":
                files["pdf"].stop()
        return b"file"

    with pytest.raises(Stopped):
        making.later("pdf", "PDF", maker)()
    assert taken == (["first", "second"] if last else ["first"]) and files["pdf"].over


@pytest.mark.parametrize("page_first", [True, False])
def test_a_press_comes_in_twice_and_is_one_file(files, page_first):
    def nothing():
        yield "only step"

    def by_page():
        making.pressed("pdf", "PDF")

    both = [by_page, making.later("pdf", "PDF", nothing)]
    found = []
    for _ in range(2):
        for side in both if page_first else reversed(both):
            side()
            found.append(files["pdf"])
    assert found[0] is found[1] and found[2] is found[3] and found[0] is not found[2]


def test_a_press_whose_request_never_came_is_not_waited_for(files, clock):
    making.pressed("pdf", "PDF")
    assert not files["pdf"].over
    clock[0] += making.LOST + 1
    assert files["pdf"].over


def test_a_file_that_fails_is_over(files):
    def broken():
        yield "Telling"
        raise ValueError

    with pytest.raises(ValueError):
        making.later("pdf", "PDF", broken)()
    assert files["pdf"].over and not files["pdf"].stopped
