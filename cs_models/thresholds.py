"""Where a plan stops paying, and what it takes to bring a sum: one figure turned until the answer is the wanted one."""

from dataclasses import dataclass

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.dials import Dial, dial, differ, gains_at, main_book
from cs_models.doubts import Belief, beliefs
from cs_models.levers import Parameter
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from cs_models.words import MINUS, percent

STEPS = 40  # points of the first look over the range of the page; beyond it the look goes on in growing steps
LOOK = 12  # points of the first look for each belief
FAR = 12  # steps beyond it, each twice as long
AHEAD = 6  # points looked at together
CLOSE = 1e-10  # of the value: where the search stops


def break_even(base: Assumptions, plan: Scenario, parameter: str, horizon: int = 36, book: str | None = None,
               heterogeneity: str = "types") -> float | None:
    """The value of one parameter at which the plan neither gains nor loses; None where there is none.

    The root of the difference over the parameter's hard range, found by a scan and Brent's method; of several, the one
    nearest to what the plan says now. A value at which the lever does nothing is no answer. Whole months are answered
    with the first month on the other side. All other figures stay as the plan has them.
    For a CFO: how wrong this one figure may be before the decision costs money.
    parameter: "AnnualBilling.discount"; horizon: months; book: "new", "existing", "portfolio", None for the headline's.
    Raises Problem for a name the plan does not have. Annual discount: 1 - (1 - q^12) / (12 (1 - q)).
    >>> from cs_models.levers import ALL
    >>> base = Assumptions.flat(0.03, 50, 1.0, 0.10, 60)
    >>> offer = Scenario("Annual", (ALL["AnnualBilling"](adoption=1.0, scope="new"),))
    >>> round(break_even(base, offer, "AnnualBilling.discount", horizon=60), 3)
    0.183
    """
    return goal_seek(base, plan, parameter, 0.0, horizon, book, heterogeneity)


def goal_seek(base: Assumptions, plan: Scenario, parameter: str, target: float, horizon: int = 36,
              book: str | None = None, heterogeneity: str = "types") -> float | None:
    """The value of one parameter at which the plan brings `target`; None where no value does.

    target: money over the horizon, discounted: per customer, or in total with book="portfolio".
    For a CFO: "what gain in onboarding pays for 40,000 in 12 months?"
    `goal_seek(base, plan, "ChurnReduction.reduction", 40_000, horizon=12, book="portfolio")`
    """
    one, book = dial(plan, parameter), main_book(base, book)
    base.check_horizon(horizon)

    def over(values):
        found = gains_at(base, [(one, value) for value in values], horizon, book, heterogeneity)
        return [worth - target for worth in found]

    return _solve(one, over, target == 0)


def _solve(one: Dial, over, trivial: bool, steps: int = STEPS) -> float | None:
    """The root of `over` nearest to the dial's value, walking outward from it to both sides.

    over: of many values at once, which costs a fraction of one after the other.
    """
    here = one.value if one.value is not None else one.parameter.high
    grid = _grid(one.parameter, float(here), steps)
    start = int(np.searchsorted(grid, here))
    seen = {start: over([grid[start]])[0]}
    if seen[start] == 0 and not (trivial and one.resting(_whole(one, grid[start]))):
        return float(grid[start])
    found = [_walk(one, over, grid, start, way, seen, trivial) for way in (-1, 1)]
    roots = [root for root in found if root is not None]
    return min(roots, key=lambda root: abs(root - here)) if roots else None


def _walk(one: Dial, over, grid: np.ndarray, start: int, way: int, seen: dict, trivial: bool) -> float | None:
    """The first change of sign from the start in one direction."""
    at = start
    while 0 <= at + way < len(grid):
        near, far = grid[at], grid[at + way]
        if at + way not in seen:
            ahead = [place for place in range(at + way, at + (AHEAD + 1) * way, way) if 0 <= place < len(grid)]
            seen.update(zip(ahead, over([grid[place] for place in ahead])))
        if seen[at + way] == 0 and not (trivial and one.resting(_whole(one, far))):
            return float(far)
        if seen[at] * seen[at + way] < 0:
            return float(far) if one.parameter.kind == "months" else _brent(over, near, far, seen[at], seen[at + way])
        at += way
    return None


def _brent(over, near: float, far: float, at_near: float, at_far: float) -> float:
    from scipy.optimize import brentq

    known = {near: at_near, far: at_far}
    low, high = sorted((near, far))
    return float(brentq(lambda value: known[value] if value in known else over([value])[0], low, high,
                        xtol=CLOSE * max(high - low, 1e-3), rtol=1e-12))


