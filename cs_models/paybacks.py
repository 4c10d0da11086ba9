"""When the cost to win a customer comes back: in margin as it is earned, and in cash as it is received."""

from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import pandas as pd

from cs_models.flows import Flows, flows
from cs_models.valuation import PAYBACK, Valuation, payback


@dataclass(frozen=True)
class Payback:
    """Months until CAC is covered, None if not within 120, 0 without a CAC. prepaid: share of the cash of the
    first payment that is for later months (0 for monthly payers, 11/12 for annual ones).
    """

    margin_months: int | None
    cash_months: int | None
    prepaid: float


def earned(money: Flows) -> np.ndarray:
    """Recognised margin by month: MRR less cost. A paid year is earned a twelfth a month. (..., months)"""
    return money.mrr - money.cost


def paybacks(valuation: Valuation) -> Payback:
    """Payback of the mix of new customers, in recognised margin and in cash.

    Number of undiscounted months n with sum over t < n of S(t) x margin(t) >= CAC, once with the
    MRR of the month (a paid year counts a twelfth a month) and once with the payment when it falls due (a
    paid year counts at once). To a CFO: the first is when the customer has earned what he cost, the second
    when the bank account has it back; selling annual plans moves the second. `Valuation.payback_months` is
    the second.

    Nobody leaves, 100 a month, CAC 360: both 4; the same paid yearly: 4 in margin and 1 in cash.
    """
    groups = list(_ahead(valuation).values())
    return _payback(reduce(add, groups) if groups else None, valuation.assumptions.cac)


def payback_by_group(valuation: Valuation) -> pd.DataFrame:
    """One row per segment and billing interval with new customers: segment, interval, margin_months,
    cash_months, prepaid. Each group's own customer against the same CAC. Rows as in `Valuation.by_segment`.
    """
    rows = [
        {"segment": " / ".join(map(str, segment)), "interval": interval,
         **vars(_payback(money, valuation.assumptions.cac * size))}
        for ((segment, interval), money), size in zip(_ahead(valuation).items(), _sizes(valuation).values())
    ]  # fmt: skip
    columns = ["segment", "interval", "margin_months", "cash_months", "prepaid"]
    return pd.DataFrame(rows, columns=columns).astype({"margin_months": object, "cash_months": object})


def _ahead(valuation: Valuation) -> dict[tuple, Flows]:
    """Money of new customers over the 120 months payback is sought in, by segment and billing interval."""
    base, found = valuation.assumptions, {}
    for group in valuation.new.groups if valuation.new else ():
        money = flows(group.until(PAYBACK), base.gross_margin, base.service_cost, valuation.heterogeneity)
        key = (group.segment, group.interval)
        found[key] = found[key] + money if key in found else money
    return found


def _sizes(valuation: Valuation) -> dict[tuple, float]:
    found: dict = {}
    for group in valuation.new.groups if valuation.new else ():
        key = (group.segment, group.interval)
        found[key] = found.get(key, 0.0) + group.size
    return found


def _payback(money: Flows | None, cac: float) -> Payback:
    if money is None:
        return Payback(None, None, 0.0)
    first = float(money.cash[0])
    prepaid = 1 - float(money.mrr[0]) / first if first > 0 else 0.0
    return Payback(payback(earned(money), cac), payback(money.margin, cac), prepaid)
