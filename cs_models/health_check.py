"""Does the chance of leaving deserve belief? Learned on an earlier day, or on other customers, and held
against what came.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cs_models import words
from cs_models.as_they_were import at, months_before
from cs_models.engine.people import FOLDS, open_people, until
from cs_models.engine.stays import coded
from cs_models.health import YEAR, customer_health, enough, learn, staying
from cs_models.health_model import BAND, fit_health
from cs_models.importers.durations import whole_months
from cs_models.notice import notice
from cs_models.problems import Problem

CHOICES = (3, 6, 12)  # months held back
HISTORY = 9  # months to learn from, at least
BINS = 10
Z95 = 1.959963984540054
# Below it an order by chance is no reason to call one customer rather than another: with two normal scores the tenth
# held for riskiest has Phi(Phi^-1(.1) + root 2 Phi^-1(AUC)) of those who leave: 13 of 100 at .55 (10 by lot), 23 at .65.
FLOOR = 0.55


@dataclass(frozen=True, eq=False)
class HealthCheck:
    """`bins`: ten groups of equal size by what was expected, with columns customers, expected, happened, low,
    high (shares that leave; the 95 % interval of what happened, Wilson).

    brier: mean squared distance of chance and outcome, smaller is better; auc: chance that of two customers,
    one who left and one who stayed, the one who left had the higher chance of leaving (.5 = a coin). Each
    beside `_tenure`, the same from tenure and billing interval alone. gain, gain_low, gain_high: auc less
    auc_tenure with its 95 % interval (DeLong). months: how many were held back, None for a snapshot: there
    a fifth of the customers at a time is held back, and what is counted is months of customers.
    """

    months: int | None
    day: date | None
    customers: int
    left: int
    bins: pd.DataFrame
    brier: float
    brier_tenure: float
    auc: float
    auc_tenure: float
    gain_low: float
    gain_high: float

    @property
    def gain(self) -> float:
        return self.auc - self.auc_tenure

    @property
    def inside(self) -> int:
        """Groups whose expected share lies within the interval of what happened."""
        return int(self.bins["expected"].between(self.bins["low"], self.bins["high"]).sum())

    @property
    def sentence(self) -> str:
        """Whether the order is worth following, and whether the shares are."""
        scores = f"AUC {words.decimal(self.auc, 2)} against {words.decimal(self.auc_tenure, 2)}"
        if self.gain_low > 0:
            told = f"Ordering customers by this chance beats tenure alone: {scores}."
        elif self.gain_high < 0:
            told = f"Ordering customers by tenure alone would have been better: {scores}."
        else:
            told = (
                f"What the file says beside tenure adds nothing that can be told from chance here: {scores}."
            )
        return f"{told} {self.level}"

    @property
    def pairs(self) -> str:
        """What the AUC is, for somebody who never heard of it."""
        return (
            "Of 100 pairs of one who left and one who stayed, the one who left had the higher chance in "
            f"{100 * self.auc:.0f}; by tenure alone in {100 * self.auc_tenure:.0f} (AUC). 50 is a coin."
        )

    @property
    def tells(self) -> bool:
        """Whether the order by chance is good enough to call by."""
        return self.auc >= FLOOR

    @property
    def little(self) -> str:
        """Why the list is not ordered by chance; "" where it is."""
        if self.tells:
            return ""
        return (
            f"Who will leave can hardly be told here: AUC {words.decimal(self.auc, 2)}, where {words.decimal(0.5, 2)} is a coin. "
            f"Below {words.decimal(FLOOR, 2)} the tenth held for riskiest has at most 13 of 100 of those who leave, by lot it "
            "has 10. So calls go by money at stake alone, everybody at the average chance."
        )

    @property
    def level(self) -> str:
        """Expected against happened over everybody."""
        weight = self.bins["customers"] / self.bins["customers"].sum()
        expected, happened = (float(self.bins[name] @ weight) for name in ("expected", "happened"))
        return (
            f"Expected to leave: {words.percent(expected)}; left: {words.percent(happened)}. "
            f"In {self.inside} of {len(self.bins)} groups what was expected lies within the chance of "
            "what came."
        )


def choices(subs) -> tuple[int, ...]:
    """How many months the file allows to be held back; Problem when it is too young. () for a snapshot."""
    if not subs.has_dates:
        return ()
    subs.need_rows()
    first = pd.Timestamp(subs.rows["started_on"].to_pandas().min()).date()
    held = tuple(k for k in CHOICES if _months(first, months_before(subs.as_of, k)) >= HISTORY)
    if not held:
        raise Problem(
            f"The data reach back less than {HISTORY + CHOICES[0]} months, so nothing can be held back "
            "to check the chances against. Bring an export that begins earlier."
        )
    return held


def check_health(subs, months: int = YEAR, leave_out: tuple[str, ...] = ()) -> HealthCheck:
    """The chance of leaving as it would have been given `months` ago, against what came since.

    The model is learned on the data as they stood that day and scores the customers of that day; left = the
    stay has ended by today. A snapshot has no earlier day: each fifth of its customers is scored by a model
    of the other four, month by month of tenure. For a CFO: whether to spend hours by this list.

    Columns that were overwritten since are seen as they are today. Raises `Problem` for a file too young and
    for a day from which too few left. Example: growth_trials_invoices 6 months back
    expects 33.1 % of 2,616 customers to leave, and 32.8 % did; AUC .60 against .54 of tenure alone.
    """
    if not subs.has_dates:
        return _by_fifths(subs, leave_out)
    if months not in choices(subs):
        raise Problem(f"{months} months cannot be held back here. Choose from: {choices(subs)}.")
    now = coded(subs)
    day = months_before(subs.as_of, months)
    then = customer_health(at(now, day), leave_out)
    frame = then.frame
    ended = until(now, frame["code"].to_numpy(), _number(day), tuple(notice(now)))
    left = (ended <= _number(subs.as_of)).astype(int)
    own, plain = (1 - staying(frame, model, months) for model in (then.model, then.tenure_alone))
    known = np.isfinite(own)
    return _checked(own[known], plain[known], np.ones(known.sum()), left[known], months, day)


def _by_fifths(subs, leave_out) -> HealthCheck:
    by = tuple(name for name in subs.segments if subs.resolve(name) != "term" and name not in leave_out)
    subs.need_customers()
    with open_people(subs, by) as people:
        columns = learn(people, tuple(f"g{i}" for i in range(len(by)))).columns
        cells = people.cells(columns, fold=True)
    parts = []
    for fold in range(FOLDS):
        rest, held = cells[cells["fold"] != fold], cells[cells["fold"] == fold]
        own, plain = fit_health(rest, columns), fit_health(rest, ())
        for term, part in held.groupby("term"):
            if int(term) in own.leaving:
                codes = {name: part[name].to_numpy() for name in (BAND, *columns)}
                pace = own.leaving[int(term)].pace(codes), plain.leaving[int(term)].pace({BAND: codes[BAND]})
                parts.append(
                    part[["at_risk", "churned"]].assign(own=-np.expm1(-pace[0]), plain=-np.expm1(-pace[1]))
                )
    rows = pd.concat(parts)
    return _checked(
        *(rows[name].to_numpy(float) for name in ("own", "plain", "at_risk", "churned")), None, None
    )


def _checked(own, plain, count, left, months, day) -> HealthCheck:
    """Measures from chances of leaving (rows,), of `count` customers each, of whom `left` left."""
    enough(int(left.sum()))
    if left.sum() >= count.sum():
        raise Problem("Everybody of that day has left since, so there is nobody to tell them from.")
    auc, auc_plain, width = auc_pair(own, plain, count, left)
    gain = auc - auc_plain
    return HealthCheck(
        months, day, int(count.sum()), int(left.sum()), calibration(own, count, left),
        brier(own, count, left), brier(plain, count, left), auc, auc_plain,
        gain - Z95 * width, gain + Z95 * width,
    )  # fmt: skip


def calibration(chance, count, left) -> pd.DataFrame:
    """Ten groups of about equal size by chance: customers, expected, happened, low, high.

    Equal chances stay in one group, so there may be fewer than ten. Wilson: (p + z2/2n -+ z root(...)) /
    (1 + z2/n). Example: 3 of 10 left: happened .30, low .108, high .603.
    """
    chance, count, left = (np.asarray(part, float) for part in (chance, count, left))
    own = pd.DataFrame({"chance": chance.round(12), "count": count, "left": left})
    own = own.groupby("chance", as_index=False).sum()
    middle = own["count"].cumsum() - own["count"] / 2
    own["bin"] = np.minimum((BINS * middle / own["count"].sum()).astype(int), BINS - 1)
    own["expected"] = own["chance"] * own["count"]
    sums = own.groupby("bin")[["count", "left", "expected"]].sum()
    share, n = sums["left"] / sums["count"], sums["count"]
    low, high = wilson(share.to_numpy(), n.to_numpy())
    return pd.DataFrame(
        {
            "customers": n.astype(int),
            "expected": sums["expected"] / n,
            "happened": share,
            "low": low,
            "high": high,
        }
    ).reset_index(drop=True)


def wilson(share, n) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of a share seen in n cases."""
    middle, span = share + Z95**2 / (2 * n), Z95 * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    return (middle - span) / (1 + Z95**2 / n), (middle + span) / (1 + Z95**2 / n)


