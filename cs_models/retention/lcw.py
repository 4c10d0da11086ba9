"""Two classes of customers, each a discrete Weibull: S(t) = w (1 - theta1)^(t^c1) + (1 - w) (1 - theta2)^(t^c2).

Five parameters need a dozen observed renewals; on four they are not identified. A second opinion, not a forecast to
rely on.
"""

from functools import partial

import numpy as np

from cs_models.retention.parametric import Family, fit_family, one_type, refit_family
from cs_models.retention.registry import Model


def _cumulative(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    w = 1 / (1 + np.exp(-x[:, :1]))
    first, second = (np.exp(x[:, i : i + 1]) * t[None, :] ** np.exp(x[:, i + 1 : i + 2]) for i in (1, 3))
    mixed = np.logaddexp(np.log(w) - first, np.log1p(-w) - second)
    return np.where(t[None, :] > 0, -mixed, 0.0)


def _named(x: np.ndarray) -> np.ndarray:
    w, theta = 1 / (1 + np.exp(-x[:, 0])), -np.expm1(-np.exp(x[:, [1, 3]]))
    return np.stack([w, theta[:, 0], np.exp(x[:, 2]), theta[:, 1], np.exp(x[:, 4])], axis=1)


def _starts(churn: np.ndarray) -> np.ndarray:
    rate = np.log(-np.log1p(-churn))
    guess = [(share, low, 1.0, high, c) for share in (0.5, 0.75) for low, high in ((0.3, 2.0), (0.5, 4.0)) for c in (1.0, 1.4)]
    return np.array([np.stack([np.full_like(rate, np.log(s / (1 - s))), rate + np.log(low), np.full_like(rate, np.log(c1)),
                               rate + np.log(high), np.full_like(rate, np.log(c2))], axis=1)
                     for s, low, c1, high, c2 in guess])


FAMILY = Family(("share", "theta1", "c1", "theta2", "c2"), _cumulative, _named, _starts,
                (-6.0, -12.0, np.log(0.2), -12.0, np.log(0.2)), (6.0, 2.5, np.log(5.0), 2.5, np.log(5.0)),
                one_type, _cumulative)  # fmt: skip
MODEL = Model("lcw", "Two kinds of customers (two Weibulls)", partial(fit_family, FAMILY), partial(refit_family, FAMILY), 5)
