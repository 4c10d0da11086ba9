"""Keep more customers: customer success, a health programme, anything that makes fewer leave."""

from dataclasses import dataclass

from cs_models.group import Group
from cs_models.levers.base import Detail, Lever, Stage, percent, tenure, whom_and_when
from cs_models.levers.fields import choice, money, months, phase_in, segments, share, start
from cs_models.levers.price_increase import REACH
from cs_models.levers.programme import covered


@dataclass(frozen=True)
class ChurnReduction(Lever):
    """Cut the chance of leaving by `reduction` for those a programme covers.

    Leaving intensity x (1 - reduction); with `first_months` = n only in a customer's own months 1 to n, so
    existing customers past month n are not touched. `reach` of the customers are covered, loyal or not; each
    costs `cost` per customer-month in every month it acts, paid ahead or not.
    For a CFO: the customers saved are the loose ones; type by type a 20 % cut adds +9 % to 36 months, not +15
    %.
    """

    title = "Churn reduction"
    question = "Churn less?"
    stage = Stage.HAZARD
    order = 6
    spends = ("cost",)

    reduction: float = share(
        0.10, "Churn cut by", help="Share of leaving that the programme prevents among those it covers.",
        evidence="assumption: size it with an experiment", doubt_times=(0.0, 1.5))
    cost: float = money(
        0.0, "Programme cost per customer and month", high=20.0, help="What the programme costs for each customer it covers.",
        evidence="assumption: your plan")
    reach: float = share(
        1.0, "Share of customers covered", rest=1.0, help="The programme covers this share of customers, loyal or not.",
        evidence="assumption: your plan")
    first_months: int | None = months(
        None, "Only in the first months", rest=None, low=1, high=24, least=1, optional=True,
        help="Empty means for the whole life.", evidence="assumption: your plan")
    scope: str = choice("both", "Whom it covers", REACH, help="New customers, existing ones, or both.",
                        evidence="assumption: your plan")
    start: int = start()
    phase_in: int = phase_in()
    segments: tuple = segments()

    def is_at_rest(self) -> bool:
        return self.reach == 0 or (self.reduction == 0 and self.cost == 0)

    def detail(self) -> Detail:
        return Detail(young=self.first_months or 0)

    def apply(self, groups: list[Group]) -> list[Group]:
        return covered(self, groups, self._keep, self._young)

    def _young(self, group: Group) -> bool:
        """Whether it meets the programme in its first months, if it is for those alone."""
        return self.first_months is None or (tenure(group) is not None and tenure(group)[0] < self.first_months)

    def _keep(self, group: Group) -> dict:
        acts = self.in_effect(group)
        if self.first_months is not None:
            acts = acts * (tenure(group) < self.first_months)
        return {"multiplier": group.multiplier * (1 - self.reduction * acts),
                "programme": group.programme + self.cost * acts if self.cost else group.programme}

    def sentence(self) -> str:
        n = self.first_months
        when = f" in the first {'month' if n == 1 else f'{n} months'}" if n else ""
        whom = f" of {percent(self.reach)} of customers" if self.reach < 1 else ""
        return f"cutting churn{whom} by {percent(self.reduction)}{when}{whom_and_when(self, self.scope)}"
