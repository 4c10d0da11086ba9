"""The engine against a slow walk: one type at a time, one month at a time, every lever, every billing interval.

The walk keeps people who are here, people who want to stay, and what each pays; it shares no line with the engine.
"""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import cs_models as cs

THETA, PEOPLE, PAID = np.array([0.02, 0.10, 0.35]), np.array([0.5, 0.3, 0.2]), np.array([20.0, 50.0, 90.0])
MARGIN, SERVICE, RATE, H = 0.7, 2.0, 0.10, 30


def base_of(clock: int, tenure: int) -> cs.Assumptions:
    """One customer of `tenure` months; the loyal pay less than the loose, so MRR and heads fall differently."""
    curve = replace(cs.RetentionCurve.constant(0.1, clock), theta=THETA, weights=PEOPLE)
    base = cs.Assumptions.from_curve(
        curve, 1.0, existing_tenure=tenure, gross_margin=MARGIN, service_cost=SERVICE, discount_rate=RATE)
    here = PEOPLE * (1 - THETA) ** (tenure // clock)
    here /= here.sum()
    price = float(here @ PAID)
    group = replace(base.groups("existing")[0], price=price, money=here * PAID / price)

    def groups(book, detail=None, drawn=False, every=False, months=None):
        one = replace(group, age=tenure)
        return [one if months is None else one.until(months)] if book == "existing" else []

    object.__setattr__(base, "groups", groups)
    return base


def walk(clock, tenure, rise, loss, decay, keep, cut, first_months, cost, adoption, discount, mrr=False):
    """Discounted margin of the existing customer, or the recognised MRR by month."""
    here = PEOPLE * (1 - THETA) ** (tenure // clock)
    here /= here.sum()
    worth, monthly = 0.0, np.zeros(H)
    for takes, part in ((True, adoption), (False, 1 - adoption)):
        annual = takes and clock == 1
        term = 12 if annual else clock
        first = 0 if annual else -tenure % clock
        for theta, people, price in zip(THETA, here, PAID):
            served = wants = people * part
            raised_at, now = None, price
            for month in range(H):
                pays = month >= first and (month - first) % term == 0
                if pays:
                    served = wants
                    if raised_at is None and rise and month >= keep:
                        raised_at = month
                        served, wants = served * (1 - loss), wants * (1 - loss)
                        now = price * (1 + rise)
                if raised_at is not None and term == 1 and month - raised_at in (1, 2):
                    echo = 1 - loss * decay ** (month - raised_at)
                    served, wants = served * echo, wants * echo
                off = 1 - discount if annual else 1.0
                acts = first_months is None or tenure + month < first_months
                v = (1 + RATE) ** (-month / 12)
                worth += served * v * (pays * term * now * off - (1 - MARGIN) * price - SERVICE - cost * acts)
                monthly[month] += served * now * off
                power = (1 - cut if acts else 1.0) * ((1 + rise) ** 0.6 if raised_at is not None else 1.0)
                if clock == 1 or (month + 1 >= first and (month + 1 - first) % clock == 0):
                    wants *= (1 - theta) ** power
    return monthly if mrr else worth


@pytest.mark.parametrize("clock, tenure, rise, keep, decay, first_months, adoption", [
    case for case in product((1, 3, 12, 24), (0, 7, 26), (0.0, 0.2), (0, 5), (0.0, 0.5), (None, 10), (0.0, 0.4))
    if case[0] == 1 or case[6] == 0.0])
def test_every_lever_on_every_billing_interval(clock, tenure, rise, keep, decay, first_months, adoption):
    plan = cs.Scenario("", (
        cs.PriceIncrease(rise=rise, one_off_loss=0.06, one_off_decay=decay), cs.Grandfathering(months=keep),
        cs.ChurnReduction(reduction=0.25, first_months=first_months, cost=1.5),
        cs.AnnualBilling(adoption=adoption, discount=0.15, selection=0.0)))
    change = cs.compare(base_of(clock, tenure), plan, H)
    facts = dict(clock=clock, tenure=tenure, rise=rise, loss=0.06, decay=decay, keep=keep, cut=0.25,
                 first_months=first_months, cost=1.5, adoption=adoption, discount=0.15)
    assert change.scenario.residual == pytest.approx(walk(**facts), rel=1e-9)
    assert np.allclose(change.scenario.existing.mrr[:H], walk(**facts, mrr=True), rtol=1e-9)


@pytest.mark.parametrize("clock, tenure, keep, start", list(product((1, 3, 12), (0, 7), (0, 8), (0, 5, 13))))
def test_a_rise_begins_on_its_day_or_when_the_old_price_ends(clock, tenure, keep, start):
    plan = cs.Scenario("", (cs.PriceIncrease(rise=0.2, one_off_loss=0.06, one_off_decay=0.5, start=start),
                            cs.Grandfathering(months=keep)))
    change = cs.compare(base_of(clock, tenure), plan, H)
    expected = walk(clock, tenure, 0.2, 0.06, 0.5, max(keep, start), 0.0, None, 0.0, 0.0, 0.0)
    assert change.scenario.residual == pytest.approx(expected, rel=1e-9)


def test_annual_payers_leave_over_an_announcement_at_their_next_renewal():
    """Next payments in 9 and 21 months; told in month 6 of a price that begins in month 12; 4 of 10 % early."""
    rise = cs.PriceIncrease(
        rise=0.2, one_off_loss=0.10, start=12, notice=6, announced=0.4, churn_elasticity=0.0)
    found, plain = (cs.compare(base_of(12, 3), cs.Scenario("", levers), H).scenario.existing
                    for levers in ((rise,), ()))
    kept = np.where(np.arange(H) < 9, 1.0, np.where(np.arange(H) < 21, 0.96, 0.90))
    assert found.in_force[:H] == pytest.approx(plain.in_force[:H] * kept)
    assert found.cash[9] == pytest.approx(0.96 * plain.cash[9])
    assert found.cash[21] == pytest.approx(0.90 * 1.2 * plain.cash[21])
