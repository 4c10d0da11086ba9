"""From counts to a retention curve: pick the model, fit each billing interval on its own clock, say why."""

from dataclasses import replace

import numpy as np
import pandas as pd

from cs_models import gates
from cs_models.life_table import LifeTable
from cs_models.problems import Problem
from cs_models.retention.curve import MONTHS, RetentionCurve, by_month
from cs_models.retention.holdout import RICH, SIMPLE, compare_counts, richer
from cs_models.retention.likelihood import Counts
from cs_models.retention.registry import Fitted, Model, model_named

FEWEST_SEEN = 6  # periods; fewer, and a forecast reaches at most twice as far
LONGEST_SHOWN = 60  # months, the longest horizon of the pages
FEWEST_AT_RISK = 20  # below this the observed curve is too uncertain to be held against a fit
LARGEST_GAP = 0.05


FLAT = "constant"
CAUSES = ("all", "voluntary", "involuntary")


def fit(table: LifeTable, model: str = "auto", cause: str = "all") -> RetentionCurve:
    """Fit a retention curve to a life table.

    ``model``: "sbg", "bdw", "weibull", "lognormal", "loglogistic", "piecewise" or "constant"; "auto" takes sBG, BdW
    where held-back months and the likelihood both speak for it (holdout.py), and constant churn where the counts
    cannot carry a falling curve (fewer than 10 departures, than 3 different tenures of departure or than 30 customers
    at risk, a fit outside its gates, or churn that does not fall). `compare_models` shows all of them side by side. Groups of the table are pooled; billing intervals
    never are: each is fitted on its own clock (annual payers by renewal), and the curve is their mixture with
    the customers of each as weights.

    ``cause``: "voluntary" or "involuntary" fits that way of leaving alone, those who left the other way counting as
    seen until then: what would hold if the other cause did not exist.

    Raises `Problem` when nobody was at risk in the whole table or the model is unknown.
    Example: Fader and Hardie's High End cohort, 7 renewals: {"alpha": .668, "beta": 3.806}.
    """
    pooled = of_cause(table, cause).pooled()
    parts = [(interval, pooled.select(interval=interval)) for interval in pooled.intervals]
    curves = [(*_fit_interval(part, interval, model), part) for interval, part in parts]
    curves = [(starters, curve) for starters, curve, _ in curves if curve is not None]
    if not curves:
        raise Problem(
            "Nobody in these data has completed a billing period yet, so there is no churn to learn from."
        )
    if len(curves) == 1:
        return replace(curves[0][1], table=table)
    return _mixture(table, curves)


def of_cause(table: LifeTable, cause: str) -> LifeTable:
    """The table in which only one way of leaving counts as leaving."""
    if cause not in CAUSES:
        raise Problem(f"cause is one of {', '.join(CAUSES)}; found {cause!r}.")
    if cause == "all":
        return table
    failed, all_left = table.frame["involuntary"], table.frame["churned"]
    left = failed if cause == "involuntary" else all_left - failed
    return replace(table, frame=table.frame.assign(churned=left, involuntary=left * (cause == "involuntary")))


def compare_models(table: LifeTable) -> pd.DataFrame:
    """Every model on the same life table, per billing interval, the best hold-out first.

    Columns: interval, model, title, parameters (number), log_likelihood, aic, deviance (hold-out, per customer at
    risk, mean over the starting points), miss (mean error of the foretold survival, in shares of it), origins,
    chosen. To a CFO: not the curve that hugs the past best is used, but one that would have foretold it.
    Raises `Problem` when nobody was at risk.
    """
    chosen = {curve.clock: curve.model for _, curve in fit(table).parts}
    blocks = []
    for interval in chosen:
        counts = counts_per_period(table.pooled().select(interval=interval), interval)
        block = compare_counts(counts)
        block.insert(0, "interval", interval)
        blocks.append(block.assign(chosen=block["model"] == chosen[interval]))
    return pd.concat(blocks, ignore_index=True)


