"""Sell more to the customers there are: a bigger plan, another product, more seats."""

from dataclasses import dataclass

import numpy as np

from cs_models.group import Group, split
from cs_models.levers.base import Detail, Lever, Stage, once, percent, tenure, whom_and_when
from cs_models.levers.fields import choice, months, phase_in, segments, share, start
from cs_models.levers.price_increase import REACH


@dataclass(frozen=True)
class Expansion(Lever):
    """A share of customers pays more from some month of their tenure on, or everybody's spend grows steadily.

    `attach` of those who stay through the months `first` to `last` of their tenure buy, evenly over these
    months, and pay `uplift` more from that payment on; months of the band already past are missed. `growth`:
    everybody who stays pays that much more with every month. Serving what was added costs `cost_share` of it
    at list price. Buyers leave `churn_effect` less from then on: 0 unless you have tested it, because those
    who buy more would have stayed anyway. Who pays for a term meets it at the next payment.
    For a CFO: 0.5 % a month on sBG(.8, 8), 50 a month at 80 % margin, cost fixed: +95.70 on 737.84 over 60
    months.
    """

    title = "Expansion"
    question = "Grow the accounts we have?"
    stage = Stage.PRICE
    order = 8

    attach: float = share(
        0.10, "Customers who buy more", help="Of those who reach the months below: upgrade, add-on or more seats.",
        evidence="assumption: see what those who stay paid more so far", doubt_times=(0.5, 1.5))
    uplift: float = share(
        0.25, "They pay more by", rest=0.25, high=2.0, step=0.05, most=100.0, help="On top of what they paid.",
        evidence="assumption: the step between your plans", doubt_times=(0.7, 1.3))
    first: int = months(3, "From month of tenure", rest=3, high=60, help="0 is the first payment.",
                        evidence="assumption: your plan")
    last: int = months(12, "To month of tenure", rest=12, high=60, help="They buy evenly over these months.",
                       evidence="assumption: your plan")
    growth: float = share(
        0.0, "Steady growth a month", low=0.0, high=0.05, step=0.001, least=-0.5, most=0.5,
        help="Everybody who stays pays this much more every month.",
        evidence="benchmark: net revenue retention of 101 % a year at the median, 118 % in enterprise",
        doubt_times=(0.0, 1.5))
    cost_share: float = share(
        0.2, "Cost to serve what was added", help="Share of the added list price that serving it costs.",
        evidence="assumption: 1 - gross margin", doubt_times=(0.5, 1.5))
    churn_effect: float = share(
        0.0, "Buyers leave less by", help="Only if an experiment showed it: buyers are the loyal ones anyway.",
        evidence="assumption: none", doubt_times=(0.0, 1.5))
    scope: str = choice("both", "Who is offered it", REACH, help="New customers, existing ones, or both.",
                        evidence="assumption: your plan")
    start: int = start()
    phase_in: int = phase_in()
    segments: tuple = segments()

    def is_at_rest(self) -> bool:
        return self.growth == 0 and not self._sells

    @property
    def _sells(self) -> bool:
        return self.attach > 0 and (self.uplift > 0 or self.churn_effect > 0)

    @property
    def band(self) -> tuple[int, int]:
        """First and last month of tenure in which customers buy."""
        return min(self.first, self.last), max(self.first, self.last)

    def detail(self) -> Detail:
        return Detail(young=self.band[1] + 1 if self._sells else 0)

    def apply(self, groups: list[Group]) -> list[Group]:
        after, known = [], {}
        for group in groups:
            after += self._offer(group, known) if self.reaches(group, self.scope) else [group]
        return after

    def _offer(self, group: Group, known: dict) -> list[Group]:
        one = once(known, group, ("index", "served", "added"), self._levels)
        if self.churn_effect == 0 or one["buying"] is None:
            return [group.but(**one["sold"])]
        return self._apart(group, one["buying"], one["grown"])

    def _levels(self, group: Group) -> dict:
        """Who buys in which month, and the group's prices where buyers need not be told apart."""
        acts = self.in_effect(group)
        grown = np.cumprod(np.append(1.0, 1 + self.growth * acts[:-1])) if self.growth else 1.0
        buying = self._buying(group, acts)
        bought = 0.0 if buying is None else np.cumsum(buying)
        return {"buying": buying, "grown": grown, "sold": self._sold(group, (1 + self.uplift * bought) * grown)}

    def _buying(self, group: Group, acts: np.ndarray) -> np.ndarray | None:
        """Share of customers who buy in each month if they are still here, (months,); None: nobody."""
        age, (first, last) = tenure(group), self.band
        if not self._sells or age is None or age[0] > last:
            return None
        return self.attach / (last - first + 1) * acts * ((age >= first) & (age <= last))

    def _sold(self, group: Group, level) -> dict:
        if np.ndim(level) == 0:
            return {}
        cost = self.cost_share * group.served * (level - 1)
        return {"index": group.index * level, "added": cost if group.added is None else group.added + cost}

    def _apart(self, group: Group, buying: np.ndarray, grown) -> list[Group]:
        """Buyers leave less, so those of each month are a group of their own."""
        everybody, month = np.ones(group.rate.shape[-1]), np.arange(group.months)
        parts = [split(group, everybody * (1 - buying.sum()))[0].but(**self._sold(group, grown))]
        for when in np.flatnonzero(buying):
            sold = self._sold(group, (1 + self.uplift * (month >= when)) * grown)
            one = split(group, everybody * buying[when])[0].but(**sold)
            parts.append(one.but(multiplier=one.multiplier * np.where(month >= when, 1 - self.churn_effect, 1.0)))
        return parts

    def sentence(self) -> str:
        sold = f"{percent(self.attach)} of customers buying {percent(self.uplift)} more" if self._sells else ""
        grown = f"spend growing {percent(self.growth)} a month" if self.growth else ""
        return (" and ".join(filter(None, (sold, grown))) or "no expansion") + whom_and_when(self, self.scope)
