"""What articles about lifetime value say, worked out on these customers, beside what the articles say, and why they differ."""

from dataclasses import dataclass

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.dials import gain, main_book
from cs_models.levers import ALL
from cs_models.scenario import Scenario
from cs_models.uncertainty import Range, drawn_amounts, span
from cs_models.valuation import evaluate, payback, value
from cs_models.words import counted, money, months, percent, points

RISE, POINTS, TWO_MONTHS_FREE = 0.05, 0.05, 1 / 6
PROFIT = 0.22  # what the pricing study says 5 % of price is worth
SHARE_OF_VALUE, CLAIM_HORIZON = 0.10, 36  # CAC as a share of the value over so many months
YEAR = 12


@dataclass(frozen=True)
class Claim:
    """One claim on these customers.

    key: "price", "churn", "annual", "cac", "still"; title: the question; theirs: what the article says, in words
    ours: our figure (unit "share" of profit or revenue, "months" or "payments"); low, high: its 95 % range;
    None where these data cannot say; said: our figure in words; why: what makes the two differ, one or two sentences
    """

    key: str
    title: str
    theirs: str
    ours: float | None
    low: float | None
    high: float | None
    unit: str
    said: str
    why: str


def check_claims(base: Assumptions, horizon: int = 36) -> tuple[Claim, ...]:
    """The claims as live checks on the data, each with our figure, its range, and why it differs.

    Profit is what customers bring over `horizon` months after the cost to serve them, discounted: costs that do not
    hang on customers (development, rent) are not in the data. For a CFO: which rules of thumb hold here.
    5 % more price at 80 % margin with nobody leaving is 5 / 80 = 6.25 % more profit, not 22 %.
    """
    horizon = base.check_horizon(horizon)
    found = [_price(base, horizon), _churn(base, horizon), _annual(base, horizon), _cac(base), _still(base)]
    return tuple(claim for claim in found if claim is not None)


def _lifted(base: Assumptions, lever, horizon: int) -> tuple[float, Range]:
    """Relative change of the headline's value under one lever, with its range over the draws."""
    book, plan = main_book(base, None), Scenario("", (lever,))
    runs = [drawn_amounts(base, levers, horizon, detail=plan.detail)[book] for levers in ((), plan.active)]
    found = value(base, horizon)
    before = found.clv if book == "new" else found.residual_per_customer
    if not before:
        return 0.0, Range(0.0, 0.0)
    return gain(base, plan, horizon, book) / before, span(runs[1] / runs[0] - 1)


def _price(base: Assumptions, horizon: int) -> Claim:
    rise = ALL["PriceIncrease"]
    free, around = _lifted(base, rise(rise=RISE, churn_elasticity=0.0), horizon)
    usual, _ = _lifted(base, rise(rise=RISE, one_off_loss=0.15 * RISE), horizon)
    why = (f"Your margin after the cost to serve is {percent(base.gross_margin, 0)}, so a price {percent(RISE, 0)} higher adds "
           f"{percent(free)} if nobody leaves, and {percent(usual)} if churn reacts as is usually assumed. "
           f"{percent(PROFIT, 0)} is the same arithmetic at an operating margin of {percent(RISE / PROFIT)}: overheads that "
           "are not in your data make the base smaller and the gain look larger.")
    return Claim("price", "5 % more price: how much more profit?", "+22 % profit (a pricing study)", free, around.low,
                 around.high, "share", _percents(free, around), why)


def _churn(base: Assumptions, horizon: int) -> Claim:
    title, theirs = "5 points less churn a year: how much more profit?", "+25 to 85 % (retold as “5 % less churn, 25 to 125 %”)"
    stays = _stay(base)
    cut = _cut_for(base, stays + POINTS)
    if cut is None:
        return Claim("churn", title, theirs, None, None, None, "share", "cannot be said here",
                     f"{percent(stays)} stay a year already: five points more are not to be had.")
    lever = ALL["ChurnReduction"]
    ours, around = _lifted(base, lever(reduction=cut), horizon)
    relative, _ = _lifted(base, lever(reduction=0.05), horizon)
    why = (f"Keeping {points(POINTS, 0).lstrip('+')} more customers through the first year ({percent(stays)} to {percent(stays + POINTS)}) "
           f"takes a cut of churn by {percent(cut)}. The finding behind the claim counts a whole lifetime and businesses with "
           f"costs up front; over {months(horizon)} here it is {percent(ours)}. Five per cent less churn, as it is often "
           f"retold, is only {percent(relative)}.")
    return Claim("churn", title, theirs, ours, around.low, around.high, "share", _percents(ours, around), why)


def _stay(base: Assumptions, levers=()) -> float:
    """Share of the headline's customers still here after a year."""
    book = main_book(base, None)
    found = evaluate(base, levers, min(base.months, YEAR + 1))
    flows = found.new if book == "new" else found.existing
    month = min(YEAR, flows.in_force.shape[-1] - 1)
    return float(flows.in_force[month] / flows.in_force[0])


