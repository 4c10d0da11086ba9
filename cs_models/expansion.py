"""Expansion by tenure: how the price of a customer who stays moves, from the rows, shrunk to what they can
carry.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.engine.expansion import SUMS, expansion_counts
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits
from cs_models.words import FEW_CUSTOMERS

STARTS = (1, 4, 13, 25)  # first step of each band: onboarding, the first year, the second, later
FEWEST_CHANGES = 20  # changes of MRR on which a band's own spread can be judged
NORMAL = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True)
class Band:
    """The steps first..last of tenure; months of tenure counted from 1.

    customer_months and mrr (money) are at risk of a change, changed is how many changed; raw, rate, low and
    high are monthly shares of MRR: as counted, shrunk, and the 95 % range of the shrunk one.
    """

    first: int
    last: int
    customer_months: int
    mrr: float
    changed: int
    expansion: float
    contraction: float
    raw: float
    rate: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Expansion:
    """Growth of MRR of those who stay, per month of tenure.

    bands: in order, without gaps, up to `observed_to`; overall: the precision-weighted mean of their raw
    rates; between: standard deviation of the true rates between bands as estimated (0: the bands do not
    differ beyond chance, so all are given the mean); customers: who was observed for a month at least.
    """

    bands: tuple[Band, ...]
    overall: float
    between: float
    observed_to: int
    customers: int

    def rates(self, months: int, shrunk: bool = True) -> np.ndarray:
        """g_1 .. g_months, monthly shares of MRR; 0 beyond the last month observed. (months,)"""
        found = np.zeros(months)
        for band in self.bands:
            found[band.first - 1: band.last] = band.rate if shrunk else band.raw
        return found

    def path(self, months: int, tenure: int = 0, shrunk: bool = True) -> np.ndarray:
        """Price index of a customer who has completed `tenure` months, by month from now: prod (1 + g).
        (months,)

        path[0] = 1, path[t] = (1 + g_{tenure + 1}) .. (1 + g_{tenure + t}); flat beyond the last month
        observed, because a growth for ever would make a lifetime value without limit. A CFO reads: what one
        dollar of MRR of today's customer is worth in month t, if the customer is still here. With g = 1 % a
        month, path(13)[12] is 1.127. Raises Problem when months or tenure is below 0.
        """
        if months < 0 or tenure < 0:
            raise Problem("The number of months and the tenure of a price path must be 0 or more.")
        steps = self.rates(tenure + max(months - 1, 0), shrunk)[tenure:]
        return np.cumprod(np.concatenate([[1.0], 1 + steps]))[:months]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per band with the fields of `Band`."""
        return pd.DataFrame([vars(band) for band in self.bands], columns=list(Band.__dataclass_fields__))


def expansion_by_tenure(subs, starts: tuple[int, ...] = STARTS) -> Expansion:
    """Expansion and contraction by tenure, over everybody: g = (expansion - contraction) / MRR of those who
    stay.

    Step k leads from payment k - 1 to payment k of a customer who makes both. A band's raw rate is its net
    change over its MRR at risk. Bands are shrunk towards their precision-weighted mean (empirical Bayes,
    DerSimonian and Laird's moment estimate of the variance between bands): rate = mean + B (raw - mean), B =
    between^2 / (between^2 + var). A band ends where fewer than 20 customers are left; beyond it growth is 0.

    For a CFO: what a customer who stays pays more (or less) each month, apart from those who leave. Where
    price and loyalty are independent, net revenue retention after a year = S(12) x path(13)[12].

    starts: first step of each band. Raises Problem without dates or prices. Source: DerSimonian and Laird
    1986 for the variance between bands. Example: 200 customers at 50, 10 of them go to 60 in month 2: g over
    months 1-3 is 100 / (10,000 + 10,000 + 10,100) = 0.33 % a month.
    """
    return _estimate(_counts(subs, ()), starts, 10.0 ** minor_digits(subs.currency))


def expansions(subs, by=(), starts: tuple[int, ...] = STARTS) -> dict[tuple, Expansion]:
    """The same apart by group and billing interval: keys (group values ..., interval in months).

    A customer counts in the group and interval he began with. Keys are those of `life_table(subs,
    by).split()`.
    """
    by = tuple(name for name in ((by,) if isinstance(by, str) else by) if subs.resolve(name) != "term")
    unit = 10.0 ** minor_digits(subs.currency)
    groups = _counts(subs, by).groupby([*by, "interval"], sort=True)
    return {(*key[:-1], int(key[-1])): _estimate(part, starts, unit) for key, part in groups}


