"""The log-normal: the logarithm of the time to leave is normal, S(t) = 1 - Phi((log t - mu) / sigma).

Churn rises for a short while and then falls for good; close to the sBG in hold-outs, a little lower in the tail.
"""

from functools import partial

import numpy as np
from scipy.special import log_ndtr

from cs_models.retention.parametric import Family, fit_family, one_type, refit_family
from cs_models.retention.registry import Model


def _cumulative(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    later = t > 0
    z = (np.log(np.where(later, t, 1.0))[None, :] - x[:, :1]) / np.exp(x[:, 1:])
    return np.where(later[None, :], -log_ndtr(-z), 0.0)


def _named(x: np.ndarray) -> np.ndarray:
    return np.stack([x[:, 0], np.exp(x[:, 1])], axis=1)


def _starts(churn: np.ndarray) -> np.ndarray:
    middle = np.log(np.log(2) / -np.log1p(-churn))
    return np.array([np.stack([middle, np.full_like(middle, np.log(sigma))], axis=1) for sigma in (0.8, 1.5, 2.5)])


FAMILY = Family(("mu", "sigma"), _cumulative, _named, _starts, (-20.0, np.log(0.05)), (30.0, np.log(20.0)), one_type, _cumulative)
MODEL = Model("lognormal", "Time to leave is log-normal", partial(fit_family, FAMILY), partial(refit_family, FAMILY), 2,
              ranged=True)  # fmt: skip
