"""What is kept of one plan holds up nobody who asks another; two who ask the same one get the same."""

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

from cs_models.kept_property import kept
from cs_models.mixing import Money

ROOT = Path(__file__).resolve().parents[1]


def test_a_plan_that_takes_long_holds_up_no_other():
    begun, go_on = Event(), Event()

    def slow():
        begun.set()
        assert go_on.wait(20)
        return []

    with ThreadPoolExecutor(2) as people:
        first = people.submit(lambda: Money(slow, (0.8, 0.0, "types")).groups)
        assert begun.wait(20)
        other = people.submit(lambda: Money(lambda: ["another"], (0.8, 0.0, "types")).groups)
        try:
            assert other.result(timeout=10) == ["another"] and not first.done()
        finally:
            go_on.set()
        assert first.result(20) == []


def test_two_who_ask_at_once_get_the_same_object():
    together = Barrier(2)

    class Book:
        @kept
        def months(self):
            """Of a year."""
            together.wait(20)
            return object()

    book, other = Book(), Book()
    with ThreadPoolExecutor(2) as people:
        one, two = people.map(lambda _: book.months, range(2))
    other.__dict__["months"] = "its own"
    assert one is two is book.months and other.months == "its own" and Book.months.__doc__ == "Of a year."


def test_nothing_of_the_app_uses_the_property_with_one_lock_for_all():
    """Python 3.11 is supported; from 3.12 on the two are the same."""
    for path in [path for part in ("cs_models", "pages", "server") for path in (ROOT / part).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.ImportFrom) else [getattr(node, "attr", "")]
            assert "cached_property" not in names, path