def _counts(subs, by) -> pd.DataFrame:
    if not subs.has_dates:
        raise Problem("This file has no dates, so nobody's price can be followed. Bring starts and ends.")
    if not subs.has_price:
        raise Problem("This file has no price, so there is no MRR to follow. Map MRR or a price first.")
    return expansion_counts(subs, by)


def _estimate(counts: pd.DataFrame, starts, unit: float) -> Expansion:
    starts = sorted(set(starts))
    if not starts or starts[0] != 1:
        raise Problem("The first band of tenure begins at month 1, for example (1, 4, 13, 25).")
    if counts.empty:
        return Expansion((), 0.0, 0.0, 0, 0)
    steps = counts.groupby("tenure")[list(SUMS)].sum()
    enough = steps.index[steps["customers"] >= FEW_CUSTOMERS]
    observed_to = int(enough.max()) if len(enough) else 0
    steps = steps.loc[: observed_to]
    place = np.searchsorted(starts, steps.index, side="right") - 1
    sums = steps.groupby(place).sum()
    ends = [start - 1 for start in starts[1:]] + [observed_to]
    raw, variance = _raw(sums)
    rate, error, overall, between = shrink(raw, variance)
    bands = tuple(
        Band(starts[j], min(ends[j], observed_to), int(row["customers"]), row["opening"] / unit,
             int(row["changed"]), row["expansion"] / unit, row["contraction"] / unit,
             float(raw[i]), float(rate[i]),
             float(rate[i] - NORMAL * error[i]), float(rate[i] + NORMAL * error[i]))
        for i, (j, row) in enumerate(sums.iterrows()))
    return Expansion(bands, overall, between, observed_to, int(steps["customers"].max()) if len(steps) else 0)


def _raw(sums: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Net change over MRR at risk per band, and its variance: sum (change - g MRR)^2 / (sum MRR)^2 (ratio
    estimate).

    A band with few changes has no spread of its own to show; it takes that of all bands where that is larger.
    """
    net, at_risk = sums["expansion"] - sums["contraction"], sums["opening"].where(sums["opening"] > 0)
    raw = (net / at_risk).fillna(0.0)
    residual = (sums["change_squares"] - 2 * raw * sums["cross_sum"] + raw**2 * sums["squares"]).clip(lower=0)
    alike = residual.sum() / sums["squares"].sum() if sums["squares"].sum() > 0 else 0.0
    few = sums["changed"] < FEWEST_CHANGES
    residual = residual.where(~few, np.maximum(residual, alike * sums["squares"]))
    return raw.to_numpy(float), (residual / at_risk**2).fillna(np.inf).to_numpy(float)


def shrink(raw: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Empirical Bayes: (shrunk rates, their standard errors, mean, standard deviation between), arrays
    (bands,).

    Four bands of one true rate come out near one number; bands that differ by more than chance keep their
    own.
    """
    raw, variance = np.asarray(raw, float), np.asarray(variance, float)
    if not (variance > 0).any() or len(raw) == 0:  # no MRR ever changed
        return raw, np.zeros(len(raw)), float(raw.mean()) if len(raw) else 0.0, 0.0
    variance = np.maximum(variance, np.min(variance[variance > 0]) * 1e-6)
    weight = np.where(np.isfinite(variance), 1 / variance, 0.0)
    if not weight.any():
        return np.zeros(len(raw)), np.zeros(len(raw)), 0.0, 0.0
    mean = (weight @ raw) / weight.sum()
    excess = weight @ (raw - mean) ** 2 - (np.count_nonzero(weight) - 1)
    scale = weight.sum() - weight @ weight / weight.sum()
    between = max(excess / scale, 0.0) if np.count_nonzero(weight) > 1 else 0.0
    inner = 1 / (between + variance)
    mean = float((inner @ raw) / inner.sum())
    trust = np.where(np.isfinite(variance), between * inner, 0.0)
    spread = np.where(np.isfinite(variance), trust * variance, between)
    error = np.sqrt(spread + (1 - trust) ** 2 / inner.sum())
    return mean + trust * (raw - mean), error, mean, float(np.sqrt(between))
