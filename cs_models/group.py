"""The engine's row: a group of customers who share one price path and one mix of types (an actuary's model point).

A type is a chance of leaving. A group is a weighted mix of types, so that its survival falls fast while the loose
customers go and slowly once the loyal ones remain. Levers change a group's fields with `dataclasses.replace`; the
functions below turn fields into money. They work on one estimate, shape (types,), and on bootstrap draws,
shape (draws, types), with the same lines.
"""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.retention.aging import elapsed

TINY = 1e-300  # keeps log() finite where nobody is left


@dataclass(frozen=True)
class Rise:
    """A price change as the customer meets it: from the first payment on or after `month`, at the new price.

    `multiplier` acts on the hazard from that payment on; `loss` is the share that leaves on that day, before paying;
    for monthly payers it repeats times `decay` in each of the two months after (RULES: one-off loss).
    """

    month: int
    multiplier: float = 1.0
    loss: float = 0.0
    decay: float = 0.0


@dataclass(frozen=True, eq=False)
class Group:
    """Customers alike in price, billing and mix of types.

    count: customers (existing book) or share of one new customer (new book)
    rate, heads, money: arrays (..., types); leaving intensity per clock period, share of customers, share of MRR;
    the shares sum to 1, or to the part that took an offer or declined it
    price: money per customer-month today; index: price level per month against today, array (months,)
    served: level per month against today of what serving costs: the growth of a customer without any decision
    multiplier: factor on the leaving intensity per month; programme: extra cost per customer-month, both (months,)
    term: months per payment; first_payment: month of the next payment; clock: months per period of `rate`
    discount: share off the list price for paying a term ahead; delay: months until an existing customer meets a
    price rise (None: never); age: completed months of tenure (None: mixed)
    aging: operational time of the types per period of the clock, (..., P + 1), None for types that do not age; done:
    periods of the clock completed when the projection begins
    """

    book: str
    segment: tuple
    interval: int
    count: float
    rate: np.ndarray
    heads: np.ndarray
    money: np.ndarray
    price: float
    index: np.ndarray
    served: np.ndarray
    multiplier: np.ndarray
    programme: np.ndarray
    term: int = 1
    first_payment: int = 0
    clock: int = 1
    discount: float = 0.0
    delay: int | None = 0
    age: int | None = None
    involuntary: float = 0.25
    rises: tuple[Rise, ...] = ()
    aging: np.ndarray | None = None
    done: int = 0

    @property
    def months(self) -> int:
        return self.index.shape[-1]

    @property
    def size(self) -> float:
        """Customers in the group (new book: share of one): count x the part of it that is here, mean over draws."""
        return float(self.count * np.mean(self.heads.sum(axis=-1)))

    def until(self, months: int) -> "Group":
        """The same group projected over another length; beyond the old length its last month goes on."""
        paths = {name: _resize(getattr(self, name), months) for name in ("index", "multiplier", "programme", "served")}
        return replace(self, **paths)


def _resize(path: np.ndarray, months: int) -> np.ndarray:
    missing = months - path.shape[-1]
    return path[..., :months] if missing <= 0 else np.pad(path, [(0, 0)] * (path.ndim - 1) + [(0, missing)], mode="edge")


def is_payment(group: Group) -> np.ndarray:
    """Months in which the group pays: its next payment and every term after it. Boolean (months,)."""
    month = np.arange(group.months)
    return (month >= group.first_payment) & ((month - group.first_payment) % group.term == 0)


