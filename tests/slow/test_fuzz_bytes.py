"""Bytes flipped, cut, doubled and spliced in valid files of every format: a sentence, or every row accounted for."""

import random
from contextlib import suppress

import pytest
from dresses import BOOK, as_csv, as_json_lines, dressed
from fuzz import NASTY, each

from cs_models.importers import layouts, template_csv
from cs_models.mapping_memory import MappingMemory, memory_of
from cs_models.problems import Problem
from cs_models.reading import inspect, read
from cs_models.saved import SavedScenario
from cs_models.scenario import Scenario

pytestmark = pytest.mark.slow

PLAIN, PACKED = 200, 8  # files per format: in this process, and by a process of its own
SPLICES = [b"\x00", b"\xff\xfe", b'"', b"\r", b"\n\n", b",", b";" * 40, b"\xef\xbb\xbf", b"\xc3", b"\\", b"{", b"]", b"=1+1",
           *(one.encode("utf-8", "replace")[:200] for one in NASTY)]  # fmt: skip
DRESSES = dressed()
TEXTS = {
    "csv": as_csv(BOOK),
    "semicolons": as_csv(BOOK, delimiter=";"),
    "tabs": as_csv(BOOK, delimiter="\t"),
    "utf-16": as_csv(BOOK, encoding="utf-16"),
    "latin": as_csv(BOOK).replace(b"Pro", "Größe".encode("latin-1")),
    **{name: template_csv(name).encode() for name in layouts()},
}


def mutated(data: bytes, draw: random.Random) -> bytes:
    """One to six changes, as transport, editors and people make them."""
    out = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        at, to = sorted((draw.randrange(len(out) + 1), draw.randrange(len(out) + 1)))
        match draw.randrange(6):
            case 0 if out:
                out[min(at, len(out) - 1)] ^= 1 << draw.randrange(8)
            case 1:
                out[at:at] = draw.choice(SPLICES)
            case 2:
                del out[at : min(to, at + 40)]
            case 3:
                out[at:at] = out[at : min(to, at + 200)]
            case 4:
                del out[at:]
            case _:
                out[at : at + 1] = bytes([draw.randrange(256)])
        if not out:
            break
    return bytes(out)


@pytest.mark.parametrize("name", TEXTS)
def test_mutated_text(name):
    each(name, PLAIN, lambda draw: mutated(TEXTS[name], draw), looked_at)


def looked_at(number: int, data: bytes) -> None:
    with suppress(Problem):
        inspect(data)


@pytest.mark.parametrize("name", DRESSES)
def test_mutated_containers(name):
    each(name, PACKED, lambda draw: mutated(DRESSES[name], draw))


def test_mutated_small_files_of_our_own():
    """Scenario files, saved scenarios and mappings that somebody edited: a Problem or a value."""
    from shelf_contract import draft

    memory = memory_of(read(as_csv(BOOK)), inspect(as_csv(BOOK)).headers)
    kinds = ((Scenario.from_json, draft().saved.scenario.to_json()), (SavedScenario.from_json, draft().saved.canonical()),
             (MappingMemory.from_json, memory.to_json()))  # fmt: skip
    draw = random.Random(3)
    for load, text in kinds:
        for _ in range(1000):
            try:
                load(mutated(text.encode(), draw).decode("utf-8", "replace"))
            except Problem as problem:
                assert str(problem)
    print(f"{1000 * len(kinds):,} small files of our own, 0 crashes")


def test_json_lines_read_here():
    """Lines of JSON broken in the middle, by hand: each lost line is told."""
    lines = as_json_lines(BOOK).split(b"\n")
    for at in range(len(lines)):
        broken = [line if n != at else line[: len(line) // 2] for n, line in enumerate(lines)]
        report = read(b"\n".join(broken)).report
        assert report.rows == len(lines) and report.rejected >= 1
