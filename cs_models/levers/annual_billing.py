"""Offer annual billing at a discount."""

from dataclasses import dataclass

import numpy as np

from cs_models.flows import exposure_steps, hazard_multiplier
from cs_models.group import Group, Rise, split
from cs_models.levers.base import Lever, Stage, label, percent, whom_and_when
from cs_models.levers.fields import choice, months, number, phase_in, segments, share, start
from cs_models.levers.price_increase import REACH
from cs_models.levers.selection import chances_by_type, here_at, people, take_up

__all__ = ["AnnualBilling", "take_up"]

TERM = 12
INTENT = {"same": "As they would have stayed month by month", "typed": "A renewal rate you type"}
WHO = ((-1.0, "those about to leave"), (0.0, "at random"), (1.0, "the loyal first"), (2.0, "the very loyal first"))
FORGOTTEN = np.log(0.75) / np.log(0.52)  # 0.44: pace of leaving of those who are not reminded (Einav et al.)
GONE = 1e-12  # a renewal rate of nothing still has a finite intensity


@dataclass(frozen=True)
class AnnualBilling(Lever):
    """A share of monthly payers takes a year ahead for a discount. Who takes it decides the sign.

    Cash 12 x price x (1 - discount) at months 0, 12, 24 ... from the day of the choice; served and costed the
    whole paid year; renews with the survival the same customer would have had month by month, type by
    type. Take-up per type = logistic(c - selection x z), z the standardised log-odds of leaving,
    c solved so that `adoption` of those here in that month take it.
    free_months: discount = free months / 12. Existing customers choose with their next payment from month
    `start` on; with phase_in = n they are asked in n + 1 equal batches, one a month. After the choice a
    taker's intensity of leaving is x renewal_effect (more than 1: a yearly bill makes people think; less:
    inertia), and x ln .75 / ln .52 = 0.44 for those who are not reminded. intent "typed" sets the renewal
    instead: `renewal_rate` of takers renew each year, which renewal_effect and reminders then leave alone.
    `refunds` of takers may leave inside the year and get the unused months back.
    For a CFO: money early and a year's commitment from people who might have left, against a discount for
    people who would have stayed anyway. Loyal takers (selection 1) make it dearer than it looks. The discount
    at which it pays nothing is 1 - (1 - q^12) / (12 (1 - q)), q = (1 - churn) v: 18.3 % at a churn of 3 % a
    month.
    """

    title = "Annual billing"
    question = "Sell annual plans?"
    stage = Stage.BILLING
    order = 3

    adoption: float = share(
        0.25, "Take-up", help="Share of monthly payers who choose to pay a year ahead.", doubt=(0.10, 0.50),
        evidence="benchmark: 20-30 % in mid-priced software, range 10-50 %")
    discount: float = share(
        0.167, "Discount", rest=0.167, high=0.5, step=0.005,
        help="Off the yearly price; two months free is 16.7 %.",
        evidence="benchmark: 16.7 % is the commonest, then 10 and 20 %")
    selection: float = number(
        1.0, "Who takes it", rest=1.0, low=-1.0, high=2.0, step=0.5, least=-10.0, most=10.0, doubt=(0.0, 2.0),
        unit="points", names=WHO,
        help="-1 those about to leave, 0 anybody, 1 the loyal (what is usually seen), 2 the very loyal.",
        evidence="assumption: loyal customers prepay; always read the range from 0 to 2")
    scope: str = choice("both", "Who gets the offer", REACH, help="Which monthly payers can switch.")
    free_months: int = months(
        0, "Months free instead of the discount", rest=0, high=6, most=12,
        evidence="benchmark: two is the commonest",
        help="2 is ten payments for twelve months. 0 takes the discount above.")
    intent: str = choice(
        "same", "Who renews", INTENT, evidence="assumption: paying ahead changes nobody's mind",
        help="Each customer type as it would have stayed, or one renewal rate for all takers.")
    renewal_rate: float = share(
        0.75, "Renewal rate", rest=0.75, doubt=(0.5, 0.9),
        help="Share of takers who renew each year, if you type it.",
        evidence="benchmark: 75 % renewed where nothing made them think of it, 52 % where something did")
    renewal_effect: float = number(
        1.0, "A yearly bill and leaving", rest=1.0, low=0.5, high=2.0, step=0.1, least=0.0, most=20.0,
        doubt=(0.8, 1.5), unit="times",
        help="Factor on takers' leaving: above 1 the large bill makes people think, below 1 they forget.",
        evidence="assumption: 0.8 to 1.5 is the range to look at")
    reminded: float = share(
        1.0, "Reminded before renewal", rest=1.0,
        evidence="experiment: renewal fell from 75 to 52 % when a new card was needed",
        help="Those not reminded leave at 0.44 of the pace. Some laws require the reminder.")
    refunds: float = share(
        0.0, "May leave inside the year", doubt=(0.0, 0.1),
        help="Share of takers who can end at any time and get the unused months back.")
    start: int = start()
    phase_in: int = phase_in()
    segments: tuple = segments()

    def is_at_rest(self) -> bool:
        return self.adoption == 0

    @property
    def settles(self) -> int:
        return 0 if self.scope == "existing" else self.start + self.phase_in

    def dormant(self, book: str) -> tuple[str, ...]:
        return ("renewal_effect", "reminded") if self.intent == "typed" else ("renewal_rate",)

    def nobody_left(self, cells, book: str) -> str:
        books = [one for one in ("new", "existing") if book in (one, "portfolio") and self.scope in (one, "both")]
        payers = {"new": lambda cell: cell.new_share > 0, "existing": lambda cell: cell.heads.any()}
        mine = [cell for cell in cells if not self.segments or label(cell.segment) in self.segments]
        if not books or any(payers[one](cell) for one in books for cell in mine if cell.interval == 1):
            return ""
        return "nobody it is for pays monthly, so there is nobody left to move to annual billing"

    @property
    def off(self) -> float:
        """Share off the list price: the months free of twelve, else the discount."""
        return self.free_months / TERM if self.free_months else self.discount

    def apply(self, groups: list[Group]) -> list[Group]:
        after, asked = [], {}
        for group in groups:
            if group.term == 1 and self.reaches(group, self.scope) and not self.is_at_rest():
                asked.setdefault(people(group), []).append(group)
            else:
                after.append(group)
        for same, batches in zip(asked.values(), self._batches(list(asked.values()))):
            after.extend(part for group in same for part in self._offer(group, batches))
        return after

    def _batches(self, peoples: list[list[Group]]) -> list[list[tuple[int, np.ndarray]]]:
        """For each people the months in which a batch is asked, with the chance per type of being in it and taking
        the offer.
        """
        found: list = [[] for _ in peoples]
        asked = np.diff(self.in_effect(peoples[0][0]), prepend=0.0) if peoples else np.zeros(0)
        for month in np.flatnonzero(asked > 1e-12).tolist():
            chances = chances_by_type(peoples, month, self.adoption, self.selection)
            for batches, chance in zip(found, chances):
                batches.append((month, asked[month] * chance))
        return found

    def _offer(self, group: Group, batches: list[tuple[int, np.ndarray]]) -> list[Group]:
        found = []
        for month, chance in batches:
            takers, others = split(group, chance)
            found.extend(self._take(takers, month))
        if len(batches) == 1:
            return found if self.adoption == 1 else [*found, others]
        rest = 1.0 - sum(chance for _, chance in batches)
        return found if np.all(np.abs(rest) < 1e-12) else [*found, split(group, rest)[0]]

    def _take(self, takers: Group, month: int) -> list[Group]:
        """Takers with their way of renewing and of leaving inside the year."""
        takers = takers.but(term=TERM, first_payment=month, monthly_before=month > 0, discount=self.off)
        if self.intent == "typed":
            return [one.but(refunded=True) if refunded else one for one, refunded in
                    _parts(_renewing(takers, month, self.renewal_rate), self.refunds)]
        pace = {False: self.renewal_effect, True: self.renewal_effect * FORGOTTEN}
        return [_paced(one.but(refunded=True) if refunded else one, month, pace[forgotten])
                for part, refunded in _parts(takers, self.refunds)
                for one, forgotten in _parts(part, 1 - self.reminded)]

    def sentence(self) -> str:
        who = {"new": " new", "existing": " existing"}.get(self.scope, "")
        first = {1: " (the loyal first)", 0: "", -1: " (the leaky first)"}[np.sign(self.selection)]
        free = f"with {self.free_months} month{'' if self.free_months == 1 else 's'} free"
        price = free if self.free_months else f"at {percent(self.discount)} off"
        takers = f"{percent(self.adoption)} of{who} monthly payers{first}"
        return f"annual billing for {takers} {price}{whom_and_when(self)}"


