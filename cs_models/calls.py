"""Whom to call this week: the customers whose hour saves most, and what one more hour is worth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.assumptions import Assumptions
from cs_models.concentration import worth_by_place
from cs_models.from_data import EVERYBODY
from cs_models.health import SOON, Health
from cs_models.kept_property import kept
from cs_models.problems import Problem

MINUTES = 60
TRIAL = (
    "That a contact works is your assumption. To know it, leave one in ten of the list out by lot, "
    "and compare after three months."
)


@dataclass(frozen=True)
class Capacity:
    """What the team can do in a week: managers, hours each has for calls of its own choosing, minutes a
    contact takes with preparation and notes.
    """

    managers: int = 2
    hours: float = 5.0
    minutes: float = 30.0

    def __post_init__(self):
        for name, value, most in (("managers", self.managers, 10_000), ("hours", self.hours, 168)):
            if not 0 <= value <= most:
                raise Problem(f"The number of {name} must lie between 0 and {most:,}; found {value!r}.")
        if not 1 <= self.minutes <= 10_000:
            raise Problem(f"Minutes per contact must lie between 1 and 10,000; found {self.minutes!r}.")

    @property
    def total_hours(self) -> float:
        return self.managers * self.hours

    @property
    def contacts(self) -> int:
        """Whole contacts in a week: 2 managers with 5 hours and 30 minutes each make 20."""
        return int(self.total_hours * MINUTES / self.minutes + 1e-9)


@dataclass(frozen=True, eq=False)
class CallList:
    """`frame`: every customer whom a call could save, the best use of time first; the columns of
    `Health.frame` and leaves (chance to leave within 3 months), worth (residual value, money), saved
    (leaves x effect x worth, money), per_hour. The first `contacts` of them fit into the week. by_chance: whether the
    own chance decides; else everybody counts with the average one, and the order is that by worth.
    """

    frame: pd.DataFrame
    capacity: Capacity
    effect: float
    horizon: int
    currency: str
    by_chance: bool = True

    @property
    def contacts(self) -> int:
        return min(self.capacity.contacts, len(self.frame))

    @property
    def chosen(self) -> pd.DataFrame:
        return self.frame.head(self.contacts)

    @kept
    def _running(self) -> np.ndarray:
        return np.concatenate([[0.0], np.cumsum(self.frame["saved"].to_numpy())])

    @property
    def total(self) -> float:
        """Expected value saved by this week's contacts, money."""
        return float(self._running[self.contacts])

    @property
    def at_stake(self) -> float:
        """Residual value of those called this week, money."""
        return float(self.chosen["worth"].sum())

    @property
    def next_hour(self) -> float:
        """What one more hour saves: the next customers on the list, in part where a contact is longer."""
        reach = self.contacts + MINUTES / self.capacity.minutes
        return float(np.interp(reach, np.arange(len(self._running)), self._running)) - self.total

    @property
    def sentence(self) -> str:
        """The week in one line."""
        who = words.counted(self.contacts, "call")
        if not self.contacts:
            return "No call fits into the week: give it an hour or more."
        if not self.by_chance:
            stake = words.money(self.at_stake, self.currency)
            return (f"{who} this week go where most is at stake, {stake} over {words.months(self.horizon)}; "
                    "who of them will leave cannot be told")
        hour = words.money(self.next_hour, self.currency)
        return (
            f"{who} this week save an expected {words.money(self.total, self.currency)} over "
            f"{words.months(self.horizon)}; one more hour is worth {hour}"
        )


def call_list(
    subs,
    health: Health,
    base: Assumptions,
    capacity: Capacity = Capacity(),
    effect: float = 0.2,
    horizon: int = 36,
    renewals_first: bool = False,
    by_chance: bool = True,
) -> CallList:
    """Customers ranked by expected value saved per hour: chance of leaving x effect x residual value.

    chance: to leave within three months (`health`); effect: share of that chance a contact takes away, an
    assumption, 0..1; residual value: margin still to come from the customer over `horizon` months, from the
    tenure and for the MRR reached, discounted (`valuation`). Every contact takes as long, so the ranking by
    hour is that by value. `renewals_first`: longer terms that renew within three months come before all
    others, ranked among themselves. `by_chance=False`, for data whose chances do not stand their test
    (`HealthCheck.tells`): everybody who can leave within three months counts with the average chance. Customers nobody can be compared with, and those who cannot leave within
    three months, are not on it.

    For a CFO: what a week of account management is worth at most, and whether a further manager pays. Raises
    `Problem` for an effect outside 0..1. Example: a chance of .30, an effect of .20 and 1,000 of residual
    value save 60; at 30 minutes that is 120 an hour.
    """
    if not 0 <= effect <= 1:
        raise Problem(f"The effect of a contact is a share between 0 and 1; found {effect!r}.")
    frame = health.frame
    leaves, worth = 1 - frame["stay_3"].to_numpy(float), residual_values(subs, health, base, horizon)
    rows = frame.assign(leaves=leaves, worth=worth)[np.isfinite(leaves * worth) & (leaves > 0) & (worth > 0)]
    saved = (rows["leaves"] if by_chance else rows["leaves"].mean()) * effect * rows["worth"]
    rows = rows.assign(saved=saved, per_hour=saved * MINUTES / capacity.minutes)
    due = (rows["interval"] > 1) & (rows["due"] <= SOON) if renewals_first else pd.Series(False, rows.index)
    order = np.lexsort((rows["customer"].astype(str).to_numpy(), -rows["saved"].to_numpy(), ~due.to_numpy()))
    ranked = rows.iloc[order].reset_index(drop=True)
    return CallList(ranked, capacity, effect, horizon, health.currency, by_chance)


def residual_values(subs, health: Health, base: Assumptions, horizon: int) -> np.ndarray:
    """Residual value of each customer of `health.frame`, money; NaN where nobody like them can be valued.

    That of one unit of MRR at the same segment, billing interval and tenure x the own MRR, less the service
    cost; over all customers it sums to `Valuation.residual`.
    """
    own = {header: column for column, header in health.columns.items()}
    frame, asked = health.frame, [subs.resolve(name) for name in base.by]
    parts = [health.value(own[subs.columns.get(name, name)]) for name in asked]
    segments = list(zip(*parts)) if parts else [EVERYBODY] * len(frame)
    places = zip(segments, frame["interval"].astype(int), frame["tenure"].astype(int))
    known = {
        (tuple(map(str, segment)), interval, tenure): worth
        for (segment, interval, tenure), worth in worth_by_place(base, horizon).items()
    }
    found = np.array([known.get(place, (np.nan, 0.0)) for place in places]).reshape(-1, 2)
    return found[:, 0] * frame["mrr"].to_numpy(float) - found[:, 1]
