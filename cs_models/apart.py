"""Work on what somebody brought: in a process of its own, inside limits, that has seen nothing of anybody else.

One process is kept ready: it has imported what such work needs, reads no file and knows nobody. Each piece of work
gets a copy of it, made in milliseconds, that ends with the work; so do its memory and whatever it opened. Both end
when the server does, however it is ended.
"""

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from cs_models import disk, locales
from cs_models.places import Places
from cs_models.problems import ImportProblem, Problem

# what is no longer needed goes back to the system at once: a third less memory for the same work; and no thread of the
# memory's own, for a process is only copied whole where it has one
LEAN = {
    "PYTHONIOENCODING": "utf-8", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "131072", "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false",
}  # fmt: skip
SHORT_ONES = Places(4)  # looks at a file, and files that are read while somebody waits: 2 GB each at the most
IN_LINE = 300.0  # seconds that somebody waits for a place who cannot cancel
ENDS_WITHIN = 10  # seconds until what was stopped is gone, on a machine that is busy
CANCELLED = "Reading was cancelled, and nothing of the file was kept."
BUSY = "This server is reading as many files as it can at once. Nothing was changed; try again in some minutes."
NOT_STARTED = "This server could not start the process that reads files. Nothing was changed; try again in a while."


@dataclass(frozen=True)
class Bounds:
    """The most one piece of work takes: `memory` bytes of address space, `seconds` of processor, `patience` seconds by
    the clock (None: whoever waits may stop it), and what is said when it would take more. `nice`: others go first.
    `places`: it waits while as many as these are taken.
    """

    memory: int
    seconds: int
    said: str
    patience: float | None = None
    nice: int = 0
    places: Places = SHORT_ONES


class Fault(RuntimeError):
    """The work met an error of the program; its kind and place, without a value."""


class Work:
    """A task under way in a process of its own.

    `task(given, folder, tell)` is a function of a module: `given` is plain JSON, `folder` where it may write, `tell(**)`
    adds to `told` on this side while it runs; what it returns, plain JSON too, comes out of `result()`. A Problem it
    raises is raised here. `ahead` others must end before it begins. `cancel()` stops it and all that it started; an
    object nobody holds any more does so itself.
    """

    def __init__(self, task: Callable, given: Mapping, folder: Path, bounds: Bounds) -> None:
        request = {
            "task": f"{task.__module__}:{task.__name__}", "given": given, "folder": str(folder.resolve()),
            "locale": locales.tag(), **{name: getattr(bounds, name) for name in ("memory", "seconds", "said", "nice")},
        }  # fmt: skip
        self._bounds, self._course = bounds, _Course(json.dumps(request), bounds.places)
        self.told = self._course.told
        _end_what_was_dropped()
        self._thread = threading.Thread(target=self._course.go, name="apart", daemon=True)
        self._thread.start()

    @property
    def ahead(self) -> int:
        return self._bounds.places.before(self._course.turn)

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def result(self) -> object:
        """Wait for the end: what the task returned; Problem with its sentence, that of the limits, or BUSY."""
        if not self._course.begun.wait(IN_LINE):
            self.cancel()
            raise Problem(BUSY)
        self._thread.join(self._bounds.patience)
        late = not self.done
        if late:
            self.cancel()
        if self._course.stopped and not late:
            raise Problem(CANCELLED)
        if "fault" in self.told:
            raise Fault(self.told["fault"])
        if "problem" in self.told:
            raise (ImportProblem if self.told.get("import") else Problem)(self.told["problem"])
        if "answer" not in self.told:
            raise Problem(self._bounds.said)
        return self.told["answer"]

    def cancel(self) -> None:
        self._course.stop()
        self._thread.join(ENDS_WITHIN)

    def __del__(self) -> None:
        if hasattr(self, "_thread") and not self.done:
            _DROPPED.put(self._course)  # memory may be tidied up in any thread, with any lock held: another one ends it


class _Course:
    """One piece of work from its place in the line to its end; its thread holds this and not the `Work`."""

    def __init__(self, request: str, places: Places) -> None:
        self.told: dict = {}
        self.begun, self.stopped = threading.Event(), False
        self._request, self._places, self.turn = request, places, threading.Event()
        self._line, self._lock = None, threading.Lock()

    def go(self) -> None:
        try:
            with self._places.one(self.turn):
                self._through()
        except (Problem, OSError) as error:
            self.told["problem"] = str(error) if isinstance(error, Problem) else NOT_STARTED
        finally:
            self.begun.set()

    def _through(self) -> None:
        with self._lock:
            if self.stopped:
                return
            answers = self._copied()
        self.begun.set()
        with answers:
            for line in answers:
                self.told.update(json.loads(line))
        self._hang_up()

    def _copied(self) -> TextIO:
        """Have the copy made and tell it what to do; what it says comes line by line."""
        (theirs_in, ours_in), (ours_out, theirs_out) = os.pipe(), os.pipe()
        self._line, answers = os.fdopen(ours_in, "w", encoding="utf-8"), os.fdopen(ours_out, encoding="utf-8")
        try:
            _READY.copy(theirs_in, theirs_out)
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        with suppress(BrokenPipeError):  # it has ended: told by its silence
            self._line.write(self._request + "\n")
            self._line.flush()  # and stays open: when the server ends in any way, so does the work
        return answers

    def stop(self) -> None:
        with self._lock:
            self.stopped = True
            with suppress(ProcessLookupError):
                if self._line and not self._line.closed and "pid" in self.told:
                    os.killpg(self.told["pid"], signal.SIGKILL)
        self.turn.set()  # it need not wait any more
        self._hang_up()  # one that has not yet said who it is ends by this

    def _hang_up(self) -> None:
        with self._lock, suppress(BrokenPipeError):
            if self._line:
                self._line.close()


_DROPPED: SimpleQueue = SimpleQueue()


@functools.cache
def _end_what_was_dropped() -> None:
    """Begin, once, to stop work that nobody holds any more."""
    def end() -> None:
        while True:
            _DROPPED.get().stop()

    threading.Thread(target=end, name="apart-dropped", daemon=True).start()


def ready() -> None:
    """Start the process that is copied, and do not wait for it: the first file then finds it there."""
    _READY.start()


class _Ready:
    """The process that waits to be copied; started anew where it has ended."""

    def __init__(self) -> None:
        self._lock, self._line, self._process = threading.Lock(), None, None

    def start(self) -> None:
        with self._lock:
            self._begin()

    def copy(self, *ends: int) -> None:
        """One copy, whose standard input and output are these ends of pipes."""
        with self._lock:
            for _ in range(2):
                self._begin()
                try:
                    socket.send_fds(self._line, [b"."], ends)
                    return
                except OSError:
                    self.end()
        raise Problem(NOT_STARTED)

    def _begin(self) -> None:
        if self._process:
            return
        self._line, theirs = socket.socketpair()
        with theirs, disk.spoken():
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from cs_models import copied; copied.wait_to_be_copied()"],
                cwd=Path(__file__).parents[1], stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True, env={**os.environ, **LEAN},
            )  # fmt: skip

    def end(self) -> None:
        """Nothing more is asked of it, so it ends."""
        if self._line:
            self._line.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None


_READY = _Ready()
atexit.register(_READY.end)
