"""The same market as one row per customer: tenure in months and churned yes/no, no dates.

A tenure of 0 is somebody in the first month. An annual contract that ended has whole years of tenure.
"""

import numpy as np

from sample_data import market

HEADER = ("customer", "segment", "contract", "monthly_charge", "tenure", "churned")
CUSTOMERS = 1200
LONG = 600


def lines(seed: int) -> list[tuple[str, ...]]:
    """One line per customer, acquired in proportion to the months of the market."""
    chances = np.random.default_rng(seed).random((CUSTOMERS, 3))
    group_of = np.searchsorted(np.cumsum([g.share for g in market.GROUPS])[:-1], chances[:, 0], side="right")
    arrivals = np.cumsum(market.new_customers()) / market.new_customers().sum()
    age = market.MONTHS - 1 - np.searchsorted(arrivals[:-1], chances[:, 1], side="right")
    survivals = [group.survival(LONG) for group in market.GROUPS]
    return [line(f"S-{i + 1:04d}", market.GROUPS[g], int(age[i]), survivals[g], chances[i, 2])
            for i, g in enumerate(group_of)]


def line(customer: str, group: market.Group, age: int, survival: np.ndarray, chance: float) -> tuple:
    """Somebody acquired ``age`` whole months ago: churned when his last paid month lies within them."""
    paid = int(np.searchsorted(-survival, -chance, side="right")) * group.term
    price = group.monthly_price(market.PRICE_CHANGE if age <= 18 else market.FIRST_MONTH)
    contract = "Annual" if group.interval == "annual" else "Month-to-month"
    churned = "Yes" if paid <= age else "No"
    return (customer, group.segment, contract, f"{price:.2f}", str(min(paid, age)), churned)
