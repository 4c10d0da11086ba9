"""What an estimate needs before it is made, and what must be true of it afterwards: each threshold stands here alone."""

from collections.abc import Mapping

import numpy as np

from cs_models.words import count, counted

FEWEST_EVENTS = 10  # departures
FEWEST_PERIODS = 3  # different tenures at which somebody left
FEWEST_SUBJECTS = 30  # customers who were at risk together
SHAPES = {"c": "shape", "c1": "shape", "c2": "shape", "sigma": "spread"}  # what a model calls the parameter that bends its curve
LEAST_SHAPE, MOST_SHAPE = 0.05, 20.0
INSTEAD = "churn is taken as constant. Read anything beyond the observed months with care."


def before(events: float, periods: int, subjects: float) -> str:
    """Why a curve that falls with tenure is not fitted to so little; "" where it may be.

    events: departures; periods: different tenures of departure; subjects: most customers at risk in one period.

    >>> before(9, 3, 500)
    'Too few departures for a falling curve (so far 9, at 3 different tenures): churn is taken as constant. Read anything beyond the observed months with care.'
    >>> before(10, 3, 30), before(10, 3, 29)[:72]
    ('', 'Too few customers for a falling curve (29, and 30 are needed): churn is ')
    """
    if events < FEWEST_EVENTS or periods < FEWEST_PERIODS:
        at = counted(periods, "tenure", "different tenures")
        return f"Too few departures for a falling curve (so far {count(events)}, at {at}): {INSTEAD}"
    if subjects < FEWEST_SUBJECTS:
        return f"Too few customers for a falling curve ({count(subjects)}, and {FEWEST_SUBJECTS} are needed): {INSTEAD}"
    return ""


def after(parameters: Mapping[str, float], survival: np.ndarray) -> str:
    """Why a fit is not used; "" where it may be: every number finite, and no shape outside 0.05 to 20, where a curve is a
    step or a line that the counts cannot tell.

    >>> import numpy as np
    >>> after({"theta": 0.1, "c": 0.9}, np.array([1, 0.9])), after({"theta": 0.1, "c": 20.1}, np.array([1, 0.9]))[:60]
    ('', 'The counts do not settle how the curve bends (shape 20.10, w')
    """
    if not (np.isfinite(list(parameters.values())).all() and np.isfinite(survival).all()):
        return f"No curve of this kind fits the counts: {INSTEAD}"
    for name, word in SHAPES.items():
        if not LEAST_SHAPE <= parameters.get(name, 1.0) <= MOST_SHAPE:
            return (f"The counts do not settle how the curve bends ({word} {parameters[name]:.2f}, where "
                    f"{LEAST_SHAPE:g} to {MOST_SHAPE:g} is believable): {INSTEAD}")  # fmt: skip
    return ""


def told(draws: np.ndarray) -> bool:
    """Whether a range may be told of these draws: all of them are numbers."""
    return bool(np.isfinite(draws).all())
