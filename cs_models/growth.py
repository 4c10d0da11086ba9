"""Where growth comes from: customers of earlier years against new business, and what a point of churn costs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.engine.years import KINDS, year_sums
from cs_models.movements import mrr_movements
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits
from cs_models.words import day, money, percent

YEAR = 12
POINT = 0.01


@dataclass(frozen=True, eq=False)
class Growth:
    """MRR by calendar year, money.

    years: one row per year: year, until (the last day counted), opening, kept (of the opening, still paid), expansion,
    returned, new, lost and contraction (both negative), closing; and earlier = kept + expansion + returned, the part
    of closing from customers of earlier years. opening + new + expansion + returned + lost + contraction == closing.
    monthly_churn: MRR lost and shrunk a month, a share of the MRR before, over the last 12 whole months; None without
    """

    years: pd.DataFrame
    mrr: float
    monthly_churn: float | None
    currency: str

    def share(self, name: str) -> pd.Series:
        """By year: "expansion", the part of all MRR won (new, returned, expansion) that came from expansion; or
        "earlier", the part of closing MRR paid by customers of earlier years. NaN where nothing was there.
        """
        table = self.years
        won = table["new"] + table["expansion"] + table["returned"]
        part, whole = (table["expansion"], won) if name == "expansion" else (table["earlier"], table["closing"])
        return pd.Series(np.where(whole > 0, part / whole.where(whole > 0, 1), np.nan), table["year"])

    @property
    def sentence(self) -> str:
        """What the last year's MRR is made of."""
        last = self.years.iloc[-1]
        share = self.share("earlier").iloc[-1]
        new = f"{money(last['new'], self.currency)} is new" if last["new"] else "nothing is new"
        if not last["opening"]:
            return f"All {money(last['closing'], self.currency)} of MRR were won in {int(last['year'])}."
        return (f"{percent(share, 0)} of the {money(last['closing'], self.currency)} of MRR on {day(last['until'])} is paid "
                f"by customers who were there before {int(last['year'])}; {new}.")


def where_growth_comes_from(subs) -> Growth:
    """MRR at the end of each year, divided into customers of earlier years and new business.

    A customer's MRR at the end of a year is set beside his MRR at the end of the year before: new (never paid before),
    expansion, contraction, lost, returned. Each closing is the closing of `mrr_movements` in December, to the coin;
    within a year movements of one customer net out, so lost here is less than the churn of twelve months added up
    (who came and went within the year is in neither). To a CFO: the older the business, the more of next year is
    decided by those who are there already. Raises Problem without dates or prices.
    """
    months = mrr_movements(subs)  # raises the sentence where dates or prices are missing
    unit = 10.0 ** minor_digits(subs.currency)
    if months.empty:
        raise Problem("No subscription has begun yet, so there is no MRR to follow over the years.")
    years = _by_year(year_sums(subs), int(months["month"].iloc[0][:4]), subs.as_of)
    shown = years[["opening", *KINDS, "closing"]] / unit
    kept = shown["opening"] + shown["lost"] + shown["contraction"]
    table = pd.DataFrame({"year": years["year"], "until": [_until(year, subs.as_of) for year in years["year"]]})
    table = table.join(shown).assign(kept=kept, earlier=kept + shown["expansion"] + shown["returned"])
    return Growth(table, float(months["closing"].iloc[-1]) / unit, monthly_loss(months, subs.as_of), subs.currency)


def _by_year(sums: pd.DataFrame, first: int, as_of) -> pd.DataFrame:
    """The bridge by year in whole minor units; every year from the first start to as_of is there."""
    sums = sums[(sums["year"] >= first) & (sums["year"] <= as_of.year)]
    wide = sums.pivot_table("change", "year", "kind", "sum", fill_value=0)
    wide = wide.reindex(index=range(first, as_of.year + 1), columns=KINDS, fill_value=0).astype(np.int64)
    closing = wide.sum(axis=1).cumsum()
    table = wide.assign(opening=closing.shift(1, fill_value=0), closing=closing)
    return table.rename_axis("year").reset_index()


def _until(year: int, as_of):
    return as_of if year == as_of.year else type(as_of)(year, 12, 31)


def monthly_loss(months: pd.DataFrame, as_of) -> float | None:
    """MRR lost to departures and smaller plans a month, a share of MRR before it: the last 12 whole months together.

    months: the table of `mrr_movements`. None when no whole month began with customers.
    """
    whole = months if _month_over(as_of) else months.iloc[:-1]
    last = whole.tail(YEAR)
    opening = float(last["opening"].sum())
    return float(-(last["churned"] + last["contraction"]).sum()) / opening if opening > 0 else None


def _month_over(as_of) -> bool:
    return (pd.Timestamp(as_of) + pd.Timedelta(days=1)).day == 1


@dataclass(frozen=True)
class Standstill:
    """New selling that only makes up for churn, money a month. mrr: to be won; customers: as many at the price of a new
    one, None without a price; spend: what winning them costs, None without CAC; year: mrr won in 12 months, where
    each month's loss is made up at once
    """

    mrr: float
    customers: float | None
    spend: float | None
    year: float


def to_stand_still(mrr: float, churn: float = POINT, price: float = 0.0, cac: float = 0.0) -> Standstill:
    """What churn costs in new selling: MRR to win a month = churn x MRR, and the customers and the spend behind it.

    mrr: money; churn: share of MRR lost in a month (a point is 0.01), or in a year if both are read as a year's.
    price: MRR of a new customer; cac: money per customer won; 0 = not known. For a CFO: this selling grows nothing.
    One article takes 1,000,000 and 5 % and says 20,000; it is 50,000.
    >>> to_stand_still(1_000_000, 0.05).mrr
    50000.0
    """
    if not 0 <= churn <= 1 or mrr < 0:
        raise Problem("Churn must lie between 0 and 1, and MRR cannot be below 0.")
    lost = mrr * churn
    customers = lost / price if price > 0 else None
    return Standstill(lost, customers, customers * cac if customers is not None and cac > 0 else None, YEAR * lost)
