"""A plan as the text a cache is keyed on: a group's name is the user's own text, so a digest stands for it."""

from dataclasses import replace

from cs_models.scenario import Scenario
from pages.shared import link

NOWHERE = "a group these data do not have"


def groups(base) -> dict[str, str]:
    """The short name and the label of every group the data are fitted by."""
    found = dict.fromkeys(" / ".join(map(str, cell.segment)) for cell in base.cells)
    return {link.short(label): label for label in found}


def written(levers: tuple) -> str:
    """The decisions as canonical text without a word of the user's."""
    return Scenario("", tuple(_with(lever, tuple(map(link.short, lever.segments))) for lever in levers)).to_json()


def read(text: str, base) -> Scenario:
    """The plan that such a text stands for, on these beliefs; a group they do not have is one nobody is in."""
    plan, known = Scenario.from_json(text), groups(base)
    return replace(plan, levers=tuple(
        _with(lever, tuple(dict.fromkeys(known.get(short, NOWHERE) for short in lever.segments))) for lever in plan.levers))


def _with(lever, segments: tuple[str, ...]):
    return replace(lever, segments=segments) if lever.segments else lever
