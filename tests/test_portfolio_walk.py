"""The whole book against a slow walk: each sign-up month by itself, one type at a time, month by month, in calendar time.

Decisions begin in different months, so every later sign-up month meets them at another age; customers bring
customers.
"""

from itertools import product

import numpy as np
import pytest

import cs_models as cs
from cs_models.cells import Cell, Mix

THETA, WEIGHT = np.array([0.02, 0.10, 0.35]), np.array([0.5, 0.3, 0.2])
PRICE, MARGIN, SERVICE, CAC, RATE, H = 50.0, 0.7, 2.0, 130.0, 0.10, 24
BOOK = {0: 40.0, 2: 30.0, 20: 100.0}  # customers by completed months of tenure

RISE = cs.PriceIncrease(rise=0.2, one_off_loss=0.06, churn_elasticity=0.8, start=4)
OFFER = cs.AnnualBilling(adoption=0.4, discount=0.15, selection=0.0, start=3)
FIRST = cs.Onboarding(reduction=0.4, first_months=3, cost=15.0, start=2, phase_in=2)
CARDS = cs.Dunning(start=5, cost=0.2)
CUT = cs.ChurnReduction(reduction=0.3, reach=0.5, cost=1.5, start=1, phase_in=4)
LOOK = cs.AccountManagement(reduction=0.2, care=0.1, start=6)
MORE = cs.Expansion(attach=0.5, uplift=0.4, first=2, last=5, growth=0.01, cost_share=0.25, start=3, phase_in=1)
BRING = cs.Referral(brought=36.0, reward=20.0, start=2, phase_in=3)
WIN = cs.Acquisition(volume=0.3, cac=0.2, start=4)
KEEP = cs.Grandfathering(months=4, start=3)
YOUNG = cs.ChurnReduction(reduction=0.25, first_months=4, cost=0.8, start=2, phase_in=1)
BACK = cs.WinBack(returning=0.4, gap=2, price=0.6, promo=2, pace=1.4, cost=9.0, start=1, phase_in=2)
NEXT = cs.WinBack(returning=0.3, gap=1, price=0.8, promo=1, pace=1.2)
LEVERS = (RISE, OFFER, FIRST, CARDS, CUT, YOUNG, LOOK, MORE, BACK, BRING, WIN)


def begun(lever, month: int) -> float:
    return min(max((month - lever.start + 1) / (lever.phase_in + 1), 0.0), 1.0)


def cohort(age: int, joined: int, on: set, today: bool = False) -> dict[str, np.ndarray]:
    """One customer of `age` months who is here from calendar month `joined` on: expected customers, cash, cost by month.

    today: one of those who are here already, and may keep the old price
    """
    here = WEIGHT * (1 - THETA) ** age
    found = {name: np.zeros(H) for name in ("in_force", "cash", "cost")}
    covers = ((True, CUT.reach), (False, 1 - CUT.reach)) if CUT in on else ((False, 1.0),)
    takes = ((True, OFFER.adoption), (False, 1 - OFFER.adoption)) if OFFER in on else ((False, 1.0),)
    for (theta, people), (covered, part), (taker, slice_) in product(zip(THETA, here / here.sum()), covers, takes):
        person(found, theta, people * part * slice_, age, joined, covered, taker, today, on)
        if taker:  # who leaves before the offer has paid by the month, and comes back to do so
            person(found, theta, people * part * slice_, age, joined, covered, False, today, on, only_back=True)
    return found


