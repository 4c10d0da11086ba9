"""What is kept of one plan holds up nobody who asks another; two who ask the same one get the same."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from cs_models.kept_property import kept
from cs_models.mixing import Money


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
