"""Every upload is read by a process of its own, inside limits: its steps are told, it can be stopped, its memory goes.

The process writes the finished data set into a folder and ends; nothing of it is anywhere else. A long file lets others
go first.
"""

import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from cs_models import dataset_files, disk
from cs_models.apart import SHORT_ONES, Bounds, Work
from cs_models.importers import layouts, vendors
from cs_models.places import Places
from cs_models.readers.child import limits
from cs_models.readers.table import Finding, Question
from cs_models.reading import STEPS, Proposal, inspect, read
from cs_models.store import Store
from cs_models.subscriptions import Subscriptions

LONG = 10 << 20  # bytes of text; whoever brought less waits for its reading, more is watched
KEEPING = "Keeping what was read"
ALL_STEPS = ("Opening the file", *STEPS, KEEPING)
TOO_LARGE = (
    "This file needs more memory than this machine has free. Bring fewer rows or columns, or upload it as "
    "Parquet."
)
TOO_MUCH = (
    "This file takes more memory or time to read than a table of its size. Open it in a spreadsheet, look for cells or "
    "quotes that do not belong there, save it as CSV and upload that."
)
LONG_ONES = Places(2)  # 8 GB each at the most; a third waits, and may be cancelled meanwhile
OF_A_LONG_ONE = Bounds(8 << 30, 1800, TOO_LARGE, nice=10, places=LONG_ONES)
OF_A_FIRST_LOOK = replace(OF_A_LONG_ONE, places=SHORT_ONES)  # takes a moment, and waits for no long reading
OF_A_SHORT_ONE = Bounds(2 << 30, 60, TOO_MUCH, patience=120)


def prepare() -> None:
    """Import what reading needs; no file is touched."""
    layouts(), vendors()


def is_long(paths: tuple[Path, ...]) -> bool:
    """Whether reading files together is worth being watched: more than 10 MB, or what may unpack to more."""
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
    `result()` waits for the end and gives the data set, once; a Problem is the one `read` would have raised, or that of
    the limits. `cancel()` stops the process and removes what it wrote. An object nobody holds any more cancels itself.
    """

    def __init__(
        self, store: Store, paths: tuple[Path, ...], layout: str, mapping: Mapping[str, str | None],
        as_of: str = "", answers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.step, self._stack = 0, ExitStack()
        with disk.spoken():
            self._folder = self._stack.enter_context(store.workshop())
        given = {
            "paths": [str(path.resolve()) for path in paths], "layout": layout, "mapping": dict(mapping),
            "as_of": as_of, "answers": dict(answers or {}),
        }  # fmt: skip
        try:
            self.work = Work(_read, given, self._folder, OF_A_LONG_ONE if is_long(paths) else OF_A_SHORT_ONE)
        except BaseException:
            self._stack.close()
            raise

    @property
    def ahead(self) -> int:
        """How many other long files must have been read before this one begins; 0 once it has."""
        return self.work.ahead

    @property
    def done(self) -> bool:
        self.step = self.work.told.get("step", 0)
        return self.work.done

    def result(self) -> Subscriptions:
        with self._stack:
            self.work.result()
            self.step = self.work.told.get("step", 0)
            return dataset_files.read(self._folder)

    def cancel(self) -> None:
        self.work.cancel()
        self._stack.close()

    def __del__(self) -> None:
        if hasattr(self, "work"):
            self.cancel()


def _read(given: Mapping, folder: Path, tell) -> None:
    """One reading: the data set goes into the folder."""

    def step(name: str) -> None:
        tell(step=ALL_STEPS.index(name))

    subs = read(
        _source(given["paths"]), given["mapping"], given["as_of"] or None, given["answers"], given["layout"] or None, step
    )  # fmt: skip
    step(KEEPING)
    with disk.spoken():
        dataset_files.write(folder, subs)


def _source(paths: list[str]) -> Path | list[Path]:
    found = [Path(path) for path in paths]
    return found if len(found) > 1 else found[0]


def inspect_apart(store: Store, paths: tuple[Path, ...], layout: str = "", answers: Mapping[str, str] | None = None) -> Proposal:
    """`cs.inspect` of uploads, in a process of its own."""
    given = {"paths": [str(path.resolve()) for path in paths], "layout": layout, "answers": dict(answers or {})}
    with disk.spoken(), store.workshop() as folder:
        return _proposal(Work(_inspect, given, folder, OF_A_FIRST_LOOK if is_long(paths) else OF_A_SHORT_ONE).result())


def _inspect(given: Mapping, folder: Path, tell) -> dict:
    found = inspect(_source(given["paths"]), layout=given["layout"] or None, answers=given["answers"])
    told = {name: getattr(found, name) for name in ("layout", "headers", "mapping", "facts", "guesses")}
    preview = found.preview
    return {
        **told, "preview": {"columns": list(preview), "index": preview.index.tolist(), "data": preview.to_numpy().tolist()},
        "findings": [asdict(one) for one in found.findings], "questions": [asdict(one) for one in found.questions],
    }  # fmt: skip


def _proposal(told: dict) -> Proposal:
    shape = (layouts() | vendors())[told["layout"]]
    preview = pd.DataFrame(**told["preview"])
    preview.index.name = "row"
    return Proposal(
        shape.name, shape.title, told["mapping"], tuple(told["headers"]), preview, shape.missing(told["mapping"]),
        shape.roles, told["facts"], tuple(Finding(**{**one, "rows": tuple(one["rows"])}) for one in told["findings"]),
        told["guesses"], tuple(Question(**{**one, "alternatives": tuple(one["alternatives"])}) for one in told["questions"]),
    )  # fmt: skip
