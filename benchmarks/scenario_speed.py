"""How long a lever move takes: point answer, range, bridge - beside plain loops over types and months in the same run.

    python -m benchmarks.scenario_speed
"""

import time
from dataclasses import replace
from statistics import median

import numpy as np

import cs_models as cs
from cs_models.assumptions import Assumptions
from cs_models.cells import Cell, Mix
from cs_models.retention.quadrature import beta_types_batch, beta_types_shared
from cs_models.valuation import evaluate

HORIZON, DRAWS, RUNS = 60, 500, 7
FOUR = (cs.PriceIncrease(rise=0.1, one_off_loss=0.015), cs.Grandfathering(months=12), cs.AnnualBilling(),
        cs.ChurnReduction(reduction=0.1, cost=0.5))
SIX = (*FOUR, cs.Onboarding(cost=5.0), cs.Dunning())
ALL = (*SIX, cs.AccountManagement(segments=("s0", "s1", "s2")), cs.Expansion(), cs.WinBack(), cs.Referral(),
       cs.Acquisition())

LOOPED = cs.Scenario("two levers", (cs.PriceIncrease(rise=0.1, scope="new"), cs.ChurnReduction(reduction=0.1)))


BOTH, MONTHLY = ((1, 8.0), (12, 3.0)), ((1, 8.0),)


def book(segments: int, billed=BOTH) -> Assumptions:
    """Payers of so many segments by billing interval, 64 types each, 500 draws, 60 tenures."""
    rng = np.random.default_rng(0)
    cells = []
    for number in range(segments):
        for interval, beta in billed:
            curve = cs.RetentionCurve.sbg(0.8 + 0.05 * number, beta, interval)
            drawn = rng.normal(0.8, 0.02, DRAWS), rng.normal(beta, 0.2, DRAWS)
            draws = Mix.of(*(beta_types_shared(*drawn) or beta_types_batch(*drawn)), interval)
            heads = rng.integers(10, 200, 61).astype(float)
            cells.append(Cell((f"s{number}",), interval, Mix.of(curve.theta, curve.weights, interval), draws,
                              0.5 / segments, 50.0 + number, heads, heads * rng.normal(50, 2, 61), observed_to=60))
    return Assumptions(tuple(cells), acquisitions=np.full(120, 100.0))


def loops(base: Assumptions) -> float:
    """What a spreadsheet does: each type, each month, one at a time; price and churn levers only, new customers."""
    total = 0.0
    for cell in base.cells:
        if cell.interval != 1:
            continue
        for rate, weight in zip(cell.fitted.rate, cell.fitted.weights):
            alive = weight
            for month in range(HORIZON):
                total += cell.new_share * alive * (cell.new_price * 1.1 - 0.2 * cell.new_price) * 1.1 ** (-month / 12)
                alive *= np.exp(-rate * 0.9 * 1.1**0.6)
    return total


def only_new_monthly(base: Assumptions) -> Assumptions:
    cells = tuple(replace(c, heads=np.zeros(1), mrr=np.zeros(1)) for c in base.cells if c.interval == 1)
    return replace(base, cells=cells, months=HORIZON)


def timed(work) -> float:
    """Median milliseconds of processor time, which others on the machine disturb least."""
    found = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        found.append((time.process_time() - start) * 1000)
    return median(found)


def main() -> None:
    print(f"{HORIZON} months, 64 types a cell, {DRAWS} draws, medians of {RUNS} runs, ms")
    print("point: of new and of existing customers; range and bridge: of new customers, the book a page opens with")
    print("loops: new monthly payers, price and churn only, in plain Python; same: the engine on just that")
    for segments, billed in ((4, BOTH), (12, MONTHLY), (12, BOTH)):
        base = book(segments, billed)
        print(f"{segments} segments, {'monthly and annual' if billed == BOTH else 'monthly'} payers")
        print(f"{'':>8} {'levers':>7} {'groups':>7} {'point':>8} {'range':>8} {'bridge':>8}")
        for levers in (FOUR, SIX, ALL):
            plan = cs.Scenario("", levers)
            cs.compare(base, plan, HORIZON).difference("new")  # the groups of the book are built once per data set
            groups = len(cs.compare(base, plan, HORIZON).scenario.parts)
            point = timed(lambda: list(map(cs.compare(base, plan, HORIZON).point, ("new", "existing"))))
            spread = timed(lambda: cs.compare(base, plan, HORIZON).difference("new"))
            bridge = timed(lambda: cs.compare(base, plan, HORIZON).attribution("new")) if levers != ALL else float("nan")
            print(f"{'':>8} {len(levers):>7} {groups:>7} {point:>8.1f} {spread:>8.1f} {bridge:>8.1f}")
        plain = timed(lambda: loops(base))
        few = only_new_monthly(base)
        same = timed(lambda: evaluate(few, LOOPED.active, HORIZON).clv)
        assert abs(evaluate(few, LOOPED.active, HORIZON).clv - loops(base)) < 1e-6
        print(f"{'':>8} loops {plain:.1f}, same {same:.1f}: {plain / same:.0f} times")


if __name__ == "__main__":
    main()
