"""How many customers and months a trial needs before it can show the effect a plan assumes."""

from dataclasses import dataclass
from math import ceil, log

import numpy as np

from cs_models.dials import main_book
from cs_models.problems import Problem
from cs_models.valuation import Valuation, evaluate
from cs_models.words import count, months, percent

POWER, LEVEL, SHARE = 0.80, 0.05, 0.5
LEAST = 0.001  # an effect on leaving smaller than this is none
SEEN = 0.002  # share of customers by which a curve must move to be another one
WITHIN = 12  # months over which the pace of leaving is compared
WHOSE = {"new": "new customers", "existing": "of today's customers", "portfolio": "customers, new and old,"}


@dataclass(frozen=True)
class Experiment:
    """What a trial needs: customers drawn by chance into those who get the decision and those who do not.

    hazard_ratio: pace of leaving with the plan against without, over the first 12 months; 1 = no effect on leaving
    events: departures that must be seen; None where the plan does not change how many leave within a year
    months: until this book has seen them, None if not within ten years; customers: in the trial by then
    reached: departures this book would see within ten years; among: "new", "existing" or "portfolio", who takes part
    """

    hazard_ratio: float
    share: float
    power: float
    level: float
    events: int | None
    months: int | None
    customers: int | None
    reached: float
    sentence: str
    among: str


def events_needed(hazard_ratio: float, share: float = SHARE, power: float = POWER, level: float = LEVEL) -> int:
    """Departures a trial must see to tell a hazard ratio from 1 (Schoenfeld 1981).

    events = (z1 + z2)^2 / (p (1 - p) ln(HR)^2), z1 of the two-sided level, z2 of the power, p the share in the trial.
    For a CFO: small effects need many departures; 5 % more churn needs 13,189 of them, 50 % more needs 191.
    Raises Problem for a hazard ratio of 1, or a share, power or level that is not between 0 and 1.
    >>> [events_needed(hr) for hr in (1.05, 1.1, 1.25, 1.5)]
    [13189, 3456, 631, 191]
    """
    from scipy.special import ndtri

    for name, value in (("share", share), ("power", power), ("level", level)):
        if not 0 < value < 1:
            raise Problem(f"The {name} of a trial must lie between 0 and 1; found {value!r}.")
    if hazard_ratio <= 0 or hazard_ratio == 1:
        raise Problem("A hazard ratio must be above 0 and other than 1: without an effect there is nothing to see.")
    z = ndtri(1 - level / 2) + ndtri(power)
    return round(float(z**2 / (share * (1 - share) * log(hazard_ratio) ** 2)))


def size_experiment(change, book: str | None = None, share: float = SHARE, power: float = POWER,
                    level: float = LEVEL) -> Experiment:
    """The trial that could show the effect on leaving which a `cs.Change` assumes, in this book.

    A share p of the customers gets the decision. "existing": today's customers, all from today; "new": those who sign
    up from today; "portfolio": whichever of them, or both, shows the effect first: a plan for new customers is not
    measured on the others. Expected departures by month follow the fitted curves with and without the plan; the trial
    ends when there are enough. All figures are expectations.
    For a CFO: how long until the figure you assumed could be a figure you measured.
    """
    base, book = change.base, main_book(change.base, book or change.book)
    runs = [evaluate(base, levers, base.months, change.heterogeneity, detail=change.plan.detail)
            for levers in ((), change.plan.active)]
    there = {"existing": base.has_existing, "new": base.has_new, "portfolio": base.has_existing and base.has_new}
    among = [one for one, has in there.items() if has and book in (one, "portfolio")]
    return min((_sized(runs, one, share, power, level) for one in among), key=_soonest)


def _soonest(found: Experiment) -> tuple[float, float]:
    return tuple(float("inf") if one is None else one for one in (found.months, found.events))


def _sized(runs: list[Valuation], book: str, share: float, power: float, level: float) -> Experiment:
    """The trial among the customers of one book."""
    ratio, most = _hazard_ratio(*runs, book), runs[0].horizon
    if ratio is None or abs(log(ratio)) < LEAST:
        said = _not_seen(*runs, book)
        return Experiment(ratio or 1.0, share, power, level, None, None, None, 0.0, said, book)
    wanted = events_needed(ratio, share, power, level)
    before, after = (departures(run, book, runs[0].joining.volume) for run in runs)
    seen = (1 - share) * before + share * after
    enough = np.flatnonzero(seen[1:] >= wanted)  # a loss on the first day is seen after the first month
    month = int(enough[0]) + 1 if enough.size else None
    inside = None if month is None else ceil(_enrolled(runs[0], book, month))
    reached = float(seen[-1])
    return Experiment(ratio, share, power, level, wanted, month, inside, reached,
                      _said(ratio, wanted, month, inside, reached, power, most, book), book)


