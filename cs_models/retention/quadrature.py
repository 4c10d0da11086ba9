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
