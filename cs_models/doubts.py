"""What one may reasonably believe of a lever's figures: low and high around the value set.

A lever declares it beside the default (`doubt`: low and high, or `doubt_times`: factors on the value set). Decisions
(the rise, the discount, who, when) carry none: they are ours to choose.
"""

from dataclasses import dataclass

from cs_models.dials import Dial, dials
from cs_models.levers import Parameter
from cs_models.scenario import Scenario


@dataclass(frozen=True)
class Belief:
    """A figure nobody knows: low <= likely <= high, likely being what the plan says."""

    dial: Dial
    low: float
    likely: float
    high: float

    @property
    def name(self) -> str:
        return self.dial.name


def is_belief(parameter: Parameter) -> bool:
    """Whether a figure is believed and not decided: whether it has a range of doubt."""
    return bool(parameter.doubt or parameter.doubt_times)


def beliefs(plan: Scenario) -> tuple[Belief, ...]:
    """The doubtful figures of the levers that change something, each with its range.

    A value set outside the range of doubt widens the range to it; ends never leave what the lever accepts.
    """
    found = []
    for one in dials(plan):
        if one.value is None or not is_belief(one.parameter):
            continue
        value, doubt, times = float(one.value), one.parameter.doubt, one.parameter.doubt_times
        ends = doubt or sorted(value * factor for factor in times)
        low, high = min(ends[0], value), max(ends[1], value)
        low, high = max(low, one.parameter.least), min(high, one.parameter.most)
        if high > low:
            found.append(Belief(one, low, value, high))
    return tuple(found)
