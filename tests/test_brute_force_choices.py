"""What customers choose, against 200,000 single ones: who leaves over a price and when, refunds, typed renewals, and
the three answers when an old price ends. Nothing of the engine is used on the simulated side.
"""

import numpy as np
import pytest
from scipy.optimize import brentq

import cs_models as cs

ALPHA, BETA, TENURE, PRICE, MARGIN, H, PEOPLE = 0.8, 8.0, 7, 50.0, 0.8, 30, 200_000
V = 1.1 ** (-np.arange(H) / 12)

RISE = cs.PriceIncrease(rise=0.2, one_off_loss=0.12, leavers="leaky", notice=2, announced=0.4, downgrade_share=0.25,
                        downgrade_price=0.5, churn_elasticity=0.6, start=5)
YEAR = cs.AnnualBilling(adoption=0.3, discount=0.1, selection=1.0, intent="typed", renewal_rate=0.6, refunds=0.4, start=2)
PACED = cs.AnnualBilling(adoption=0.4, discount=0.1, selection=-1.0, renewal_effect=1.4, reminded=0.5, refunds=0.3)
SUDDEN = cs.PriceIncrease(rise=0.2, one_off_loss=0.05, churn_elasticity=0.6)
CHOICE = cs.Grandfathering(months=6, loyalty_discount=0.05, keep_share=0.6, choice_discount=0.1, downgrade_share=0.25,
                           leave_share=0.15)


