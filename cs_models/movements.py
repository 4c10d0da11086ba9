"""MRR movements: what each month's change of recurring revenue is made of, exact to the smallest coin."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.engine.movements import KINDS, movement_sums
from cs_models.problems import Problem


@dataclass(frozen=True, eq=False)
class Movements:
    """`money` and `customers`: one row per calendar month, columns month, opening, new, expansion,
    contraction, churned, reactivated, closing. Money in whole minor units (cents).
    """

    money: pd.DataFrame
    customers: pd.DataFrame


def mrr_movements(subs) -> pd.DataFrame:
    """The MRR bridge by month, in integer minor units: opening + new + expansion + contraction + churned +
    reactivated == closing, exactly, and each closing is the next opening.

    To a CFO: why MRR is not what it was a month ago. Contraction and churned are negative. A month closes
    with what is in force at its end, so somebody who comes and goes within one month is in no balance.
    `month` is a text such as "2025-12"; every month from the first start to as_of is there. Movements are
    counted per customer, not per row: parallel subscriptions add up, and a change of plan is no departure.

    A return counts as reactivated however short the absence was; the life table is more patient (45 days).

    Raises `Problem` without dates or prices. Source: the roll-forward every subscription business reports.
    """
    return movements(subs).money


def movements(subs) -> Movements:
    """The same bridge in money and in customers (customers: expansion and contraction change no balance)."""
    if not subs.has_dates:
        raise Problem("This file has no dates, so there are no months to compare. Bring starts and ends.")
    if not subs.has_price:
        raise Problem(
            "This file has no price column, so there is no MRR to follow. Map MRR or a price first."
        )
    return movements_of(movement_sums(subs), subs.as_of.year * 12 + subs.as_of.month)


def movements_of(sums: pd.DataFrame, last: int) -> Movements:
    """The bridge of changes counted by the engine, up to month `last`: month (12 x year + month), kind, customers,
    change.
    """
    kind = pd.Index(KINDS).get_indexer(sums["kind"])
    month, money, heads = (sums[name].to_numpy(np.int64) for name in ("month", "change", "customers"))
    heads = np.where(kind == KINDS.index("churned"), -heads, heads)
    return Movements(
        _bridge(kind, month, money, KINDS, last),
        _bridge(kind, month, heads, ("new", "churned", "reactivated"), last),
    )


def _bridge(
    kind: np.ndarray, month: np.ndarray, amount: np.ndarray, counted: tuple[str, ...], last: int
) -> pd.DataFrame:
    first = int(month.min()) if len(month) else last + 1
    months = np.arange(first, last + 1)
    sums = np.zeros((len(KINDS), len(months)), np.int64)
    np.add.at(sums, (kind, month - first), amount)
    grid = dict(zip(KINDS, sums))
    closing = np.cumsum(sum(grid[kind] for kind in counted)) if len(months) else months
    opening = np.concatenate([[0], closing[:-1]]) if len(months) else months
    names = [f"{(month - 1) // 12}-{(month - 1) % 12 + 1:02d}" for month in months.tolist()]
    return pd.DataFrame({"month": names, "opening": opening, **grid, "closing": closing})
