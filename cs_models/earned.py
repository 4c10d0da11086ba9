"""What each intake has brought so far, against what it cost to win."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.problems import Problem
from cs_models.triangle import LOGOS, NET, CohortTriangle
from cs_models.words import counted, money, months


@dataclass(frozen=True, eq=False)
class CohortValue:
    """``frame``: columns cohort, age (months lived), customers, value (margin so far of each who joined).

    ``average``: columns age, customers, value: the sum of what the cohorts observed in each month brought per
    customer, so that it does not jump where a cohort is not that old. ``paid_back``: a row
    per cohort with customers, so_far, paid_back_in (months; NaN = not yet). ``cac`` as given, 0 = not said.
    """

    frame: pd.DataFrame
    average: pd.DataFrame
    paid_back: pd.DataFrame
    cac: float


def cohort_value(
    mrr: CohortTriangle,
    logos: CohortTriangle,
    gross_margin: float,
    service_cost: float = 0.0,
    cac: float = 0.0,
) -> CohortValue:
    """Margin so far per acquired customer of each cohort: after k months

        value(k) = sum over t < k of (gross_margin x MRR(t) - service_cost x customers(t)) / customers(0).

    To a CFO: every customer who joined is in the denominator, those who left too, so the line is what one
    acquisition has really brought; where it crosses the acquisition cost the cohort has paid for itself. What
    happened, not a forecast: nothing is discounted, and a year paid ahead counts a twelfth a month. The k
    payments are those at the start of months 0 .. k-1, as in the payback of the product.

    ``mrr`` and ``logos``: triangles of the same subscriptions without groups, by month. Money per customer.
    Example: 2 customers at 100 a month, one leaves after month 1, margin .8: 80, 120, 160 after 1, 2 and 3
    months. Raises `Problem` for a margin outside 0..1, negative costs, and triangles that do not match.
    """
    _check(mrr, logos, gross_margin, service_cost, cac)
    cells = mrr.frame.sort_values(["cohort", "age"], ignore_index=True)
    there = logos.frame.sort_values(["cohort", "age"], ignore_index=True)["value"]
    margin = gross_margin * cells["value"] - service_cost * there
    cells = cells[["cohort", "age", "customers"]].assign(step=margin.groupby(cells["cohort"]).shift(1))
    cells.loc[cells["age"] == 0, "step"] = 0.0  # the payment of month t is in what t + 1 months have brought
    frame = cells[margin.notna()].reset_index(drop=True)
    sums = frame.groupby("age", as_index=False)[["customers", "step"]].sum()
    average = sums.assign(value=(sums["step"] / sums["customers"]).cumsum()).drop(columns="step")
    total = frame.groupby("cohort")["step"].cumsum()
    frame = frame.assign(value=total / frame["customers"]).drop(columns="step")
    return CohortValue(frame, average, _paid_back(frame, cac), float(cac))


def _check(mrr, logos, gross_margin, service_cost, cac) -> None:
    if not 0 <= gross_margin <= 1:
        raise Problem(f"A gross margin is a share from 0 to 1, not {gross_margin:g}.")
    if not (np.isfinite([service_cost, cac]).all() and service_cost >= 0 and cac >= 0):
        raise Problem("Service cost and acquisition cost are money and cannot be negative.")
    alike = mrr.value == NET and logos.value == LOGOS and len(mrr.frame) == len(logos.frame)
    if not alike or mrr.by or logos.by or mrr.term != 1 or logos.term != 1:
        raise Problem("Margin so far needs the triangles of MRR and of customers, by month, without groups.")


def _paid_back(frame: pd.DataFrame, cac: float) -> pd.DataFrame:
    """Per cohort its last value and the first age at which it covers the acquisition cost."""
    rows = []
    for cohort, own in frame.groupby("cohort", sort=True):
        covered = own.loc[own["value"] >= cac, "age"] if cac > 0 else own["age"].iloc[:0]
        first = float(covered.iloc[0]) if len(covered) else np.nan
        rows.append((cohort, own["customers"].iloc[0], own["age"].iloc[-1], own["value"].iloc[-1], first))
    return pd.DataFrame(rows, columns=["cohort", "customers", "age", "so_far", "paid_back_in"])


def value_sentence(found: CohortValue, currency: str = "USD") -> str:
    """The answer in words: how long the cohorts took to earn back their cost, or what they brought."""
    if found.average.empty or found.average["age"].iloc[-1] == 0:
        return "No sign-up month is complete yet, so nothing has been earned that could be compared."
    if found.cac <= 0:
        at = found.average[found.average["age"] <= 12].iloc[-1]
        return (
            f"Customers brought {money(at['value'], currency)} of margin each in their first "
            f"{months(at['age'])}. Enter what it costs to win one to see when that is earned back."
        )
    cost = money(found.cac, currency)
    met = found.average.loc[found.average["value"] >= found.cac, "age"]
    if met.empty:
        return f"No age is reached yet at which the average customer has earned back {cost}."
    old = found.paid_back[found.paid_back["age"] >= met.iloc[0]]
    done = int(old["paid_back_in"].le(met.iloc[0]).sum())
    return (
        f"The average customer earns back {cost} in {months(met.iloc[0])}; {done} of the "
        f"{counted(len(old), 'sign-up month')} that old did so too."
    )
