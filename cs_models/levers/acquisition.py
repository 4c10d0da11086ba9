"""Win more customers, or win them for less."""

from dataclasses import dataclass, replace

from cs_models.group import Group
from cs_models.levers.base import Joining, Lever, Stage, percent, whom_and_when
from cs_models.levers.fields import phase_in, share, start


@dataclass(frozen=True)
class Acquisition(Lever):
    """Change how many customers join in a month, and what each costs to win.

    Customers won x (1 + volume); CAC x (1 + cac). The value of a single customer does not change: the gain is
    in the whole book, every later cohort less its CAC, and in payback.
    For a CFO: more customers usually cost more each; they pay as long as CAC stays below the value of a
    customer.
    """

    title = "Acquisition"
    question = "Win more customers?"
    stage = Stage.ACQUISITION
    order = 11

    volume: float = share(
        0.20, "More new customers", low=-0.5, high=1.0, least=-1.0, most=100.0,
        help="Change of the customers who join in a month.", evidence="assumption: your plan", doubt_times=(0.5, 1.5))
    cac: float = share(
        0.10, "Change of CAC", low=-0.5, high=1.0, least=-1.0, most=100.0,
        help="Change of what winning a customer costs, for all of them.",
        evidence="assumption: the next customer costs more than the last", doubt_times=(0.0, 2.0))
    start: int = start()
    phase_in: int = phase_in()

    @property
    def settles(self) -> int:
        return 0  # whoever joins, at whatever time, behaves alike

    def is_at_rest(self) -> bool:
        return self.volume == 0 and self.cac == 0

    def apply(self, groups: list[Group]) -> list[Group]:
        return groups

    def joining(self, joining: Joining) -> Joining:
        acts = self.by_month(len(joining.volume))
        return replace(joining, volume=joining.volume * (1 + self.volume * acts), cac=joining.cac * (1 + self.cac * acts))

    def sentence(self) -> str:
        won = f"winning {percent(abs(self.volume))} {'more' if self.volume >= 0 else 'fewer'} customers"
        cost = f" at {percent(abs(self.cac))} {'higher' if self.cac > 0 else 'lower'} CAC" if self.cac else ""
        return won + cost + whom_and_when(self)
