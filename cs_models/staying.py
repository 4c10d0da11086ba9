"""Who is still here: survival of groups under their hazards, price rises and win-backs, by month.

Everything is linear in the weights of the types. So groups with the same types and the same hazards share one
table, type by month, and their weights are multiplied with it all at once: a book cut by tenure costs little
more than whole.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cs_models.group import Group, Return, payment_from
from cs_models.retention.aging import elapsed

TINY = 1e-300  # keeps log() finite where nobody is left


def hazard_multiplier(group: Group) -> np.ndarray:
    """Factor on the leaving intensity between month t and t + 1, all levers together. (months,)"""
    return group.multiplier * _through_rises(group)[0] if group.rises else group.multiplier


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


def cumulative(steps: np.ndarray) -> np.ndarray:
    """Sum of the steps before month t, t = 0 .. months - 1."""
    total = np.cumsum(steps, axis=-1)
    return np.concatenate([np.zeros_like(total[..., :1]), total[..., :-1]], axis=-1)


@lru_cache(maxsize=2048)
def served_as_of(months: int, term: int, clock: int, first: int, monthly_before: bool, refunded: bool) -> np.ndarray:
    """The month whose survival decides who is served in month t, (months,): for those who decide month by month but
    pay by the term, the last payment day.
    """
    month = np.arange(months)
    if term <= clock or refunded:
        return month
    last = np.maximum(month - (month - first) % term, 0)
    return np.where(month < first, month, last) if monthly_before else last


def _way(group: Group) -> tuple:
    return group.months, group.term, group.clock, group.first_payment, group.monthly_before, group.refunded


@lru_cache(maxsize=2048)
def _months_needed(
    months: int, term: int, clock: int, first: int, monthly_before: bool, refunded: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """The months whose survival matters, and for each month its place among them."""
    return np.unique(served_as_of(months, term, clock, first, monthly_before, refunded), return_inverse=True)


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
        key, steps, kept = _hazards(group, known)
        alike.setdefault((id(group.rate), key), (steps, kept, []))[2].append(place)
    found: list = [None] * len(groups)
    returned = _returned_together([(groups[places[0]], steps, kept) for steps, kept, places in alike.values()])
    for tables, (steps, kept, places) in zip(returned, alike.values()):
        for place, stay in zip(places, _together([groups[place] for place in places], steps, kept, tables)):
            found[place] = stay
    return found


def _hazards(group: Group, known: dict) -> tuple[tuple, np.ndarray, np.ndarray]:
    """What the group meets by month, intensity and losses, with a key that is equal for groups that meet the same.

    known: what was worked out for the groups of this run, by the identity of their paths and by content.
    """
    paths = (id(group.multiplier), id(group.aging), group.done, group.rises, group.returns, group.term, group.clock,
             group.first_payment, group.monthly_before, group.refunded)
    if paths not in known:
        steps, kept = hazard_multiplier(group) * exposure_steps(group), kept_through_rises(group)
        back = _returns_key(group) if group.returns and group.term == group.clock == 1 else ()
        key = (steps.tobytes(), kept.tobytes(), *paths[5:], back)
        # A short number stands for the content, so that every group after this one compares numbers.
        number = known.setdefault(key, (len(known), steps, kept))
        known[paths] = number
    return known[paths]


def _returned_together(sets: list[tuple]) -> list[tuple]:
    """The tables of those won back for all sets at once, (sets, months, types), where there are no draws."""
    found: list = [()] * len(sets)
    alike: dict = {}
    for place, (group, steps, _) in enumerate(sets):
        if group.returns and group.term == group.clock == 1 and group.rate.ndim == steps.ndim == 1:
            alike.setdefault((group.rate.size, _returns_key(group)), []).append(place)
    for places in alike.values():
        rate, steps, kept = (np.array(one) for one in zip(*((sets[p][0].rate, *sets[p][1:]) for p in places)))
        table = np.exp(-rate[:, None, :] * cumulative(steps)[..., None])
        tables = [_return_tables(rate, steps, kept, table, back) for back in sets[places[0]][0].returns]
        for row, place in enumerate(places):
            found[place] = tuple(tuple(one[row] for one in of_back) for of_back in tables)
    return found


def _returns_key(group: Group) -> tuple:
    return tuple((one.share.tobytes(), one.gap, one.price, one.promo, one.pace) for one in group.returns)


def _all_returned(group: Group, steps, kept, table) -> list[tuple[np.ndarray, ...]]:
    """`_return_tables` of each of the group's Returns; those who pay by the term are not won back."""
    backs = group.returns if group.term == group.clock == 1 else ()
    return [_return_tables(group.rate, steps, kept, table, back) for back in backs]


def _together(groups: list[Group], steps: np.ndarray, kept: np.ndarray, returned=()) -> list[Stay]:
    """Groups with the same types, hazards and way of paying; `returned`: tables worked out with those of other groups."""
    first = groups[0]
    both = [group.money is not group.heads for group in groups]
    weights = [group.heads for group in groups] + [group.money for group, two in zip(groups, both) if two]
    stacked = np.stack(weights) if len(weights) > 1 else weights[0][None]
    needed, place = _months_needed(*_way(first))
    table = _table(first.rate, steps, needed)
    here = _mixed(stacked, table)
    here = (here if len(place) == len(needed) else here[..., place]) * kept
    backs = []
    for back, tables in zip(first.returns, returned or _all_returned(first, steps, kept, table)):
        returned_here, promoted = (_mixed(stacked, one) for one in tables)
        before = np.broadcast_to(stacked.sum(axis=-1, keepdims=True), (*here.shape[:-1], 1))
        backs.append([returned_here, _back_now(before, here, back), promoted if promoted.size else 0 * here])
    found, extra = [], len(groups)
    for row, two in enumerate(both):
        other = extra if two else row
        extra += two
        rows = [tuple(tuple(one[line] for one in back) for back in backs) for line in (row, other)]
        found.append(Stay(here[row], here[other], *rows))
    return found


