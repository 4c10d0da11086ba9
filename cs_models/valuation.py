"""The only place lifetime value is computed.

CLV(H) = sum over months t = 0 .. H-1 of v^t x (cash(t) - cost(t)) per new customer, acquisition cost not deducted;
residual value = the same sum over the customers we have, from the tenure each has reached.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.flows import NAMES, Flows, flows
from cs_models.group import Group
from cs_models.intake import cohorts_to_come, decided, intake_of
from cs_models.kept_property import kept
from cs_models.levers.base import Detail, Joining
from cs_models.mixing import Money
from cs_models.retention.aging import elapsed

PAYBACK = 120  # months within which payback is sought
LIFETIME = 1200  # months summed for "lifetime"; at 10 % a year the rest is worth less than 0.01 % of a payment


@dataclass(frozen=True, eq=False)
class Valuation:
    """Money expected from one set of groups. Arrays by month; `new` is per new customer, `existing` the whole book.

    clv: per new customer over the horizon, None when the book has no new customers
    residual: of the existing book, total; residual_per_customer: on average
    payback_months: months until survival-weighted margin covers CAC, undiscounted, with the payment that does it (for
    monthly payers the number of payments); None if not within 120 months
    """

    horizon: int
    assumptions: Assumptions
    new: Money | None
    existing: Money | None
    heterogeneity: str = "types"
    levers: tuple = ()
    drawn: bool = False
    detail: Detail = Detail()

    @kept
    def joining(self) -> Joining:
        """Customers to come after the decisions."""
        return intake_of(self.assumptions, self.levers)

    @property
    def parts(self) -> tuple[tuple[Group, Flows], ...]:
        """Every group with its flows."""
        return self._with(lambda book: book.each)

    @property
    def worths(self) -> tuple[tuple[Group, np.ndarray], ...]:
        """Every group with its discounted margin over the horizon, (...)."""
        return self._with(lambda book: book.worths(self.assumptions.discount_factor[: self.horizon]))

    def _with(self, found) -> tuple:
        return tuple(pair for book in (self.new, self.existing) if book for pair in zip(book.groups, found(book)))

    @kept
    def later(self) -> tuple[Money, ...]:
        """Of a customer who joins in month 0, 1, ...; worked out when first asked for: only the whole book needs them."""
        more = self.horizon, self.heterogeneity, self.drawn, self.detail, self.joining
        return () if self.new is None else cohorts_to_come(self.assumptions, self.levers, *more)

    @kept
    def book(self) -> Flows:
        """The whole book by month, today's customers and those to come, the cost of winning them included."""
        return book_flows(self)

    def joined_in(self, month: int) -> Money:
        """Money of one customer who joins in this month, from that month on."""
        return self.later[min(month, len(self.later) - 1)] if self.later else self.new

    @property
    def clv(self) -> float | None:
        return None if self.new is None else float(self.present(self.new))

    @property
    def residual(self) -> float:
        return 0.0 if self.existing is None else float(self.present(self.existing))

    @property
    def residual_per_customer(self) -> float | None:
        return None if self.existing is None else self.residual / self.assumptions.customers

    @property
    def portfolio(self) -> float:
        """The base plus every cohort still to come within the horizon, their CAC taken off, discounted to today (money)."""
        return float(portfolio(self))

    @kept
    def payback_months(self) -> int | None:
        if self.new is None or self.cac <= 0:
            return None if self.new is None else 0
        ahead = (flows(group.until(PAYBACK), *self.new.economics).margin for group in self.new.groups)
        return payback(sum(ahead), self.cac)

    @property
    def cac(self) -> float:
        """What winning a customer costs today, after the decisions; customers who were recommended cost their reward."""
        brought, won = self.joining.referrals[0], self.joining.volume[0]
        if brought:  # by each of those who are here
            brought *= float(np.mean(self.existing.in_force[..., 0])) if self.existing else 0.0
        spent = won * self.joining.cac[0] + brought * self.joining.reward[0]
        return float(spent / (won + brought)) if won + brought > 0 else float(self.joining.cac[0])

    def present(self, money: Money | Flows) -> np.ndarray:
        """Discounted margin over the horizon, (...)."""
        return money.worth(self.assumptions.discount_factor[: self.horizon])

    @property
    def flows(self) -> pd.DataFrame:
        """One row per book and month of the horizon: customers in force, MRR, cash, cost, margin, discounted margin."""
        tables = [self._table(book, money) for book, money in (("new", self.new), ("existing", self.existing)) if money]
        return pd.concat(tables, ignore_index=True)

    def _table(self, book: str, money: Flows) -> pd.DataFrame:
        h, v = self.horizon, self.assumptions.discount_factor[: self.horizon]
        columns = {name: getattr(money, name)[:h] for name in (*NAMES, "margin")}
        return pd.DataFrame({"book": book, "month": np.arange(h), **columns, "discounted": columns["margin"] * v})

    @property
    def by_segment(self) -> pd.DataFrame:
        """One row per segment and billing interval: share of new customers, CLV, customers today, residual value."""
        rows: dict = {}
        for group, amount in self.worths:
            row = rows.setdefault((group.segment, group.interval), dict(new_share=0.0, clv=0.0, customers=0.0, residual=0.0))
            size, worth = ("new_share", "clv") if group.book == "new" else ("customers", "residual")
            row[size] += group.size
            row[worth] += float(amount)
        table = pd.DataFrame([{"segment": " / ".join(map(str, segment)), "interval": interval, **row}
                              for (segment, interval), row in rows.items()])
        table["clv"] = table.clv / table.new_share.where(table.new_share > 0)
        table["residual_per_customer"] = table.residual / table.customers.where(table.customers > 0)
        return table

    def survival_of(self, book: str) -> np.ndarray:
        """Share still subscribed by month: of new customers, or ("existing", "portfolio") of today's. (..., months)"""
        if book == "new":
            return self.new.in_force
        return self.existing.in_force / self.assumptions.customers


