"""The customers of a day sent forward by a fitted model: what to expect, and how far chance can carry it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.flows import flows
from cs_models.uncertainty import LEVEL

PATHS = 300  # futures that are drawn where the fit has no draws of its own
EVERYBODY = ()


@dataclass(frozen=True, eq=False)
class Prediction:
    """Customers and MRR 0..months after the day, expected (months + 1,) and their band (2, months + 1).

    By cohort, at the end only: `cohorts` (C,) in order, customers and MRR expected (C,), band of the
    customers (2, C). Money in the unit it came in.
    """

    heads: np.ndarray
    head_band: np.ndarray
    money: np.ndarray
    money_band: np.ndarray
    cohorts: np.ndarray
    cohort_heads: np.ndarray
    cohort_money: np.ndarray
    cohort_band: np.ndarray


def predict(base: Assumptions, rows: pd.DataFrame, keys: list[str], months: int, seed: int = 0) -> Prediction:
    """Forecast `rows`: one per group, billing interval, tenure and cohort, with customers, mrr and squares.

    Expected: customers x S(k + t) / S(k), each from the tenure k reached; MRR moves with the price path of the
    assumptions besides (growth of those who stay). The band is one of prediction, so
    it holds two kinds of chance. The curve may be wrong: every draw of the assumptions is a refit to
    resampled counts. And the future is drawn: under each of them the customers go forward month by month,
    each step binomial. In money, who stays matters as well: the spread of the MRR within a row is added as
    that of a draw without returning. Of all that the central 95 %, month by month.

    keys: names of the group columns and, last, the billing interval (as in the assumptions' groups).
    """
    lines = rows[[*keys, "tenure"]].itertuples(index=False, name=None)
    named = [(tuple(line[:-2]), line[-2], line[-1]) for line in lines]
    fitted, drawn = paths(base, months), paths(base, months, drawn=True)
    expected = np.stack([fitted[name][0] for name in named])
    priced = expected * np.stack([fitted[name][1] for name in named])
    cohorts, cohort = np.unique(rows["cohort"].to_numpy(), return_inverse=True)
    customers, mrr = rows["customers"].to_numpy(), rows["mrr"].to_numpy()
    bands = _bands(rows, named, cohort, drawn, months, np.random.default_rng([seed, 7]))
    ends = [np.bincount(cohort, size * path[:, -1]) for size, path in ((customers, expected), (mrr, priced))]
    return Prediction(customers @ expected, bands[0], mrr @ priced, bands[1], cohorts, *ends, bands[2])


def paths(base: Assumptions, months: int, drawn: bool = False) -> dict:
    """(segment, interval, tenure) -> share still here 0..months later and price level: one path each, or one per draw."""
    found: dict = {}
    for group in base.groups("existing", drawn=drawn, every_tenure=True):
        segment = group.segment if base.by else EVERYBODY
        money = flows(group.until(months + 1), 1.0, 0.0)
        one = found.setdefault((segment, group.interval, group.age), [0.0, 0.0, 0.0, group.price])
        for place, more in enumerate((money.in_force, money.mrr, group.count)):  # the parts of a tenure (`Group.sure`)
            one[place] = one[place] + more
    # a paid term keeps its price to its end
    return {at: (here / count, mrr / np.maximum(price * here, 1e-300)) for at, (here, mrr, count, price) in found.items()}


def _bands(rows, named, cohort, drawn, months, rng) -> list[np.ndarray]:
    """Central 95 % of customers and MRR by month, and of the customers of each cohort at the end."""
    draws = max((len(path) for path, _ in drawn.values() if path.ndim == 2), default=PATHS)
    heads, money = np.zeros((draws, months + 1)), np.zeros((draws, months + 1))
    last = np.zeros((draws, cohort.max() + 1))
    facts = zip(named, cohort, *(rows[name].to_numpy() for name in ("customers", "mrr", "squares")))
    for name, at, size, mrr, squares in facts:
        path, price = drawn[name]
        here = walk(int(size), np.broadcast_to(path, (draws, months + 1)), rng)
        heads += here
        money += _worth(here, size, mrr, squares, rng) * price
        last[:, at] += here[:, -1]
    ends = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    return [np.quantile(values, ends, axis=0) for values in (heads, money, last)]


def walk(size: int, path: np.ndarray, rng) -> np.ndarray:
    """Customers still here at 0..months, one row per draw: a step keeps each with path(t) / path(t - 1)."""
    here = np.empty(path.shape)
    here[:, 0] = size
    keep = np.clip(path[:, 1:] / np.maximum(path[:, :-1], 1e-300), 0, 1)
    for step in range(keep.shape[1]):
        here[:, step + 1] = rng.binomial(here[:, step].astype(np.int64), keep[:, step])
    return here


def _worth(here: np.ndarray, size: int, mrr: float, squares: float, rng) -> np.ndarray:
    """MRR of a random `here` out of `size` customers: their mean, and the chance of who they are."""
    spread = max(squares - mrr**2 / size, 0.0) / max(size - 1, 1)
    noise = np.sqrt(here * (1 - here / size) * spread)
    return here * (mrr / size) + noise * rng.standard_normal(here.shape)
