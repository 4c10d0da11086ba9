"""The board's figures as they stand today: each with value, day, how many it counts, and definition."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cs_models.glossary import HELP, LABELS
from cs_models.metrics_by_month import metrics
from cs_models.problems import Problem

RECENT = 24  # months of history a figure carries

# name in the glossary -> (kind, column of `metrics`, columns whose sum it counts, what these are)
BALANCES = {
    "mrr": ("money", "mrr", ("customers",), "customer"),
    "arr": ("money", "arr", ("customers",), "customer"),
    "arpu": ("money", "arpu", ("customers",), "customer"),
    "active": ("count", "customers", (), ""),
}
MOVES = tuple(f"customers_{kind}" for kind in ("new", "expansion", "contraction", "churned", "reactivated"))
FLOWS = {
    "new_mrr": ("money", "new", ("customers_new",), "customer"),
    "expansion_mrr": ("money", "expansion", ("customers_expansion",), "customer"),
    "reactivated_mrr": ("money", "reactivated", ("customers_reactivated",), "customer"),
    "contraction_mrr": ("money", "contraction", ("customers_contraction",), "customer"),
    "churned_mrr": ("money", "churned", ("customers_churned",), "customer"),
    "logo_churn": ("share", "logo_churn", ("customers_opening",), "customer"),
    "gross_churn": ("share", "gross_churn", ("customers_opening",), "customer"),
    "net_churn": ("share", "net_churn", ("customers_opening",), "customer"),
    "grr": ("share", "grr", ("customers_then",), "customer"),
    "nrr": ("share", "nrr", ("customers_then",), "customer"),
    "quick_ratio": ("ratio", "quick_ratio", MOVES, "movement"),
    "renewal_churn": ("share", "renewal_churn", ("due",), "renewal"),
}


@dataclass(frozen=True)
class Figure:
    """One figure. kind: "money" (units of the currency), "share" (0..1), "ratio" or "count". value: None
    where nothing stands below the line. day: the last day it speaks of. n of what `counted` names; None for
    a count. recent: its last values by month, oldest first, up to `value`; none of them missing.
    """

    name: str
    kind: str
    value: float | None
    day: date
    n: int | None
    counted: str
    recent: tuple[float, ...]

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @property
    def definition(self) -> str:
        return HELP[self.name]


@dataclass(frozen=True)
class Today:
    """as_of: the day of the balances. month: the last whole month ("2025-11"), the month of the flows; None
    where no month is over yet. cut: whether as_of falls within a month that is not over.
    """

    as_of: date
    month: str | None
    cut: bool
    figures: tuple[Figure, ...]

    def __getitem__(self, name: str) -> Figure:
        return next(one for one in self.figures if one.name == name)


def todays_metrics(subs) -> Today:
    """Every figure of `metrics` as a board pack states it.

    MRR, ARR, ARPU and customers are those in force at the end of `subs.as_of`. What happens within a month
    (movements, churn, quick ratio, renewals) and the twelve months of GRR and NRR are told of the last whole
    month: a month cut at as_of would show too little of everything. To a CFO: a figure without its day, its n
    and its definition cannot be checked.

    Example: as_of 12 December 2025: MRR of 12 December, churn of November.
    Raises `Problem` without dates, prices or a month with a paying customer.
    """
    return as_they_stand(metrics(subs), subs.as_of)


def as_they_stand(frame: pd.DataFrame, as_of: date) -> Today:
    """The same out of the table `metrics` made on that day."""
    if frame.empty:
        raise Problem("No month of this file has a paying customer, so there is nothing to follow by month.")
    cut = (as_of + timedelta(days=1)).month == as_of.month
    whole = frame.iloc[:-1] if cut else frame
    over = as_of.replace(day=1) - timedelta(days=1) if cut else as_of
    figures = [_figure(name, frame, as_of, told) for name, told in BALANCES.items()]
    figures += [_figure(name, whole, over, told) for name, told in FLOWS.items()]
    return Today(as_of, None if whole.empty else whole["month"].iloc[-1], cut, tuple(figures))


def _figure(name: str, frame: pd.DataFrame, day: date, told: tuple) -> Figure:
    kind, column, counts, noun = told
    recent = _unbroken(frame[column].to_numpy(float)[-RECENT:])
    n = _counted(frame.iloc[-1][list(counts)]) if counts and len(frame) else None
    return Figure(name, kind, recent[-1] if recent else None, day, n, noun, recent)


def _unbroken(values: np.ndarray) -> tuple[float, ...]:
    """The last values after the last gap; a line across a gap would show a month that had no figure."""
    gaps = np.flatnonzero(~np.isfinite(values))
    return tuple(float(value) for value in values[gaps[-1] + 1 if len(gaps) else 0 :])


def _counted(row: pd.Series) -> int | None:
    total = row.astype(float).sum(skipna=False)
    return int(total) if np.isfinite(total) else None
