"""Dates from text: one format for a whole column, chosen over all its distinct cells, never per row."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.import_report import Question
from cs_models.importers.columns import Column, is_in, matches
from cs_models.problems import Problem

OPEN_WORDS = frozenset(
    "0 null none nil nan nat n/a #n/a na - -- ? active ongoing present current open live never now".split()
) | {"still active", "no end", "open end"}
TIME = (
    r"(?P<t>[T ]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?"
    r"(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?)?"
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 2958465 and 253402... are the last day of the year 9999: no end
FAMILIES = {
    "year first": r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})" + TIME + "$",
    "year last": r"^(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})" + TIME + "$",
    "month only": r"^(?P<y>\d{4})[-/](?P<m>\d{1,2})$",
    "compact": r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})$",
    "day and month name": r"^(?P<d>\d{1,2})\.?[ -]+(?P<n>[A-Za-z]{3})[a-z]*[ ,.-]+(?P<y>\d{4})" + TIME + "$",
    "month name and day": r"^(?P<n>[A-Za-z]{3})[a-z]*\.? +(?P<d>\d{1,2}),? +(?P<y>\d{4})" + TIME + "$",
    "Excel day numbers": r"^(?P<e>[2-6]\d{4}|2958465)(?:\.\d+)?$",
    "Unix seconds": r"^(?P<e>\d{9,10}|253402[23]\d{5})(?:\.0+)?$",
    "Unix milliseconds": r"^(?P<e>\d{12,13}|253402[23]\d{8})(?:\.0+)?$",
}
BLANK, GOOD, OPEN, UNREADABLE, IMPOSSIBLE, PLACEHOLDER = range(6)
EARLIEST_YEAR, OPEN_YEAR = 1950, 2099
PIVOT = 70
CENTURIES = (OLD := "1970 to 1999", "2070 to 2099", "left out")
EXCEL_EPOCH = np.datetime64("1899-12-30")


@dataclass(frozen=True, eq=False)
class DateParts:
    """The distinct cells of one date column, taken apart; `state` BLANK, OPEN, UNREADABLE or GOOD (so
    far).
    """

    column: Column
    family: str
    state: np.ndarray
    fields: Mapping[str, np.ndarray]
    shift: np.ndarray
    zones: int


@dataclass(frozen=True, eq=False)
class Dates:
    """Days since 1970-01-01 and `state` for each distinct cell of a column."""

    column: Column
    days: np.ndarray
    state: np.ndarray

    @property
    def day(self) -> np.ndarray:
        """Day per row (meaningless where not `good`)."""
        return self.column.spread(self.days)

    @property
    def good(self) -> np.ndarray:
        """Rows with a date."""
        return self.column.spread(self.state == GOOD)

    def rows_in(self, state: int) -> np.ndarray:
        """Rows whose cell is in one of the other states."""
        return self.column.spread(self.state == state)


def take_apart(column: Column) -> DateParts:
    """Choose the one format that fits most distinct cells and split the cells into their numbers."""
    values = column.values
    state = np.full(len(values), UNREADABLE, np.int8)
    state[is_in(values, OPEN_WORDS)] = OPEN
    state[column.blank] = BLANK
    asked = state == UNREADABLE
    fits = {name: matches(values, pattern) & asked for name, pattern in FAMILIES.items()}
    family = max(fits, key=lambda name: int(fits[name].sum()))
    good = fits[family]
    state[good] = GOOD
    fields, shift, zones = _fields(values, family, good)
    return DateParts(column, family, state, fields, shift, zones)


def _fields(values: pa.Array, family: str, good: np.ndarray):
    parts = pc.extract_regex(values, FAMILIES[family])
    names = [field.name for field in parts.type]
    fields = {name: _numbers(pc.struct_field(parts, name), good) for name in names if name in "ymdabe"}
    if "n" in names:
        month = pc.index_in(pc.utf8_lower(pc.struct_field(parts, "n")), value_set=pa.array(MONTHS))
        fields["m"] = pc.fill_null(month, -1).to_numpy(zero_copy_only=False).astype(np.int64) + 1
    if "s" in names:
        fields["dot"] = np.where(
            good, pc.equal(pc.struct_field(parts, "s"), ".").to_numpy(zero_copy_only=False), False
        )
    shift, zones = np.zeros(len(values), np.int64), 0
    if "t" in names:
        shift, zones = _zone_shift(pc.struct_field(parts, "t"), good)
    return fields, shift, zones


def _numbers(text: pa.Array, good: np.ndarray) -> np.ndarray:
    told = pc.fill_null(pc.greater(pc.binary_length(text), 0), False)
    filled = pc.if_else(pc.and_(pa.array(good), told), text, pa.scalar("0"))
    return pc.cast(filled, pa.int64()).to_numpy(zero_copy_only=False).copy()


def _zone_shift(time: pa.Array, good: np.ndarray) -> tuple[np.ndarray, int]:
    """Days to add so that every time with an offset is told in UTC."""
    pattern = r"(?P<h>\d{1,2}):(?P<m>\d{2}).*?(?P<s>[+-])(?P<oh>\d{2}):?(?P<om>\d{2})?$"
    zoned = good & pc.fill_null(pc.match_substring_regex(time, pattern), False).to_numpy(zero_copy_only=False)
    if not zoned.any():
        return np.zeros(len(time), np.int64), 0
    parts = pc.extract_regex(time, pattern)
    h, m, oh, om = (_numbers(pc.struct_field(parts, name), zoned) for name in ("h", "m", "oh", "om"))
    sign = np.where(pc.equal(pc.struct_field(parts, "s"), "-").to_numpy(zero_copy_only=False), -1, 1)
    minutes = np.where(zoned, h * 60 + m - sign * (oh * 60 + om), 0)
    return minutes // 1440, int(zoned.sum())


def date_order(
    parts: list[DateParts], answers: Mapping[str, str], pair: tuple[DateParts | None, DateParts | None] = (None, None)
) -> tuple[str, Question | None]:
    """Day first or month first, for all date columns of the file together; `pair`: those of start and end.

    A day above 12 anywhere settles it; dots mean day first; otherwise it is a Question (`guessed_order`).
    """
    parts = [part for part in parts if part.family == "year last"]
    if not parts:
        return "day", None
    given = answers.get("date_order")
    if given is not None and given not in ("day", "month"):
        raise Problem('The answer to "date_order" must be "day" or "month".')
    a = np.concatenate([part.fields["a"][part.state == GOOD] for part in parts])
    b = np.concatenate([part.fields["b"][part.state == GOOD] for part in parts])
    day_first, month_first = int(((a > 12) & (b <= 12)).sum()), int(((b > 12) & (a <= 12)).sum())
    if day_first and month_first:
        return _ask_mixed(parts, given, day_first, month_first)
    if day_first or month_first:
        return given or ("day" if day_first else "month"), None
    if all(part.fields["dot"][part.state == GOOD].all() for part in parts):
        return given or "day", None
    if (a == b).all():
        return given or "day", None
    turned = backwards(*pair)
    guess = guessed_order(turned, len(np.unique(a)), len(np.unique(b)))
    example = parts[0].column.values[int(np.flatnonzero(parts[0].state == GOOD)[0])].as_py()
    headers = " and ".join(f'"{part.column.header[:40]}"' for part in parts)
    sentence = (
        f"Dates in {headers} fit both day/month and month/day (for example {example[:20]}); "
        f"they are read {given or guess} first.{told_backwards(turned)}"
    )
    question = Question(
        "date_order",
        "Is the day or the month first?",
        given or guess,
        ("day", "month"),
        sentence,
        given is not None,
    )
    return given or guess, question


def backwards(start: DateParts | None, end: DateParts | None) -> dict[str, int]:
    """Rows that end before they start, by the order in which dates are read; none where there are no two columns."""
    if start is None or end is None:
        return {"day": 0, "month": 0}
    found = {}
    for order in ("day", "month"):
        first, last = read_dates(start, order), read_dates(end, order)
        found[order] = int((first.good & last.good & (last.day < first.day)).sum())
    return found


def guessed_order(turned: Mapping[str, int], first: int, second: int) -> str:
    """The order in which fewer rows end before they start, else that in which dates fall on fewer different days of the
    month: billing keeps to a day. `first`, `second`: how many different numbers stand in either place.
    """
    if turned["day"] != turned["month"]:
        return min(turned, key=turned.get)
    return "day" if first < second else "month"


def told_backwards(turned: Mapping[str, int]) -> str:
    """What either order would do to rows with an end, where it does anything."""
    if not any(turned.values()):
        return ""
    told = (f"{order} first, {'1 row ends before it starts' if number == 1 else f'{number:,} rows end before they start'}"
            for order, number in turned.items())  # fmt: skip
    return f" Read {'; read '.join(told)}."


def _ask_mixed(
    parts: list[DateParts], given: str | None, day_first: int, month_first: int
) -> tuple[str, Question]:
    """Dates of both orders in one file: those of one cannot be read, and nobody knows about the rest."""
    order = given or ("day" if day_first >= month_first else "month")
    headers = " and ".join(f'"{part.column.header[:40]}"' for part in parts)
    sentence = (
        f"Dates in {headers} mix two orders: {_fit(day_first)} only day/month, {_fit(month_first)} only "
        f"month/day, all others both. They are read {order} first, and "
        f"{month_first if order == 'day' else day_first:,} of the other order left out."
    )
    title = "Is the day or the month first?"
    return order, Question("date_order", title, order, ("day", "month"), sentence, given is not None)


def _fit(count: int) -> str:
    return "1 fits" if count == 1 else f"{count:,} fit"


def century(parts: list[DateParts], answers: Mapping[str, str]) -> tuple[str, Question | None]:
    """The century of two-digit years: 00 to 69 are 2000 to 2069; those from 70 on are a Question.

    Few subscriptions run since 1970, and "99" can be an open end: 2099.
    """
    given = answers.get("two_digit_years")
    if given is not None and given not in CENTURIES:
        allowed = " or ".join(f'"{choice}"' for choice in CENTURIES)
        raise Problem(f'The answer to "two_digit_years" must be {allowed}.')
    old = [part for part in parts if part.family == "year last" and _old(part).any()]
    if not old:
        return given or OLD, None
    chosen = given or OLD
    count = sum(int(_old(part).sum()) for part in old)
    example = old[0].column.values[int(np.flatnonzero(_old(old[0]))[0])].as_py()
    headers = " and ".join(f'"{part.column.header[:40]}"' for part in old)
    dates = "1 different date has" if count == 1 else f"{count:,} different dates have"
    read = f"read as {chosen}" if chosen != CENTURIES[-1] else "left out"
    sentence = (
        f"In {headers} {dates} a year from 70 to 99 without its century, such as {example[:20]}: {read}. "
        "Years from 00 to 69 are read as 2000 to 2069."
    )
    title = "Which century are years such as 70 or 99 of?"
    return chosen, Question("two_digit_years", title, chosen, CENTURIES, sentence, given is not None)


def _old(part: DateParts) -> np.ndarray:
    year = part.fields["y"]
    return (part.state == GOOD) & (year >= PIVOT) & (year < 100)


def two_digits(part: DateParts) -> bool:
    """Whether any date of the column has a year without its century."""
    return part.family == "year last" and bool(((part.state == GOOD) & (part.fields["y"] < 100)).any())


def read_dates(parts: DateParts, order: str, years: str = "1970 to 1999") -> Dates:
    """Days since 1970-01-01; dates that do not exist, placeholders (1900) and far futures (9999) are told
    apart. `years`: what two-digit years from 70 on are.
    """
    state, fields = parts.state.copy(), parts.fields
    good = state == GOOD
    if "e" in fields:
        days = _from_number(parts.family, fields["e"])
        _tell_apart(state, good, days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)
        return Dates(parts.column, days, state)
    year = fields["y"]
    if two_digits(parts):
        if years == CENTURIES[-1]:
            state[_old(parts)] = UNREADABLE
            good = state == GOOD
        year = np.where(year < 100, _century(year, years), year)
    if parts.family == "year last":
        day, month = (fields["a"], fields["b"]) if order == "day" else (fields["b"], fields["a"])
    else:
        month, day = fields["m"], fields.get("d", np.ones_like(year))
    real = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1)
    first = np.where(real, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    length = ((first + 1).astype("datetime64[D]") - first.astype("datetime64[D]")).astype(np.int64)
    real &= day <= length
    state[good & ~real] = IMPOSSIBLE
    _tell_apart(state, good & real, year)
    days = first.astype("datetime64[D]").astype(np.int64) + day - 1 + parts.shift
    return Dates(parts.column, np.where(good & real, days, 0), state)


def _tell_apart(state: np.ndarray, real: np.ndarray, year: np.ndarray) -> None:
    state[real & (year < EARLIEST_YEAR)] = PLACEHOLDER
    state[real & (year >= OPEN_YEAR)] = OPEN


def _century(year: np.ndarray, years: str) -> np.ndarray:
    """Two-digit years: 00 to 69 are 2000 to 2069, the others as answered."""
    return np.where(year < PIVOT, 2000 + year, (2000 if years == CENTURIES[1] else 1900) + year)


def _from_number(family: str, number: np.ndarray) -> np.ndarray:
    if family == "Excel day numbers":
        return number + EXCEL_EPOCH.astype(np.int64)
    return number // (86_400 if family == "Unix seconds" else 86_400_000)
