"""The same subscriptions as an export made on an earlier day would have shown them."""

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.definitions import Definitions
from cs_models.import_report import Finding
from cs_models.importers.durations import whole_months
from cs_models.problems import Problem
from cs_models.recount import KEPT, recounted
from cs_models.subscriptions import COUNTED, Subscriptions


def at(subs: Subscriptions, day: date) -> Subscriptions:
    """Who was a customer on `day`, by what was known at the end of that day.

    Rows that start later are dropped; rows that end later are open again, without end and reason, and count
    whole months from their start to the day after `day`. Rows that had ended stay as they
    are. A row that ends on `day` as its last day served is still open where the same customer goes on the
    next morning.

    To a CFO: the book of that evening, to ask what one would have forecast then. What an export cannot tell
    stays unknown: a price or a segment that was overwritten since is shown as it is today.

    `as_of` is `day`; the report of the import stays, with a finding that says what this is; the digest is
    derived from both. ``at(subs, subs.as_of)`` is `subs` itself.

    Raises `Problem` for a file without dates and for a day beyond as_of or before the first start.
    Example: the sample data have 2,951 active customers on 31 October 2026 and 2,185 a year earlier.
    """
    _check(subs, day)
    if day == subs.as_of:
        return subs
    # Definitions that change rows look from the day of the export: they are taken back and applied again. Who
    # counts as a customer stays, or the same person would have two names on two days.
    read = recounted(replace(subs, answers={"grain": Definitions.of(subs).grain}))
    seen_to = replace(subs, as_of=day).watched_to
    rows = _rows(read.rows, day, seen_to)
    if not rows.num_rows:
        raise Problem(f"Nobody was a customer yet on {day.isoformat()}. Choose a later day.")
    rows = rows.drop_columns([name for name in (f"{KEPT}customer",) if name in rows.column_names])
    then = replace(
        subs,
        answers={**subs.answers, "grain": "customer"},
        rows=rows,
        aside=None if subs.aside is None else _rows(subs.aside, day, seen_to),
        as_of=day,
        report=replace(subs.report, findings=(*subs.report.findings, _note(subs, day))),
        digest=hashlib.sha256(json.dumps([subs.digest, day.isoformat()]).encode()).hexdigest(),
    )
    return replace(recounted(then), answers=subs.answers)


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier; the last day of a month stays a last day.

    >>> months_before(date(2026, 10, 31), 8), months_before(date(2026, 2, 28), 2)
    (datetime.date(2026, 2, 28), datetime.date(2025, 12, 31))
    """
    first = day.replace(day=1)
    is_last = (day + timedelta(days=1)).day == 1
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    last = date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return last if is_last else last.replace(day=min(day.day, last.day))


def _check(subs: Subscriptions, day: date) -> None:
    if subs.kind == COUNTED:
        subs.need_rows()
    if not subs.has_dates:
        raise Problem(
            "This file has no dates, so nobody can say who was a customer on an earlier day. "
            "Bring an export with starts and ends."
        )
    if day > subs.as_of:
        raise Problem(
            f"The data reach to {subs.as_of.isoformat()}; what came after is not in them. "
            "Choose an earlier day."
        )


def _rows(rows: pa.Table, day: date, seen_to: date) -> pa.Table:
    """The rows begun by `day`, each as it stood then; months are counted as far as a departure would have shown."""
    today = pa.scalar(day, pa.date32())
    starts, ends = rows["started_on"].cast(pa.date32()), rows["ended_on"].cast(pa.date32())
    morning = pc.equal(starts, pa.scalar(day + timedelta(days=1), pa.date32()))
    names = rows["customer"].cast(pa.string())
    goes_on = pc.is_in(names, names.filter(morning).unique())
    left = pc.and_(pc.less_equal(ends, today), rows["churned"])
    left = pc.fill_null(pc.and_(left, pc.invert(pc.and_(pc.equal(ends, today), goes_on))), False)
    begun = pc.less_equal(starts, today)
    return _known_by(_as_open(rows.filter(begun), left.filter(begun), seen_to), day)


def _known_by(rows: pa.Table, day: date) -> pa.Table:
    """Without cancel requests, pauses and payments past due of a later day."""
    for own, dated in (("asked_on", ("asked_on",)), ("standing_on", ("standing", "standing_on"))):
        if own in rows.column_names:
            known = pc.fill_null(pc.less_equal(rows[own].cast(pa.date32()), pa.scalar(day, pa.date32())), False)
            for name in dated:
                values = _blank(rows[name], known.to_numpy())
                rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), values)
    return rows


def _as_open(rows: pa.Table, left: pa.ChunkedArray, day: date) -> pa.Table:
    """Rows that had not left lose end and reason, and are censored at whole months."""
    starts = rows["started_on"].cast(pa.date32()).cast(pa.int32()).to_numpy()
    tomorrow = np.datetime64(day, "D").astype(np.int64) + 1
    served = whole_months(starts.astype(np.int64), np.int64(tomorrow))
    gone = left.to_numpy()
    new = {
        "churned": left.combine_chunks() if isinstance(left, pa.ChunkedArray) else left,
        "duration": pa.array(np.where(gone, rows["duration"].to_numpy(), served).astype(np.int32)),
        "ended_on": pc.if_else(left, rows["ended_on"], pa.scalar(None, rows["ended_on"].type)),
    }
    if "end_reason" in rows.column_names:
        new["end_reason"] = _blank(rows["end_reason"], gone)
    for name, values in new.items():
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), values)
    return rows


def _blank(column: pa.ChunkedArray, keep: np.ndarray) -> pa.Array:
    """The values where `keep`, null elsewhere, in the same type."""
    coded = pa.types.is_dictionary(column.type)
    values = column.cast(pa.string()) if coded else column
    plain = pc.if_else(pa.array(keep), values.combine_chunks(), pa.scalar(None, values.type))
    return plain.dictionary_encode().cast(column.type) if coded else plain


def _note(subs: Subscriptions, day: date) -> Finding:
    sentence = (
        f"Shown as it stood on {day.isoformat()}: later starts are left out and later ends are open. "
        f"The report is that of the whole file, which reaches to {subs.as_of.isoformat()}."
    )
    return Finding("as_they_were", sentence, 0)