def drawn(seed: int) -> tuple[np.random.Generator, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng, rng.beta(ALPHA, BETA + TENURE, PEOPLE)


def chance(theta, here, share: float, selection: float) -> np.ndarray:
    """Each person's chance to say yes, so that `share` of those here do."""
    odds = np.log(theta / (1 - theta))
    middle = np.average(odds, weights=here)
    z = (odds - middle) / np.sqrt(np.average((odds - middle) ** 2, weights=here))
    yes = lambda c: 1 / (1 + np.exp(-(c - selection * z)))  # noqa: E731
    return yes(brentq(lambda c: np.average(yes(c), weights=here) - share, -30, 30))


def over_a_price(seed: int) -> dict[str, np.ndarray]:
    """The loosest leave first: some when told, some on the day; some would have left and take a smaller plan."""
    rng, theta = drawn(seed)
    told, day = RISE.start - RISE.notice, RISE.start
    leave = chance(theta, (1 - theta) ** day, RISE.one_off_loss, -1.0)
    small = rng.random(PEOPLE) < leave * RISE.downgrade_share
    smaller = RISE.one_off_loss * RISE.downgrade_share
    lost = (RISE.one_off_loss - smaller) / (1 - smaller)  # of those who take no smaller plan
    early = RISE.announced * lost
    stay, hits = 1 - leave * RISE.downgrade_share, {}
    for month, share in ((told, early), (day, (lost - early) / (1 - early))):
        hits[month] = chance(theta, stay * (1 - theta) ** month, share, -1.0)
        stay = stay * (1 - hits[month])
    here, found = np.ones(PEOPLE, bool), {name: np.zeros((H, PEOPLE)) for name in ("mrr", "cash")}
    for month in range(H):
        if month in hits:
            here &= small | (rng.random(PEOPLE) >= hits[month])
        raised = month >= day
        price = PRICE * np.where(small, RISE.downgrade_price if raised else 1.0, 1 + RISE.rise * raised)
        found["mrr"][month] = found["cash"][month] = here * price
        faster = np.where(small | (not raised), 1.0, (1 + RISE.rise) ** RISE.churn_elasticity)
        found.setdefault("here", []).append(here.copy())
        here &= rng.random(PEOPLE) < (1 - theta) ** faster
    return found


def by_the_year(seed: int, offer: cs.AnnualBilling) -> dict[str, np.ndarray]:
    """A year ahead from the month of the offer; those with refunds leave in any month and get the unused ones back."""
    rng, theta = drawn(seed)
    taker = rng.random(PEOPLE) < chance(theta, (1 - theta) ** offer.start, offer.adoption, offer.selection)
    back, reminded = rng.random(PEOPLE) < offer.refunds, rng.random(PEOPLE) < offer.reminded
    typed = offer.intent == "typed"
    forgetful = np.log(0.75) / np.log(0.52)
    pace = np.where(taker, offer.renewal_effect * np.where(reminded, 1.0, forgetful), 1.0)
    here, wants = np.ones(PEOPLE, bool), np.ones(PEOPLE, bool)
    found, dear = {name: np.zeros((H, PEOPLE)) for name in ("mrr", "cash")}, PRICE * (1 - offer.discount)
    for month in range(H):
        into = (month - offer.start) % 12
        annual = taker & (month >= offer.start)
        decides = ~annual | back | (into == 0)
        gone = here & ~wants & decides
        refund = gone & annual & back & (into > 0)
        here &= ~gone
        found["mrr"][month] = here * np.where(annual, dear, PRICE)
        found["cash"][month] = here * np.where(annual, 12 * dear * (into == 0), PRICE) - refund * dear * (12 - into)
        found.setdefault("here", []).append(here.copy())
        stays = (1 - theta) ** np.where(annual, pace, 1.0)
        stays = np.where(annual, offer.renewal_rate ** (1 / 12), stays) if typed else stays
        wants &= rng.random(PEOPLE) < stays
    return found


def when_an_old_price_ends(seed: int) -> dict[str, np.ndarray]:
    """Go on at a discount, keep the price on a smaller plan, or leave: asked on the day, in place of the sudden loss."""
    rng, theta = drawn(seed)
    answer = rng.choice(3, PEOPLE, p=[CHOICE.keep_share, CHOICE.downgrade_share, CHOICE.leave_share])
    level = (1 + SUDDEN.rise) * (1 - CHOICE.loyalty_discount) * (1 - CHOICE.choice_discount)
    here, found = np.ones(PEOPLE, bool), {name: np.zeros((H, PEOPLE)) for name in ("mrr", "cash")}
    for month in range(H):
        raised = (answer == 0) & (month >= CHOICE.months)
        here &= ~((answer == 2) & (month == CHOICE.months))
        found["mrr"][month] = found["cash"][month] = here * PRICE * np.where(raised, level, 1.0)
        found.setdefault("here", []).append(here.copy())
        here &= rng.random(PEOPLE) < (1 - theta) ** np.where(raised, level**SUDDEN.churn_elasticity, 1.0)
    return found


CASES = {
    "who leaves over a price, and when": ((RISE,), over_a_price),
    "typed renewal, refunds, a later offer": ((YEAR,), lambda seed: by_the_year(seed, YEAR)),
    "a yearly bill, reminders, refunds": ((PACED,), lambda seed: by_the_year(seed, PACED)),
    "the choice when an old price ends": ((SUDDEN, CHOICE), when_an_old_price_ends),
}


@pytest.mark.parametrize("levers, simulate", CASES.values(), ids=CASES)
def test_choices_agree_with_two_hundred_thousand_single_customers(levers, simulate):
    base = cs.Assumptions.from_curve(cs.RetentionCurve.sbg(ALPHA, BETA), PRICE, existing_tenure=TENURE,
                                     gross_margin=MARGIN, discount_rate=0.10)
    change = cs.compare(base, cs.Scenario("", levers), H)
    money, people = change.scenario.existing, simulate(3)
    worth = V @ (people["cash"] - (1 - MARGIN) * PRICE * np.array(people.pop("here")))
    error = worth.std() / np.sqrt(PEOPLE)
    assert change.existing.after == pytest.approx(worth.mean(), abs=3 * error)
    assert abs(change.existing.delta) > 3 * error  # the yardstick is fine enough to see the decision
    for name, walked in people.items():
        error = walked.std(axis=1) / np.sqrt(PEOPLE)
        off = (getattr(money, name)[:H] - walked.mean(axis=1)) / np.where(error > 0, error, 1.0)
        assert np.abs(off).max() < 3.5, (name, int(np.abs(off).argmax()), off.round(1))