def _parts(group: Group, share: float) -> list[tuple[Group, bool]]:
    """The part that does, and the part that does not; a part of nobody is left out."""
    if share in (0, 1):
        return [(group, bool(share))]
    does, rest = split(group, share)
    return [(does, True), (rest, False)]


def _paced(group: Group, month: int, pace: float) -> Group:
    if pace == 1:
        return group
    return group.but(multiplier=group.multiplier * np.where(np.arange(group.months) >= month, pace, 1.0))


def _renewing(group: Group, month: int, rate: float) -> Group:
    """Takers as one type that leaves as the mix did until `month`, then renews with `rate` each year.

    The mix is put on an operational clock of its own, on which other decisions act as on any type's
    intensity; what they pay per head, which changes while the mix does, goes into the price path.
    """
    factor, pace = hazard_multiplier(group), -np.log(max(rate, GONE)) / TERM
    heads, money = (_path(group.but(heads=one, money=one), month) for one in (group.heads, group.money))
    before = -np.diff(np.log(np.maximum(heads, 1e-300)), axis=-1)
    before = np.where(factor[:month] > 0, before / np.where(factor[:month] > 0, factor[:month], 1.0), 0.0)
    after = np.full((*before.shape[:-1], group.months - month), pace)
    clock = np.cumsum(np.concatenate([np.zeros_like(heads[..., :1]), before, after], axis=-1), axis=-1)
    each = np.where(heads > 0, money / np.maximum(heads, 1e-300), 1.0)
    ratio = each / np.where(each[..., :1] > 0, each[..., :1], 1.0)
    ratio = np.concatenate([ratio, np.repeat(ratio[..., -1:], group.months - month - 1, axis=-1)], axis=-1)
    ones = np.ones_like(heads[..., :1])
    return group.but(rate=ones, heads=heads[..., :1], money=money[..., :1], aging=clock, done=0, few=None,
                     index=group.index * ratio, served=group.served * ratio, care=group.care * ratio)


def _path(group: Group, month: int) -> np.ndarray:
    """Share of the mix still here in months 0 .. month, before any one-off loss. (..., month + 1)"""
    plain = group.but(rises=tuple(Rise(rise.month, rise.multiplier) for rise in group.rises))
    return np.stack([here_at(plain, t).sum(axis=-1) for t in range(month + 1)], axis=-1)
