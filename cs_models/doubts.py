"""What one may reasonably believe of a lever's figures: low and high around the value set (SCIENCE 5).

A lever declares it beside the default (`doubt`: low and high, or `doubt_times`: factors on the value set). Decisions
(the rise, the discount, who, when) carry none: they are ours to choose.
"""

from dataclasses import dataclass

from cs_models.dials import Dial, dials
from cs_models.levers import Parameter
from cs_models.scenario import Scenario

# For levers that declare none yet.
KNOWN = {"adoption": (0.10, 0.50), "selection": (0.0, 2.0), "churn_elasticity": (0.0, 1.5)}
KNOWN_TIMES = {"one_off_loss": (1 / 3, 4.0), "reduction": (0.0, 1.5)}


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
    return _declared(parameter) != (None, None)


def _declared(parameter: Parameter) -> tuple:
    doubt, times = getattr(parameter, "doubt", None), getattr(parameter, "doubt_times", None)
    if doubt or times:
        return doubt, times
    return KNOWN.get(parameter.name), KNOWN_TIMES.get(parameter.name)


def beliefs(plan: Scenario) -> tuple[Belief, ...]:
    """The doubtful figures of the levers that change something, each with its range.

    A value set outside the range of doubt widens the range to it; ends never leave what the lever accepts.
    """
    found = []
    for one in dials(plan):
        doubt, times = _declared(one.parameter)
        if one.value is None or not (doubt or times):
            continue
        value = float(one.value)
        ends = doubt or sorted(value * factor for factor in times)
        low, high = min(ends[0], value), max(ends[1], value)
        low, high = max(low, one.parameter.least), min(high, one.parameter.most)
        if high > low:
            found.append(Belief(one, low, value, high))
    return tuple(found)
