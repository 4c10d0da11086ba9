"""Which rows of a vendor's export are subscriptions, and in what state: test data, other charges, deleted
records and older versions are left out, each with its reason.
"""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers.columns import Column, is_in, matches, shorten
from cs_models.importers.dates import OPEN_WORDS
from cs_models.importers.ledger import Ledger
from cs_models.importers.words import read_yes_no

# LIVE pays. ENDING is live, the current period being its last. ENDED has left. UNPAID stopped with the last
# period paid. TRIAL and WAITING have never paid so far. UNKNOWN: only the dates can tell.
UNKNOWN, LIVE, ENDING, ENDED, UNPAID, TRIAL, WAITING = range(7)
VERSIONS = ("current", "version", "updated", "synced")
ITEMS = ("plan", "price", "mrr")
PRIVATE = re.compile(
    r"(^|_)(first|last|full|nick|display|customer|user|account|contact)_?name$|^name$|mail$|phone|company$"
    r"|address(_\d)?$|street|post_?code|zip$|notes?$|comments?$|meta$|card|username|(^|_)ip$|description"
)
MOMENT = re.compile(
    r"(_at|_on|date|\(utc\)|synced|_gmt|price|amount|total)$|^arr$|price_in|renewal_number|^metadata$"
)


def read_states(meaning: Mapping[str, int], roles: Mapping[str, Column], ledger: Ledger) -> np.ndarray:
    """The state of each row; a word the vendor is not known to use is told, and the dates decide."""
    state = np.full(len(ledger.rows), UNKNOWN, np.int8)
    column = roles.get("status")
    if column is not None:
        cells = [cell.lower().removeprefix("wc-") for cell in column.values.to_pylist()]
        words = [re.sub(r"[\s_-]+", "_", cell) for cell in cells]
        per_value = np.array([meaning.get(word, UNKNOWN) for word in words], np.int8)
        state = column.spread(per_value)
        strange = column.spread((per_value == UNKNOWN) & ~column.blank) & ledger.kept
        header = shorten(column.header)
        ledger.find(
            "status_unknown", strange,
            f'word in column "{header}" is not known: its dates decide whether it runs',
            f'words in column "{header}" are not known: their dates decide whether they run', column=column,
        )  # fmt: skip
    if "in_trial" in roles:
        trial = roles["in_trial"]
        state = np.where(trial.spread(read_yes_no(trial)) == 1, TRIAL, state)
    return state


def leave_out(layout, roles: Mapping[str, Column], states: np.ndarray, ledger: Ledger) -> None:
    """Test data, charges that do not recur, deleted records and older versions."""
    for role, is_test in (("live_mode", 0), ("test_mode", 1)):
        if (mode := roles.get(role)) is None:
            continue
        _drop(ledger, mode.spread(read_yes_no(mode) == is_test), mode, "test_mode",
              "test data, not a real subscription", "row is test data and left out",
              "rows are test data and left out")  # fmt: skip
    if layout.recurring and (kind := roles.get("kind")) is not None:
        other = kind.spread(~is_in(kind.values, set(layout.recurring)))
        _drop(ledger, other, kind, "not_recurring",
              "not a recurring charge of this customer: no subscription revenue",
              "row is no recurring charge of its customer and is left out",
              "rows are no recurring charges of their customers and are left out")  # fmt: skip
    if (deleted := roles.get("deleted")) is not None:
        gone = deleted.spread(read_yes_no(deleted) == 1)
        if layout.keep_deleted:
            # the record of a subscription that ended is history, not a mistake
            gone &= states != ENDED
        _drop(ledger, gone, deleted, "deleted", "deleted at the source",
              "row was deleted at the source and is left out",
              "rows were deleted at the source and are left out")  # fmt: skip
    _leave_out_older_versions(layout.key, roles, ledger)


def _drop(ledger: Ledger, at: np.ndarray, column: Column, id: str, reason: str, one: str, many: str) -> None:
    at = at & ledger.kept
    ledger.reject(at, column, reason)
    ledger.find(id, at, one, many)


