"""Who comes back after leaving, how soon, and what returning adds to a lifetime value."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.engine.returns import return_counts
from cs_models.engine.tenure import counts_by_tenure
from cs_models.kept_property import kept
from cs_models.life_table import LifeTable, single_table
from cs_models.observed import kaplan_meier
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits
from cs_models.uncertainty import Range, span
from cs_models.valuation import lifetime
from cs_models.words import FEW_CUSTOMERS, count, counted, months, percent

FEWEST_RETURNS = 30  # fewer say little about what a return is worth
DRAWS = 1000


@dataclass(frozen=True)
class ReturnWorth:
    """rho: discounted value of the returns of one who leaves, over the value of a first stay; expected[v^T]:
    what a payment at the end of a first stay is worth today; added: rho x E[v^T] x CLV per new customer,
    money.
    """

    rho: float
    rho_range: Range
    discount_at_leaving: float
    clv: float
    added: float
    added_range: Range

    @property
    def total(self) -> float:
        """Lifetime value with returns: CLV (1 + rho E[v^T])."""
        return self.clv + self.added


@dataclass(frozen=True, eq=False)
class Reactivation:
    """away: life table of months away (a "departure" from it is a return); first, later: life tables of
    first stays and of stays after a return; mrr_first, mrr_later: mean MRR at the start of each, in money,
    with standard errors. left: customers whose first stay ended; returned: those who came back; returns: all
    returns.
    """

    away: LifeTable
    first: LifeTable
    later: LifeTable
    left: int
    returned: int
    returns: int
    mrr_first: float
    mrr_later: float
    errors: tuple[float, float]

    @property
    def enough(self) -> bool:
        """Whether the value of a return may be shown: 30 returns, and somebody to compare with."""
        return self.returned >= FEWEST_RETURNS and self.window > 0 and self.mrr_first > 0

    @kept
    def observed_to(self) -> int:
        """The last month away that at least 20 customers have been watched for."""
        return _watched(self.away)

    @kept
    def window(self) -> int:
        """Months over which a stay after a return is compared with a first one: both watched with 20
        customers.
        """
        return min(_watched(self.first), _watched(self.later)) if self.returns else 0

    @kept
    def frame(self) -> pd.DataFrame:
        """Month away, at_risk (left, not back, still watched), returned, share back by then with its 95 %
        band.
        """
        seen, table = kaplan_meier(self.away), self.away.frame
        rows = slice(0, self.observed_to + 1)
        return pd.DataFrame({
            "month": table["tenure"], "at_risk": table["in_force"], "returned": table["churned"],
            "share": 1 - seen.survival, "low": 1 - seen.upper, "high": 1 - seen.lower}).iloc[rows]

    def back_within(self, month: int) -> float:
        """Share of those who left that is back within so many months; nan where nobody was watched that
        long.
        """
        return float(self.frame["share"].iloc[month]) if 0 <= month <= self.observed_to else float("nan")

    @property
    def typical_wait(self) -> int | None:
        """The month by which half of the returns seen so far within the window had happened."""
        share = self.frame["share"].to_numpy()
        return int(np.argmax(share >= share[-1] / 2)) if len(share) and share[-1] > 0 else None

    @property
    def sentence(self) -> str:
        """For a leader: how many come back and how soon."""
        if not self.left:
            return "Nobody has left yet, so nobody could come back."
        text = f"{count(self.returned)} of {counted(self.left, 'customer')} who left came back"
        month = min(12, self.observed_to)
        if not self.returned or not month:
            return f"{text}."
        text += f": {percent(self.back_within(month))} within {months(month)} of leaving"
        return f"{text}, half of all returns by month {self.typical_wait}."

    def worth(self, base: Assumptions, draws: int = DRAWS, seed: int = 0) -> ReturnWorth:
        """What returning adds: CLV_total = CLV (1 + rho E[v^T]), rho = R x Q.

        Q = sum over months away m of v^m x chance to return in m (Kaplan-Meier, nothing beyond the months
        watched). R = value of a stay after a return over that of a first stay: MRR at its start times sum
        over t < window of S(t) v^t, each with its own survival. E[v^T] = 1 - (1 - v) sum S(t) v^t with T the
        length of a first stay. A return after a return is not added. Ranges: resampled counts of the three
        life tables, and of the mean MRR.

        For a CFO: how much of a customer's worth comes from coming back, and so what winning back could be
        worth. The lifetime value on every page does not contain it. Raises Problem under 30 returns.
        """
        if not self.enough:
            back = counted(self.returned, "customer")
            raise Problem(f"{back} came back so far. What a return is worth can be said from {FEWEST_RETURNS} on.")
        v = (1 + base.discount_rate) ** (-1 / 12)
        clv, _ = lifetime(base)
        at_leaving = 1 - (1 - v) * served(base)
        rng = np.random.default_rng(seed)
        point, drawn = self._rho(v, None, rng), self._rho(v, draws, rng)
        around = span(drawn)
        scale = at_leaving * clv
        added = Range(around.low * scale, around.high * scale)
        return ReturnWorth(float(point), around, at_leaving, clv, float(point) * scale, added)

    def _rho(self, v: float, draws: int | None, rng) -> np.ndarray:
        back = _survival(self.away, self.observed_to, draws, rng)
        chance = (back[..., :-1] - back[..., 1:]) @ v ** np.arange(1, self.observed_to + 1)
        weights = v ** np.arange(self.window)
        both = self.first, self.later
        stays = [_survival(table, self.window, draws, rng)[..., :-1] @ weights for table in both]
        first, later = self.mrr_first, self.mrr_later
        if draws:
            first = np.maximum(rng.normal(first, self.errors[0], draws), first / 10)
            later = np.maximum(rng.normal(later, self.errors[1], draws), 0)
        return later * stays[1] / (first * stays[0]) * chance


def reactivations(subs) -> Reactivation:
    """Returns after a gap longer than the definitions allow (45 days), counted per customer.

    Months away are measured from the end of the first stay to the next start, customers who have not
    returned are censored at as_of. Raises Problem without dates. Source: Kaplan and Meier 1958. Example: of
    10 who left, one back in the second month: 10 % after two months, as long as the others are watched.
    """
    if not subs.has_dates:
        raise Problem("This file has no dates, so nobody can be seen to return. Bring a start and an end.")
    counts = return_counts(subs)
    away, stays = counts.away, counts.stays
    tables = [_table(stays[stays["again"] == again], "churned", "entry") for again in (0, 1)]
    unit = 10.0 ** minor_digits(subs.currency)
    means = [_mean(counts.openings[counts.openings["again"] == again], unit) for again in (0, 1)]
    back = away[away["returned"] == 1]["customers"].sum()
    returns = int(counts.openings.loc[counts.openings["again"] == 1, "customers"].sum())
    return Reactivation(_table(away.rename(columns={"months": "duration"}), "returned"), *tables,
                        int(away["customers"].sum()), int(back), returns, means[0][0], means[1][0],
                        (means[0][1], means[1][1]))


def served(base: Assumptions) -> float:
    """Discounted months a new customer is served, sum S(t) v^t: the lifetime cost of a service of 1 a month.
    """
    free = tuple(replace(cell, new_price=0.0) for cell in base.cells)
    return -lifetime(replace(base, cells=free, gross_margin=1.0, service_cost=1.0))[0]


def _table(rows: pd.DataFrame, event: str, entry: str | None = None) -> LifeTable:
    """Counts by months; whoever has not completed a month is in month 0 only."""
    start = rows[entry] if entry else np.zeros(len(rows), np.int64)
    weight = rows["customers"].to_numpy(float)
    return single_table(counts_by_tenure(start, rows["duration"], rows[event], weight))


def _mean(opening: pd.DataFrame, unit: float) -> tuple[float, float]:
    """Mean MRR in money and its standard error."""
    if opening.empty:
        return 0.0, 0.0
    n, total, squares = (float(opening[name].iloc[0]) for name in ("customers", "mrr", "squares"))
    spread = max(squares / n - (total / n) ** 2, 0.0)
    return total / n / unit, float(np.sqrt(spread / n)) / unit


def _watched(table: LifeTable) -> int:
    enough = np.flatnonzero(table.frame["in_force"].to_numpy() >= FEW_CUSTOMERS)
    return int(enough[-1]) if len(enough) else 0


def _survival(table: LifeTable, to: int, draws: int | None, rng) -> np.ndarray:
    """Kaplan-Meier S(0..to), or of `draws` resampled tables: d* ~ Binomial(n, d / n). (..., to + 1)"""
    rows = table.frame.iloc[1: to + 1]
    n, d = rows["in_force"].to_numpy(float), rows["churned"].to_numpy(float)
    hazard = np.divide(d, n, out=np.zeros_like(d), where=n > 0)
    if draws:
        hazard = rng.binomial(n.astype(int), hazard, (draws, len(n))) / np.maximum(n, 1)
    stay = np.cumprod(1 - hazard, axis=-1)
    return np.concatenate([np.ones((*stay.shape[:-1], 1)), stay], axis=-1)