def _cut_for(base: Assumptions, wanted: float) -> float | None:
    """The cut of churn that lets this share stay a year; None where even no churn would not."""
    from scipy.optimize import brentq

    def short(cut):
        return _stay(base, (ALL["ChurnReduction"](reduction=cut),)) - wanted

    return float(brentq(short, 0.0, 1.0, xtol=1e-9)) if wanted < 1 and short(1.0) > 0 > short(0.0) else None


def _annual(base: Assumptions, horizon: int) -> Claim:
    churn = _annual_pays_from(base, horizon)
    stays = _stay(base)
    lifetime = 1 / (1 - stays ** (1 / YEAR)) if 0 < stays < 1 else None
    lever = ALL["AnnualBilling"](discount=TWO_MONTHS_FREE)
    plan = Scenario("", (lever,))
    book = main_book(base, None)
    here = gain(base, plan, horizon, book)
    now = "" if lifetime is None else f"At the pace of their first year yours stay {months(round(lifetime))} on average. "
    verb = "adds" if here > 0 else "loses" if here < 0 else "moves"
    why = (f"{now}The rule leaves out that the year is paid ahead and that few leave inside it. Who takes the offer decides: with "
           f"two months free and {percent(lever.adoption, 0)} of monthly payers taking it, the loyal first, it {verb} "
           f"{money(abs(here), base.currency)} per customer over {months(horizon)} here.")
    title, theirs = "Monthly to annual: when does it pay?", "when customers stay under 10 to 12 months on average"
    if churn is None:
        return Claim("annual", title, theirs, None, None, None, "months", "at no churn", why)
    ours = 1 / churn
    said = f"when they stay under {months(round(ours))} ({percent(churn)} churn a month), two months free"
    return Claim("annual", title, theirs, ours, ours, ours, "months", said, why)


def _annual_pays_from(base: Assumptions, horizon: int) -> float | None:
    """Monthly churn, the same for all, from which two months free pay, at the margin and discount rate of the data."""
    from scipy.optimize import brentq

    offer = Scenario("", (ALL["AnnualBilling"](adoption=1.0, discount=TWO_MONTHS_FREE, selection=0.0, scope="new"),))

    def over(churn):
        one = Assumptions.flat(churn, 100.0, base.gross_margin, base.discount_rate, horizon)
        return gain(one, offer, horizon, "new")

    return float(brentq(over, 1e-4, 0.6, xtol=1e-9)) if horizon >= YEAR and over(1e-4) < 0 < over(0.6) else None


def _cac(base: Assumptions) -> Claim | None:
    if not base.has_new:
        return None
    horizon = min(CLAIM_HORIZON, base.months)
    point = value(base, horizon)
    ours = payback(point.new.margin, SHARE_OF_VALUE * point.clv)
    drawn = evaluate(base, (), horizon, drawn=base.has_draws)
    worth = SHARE_OF_VALUE * np.atleast_1d(drawn.present(drawn.new))
    each = [payback(margin, cac) for margin, cac in zip(np.atleast_2d(drawn.new.margin), worth)]
    around = span(np.array([n for n in each if n is not None], float)) if any(each) else Range(float(ours), float(ours))
    why = ("The article divides by 36 equal months: 3.6, so four. Here some leave on the way and money later counts less, so ten "
           "per cent of the value is less than 3.6 first payments.")
    if any(cell.interval > 1 and cell.new_share > 0 for cell in base.cells):
        why += " Those who pay a year ahead bring twelve months at once."
    if base.cac > 0:
        real = point.payback_months
        own = f"in {counted(real, 'payment')}" if real else "not within ten years"
        why += f" At the CAC you typed, {money(base.cac, base.currency)}, it comes back {own}."
    return Claim("cac", "CAC of 10 % of the three-year value: how many payments until it is back?", "four months",
                 None if ours is None else float(ours), around.low, around.high, "payments",
                 "never" if ours is None else counted(ours, "payment"), why)


def _still(base: Assumptions) -> Claim | None:
    if not base.has_existing or base.months <= YEAR:
        return None
    runs = [evaluate(base, (), YEAR + 1, drawn=drawn).existing.mrr for drawn in (False, base.has_draws)]
    lost = [1 - np.asarray(mrr[..., YEAR] / mrr[..., 0]) for mrr in runs]
    ours, around = float(lost[0]), span(lost[1])
    yearly = ours * base.active_mrr
    why = (f"Of today's {money(base.active_mrr, base.currency)} a month, {money(yearly, base.currency)} will be gone in a year and has "
           "to be won again before anything grows. The article takes 5 % of 1,000,000 and says 20,000; it is 50,000.")
    return Claim("still", "How much recurring revenue must be won in a year just to stand still?", "5 % of it",
                 ours, around.low, around.high, "share", _percents(ours, around, sign=False), why)


def _percents(share: float, around: Range, sign: bool = True) -> str:
    text, low, high = (percent(one, sign=sign) for one in (share, around.low, around.high))
    return text if low == high else f"{text} ({low} to {high})"