def _whole(one: Dial, value: float):
    return int(value) if one.parameter.kind == "months" else float(value)


def _grid(parameter: Parameter, here: float, steps: int) -> np.ndarray:
    """Where to look: evenly over the range of the page, then in growing steps to the hard limits."""
    low, high = max(parameter.low, parameter.least), min(parameter.high, parameter.most)
    wide = (high - low) or 1.0
    grown = wide / steps * 2.0 ** np.arange(1, FAR + 1)
    inside = np.linspace(low, high, steps + 1)
    points = np.concatenate([low - np.cumsum(grown), inside, high + np.cumsum(grown), [here]])
    limits = [limit for limit in (parameter.least, parameter.most) if abs(limit) < 1e6 * max(wide, 1.0)]
    points = np.append(points[(points >= parameter.least) & (points <= parameter.most)], limits)
    return np.unique(np.round(points) if parameter.kind == "months" else np.round(points, 12))


@dataclass(frozen=True)
class Condition:
    """What must be true of one belief for the plan to pay, everything else as set.

    holds: "below" or "above" `threshold`, "any" (it pays at any value of the page), "none" (no value of the page makes it pay)
    pays: whether the plan pays at the value set; churn: for a figure that speeds up leaving, the factor on the chance
    of leaving at the threshold, else None
    """

    name: str
    title: str
    label: str
    value: float
    threshold: float | None
    holds: str
    pays: bool
    sentence: str
    churn: float | None = None


def conditions(change, book: str | None = None, steps: int = LOOK) -> tuple[Condition, ...]:
    """A Condition for each belief of the active levers that moves the answer, each with the others as the plan has them.

    change: a `cs.Change`; steps: points of the first look (more finds rarer turns, 0.4 ms each with 24 cells).
    """
    found = (condition(change, one.name, book, steps) for one in beliefs(change.plan))
    return tuple(one for one in found if one is not None)


def condition(change, belief: str, book: str | None = None, steps: int = LOOK) -> Condition | None:
    """The same for one belief by its name, as in "PriceIncrease.one_off_loss"; None where the answer does not hang on it.

    A page that shows them as they come asks for one after the other. Raises Problem for a name the plan does not doubt.
    """
    book = main_book(change.base, book or change.book)
    one = next((one for one in beliefs(change.plan) if one.name == belief), None)
    if one is None:
        raise Problem(f"The plan rests on no belief {belief!r}.")
    if one.dial.sleeps(book):
        return None
    over = _Gains(change, one.dial, book)
    if not differ(over.all([one.low, one.likely, one.high]), change.ends(book)):
        return None
    return _condition(change, one.dial, over, steps)


def _allowed(one: Dial, steps: int) -> list:
    """Evenly over the range of the page."""
    points = np.linspace(max(one.parameter.low, one.parameter.least), min(one.parameter.high, one.parameter.most), steps + 1)
    return [_whole(one, value) for value in np.round(points, 12)]


class _Gains:
    """The plan's gain as a function of one figure, each value worked out once: a search returns to the same ones."""

    def __init__(self, change, one: Dial, book: str) -> None:
        self._change, self._one, self._book, self._known = change, one, book, {}

    def __call__(self, value) -> float:
        return self.all([value])[0]

    def all(self, values: list) -> list[float]:
        """Of many values, worked out together."""
        change, fresh = self._change, [value for value in dict.fromkeys(values) if value not in self._known]
        turned = [(self._one, value) for value in fresh]
        found = gains_at(change.base, turned, change.horizon, self._book, change.heterogeneity) if fresh else []
        self._known.update(zip(fresh, found))
        return [self._known[value] for value in values]


def what_must_be_true(change, book: str | None = None) -> tuple[str, ...]:
    """Sentences a board can check: "The plan pays as long as Leave on the day stays below 11.1 % (now 1.5 %)."

    One per belief that has a limit, all other figures as set, and one for all that have none; for a lasting effect on
    churn the factor on the chance of leaving stands beside it. A 10 % rise at 80 % margin: 10 / (80 + 10) = 11.1 % may leave at once.
    """
    return sentences(conditions(change, book))


def sentences(found: tuple[Condition, ...]) -> tuple[str, ...]:
    """The conditions as sentences: one for each that has a limit, and one for all that have none."""
    safe = [f"“{one.label}” ({one.title.lower()})" for one in found if one.holds == "any"]
    said = [one.sentence for one in found if one.holds != "any"]
    if len(safe) > 1:
        return *said, f"It pays at any value this page allows of {', '.join(safe[:-1])} and {safe[-1]}, one at a time."
    return *said, *(one.sentence for one in found if one.holds == "any")


