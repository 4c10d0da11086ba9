"""Does a 95 % range hold the truth 95 % of the time? Simulated books whose truth is known, from rows to
range.

    python -m benchmarks.coverage [replicates]

Truth: customers leave with a chance of their own from Beta(.8, 8); 24 sign-up months; 10 % a year; seen at
the end. RMST24 is the restricted mean of Kaplan-Meier with its variance formula; the values are sBG fits
with percentiles of refits to resampled counts, as everywhere in the product. Second table: what ARPU x
margin / churn says of books whose truth is known, beside our values.
"""

import sys
from dataclasses import dataclass, replace

import numpy as np

import cs_models as cs
from cs_models.restricted import restricted_value
from cs_models.retention.bootstrap import resample
from cs_models.retention.fit import counts_per_period
from cs_models.retention.sbg import fit_sbg_batch, sbg_survival

ALPHA, BETA, COHORTS, DRAWS = 0.8, 8.0, 24, 200
V = 1.1 ** (-1 / 12)
LIFE = 1200
HORIZONS = (24, 36, 60, LIFE)
SIZES = {500: 300, 2000: 300, 20_000: 200}


@dataclass(frozen=True)
class Coverage:
    """Shares of replicates whose range holds the truth, and errors of the lifetime value; shares 0..1."""

    size: int
    replicates: int
    rmst: float
    values: dict[int, float]
    sd: dict[int, float]
    bias: float

    @property
    def error(self) -> float:
        """Monte Carlo standard error of a coverage of 95 %."""
        return float(np.sqrt(0.95 * 0.05 / self.replicates))


def staggered(size: int, draw) -> tuple[np.ndarray, np.ndarray]:
    """Customers of sBG(.8, 8) who joined over 24 months, seen at the end: (duration, left)."""
    leaves = draw.geometric(draw.beta(ALPHA, BETA, size))
    window = draw.integers(1, COHORTS + 1, size)
    return np.minimum(leaves, window), leaves <= window


def values(alpha, beta) -> dict[int, np.ndarray]:
    """Discounted payments of many curves at once by horizon, (R,) each."""
    alpha, beta = np.atleast_1d(alpha)[:, None], np.atleast_1d(beta)[:, None]
    k = np.arange(1, LIFE)
    stay = np.cumprod((beta + k - 1) / (alpha + beta + k - 1), axis=1)
    paid = np.cumsum(np.concatenate([np.ones((len(alpha), 1)), stay], axis=1) * V ** np.arange(LIFE), axis=1)
    return {horizon: paid[:, horizon - 1] for horizon in HORIZONS}


def coverage(size: int, replicates: int, seed: int = 11, draws: int = DRAWS) -> Coverage:
    """One row of the table."""
    draw = np.random.default_rng(seed)
    truth = {horizon: float(value[0]) for horizon, value in values(ALPHA, BETA).items()}
    months = float(sbg_survival(ALPHA, BETA, 23).sum())
    held, rmst, found = dict.fromkeys(HORIZONS, 0), 0, {horizon: [] for horizon in HORIZONS}
    for replicate in range(replicates):
        table = cs.life_table_from_durations(*staggered(size, draw))
        mean = restricted_value(table, 24)
        rmst += mean.low <= months <= mean.high
        counts = counts_per_period(table, 1)
        departures = np.vstack([counts.churned, resample(counts.at_risk, counts.churned, draws, replicate)])
        for horizon, drawn in values(*fit_sbg_batch(counts.at_risk, departures)).items():
            low, high = np.quantile(drawn[1:], [0.025, 0.975])
            held[horizon] += low <= truth[horizon] <= high
            found[horizon].append(drawn[0])
    spread = {horizon: float(np.std(found[horizon]) / truth[horizon]) for horizon in HORIZONS}
    bias = float(np.mean(found[LIFE]) / truth[LIFE] - 1)
    return Coverage(size, replicates, rmst / replicates,
                    {h: count / replicates for h, count in held.items()}, spread, bias)


