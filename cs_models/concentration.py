"""How much of the value of today's customers sits with the most valuable few."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.engine.holdings import holdings
from cs_models.from_data import EVERYBODY
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits
from cs_models.valuation import evaluate

POINTS = 101  # of the curve: whole per cents of the customers


@dataclass(frozen=True, eq=False)
class Concentration:
    """The most valuable customers first.

    curve: columns customers, value, mrr, shares 0..1 of the customers, of their value and of their MRR, in
    whole per cents of the customers; customers: how many; total: their value, money; horizon: months.
    """

    curve: pd.DataFrame
    customers: int
    total: float
    horizon: int

    def share(self, of: float = 0.10, name: str = "value") -> float:
        """Share of the value (or "mrr") held by this share of the customers, the most valuable first."""
        return float(np.interp(of, self.curve["customers"], self.curve[name]))


def value_concentration(subs, base: Assumptions, horizon: int = 36) -> Concentration:
    """Share of the value of today's customers by share of the customers (a Lorenz curve from the top).

    A customer's value = residual value of one unit of MRR in his segment, billing interval and tenure x his
    own MRR, less the service cost of his place. Summed over everybody it is `Valuation.residual`. For a CFO:
    how much hangs on how few; if the top 10 % hold 60 %, look after them by name.

    Raises Problem for a book without customers or without a positive value. Example: one customer at 910 and
    nine at 10, alike otherwise: the top 10 % hold 91 %.
    """
    book = holdings(subs, base.by)
    worth = worth_by_place(base, horizon)
    keys = book[[*base.by, "interval", "tenure"]].itertuples(index=False, name=None)
    places = [((key[:-2] or EVERYBODY), int(key[-2]), int(key[-1])) for key in keys]
    known = np.array([place in worth for place in places], bool)
    per_mrr, fixed = np.array([worth[place] for place, has in zip(places, known) if has]).reshape(-1, 2).T
    mrr = book["mrr"].to_numpy(float)[known] / 10.0 ** minor_digits(subs.currency)
    return concentration_of(per_mrr * mrr - fixed, book["customers"].to_numpy(float)[known], mrr, horizon)


def concentration_of(value, count, mrr=None, horizon: int = 0) -> Concentration:
    """The curve from a table of value per customer and number of customers, arrays (rows,); mrr likewise."""
    value, count = np.asarray(value, float), np.asarray(count, float)
    total = float(value @ count)
    if not count.sum() > 0 or not total > 0:
        raise Problem("Today's customers have no value over this horizon, so it cannot be said who holds it.")
    order = np.argsort(-value, kind="stable")
    grid = np.linspace(0, 1, POINTS)
    reached = np.concatenate([[0.0], np.cumsum(count[order])]) / count.sum()

    def shares(amount) -> np.ndarray:
        sums = np.concatenate([[0.0], np.cumsum((np.asarray(amount, float) * count)[order])])
        return np.interp(grid, reached, sums / sums[-1] if sums[-1] else sums)

    paid = np.full(len(value), np.nan) if mrr is None else mrr
    curve = pd.DataFrame({"customers": grid, "value": shares(value), "mrr": shares(paid)})
    return Concentration(curve, int(round(count.sum())), total, horizon)


def worth_by_place(base: Assumptions, horizon: int) -> dict[tuple, tuple[float, float]]:
    """(segment, interval, tenure) -> (residual value of one unit of MRR, discounted service cost of a
    customer).
    """
    # Without levers "aggregate" changes no number; it keeps every tenure a group of its own.
    free = evaluate(base.with_economics(service_cost=0.0), (), horizon, "aggregate")
    paid = evaluate(base, (), horizon, "aggregate") if base.service_cost else free
    sums: dict = {}
    for (group, money), (_, dear) in zip(free.parts, paid.parts):
        if group.book == "existing" and group.size > 0:
            one = free.present(money), free.present(dear), group.price * group.count, group.size
            place = group.segment, group.interval, group.age
            sums[place] = sums.get(place, 0.0) + np.array(one, float)  # the parts of a tenure (`Group.sure`) together
    return {place: (worth / mrr if mrr else 0.0, (worth - dear) / size) for place, (worth, dear, mrr, size) in sums.items()}
