"""The whole book by month, before and after a decision, and the month from which the decision has paid for itself."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.explanations import whole_book_alone
from cs_models.valuation import Valuation
from cs_models.words import money, months


@dataclass(frozen=True, eq=False)
class PortfolioView:
    """Today's customers and every cohort to come, by month, with and without the decision. Money, not discounted.

    frame: columns month and, each for "before" and "after", customers (in force), mrr (recognised revenue), cash (in,
    less the cost of serving and of winning customers), gross_profit (mrr less the cost of serving), acquisition (what
    winning customers costs); and cumulative, the running difference in cash since today
    payback: first month from which the running difference stays above zero within the horizon; 0 where the decision
    never costs more than it has brought; None where it does not pay back
    deepest: the most the decision is ever behind (0 or negative): the cash it ties up; deepest_month: when
    """

    frame: pd.DataFrame
    horizon: int
    payback: int | None
    deepest: float
    deepest_month: int
    currency: str = "USD"

    @property
    def sentence(self) -> str:
        """When the decision has paid for itself and how much cash it needs until then."""
        ahead = self.frame.cumulative.iloc[-1]
        if not self.frame.cumulative.any():
            return f"The decision moves no cash within {months(self.horizon)}."
        if self.payback is None:
            return (f"Within {months(self.horizon)} the decision does not pay back: it ends "
                    f"{money(abs(ahead), self.currency)} of cash behind.")
        if self.deepest == 0:
            return f"The decision brings cash from the start: {money(ahead, self.currency)} within {months(self.horizon)}."
        return (f"The decision ties up {money(-self.deepest, self.currency)} at most, in month {self.deepest_month}, and is "
                f"ahead for good from month {self.payback}; after {months(self.horizon)} by {money(ahead, self.currency)}.")


def portfolio_by_month(change) -> PortfolioView:
    """The book by month from a `cs.Change`: customers, MRR, cash, gross profit, and the running difference in cash.

    cumulative(t) = sum over months 0..t of cash after - cash before. For a CFO: what the decision does to the bank
    account, when it is ahead for good, and how deep it goes before. Annual prepayment lifts cash in the month it is
    paid and leaves gaps in the months after; gross profit spreads it over the year served.
    Churn at 0, price 50, margin 80 %, one customer, a rise of 10 % without loss: 5 more a month, ahead from month 0.
    """
    before, after = by_month(change.baseline), by_month(change.scenario)
    table = before.add_suffix("_before").join(after.add_suffix("_after"))
    found = _steady(after.cash - before.cash, after.cash).cumsum()
    table = table.rename_axis("month").reset_index().assign(cumulative=found.to_numpy())
    low = float(min(found.min(), 0.0))
    return PortfolioView(table, change.horizon, payback_month(found.to_numpy()), low,
                         int(np.argmin(found)) if low < 0 else 0, change.base.currency)


def against_everybody(change) -> tuple[str, ...]:
    """Books whose customers gain where the whole book loses, or the other way round; () unless all who move do."""
    moved = {book: step for book in change.books if book != "portfolio" and (step := change.point(book))}
    opposed = tuple(book for book, step in moved.items() if step * change.point("portfolio") < 0)
    return opposed if len(opposed) == len(moved) else ()


def caution(change, book: str | None = None) -> str:
    """What must be read beside the answer of one book of a `cs.Change`: a whole book against everybody in it; mostly ""."""
    others = against_everybody(change) if (book or change.book) == "portfolio" else ()
    return whole_book_alone(change.point(book) > 0, others, change.horizon, wins_customers(change)) if others else ""


def wins_customers(change) -> bool:
    """Whether a plan also changes how many customers come."""
    before, after = change.baseline.joining, change.scenario.joining
    return bool(after.referrals.any()) or not np.allclose(before.volume, after.volume, rtol=1e-12)


def _steady(difference: pd.Series, size: pd.Series) -> pd.Series:
    """Differences in the last bits of floating point are none."""
    return difference.where(difference.abs() > 1e-11 * size.abs().max(), 0.0)


def payback_month(cumulative: np.ndarray) -> int | None:
    """First month from which the running sum stays above zero, None if it does not end above it.

    >>> payback_month(np.array([-5.0, -1.0, 2.0, 6.0])), payback_month(np.array([1.0, -1.0]))
    (2, None)
    """
    behind = np.flatnonzero(cumulative <= 0)
    if not behind.size:
        return 0
    return None if behind[-1] == len(cumulative) - 1 else int(behind[-1]) + 1


def by_month(valuation: Valuation) -> pd.DataFrame:
    """One row per month of the horizon: customers, mrr, cash, gross_profit, acquisition; money of the whole book."""
    book, spent = valuation.book, acquisition_cost(valuation)
    return pd.DataFrame({
        "customers": book.in_force, "mrr": book.mrr, "cash": book.margin,
        "gross_profit": book.mrr - (book.cost - spent), "acquisition": spent})


def acquisition_cost(valuation: Valuation) -> np.ndarray:
    """What winning the customers of each month costs: CAC, and the rewards of those who were recommended. (horizon,)"""
    h, joining, book = valuation.horizon, valuation.joining, valuation.book
    if valuation.new is None:
        return np.zeros(h)
    arrive = np.array([valuation.joined_in(month).in_force[0] for month in range(h)])
    volume, referrals = joining.volume[:h], joining.referrals[:h]
    # The book of a month holds those who joined in it; they recommend from the next month on.
    there = (book.in_force - volume * arrive) / (1 + referrals * arrive)
    return volume * joining.cac[:h] + referrals * there * joining.reward[:h]
