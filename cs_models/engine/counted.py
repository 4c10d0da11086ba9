"""The counts of a data set whose rows stayed where they lie: the tables the engine would make, out of what came home.

Such a data set ("counted") holds, for everybody and for each column apart, the results of `counts/definition.py`:
`part` says which (life, cube, book, starts, ends, kept), `split` the column ("" = everybody), `group` the value of it. All by month.
"""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.problems import NeedsRows
from cs_models.subscriptions import COUNTED, NUMBERS, SPLIT

EVERYBODY, TERM = "", "term"
RULE = 3  # of how the rows were counted: now with revenue kept over a year
DUE_APART = 2  # the first that tells renewals not yet due from those that are
KINDS = ("new", "expansion", "contraction", "churned", "reactivated")
ONE_COLUMN = "These data were counted for one column at a time, so groups of two columns together are not known."
NO_YEAR = "These data were counted without the revenue kept over a year. Count the table again to see it."
NO_RENEWALS = "These data were counted without the billing interval, so shares by renewal are not known. Count the table again."


def is_counted(subs) -> bool:
    return subs.kind == COUNTED


def rows_of_counts(parts: dict[tuple[str, str], pd.DataFrame]) -> pa.Table:
    """The table of a data set out of (part, split) -> result; a column of groups is named g0 there."""
    held = []
    for (part, split), frame in parts.items():
        told = {name: frame[name] if name in frame else 0 for name in NUMBERS}
        group = frame["g0"] if split else EVERYBODY
        kind = frame["kind"] if "kind" in frame else ""
        held.append(pd.DataFrame({"part": part, "split": split, "group": group, "kind": kind, **told}, index=frame.index))
    every = pd.concat(held, ignore_index=True)
    texts = {name: pa.array(every[name], pa.string()) for name in SPLIT}
    return pa.table({**texts, **{name: pa.array(every[name], pa.int64()) for name in NUMBERS}})


def exposures(subs, by: tuple[str, ...], cohort: bool) -> tuple[pd.DataFrame, int]:
    """`engine.counts.exposure_counts`: the frame and the number of returns."""
    found = _part(subs, "life", by)
    keys = [*_groups(by), "term", "anchor", "entry", "duration", "churned", "involuntary", *(["cohort"] if cohort else [])]
    frame = found.groupby(keys, as_index=False, sort=False)["customers"].sum()
    cube = _part(subs, "cube", by)
    return frame, int(cube.loc[cube["kind"] == "returned", "customers"].sum())


def book(subs, by: tuple[str, ...]) -> pd.DataFrame:
    """`engine.counts.active_book`."""
    found = _named(_part(subs, "book", by), by).rename(columns={"cents": "mrr"})
    order = [*by, "interval", "tenure"]
    return found[[*order, "customers", "mrr"]].sort_values(order, ignore_index=True)


def starts(subs, by: tuple[str, ...]) -> pd.DataFrame:
    """`engine.intake.first_starts`."""
    found = _named(_part(subs, "starts", by), by).rename(columns={"cents": "mrr", "cohort": "month"})
    return found[[*by, "interval", "month", "customers", "mrr"]]


def is_old(subs) -> bool:
    """Whether it was counted by an earlier rule: renewals not yet due were not told apart from those that are."""
    if not is_counted(subs):
        return False
    return _rule(subs) < DUE_APART


def _rule(subs) -> int:
    """By which rule it was counted."""
    facts = _part(subs, "facts", ())
    return int(facts.loc[facts["kind"] == "rule", "customers"].sum())


def places_of_ends(subs) -> pd.DataFrame:
    """`engine.notice.places_of_ends`; nothing where the counts are older."""
    return _part(subs, "ends", ())[["term", "place", "customers"]]


