"""Work in a database that can be watched and stopped: a thread with a connection of its own."""

import contextlib
import threading
from collections.abc import Callable

from cs_models.counts.engines import engine_of
from cs_models.problems import Problem

CANCELLED = "Counting was cancelled, and nothing was kept."
MOST = 3  # that one server counts at once: each may take the memory of an engine
BUSY = (
    f"This server is counting {MOST} tables already, which is as many as it does at once. Try again when one of them has "
    "finished."
)
UNFINISHED = (
    "The database did not finish: {error}. If it ran out of time, ask whoever looks after this server for more seconds of "
    "this connection; its own log says more."
)
Open = Callable[[], object]
Ask = Callable[[object, Callable[[str], None]], object]
_places = threading.BoundedSemaphore(MOST)


class UnderWay:
    """What is asked of a database, under way in a thread: `done` whether it ended in any way.

    `ask(connection, tell)` is the work; it calls `tell(title)` before each of its steps, which `step` and `title` say.
    `result()` waits and gives what was found, or raises its `Problem`. `cancel()` stops the statement that runs, where
    the driver can be told to; no further one is sent in any case. What nobody holds any more, as after a page was closed,
    cancels itself.
    """

    def __init__(self, open_connection: Open, ask: Ask, unfinished: str = UNFINISHED, counts: bool = False) -> None:
        """`counts`: one of the MOST long ones; Problem where as many are under way."""
        if counts and not _places.acquire(blocking=False):
            raise Problem(BUSY)
        self._work = _Work(open_connection, ask, unfinished, counts)  # the thread holds this and not the object itself
        self._thread = threading.Thread(target=self._work.run, daemon=True)
        self._thread.start()

    @property
    def step(self) -> int:
        return self._work.step

    @property
    def title(self) -> str:
        return self._work.title

    @property
    def mark(self) -> str:
        """What its statements bear in a session that others share."""
        return self._work.mark

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Whether it ended within so many seconds."""
        self._thread.join(seconds)
        return self.done

    def result(self):
        self._thread.join()
        if self._work.cancelled:
            raise Problem(CANCELLED)
        if isinstance(self._work.found, Problem):
            raise self._work.found
        return self._work.found

    def cancel(self) -> None:
        self._work.stop()

    def __del__(self) -> None:
        if hasattr(self, "_thread") and self._thread.is_alive():
            self.cancel()


class _Work:
    """The part of it that the thread holds."""

    def __init__(self, open_connection: Open, ask: Ask, unfinished: str, counts: bool) -> None:
        self.step, self.title, self.cancelled, self.found = 0, "Opening the connection", False, None
        self._open, self._ask, self._unfinished, self._counts = open_connection, ask, unfinished, counts
        self._connection: object = None
        self.mark = f"perennial-{id(self)}"

    def run(self) -> None:
        try:
            self._connection = self._open()
            if engine_of(self._connection) == "pyspark":  # one session for everybody here: only what bears our mark
                self._connection.addTag(self.mark)
            self._heed()
            self.found = self._ask(self._connection, self._tell)
        except Problem as problem:
            self.found = problem
        except Exception as error:  # every driver has errors of its own, and they may quote a value
            self.found = Problem(self._unfinished.format(error=type(error).__name__))
        finally:
            if self._counts:
                _places.release()
            if engine_of(self._connection) not in ("NoneType", "builtins", "pyspark"):
                with contextlib.suppress(Exception):
                    self._connection.close()

    def stop(self) -> None:
        self.cancelled = True
        with contextlib.suppress(Exception):  # it may have ended at this moment
            if engine_of(self._connection) == "pyspark":
                self._connection.interruptTag(self.mark)
            else:
                getattr(self._connection, "interrupt" if engine_of(self._connection) == "duckdb" else "cancel")()

    def _heed(self) -> None:
        if self.cancelled:
            raise Problem(CANCELLED)

    def _tell(self, title: str) -> None:
        self._heed()
        self.step, self.title = self.step + 1, title
