"""What the packed numbers stand for, and the dense tables their sums are kept in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from cs_models.counts.definition import AGES, NOWHERE
from cs_models.kept_property import kept

EPOCH = date(1970, 1, 1)
MOVES = ("new", "expansion", "contraction", "churned", "reactivated")
NEW, EXPANSION, CONTRACTION, CHURNED, REACTIVATED = range(len(MOVES))
CUBE_KINDS = tuple(sorted((*AGES, *MOVES)))
MOST_CELLS = 8_000_000  # of the dense tables of movements
COMPACT = 1 << 20  # exposures kept before they are summed up
FLAGS = 14  # bits of `flags_of`


class Days:
    """A window of 2^bits days that ends with `as_of`, numbered from 0, and the month and day of the month of each."""

    def __init__(self, as_of: date, bits: int) -> None:
        self.start_bits, self.end_bits = bits, bits + 1
        self.last = (1 << bits) - 1
        self.tomorrow = self.last + 1
        self.zero = (as_of - EPOCH).days - self.last  # days since 1970 of day 0
        day = (self.zero + np.arange(self.tomorrow + 2)).astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        self.first_month = int(month[0].astype(int)) + 1970 * 12 + 1  # 12 x year + month
        self.month = (month - month[0]).astype(np.int64)
        of_month = (day - month.astype("datetime64[D]")).astype(np.int64) + 1
        closes = np.append(of_month[1:] == 1, False)
        self.date = self.month * 32 + of_month  # one number, so that a difference and a shift give months
        self._closed = self.month * 32 + np.where(closes, 31, of_month)
        self.months = int(self.month[-1]) + 1

    def whole(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """`sql.whole_months`."""
        return (self._closed[end] - self.date[start]) >> 5

    def next_renewal(self, own: np.ndarray, term: np.ndarray) -> np.ndarray:
        """Months from the day on which terms began to their first renewal after the window."""
        return (self.whole(own, self.tomorrow) // term + 1) * term

    def begun(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """`sql.months_begun`."""
        return (self.date[end] - self.date[start] + 31) >> 5


@dataclass(frozen=True, eq=False)
class Kinds:
    """By number of the kind: billing term, product (plan and term), MRR, failed payment, cell of the groups."""

    term: np.ndarray
    product: np.ndarray
    cents: np.ndarray
    failed: np.ndarray
    cell: np.ndarray
    labels: tuple[tuple, ...]  # of the cells

    @classmethod
    def of(cls, told: Sequence[tuple], by: int) -> tuple["Kinds", list[int], list[int]]:
        """From (term, plan, cents, failed, *groups), the kinds and the number of each line: ended, and live.

        Numbers follow the order in which `sql.spell_rows` breaks ties; who is live has no reason to have ended.
        """
        def mixes(live: bool) -> list[tuple]:
            return [(t, plan, c, 0 if live else -failed, *groups) for t, plan, c, failed, *groups in told]

        every = sorted({*mixes(True), *mixes(False)})
        number = {mix: i for i, mix in enumerate(every)}
        labels, products = (sorted(set(part)) for part in ([mix[4:] for mix in every], [mix[:2] for mix in every]))
        cell, product = ({label: i for i, label in enumerate(part)} for part in (labels, products))
        columns = zip(*((mix[0], product[mix[:2]], mix[2], -mix[3], cell[mix[4:]]) for mix in every))
        kinds = cls(*(np.array(column, np.int64) for column in columns), tuple(labels))
        return kinds, [number[mix] for mix in mixes(False)], [number[mix] for mix in mixes(True)]

    @kept
    def alike(self) -> np.ndarray:
        """A number of each kind that says all but whether the payment failed."""
        every = np.stack([self.term, self.product, self.cents, self.cell])
        return np.unique(every, axis=1, return_inverse=True)[1].reshape(-1)

    @property
    def bits(self) -> int:
        return max(int(len(self.term) - 1).bit_length(), 1)

    def fit(self, days: Days) -> bool:
        """Whether the dense tables stay small."""
        return len(self.labels) * (days.months + int(self.term.max())) * days.months * len(MOVES) <= MOST_CELLS


class Tally:
    """Sums of all blocks. Cells, months and days are numbers of the window; `columns` gives them as they are told."""

    def __init__(self, days: Days, kinds: Kinds) -> None:
        self.days, self.kinds = days, kinds
        self.ages = days.months + int(kinds.term.max()) + 1
        cells, by_age = len(kinds.labels), (len(kinds.labels), days.months, self.ages)
        moves = (len(MOVES), cells, days.months, days.months)
        self._ways: list[tuple[np.ndarray, np.ndarray]] = []
        self._loose: list[np.ndarray] = []
        self._began = np.zeros((cells, days.tomorrow), np.int64)
        self._left = np.zeros(by_age, np.int64)
        self._returned = np.zeros((cells, days.months), np.int64)
        self._aged = {kind: np.zeros(by_age, np.int64) for kind in ("net", "gross", "both")}
        self._heads, self._cents = np.zeros(moves, np.int64), np.zeros(moves, np.int64)
        self._terms = np.unique(kinds.term)

    def ways(self, cell, term, first, second, flags, customers=None) -> None:
        """Exposures of first spells. `first`: the month of the spell, `second`: its duration; of somebody whose end is
        open, still subscribed or gone by a renewal not yet due, the day of the spell and, on a longer term, one more than
        the day of the own terms. See `flags_of`.
        """
        term_cell = cell * len(self._terms) + self._terms.searchsorted(term)
        key = (((term_cell << 16) + first << 17) + second << FLAGS) + flags
        if customers is None:
            self._loose.append(key)
            if sum(map(len, self._loose)) > COMPACT:
                self._gather()
        else:
            self._ways.append((key, customers))

    def _gather(self) -> None:
        """Exposures of one customer each, summed up: sorted all at once, since few of a block are alike."""
        key = np.sort(np.concatenate([*self._loose, np.zeros(0, np.int64)]))
        starts = _starts(key)
        self._ways.append((key[starts], np.diff(starts, append=len(key))))
        self._loose = []
        if sum(len(one) for one, _ in self._ways) > COMPACT:
            self._ways = [_together(self._ways)]

    def began(self, cell, day, customers=1) -> None:
        add(self._began, (cell, day), customers)

    def left(self, cell, cohort, age, customers=1) -> None:
        add(self._left, (cell, cohort, age), customers)

    def returned(self, cell, cohort) -> None:
        add(self._returned, (cell, cohort), 1)

    def aged(self, kind: str, cell, cohort, age, cents) -> None:
        """`kind`: net, gross, or both of one amount."""
        add(self._aged[kind], (cell, cohort, age), cents)

    def moved(self, kind, cell, cohort, month, cents, customers=1) -> None:
        """`kind`: the number of a move in MOVES."""
        at = (kind, cell, cohort, month)
        add(self._heads, at, customers)
        add(self._cents, at, cents)

    def plus(self, other: "Tally") -> None:
        """The sums of other blocks on top."""
        self._ways += other._ways
        self._loose += other._loose
        for name in ("_began", "_left", "_returned", "_heads", "_cents"):
            own = getattr(self, name)
            own += getattr(other, name)
        for kind, table in self._aged.items():
            table += other._aged[kind]

    def columns(self) -> dict[str, dict[str, np.ndarray]]:
        """Those of `life` and `cube`, as whole numbers: of a text its place among the `labels`."""
        parts = zip(*self._cube())
        kind, cell, *numbers = (np.concatenate(part) for part in parts)
        cube = dict(zip(("cohort", "place", "customers", "cents"), numbers))
        cube["cohort"] += self.days.first_month
        return {"life": self._life(), "cube": {"kind": kind, **self._groups(cell), **cube}}

    @property
    def labels(self) -> dict[str, np.ndarray]:
        """Texts of the columns, sorted."""
        groups = {f"g{i}": texts for i, (texts, _) in enumerate(self._texts)}
        return {"kind": np.array(CUBE_KINDS, dtype=object), **groups}

    def _life(self) -> dict[str, np.ndarray]:
        self._gather()
        key, customers = _together(self._ways)
        parts = {}
        packed = (("involuntary", 1), ("churned", 1), ("anchor", 11), ("open", 1), ("second", 17), ("first", 16))
        for name, bits in packed:
            parts[name], key = key & ((1 << bits) - 1), key >> bits
        dated, first, second = parts["open"] > 0, parts["first"], parts["second"]
        terms = len(self._terms)
        month, term = np.where(dated, self.days.month[np.where(dated, first, 0)], first), self._terms[key % terms]
        own = np.where(dated & (second > 0), second - 1, 0)
        renewal = parts["anchor"] + self.days.next_renewal(own, term)
        open_months = np.where(parts["churned"] > 0, renewal, -1)
        return {
            **self._groups(key // terms), "term": term, "anchor": parts["anchor"],
            "entry": parts["anchor"], "cohort": month + self.days.first_month,
            "duration": np.where(dated, open_months, second),
            "churned": parts["churned"], "involuntary": parts["involuntary"],
            "spell_day": np.where(dated, first + self.days.zero, NOWHERE),
            "own_day": np.where(dated & (second > 0), own + self.days.zero, NOWHERE), "customers": customers,
        }  # fmt: skip

    def _cube(self):
        """Kind, cell, cohort, place, customers and cents of the events of each kind."""
        cell, day = at = cells_of(self._began)
        yield _events("began", cell, self.days.month[day], day + self.days.zero, self._began[at], 0)
        cell, cohort, age = at = cells_of(self._left)
        yield _events("left", cell, cohort, age, self._left[at], 0)
        cell, cohort = at = cells_of(self._returned)
        yield _events("returned", cell, cohort, 0, self._returned[at], 0)
        for kind in ("net", "gross"):
            sums = self._aged[kind] + self._aged["both"]
            cell, cohort, age = at = cells_of(sums)
            yield _events(kind, cell, cohort, age, 0, sums[at])
        for kind, heads, cents in zip(MOVES, self._heads, self._cents):
            cell, cohort, month = at = cells_of(heads)
            yield _events(kind, cell, cohort, month + self.days.first_month, heads[at], cents[at])

    def _groups(self, cell: np.ndarray) -> dict[str, np.ndarray]:
        return {f"g{i}": place.take(cell) for i, (_, place) in enumerate(self._texts)}

    @kept
    def _texts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of each group column its sorted texts, and which of them each cell has."""
        columns = (np.array(column, dtype=object) for column in zip(*self.kinds.labels))
        return [np.unique(column, return_inverse=True) for column in columns]


