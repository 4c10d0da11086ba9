"""Work in a process of its own: inside its limits, without a trace of other work, and whatever it does is told."""

import os
import signal
from dataclasses import replace
from threading import Event

import pytest
from fault_servers import alive, until

from cs_models import apart
from cs_models.apart import BUSY, CANCELLED, NOT_STARTED, Bounds, Fault, Work
from cs_models.places import Places
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


def test_only_so_many_are_under_way_and_the_next_begins_when_one_ends(tmp_path):
    """However it ends: killed, stopped, with a sentence or with its answer."""
    two = replace(SMALL, places=Places(2))
    first, second = Work(hangs, {}, tmp_path, two), Work(hangs, {}, tmp_path, two)
    until(lambda: "pid" in first.told and "pid" in second.told)
    third = Work(hangs, {}, tmp_path, two)
    until(lambda: third.ahead == 1)
    last = []
    for task in (takes_memory, is_wrong, limits_in_force):
        last.append(Work(task, {"who": "Ana"}, tmp_path, two))
        until(lambda: last[-1].ahead == len(last) + 1)
    assert Work(limits_in_force, {}, tmp_path, SMALL).result(), "asked for after them, in another line"
    assert first.ahead == second.ahead == 0 and not any(one.told or one.done for one in (third, *last)), "no process for them"
    os.kill(first.told["pid"], signal.SIGKILL)
    until(lambda: "pid" in third.told and [one.ahead for one in last] == [1, 2, 3])
    third.cancel()
    with pytest.raises(Problem, match="That is too much"):
        last[0].result()
    with pytest.raises(Fault):
        last[1].result()
    assert last[2].result() == [1 << 30, 20, 0] and not second.done
    second.cancel()


def test_work_dropped_while_its_own_lock_is_held_ends_and_gives_its_place_back(tmp_path):
    """Memory is tidied up in any thread at any moment, in that of the work itself too."""
    one = replace(SMALL, places=Places(1))
    work = Work(hangs, {}, tmp_path, one)
    until(lambda: "pid" in work.told)
    course = work._course
    with course._lock:
        del work
    until(lambda: course.stopped and one.places.before(course.turn) == 0 and not one.places._came)


def test_what_waits_can_be_stopped_and_is_left_out_of_the_line(tmp_path):
    one = replace(SMALL, places=Places(1))
    with one.places.one(Event()):
        works = []
        for number in range(3):
            works.append(Work(limits_in_force, {}, tmp_path, one))
            until(lambda: works[number].ahead == number + 1)
        works[1].cancel()
        assert works[1].done and not works[1].ahead and works[2].ahead == 2
        with pytest.raises(Problem) as told:
            works[1].result()
        assert str(told.value) == CANCELLED and not works[0].done
        del works[0]  # nobody waits for it any more
        until(lambda: works[1].ahead == 1)
    assert works[1].result()


def test_whoever_cannot_cancel_is_told_that_no_place_came_free(tmp_path, monkeypatch):
    monkeypatch.setattr(apart, "IN_LINE", 0.1)
    one = replace(SMALL, places=Places(1))
    with one.places.one(Event()):
        work = Work(limits_in_force, {}, tmp_path, one)
        with pytest.raises(Problem) as told:
            work.result()
        assert str(told.value) == BUSY and work.done
    monkeypatch.undo()
    assert Work(limits_in_force, {}, tmp_path, one).result(), "it stands in the line no longer"


def test_a_process_that_cannot_be_started_is_a_sentence_and_takes_no_place(tmp_path, monkeypatch):
    one = replace(SMALL, places=Places(1))
    with monkeypatch.context() as patched:
        patched.setattr(os, "pipe", lambda: (_ for _ in ()).throw(OSError(24, "Too many open files")))
        with pytest.raises(Problem) as told:
            Work(limits_in_force, {}, tmp_path, one).result()
    assert str(told.value) == NOT_STARTED
    assert Work(limits_in_force, {}, tmp_path, one).result()
