"""Customers to come: how many join in a month, of which groups and at what cost, and what each month's intake brings."""

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.group import Group
from cs_models.levers.base import Joining, label
from cs_models.mixing import Money


def decided(groups: list[Group], levers, known: dict | None = None) -> list[Group]:
    """The groups after the decisions. known: kept by whoever tries many combinations on the same groups, so that those
    that begin alike are worked out once.
    """
    known, done = {} if known is None else known, ()
    for lever in levers:
        done = (*done, id(lever))
        if done not in known:
            known[done] = lever.apply(groups)
        groups = known[done]
    return groups


def cohorts_to_come(base, levers, h, heterogeneity, drawn, detail, joining: Joining) -> tuple[Money, ...]:
    """A new customer who joins in month 0, 1, ... until every decision has settled: each meets it at another age, and
    where a decision keeps some groups from joining, those who join are another mix. () where all are like the first.
    """
    settled = min(max((lever.settles for lever in levers), default=0), h - 1)
    economics, found = (base.gross_margin, base.service_cost, heterogeneity), []
    usual = _mix(base)
    if not settled and np.allclose(joining.mix, usual, rtol=1e-12):
        return ()
    for month in range(settled + 1):
        lean = dict(zip(joining.segments, joining.mix[:, month] / usual[:, 0]))
        groups = [g.but(joined=month, count=g.count * lean[label(g.segment)])
                  for g in base.groups("new", detail, drawn, heterogeneity == "aggregate", h)]
        found.append(Money(lambda groups=groups: decided(groups, levers), economics))
    return tuple(found)


def _segments(base: Assumptions) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label(cell.segment) for cell in base.cells if cell.new_share > 0))


def _mix(base: Assumptions) -> np.ndarray:
    """Share of new customers by group as they join without a decision, (segments, 1)."""
    shares = {name: 0.0 for name in _segments(base)}
    for cell in base.cells:
        if cell.new_share > 0:
            shares[label(cell.segment)] += cell.new_share
    found = np.array(list(shares.values()))[:, None]
    return found / found.sum()


def intake_of(base: Assumptions, levers) -> Joining:
    volume, nothing = base.acquisitions, np.zeros(len(base.acquisitions))
    mix = np.repeat(_mix(base), len(volume), axis=1)
    found = Joining(volume, np.full(len(volume), float(base.cac)), nothing, nothing, _segments(base), mix)
    for lever in levers:
        found = lever.joining(found)
    return found
