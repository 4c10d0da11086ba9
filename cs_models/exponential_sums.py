"""Sums of exponentials at many rates: what all months of a customer type are worth together, no month written down."""

from math import isqrt

import numpy as np

AT_ONCE = 1 << 12  # rates worked on together: their powers stay in the fastest memory
SHORT = 8  # terms: even runs that are shorter on average save nothing
FEW = 1 << 15  # exponentials that cost less than to look for even steps
EVEN = 1e-14  # of all exposure: steps that differ by less are one step, told apart by rounding alone


def sums_at(rates: np.ndarray, exposure: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """sum over k of amounts[c, k] x exp(-rate x exposure[k]) at each rate: (rows, rates).

    Where exposure grows by even steps the sum is a polynomial in exp(-rate x step), and a polynomial of n terms takes 2
    sqrt(n) products a rate and one product of matrices (Paterson and Stockmeyer, 1973) in place of n exponentials.
    >>> sums_at(np.log([2.0]), np.array([0.0, 1.0, 2.0]), np.array([[1.0, 1.0, 1.0]])).tolist()
    [[1.75]]
    """
    found = np.empty((len(amounts), rates.size))
    if rates.size * exposure.size <= FEW or len(runs := _even_runs(exposure)) * SHORT > exposure.size:
        for first in range(0, rates.size, AT_ONCE // SHORT):
            some = slice(first, first + AT_ONCE // SHORT)
            found[:, some] = amounts @ np.exp(-exposure[:, None] * rates[some])
        return found
    for first in range(0, rates.size, AT_ONCE):
        some = rates[first: first + AT_ONCE]
        found[:, first: first + AT_ONCE] = sum(_run(some, exposure, amounts, *run) for run in runs)
    return found


def _even_runs(exposure: np.ndarray) -> list[tuple[int, int]]:
    """Where the steps are alike: pairs (first, end) of terms that follow each other by one step."""
    if exposure.size < 3:
        return [(0, exposure.size)]
    steps = np.diff(exposure)
    other = np.flatnonzero(np.abs(np.diff(steps)) > EVEN * exposure[-1]) + 1  # step k is not like the one before it
    if other.size * SHORT > 2 * exposure.size:  # a run is ended by two of them at most: too many runs to save anything
        return [(place, place + 1) for place in range(exposure.size)]
    runs, first = [], 0
    for step in other.tolist():
        if step > first:  # terms first .. step are evenly apart; the next run begins after them
            runs.append((first, step + 1))
            first = step + 1
    return [*runs, (first, exposure.size)] if first < exposure.size else runs


def _run(rates: np.ndarray, exposure: np.ndarray, amounts: np.ndarray, first: int, end: int) -> np.ndarray:
    """The terms of one even run, (rows, rates)."""
    if end - first == 1:
        return amounts[:, first: end] * np.exp(-rates * exposure[first])
    step = (exposure[end - 1] - exposure[first]) / (end - 1 - first)
    found = _polynomial(np.exp(-rates * step), amounts[:, first:end])
    return found * np.exp(-rates * exposure[first]) if exposure[first] else found


def _polynomial(x: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Rows of coefficients, the lowest first, at every x: (rows, x)."""
    rows, n = coefficients.shape
    wide = isqrt(n - 1) + 1
    high = -(-n // wide)
    padded = np.zeros((rows, high * wide))
    padded[:, :n] = coefficients
    powers = np.empty((wide + 1, x.size))
    powers[0] = 1.0
    for k in range(wide):
        np.multiply(powers[k], x, out=powers[k + 1])
    blocks = (padded.reshape(rows * high, wide) @ powers[:wide]).reshape(rows, high, x.size)
    found = blocks[:, -1].copy()
    for k in range(high - 2, -1, -1):
        found *= powers[wide]
        found += blocks[:, k]
    return found