def value(base: Assumptions, horizon: int = 36) -> Valuation:
    """Value the baseline over `horizon` months.

    For a CFO: what a new customer brings in margin, discounted, and what the customers you have will still bring.
    Raises Problem (a ValueError) when the horizon is longer than the projection.
    >>> float(value(Assumptions.flat(0.0, 100, 1.0, 0.0, 24), horizon=24).clv)
    2400.0
    """
    return evaluate(base, (), horizon)


def evaluate(base: Assumptions, levers, horizon: int, heterogeneity: str = "types", drawn: bool = False,
             detail: Detail = Detail(), known: dict | None = None, beyond: bool = True) -> Valuation:
    """Groups -> levers in order -> flows. `drawn` uses the bootstrap draws: every array gains a leading axis.

    known: groups and flows worked out already, for a caller that values many combinations of the same levers.
    beyond: point estimates of new customers run over the whole projection, so that they can be drawn beyond the horizon.

    The baseline is kept: a page asks for it with every move of a lever. Not so over the draws, which take megabytes.
    """
    h = base.check_horizon(horizon)
    more = heterogeneity, drawn, detail, beyond and not drawn
    if levers or drawn:
        return _evaluate(base, levers, h, *more, {} if known is None else known)
    return base.kept(("baseline", h, *more), lambda: _evaluate(base, (), h, *more, {}))


def _evaluate(base, levers, h, heterogeneity, drawn, detail, beyond, known) -> Valuation:
    every, economics = heterogeneity == "aggregate", (base.gross_margin, base.service_cost, heterogeneity)

    def book(name: str, length: int) -> Money:
        return Money(lambda: decided(base.groups(name, detail, drawn, every, length), levers, known.setdefault((name, detail), {})),
                     economics, known)

    books = (book("new", base.months if beyond else h) if base.has_new else None,
             book("existing", h) if base.has_existing else None)
    return Valuation(h, base, *books, heterogeneity, levers, drawn, detail)


def payback(margin: np.ndarray, cac: float) -> int | None:
    """Number of undiscounted payments until the summed margin reaches CAC, None if it never does.

    >>> payback(np.full(36, 100.0), 360.0)
    4
    """
    if cac <= 0:
        return 0
    return int(np.argmax(enough)) + 1 if (enough := np.cumsum(margin) >= cac * (1 - 1e-12)).any() else None


def portfolio(valuation: Valuation) -> np.ndarray:
    """Residual of the base + sum over months u of v^u x customers won in u x (CLV over the months left - CAC), (...)."""
    h, joining = valuation.horizon, valuation.joining
    v = valuation.assumptions.discount_factor[:h]
    if valuation.new is None:
        return valuation.present(valuation.existing)
    if np.any(joining.referrals[:h]):  # whoever is here brings others, so that months cannot be summed one by one
        sums, spent = _book(valuation, ("in_force", "margin"))
        return (sums["margin"] - spent) @ v
    won = v * joining.volume[:h]
    found = valuation.present(valuation.existing) if valuation.existing else 0.0
    settled = min(max(len(valuation.later) - 1, 0), h - 1)
    for month in range(settled):
        found = found + won[month] * valuation.joined_in(month).worth(v[: h - month])
    # A payment k months after joining reaches us from all who join by month h - 1 - k.
    alike = v * np.cumsum(np.where(np.arange(h) >= settled, won, 0.0))[::-1]
    return found + valuation.joined_in(settled).worth(alike) - won @ joining.cac[:h]


