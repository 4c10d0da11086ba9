"""How much one person may upload in an hour, and keep: files, data sets, bytes.

Asked by the Data page, and before the body of a request is read by server/uploads.py: what comes past the page is held
to twice as much, so that whoever uses the page reads a sentence there first.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from cs_models import words
from cs_models.ownership import weight

HOUR = 3600.0
EVERYBODY = "local"  # where nobody signs in, all are one person
MOST_PEOPLE = 10_000  # that are remembered; beyond, who uploaded longest ago is forgotten


@dataclass
class Quota:
    """At most `files` and `size` bytes in any `seconds`, for each person apart. Safe to ask from several threads."""

    files: int = 120
    size: int = 4 << 30
    seconds: float = HOUR
    _taken: dict[str, deque] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refusal(self, who: str, size: int, now: float) -> str:
        """Why this upload is refused, a sentence; "" where it may come in, and then it counts.

        `now`: seconds since any fixed moment. An upload that is refused does not count.
        """
        with self._lock:
            taken = self._taken.pop(who, deque())
            while taken and taken[0][0] <= now - self.seconds:
                taken.popleft()
            over = len(taken) >= self.files or sum(one for _, one in taken) + size > self.size
            if not over:
                taken.append((now, size))
            if taken:
                self._taken[who] = taken  # the latest stands last
            while len(self._taken) > MOST_PEOPLE:
                self._taken.pop(next(iter(self._taken)))
            return self._sentence(taken, now) if over else ""

    def _sentence(self, taken: deque, now: float) -> str:
        minutes = max(round((taken[0][0] + self.seconds - now) / 60), 1) if taken else 0
        limit = f"at most {words.count(self.files)} files and {words.count(self.size >> 20)} MB in an hour"
        then = f" Try again in {words.counted(minutes, 'minute')}." if taken else " Upload a smaller file."
        return f"This server takes {limit} from one person.{then}"


OF_THIS_SERVER = Quota()
RAW = Quota(files=240, size=8 << 30)
MOST_DATA_SETS, MOST_KEPT = 100, 20 << 30  # of one person, where people are told apart


def refusal(size: int, who: str = "") -> str:
    """Why a file of so many bytes is refused at this moment; "" where it may come in."""
    return OF_THIS_SERVER.refusal(who or EVERYBODY, size, time.monotonic())


def refusal_raw(size: int, who: str = "") -> str:
    """The same for a request on its way in, before its body is read."""
    return RAW.refusal(who or EVERYBODY, size, time.monotonic())


def full(store, who: str) -> str:
    """Why this person may keep no further data set; "" where he may, and always where all are one person."""
    if not who:
        return ""
    sets, size = weight(store, who)
    if sets < MOST_DATA_SETS and size < MOST_KEPT:
        return ""
    has = f"{words.counted(sets, 'data set')} and {words.count(size >> 20)} MB"
    most = f"{words.count(MOST_DATA_SETS)} and {words.count(MOST_KEPT >> 20)} MB"
    return f"You keep {has} on this server; {most} is the most for one person. Delete a data set first."
