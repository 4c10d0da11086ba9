"""The log-logistic: S(t) = 1 / (1 + (t / alpha)^beta). The odds of having left grow as a power of time."""

from functools import partial

import numpy as np

from cs_models.retention.parametric import Family, fit_family, one_type, refit_family
from cs_models.retention.registry import Model


def _cumulative(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    later = t > 0
    odds = np.exp(x[:, 1:]) * (np.log(np.where(later, t, 1.0))[None, :] - x[:, :1])
    return np.where(later[None, :], np.logaddexp(0.0, odds), 0.0)


def _named(x: np.ndarray) -> np.ndarray:
    return np.exp(x)


def _starts(churn: np.ndarray) -> np.ndarray:
    middle = np.log(np.log(2) / -np.log1p(-churn))
    return np.array([np.stack([middle, np.full_like(middle, np.log(beta))], axis=1) for beta in (0.6, 1.0, 1.6)])


FAMILY = Family(("alpha", "beta"), _cumulative, _named, _starts, (-15.0, np.log(0.05)), (20.0, np.log(20.0)), one_type, _cumulative)
MODEL = Model("loglogistic", "Time to leave is log-logistic", partial(fit_family, FAMILY), partial(refit_family, FAMILY),
              2, ranged=True)  # fmt: skip
