"""One page after another, in the order they came; nobody waits for long work."""

import threading
import time

import pytest
from pages.shared.turns import Turns

SOON = 10.0  # seconds that anything here may take on a busy machine


class Crowd:
    """Threads that come one after another. `begun` and `drawn`: who has, in order; `gates`: what each is held by."""

    def __init__(self, moment: float) -> None:
        self.turns, self.begun, self.drawn, self.at_once, self.most = Turns(moment), [], [], 0, 0
        self.gates, self.threads = {}, []

    def come(self, name: str) -> None:
        self.gates[name] = threading.Event()
        self.threads.append(threading.Thread(target=self._draw, args=(name,), daemon=True))
        self.threads[-1].start()
        self.until(lambda: len(self.begun) + len(self.turns._waiting) >= len(self.threads))

    def _draw(self, name: str) -> None:
        with self.turns.turn():
            self.begun.append(name)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            self.gates[name].wait(SOON)
            self.drawn.append(name)
            self.at_once -= 1

    def until(self, there) -> None:
        end = time.monotonic() + SOON
        while not there():
            assert time.monotonic() < end
            time.sleep(0.001)

    def all_drawn(self) -> list[str]:
        for thread in self.threads:
            thread.join(SOON)
        return self.drawn


def test_one_at_a_time_in_the_order_they_came():
    crowd = Crowd(moment=SOON)
    for name in "abcdef":
        crowd.come(name)
    assert crowd.begun == ["a"]
    for gate in crowd.gates.values():
        gate.set()
    assert crowd.all_drawn() == list("abcdef") and crowd.most == 1


def test_long_work_keeps_nobody_waiting_and_its_end_disturbs_nobody():
    crowd = Crowd(moment=0.05)
    crowd.come("long")
    crowd.come("next")
    crowd.until(lambda: crowd.begun == ["long", "next"])
    crowd.turns._moment = SOON
    crowd.come("last")
    crowd.gates["long"].set()
    crowd.until(lambda: crowd.drawn == ["long"])
    time.sleep(0.05)
    assert crowd.begun == ["long", "next"], "the turn is that of the next, and he has not given it back"
    crowd.gates["next"].set()
    crowd.gates["last"].set()
    assert crowd.all_drawn() == ["long", "next", "last"]


def test_a_page_that_fails_hands_its_turn_on():
    turns = Turns(moment=SOON)
    with pytest.raises(ValueError), turns.turn():
        raise ValueError
    began = time.monotonic()
    with turns.turn():
        assert time.monotonic() - began < SOON / 2
