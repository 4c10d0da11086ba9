"""Containers and workbooks are opened by a process of its own, with little memory and time: what explodes,
explodes there.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pyarrow as pa

from cs_models import disk
from cs_models.problems import ImportProblem

MEMORY = 1536 << 20
SECONDS = 20
PATIENCE = 90  # seconds by the clock, on a machine that is busy
LARGEST = 1 << 30
CODED_FROM = 200_000  # rows of Parquet; from here on a text for every cell would take too much memory
CHILD = Path(__file__).parent / "child"
LIMIT_HIT = (
    f"This file needs more than {MEMORY >> 20:,} MB of memory or {SECONDS} seconds to open, which is more "
    "than one file may take. Export it as CSV, or with fewer rows and columns, and upload that."
)
DAMAGED = "This file is damaged and cannot be opened. Export it again, as CSV if that is possible."


class Opened:
    """One container opened: `.answer` is what was found; `.bytes` or `.cells` the content. Files on disk live
    as long as the stack it was opened with.
    """

    def __init__(self, answer: Mapping, folder: Path) -> None:
        self.answer = answer
        self._folder = folder

    @property
    def path(self) -> Path | None:
        """Where unpacked bytes lie."""
        return Path(self.answer["bytes"]) if "bytes" in self.answer else None

    @property
    def cells(self) -> pa.Table:
        """The text cells, mapped from disk; of a long Parquet file as codes and their values."""
        if "coded" in self.answer:
            return pa.table({f"c{at}": self._column(at) for at in range(self.answer["coded"])})
        with pa.memory_map(str(self._folder / "cells.arrow")) as file:
            return pa.ipc.open_file(file).read_all()

    def _column(self, at: int) -> pa.ChunkedArray:
        with pa.memory_map(str(self._folder / f"c{at}.arrow")) as file:
            return pa.ipc.open_file(file).read_all().column(0)


@disk.spoken()
def open_container(
    stack: ExitStack,
    kind: str,
    source: Path | pa.Buffer,
    answers: Mapping[str, str],
    nested: bool = False,
    first: int = 0,
) -> Opened:
    """Let the child open `source`; ImportProblem with its sentence when it refuses or meets a limit.

    `first` > 0 asks for the beginning only: so many bytes of a gzip, or the first batch of rows.
    """
    place = tempfile.TemporaryDirectory(prefix="import-", ignore_cleanup_errors=True)
    folder = Path(stack.enter_context(place))
    path = source
    if not isinstance(source, Path):
        path = folder / "source"
        path.write_bytes(memoryview(source))
    request = {
        "kind": kind,
        "path": str(path.resolve()),
        "out": str(folder),
        "answers": dict(answers),
        "nested": nested,
        "first": first,
        "memory": MEMORY,
        "seconds": SECONDS,
        "largest": LARGEST,
        "coded_from": CODED_FROM,
    }
    return Opened(_ask(request), folder)


def _ask(request: Mapping) -> dict:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-X", "utf8", str(CHILD)],
            input=json.dumps(request),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            # a pool that reserves address space ahead of need would meet the memory limit at once
            env={
                "ARROW_DEFAULT_MEMORY_POOL": "system",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "MALLOC_ARENA_MAX": "2",
            },
        )
    except subprocess.TimeoutExpired:
        raise ImportProblem(LIMIT_HIT) from None
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise ImportProblem(_broken_off(done.returncode, done.stderr)) from None
    if "problem" in answer:
        raise ImportProblem(answer["problem"])
    if "limit" in answer:
        raise ImportProblem(LIMIT_HIT)
    return answer


def _broken_off(code: int, said: str) -> str:
    """Ended by a signal, or short of memory even for an answer: a limit. Anything else is the file."""
    # a panic inside the reader of workbooks, which has no memory left, ends with an exit code of its own
    short = ("MemoryError", "memory allocation of", "bad_alloc", "out of memory", "failed to map")
    return LIMIT_HIT if code < 0 or any(word in said for word in short) else DAMAGED
