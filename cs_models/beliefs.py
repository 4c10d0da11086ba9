"""How far the answer hangs on what is believed and not known: Monte Carlo, tornado, Sobol total effects."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cs_models.assumptions import Assumptions
from cs_models.cells import Cell, Mix
from cs_models.dials import differ, gain, gains, main_book
from cs_models.doubts import Belief, beliefs
from cs_models.explanations import no_limit
from cs_models.headline import HARDLY, OF, cases, verdict
from cs_models.scenario import Scenario
from cs_models.uncertainty import Range, chance_positive, span
from cs_models.words import counted, money, money_interval

RUNS = 256  # samples of the beliefs: about two seconds
SOBOL_RUNS = 640  # most runs of the plan for the Sobol effects: two to five seconds
FEW_LEVERS = 3  # a plan of more levers takes longer to run, so that fewer runs are made
PEAK = 4.0  # weight of the likely value (PERT)


@dataclass(frozen=True, eq=False)
class BeliefRange:
    """The difference a plan makes, with chance in the data alone and with doubt about the beliefs on top.

    delta: at the values set; data, both: 95 % ranges; by_data, by_both: probability that it pays (None where nothing
    changes); verdict: the words that follow from `by_both`; sentence: the answer with its wider range
    draws: the differences behind `both`; beliefs: what was doubted
    """

    book: str
    delta: float
    data: Range
    both: Range
    by_data: float | None
    by_both: float | None
    verdict: str
    sentence: str
    beliefs: tuple[Belief, ...]
    draws: np.ndarray


def affordable(runs: int, change) -> int:
    """Runs for a plan of this many levers: half for more than three, a quarter for more than six; a power of two stays."""
    levers = len(change.plan.active)
    return runs if levers <= FEW_LEVERS else runs // 2 if levers <= 2 * FEW_LEVERS else runs // 4


def monte_carlo(change, book: str | None = None, runs: int | None = None, seed: int = 0) -> BeliefRange:
    """Range of the difference when every belief is drawn between its low and high, together with the bootstrap draws.

    Each belief follows PERT(low, likely, high), a Beta with mean (low + 4 likely + high) / 6, sampled by a Sobol
    sequence with `seed`; run i uses bootstrap draw i before and after. Beliefs are taken as independent.
    For a CFO: "chance in the data" is how far the past may mislead; "chance and beliefs" is how wrong we may be too.
    change: a `cs.Change`; money per customer, in total for book="portfolio". 8 ms a run; 256 runs,
    fewer for plans of many levers.
    """
    return monte_carlo_runs(change, book, runs, seed).all()


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of a plan that can be made piece by piece, so that a page can show how far it is, and stop.

    count: how many; at: function of the number of a run -> its result; end: all results -> the answer
    """

    count: int
    at: Callable[[int], float]
    end: Callable[[np.ndarray], object]

    def all_of(self, found: list[float]):
        """The answer from the results of all runs."""
        return self.end(np.array(found))

    def all(self):
        """The answer, every run made at once."""
        return self.all_of([self.at(i) for i in range(self.count)])


def monte_carlo_runs(change, book: str | None = None, runs: int | None = None, seed: int = 0) -> Runs:
    """`monte_carlo` as runs to be made piece by piece."""
    runs = runs or affordable(RUNS, change)
    book = main_book(change.base, book or change.book)
    doubted = beliefs(change.plan)
    values = pert(doubted, _even(len(doubted), runs, seed)) if doubted else np.zeros((0, 0))

    def one(i: int) -> float:
        base = one_draw(change.base, i) if change.base.has_draws else change.base
        return gain(base, with_beliefs(change.plan, doubted, values[i]), change.horizon, book, change.heterogeneity)

    return Runs(len(values), one, lambda found: _belief_range(change, book, doubted, found))


def _belief_range(change, book: str, doubted: tuple[Belief, ...], found: np.ndarray) -> BeliefRange:
    alone = change.draws_of(book)
    draws = found if doubted else np.atleast_1d(alone)
    delta, data, both = change.point(book), span(alone), span(draws)
    by_both = chance_positive(draws)
    words = verdict(by_both, delta)
    said = _said(book, change.horizon, delta, both, by_both, words, len(doubted), change.base.currency)
    return BeliefRange(book, delta, data, both, chance_positive(alone), by_both, words, said, doubted, draws)


