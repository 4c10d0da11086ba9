"""Survival type by type: tables of months, and months mixed while their table is at hand."""

import numpy as np

AT_ONCE = 1 << 15  # numbers of a table made at once: few calls, and memory small enough to be used again and again
NOBODY = -700.0  # log of a share: numbers below it take four times as long
TERMS = (32, 48, 64, 96)  # lengths of the series tried
CLOSE = 1e-12  # of a share of customers: a series may end where its last terms are smaller


def cumulative(steps: np.ndarray) -> np.ndarray:
    """Sum of the steps before month t, t = 0 .. months - 1."""
    total = np.zeros_like(steps)
    np.cumsum(steps[..., :-1], axis=-1, out=total[..., 1:])
    return total


def followed(weights: np.ndarray, rate: np.ndarray, steps: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Weights (rows, draws, types) of types that each draw has for itself, month by month: (rows, draws, needed).

    As the weights times `type_table`, without a table of every draw, month and type: few steps are different, and a
    product costs less than an exponential.
    """
    alive, found, row = np.array(np.broadcast_to(weights, (len(weights), *rate.shape))), [], 0
    factors = {step: np.exp(-rate * step) for step in set(steps.tolist()) if step}
    for month in range(int(needed[-1]) + 1):
        if needed[row] == month:
            found.append(alive @ np.ones(rate.shape[-1]))
            row += 1
        if steps[month]:
            alive *= factors[steps[month]]
    return np.stack(found, axis=-1)


def aged(weights: np.ndarray, rate: np.ndarray, steps: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """The same on a clock of each draw, steps (draws, months): as a series where draws share their types, else a few draws
    at a time, so that their table is mixed while it is at hand.
    """
    exposure, types = cumulative(steps)[:, needed], rate.shape[-1]
    weights = np.broadcast_to(weights, (len(weights), len(steps), types))
    if rate.ndim == 1 and (series := by_series(weights, rate, exposure)) is not None:
        return series
    draws, months = exposure.shape
    rate, many = np.broadcast_to(rate, (draws, types)), max(AT_ONCE // (types * months), 1)
    room, found = np.empty((many, types, months)), np.empty((len(weights), draws, months))
    far = rate.max() * exposure.max() > -NOBODY
    for first in range(0, draws, many):
        some = slice(first, min(first + many, draws))
        table = np.multiply(-rate[some, :, None], exposure[some, None, :], out=room[: some.stop - first])
        if far:
            np.maximum(table, NOBODY, out=table)
        np.matmul(weights[:, some, None, :], np.exp(table, out=table), out=found[:, some, None, :])
    return found


def by_series(weights: np.ndarray, rate: np.ndarray, exposure: np.ndarray) -> np.ndarray | None:
    """sum over i of weights[r, d, i] x exp(-rate[i] x exposure[d, k]), (rows, draws, K); None where 96 terms are too few.

    Who stays is smooth in the log of exposure, and types that all draws share need its exponentials at a few places only:
    Chebyshev's points between the shortest and the longest exposure, from which each draw has a series of its own, added up
    by Clenshaw's rule (Trefethen 2013, chapters 3 and 19). No weight is below 0, so no sum is.
    >>> by_series(np.array([[[0.25, 0.75]]]), np.log([2.0, 4.0]), np.array([[0.0, 1.0, 2.0]])).round(9).tolist()
    [[[1.0, 0.3125, 0.109375]]]
    """
    longest = max(exposure.max(), 1.0)
    begun = np.where(exposure > 0, exposure, longest)
    middle, half = np.log(longest * begun.min()) / 2, max(np.log(longest / begun.min()) / 2, 1e-6)
    for terms in TERMS:
        angle = np.pi * (np.arange(terms) + 0.5) / terms
        table = np.exp(np.maximum(-rate[:, None] * np.exp(middle + half * np.cos(angle)), NOBODY))
        into = np.cos(np.arange(terms) * angle[:, None]) * np.where(np.arange(terms), 2.0, 1.0) / terms
        series = weights @ (table @ into)
        if np.abs(series[..., -3:]).max() < CLOSE * np.abs(series).max():
            found = _clenshaw(series, (np.log(begun) - middle) / half)
            return np.where(exposure > 0, np.maximum(found, 0.0), weights.sum(axis=-1, keepdims=True))
    return None


def _clenshaw(series: np.ndarray, at: np.ndarray) -> np.ndarray:
    """sum over k of series[..., k] x T_k(at), T_k Chebyshev's polynomials: series (rows, draws, terms), at (draws, K)."""
    last, found, room = (np.zeros((*series.shape[:-1], at.shape[-1])) for _ in range(3))
    twice = 2 * at
    for k in range(series.shape[-1] - 1, 0, -1):
        np.multiply(twice, found, out=room)
        room -= last
        room += series[..., k, None]
        last, found, room = found, room, last
    return at * found - last + series[..., 0, None]


def type_table(rate: np.ndarray, steps: np.ndarray, needed: np.ndarray) -> np.ndarray:
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
