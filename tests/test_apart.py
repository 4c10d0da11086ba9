"""Work in a process of its own: inside its limits, without a trace of other work, and whatever it does is told."""

from dataclasses import replace

import pytest
from fault_servers import alive, until

from cs_models import apart
from cs_models.apart import Bounds, Fault, Work
from cs_models.problems import Problem
from tests.apart_tasks import hangs, is_wrong, left_behind, limits_in_force, takes_memory

SMALL = Bounds(1 << 30, 20, "That is too much.", patience=60)


def test_work_is_inside_its_limits_before_it_begins(tmp_path):
    work = Work(limits_in_force, {}, tmp_path, SMALL)
    assert work.result() == [1 << 30, 20, 0] and work.told["half"] == "way"


def test_nothing_of_one_is_there_for_the_next(tmp_path):
    for who in ("Ana", "Ben"):
        seen, in_its_folder, open_files = Work(left_behind, {"who": who}, tmp_path, SMALL).result()
        assert not seen and in_its_folder and len(open_files) <= 1, "the folder that is being listed"


def test_too_much_memory_is_its_sentence_and_a_fault_of_ours_is_none(tmp_path):
    with pytest.raises(Problem, match="That is too much"):
        Work(takes_memory, {}, tmp_path, SMALL).result()
    with pytest.raises(Fault, match=r"^KeyError at .*apart_tasks.py:\d+$") as told:
        Work(is_wrong, {"who": "canary@example.org"}, tmp_path, SMALL).result()
    assert not isinstance(told.value, ValueError) and "canary" not in str(told.value)


def test_work_that_hangs_is_ended_in_time(tmp_path):
    work = Work(hangs, {}, tmp_path, replace(SMALL, patience=0.3))
    until(lambda: "pid" in work.told)
    with pytest.raises(Problem, match="That is too much"):
        work.result()
    until(lambda: not alive(work.told["pid"]))


def test_the_process_that_is_copied_may_die_between_two_pieces_of_work(tmp_path):
    Work(limits_in_force, {}, tmp_path, SMALL).result()
    apart._READY._process.kill()
    apart._READY._process.wait()
    assert Work(limits_in_force, {}, tmp_path, SMALL).result()
