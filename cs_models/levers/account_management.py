"""Give customers somebody who looks after them, paid as a share of their margin."""

from dataclasses import dataclass

from cs_models.group import Group
from cs_models.levers.base import Lever, Stage, percent, whom_and_when
from cs_models.levers.fields import choice, phase_in, segments, share, start
from cs_models.levers.price_increase import REACH
from cs_models.levers.programme import covered


@dataclass(frozen=True)
class AccountManagement(Lever):
    """An account manager for `reach` of the customers: fewer of them leave, and each costs a share of its margin.

    Leaving intensity x (1 - reduction) for those covered; cost: `care` x gross margin x today's price in
    every month a covered customer is served, paid ahead or not. A price rise or a discount does not change
    that cost.
    For a CFO: it must keep enough margin to pay for itself on everybody it covers, also on those who would
    have stayed.
    """

    title = "Account management"
    question = "Account managers?"
    stage = Stage.HAZARD
    order = 7
    spends = ("care",)

    reduction: float = share(
        0.20, "Churn cut by", help="Share of leaving prevented among the customers who have an account manager.",
        evidence="assumption: 0 to 30 %; size it with an experiment", doubt_times=(0.0, 1.5))
    care: float = share(
        0.12, "Cost, share of gross margin", high=0.5, step=0.005, most=10.0,
        help="What account management costs, as a share of the gross margin of the customers covered.",
        evidence="benchmark: 10-15 % of gross margin", doubt=(0.10, 0.15))
    reach: float = share(
        1.0, "Share of customers covered", rest=1.0, help="Of the groups chosen; loyal or not.",
        evidence="assumption: your plan")
    scope: str = choice("both", "Whom it covers", REACH, help="New customers, existing ones, or both.",
                        evidence="assumption: your plan")
    start: int = start()
    phase_in: int = phase_in()
    segments: tuple = segments()

    def is_at_rest(self) -> bool:
        return self.reach == 0 or (self.reduction == 0 and self.care == 0)

    def apply(self, groups: list[Group]) -> list[Group]:
        return covered(self, groups, self._look_after)

    def _look_after(self, group: Group) -> dict:
        acts = self.in_effect(group)
        return {"multiplier": group.multiplier * (1 - self.reduction * acts), "care": group.care + self.care * acts}

    def sentence(self) -> str:
        whom = f" for {percent(self.reach)} of customers" if self.reach < 1 else ""
        effect = f"account management{whom}, cutting their churn by {percent(self.reduction)}"
        where = whom_and_when(self, self.scope)
        return f"{effect},{where}" if where else effect
