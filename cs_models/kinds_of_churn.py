"""Why one book has several churn figures: each with what it answers, and how one becomes the next."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.flows import all_flows
from cs_models.glossary import LABELS
from cs_models.newcomers import expected_curve
from cs_models.valuation import naive
from cs_models.words import count, decimal, money, percent, points

BANDS = ((0, 3), (3, 12), (12, 24), (24, None))  # completed months of tenure, the last open


@dataclass(frozen=True, eq=False)
class ChurnFigures:
    """ages: a row per band of tenure (months, customers, leaving, churn: expected of the next month; churn x customers =
    leaving). figures: a row per churn figure (figure, churn 0..1, answers, follows: sentences).
    """

    ages: pd.DataFrame
    figures: pd.DataFrame


def churn_figures(base: Assumptions, by_month: pd.DataFrame | None = None) -> ChurnFigures:
    """Every churn figure of a book side by side, from a new customer's to that of revenue.

    To a CFO: none of them is wrong. A new customer leaves at another pace than one who stayed; today's average is their mean,
    weighted by how many there are of each age; what was seen last month is that average with luck in it; revenue
    churn weighs those who left by what they paid. by_month: of `metrics`, whole months only; without it the seen
    figures are left out.

    >>> churn_figures(Assumptions.flat(0.03, 50, existing=True)).figures["churn"].round(4).tolist()
    [0.03, 0.03]
    """
    ages = _ages(base)
    rows = _expected(base, ages)
    if by_month is not None and len(by_month):
        rows += _seen(by_month.iloc[-1], base.currency, ages)
    return ChurnFigures(ages, pd.DataFrame(rows, columns=["figure", "churn", "answers", "follows"]))


def _ages(base: Assumptions) -> pd.DataFrame:
    """Today's customers by tenure, and how many of each are expected to leave within a month."""
    groups = [group.until(2) for group in base.groups("existing", every_tenure=True)]
    here = np.array([group.count for group in groups])
    left = here - np.array([money.in_force[1] for money in all_flows(groups, 1.0, 0.0)])
    tenure = np.array([group.age for group in groups], float)
    rows = []
    for low, high in BANDS:
        within = (tenure >= low) & (tenure < (np.inf if high is None else high))
        customers, leaving = float(here[within].sum()), float(left[within].sum())
        if customers:
            name = f"{low} or more" if high is None else f"{low} to {high - 1}"
            rows.append((name, customers, leaving, leaving / customers))
    return pd.DataFrame(rows, columns=["months", "customers", "leaving", "churn"])


def _expected(base: Assumptions, ages: pd.DataFrame) -> list[tuple]:
    rows, curve = [], expected_curve(base)
    if curve is not None:
        rows.append(("A new customer, first month", 1 - curve.survival[1], "Of 100 who join, how many are gone a month later?",
                     "the fitted curve, its first month"))  # fmt: skip
    if ages.empty:
        return rows
    customers, leaving = ages["customers"].sum(), ages["leaving"].sum()
    rows.append(("Today's average customer, next month", leaving / customers, "How many will leave next month?",
                 f"{count(leaving)} of {count(customers)}: each age in the table below with its own chance"))  # fmt: skip
    rows.append((LABELS["expected_churn"], naive(base)["churn"], "How many will leave in a year, told as a month?",
                 "twelve months on: annual payers meet their renewal, and those who would go first have gone"))  # fmt: skip
    return rows


def _seen(last: pd.Series, currency: str, ages: pd.DataFrame) -> list[tuple]:
    """The figures of the last whole month: customers, then MRR."""
    opening, left, mrr = (float(last[name]) for name in ("customers_opening", "customers_churned", "opening"))
    if not opening or not mrr:
        return []
    logo, lost = left / opening, -float(last["churned"])
    rows = [(LABELS["logo_churn"], logo, "How many did leave last month?", _luck(left, opening, ages))]
    if not left:
        return rows
    paid, average = lost / left, mrr / opening
    less = -float(last["contraction"]) / mrr
    more = (float(last["expansion"]) + float(last["reactivated"])) / mrr
    rows.append((LABELS["gross_churn"], logo * paid / average + less, "How much revenue left with them?",
                 f"{percent(logo, 2)} × {money(paid, currency)} paid by one who left / {money(average, currency)} by all "
                 f"(× {decimal(paid / average, 2)}) + {percent(less, 2)} paid less by those who stay"))  # fmt: skip
    rows.append((LABELS["net_churn"], logo * paid / average + less - more, "And after what the others bought on top?",
                 f"less {percent(more, 2)}: expansion, and those who came back"))  # fmt: skip
    return rows


def _luck(left: float, opening: float, ages: pd.DataFrame) -> str:
    told = f"{count(left)} of the {count(opening)} of that month's first day"
    if ages.empty:
        return told
    off = left / opening - ages["leaving"].sum() / ages["customers"].sum()
    side = "above" if off > 0 else "below"
    return f"{told}; {points(abs(off)).lstrip('+')} {side} what is expected of next month: luck, season, another mix"
