"""Start of paid time and end of paid service in a vendor's export; the click on "cancel" is not the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from cs_models.definitions import Definitions
from cs_models.import_report import Question
from cs_models.importers import dates, durations, period_dates
from cs_models.importers.columns import Column, shorten
from cs_models.importers.dates import Dates
from cs_models.importers.ledger import Ledger
from cs_models.importers.period_dates import Periods
from cs_models.importers.vendor_rows import ENDED, ENDING, LIVE, TRIAL, UNKNOWN, UNPAID, WAITING
from cs_models.importers.words import read_yes_no
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits

ROLES = (
    "start", "ended", "cancelled", "cancel_at", "period_start", "period_end", "trial_start", "trial_end",
    "updated", "synced", "paused_on",
)  # fmt: skip
# what happened by then is known; an end is an event only for those who have left
EVENTS = ("period_start", "cancelled", "updated", "synced")
SERVICE, REQUEST = "end of paid service", "cancel request"


@dataclass(frozen=True, eq=False)
class Ends:
    """The chosen end per row, from whichever column knows it; `good` where there is one."""

    column: Column
    day: np.ndarray
    good: np.ndarray


def read_days(roles: Mapping[str, Column], answers: Mapping[str, str], ledger: Ledger) -> dict[str, Dates]:
    """All date columns, day and month in one order."""
    parts = {name: dates.take_apart(roles[name]) for name in ROLES if name in roles}
    order, question = dates.date_order(list(parts.values()), answers, (parts.get("start"), parts.get("ended")))
    if question:
        ledger.questions.append(question)
    for name in ("start", "ended"):
        if name in parts:
            period_dates.tell_format(parts[name], order, ledger)
    read = {name: dates.read_dates(part, order) for name, part in parts.items()}
    if "ended" in read:
        period_dates.reject_bad_dates(read["ended"], ledger, False, "")
    return read


def reject_bad_starts(read: Mapping[str, Dates], states: np.ndarray, ledger: Ledger) -> None:
    """Whoever has begun needs a day on which they did."""
    start = read["start"]
    period_dates.reject_bad_dates(start, ledger, False, "")
    missing = ~start.good & ~np.isin(states, (TRIAL, WAITING)) & ledger.kept
    ledger.reject(missing, start.column, "no start date: fill in when the subscription began")
    where = f'in column "{shorten(start.column.header)}"'
    ledger.find("date_missing", missing, f"row has no date {where}", f"rows have no date {where}",
                "Fill in when they started.")  # fmt: skip


def known_day(
    layout, read: Mapping[str, Dates], states: np.ndarray, term: np.ndarray, as_of: date | None,
    ledger: Ledger,
) -> int:
    """The stated day, else the newest thing that is known to have happened."""
    if as_of is not None:
        return period_dates.days_since_epoch(as_of)
    begun = ledger.kept & (states != WAITING)
    gone = begun & np.isin(states, (ENDED, UNPAID))
    newest, source = 0, read["start"]
    for name in ("start", *EVENTS, "ended"):
        if name not in read:
            continue
        # a click is an event even of somebody who has not begun
        among = {"ended": gone, "cancelled": ledger.kept}.get(name, begun)
        happened = read[name].good & among
        latest = int(read[name].day[happened].max()) if happened.any() else 0
        if latest > newest:
            newest, source = latest, read[name]
    if not newest:
        newest = int(read["start"].day[ledger.kept].max())
    # somebody who has left has done so by then, whichever column tells the day
    service = _first_of(read, states, _service_ends(read, states, newest, np.zeros(len(states), bool)))
    left = gone & service.good
    if left.any() and int(service.day[left].max()) > newest:
        newest, source = int(service.day[left].max()), service
    silent = begun & (states == UNKNOWN) & read["start"].good
    if "ended" in read and silent.any() and not layout.booked_ends:
        # nobody says who has left: ends soon after the newest start are over, later ones are booked ahead
        ended = read["ended"]
        days = period_dates.latest_known_day(Periods(read["start"].day, ended.day, ~ended.good, term), silent)
        if days > newest:
            newest, source = days, ended
    day = np.datetime64(newest, "D")
    header = shorten(source.column.header)
    ledger.note("known_day", f'The last day the file knows is {day}, from column "{header}".')
    return newest


def choose(roles, read: Mapping[str, Dates], states: np.ndarray, today: int, money, answers, ledger: Ledger):
    """First paid day, end of paid service and why a row stays apart ("trial", "never paid")."""
    start = read["start"].day.copy()
    flag = np.zeros(len(states), bool)
    if (column := roles.get("ends_with_period")) is not None:
        flag = column.spread(read_yes_no(column) == 1)
    service = _first_of(read, states, _service_ends(read, states, today, flag))
    again = _runs_on(read, states, today) & ledger.kept
    if again.any():
        ledger.find("runs_on", again,
                    "row is live by its status and current period, though its end has passed: "
                    "the end is ignored",
                    "rows are live by their status and current period, though their end has passed: "
                    "the end is ignored", column=read["ended"].column)  # fmt: skip
    _ask(read, service, states, start, money, answers, ledger)
    end = service
    undated = np.isin(states, (ENDED, UNPAID)) & ~end.good & ledger.kept
    ledger.reject(undated, end.column, "has ended, but no date says when: fill in the end")
    ledger.find("end_missing", undated, "row has ended without a date that says when",
                "rows have ended without a date that says when",
                "Export the column of ends too.")  # fmt: skip
    period_dates.reject_end_before_start(read["start"], end, ledger)
    ahead = np.isin(states, (ENDED, UNPAID)) & end.good & (end.day > today) & ledger.kept
    ledger.find("ended_ahead", ahead, "row has ended by its status, but on a day after the last known day",
                "rows have ended by their status, but on a day after the last known day",
                "They count as subscribed until then; state a later last day if they have left.",
                end.column)  # fmt: skip
    start, aside = _trials(read, states, start, end, today, ledger)
    return start, end, aside


def _service_ends(read, states: np.ndarray, today: int, flag: np.ndarray):
    """Where the end stands, best first, and for which rows."""
    nobody = np.zeros(len(states), bool)
    clicked = read["cancelled"].good if "cancelled" in read else nobody
    period_over = read["period_end"].day <= today if "period_end" in read else nobody
    gone, ending = states == ENDED, (states == ENDING) | ((states == LIVE) & flag)
    return (
        ("ended", ~_runs_on(read, states, today)),
        ("cancel_at", ~gone),
        # a period that runs on after an end was cut short by it
        ("period_end", ending | (gone & (period_over | ~clicked))),
        ("cancelled", gone | (states == UNKNOWN)),
        # what went unpaid was not served: the period before it was the last one
        ("period_start", states == UNPAID),
        ("period_end", states == UNPAID),
    )


def _runs_on(read: Mapping[str, Dates], states: np.ndarray, today: int) -> np.ndarray:
    """Live, with an end that has passed and a term that has not: an end of earlier days, since undone."""
    if "ended" not in read or "period_end" not in read:
        return np.zeros(len(states), bool)
    ended, period = read["ended"], read["period_end"]
    return (states == LIVE) & ended.good & (ended.day <= today) & period.good & (period.day > today)


def _first_of(read: Mapping[str, Dates], states: np.ndarray, candidates) -> Ends:
    day, good = np.zeros(len(states), np.int64), np.zeros(len(states), bool)
    column = None
    for name, rows in candidates:
        if name in read:
            column = column or read[name].column
            use = rows & read[name].good & ~good
            day[use] = read[name].day[use]
            good |= use
    return Ends(column or read["start"].column, day, good)


def _ask(read, service: Ends, states, start, money, answers, ledger: Ledger) -> None:
    """Where both the request and the end of service are known, the choice is a Question: its answer is the
    definition of when churn is recognised, and rows are counted by it later.
    """
    given = answers.get("end_date")
    if given not in (None, SERVICE, REQUEST):
        raise Problem(f'The answer to "end_date" must be "{SERVICE}" or "{REQUEST}".')
    if "cancelled" not in read:
        return
    click = read["cancelled"]
    asked = click.good & ~np.isin(states, (TRIAL, WAITING)) & ledger.kept
    day = np.maximum(click.day, start)
    earlier = asked & service.good & (day < service.day)
    running = asked & ~service.good
    if not (earlier | running).any():
        return
    chosen = REQUEST if Definitions.of(answers).recognised == "cancel click" else SERVICE
    mrr, currency = money
    header, end_header = shorten(click.column.header), shorten(service.column.header)
    text = f'{_rows(earlier)} an earlier day in "{header}", the cancel request, than '
    text += "for the end of paid service"
    if mrr is not None:
        months = durations.months_begun(start, service.day) - durations.months_begun(start, day)
        between = int((mrr * months)[earlier & (states != LIVE)].sum())
        text += f", {_money(between, currency)} of service apart"
    if running.any():
        text += f"; {_rows(running)} a request but no end yet"
        text += "" if mrr is None else f", with {_money(int(mrr[running].sum()), currency)} a month"
    used = f'"{end_header}" (or the end of the period)' if chosen == SERVICE else f'"{header}"'
    question = Question("end_date", "Which date is the end?", chosen, (SERVICE, REQUEST),
                        f"{text}. The end is taken from {used}.", given is not None)  # fmt: skip
    ledger.questions.append(question)


def _rows(at: np.ndarray) -> str:
    count = int(at.sum())
    return "1 row has" if count == 1 else f"{count:,} rows have"


def _money(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def _trials(read, states, start, end: Ends, today: int, ledger: Ledger):
    """Paid time begins after the trial; whoever never got there has not churned."""
    kept, aside = ledger.kept, np.full(len(states), "", object)
    aside[states == WAITING] = "never paid"
    aside[states == TRIAL] = "trial"
    if "trial_end" in read:
        trial = read["trial_end"]
        opening = trial.good & (trial.day > start) & (aside == "")
        if "trial_start" in read:
            # a trial given later only moves the billing day of somebody who pays already
            opening &= ~read["trial_start"].good | (read["trial_start"].day <= start + 1)
        only = opening & ((end.good & (end.day <= trial.day)) | (trial.day > today))
        aside[only] = "trial"
        paid = opening & ~only
        ledger.find("after_trial", paid & kept,
                    "row began with a trial: its months count from the first paid day",
                    "rows began with a trial: their months count from the first paid day")  # fmt: skip
        start = np.where(paid, trial.day, start)
    ledger.find("trials", (aside == "trial") & kept,
                "row is a trial that has not been paid and is set aside: no churn",
                "rows are trials that have not been paid and are set aside: no churn")  # fmt: skip
    ledger.find("never_paid", (aside == "never paid") & kept, "row has not been paid so far and is set aside",
                "rows have not been paid so far and are set aside")  # fmt: skip
    return start, aside
