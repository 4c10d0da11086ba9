"""How each month's intake held up: cohort by age, for customers or for their MRR."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.engine import sql
from cs_models.engine.counts import open_rows
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits


@dataclass(frozen=True, eq=False)
class CohortTriangle:
    """``frame``: columns *by, cohort ("2025-03"), age (months), customers, eligible, value, share.

    * ``customers``: size of the cohort; ``eligible``: those whose month `age` is complete by as_of.
    * ``value``: customers still subscribed after `age` whole months, or their MRR in money.
    * ``share``: value over the value at age 0; 1 at age 0. MRR may rise above 1: expansion counts.

    A cell exists only when the whole cohort has completed that month; before that value and share are NaN,
    never 0.
    """

    frame: pd.DataFrame
    value: str
    by: tuple[str, ...] = ()

    def matrix(self) -> pd.DataFrame:
        """Shares as a grid, cohorts down and ages across (a triangle without groups)."""
        if self.by:
            raise Problem("A grid needs a triangle without groups: choose one group, or pool them.")
        return self.frame.pivot(index="cohort", columns="age", values="share")


def cohort_triangle(subs, value: str = "logos", by: Sequence[str] | str = ()) -> CohortTriangle:
    """Cohorts by month of the first start, ages in months since each customer's own start.

    ``value``: "logos" = share of customers still subscribed; "mrr" = MRR still billed over MRR at the start,
    with expansion and contraction (net revenue retention). A cohort of 100 that lost 9 in its first month has
    share .91 at age 1. Spells, switches and groups are those of the life table: between two observed ages a
    cohort loses exactly the customers that the life table counts as churned at the later one. A return after
    a long pause is not counted.

    Raises `Problem` for a snapshot, which has no dates, for MRR without a price, and for an unknown value.
    """
    if value not in ("logos", "mrr"):
        raise Problem(f'A cohort triangle shows "logos" or "mrr", not "{value}".')
    if not subs.has_dates:
        raise Problem(
            "This file has no dates, so there are no monthly intakes to follow. "
            "Bring an export with a start date per subscription to see cohorts."
        )
    if value == "mrr" and not subs.has_price:
        raise Problem(
            "This file has no price column, so there is no MRR to follow. Map MRR or a price first."
        )
    names = (by,) if isinstance(by, str) else tuple(by)
    with open_rows(subs, names) as query:
        query.connection.execute(sql.members(len(names), query.tomorrow))
        sizes = query.frame(sql.cohort_sizes(len(names)))
        losses = query.frame(sql.cohort_losses(len(names)))
        money = query.frame(sql.cohort_money(len(names))) if value == "mrr" else None
    unit = 10 ** minor_digits(subs.currency) if value == "mrr" else 1
    changes = losses.assign(change=-losses["change"]) if money is None else money
    return CohortTriangle(_grid(sizes, changes, names, unit, starts=money is None), value, names)


def _grid(sizes, changes, names, unit, starts: bool) -> pd.DataFrame:
    """Running sums over age, one row per cohort (and group); cells beyond the youngest member's months are
    empty.
    """
    keys = [*(f"g{i}" for i in range(len(names))), "cohort"]
    facts = sizes.groupby(keys, as_index=False, sort=True).agg(
        customers=("customers", "sum"), shortest=("potential", "min")
    )
    if facts.empty:
        return pd.DataFrame(columns=[*names, "cohort", "age", "customers", "eligible", "value", "share"])
    row = facts.assign(row=np.arange(len(facts))).set_index(keys)["row"]
    ages = int(max(sizes["potential"].max(), 0)) + 1

    def spread(frame, age, amount):
        grid = np.zeros((len(facts), ages + 1))
        at = row.loc[pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else frame["cohort"]].to_numpy()
        np.add.at(grid, (at, np.clip(frame[age].to_numpy(), 0, ages)), frame[amount].to_numpy(dtype=float))
        return grid[:, :]

    amount = np.cumsum(spread(changes, "age", "change"), axis=1)[:, :ages]
    if starts:
        amount += facts["customers"].to_numpy()[:, None]
    done = spread(sizes, "potential", "customers")
    eligible = done[:, ::-1].cumsum(axis=1)[:, ::-1][:, :ages]
    eligible[:, 0] = facts["customers"]
    amount = np.where(eligible >= facts["customers"].to_numpy()[:, None], amount / unit, np.nan)
    base = amount[:, :1]
    share = np.divide(amount, base, out=np.full_like(amount, np.nan), where=base > 0)
    return _long(facts, names, keys, ages, eligible, amount, share)


def _long(facts, names, keys, ages, eligible, amount, share) -> pd.DataFrame:
    frame = facts.loc[facts.index.repeat(ages)].reset_index(drop=True)
    month = frame["cohort"] - 1
    frame["cohort"] = (month // 12).astype(str) + "-" + (month % 12 + 1).astype(str).str.zfill(2)
    frame["age"] = np.tile(np.arange(ages), len(facts))
    frame["eligible"] = eligible.ravel().astype(np.int64)
    frame["value"], frame["share"] = amount.ravel(), share.ravel()
    frame = frame.rename(columns={f"g{i}": name for i, name in enumerate(names)})
    return frame[[*names, "cohort", "age", "customers", "eligible", "value", "share"]]
