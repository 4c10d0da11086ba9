"""Programmes that cover a share of the customers they are offered to, loyal or not."""

from cs_models.group import Group, split
from cs_models.levers.base import Lever, once

CHANGED = ("multiplier", "programme", "care")


def covered(lever: Lever, groups: list[Group], effect, concerns=lambda group: True) -> list[Group]:
    """Groups after a programme with a `reach` and a `scope`: the part it covers, and those it does not.

    effect: function of a group -> its new fields; concerns: whether a group can be touched at all.
    """
    after, known = [], {}
    for group in groups:
        if lever.reach == 0 or not lever.reaches(group, lever.scope) or not concerns(group):
            after.append(group)
            continue
        one, others = (group, None) if lever.reach == 1 else split(group, lever.reach)
        after.append(one.but(**once(known, group, CHANGED, effect)))
        after += [] if others is None else [others]
    return after
