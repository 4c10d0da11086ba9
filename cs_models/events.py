"""Did our last price change drive customers away? An event study on the months before and after it.

Everybody meets the new price in the same month, so what changes then may also be a launch, a campaign or
the season. The month of the year, the tenure and the trend are held equal; a plan that kept its price does
it better. It stays an association: the sentences here say so.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models.drivers import season_columns
from cs_models.event_cells import CLEAN_AFTER, CLEAN_BEFORE, SHOCK_MONTHS, EventCells, event_cells, month_name
from cs_models.hazard_fit import Z95, HazardFit, fit_hazard, independent
from cs_models.problems import Problem
from cs_models.words import count

FEWEST_EVENTS = 200  # departures of those who met the new price: below, even HR 1.5 is missed half the time
Z_OF_THREE = 2.3940  # two-sided 5 % shared by three checks
PLACEBOS = (6, 12)  # months before the true change


@dataclass(frozen=True)
class Effect:
    """A hazard ratio with its 95 % interval; ``log`` and ``error`` are the estimate itself. p: of no
    effect.
    """

    log: float
    error: float

    @property
    def ratio(self) -> float:
        return float(np.exp(self.log))

    @property
    def low(self) -> float:
        return float(np.exp(self.log - Z95 * self.error))

    @property
    def high(self) -> float:
        return float(np.exp(self.log + Z95 * self.error))

    @property
    def found(self) -> bool:
        """Whether the data tell it from no effect: the interval leaves out 1."""
        return abs(self.log) > Z95 * self.error


@dataclass(frozen=True, eq=False)
class EventStudy:
    """What a price change did to leaving, as far as the billing data can tell.

    ``shock``: pace of leaving in its first two months against none at all; ``lasting``: from the third
    month on. ``placebo``: the same lasting effect at made-up dates 6 and 12 months earlier, where there was
    no change; None where the history is too short. ``drift``: whether leaving was already on a bent course
    before (with a control plan: whether the two plans were drifting apart). ``detail``: observed and
    expected departures by month. ``why_not``: the sentence that stands instead of an answer; then the
    numbers are None.
    """

    month: str
    rise: float
    scope: str
    events: int
    control: str = ""
    shock: Effect | None = None
    lasting: Effect | None = None
    together: float = 0.0  # covariance of the two estimates
    base_intensity: float = 0.0  # of the shock months without any effect
    placebo: tuple[tuple[str, Effect], ...] = ()
    drift: Effect | None = None
    season: bool = False
    clustered: bool = False
    detail: pd.DataFrame | None = None
    why_not: str = ""

    @property
    def elasticity(self) -> tuple[float, float, float] | None:
        """eps = log(lasting ratio) / log(1 + rise): estimate and 95 % ends.

        A ratio of 1.12 after a rise of 20 % is .62: ten per cent more price, about six per cent more leaving.
        """
        if self.lasting is None:
            return None
        size = np.log1p(self.rise)
        log, half = self.lasting.log, Z95 * self.lasting.error
        ends = sorted(((log - half) / size, (log + half) / size))
        return float(log / size), float(ends[0]), float(ends[1])

    @property
    def one_off(self) -> tuple[float, float, float] | None:
        """Share of customers lost in the first two months on top of the lasting effect: estimate and 95 %
        ends.

        1 - exp(-H x (shock ratio - lasting ratio)), H = what would have left in those months otherwise. At
        4 % a month, 1.6 and 1.12 are 3.8 % of customers. Ends by the delta method.
        """
        if self.shock is None or self.lasting is None:
            return None
        extra = self.base_intensity * (self.shock.ratio - self.lasting.ratio)
        slope = self.base_intensity * np.array([self.shock.ratio, -self.lasting.ratio])
        spread = np.array([[self.shock.error**2, self.together], [self.together, self.lasting.error**2]])
        half = Z95 * float(np.sqrt(max(slope @ spread @ slope, 0.0)))
        return tuple(float(1 - np.exp(-value)) for value in (extra, extra - half, extra + half))

    @property
    def suspect(self) -> bool:
        """Whether a made-up date shows an effect too, or the course was bent before: then do not trust this
        one.

        Up to three checks, each at 5 % / 3, so that chance raises the alarm at most once in twenty.
        """
        checks = [effect for _, effect in self.placebo] + ([self.drift] if self.drift else [])
        return any(abs(check.log) > Z_OF_THREE * check.error for check in checks)

    def lever(self, rise: float | None = None):
        """The price lever with what was measured, for another rise of the same kind of customers.

        ``churn_elasticity`` and ``one_off_loss`` are the estimates, cut to the lever's range and rounded to
        its step; the one-off loss is taken in proportion to the rise. Raises `Problem` where nothing could
        be measured.
        """
        from cs_models.levers import ALL

        if self.elasticity is None:
            raise Problem(self.why_not or "There is no estimate to use.")
        kind = ALL["PriceIncrease"]
        fields = {p.name: p for p in kind.parameters()}
        new = _within(fields["rise"], self.rise if rise is None else rise)
        lasting = _within(fields["churn_elasticity"], self.elasticity[0])
        shock = self.shock.ratio if self.shock and self.scope != "new" else 0.0
        # Beside the lasting effect as the lever will have it, which may have been cut to its range.
        loss = 1 - np.exp(-self.base_intensity * max(shock - (1 + self.rise) ** lasting, 0.0))
        return kind(
            rise=new,
            scope=self.scope,
            one_off_loss=_within(fields["one_off_loss"], loss * new / self.rise),
            churn_elasticity=lasting,
        )

    @property
    def evidence(self) -> str:
        """The label of the lever's numbers: where they come from."""
        return (
            f"estimated from your data: price change of {month_name(self.month)}, {count(self.events)} departures"
        )


