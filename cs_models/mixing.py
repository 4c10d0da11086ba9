"""What groups bring, worked out when it is asked for: their worth type by type, tables of months where one is wanted.

Everything a group pays is linear in the weights of its types. Where all bootstrap draws share one set of types, a table
of money, type by month, is multiplied with the weights of every draw; a sum over months, like a present value, is
taken before types or draws are mixed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cs_models.flows import Flows, all_flows, total
from cs_models.group import Group
from cs_models.kept_property import kept
from cs_models.present_values import by_type, worths
from cs_models.staying import hazards_met, stays


@dataclass(frozen=True, eq=False)
class Money:
    """What a book of groups brings, as `Flows`: each table, (..., months), is made when it is first asked for.

    make: the groups; economics: gross margin, service cost, heterogeneity; known: flows and worths of groups that other
    plans have too, by identity
    """

    make: Callable[[], list[Group]]
    economics: tuple[float, float, str]
    known: dict = field(default_factory=dict)

    @kept
    def groups(self) -> list[Group]:
        return self.make()

    @kept
    def each(self) -> list:
        """Flows of each group."""
        return _once(self.groups, self.known.setdefault("flows", {}), lambda some: mixed_flows(some, *self.economics))

    def worth(self, discount: np.ndarray) -> np.ndarray:
        """Margin weighted with `discount` and summed over its months, (...)."""
        return sum(self.worths(discount))

    def worths(self, discount: np.ndarray) -> list[np.ndarray]:
        """The same of each group; tables are made only of those whose worth is no sum over types."""
        known, types = self.known.setdefault(("worths", discount.tobytes()), ({}, {}))
        return _once(self.groups, known, lambda some: self._worths(some, discount, types))

    def _worths(self, groups: list[Group], discount: np.ndarray, types: dict) -> list[np.ndarray]:
        margin, cost, heterogeneity = self.economics
        split = [heterogeneity == "types" and by_type(group) for group in groups]
        typed = iter(worths([group for group, yes in zip(groups, split) if yes], discount, margin, cost, types))
        rest = [group for group, yes in zip(groups, split) if not yes]
        whole = (one.worth(discount) for one in mixed_flows(rest, *self.economics))
        return [next(typed if yes else whole) for yes in split]

    @kept
    def in_force(self) -> np.ndarray:
        if self.economics[2] != "types":
            return self._whole.in_force
        return sum(stay.heads + sum(back[0] for back in stay.back_heads) for stay in stays(_merged(self.groups)))

    @kept
    def _whole(self):
        return mixed_total(self.each)

    @property
    def mrr(self) -> np.ndarray:
        return self._whole.mrr

    @property
    def cash(self) -> np.ndarray:
        return self._whole.cash

    @property
    def cost(self) -> np.ndarray:
        return self._whole.cost

    @property
    def margin(self) -> np.ndarray:
        return self._whole.margin

    def until(self, months: int) -> Flows:
        return Flows(self.in_force, self.mrr, self.cash, self.cost).until(months)


def _once(groups: list[Group], known: dict, make) -> list:
    """What is known of each group; the others together, kept with their group so that no other takes its identity."""
    fresh = list({id(group): group for group in groups if id(group) not in known}.values())
    known.update((id(group), (group, one)) for group, one in zip(fresh, make(fresh) if fresh else ()))
    return [known[id(group)][1] for group in groups]


def _merged(groups: list[Group]) -> list[Group]:
    """Groups of the same types that meet the same as one, for whoever counts customers alone: heads x count, count 1."""
    known, alike = {}, {}
    for group in groups:
        alike.setdefault((id(group.rate), hazards_met(group, known)[0]), []).append(group)
    found = []
    for same in alike.values():
        heads = sum(group.count * group.heads for group in same)
        found.append(same[0].but(count=1.0, heads=heads, money=heads))
    return found


@dataclass(frozen=True, eq=False)
class Mixed:
    """Flows of groups over all draws, as `Flows` with every table made when it is first asked for, (draws, months).

    parts: pairs of weights (draws, types) and a type's flows (types, months); rest: flows that cannot be split so
    """

    parts: tuple[tuple[np.ndarray, Flows], ...]
    rest: Flows | None = None

    def table(self, name: str) -> np.ndarray:
        """One of `Flows`' tables, or "margin", over all draws."""
        found = None if self.rest is None else np.array(getattr(self.rest, name))
        for weights, each in self.parts:
            more = weights @ getattr(each, name)
            found = more if found is None else found + more
        return found

    def worth(self, discount: np.ndarray) -> np.ndarray:
        """Margin weighted with `discount` and summed over its months, (draws,)."""
        found = 0.0 if self.rest is None else self.rest.worth(discount)
        for weights, each in self.parts:
            found = found + weights @ each.worth(discount)
        return found

    @kept
    def in_force(self) -> np.ndarray:
        return self.table("in_force")

    @kept
    def mrr(self) -> np.ndarray:
        return self.table("mrr")

    @kept
    def cash(self) -> np.ndarray:
        return self.table("cash")

    @kept
    def cost(self) -> np.ndarray:
        return self.table("cost")

    @kept
    def margin(self) -> np.ndarray:
        return self.table("margin")


def mixed_flows(groups: list[Group], gross_margin: float, service_cost: float, heterogeneity: str) -> list:
    """Flows of each group over its draws, split by type wherever that can be done."""
    economics = gross_margin, service_cost, heterogeneity
    splits = [heterogeneity == "types" and _shares_types(group) for group in groups]
    whole = iter(all_flows([group for group, split in zip(groups, splits) if not split], *economics))
    typed = iter(_typed([group for group, split in zip(groups, splits) if split], *economics))
    return [next(typed) if split else next(whole) for split in splits]


def mixed_total(moneys: list):
    """The groups put together."""
    whole = [one for one in moneys if isinstance(one, Flows)]
    if len(whole) == len(moneys):
        return total(moneys)
    parts = tuple(part for one in moneys if isinstance(one, Mixed) for part in one.parts)
    return Mixed(parts, total(whole) if whole else None)


def _shares_types(group: Group) -> bool:
    """Whether all draws of this group share types, clock and prices and differ in weights alone."""
    clock = group.aging is None or group.aging.ndim == 1
    return group.heads.ndim == 2 and group.rate.ndim == 1 and clock and group.index.ndim == 1 and group.served.ndim == 1


def _typed(groups: list[Group], *economics) -> list[Mixed]:
    """One customer of each type in place of the draws, counted by heads and by money apart."""
    tables, apart = [], []
    for group in groups:
        one, none = np.eye(group.rate.size), np.zeros((group.rate.size, group.rate.size))
        whole = group.money is group.heads
        apart += [group.but(heads=one, money=one)] if whole else [
            group.but(heads=one, money=none), group.but(heads=none, money=one)]
    tables = iter(all_flows(apart, *economics))
    return [Mixed(((group.heads, next(tables)),) if group.money is group.heads else
                  ((group.heads, next(tables)), (group.money, next(tables)))) for group in groups]
