"""From sorted periods to counts with arrays: the rules of `engine/sql.py` once more, thousands of customers at a time.

The text is the definition and this a faster way to the same numbers; a test compares them on any book.
"""

from dataclasses import dataclass

import numpy as np

from cs_models.counts.cells import CHURNED, CONTRACTION, EXPANSION, NEW, REACTIVATED, Days, Kinds, Tally, flags_of
from cs_models.counts.singles import Singles, whole_terms
from cs_models.engine.sql import GRACE_DAYS

LONGEST_MONTH = 31  # days
FAR = 1 << 20  # the end of a live period, later than any day


@dataclass(frozen=True, eq=False)
class Periods:
    """Columns of sorted periods: owner (0, 1, ... in the block), first (of its owner), start and end as days of the
    window (FAR = live), kind.
    """

    owner: np.ndarray
    first: np.ndarray
    start: np.ndarray
    end: np.ndarray
    kind: np.ndarray


class Walk:
    """Goes through blocks of sorted keys, none of which parts a customer, and adds up."""

    def __init__(self, days: Days, kinds: Kinds, gap: int, plan_change: bool) -> None:
        self.days, self.kinds, self.gap, self.plan_change = days, kinds, gap, plan_change
        self._tally, self._singles = Tally(days, kinds), Singles(days, kinds)

    def through(self, keys: np.ndarray) -> None:
        customer = keys >> np.uint64(self.kinds.bits + self.days.end_bits + self.days.start_bits)
        first = np.append([True], customer[1:] != customer[:-1])
        for simple in (self._alone, self._stretches) if self._singles.fit else ():
            rest = np.flatnonzero(~simple(keys, first)) if len(keys) else slice(None)
            keys, first = keys[rest], first[rest]
        if len(keys):
            start, back, kind = self._parts(keys)
            end = self.days.tomorrow - back
            np.putmask(end, back == 0, FAR)
            self._several(Periods(np.cumsum(first) - 1, first, start, end, kind))

    def _alone(self, keys: np.ndarray, first: np.ndarray) -> np.ndarray:
        """Counts customers of one period, and says which periods those are."""
        alone = first & np.append(first[1:], True)
        self._singles.count(*self._parts(keys.compress(alone)))
        return alone

    def _stretches(self, keys: np.ndarray, first: np.ndarray) -> np.ndarray:
        """The same for customers of one stretch of periods, and of two between which they had left for long."""
        begins, later = first.copy(), np.flatnonzero(~first)
        begins[later] = ~self._renews(keys.take(later - 1), keys.take(later))
        at = np.flatnonzero(begins)
        periods = np.diff(at, append=len(keys))
        until = np.uint64((1 << self.kinds.bits + self.days.end_bits) - 1)  # end and kind are those of the last period
        stretch = (keys.take(at) & ~until) | (keys.take(at + periods - 1) & until)
        own = np.append(first.take(at), [True, True])
        counted = own[:-2] & own[1:-1]
        pair = np.flatnonzero(own[:-2] & ~own[1:-1] & own[2:])
        pair = pair[self._returned(stretch.take(pair), stretch.take(pair + 1))]
        counted[pair] = True
        self._singles.count(*self._parts(stretch.compress(counted)))
        counted[pair + 1] = True
        return np.repeat(counted, periods)

    def _renews(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Where the same goes on at the same price, the day the period before ended: both are one stretch. Not what ends
        at once: it does not reach beyond the one before.
        """
        (_, ended, kind), (start, back, next_) = self._parts(one), self._parts(other)
        same = self.kinds.alike.take(kind) == self.kinds.alike.take(next_)
        return same & (start + ended == self.days.tomorrow) & (start + back < self.days.tomorrow)

    def _returned(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Which customers of two periods had left for longer than any month when they came back, and had not come and
        gone within one: their first period counts as if it were alone. What their second adds is counted here.
        """
        d, k = self.days, self.kinds
        (start, ended, kind), (again, back, second) = self._parts(one), self._parts(other)
        born, end = d.month[start], d.tomorrow - ended
        fresh = (ended > 0) & (again > end + max(self.gap, LONGEST_MONTH)) & (born < d.month[end])
        at = np.flatnonzero(fresh & (k.cents[kind] > 0) & (k.cents[second] > 0))
        born, back, month, own, cents = born[at], back[at], d.month[again[at]], k.cell[second[at]], k.cents[second[at]]
        self._tally.returned(own, month)
        cell, last = k.cell[kind[at]], np.where(back > 0, d.month[d.tomorrow - back], FAR)
        stays, gone = last > month, (last > month) & (last < FAR)
        self._tally.moved(REACTIVATED, cell[stays], born[stays], month[stays], cents[stays])
        self._tally.moved(CHURNED, cell[gone], born[gone], last[gone], -cents[gone])
        return at

    def tally(self) -> Tally:
        """The sums of all blocks so far. Asked once: it takes in what was kept apart."""
        self._singles.into(self._tally)
        return self._tally

    def _parts(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Start, end as days before the last (0 = live), and kind."""
        def part(bits: int, shift: int) -> np.ndarray:
            return ((keys >> np.uint64(shift)) & np.uint64((1 << bits) - 1)).view(np.int64)

        kind_bits, days = self.kinds.bits, self.days
        return part(days.start_bits, kind_bits + days.end_bits), part(days.end_bits, kind_bits), part(kind_bits, 0)

    def _several(self, p: Periods) -> None:
        fresh, carries, handover, wait = self._spells(p)
        spell = np.cumsum(fresh) - 1
        number = spell - spell[p.first][p.owner]  # 0 = the first spell of its customer
        at = np.flatnonzero(carries)
        head_at, ahead, duration, anchor, spell_day, own = self._exposures(p, at, fresh[at], handover[at], wait[at])
        heads, lasts = at[head_at], at[np.append(head_at[1:], len(at)) - 1]
        k = self.kinds
        here = number[heads] == 0
        part_of = fresh[heads]
        final = np.append(part_of[1:], True)
        left = final & (p.end[lasts] < FAR)
        counts = here & ~(~final & (duration <= anchor))
        self._ways(*(part[counts] for part in (p.kind[heads], anchor, duration, left, k.failed[p.kind[lasts]] * left,
                                               spell_day, own, final & (~left | ahead))))  # fmt: skip
        back = part_of & ~here
        self._tally.returned(k.cell[p.kind[heads]][back], self.days.month[spell_day[back]])

        cell, day = k.cell[p.kind[p.first]], p.start[p.first]
        cohort, ends = self.days.month[day], final & here
        left_at = np.where(left[ends], duration[ends], FAR)
        self._tally.began(cell, day)
        gone = left_at < FAR
        self._tally.left(cell[gone], cohort[gone], left_at[gone])
        self._money(p, number == 0, carries, handover, cell, cohort, left_at)
        self._movements(p, cell, cohort)

    def _ways(self, kind, anchor, duration, left, failed, spell_day, own_day, open_) -> None:
        term = self.kinds.term[kind]
        own = (term > 1) * (own_day + 1)
        first, second = np.where(open_, spell_day, self.days.month[spell_day]), np.where(open_, own, duration)
        self._tally.ways(self.kinds.cell[kind], term, first, second, flags_of(open_.astype(np.int64), anchor, left, failed))

    def _spells(self, p: Periods):
        """fresh, carries, handover and days waited of every period, as in `sql.spell_rows`."""
        lift = p.owner * (2 * FAR)
        reach = np.maximum.accumulate(p.end + lift)
        reached = np.where(p.first, -1, np.append([0], reach[:-1]) - lift)
        carries = p.first | (p.end > reached)
        fresh = p.first | (p.start > reached + self.gap)
        if self.plan_change:
            at = np.flatnonzero(carries)
            product = self.kinds.product[p.kind[at]]
            other = np.append([False], product[1:] != product[:-1]) & ~p.first[at]
            fresh[at] |= other & (p.start[at] >= reached[at] - GRACE_DAYS)
        handover = ~fresh & (p.start >= reached - GRACE_DAYS)
        wait = np.where(~fresh & (p.start > reached), p.start - reached, 0)
        return fresh, carries, handover, wait

    def _exposures(self, p: Periods, at, fresh, handover, wait):
        """Where each exposure begins among the carrying periods, whether it ended by a renewal not yet due, its duration,
        anchor, and the days on which its spell and its own terms began; as in `sql.spell_exposures`.
        """
        d, product = self.days, self.kinds.product[p.kind[at]]
        switches = handover & np.append([False], product[1:] != product[:-1]) & ~fresh
        head = fresh | switches
        head_at = np.flatnonzero(head)
        begin, term = p.start[at[head_at]], self.kinds.term[p.kind[at[head_at]]]
        waited = np.add.reduceat(np.where(head, 0, wait), head_at)
        opening = fresh[head_at]
        spell_day = begin[np.flatnonzero(opening)][np.cumsum(opening) - 1]
        final = np.append(opening[1:], True)
        end = p.end[at[np.append(head_at[1:], len(at)) - 1]]
        left = final & (end < FAR)
        own, until = begin + waited, np.where(left, end, 0)
        seen = np.where(final, d.tomorrow, np.append(begin[1:], 0))
        anchor = np.where(opening, 0, d.whole(spell_day, begin))
        stay = d.whole(spell_day, seen)
        passed = anchor + d.whole(own, seen) // term * term
        going = np.where(term == 1, stay, np.minimum(np.maximum(stay, passed), passed + term - 1))
        monthly = np.maximum(np.maximum(d.begun(spell_day, until), anchor + 1), 1)
        longer = anchor + whole_terms(d.begun(own, until), term)
        duration = np.where(left, np.where(term == 1, monthly, longer), going)
        ahead = left & (term > 1) & (going < duration)
        return head_at, ahead, duration, anchor, spell_day, own

    def _money(self, p: Periods, inside, carries, handover, cell, cohort, left_at) -> None:
        """MRR billed by age in the first spell, whole and cut at the first amount; as in `cohort_money.stepped`."""
        d, born = self.days, p.start[p.first][p.owner]
        age_from = d.begun(born, p.start)
        age_to = np.where(p.end < FAR, d.begun(born, np.minimum(p.end, d.tomorrow)), FAR)
        last = left_at[p.owner]
        age_to = np.minimum(age_to, last)
        at = np.flatnonzero(carries & inside)
        goes_on = np.append(p.owner[at][1:] == p.owner[at][:-1], False)
        age_to[at[~goes_on]] = last[at[~goes_on]]
        taken = np.flatnonzero(goes_on & np.append(handover[at][1:], False))
        age_to[at[taken]] = age_from[at[taken + 1]]
        billed = inside & (age_to > age_from)
        owner, age, change = self._by_place(p, np.flatnonzero(billed), age_from, age_to, age_to < FAR, False)
        level, begins = _running(owner, change)
        base = np.where(age[begins] == 0, change[begins], 0)[np.cumsum(begins) - 1]
        kept = np.minimum(level, base) - np.minimum(level - change, base)
        self._tally.aged("net", cell[owner], cohort[owner], age, change)
        self._tally.aged("gross", cell[owner], cohort[owner], age, kept)

    def _movements(self, p: Periods, cell, cohort) -> None:
        """Changes of MRR by calendar month, each by its name; as in `engine/movements.py`."""
        d, left = self.days, p.end < FAR
        end = d.month[np.where(left, p.end, 0)]
        every = np.arange(len(p.owner))
        owner, month, change = self._by_place(p, every, d.month[p.start], end, left, True)
        balance, begins = _running(owner, change)
        move = np.where(change > 0, EXPANSION, CONTRACTION)
        for number, named in ((REACTIVATED, balance == change), (CHURNED, balance == 0), (NEW, begins)):
            np.putmask(move, named, number)
        self._tally.moved(move, cell[owner], cohort[owner], month, change)

    def _by_place(self, p: Periods, at, begin, end, ends, only_changes: bool):
        """Sums of what begins (+) and ends (-) by owner and place, in order, of the periods `at`.

        Sorted as whole numbers, price and sign below the place: sorting the places and fetching the rest in their order
        takes three times as long.
        """
        bits = self.kinds.bits
        what = (p.owner.take(at) << 16 + bits) + p.kind.take(at)
        gone = np.flatnonzero(ends.take(at))
        begun = what + (begin.take(at) << bits) << 1
        key = np.concatenate([begun, (what + (end.take(at) << bits) << 1).take(gone) + 1])
        key.sort()
        change = self.kinds.cents[(key >> 1) & ((1 << bits) - 1)] * (1 - 2 * (key & 1))
        key >>= bits + 1
        if not len(key):
            return key, key, change
        starts = np.flatnonzero(np.append([True], key[1:] != key[:-1]))
        key, change = key[starts], np.add.reduceat(change, starts)
        if only_changes:
            at = np.flatnonzero(change)
            key, change = key[at], change[at]
        return key >> 16, key & 0xFFFF, change


def _running(owner: np.ndarray, change: np.ndarray):
    """The level after each change of an owner, and where an owner begins."""
    begins = np.append([True], owner[1:] != owner[:-1])[: len(owner)]
    total = np.cumsum(change)
    before = (total - change)[begins]
    return total - before[np.cumsum(begins) - 1] if len(owner) else total, begins
