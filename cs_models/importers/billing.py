"""How often rows are billed and what they cost a month: shared by every shape with a price per row."""

from collections.abc import Mapping

import numpy as np

from cs_models.importers import common
from cs_models.importers.amounts import per_month
from cs_models.importers.columns import Column, matches, shorten
from cs_models.importers.ledger import Ledger
from cs_models.importers.words import read_terms


def read_terms_of_rows(roles: Mapping[str, Column], ledger: Ledger) -> np.ndarray:
    """Months between payments per row (1 where there is no such column); unknown words reject the row."""
    column = roles.get("interval")
    if column is None:
        _hint_annual_plans(roles.get("plan"), ledger)
        return np.ones(len(ledger.rows), np.int64)
    per_value = read_terms(column)
    term = column.spread(per_value).astype(np.int64)
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
    return np.maximum(term, 1)


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
