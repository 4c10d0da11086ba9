"""Who is still here: survival of groups under their hazards, price rises and win-backs, by month.

Everything is linear in the weights of the types. So groups with the same types and the same hazards share one
table, type by month, and their weights are multiplied with it all at once: a book cut by tenure costs little
more than whole.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import numpy as np

from cs_models.group import Group, Return, payment_from
from cs_models.retention.aging import elapsed
from cs_models.type_tables import AT_ONCE, aged, cumulative, followed, type_table
from cs_models.won_back import back_now, return_tables

NUMBERS = count()  # never one twice: sessions that look at the same data share what is known
TINY = 1e-300  # keeps log() finite where nobody is left


def hazard_multiplier(group: Group) -> np.ndarray:
    """Factor on the leaving intensity between month t and t + 1, all levers together. (months,)"""
    return group.multiplier * _through_rises(group)[0] if group.rises else group.multiplier


@lru_cache(maxsize=512)
def _risky(months: int, clock: int, first: int) -> np.ndarray:
    after = np.arange(1, months + 1)
    return (after >= first) & ((after - first) % clock == 0) | (clock == 1)


@lru_cache(maxsize=512)
def _passed(months: int, clock: int, first: int) -> np.ndarray:
    """Periods of the clock that have passed at the begin of each month, and at the end of the last."""
    return np.cumsum(np.append(0, _risky(months, clock, first)))


def exposure_steps(group: Group) -> np.ndarray:
    """What the step from t to t + 1 adds to a type's exposure: 1 a month, or 1 at renewals only, on the group's own
    clock; for types that age, the operational time that passes. (..., months)
    """
    if group.aging is None:
        return _risky(group.months, group.clock, group.decides_from).astype(float)
    return np.diff(elapsed(group.aging, group.done + _passed(group.months, group.clock, group.decides_from)), axis=-1)


def kept_through_rises(group: Group) -> np.ndarray:
    """Share kept after the one-off losses of price rises, (months,)."""
    return _through_rises(group)[1]


def _through_rises(group: Group) -> tuple[np.ndarray, np.ndarray]:
    return _rises_met(group.months, group.rises, group.term, group.first_payment, group.monthly_before)


@lru_cache(maxsize=2048)
def _rises_met(
    months: int, rises: tuple, term: int, first_payment: int, monthly_before: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Factor on the hazard and share kept by month, the same for all groups that meet these rises alike."""
    factor, kept = np.ones(months), np.ones(months)
    for rise in rises:
        month = payment_from(rise.month, term, first_payment, monthly_before)
        factor[month:] *= rise.multiplier
        by_term = term > 1 and month >= first_payment
        waves = [rise.loss] if by_term else [rise.loss * rise.decay**j for j in range(3)]
        for wave, loss in enumerate(waves):
            kept[month + wave:] *= 1 - loss
    factor.flags.writeable = kept.flags.writeable = False
    return factor, kept


@lru_cache(maxsize=2048)
def served_as_of(months: int, term: int, clock: int, first: int, monthly_before: bool, refunded: bool) -> np.ndarray:
    """The month whose survival decides who is served in month t, (months,): for those who decide month by month but
    pay by the term, the last payment day; for those who decide at renewals only, the last of these.
    """
    month = np.arange(months)
    if term <= clock or refunded:
        return month if clock == 1 else np.where(month < first, 0, month - (month - first) % clock)
    last = np.maximum(month - (month - first) % term, 0)
    return np.where(month < first, month, last) if monthly_before else last


def _way(group: Group) -> tuple:
    return group.months, group.term, group.clock, group.decides_from, group.monthly_before, group.refunded


@lru_cache(maxsize=2048)
def _needed(*way) -> tuple[np.ndarray, np.ndarray]:
    return np.unique(served_as_of(*way), return_inverse=True)


def months_needed(group: Group) -> tuple[np.ndarray, np.ndarray]:
    """The months whose survival matters, and for each month its place among them."""
    return _needed(*_way(group))


@dataclass(frozen=True, eq=False)
class Stay:
    """Of one customer of a group, by customers and by MRR, (..., months): here, and (here, new this month, promoted) of
    those won back, for each of its Returns.
    """

    heads: np.ndarray
    money: np.ndarray
    back_heads: tuple[tuple[np.ndarray, ...], ...] = ()
    back_money: tuple[tuple[np.ndarray, ...], ...] = ()


