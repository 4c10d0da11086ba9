"""Offer annual billing at a discount."""

from dataclasses import dataclass

import numpy as np

from cs_models.group import Group, split
from cs_models.levers.base import Lever, Stage, in_scope, percent
from cs_models.levers.fields import choice, number, share
from cs_models.levers.price_increase import REACH


@dataclass(frozen=True)
class AnnualBilling(Lever):
    """A share of monthly payers takes a year ahead for a discount. Who takes it decides the sign.

    Cash 12 x price x (1 - discount) at months 0, 12, 24 ...; served and costed the whole paid year; renews with the
    survival the same customer would have had month by month, type by type (RULES 7). Take-up per type =
    logistic(c - selection x z), z the standardised log-odds of leaving, c solved so that `adoption` take it (RULES 15).
    For a CFO: money early and a year's commitment from people who might have left, against a discount for people who
    would have stayed anyway. Loyal takers (selection 1) make it dearer than it looks.
    """

    title = "Annual billing"
    question = "Sell annual plans?"
    stage = Stage.BILLING
    order = 3

    adoption: float = share(
        0.25, "Take-up", help="Share of monthly payers who choose to pay a year ahead.",
        evidence="benchmark: 20-30 % in mid-priced software, range 10-50 %")
    discount: float = share(
        0.167, "Discount", rest=0.167, high=0.5, step=0.005, help="Off the yearly price; two months free is 16.7 %.",
        evidence="benchmark: 16.7 % is the commonest, then 10 and 20 %")
    selection: float = number(
        1.0, "Who takes it", rest=1.0, low=-1.0, high=2.0, step=0.5, least=-10.0, most=10.0,
        help="-1 those about to leave, 0 anybody, 1 the loyal (what is usually seen), 2 the very loyal.",
        evidence="assumption: loyal customers prepay; always read the range from 0 to 2")
    scope: str = choice("both", "Who gets the offer", REACH, help="Which monthly payers can switch.")

    def is_at_rest(self) -> bool:
        return self.adoption == 0

    def apply(self, groups: list[Group]) -> list[Group]:
        reached = [g for g in groups if g.term == 1 and in_scope(g, self.scope) and self.adoption > 0]
        chances = self._chances(reached)
        after = []
        for group in groups:
            after.extend(self._offer(group, chances[_people(group)]) if group in reached else [group])
        return after

    def _chances(self, groups: list[Group]) -> dict[tuple, np.ndarray]:
        """Chance per type, solved once for all tenures of a segment, however finely the book is cut."""
        found = {}
        for people in dict.fromkeys(map(_people, groups)):
            same = [g for g in groups if _people(g) == people]
            heads = sum(g.count * g.heads for g in same)
            share = heads / heads.sum(axis=-1, keepdims=True)
            found[people] = take_up(same[0].rate, share, self.adoption, self.selection)
        return found

    def _offer(self, group: Group, chance: np.ndarray) -> list[Group]:
        takers, rest = split(group, chance) if self.adoption < 1 else (group, None)
        takers = takers.but(term=12, first_payment=0, discount=self.discount)
        return [takers] if rest is None else [takers, rest]

    def sentence(self) -> str:
        who = {"new": " new", "existing": " existing"}.get(self.scope, "")
        first = " (the loyal first)" if self.selection > 0 else " (the leaky first)" if self.selection < 0 else ""
        offer = f"{percent(self.adoption)} of{who} monthly payers{first} at {percent(self.discount)} off"
        return f"annual billing for {offer}"


def _people(group: Group) -> tuple:
    """Those among whom `adoption` take the offer: one book, segment and billing interval of the data."""
    return group.book, group.segment, group.interval, group.term


def take_up(rate: np.ndarray, heads: np.ndarray, adoption: float, selection: float) -> np.ndarray:
    """Chance per type of taking an offer that `adoption` of the group takes: logistic(c - selection x z).

    z = log-odds of leaving in a period, standardised with the group's weights; c is solved by a safeguarded Newton
    search. One type only: everybody has the same chance. Arrays (..., types).
    >>> round(float(take_up(np.array([0.1]), np.array([1.0]), 0.3, 1.0)[0]), 12)
    0.3
    """
    odds = np.log(np.expm1(np.maximum(rate, 1e-12)))  # logit(theta) with theta = 1 - exp(-rate)
    middle = (heads * odds).sum(-1, keepdims=True)
    spread = np.sqrt((heads * (odds - middle) ** 2).sum(-1, keepdims=True))
    z = np.where(spread > 1e-9, (odds - middle) / np.maximum(spread, 1e-9), 0.0)
    low, high = np.full_like(middle, -700.0), np.full_like(middle, 700.0)
    c = np.full_like(middle, np.log(adoption / (1 - adoption)) if adoption < 1 else 700.0)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(c - selection * z, -700, 700)))
        gap = (heads * chance).sum(-1, keepdims=True) - adoption
        if np.max(np.abs(gap)) < 1e-13:
            break
        low, high = np.where(gap < 0, c, low), np.where(gap > 0, c, high)
        slope = (heads * chance * (1 - chance)).sum(-1, keepdims=True)
        step = c - gap / np.maximum(slope, 1e-300)
        c = np.where((step > low) & (step < high), step, (low + high) / 2)
    return chance
