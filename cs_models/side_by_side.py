"""Plans side by side on the same customers: who is ahead, when, and whether chance could have made the difference."""

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from cs_models.assumptions import Assumptions
from cs_models.comparison import Change, compare
from cs_models.dials import Dial
from cs_models.headline import OF
from cs_models.kept_property import kept
from cs_models.levers.annual_billing import AnnualBilling
from cs_models.problems import Problem
from cs_models.scenario import Scenario
from cs_models.uncertainty import chance_positive, span
from cs_models.valuation import Valuation, evaluate
from cs_models.words import ABSENT, change_cents, money, money_interval, months

HORIZONS = (12, 24, 36, 60)
MOST_TURNS = 8  # changes of the lead that a sentence can hold
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

    @kept
    def gains(self) -> np.ndarray:
        """What each plan adds within 1, 2, ... months, discounted, (plans, months): the running sums."""
        today = self._sums((), drawn=False)
        return np.stack([_clean(self._sums(one.plan, drawn=False), today) for one in self.changes])

    @kept
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

    @kept
    def table(self) -> pd.DataFrame:
        """A row per plan: name, clv (with the plan), delta, low, high, probability, payback (months, None = not within
        120), horizon.
        """
        rows = []
        for name, change in zip(self.names, self.changes):
            own = self.gap(name, TODAY)
            before = change.ends(self.book)[0]
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

    @kept
    def leads(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """Who leads over which horizons: name -> (first, last) month of each stretch, in the order of the first lead."""
        found: dict[str, list[tuple[int, int]]] = {}
        for name, run in groupby(range(1, self.reach + 1), key=lambda month: self.ranked(month)[0]):
            months_led = list(run)
            found.setdefault(name, []).append((months_led[0], months_led[-1]))
        return {name: tuple(stretches) for name, stretches in found.items()}

    @property
    def billed(self) -> tuple[int, ...]:
        """Months in which the lead changes hands because a yearly bill falls due: the gap moves in that month by more
        than twice what it moves in the months beside it, and a plan offers annual billing.
        """
        yearly = any(isinstance(lever, AnnualBilling) for one in self.changes for lever in one.plan.active)
        return tuple(month for month, now, before in self.crossings if yearly and self._jumps(month, now, before))

    def _jumps(self, month: int, now: str, before: str) -> bool:
        steps = np.abs(np.diff(self._row(self.gains, now) - self._row(self.gains, before), prepend=0.0))
        beside = [steps[place] for place in (month - 2, month) if 0 < place < self.reach]
        return steps[month - 1] > 2 * max(beside, default=np.inf)

    def when(self) -> str:
        """Which plan wins over 12, 24, 36 and 60 months; and, where the lead changes hands, who leads over which months."""
        runs: list[tuple[str, list[int]]] = []
        for horizon in [one for one in HORIZONS if one <= self.reach] or [self.reach]:
            said = self._winner(horizon)
            if runs and runs[-1][0] == said:
                runs[-1][1].append(horizon)
            else:
                runs.append((said, [horizon]))
        parts = [f"over {_listed(list(map(str, horizons)))} months {said}" for said, horizons in runs]
        return " ".join(filter(None, (_capital("; ".join(parts)) + ".", self._month_by_month(), self._bills())))

    def _month_by_month(self) -> str:
        """Who leads over which horizons, one by one; "" where it is the same one all along."""
        if len(self.leads) < 2:
            return ""
        if len(self.crossings) > MOST_TURNS:
            return f"The lead changes hands {len(self.crossings)} times from month to month; the picture shows each."
        told = [f"{_quoted(name)} leads in month{'s' * (stretches != ((stretches[0][0],) * 2,))} "
                f"{_listed([_stretch(*one) for one in stretches])}"
                for name, stretches in self.leads.items()]
        return f"{_capital('; '.join(told))}."

    def _bills(self) -> str:
        """That a yearly bill, and not the plan, decides in some months."""
        if not self.billed or len(self.crossings) > MOST_TURNS:
            return ""
        at = f"month{'s' * (len(self.billed) > 1)} {_listed(list(map(str, self.billed)))}"
        return f"A yearly bill falls in {at} and makes the lead there."

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
    if book not in changes[0].books:
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


def _stretch(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _quoted(name: str) -> str:
    return name if name == TODAY else f"“{name}”"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
