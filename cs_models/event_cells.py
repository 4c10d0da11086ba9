"""The cells of an event study: counts by sign-up month, calendar month and group, and what is held equal in
it.
"""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.drivers import calendar_month, season_columns
from cs_models.life_table import COHORT
from cs_models.problems import Problem

CLEAN_BEFORE, CLEAN_AFTER = 12, 6
BAND_EVENTS = 20  # departures in each step of tenure, so that every step has a finite level
BAND_ENDS = (1, 2, 3, 4, 6, 9, 12, 18, 24, 36)  # finer steps cost more certainty than they bring
SHOCK_MONTHS = 2
SCOPES = ("both", "existing", "new")


@dataclass(frozen=True, eq=False)
class EventCells:
    """One row per cell. ``calendar`` and ``cohort``: 12 x year + month; ``tau``: the month of the change.

    ``subject``: 1 for customers whose plan changed its price (0: the control plan); ``reached``: 1 for
    those among them whom the scope means (joined before, joined since, or both); ``columns``: level of
    tenure and groups.
    """

    at_risk: np.ndarray
    churned: np.ndarray
    calendar: np.ndarray
    cohort: np.ndarray
    subject: np.ndarray
    reached: np.ndarray
    columns: np.ndarray
    tau: int
    scope: str
    control: tuple[str, object] | None

    @property
    def touched(self) -> np.ndarray:
        return self.subject * self.reached

    @property
    def events(self) -> int:
        """Departures, before and after, of customers the change could touch."""
        return int(round(self.churned[self.subject > 0].sum()))

    def until(self, tau: int) -> "EventCells":
        """The months before `tau` only."""
        own = self.calendar < tau
        parts = {
            name: getattr(self, name)[own]
            for name in ("at_risk", "churned", "calendar", "cohort", "subject", "reached", "columns")
        }
        return replace(self, **parts)

    def background(self) -> list[np.ndarray]:
        """Tenure and groups, then season and trend, or a level for every calendar month beside a control."""
        parts = [np.ones(len(self.calendar)), *self.columns.T]
        if self.control is None:
            return [*parts, *season_columns(self.calendar), (self.calendar - self.tau) / 12]
        months = np.unique(self.calendar)[1:]
        return [*parts, *((self.calendar == month).astype(float) for month in months), self.subject]

    def effects(self, tau: int) -> dict[str, np.ndarray]:
        """Who met a change at `tau`, in its first two months and later."""
        met = self.subject * _reached(self.cohort, tau, self.scope)
        if self.scope == "new":  # they never paid less: nothing can shock them
            return {"lasting": met}
        return {
            "shock": met * ((self.calendar >= tau) & (self.calendar < tau + SHOCK_MONTHS)),
            "lasting": met * (self.calendar >= tau + SHOCK_MONTHS),
        }


def event_cells(table, month: str, scope: str, control: tuple[str, object] | None) -> EventCells:
    """The cells of a life table by "cohort". Raises `Problem` for what is missing or unknown."""
    if COHORT not in table.by:
        raise Problem("A price change needs dates: this file has no sign-up months to count by.")
    if scope not in SCOPES:
        raise Problem(f"Whose price changed? Choose one of {', '.join(SCOPES)}; found {scope!r}.")
    tau = month_number(month)
    frame = table.frame[table.frame["at_risk"].gt(0) & table.frame["tenure"].gt(0)]
    subject = np.ones(len(frame))
    if control is not None:
        column, value = control
        if column not in table.by or not (frame[column] == value).any():
            raise Problem(
                f"Nobody is in the control group {value!r} of {column!r}: choose a plan that has customers."
            )
        subject = (frame[column] != value).to_numpy(float)
        if not subject.any():
            raise Problem("Everybody is in the control group: nobody is left who met the new price.")
    groups = [name for name in table.by if name != COHORT and (control is None or name != control[0])]
    cohort = calendar_month(frame) - frame["tenure"].to_numpy(int)
    return EventCells(
        at_risk=frame["at_risk"].to_numpy(float),
        churned=frame["churned"].to_numpy(float),
        calendar=calendar_month(frame),
        cohort=cohort,
        subject=subject,
        reached=_reached(cohort, tau, scope),
        columns=_levels(frame, groups),
        tau=tau,
        scope=scope,
        control=control,
    )


def _reached(cohort: np.ndarray, tau: int, scope: str) -> np.ndarray:
    before = (cohort < tau).astype(float)
    return {"both": np.ones(len(cohort)), "existing": before, "new": 1 - before}[scope]


def _levels(frame: pd.DataFrame, groups: list[str]) -> np.ndarray:
    """Steps of tenure for each billing interval and a column per level of the groups, as 0 and 1."""
    columns = []
    for interval in sorted(frame["interval"].unique()):
        here = (frame["interval"] == interval).to_numpy()
        number = np.ceil(frame["tenure"].to_numpy() / interval).astype(int)
        for first, last in _bands(number[here], frame["churned"].to_numpy()[here]):
            columns.append(here & (number >= first) & (number <= last))
    for name in groups:
        columns += [(frame[name] == level).to_numpy() for level in sorted(frame[name].unique(), key=str)[1:]]
    return np.column_stack(columns).astype(float)


def _bands(number: np.ndarray, churned: np.ndarray) -> list[tuple[int, int]]:
    """Steps of tenure, (first, last), joined to the next one until 20 left in each."""
    left = np.bincount(number, weights=churned)
    bands, first = [], 1
    for last in (*(end for end in BAND_ENDS if end < len(left) - 1), len(left) - 1):
        if left[first : last + 1].sum() >= BAND_EVENTS:
            bands.append((first, last))
            first = last + 1
    if first < len(left):
        bands = [*bands[:-1], (bands[-1][0], len(left) - 1)] if bands else [(1, len(left) - 1)]
    return bands


def studied_months(table) -> tuple[str, ...]:
    """The months that a price change may have fallen in: 12 months of data before and 6 from it on. Newest
    first.
    """
    frame = table.frame[table.frame["at_risk"].gt(0) & table.frame["tenure"].gt(0)]
    if frame.empty or COHORT not in table.by:
        return ()
    seen = calendar_month(frame)
    last = seen.max() - CLEAN_AFTER + 1
    return tuple(
        f"{(m - 1) // 12}-{(m - 1) % 12 + 1:02d}" for m in range(last, seen.min() + CLEAN_BEFORE - 1, -1)
    )


def month_number(month: str) -> int:
    """12 x year + month of "2025-04": 24304."""
    found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", str(month))
    if not found:
        raise Problem(
            f'Name the month of the price change as year and month, such as "2025-04"; found {month!r}.'
        )
    return 12 * int(found[1]) + int(found[2])


def month_name(month: str) -> str:
    """ "April 2025" for "2025-04"."""
    return words.month(month)