def counts_per_period(table: LifeTable, interval: int) -> Counts:
    """Counts on the clock of the billing interval: period j holds the renewals nearest to month j x interval.

    Customers who became annual in month 5 renew in month 17: it counts as their first yearly renewal.
    """
    tenure, *counts = (table.frame[name].to_numpy() for name in ("tenure", "at_risk", "churned"))
    period = np.maximum((2 * tenure + interval - 1) // (2 * interval), 1)
    last = int(period[(counts[0] > 0) & (tenure > 0)].max(initial=0))
    at = np.where(tenure > 0, period, 0)  # nobody can leave at tenure 0
    at_risk, churned = (np.bincount(at, weights=one, minlength=last + 1)[1 : last + 1] for one in counts)
    return Counts(at_risk, churned)


def observed_months(table: LifeTable, interval: int) -> int:
    """The last month with anybody at risk."""
    seen = table.frame[(table.frame["at_risk"] > 0) & (table.frame["tenure"] > 0)]
    return int(seen["tenure"].max()) if len(seen) else 0


def _fit_interval(table: LifeTable, interval: int, name: str) -> tuple[float, RetentionCurve | None]:
    counts = counts_per_period(table, interval)
    rows = table.frame
    weight = float(rows.loc[rows["tenure"] == 0, "at_risk"].sum()) or float(rows["in_force"].max())
    if counts.at_risk.sum() <= 0:
        return weight, None
    model, why, notes = _choose(counts, name)
    fitted = model.fit(counts, periods_ahead(interval))
    if model.name != FLAT and (note := gates.after(fitted.parameters, fitted.survival)):
        model, why, notes = model_named(FLAT), note, (*notes, note)
        fitted = model.fit(counts, periods_ahead(interval))
    if name == "auto" and model.name == SIMPLE:
        model, fitted, why, notes = _refined(counts, interval, model, fitted, why, notes)
    more = fitted.note, _gap_note(counts, fitted.survival, interval), _short_note(counts, interval)
    return weight, _curve(fitted, model, interval, table, why, (*notes, *(note for note in more if note)))


def periods_ahead(interval: int) -> int:
    """Periods of a hundred years on this clock."""
    return MONTHS // interval + 1


def _refined(counts: Counts, interval: int, model: Model, fitted: Fitted, why: str, notes: tuple):
    """sBG gives way to constant churn where churn does not fall, and to BdW where that foretells better."""
    if fitted.note:
        flat = model_named(FLAT)
        return flat, flat.fit(counts, periods_ahead(interval)), fitted.note, (*notes, fitted.note)
    rich = model_named(RICH).fit(counts, periods_ahead(interval))
    better, reason = (False, "") if gates.after(rich.parameters, rich.survival) else richer(counts, fitted, rich)
    return (model_named(RICH), rich, reason, notes) if better else (model, fitted, why, notes)


def _short_note(counts: Counts, interval: int) -> str:
    """A warning where few periods were seen: a curve may be drawn to twice their number, no further."""
    seen = int((counts.at_risk > 0).sum())
    if seen >= FEWEST_SEEN or 2 * seen * interval >= LONGEST_SHOWN:
        return ""
    what = "months" if interval == 1 else "renewals" if interval == 12 else "billing periods"
    return (
        f"Only {seen} {what if seen > 1 else what[:-1]} seen so far: anything beyond month "
        f"{2 * seen * interval} is a guess."
    )


def _gap_note(counts: Counts, survival: np.ndarray, interval: int) -> str:
    """A sentence where the fitted curve leaves the observed one by more than 5 points."""
    enough = counts.at_risk >= FEWEST_AT_RISK
    periods = int(np.argmin(enough)) if not enough.all() else len(enough)
    hazard = counts.churned[:periods] / np.maximum(counts.at_risk[:periods], 1e-300)
    gap = survival[1 : periods + 1] - np.cumprod(1 - hazard)
    if not periods or np.abs(gap).max() <= LARGEST_GAP:
        return ""
    worst = int(np.abs(gap).argmax())
    side = "above" if gap[worst] > 0 else "below"
    return (
        f"The fitted curve is up to {abs(gap[worst]) * 100:.0f} points {side} the observed one "
        f"(month {(worst + 1) * interval}): forecast with care."
    )


def too_little(counts: Counts) -> str:
    """Why these counts carry constant churn only; "" where they carry a curve."""
    return gates.before(counts.events, counts.event_periods, counts.at_risk.max(initial=0.0))


def _choose(counts: Counts, name: str) -> tuple[Model, str, tuple[str, ...]]:
    model = model_named("sbg" if name == "auto" else name)
    if model.name != FLAT and (note := too_little(counts)):
        return model_named(FLAT), note, (note,)
    if name == "auto":
        why = "Customers differ in loyalty, so churn falls with tenure; sBG forecasts such curves best."
        return model, why, ()
    return model, f"{model.title} was asked for.", ()


def _curve(fitted: Fitted, model: Model, interval: int, table: LifeTable, why: str, notes) -> RetentionCurve:
    return RetentionCurve(
        model.name,
        fitted.parameters,
        fitted.theta,
        fitted.weights,
        by_month(fitted.survival, interval),
        interval,
        observed_months(table, interval),
        table,
        why,
        tuple(notes),
        aging=fitted.aging,
    )


def _mixture(table: LifeTable, curves: list[tuple[float, RetentionCurve]]) -> RetentionCurve:
    """Monthly and annual payers side by side; parameters are kept per interval in months."""
    names = [interval_name(curve.clock) for _, curve in curves]
    note = (
        f"{' and '.join(names).capitalize()} payers are fitted apart and then put together by their numbers."
    )
    return RetentionCurve.mix(
        curves,
        parameters={curve.clock: curve.parameters for _, curve in curves},
        observed_to=max(curve.observed_to for _, curve in curves),
        table=table,
        why=curves[0][1].why,
        notes=(note, *(f"{n.capitalize()} payers: {text[0].lower()}{text[1:]}" for n, (_, c) in zip(names, curves) for text in c.notes)),
    )


def interval_name(months: int) -> str:
    """A billing interval in words: 1 "monthly", 12 "annual", 24 "24-month"."""
    return {1: "monthly", 3: "quarterly", 6: "half-yearly", 12: "annual"}.get(months, f"{months}-month")
