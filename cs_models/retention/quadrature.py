"""Customer types: a Beta distribution of leaving chances as a few types with weights, without loss.

The sBG model says each customer has a chance theta of leaving per period, spread over customers as
Beta(alpha, beta). Its survival S(t) = E[(1 - theta)^t] is the mean of a polynomial of degree t, and a
Gauss-Jacobi rule with n nodes integrates every polynomial up to degree 2n - 1 exactly. So 64 types carry the
curve exactly to period 127, and a lever can act on each type before they are mixed again.
"""

import numpy as np

LARGEST = 1 - 1e-12  # keeps -log(1 - theta) finite for a type that leaves at once


def beta_types(alpha: float, beta: float, nodes: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Types of Beta(alpha, beta): ``theta`` (nodes,), the chance of leaving per period, and ``weights``
    (nodes,), sum 1.

    sum(weights x (1 - theta)^t) equals B(alpha, beta + t) / B(alpha, beta) for t <= 2 nodes - 1.
    """
    theta, weights = beta_types_batch(np.array([alpha]), np.array([beta]), nodes)
    return theta[0], weights[0]


def beta_types_batch(alpha: np.ndarray, beta: np.ndarray, nodes: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """The same for R pairs at once: ``theta`` and ``weights`` of shape (R, nodes), theta increasing.

    Golub and Welsch (1969): the nodes are the eigenvalues of the tridiagonal matrix of the recurrence of the
    Jacobi polynomials, the weights the squares of the first components of its eigenvectors. One batched
    `eigh` does all pairs.
    """
    alpha, beta = np.asarray(alpha, dtype=float), np.asarray(beta, dtype=float)
    diagonal, off = _recurrence(alpha, beta, nodes)
    matrix = np.zeros((len(alpha), nodes, nodes))
    at = np.arange(nodes)
    matrix[:, at, at] = diagonal
    matrix[:, at[1:], at[:-1]] = off  # eigh reads the lower triangle only
    position, vectors = np.linalg.eigh(matrix)
    theta = np.clip((1 + position) / 2, 0.0, LARGEST)
    weights = vectors[:, 0, :] ** 2
    return theta, weights / weights.sum(axis=1, keepdims=True)


def _recurrence(alpha: np.ndarray, beta: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Diagonal (R, nodes) and off-diagonal (R, nodes - 1) for theta = (1 + x) / 2 with the weight of
    Beta(alpha, beta).
    """
    a, b = (beta - 1)[:, None], (alpha - 1)[:, None]  # (1 - x)^a (1 + x)^b
    n = np.arange(1, nodes)[None, :]
    double = 2 * n + a + b
    diagonal = np.concatenate([(b - a) / (a + b + 2), (b - a) * (b + a) / (double * (double + 2))], axis=1)
    # The factor (n + a + b) / (2n + a + b - 1) is 1 at n = 1; written out it would be 0 / 0 when alpha + beta
    # = 1.
    ratio = np.ones_like(double)
    ratio[:, 1:] = (n[:, 1:] + a + b) / (double[:, 1:] - 1)
    square = 4 * n * (n + a) * (n + b) * ratio / (double**2 * (double + 1))
    return diagonal, np.sqrt(square)


FINEST = 64  # most types that draws share
FINE = 0.75  # step between types over the spread of the narrowest distribution
TAIL, FEW = 1e-8, 1e-4  # mass left out beyond the largest chance of leaving; mass too small to place


def beta_types_shared(
    alpha: np.ndarray, beta: np.ndarray, widest: float = 0.5, fine: float = FINE, most: int = FINEST, loyal: float | None = None
) -> tuple[np.ndarray, np.ndarray] | None:
    """R Beta distributions on one set of types: ``theta`` (K,) for all of them and ``weights`` (R, K), sum 1.

    With x the log-odds of theta the density is theta^alpha (1 - theta)^beta / B(alpha, beta), smooth and
    vanishing at both ends, where the rule of equal steps converges faster than any power of the step
    (Trefethen and Weideman 2014). Steps of at most `widest`, `fine` of the spread where a distribution is narrow. The
    most loyal type is that of the 64 of `beta_types`, so that estimate and draws see the same spread of loyalty; what
    lies below the first step keeps its share and its mean chance. `loyal`: a chance below which lies next to nobody, to
    begin there. What acts on a type is so worked out once for all draws. None where a distribution is too narrow for as
    few as `most` types: each needs its own.
    """
    from scipy.special import betainccinv, betaln, polygamma

    a, b = (np.asarray(one, dtype=float)[:, None] for one in (alpha, beta))
    spread = float(np.sqrt(polygamma(1, a) + polygamma(1, b)).min())
    top = float(betainccinv(a, b, TAIL).max())
    if top > 1 - 1e-6:
        return None
    middle = float(np.exp(np.log(a).mean()))
    lowest = loyal or max(float(beta_types(middle, float(np.exp(np.log(b).mean())))[0][0]), 1e-9)
    left = np.log(lowest if loyal else lowest * (1 + 1 / middle))  # below it lies mass of this mean
    right, step = max(np.log(top / (1 - top)), left + 1), min(widest, fine * spread)
    if (right - left) / step > most - 3:
        return None
    x = np.arange(left, right + step, step)
    theta = 1 / (1 + np.exp(-x))
    weights = step * np.exp(-a * np.log1p(np.exp(-x)) - b * np.log1p(np.exp(x)) - betaln(a, b))
    if loyal:
        return theta, weights / weights.sum(axis=1, keepdims=True)
    return _with_the_loyal(theta, weights, a / (a + b), lowest)


def _with_the_loyal(theta, weights, mean, loyal: float) -> tuple[np.ndarray, np.ndarray]:
    """The mass below the first type goes to `loyal` and to the type above it or one below, so that its mean is kept."""
    rest = np.maximum(1 - weights.sum(axis=1, keepdims=True), 0.0)
    missing = np.maximum(mean - (weights @ theta)[:, None], 0.0)
    theirs = (missing / np.maximum(rest, 1e-300))[rest > FEW]  # their mean chance of leaving, draw by draw
    lowest = max(min(theirs.min(initial=loyal), loyal / 2), 1e-10)
    above = np.clip((missing - loyal * rest) / (theta[0] - loyal), 0.0, rest)
    below = np.clip((loyal * rest - missing) / (loyal - lowest), 0.0, rest)
    parts = below, rest - above - below, weights[:, :1] + above, weights[:, 1:]
    found = np.concatenate(parts, axis=1)
    return np.concatenate([[lowest, loyal], theta]), found / found.sum(axis=1, keepdims=True)
