"""How much one person may upload in an hour: files and bytes. Asked by the Data page, and by whoever takes raw uploads."""

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from cs_models import words

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


def refusal(size: int, who: str = "") -> str:
    """Why a file of so many bytes is refused at this moment; "" where it may come in."""
    return OF_THIS_SERVER.refusal(who or EVERYBODY, size, time.monotonic())
