"""Fields of a group into customers and money by month (RULES 6 and 7)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cs_models.group import Group, Return, first_raised_payment
from cs_models.retention.aging import elapsed

TINY = 1e-300  # keeps log() finite where nobody is left


def is_payment(group: Group) -> np.ndarray:
    """Months in which the group pays: its next payment and every term after it. Boolean (months,)."""
    month = np.arange(group.months)
    due = (month >= group.first_payment) & ((month - group.first_payment) % group.term == 0)
    return due | (month < group.first_payment) if group.monthly_before else due


def hazard_multiplier(group: Group) -> np.ndarray:
    """Factor on the leaving intensity between month t and t + 1, all levers together. (months,)"""
    factor = group.multiplier.copy()
    for rise in group.rises:
        factor[first_raised_payment(group, rise):] *= rise.multiplier
    return factor


@lru_cache(maxsize=512)
def _risky(months: int, clock: int, first: int) -> np.ndarray:
    after = np.arange(1, months + 1)
    return (after >= first) & ((after - first) % clock == 0) | (clock == 1)


def exposure_steps(group: Group) -> np.ndarray:
    """What the step from t to t + 1 adds to a type's exposure: 1 a month, or 1 at renewals only, on the group's own
    clock; for types that age, the operational time that passes. (..., months)
    """
    risky = _risky(group.months, group.clock, group.first_payment)
    if group.aging is None:
        return risky.astype(float)
    reached = elapsed(group.aging, group.done + np.cumsum(np.append(0, risky)))
    return np.diff(reached, axis=-1)


def _mixes(rate: np.ndarray, weights: tuple[np.ndarray, ...], steps: np.ndarray) -> list[np.ndarray]:
    """Survival of mixes of types: sum of weight x exp(-rate x exposure so far), each (..., months); steps (..., months)."""
    if rate.ndim > 1 and steps.ndim == 1:
        return _walked(rate, weights, steps)
    exposure = _cumulative(steps)
    stay = np.exp(-rate[..., :, None] * exposure[..., None, :])
    return [(weight[..., None, :] @ stay)[..., 0, :] for weight in weights]


def _walked(rate: np.ndarray, weights: tuple[np.ndarray, ...], steps: np.ndarray) -> list[np.ndarray]:
    """The same month by month over many draws: few steps are different, and a product costs less than an exponential."""
    values, which = np.unique(steps, return_inverse=True)
    factors = [None if value == 0 else np.exp(-rate * value) for value in values]
    found = []
    for weight in weights:
        alive, path = np.broadcast_to(weight, rate.shape).copy(), np.empty((*rate.shape[:-1], len(steps)))
        for month, step in enumerate(which):
            path[..., month] = alive.sum(axis=-1) if month == 0 or factors[which[month - 1]] is not None else path[..., month - 1]
            if factors[step] is not None:
                alive *= factors[step]
        found.append(path)
    return found


def _cumulative(steps: np.ndarray) -> np.ndarray:
    """Sum of the steps before month t, t = 0 .. months - 1."""
    total = np.cumsum(steps, axis=-1)
    return np.concatenate([np.zeros_like(total[..., :1]), total[..., :-1]], axis=-1)


def _served_until_next_payment(group: Group, survival: np.ndarray) -> np.ndarray:
    """Monthly types billed by the term decide at renewals: hold survival at its value on the last payment day."""
    if group.term <= group.clock or group.refunded:
        return survival
    month = np.arange(group.months)
    last = np.maximum(month - (month - group.first_payment) % group.term, 0)
    if group.monthly_before:
        last = np.where(month < group.first_payment, month, last)
    return survival[..., last]


def kept_through_rises(group: Group) -> np.ndarray:
    """Share kept after the one-off losses of price rises, (months,)."""
    kept = np.ones(group.months)
    for rise in group.rises:
        month = first_raised_payment(group, rise)
        by_term = group.term > 1 and month >= group.first_payment
        waves = [rise.loss] if by_term else [rise.loss * rise.decay**j for j in range(3)]
        for wave, loss in enumerate(waves):
            kept[month + wave:] *= 1 - loss
    return kept


def in_force(group: Group, heterogeneity: str = "types") -> tuple[np.ndarray, np.ndarray]:
    """Share still subscribed at month t by customers and by MRR: two arrays (..., months), t = 0 is before any churn.

    types:     S(t) = sum_i w_i exp(-rate_i x exposure(t)) - each type's own hazard is multiplied, then re-mixed.
    aggregate: 1 - (1 - h(t))^M on the group's average hazard - saved customers behave like average survivors.
    The truth lies between the two when sorting and true loyalty both play a part (Vaupel & Yashin 1985).
    """
    factor, risk = hazard_multiplier(group), exposure_steps(group)
    kept = kept_through_rises(group)
    weights = (group.heads,) if group.money is group.heads else (group.heads, group.money)
    if heterogeneity == "types":
        found = _mixes(group.rate, weights, factor * risk)
    else:
        longer = np.concatenate([risk, np.zeros_like(risk[..., :1])], axis=-1)
        found = [_on_the_mean(plain, factor) for plain in _mixes(group.rate, weights, longer)]
    served = [_served_until_next_payment(group, survival) * kept for survival in found]
    return served[0], served[-1]


def _on_the_mean(plain: np.ndarray, factor: np.ndarray) -> np.ndarray:
    plain = np.maximum(plain, TINY)
    return plain[..., :1] * np.exp(-_cumulative(factor * -np.diff(np.log(plain), axis=-1)))


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

    def __add__(self, other: "Flows") -> "Flows":
        return Flows(*(getattr(self, n) + getattr(other, n) for n in NAMES))

    def until(self, months: int) -> "Flows":
        return Flows(*(getattr(self, n)[..., :months] for n in NAMES))


NAMES = ("in_force", "mrr", "cash", "cost")


def flows(group: Group, gross_margin: float, service_cost: float, heterogeneity: str = "types") -> Flows:
    """Money of the whole group by month (RULES 6 and 7).

    cash: term x price in force at that payment x (1 - discount), from those still there
    cost: (1 - gross margin) x today's price + service cost + programme cost for everybody served, paid ahead or not;
    a price rise or a discount does not change what a customer costs; growth seen in the data does (`served`).
    """
    heads, money = in_force(group, heterogeneity)
    paid, earned = _billed(group)
    basis = (1 - gross_margin) * group.served + gross_margin * group.care
    if group.added is not None:
        basis = basis + _in_term(group, group.added, 0.0)
    basis = group.price * basis
    cost = basis * money + (service_cost + group.programme) * heads
    cash = paid * money
    if group.refunded:
        cash = cash - _refunds(group, earned, money)
    found = Flows(group.count * heads, group.count * earned * money, group.count * cash, group.count * cost)
    if group.term == 1 and group.clock == 1:
        for back in group.returns:
            found = found + _won_back(group, back, basis, service_cost, heterogeneity)
    return found


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
    month = np.arange(group.months)
    unused = np.where(month >= group.first_payment, -(month - group.first_payment) % group.term, 0)
    left = np.concatenate([np.zeros_like(money[..., :1]), money[..., :-1] - money[..., 1:]], axis=-1)
    price = np.concatenate([earned[..., :1], earned[..., :-1]], axis=-1)  # the term they leave, not the next one
    return left * unused * price


def _won_back(group: Group, back: Return, basis: np.ndarray, service_cost: float, heterogeneity: str) -> Flows:
    """Those who left and came back (monthly payers), by the month they are back. Flows of the whole group.

    Month by month: returned(t) = returned(t - 1) x their survival + share x those whose last payment was at t - gap.
    They leave at `pace` x the intensity of their type and meet the one-off losses of later price rises.
    """
    heads = _returned(group, group.heads, back, heterogeneity)
    money = heads if group.money is group.heads else _returned(group, group.money, back, heterogeneity)
    total, fresh, promoted = heads
    _, earned = _billed(group)
    mrr = earned * (money[0] - (1 - back.price) * money[2])
    cost = basis * money[0] + (service_cost + group.programme) * total + back.cost * fresh
    return Flows(*(group.count * one for one in (total, mrr, mrr, cost)))


def _returned(group: Group, weights: np.ndarray, back: Return, heterogeneity: str) -> np.ndarray:
    """Of one customer: returned and here, back in this month, and at the promotional price, (3, ..., months)."""
    rate, factor, risk = group.rate, hazard_multiplier(group), exposure_steps(group)
    steps = factor * risk
    if heterogeneity == "aggregate":  # one average customer, as in `in_force`
        longer = np.concatenate([risk, np.zeros_like(risk[..., :1])], axis=-1)
        plain = np.maximum(_mixes(rate, (weights,), longer)[0], TINY)
        weights, rate = plain[..., :1], np.ones_like(plain[..., :1])
        steps = factor * -np.diff(np.log(plain), axis=-1)
    kept = kept_through_rises(group)
    held = np.append(1.0, np.divide(kept[1:], kept[:-1], out=np.ones(group.months - 1), where=kept[:-1] > 0))
    alive = weights * kept[0] * np.ones_like(rate)
    gone = [back.share[0] * (weights - alive)]  # by month of the last payment, from the month before the first
    here, found, batches = np.zeros_like(alive), np.zeros((3, *alive.shape[:-1], group.months)), []
    for month in range(group.months):
        ready = gone[month + 1 - back.gap] if month + 1 >= back.gap else np.zeros_like(alive)
        here = here * held[month] + ready
        batches = ([one * held[month] for one in batches])
        batches = ([ready, *batches])[: back.promo]
        found[0, ..., month], found[1, ..., month] = here.sum(axis=-1), ready.sum(axis=-1)
        found[2, ..., month] = sum((one.sum(axis=-1) for one in batches), np.zeros(alive.shape[:-1]))
        step = steps[..., month: month + 1]
        leaves = np.exp(-rate * back.pace * step)
        here, batches = here * leaves, [one * leaves for one in batches]
        after = alive * np.exp(-rate * step) * (held[month + 1] if month + 1 < group.months else 1.0)
        gone.append(back.share[month] * (alive - after))
        alive = after
    return found
