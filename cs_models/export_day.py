"""The day of the export, where nobody states it: asked with a guess, and with the money each answer moves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from cs_models.import_report import Question
from cs_models.importers import durations
from cs_models.importers.period_dates import LONELY_DAYS, days_since_epoch
from cs_models.subscriptions import minor_digits
from cs_models.words import counted

ID = "as_of"
TITLE = "Until which day does the file know everything?"
PAYMENTS = {"date", "amount"}  # roles of a log of payments
LONGEST_LOG = 300_000  # rows of one that is read a second time to say what another day moves
INFERRED = {"inferred_day", "known_day"}  # findings of a day that was read off the rows


def ask_export_day(subs, answer: str | None, again: Callable[[date], object]):
    """The data set with the Question for its last known day, where nobody states it and a choice moves a number.

    The guess is the day read off the rows. Beside it stand the end of that month and, in a list of periods, the
    latest end that lies ahead. `again(day)` reads the same file up to another day, for an `answer` ("2025-03-31")
    that is no guess.
    """
    if subs.as_of is None or not INFERRED & {finding.id for finding in subs.report.findings}:
        return subs
    days = list(dict.fromkeys([subs.as_of, *_others(subs)]))
    told = {day: _moved(subs, day, again) for day in days}
    days = [day for day in days if day == subs.as_of or told[day] != told[subs.as_of]]
    guess = subs.as_of.isoformat()
    if answer is None and len(days) < 2:
        return subs
    chosen = answer or guess
    sentence = f"No day of the export is stated. {' '.join(_in_words(subs, day, told[day]) for day in days)}"
    alternatives = tuple(dict.fromkeys([*map(date.isoformat, days), chosen]))
    read = subs if chosen == guess else again(date.fromisoformat(chosen))
    asked = Question(ID, TITLE, chosen, alternatives, f"{sentence} It is read up to {chosen}.", answer is not None)
    return replace(read, report=replace(read.report, questions=(*read.report.questions, asked)))


def _others(subs) -> list[date]:
    """Later days the file may know, the nearest first; none in a panel of months, which ends with one."""
    first = (subs.as_of.replace(day=1) + timedelta(days=31)).replace(day=1)
    later = [first - timedelta(days=1)]
    if any(finding.id == "ends_ahead" for finding in subs.report.findings):
        later.append(subs.latest_end_ahead)
    far = subs.as_of + timedelta(days=LONELY_DAYS)  # so far ahead ends are booked, not seen
    return sorted(day for day in later if day is not None and subs.as_of < day <= far)


def _moved(subs, day: date, again: Callable[[date], object]) -> tuple[int, int, int, int] | None:
    """`_standing` if the file is read up to that day; None for a log of payments too long to be read again for it.

    Who lapses in a log of payments is only known by reading it up to that day: no row of it has an end.
    """
    if day == subs.as_of or not PAYMENTS <= subs.mapping.keys():
        return _standing(subs, day)
    return _standing(again(day), day) if subs.report.rows <= LONGEST_LOG else None


def _standing(subs, day: date) -> tuple[int, int, int, int]:
    """Rows still running on a day, their revenue a month, the whole months they have stayed, and what those paid."""
    end_of = days_since_epoch(day)
    rows = subs.rows
    start, end = (durations.days_of(rows[name]) for name in ("started_on", "ended_on"))
    live = (start <= end_of) & (end > end_of)
    if not live.any():
        return 0, 0, 0, 0
    begun = start[live]
    mrr = rows["mrr"].fill_null(0).to_numpy()[live]
    low = int(begun.min())
    counts, monthly = np.bincount(begun - low), np.bincount(begun - low, weights=mrr)
    months = durations.whole_months(low + np.arange(len(counts)), np.int64(end_of + 1))
    months = np.where(counts > 0, months, 0)
    return int(live.sum()), int(mrr.sum()), int((months * counts).sum()), round(float((months * monthly).sum()))



def _in_words(subs, day: date, found: tuple[int, int, int, int] | None) -> str:
    if found is None:
        return f"Up to {day.isoformat()}: counted when you choose it."
    running, monthly, months, paid = found
    who = f"Up to {day.isoformat()}: {counted(running, 'subscription')} running"
    if not subs.has_price:
        return f"{who}, {counted(months, 'whole month')} stayed."
    digits = minor_digits(subs.currency)
    pay, so_far = (f"{minor / 10**digits:,.{digits}f} {subs.currency}" for minor in (monthly, paid))
    return f"{who}, {pay} a month, {so_far} paid for whole months so far."
