"""Whose a data set is, and whether everybody on its server may open it: empty files beside its rows.

    owner-<32 hex characters>   whose it is; the digest of who that is, never a name
    shared                      there: everybody who may come in sees it

Who brings the same file has a data set of his own (`dataset_files.identity`); several owners stand only beside one that
was kept before that was so, or that whoever runs the server gave to several. One that has neither file is nobody's: only
where nobody has to say who he is may it be opened. So is every data set that was kept before there were owners, until
whoever runs the server gives it to somebody or to all (`python -m scripts.owners`).
"""

import re
from pathlib import Path

from cs_models.problems import Problem

OWNER, SHARED = "owner-", "shared"
FORM = re.compile(r"[0-9a-f]{32}")


def owners(folder: Path) -> frozenset[str]:
    """Digests of the people it belongs to."""
    return frozenset(path.name.removeprefix(OWNER) for path in folder.glob(f"{OWNER}*"))


def give(folder: Path, person: str) -> None:
    """It belongs to this person too."""
    if not FORM.fullmatch(person):
        raise Problem("A data set can only belong to a person this server knows.")
    (folder / f"{OWNER}{person}").touch()


def take(folder: Path, person: str) -> bool:
    """It no longer belongs to this person; returns whether it belongs to anybody still."""
    (folder / f"{OWNER}{person}").unlink(missing_ok=True)
    return bool(owners(folder))


def shared(folder: Path) -> bool:
    return (folder / SHARED).exists()


def share(folder: Path, on: bool) -> None:
    """Let everybody on this server open it, or its owners only."""
    (folder / SHARED).touch() if on else (folder / SHARED).unlink(missing_ok=True)


def weight(store, person: str) -> tuple[int, int]:
    """How many data sets of a `Store` belong to a person, and their bytes on the disk with their uploads."""
    folders = {one: store.folder(one) for one in store.ids() if store.has(one)}
    own = [one for one, folder in folders.items() if person in owners(folder)]
    files = [path for one in own for path in folders[one].rglob("*")]
    files += [store.root / "uploads" / upload for upload in {sha for one in own for sha in store.uploads_of(one)}]
    return len(own), sum(map(_size, files))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # gone while it was looked at
        return 0