def _even(width: int, runs: int, seed: int) -> np.ndarray:
    """Points that fill a cube evenly (Sobol, scrambled), at least `runs` of them, (runs, width)."""
    from scipy.stats import qmc

    return qmc.Sobol(width, seed=seed).random_base2(int(np.ceil(np.log2(max(runs, 2)))))


def pert(doubted: tuple[Belief, ...], chance: np.ndarray) -> np.ndarray:
    """Values of the beliefs at these quantiles, (runs, beliefs): Beta(1 + 4 (m - l)/(h - l), 1 + 4 (h - m)/(h - l)).

    Whole months are rounded.
    """
    from scipy.special import betaincinv

    found = np.empty_like(chance)
    for i, belief in enumerate(doubted):
        wide = belief.high - belief.low
        a, b = (1 + PEAK * part / wide for part in (belief.likely - belief.low, belief.high - belief.likely))
        found[:, i] = belief.low + wide * betaincinv(a, b, chance[:, i])
        if belief.dial.parameter.kind == "months":
            found[:, i] = np.round(found[:, i])
    return found


def with_beliefs(plan: Scenario, doubted: tuple[Belief, ...], values) -> Scenario:
    """The plan with these values of its beliefs, one per belief."""
    levers = list(plan.levers)
    for belief, value in zip(doubted, values):
        place, name = belief.dial.place, belief.dial.parameter.name
        levers[place] = replace(levers[place], **{name: float(value)})
    return Scenario(plan.name, tuple(levers))


def one_draw(base: Assumptions, i: int) -> Assumptions:
    """The same customers as the i-th bootstrap draw believes them to leave, as a point estimate."""
    return replace(base, cells=tuple(_cell_of(cell, i) for cell in base.cells))


def _cell_of(cell: Cell, i: int) -> Cell:
    growth = cell.growth_draws[i % len(cell.growth_draws)] if cell.growth_draws is not None else cell.growth
    if cell.draws is None:
        return replace(cell, growth=growth, growth_draws=None)
    mix, size = cell.draws, len(cell.draws.weights)
    rate, weights, aging = (None if one is None else one[i % size] if np.ndim(one) > 1 else one
                            for one in (mix.rate, mix.weights, mix.aging))
    return replace(cell, fitted=Mix(rate, weights, mix.clock, aging), draws=None, growth=growth, growth_draws=None)


def _said(book, horizon, delta, both, probability, words, doubted, currency) -> str:
    if probability is None:
        return f"The plan changes nothing {OF[book]} over {horizon} months."
    around = money_interval(both.low, both.high, currency, sign=True)
    if not doubted:
        return f"The plan {words} {OF[book]} over {horizon} months; nothing in it rests on a belief."
    amount = money(abs(delta), currency)
    verb = words.removeprefix("likely ")  # of chance in the data alone; here the cases say how sure it is
    sums = HARDLY if amount == money(0.0, currency) else f"{verb} {amount}"
    sums = "is too close to call" if words == "too close to call" else sums
    return (f"With the {counted(doubted, 'belief')} as unsure as stated the plan {sums} {OF[book]} over "
            f"{horizon} months ({around}); it pays in {cases(probability)}.")


@dataclass(frozen=True)
class Swing:
    """One belief at its low and at its high, all others as set. flips: one of the ends turns the sign of the answer."""

    name: str
    title: str
    label: str
    low: float
    likely: float
    high: float
    at_low: float
    at_high: float
    flips: bool
    low_words: str
    high_words: str

    @property
    def width(self) -> float:
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class Tornado:
    """Beliefs by how far they move the answer, the widest first; delta is the answer at the values set (money)."""

    book: str
    delta: float
    swings: tuple[Swing, ...]

    @property
    def sentence(self) -> str:
        """Which belief turns the sign, else which moves the answer most."""
        if not self.swings:
            return "Nothing in this plan rests on a belief."
        flips = [f"“{swing.label}”" for swing in self.swings if swing.flips]
        if not self.swings[0].width:
            return no_limit(len(self.swings), bool(self.delta))
        if flips:
            verb = "turns" if len(flips) == 1 else "each turn"
            return f"{_listed(flips)} alone {verb} the answer from gain to loss or back, within what one may believe."
        return f"No belief alone turns the sign of the answer; “{self.swings[0].label}” moves it most."


