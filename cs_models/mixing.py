"""Money over many bootstrap draws: what each type of customer brings is worked out once, then mixed draw by draw.

Everything a group pays is linear in the weights of its types. Where all draws share one set of types, a table of
money, type by month, is multiplied with the weights of every draw; a sum over months, like a present value, is
taken before the draws are looked at.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cs_models.flows import Flows, all_flows, total
from cs_models.group import Group


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

    @cached_property
    def in_force(self) -> np.ndarray:
        return self.table("in_force")

    @cached_property
    def mrr(self) -> np.ndarray:
        return self.table("mrr")

    @cached_property
    def cash(self) -> np.ndarray:
        return self.table("cash")

    @cached_property
    def cost(self) -> np.ndarray:
        return self.table("cost")

    @cached_property
    def margin(self) -> np.ndarray:
        return self.table("margin")

    def until(self, months: int) -> Flows:
        return Flows(self.in_force, self.mrr, self.cash, self.cost).until(months)


def mixed_flows(groups: list[Group], gross_margin: float, service_cost: float, heterogeneity: str) -> list:
    """Flows of each group over its draws, split by type wherever that can be done."""
    economics = gross_margin, service_cost, heterogeneity
    splits = [heterogeneity == "types" and _by_type(group) for group in groups]
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


def _by_type(group: Group) -> bool:
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
