"""What we expect of customers: a retention curve and the types behind it. Every model returns one."""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.life_table import LifeTable
from cs_models.retention.aging import elapsed
from cs_models.retention.quadrature import LARGEST, beta_types
from cs_models.retention.sbg import sbg_survival

MONTHS = 1200  # a hundred years, as far as a lifetime value is summed
SHORTEST = 120  # months of survival every curve promises


@dataclass(frozen=True, eq=False)
class RetentionCurve:
    """The share still subscribed after t months, S(0) = 1, and the types of customers that make it up.

    * ``theta`` (T,): chance of leaving per period of each type; ``weights`` (T,): shares of the types, sum 1.
    * ``clock``: months per period (1 billed monthly, 12 at the yearly renewal). S falls only at whole
      periods.
    * ``survival`` (at least 121,): S by month in closed form; the types give the same to 1e-9 up to month
      120.
    * ``observed_to``: the last month anybody was under observation; beyond it the curve is a forecast.
    * ``why``: a sentence on the choice of model; ``notes``: what a reader should know.
    * ``aging``: operational time per period, S = sum of weights x (1 - theta)^aging; None: the periods themselves.
    * ``phase``: months already behind in the present period, for a customer met in the middle of a paid year.
    * ``parts``: pairs of (share of customers, curve), one per billing interval; a plain curve is its own only
      part. For a mixture theta is per month, smoothed over the year: levers should act on the parts.

    ``RetentionCurve.sbg(.8, 8).survival[12]`` is .4777; a customer of 12 months:
    ``.from_tenure(12).survival[12]``, .686.
    """

    model: str
    parameters: dict
    theta: np.ndarray
    weights: np.ndarray
    survival: np.ndarray
    clock: int = 1
    observed_to: int = 0
    table: LifeTable | None = None
    why: str = ""
    notes: tuple[str, ...] = ()
    phase: int = 0
    aging: np.ndarray | None = None
    mixture: tuple[tuple[float, "RetentionCurve"], ...] = ()

    def __post_init__(self):
        for name in ("theta", "weights", "survival"):
            fixed = np.array(getattr(self, name), dtype=float)
            fixed.setflags(write=False)
            object.__setattr__(self, name, fixed)
        if self.aging is not None:
            self.aging.setflags(write=False)

    @classmethod
    def sbg(cls, alpha: float, beta: float, clock: int = 1, nodes: int = 64) -> "RetentionCurve":
        """The sBG curve with known parameters, per period of the clock."""
        theta, weights = beta_types(alpha, beta, nodes)
        survival = by_month(sbg_survival(alpha, beta, MONTHS // clock + 1), clock)
        return cls("sbg", {"alpha": float(alpha), "beta": float(beta)}, theta, weights, survival, clock)

    @classmethod
    def constant(cls, churn: float, clock: int = 1) -> "RetentionCurve":
        """One type of customer who leaves with the same chance every period."""
        theta = np.array([min(max(float(churn), 0.0), LARGEST)])
        survival = by_month((1 - theta[0]) ** np.arange(MONTHS // clock + 2), clock)
        return cls("constant", {"churn": float(churn)}, theta, np.ones(1), survival, clock)

    @classmethod
    def mix(cls, parts, parameters: dict | None = None, **facts) -> "RetentionCurve":
        """Several curves side by side, each with its number of customers: monthly and annual payers."""
        total = sum(share for share, _ in parts)
        parts = tuple((share / total, curve) for share, curve in parts)
        length = min(len(curve.survival) for _, curve in parts)
        survival = sum(share * curve.survival[:length] for share, curve in parts)
        theta = np.concatenate([-np.expm1(np.log1p(-curve.theta) / curve.clock) for _, curve in parts])
        weights = np.concatenate([share * curve.weights for share, curve in parts])
        names = {curve.model for _, curve in parts}
        model = names.pop() if len(names) == 1 else "mixture"
        return cls(model, parameters or {}, theta, weights, survival, mixture=parts, **facts)

    @property
    def parts(self) -> tuple[tuple[float, "RetentionCurve"], ...]:
        """(share, curve) per billing interval."""
        return self.mixture or ((1.0, self),)

    @property
    def rate(self) -> np.ndarray:
        """Cumulative hazard per period of each type, -log(1 - theta): what a hazard lever multiplies."""
        return -np.log1p(-np.minimum(self.theta, LARGEST))

    @property
    def mean_churn(self) -> float:
        """Churn in the first period, the mean over types. sBG(.8, 8): .0909."""
        return float(self.weights @ self.theta)

    def from_tenure(self, months: int) -> "RetentionCurve":
        """The curve of a customer who has completed `months` and is still here: S(k + t) / S(k).

        The types are the same, their shares are not: the disloyal have left, w (1 - theta)^periods.
        """
        if months <= 0:
            return self
        reached = self.survival_to(months + SHORTEST)
        if self.mixture:
            return self._mixture_from(months, reached)
        periods, phase = divmod(self.phase + months, self.clock)
        shares = np.log(np.maximum(self.weights, 1e-300)) - self.rate * elapsed(self.aging, periods)
        shares = np.exp(shares - shares.max())
        tail = reached[months:]
        tail = tail / tail[0] if tail[0] > 0 else np.ones_like(tail)
        left = max(self.observed_to - months, 0)
        aging = None if self.aging is None else _from_period(self.aging, periods)
        return replace(
            self, weights=shares / shares.sum(), survival=tail, phase=phase, observed_to=left, aging=aging
        )

    def _mixture_from(self, months: int, reached: np.ndarray) -> "RetentionCurve":
        parts = [
            (share * curve.survival_to(months)[months], curve.from_tenure(months))
            for share, curve in self.mixture
        ]
        later = RetentionCurve.mix(parts, parameters=self.parameters)
        return replace(
            later,
            observed_to=max(self.observed_to - months, 0),
            table=self.table,
            why=self.why,
            notes=self.notes,
        )

    def survival_to(self, months: int) -> np.ndarray:
        """S(0..months) or longer: the closed form as far as it is stored, then the types."""
        stored = self.survival
        if months < len(stored):
            return stored
        more = np.arange(len(stored), months + 1)
        if self.mixture:
            tail = sum(share * curve.survival_to(months)[more] for share, curve in self.mixture)
        else:
            age = elapsed(self.aging, (self.phase + more) // self.clock)
            tail = np.exp(-np.outer(age, self.rate)) @ self.weights
        return np.concatenate([stored, np.minimum(tail, stored[-1])])

    def derl(self, discount_rate: float, renewal: int) -> float:
        """Discounted expected residual lifetime: payments still to come just before the n-th renewal falls
        due.

        sum over t >= n of S(t) / S(n - 1) / (1 + discount_rate)^(t - n), in periods of the clock, and the
        rate is per period too. High End cohort at 10 %: 7.5296 before the 8th renewal (Fader and Hardie
        2010). Raises ValueError when the rate is not above 0 (the sum has no limit) or the renewal is below
        1.
        """
        if not discount_rate > 0 or renewal < 1:
            raise ValueError("DERL needs a discount rate above 0 and a renewal number from 1.")
        if self.aging is not None:
            return self._summed_derl(discount_rate, renewal)
        stay = 1 - self.theta
        # In logs, and against the most loyal type: chances to the 60th power would all be 0 otherwise.
        with np.errstate(divide="ignore"):
            log = np.log(self.weights) - self.rate * (renewal - 1)
        here = np.exp(log - log.max())
        return float((here * stay / (1 - stay / (1 + discount_rate))).sum() / here.sum())

    def _summed_derl(self, discount_rate: float, renewal: int) -> float:
        """The sum itself, for curves whose types age: until a payment is worth less than 1e-9 today."""
        last = renewal + min(int(21 / np.log1p(discount_rate)), len(self.aging))
        periods = np.arange(renewal - 1, last + 1)
        log = np.log(np.maximum(self.weights, 1e-300)) - np.outer(elapsed(self.aging, periods), self.rate)
        alive = np.exp(log - log[0].max()).sum(axis=1)
        return float((alive[1:] / alive[0] / (1 + discount_rate) ** np.arange(len(alive) - 1)).sum())


def _from_period(aging: np.ndarray, periods: int) -> np.ndarray:
    """The clock of somebody who has reached this period, from nought again."""
    later = elapsed(aging, np.arange(periods, max(periods + 2, len(aging))))
    return later - later[0]


def by_month(per_period: np.ndarray, clock: int) -> np.ndarray:
    """S by month from S by period: it falls only when a period ends."""
    return per_period[np.arange(MONTHS + 1) // clock]
