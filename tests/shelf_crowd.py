"""Twenty people editing one scenario at once, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from shelf_contract import NOON, draft

from cs_models.shelf import Shelf

ROOT = Path(__file__).resolve().parents[1]
PEOPLE, SAVES = 20, 50
# One person: saves on top of whatever is newest until each of the saves stands; says which are kept.
PERSON = """
import sys
sys.path.insert(0, {tests!r})
from shelf_contract import NOON, draft
from cs_models.shelf import Conflict, Shelf, Unavailable
shelf, who, family = Shelf(sys.argv[1]), sys.argv[2], sys.argv[3]
told, one = 0, draft()
for number in range(int(sys.argv[4])):
    parent = None
    while True:
        try:
            parent = parent or shelf.newest(family).id
            print(shelf.save(one, who, NOON, parent=parent).id, flush=True)
            break
        except Conflict as conflict:
            told, parent = told + 1, conflict.newest.id
        except Unavailable as busy:  # on a machine that has no time: told, and tried again
            if "Others are saving" not in str(busy):
                raise
print("told", told, flush=True)
"""


def person(url: str, name: str, family: str, saves: int) -> subprocess.Popen:
    code = PERSON.format(tests=str(ROOT / "tests"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", code, url, name, family, str(saves)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env=environment)  # fmt: skip


def crowd(url: str) -> None:
    """PEOPLE processes edit one scenario SAVES times each."""
    shelf = Shelf(url)
    family = shelf.save(draft(), "Ana", NOON).id
    people = [person(url, f"P{number}", family, SAVES) for number in range(PEOPLE)]
    said = [one.communicate(timeout=900) for one in people]
    assert [error for _, error in said if error] == [], "nobody met an error"
    kept = [line for out, _ in said for line in out.split("\n") if line and not line.startswith("told")]
    told = sum(int(line.split()[1]) for out, _ in said for line in out.split("\n") if line.startswith("told"))
    history = shelf.history(family)
    print(f"{len(kept)} saves by {PEOPLE}, {told} conflicts told")
    assert len(kept) == PEOPLE * SAVES == len(set(kept)) and set(kept) == {one.id for one in history[1:]}
    assert [one.number for one in history] == list(range(1, PEOPLE * SAVES + 2))
    assert [one.parent for one in history[1:]] == [one.id for one in history[:-1]], "each stands on the one before"
    shelf.close()
