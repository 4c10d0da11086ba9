"""The renewal calendar: how much MRR comes up for renewal in which month, and how much is likely to go."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.health import Health
from cs_models.problems import Problem

MONTHS = 12
HIGH = 1.5  # a month is a wall from so many times an average month on


@dataclass(frozen=True, eq=False)
class RenewalCalendar:
    """`frame`, one row per month ahead: ahead (1 = next month), month ("2026-12", "" without dates),
    customers, mrr (money a month), leaving and mrr_leaving (expected not to renew; customers nobody can be
    compared with are not in them), unknown (customers without a chance).

    later: MRR of longer terms that renews after these months; monthly: MRR of those who pay every month.
    """

    frame: pd.DataFrame
    later: float
    monthly: float
    currency: str

    @property
    def wall(self) -> pd.Series:
        """The month with most MRR to renew."""
        return self.frame.loc[self.frame["mrr"].idxmax()]

    @property
    def sentence(self) -> str:
        """Which month is the wall, and what of the year's renewals is likely to go."""
        top, mrr, at_stake = self.wall, self.frame["mrr"].sum(), self.frame["mrr_leaving"].sum()
        if not mrr:
            return f"No renewal falls due within {words.months(len(self.frame))}."
        when = words.month(top["month"]) if top["month"] else f"in {words.months(int(top['ahead']))}"
        high = top["mrr"] >= HIGH * self.frame["mrr"].mean()
        told = (
            f"{'The wall is' if high else 'The most renews in'} {when}: "
            f"{words.money(top['mrr'], self.currency)} of MRR, {words.percent(top['mrr'] / mrr, 0)} of all "
            f"that renews within {words.months(len(self.frame))}."
        )
        return (
            f"{told} Over that time {words.money(at_stake, self.currency)} of MRR is expected not to renew."
        )


def renewal_calendar(health: Health, months: int = MONTHS) -> RenewalCalendar:
    """First renewals of longer terms by calendar month: MRR due, and MRR expected not to renew.

    mrr_leaving = sum over customers of MRR x (1 - chance to renew). For a CFO: in which month the year is
    decided, and how much is at stake. Monthly payers renew every month and are told apart. Raises `Problem`
    when nobody pays for longer than a month. Example: two annual payers of 100 a month who renew in 2 months
    with chances .9 and .5: 200 due, 60 expected to go.
    """
    longer = health.frame[health.frame["interval"] > 1]
    if longer.empty:
        raise Problem(
            "Everybody pays by the month, so every month is a renewal and there is no calendar. "
            "Where contracts run longer, map the column with the billing interval on the page Data."
        )
    go = 1 - longer["stay_due"]
    sums = longer.assign(
        leaving=go.fillna(0.0), mrr_leaving=(go * longer["mrr"]).fillna(0.0), unknown=go.isna()
    )
    sums = sums.groupby("due").agg(
        customers=("mrr", "size"), mrr=("mrr", "sum"), leaving=("leaving", "sum"),
        mrr_leaving=("mrr_leaving", "sum"), unknown=("unknown", "sum"),
    )  # fmt: skip
    every = np.arange(1, months + 1)
    frame = sums.reindex(every, fill_value=0).rename_axis("ahead").reset_index()
    frame.insert(1, "month", [_month(health.as_of, ahead) for ahead in every])
    monthly = health.frame.loc[health.frame["interval"] == 1, "mrr"].sum()
    return RenewalCalendar(
        frame, float(longer["mrr"].sum() - frame["mrr"].sum()), float(monthly), health.currency
    )


def _month(as_of, ahead: int) -> str:
    if as_of is None:
        return ""
    number = 12 * as_of.year + as_of.month - 1 + ahead
    return f"{number // 12}-{number % 12 + 1:02d}"
