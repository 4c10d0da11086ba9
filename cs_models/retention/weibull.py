"""The discrete Weibull: everybody alike, churn falls or rises with age, S(t) = (1 - theta)^(t^c).

The whole-month form of the Weibull distribution: S(t) = exp(-(t / lambda)^rho) with rho = c and
lambda = (-log(1 - theta))^(-1 / c). It holds too little of a loyal tail when customers differ.
"""

from functools import partial

import numpy as np

from cs_models.retention.parametric import Family, fit_family, one_type, refit_family
from cs_models.retention.registry import Model


def _cumulative(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    return np.exp(x[:, :1]) * t[None, :] ** np.exp(x[:, 1:])


def _named(x: np.ndarray) -> np.ndarray:
    return np.stack([-np.expm1(-np.exp(x[:, 0])), np.exp(x[:, 1])], axis=1)


def _starts(churn: np.ndarray) -> np.ndarray:
    rate = -np.log1p(-churn)
    return np.array([np.stack([np.log(rate * 4 ** (1 - c)), np.full_like(rate, np.log(c))], axis=1) for c in (0.5, 0.8, 1.2)])


FAMILY = Family(("theta", "c"), _cumulative, _named, _starts, (-16.0, np.log(0.1)), (3.5, np.log(6.0)), one_type, _cumulative)
MODEL = Model("weibull", "Churn changes with age alone (Weibull)", partial(fit_family, FAMILY),
              partial(refit_family, FAMILY), 2, ranged=True)  # fmt: skip
