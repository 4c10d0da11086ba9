"""Pages are drawn one after another, each for a moment alone.

A page is drawn by Python from its first line to its last, and Python runs one thread at a time however many there are:
thirty pages begun at once are not done sooner, each waits for all, and the switching costs half as much again. So
whoever comes first is drawn first. Work that takes longer than a moment holds the others for no longer: its turn lapses.
"""

from collections import deque
from contextlib import contextmanager
from functools import wraps
from threading import Condition, Lock
from time import monotonic

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

MOMENT = 0.4  # seconds, some times what a page needs


class Turns:
    """First come, first drawn; whoever takes longer than `moment` goes on beside the next."""

    def __init__(self, moment: float = MOMENT) -> None:
        self._moment, self._lock = moment, Lock()
        self._waiting: deque[Condition] = deque()
        self._whose: Condition | None = None
        self._since = 0.0

    @contextmanager
    def turn(self):
        """Wait for it, have it, hand it on."""
        mine = Condition(self._lock)
        with self._lock:
            self._waiting.append(mine)
            try:
                while (left := self._left(mine)) > 0:
                    mine.wait(left)
                self._whose, self._since = mine, monotonic()
            finally:  # also where the wait itself fails: nobody may stand in the way of all others for good
                self._waiting.remove(mine)
                self._call()
        try:
            yield
        finally:
            with self._lock:
                if self._whose is mine:
                    self._whose = None
                    self._call()

    def _left(self, mine: Condition) -> float:
        """Seconds for which to wait at the most; the next in line is called where they end sooner."""
        if self._waiting[0] is not mine:
            return float(len(self._waiting))
        return 0.0 if self._whose is None else self._moment - (monotonic() - self._since)

    def _call(self) -> None:
        if self._waiting:
            self._waiting[0].notify()


def install() -> None:
    """For the server about to start."""
    run, turns = ScriptRunner._run_script, Turns()
    if hasattr(run, "__wrapped__"):
        return

    @wraps(run)
    def in_turn(runner: ScriptRunner, asked) -> None:
        with turns.turn():
            run(runner, asked)

    ScriptRunner._run_script = in_turn
