"""Every retention model from the life table beside lifelines on the raw rows: the same estimates, how much faster.

    python -m benchmarks.fit_speed [customers]

lifelines gets whole months as intervals (k - 1, k], which is what the product-binomial likelihood is: exact times would
give other parameters. sBG and BdW have no counterpart there. Processor seconds of all threads.
"""

import sys
import time
from statistics import median

import numpy as np

import cs_models as cs
from cs_models.retention.fit import counts_per_period
from cs_models.retention.likelihood import hazard_of, log_likelihood
from cs_models.retention.registry import models

RUNS = 5
ALIKE = ("constant", "weibull", "lognormal", "loglogistic")
OURS = (*ALIKE, "sbg", "bdw")


def customers(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Durations and departures of a mixed population seen for up to 60 months."""
    rng = np.random.default_rng(0)
    life, limit = rng.geometric(rng.beta(0.8, 8, number)), rng.integers(1, 61, number)
    return np.minimum(life, limit), life <= limit


def timed(work) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def theirs(duration: np.ndarray, left: np.ndarray) -> dict:
    """Seconds and fitted parameters of lifelines, each on all rows."""
    import lifelines as ll

    found = {"kaplan_meier": (timed(lambda: ll.KaplanMeierFitter().fit(duration, left)), None)}
    lower, upper = np.where(left, duration - 1, duration) + 1e-10, np.where(left, duration, np.inf)
    for name, kind in (("constant", ll.ExponentialFitter), ("weibull", ll.WeibullFitter),
                       ("lognormal", ll.LogNormalFitter), ("loglogistic", ll.LogLogisticFitter)):  # fmt: skip
        fitter = kind()
        found[name] = timed(lambda: fitter.fit_interval_censoring(lower, upper)), fitter
    return found


def same(curve, fitter, counts) -> tuple[float, float, float]:
    """Largest relative gap of the parameters, largest gap of survival by month, and our log-likelihood less theirs."""
    p = curve.parameters
    pairs = {
        "constant": lambda: [(-np.log1p(-p["churn"]), 1 / fitter.lambda_)],
        "weibull": lambda: [(p["c"], fitter.rho_), (-np.log1p(-p["theta"]), fitter.lambda_**-fitter.rho_)],
        "lognormal": lambda: [(p["mu"], fitter.mu_), (p["sigma"], fitter.sigma_)],
        "loglogistic": lambda: [(p["alpha"], fitter.alpha_), (p["beta"], fitter.beta_)],
    }[curve.model]()
    seen = curve.survival[: len(counts.at_risk) + 1]
    theirs_ = fitter.survival_function_at_times(np.arange(1, len(seen))).to_numpy()
    gap = float(np.abs(seen[1:] - theirs_).max())
    return max(abs(a / b - 1) for a, b in pairs), gap, log_likelihood(counts, hazard_of(seen)) - fitter.log_likelihood_


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    duration, left = customers(number)
    build = median(timed(lambda: cs.life_table_from_durations(duration, left)) for _ in range(RUNS))
    table = cs.life_table_from_durations(duration, left)
    counts = counts_per_period(table, 1)

    def work(names):
        cs.kaplan_meier(table)
        for name in names:
            models()[name].fit(counts, 120)

    work(OURS)
    every, alike = (median(timed(lambda: work(names)) for _ in range(RUNS)) for names in (OURS, ALIKE))
    print(f"{number:,} customers; medians of {RUNS} (lifelines: one run)")
    print(f"life table {build:.3f} s, once; Kaplan-Meier and {len(OURS)} models {every * 1000:.1f} ms, {len(ALIKE)} of them {alike * 1000:.1f} ms")
    beside = theirs(duration, left)
    for name, (seconds, fitter) in beside.items():
        line = f"  lifelines {name:13s}{seconds:9.2f} s"
        if fitter is not None:
            parameters, gap, more = same(cs.fit(table, name), fitter, counts)
            line += f"   parameters within {parameters:.1e}, survival within {gap:.1e}, our log-likelihood {more:+.1e}"
        print(line)
    total = sum(seconds for seconds, _ in beside.values())
    print(f"lifelines {total:.1f} s / ours {total / alike:,.0f} x, the same curves; with all our models {total / every:,.0f} x; "
          f"life table included {total / (alike + build):,.0f} x")  # fmt: skip
    for name in ("sbg", "bdw", "weibull"):
        print(f"200 refits of {name}: {timed(lambda: models()[name].refit(counts, 200, 0, 120)):.2f} s")


if __name__ == "__main__":
    main()
