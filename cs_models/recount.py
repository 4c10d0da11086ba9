"""The same rows under other definitions: who has left, when, and what they pay, without reading the file again.

Importers keep what a definition may ask for beside the row, in columns of our own: `asked_on` (day of the
cancel request), `standing` ("paused" or "past due") with `standing_on`, `discount` (minor units a month) and
`subscription`. What a definition changes is kept as it was read under `read_<column>`, so that every choice
can be taken back.
"""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.definitions import Definitions
from cs_models.grain import ask_grain, by_subscription, customer_codes
from cs_models.importers import durations
from cs_models.importers.durations import FOREVER, days_of
from cs_models.importers.period_dates import days_since_epoch
from cs_models.last_day import ask_last_day
from cs_models.late_ends import ask_late_ends, paid_until
from cs_models.problems import Problem

KEPT = "read_"
# the definitions that change rows; the engine counts by the others
OWN = {"recognised", "paused", "past_due", "discounts", "grain", "last_day", "late_ends"}
CHANGED = ("customer", "ended_on", "duration", "churned", "end_reason", "mrr", "price")


def redefined(subs, **choices: str):
    """The same rows under other definitions, without reading the file again.

    ``redefined(subs, gap_days="60")``; other answers stay as they were. The digest names the choices, so that
    nothing that was cached for the old ones is taken for the new. Problem for a choice that does not exist.
    """
    wrong = set(choices) - {one.name for one in Definitions.switches()}
    if wrong:
        raise Problem(f"There is no definition {sorted(wrong)[0]!r}.")
    answers = {**subs.answers, **choices}
    Definitions.of(answers)
    if answers == dict(subs.answers):
        return subs
    key = json.dumps([subs.digest, sorted(choices.items())])
    return recounted(replace(subs, answers=answers, digest=hashlib.sha256(key.encode()).hexdigest()))


def settled(subs):
    """Subscriptions just read, counted by the definitions among their answers; asks about the grain where
    customers hold several subscriptions at once, about a last day not seen and about ends after renewals.
    """
    return recounted(ask_late_ends(ask_last_day(ask_grain(subs)))) if subs.has_dates else subs


def recounted(subs):
    """The data set with its rows by the definitions among its answers, whichever they were counted by."""
    if not subs.has_dates:
        return subs
    chosen = Definitions.of(subs)
    rows = _as_read(subs.rows)
    if not OWN & set(chosen.changed):
        return subs if rows is subs.rows else replace(subs, rows=rows)
    if chosen.grain == "subscription":
        rows = _with(rows, {"customer": by_subscription(rows)})
    if chosen.discounts == "left in" and "discount" in rows.column_names:
        rows = _before_discounts(rows)
    today = days_since_epoch(subs.as_of)
    end, failed = _ends(rows, chosen)
    if chosen.late_ends != "0":
        end = paid_until(rows, end, today, int(chosen.late_ends))
    over = end <= today
    if chosen.recognised == "after grace":
        over = over & ~_in_grace(rows, end, over, today - int(chosen.grace_days))
    rows = _with_ends(rows, end, over, failed, days_since_epoch(subs.watched_to), chosen.last_day == "not seen")
    return replace(subs, rows=rows)


def _as_read(rows: pa.Table) -> pa.Table:
    for name in CHANGED:
        if KEPT + name in rows.column_names:
            rows = rows.set_column(rows.column_names.index(name), name, rows[KEPT + name])
            rows = rows.drop_columns([KEPT + name])
    return rows


def _with(rows: pa.Table, columns: dict) -> pa.Table:
    """Other values in some columns, those that were read kept beside them."""
    for name, values in columns.items():
        rows = rows.append_column(KEPT + name, rows[name])
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return rows


def _before_discounts(rows: pa.Table) -> pa.Table:
    off = pc.fill_null(rows["discount"], 0)
    term = rows["term"].cast(pa.int64())
    more = {"mrr": pc.add(rows["mrr"], off), "price": pc.add(rows["price"], pc.multiply(off, term))}
    return _with(rows, more)


def _ends(rows: pa.Table, chosen: Definitions) -> tuple[np.ndarray, np.ndarray]:
    """End per row in days since 1970 (FOREVER = none), and whom a failed payment takes away."""
    end = days_of(rows["ended_on"])
    failed = np.zeros(len(rows), bool)
    if chosen.recognised == "cancel click" and "asked_on" in rows.column_names:
        asked = days_of(rows["asked_on"])
        end = np.where(asked < FOREVER, np.maximum(asked, days_of(rows["started_on"], 0)), end)
    if "standing" in rows.column_names:
        since = np.maximum(days_of(rows["standing_on"]), days_of(rows["started_on"], 0))
        for word, choice in (("paused", chosen.paused), ("past due", chosen.past_due)):
            at = pc.fill_null(pc.equal(rows["standing"].cast(pa.string()), word), False).to_numpy()
            if choice == "left":
                failed |= at & (since < end) & (word == "past due")
                end = np.where(at, np.minimum(end, since), end)
    return end, failed


def _in_grace(rows: pa.Table, end: np.ndarray, over: np.ndarray, last: int) -> np.ndarray:
    """Rows whose end is too young, of customers who have nothing that runs or ends later."""
    codes = customer_codes(rows)
    latest = np.full(int(codes.max(initial=-1)) + 1, -FOREVER, np.int64)
    np.maximum.at(latest, codes, np.where(over, end, FOREVER))
    return over & (end > last) & (end == latest[codes])


def _with_ends(rows: pa.Table, end, over, failed, seen_to: int, shorter: bool = False) -> pa.Table:
    """Months, who has left and why, for the rows whose end or state is another than was read; `shorter`: those still
    here have been watched for less than was read."""
    was = rows["churned"].to_numpy()
    other = (over != was) | (end != days_of(rows["ended_on"])) | (shorter & ~over)
    if not other.any():
        return rows
    start, term = days_of(rows["started_on"], 0), rows["term"].to_numpy().astype(np.int64)
    begun = durations.round_up_to_terms(durations.months_begun(start, np.where(over, end, start)), term)
    months = np.where(over, begun, durations.whole_months(start, np.int64(seen_to + 1)))
    months = np.where(other, months, rows["duration"].to_numpy())
    reason = rows["end_reason"].cast(pa.string())
    reason = pc.if_else(pa.array(failed & over), pa.scalar("involuntary"), reason)
    reason = pc.if_else(pa.array(over), reason, pa.scalar(None, pa.string()))
    return _with(rows, {
        "ended_on": pa.array(end.clip(max=FOREVER).astype(np.int32), mask=end == FOREVER).cast(pa.date32()),
        "duration": pa.array(months.astype(np.int32)),
        "churned": pa.array(over),
        "end_reason": reason.combine_chunks().dictionary_encode(),
    })  # fmt: skip
