"""The engine's row: a group of customers who share one price path and one mix of types (an actuary's model point).

A type is a chance of leaving. A group is a weighted mix of types, so that its survival falls fast while the loose
customers go and slowly once the loyal ones remain. Levers change a group's fields with `dataclasses.replace`;
flows.py turns fields into money. Both work on one estimate, shape (types,), and on bootstrap draws, shape (draws,
types), with the same lines.
"""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.retention.aging import FewClocks


@dataclass(frozen=True)
class Rise:
    """A price change as the customer meets it: from the first payment on or after `month`, at the new price.

    `multiplier` acts on the hazard from that payment on; `loss` is the share that leaves on that day, before paying;
    for monthly payers it repeats times `decay` in each of the two months after.
    """

    month: int
    multiplier: float = 1.0
    loss: float = 0.0
    decay: float = 0.0


@dataclass(frozen=True, eq=False)
class Return:
    """Customers won back: `share` of those who leave in each month come back `gap` months after their last one.

    They pay `price` x the price of the group for `promo` months and the full one then, and leave at `pace` x the
    intensity of their type; each costs `cost` once. `share` is by month of the last payment, (months,).
    """

    share: np.ndarray
    gap: int = 1
    price: float = 1.0
    promo: int = 0
    pace: float = 1.0
    cost: float = 0.0

    def until(self, months: int) -> "Return":
        """The same over another length."""
        return replace(self, share=_resize(self.share, months))


@dataclass(frozen=True, eq=False)
class Group:
    """Customers alike in price, billing and mix of types.

    count: customers (existing book) or share of one new customer (new book)
    rate, heads, money: arrays (..., types); leaving intensity per clock period, share of customers, share of MRR;
    the shares sum to 1, or to the part that took an offer or declined it
    price: money per customer-month today; index: price level per month against today, array (months,)
    served: level per month against today of what serving costs: the growth of a customer without any decision
    multiplier: factor on the leaving intensity per month; programme: extra cost per customer-month, both (months,);
    care: extra cost as a share of the group's gross margin today, (months,)
    added: extra cost as a share of the group's price today, for what is sold on top, (months,); None for nothing
    term: months per payment; first_payment: month of the next payment of a term; monthly_before: pays month by month
    until then (else the months before it are paid already); clock: months per period of `rate`
    discount: share off the list price for paying a term ahead; refunded: leaves when it wants to, inside a paid term
    too, and gets the unused months back
    delay: months until an existing customer meets a price rise (None: never); age: completed months of tenure (None:
    mixed); joined: months from today at which the group's first month lies (cohorts still to come)
    aging: operational time of the types per period of the clock, (..., P + 1), None for types that do not age; done:
    periods of the clock completed when the projection begins; few: the clocks of all draws by way of a few
    failing_next: share of churn from failed payments at the next renewal, where others have left already; None: involuntary
    sure: passes the next renewal for certain: those who would not have left before it (`Mix.parted`)
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
    care: np.ndarray
    term: int = 1
    first_payment: int = 0
    monthly_before: bool = False
    clock: int = 1
    discount: float = 0.0
    refunded: bool = False
    delay: int | None = 0
    age: int | None = None
    joined: int = 0
    involuntary: float = 0.25
    rises: tuple[Rise, ...] = ()
    returns: tuple[Return, ...] = ()
    aging: np.ndarray | None = None
    done: int = 0
    few: FewClocks | None = None
    added: np.ndarray | None = None
    sure: bool = False
    failing_next: float | None = None

    @property
    def failing(self) -> float | np.ndarray:
        """Share of churn that comes from failed payments, by month where it is not always the same."""
        if self.failing_next is None:
            return self.involuntary
        return np.where(np.arange(self.months) < (self.first_payment or self.clock), self.failing_next, self.involuntary)

    @property
    def decides_from(self) -> int:
        """The month of the first renewal at which somebody may leave."""
        return (self.first_payment or self.clock) + self.clock if self.sure else self.first_payment

    @property
    def months(self) -> int:
        return self.index.shape[-1]

    @property
    def size(self) -> float:
        """Customers in the group (new book: share of one): count x the part of it that is here, mean over draws."""
        return float(self.count * np.mean(self.heads.sum(axis=-1)))

    def until(self, months: int, known: dict | None = None) -> "Group":
        """The same group projected over another length; beyond the old length its last month goes on.

        known: paths already resized, by identity, so that groups that share a path go on sharing it.
        """
        if months == self.months:
            return self
        known, paths = {} if known is None else known, {}
        for name in PATHS:
            path = getattr(self, name)
            paths[name] = known[id(path)] if id(path) in known else known.setdefault(id(path), _resize(path, months))
        added = None if self.added is None else _resize(self.added, months)
        return self.but(**paths, added=added, returns=tuple(one.until(months) for one in self.returns))

    def but(self, **changes) -> "Group":
        """The same group with other fields, as `dataclasses.replace` and ten times as fast: a live page makes hundreds."""
        other = object.__new__(Group)
        other.__dict__.update(self.__dict__, **changes)
        return other


PATHS = ("index", "served", "multiplier", "programme", "care")


def _resize(path: np.ndarray, months: int) -> np.ndarray:
    missing = months - path.shape[-1]
    return path[..., :months] if missing <= 0 else np.pad(path, [(0, 0)] * (path.ndim - 1) + [(0, missing)], mode="edge")


def first_raised_payment(group: Group, rise: Rise) -> int:
    """The month a customer first pays a changed price: a paid term runs out before the new price falls due."""
    return payment_from(rise.month, group.term, group.first_payment, group.monthly_before)


def payment_from(month: int, term: int, first_payment: int, monthly_before: bool) -> int:
    """The first payment in or after a month of somebody who pays so."""
    if monthly_before and month < first_payment:
        return month
    return first_payment + -(-max(month - first_payment, 0) // term) * term


def split(group: Group, take_up: np.ndarray) -> tuple[Group, Group]:
    """Divide a group by a chance per type, array (..., types): those who take an offer, and the rest.

    Customers and MRR are conserved type by type and draw by draw: the two parts' weights add up to the group's.
    """
    return _part(group, take_up), _part(group, 1 - take_up)


def _part(group: Group, chance: np.ndarray) -> Group:
    heads = group.heads * chance
    return group.but(heads=heads, money=heads if group.money is group.heads else group.money * chance)