def tornado(change, book: str | None = None) -> Tornado:
    """Each belief of a `cs.Change` at its low and high, the others as set: two runs of half a millisecond per belief that moves it.

    For a CFO: what to find out before deciding, the widest bar first.
    """
    book = main_book(change.base, book or change.book)
    delta, found, doubted = change.point(book), [], beliefs(change.plan)
    plans = [with_beliefs(change.plan, (belief,), (value,)) for belief in doubted for value in (belief.low, belief.high)]
    worths = gains(change.base, plans, change.horizon, book, change.heterogeneity)
    for belief, *ends in zip(doubted, worths[::2], worths[1::2]):
        ends = ends if differ(ends, change.ends(book)) else ends[:1] * 2
        one, currency = belief.dial, change.base.currency
        flips = min(*ends, delta) < 0 < max(*ends, delta)
        found.append(Swing(belief.name, one.title, one.label, belief.low, belief.likely, belief.high, *ends, flips,
                           one.words(belief.low, currency), one.words(belief.high, currency)))
    return Tornado(book, delta, tuple(sorted(found, key=lambda swing: (-swing.width, swing.name))))


@dataclass(frozen=True)
class Effect:
    """Part of the answer's variance that would be left if all beliefs but this one were known (Sobol total effect).

    total, first: shares (first: without what it does together with others); error: half of the 95 % range of total
    """

    name: str
    title: str
    label: str
    total: float
    first: float
    error: float


def sobol(change, book: str | None = None, runs: int | None = None, seed: int = 0) -> tuple[Effect, ...]:
    """Total effects of the beliefs on the answer, the largest first (Saltelli 2010, by SALib); () with one or none.

    Beliefs that move nothing in this book are left out.

    Shares of the variance; they sum to 1 where beliefs do not act on each other, and to more where they do. Beliefs
    follow the same PERT as in `monte_carlo`. n (beliefs + 2) runs, n the largest power of two within `runs`.
    For a CFO: the belief with the largest share is the one worth an experiment.
    """
    return sobol_runs(change, book, runs, seed).all()


def sobol_runs(change, book: str | None = None, runs: int | None = None, seed: int = 0) -> Runs:
    """`sobol` as runs to be made piece by piece."""
    book, every = main_book(change.base, book or change.book), beliefs(change.plan)
    runs = runs or affordable(SOBOL_RUNS, change)
    doubted = tuple(belief for belief in every if _acts(change, belief, every, book, seed))
    if len(doubted) < 2:
        return Runs(0, float, lambda found: ())
    from SALib.sample import sobol as sampling

    problem = {"num_vars": len(doubted), "names": [b.name for b in doubted], "bounds": [[0.0, 1.0]] * len(doubted)}
    n = 2 ** max(int(np.log2(runs / (len(doubted) + 2))), 3)
    values = pert(doubted, sampling.sample(problem, n, calc_second_order=False, seed=seed))
    return Runs(len(values), lambda i: _worth(change, doubted, values[i: i + 1], book)[0],
                lambda worth: _effects(problem, doubted, worth, seed))


def _effects(problem: dict, doubted: tuple[Belief, ...], worth: np.ndarray, seed: int) -> tuple[Effect, ...]:
    from SALib.analyze import sobol as analysis

    found = analysis.analyze(problem, worth, calc_second_order=False, seed=seed)
    effects = [Effect(b.name, b.dial.title, b.dial.label, float(max(found["ST"][i], 0.0)), float(max(found["S1"][i], 0.0)),
                      float(found["ST_conf"][i])) for i, b in enumerate(doubted)]
    return tuple(sorted(effects, key=lambda effect: (-effect.total, effect.name)))


def _worth(change, doubted, values, book) -> np.ndarray:
    return np.array([gain(change.base, with_beliefs(change.plan, doubted, row), change.horizon, book, change.heterogeneity)
                     for row in values])


def _acts(change, belief: Belief, every: tuple[Belief, ...], book: str, seed: int) -> bool:
    """Whether a belief moves the answer, with the others as set or elsewhere: who does not needs no thousand runs."""
    chance, place = np.random.default_rng(seed).random((2, len(every))), every.index(belief)
    for row in ([one.likely for one in every], *pert(every, chance)):
        rows = np.array([row, row], float)
        rows[:, place] = belief.low, belief.high
        low, high = _worth(change, every, rows, book)
        if abs(high - low) > 1e-9 * max(abs(high), abs(low)):
            return True
    return False


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
