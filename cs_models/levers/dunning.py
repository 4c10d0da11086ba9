"""Recover failed payments before they become churn."""

from dataclasses import dataclass

from cs_models.group import Group
from cs_models.levers.base import Lever, Stage, once, percent, whom_and_when
from cs_models.levers.fields import choice, money, phase_in, segments, share, start
from cs_models.levers.price_increase import REACH


@dataclass(frozen=True)
class Dunning(Lever):
    """Retries, reminders and card updates: fewer customers are lost to a payment that failed.

    Involuntary hazard x [1 - quality (recovered - recovered_now) / (1 - recovered_now)]; the involuntary
    share of churn is that of the data, else a quarter. Recovering no more than today changes
    nothing. It costs `cost` per customer-month.
    For a CFO: from 47.6 % to 70 % recovered, at a quality of .8, removes 34 % of involuntary churn; where a
    quarter of churn is involuntary that is 8.5 % of all churn, from people who never decided to leave.
    """

    title = "Recover failed payments"
    question = "Recover failed payments?"
    stage = Stage.HAZARD
    order = 5
    spends = ("cost",)

    recovered: float = share(
        0.70, "Recovered with retries and reminders", rest=0.476,
        help="Share of failed payments that are collected in the end.",
        evidence="benchmark: e-mail alone about 42 %, good practice 70-85 %", doubt=(0.55, 0.85))
    recovered_now: float = share(
        0.476, "Recovered today", rest=0.476, high=0.99, most=0.99, help="The same share as you work today.",
        evidence="benchmark: median recovery of billing systems 47.6 %", doubt=(0.40, 0.60))
    quality: float = share(
        0.8, "Of those, stay like others", rest=0.8, help="A card that failed once fails again more often.",
        evidence="assumption: 0.6 to 1", doubt=(0.6, 1.0))
    cost: float = money(
        0.0, "Cost per customer and month", high=20.0, step=0.1, help="What the service costs for each customer served.",
        evidence="assumption: your plan")
    scope: str = choice("both", "Whom it covers", REACH, help="New customers, existing ones, or both.",
                        evidence="assumption: your plan")
    start: int = start()
    phase_in: int = phase_in()
    segments: tuple = segments()

    @property
    def kept(self) -> float:
        """Share of involuntary churn that is prevented."""
        gained = max(self.recovered - self.recovered_now, 0.0)
        return self.quality * gained / (1 - self.recovered_now)

    def is_at_rest(self) -> bool:
        return self.kept == 0 and self.cost == 0

    def why_nothing(self, plan: tuple[Lever, ...]) -> str:
        if self.recovered >= self.recovered_now:
            return ""
        return (f"{percent(self.recovered)} recovered is less than today’s {percent(self.recovered_now)}: nothing is gained, "
                "and the loss is not counted.")

    def apply(self, groups: list[Group]) -> list[Group]:
        known: dict = {}
        return [g.but(**once(known.setdefault((g.involuntary, g.failing_next, g.first_payment), {}), g, ("multiplier", "programme"), self._recover))
                if self.reaches(g, self.scope) else g for g in groups]

    def _recover(self, group: Group) -> dict:
        acts = self.in_effect(group)
        return {"multiplier": group.multiplier * (1 - group.failing * self.kept * acts),
                "programme": group.programme + self.cost * acts if self.cost else group.programme}

    def sentence(self) -> str:
        better = f"recovering {percent(self.recovered)} of failed payments instead of {percent(self.recovered_now)}"
        return better + whom_and_when(self, self.scope)
