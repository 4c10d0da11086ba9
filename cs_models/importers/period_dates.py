"""Starts and ends of periods: what cannot be one is rejected, and the last day the file knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from cs_models.import_report import Question
from cs_models.importers import dates
from cs_models.importers.columns import Column, shorten
from cs_models.importers.dates import Dates
from cs_models.importers.ledger import Ledger
from cs_models.problems import Problem

EPOCH = date(1970, 1, 1)
MISSING = {"start": "no start date: fill in when the subscription began"}
DATE_HINT = "Write dates like 2025-01-31."
# a book with no new customer for a year is rarer than a mistyped year
LONELY_DAYS = 366
SAME_DAY = (
    "row starts and ends on the same day and counts as one paid month",
    "rows start and end on the same day and count as one paid month",
)
ENDS_AHEAD = (
    "row ends after the last known day and counts as subscribed until then",
    "rows end after the last known day and count as subscribed until then",
)
NO_END = "There is no column of ends: everybody counts as still subscribed. Map it if there is one."


@dataclass(frozen=True, eq=False)
class Periods:
    """Per row of the file, in whole days since 1970-01-01: start, end (`open` = none), months between
    payments.
    """

    start: np.ndarray
    end: np.ndarray
    open: np.ndarray
    term: np.ndarray


def read_days(
    columns: Mapping[str, Column],
    required: tuple[str, ...],
    answers,
    ledger: Ledger,
    instead: Mapping[str, str] | None = None,
) -> dict[str, Dates]:
    """The date columns of a file, read in one order of day and month; rows without a required one, and dates
    that cannot be, are rejected. `instead` {"start": "trial_start"}: a date there excuses the missing one.
    """
    parts = {role: dates.take_apart(column) for role, column in columns.items()}
    order, question = dates.date_order(list(parts.values()), answers, (parts.get("start"), parts.get("end")))
    years, other = dates.century(list(parts.values()), answers)
    ledger.questions += [one for one in (question, other) if one]
    for part in parts.values():
        tell_format(part, order, ledger)
    read = {role: dates.read_dates(part, order, years) for role, part in parts.items()}
    for role, found in read.items():
        other = read.get((instead or {}).get(role, ""))
        no_date = MISSING.get(role, "no date: fill in when this was")
        reject_bad_dates(found, ledger, role in required, no_date, other.good if other else None)
    return read


def read_starts_and_ends(
    roles: Mapping[str, Column], answers, ledger: Ledger
) -> tuple[np.ndarray, Dates | None, np.ndarray]:
    """First days, last days, and the rows that are only a trial; rows that end before they start are
    rejected.

    A trial that never was paid has a day on which the trial began, and no start: there the trial's day is the
    start, and the row is set aside later.
    """
    columns = {role: roles[role] for role in ("start", "end", "trial_start") if role in roles}
    read = read_days(columns, ("start",), answers, ledger, {"start": "trial_start"})
    start, end = read["start"], read.get("end")
    trial = np.zeros(len(ledger.rows), bool)
    if "trial_start" in read:
        trial = ~start.good & read["trial_start"].good & ledger.kept
    if end:
        _blank_open_ends(end, ledger)
        reject_end_before_start(start, end, ledger)
    first = np.where(trial, read["trial_start"].day, start.day) if trial.any() else start.day
    return first, end, trial


def tell_format(part: dates.DateParts, order: str, ledger: Ledger) -> None:
    header = shorten(part.column.header)
    if part.family == "year last":
        years = "; years such as 25 are 2025" if dates.two_digits(part) else ""
        ledger.note("date_format", f'Dates in "{header}" are read {order} first{years}.')
    elif part.family not in ("year first", "compact"):
        ledger.note("date_format", f'Dates in "{header}" are read as {part.family}.')
    if part.zones:
        ledger.note("time_zone", f'Times with a zone in "{header}" are taken to UTC before the day is read.')


def reject_bad_dates(
    read: Dates, ledger: Ledger, required: bool, no_date: str, excused: np.ndarray | None = None
) -> None:
    """Reject rows whose date cannot be one, or is missing (unless `excused`)."""
    column, header = read.column, shorten(read.column.header)
    where = f'in column "{header}"'
    faults = [
        (dates.UNREADABLE, "date_unreadable",
         "not a date in the form of this column: write it like 2025-01-31",
         f"date {where} cannot be read", f"dates {where} cannot be read", DATE_HINT),
        (dates.IMPOSSIBLE, "date_impossible", "a day that does not exist: correct the date",
         f"date {where} does not exist in the calendar",
         f"dates {where} do not exist in the calendar", "Correct them."),
        (dates.PLACEHOLDER, "date_placeholder",
         "a placeholder, not a date: fill in the real date or leave it blank",
         f"date {where} is a placeholder before 1950", f"dates {where} are placeholders before 1950",
         "Fill in the real dates."),
    ]  # fmt: skip
    if required:
        missing = (f"row has no date {where}", f"rows have no date {where}", "Fill it in.")
        faults += [
            (state, "date_missing", no_date, *missing)
            for state in (dates.BLANK, dates.OPEN)
        ]
    for state, id, reason, one, many, remedy in faults:
        bad = read.rows_in(state) & ledger.kept
        if id == "date_missing" and excused is not None:
            bad &= ~excused
        ledger.reject(bad, column, reason)
        ledger.find(id, bad, one, many, remedy, column)


def _blank_open_ends(end: Dates, ledger: Ledger) -> None:
    marked = end.rows_in(dates.OPEN) & ledger.kept
    ledger.repair(marked, end.column, "means no end yet: read as blank")
    ledger.find(
        "open_end",
        marked,
        "end is a marker for no end yet, read as blank",
        "ends are markers for no end yet, read as blank",
        column=end.column,
    )


def reject_end_before_start(start: Dates, end: Dates, ledger: Ledger) -> None:
    begins, ends = start.day, end.day  # once: each look at a day is a look at every row
    backwards = start.good & end.good & (ends < begins) & ledger.kept
    places = np.flatnonzero(backwards)
    reasons = [
        f"ends {_iso(ends[at])}, before it starts {_iso(begins[at])}: correct one of them"
        for at in places
    ]
    ledger.reject(backwards, end.column, reasons)
    ledger.find(
        "end_before_start",
        backwards,
        "row ends before it starts",
        "rows end before they start",
        f'Correct "{shorten(start.column.header)}" or "{shorten(end.column.header)}".',
    )
    same = start.good & end.good & (ends == begins) & ledger.kept
    ledger.find("same_day", same, *SAME_DAY)


def _iso(day: int) -> str:
    return (EPOCH + timedelta(days=int(day))).isoformat()


def days_since_epoch(day: date) -> int:
    return (day - EPOCH).days


def last_known_day(periods: Periods, as_of: date | None, ledger: Ledger, proven: np.ndarray) -> int:
    """The stated day, else the latest the file knows; a day before every start is a Problem. `proven`: per row a day
    that the export cannot be older than, by the status of the row (0 = none).
    """
    kept = ledger.kept
    if as_of is None:
        _tell_lonely_start(periods.start, kept, ledger)
        today = _proven_day(latest_known_day(periods, kept), proven[kept])
        tell_inferred_day(today, ledger, bool((periods.end[kept & ~periods.open] > today).any()))
        return today
    first = int(periods.start[kept].min())
    if days_since_epoch(as_of) < first:
        raise Problem(
            f"The day {as_of.isoformat()} lies before every start in the file; the first is {_iso(first)}. "
            "Choose a later day."
        )
    return days_since_epoch(as_of)


def tell_inferred_day(today: int, ledger: Ledger, ahead: bool = False) -> None:
    """Who is still here hangs on the day of the export: where nobody states one, that is told."""
    ledger.note(
        "inferred_day",
        f"No day of the export is stated: the file is taken to know everything up to {_iso(today)}, its "
        f"latest event{' before the ends that lie ahead' if ahead else ''}. Set a later day if it was exported "
        "later.",
    )


def _tell_lonely_start(start: np.ndarray, kept: np.ndarray, ledger: Ledger) -> None:
    """One mistyped year would make everybody else look as if they had stayed until then."""
    known = np.unique(start[kept])
    if len(known) < 2 or known[-1] - known[-2] <= LONELY_DAYS:
        return
    at = kept & (start == known[-1])
    ledger.find(
        "lonely_start",
        at,
        f"row starts on {_iso(known[-1])}, long after every other, and sets the last known day",
        f"rows start on {_iso(known[-1])}, long after every other, and set the last known day",
        "If that is a typing error, correct it or set the day by hand.",
    )


def tell_ends(periods: Periods, today: int, mapped: bool, ledger: Ledger) -> None:
    """Without a column of ends nobody can be seen leaving; ends booked ahead are not events yet."""
    if not mapped:
        ledger.note("no_end", NO_END)
    ahead = ~periods.open & (periods.end > today) & (periods.start <= today) & ledger.kept
    ledger.find("ends_ahead", ahead, *ENDS_AHEAD)


def latest_known_day(periods: Periods, kept: np.ndarray) -> int:
    """The newest start, or the latest end not later than one billing interval after it.

    Ends beyond that are booked ahead. The shortest interval of the file is taken: a year would let one
    customer who has given notice for next autumn stretch everybody's time.
    """
    newest = int(periods.start[kept].max())
    limit = add_months_to_day(newest, int(periods.term[kept].min()))
    ends = periods.end[kept & ~periods.open]
    known = ends[ends <= limit]
    return max(newest, int(known.max())) if len(known) else newest


def _proven_day(today: int, proven: np.ndarray) -> int:
    """The latest day that rows which have ended prove; one that lies a year after all others is a mistyped one."""
    later = np.unique(proven[proven > today])
    alone = np.diff(np.append(today, later)) > LONELY_DAYS
    known = later[: int(alone.argmax())] if alone.any() else later
    return int(known[-1]) if len(known) else today


def add_months_to_day(day: int, months: int) -> int:
    start = np.datetime64(day, "D")
    month = start.astype("datetime64[M]")
    target = month + months
    last = (target + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    moved = target.astype("datetime64[D]") + (start - month.astype("datetime64[D]"))
    return int(min(moved, last).astype(np.int64))


def ask_live_at_end(
    periods: Periods,
    today: int,
    answers: Mapping[str, str],
    ledger: Ledger,
    monthly: Callable[[np.ndarray], str],
) -> Periods:
    """If no row is open and the latest end repeats, those may be live on the day of export.

    `monthly` tells the revenue of some rows in words: what the answer moves.
    """
    kept = ledger.kept
    if (periods.open & kept).any() or (periods.end[kept] > today).any():
        return periods
    latest = int(periods.end[kept].max())
    last = kept & (periods.end == latest)
    if last.sum() < 2:
        return periods
    given = answers.get("live_at_end")
    if given is not None and given not in ("live", "left"):
        raise Problem('The answer to "live_at_end" must be "live" or "left".')
    guess = "live" if today <= add_months_to_day(latest, 1) else "left"
    chosen = given or guess
    told = "still subscribed" if chosen == "live" else "gone"
    sentence = (
        f"No row is open, and {int(last.sum()):,} rows end on the last day, {_iso(latest)}: "
        f"they are read as {told}. If that day is only the end of the export, they are live{monthly(last)}."
    )
    title = "Are those that end on the last day still subscribed?"
    ledger.questions.append(
        Question("live_at_end", title, chosen, ("live", "left"), sentence, given is not None)
    )
    if chosen == "left":
        return periods
    return Periods(periods.start, periods.end, periods.open | last, periods.term)
