"""A cell is one segment and billing interval: a fitted mix of types, what its customers pay, how many there are at each
tenure, and bootstrap draws of the same fit.
"""

from dataclasses import dataclass

import numpy as np

from cs_models.retention.aging import FewClocks, elapsed

THETA_MOST = 1 - 1e-12  # a type that leaves for certain still has a finite intensity
INVOLUNTARY = 0.25  # share of churn from failed payments where the data does not say (assumption)


@dataclass(frozen=True, eq=False)
class Mix:
    """Types and their weights: rate and weights (types,). For bootstrap draws the weights are (draws, types), the rates
    too unless all draws share one set of types. clock in months.

    aging: operational time per period, (..., P + 1), for types whose risk changes with age; None for all others.
    few: the same of all draws by way of a few clocks, where they share their types.
    """

    rate: np.ndarray
    weights: np.ndarray
    clock: int = 1
    aging: np.ndarray | None = None
    few: FewClocks | None = None

    @classmethod
    def of(cls, theta, weights, clock=1, aging=None, few=None) -> "Mix":
        """From chances of leaving per period: rate = -ln(1 - theta)."""
        theta = np.clip(np.asarray(theta, float), 0.0, THETA_MOST)
        return cls(-np.log1p(-theta), np.asarray(weights, float), clock, aging, few)

    @classmethod
    def of_curve(cls, curve) -> "Mix":
        """The types of a fitted curve of one billing interval."""
        return cls.of(curve.theta, curve.weights, curve.clock, curve.aging)

    def after(self, tenure: np.ndarray) -> np.ndarray:
        """Weights of those still here after `tenure` months, (..., tenures, types): w (1 - theta)^periods, to sum 1."""
        age = elapsed(self.aging, np.asarray(tenure) // self.clock)
        with np.errstate(divide="ignore"):
            log = np.log(self.weights)[..., None, :] - self.rate[..., None, :] * age[..., :, None]
        stay = np.exp(log - log.max(axis=-1, keepdims=True))  # the best type stays at 1, so nothing underflows to 0 / 0
        return stay / stay.sum(axis=-1, keepdims=True)

    def parted(self, tenure: np.ndarray, noticed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The weights of `after` in two parts, where `noticed` (of a period, by month) of those who will not renew have
        left already: who faces the next renewal like anybody, w (1 - F), and who is sure to pass it, w (1 - theta) F.

        Together they renew with p / (1 - (1 - p) F) (`notice.renewing`), type by type.
        """
        here, periods = self.after(tenure), np.asarray(tenure) // self.clock
        step = elapsed(self.aging, periods + 1) - elapsed(self.aging, periods)
        share = noticed[np.asarray(tenure) % len(noticed)][:, None]
        sure = here * np.exp(-self.rate[..., None, :] * step[..., :, None]) * share
        whole = 1 - share + sure.sum(axis=-1, keepdims=True)
        return here * (1 - share) / whole, sure / whole


@dataclass(frozen=True, eq=False)
class Cell:
    """One segment and billing interval.

    new_share: share of new customers who start here; new_price: list price per month for them
    heads, mrr: arrays by completed months of tenure, customers and their MRR today
    involuntary: share of churn that comes from failed payments; observed_to: last month anybody was at risk
    pooled: too few departures for a curve of its own, so it takes that of all payers of its billing interval
    noticed: of those who will not renew, the share gone by each month of the paid term, (interval,); None: nobody
    growth: growth of MRR of those who stay, per month of tenure from the first, (K,), and growth_draws (draws, K);
    None: a customer pays the same for ever
    others: other models fitted to the same counts, pairs (name, mix), for the range of models; model: the chosen one
    """

    segment: tuple
    interval: int
    fitted: Mix
    draws: Mix | None
    new_share: float
    new_price: float
    heads: np.ndarray
    mrr: np.ndarray
    involuntary: float = INVOLUNTARY
    observed_to: int = 0
    pooled: bool = False
    others: tuple[tuple[str, Mix], ...] = ()
    model: str = ""
    growth: np.ndarray | None = None
    growth_draws: np.ndarray | None = None
    noticed: np.ndarray | None = None

    def mix(self, drawn: bool) -> Mix:
        return self.draws if drawn and self.draws is not None else self.fitted

    def failing_at(self, tenure: int) -> float:
        """Share of failed payments among those who will leave at the next renewal and have not yet: nobody gives notice of
        one. inv / (1 - F), at most 1.
        """
        return min(self.involuntary / max(1 - self.noticed[tenure % self.interval], 1e-9), 1.0)

    def price_path(self, months: int, tenure: int, drawn: bool = False) -> np.ndarray:
        """Price level by month from now of a customer of this tenure, 1 today, flat beyond what was seen. (..., months)"""
        growth = self.growth_draws if drawn and self.growth_draws is not None else self.growth
        if growth is None:
            return np.ones(months)
        steps = growth[..., tenure: tenure + months - 1]
        steps = np.pad(steps, [(0, 0)] * (steps.ndim - 1) + [(1, months - 1 - steps.shape[-1])])
        return np.cumprod(1 + steps, axis=-1)
