"""Bring back customers who left."""

from dataclasses import dataclass

import numpy as np

from cs_models.group import Group, Return
from cs_models.levers.base import Lever, Stage, percent, whom_and_when
from cs_models.levers.fields import money, months, number, phase_in, segments, share, start


@dataclass(frozen=True)
class WinBack(Lever):
    """Some of those who leave come back, at a lower price at first.

    `returning` of the monthly payers who leave in each month pay again `gap` months after their last payment:
    `price` x what they would pay for `promo` months, then all of it. They leave at `pace` x the intensity of
    their type and are won back once; each costs `cost` once. Who pays for a year, and whoever left before
    today, is not counted.
    For a CFO: those who come back are the loose ones, so each is worth less than a new customer; only the
    extra beyond those who return by themselves belongs here.
    """

    title = "Win back"
    question = "Win customers back?"
    stage = Stage.CASH
    order = 9
    spends = ("cost",)

    returning: float = share(
        0.05, "Of those who leave, return", help="Beyond those who come back by themselves.",
        evidence="assumption: 2 to 10 %; a third of streaming customers return within 6 months unasked",
        doubt_times=(0.4, 2.0))
    gap: int = months(
        3, "Months from their last payment", rest=3, low=1, high=24, least=1, help="1 is without a month missed.",
        evidence="assumption: 1 to 6")
    price: float = share(
        0.7, "Price while promoted", rest=0.7, high=1.0, step=0.05, help="Share of the full price at first.",
        evidence="assumption: your offer")
    promo: int = months(3, "Months at that price", rest=3, high=24, help="Then the full price.",
                        evidence="assumption: your offer")
    pace: float = number(
        1.5, "They leave faster by the factor", rest=1.5, low=0.5, high=4.0, step=0.1, least=0.0, most=100.0,
        help="1 is like others of their type.", evidence="assumption: 1 to 2", doubt=(1.0, 2.0), unit="times")
    cost: float = money(
        0.0, "Cost per customer won back", high=500.0, step=5.0, help="The campaign, divided by those who return.",
        evidence="assumption: your plan")
    start: int = start()
    phase_in: int = phase_in()
    segments: tuple = segments()

    def is_at_rest(self) -> bool:
        return self.returning == 0

    def apply(self, groups: list[Group]) -> list[Group]:
        known: dict = {}
        after = []
        for group in groups:
            if not self.reaches(group):
                after.append(group)
            elif group.term == 1:
                key = id(group.returns), group.joined, group.months
                if key not in known:
                    known[key] = (*group.returns, self._back(self.returning * self.in_effect(group)))
                after.append(group.but(returns=known[key]))
            else:
                after += [group, *self._gone_before(group)]
        return after

    def _back(self, share: np.ndarray) -> Return:
        return Return(share, self.gap, self.price, self.promo, self.pace, self.cost)

    def _gone_before(self, group: Group) -> list[Group]:
        """Those of future annual payers who leave while they still pay by the month, and come back.

        Two groups that pay by the month, one with its returns and one taken away without: what is left is those returned.
        """
        if not (group.monthly_before and group.first_payment) or self.is_at_rest():
            return []
        share = self.returning * self.in_effect(group) * (np.arange(group.months) < group.first_payment)
        monthly = group.but(term=1, first_payment=0, monthly_before=False, discount=0.0, refunded=False)
        return [monthly.but(returns=(*group.returns, self._back(share))), monthly.but(count=-group.count)]

    def sentence(self) -> str:
        return f"winning back {percent(self.returning)} of those who leave{whom_and_when(self)}"
