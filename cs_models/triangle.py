"""How each month's intake held up: cohort by age, for customers or for their MRR."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.column_codes import group_numbers
from cs_models.engine.cohort_money import cohort_sums
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits

LOGOS, NET, GROSS = "logos", "mrr", "gross"
CHANGE = {LOGOS: "change", NET: "net", GROSS: "gross"}  # the column of the engine's changes


@dataclass(frozen=True, eq=False)
class CohortTriangle:
    """``frame``: columns *by, cohort ("2025-03"), age (months), customers, eligible, value, share.

    * ``customers``: size of the cohort; ``eligible``: those whose month `age` is complete by as_of.
    * ``value``: customers still subscribed after `age` whole months, or their MRR in money.
    * ``share``: value over the value at age 0; 1 at age 0. Net MRR may rise above 1: expansion counts.

    A cell exists only when the whole cohort has completed that month; before that value and share are NaN,
    never 0. ``term``: months one step of age stands for; above 1 age counts renewals.
    """

    frame: pd.DataFrame
    value: str
    by: tuple[str, ...] = ()
    term: int = 1

    def matrix(self) -> pd.DataFrame:
        """Shares as a grid, cohorts down and ages across (a triangle without groups)."""
        self._need_no_groups()
        return self.frame.pivot(index="cohort", columns="age", values="share")

    def average(self) -> pd.DataFrame:
        """All cohorts together by age: columns age, customers, share; a large cohort counts for more.

        share(a) = sum of value(a) / sum of value(0) over the cohorts observed at age a, so each cohort weighs
        with its customers, or with the MRR it began with; ``customers`` is how many stand behind it. Two
        cohorts of 90 and 10 customers with shares .5 and 1 average to .55.
        """
        self._need_no_groups()
        seen = self.frame[self.frame["share"].notna()]
        start = seen["cohort"].map(seen[seen["age"] == 0].set_index("cohort")["value"])
        sums = seen.assign(start=start).groupby("age", as_index=False)[["customers", "value", "start"]].sum()
        return sums.assign(share=sums["value"] / sums["start"])[["age", "customers", "share"]]

    def _need_no_groups(self) -> None:
        if self.by:
            raise Problem("A grid needs a triangle without groups: choose one group, or pool them.")


def cohort_triangle(
    subs, value: str = LOGOS, by: Sequence[str] | str = (), every: int = 1, billed: int | None = None
) -> CohortTriangle:
    """Cohorts by month of the first start, ages in months since each customer's own start.

    ``value``: "logos" = share of customers still subscribed; "mrr" = MRR still billed over MRR at the start,
    with expansion and contraction (net revenue retention); "gross" = the same with each customer counted at
    most at their first MRR, so that it never rises above 1. A cohort of 100 that lost 9 in its first
    month has share .91 at age 1. Spells, switches and groups are those of the life table: between two
    observed ages a cohort loses exactly the customers that the life table counts as churned at the later one.
    A return after a long pause is not counted.

    ``every``: months of sign-up in one cohort; 3 = quarters ("2025 Q1"), 12 = years ("2025"). ``billed``:
    only customers who began with this billing interval in months, with renewals for ages: 12 gives the share
    still there after renewal 1, 2, ... of those who paid for a year.

    Raises `Problem` for a snapshot, which has no dates, for MRR without a price, and for an unknown value.
    """
    if value not in CHANGE:
        raise Problem(f'A cohort triangle shows "logos", "mrr" or "gross", not "{value}".')
    if every not in (1, 3, 12):
        raise Problem(f"A cohort is a month, a quarter or a year: 1, 3 or 12 months, not {every}.")
    need_intakes(subs, money=value != LOGOS)
    names = (by,) if isinstance(by, str) else tuple(by)
    sizes, changes = _counts(subs, value, names, billed)
    return triangle_of(sizes, changes, value, names, subs.currency, every, billed)


def triangle_of(
    sizes: pd.DataFrame, changes: pd.DataFrame, value: str, names: tuple[str, ...], currency: str,
    every: int = 1, billed: int | None = None,
) -> CohortTriangle:  # fmt: skip
    """The triangle of counts by the engine. sizes: g0.., cohort, potential (months possible), customers. changes: g0..,
    cohort, age, change (customers lost, below 0, or minor units of MRR).
    """
    if billed:
        sizes, changes = _by_renewal(sizes, changes, billed)
    if every > 1:
        sizes, changes = (
            part.assign(cohort=part["cohort"] - (part["cohort"] - 1) % every) for part in (sizes, changes)
        )
    unit = 1 if value == LOGOS else 10 ** minor_digits(currency)
    frame = _grid(sizes, changes, names, unit, every, starts=value == LOGOS)
    return CohortTriangle(frame, value, names, billed or 1)


def need_intakes(subs, money: bool) -> None:
    """Raise a Problem for data without sign-up dates or, where money is asked for, without prices."""
    subs.need_customers()
    if not subs.has_dates:
        raise Problem(
            "This file has no dates, so there are no monthly intakes to follow. "
            "Bring an export with a start date per subscription to see cohorts."
        )
    if money and not subs.has_price:
        raise Problem(
            "This file has no price column, so there is no MRR to follow. Map MRR or a price first."
        )


def _counts(subs, value: str, names: tuple, billed: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sizes by months possible and changes by age, of everybody or of those billed at one interval."""
    asked = (*names, "interval") if billed else names
    sums = cohort_sums(subs, asked, value != LOGOS)
    sizes, changes = sums.sizes, sums.changes
    if value == LOGOS:
        changes = changes.assign(change=-changes["change"])
    else:
        changes = changes.rename(columns={CHANGE[value]: "change"})
    if not billed:
        return sizes, changes
    own = f"g{len(names)}"
    return tuple(part[part[own] == billed].drop(columns=own) for part in (sizes, changes))