def _mixed(weights: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Weights (rows, ..., types) with a table (months, types) for all, or (draws, months, types): (rows, ..., months)."""
    if table.ndim > 2:
        return (weights[..., None, :] @ table.swapaxes(-1, -2))[..., 0, :]
    flat = weights.reshape(-1, weights.shape[-1]) @ table.T
    return flat.reshape(*weights.shape[:-1], flat.shape[-1])


def _table(rate: np.ndarray, steps: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Survival of each type at the months needed: exp(-rate x exposure so far), (..., needed, types)."""
    if rate.ndim == 1 or steps.ndim > 1:
        return np.exp(-rate[..., None, :] * cumulative(steps)[..., needed, None])
    # Over many draws: few steps are different, and a product costs less than an exponential.
    alive, table, row = np.ones_like(rate), np.empty((*rate.shape[:-1], len(needed), rate.shape[-1])), 0
    factors = {step: np.exp(-rate * step) for step in set(steps.tolist()) if step}
    for month in range(int(needed[-1]) + 1):
        if needed[row] == month:
            table[..., row, :] = alive
            row += 1
        if steps[month]:
            alive = alive * factors[steps[month]]
    return table


def _return_tables(rate, steps, kept, table, back: Return) -> tuple[np.ndarray, ...]:
    """Per type: returned and here, and those of them at the promotional price, each (..., months, types).

    here(t) = here(t - 1) x survival at `pace` x the intensity + share x those whose last payment was at t -
    gap; they meet the one-off losses of later price rises.
    """
    months, share = kept.shape[-1], back.share
    alive = table if np.all(kept == 1) else table * kept[..., None]
    held = np.ones_like(kept)
    np.divide(kept[..., 1:], kept[..., :-1], out=held[..., 1:], where=kept[..., :-1] > 0)
    falls = [bool(np.any(held[..., month] != 1)) for month in range(months)]
    pace = {} if steps.ndim > 1 else {step: np.exp(-rate * back.pace * step) for step in set(steps.tolist())}
    here = np.zeros_like(alive)
    promoted = np.zeros_like(alive) if back.promo and back.price != 1 else here[..., :0, :]
    batches: list[np.ndarray] = []
    now = np.zeros_like(alive[..., 0, :])
    for month in range(months):
        if month:
            step = steps[..., month - 1]
            stay = pace[float(step)] if pace else np.exp(-rate * back.pace * step[..., None])
            stay = stay * held[..., month, None] if falls[month] else stay
            now = now * stay
            batches = [one * stay for one in batches[: back.promo - 1]] if back.promo > 1 else []
        last = month - back.gap  # the month of their last payment; those lost before the first are of month -1
        if last >= -1:
            before = alive[..., last, :] if last >= 0 else 1.0
            ready = share[max(last, 0)] * (before - alive[..., last + 1, :])
            now = now + ready
            batches = [ready, *batches] if promoted.size else []
        here[..., month, :] = now
        if promoted.size and batches:
            promoted[..., month, :] = sum(batches[1: back.promo], batches[0])
    return here, promoted


def _back_now(before: np.ndarray, here: np.ndarray, back: Return) -> np.ndarray:
    """Back in each month, (..., months): share x those whose last payment was `gap` months ago; `before` is the group
    before its first month.
    """
    months, found = here.shape[-1], np.zeros_like(here)
    lost = -np.diff(here, axis=-1, prepend=before)
    share = np.append(back.share[:1], back.share[:-1])
    if back.gap <= months:
        found[..., back.gap - 1:] = (share * lost)[..., : months - back.gap + 1]
    return found


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
        plain = np.maximum((weights[..., None, :] @ _table(group.rate, longer, months).swapaxes(-1, -2))[..., 0, :], TINY)
        found.append(_average(group, plain, factor * -np.diff(np.log(plain), axis=-1), kept))
    return Stay(found[0][0], found[-1][0], found[0][1], found[-1][1])


def _average(group: Group, plain: np.ndarray, steps: np.ndarray, kept: np.ndarray):
    """One type of intensity 1 on the steps of the mean: its survival, and those of it won back."""
    table = np.exp(-cumulative(steps))[..., None]
    here = (plain[..., :1] * table[..., 0])[..., served_as_of(*_way(group))] * kept
    rate = np.ones((*steps.shape[:-1], 1))
    backs = group.returns if group.term == group.clock == 1 else ()
    found = []
    for back in backs:
        tables = [plain[..., :1] * one[..., 0] for one in _return_tables(rate, steps, kept, table, back)]
        promoted = tables[1] if tables[1].size else 0 * here
        found.append((tables[0], _back_now(plain[..., :1], here, back), promoted))
    return here, tuple(found)
