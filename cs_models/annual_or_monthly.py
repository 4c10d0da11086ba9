"""Do those who pay by the year stay longer? The comparison over 12-month windows, and why it proves nothing.

Customers chose how to pay. The loyal prefer the discount of a paid year, so annual payers stay longer even
where paying by the year changes nobody. Weights on what the file knows of a customer take away what those
columns explain; the E-value says how strong something unseen would have to be to explain the rest.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.gates import FEWEST_EVENTS
from cs_models.problems import Problem

WINDOW = 12  # months: before that an annual customer cannot leave
FEWEST_PER_ARM = 50
MOST_GROUPS = 200  # combinations of levels; beyond it most would hold payers of one kind only
TRIM = (0.01, 0.99)  # of the customers, by their chance of choosing annual
DRAWS = 400
RIDGE = 1e-3  # keeps the chance of a group where all chose alike off 0 and 1

NO_EFFECT = (
    "If only the choice differed and paying by the year changed nobody, a comparison like this one would "
    "still show "
    "annual payers leaving 44 % less when the loyal lean towards annual, and 81 % less when all the loyal "
    "choose it."
)
SELECTION = (
    "Association, not cause: customers chose how to pay, and whoever means to stay takes the discount. "
    "Only an offer made to customers drawn by lot can tell."
)


@dataclass(frozen=True)
class Comparison:
    """Still here after 12 months, annual against monthly payers; shares 0..1, each (estimate, low, high) at
    95 %.

    ``annual``, ``monthly``: as observed. ``annual_alike``, ``monthly_alike``: with weights that give both
    the same mix of ``columns``. ``cut``: by how much less annual payers leave, 1 - (1 - annual) / (1 -
    monthly), weighted. ``plain_cut``: the same without weights. ``e_value``: for the estimate and for the
    end of its interval that is nearest to no effect (VanderWeele and Ding 2017). ``effective``: how many
    customers the weighted comparison is worth, annual and monthly.
    """

    annual: tuple[float, float, float]
    monthly: tuple[float, float, float]
    annual_alike: tuple[float, float, float]
    monthly_alike: tuple[float, float, float]
    plain_cut: tuple[float, float, float]
    cut: tuple[float, float, float]
    e_value: tuple[float, float]
    customers: tuple[int, int]
    effective: tuple[float, float]
    columns: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """The four shares as rows: payers, compared, share, low, high."""
        rows = [
            ("Annual", "as observed", *self.annual),
            ("Monthly", "as observed", *self.monthly),
            ("Annual", "alike in the columns", *self.annual_alike),
            ("Monthly", "alike in the columns", *self.monthly_alike),
        ]
        return pd.DataFrame(
            rows if self.columns else rows[:2], columns=["payers", "compared", "share", "low", "high"]
        )


def annual_against_monthly(subs, by: tuple[str, ...] = (), draws: int = DRAWS, seed: int = 0) -> Comparison:
    """Compare annual and monthly payers of a data set by how they paid at the start; see `compare_choices`.

    ``by``: columns to hold alike. Columns are used in their order while there are at most 200 combinations
    of values; the others stand in ``left_out``. A customer who changes to the other way of paying counts
    until then.
    """
    from cs_models.engine.counts import exposure_counts

    subs.need_rows()
    known, used, groups = tuple(name for name in by if subs.resolve(name) != "term"), [], 1
    for name in known:
        size = max(len(subs.rows[subs.resolve(name)].unique()), 1)
        if groups * size <= MOST_GROUPS:
            used, groups = [*used, name], groups * size
    rows = exposure_counts(subs, tuple(used)).frame
    rows = rows[rows["anchor"].eq(0)].rename(columns={f"g{i}": name for i, name in enumerate(used)})
    left_out = tuple(name for name in known if name not in used)
    return compare_choices(rows, tuple(used), draws, seed, left_out)


def compare_choices(
    rows: pd.DataFrame, by: tuple[str, ...], draws: int = DRAWS, seed: int = 0, left_out: tuple[str, ...] = ()
) -> Comparison:
    """Survival-adjusted comparison of the two ways of paying, as observed and with the columns alike.

    Retention at 12 months is Kaplan-Meier per way of paying (customers not yet 12 months here count as far
    as they go). Weights: the chance of choosing annual is a logit on the columns (one level each); annual
    payers weigh share / chance, monthly (1 - share) / (1 - chance), the chance cut at its 1 and 99 %
    points. Intervals are the 95 % of a bootstrap of customers that repeats every step.

    ``rows``: one per kind of customer: the columns ``by``, term (1 or 12), entry, duration, churned (0 or
    1), customers. Raises `Problem` with fewer than 50 customers or 10 departures within a window in either
    way of paying.
    """
    rows = rows[rows["term"].isin((1, WINDOW)) & rows["entry"].lt(WINDOW)].reset_index(drop=True)
    _enough(rows)
    arms = _Arms(rows, by)
    point = arms.shares(rows["customers"].to_numpy(float))
    chance = np.random.default_rng(seed)
    counts = rows["customers"].to_numpy(np.int64)
    total, share = int(counts.sum()), counts / counts.sum()
    drawn = np.array([arms.shares(chance.multinomial(total, share).astype(float)) for _ in range(draws)])
    around = [_around(value, column) for value, column in zip(point, drawn.T, strict=True)]
    cut = _around(_cut(*point[2:]), _cut(drawn[:, 2], drawn[:, 3]))
    plain = _around(_cut(*point[:2]), _cut(drawn[:, 0], drawn[:, 1]))
    annual = rows["term"].eq(WINDOW).to_numpy()
    heads = int(counts[annual].sum()), int(counts[~annual].sum())
    return Comparison(
        *around, plain, cut, _e_values(cut), heads, arms.worth(counts.astype(float)), by, left_out
    )


def _enough(rows: pd.DataFrame) -> None:
    for term, name in ((WINDOW, "annual"), (1, "monthly")):
        arm = rows[rows["term"].eq(term)]
        heads = int(arm["customers"].sum())
        if not heads:
            raise Problem(
                f"Nobody in this file is billed {name.replace('annual', 'annually')}, so there is nothing "
                "to compare."
            )
        left = int(arm["customers"][arm["churned"].eq(1) & arm["duration"].le(WINDOW)].sum())
        if heads < FEWEST_PER_ARM or left < FEWEST_EVENTS:
            raise Problem(
                f"Too few {name} payers to compare: {heads} customers, {left} of whom left within {WINDOW} "
                "months; "
                f"{FEWEST_PER_ARM} and {FEWEST_EVENTS} are needed."
            )


class _Arms:
    """The rows in the form that one draw needs: everything but the number of customers in each stays."""

    def __init__(self, rows: pd.DataFrame, by: tuple[str, ...]):
        self.annual = rows["term"].eq(WINDOW).to_numpy()
        months = np.arange(1, WINDOW + 1)
        entry, duration = rows["entry"].to_numpy()[:, None], rows["duration"].to_numpy()[:, None]
        self.at_risk = ((entry < months) & (months <= duration)).astype(float)
        self.left = (months == duration) & rows["churned"].eq(1).to_numpy()[:, None] & (entry < duration)
        self.left = self.left.astype(float)
        # An annual customer decides at the end of the year and at no time before.
        self.at_risk[self.annual, :-1] = self.left[self.annual, :-1] = 0
        self.group = (
            rows.groupby(list(by), sort=True, dropna=False).ngroup().to_numpy()
            if by
            else np.zeros(len(rows), int)
        )
        first = pd.Series(self.group).drop_duplicates().sort_values().index
        levels = [
            pd.get_dummies(rows[name].astype(str), drop_first=True).to_numpy(float)[first] for name in by
        ]
        self.design = np.column_stack([np.ones(len(first)), *levels])

    def shares(self, customers: np.ndarray) -> tuple[float, float, float, float]:
        """Still here after 12 months: annual and monthly as observed, then weighted."""
        weighted = customers * self.weights(customers)
        return (
            self._kept(customers, self.annual), self._kept(customers, ~self.annual),
            self._kept(weighted, self.annual), self._kept(weighted, ~self.annual),
        )  # fmt: skip

    def worth(self, customers: np.ndarray) -> tuple[float, float]:
        """(sum of weights)^2 / sum of squared weights in each arm: the number of unweighted customers it is
        worth.
        """
        weight = self.weights(customers)
        sums = [
            (customers[arm] @ weight[arm]) ** 2 / (customers[arm] @ weight[arm] ** 2)
            for arm in (self.annual, ~self.annual)
        ]
        return float(sums[0]), float(sums[1])

    def weights(self, customers: np.ndarray) -> np.ndarray:
        """Stabilised inverse chances of the choice that was made."""
        size = self.design.shape[0]
        chose = np.bincount(self.group, customers * self.annual, size)
        all_of = np.bincount(self.group, customers, size)
        overall = chose.sum() / all_of.sum()
        chance = _logit(self.design, chose, all_of)
        chance = np.clip(chance, *_quantiles(chance, all_of))[self.group]
        return np.where(self.annual, overall / chance, (1 - overall) / (1 - chance))

    def _kept(self, weight: np.ndarray, arm: np.ndarray) -> float:
        at_risk, left = weight[arm] @ self.at_risk[arm], weight[arm] @ self.left[arm]
        hazard = np.divide(left, at_risk, out=np.zeros(WINDOW), where=at_risk > 0)
        return float(np.prod(1 - hazard))


def _logit(design: np.ndarray, chose: np.ndarray, all_of: np.ndarray) -> np.ndarray:
    """Chance of choosing annual per group: a logistic regression on counts, by Newton's method with a small
    ridge.
    """
    b = np.zeros(design.shape[1])
    ridge = RIDGE * np.eye(len(b))
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(design @ b, -20, 20)))
        slope = design.T @ (chose - all_of * p) - ridge @ b
        step = np.linalg.solve(design.T @ (design * (all_of * p * (1 - p))[:, None]) + ridge, slope)
        b = b + np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    return 1 / (1 + np.exp(-np.clip(design @ b, -20, 20)))


def _quantiles(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """The 1 and 99 % points of the customers, by their chance."""
    order = np.argsort(values)
    below = np.cumsum(weight[order]) / weight.sum()
    return tuple(float(values[order][min(np.searchsorted(below, q), len(values) - 1)]) for q in TRIM)


def _cut(annual, monthly):
    return 1 - (1 - annual) / np.maximum(1 - monthly, 1e-9)


def _around(value: float, drawn: np.ndarray) -> tuple[float, float, float]:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(value), float(low), float(high)


def e_value(ratio: float) -> float:
    """How strongly something unseen must go with both the choice and leaving to explain a risk ratio away.

    E = R + sqrt(R (R - 1)) with R = the ratio or its inverse, whichever is above 1 (VanderWeele and Ding
    2017). e_value(.5) = e_value(2) = 3.41: it would have to double or treble both, and more.
    """
    if not ratio > 0:
        return float("inf")
    above = max(ratio, 1 / ratio)
    return float(above + np.sqrt(above * (above - 1)))


def _e_values(cut: tuple[float, float, float]) -> tuple[float, float]:
    """For the estimate and for the end of the interval nearest to no effect; 1 when it holds no effect."""
    value, low, high = cut
    if low <= 0 <= high:
        return e_value(1 - value), 1.0
    return e_value(1 - value), e_value(1 - (low if low > 0 else high))