# --- ARPU x margin / churn against the truth ---

PRICE, MARGIN, RATE = 50.0, 0.8, 0.10
MARKETS = {"heterogeneous sBG(.8, 8)": (0.8, 8.0), "mild sBG(8, 80)": (8.0, 80.0), "homogeneous": None}
GROWTHS = (-0.03, 0.0, 0.03, 0.06, 0.10)
AGE = 36  # months since the first customer


@dataclass(frozen=True)
class Formula:
    """One market: blended monthly churn (share), and values in money."""

    churn: float
    naive: float
    new60: float
    lifetime: float
    residual: float


def book(market, growth: float = 0.03, intakes: int = AGE) -> cs.Assumptions:
    """A book of 36 monthly intakes that grow by `growth`, each here with the share the truth leaves of it."""
    curve = cs.RetentionCurve.constant(1 / 11) if market is None else cs.RetentionCurve.sbg(*market)
    base = cs.Assumptions.from_curve(curve, PRICE, gross_margin=MARGIN, discount_rate=RATE)
    tenure = np.arange(intakes)
    heads = 1000 * (1 + growth) ** (intakes - 1 - tenure) * curve.survival[tenure]
    (cell,) = base.cells
    return replace(base, cells=(replace(cell, heads=heads, mrr=heads * PRICE),))


def formula(market, growth: float = 0.03) -> Formula:
    """The one number, and our values of the same book. Blended churn: leavers of the next month over
    customers.
    """
    base = book(market, growth)
    existing = cs.value(base, 60).existing
    churn = 1 - existing.in_force[1] / existing.in_force[0]
    life = lifetime_of_the_book(base)
    return Formula(float(churn), PRICE * MARGIN / churn, cs.value(base, 60).clv, cs.lifetime(base)[0], life)


def lifetime_of_the_book(base: cs.Assumptions) -> float:
    """Average residual value over 100 years: each type from the tenure reached."""
    (cell,) = base.cells
    reached = cell.heads / cell.heads.sum()
    weights = reached @ cell.fitted.after(np.arange(len(reached)))
    aged = replace(cell, fitted=replace(cell.fitted, weights=weights), new_share=1.0)
    return cs.lifetime(replace(base, cells=(aged,)))[0]


def main() -> None:
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else None
    print("Coverage of 95 % ranges, truth sBG(.8, 8), 24 staggered sign-up months, per cent")
    head = ("N", 7), ("runs", 5), ("RMST24", 7), ("24", 6), ("36", 6), ("60", 6), ("life", 6)
    print(*(f"{name:>{wide}}" for name, wide in head), "  sd 60 / life   bias life")
    for size, usual in SIZES.items():
        row = coverage(size, asked or usual)
        shares = " ".join(f"{100 * row.values[h]:6.1f}" for h in HORIZONS)
        print(f"{size:>7} {row.replicates:>5} {100 * row.rmst:>7.1f} {shares}   {100 * row.sd[60]:.1f} / "
              f"{100 * row.sd[LIFE]:.1f} %   {100 * row.bias:+.1f} %   "
              f"(Monte Carlo error {100 * row.error:.1f})", flush=True)
    print("\nARPU x margin / churn against the truth: 50 a month, 80 % margin, 10 % a year, 36 months old")
    head = ("growth", 6), ("churn", 6), ("formula", 8), ("new 60 m", 9), ("new, life", 10), ("existing", 9)
    print(f"{'market':<26}", *(f"{name:>{wide}}" for name, wide in head))
    rows = [(name, 0.03) for name in MARKETS] + [("heterogeneous sBG(.8, 8)", growth) for growth in GROWTHS]
    for name, growth in rows:
        found = formula(MARKETS[name], growth)
        print(f"{name:<26} {100 * growth:>+4.0f} % {100 * found.churn:>4.1f} % {found.naive:>8,.0f} "
              f"{found.new60:>9,.0f} {found.lifetime:>10,.0f} {found.residual:>9,.0f}")


if __name__ == "__main__":
    main()
