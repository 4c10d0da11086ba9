"""How a lever declares its parameters: once, in the field itself.

Unit, range, default, value at rest, help and evidence stand beside the default; the widget, the JSON check,
the sentence of an error and the contract test are all drawn from that one declaration.
"""

from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from math import isfinite
from numbers import Real

from cs_models.problems import Problem


@dataclass(frozen=True)
class Parameter:
    """One declared parameter of a lever. `low`, `high`, `step`: the widget's; `least`, `most`: hard limits.

    doubt: low and high of what one may reasonably believe of it; doubt_times: the same as factors on the
    value set. Only beliefs have it; what we decide ourselves (a discount, a date) has none.
    unit: of a plain number, as it stands behind it in a sentence.
    """

    name: str
    kind: str
    label: str
    default: object
    rest: object
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    least: float = 0.0
    most: float = float("inf")
    choices: tuple = ()
    optional: bool = False
    help: str = ""
    evidence: str = "assumption"
    doubt: tuple[float, float] | None = None
    doubt_times: tuple[float, float] | None = None
    unit: str = ""

    def check(self, lever: str, value):
        """The value in its own type, or a Problem that names lever, parameter and range."""
        where = f"{lever}, {self.label.lower()}"
        if value is None and self.optional:
            return None
        if self.kind == "segments":
            names = [value] if isinstance(value, str) else value
            if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
                raise Problem(f"{where}: names of groups are needed; found {value!r}.")
            return tuple(sorted(set(names)))
        if self.kind == "choice":
            if not isinstance(value, str) or value not in dict(self.choices):
                raise Problem(f"{where}: choose one of {', '.join(dict(self.choices))}; found {value!r}.")
            return value
        if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
            raise Problem(f"{where}: a number is needed; found {value!r}.")
        if self.kind == "months" and value != int(value):
            raise Problem(f"{where}: whole months are needed; found {value!r}.")
        if not self.least <= value <= self.most:
            raise Problem(f"{where}: must lie between {self.least:g} and {self.most:g}; found {value:g}.")
        return int(value) if self.kind == "months" else float(value)


def _declare(kind, default, label, rest, **more):
    return field(default=default, metadata={"kind": kind, "label": label, "rest": rest, **more})


def share(default, label, rest=0.0, low=0.0, high=1.0, step=0.01, least=0.0, most=1.0, **more):
    """A share 0..1; shown as a percentage."""
    more |= {"low": low, "high": high, "step": step, "least": least, "most": most}
    return _declare("share", default, label, rest, **more)


def number(default, label, rest, low, high, step, least, most, unit, **more):
    """A plain number such as an elasticity, with the unit that stands behind it: "0.6 % per 1 % of price"."""
    more |= {"low": low, "high": high, "step": step, "least": least, "most": most, "unit": unit}
    return _declare("number", default, label, rest, **more)


def money(default, label, rest=0.0, low=0.0, high=100.0, step=0.5, most=1e12, **more):
    """Money per customer and month, in the data's currency."""
    return _declare("money", default, label, rest, low=low, high=high, step=step, most=most, **more)


def months(default, label, rest, low=0, high=36, step=1, least=0, most=1200, **more):
    """Whole months; with optional=True None is allowed and means without end."""
    more |= {"low": low, "high": high, "step": step, "least": least, "most": most}
    return _declare("months", default, label, rest, **more)


def choice(default, label, choices, rest=None, **more):
    """One of a few named options: a mapping from the stored word to the words on screen."""
    rest = default if rest is None else rest
    return _declare("choice", default, label, rest, choices=tuple(choices.items()), **more)


def start(**more):
    """Months from today until a decision takes effect: the same for every lever."""
    return months(0, "Starts in month", rest=0, high=24, most=119, evidence="assumption: your plan", help=(
        "0 is today. New customers who joined before meet it at their age then."), **more)


def phase_in(**more):
    """Months over which a decision grows to its whole: the same for every lever."""
    return months(0, "Takes months to reach everybody", rest=0, high=24, most=119,
                  evidence="assumption: your plan",
                  help="0 is at once; 6 grows evenly over half a year.", **more)


def segments():
    """Labels of the groups a decision reaches; none for everybody."""
    return _declare("segments", (), "Which customers", (), help="Empty reaches every group.",
                    evidence="assumption: your plan")


@cache
def parameters(lever) -> tuple[Parameter, ...]:
    """The declared parameters of a lever class, in the order they are written."""
    declared = []
    for item in fields(lever):
        default = None if item.default is MISSING else item.default
        declared.append(Parameter(name=item.name, default=default, **item.metadata))
    return tuple(declared)
