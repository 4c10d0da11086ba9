"""Backup and restore of everything a server keeps, as one archive; a running server need not stop for a backup.

    python -m scripts.backup save FILE.tar.gz         everything under PERENNIAL_DATA_DIR
    python -m scripts.backup restore FILE.tar.gz TO   into an empty or new folder, every file checked

The database of scenarios is copied with SQLite's own online backup, so that a save in the middle is in it whole or
not at all. Other files are written once and renamed into place, so each is whole at any moment. An archive holds a
list of digests; what does not match is not restored. Scenarios in a PostgreSQL are backed up with its own pg_dump.
"""

import argparse
import hashlib
import io
import json
import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from cs_models.problems import Problem
from cs_models.store import default_root
from scripts import command

LIST = "backup.json"
DATABASES = (".db", ".sqlite")
PASSING = (".part", "-wal", "-shm", "-journal", ".lock")  # half written, or of the moment


class Refused(Problem):
    """Why nothing was written, as a sentence."""


def save(root: Path, target: Path) -> int:
    """Write the archive; returns the number of files in it. Refused when there is nothing, or the target exists."""
    if not root.is_dir():
        raise Refused(f"There is no data folder at {root}. Set PERENNIAL_DATA_DIR to the one the server uses.")
    if target.exists():
        raise Refused(f"{target} exists already. Choose another name: a backup never takes the place of one.")
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as desk:
        unfinished = Path(desk) / "archive"
        with tarfile.open(unfinished, "w:gz") as archive:
            digests = {name: _put(archive, path, name, Path(desk)) for path, name in _kept(root)}
            listed = json.dumps({"perennial_backup": 1, "files": digests}, indent=1).encode()
            entry = tarfile.TarInfo(LIST)
            entry.size = len(listed)
            archive.addfile(entry, io.BytesIO(listed))
        os.replace(unfinished, target)
    return len(digests)


def _kept(root: Path):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not path.is_symlink() and not any(part in name for part in PASSING):
            yield path, name


def _put(archive: tarfile.TarFile, path: Path, name: str, desk: Path) -> str:
    """One file into the archive; returns its sha256."""
    if path.suffix in DATABASES:
        copy = desk / "database"
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as own, closing(sqlite3.connect(copy)) as other:
            own.backup(other)
        path = copy
    archive.add(path, name, recursive=False)
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(source: Path, root: Path) -> int:
    """Unpack into `root`, which must be new or empty; returns the number of files. Refused when a file is not as saved."""
    if root.exists() and any(root.iterdir()):
        raise Refused(f"{root} is not empty. Restore into a new folder, look, then point PERENNIAL_DATA_DIR at it.")
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.resolve().parent) as desk:
        whole = Path(desk) / "restored"
        _unpack(source, whole)
        listed = whole / LIST
        if not listed.is_file():
            raise Refused(f"{source} is not a backup of this product, or it was cut off: its list of files is missing.")
        files = json.loads(listed.read_text())["files"]
        wrong = [name for name, digest in files.items() if not (whole / name).is_file() or _digest(whole / name) != digest]
        if wrong:
            raise Refused(f"{len(wrong)} of {len(files)} files are not as they were saved, first: {wrong[0]}.")
        listed.unlink()
        if root.exists():
            root.rmdir()
        shutil.move(whole, root)
        root.chmod(0o700)
    return len(files)


def _unpack(source: Path, to: Path) -> None:
    try:
        with tarfile.open(source) as archive:
            archive.extractall(to, filter="data")
    except (OSError, EOFError, tarfile.TarError) as error:
        raise Refused(f"{source} cannot be read as a backup: {type(error).__name__}.") from error


def main(arguments: list[str] | None = None) -> int:
    parser = command.parser(__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    commands.add_parser("save").add_argument("file", type=Path)
    back = commands.add_parser("restore")
    back.add_argument("file", type=Path)
    back.add_argument("to", type=Path)
    asked = parser.parse_args(arguments)
    return command.told(lambda: _do(asked))


def _do(asked: argparse.Namespace) -> Iterator[str]:
    if asked.what == "save":
        yield f"{save(default_root(), asked.file)} files saved to {asked.file}."
    else:
        yield f"{restore(asked.file, asked.to)} files restored to {asked.to}."


if __name__ == "__main__":
    sys.exit(main())
