"""From the counts to the tables people read, by running sums: the cost is that of the cells, whatever the rows."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from cs_models.counts.definition import AGES, CUBE_KEYS, LIFE_KEYS, NOWHERE
from cs_models.kept_property import kept
from cs_models.life_table import LifeTable, life_table_of
from cs_models.movements import Movements, movements_of
from cs_models.problems import Problem
from cs_models.triangle import CHANGE, LOGOS, CohortTriangle, triangle_of

SUMS = {"life": ("customers",), "cube": ("customers", "cents")}
KEYS = {"life": LIFE_KEYS, "cube": CUBE_KEYS}
ROOM = 1 << 62  # of one whole number


@dataclass(frozen=True, eq=False)
class Counts:
    """What was counted of one book: `life` and `cube` as `definition.py` describes them, no row of any customer.

    `by`: the names behind the columns g0, g1, ... `as_of`: the last day of the book; `seen_to`: the day up to which a
    departure would show (the same, unless departures of the day after cannot be in the book). The counts of customers
    add up: those of two books without a customer in common are the counts of both together.
    """

    life: pd.DataFrame
    cube: pd.DataFrame
    by: tuple[str, ...]
    as_of: date
    seen_to: date
    currency: str = "USD"

    def life_table(self, by: tuple[str, ...] = ()) -> LifeTable:
        """`cs.life_table` of these counts; `by`: some of the names, and "cohort"."""
        names = tuple(name for name in by if name != "cohort")
        life = watched(self._grouped(self.life, names, (*LIFE_KEYS, "customers")), self.seen_to)
        returned = self._of("returned")["customers"].sum()
        return life_table_of(life, by, int(returned))

    def cohort_triangle(self, value: str = LOGOS, by: tuple[str, ...] = (), every: int = 1) -> CohortTriangle:
        """`cs.cohort_triangle` of these counts: "logos", "mrr" or "gross"."""
        if value not in CHANGE:
            raise Problem(f'A cohort triangle shows "logos", "mrr" or "gross", not "{value}".')
        sizes = self._grouped(self._of("began"), by, ("cohort", "place", "customers"))
        sizes["potential"] = whole_months(sizes["place"].to_numpy(), self.seen_to)
        found = self._of("left" if value == LOGOS else CHANGE[value])
        changes = self._grouped(found, by, ("cohort",))
        changes["age"], changes["change"] = found["place"], -found["customers"] if value == LOGOS else found["cents"]
        return triangle_of(sizes, changes, value, by, self.currency, every)

    def movements(self) -> Movements:
        """`cs.mrr_movements` of these counts, in money and in customers."""
        moved = [at for kind, at in self._places.items() if kind not in AGES]
        found = self.cube.take(np.concatenate(moved or [np.zeros(0, np.int64)]))
        sums = found[["kind", "place", "customers", "cents"]].rename(columns={"place": "month", "cents": "change"})
        return movements_of(sums, self.as_of.year * 12 + self.as_of.month)

    def plus(self, other: "Counts") -> "Counts":
        """Both books together, which have no customer in common."""
        return self._with(other, 1)

    def minus(self, other: "Counts") -> "Counts":
        """This book without customers that are in it."""
        return self._with(other, -1)

    def at(self, as_of: date, seen_to: date | None = None) -> "Counts":
        """The same customers at a later day on which nothing had happened to them but that renewals fell due."""
        life = fallen_due(self.life, seen_to or as_of, len(self.by))
        return Counts(life, self.cube, self.by, as_of, seen_to or as_of, self.currency)

    def _with(self, other: "Counts", sign: int) -> "Counts":
        if self.by != other.by or self.currency != other.currency:
            raise Problem("These counts have other groups or another currency, so they cannot be added up.")
        parts = {name: _summed(name, getattr(self, name), getattr(other, name), sign, len(self.by)) for name in KEYS}
        return Counts(**parts, by=self.by, as_of=self.as_of, seen_to=self.seen_to, currency=self.currency)

    @kept
    def _places(self) -> dict[str, np.ndarray]:
        """Where each kind stands in `cube`."""
        codes, kinds = pd.factorize(self.cube["kind"])
        return {kind: np.flatnonzero(codes == code) for code, kind in enumerate(kinds)}

    def _of(self, kind: str) -> pd.DataFrame:
        """The rows of `cube` of one kind."""
        return self.cube.take(self._places.get(kind, []))

    def _grouped(self, frame: pd.DataFrame, by: tuple[str, ...], columns: tuple[str, ...]) -> pd.DataFrame:
        """These columns with only the groups asked for, as g0, g1, ... in their order."""
        for name in by:
            if name not in self.by:
                known = ", ".join(self.by) or "no groups"
                raise Problem(f"These counts are not grouped by {name!r}. They have: {known}.")
        wanted = {f"g{i}": frame[f"g{self.by.index(name)}"] for i, name in enumerate(by)}
        return pd.DataFrame({**{name: frame[name] for name in columns}, **wanted}, copy=False)


def ordered(name: str, frame: pd.DataFrame, by: int) -> pd.DataFrame:
    """The one order of rows and columns, so that equal counts are equal to the byte; cells of nobody left out."""
    keys = keys_of(name, by)
    columns = {column: frame[column].to_numpy() for column in (*keys, *SUMS[name])}
    texts = {key: pd.factorize(columns[key], sort=True) for key in keys if columns[key].dtype == object}
    columns |= {key: codes for key, (codes, _) in texts.items()}
    return arranged(name, columns, {key: labels for key, (_, labels) in texts.items()}, by)


def arranged(name: str, columns: dict[str, np.ndarray], labels: dict[str, np.ndarray], by: int) -> pd.DataFrame:
    """The same of columns of whole numbers; of a text the place among its sorted `labels`."""
    some = np.any([columns[column] != 0 for column in SUMS[name]], axis=0)
    if not some.all():
        columns = {key: column.compress(some) for key, column in columns.items()}
    keys = keys_of(name, by)
    order = _order([columns[key] for key in keys])
    columns = {key: columns[key].take(order) for key in (*keys, *SUMS[name])}
    return pd.DataFrame({key: labels[key].take(one) if key in labels else one for key, one in columns.items()})


def keys_of(name: str, by: int) -> list[str]:
    """The columns of `life` or `cube` that tell its rows apart."""
    return [*(f"g{i}" for i in range(by)), *KEYS[name]]


def _order(columns: list[np.ndarray]) -> np.ndarray:
    """Where the rows stand when sorted by these columns, of which several are packed into one whole number: a third of
    the time of sorting by each.
    """
    packed, room = [np.zeros(len(columns[0]), np.int64)], 1
    for column in reversed(columns if len(columns[0]) else []):
        code = _above_nowhere(column)
        size = int(code.max()) + 1
        if room * size > ROOM:
            packed.append(np.zeros(len(column), np.int64))
            room = 1
        packed[-1] += code * room
        room *= size
    return np.lexsort(packed) if len(packed) > 1 else np.argsort(packed[0])


def _above_nowhere(column: np.ndarray) -> np.ndarray:
    """Numbers from 0 in the same order: NOWHERE, far below all days, would take most of the room."""
    known = column > NOWHERE
    return np.where(known, column - column.min(where=known, initial=np.iinfo(np.int64).max) + 1, 0)


def _summed(name: str, one: pd.DataFrame, other: pd.DataFrame, sign: int, by: int) -> pd.DataFrame:
    less = other.assign(**{column: sign * other[column] for column in SUMS[name]})
    return _together(name, pd.concat([one, less], ignore_index=True), by)


def _together(name: str, frame: pd.DataFrame, by: int) -> pd.DataFrame:
    """One row for each key."""
    return ordered(name, frame.groupby(keys_of(name, by), as_index=False, sort=False)[list(SUMS[name])].sum(), by)


def watched(life: pd.DataFrame, seen_to: date) -> pd.DataFrame:
    """`life` as seen at the end of `seen_to`: months of everybody, and who had left by then (`engine/watched.py`).

    On a longer term never past a renewal that is not yet faced (`sql.between_renewals`).
    """
    told = ("duration", "term", "anchor", "spell_day", "own_day", "churned", "involuntary")
    known, term, anchor, spell_day, own_day, *left = (life[name].to_numpy() for name in told)
    dated = spell_day > NOWHERE
    stay = whole_months(np.where(dated, spell_day, 0), seen_to)
    own = whole_months(np.where(dated & (term > 1), own_day, 0), seen_to)
    passed = anchor + own // term * term
    longer = np.minimum(np.maximum(stay, passed), passed + term - 1)
    served = np.where(term > 1, longer, stay)
    open_ = dated & ((known < 0) | (served < known))
    gone = {name: part * ~open_ for name, part in zip(told[5:], left)}
    columns = {name: life[name] for name in life.columns}
    return pd.DataFrame({**columns, "duration": np.where(open_, served, known), **gone}, copy=False)


def fallen_due(life: pd.DataFrame, seen_to: date, by: int) -> pd.DataFrame:
    """`life` without the days of those whose renewal, by which they left, is due by the end of `seen_to`."""
    ahead = (life["churned"].to_numpy() == 1) & (life["own_day"].to_numpy() > NOWHERE)
    if not ahead.any():
        return life
    due = ahead & (watched(life, seen_to)["churned"].to_numpy() == 1)
    days = {name: np.where(due, NOWHERE, life[name]) for name in ("spell_day", "own_day")}
    return _together("life", life.assign(**days), by)


def whole_months(day: np.ndarray, seen_to: date) -> np.ndarray:
    """`sql.whole_months` from days (since 1970) to the morning after `seen_to`; of many, once for each day there is."""
    low, high = day.min(initial=0), day.max(initial=0)
    if high - low < len(day):
        return _whole_months(np.arange(low, high + 1), seen_to).take(day - low)
    return _whole_months(day, seen_to)


def _whole_months(day: np.ndarray, seen_to: date) -> np.ndarray:
    end = seen_to + timedelta(days=1)
    month, number = day.astype("datetime64[D]").astype("datetime64[M]"), day.astype("datetime64[D]")
    first = (number - month.astype("datetime64[D]")).astype(np.int64) + 1
    months = (end.year - 1970) * 12 + end.month - 1 - month.astype(np.int64)
    complete = (end.day >= first) | ((end + timedelta(days=1)).day == 1)
    return months - np.where(complete, 0, 1)
