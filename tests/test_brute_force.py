"""The engine against single customers: draw each one's type, walk it month by month, count its money.

Nothing of the engine is used on the simulated side: types are drawn from the beta distribution itself,
take-up is solved on the drawn people, leaving is a coin per month, and so is everything a decision does to a
customer.
"""

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.optimize import brentq

import cs_models as cs

ALPHA, BETA, PRICE, MARGIN, SERVICE, H, PEOPLE = 0.8, 8.0, 50.0, 0.8, 2.0, 36, 200_000
INVOLUNTARY = 0.25  # where the data do not say
V = 1.1 ** (-np.arange(H) / 12)

RISE = cs.PriceIncrease(rise=0.10, scope="both", one_off_loss=0.05, one_off_decay=0.5, churn_elasticity=0.6)
KEEP = cs.Grandfathering(months=6)
OFFER = cs.AnnualBilling(adoption=0.30, discount=1 / 6, selection=1.0)
FIRST = cs.Onboarding(reduction=0.3, first_months=9, cost=12.0)
CARDS = cs.Dunning(recovered=0.75, recovered_now=0.45, quality=0.8, cost=0.3)
CUT = cs.ChurnReduction(reduction=0.25, cost=1.0, reach=0.6, start=2, phase_in=3)
LOOK = cs.AccountManagement(reduction=0.3, care=0.12, reach=0.3, start=1)
MORE = cs.Expansion(attach=0.4, uplift=0.5, first=5, last=10, growth=0.004, cost_share=0.3, churn_effect=0.3, start=1)
BACK = cs.WinBack(returning=0.3, gap=3, price=0.7, promo=2, pace=1.5, cost=9.0, start=2, phase_in=2)
PLAN = cs.Scenario("everything", (RISE, KEEP, OFFER, FIRST, CARDS, CUT, LOOK, MORE, BACK))


def begun(lever, month: int) -> float:
    """How much of a lever is in effect in a month from today."""
    return min(max((month - lever.start + 1) / (lever.phase_in + 1), 0.0), 1.0)


@dataclass
class People:
    """What is drawn for each person before the first month; `tenure` None for new customers."""

    tenure: int | None
    seed: int
    rng: np.random.Generator = field(init=False)

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)
        self.age = self.tenure or 0
        self.theta = self.rng.beta(ALPHA, BETA + self.age, PEOPLE)  # survivors of k months: Beta(a, b + k)
        self.annual = self.coin(self.take_up())
        self.covered, self.managed = self.coin(CUT.reach), self.coin(LOOK.reach)
        self.buys_at = self.purchases()

    def coin(self, chance) -> np.ndarray:
        return self.rng.random(PEOPLE) < chance

    def take_up(self) -> np.ndarray:
        z = np.log(self.theta / (1 - self.theta))
        z = (z - z.mean()) / z.std()
        take = lambda c: 1 / (1 + np.exp(-(c - OFFER.selection * z)))  # noqa: E731
        return take(brentq(lambda c: take(c).mean() - OFFER.adoption, -20, 20))

    def purchases(self) -> np.ndarray:
        """Month from today in which somebody buys more, if he is still here; beyond the horizon for those who never do."""
        band = np.arange(MORE.first, MORE.last + 1) - self.age
        wanted = self.rng.choice(band, PEOPLE)
        could = np.array([begun(MORE, month) if month >= 0 else 0.0 for month in range(-99, 100)])[wanted + 99]
        return np.where(self.coin(MORE.attach) & self.coin(could), wanted, 10 * H)


def multiplier(people: People, month: int, raised: np.ndarray) -> np.ndarray:
    """Factor on each person's intensity of leaving after this month."""
    factor = np.where(raised, (1 + RISE.rise) ** RISE.churn_elasticity, 1.0)
    if people.age + month < FIRST.first_months:
        factor = factor * (1 - FIRST.reduction)
    saved = CARDS.quality * (CARDS.recovered - CARDS.recovered_now) / (1 - CARDS.recovered_now)
    factor = factor * (1 - INVOLUNTARY * saved)
    factor = factor * np.where(people.covered, 1 - CUT.reduction * begun(CUT, month), 1.0)
    factor = factor * np.where(people.managed, 1 - LOOK.reduction * begun(LOOK, month), 1.0)
    return factor * np.where(month >= people.buys_at, 1 - MORE.churn_effect, 1.0)


