"""What keeping old prices costs, month by month and vintage by vintage."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.levers import ALL, Detail
from cs_models.scenario import Scenario
from cs_models.valuation import evaluate

COLUMNS = ("month", "vintage", "forgone")


def forgone(base: Assumptions, plan: Scenario, horizon: int = 36) -> pd.DataFrame:
    """Revenue that existing customers do not pay because the old price is promised to them.

    forgone(month) = cash without the promise - cash with it, both with the survival of customers who do not
    react to prices: sum over those still here of new price - old price, in the month in which it would have
    been paid.
    For a CFO: the price of the promise before counting the customers it keeps; set against it what `compare`
    says of the same plan. It runs off as these customers leave, and ends with the promise but for loyalty
    prices and smaller plans.
    Rows: month 0 .. horizon - 1 and vintage = completed years of tenure today; forgone in money of the whole
    book, undiscounted; all 0 without a promise. Raises Problem (a ValueError) for a horizon beyond the
    projection. Source: the cost of grandfathering, sum over t < G of S(k + t) / S(k) x (new - old price).
    >>> from cs_models.levers import ALL
    >>> plan = Scenario("", (ALL["PriceIncrease"](rise=.2), ALL["Grandfathering"](months=2)))
    >>> forgone(Assumptions.flat(0.1, 50, existing=True), plan, 3).forgone.round(2).tolist()
    [10.0, 9.0, 0.0]
    """
    calm = Scenario(plan.name, tuple(_without_reaction(lever) for lever in plan.levers))
    others = tuple(lever for lever in calm.levers if not isinstance(lever, ALL["Grandfathering"]))
    oldest = max((len(cell.heads) for cell in base.cells), default=0)
    detail = plan.detail | Detail(young=oldest)  # every tenure by itself
    kept, paid = (_cash_by_vintage(base, one, horizon, detail) for one in (calm, Scenario(plan.name, others)))
    rows = [(month, year, paid[year][month] - kept[year][month])
            for year in sorted(paid) for month in range(horizon)]
    found = pd.DataFrame(rows, columns=COLUMNS).astype({"month": int, "vintage": int, "forgone": float})
    return found.sort_values(["month", "vintage"], ignore_index=True)


def _without_reaction(lever):
    """The same decision among customers who neither leave nor choose a smaller plan over a new price."""
    if isinstance(lever, ALL["PriceIncrease"]):
        return replace(lever, churn_elasticity=0.0, one_off_loss=0.0)
    if isinstance(lever, ALL["Grandfathering"]):
        smaller = lever.downgrade_share / lever.shares
        return replace(lever, keep_share=1 - smaller, downgrade_share=smaller, leave_share=0.0)
    return lever


def _cash_by_vintage(base: Assumptions, plan: Scenario, horizon: int, detail: Detail) -> dict:
    """Completed years of tenure today -> cash by month, (horizon,)."""
    found: dict[int, np.ndarray] = {}
    for group, money in evaluate(base, plan.active, horizon, detail=detail).parts:
        if group.book == "existing":
            year = group.age // 12
            found[year] = found.get(year, 0.0) + money.cash[..., :horizon]
    return found