def first_raised_payment(group: Group, rise: Rise) -> int:
    """The month a customer first pays a changed price: a paid term runs out before the new price falls due."""
    wait = max(rise.month - group.first_payment, 0)
    return group.first_payment + -(-wait // group.term) * group.term


def hazard_multiplier(group: Group) -> np.ndarray:
    """Factor on the leaving intensity between month t and t + 1, all levers together. (months,)"""
    factor = group.multiplier.copy()
    for rise in group.rises:
        factor[first_raised_payment(group, rise):] *= rise.multiplier
    return factor


def exposure_steps(group: Group) -> np.ndarray:
    """What the step from t to t + 1 adds to a type's exposure: 1 a month, or 1 at renewals only, on the group's own
    clock; for types that age, the operational time that passes. (..., months)
    """
    after = np.arange(1, group.months + 1)
    risky = (after >= group.first_payment) & ((after - group.first_payment) % group.clock == 0) | (group.clock == 1)
    if group.aging is None:
        return risky.astype(float)
    reached = elapsed(group.aging, group.done + np.cumsum(np.append(0, risky)))
    return np.diff(reached, axis=-1)


def _cumulative(steps: np.ndarray) -> np.ndarray:
    """Sum of the steps before month t, t = 0 .. months - 1."""
    total = np.cumsum(steps, axis=-1)
    return np.concatenate([np.zeros_like(total[..., :1]), total[..., :-1]], axis=-1)


def _mix(rate: np.ndarray, weights: np.ndarray, exposure: np.ndarray) -> np.ndarray:
    """Survival of a mix of types: sum of weight x exp(-rate x exposure). Exposure (..., months) -> (..., months).

    Paid years repeat their exposure, so only distinct values are computed, where all draws have the same.
    """
    if exposure.ndim > 1:
        stay = np.exp(-rate[..., :, None] * exposure[..., None, :])
        return (weights[..., None, :] @ stay)[..., 0, :]
    distinct, where = np.unique(exposure, return_inverse=True)
    stay = np.exp(-rate[..., :, None] * distinct)
    return (weights[..., None, :] @ stay)[..., 0, :][..., where]


def _served_until_next_payment(group: Group, survival: np.ndarray) -> np.ndarray:
    """Monthly types billed by the term decide at renewals: hold survival at its value on the last payment day."""
    if group.term <= group.clock:
        return survival
    month = np.arange(group.months)
    last = month - (month - group.first_payment) % group.term
    return survival[..., np.maximum(last, 0)]


def kept_through_rises(group: Group) -> np.ndarray:
    """Share kept after the one-off losses of price rises, (months,)."""
    kept = np.ones(group.months)
    for rise in group.rises:
        month = first_raised_payment(group, rise)
        waves = [rise.loss] if group.term > 1 else [rise.loss * rise.decay**j for j in range(3)]
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

    def survival(weights):
        if heterogeneity == "types":
            return _mix(group.rate, weights, _cumulative(factor * risk))
        whole = np.concatenate([_cumulative(risk), risk.sum(axis=-1, keepdims=True)], axis=-1)
        plain = np.maximum(_mix(group.rate, weights, whole), TINY)
        return plain[..., :1] * np.exp(-_cumulative(factor * -np.diff(np.log(plain), axis=-1)))

    heads = _served_until_next_payment(group, survival(group.heads)) * kept
    if group.money is group.heads:
        return heads, heads
    return heads, _served_until_next_payment(group, survival(group.money)) * kept


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
        return Flows(*(getattr(self, n) + getattr(other, n) for n in ("in_force", "mrr", "cash", "cost")))


def flows(group: Group, gross_margin: float, service_cost: float, heterogeneity: str = "types") -> Flows:
    """Money of the whole group by month (RULES 6 and 7).

    cash: term x price in force at that payment x (1 - discount), from those still there
    cost: (1 - gross margin) x today's price + service cost + programme cost for everybody served, paid ahead or not;
    a price rise or a discount does not change what a customer costs; growth seen in the data does (`served`).
    """
    heads, money = in_force(group, heterogeneity)
    pays = is_payment(group)
    paid = group.term * group.price * group.index * (1 - group.discount) * pays
    earned = group.price * group.index * (1 - group.discount)
    if group.term > 1:
        month = np.arange(group.months)
        last = np.maximum(month - (month - group.first_payment) % group.term, 0)
        # Before its next payment a customer is inside a term already paid at today's price.
        earned = np.where(month < group.first_payment, group.price, earned[..., last])
    cost = (1 - gross_margin) * group.price * group.served * money + (service_cost + group.programme) * heads
    return Flows(group.count * heads, group.count * earned * money, group.count * paid * money, group.count * cost)


def split(group: Group, take_up: np.ndarray) -> tuple[Group, Group]:
    """Divide a group by a chance per type, array (..., types): those who take an offer, and the rest.

    Customers and MRR are conserved type by type and draw by draw: the two parts' weights add up to the group's.
    """
    return _part(group, take_up), _part(group, 1 - take_up)


def _part(group: Group, chance: np.ndarray) -> Group:
    heads = group.heads * chance
    return replace(group, heads=heads, money=heads if group.money is group.heads else group.money * chance)
