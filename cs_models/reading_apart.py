"""A long file is read by a process of its own: its steps are told, it can be stopped, its memory goes with it.

The process writes the finished data set into a folder and ends; nothing of it is anywhere else. It lets others go
first. Run as `python -m cs_models.reading_apart` it takes a request on standard input, tells each step on a line, and
ends when its standard input does.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from cs_models import dataset_files, disk
from cs_models.problems import ImportProblem, Problem
from cs_models.readers.child import limits
from cs_models.reading import STEPS, read
from cs_models.store import Store
from cs_models.subscriptions import Subscriptions

# bytes of text; below, a reading takes no longer than starting a process (0.3 s of processor for a usual file, 0.6 s to
# start), and the worst shape of text known takes 540 MB and 4 s, so that it cannot end the server
LONG = 10 << 20
MEMORY, SECONDS, LARGEST = 8 << 30, 1800, 16 << 30  # of address space, of processor, of a file: the most one reading takes
KEEPING = "Keeping what was read"
# what is no longer needed goes back to the system at once: a third less memory for the same work
NICE = 10  # others go first: a file of a million rows takes a core for a while
LEAN = {
    "PYTHONIOENCODING": "utf-8", "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "262144", "MALLOC_TRIM_THRESHOLD_": "131072",
}  # fmt: skip
ALL_STEPS = ("Opening the file", *STEPS, KEEPING)
CANCELLED = "Reading was cancelled, and nothing of the file was kept."
TOO_LARGE = (
    "This file needs more memory than this machine has free. Bring fewer rows or columns, or upload it as "
    "Parquet."
)


def is_long(paths: tuple[Path, ...]) -> bool:
    """Whether files together are worth a process of their own: more than 10 MB, or what may unpack to more."""
    return sum(map(_unpacked, paths)) > LONG


def _unpacked(path: Path) -> int:
    """The most bytes of text a file may hold, by its first bytes and without opening it.

    An archive is held to what it declares: its reader gives no more. What unpacks to more than `limits.RATIO` times its
    size is refused when it is opened.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
    if head[:2] == b"\x1f\x8b" or head == b"PAR1":
        return size * limits.RATIO
    if head == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(path) as archive:
                return sum(one.file_size for one in archive.infolist())
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return size  # whoever opens it says what is wrong
    return size


class Reading:
    """`cs.read` of uploads under way.

    `step` is the number of the step that runs (0 .. len(ALL_STEPS) - 1), `done` whether it ended in any way.
    `result()` waits for the end and gives the data set, once; a Problem is the one `read` would have raised.
    `cancel()` stops the process and removes what it wrote. An object nobody holds any more cancels itself.
    """

    def __init__(
        self, store: Store, paths: tuple[Path, ...], layout: str, mapping: Mapping[str, str | None],
        as_of: str = "", answers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.step, self._told, self._cancelled = 0, {}, False
        self._stack = ExitStack()
        with disk.spoken():
            self._folder = self._stack.enter_context(store.workshop())
        request = {
            "paths": [str(path.resolve()) for path in paths], "layout": layout, "mapping": dict(mapping),
            "as_of": as_of, "answers": dict(answers or {}), "out": str(self._folder.resolve()),
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cs_models.reading_apart"], cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
            start_new_session=True, env={**os.environ, **LEAN, "TMPDIR": str(self._folder.resolve())},
        )  # fmt: skip
        _let_others_go_first(self._process)
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()  # and stays open: when this process ends in any way, so does that one
        self._listener = threading.Thread(target=_listen, args=(self._process, self._told), daemon=True)
        self._listener.start()

    @property
    def done(self) -> bool:
        self.step = self._told.get("step", 0)
        return not self._listener.is_alive()

    def result(self) -> Subscriptions:
        self._listener.join()
        with self._stack:
            if self._cancelled:
                raise Problem(CANCELLED)
            if "problem" in self._told:
                raise (ImportProblem if self._told.get("import") else Problem)(self._told["problem"])
            if self._process.wait():
                raise Problem(TOO_LARGE)
            return dataset_files.read(self._folder)

    def cancel(self) -> None:
        self._cancelled = True
        if self._process.poll() is None:
            _end(self._process)
        self._process.wait()
        self._listener.join()
        self._stack.close()

    def __del__(self) -> None:
        if hasattr(self, "_listener"):
            self.cancel()


def _let_others_go_first(process: subprocess.Popen) -> None:
    with suppress(AttributeError, OSError):  # not on Windows; or it is over already
        os.setpriority(os.PRIO_PROCESS, process.pid, NICE)


def _end(process: subprocess.Popen) -> None:
    """End the process with those it has started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError):  # Windows has no groups
        process.kill()


def _listen(process: subprocess.Popen, told: dict) -> None:
    with process.stdout:
        for line in process.stdout:
            told.update(json.loads(line))
    process.wait()
    process.stdin.close()


def _end_with_the_server() -> None:
    """The pipe from the server ends when the server does, however it is ended: then nobody waits for this any more."""
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """One reading: request in a line on standard input, a line per step on standard output, the data set in `out`."""
    request = json.loads(sys.stdin.readline())
    limits.apply(MEMORY, SECONDS, LARGEST)
    threading.Thread(target=_end_with_the_server, daemon=True).start()

    def tell(**told: object) -> None:
        print(json.dumps(told), flush=True)

    def step(name: str) -> None:
        tell(step=ALL_STEPS.index(name))

    paths = [Path(path) for path in request["paths"]]
    try:
        subs = read(
            paths if len(paths) > 1 else paths[0], request["mapping"], request["as_of"] or None,
            request["answers"], request["layout"] or None, step,
        )  # fmt: skip
        step(KEEPING)
        with disk.spoken():
            dataset_files.write(Path(request["out"]), subs)
    except Problem as problem:
        tell(problem=str(problem), **{"import": isinstance(problem, ImportProblem)})
    except MemoryError:
        tell(problem=TOO_LARGE)


if __name__ == "__main__":
    main()
