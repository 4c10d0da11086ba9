"""Plans side by side on the same customers: who is ahead, when, and whether chance could have made the difference."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.comparison import Change, compare
from cs_models.dials import Dial
from cs_models.headline import OF
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from cs_models.uncertainty import chance_positive, span
from cs_models.valuation import Valuation, evaluate
from cs_models.words import ABSENT, change_cents, money, money_interval, months

HORIZONS = (12, 24, 36, 60)
MOST = 6  # plans that one picture can tell apart
TODAY = "today's way"  # what every plan is measured against
TAKEN = (TODAY, "Months", "Lever", "Figure")  # headings of the tables: no plan is called so
ROUNDING = 1e-12  # relative: differences below it are the last bits of floating point


@dataclass(frozen=True)
class Gap:
    """By how much one plan beats another over `horizon` months, with the range of that difference.

    low, high: 95 % range over the bootstrap, each draw the same in both; probability: share of draws above 0, None
    where the two never differ
    """

    first: str
    second: str
    horizon: int
    delta: float
    low: float
    high: float
    probability: float | None

    @property
    def told_apart(self) -> bool:
        """Whether the difference and its range lie on one side of 0. Two ranges that overlap prove nothing: this one does."""
        return min(self.delta, self.low) > 0 or max(self.delta, self.high) < 0


@dataclass(frozen=True, eq=False)
class Contest:
    """Plans on one set of customers under one set of economics, in the order they were given.

    names: of the plans, each once; changes: each plan against today over `horizon`; book: whose value
    """

    names: tuple[str, ...]
    changes: tuple[Change, ...]
    book: str
    horizon: int

    @property
    def currency(self) -> str:
        return self.changes[0].base.currency

    @property
    def reach(self) -> int:
        """Months the picture holds: 60, or as far as these beliefs are projected."""
        return min(max(HORIZONS), self.changes[0].base.months)

    @cached_property
    def gains(self) -> np.ndarray:
        """What each plan adds within 1, 2, ... months, discounted, (plans, months): the running sums."""
        today = self._sums((), drawn=False)
        return np.stack([_clean(self._sums(one.plan, drawn=False), today) for one in self.changes])

    @cached_property
    def drawn(self) -> np.ndarray:
        """The same per bootstrap draw, (plans, draws, months); one draw where the fit has none."""
        today = self._sums((), drawn=True)
        return np.stack([_clean(self._sums(one.plan, drawn=True), today) for one in self.changes])

    def _sums(self, plan, drawn: bool) -> np.ndarray:
        """Discounted margin within 1, 2, ... months of one customer, or of the whole book."""
        base, view = self.changes[0].base, self.changes[0].heterogeneity
        more = {"detail": plan.detail} if plan else {}
        found = evaluate(base, plan.active if plan else (), self.reach, view, drawn and base.has_draws, **more)
        sums = np.cumsum(self._margin(found) * base.discount_factor[: self.reach], axis=-1)
        return np.atleast_2d(sums) if drawn else sums

    def _margin(self, found: Valuation) -> np.ndarray:
        if self.book == "portfolio":
            return found.book.margin[..., : self.reach]
        flows = found.new if self.book == "new" else found.existing
        size = 1.0 if self.book == "new" else found.assumptions.customers
        return flows.margin[..., : self.reach] / size

    def gap(self, first: str, second: str, horizon: int | None = None) -> Gap:
        """The first plan less the second over a horizon; `TODAY` stands for no decision at all."""
        at = (horizon or self.horizon) - 1
        delta = self._row(self.gains, first)[at] - self._row(self.gains, second)[at]
        draws = self._row(self.drawn, first)[..., at] - self._row(self.drawn, second)[..., at]
        around = span(draws)
        return Gap(first, second, at + 1, float(delta), around.low, around.high, chance_positive(draws))

    def _row(self, values: np.ndarray, name: str) -> np.ndarray:
        return np.zeros_like(values[0]) if name == TODAY else values[self.names.index(name)]

    def ranked(self, horizon: int | None = None) -> tuple[str, ...]:
        """The plans and today's way, the one that brings most first."""
        at = (horizon or self.horizon) - 1
        worth = {name: row[at] for name, row in zip(self.names, self.gains)} | {TODAY: 0.0}
        return tuple(sorted(worth, key=lambda name: -worth[name]))

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per plan: name, clv (with the plan), delta, low, high, probability, payback (months, None = not within
        120), horizon.
        """
        rows = []
        for name, change in zip(self.names, self.changes):
            own = self.gap(name, TODAY)
            before = change._points[self.book][0]
            rows.append((name, before + own.delta, own.delta, own.low, own.high, own.probability,
                         change.scenario.payback_months, self.horizon))
        columns = ["name", "clv", "delta", "low", "high", "probability", "payback", "horizon"]
        return pd.DataFrame(rows, columns=columns).astype({"payback": object})

    @property
    def crossings(self) -> tuple[tuple[int, str, str], ...]:
        """(month, who leads from then on, who led before): each time the lead changes hands within 60 months."""
        lead = [self.ranked(month)[0] for month in range(1, self.reach + 1)]
        return tuple((month + 1, now, before) for month, (before, now) in enumerate(zip(lead, lead[1:]), 1) if now != before)

    def sentence(self) -> str:
        """Who wins over the horizon, by how much, and whether that could be chance."""
        best, second = self.ranked()[:2]
        found, where = self.gap(best, second), f"{OF[self.book]} over {months(self.horizon)}"
        names = f"“{best}” and “{second}”".replace(f"“{TODAY}”", TODAY)
        if found.probability is None:
            return f"{_capital(names)} come to the same {where}."
        cents = change_cents(found.delta, ends=(found.low, found.high))
        if not found.told_apart:
            ends = money_interval(found.low, found.high, self.currency, sign=True, cents=cents)
            return f"{_capital(names)} cannot be told apart {where}: {ends} between them."
        ends = money_interval(*sorted((abs(found.low), abs(found.high))), self.currency, cents=cents)
        lead = f"{money(abs(found.delta), self.currency, cents=cents)} more than {_quoted(second)}"
        return f"{_capital(_quoted(best))} is ahead: {lead} {where} (likely {ends})."

    def when(self) -> str:
        """Which plan wins over 12, 24, 36 and 60 months, and in which month the lead changes hands."""
        runs: list[tuple[str, int, int]] = []
        for horizon in [one for one in HORIZONS if one <= self.reach] or [self.reach]:
            said = self._winner(horizon)
            if runs and runs[-1][0] == said:
                runs[-1] = (said, runs[-1][1], horizon)
            else:
                runs.append((said, horizon, horizon))
        parts = [f"over {first if first == last else f'{first} to {last}'} months {said}" for said, first, last in runs]
        text = _capital("; ".join(parts)) + "."
        if turns := self.crossings:
            told = ", ".join(f"{_quoted(now)} passes {_quoted(before)} in month {month}" for month, now, before in turns[:3])
            text += f" {_capital(told)}."
        return text

    def _winner(self, horizon: int) -> str:
        best, second = self.ranked(horizon)[:2]
        if self.gap(best, second, horizon).told_apart:
            return f"{_quoted(best)} wins"
        return " and ".join(sorted((_quoted(best), _quoted(second)))) + " cannot be told apart"


def contest(base: Assumptions, plans: dict[str, Scenario], book: str | None = None, horizon: int = 36,
            heterogeneity: str = "types") -> Contest:
    """Plans side by side on the same customers, economics and bootstrap draws.

    For a CFO: not "which range is higher" but "by how much is one ahead, and could that be chance". The difference of
    two plans is taken draw by draw, so what they share cancels: two ranges may overlap and the plans still be told
    apart. Money over the horizon, discounted, per customer, or in total with book="portfolio". The running sum at
    month H is the difference over a horizon of H, so one picture holds every horizon. Chance in the data only; doubt
    about beliefs is not in it.
    plans: name -> plan, at most 6. Raises Problem for none, for more, for a name in TAKEN, or for a book the data do
    not have.
    Source: differences of paired draws (Efron and Tibshirani, 1993).
    >>> import cs_models as cs
    >>> base = cs.Assumptions.flat(0.03, 50, 0.8, 0.1, 60)
    >>> found = contest(base, {"Prices": cs.Scenario("", cs.PriceIncrease(rise=.10)), "Churn":
    ...                        cs.Scenario("", cs.ChurnReduction(reduction=.10))})
    >>> print(found.sentence())
    “Prices” is ahead: $44 more than “Churn” per new customer over 36 months (likely $44).
    """
    if not 1 <= len(plans) <= MOST:
        raise Problem(f"Compare one to {MOST} scenarios at a time; found {len(plans)}.")
    _check_names(plans)
    changes = tuple(compare(base, plan, horizon, heterogeneity) for plan in plans.values())
    book = book or changes[0].book
    if book not in changes[0]._points:
        raise Problem(f"These data have no {book} customers. Choose another view.")
    return Contest(tuple(plans), changes, book, horizon)


def differing(plans: dict[str, Scenario], currency: str = "USD") -> pd.DataFrame:
    """The figures in which plans differ: a row per parameter, a column per plan, in words.

    A plan without the lever has a dash; figures that stand at rest in every plan are left out.
    """
    _check_names(plans)
    by_kind = {name: {type(lever): lever for lever in plan.active} for name, plan in plans.items()}
    kinds = sorted({kind for own in by_kind.values() for kind in own}, key=lambda kind: (kind.order, kind.__name__))
    rows = []
    for kind in kinds:
        for parameter in kind.parameters():
            told = {name: _told(own.get(kind), parameter, currency) for name, own in by_kind.items()}
            there = [getattr(own[kind], parameter.name) for own in by_kind.values() if kind in own]
            if len(set(told.values())) > 1 and any(value != parameter.rest for value in there):
                rows.append({"Lever": kind.title, "Figure": parameter.label, **told})
    return pd.DataFrame(rows, columns=["Lever", "Figure", *plans])


def _check_names(plans: dict[str, Scenario]) -> None:
    if wrong := [name for name in plans if name in TAKEN]:
        raise Problem(f"A scenario cannot be called “{wrong[0]}” in a comparison. Give it another name.")


def _told(lever, parameter, currency: str) -> str:
    if lever is None:
        return ABSENT
    value = getattr(lever, parameter.name)
    if parameter.kind == "choice":
        return dict(parameter.choices)[value]
    if parameter.kind == "segments":
        return ", ".join(value) or "everybody"
    return Dial(Scenario("", (lever,)), 0, parameter, parameter.name).words(value, currency)


def _clean(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    """after - before; the last bits of floating point are no difference."""
    delta, size = after - before, np.maximum(np.abs(before), np.abs(after))
    return np.where(np.abs(delta) <= ROUNDING * size, 0.0, delta)


def _quoted(name: str) -> str:
    return name if name == TODAY else f"“{name}”"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
