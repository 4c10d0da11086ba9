"""The retention models there are: every module of this package that declares a ``MODEL``.

A new model is one new file. It appears in `models()`, in ``cs.fit(table, model=...)`` and in the contract
test.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from cs_models.problems import Problem
from cs_models.retention.aging import FewClocks
from cs_models.retention.likelihood import Counts


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fitted model on its own clock: S(0..P) in closed form and the customer types that reproduce it.

    ``aging`` (P + 1,): operational time, S(t) = sum of weights x (1 - theta)^aging(t); None for aging(t) = t.
    """

    parameters: dict[str, float]
    survival: np.ndarray
    theta: np.ndarray
    weights: np.ndarray
    log_likelihood: float
    note: str = ""
    aging: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Types:
    """Refits on resampled counts: ``weights`` (draws, types), ``theta`` the same or (types,) for all draws, ``aging``
    (draws, P + 1) or None, `few` the same clocks by way of a few.
    """

    theta: np.ndarray
    weights: np.ndarray
    aging: np.ndarray | None = None
    few: FewClocks | None = None


@dataclass(frozen=True)
class Model:
    """A retention model: `name` for code, `title` for people, ``fit(counts, periods)`` -> `Fitted` with
    S(0..periods), ``refit(counts, draws, seed, periods, sample)`` -> `Types`, the number of `parameters`; `ranged`: whether it
    belongs to the range of models shown beside the chosen one.
    """

    name: str
    title: str
    fit: Callable[[Counts, int], Fitted]
    refit: Callable[..., Types]
    parameters: int
    ranged: bool = False


@cache
def models() -> dict[str, Model]:
    """All models by name."""
    package = importlib.import_module("cs_models.retention")
    found = [
        importlib.import_module(f"{package.__name__}.{m.name}")
        for m in pkgutil.iter_modules(package.__path__)
    ]
    return {m.MODEL.name: m.MODEL for m in found if hasattr(m, "MODEL")}


def model_named(name: str) -> Model:
    """The model of this name, or a `Problem` that lists the names there are."""
    if name not in models():
        raise Problem(
            f"There is no retention model {name!r}. Choose one of: auto, {', '.join(sorted(models()))}."
        )
    return models()[name]