def _by_renewal(sizes, changes, billed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Months become terms: possible ones rounded down, changes to the renewal they are first seen at."""
    return (
        sizes.assign(potential=sizes["potential"] // billed),
        changes.assign(age=-(-changes["age"] // billed)),
    )


def _labels(month: np.ndarray, every: int) -> np.ndarray:
    """ "2025-03", "2025 Q1" or "2025" from 12 x year + month; every different month is written once."""
    months, place = np.unique(month, return_inverse=True)
    return np.array([_label(*divmod(int(one) - 1, 12), every) for one in months], dtype=object)[place]


def _label(year: int, place: int, every: int) -> str:
    return str(year) if every == 12 else f"{year} Q{place // 3 + 1}" if every == 3 else f"{year}-{place + 1:02}"


def _grid(sizes, changes, names, unit, every, starts: bool) -> pd.DataFrame:
    """Running sums over age, one row per cohort (and group); cells beyond the youngest member's months are
    empty.
    """
    keys = [*(f"g{i}" for i in range(len(names))), "cohort"]
    if sizes.empty:
        return pd.DataFrame(columns=[*names, "cohort", "age", "customers", "eligible", "value", "share"])
    row = group_numbers([np.concatenate([sizes[key], changes[key]]) for key in keys])
    began, moved = row[: len(sizes)], row[len(sizes) :]
    first = np.unique(began, return_index=True)[1]
    facts = {name: sizes[key].to_numpy().take(first) for name, key in zip((*names, "cohort"), keys)}
    facts["cohort"] = _labels(facts["cohort"], every)
    customers = np.zeros(len(first), np.int64)
    np.add.at(customers, began, sizes["customers"].to_numpy())
    ages = int(max(sizes["potential"].max(), 0)) + 1

    def spread(at, age, amount):
        grid = np.zeros((len(first), ages + 1))
        np.add.at(grid, (at, np.clip(age.to_numpy(), 0, ages)), amount.to_numpy(dtype=float))
        return grid

    amount = np.cumsum(spread(moved, changes["age"], changes["change"]), axis=1)[:, :ages]
    if starts:
        amount += customers[:, None]
    done = spread(began, sizes["potential"], sizes["customers"])
    eligible = done[:, ::-1].cumsum(axis=1)[:, ::-1][:, :ages]
    eligible[:, 0] = customers
    amount = np.where(eligible >= customers[:, None], amount / unit, np.nan)
    base = amount[:, :1]
    share = np.divide(amount, base, out=np.full_like(amount, np.nan), where=base > 0)
    long = {name: np.repeat(column, ages) for name, column in (*facts.items(), ("customers", customers))}
    age, eligible = np.tile(np.arange(ages), len(first)), eligible.ravel().astype(np.int64)
    heads = long.pop("customers")
    numbers = {"eligible": eligible, "value": amount.ravel(), "share": share.ravel()}
    return pd.DataFrame({**long, "age": age, "customers": heads, **numbers})
