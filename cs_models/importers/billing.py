"""How often rows are billed and what they cost a month: shared by every shape with a price per row."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cs_models.importers.columns import Column, matches, shorten
from cs_models.importers.ledger import Ledger
from cs_models.importers.words import MONTH_DAYS, read_terms


@dataclass(frozen=True, eq=False)
class Cycles:
    """Per row: months between payments (`term`), and the days of a cycle that is no calendar month, else 0.

    28 days are a term of 1 with 28 `days`: a year has 13 of them, so 10 for 28 days are 10.87 a month.
    """

    term: np.ndarray
    days: np.ndarray

    def as_terms(self, minor: np.ndarray) -> np.ndarray:
        """Money per cycle as money per term: x 30.4375 / days where a cycle is counted in days."""
        months = self.term * MONTH_DAYS / np.where(self.days > 0, self.days, 1)
        return np.where(self.days > 0, np.rint(minor * months), minor).astype(np.int64)


def read_cycles(roles: Mapping[str, Column], ledger: Ledger) -> Cycles:
    """How often rows are billed (monthly where there is no such column); unknown words reject the row."""
    column, rows = roles.get("interval"), len(ledger.rows)
    if column is None:
        _hint_annual_plans(roles.get("plan"), ledger)
        return Cycles(np.ones(rows, np.int64), np.zeros(rows))
    term, days = (column.spread(per_value) for per_value in read_terms(column))
    unknown = (term == 0) & ledger.kept
    ledger.reject(
        unknown, column, "not a billing interval: write monthly, quarterly, annual or a number of months"
    )
    header = shorten(column.header)
    ledger.find(
        "interval",
        unknown,
        f'billing interval in column "{header}" is not known',
        f'billing intervals in column "{header}" are not known',
        "Write monthly, quarterly, annual or a number of months.",
        column,
    )
    blank = column.spread(column.blank) & ledger.kept
    ledger.find(
        "interval_blank",
        blank,
        "row has no billing interval and counts as monthly",
        "rows have no billing interval and count as monthly",
    )
    ledger.find(
        "day_cycles",
        (days > 0) & ledger.kept,
        f"row is billed in weeks or days: a month is {MONTH_DAYS} days",
        f"rows are billed in weeks or days: a month is {MONTH_DAYS} days",
        column=column,
    )
    return Cycles(np.maximum(term, 1), days)


def _hint_annual_plans(plan: Column | None, ledger: Ledger) -> None:
    if plan is None:
        return
    yearly = plan.spread(matches(plan.values, r"annual|yearly|per year|12.?month")) & ledger.kept
    ledger.find(
        "interval_unmapped",
        yearly,
        "row has a yearly plan, but there is no billing interval column: it counts as monthly",
        "rows have a yearly plan, but there is no billing interval column: they count as monthly",
        "Add a billing interval column.",
        plan,
    )


def read_mrr_and_price(roles, term, currency, answers, ledger, may_be_blank=None):
    """MRR and price of a term in minor units per row; a stated MRR goes before a price."""
    nothing = np.zeros(len(term), np.int64)
    role = "mrr" if "mrr" in roles else "price"
    if role not in roles:
        return None, None, currency or "USD"
    found, currency = common.read_money(roles[role], currency, answers, ledger, may_be_blank=may_be_blank)
    minor = np.where(ledger.kept, found.per_row, nothing)
    if role == "mrr":
        return minor, minor * term, currency or "USD"
    return per_month(minor, term), minor, currency or "USD"
