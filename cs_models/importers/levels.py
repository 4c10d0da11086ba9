"""From "from this day on it is like this" to paid periods: the common step of logs, panels and matrices."""

from dataclasses import dataclass

import numpy as np

from cs_models.importers.period_dates import Periods


@dataclass(frozen=True, eq=False)
class Levels:
    """What holds for a customer from a day on, until the next entry of the same customer.

    All arrays have one entry per level: `customer` (code), `day`, `place` of its source row, `mrr` in minor
    units a month, `paying` (False = not subscribed from this day), `term` in months and `plan` (any code).
    `until`: the day a level ends by itself (a paid month is over), or None when only the next entry ends it.
    """

    customer: np.ndarray
    day: np.ndarray
    place: np.ndarray
    mrr: np.ndarray
    paying: np.ndarray
    term: np.ndarray
    plan: np.ndarray
    until: np.ndarray | None = None

    def pick(self, at: np.ndarray) -> "Levels":
        """The levels of a mask or of positions."""
        until = None if self.until is None else self.until[at]
        parts = (self.customer, self.day, self.place, self.mrr, self.paying, self.term, self.plan)
        return Levels(*(part[at] for part in parts), until)


@dataclass(frozen=True, eq=False)
class Stretches:
    """Paid stretches: `first` and `last` are positions in the sorted `levels` where each begins and by which
    entry it is ended (-1 = by nothing, or by its own `until`).
    """

    levels: Levels
    first: np.ndarray
    last: np.ndarray
    periods: Periods

    @property
    def place(self) -> np.ndarray:
        """The source row that began each stretch."""
        return self.levels.place[self.first]

    @property
    def mrr(self) -> np.ndarray:
        return self.levels.mrr[self.first]


def stretches(levels: Levels, today: int, grace: int = 0) -> Stretches:
    """Equal neighbouring levels become one stretch; those not subscribed become the gaps between them.

    A level with `until` also ends there, unless the next one of the customer follows within `grace` days, and
    is open when its `until` lies after `today`: what is paid beyond the last known day is no departure.
    """
    if not _in_order(levels):
        levels = levels.pick(np.lexsort((levels.place, levels.day, levels.customer)))
    count = len(levels.day)
    same = np.zeros(count, bool)
    same[:-1] = levels.customer[1:] == levels.customer[:-1]
    follows = np.where(same, np.append(levels.day[1:], 0), np.iinfo(np.int64).max)
    until = follows if levels.until is None else _until(levels.until, follows, grace)
    alike = np.zeros(count, bool)
    alike[1:] = (
        same[:-1]
        & levels.paying[1:]
        & levels.paying[:-1]
        & (levels.mrr[1:] == levels.mrr[:-1])
        & (levels.term[1:] == levels.term[:-1])
        & (levels.plan[1:] == levels.plan[:-1])
        & (until[:-1] == levels.day[1:])
    )
    first = np.flatnonzero(levels.paying & ~alike)
    # a stretch reaches to the last of its equal levels
    numbers = np.cumsum(~alike) - 1
    closing = np.zeros(numbers[-1] + 1 if count else 0, np.int64)
    closing[numbers] = np.arange(count)
    last = closing[numbers[first]]
    end = until[last]
    is_open = end > today
    ended_by = np.where(same[last] & (end == follows[last]), last + 1, -1)
    periods = Periods(levels.day[first], np.where(is_open, 0, end), is_open, levels.term[first])
    return Stretches(levels, first, ended_by, periods)


def _in_order(levels: Levels) -> bool:
    who, day = np.diff(levels.customer), np.diff(levels.day)
    return bool(((who > 0) | (who == 0) & (day > 0)).all())


def _until(own: np.ndarray, follows: np.ndarray, grace: int) -> np.ndarray:
    """The day a level ends: its own, or that of the next entry where it follows in time."""
    in_time = follows <= own + grace
    return np.where(in_time, follows, own)
