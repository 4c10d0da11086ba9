"""The engine against single customers: draw each one's type, walk it month by month, count its money.

Nothing of the engine is used on the simulated side: types are drawn from the beta distribution itself, take-up is
solved on the drawn people, leaving is a coin per month.
"""

import numpy as np
import pytest
from scipy.optimize import brentq

import cs_models as cs

ALPHA, BETA, PRICE, MARGIN, H, PEOPLE = 0.8, 8.0, 50.0, 0.8, 36, 200_000
V = 1.1 ** (-np.arange(H) / 12)
RISE, ELASTICITY, LOSS, KEEP = 0.10, 0.6, 0.05, 6
CUT, COST = 0.15, 1.0
ADOPTION, DISCOUNT, SELECTION = 0.30, 1 / 6, 1.0

PLAN = cs.Scenario("everything", (
    cs.PriceIncrease(rise=RISE, scope="both", one_off_loss=LOSS, churn_elasticity=ELASTICITY),
    cs.Grandfathering(months=KEEP),
    cs.AnnualBilling(adoption=ADOPTION, discount=DISCOUNT, selection=SELECTION),
    cs.ChurnReduction(reduction=CUT, cost=COST)))


def simulate(existing_tenure: int | None, seed: int) -> np.ndarray:
    """Discounted margin per person."""
    rng = np.random.default_rng(seed)
    theta = rng.beta(ALPHA, BETA + (existing_tenure or 0), PEOPLE)  # survivors of k months: Beta(a, b + k)
    z = np.log(theta / (1 - theta))
    z = (z - z.mean()) / z.std()
    take = lambda c: 1 / (1 + np.exp(-(c - SELECTION * z)))  # noqa: E731
    annual = rng.random(PEOPLE) < take(brentq(lambda c: take(c).mean() - ADOPTION, -20, 20))
    start = 0 if existing_tenure is None else KEEP
    here, worth = np.ones(PEOPLE, bool), np.zeros(PEOPLE)  # here: in service; annual payers decide at renewals
    wants = np.ones(PEOPLE, bool)  # what the person would do month by month
    raised_at = np.where(annual, 12 * -(-start // 12), start)
    for month in range(H):
        pays = ~annual | (month % 12 == 0)
        here &= ~pays | wants
        if existing_tenure is not None:
            shocked = (month == raised_at) & (rng.random(PEOPLE) < LOSS)
            here &= ~shocked
            wants &= ~shocked
        price = PRICE * np.where(month >= raised_at, 1 + RISE, 1.0)
        due = np.where(annual, 12 * (1 - DISCOUNT), 1.0) * price * pays
        worth += here * V[month] * (due - (1 - MARGIN) * PRICE - COST)
        power = (1 - CUT) * np.where(month >= raised_at, (1 + RISE) ** ELASTICITY, 1.0)
        wants &= rng.random(PEOPLE) < (1 - theta) ** power
    return worth


@pytest.mark.parametrize("tenure", [None, 7])
def test_all_levers_agree_with_two_hundred_thousand_single_customers(tenure):
    curve = cs.RetentionCurve.sbg(ALPHA, BETA)
    base = cs.Assumptions.from_curve(curve, PRICE, existing_tenure=tenure, gross_margin=MARGIN, discount_rate=0.10)
    change = cs.compare(base, PLAN, H)
    difference = change.new or change.existing
    people = simulate(tenure, seed=11)
    error = people.std() / np.sqrt(PEOPLE)
    assert difference.after == pytest.approx(people.mean(), abs=3 * error)
    assert 3 * error < 0.005 * people.mean()  # the yardstick is fine enough to see half a percent
