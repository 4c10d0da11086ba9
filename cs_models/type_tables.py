"""Survival type by type: tables of months, and months mixed while their table is at hand."""

import numpy as np

AT_ONCE = 1 << 15  # numbers of a table made at once: few calls, and memory small enough to be used again and again
NOBODY = -700.0  # log of a share: numbers below it take four times as long


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
    """The same on a clock of each draw, steps (draws, months): a few draws at a time, so that their table is mixed while it
    is at hand.
    """
    exposure, types = cumulative(steps)[:, needed], rate.shape[-1]
    rate = np.broadcast_to(rate, (len(steps), types))
    weights = np.broadcast_to(weights, (len(weights), len(steps), types))
    many, found = max(AT_ONCE // (types * len(needed)), 1), []
    for first in range(0, len(steps), many):
        some = slice(first, first + many)
        table = np.exp(np.maximum(-rate[some, :, None] * exposure[some, None, :], NOBODY))
        found.append((weights[:, some, None, :] @ table)[..., 0, :])
    return np.concatenate(found, axis=1)


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
