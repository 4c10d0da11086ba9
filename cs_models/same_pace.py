"""Do groups leave at a different pace, or is it chance? The log-rank test on counts, and its sentence."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from cs_models.gates import FEWEST_EVENTS
from cs_models.life_table import LifeTable
from cs_models.problems import Problem
from cs_models.words import count, counted, interval_name, plain

SURE = 0.05


@dataclass(frozen=True, eq=False)
class LogRank:
    """``statistic``: chi-square with ``freedom`` = groups - 1; ``p``: how often chance alone shows so much.

    ``groups``: a row per group with churned, expected (departures if all left at one pace) and
    pace = churned / expected. ``pairs``: faster, slower, statistic, p and adjusted (Holm) for every two.
    ``sentence``: the answer in words.
    """

    statistic: float
    freedom: int
    p: float
    groups: pd.DataFrame
    pairs: pd.DataFrame
    sentence: str


def log_rank(table: LifeTable, column: str | None = None, title: str = "") -> LogRank:
    """Whether the groups of one column leave at the same pace: the log-rank test, tenure by tenure.

    At every tenure k the departures are shared out among the groups by their number in force; O - E is what
    a group lost beyond its share; chi2 = (O - E)' V^-1 (O - E) with the hypergeometric variance. To a CFO:
    it compares whole curves, and a small p says that chance alone would rarely part them so far. It says
    nothing about why: customers chose their plan. Other columns are not held equal (`hazard_ratios` does).

    ``table``: a life table grouped by the column; ``column`` may be "interval", and may be left out where
    there is only one. ``title``: the column in the reader's words, for groups that are called yes, no or a
    number. Counts with late entry are right, which lifelines' own test does not take; without late
    entry the statistic equals lifelines' to 1e-9. Two by two the p is adjusted after Holm. Source: Mantel
    (1966), Peto and Peto (1972). Example: waltons, 122.249 (lifelines on the same data). Raises `Problem` for
    fewer than two groups.
    """
    column = column or (table.by[0] if table.by else "interval")
    if column not in (*table.by, "interval"):
        known = ", ".join((*table.by, "interval"))
        raise Problem(f"The table is not grouped by {column!r}. It has: {known}.")
    force, churned, names = _grids(table, column)
    if len(names) < 2:
        raise Problem("There is one group only: two are needed to compare how fast customers leave.")
    statistic, freedom, expected = _test(force, churned)
    groups = pd.DataFrame({"group": names, "churned": churned.sum(axis=1), "expected": expected})
    groups["pace"] = np.divide(groups["churned"], groups["expected"].where(groups["expected"] > 0))
    pairs = _pairs(force, churned, names)
    p = float(chdtrc(freedom, statistic)) if freedom else 1.0
    said = {name: _said(name, column, title) for name in names}
    return LogRank(statistic, freedom, p, groups, pairs, _sentence(p, groups, pairs, said))


def _grids(table: LifeTable, column: str) -> tuple[np.ndarray, np.ndarray, list]:
    """In force and churned, groups down and tenures 1..K across."""
    cells = table.frame[table.frame["tenure"] > 0]
    sums = cells.groupby([column, "tenure"])[["in_force", "churned"]].sum()
    force, churned = (sums[name].unstack(fill_value=0.0).sort_index() for name in ("in_force", "churned"))
    return force.to_numpy(float), churned.to_numpy(float), list(force.index)


def _test(force: np.ndarray, churned: np.ndarray) -> tuple[float, int, np.ndarray]:
    """Chi-square, its degrees of freedom, expected departures per group."""
    total, left = force.sum(axis=0), churned.sum(axis=0)
    share = np.divide(force, total, out=np.zeros_like(force), where=total > 0)
    expected = (share * left).sum(axis=1)
    ties = left * np.divide(total - left, total - 1, out=np.zeros_like(total), where=total > 1)
    variance = np.diag((share * ties).sum(axis=1)) - (share * ties) @ share.T
    beyond = churned.sum(axis=1) - expected
    freedom = int(np.linalg.matrix_rank(variance, tol=1e-9 * max(np.trace(variance), 1e-300)))
    if not freedom:
        return 0.0, 0, expected
    statistic = float(beyond @ np.linalg.pinv(variance, rcond=1e-9, hermitian=True) @ beyond)
    return max(statistic, 0.0), freedom, expected


def _pairs(force: np.ndarray, churned: np.ndarray, names: list) -> pd.DataFrame:
    """Every two groups against each other; the p of the whole family is held by Holm's steps."""
    rows = []
    for one, other in combinations(range(len(names)), 2):
        own = [one, other]
        statistic, freedom, expected = _test(force[own], churned[own])
        faster = one if churned[one].sum() >= expected[0] else other
        slower = other if faster == one else one
        p = float(chdtrc(freedom, statistic)) if freedom else 1.0
        rows.append((names[faster], names[slower], statistic, p))
    pairs = pd.DataFrame(rows, columns=["faster", "slower", "statistic", "p"]).sort_values("p", kind="stable")
    steps = np.arange(len(pairs), 0, -1) * pairs["p"].to_numpy()
    return pairs.assign(adjusted=np.minimum(np.maximum.accumulate(steps), 1)).reset_index(drop=True)


def _said(name, column: str, title: str) -> str:
    """A group as a sentence can name it: "Monthly", "Pro", and with its column "Paperless billing Yes"."""
    if column == "interval":
        return interval_name(name)
    text = plain(name)
    number = text.replace(".", "").isdigit()
    bare = number or text.lower() in ("yes", "no", "true", "false", "y", "n", "(none)")
    return f"{plain(title or column)} {text}" if bare else text


def chance(p: float) -> str:
    """How rare, in words: "less than 1 time in 1,000", "about 1 time in 50".

    >>> chance(.0004), chance(.02), chance(.3)
    ('less than 1 time in 1,000', 'about 1 time in 50', 'about 30 times in 100')
    """
    if p < 0.001:
        return f"less than 1 time in {count(1000)}"
    return f"about 1 time in {count(round(1 / p))}" if p <= 0.1 else f"about {round(p * 100)} times in 100"


def _sentence(p: float, groups: pd.DataFrame, pairs: pd.DataFrame, said: dict) -> str:
    """Who leaves faster than whom and how rarely chance shows it, or that the data cannot tell."""
    if groups["churned"].sum() < FEWEST_EVENTS:
        left = counted(int(groups["churned"].sum()), "departure")
        return f"Not enough data to compare the groups: {left} so far, and {FEWEST_EVENTS} are needed."
    told = pairs[pairs["adjusted"] < SURE]
    if p >= SURE or told.empty:
        return _cannot_tell(p, list(said.values()))
    pace = groups.set_index("group")["pace"]
    widest = (pace[told["faster"]].to_numpy() / np.maximum(pace[told["slower"]].to_numpy(), 1e-9)).argmax()
    pair = told.astype(object).iloc[int(widest)]
    text = (
        f"{said[pair['faster']]} customers leave faster than {said[pair['slower']]}; chance alone would show "
        f"this {chance(pair['adjusted'])}"
    )
    if len(groups) == 2:
        return f"{text}."
    return f"{text}. Of {counted(len(pairs), 'pair')} of groups, {len(told)} can be told apart."


def _cannot_tell(p: float, names: list[str]) -> str:
    who = f"{names[0]} from {names[1]}" if len(names) == 2 else f"these {len(names)} groups apart"
    return f"Not enough data to tell {who}: chance alone would show such a difference {chance(p)}."
