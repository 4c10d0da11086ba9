"""The amounts of a file under every way they can be meant, so that a question can say what each is worth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.importers import amounts, common
from cs_models.importers.amounts import per_month
from cs_models.importers.billing import Cycles
from cs_models.importers.columns import Column, matches
from cs_models.importers.ledger import Ledger
from cs_models.subscriptions import minor_digits, normalised

# a yearly price is 12 months of the monthly one, or a few less
YEARLY = (9.5, 12.05)
A_YEAR = 12
SAME = (0.4, 1.6)
PER_TERM = (0.55, 1.15)
DISCOUNT = r"discount|rabatt|remise|descuento|coupon_percent"
PERCENT = r"^-?\d{1,3}([.,]\d+)?\s*%$"


@dataclass(frozen=True)
class Meaning:
    """How amounts are meant: `unit` "units" | "cents", `per` "a payment" | "a month", `yearly` "a month" | "a
    year" for those that stand out twelvefold, `credits` "leave out" | "net", `discounts` "already off" |
    "take off".
    """

    unit: str = "units"
    per: str = "a month"
    yearly: str = "a month"
    credits: str = "leave out"
    discounts: str = "already off"


@dataclass(frozen=True, eq=False)
class Prices:
    """What the rows of a file cost, before it is known how the amounts are meant.

    `minor`: minor units per row when amounts are read as "units" and as "cents", negative ones included.
    `owner`: for each credit the row it belongs to, -1 for none. `share`: what a discount column takes off.
    """

    role: str
    column: Column
    currency: str
    minor: Mapping[str, np.ndarray]
    cycles: Cycles
    owner: np.ndarray
    yearly: np.ndarray
    discount: Column | None = None
    share: np.ndarray | None = None

    @property
    def credits(self) -> np.ndarray:
        """Rows with a negative amount."""
        return self.minor["units"] < 0

    @property
    def usual(self) -> Meaning:
        """As the header says: a column of MRR is money a month, any other is paid once per interval."""
        return Meaning(per="a month" if self.role == "mrr" else "a payment")

    def read(self, meaning: Meaning) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """MRR, the price of a term, both in minor units, and the months of a term, per row."""
        minor = self.minor[meaning.unit]
        if meaning.credits == "net":
            minor = minor.copy()
            owned = np.flatnonzero(self.credits & (self.owner >= 0))
            np.add.at(minor, self.owner[owned], minor[owned])
        minor = np.maximum(minor, 0)
        if meaning.discounts == "take off" and self.share is not None:
            minor = np.rint(minor * (1 - self.share)).astype(np.int64)
        term = self.cycles.term
        if meaning.per == "a month":
            mrr, price = minor, minor * term
        else:
            price = self.cycles.as_terms(minor)
            mrr = per_month(price, term)
        if meaning.yearly == "a year":
            term = np.where(self.yearly, A_YEAR, term)
            mrr = np.where(self.yearly, per_month(minor, np.int64(A_YEAR)), mrr)
            price = np.where(self.yearly, minor, price)
        return mrr, price, term


def read_prices(
    roles: Mapping[str, Column], others: list[Column], cycles: Cycles, start: np.ndarray,
    currency: str | None, answers, ledger: Ledger, may_be_blank=None,
) -> tuple[Prices | None, str]:
    """The amounts of a column of MRR or, without one, of prices; rows whose amount is none are rejected.

    Negative amounts are left to the question about them.
    """
    role = "mrr" if "mrr" in roles else "price"
    if role not in roles:
        return None, currency or "USD"
    column = roles[role]
    found, currency = common.read_money(column, currency, answers, ledger, True, may_be_blank)
    currency = currency or "USD"
    minor = {"units": found.per_row, "cents": found.per_row}
    if minor_digits(currency):
        minor["cents"] = amounts.read_amounts(column, 0, answers, signed=True).per_row
    discount, share = read_discounts(others)
    owner = _owners(minor["units"] < 0, roles, start, ledger)
    yearly = _stand_out(minor["units"], cycles, roles, ledger)
    return Prices(role, column, currency, minor, cycles, owner, yearly, discount, share), currency


def read_discounts(others: list[Column]) -> tuple[Column | None, np.ndarray | None]:
    """The first column of discounts written in per cent, and the share each row has off: "10%" is 0.10."""
    for column in others:
        percent = matches(column.values, PERCENT)
        if not matches_header(column, DISCOUNT) or not (percent | column.blank).all() or not percent.any():
            continue
        cells = [cell.rstrip("% ").lstrip("-").replace(",", ".") or "0" for cell in column.values.to_pylist()]
        share = np.array([float(cell) / 100 for cell in cells])
        if share.max() <= 1:
            return column, column.spread(share)
    return None, None


def matches_header(column: Column, pattern: str) -> bool:
    """Whether the header of a column holds one of the words."""
    words = pattern.split("|")
    return any(normalised(word) in normalised(column.header) for word in words)


def _owners(credits: np.ndarray, roles, start: np.ndarray, ledger: Ledger) -> np.ndarray:
    """The row a credit is taken off: the latest of the same customer that begins on its day or before."""
    owner = np.full(len(credits), -1, np.int64)
    gives = np.flatnonzero(credits & ledger.kept)
    pays = np.flatnonzero(~credits & ledger.kept)
    if not len(gives) or not len(pays):
        return owner
    codes = roles["customer"].text(None).indices.fill_null(-1)
    customer = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    low = int(start.min())
    key = customer * (int(start.max()) - low + 1) + (start - low)
    order = pays[np.lexsort((ledger.rows[pays], key[pays]))]
    at = np.searchsorted(key[order], key[gives], side="right") - 1
    before = order[np.maximum(at, 0)]
    own = (at >= 0) & (customer[before] == customer[gives])
    owner[gives[own]] = before[own]
    return owner


def _stand_out(minor: np.ndarray, cycles: Cycles, roles, ledger: Ledger) -> np.ndarray:
    """Rows that count as monthly for want of an interval and cost some 12 times what their plan does.

    Without plans only exactly 10 and 12 times. A price list between them (seats, tiers) speaks against it.
    """
    blank = roles["interval"].spread(roles["interval"].blank) if "interval" in roles else True
    asked = ledger.kept & (cycles.term == 1) & (cycles.days == 0) & (minor > 0) & blank
    none = np.zeros(len(minor), bool)
    if asked.sum() < 3:
        return none
    plan = roles["plan"].codes[asked] if "plan" in roles else np.zeros(int(asked.sum()), np.int64)
    frame = pd.DataFrame({"plan": plan, "minor": minor[asked]})
    ratio = (frame["minor"] / frame.groupby("plan")["minor"].transform("median")).to_numpy()
    high = (ratio >= YEARLY[0]) & (ratio <= YEARLY[1])
    if "plan" not in roles:
        high &= np.isin(ratio, (10.0, 12.0))
    between = (ratio > 1.5) & (ratio < YEARLY[0])
    if not high.any() or between.sum() >= high.sum():
        return none
    none[np.flatnonzero(asked)[high]] = True
    return none


def votes(prices: Prices, roles, ledger: Ledger) -> tuple[int, int]:
    """Of the plans sold both by the month and for longer: how many cost about the same a row, and how many
    cost about as many times more as the term has months.
    """
    cycles, minor = prices.cycles, prices.minor["units"]
    rows = ledger.kept & (minor > 0) & (cycles.days == 0)
    plan = roles["plan"].codes if "plan" in roles else np.zeros(len(minor), np.int64)
    frame = pd.DataFrame({"plan": plan[rows], "term": cycles.term[rows], "minor": minor[rows]})
    medians = frame.groupby(["plan", "term"])["minor"].median().unstack("term")
    if 1 not in medians:
        return 0, 0
    ratio = medians.drop(columns=1).div(medians[1], axis=0)
    terms = ratio.columns.to_numpy(np.float64)
    same = (ratio >= SAME[0]) & (ratio <= SAME[1])
    longer = (ratio >= PER_TERM[0] * terms) & (ratio <= PER_TERM[1] * terms)
    return int(same.to_numpy().sum()), int(longer.to_numpy().sum())
