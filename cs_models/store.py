"""Uploads and data sets on disk: Arrow and JSON, named by sha256, never by a name the user gave.

    <root>/uploads/<sha256>               bytes as uploaded
    <root>/datasets/<32 hex characters>/  rows.arrow, aside.arrow, entries.arrow, meta.json, counts/, stay, seen,
                                          owner-*, shared
    <root>/mappings/<sha256>.json         how files with these headers were read

Root is PERENNIAL_DATA_DIR, else `.perennial` in the home folder. Made here, only its owner may look inside; a
folder that was there keeps its rights. Everything is written beside its place and then renamed, so a reader
never sees half a file.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cs_models import dataset_files, disk, kept_counts, ownership
from cs_models.dataset_files import ID_LENGTH
from cs_models.mapping_memory import MappingMemory
from cs_models.problems import Problem
from cs_models.subscriptions import Subscriptions

BOTH = "+"  # between the digests of two uploads that make one data set
SOON = 15 * 60.0
DAY = "day"
# how long a data set stays when nobody has it open any more, in seconds; None: until somebody deletes it
STAYS: dict[str, float | None] = {"tab": SOON, DAY: 24 * 3600.0, "kept": None}
STAY, SEEN = "stay", "seen"  # files beside a data set: what was chosen; its time is when it was last open
GONE = "This data set is no longer here. Upload the file again."


def default_root() -> Path:
    """PERENNIAL_DATA_DIR, or `.perennial` in the home folder."""
    return Path(os.environ.get("PERENNIAL_DATA_DIR") or Path.home() / ".perennial")


class Store:
    """The data sets under one folder. Safe to use from several threads and processes: every write is one
    rename.
    """

    @disk.spoken()
    def __init__(self, root: Path | str | None = None) -> None:
        self.root = Path(root) if root is not None else default_root()
        for folder in (self.root, self._uploads, self._datasets, self._mappings):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def _uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def _datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def _mappings(self) -> Path:
        return self.root / "mappings"

    @disk.spoken()
    def intake(self, chunks: Iterable[bytes]) -> str:
        """Write an upload to disk piece by piece and return its sha256 (64 hex characters).

        The same bytes twice are one upload; what each who brings them calls them is not kept with them.
        """
        digest = hashlib.sha256()
        handle, temporary = tempfile.mkstemp(suffix=".part", dir=self._uploads)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
            sha = digest.hexdigest()
            os.replace(temporary, self._uploads / sha)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return sha

    def upload_path(self, sha: str) -> Path:
        """Where an upload lies; Problem when it is gone."""
        path = self._uploads / _checked(sha, 64)
        if not path.is_file():
            raise Problem("This upload is no longer here. Upload the file again.")
        return path

    def discard(self, sha: str) -> None:
        """Remove an upload that no data set was read from; any other stays. Example: a file that was only
        looked at.
        """
        if sha not in self._used():
            (self._uploads / _checked(sha, 64)).unlink(missing_ok=True)
            (self._uploads / f"{sha}.json").unlink(missing_ok=True)  # a name that an earlier version kept there

    def sweep(self, before: float, unfinished: float | None = None) -> int:
        """Discard uploads last written or looked at before that moment (seconds since 1970), and what was half
        written before `unfinished` (where not given, the same moment).

        Returns how many are gone. Uploads that a data set was read from stay.
        """
        used, halves = self._used(), before if unfinished is None else unfinished
        whole = [path for path in self._uploads.iterdir() if path.stem not in used and path.suffix != ".part"]
        half = [path for folder in (self._uploads, self._datasets, self._mappings) for path in folder.glob("*.part")]
        return sum(_removed(path, before) for path in whole) + sum(_removed(path, halves) for path in half)

    def seen(self, dataset: str, uploads: Iterable[str] = ()) -> None:
        """Somebody has this data set, or these uploads, open at this moment: their time begins anew."""
        paths = [self._datasets / dataset / SEEN] if self.has(dataset) else []
        for one in uploads:
            paths += [path] if (path := self._uploads / _checked(one, 64)).exists() else []
        for path in paths:
            try:
                path.touch()
            except OSError:  # gone a moment ago, or a disk that is read-only
                pass

    def stay(self, dataset: str) -> str:
        """For how long a data set stays after it was last open, a name of `STAYS`."""
        try:
            found = (self._datasets / _checked(dataset) / STAY).read_text()
        except OSError:
            return DAY
        return found if found in STAYS else DAY

    @disk.spoken()
    def let_stay(self, dataset: str, stay: str) -> None:
        """Choose for how long it stays; a Problem when it is gone."""
        if not self.has(dataset) or stay not in STAYS:
            raise Problem(GONE)
        _write_text(self._datasets / dataset / STAY, stay)

    def overdue(self, now: float, soon: float = SOON) -> list[str]:
        """Ids of the data sets whose time is over at that moment; `soon`: seconds that "tab" stands for."""
        return [one for one in self.ids() if self._over(one, now, soon)]

    def _over(self, dataset: str, now: float, soon: float) -> bool:
        seconds = {"tab": soon, DAY: STAYS[DAY]}.get(self.stay(dataset))
        try:  # one from before there was a choice stays until somebody opens it
            return seconds is not None and (self._datasets / dataset / SEEN).stat().st_mtime + seconds < now
        except OSError:
            return False

    @contextmanager
    def workshop(self) -> Iterator[Path]:
        """A folder for unfinished work; it goes with the block, and by `sweep` if that is cut off."""
        folder = Path(tempfile.mkdtemp(suffix=".part", dir=self._datasets))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @disk.spoken()
    def save(self, subs: Subscriptions, upload_sha: str = "", owner: str = "") -> str:
        """Keep a data set and return its id (same data and owner, same id). `owner`: the digest of who brings it, "" where
        all are one person; who else brings the same data has a data set of his own.
        """
        named_for = "" if self._is_alone_in(subs.digest[:ID_LENGTH], owner) else owner
        dataset = _checked(dataset_files.identity(subs.digest, named_for))
        for one in filter(None, upload_sha.split(BOTH)):
            _checked(one, 64)
        with self.workshop() as temporary:
            dataset_files.write(temporary, subs, upload_sha, named_for)
            (temporary / SEEN).touch()
            if owner:
                ownership.give(temporary, owner)
            self._put(temporary, dataset)
        return dataset

    def _is_alone_in(self, dataset: str, owner: str) -> bool:
        """Whether a data set from before each person had his own is this person's and nobody else's: it goes on."""
        return bool(owner) and self.has(dataset) and ownership.owners(self.folder(dataset)) == {owner}

    def _put(self, temporary: Path, dataset: str) -> None:
        """Rename into place, as a whole or, where the same data set already lies, file by file."""
        target = self._datasets / dataset
        if not target.exists():
            try:
                os.replace(temporary, target)
                return
            except OSError:
                if not target.exists():
                    raise
        for file in sorted(temporary.iterdir()):
            os.replace(file, target / file.name)

    def load(self, dataset: str) -> Subscriptions:
        """The data set of that id; Problem (a sentence) when it is gone, damaged, or of another version."""
        folder = self._datasets / _checked(dataset)
        if not folder.is_dir():
            raise Problem(GONE)
        subs = dataset_files.read(folder, dataset)
        kept_counts.settle(subs, folder)
        return subs

    def upload_of(self, dataset: str) -> str:
        """sha256 of the upload a data set was read from ("" when it came from elsewhere), to read it
        again.
        """
        try:
            return json.loads((self._datasets / _checked(dataset) / "meta.json").read_text())["upload"]
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def uploads_of(self, dataset: str) -> tuple[str, ...]:
        """sha256 of every upload a data set was made of; two where a log was joined with its prices."""
        return tuple(one for one in self.upload_of(dataset).split(BOTH) if _is_hex(one, 64))

    def _used(self) -> set[str]:
        return {upload for dataset in self.ids() for upload in self.uploads_of(dataset)}

    def has(self, dataset: str) -> bool:
        """Whether there is a data set of that id; an id of the wrong form is simply not there."""
        return bool(_is_hex(dataset, ID_LENGTH)) and (self._datasets / dataset / "meta.json").is_file()

    def folder(self, dataset: str) -> Path:
        """Where a data set lies, with what `ownership` says of it; Problem when it is gone."""
        if not self.has(dataset):
            raise Problem(GONE)
        return self._datasets / dataset

    @disk.spoken()
    def delete(self, dataset: str) -> None:
        """Remove a data set and its upload, unless another data set was read from that upload."""
        uploads = self.uploads_of(dataset)
        folder = self._datasets / _checked(dataset)
        if not folder.is_dir():
            raise Problem(GONE)
        shutil.rmtree(folder)
        for upload in uploads:
            self.discard(upload)

    def remember(self, memory: MappingMemory) -> None:
        """Keep how files with these headers are read; a newer one takes the place of the older. Where the disk does
        not let it, the next file is asked about again.
        """
        with suppress(OSError):
            _write_text(self._mappings / f"{_checked(memory.fingerprint, 64)}.json", memory.to_json())

    def recall(self, fingerprint: str) -> MappingMemory | None:
        """How files with these headers were read last; None when that is not known (or damaged)."""
        try:
            path = self._mappings / f"{_checked(fingerprint, 64)}.json"
            found = MappingMemory.from_json(path.read_bytes())
        except (OSError, Problem):
            return None
        return found if found.fingerprint == fingerprint else None

    def forget(self, fingerprint: str) -> None:
        """Forget how files with these headers were read."""
        (self._mappings / f"{_checked(fingerprint, 64)}.json").unlink(missing_ok=True)

    def ids(self) -> list[str]:
        """Ids of all data sets, in order."""
        return sorted(path.name for path in self._datasets.iterdir() if _is_hex(path.name, ID_LENGTH))


def _is_hex(text: object, length: int) -> bool:
    return isinstance(text, str) and re.fullmatch(rf"[0-9a-f]{{{length}}}", text) is not None


def _checked(text: str, length: int = ID_LENGTH) -> str:
    """An id is hex and nothing else, so it can never be a path to somewhere."""
    if not _is_hex(text, length):
        raise Problem("This is not the id of a data set. Open the data page and choose one.")
    return text


def _write_text(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(suffix=".part", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(temporary, path)


def _removed(path: Path, before: float) -> bool:
    try:
        if path.stat().st_mtime >= before:
            return False
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except FileNotFoundError:  # somebody else was faster
        return False
    return True
