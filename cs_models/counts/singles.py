"""Customers with one period: nothing before it, nothing after, so all that is counted of them hangs on its kind, the
day it began, the month it ended in and whether a month more had begun by then. Each is added up under that, once; what
it means for life table, cohorts and movements is worked out afterwards, for each such number and not for each customer.
"""

import numpy as np

from cs_models.counts.cells import CHURNED, NEW, Days, Kinds, Tally, cells_of, flags_of

MOST_PLACES = 4_000_000  # of the dense tables
LEFT, HERE, AHEAD = range(3)  # what became of somebody; AHEAD: gone by a renewal that is not yet due


class Singles:
    """Adds up; `into` tells a tally."""

    def __init__(self, days: Days, kinds: Kinds) -> None:
        self.days, self.kinds = days, kinds
        mixes = np.stack([kinds.cell, kinds.term, kinds.failed, kinds.cents > 0])
        self._mixes, self._mix = np.unique(mixes, axis=1, return_inverse=True)
        self._months = days.months + 1  # the last one: still here
        self._shape = (self._mixes.shape[1], self._months, self._months, 2)
        self.fit = int(np.prod(self._shape)) <= MOST_PLACES
        if not self.fit:
            return
        self._heads, self._cents = np.zeros(self._shape, np.int64), np.zeros(self._shape, np.int64)
        self._days = np.zeros((self._mixes.shape[1], 3, days.tomorrow), np.int64)
        self._longer = kinds.term > 1
        self._by_start, self._by_end, self._by_kind = self._places()

    def _places(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """By start, end and kind, 32 times its part of the place in the dense tables. Days of the month are put below:
        the sum of all three has 32 more where the last month is more than whole, which is the next place.
        """
        days, (_, _, months, _) = self.days, self._shape
        back = np.arange(days.tomorrow, -1, -1)  # the end as the keys have it: days before the last, 0 = live
        end, day = days.month[back], days.date[back] & 31
        end[0], day[0] = days.months, 0
        start = days.month * months * 64 + 31 - (days.date & 31)
        return start, end * 64 + day, self._mix * months * months * 64

    def count(self, start: np.ndarray, back: np.ndarray, kind: np.ndarray) -> None:
        """The periods of some customers, one each."""
        place = self._by_kind.take(kind)
        place += self._by_start.take(start)
        place += self._by_end.take(back)
        place >>= 5
        np.add.at(self._heads.reshape(-1), place, 1)
        np.add.at(self._cents.reshape(-1), place, self.kinds.cents.take(kind))
        place = self._mix.take(kind) * 3
        place += self._state(start, back, kind)
        place *= self.days.tomorrow
        place += start
        np.add.at(self._days.reshape(-1), place, 1)

    def _state(self, start: np.ndarray, back: np.ndarray, kind: np.ndarray) -> np.ndarray:
        state = (back == 0) * HERE
        at = np.flatnonzero(self._longer.take(kind) & (back > 0))
        start, end, term = start.take(at), self.days.tomorrow - back.take(at), self.kinds.term.take(kind.take(at))
        ahead = whole_terms(self.days.begun(start, end), term) >= self.days.next_renewal(start, term)
        state[at[ahead]] = AHEAD
        return state

    def into(self, tally: Tally) -> None:
        """What was added up, into the tables it counts for."""
        if not self.fit:
            return
        at = cells_of(self._heads)
        heads, cents = self._heads[at], self._cents[at]
        (cell, term, failed, paid), (_, cohort, last, more) = self._mixes[:, at[0]], at
        left = last < self.days.months
        changed = (paid > 0) & (last != cohort)  # who comes and goes within a month changes nothing at its end
        tally.aged("both", cell, cohort, 0, cents)
        tally.moved(NEW, *(part[changed] for part in (cell, cohort, cohort, cents, heads)))
        cell, term, failed, cohort, last, more, heads, cents, changed = (
            part[left] for part in (cell, term, failed, cohort, last, more, heads, cents, changed)
        )
        duration = whole_terms(last - cohort + more, term)
        tally.left(cell, cohort, duration, heads)
        tally.aged("both", cell, cohort, duration, -cents)
        tally.moved(CHURNED, *(part[changed] for part in (cell, cohort, last, -cents, heads)))
        tally.ways(cell, term, cohort, duration, flags_of(0, 0, 1, failed), heads)
        mix, state, day = at = cells_of(self._days)
        people = self._days[at]
        cell, term, failed, _ = self._mixes[:, mix]
        tally.began(cell, day, people)
        for one, gone in ((HERE, 0), (AHEAD, 1)):
            at = np.flatnonzero(state == one)
            who, last = (cell[at], term[at]), (gone, failed[at])
            tally.ways(*who, day[at], (term[at] > 1) * (day[at] + 1), flags_of(1, 0, *last), people[at])
        due = self.days.next_renewal(day[at], term[at])  # of those last ones, who were told above as if it were over
        tally.ways(*who, self.days.month[day[at]], due, flags_of(0, 0, *last), -people[at])


def whole_terms(months: np.ndarray, term: np.ndarray) -> np.ndarray:
    """`sql.whole_terms`: months rounded up to whole billing terms, at least one."""
    return np.maximum(-(-months // term), 1) * term