def book_flows(valuation: Valuation) -> Flows:
    """The whole book by month: today's customers and every cohort still to come within the horizon. (..., horizon)

    cost holds what winning the cohorts costs (CAC, rewards for referrals). A customer who recommends brings
    `referrals` x those in force each month; they behave like other new customers and bring others in turn.
    """
    if valuation.new is None:
        return valuation.existing.until(valuation.horizon) if valuation.existing is not None else None
    sums, spent = _book(valuation, NAMES)
    return Flows(**(sums | {"cost": sums["cost"] + spent}))


def _book(valuation: Valuation, names: tuple[str, ...]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """These tables of the whole book, and what winning customers costs, each (..., horizon)."""
    h, joining, today = valuation.horizon, valuation.joining, valuation.existing
    shape = (*valuation.new.in_force.shape[:-1], h)
    sums = {name: np.array(np.broadcast_to(getattr(today, name)[..., :h], shape)) if today is not None
            else np.zeros(shape) for name in names}
    spent = np.zeros(shape)
    for month in range(h):
        brought = joining.referrals[month] * sums["in_force"][..., month]
        won = joining.volume[month] + brought
        for name in names:
            sums[name][..., month:] += won[..., None] * getattr(valuation.joined_in(month), name)[..., : h - month]
        spent[..., month] = joining.volume[month] * joining.cac[month] + brought * joining.reward[month]
    return sums, spent


def lifetime(base: Assumptions) -> tuple[float, float]:
    """Lifetime CLV per new customer and the share of it that lies beyond the longest observed tenure.

    Summed over 100 years, discounted: undiscounted, the mean lifetime of a mixed population can be infinite.
    sBG(.8, 8), 40 a month of margin, 10 % a year: 1,043, of which 71 % within 60 months.
    """
    total = sum(float(lifetime_of(base, cell)) for cell in base.cells)
    seen = 0.0
    for cell, group in zip((c for c in base.cells if c.new_share > 0), base.groups("new")):
        if cell.observed_to:
            money = flows(group.until(cell.observed_to), base.gross_margin, base.service_cost)
            seen += float(money.margin @ (1 + base.discount_rate) ** (-np.arange(cell.observed_to) / 12))
    return total, (total - seen) / total if total else 0.0


def lifetime_of(base: Assumptions, cell, drawn: bool = False) -> np.ndarray:
    """A cell's part of the lifetime CLV per new customer: each type's payments are a geometric series. (...)

    One term of n months: n x price at its start, less each month's cost; it repeats with the chance v^n (1 - theta).
    Where what a customer pays grows, so does what serving it costs, month by month, also inside a paid term.
    """
    mix, n = cell.mix(drawn), cell.interval
    v = (1 + base.discount_rate) ** (-1 / 12)
    inside = v ** np.arange(n)  # the months of one term, seen from its start
    dear = (1 - base.gross_margin) * cell.new_price
    if mix.aging is not None or cell.growth is not None:
        level = cell.price_path(LIFETIME // n * n, 0, drawn)
        by_term = level.reshape(*level.shape[:-1], -1, n)
        each = n * cell.new_price * by_term[..., 0] - dear * (by_term @ inside) - base.service_cost * inside.sum()
        return cell.new_share * (_payments(mix, v, n) * each).sum(axis=-1)
    term = n * cell.new_price - (dear + base.service_cost) * inside.sum()
    fall = n * np.log(v) - mix.rate  # ln of the chance to be there, discounted, one term on
    with np.errstate(invalid="ignore"):
        terms = np.where(fall < 0, np.expm1(LIFETIME // n * fall) / np.expm1(fall), LIFETIME // n)
    return cell.new_share * term * (mix.weights * terms).sum(axis=-1)


def _payments(mix, v: float, n: int) -> np.ndarray:
    """Discounted share that pays each term, over a hundred years, (..., terms)."""
    terms = np.arange(LIFETIME // n)
    age = elapsed(mix.aging, terms * n // mix.clock)
    alive = (mix.weights[..., None, :] @ np.exp(-mix.rate[..., :, None] * age[..., None, :]))[..., 0, :]
    return alive * v ** (n * terms)


def naive(base: Assumptions) -> dict:
    """ARPU x gross margin / churn, the one number vendors publish, from the same data.

    churn: share of today's customers expected to leave within a year, as a monthly rate, blended over all tenures and
    billing intervals (a year, so that annual payers count although they renew in one month of twelve).
    """
    groups = [g.until(13) for g in base.groups("existing" if base.has_existing else "new")]
    size = sum(g.count for g in groups)
    arpu = sum(g.count * g.price for g in groups) / size
    year = sum(g.count * (1 - flows(g, 1.0, 0.0).in_force[12] / g.count) for g in groups) / size
    churn = float(1 - (1 - year) ** (1 / 12))
    return {"arpu": arpu, "churn": churn, "clv": arpu * base.gross_margin / churn if churn > 0 else None}
