"""Many people save at once, and some are cut off in the middle: nothing committed is lost, nothing is torn."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from shelf_contract import NOON, draft
from shelf_crowd import ROOT, crowd, person

from cs_models.shelf import Shelf

pytestmark = pytest.mark.slow

CUTS = 30


def test_nobody_loses_a_save_in_a_file(tmp_path):
    crowd(f"sqlite:///{tmp_path}/scenarios.db")


@pytest.mark.parametrize("seed", range(3))
def test_a_process_killed_while_it_saves_leaves_a_whole_file(tmp_path, seed):
    url, chance = f"sqlite:///{tmp_path}/scenarios.db", random.Random(seed)
    shelf = Shelf(url)
    family, kept = shelf.save(draft(), "Ana", NOON).id, []
    for cut in range(CUTS // 3):
        one = person(url, f"P{cut}", family, 10_000)
        kept.append(one.stdout.readline().strip())  # it is in the middle of its saves
        time.sleep(chance.uniform(0.0, 0.05))
        one.send_signal(signal.SIGKILL)
        kept += [line for line in one.communicate()[0].split("\n") if len(line) == 12]
    history = shelf.history(family)
    assert set(kept) <= {entry.id for entry in history}, "what was said to be saved is there"
    assert [one.number for one in history] == list(range(1, len(history) + 1))
    assert all(entry.saved == draft().saved for entry in history), "no half row"
    shelf.close()
    with sqlite3.connect(tmp_path / "scenarios.db") as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    print(f"{CUTS // 3} processes killed, {len(history)} versions whole")


def test_many_servers_start_on_an_empty_folder_at_once(tmp_path):
    """The tables are made once, whoever comes first."""
    url = f"sqlite:///{tmp_path}/scenarios.db"
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'tests')!r})\nfrom shelf_contract import NOON, draft\n" \
           f"from cs_models.shelf import Shelf\nShelf({url!r}).save(draft(), 'Ana', NOON)"  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=environment)
               for _ in range(8)]  # fmt: skip
    errors = [one.communicate(timeout=300)[1] for one in started]
    assert not [error for error in errors if error]
    shelf = Shelf(url)
    assert len(shelf.list()) == 8 and shelf.save(draft(), "Ben", NOON)
