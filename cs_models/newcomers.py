"""What is expected of a customer who joins today: one curve for every page."""

from dataclasses import dataclass

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.engine.intake import first_starts, moved_on
from cs_models.flows import flows
from cs_models.words import months, short_percent

CLOSE = 0.03  # steps and line nearer than this need no word
MONTHS = 120  # drawn nowhere beyond


@dataclass(frozen=True, eq=False)
class ExpectedCurve:
    """survival: share still subscribed after 0, 1, .. 120 months; observed_to: the last month anybody was at risk.

    groups: how many segments and billing intervals new customers are parted into; moved: of `moved_share`.
    """

    survival: np.ndarray
    observed_to: int
    why: str = ""
    notes: tuple[str, ...] = ()
    groups: int = 1
    moved: float | None = None


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
    return ExpectedCurve(mixed, int(seen), getattr(fitted, "why", ""), getattr(fitted, "notes", ()),
                         len({(cell.segment, cell.interval) for cell in base.cells if cell.new_share}))


def differs(observed, expected: ExpectedCurve, month: int) -> bool:
    """Whether the line of new customers leaves the steps of all so far at that month by enough to be told."""
    return abs(float(expected.survival[month]) - float(observed.survival[month])) >= CLOSE


def moved_share(subs, by: tuple[str, ...]) -> float | None:
    """Share of customers so far who later had another group or billing interval than at their start; None unknown.

    In the fits they stay in the book of the group they moved to; a new customer is counted in the one he starts in.
    """
    moved, joined = moved_on(subs, by), first_starts(subs, by)["customers"].sum()
    return None if moved is None or not joined else float(moved / joined)


def why_apart(observed: float, expected: float, month: int, groups: int, moved: float | None = None) -> str:
    """Why the line of new customers leaves the steps of all so far, where it does.

    moved: of `moved_share`.
    >>> why_apart(0.59, 0.55, 24, groups=6, moved=0.36).partition("to be. ")[2]
    'Each is counted in the group he starts in, while 36 % of all so far moved on to another later. Their mix of groups can be another too.'
    """
    if abs(expected - observed) < CLOSE:
        return ""
    seen, ahead = (short_percent(round(value, 2)) for value in (observed, expected))
    told = f"After {months(month)} {seen} of all so far were still here; of those who join now {ahead} are expected to be."
    if groups < 2:
        return f"{told} The line follows those who joined last, or misses the steps there."
    if moved == 0:
        return f"{told} They join in other groups than all so far, or the newest leave at another pace."
    later = "" if moved is None else f", while {short_percent(moved, 0)} of all so far moved on to another later"
    return f"{told} Each is counted in the group he starts in{later}. Their mix of groups can be another too."
