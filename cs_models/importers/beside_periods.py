"""Columns of a list of periods that a definition may ask for: recognised by name, told, and kept beside the rows.

They take no role of their own, so that they never decide what shape a file has.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from cs_models.import_report import Question
from cs_models.importers import amounts, beside, dates
from cs_models.importers.amounts import per_month
from cs_models.importers.beside import PAST_DUE, PAUSED
from cs_models.importers.columns import BLANK, Column, matches, shorten
from cs_models.importers.ledger import Ledger
from cs_models.importers.period_dates import Periods
from cs_models.problems import Problem
from cs_models.subscriptions import minor_digits, normalised

ASKED = """cancel requested at|cancel requested on|cancellation requested at|cancellation requested on|cancel request|
cancel click|canceled at|cancelled at|canceled on|cancelled on|cancel date|cancellation date|notice given on|
opted out at|opted out on|unsubscribed at"""
HEADERS = {
    "asked": ASKED,
    "status": "status|state|subscription status|subscription state",
    "paused": "paused at|paused on|pause date|pause start",
    "discount": "discount|discounts|discount amount|coupon amount|amount off|recurring discount",
    "subscription": "subscription id|subscription|subscription uuid|sub id|contract id",
}
# words of somebody who is gone; "cancelled" may still be served to the end of what was paid
GONE = r"^\W*(ended|expired|churned|inactive|terminated|lapsed|closed|finished|deactivated)\W*$"
CANCELLED = r"^\W*(cancell?ed)\W*$"
DAY_OF_LEAVING = r"(?i)cancel|churn|terminat"
LONGEST_MONTH = 31
BEFORE, AFTER = "before discounts", "after discounts"


def found(others: list[Column]) -> dict[str, Column]:
    """The columns by what they are, of those that nothing else was read from."""
    known: dict[str, Column] = {}
    for name, headers in HEADERS.items():
        for header in map(normalised, headers.replace("\n", "").split("|")):
            column = next((one for one in others if normalised(one.header) == header), None)
            if column is not None and name not in known:
                known[name] = column
    return known


def proven_days(others: list[Column], roles: Mapping[str, Column], periods: Periods) -> np.ndarray:
    """Per row the earliest day of an export whose status column says that the row has ended; 0 where it proves none.

    Who has "expired" has done so by then, and so has who "cancelled" on a day called that of cancelling. With a day
    called the end, who "cancelled" is served for one more payment at most: the export is no older than its beginning.
    """
    status = found(others).get("status")
    nothing = np.zeros(len(periods.start), np.int64)
    if status is None or "end" not in roles:
        return nothing
    gone, cancelled = (status.spread(matches(status.values, words)) for words in (GONE, CANCELLED))
    if matches(pa.array([roles["end"].header]), DAY_OF_LEAVING).any():
        gone, cancelled = gone | cancelled, cancelled & False
    days = np.where(cancelled, periods.end - LONGEST_MONTH * periods.term, periods.end)
    return np.where((gone | cancelled) & ~periods.open, days, nothing)


def columns(others, roles, periods: Periods, today: int, answers, ledger: Ledger) -> dict[str, pa.Array]:
    """What is kept beside each row of the file (without discounts, which change the money)."""
    known, place = found(others), np.arange(len(periods.start))
    kept: dict[str, pa.Array] = {}
    if "asked" in known and "end" in roles:
        day, good = _days(known["asked"], roles, answers)
        kept |= beside.asked_on(good, np.maximum(day, periods.start), periods.end, ~periods.open, place)
    since = np.maximum(np.full(len(place), today, np.int64), periods.start)
    pause = since
    if "paused" in known:
        day, good = _days(known["paused"], roles, answers)
        pause = np.where(good, np.maximum(day, periods.start), since)
    live = periods.open | (periods.end > today)
    kept |= beside.standing(known.get("status"), live, {PAUSED: pause, PAST_DUE: since}, place)
    if "subscription" in known and roles["customer"] is not known["subscription"]:
        kept["subscription"] = known["subscription"].text(BLANK)
    for name, what in (("asked_on", "asked"), ("standing", "status")):
        if name in kept:
            header = shorten(known[what].header)
            ledger.note(name, f'Column "{header}" can be asked for under What counts as leaving.')
    return kept


def _days(column: Column, roles: Mapping[str, Column], answers) -> tuple[np.ndarray, np.ndarray]:
    """Days in the order of the other dates of the file."""
    parts = [dates.take_apart(one) for one in (roles["start"], roles["end"], column) if one] if "end" in roles else [
        dates.take_apart(one) for one in (roles["start"], column)]  # fmt: skip
    pair = (parts[0], parts[1] if "end" in roles else None)
    order, _ = dates.date_order(parts, answers, pair)
    read = dates.read_dates(parts[-1], order)
    return read.day, read.good


def discounts(others, roles, money, currency: str, live: np.ndarray, answers, ledger: Ledger):
    """MRR and price after discounts, and what these take off a month; None without such a column.

    Whether the prices of the file are those before or after is a Question: MRR is taken to be after, a price
    before.
    """
    mrr, price, term = money
    column = found(others).get("discount")
    if column is None or mrr is None:
        return mrr, price, None
    role = "mrr" if "mrr" in roles else "price"
    off = _amount(column, roles[role], mrr if role == "mrr" else price, currency, answers)
    if off is None or not (off > 0)[ledger.kept].any():
        return mrr, price, None
    off = np.minimum(off if role == "mrr" else per_month(off, term), mrr)
    given = answers.get("discount_in")
    if given not in (None, BEFORE, AFTER):
        raise Problem(f'The answer to "discount_in" must be "{BEFORE}" or "{AFTER}".')
    chosen = given or (AFTER if role == "mrr" else BEFORE)
    unit, here = 10.0 ** minor_digits(currency), live & ledger.kept
    stated = mrr[here].sum() / unit
    less = (mrr - off)[here].sum() / unit
    ledger.questions.append(Question(
        "discount_in", "Are prices before or after discounts?", chosen, (BEFORE, AFTER),
        f'Column "{shorten(column.header)}" holds discounts. Read as prices before them, active customers pay '
        f"{less:,.2f} {currency} a month; as prices after them, {stated:,.2f}. They are read as prices {chosen}.",
        given is not None,
    ))  # fmt: skip
    return (mrr, price, off) if chosen == AFTER else (mrr - off, price - off * term, off)


def _amount(column: Column, money: Column, minor: np.ndarray, currency: str, answers) -> np.ndarray | None:
    """The discount in minor units, in the unit the prices were read in; None when it is no money (a share)."""
    digits = minor_digits(currency)
    read = amounts.read_amounts(column, digits, answers)
    if np.isin(read.state, (amounts.TEXT, amounts.NEGATIVE)).any():
        return None
    whole = amounts.read_amounts(money, digits, answers).per_row
    some = (whole > 0) & (minor > 0)
    cents = bool(some.any()) and bool((minor[some] * 100 == whole[some]).mean() > 0.5)
    return read.per_row // 100 if cents else read.per_row
