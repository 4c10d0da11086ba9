"""Which lever brought what: the Shapley value, a lever's average step over every order of switching them on."""

from itertools import combinations
from math import factorial

import numpy as np


def shapley(levers: tuple, worth) -> list[np.ndarray]:
    """One amount per lever, summing exactly to worth(all) - worth(none).

    worth: function of a tuple of levers -> amount or array. 2^n evaluations for n levers.
    For a CFO: levers overlap (less churn makes a discount dearer), so any one order of the steps would be unfair.
    >>> shapley(("a", "b"), lambda levers: 10.0 * len(levers))
    [10.0, 10.0]
    """
    n = len(levers)
    found = {chosen: worth(tuple(levers[i] for i in chosen)) for size in range(n + 1) for chosen in combinations(range(n), size)}
    steps = []
    for i in range(n):
        total = 0.0
        for chosen, amount in found.items():
            if i not in chosen:
                weight = factorial(len(chosen)) * factorial(n - len(chosen) - 1) / factorial(n)
                total = total + weight * (found[tuple(sorted((*chosen, i)))] - amount)
        steps.append(total)
    return steps
