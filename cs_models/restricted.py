"""Payments within the months that were observed, from the counts alone: no model, no month beyond the data.
"""

from dataclasses import dataclass

import numpy as np

from cs_models.life_table import LifeTable
from cs_models.observed import kaplan_meier
from cs_models.problems import Problem

NORMAL = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True)
class Restricted:
    """A sum over the first `months` months, its standard error and its 95 % range."""

    value: float
    error: float
    low: float
    high: float
    months: int


def restricted_value(table: LifeTable, months: int, weights=None) -> Restricted:
    """sum over t = 0 .. months - 1 of w_t S(t), S by Kaplan-Meier: expected payments, or value with w_t =
    margin v^t.

    Var = sum over periods j of [sum over t >= j of w_t S(t) / (1 - h_j)]^2 h_j (1 - h_j) / n_j. With weights
    of 1 it is the restricted mean: the months a customer stays, counted to `months` at most. For a CFO: what
    the first two years bring, with nothing assumed about the third.

    weights (months,): 1 where not given. Billing intervals are pooled, as in `kaplan_meier`. Raises Problem
    when nobody was watched for `months` - 1 months. Source: delta method on Greenwood's variance. Example:
    sBG(.8, 8), 24 months: 13.1 months.
    """
    seen = kaplan_meier(table)
    if not 1 <= months <= len(seen.survival):
        last = len(seen.survival) - 1
        raise Problem(f"These data reach to month {last}; nothing observed fills {months} months.")
    weight = np.ones(months) if weights is None else np.asarray(weights, float)
    if weight.shape != (months,):
        raise Problem("Weights must be one number for each month.")
    stays = seen.survival[:months]
    value = float(stays @ weight)
    fall = 1 - np.divide(stays[1:], stays[:-1], out=np.ones(months - 1), where=stays[:-1] > 0)
    to_come = np.cumsum((stays * weight)[::-1])[::-1][1:]  # from payment j on
    n = np.asarray(seen.at_risk, float)[1:months]
    slope = np.divide(to_come, 1 - fall, out=np.zeros(months - 1), where=fall < 1)
    variance = np.divide(slope**2 * fall * (1 - fall), n, out=np.zeros(months - 1), where=n > 0).sum()
    error = float(np.sqrt(variance))
    return Restricted(value, error, value - NORMAL * error, value + NORMAL * error, months)