def _within(parameter, value: float) -> float:
    steps = round(float(np.clip(value, parameter.low, parameter.high)) / parameter.step)
    return round(steps * parameter.step, 6)


def price_change(
    table, month: str, rise: float, scope: str = "both", control: tuple[str, object] | None = None
) -> EventStudy:
    """An event study of one price change.

    cloglog(h) = tenure + month of the year + trend + groups + b1 [tau <= cal < tau + 2] + b2 [cal >= tau +
    2], errors by sign-up month. With a control plan: a level for every calendar month instead of season and
    trend, and the two effects only for those who met the new price.

    ``table``: a life table by "cohort" and, if wanted, groups to hold equal: ``cs.life_table(subs,
    by=("plan", "cohort"))``. ``month``: "2025-04", the first month at the new price. ``rise``: .10 for 10
    %. ``scope``: who met it: "both", "existing" (had joined before) or "new" (joined since; then there is
    no shock, they never paid less). ``control``: (column, value) of customers who kept their price. Example
    with the published simulation: a true ratio of 1.6 for two months and 1.12 after are found with a bias
    below .01.

    Returns an `EventStudy`, with ``why_not`` below 200 departures, 12 months before or 6 after. Raises
    `Problem` for a table without sign-up months, a rise of 0 or a month that is none.
    """
    if not np.isfinite(rise) or rise == 0 or rise <= -1:
        raise Problem("Say by how much the price changed: a rise of 0 % moves nobody.")
    cells = event_cells(table, month, scope, control)
    name = "" if control is None else str(control[1])
    study = dict(month=month, rise=float(rise), scope=scope, events=cells.events, control=name)
    if reason := _too_little(cells, month):
        return EventStudy(**study, why_not=reason)
    fit, at, kept = _fit(cells, cells.tau)
    shock, lasting = _effect(fit, at, "shock"), _effect(fit, at, "lasting")
    if lasting is None:
        return EventStudy(
            **study, why_not="The lasting effect cannot be told apart from the months or the groups."
        )
    together = float(fit.covariance[at["shock"], at["lasting"]]) if shock else 0.0
    return EventStudy(
        **study,
        shock=shock,
        lasting=lasting,
        together=together,
        base_intensity=_base_intensity(cells, fit, at, kept),
        placebo=_placebos(cells),
        drift=_drift(cells),
        season=cells.control is None and bool(season_columns(cells.calendar)),
        clustered=fit.clustered,
        detail=_detail(cells, fit, at, kept),
    )