def person(found, theta, people, age, joined, covered, taker, today, on, only_back=False):
    """`only_back`: of those who would take the offer, who left before it and came back; nobody else is counted."""
    served = wants = people
    rises = max(RISE.start, KEEP.start + KEEP.months) if today and KEEP in on else RISE.start
    raised, grown, bought, price, added = joined >= RISE.start and RISE in on, 1.0, 0.0, PRICE, 0.0
    paid_until = 0
    back = next((one for one in (BACK, NEXT) if one in on), None)
    returned, due = {}, np.zeros(2 * H)  # who came back, by month of return, and who will
    for month in range(joined, H):
        before = served
        tenure, annual = age + month - joined, taker and month >= OFFER.start
        if MORE in on and MORE.first <= tenure <= MORE.last:
            bought += MORE.attach * begun(MORE, month) / (MORE.last - MORE.first + 1)
        pays = month >= paid_until
        if pays:
            served = wants
            if RISE in on and month >= rises and not raised:
                raised, served, wants = True, served * (1 - RISE.one_off_loss), wants * (1 - RISE.one_off_loss)
                returned = {came: left * (1 - RISE.one_off_loss) for came, left in returned.items()}
            level = grown * (1 + MORE.uplift * bought)
            price = PRICE * level * (1 + RISE.rise if raised else 1.0) * (1 - OFFER.discount if annual else 1.0)
            added = PRICE * (level - 1) * MORE.cost_share
            paid_until = month + (12 if annual else 1)
            found["cash"][month] += 0 if only_back else served * price * (12 if annual else 1)
        cost, factor = (1 - MARGIN) * PRICE + SERVICE + added, 1.0
        if FIRST in on and tenure < FIRST.first_months:
            factor *= 1 - FIRST.reduction * begun(FIRST, month)
            cost += FIRST.cost * begun(FIRST, month) * (tenure == 0)
        if CARDS in on:
            factor *= 1 - 0.25 * 0.8 * (0.7 - 0.476) / (1 - 0.476) * begun(CARDS, month)
            cost += CARDS.cost * begun(CARDS, month)
        if covered:
            factor *= 1 - CUT.reduction * begun(CUT, month)
            cost += CUT.cost * begun(CUT, month)
        if LOOK in on:
            factor *= 1 - LOOK.reduction * begun(LOOK, month)
            cost += LOOK.care * MARGIN * PRICE * begun(LOOK, month)
        if YOUNG in on and tenure < YOUNG.first_months:
            factor *= 1 - YOUNG.reduction * begun(YOUNG, month)
            cost += YOUNG.cost * begun(YOUNG, month)
        factor *= (1 + RISE.rise) ** RISE.churn_elasticity if raised else 1.0
        if back and not (taker and OFFER in on):
            # whoever paid last month and does not this month
            if month > joined and not (only_back and month > OFFER.start):
                due[month - 1 + back.gap] += back.returning * begun(back, month - 1) * (before - served)
            returned[month] = due[month]
            for came, left in returned.items():
                found["in_force"][month] += left
                found["cash"][month] += left * price * (back.price if month - came < back.promo else 1.0)
                found["cost"][month] += left * cost + (back.cost * left if came == month else 0.0)
            returned = {came: left * (1 - theta) ** (factor * back.pace) for came, left in returned.items()}
        found["in_force"][month] += 0 if only_back else served
        found["cost"][month] += 0 if only_back else served * cost
        wants *= (1 - theta) ** factor
        grown *= 1 + MORE.growth * begun(MORE, month) if MORE in on else 1.0


def walk(on: set) -> dict[str, np.ndarray]:
    total = {name: np.zeros(H) for name in ("in_force", "cash", "cost")}
    for age, count in BOOK.items():
        for name, money in cohort(age, 0, on, today=True).items():
            total[name] += count * money
    for month in range(H):
        won, cac = 12.0, CAC
        if WIN in on:
            won, cac = won * (1 + WIN.volume * begun(WIN, month)), cac * (1 + WIN.cac * begun(WIN, month))
        brought = total["in_force"][month] * BRING.brought / 1200 * begun(BRING, month) if BRING in on else 0.0
        for name, money in cohort(0, month, on).items():
            total[name] += (won + brought) * money
        total["cost"][month] += won * cac + brought * BRING.reward
    return total


def base() -> cs.Assumptions:
    heads = np.zeros(21)
    heads[list(BOOK)] = list(BOOK.values())
    cell = Cell(("All",), 1, Mix.of(THETA, WEIGHT), None, 1.0, PRICE, heads, heads * PRICE)
    return cs.Assumptions((cell,), MARGIN, RATE, SERVICE, CAC, H, np.full(H, 12.0))


PLANS = {"none": (), "all": LEVERS, "all, old prices kept": (*LEVERS, KEEP), "old prices kept": (RISE, KEEP),
         "young customers": (YOUNG,), "back without a month missed": (NEXT,), "back after a rise": (RISE, NEXT),
         } | {type(one).__name__: (one,) for one in LEVERS if one is not YOUNG}


@pytest.mark.parametrize("levers", PLANS.values(), ids=PLANS)
def test_the_whole_book_is_every_sign_up_month_walked_by_itself(levers):
    change, slow = cs.compare(base(), cs.Scenario("", levers), H), walk(set(levers))
    for name, money in slow.items():
        assert np.allclose(getattr(change.scenario.book, name), money, rtol=1e-9), name
    v = (1 + RATE) ** (-np.arange(H) / 12)
    assert change.scenario.portfolio == pytest.approx((slow["cash"] - slow["cost"]) @ v, rel=1e-9)
