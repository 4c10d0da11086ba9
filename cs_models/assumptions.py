"""What we believe about the customers, before any lever: cells, and the economics. Cells become groups; levers act on
groups.
"""

from dataclasses import dataclass, field, replace
from math import lcm
from numbers import Integral, Real

import numpy as np

from cs_models.cells import Cell, Mix
from cs_models.group import Group
from cs_models.levers.base import Detail
from cs_models.problems import Problem

MOST_KEPT = 64  # results of one baseline that are kept at a time
DRAWS = 500  # bootstrap refits behind every range
MOST_HEAVY = 8  # lists of groups over the draws, two a book: with 500 draws and 70 tenures some 30 MB a pair
MONTHS = 120  # projected length: payback is sought within it


@dataclass(frozen=True, eq=False)
class Assumptions:
    """The baseline: cells, economics, projected length. Build with from_data, from_curve or flat.

    acquisitions: new customers per month of the projection, array (months,); used for the whole portfolio
    """

    cells: tuple[Cell, ...]
    gross_margin: float = 0.8
    discount_rate: float = 0.10
    service_cost: float = 0.0
    cac: float = 0.0
    months: int = MONTHS
    acquisitions: np.ndarray = field(default_factory=lambda: np.zeros(MONTHS))
    by: tuple[str, ...] = ()
    currency: str = "USD"
    digest: str = ""
    notes: tuple[str, ...] = ()
    _memo: dict = field(default_factory=dict, init=False, repr=False)
    _heavy: dict = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self):
        _within("gross margin", self.gross_margin, 0, 1)
        _within("discount rate", self.discount_rate, 0, 10)
        _within("service cost", self.service_cost, 0, 1e12)
        _within("CAC", self.cac, 0, 1e12)

    @classmethod
    def flat(cls, monthly_churn, price, gross_margin=1.0, discount_rate=0.0, months=MONTHS, existing=False, **more):
        """Everybody leaves with the same chance each month: the textbook case, and the oracle of the tests.

        CLV(H) = price x gross margin x (1 - q^H) / (1 - q), q = (1 - monthly_churn) / (1 + discount_rate)^(1/12).
        existing=True: the book is one active customer of tenure 0 whose next payment is due now.
        >>> Assumptions.flat(0.03, 50, 0.8, existing=True).active_mrr
        50.0
        """
        _within("monthly churn", monthly_churn, 0, 1)
        parts = [(1.0, Mix.of([monthly_churn], [1.0]), 0)]
        return cls._one_customer(parts, price, 0 if existing else None,
                                 gross_margin=gross_margin, discount_rate=discount_rate, months=months, **more)

    @classmethod
    def from_curve(cls, curve, price, existing_tenure=None, months=MONTHS, **economics):
        """One customer whose retention is a fitted or published curve, billed on its clock.

        existing_tenure=k: the customer has completed k months. A mixture of billing intervals becomes a cell for each.
        """
        if curve.phase:
            raise Problem("This curve begins inside a paid term. Give the whole curve and existing_tenure=months instead.")
        parts = [(share, Mix.of_curve(c), c.observed_to) for share, c in curve.parts]
        return cls._one_customer(parts, price, existing_tenure, months=months, **economics)

    @classmethod
    def _one_customer(cls, parts, price, tenure, months, **economics):
        """Cells of one new customer (tenure None) or one existing customer, divided among (share, mix, observed_to)."""
        _within("price", price, 0, 1e12)
        _within("number of months", months, 1, 1200, whole=True)
        if tenure is not None:
            _within("tenure", tenure, 0, 1200, whole=True)
        acquisitions = np.zeros(months)
        acquisitions[0] = float(tenure is None)  # the book is one new customer
        cells = []
        for share, mix, observed_to in parts:
            heads = np.zeros(1 if tenure is None else tenure + 1)
            if tenure is not None:
                heads[tenure] = share
            new = share if tenure is None else 0.0
            cells.append(Cell(("All customers",), mix.clock, mix, None, new, float(price), heads, heads * price,
                              observed_to=observed_to))
        return cls(tuple(cells), months=int(months), acquisitions=acquisitions, **economics)

    @classmethod
    def from_data(cls, subs, curve=None, by=(), gross_margin=0.8, discount_rate=0.10, service_cost=0.0, cac=0.0,
                  draws=DRAWS, seed=0, expansion=False):
        """Fit every segment and billing interval of the data and count its customers by tenure.

        Monthly and annual payers are fitted apart; a group with too few events takes the whole's curve and
        says so in `.notes`. draws: bootstrap refits, done here once and kept as types. `curve` replaces the
        fit of every billing interval it has a part for; it has a range if it knows its life table. New customers pay
        the current list price: the mean of the newest three months' starts, of six or of the year where prices differ so much
        that three months are too few (a sentence in `.notes`). `expansion`: those who stay pay more (or less) with
        tenure as seen so far, by band, and stay at that level beyond (expansion.py); else a customer pays the same for ever.
        """
        from cs_models.from_data import cells_of

        _within("number of draws", draws, 0, 100_000, whole=True)
        names = tuple(dict.fromkeys([by] if isinstance(by, str) else by))
        found = cells_of(subs, curve, names, draws, seed, expansion)
        return cls(found.cells, gross_margin, discount_rate, service_cost, cac, MONTHS,
                   np.full(MONTHS, found.new_per_month), found.by, subs.currency, found.digest, found.notes)

    @property
    def models(self) -> tuple[str, ...]:
        """Models fitted beside the chosen ones, over all cells."""
        return tuple(dict.fromkeys(name for cell in self.cells for name, _ in cell.others))

    def believing(self, model: str) -> "Assumptions":
        """The same customers with another retention model wherever it was fitted; without sampling draws."""
        cells = (replace(cell, fitted=dict(cell.others).get(model, cell.fitted), draws=None) for cell in self.cells)
        return replace(self, cells=tuple(cells))

    def with_economics(self, **changes) -> "Assumptions":
        """The same customers with another gross_margin, discount_rate, service_cost or cac; nothing is refitted."""
        return replace(self, **changes)

    @property
    def has_new(self) -> bool:
        return any(cell.new_share > 0 for cell in self.cells)

    @property
    def customers(self) -> float:
        """Customers in the existing book today."""
        return float(sum(cell.heads.sum() for cell in self.cells))

    @property
    def active_mrr(self) -> float:
        """Their MRR today, money."""
        return float(sum(cell.mrr.sum() for cell in self.cells))

    @property
    def has_existing(self) -> bool:
        return self.customers > 0

    @property
    def has_draws(self) -> bool:
        return any(cell.draws is not None for cell in self.cells)

    @property
    def discount_factor(self) -> np.ndarray:
        """v^t with v = (1 + discount_rate)^(-1/12), months 0 .. months - 1."""
        return (1 + self.discount_rate) ** (-np.arange(self.months) / 12)

    def check_horizon(self, horizon: int) -> int:
        """The horizon if it can be valued, else a sentence."""
        whole = isinstance(horizon, Integral) and not isinstance(horizon, bool)
        if not whole or not 1 <= horizon <= self.months:
            raise Problem(f"A horizon must be a whole number of months from 1 to {self.months}; found {horizon!r}.")
        return int(horizon)

    def kept(self, key, make):
        """What was worked out once for these assumptions; they never change."""
        return _kept(self._memo, MOST_KEPT, key, make)

    def only(self, book: str) -> "Assumptions":
        """The same customers without those of the other book; "portfolio" keeps both."""
        if book == "portfolio":
            return self
        return self.kept(("only", book), lambda: self._only(book))

    def _only(self, book: str) -> "Assumptions":
        nobody = {"new": {"heads": np.zeros(1), "mrr": np.zeros(1)}, "existing": {"new_share": 0.0}}[book]
        return replace(self, cells=tuple(replace(cell, **nobody) for cell in self.cells))

    def groups(self, book: str, detail: Detail = Detail(), drawn: bool = False, every_tenure: bool = False,
               months: int | None = None):
        """Groups of the "new" or "existing" book over `months`. Baseline groups are built once per data set and detail."""
        build = self._new if book == "new" else self._existing
        key = (book, detail, drawn, every_tenure)
        kept = (self._heavy, MOST_HEAVY) if drawn else (self._memo, MOST_KEPT)
        found = _kept(*kept, key, lambda: [g for cell in self.cells for g in build(cell, detail, drawn, every_tenure)])
        if months is not None:
            known: dict = {}
            found = _kept(*kept, (*key, months), lambda: [group.until(months, known) for group in found])
        return list(found)

    def _new(self, cell: Cell, detail, drawn, every_tenure) -> list[Group]:
        if cell.new_share <= 0:
            return []
        mix = cell.mix(drawn)
        path = self._price_path(cell, np.zeros(1, int), np.ones(1), drawn)
        return [self._group(cell, mix, "new", cell.new_share, mix.weights, mix.weights, cell.new_price, 0, 0, path)]

    def _existing(self, cell: Cell, detail: Detail, drawn: bool, every_tenure: bool) -> list[Group]:
        """Tenures that share one future are merged: weights are mixed by customers, and by MRR for money."""
        tenure = np.flatnonzero(cell.heads)
        if tenure.size == 0:
            return []
        mix = cell.mix(drawn)
        parts = (mix.after(tenure),) if cell.noticed is None else mix.parted(tenure, cell.noticed)
        groups = []
        # Types that age and prices that grow have a future of their own at each tenure.
        every_tenure = every_tenure or mix.aging is not None or cell.growth is not None and not drawn
        for key, rows in _alike(tenure, cell.interval, detail, every_tenure).items():
            heads, mrr = cell.heads[tenure[rows]], cell.mrr[tenure[rows]]
            count, paid = heads.sum(), mrr.sum()
            one = bool(rows.size == 1 or np.allclose(heads * paid, mrr * count, rtol=1e-12))
            first = int(-tenure[rows[0]] % cell.interval) if cell.interval > 1 else 0
            path = self._price_path(cell, tenure[rows], mrr if paid > 0 else heads, drawn)
            for sure, left in enumerate(parts):
                by_heads = np.einsum("k,...kt->...t", heads / count, left[..., rows, :])
                share = float(np.mean(by_heads.sum(axis=-1))) if len(parts) > 1 else 1.0
                if not share:
                    continue
                by_heads = by_heads / share
                by_money = np.einsum("k,...kt->...t", mrr / paid, left[..., rows, :]) / share if paid > 0 and not one else by_heads
                groups.append(self._group(cell, mix, "existing", float(count * share), by_heads, by_money,
                                          float(paid / count), first, key[0], path, anniversary=key[1],
                                          done=int(tenure[rows[0]]) // mix.clock + sure, sure=bool(sure),
                                          failing=None if len(parts) == 1 or sure else cell.failing_at(tenure[rows[0]])))
        return groups

    @property
    def _flat(self) -> tuple[np.ndarray, np.ndarray]:
        """A path of ones and one of zeros, the same for all groups: what groups share is worked out once."""
        return self.kept("flat", lambda: (np.ones(self.months), np.zeros(self.months)))

    def _price_path(self, cell: Cell, tenures, paying, drawn: bool) -> np.ndarray:
        """Price level by month from now of customers of these tenures, weighted with what they pay. (..., months)"""
        if cell.growth is None:
            return self._flat[0]
        paths = (cell.price_path(self.months, k, drawn) for k in tenures)
        return sum(weight * path for weight, path in zip(paying, paths)) / paying.sum()

    def _group(self, cell, mix, book, count, heads, money, price, first, age, path, anniversary=None, done=0,
               sure=False, failing=None) -> Group:
        flat, nothing = self._flat
        return Group(book, cell.segment, cell.interval, count, mix.rate, heads, money, price, path, path, flat,
                     nothing, nothing, cell.interval, first, clock=mix.clock,
                     age=anniversary if age is None else age, involuntary=cell.involuntary,
                     aging=mix.aging, few=mix.few, done=done if mix.aging is not None else 0, sure=sure, failing_next=failing)


