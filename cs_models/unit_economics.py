"""What winning and keeping a customer costs against what the customer brings."""

from dataclasses import dataclass

from cs_models.paybacks import paybacks
from cs_models.valuation import Valuation


@dataclass(frozen=True)
class UnitEconomics:
    """Of one new customer over `horizon` months. ratio, low, high: LTV:CAC with its range, None without a CAC
    or without new customers. margin_months, cash_months: payback, None if not within 120, 0 without a CAC.
    retention_cost: money per customer and month, None when no spend is typed. customers: those of today.
    """

    horizon: int
    cac: float
    ratio: float | None
    low: float | None
    high: float | None
    margin_months: int | None
    cash_months: int | None
    prepaid: float
    retention_cost: float | None
    customers: float


def customer_economics(valuation: Valuation, span=None, retention_spend: float = 0.0) -> UnitEconomics:
    """LTV:CAC over the horizon, payback in margin and in cash, and what keeping a customer costs.

    LTV:CAC = lifetime value per new customer over the horizon (margin, discounted) / CAC; `span`, the range
    of that value (`cs.interval(base, horizon)["new"]`), divided alike. CAC is the base's and has no range: it
    is typed. Customer retention cost = what programmes to keep customers cost a month / customers of today.
    To a CFO: a ratio without its horizon says nothing, since it grows with every month counted.

    Nobody leaves, 100 a month at full margin, CAC 400, 12 months, no discount: LTV:CAC 3, payback 4 months;
    500 a month spent on 50 customers: 10 per customer.
    """
    base, worth, back = valuation.assumptions, valuation.clv, paybacks(valuation)
    known = base.cac > 0 and worth is not None
    low, high = (span.low, span.high) if span is not None and known else (None, None)
    return UnitEconomics(
        valuation.horizon,
        base.cac,
        worth / base.cac if known else None,
        None if low is None else low / base.cac,
        None if high is None else high / base.cac,
        back.margin_months,
        back.cash_months,
        back.prepaid,
        retention_spend / base.customers if retention_spend > 0 and base.customers > 0 else None,
        base.customers,
    )
