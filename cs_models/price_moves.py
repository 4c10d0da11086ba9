"""When did prices go up? Months in which many customers began to pay more, found in the data, as
suggestions.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cs_models.event_cells import month_name, month_number
from cs_models.words import counted, short_percent

LEAST_SHARE = 0.10  # of the customers of a month: fewer is an upsell here and there
FEWEST = 20
LEAST_RISE = 0.02  # of the list price
WINDOW = 3  # months of new customers on each side of a month
MOST_GROUPS = 60  # combinations of levels whose prices are followed apart
MOST_FOUND = 6


@dataclass(frozen=True)
class PriceMove:
    """A month in which prices rose: for customers who were there ("existing"), for new ones ("new"), or for
    both.

    ``rise``: their median rise as a share; ``share``: of the customers of that month (new: of the groups'
    customers) who met it. ``sentence`` says so.
    """

    month: str
    scope: str
    rise: float
    customers: int
    share: float

    @property
    def sentence(self) -> str:
        when, rise = month_name(self.month), short_percent(self.rise, 0)
        if self.scope == "new":
            return f"{when}: new customers pay {rise} more than those before"
        too = ", and so did new ones" if self.scope == "both" else ""
        return f"{when}: {counted(self.customers, 'customer')} began to pay {rise} more{too}"


def price_rises(subs) -> tuple[PriceMove, ...]:
    """Price rises of a data set, the widest first; () without dates or prices.

    Existing customers: at least 20 and 10 % of those there moved to a higher price of the same plan in one
    month. New customers: the median first price of three months lies 2 % or more above that of the three
    months before, within groups alike in plan, interval and columns. The sample data: +8 % for new
    customers in April 2025.
    """
    if not subs.has_dates or not subs.has_price:
        return ()
    subs.need_rows()
    from cs_models.engine.prices import first_prices, raised_prices

    by, size = [], 1
    for name in subs.segments:
        if subs.resolve(name) == "term":
            continue
        values = max(len(subs.rows[subs.resolve(name)].unique()), 1)
        if size * values <= MOST_GROUPS:
            by, size = [*by, name], size * values
    found = _together(_existing(raised_prices(subs)), _new(first_prices(subs, tuple(by)), by))
    return tuple(sorted(found, key=lambda move: (-move.share, move.month))[:MOST_FOUND])


def _existing(rises: pd.DataFrame) -> list[PriceMove]:
    wide = rises[(rises["raised"] >= FEWEST) & (rises["raised"] >= LEAST_SHARE * rises["there"])]
    return [
        PriceMove(
            _label(row.month), "existing", float(row.rise), int(row.raised), float(row.raised / row.there)
        )
        for row in wide.itertuples()
    ]


def _together(existing: list[PriceMove], new: list[PriceMove]) -> list[PriceMove]:
    """A rise of both in the same month, or one month apart, is one rise for everybody."""
    numbers = {month_number(move.month): move for move in new}
    found = []
    for move in existing:
        near = [m for m in numbers if abs(m - month_number(move.month)) <= 1]
        for month in near:
            del numbers[month]
        found.append(replace(move, scope="both") if near else move)
    return [*found, *numbers.values()]


def _new(prices: pd.DataFrame, by: list[str]) -> list[PriceMove]:
    """Local peaks of the jump of first prices."""
    if prices.empty:
        return []
    group = prices.groupby([*by, "interval"], dropna=False).ngroup()
    jumps = pd.DataFrame([_jump(prices, group, month) for month in _months(prices)])
    if jumps.empty:
        return []
    found = []
    jumps = jumps[jumps["rise"].ge(LEAST_RISE) & jumps["share"].ge(0.5) & jumps["customers"].ge(FEWEST)]
    while len(jumps):
        # The median has jumped a month early already; the mean jumps most at the month itself.
        top = jumps.loc[jumps["sharp"].idxmax()]
        found.append(
            PriceMove(
                _label(int(top["month"])),
                "new",
                float(top["rise"]),
                int(top["customers"]),
                float(top["share"]),
            )
        )
        jumps = jumps[(jumps["month"] - top["month"]).abs() >= 2 * WINDOW]
    return found


def _months(prices: pd.DataFrame) -> range:
    return range(int(prices["month"].min()) + WINDOW, int(prices["month"].max()) - WINDOW + 2)


def _jump(prices: pd.DataFrame, group: pd.Series, month: int) -> dict:
    """Customers, weighted median rise over the groups, and the share of customers in groups that rose."""
    since = prices["month"] - month
    before, after = ((since >= -WINDOW) & (since < 0)), ((since >= 0) & (since < WINDOW))
    old, new = _medians(prices[before], group[before]), _medians(prices[after], group[after])
    both = old.join(new, lsuffix="_old", rsuffix="_new", how="inner")
    if both.empty:
        return {"month": month, "rise": 0.0, "share": 0.0, "customers": 0, "sharp": 0.0}
    rise = both["price_new"] / both["price_old"] - 1
    heads = both["customers_new"]
    return {
        "month": month,
        "rise": _middle(rise.to_numpy(), heads.to_numpy()),
        "share": float(heads[rise >= LEAST_RISE].sum() / heads.sum()),
        "customers": int(heads[rise >= LEAST_RISE].sum()),
        "sharp": float(np.average(both["mean_new"] / both["mean_old"] - 1, weights=heads)),
    }


def _medians(prices: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """Per group: the lower weighted median of the price, its mean, and the customers."""
    ordered = prices.assign(group=group, paid=prices["mrr"] * prices["customers"]).sort_values(
        ["group", "mrr"]
    )
    heads = ordered.groupby("group")["customers"]
    half = ordered[heads.cumsum() >= heads.transform("sum") / 2]
    mean = ordered.groupby("group")["paid"].sum() / heads.sum()
    return pd.DataFrame(
        {"price": half.groupby("group")["mrr"].first(), "mean": mean, "customers": heads.sum()}
    )


def _middle(values: np.ndarray, weight: np.ndarray) -> float:
    order = np.argsort(values)
    below = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(below, below[-1] / 2)])


def _label(month: int) -> str:
    return f"{(month - 1) // 12}-{(month - 1) % 12 + 1:02d}"
