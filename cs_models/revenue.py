"""Gross and net revenue retention by tenure: of the money customers began with, how much is still billed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from cs_models.engine.cohort_money import cohort_sums
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits
from cs_models.triangle import need_intakes
from cs_models.words import money, money_interval, months

NET, GROSS = "net", "gross"


@dataclass(frozen=True, eq=False)
class RevenueRetention:
    """Share of the first MRR after t months, t = 0..K, with its 95 % band.

    ``survival`` is the share (the name a curve of customers has, so that one chart draws both), ``at_risk``
    the customers behind it, ``start`` their MRR at the start in money. ``effective``: of how many equally
    large customers the share would swing as much (Kish: sum squared over sum of squares); where a few large
    ones carry the MRR it is far below ``at_risk``.
    """

    tenure: np.ndarray
    survival: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    at_risk: np.ndarray
    effective: np.ndarray
    start: np.ndarray
    kind: str


def revenue_retention(
    subs, kind: str = NET, by: str | None = None, confidence: float = 0.95
) -> dict[object, RevenueRetention]:
    """Revenue retention by tenure for every group of a column; {None: ...} for all customers together.

        net(k)   = sum of MRR(k) / sum of MRR(0),
        gross(k) = sum of min(MRR(k), MRR(0)) / sum of MRR(0),

    over the customers whose month k is complete: above and below the line are the same people, and whoever
    is too young for month k is in neither. To a CFO: of each $100 that customers first paid a month, so many
    are billed k months later; net counts what they bought on top, gross does not.

    Gross is taken per customer and not of totals: two customers of 100 who come to 0 and 200 are 50 % gross
    and 100 % net. It compares with the first MRR and not with the lowest since: a customer who went from 100
    to 50 and back to 100 is kept in full, as in the yearly figure that boards compare, and the order in which
    changes came does not matter. Returns after a long pause are not counted, as everywhere in this package.

    ``by``: a column as the user knows it, or "year" for the year of sign-up. Band: the linearised variance
    of a ratio, Var = sum of (MRR(k) - net MRR(0))^2 / (sum of MRR(0))^2 over customers (Cochran 1977, 2.11);
    gross is cut at 1, and one customer has no band. Raises `Problem` without dates, without prices, and for
    an unknown kind.
    """
    if kind not in (NET, GROSS):
        raise Problem(f'Revenue retention is "net" or "gross", not "{kind}".')
    need_intakes(subs, money=True)
    subs.need_rows()
    asked = () if by in (None, "year") else (by,)
    sums = cohort_sums(subs, asked, money=True)
    sizes, changes = sums.sizes, sums.changes
    if sizes.empty:
        raise Problem("There is no paying customer in these data, so there is no revenue to follow.")
    unit = 10 ** minor_digits(subs.currency)
    if by is None:
        return {None: _curve(sizes, changes, kind, unit, confidence)}
    if by == "year":
        sizes, changes = (part.assign(g0=_year(part["cohort"])) for part in (sizes, changes))
    parts = dict(list(changes.groupby("g0", sort=True)))
    return {
        name: _curve(own, parts.get(name, changes.iloc[:0]), kind, unit, confidence)
        for name, own in sizes.groupby("g0", sort=True)
    }


def _year(cohort: pd.Series) -> pd.Series:
    return ((cohort - 1) // 12).astype(str)


def _curve(sizes, changes, kind: str, unit: int, confidence: float) -> RevenueRetention:
    """Sums over customers by months possible and age; the eligible of month k are those of k and more."""
    last = int(max(sizes["potential"].max(), 0)) + 1

    def eligible(frame, amount, age=None) -> np.ndarray:
        """Per month k the sum of `amount` over those with k or more months possible, up to age k."""
        grid = np.zeros((last, last))
        ages = np.zeros(len(frame), int) if age is None else frame[age].to_numpy()
        inside = ages < last
        at = frame["potential"].to_numpy().clip(0)[inside], ages[inside]
        np.add.at(grid, at, frame[amount].to_numpy(float)[inside])
        return grid[::-1].cumsum(axis=0)[::-1].cumsum(axis=1).diagonal()

    first = changes[changes["age"] == 0]
    people, start, squares = eligible(sizes, "customers"), eligible(first, "net"), eligible(first, "net0")
    now, own, cross = (eligible(changes, f"{kind}{end}", "age") for end in ("", "2", "0"))
    share = np.divide(now, start, out=np.full(last, np.nan), where=start > 0)
    spread = np.maximum(own - 2 * share * cross + share**2 * squares, 0)
    error = np.sqrt(spread * people / np.maximum(people - 1, 1)) / np.where(start > 0, start, np.nan)
    width = ndtri((1 + confidence) / 2) * np.where(people > 1, error, np.nan)
    width[0] = 0.0
    top = 1.0 if kind == GROSS else np.inf
    lower, upper = np.clip(share - width, 0, top), np.clip(share + width, 0, top)
    effective = np.divide(start**2, squares, out=np.zeros(last), where=squares > 0)
    ends = share, lower, upper, people.astype(np.int64), effective, start / unit
    return RevenueRetention(np.arange(last), *ends, kind)


def revenue_headline(
    curve: RevenueRetention, month: int, currency: str = "USD"
) -> str:
    """ "Of every $100 customers began with, $93 are still billed after 24 months ($90 to $96)"."""
    now, low, high = (100 * float(v[month]) for v in (curve.survival, curve.lower, curve.upper))
    hundred, kept = (money(amount, currency, cents=False) for amount in (100, now))
    more = "with what they bought on top" if curve.kind == NET else "without what they bought on top"
    text = f"Of every {hundred} customers began with, {kept} are still billed after {months(month)}, {more}"
    band = money_interval(low, high, currency, cents=False)
    return text if not np.isfinite([low, high]).all() else f"{text} ({band})"
