"""Who is still here into customers and money by month."""

from dataclasses import dataclass

import numpy as np

from cs_models.group import Group, Return
from cs_models.staying import Stay, exposure_steps, hazard_multiplier, in_force, kept_through_rises, stays

__all__ = ["NAMES", "Flows", "all_flows", "exposure_steps", "flows", "hazard_multiplier", "in_force", "kept_through_rises"]

def is_payment(group: Group) -> np.ndarray:
    """Months in which the group pays: its next payment and every term after it. Boolean (months,)."""
    month = np.arange(group.months)
    due = (month >= group.first_payment) & ((month - group.first_payment) % group.term == 0)
    return due | (month < group.first_payment) if group.monthly_before else due


@dataclass(frozen=True, eq=False)
class Flows:
    """Expected money per month, each array (..., months): customers in force, recognised MRR, cash in, cost out."""

    in_force: np.ndarray
    mrr: np.ndarray
    cash: np.ndarray
    cost: np.ndarray

    @property
    def margin(self) -> np.ndarray:
        return self.cash - self.cost

    def worth(self, discount: np.ndarray) -> np.ndarray:
        """Margin weighted with `discount` and summed over its months, (...)."""
        return self.margin[..., : len(discount)] @ discount

    def __add__(self, other: "Flows") -> "Flows":
        return Flows(*(getattr(self, n) + getattr(other, n) for n in NAMES))

    def until(self, months: int) -> "Flows":
        return Flows(*(getattr(self, n)[..., :months] for n in NAMES))


def total(parts: list[Flows]) -> Flows:
    """The parts put together."""
    if any(one.cash.ndim > 1 for one in parts):
        return Flows(*(sum(getattr(one, name) for one in parts) for name in NAMES))
    return Flows(*(np.array([getattr(one, name) for one in parts]).sum(axis=0) for name in NAMES))


NAMES = ("in_force", "mrr", "cash", "cost")


def flows(group: Group, gross_margin: float, service_cost: float, heterogeneity: str = "types") -> Flows:
    """Money of the whole group by month.

    cash: term x price in force at that payment x (1 - discount), from those still there
    cost: (1 - gross margin) x today's price + service cost + programme cost for everybody served, paid ahead
    or not;
    a price rise or a discount does not change what a customer costs; growth seen in the data does (`served`).
    """
    return all_flows([group], gross_margin, service_cost, heterogeneity)[0]


def all_flows(groups: list[Group], gross_margin: float, service_cost: float, heterogeneity: str = "types") -> list[Flows]:
    """`flows` of many groups, worked out together where they are alike."""
    staying = stays(groups, heterogeneity)
    found: list = [None] * len(groups)
    alike: dict = {}
    for place, (group, stay) in enumerate(zip(groups, staying)):
        if stay.money.ndim > 1 or group.index.ndim > 1:
            found[place] = _money(group, stay, gross_margin, service_cost)
            continue
        promised = tuple((back.price, back.cost) for back in group.returns)
        way = group.term, group.first_payment, group.monthly_before, group.refunded, promised
        alike.setdefault(way, []).append(place)
    for places in alike.values():
        one = [groups[place] for place in places]
        packed = _money(_packed(one), _packed_stay([staying[place] for place in places]), gross_margin, service_cost)
        for row, place in enumerate(places):
            found[place] = Flows(packed.in_force[row], packed.mrr[row], packed.cash[row], packed.cost[row])
    return found


def _packed(groups: list[Group]) -> Group:
    """Groups that pay in the same months as one with a row for each: the same lines work on all of them."""
    first, rows = groups[0], {}
    for name in ("index", "served", "care", "programme"):
        paths = [getattr(group, name) for group in groups]
        rows[name] = paths[0][None] if all(path is paths[0] for path in paths) else np.array(paths)
    for name in ("price", "count", "discount"):
        rows[name] = np.array([[getattr(group, name)] for group in groups])
    if any(group.added is not None for group in groups):
        none = np.zeros(first.months)
        rows["added"] = np.array([none if group.added is None else group.added for group in groups])
    return first.but(**rows)


def _packed_stay(stays: list[Stay]) -> Stay:
    backs = [[tuple(np.array([getattr(stay, name)[place][i] for stay in stays]) for i in range(3))
              for place in range(len(stays[0].back_heads))] for name in ("back_heads", "back_money")]
    return Stay(np.array([stay.heads for stay in stays]), np.array([stay.money for stay in stays]), *backs)


