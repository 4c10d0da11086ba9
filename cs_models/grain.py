"""Customer or subscription: who holds several subscriptions at once is one customer, or several of them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models import words
from cs_models.definitions import Definitions
from cs_models.import_report import Question
from cs_models.column_codes import in_one_piece
from cs_models.subscriptions import minor_digits

# a row that begins so many days before the one before ends takes over from it; a longer overlap is parallel
HANDOVER_DAYS = 45
FOREVER = 2**31 - 1
CHOICES = ("customer", "subscription")


def ask_grain(subs):
    """The data set with the Question whether customers or subscriptions are counted, where it matters.

    It matters when subscriptions of one customer overlap by more than 45 days, or both run today. The guess
    is the customer. The sentence says what the choice does to active customers and their monthly revenue.
    """
    codes = customer_codes(subs.rows)
    several = np.unique(codes[_parallel(subs.rows)])
    if not len(several):
        return subs
    chosen = Definitions.of(subs).grain
    # the others are as many either way
    live = subs.rows.filter(pa.array(np.isin(codes, several))).filter(pc.invert(pc.field("churned")))
    here = len(np.unique(customer_codes(live)))
    apart = subs.active - here + len(by_subscription(live).unique()) if len(live) else subs.active
    counts = [_told(subs, count) for count in (subs.active, apart)]
    who = "1 customer holds" if len(several) == 1 else f"{words.count(len(several))} customers hold"
    sentence = (
        f"{who} several subscriptions at once. By customer there are {counts[0]}; by subscription, {counts[1]}. "
        f"They are counted by {chosen}."
    )
    asked = Question("grain", "Count customers or subscriptions?", chosen, CHOICES, sentence,
                     "grain" in subs.answers)  # fmt: skip
    return replace(subs, report=replace(subs.report, questions=(*subs.report.questions, asked)))


def _told(subs, count: int) -> str:
    """Example: "2 active with 30.00 USD a month each"."""
    if not subs.has_price or not count:
        return f"{words.count(count)} active"
    digits = minor_digits(subs.currency)
    return f"{words.count(count)} active with {words.decimal(subs.active_mrr / count, digits)} {subs.currency} a month each"


def by_subscription(rows: pa.Table) -> pa.DictionaryArray:
    """Who a row is about when each subscription counts by itself.

    Where the file names subscriptions, by that name. Elsewhere a customer's rows are parted only as far as
    they run beside each other: a row goes on with the one that ended last before it (of the same plan, if
    there is one), so that renewals and returns stay with the subscription they belong to.
    """
    names = rows["customer"].cast(pa.string()).combine_chunks()
    if "subscription" in rows.column_names:
        ids = rows["subscription"].cast(pa.string()).combine_chunks()
        named = pc.binary_join_element_wise(names, ids, " / ")
        return pc.if_else(pc.fill_null(pc.not_equal(ids, ""), False), named, names).dictionary_encode()
    line = _lines(rows)
    beside = pa.array(line > 0)
    numbered = pc.binary_join_element_wise(names, pa.array((line + 1).astype(str)), " / ")
    return pc.if_else(beside, numbered, names).dictionary_encode()


def customer_codes(rows: pa.Table) -> np.ndarray:
    """A number per customer and row; the dictionaries of all importers hold every id once."""
    return in_one_piece(rows["customer"]).indices.to_numpy(zero_copy_only=False)


def _days(rows: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    start, end = (
        pc.fill_null(rows[name].cast(pa.date32()).cast(pa.int32()), FOREVER).to_numpy().astype(np.int64)
        for name in ("started_on", "ended_on")
    )
    return start, np.where(rows["churned"].to_numpy(), end, FOREVER)


def _ordered(rows: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Places of the rows of customers with several, by customer and time, with codes, starts and ends."""
    codes, (start, end) = customer_codes(rows), _days(rows)
    place = np.flatnonzero(np.bincount(codes)[codes] > 1) if len(codes) else codes
    ties = [pc.fill_null(rows[name].cast(pa.int64()), 0).to_numpy()[place] for name in ("mrr", "term")]
    place = place[np.lexsort((*ties, end[place], start[place], codes[place]))]
    return place, codes[place], start[place], end[place]


def _parallel(rows: pa.Table) -> np.ndarray:
    """Rows that begin while another of the same customer has long to run."""
    place, codes, start, end = _ordered(rows)
    span = np.int64(2) ** 33
    reached = np.maximum.accumulate(codes * span + end) if len(codes) else codes
    before = np.append(-span, reached[:-1])[: len(codes)] - codes * span
    return place[before > start + HANDOVER_DAYS]


def _lines(rows: pa.Table) -> np.ndarray:
    """The number of the subscription per row, 0 for all rows of customers with one at a time."""
    found = np.zeros(len(rows), np.int64)
    place, codes, start, end = _ordered(rows)
    several = np.isin(codes, np.unique(customer_codes(rows)[_parallel(rows)]))
    place, codes, start, end = (part[several] for part in (place, codes, start, end))
    plans = rows["plan"].cast(pa.string()).take(pa.array(place)).to_pylist()
    bounds = np.append(np.flatnonzero(np.append(True, np.diff(codes) != 0)), len(codes)) if len(codes) else []
    for at, stop in zip(bounds[:-1], bounds[1:], strict=True):
        own = slice(int(at), int(stop))
        found[place[own]] = _of_one(start[own].tolist(), end[own].tolist(), plans[own])
    return found


def _of_one(starts: list[int], ends: list[int], plans: list) -> list[int]:
    newest: list[int] = []
    own = []
    for at, start in enumerate(starts):
        free = [line for line, last in enumerate(newest) if ends[last] <= start + HANDOVER_DAYS]
        best = [(plans[newest[line]] == plans[at], ends[newest[line]], -line) for line in free]
        line = -max(best)[2] if best else len(newest)
        newest[line : line + 1] = [at]
        own.append(line)
    return own
