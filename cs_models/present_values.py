"""What groups are worth today, worked out by type of customer: no table of months, and none of draws by months.

The discounted margin of a group is count x sum over types of (price x money x P + heads x Q), where P and Q are

    sum over months t of due(t) x kept(t) x exp(-rate x exposure(t)),

due: margin of month t per unit of price, or per head, discounted. P and Q hang on how a group pays, what it meets and a
type's rate, not on who is in the group. So groups that are alike in this share them, worked out at all their rates at
once, also where each draw has rates of its own.
"""

from itertools import accumulate

import numpy as np

from cs_models.exponential_sums import sums_at
from cs_models.flows import margin_due
from cs_models.group import PATHS, Group
from cs_models.staying import NUMBERS, hazards_met, months_needed, returns_met
from cs_models.type_tables import AT_ONCE, NOBODY, cumulative


def by_type(group: Group) -> bool:
    """Whether the worth is a sum over types: not of those won back, nor where prices differ from draw to draw."""
    return not returns_met(group) and group.index.ndim == group.served.ndim == group.care.ndim == 1


def worths(groups: list[Group], discount: np.ndarray, gross_margin: float, service_cost: float,
           known: dict | None = None) -> list[np.ndarray]:
    """Margin of each group weighted with `discount` and summed over its months, (...), for groups that are `by_type`.

    known: what types are worth, for a caller that values more groups the same way and keeps all of them meanwhile.
    """
    known = {} if known is None else known
    ways, types = known.setdefault("ways", {}), known.setdefault("types", {})
    places, fresh = [], {}
    for group in groups:
        alike = _alike(group)
        way, steps, kept = ways[alike] if alike in ways else ways.setdefault(alike, _met_and_paid(_on_few(group), known))
        places.append((way, id(group.rate)))
        if places[-1] not in types:
            fresh.setdefault(way, (steps, kept, {}))[2][id(group.rate)] = group
    passed, dues = {}, {}  # exposure before each month by the identity of its steps, and what falls due by way of paying
    for way, (steps, kept, some) in fresh.items():
        groups_so = list(some.values())
        if id(steps) not in passed:
            passed[id(steps)] = cumulative(steps)
        if way[1] not in dues:
            dues[way[1]] = margin_due(groups_so[0], discount, gross_margin, service_cost)
        for group, of_type in zip(groups_so, _of_each_type(groups_so, passed[id(steps)], kept, dues[way[1]])):
            types[way, id(group.rate)] = of_type
    return [_mixed(group, types[place]) for group, place in zip(groups, places)]


def _alike(group: Group) -> tuple:
    """The same for groups that share their paths and whatever else decides what they meet and pay: no content is read."""
    return (group.term, group.clock, group.first_payment, group.monthly_before, group.refunded, group.discount, group.done,
            id(group.index), id(group.served), id(group.multiplier), id(group.programme), id(group.care), id(group.added),
            id(group.aging), id(group.rises), id(group.returns), group.sure)


def _on_few(group: Group) -> Group:
    """The group on the few clocks that stand for those of all draws, where there are such."""
    return group if group.few is None else group.but(aging=group.few.clocks)


def _met_and_paid(group: Group, known: dict) -> tuple[tuple, np.ndarray, np.ndarray]:
    """A key that is equal for groups that meet and pay the same, by content, with what they meet: exposure and losses."""
    number, steps, kept = hazards_met(group, known.setdefault("met", {}))
    return (number, _way_of_paying(group, known.setdefault("paths", {}))), steps, kept


def _way_of_paying(group: Group, numbers: dict) -> tuple:
    """Equal for groups to which the same falls due by month, per unit of price and per head."""
    paths = [getattr(group, name) for name in PATHS if name != "multiplier"]
    if group.added is not None:
        paths.append(group.added)
    when = group.months, group.term, group.first_payment, group.monthly_before, group.refunded
    return *when, group.discount, *[_number(path, numbers) for path in paths]


def _number(path: np.ndarray, numbers: dict) -> int:
    """A short number for what stands in a path; the path itself is read once."""
    if id(path) not in numbers:
        numbers[id(path)] = numbers.setdefault(path.tobytes(), next(NUMBERS))
    return numbers[id(path)]


def _of_each_type(groups: list[Group], passed: np.ndarray, kept: np.ndarray, due: tuple) -> list[np.ndarray]:
    """What a customer of each type is worth, per unit of price and, where heads cost anything, per head: (rows, ...,
    types) for each of these groups, whose rates are different.
    """
    needed, place = months_needed(groups[0])
    rows = due if np.any(due[1]) else due[:1]
    amounts = np.array([np.bincount(place, one * kept, len(needed)) for one in rows])
    exposure = passed if len(needed) == len(place) else passed[..., needed]
    rates = [group.rate for group in groups]
    if exposure.ndim > 1:
        found = (_aging(rate, exposure, amounts) for rate in rates)
        return [one if group.few is None else group.few.between @ one for group, one in zip(groups, found)]
    found = sums_at(rates[0].ravel() if len(rates) == 1 else np.concatenate([rate.ravel() for rate in rates]), exposure, amounts)
    ends = accumulate(rate.size for rate in rates)
    return [found[:, end - rate.size: end].reshape(len(rows), *rate.shape) for rate, end in zip(rates, ends)]


def _aging(rate: np.ndarray, exposure: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """The same for types on a clock of each draw, exposure (draws, months): (rows, draws, types)."""
    (draws, months), types = exposure.shape, rate.shape[-1]
    rate, many = np.broadcast_to(rate, (draws, types)), max(AT_ONCE // (months * types), 1)
    found, room = np.empty((len(amounts), draws * types)), np.empty((many, types, months))
    for first in range(0, draws, many):
        some = slice(first, min(first + many, draws))
        table = room[: some.stop - first]
        np.multiply(-rate[some, :, None], exposure[some, None, :], out=table)
        np.exp(np.maximum(table, NOBODY, out=table), out=table)
        for row, amount in zip(found, amounts):
            row[first * types: some.stop * types] = table.reshape(-1, months) @ amount
    return found.reshape(len(amounts), draws, types)


def _mixed(group: Group, of_type: np.ndarray) -> np.ndarray:
    """Of all types of a group, (...)."""
    found = group.price * _weighed(group.money, of_type[0])
    if len(of_type) > 1:
        found = found + _weighed(group.heads, of_type[1])
    return group.count * found


def _weighed(weights: np.ndarray, of_type: np.ndarray) -> np.ndarray:
    return weights @ of_type if of_type.ndim == 1 else np.einsum("...t,...t->...", weights, of_type)