def _leave_out_older_versions(key: tuple[str, ...], roles: Mapping[str, Column], ledger: Ledger) -> None:
    """Of several rows about one subscription only the newest version counts, with all of its items."""
    used = [roles[name] for name in key if name in roles]
    if not used or not any(name in roles for name in VERSIONS):
        return
    frame = pd.DataFrame({f"k{at}": column.codes for at, column in enumerate(used)})
    keys = list(frame.columns)
    frame = frame[ledger.kept & ~used[0].spread(used[0].blank)]
    if not frame.duplicated(keys, keep=False).any():
        return
    versions = [name for name in VERSIONS if name in roles]
    for name in (order := list(dict.fromkeys([*versions, "ended", "status", *sorted(roles)]))):
        if name in roles:
            frame[name] = roles[name].spread(_rank(roles[name]))[frame.index]
    order = [name for name in order if name in frame]
    frame = frame.sort_values(versions, kind="stable")
    latest = frame.groupby(keys, sort=False)[versions].transform("last")
    newest = frame[(frame[versions] == latest).all(axis=1)].copy()
    # equally new rows of another plan or price are items of one subscription, not versions of it
    items = keys + [name for name in ITEMS if name in frame]
    twins = newest[newest.duplicated(items, keep=False)].index
    newest["text"] = ""
    newest.loc[twins, "text"] = _whole_rows(ledger, twins.to_numpy())
    newest = newest.sort_values([*order, "text"]).drop_duplicates(items, keep="last").index
    older = np.zeros(len(ledger.rows), bool)
    older[frame.index.difference(newest)] = True
    names = used[0].values.take(pa.array(used[0].codes[older])).to_pylist()
    ledger.reject(older, used[0], [f"older version of {shorten(name)}" for name in names])
    ledger.find("older_versions", older, "row is an older version of a subscription: only the newest counts",
                "rows are older versions of a subscription: only the newest counts")  # fmt: skip


def _whole_rows(ledger: Ledger, places: np.ndarray) -> np.ndarray:
    """The cells of these rows in one text each: an order that does not hang on the order of the file."""
    cells = ledger.table.cells.take(pa.array(places)).to_pydict().values()
    return np.array(["\0".join(map(str, row)) for row in zip(*cells, strict=True)], object)


def _rank(column: Column) -> np.ndarray:
    """Order of the distinct cells: yes after no, numbers by size, days and times as text."""
    answer = read_yes_no(column)
    if (answer >= 0).all():
        return answer
    if matches(column.values, r"^\d{1,15}(\.\d{1,3})?$").all():
        return pc.cast(column.values, pa.float64()).to_numpy(zero_copy_only=False)
    return pc.rank(column.values, tiebreaker="dense").to_numpy(zero_copy_only=False).astype(np.float64)


def told_by_days(
    reasons: pa.DictionaryArray, roles: Mapping[str, Column], states: np.ndarray
) -> pa.DictionaryArray:
    """Reasons without a column of reasons: a failed payment, an opt-out, a subscription gone unpaid."""
    text = reasons.cast(pa.string())
    for role, word in (("opted_out_on", "voluntary"), ("failed_on", "involuntary")):
        if role in roles:
            day = roles[role]
            said = pa.array(day.spread(~day.blank & ~is_in(day.values, OPEN_WORDS)))
            text = pc.if_else(said, pa.scalar(word), text)
    if (states == UNPAID).any():
        text = pc.if_else(pa.array(states == UNPAID), pa.scalar("involuntary"), text)
    return text.dictionary_encode()


def groupable(columns: list[Column], ledger: Ledger) -> list[Column]:
    """Columns worth grouping by: no names, addresses, moments or constants; personal ones are told."""
    kept, private = [], []
    for column in columns:
        header = column.header.strip().lower().replace(" ", "_")
        if PRIVATE.search(header):
            private.append(shorten(column.header))
        elif len(column.values) > 1 and not MOMENT.search(header) and not header.startswith("_"):
            kept.append(column)
    if private:
        names = ", ".join(private[:8]) + (" and more" if len(private) > 8 else "")
        ledger.note("personal", f"Personal columns are not used: {names}.", len(private))
    return kept
