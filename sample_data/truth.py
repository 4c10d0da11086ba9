"""What the sample customers are truly worth, from the closed form and nothing else.

Written apart from the product on purpose: it shares no code with it, so agreement means something.
Customer lifetime value (CLV) per new customer at the current list price, before acquisition cost:
payment t (t = 0, 1, ...) falls due at the start of month t, is made by the share S(t) and is discounted by
v^t, v = (1 + discount rate)^(-1/12). A monthly payer brings price x gross margin. An annual payer brings
12 x price at months 0, 12, ... and costs (1 - gross margin) x price in every month of the paid year.
"""

import numpy as np

from sample_data import market


def monthly_survival(group: market.Group, months: int) -> np.ndarray:
    """S(t) for t = 0 .. months: an annual payer stays for the whole paid year."""
    return group.survival(months // group.term + 1)[np.arange(months + 1) // group.term]


def clv(group: market.Group, horizon: int, expansion: bool = False) -> float:
    """Discounted margin of one new customer over ``horizon`` months.

    Example: the Mid-market monthly payer, 214.92 a month, 36 months: see truth.json.
    """
    month = np.arange(horizon)
    discount = (1 + market.DISCOUNT_RATE) ** (-month / 12)
    level = price_path(group, horizon) if expansion else np.full(horizon, list_price(group))
    due = month % group.term == 0
    cash = np.where(due, level * group.term, 0.0)
    cost = (1 - market.GROSS_MARGIN) * level + market.SERVICE_COST
    alive = monthly_survival(group, horizon)[:horizon]
    return float(np.sum(alive * discount * (cash - cost)))


def list_price(group: market.Group) -> float:
    """Money per month a customer pays who starts today."""
    return group.monthly_price(market.AS_OF)


def price_path(group: market.Group, horizon: int) -> np.ndarray:
    """Mean price per month of those still here when some have moved to plan Plus (at the end of a period)."""
    periods = np.arange(horizon) // group.term
    on_plus = 1 - (1 - expansion_per_period(group)) ** periods
    core = list_price(group)
    return core + on_plus * (plus_price(core) - core)


def plus_price(core: float) -> float:
    """Monthly price after the move to plan Plus."""
    return round(core * market.PLUS_UPLIFT, 2)


def expansion_per_period(group: market.Group) -> float:
    """Chance of moving to Plus at the end of a billing period."""
    return 1 - (1 - group.expansion) ** group.term


def group_truth(group: market.Group) -> dict:
    """Everything known about one group, rounded to what a test needs."""
    plain = {h: clv(group, h) for h in market.HORIZONS}
    grown = {h: clv(group, h, expansion=True) for h in market.HORIZONS}
    return {
        "segment": group.segment, "interval": group.interval, "term_months": group.term,
        "share_of_new_customers": group.share, "alpha": group.alpha, "beta": group.beta,
        "list_price_per_month": list_price(group),
        "list_price_per_period": round(list_price(group) * group.term, 2),
        "clv": {str(h): round(value, 4) for h, value in plain.items()},
        "expansion": {"chance_per_month": group.expansion, "uplift": market.PLUS_UPLIFT,
                      "effect_on_clv": {str(h): round(grown[h] - plain[h], 4) for h in market.HORIZONS}},
        "survival": [round(float(s), 8) for s in monthly_survival(group, 60)],
    }


def known_truth(seed: int, counts: dict[str, int]) -> dict:
    """The content of truth.json."""
    return {
        "about": "Generator parameters and exact results of subscriptions.csv; CLV per new customer at the "
                 "current list price, without expansion, before acquisition cost. Survival by month 0 to 60.",
        "seed": seed, "as_of": market.AS_OF.isoformat(), "currency": "USD",
        "gross_margin": market.GROSS_MARGIN, "discount_rate": market.DISCOUNT_RATE,
        "service_cost": market.SERVICE_COST, "involuntary_share_of_churn": market.INVOLUNTARY_SHARE,
        "price_change": {"starts_on_or_after": market.PRICE_CHANGE.isoformat(), "rise": market.PRICE_RISE,
                         "effect_on_churn": 0.0},
        "comeback": {"share_of_monthly_leavers": market.COMEBACK_SHARE,
                     "gap_months": list(market.COMEBACK_GAP)},
        "channel_effect_on_churn": 0.0,
        "counts": counts,
        "groups": [group_truth(group) for group in market.GROUPS],
    }
