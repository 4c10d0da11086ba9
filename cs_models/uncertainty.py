"""Ranges: the same bootstrap draws in baseline and scenario, so that the range of a difference is honest and narrow."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models import gates
from cs_models.assumptions import Assumptions
from cs_models.levers.base import Detail
from cs_models.valuation import evaluate, lifetime_of, portfolio

LEVEL = 0.95
BOOKS = ("new", "existing", "portfolio")


@dataclass(frozen=True)
class Range:
    """A 95 % interval by bootstrap percentiles."""

    low: float
    high: float


def amounts(valuation) -> dict[str, np.ndarray]:
    """What is compared, per draw: CLV per new customer, residual per existing customer, and the portfolio in total."""
    there = {"new": valuation.new, "existing": valuation.existing, "portfolio": True}
    return {book: amount(valuation, book) for book in BOOKS if there[book] is not None}


def amount(valuation, book: str) -> np.ndarray:
    """The same of one book."""
    if book == "portfolio":
        return portfolio(valuation)
    size = 1.0 if book == "new" else valuation.assumptions.customers
    return valuation.present(getattr(valuation, book)) / size


def drawn_amounts(base: Assumptions, levers, horizon: int, heterogeneity="types", detail=None) -> dict[str, np.ndarray]:
    """`amounts` over the bootstrap draws kept in the assumptions; the point estimate where there are none."""
    more = {} if detail is None else {"detail": detail}

    def make():
        return amounts(evaluate(base, levers, horizon, heterogeneity, drawn=base.has_draws, **more))

    return make() if levers else base.kept(("drawn", horizon, heterogeneity, detail), make)


def drawn_worth(base: Assumptions, book: str, levers, horizon: int, heterogeneity="types", detail=Detail()) -> np.ndarray:
    """What `amount` says of "new" or "existing" over the draws, (draws,), nobody else worked out; the baseline's is kept."""
    return _drawn("worth", base, book, levers, horizon, heterogeneity, detail, lambda found: amount(found, book))


def drawn_band(base: Assumptions, book: str, levers, horizon: int, heterogeneity="types", detail=Detail()) -> np.ndarray:
    """The 95 % band of the survival of "new" or "existing", (2, months and the end). All months of every draw take
    several times what their worth does, so whoever needs no picture asks for none.
    """
    points = min(horizon + 1, base.months)  # month 0 and the end of the last month
    return _drawn("band", base, book, levers, points, heterogeneity, detail,
                  lambda found: _band(found.survival_of(book)[..., :points]))


def _drawn(what, base, book, levers, months, heterogeneity, detail, figure) -> np.ndarray:
    one = base.only(book)

    def make():
        return figure(evaluate(one, levers, months, heterogeneity, drawn=base.has_draws, detail=detail))

    return make() if levers else one.kept((what, months, heterogeneity, detail), make)


def _band(survival: np.ndarray) -> np.ndarray:
    """The central 95 % of the draws at each month, (2, months)."""
    if survival.ndim == 1:
        return np.stack([survival, survival])
    return np.quantile(survival, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)


def span(draws: np.ndarray) -> Range:
    """The central 95 % of the draws; NaN where one of them is no number, which words leave out."""
    if np.ndim(draws) == 0:
        return Range(float(draws), float(draws))
    if not gates.told(draws):
        return Range(float("nan"), float("nan"))
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Range(float(low), float(high))


def chance_positive(draws: np.ndarray) -> float | None:
    """Share of draws above zero; None when every draw is zero, because then nothing was changed."""
    draws = np.atleast_1d(draws)
    return None if not draws.any() else float(np.mean(draws > 0))


def interval(base: Assumptions, horizon: int = 36) -> dict[str, Range]:
    """95 % ranges of CLV per new customer, residual per existing customer and the portfolio (keys as in BOOKS).

    For a CFO: how far the figure could be off because only so many customers were seen so far. What the model cannot
    know (a new competitor, another kind of customer) is not in it.
    """
    return {name: span(draws) for name, draws in drawn_amounts(base, (), horizon).items()}


def lifetime_range(base: Assumptions) -> Range:
    """95 % range of the lifetime CLV per new customer: sampling only; the curve beyond what was seen is the model's."""
    return span(sum(lifetime_of(base, cell, drawn=base.has_draws) for cell in base.cells))


def segment_ranges(base: Assumptions, horizon: int = 36) -> pd.DataFrame:
    """95 % ranges per segment and billing interval, rows as in `Valuation.by_segment`.

    Columns segment, interval, clv_low, clv_high (per new customer), residual_low, residual_high (per customer of today).
    """
    drawn = evaluate(base, (), horizon, drawn=base.has_draws)
    rows: dict = {}
    for group, worth in drawn.worths:
        row = rows.setdefault((group.segment, group.interval), {"new": [0.0, 0.0], "existing": [0.0, 0.0]})
        row[group.book][0] += group.size
        row[group.book][1] = row[group.book][1] + worth
    return pd.DataFrame([_segment_row(key, row) for key, row in rows.items()])


def _segment_row(key, row) -> dict:
    found = {"segment": " / ".join(map(str, key[0])), "interval": key[1]}
    for name, (size, worth) in zip(("clv", "residual"), (row["new"], row["existing"])):
        around = span(worth / size) if size else Range(float("nan"), float("nan"))
        found |= {f"{name}_low": around.low, f"{name}_high": around.high}
    return found
