"""Who among unlike customers says yes: to an annual offer, or to leaving over a new price."""

import numpy as np

from cs_models.flows import exposure_steps, hazard_multiplier, kept_through_rises
from cs_models.group import Group


def people(group: Group) -> tuple:
    """Those among whom a share chooses: one book, segment and billing interval, however finely cut."""
    return group.book, group.segment, group.interval, group.term


def here_at(group: Group, month: int) -> np.ndarray:
    """Share of the group still here in a month, by type, after the losses of that day. (..., types)"""
    month = min(month, group.months - 1)
    left = group.heads * kept_through_rises(group)[month]
    if month == 0:
        return left
    exposure = (hazard_multiplier(group) * exposure_steps(group))[..., :month].sum(axis=-1)
    return left * np.exp(-group.rate * np.asarray(exposure)[..., None])


def chance_by_type(groups: list[Group], month: int, adoption: float, selection: float) -> np.ndarray:
    """Chance per type that `adoption` of those still here in `month` say yes, solved once for all groups.

    One solution for all tenures of a segment: cutting the book more finely changes nothing. (..., types)
    """
    return chances_by_type([groups], month, adoption, selection)[0]


def chances_by_type(peoples: list[list[Group]], month: int, adoption: float, selection: float) -> list[np.ndarray]:
    """`chance_by_type` of several peoples, those of equal shape solved together."""
    found: list = [None] * len(peoples)
    alike: dict = {}
    for place, groups in enumerate(peoples):
        heads = sum(group.count * here_at(group, month) for group in groups)
        shape = heads.shape if heads.ndim == groups[0].rate.ndim == 1 else place
        alike.setdefault(shape, []).append((place, groups[0].rate, heads))
    for same in alike.values():
        places, rate, heads = zip(*same)
        rate, heads = (rate[0], heads[0]) if len(same) == 1 else (np.array(rate), np.array(heads))
        total = heads.sum(axis=-1, keepdims=True)
        share = np.where(total > 0, heads / np.where(total > 0, total, 1.0), 1 / heads.shape[-1])
        chance = take_up(rate, share, adoption, selection)
        for place, one in zip(places, [chance] if len(same) == 1 else chance):
            found[place] = one
    return found


def take_up(rate: np.ndarray, heads: np.ndarray, adoption: float, selection: float) -> np.ndarray:
    """Chance per type of taking an offer that `adoption` of the group takes: logistic(c - selection x z).

    z = log-odds of leaving in a period, standardised with the group's weights; c is solved by a safeguarded
    Newton search. One type only: everybody has the same chance. Arrays (..., types).
    >>> round(float(take_up(np.array([0.1]), np.array([1.0]), 0.3, 1.0)[0]), 12)
    0.3
    """
    if heads.shape[-1] == 1:
        return np.full(heads.shape, float(adoption))
    odds = np.log(np.expm1(np.maximum(rate, 1e-12)))  # logit(theta) with theta = 1 - exp(-rate)
    middle = (heads * odds).sum(-1, keepdims=True)
    spread = np.sqrt((heads * (odds - middle) ** 2).sum(-1, keepdims=True))
    lean = selection * np.where(spread > 1e-9, (odds - middle) / np.maximum(spread, 1e-9), 0.0)
    against, low, high = np.exp(np.clip(lean, -700, 700)), np.full_like(middle, -700.0), np.full_like(middle, 700.0)
    # Where it would be if z were normal (MacKay, 1992): one step of the search less.
    wide = np.sqrt(1 + np.pi / 8 * selection**2)
    c = np.full_like(middle, wide * np.log(adoption / (1 - adoption)) if 0 < adoption < 1 else 1400 * adoption - 700)
    for _ in range(60):
        with np.errstate(over="ignore"):  # next to certainty that nobody does: 1 / infinity
            chance = against * np.exp(-c)
        chance += 1
        np.reciprocal(chance, out=chance)
        taken = heads * chance
        here = taken.sum(-1, keepdims=True)
        gap = here - adoption
        if np.max(np.abs(gap)) < 1e-13:
            break
        low, high = np.where(gap < 0, c, low), np.where(gap > 0, c, high)
        slope = here - np.einsum("...t,...t->...", taken, chance)[..., None]
        step = c - gap / np.maximum(slope, 1e-300)
        c = np.where((step > low) & (step < high), step, (low + high) / 2)
    return chance
