"""What is expected of a customer who joins today: one curve for every page."""

from dataclasses import dataclass

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.flows import flows

MONTHS = 120  # drawn nowhere beyond


@dataclass(frozen=True, eq=False)
class ExpectedCurve:
    """survival: share still subscribed after 0, 1, .. 120 months; observed_to: the last month anybody was at risk."""

    survival: np.ndarray
    observed_to: int
    why: str = ""
    notes: tuple[str, ...] = ()


def expected_curve(base: Assumptions, fitted=None) -> ExpectedCurve | None:
    """How long a new customer stays: the fits of all groups, in the shares of today's sign-ups.

    S(t) = sum over groups of share x S_group(t), the curve by which `value` and `compare` count. To a CFO: of 100 who
    join now, how many still pay after t months. One fit of everybody at once (`fitted`, whose reasons are kept) says
    something else where the groups differ and their shares have moved. None where nobody joins.

    >>> expected_curve(Assumptions.flat(0.03, 50)).survival[12].round(4)
    np.float64(0.6938)
    """
    if not base.has_new:
        return None
    mixed = sum(flows(group.until(MONTHS + 1), 1.0, 0.0).in_force for group in base.groups("new"))
    seen = getattr(fitted, "observed_to", None)
    seen = max(cell.observed_to for cell in base.cells) if seen is None else seen
    return ExpectedCurve(mixed, int(seen), getattr(fitted, "why", ""), getattr(fitted, "notes", ()))