def _too_little(cells: EventCells, month: str) -> str:
    before, after = cells.tau - cells.calendar.min(), cells.calendar.max() - cells.tau + 1
    if before < CLEAN_BEFORE or after < CLEAN_AFTER:
        return (
            f"Cannot detect: {max(before, 0)} months before {month_name(month)} and {max(after, 0)} from "
            "it on are in "
            f"the data; {CLEAN_BEFORE} before and {CLEAN_AFTER} after are needed."
        )
    if cells.events < FEWEST_EVENTS:
        return (
            f"Cannot detect: {cells.events} departures of customers this change could touch, and "
            f"{FEWEST_EVENTS} are "
            "needed. With fewer, even a change that makes half as many again leave is mostly missed."
        )
    return ""


def _fit(cells: EventCells, tau: int) -> tuple[HazardFit, dict[str, int], np.ndarray]:
    """The regression with a change at `tau`; where each effect stands among its coefficients; the design."""
    columns = cells.background()
    names = [""] * len(columns)
    for name, met in cells.effects(tau).items():
        if cells.churned[met > 0].sum() > 0:
            columns.append(met)
            names.append(name)
    design = np.column_stack(columns)
    kept = independent(design)
    at = {names[own]: place for place, own in enumerate(kept) if names[own]}
    return fit_hazard(cells.at_risk, cells.churned, design[:, kept], cells.cohort), at, design[:, kept]


def _effect(fit: HazardFit, at: dict[str, int], name: str) -> Effect | None:
    return Effect(*fit.at(at[name])) if name in at else None


def _without_effects(fit: HazardFit, at: dict[str, int], design: np.ndarray) -> np.ndarray:
    """exp(linear predictor) of each cell had there been no change: its intensity of leaving."""
    still = fit.coefficients.copy()
    still[list(at.values())] = 0.0
    return np.exp(design @ still)


def _base_intensity(cells: EventCells, fit: HazardFit, at, design) -> float:
    """What those who met the change would have lost in its first two months anyway, summed over both."""
    pace = _without_effects(fit, at, design)
    total = 0.0
    for month in range(cells.tau, cells.tau + SHOCK_MONTHS):
        there = (cells.calendar == month) & (cells.touched > 0)
        if cells.at_risk[there].sum():
            total += float(np.average(pace[there], weights=cells.at_risk[there]))
    return total


def _placebos(cells: EventCells) -> tuple[tuple[str, Effect], ...]:
    """The lasting effect of changes that never were, from the months before the true one."""
    before = cells.until(cells.tau)
    found = []
    for back in PLACEBOS:
        tau = cells.tau - back
        if tau - before.calendar.min() < CLEAN_BEFORE:
            continue
        fit, at, _ = _fit(before, tau)
        effect = _effect(fit, at, "lasting")
        if effect:
            found.append((f"{back} months earlier", effect))
    return tuple(found)


def _drift(cells: EventCells) -> Effect | None:
    """Before the change: the bend of the trend or, with a control plan, how the two drifted apart, per
    year.
    """
    before = cells.until(cells.tau)
    years = (before.calendar - cells.tau) / 12
    extra = years * before.touched if cells.control is not None else years**2
    design = np.column_stack([*before.background(), extra])
    kept = independent(design)
    if kept[-1] != design.shape[1] - 1:
        return None
    fit = fit_hazard(before.at_risk, before.churned, design[:, kept], before.cohort)
    return Effect(*fit.at(len(kept) - 1))


def _detail(cells: EventCells, fit: HazardFit, at, design) -> pd.DataFrame:
    """By calendar month, for those the change could touch: at risk, left, and expected without the change."""
    expected = cells.at_risk * -np.expm1(-_without_effects(fit, at, design))
    own = cells.subject > 0
    rows = pd.DataFrame(
        {"month": cells.calendar, "at_risk": cells.at_risk, "left": cells.churned, "expected": expected}
    )[own]
    found = rows.groupby("month", as_index=False).sum()
    label = [f"{(m - 1) // 12}-{(m - 1) % 12 + 1:02d}" for m in found["month"]]
    return found.assign(month=label, since=found["month"] - cells.tau)
