"""The cash flow taken apart into what a spreadsheet can multiply again: months at a price, shares of a margin, heads.

For a survival that is given, money is linear in every rate of the desk:

    cash   = sum of price x [at today's price + (1 + rise) x raised + (1 - discount) x (offered + (1 + rise) x both)]
    costs  = (1 - gross margin) x sum of price x served + gross margin x sum of price x looked after
             + sum of price x added + service cost x customers + programmes
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from cs_models.flows import all_flows
from cs_models.group import Group
from cs_models.scenario import Scenario
from cs_models.valuation import Valuation

LIVE = {"rise": "PriceIncrease", "discount": "AnnualBilling"}  # a lever's figure that moves money and not survival
NOUGHT = 1e-12


@dataclass(frozen=True, eq=False)
class Parts:
    """Sums over groups, arrays (keys, months): a key is a segment and billing interval of one book.

    customers: heads; plain, raised, offered, both: months of price paid, by what multiplies the price; served, cared,
    added: months of price that costs follow; programmes: money of decisions (months,), acquired: customers won, at
    CAC; rewards: money for winning that does not follow CAC.
    """

    customers: np.ndarray
    plain: np.ndarray
    raised: np.ndarray
    offered: np.ndarray
    both: np.ndarray
    served: np.ndarray
    cared: np.ndarray
    added: np.ndarray
    programmes: np.ndarray
    acquired: np.ndarray
    rewards: np.ndarray

    def __add__(self, other: "Parts") -> "Parts":
        return Parts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def times(self, factor: float) -> "Parts":
        return Parts(*(factor * getattr(self, one.name) for one in fields(self)))

    def later(self, months: int) -> "Parts":
        """The same, beginning so many months later, over the same length."""
        end = self.programmes.shape[-1] - months
        paths = (getattr(self, one.name) for one in fields(self))
        return Parts(*(np.concatenate([0 * path[..., :months], path[..., :end]], axis=-1) for path in paths))


@dataclass(frozen=True, eq=False)
class Book:
    """A book before and after the plan: its keys (label, book), their prices, and the parts of both."""

    keys: tuple[tuple, ...]
    prices: np.ndarray
    before: Parts
    after: Parts


def live(plan: Scenario) -> dict[str, float]:
    """Which figures of the plan a sheet can turn: {"rise": .1, "discount": .167}; of two alike neither."""
    found = {}
    for name, lever in LIVE.items():
        there = [one for one in plan.active if type(one).__name__ == lever]
        if len(there) == 1 and getattr(there[0], name):
            found[name] = getattr(there[0], name)
    return found


def book(change, name: str) -> Book:
    """One book of a comparison, over its horizon: "new" and "existing" per customer, "portfolio" in total."""
    wanted = ("new", "existing") if name == "portfolio" else (name,)
    keys = _keys(change.base, wanted)
    found = []
    for valued, plan in ((change.baseline, Scenario("")), (change.scenario, change.plan)):
        make = _Maker(valued, plan, change.plan.detail, keys)
        found.append(make.whole() if name == "portfolio" else make.parts(name).times(1 / _customers(change.base, name)))
    return Book(tuple(keys), np.array([price for price in keys.values()]), *found)


def _customers(base, name: str) -> float:
    return base.customers if name == "existing" else 1.0


def _keys(base, books) -> dict[tuple, float]:
    """(book, segment, interval) -> price a month: the list price of new customers, the mean of today's."""
    found = {}
    for one in books:
        for cell in base.cells:
            heads = cell.new_share if one == "new" else cell.heads.sum()
            if heads > 0:
                price = cell.new_price if one == "new" else cell.mrr.sum() / heads
                found[one, cell.segment, cell.interval] = float(price)
    return found


