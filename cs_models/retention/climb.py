"""Many small likelihoods climbed at once: Newton's steps with damping, slopes by differences.

A bootstrap refits the same two or three parameters to hundreds of count vectors. One step for all of them costs
a dozen evaluations of one vectorised formula, so 500 refits take as long as five calls of a general optimiser.
"""

from collections.abc import Callable

import numpy as np

NUDGE = 3e-4  # parameters are logs: an error of the slope of NUDGE^2, far below what the data can tell
CLOSE = 1e-7  # a step this small ends the climb: the slope by differences knows no more
LONGEST = 1.5
TOGETHER = 32  # rows up to which all points around are worked out in one call; beyond it they would leave the cache

Value = Callable[[np.ndarray, np.ndarray], np.ndarray]  # (parameters (N, P), rows (N,)) -> (N,)


def climb(value: Value, start: np.ndarray, low, high, steps: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Maximise `value` row by row from `start` (R, P) within the box `low` to `high` (P,): (R, P) and (R,).

    value(x, rows) gives the log-likelihood of the parameters x (N, P) for the rows with these numbers.
    """
    x = np.clip(start.astype(float), low, high)
    best, damping = value(x, np.arange(len(x))), np.full(len(x), 1e-3)
    moving = np.arange(len(x))
    for _ in range(steps):
        slope, curve = _shape(value, x[moving], moving, best[moving])
        step = np.clip(_step(slope, curve, damping[moving]), -LONGEST, LONGEST)
        trial = np.clip(x[moving] + step, low, high)
        found = value(trial, moving)
        better = found >= best[moving]
        moved = np.abs(trial - x[moving]).max(axis=1)
        x[moving[better]], best[moving[better]] = trial[better], found[better]
        damping[moving] = np.where(better, damping[moving] / 10, damping[moving] * 10)
        moving = moving[(moved > CLOSE) & (damping[moving] < 1e8)]
        if not len(moving):
            break
    return x, best


def _shape(value: Value, x: np.ndarray, rows: np.ndarray, here: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope (N, P) and curvature (N, P, P) by central differences."""
    n, p = x.shape
    nudges = NUDGE * np.eye(p)
    pairs = [(i, j) for i in range(p) for j in range(i)]
    moves = np.concatenate([nudges, *([nudges[i] + nudges[j]] for i, j in pairs)])
    found = _around(value, x, rows, np.concatenate([moves, -moves]))
    (up, cross_up), (down, cross_down) = ((half[:p], half[p:]) for half in (found[: len(moves)], found[len(moves) :]))
    curve = np.empty((n, p, p))
    for i in range(p):
        curve[:, i, i] = (up[i] - 2 * here + down[i]) / NUDGE**2
    for (i, j), both in zip(pairs, cross_up + cross_down):
        curve[:, i, j] = curve[:, j, i] = (both - up[i] - down[i] - up[j] - down[j] + 2 * here) / (2 * NUDGE**2)
    return ((up - down) / (2 * NUDGE)).T, curve


def _around(value: Value, x: np.ndarray, rows: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """The values at every point moved by each of the moves, (moves, N)."""
    if len(x) > TOGETHER:
        return np.array([value(x + move, rows) for move in moves])
    points = (x + moves[:, None]).reshape(-1, x.shape[1])
    return value(points, np.tile(rows, len(moves))).reshape(len(moves), len(x))


def _step(slope: np.ndarray, curve: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Uphill even where the surface is not a dome: eigenvalues count by their size, and damping shortens."""
    curve = np.where(np.isfinite(curve), curve, 0.0)
    size, axes = np.linalg.eigh(-curve)
    scale = np.abs(size).max(axis=1, keepdims=True)
    size = np.abs(size) + (damping[:, None] + 1e-10) * scale + 1e-12
    along = np.einsum("npk,np->nk", axes, np.where(np.isfinite(slope), slope, 0.0)) / size
    return np.einsum("npk,nk->np", axes, along)