def _not_seen(before: Valuation, after: Valuation, book: str) -> str:
    """Why leaving within a year shows nothing: nobody's stay is changed, or it is, at other moments than the year's end."""
    here, there = (_shares(run, book) for run in (before, after))
    moved = np.abs(there - here) > SEEN
    if not moved.any():
        return "The plan does not change who leaves, so a trial has to look at something else, such as take-up."
    month = int(np.argmax(np.abs(there - here)[: WITHIN + 1]))
    if not moved[: WITHIN + 1].any():
        return (f"Within {months(WITHIN)} as many leave as today; what the plan changes comes later, so a trial of that "
                "length cannot see it.")
    now, then = (percent(curve[month], 0) for curve in (here, there))
    return (f"Who pays a year ahead cannot leave inside it: after {months(month)} {then} are still here instead of {now}, "
            f"after {months(WITHIN)} as many as today. So a trial within one year cannot see an effect: measure renewals, "
            "who is still here once the first year is over, and take-up.")


def _shares(run: Valuation, book: str) -> np.ndarray:
    """Share of the book's customers still here by month."""
    flows = run.existing if book == "existing" else run.new
    first = run.assumptions.customers if book == "existing" else 1.0
    return flows.in_force / first


def _hazard_ratio(before: Valuation, after: Valuation, book: str) -> float | None:
    """Ratio of the pace of leaving over the first year, customers of the book taken together.

    One book: cumulative hazards, ln S'(12) / ln S(12). Both: departures per customer-month, as intensities.
    """
    if book == "portfolio":
        pace = [_pace(run, before.joining.volume) for run in (before, after)]
        return pace[1] / pace[0] if min(pace) > 0 and max(pace) < float("inf") else None
    here = [_stay(run, book, WITHIN) for run in (before, after)]
    if min(here) <= 0 or max(here) >= 1:
        return None
    return float(log(here[1]) / log(here[0]))


def _pace(run: Valuation, volume: np.ndarray) -> float:
    """Intensity of leaving in the first year of today's customers and those who sign up in it."""
    year = min(WITHIN, run.horizon - 1)
    served = run.existing.in_force[:year].sum() + np.convolve(volume[:year], run.new.in_force[:year])[:year].sum()
    left = departures(run, "portfolio", volume)[year] / served if served > 0 else 0.0
    return float(-np.log1p(-left)) if left < 1 else float("inf")


def _stay(run: Valuation, book: str, month: int) -> float:
    """Share of the book's customers still here after so many months."""
    shares = _shares(run, book)
    return float(shares[min(month, shares.shape[-1] - 1)])


def departures(run: Valuation, book: str, volume: np.ndarray | None = None) -> np.ndarray:
    """Expected departures of a book from today until the start of each month, (months,); `volume`: who signs up, by
    month, where it is not that of the plan (a trial divides the customers there are).
    """
    length, total, volume = run.horizon, 0.0, run.joining.volume if volume is None else volume
    if book != "new" and run.existing is not None:
        here = run.existing.in_force[:length]
        total = total + run.assumptions.customers - here
    if book != "existing" and run.new is not None:
        one = 1 - run.new.in_force[:length]
        total = total + np.convolve(volume[:length], one)[:length]
    return np.broadcast_to(np.asarray(total, float), (length,))


def _enrolled(run: Valuation, book: str, month: int) -> float:
    today = run.assumptions.customers if book != "new" else 0.0
    return today + (float(run.joining.volume[:month].sum()) if book != "existing" else 0.0)


def _said(ratio, wanted, month, inside, reached, power, most, book) -> str:
    effect = f"{percent(abs(ratio - 1))} {'more' if ratio > 1 else 'less'} leaving"
    if month is None:
        return (f"To see {effect} takes about {count(wanted)} departures; this book would see {count(reached)} "
                f"within {months(most)}. The effect cannot be measured here: decide without, or test something bolder.")
    return (f"To see {effect} in {count(power * 100)} of 100 trials takes about {count(wanted)} departures: "
            f"{count(inside)} {WHOSE[book]} and {months(month)} here.")
