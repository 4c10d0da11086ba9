"""From sorted periods to counts with arrays: the rules of `engine/sql.py` once more, thousands of customers at a time.

The text is the definition and this a faster way to the same numbers; a test compares them on any book.
"""

from dataclasses import dataclass

import numpy as np

from cs_models.counts.cells import Days, Kinds, Tally
from cs_models.engine.sql import GRACE_DAYS

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

    def where(self, chosen: np.ndarray) -> "Periods":
        owner = self.owner[chosen]
        first = np.concatenate([[True], owner[1:] != owner[:-1]]) if len(owner) else np.zeros(0, bool)
        return Periods(np.cumsum(first) - 1, first, self.start[chosen], self.end[chosen], self.kind[chosen])


class Walk:
    """Goes through blocks of sorted keys, none of which parts a customer, and adds up."""

    def __init__(self, days: Days, kinds: Kinds, gap: int, plan_change: bool) -> None:
        self.days, self.kinds, self.gap, self.plan_change = days, kinds, gap, plan_change
        self.tally = Tally(days, kinds)

    def through(self, keys: np.ndarray) -> None:
        periods = self._read(keys)
        single = periods.first & np.append(periods.first[1:], True)
        self._single(periods.where(single))
        self._several(periods.where(~single))

    def _read(self, keys: np.ndarray) -> Periods:
        def part(bits: int, shift: int) -> np.ndarray:
            return ((keys >> np.uint64(shift)) & np.uint64((1 << bits) - 1)).astype(np.int64)

        kind_bits, days = self.kinds.bits, self.days
        back = part(days.end_bits, kind_bits)
        customer = keys >> np.uint64(kind_bits + days.end_bits + days.start_bits)
        first = np.concatenate([[True], customer[1:] != customer[:-1]])
        end = np.where(back == 0, FAR, days.last + 1 - back)
        return Periods(np.cumsum(first) - 1, first, part(days.start_bits, kind_bits + days.end_bits), end,
                       part(kind_bits, 0))  # fmt: skip

    def _single(self, p: Periods) -> None:
        """Customers with one period: nothing before it, nothing after."""
        d, k, left = self.days, self.kinds, p.end < FAR
        end = np.where(left, p.end, d.tomorrow)
        cell, term, cents, zero = k.cell[p.kind], k.term[p.kind], k.cents[p.kind], np.zeros(len(p.kind), np.int64)
        duration = whole_terms(d.begun(p.start, end), term)
        self.tally.ways(p.kind, zero, duration, left, k.failed[p.kind], p.start, p.start, ~left)
        self.tally.began(cell, p.start)
        cohort, last = d.month[p.start], d.month[end]
        self.tally.left(cell[left], cohort[left], duration[left])
        self.tally.aged("both", cell, cohort, zero, cents)
        self.tally.aged("both", cell[left], cohort[left], duration[left], -cents[left])
        seen = (cents > 0) & (~left | (last != cohort))
        self.tally.moved("new", cell[seen], cohort[seen], cohort[seen], cents[seen])
        gone = seen & left
        self.tally.moved("churned", cell[gone], cohort[gone], last[gone], -cents[gone])

    def _several(self, p: Periods) -> None:
        if not len(p.owner):
            return
        fresh, carries, handover, wait = self._spells(p)
        spell = np.cumsum(fresh) - 1
        number = spell - spell[p.first][p.owner]  # 0 = the first spell of its customer
        at = np.flatnonzero(carries)
        head_at, open_, duration, anchor, spell_day, own = self._exposures(p, at, fresh[at], handover[at], wait[at])
        heads, lasts = at[head_at], at[np.append(head_at[1:], len(at)) - 1]
        k = self.kinds
        here = number[heads] == 0
        part_of = fresh[heads]
        final = np.append(part_of[1:], True)
        left = final & (p.end[lasts] < FAR)
        counts = here & ~(~final & (duration <= anchor))
        self.tally.ways(p.kind[heads][counts], anchor[counts], duration[counts], left[counts],
                        k.failed[p.kind[lasts]][counts], spell_day[counts], own[counts],
                        (final & ~left)[counts])  # fmt: skip
        back = part_of & ~here
        self.tally.returned(k.cell[p.kind[heads]][back], self.days.month[spell_day[back]])

        cell, day = k.cell[p.kind[p.first]], p.start[p.first]
        cohort, ends = self.days.month[day], final & here
        left_at = np.where(left[ends], duration[ends], FAR)
        self.tally.began(cell, day)
        gone = left_at < FAR
        self.tally.left(cell[gone], cohort[gone], left_at[gone])
        self._money(p, number == 0, carries, handover, cell, cohort, left_at)
        self._movements(p, cell, cohort)

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
        """Where each exposure begins among the carrying periods, whether it is open, its duration, anchor, and the days
        on which its spell and its own terms began; as in `sql.spell_exposures`.
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
        return head_at, final & ~left, duration, anchor, spell_day, own

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
        owner, cents = p.owner[billed], self.kinds.cents[p.kind[billed]]
        owner, age, change = _by_place(owner, age_from[billed], age_to[billed], cents, age_to[billed] < FAR, False)
        level, begins = _running(owner, change)
        base = np.where(age[begins] == 0, change[begins], 0)[np.cumsum(begins) - 1]
        kept = np.minimum(level, base) - np.minimum(level - change, base)
        self.tally.aged("net", cell[owner], cohort[owner], age, change)
        self.tally.aged("gross", cell[owner], cohort[owner], age, kept)

    def _movements(self, p: Periods, cell, cohort) -> None:
        """Changes of MRR by calendar month, each by its name; as in `engine/movements.py`."""
        d, left = self.days, p.end < FAR
        end = d.month[np.where(left, p.end, 0)]
        owner, month, change = _by_place(p.owner, d.month[p.start], end, self.kinds.cents[p.kind], left, True)
        balance, begins = _running(owner, change)
        named = np.select(
            [begins, balance == 0, balance == change, change > 0], ["new", "churned", "reactivated", "expansion"],
            "contraction",
        )  # fmt: skip
        for kind in ("new", "churned", "reactivated", "expansion", "contraction"):
            own = named == kind
            self.tally.moved(kind, cell[owner[own]], cohort[owner[own]], month[own], change[own])


def whole_terms(months: np.ndarray, term: np.ndarray) -> np.ndarray:
    """`sql.whole_terms`: months rounded up to whole billing terms, at least one."""
    return np.maximum(-(-months // term), 1) * term


def _by_place(owner, begin, end, cents, ends, only_changes: bool):
    """Sums of what begins (+) and ends (-) by owner and place, in order."""
    who = np.concatenate([owner, owner[ends]])
    place = np.concatenate([begin, end[ends]])
    key = (who << 16) + place
    order = np.argsort(key)
    key, change = key[order], np.concatenate([cents, -cents[ends]])[order]
    if not len(key):
        return key, key, change
    starts = np.flatnonzero(np.append([True], key[1:] != key[:-1]))
    key, change = key[starts], np.add.reduceat(change, starts)
    if only_changes:
        key, change = key[change != 0], change[change != 0]
    return key >> 16, key & 0xFFFF, change


def _running(owner: np.ndarray, change: np.ndarray):
    """The level after each change of an owner, and where an owner begins."""
    begins = np.append([True], owner[1:] != owner[:-1])[: len(owner)]
    total = np.cumsum(change)
    before = (total - change)[begins]
    return total - before[np.cumsum(begins) - 1] if len(owner) else total, begins