@dataclass(frozen=True, eq=False)
class _Maker:
    """One side of a comparison: the groups after its decisions, and what their money is made of."""

    valued: Valuation
    plan: Scenario
    detail: object
    keys: dict

    def whole(self) -> Parts:
        """Today's customers, and those to come within the horizon: each cohort meets the decisions at its own age."""
        h, there = self.valued.horizon, {book for book, _, _ in self.keys}
        total = self.parts("existing") if "existing" in there else self._none()
        if "new" not in there:
            return total
        joining, base = self.valued.joining, self.valued.assumptions
        cohorts = {0: self.parts("new")}
        for month in range(h):
            settled = min(month, len(self.valued.later))
            if settled not in cohorts:
                cohorts[settled] = self.parts("new", settled)
            brought = joining.referrals[month] * total.customers[:, month].sum()
            won = joining.volume[month] + brought
            total = total + cohorts[settled].later(month).times(won)
            at_cac = joining.cac[month] == base.cac  # a decision may set another, which is no input of the sheet
            total.acquired[month] += joining.volume[month] * at_cac
            total.rewards[month] += brought * joining.reward[month]
            total.rewards[month] += 0.0 if at_cac else joining.volume[month] * joining.cac[month]
        return total

    def _none(self) -> Parts:
        shape = len(self.keys), self.valued.horizon
        flat = {"programmes", "acquired", "rewards"}
        return Parts(*(np.zeros(shape[1] if one.name in flat else shape) for one in fields(Parts)))

    def _groups(self, name: str, joined: int, plan: Scenario) -> list[Group]:
        every = self.valued.heterogeneity == "aggregate"
        groups = self.valued.assumptions.groups(name, self.detail, False, every, self.valued.horizon)
        groups = [group.but(joined=joined) for group in groups]
        for lever in plan.active:
            groups = lever.apply(groups)
        return groups

    def parts(self, name: str, joined: int = 0) -> Parts:
        groups = self._groups(name, joined, self.plan)
        bare = [_unprogrammed(group) for group in groups]
        less = [group.but(added=None) for group in bare]
        full, kept = self._money(groups), self._money(bare)
        plain, cared = self._money(less), self._money(less, margin=1.0)
        cash = self._cash(name, joined, groups)
        return Parts(self._sum(groups, full, "in_force", priced=False), *(self._by_key(groups, one) for one in cash),
                     self._sum(groups, plain, "cost"), self._sum(groups, cared, "cost"),
                     self._by_key(groups, [a.cost - b.cost for a, b in zip(kept, plain)]),
                     sum(a.cost - b.cost for a, b in zip(full, kept)), np.zeros(self.valued.horizon),
                     np.zeros(self.valued.horizon))

    def _money(self, groups, margin: float = 0.0) -> list:
        return all_flows(groups, margin, 0.0, self.valued.heterogeneity)

    def _cash(self, name: str, joined: int, groups: list[Group]) -> list[list[np.ndarray]]:
        """Cash of each group as four parts, from four corners of rise and discount under the survival of the plan."""
        figures = live(self.plan)
        rise, less = figures.get("rise", 0.0), figures.get("discount", 0.0)
        corners = []
        for asked in ((rise, less), (rise / 2, less), (rise, less / 2), (rise / 2, less / 2)):
            alike = self._groups(name, joined, _with(self.plan, figures, dict(zip(LIVE, asked, strict=True))))
            moved = [g.but(index=o.index, discount=o.discount) for g, o in zip(groups, alike, strict=True)]
            corners.append([one.cash for one in self._money(moved)])
        ways = 1 + rise, 1 + rise / 2, 1 - less, 1 - less / 2
        return list(zip(*(_bilinear(four, *ways) for four in zip(*corners, strict=True)), strict=True))

    def _sum(self, groups, moneys, field: str, priced: bool = True) -> np.ndarray:
        return self._by_key(groups, [getattr(one, field) for one in moneys], priced)

    def _by_key(self, groups, paths, priced: bool = True) -> np.ndarray:
        """Paths of groups added up by key; money as months of the key's price."""
        places = {key: place for place, key in enumerate(self.keys)}
        found = np.zeros((len(places), self.valued.horizon))
        for group, path in zip(groups, paths, strict=True):
            key = group.book, group.segment, group.interval
            price = self.keys[key] if priced else 1.0
            found[places[key]] += path / price if price else 0.0
        return np.where(np.abs(found) < NOUGHT * max(np.abs(found).max(), 1.0), 0.0, found)


def _unprogrammed(group: Group) -> Group:
    """The group without what decisions cost per head."""
    returns = tuple(replace(one, cost=0.0) for one in group.returns)
    return group.but(programme=0 * group.programme, returns=returns)


def _with(plan: Scenario, figures: dict, asked: dict) -> Scenario:
    """The plan with other figures where they can be turned."""
    named = {LIVE[name]: {name: asked[name]} for name in figures}
    return Scenario(plan.name, tuple(replace(lever, **named.get(type(lever).__name__, {})) for lever in plan.levers))


def _bilinear(corners, x, other_x, y, other_y) -> tuple[np.ndarray, ...]:
    """plain, raised, offered, both of plain + x raised + y offered + x y both, from its values at four corners."""
    here, far_x, far_y, far_both = corners
    if x == other_x:
        raised = far_raised = np.zeros_like(here)
    else:
        raised, far_raised = (here - far_x) / (x - other_x), (far_y - far_both) / (x - other_x)
    start, far_start = here - x * raised, far_y - x * far_raised
    if y == other_y:
        return start, raised, 0 * here, 0 * here
    offered, both = (start - far_start) / (y - other_y), (raised - far_raised) / (y - other_y)
    return start - y * offered, raised - y * both, offered, both