def stays(groups: list[Group], heterogeneity: str = "types") -> list[Stay]:
    """Survival of many groups, those with the same types and hazards together."""
    if heterogeneity == "aggregate":
        return [_on_the_mean(group) for group in groups]
    alike: dict = {}
    known: dict = {}
    for place, group in enumerate(groups):
        key, steps, kept = hazards_met(group, known)
        alike.setdefault((id(group.rate), key), (steps, kept, []))[2].append(place)
    found: list = [None] * len(groups)
    for some in _in_batches([(groups[places[0]], steps, kept, places) for steps, kept, places in alike.values()]):
        for (_, _, kept, places), (table, returned) in zip(some, _tables(some)):
            for place, stay in zip(places, _together([groups[place] for place in places], kept, table, returned)):
                found[place] = stay
    return found


def _in_batches(sets: list[tuple]):
    """Sets of groups whose tables have one shape, so many at a time as fit; sets with draws one by one."""
    alike: dict = {}
    for place, one in enumerate(sets):
        group, steps = one[:2]
        alone = group.rate.ndim > 1 or steps.ndim > 1
        months = len(months_needed(group)[0])
        key = place if alone else (group.rate.size, months, group.months, id(returns_met(group)))
        alike.setdefault(key, (months * group.rate.size, []))[1].append(one)
    for size, same in alike.values():
        many = max(AT_ONCE // size, 1)
        yield from (same[first: first + many] for first in range(0, len(same), many))


def hazards_met(group: Group, known: dict) -> tuple[tuple, np.ndarray, np.ndarray]:
    """What the group meets by month, intensity and losses, with a key that is equal for groups that meet the same.

    known: what was worked out for the groups of this run, by the identity of their paths and by content.
    """
    paths = (id(group.multiplier), id(group.aging), group.done, id(group.rises), id(group.returns), group.term, group.clock,
             group.first_payment, group.monthly_before, group.refunded, group.sure)
    if paths not in known:
        (content, steps), kept = _steps_met(group, known), kept_through_rises(group)
        key = (content, kept.tobytes(), *paths[5:], _returns_key(group))
        # A short number stands for the content, so that every group after this one compares numbers.
        known[paths] = known.setdefault(key, (next(NUMBERS), steps, kept))
    return known[paths]


def _steps_met(group: Group, known: dict) -> tuple[object, np.ndarray]:
    """Steps of exposure under all levers, and what is equal for groups that take the same: their content, but of a clock
    for every draw, which is long, the clock itself with the factor on it.
    """
    clock, factor = (id(group.aging), group.done, group.months, group.clock, group.decides_from), hazard_multiplier(group)
    key = "steps", clock if group.clock > 1 else clock[:-1], factor.tobytes()
    if key not in known:
        steps = factor * exposure_steps(group)
        known[key] = steps.tobytes() if steps.ndim == 1 else key, steps
    return known[key]


def _tables(sets: list[tuple]) -> list[tuple]:
    """Survival by month and type of each set of a batch, and the tables of those it wins back."""
    group, steps, kept = sets[0][:3]
    if len(sets) == 1:
        needed = months_needed(group)[0]
        if (group.rate.ndim > 1 or steps.ndim > 1) and not returns_met(group):
            follow = followed if steps.ndim == 1 else aged
            return [(lambda weights: follow(weights, group.rate, steps, needed), [])]
        table = type_table(group.rate, steps, needed)
        return [(table, [return_tables(group.rate, steps, kept, table, back) for back in returns_met(group)])]
    rate, steps, kept = (np.array(one) for one in zip(*((one[0].rate, one[1], one[2]) for one in sets)))
    needed = np.array([months_needed(one[0])[0] for one in sets])
    table = np.exp(-rate[:, None, :] * np.take_along_axis(cumulative(steps), needed, axis=1)[..., None])
    backs = [return_tables(rate, steps, kept, table, back) for back in returns_met(group)]
    return [(table[row], [tuple(one[row] for one in of_back) for of_back in backs]) for row in range(len(sets))]


def returns_met(group: Group) -> tuple[Return, ...]:
    """Its returns; those who pay by the term are not won back."""
    return group.returns if group.term == group.clock == 1 else ()


def _returns_key(group: Group) -> tuple:
    return tuple((one.share.tobytes(), one.gap, one.price, one.promo, one.pace) for one in returns_met(group))


def _together(groups: list[Group], kept: np.ndarray, table, returned: list) -> list[Stay]:
    """Groups with the same types, hazards and way of paying, from the tables of their types (or what mixes without)."""
    both = [group.money is not group.heads for group in groups]
    weights = [group.heads for group in groups] + [group.money for group, two in zip(groups, both) if two]
    stacked = np.array(weights) if len(weights) > 1 else weights[0][None]
    needed, place = months_needed(groups[0])
    here = table(stacked) if callable(table) else _mixed(stacked, table)
    here = (here if len(place) == len(needed) else here[..., place]) * kept
    backs = []
    for back, tables in zip(groups[0].returns, returned):
        returned_here, promoted = (_mixed(stacked, one) for one in tables)
        before = np.broadcast_to(stacked.sum(axis=-1, keepdims=True), (*here.shape[:-1], 1))
        backs.append([returned_here, back_now(before, here, back), promoted if promoted.size else 0 * here])
    rows = [tuple(tuple(one[line] for one in back) for back in backs) for line in range(len(weights))]
    found, extra = [], len(groups)
    for row, two in enumerate(both):
        other = extra if two else row
        extra += two
        found.append(Stay(here[row], here[other], rows[row], rows[other]))
    return found


def _mixed(weights: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Weights (rows, ..., types) with a table (months, types) for all, or (draws, months, types): (rows, ..., months)."""
    if table.ndim > 2:
        return (weights[..., None, :] @ table.swapaxes(-1, -2))[..., 0, :]
    flat = weights.reshape(-1, weights.shape[-1]) @ table.T
    return flat.reshape(*weights.shape[:-1], flat.shape[-1])


def in_force(group: Group, heterogeneity: str = "types") -> tuple[np.ndarray, np.ndarray]:
    """Share still subscribed at month t by customers and by MRR: two arrays (..., months), t = 0 is before any churn.

    types:     S(t) = sum_i w_i exp(-rate_i x exposure(t)) - each type's own hazard is multiplied, then
    re-mixed.
    aggregate: 1 - (1 - h(t))^M on the group's average hazard - saved customers behave like average survivors.
    The truth lies between the two when sorting and true loyalty both play a part (Vaupel & Yashin 1985).
    """
    one = stays([group], heterogeneity)[0]
    return one.heads, one.money


def _on_the_mean(group: Group) -> Stay:
    """The group as one average customer by heads, and one by MRR."""
    factor, risk, kept = hazard_multiplier(group), exposure_steps(group), kept_through_rises(group)
    longer = np.concatenate([risk, np.zeros_like(risk[..., :1])], axis=-1)
    found = []
    for weights in (group.heads,) if group.money is group.heads else (group.heads, group.money):
        months = np.arange(group.months + 1)
        plain = np.maximum((weights[..., None, :] @ type_table(group.rate, longer, months).swapaxes(-1, -2))[..., 0, :], TINY)
        found.append(_average(group, plain, factor * -np.diff(np.log(plain), axis=-1), kept))
    return Stay(found[0][0], found[-1][0], found[0][1], found[-1][1])


def _average(group: Group, plain: np.ndarray, steps: np.ndarray, kept: np.ndarray):
    """One type of intensity 1 on the steps of the mean: its survival, and those of it won back."""
    table = np.exp(-cumulative(steps))[..., None]
    here = (plain[..., :1] * table[..., 0])[..., served_as_of(*_way(group))] * kept
    rate = np.ones((*steps.shape[:-1], 1))
    found = []
    for back in returns_met(group):
        tables = [plain[..., :1] * one[..., 0] for one in return_tables(rate, steps, kept, table, back)]
        promoted = tables[1] if tables[1].size else 0 * here
        found.append((tables[0], back_now(plain[..., :1], here, back), promoted))
    return here, tuple(found)