def upkeep(people: People, month: int, added: np.ndarray) -> np.ndarray:
    """What each person served costs in this month."""
    cost = (1 - MARGIN) * PRICE + SERVICE + CARDS.cost + MORE.cost_share * added
    cost = cost + CUT.cost * begun(CUT, month) * people.covered
    cost = cost + LOOK.care * MARGIN * PRICE * begun(LOOK, month) * people.managed
    return cost + (FIRST.cost if people.age + month == 0 else 0.0)


def simulate(tenure: int | None, seed: int) -> dict[str, np.ndarray]:
    """Per person: worth (PEOPLE,), mrr and cash by month (H, PEOPLE)."""
    people = People(tenure, seed)
    meets = 0 if tenure is None else KEEP.months
    raised_at = np.where(people.annual, 12 * -(-meets // 12), meets)
    here, wants = np.ones(PEOPLE, bool), np.ones(PEOPLE, bool)  # annual payers decide at renewals
    came, due_back = np.full(PEOPLE, -1), np.full(PEOPLE, -1)  # month of return; month in which a return falls due
    paying, list_price, added = np.zeros(PEOPLE), np.zeros(PEOPLE), np.zeros(PEOPLE)
    found = {name: np.zeros((H, PEOPLE)) for name in ("mrr", "cash", "cost")}
    grown = 1.0
    for month in range(H):
        pays = ~people.annual | (month % 12 == 0)
        before = here.copy()
        here &= ~pays | wants
        for echo in range(3) if tenure is not None else ():  # the loss on the day, and its echoes for monthly payers
            hit = (month == raised_at + echo) & (~people.annual if echo else True)
            lost = hit & people.coin(RISE.one_off_loss * RISE.one_off_decay**echo)
            here &= ~lost
            wants &= ~lost
        gone = before & ~here & ~people.annual & (came < 0)
        tried = gone & people.coin(BACK.returning * begun(BACK, month - 1))
        due_back[tried] = month - 1 + BACK.gap
        back = due_back == month
        came[back], here[back], wants[back] = month, True, True
        quantity = grown * np.where(month >= people.buys_at, 1 + MORE.uplift, 1.0)
        raised = month >= raised_at
        list_price = np.where(pays, PRICE * np.where(raised, 1 + RISE.rise, 1.0) * quantity, list_price)
        added = np.where(pays, PRICE * (quantity - 1), added)
        promoted = (came >= 0) & (month - came < BACK.promo)
        paying = list_price * np.where(people.annual, 1 - OFFER.discount, 1.0) * np.where(promoted, BACK.price, 1.0)
        found["mrr"][month] = here * paying
        found["cash"][month] = here * paying * pays * np.where(people.annual, 12, 1)
        found["cost"][month] = here * upkeep(people, month, added) + back * BACK.cost
        power = multiplier(people, month, raised) * np.where(came >= 0, BACK.pace, 1.0)
        wants &= people.coin((1 - people.theta) ** power)
        grown *= 1 + MORE.growth * begun(MORE, month)
    return found | {"worth": V @ (found["cash"] - found["cost"])}


@pytest.mark.parametrize("tenure", [None, 7])
def test_all_levers_agree_with_two_hundred_thousand_single_customers(tenure):
    curve = cs.RetentionCurve.sbg(ALPHA, BETA)
    base = cs.Assumptions.from_curve(
        curve, PRICE, existing_tenure=tenure, gross_margin=MARGIN, service_cost=SERVICE, discount_rate=0.10)
    change = cs.compare(base, PLAN, H)
    assert len(change.plan.active) == 9  # none of them rests
    money = change.scenario.new or change.scenario.existing
    people = simulate(tenure, seed=11)
    error = people["worth"].std() / np.sqrt(PEOPLE)
    assert (change.new or change.existing).after == pytest.approx(people["worth"].mean(), abs=3 * error)
    assert 3 * error < 0.008 * people["worth"].mean()  # the yardstick is fine enough to see a percent
    for name in ("mrr", "cash"):
        error = people[name].std(axis=1) / np.sqrt(PEOPLE)
        off = (getattr(money, name)[:H] - people[name].mean(axis=1)) / np.where(error > 0, error, 1.0)
        assert np.abs(off).max() < 3, (name, int(np.abs(off).argmax()), off.round(1))
