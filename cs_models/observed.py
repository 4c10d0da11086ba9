"""What was seen, without a model: the observed curve, the pace of leaving by tenure, and their bands."""

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri

from cs_models.life_table import LifeTable
from cs_models.problems import Problem


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """The observed share still subscribed after t months, t = 0..K, with its 95 % band and the number at
    risk.
    """

    tenure: np.ndarray
    survival: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    at_risk: np.ndarray


def kaplan_meier(table: LifeTable, confidence: float = 0.95) -> KaplanMeier:
    """The observed retention curve: S(t) = product over k <= t of (1 - churned(k) / in_force(k)).

    To a CFO: of 100 customers who start, so many are still paying after t months, using what is known of
    those who have not been here that long yet. All groups and billing intervals of the table are pooled.

    The band is the log(-log) interval with Greenwood's variance, the same as lifelines' to 1e-12. It is
    computed here as a direct product because the counts allow delayed entry, and because importing lifelines
    costs 1.5 seconds; lifelines is the oracle in the tests. Example: IBM Telco S(12) = .8432.
    """
    if table.frame.empty:
        raise Problem("There is no paying customer in these data, so there is no retention to show.")
    at = table.frame["tenure"].to_numpy()
    tenure = np.arange(at.max() + 1)
    at_risk, left = (_by_tenure(table.frame[name].to_numpy(), at) for name in ("in_force", "churned"))
    force, churned = at_risk.astype(float), left.astype(float)
    some = (force > 0) & (tenure > 0)
    hazard = np.divide(churned, force, out=np.zeros_like(force), where=some)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - hazard)
        spread = np.cumsum(
            np.divide(churned, force * (force - churned), out=np.zeros_like(force), where=some)
        )
        log_survival = np.log(survival)
        width = ndtri((1 + confidence) / 2) * np.sqrt(spread) / log_survival
        lower, upper = survival ** np.exp(-width), survival ** np.exp(width)
    nobody_left = survival >= 1
    lower, upper = np.where(nobody_left, 1.0, lower), np.where(nobody_left, 1.0, upper)
    gone = survival <= 0
    lower, upper = np.where(gone, 0.0, lower), np.where(gone, 0.0, upper)
    return KaplanMeier(tenure, survival, lower, upper, at_risk)


def _by_tenure(counts: np.ndarray, tenure: np.ndarray) -> np.ndarray:
    """Sums over the groups and billing intervals, for tenure 0..K."""
    sums = np.zeros(tenure.max() + 1, counts.dtype)
    np.add.at(sums, tenure, counts)
    return sums


@dataclass(frozen=True, eq=False)
class Hazard:
    """The share of those who could leave at tenure k who did, k = 1..K, with its band.

    ``value`` and the band are NaN where nobody could leave: an annual payer off the renewal.
    """

    tenure: np.ndarray
    at_risk: np.ndarray
    churned: np.ndarray
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def hazard_by_tenure(table: LifeTable, confidence: float = 0.95) -> Hazard:
    """The pace of leaving at each age: h(k) = churned(k) / at_risk(k), without smoothing.

    To a CFO: of the customers who reached month k and were free to leave, so many left then. A pace that
    falls with age says that the ones likely to leave leave first. Monthly payers can leave every month,
    annual payers at months 12, 24, ...: put the two in one table and month 12 mixes them, so ask for each
    billing interval apart (``table.select(interval=12)``).

    The band is Jeffreys': the middle 95 % of Beta(churned + 1/2, at_risk - churned + 1/2), which stays within
    0..1 and says something where nobody left; its ends are 0 and 1 where nobody and everybody left. Shares
    0..1. Source: Brown, Cai and DasGupta (2001), Statistical Science 16. Example: 2 of 50 leave:
    .04 (.008 to .122); 50 of 1,000: .05 (.038 to .065). Raises `Problem` for a table without customers.
    """
    if table.frame.empty:
        raise Problem("There is no paying customer in these data, so there is no pace of leaving to show.")
    totals = table.frame.groupby("tenure")[["at_risk", "churned"]].sum().sort_index()
    tenure = np.arange(1, int(totals.index.max()) + 1)
    totals = totals.reindex(tenure, fill_value=0)
    risk, churned = totals["at_risk"].to_numpy(float), totals["churned"].to_numpy(float)
    seen = risk > 0
    tail = (1 - confidence) / 2
    some, left = np.where(seen, risk, 1), np.where(seen, churned, 0)
    lower = np.where(left == 0, 0.0, betaincinv(left + 0.5, some - left + 0.5, tail))
    upper = np.where(left == some, 1.0, betaincinv(left + 0.5, some - left + 0.5, 1 - tail))
    value, lower, upper = (np.where(seen, v, np.nan) for v in (left / some, lower, upper))
    return Hazard(tenure, totals["at_risk"].to_numpy(), totals["churned"].to_numpy(), value, lower, upper)


def most_common_interval(table: LifeTable) -> int:
    """The billing interval, in months, under which most customer-months were lived; 1 for an empty table."""
    lived = table.frame.groupby("interval")["in_force"].sum()
    return int(lived.idxmax()) if len(lived) else 1