def _kept(known: dict, most: int, key, make):
    """What is known under this key; made where it is not, in the place of what was made longest ago."""
    found = known.get(key)
    if found is None:  # other threads keep too: what was made is returned, not looked up again
        found = make()
        for oldest in list(known)[: max(len(known) + 1 - most, 0)]:
            known.pop(oldest, None)
        known[key] = found
    return found


def _alike(tenure: np.ndarray, interval: int, detail: Detail, every_tenure: bool) -> dict:
    """Row indexes of tenures with one future, keyed (exact age or None, months since the anniversary or None)."""
    found: dict = {}
    for row, k in enumerate(tenure.tolist()):
        exact = k if every_tenure or k < detail.young else None
        cycle = lcm(interval, 12) if detail.anniversary else interval
        phase = k % cycle if cycle > 1 else None
        # A merged group past its first months is old enough for every early lever: age = young + phase stays right.
        found.setdefault((exact, None if phase is None else _old(phase, detail.young, cycle)), []).append(row)
    return {key: np.array(rows) for key, rows in found.items()}


def _old(phase: int, young: int, cycle: int) -> int:
    """An age with this phase that is past every early-months lever."""
    return phase + cycle * -(-young // cycle)


def _within(name: str, value, least: float, most: float, whole: bool = False) -> None:
    number = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
    if not number or not least <= value <= most:
        kind = "a whole number" if whole else "a number"
        raise Problem(f"The {name} must lie between {least:g} and {most:g}, {kind}; found {value!r}.")
