"""Raise the list price."""

from dataclasses import dataclass

import numpy as np

from cs_models.group import Group, Rise
from cs_models.levers.base import Lever, Stage, in_scope, percent
from cs_models.levers.fields import choice, number, share

SHOCK = 0.15  # suggested one-off loss as a share of the rise (RULES 13; assumption, 0.05 to 0.6)
REACH = {"new": "New customers", "existing": "Existing customers", "both": "Everybody"}


@dataclass(frozen=True)
class PriceIncrease(Lever):
    """Raise the price by `rise` for new customers, existing ones, or both.

    price x (1 + rise); leaving intensity x (1 + rise)^churn_elasticity from the first raised payment on; existing
    customers also lose `one_off_loss` of their number on the day the new price first falls due, before that payment
    (RULES 13). What it costs to serve a customer does not change.
    For a CFO: without a lasting effect on churn it pays on the existing book while the one-off loss stays under
    rise / (gross margin + rise): 10 % more at 80 % margin can lose 11.1 % of customers on the day, and fewer the more
    the rise also speeds up leaving.
    """

    title = "Price increase"
    question = "Raise prices?"
    stage = Stage.PRICE
    order = 1

    rise: float = share(
        0.10, "Price rise", high=0.5, most=10.0, help="How much more the customer pays, as a share of today's price.")
    scope: str = choice("both", "Who pays it", REACH, help="Whose price changes.")
    one_off_loss: float = share(
        0.0, "Leave on the day", high=0.5, step=0.005, help="Share of existing customers who leave when the new price "
        "first falls due. The page suggests 15 % of the rise: 1.5 % for a rise of 10 %.",
        evidence="assumption: 0.05 to 0.6 x the rise; a streaming service lost about 0.03 x its 25 % rise in a quarter")
    one_off_decay: float = share(
        0.0, "Echo of that loss", help="The loss repeats times this share in each of the two following months.")
    churn_elasticity: float = number(
        0.6, "Lasting effect on churn", rest=0.6, low=0.0, high=2.0, step=0.1, least=-5.0, most=20.0,
        help="Churn is multiplied by (1 + rise) to this power: 0.6 turns a 10 % rise into 5.9 % more churn.",
        evidence="assumption: 0 to 1.5; break-even lies near 1 / gross margin")

    @classmethod
    def suggested(cls) -> "PriceIncrease":
        return cls(one_off_loss=SHOCK * cls().rise)

    def is_at_rest(self) -> bool:
        return self.rise == 0  # without a new price nobody meets one, so nobody is lost over it

    def apply(self, groups: list[Group]) -> list[Group]:
        return [self._raise(g) if in_scope(g, self.scope) and g.delay is not None else g for g in groups]

    def _raise(self, group: Group) -> Group:
        month = group.delay if group.book == "existing" else 0
        level = np.where(np.arange(group.months) >= month, 1 + self.rise, 1.0)
        loss = self.one_off_loss if group.book == "existing" else 0.0
        rise = Rise(month, (1 + self.rise) ** self.churn_elasticity, loss, self.one_off_decay)
        return group.but(index=group.index * level, rises=(*group.rises, rise))

    def sentence(self) -> str:
        who = {"new": "new customers", "existing": "existing customers", "both": "everybody"}[self.scope]
        gone = f", with {percent(self.one_off_loss)} of existing customers leaving over it,"
        return f"raising prices {percent(self.rise)} for {who}{gone if self.one_off_loss and self.scope != 'new' else ''}"
