"""Which lever brought what: alone, added last, and on average over every order of switching them on (Shapley)."""

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from cs_models.levers import ALL

MOST_EXACT = 6  # levers for which every combination is run, 2^n of them
ORDERS = 24  # orders tried for more levers: each, and the same backwards


def names(levers) -> list[str]:
    """Class names, numbered where a lever stands twice."""
    found, seen = [], {}
    for lever in levers:
        name = type(lever).__name__
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return found


def lever_title(name: str) -> str:
    """What a lever of this class name is called on the page; the second of a kind keeps its number.

    >>> lever_title("PriceIncrease 2")
    'Price increase 2'
    """
    kind, _, number = name.partition(" ")
    return f"{ALL[kind].title} {number}".strip() if kind in ALL else name


def shapley(levers: tuple, worth, seed: int = 0) -> list[np.ndarray]:
    """One amount per lever, summing exactly to worth(all) - worth(none).

    worth: function of a tuple of levers -> amount or array. 2^n evaluations for n levers up to six; for more, the mean
    over 24 orders drawn with `seed`, each also walked backwards: every order sums exactly, so their mean does.
    For a CFO: levers overlap (less churn makes a discount dearer), so any one order of the steps would be unfair.
    >>> shapley(("a", "b"), lambda levers: 10.0 * len(levers))
    [10.0, 10.0]
    """
    n, known = len(levers), {}

    def at(chosen: tuple[int, ...]):
        if chosen not in known:
            known[chosen] = worth(tuple(levers[i] for i in chosen))
        return known[chosen]

    return _every_order(n, at) if n <= MOST_EXACT else _some_orders(n, at, seed)


def _every_order(n: int, at) -> list[np.ndarray]:
    found = {chosen: at(chosen) for size in range(n + 1) for chosen in combinations(range(n), size)}
    steps = []
    for i in range(n):
        total = 0.0
        for chosen, amount in found.items():
            if i not in chosen:
                weight = factorial(len(chosen)) * factorial(n - len(chosen) - 1) / factorial(n)
                total = total + weight * (found[tuple(sorted((*chosen, i)))] - amount)
        steps.append(total)
    return steps


def _some_orders(n: int, at, seed: int) -> list[np.ndarray]:
    chance, steps = np.random.default_rng(seed), [0.0] * n
    half = [chance.permutation(n).tolist() for _ in range(ORDERS // 2)]
    for order in [*half, *(one[::-1] for one in half)]:
        chosen, before = (), at(())
        for i in order:
            chosen = tuple(sorted((*chosen, i)))
            steps[i] = steps[i] + (at(chosen) - before) / ORDERS
            before = at(chosen)
    return steps


@dataclass(frozen=True)
class Step:
    """One lever's part, money: alone (nothing else is done), last (everything else is done), shapley (the fair share)."""

    name: str
    alone: float
    last: float
    shapley: float

    @property
    def flips(self) -> bool:
        """Whether it pays alone and costs beside the others, or the other way round."""
        return self.alone * self.last < 0


@dataclass(frozen=True)
class Attribution:
    """Three answers to "which decision brought what", per book; the Shapley shares sum exactly to `combined`.

    overlap: what the decisions bring each alone, less what they bring together: positive where they fish in one pond
    exact: whether every order was tried; else 24 orders with a seed
    """

    book: str
    steps: tuple[Step, ...]
    combined: float
    exact: bool

    @property
    def sum_alone(self) -> float:
        return sum(step.alone for step in self.steps)

    @property
    def overlap(self) -> float:
        return self.sum_alone - self.combined

    @property
    def sentence(self) -> str:
        """How the shares were worked out, for the line under a bridge."""
        how = ("averaged over every order in which they could be taken" if self.exact else
               f"averaged over {ORDERS} of the orders in which they could be taken, drawn by chance with a fixed seed")
        flips = [step.name for step in self.steps if step.flips]
        turned = f" {', '.join(flips)} changes sign beside the others." if flips else ""
        return f"Each decision's share is what it adds when it is taken, {how}; the shares sum exactly.{turned}"


def attribute(levers: tuple, worth, book: str, seed: int = 0) -> Attribution:
    """The three attributions of one book from the same runs.

    worth: function of a tuple of levers -> amount. A lever's class name is its name, numbered where it stands twice;
    levers come out in the order of the business story.
    >>> attribute((), lambda levers: 0.0, "new").overlap
    0.0
    """
    known: dict = {}

    def at(chosen: tuple):
        key = tuple(map(id, chosen))
        if key not in known:
            known[key] = worth(chosen)
        return known[key]

    nothing, everything = at(()), at(levers)
    parts = [at((lever,)) - nothing for lever in levers]
    last = [everything - at(levers[:i] + levers[i + 1:]) for i in range(len(levers))]
    rows = list(zip(levers, names(levers), parts, last, shapley(levers, at, seed)))
    rows.sort(key=lambda row: (row[0].order, row[1]))
    steps = tuple(Step(name, *map(float, found)) for _, name, *found in rows)
    return Attribution(book, steps, float(everything - nothing), len(levers) <= MOST_EXACT)