def margin_due(
    group: Group, discount: np.ndarray, gross_margin: float, service_cost: float,
) -> tuple[np.ndarray, np.ndarray]:
    """What a customer who is here in month t adds to the margin, discounted, and is charged for being here; nobody won
    back. The first is for each unit of price and share of MRR, the second for each head. (..., months), 0 after `discount`.
    """
    group, v = group.but(price=1.0), np.zeros(group.months)
    v[: len(discount)] = discount[: group.months]
    (paid, earned), (basis, each) = _billed(group), _served(group, gross_margin, service_cost)
    due = (paid - basis) * v
    if group.refunded:  # who leaves takes the unused months along: less for having been here, more for being here still
        back = _refund(group, earned) * v
        due = due + back - np.append(back[1:], 0.0)
    return due, -each * v


def _served(group: Group, gross_margin: float, service_cost: float) -> tuple[np.ndarray, np.ndarray]:
    """What serving costs a month: by what the customer pays, and for each customer."""
    basis = (1 - gross_margin) * group.served + gross_margin * group.care
    if group.added is not None:
        basis = basis + _in_term(group, group.added, 0.0)
    return group.price * basis, service_cost + group.programme


def _money(group: Group, stay: Stay, gross_margin: float, service_cost: float) -> Flows:
    (paid, earned), (basis, each) = _billed(group), _served(group, gross_margin, service_cost)
    cost = basis * stay.money + each * stay.heads
    cash = paid * stay.money
    if group.refunded:
        cash = cash - _refunds(group, earned, stay.money)
    found = Flows(group.count * stay.heads, group.count * earned * stay.money, group.count * cash, group.count * cost)
    for back, heads, money in zip(group.returns, stay.back_heads, stay.back_money):
        found = found + _won_back(group, back, heads, money, earned, basis, each)
    return found


def _won_back(group: Group, back: Return, heads, money, earned, basis, each) -> Flows:
    """Those who left and came back: the promotional price at first, and what bringing them back costs."""
    mrr = earned * (money[0] - (1 - back.price) * money[2])
    cost = basis * money[0] + each * heads[0] + back.cost * heads[1]
    return Flows(*(group.count * one for one in (heads[0], mrr, mrr, cost)))


def _billed(group: Group) -> tuple[np.ndarray, np.ndarray]:
    """Money due at each payment and recognised in each month by one customer, (..., months)."""
    list_price = group.price * group.index
    if group.term == 1:
        list_price = list_price * (1 - group.discount)
        return list_price * is_payment(group), list_price
    month = np.arange(group.months)
    before = month < group.first_payment
    ahead = list_price * (1 - group.discount)
    due = is_payment(group)
    paid = np.where(before, list_price, group.term * ahead) * due
    # Before its next payment a customer is inside a term already paid at today's price, or pays month by month.
    return paid, np.where(before, _in_term(group, list_price, group.price), _in_term(group, ahead, 0.0))


def _in_term(group: Group, path: np.ndarray, today: float) -> np.ndarray:
    """A path as those see it who pay by the term: as it stood at their last payment, `today` before the next one."""
    if group.term == 1:
        return path
    month = np.arange(group.months)
    last = np.maximum(month - (month - group.first_payment) % group.term, 0)
    return np.where(month < group.first_payment, path if group.monthly_before else today, path[..., last])


def _refunds(group: Group, earned: np.ndarray, money: np.ndarray) -> np.ndarray:
    """Unused months given back to those who leave inside a paid term, at the start of the month after. (..., months)"""
    left = np.concatenate([np.zeros_like(money[..., :1]), money[..., :-1] - money[..., 1:]], axis=-1)
    return left * _refund(group, earned)


def _refund(group: Group, earned: np.ndarray) -> np.ndarray:
    """The same for each who leaves in the month before; nobody left before the first. (..., months)"""
    month = np.arange(group.months)
    unused = np.where(month >= group.first_payment, -(month - group.first_payment) % group.term, 0)
    nothing = np.zeros_like(earned[..., :1])
    return unused * np.concatenate([nothing, earned[..., :-1]], axis=-1)  # the term they leave, not the next one