def intakes(subs, by: tuple[str, ...], money: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`engine.cohort_money.cohort_sums`: sizes and changes; of money what was billed, without its spread."""
    cube, groups = _part(subs, "cube", by), _groups(by)
    began = cube[cube["kind"] == "began"].rename(columns={"place": "potential"})
    sizes = began[[*groups, "cohort", "potential", "customers"]].reset_index(drop=True)
    cube = cube.rename(columns={"place": "age"})
    if not money:
        left = cube[cube["kind"] == "left"].rename(columns={"customers": "change"})
        return sizes, left[[*groups, "cohort", "age", "change"]].reset_index(drop=True)
    net, gross = (cube.assign(**{kind: np.where(cube["kind"] == kind, cube["cents"], 0)}) for kind in ("net", "gross"))
    both = net.assign(gross=gross["gross"])[cube["kind"].isin(("net", "gross"))]
    return sizes, both.groupby([*groups, "cohort", "age"], as_index=False)[["net", "gross"]].sum()


def by_month(part: str, frame: pd.DataFrame, seen_to: date) -> pd.DataFrame:
    """Counts by day as those by month at that day: what `Definition(days=False)` gives."""
    from cs_models.counts.definition import NOWHERE
    from cs_models.counts.tables import watched, whole_months

    if part == "life":
        told = watched(frame, seen_to).assign(spell_day=NOWHERE, own_day=NOWHERE)
    else:
        place = frame["place"].to_numpy()
        began = (frame["kind"] == "began").to_numpy()
        told = frame.assign(place=np.where(began, whole_months(np.where(began, place, 0), seen_to), place))
    sums = [name for name in ("customers", "cents") if name in told]
    return told.groupby([name for name in told if name not in sums], as_index=False)[sums].sum()


def moved(subs) -> pd.DataFrame:
    """`engine.movements.movement_sums`."""
    cube = _part(subs, "cube", ())
    sums = cube[cube["kind"].isin(KINDS)].groupby(["place", "kind"], as_index=False)[["customers", "cents"]].sum()
    return sums.rename(columns={"place": "month", "cents": "change"})


def kept(subs) -> pd.DataFrame:
    """What `engine.kept.kept_year` found; Problem where the counts are older."""
    if _rule(subs) < RULE:
        raise NeedsRows(NO_YEAR)
    return _part(subs, "kept", ())[["kind", "place", "customers", "cents"]]


def price_apart(subs, name: str) -> float:
    """`engine.spread.price_apart` of what customers began with: the share of the spread of mean prices."""
    from cs_models.engine.spread import MOST_GROUPS

    per = _part(subs, "starts", (name,)).groupby("g0")[["customers", "cents"]].sum()
    cells = _part(subs, "starts", (name,))
    means, all_mean = per["cents"] / per["customers"], per["cents"].sum() / per["customers"].sum()
    within = cells["cents"] / cells["customers"]
    total = ((within - all_mean) ** 2 * cells["customers"]).sum()
    between = ((means - all_mean) ** 2 * per["customers"]).sum()
    return float(between / total) if 2 <= len(per) <= MOST_GROUPS and total > 0 else 0.0


def _part(subs, part: str, by: tuple[str, ...]) -> pd.DataFrame:
    """One result, groups in the column g0 where a column is asked for."""
    if len(by) > 1:
        raise NeedsRows(ONE_COLUMN)
    split = subs.resolve(by[0]) if by else EVERYBODY
    mine = (pc.field("part") == part) & (pc.field("split") == split)
    found = subs.rows.filter(mine).select(["group", "kind", *NUMBERS]).to_pandas()
    if split == TERM:
        if found.empty:
            raise NeedsRows(NO_RENEWALS)
        found["group"] = pd.to_numeric(found["group"], errors="coerce").fillna(0).astype(int)
    return found.rename(columns={"group": "g0"}) if by else found.drop(columns="group")


def _groups(by: tuple[str, ...]) -> list[str]:
    return [f"g{i}" for i in range(len(by))]


def _named(found: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    return found.rename(columns={"term": "interval", **{f"g{i}": name for i, name in enumerate(by)}})