def _condition(change, one: Dial, over, steps: int) -> Condition:
    here, currency = over(one.value), change.base.currency
    if here > 0 and _pays_anywhere(one, over, steps):
        return Condition(one.name, one.title, one.label, one.value, None, "any", True, _anywhere(one, currency))
    threshold = _solve(one, over.all, True, steps)
    if threshold is None and here > 0 and (idle := _idle_at(one, over)) is not None:
        holds = "below" if idle > one.value else "above"
        said = _only_beyond(one, idle, holds, currency)
        return Condition(one.name, one.title, one.label, one.value, idle, holds, True, said)
    if threshold is None:
        holds = "any" if here > 0 else "none"
    else:
        holds = "below" if (threshold > one.value) == (here > 0) else "above"
    if here <= 0 and threshold is not None and not _settable(one, threshold, over):
        threshold, holds = None, "none"
    churn = _churn(change.plan, one, threshold)
    said = _said(one, threshold, holds, here > 0, churn, currency)
    return Condition(one.name, one.title, one.label, one.value, threshold, holds, here > 0, said, churn)


def _idle_at(one: Dial, over) -> float | None:
    """An end of the page's range at which the decision does nothing and the plan brings nothing; None: there is none."""
    ends = (_whole(one, end) for end in (one.parameter.low, one.parameter.high))
    return next((end for end in ends if one.resting(end) and over(end) == 0), None)


def _settable(one: Dial, threshold: float, over) -> bool:
    """Whether a plan that does not pay would pay somewhere in the range of the page."""
    low, high = one.parameter.low, one.parameter.high
    return low <= threshold <= high or any(over(_whole(one, value)) > 0 for value in np.linspace(low, high, LOOK))


def _pays_anywhere(one: Dial, over, steps: int) -> bool:
    """Whether all of the page's range pays: a limit beyond it lies where nobody can set the figure, and is not looked for."""
    low, high = max(one.parameter.low, one.parameter.least), min(one.parameter.high, one.parameter.most)
    return low <= one.value <= high and all(worth > 0 for worth in over.all(_allowed(one, steps)))


def _anywhere(one: Dial, currency: str) -> str:
    ends = one.span(one.parameter.low, one.parameter.high, currency)
    return f"The plan pays at any value of “{one.label}” ({one.title.lower()}) this page allows: {ends}."


def _churn(plan: Scenario, one: Dial, threshold) -> float | None:
    """For the elasticity of churn: what a rise at the threshold does to the pace of leaving, (1 + rise)^elasticity."""
    rise = getattr(plan.levers[one.place], "rise", None)
    if threshold is None or one.parameter.name != "churn_elasticity" or rise is None:
        return None
    return float((1 + rise) ** threshold)


def _said(one: Dial, threshold, holds: str, pays: bool, churn: float | None, currency: str) -> str:
    what = f"“{one.label}” ({one.title.lower()})"
    if holds == "any":
        return f"The plan pays whatever {what} turns out to be."
    if holds == "none":
        ends = one.span(one.parameter.low, one.parameter.high, currency)
        return f"No value of {what} from {ends} makes the plan pay, with everything else as set."
    more = "" if churn is None else f", which is {more_leaving(churn)}"
    limit = f"{holds} {one.words(threshold, currency)}{more} (now {one.words(one.value, currency)})."
    return f"The plan pays as long as {what} stays {limit}" if pays else f"The plan would pay with {what} {limit}"


def _only_beyond(one: Dial, idle: float, holds: str, currency: str) -> str:
    """The sentence about a belief that pays at any value but the one at which the decision does nothing."""
    there, now = one.words(idle, currency), one.words(one.value, currency)
    return f"The plan pays with any “{one.label}” ({one.title.lower()}) {holds} {there} (now {now}); at {there} it does nothing."


def more_leaving(factor: float) -> str:
    """A factor on the pace of leaving in plain words.

    >>> more_leaving(1.158).replace("\\xa0", " "), more_leaving(0.9).replace("\\xa0", " ")
    ('16 % more leaving than today', '10 % less leaving than today')
    """
    return f"{percent(abs(factor - 1), 0)} {'more' if factor >= 1 else 'less'} leaving than today"


def churn_at(monthly_churn: float, factor: float) -> str:
    """A monthly churn under a factor on the pace of leaving, in words: 3 % x 1.158 -> "3.47 %".

    >>> churn_at(0.03, 1.158).replace("\\xa0", " ")
    '3.47 %'
    """
    return percent(1 - (1 - monthly_churn) ** factor, 2).replace("-", MINUS)
