"""Customers who bring customers."""

from dataclasses import dataclass, replace

import numpy as np

from cs_models.group import Group
from cs_models.levers.base import Joining, Lever, Stage, whom_and_when
from cs_models.levers.fields import money, number, phase_in, start
from cs_models.words import decimal


@dataclass(frozen=True)
class Referral(Lever):
    """A hundred customers bring `brought` more a year; each costs a reward instead of CAC.

    Customers brought in a month = customers in force x brought / 1200. They are like other new customers and
    bring others in turn. The value of a single customer does not change: the gain is in the whole book, and
    in what winning a customer costs on average.
    For a CFO: only customers who would not have come anyway count.
    """

    title = "Referral"
    question = "Customers who bring customers?"
    stage = Stage.ACQUISITION
    order = 10
    spends = ("reward",)

    brought: float = number(
        3.0, "Brought by 100 customers a year", rest=0.0, low=0.0, high=50.0, step=0.5, least=0.0, most=1200.0,
        help="New customers who would not have come otherwise.", evidence="assumption: 1 to 10; ask new customers",
        doubt_times=(0.3, 1.7), unit="a year")
    reward: float = money(
        0.0, "Reward per customer brought", high=500.0, step=5.0, help="Paid once; it takes the place of CAC.",
        evidence="assumption: your plan")
    start: int = start()
    phase_in: int = phase_in()

    @property
    def settles(self) -> int:
        return 0  # whoever joins, at whatever time, behaves alike

    def is_at_rest(self) -> bool:
        return self.brought == 0

    def apply(self, groups: list[Group]) -> list[Group]:
        return groups

    def joining(self, joining: Joining) -> Joining:
        more = self.brought / 1200 * self.by_month(len(joining.volume))
        both = joining.referrals + more
        spent = joining.referrals * joining.reward + more * self.reward
        return replace(joining, referrals=both, reward=spent / np.where(both > 0, both, 1.0))

    def sentence(self) -> str:
        return f"every 100 customers bringing {decimal(self.brought, 0 if self.brought % 1 == 0 else 1)} a year{whom_and_when(self)}"