def brier(chance, count, left) -> float:
    """Mean of (chance - outcome)^2. A chance of .2 for all of whom .2 leave: .16."""
    return float((left * (1 - chance) ** 2 + (count - left) * chance**2).sum() / count.sum())


def auc_pair(first, second, count, left) -> tuple[float, float, float]:
    """AUC of two scores of the same customers and the standard error of their difference (DeLong, 1988).

    With placements V(x) = share of the stayers below x (ties half) for a leaver, and likewise for a stayer:
    AUC = mean V, var = var of V among leavers / leavers + the same of stayers, for the difference of the two.
    """
    stayed, spread = count - left, 0.0
    places = [(_placed(score, stayed), 1 - _placed(score, left)) for score in (first, second)]
    for who, weight in ((0, left), (1, stayed)):
        apart = places[0][who] - places[1][who]
        mean = apart @ weight / weight.sum()
        spread += float((apart - mean) ** 2 @ weight) / weight.sum() / max(weight.sum() - 1, 1)
    aucs = [float(one[0] @ left / left.sum()) for one in places]
    return aucs[0], aucs[1], float(np.sqrt(spread))


def _placed(score: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Per row the share of `weight` that lies below its score, ties half."""
    _, at = np.unique(score, return_inverse=True)
    here = np.bincount(at, weights=weight)
    return ((np.cumsum(here) - here / 2) / here.sum())[at]


def _number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _months(first: date, last: date) -> int:
    return int(whole_months(np.array([_number(first)]), np.int64(_number(last) + 1))[0])
