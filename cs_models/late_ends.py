"""Plans paid for several months at once that are ended some days after a renewal: was that renewal paid?

A billing system tries a failed payment again for days or weeks and ends the plan only then. An annual plan ended on 8
January, a year and a week after its start, would count as a second paid year that nobody ever paid: of 4,000 customers who
renew with .7, all ended a week late, those on the books were worth 2.72 million over 24 months instead of 2.14, and with
those ends on the renewal 2.16: who failed in the last days before the export still looks like a customer.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models import words
from cs_models.definitions import Definitions
from cs_models.grain import customer_codes
from cs_models.import_report import Finding, Question
from cs_models.importers import durations
from cs_models.importers.period_dates import days_since_epoch
from cs_models.subscriptions import MONTH_GRIDS, minor_digits

ID = "late_ends"
TITLE = "Was the renewal just before these ends paid?"
WEEK, WEEKS = 7, 7  # the longest that failed payments are tried again, in whole weeks
QUIET, REST = WEEKS + 1, WEEKS + 2  # the days between, by which the usual is judged; the last ones before a renewal
BEFORE = 15  # days before a renewal of which ends belong to it
SHORTEST = 3  # months of a term in which there are days between
FEWEST = 30  # ends that make a habit
TIMES = 5  # as many as on the days between
NOBODY = "0"


def ask_late_ends(subs):
    """The data set with the Question whether renewals shortly before ends were paid, where such ends are a habit.

    The guess is that they were not. Ends on any day of the year, as where a click on cancel ends a plan, are no habit.
    """
    if subs.as_of is None or subs.layout in MONTH_GRIDS:
        return subs
    at, renewal, late = after_renewals(subs.rows, days_since_epoch(subs.as_of))
    term = _term(subs.rows)[at]
    days = habit(by_week(term, late))
    if not days:
        return subs
    some = (late > 0) & (late <= days)
    chosen = Definitions.of(subs).late_ends if ID in subs.answers else str(days)
    plans = "annual plans" if (term == 12).all() else "plans paid for several months at once"
    sentence = (
        f"{words.count(int(some.sum()))} of {words.count(len(at))} {plans} that ended on a renewal day or later were ended 1 "
        f"to {days} days after it. Paid, these renewals come to {_money(subs, at[some])}; not paid, as where a failed "
        "payment is tried again for some days, each of these customers left on the day of the renewal."
    )
    asked = Question(ID, TITLE, chosen, tuple(dict.fromkeys((str(days), NOBODY, chosen))), sentence, ID in subs.answers)
    known = tuple(_with_note(one, int(some.sum()), days) for one in subs.report.findings)
    report = replace(subs.report, findings=known, questions=(*subs.report.questions, asked))
    return replace(subs, report=report, answers={**subs.answers, ID: chosen})


def _with_note(finding: Finding, many: int, days: int) -> Finding:
    """What is told of ends inside a paid term is not yet decided for those shortly after a renewal."""
    if finding.id != "mid_term":
        return finding
    note = f"Of them {words.count(many)} ended up to {days} days after a renewal: whether it was paid is a question of its own."
    return replace(finding, sentence=f"{finding.sentence} {note}")


def _money(subs, at: np.ndarray) -> str:
    many = f"{words.count(len(at))} more payments"
    if not subs.has_price:
        return many
    paid = (pc.sum(subs.rows["price"].take(pa.array(at))).as_py() or 0) / 10 ** minor_digits(subs.currency)
    return f"{many}, {words.count(round(paid))} {subs.currency}"


def paid_until(rows: pa.Table, end: np.ndarray, today: int, days: int) -> np.ndarray:
    """End per row in days since 1970, where what ended up to so many days after a renewal ended on that renewal.

    Rows that run on `today` stay as they are, and so do those whose customer goes on with another one.
    """
    at, renewal, late = after_renewals(rows, today)
    some = (late > 0) & (late <= days)
    moved = end.copy()
    moved[at[some]] = np.minimum(end[at[some]], renewal[some])
    return moved


def after_renewals(rows: pa.Table, today: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of the rows that ended by `today` on a renewal day or later, that renewal, and the days between."""
    term = _term(rows)
    start, end = (durations.days_of(rows[name]) for name in ("started_on", "ended_on"))
    at = np.flatnonzero((term > 1) & (end <= today))
    start, end, term = start[at], end[at], term[at]
    months = durations.whole_months(start, end) // term * term
    renewal = durations.add_months(start, months)
    through = months > 0
    at, renewal, end = at[through], renewal[through], end[through]
    left = ~_goes_on(rows, at, np.where(end > renewal, renewal + 1, end), end + 1)
    return at[left], renewal[left], (end - renewal)[left]


def _goes_on(rows: pa.Table, at: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Whether a customer has another row that begins from the `first` to the `last` day."""
    codes = customer_codes(rows).astype(np.int64)
    theirs = np.zeros(int(codes.max(initial=-1)) + 1, bool)
    theirs[codes[at]] = True
    begun = theirs[codes]
    starts = np.sort((codes[begun] << 32) + durations.days_of(rows["started_on"])[begun])
    low, high = (starts.searchsorted((codes[at] << 32) + day, side) for day, side in ((first, "left"), (last, "right")))
    return high > low


def by_week(term: np.ndarray, late: np.ndarray) -> pd.DataFrame:
    """Columns term, week, customers: 0 on the renewal, 1 to 7 the weeks after it, QUIET the days between, REST the last."""
    week = np.where(late <= WEEK * WEEKS, -(-late // WEEK), np.where(late <= 30 * term - BEFORE, QUIET, REST))
    return pd.DataFrame({"term": term, "week": week}).value_counts().rename("customers").reset_index()


def habit(ends: pd.DataFrame) -> int:
    """Days after a renewal up to which ends stand out, in whole weeks; 0 where they do not.

    They do when there are 30, more than on all days between the seventh week and the next renewal, and five times as many
    a day. A week belongs to them when it holds more than chance would bring there (3 standard deviations).

    >>> habit(pd.DataFrame({"term": 12, "week": [0, 1, 2, QUIET], "customers": [50, 40, 20, 6]}))
    14
    """
    known = ends[ends["term"] >= SHORTEST]
    quiet = known[known["week"] == QUIET]
    usual = WEEK * (quiet["customers"] / (30 * quiet["term"] - BEFORE - WEEK * WEEKS)).sum()
    weeks = np.bincount(known["week"].to_numpy(int), known["customers"].to_numpy(float), REST + 1)[1 : WEEKS + 1]
    clear = np.flatnonzero(weeks > usual + 3 * np.sqrt(usual + 1))
    last = int(clear.max(initial=-1)) + 1
    many = weeks[:last].sum()
    return WEEK * last if many >= FEWEST and many > quiet["customers"].sum() and many >= TIMES * usual * last else 0


def _term(rows: pa.Table) -> np.ndarray:
    return rows["term"].to_numpy().astype(np.int64)

