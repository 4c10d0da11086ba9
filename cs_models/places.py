"""Places for work that takes much of the machine: so many at once; whoever comes later waits, in the order of coming."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock


class Places:
    """`most` pieces of work at once. Safe to ask from several threads.

    >>> places, waits = Places(1), Event()
    >>> with places.one(Event()):
    ...     places.before(waits)
    0
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._came: list[Event] = []
        self._lock = Lock()

    @contextmanager
    def one(self, turn: Event) -> Iterator[None]:
        """Wait for a place and hold it. `turn` is set when it is there; whoever sets it before waits no longer, without one."""
        with self._lock:
            self._came.append(turn)
            self._call()
        try:
            turn.wait()
            yield
        finally:
            with self._lock:
                self._came.remove(turn)
                self._call()

    def before(self, turn: Event) -> int:
        """How many must end before it is this one's turn; 0 for one that has a place or does not wait."""
        with self._lock:
            return max(self._came.index(turn) - self.most + 1, 0) if turn in self._came else 0

    def _call(self) -> None:
        for turn in self._came[: self.most]:
            turn.set()