def _events(kind: str, cell: np.ndarray, *numbers) -> tuple[np.ndarray, ...]:
    """A column of each."""
    code = CUBE_KINDS.index(kind)
    return tuple(np.broadcast_to(np.asarray(column, np.int64), cell.shape) for column in (code, cell, *numbers))


def cells_of(table: np.ndarray) -> tuple[np.ndarray, ...]:
    """Where a dense table is not 0: a third of the time of asking for it by row and column."""
    return np.unravel_index(np.flatnonzero(table), table.shape)


def flags_of(open_, anchor, left, failed):
    """What is packed beside the days of an exposure, into FLAGS bits."""
    return (((open_ << 11) + anchor << 1) + left << 1) + failed


def add(table: np.ndarray, at: tuple, amounts) -> None:
    """Amounts into the cells of a table. The place in the flat table is worked out here: numpy's own takes ten times as
    long, and so does a table of sums for each block.
    """
    place = at[0]
    for size, part in zip(table.shape[1:], at[1:]):
        place = place * size + part
    np.add.at(table.reshape(-1), place, amounts)


def _starts(key: np.ndarray) -> np.ndarray:
    """Where a new number begins in sorted ones."""
    return np.flatnonzero(np.append([True], key[1:] != key[:-1])) if len(key) else np.zeros(0, np.int64)


def _together(ways: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    keys, counts = (np.concatenate(part) for part in zip(*ways))
    order = np.argsort(keys)
    keys, counts = keys[order], counts[order]
    starts = _starts(keys)
    return keys[starts], np.add.reduceat(counts, starts) if len(keys) else counts
