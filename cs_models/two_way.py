"""Two figures of a plan turned together: where it pays, where it costs, and the line between."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.dials import Dial, dial, gain_at, main_book
from cs_models.problems import Problem
from cs_models.scenario import Scenario

STEPS = 13  # values of each figure: 169 runs, about half a second
SUGGESTED = (("AnnualBilling.discount", "AnnualBilling.adoption"), ("PriceIncrease.rise", "PriceIncrease.one_off_loss"),
             ("PriceIncrease.rise", "PriceIncrease.churn_elasticity"))


@dataclass(frozen=True, eq=False)
class TwoWay:
    """What the plan brings for every pair of two figures.

    frame: one row per pair: across, down (the values), delta (money: per customer, in total for the portfolio)
    line: where the plan turns from gain to loss, straight pieces: across, down, across_to, down_to; empty if nowhere
    here: the pair the plan has now; label_across, label_down, kind_across, kind_down: as declared by the levers
    """

    across: str
    down: str
    frame: pd.DataFrame
    line: pd.DataFrame
    here: tuple[float, float]
    label_across: str
    label_down: str
    kind_across: str
    kind_down: str
    book: str

    @property
    def sentence(self) -> str:
        """How much of the map pays, for the line above it."""
        share = float((self.frame.delta > 0).mean())
        if share in (0.0, 1.0):
            return f"The plan {'pays everywhere' if share else 'pays nowhere'} on this map."
        return f"The plan pays on {share * 100:.0f} of 100 points of this map (blue); the line is where it breaks even."


def suggested_maps(plan: Scenario) -> tuple[tuple[str, str], ...]:
    """Pairs worth a map among the levers in force: discount x take-up, rise x loss, rise x lasting effect."""
    there = {type(lever).__name__ for lever in plan.active}
    return tuple(pair for pair in SUGGESTED if pair[0].split(".")[0] in there)


def two_way_map(base: Assumptions, plan: Scenario, across: str, down: str, horizon: int = 36, book: str | None = None,
            heterogeneity: str = "types", steps: int = STEPS) -> TwoWay:
    """The plan's difference over a grid of two of its figures, all others as set, with the zero line.

    across, down: names such as "AnnualBilling.discount"; each runs over the range of its widget, in whole months where
    it counts months. The zero line joins points found by straight interpolation between neighbouring points.
    For a CFO: which pairs of a decision and of what customers do about it are safe.
    Raises Problem for names the plan does not have, or one name given twice.
    """
    one, other = dial(plan, across), dial(plan, down)
    if one.name == other.name:
        raise Problem("A map needs two different figures.")
    book = main_book(base, book)
    base.check_horizon(horizon)
    xs, ys = _values(one, steps), _values(other, steps)

    def worth(x, y):
        return gain_at(base, dial(one.at(x), down), y, horizon, book, heterogeneity)

    delta = np.array([[worth(x, y) for x in xs] for y in ys])
    frame = pd.DataFrame({"across": np.tile(np.asarray(xs, float), len(ys)), "down": np.repeat(np.asarray(ys, float), len(xs)),
                          "delta": delta.ravel()})
    # Where a lever rests, nothing is gained or lost: no line is drawn along that side.
    resting = np.array([[one.resting(x) or other.resting(y) for x in xs] for y in ys])
    line = zero_line(np.asarray(xs, float), np.asarray(ys, float), np.where(resting, np.nan, delta))
    here = tuple(float(d.value) if d.value is not None else float("nan") for d in (one, other))
    return TwoWay(across, down, frame, line, here, one.label, other.label, one.parameter.kind, other.parameter.kind, book)


def _values(one: Dial, steps: int) -> list:
    """Values of a figure over the range of its widget; a range that does not hold the plan's value is widened to it."""
    p = one.parameter
    here = p.low if one.value is None else one.value
    low, high = min(p.low, here), max(p.high, here)
    found = np.linspace(low, high, steps)
    return sorted({int(v) for v in np.round(found)}) if p.kind == "months" else [round(float(v), 10) for v in found]


def zero_line(xs: np.ndarray, ys: np.ndarray, delta: np.ndarray) -> pd.DataFrame:
    """Straight pieces where a grid crosses zero (marching squares). delta: (len(ys), len(xs)).

    >>> zero_line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([[-1.0, 1.0], [-1.0, 1.0]])).values.tolist()
    [[0.5, 0.0, 0.5, 1.0]]
    """
    pieces = []
    for i in range(len(ys) - 1):
        for j in range(len(xs) - 1):
            pieces += _pieces(xs[j: j + 2], ys[i: i + 2], delta[i: i + 2, j: j + 2])
    return pd.DataFrame(pieces, columns=["across", "down", "across_to", "down_to"])


def _pieces(x, y, corner) -> list[tuple[float, float, float, float]]:
    """The pieces inside one cell: its crossed edges, joined; two edges make one piece, four make two."""
    if np.isnan(corner).any():
        return []
    edges = [((0, 0), (0, 1)), ((0, 1), (1, 1)), ((1, 1), (1, 0)), ((1, 0), (0, 0))]
    found = []
    for (r, c), (r2, c2) in edges:
        a, b = corner[r, c], corner[r2, c2]
        if (a > 0) != (b > 0):
            t = a / (a - b)
            found.append((float(x[c] + t * (x[c2] - x[c])), float(y[r] + t * (y[r2] - y[r]))))
    return [(*found[k], *found[k + 1]) for k in range(0, len(found) - 1, 2)]
