"""What other retention models say of the same customers: the part of doubt that no number of customers removes.

Beyond the months that were seen, a value hangs on the shape of the curve, and several shapes fit the same months.
The range of {sBG, BdW, log-normal, log-logistic, Weibull} stands beside the sampling range; on 24 months of a mixed
population it is several times as wide.
"""

from dataclasses import dataclass

from cs_models.assumptions import Assumptions
from cs_models.uncertainty import BOOKS, amounts
from cs_models.valuation import evaluate, lifetime


@dataclass(frozen=True)
class ModelRange:
    """The least and the most any model says; `by_model`: name -> amount. Both ends contain the chosen model's figure."""

    low: float
    high: float
    by_model: dict[str, float]

    @classmethod
    def of(cls, chosen: float, by_model: dict[str, float]) -> "ModelRange":
        every = [chosen, *by_model.values()]
        return cls(min(every), max(every), by_model)


def model_range(base: Assumptions, horizon: int = 36) -> dict[str, ModelRange]:
    """Ranges of models for CLV per new customer, residual per existing customer, the portfolio, and the lifetime.

    Keys as in `cs.interval`, and "lifetime" (CLV per new customer for life). Where the counts are too few for several
    models, all ends equal the chosen figure. To a CFO: if the ends differ much, decide on a shorter horizon.
    """
    return _ranges(base, lambda one: {**_amounts(one, horizon), **_lifetime(one)})


def difference_range(base: Assumptions, plan, horizon: int, heterogeneity: str = "types") -> dict[str, ModelRange]:
    """The same for what a scenario changes: each model in baseline and scenario alike."""

    def delta(one: Assumptions) -> dict[str, float]:
        before = _amounts(one, horizon, (), heterogeneity, plan.detail)
        after = _amounts(one, horizon, plan.active, heterogeneity, plan.detail)
        return {book: after[book] - before[book] for book in before}

    return _ranges(base, delta)


def _ranges(base: Assumptions, figures) -> dict[str, ModelRange]:
    chosen = figures(base)
    others = {model: figures(base.believing(model)) for model in base.models}
    return {key: ModelRange.of(worth, {model: found[key] for model, found in others.items()})
            for key, worth in chosen.items()}


def _amounts(base: Assumptions, horizon: int, levers=(), heterogeneity: str = "types", detail=None) -> dict[str, float]:
    more = {} if detail is None else {"detail": detail}
    found = amounts(evaluate(base, levers, horizon, heterogeneity, **more))
    return {book: float(found[book]) for book in BOOKS if book in found}


def _lifetime(base: Assumptions) -> dict[str, float]:
    return {"lifetime": lifetime(base)[0]} if base.has_new else {}
