"""What is kept beside a row because a definition may ask for it: the click on cancel, a pause, a payment past
due, a discount, the subscription's own id.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from cs_models.importers.columns import BLANK, Column
from cs_models.importers.dates import Dates
from cs_models.importers.vendor_rows import LIVE, TRIAL, WAITING

PAUSED, PAST_DUE = "paused", "past due"
# words that are live by default; what they are called in billing systems
STANDING = {
    "paused": PAUSED, "suspended": PAUSED, "on_pause": PAUSED,
    "past_due": PAST_DUE, "pastdue": PAST_DUE, "on_hold": PAST_DUE, "overdue": PAST_DUE, "dunning": PAST_DUE,
}  # fmt: skip


def columns(layout, roles: Mapping[str, Column], read: Mapping[str, Dates], states, found, place) -> dict:
    """The columns of a vendor's export that a definition may ask for, without those that tell nothing.

    `found`: first paid day, end of service, discount a month (None = no column) and the last known day.
    """
    start, end, off, today = found
    kept: dict[str, pa.Array] = {}
    if "cancelled" in read:
        click = read["cancelled"]
        asked = click.good & ~np.isin(states, (TRIAL, WAITING))
        kept |= asked_on(asked, np.maximum(click.day, start), end.day, end.good, place)
    kept |= standing(roles.get("status"), states == LIVE, _since(read, start, today), place)
    if off is not None and (off[place] > 0).any():
        kept["discount"] = pa.array(off[place].astype(np.int64))
    if "subscription" in roles and not layout.renewals and roles["subscription"] is not roles["customer"]:
        kept["subscription"] = roles["subscription"].text(BLANK).take(pa.array(place))
    return kept


def asked_on(asked, day, end, ended, place) -> dict[str, pa.Array]:
    """The day of the click, where it differs from the end for anybody."""
    if not (asked & (~ended | (day < end)))[place].any():
        return {}
    return {"asked_on": pa.array(day[place].astype(np.int32), mask=~asked[place]).cast(pa.date32())}


def standing(status: Column | None, live, since: Mapping[str, np.ndarray], place) -> dict[str, pa.Array]:
    """Who is paused or past due though live, and the day on which leaving would have been."""
    if status is None:
        return {}
    texts = status.values.to_pylist()
    per_value = [STANDING.get("_".join(text.lower().removeprefix("wc-").replace("-", " ").replace("_", " ").split()))
                 for text in texts]  # fmt: skip
    if not any(per_value):
        return {}
    words = status.spread(np.array([word or "" for word in per_value], object))
    words = np.where(live, words, "")[place]
    if not (words != "").any():
        return {}
    day = np.where(words == PAUSED, since[PAUSED][place], since[PAST_DUE][place])
    nobody = words == ""
    return {
        "standing": pa.array(np.where(nobody, None, words).tolist(), pa.string()).dictionary_encode(),
        "standing_on": pa.array(day.astype(np.int32), mask=nobody).cast(pa.date32()),
    }


def _since(read: Mapping[str, Dates], start, today: int) -> dict[str, np.ndarray]:
    """First day without service that is paid: as stated, else of the current period, else the last known day."""
    day = np.full(len(start), today, np.int64)
    for name, latest in (("period_end", today), ("period_start", today)):
        if name in read:
            day = np.where(read[name].good & (read[name].day <= latest), read[name].day, day)
    due = np.maximum(day, start)
    if "paused_on" in read:
        day = np.where(read["paused_on"].good, read["paused_on"].day, day)
    return {PAUSED: np.maximum(day, start), PAST_DUE: due}
