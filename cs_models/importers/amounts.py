"""Money from text: one decimal mark for a whole column, exact minor units, no floating point on the way."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import list_currencies

from cs_models.import_report import Question
from cs_models.importers.columns import Column, is_in, matches
from cs_models.problems import Problem

CURRENCIES = frozenset(list_currencies())
BLANK, GOOD, TEXT, NEGATIVE, NOT_FINITE = range(5)
SYMBOLS = {"$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
# a sign that several currencies share agrees with each of them
SHARED = {
    "$": frozenset("USD CAD AUD NZD SGD HKD TWD MXN CLP COP ARS UYU BRL".split()),
    "£": frozenset("GBP EGP GIP".split()),
    "¥": frozenset("JPY CNY".split()),
}
GROUPED = r"\d[ '’\x{a0}\x{202f}]\d"
MONEY_MARK = r"(?:us\$|[$€£¥₹]|[a-z]{3})"
POINT = r"^(?:\d+|\d{1,3}(?:[, '’\x{a0}\x{202f}]\d{3})+)(?:\.\d*)?$|^\.\d+$"
COMMA = r"^(?:\d+|\d{1,3}(?:[. '’\x{a0}\x{202f}]\d{3})+)(?:,\d*)?$|^,\d+$"
EITHER = r"^[1-9]\d{0,2}[.,]\d{3}$"
NOT_FINITE_WORDS = frozenset({"inf", "-inf", "+inf", "infinity", "-infinity", "nan", "#div/0!"})
MISSING_WORDS = frozenset({"null", "none", "n/a", "#n/a", "-", "--", "?"})
# beyond this a sum of a million rows no longer fits 64 bits
LARGEST = 10**12


@dataclass(frozen=True, eq=False)
class Amounts:
    """`minor` whole minor units per distinct cell, `state`, the `marks` of currencies ("$", "eur") in them.

    `marked`, `grouped` and `rounded`: distinct cells with such a mark, with digits grouped by blanks or
    apostrophes, and with more decimals than the currency has: what is told.
    """

    column: Column
    minor: np.ndarray
    state: np.ndarray
    marks: tuple[str, ...]
    marked: np.ndarray
    grouped: np.ndarray
    decimal_comma: bool
    rounded: np.ndarray
    question: Question | None

    def currencies(self, known: str | None = None) -> set[str]:
        """The currencies the marks name; "$" agrees with a `known` CAD, and is USD where nothing is known."""
        letters = {mark.upper() for mark in self.marks if mark.isalpha()}
        known = known or (next(iter(letters)) if len(letters) == 1 else None)
        own = [mark for mark in self.marks if known not in SHARED.get(mark, ())]
        return {SYMBOLS.get(mark, mark.upper()) for mark in own}

    @property
    def per_row(self) -> np.ndarray:
        """Minor units per row (0 where not good)."""
        return self.column.spread(self.minor)

    def rows_in(self, state: int) -> np.ndarray:
        """Rows whose cell is blank, text, negative or not finite."""
        return self.column.spread(self.state == state)


def read_amounts(
    column: Column, digits: int, answers: Mapping[str, str], signed: bool = False
) -> Amounts:
    """Read "1234.5", "1,234.50", "$12.50", "12,50", "1 234,50" as minor units (`digits` decimals, half-even).

    One decimal mark holds for the column; where both marks fit every cell ("1,234") it is a Question. With
    `signed`, -12.50 and (12.50) are amounts like any other (refunds, movements of MRR).
    """
    bare, marks, negative, marked = _bare(column.values)
    state = np.full(len(bare), TEXT, np.int8)
    state[is_in(column.values, NOT_FINITE_WORDS)] = NOT_FINITE
    state[column.blank | is_in(column.values, MISSING_WORDS)] = BLANK
    scientific = matches(bare, r"^\d+(\.\d+)?e[+-]?\d{1,3}$")
    bare = _expand(bare, scientific)
    comma, question = _decimal_mark(column, bare, answers, digits)
    good = matches(bare, COMMA if comma else POINT) & (state == TEXT)
    minor, rounded, huge = _minor(bare, good, comma, digits)
    state[good] = GOOD
    state[good & huge] = NOT_FINITE
    if signed:
        minor = np.where(negative, -minor, minor)
    else:
        state[good & negative & (minor != 0)] = NEGATIVE
    minor = np.where(state == GOOD, minor, 0)
    read = (state == GOOD) | (state == NEGATIVE)
    grouped = read & matches(bare, GROUPED)
    return Amounts(column, minor, state, marks, marked & read, grouped, comma, rounded, question)


def _bare(values: pa.Array) -> tuple[pa.Array, tuple[str, ...], np.ndarray, np.ndarray]:
    """Digits and decimal marks only; the marks of currencies and the signs taken off and remembered."""
    values = pc.replace_substring(values, "\u2212", "-")
    negative = matches(values, r"^\s*\(.*\)\s*$") | matches(values, r"^[^\d]*-\s*[^\d]*[\d.,]|\d\s*-$")
    values = pc.replace_substring_regex(values, r"^\((.*)\)$", "\\1")
    parts = pc.extract_regex(values, rf"(?i)^[-+]?\s*(?P<before>{MONEY_MARK})?\s*[-+]?\s*[\d.,]")
    after = pc.extract_regex(values, rf"(?i)\d\s*(?P<after>{MONEY_MARK})\s*-?$")
    marks, marked = set(), np.zeros(len(values), bool)
    for found, name in ((parts, "before"), (after, "after")):
        mark = pc.fill_null(pc.utf8_lower(pc.struct_field(found, name)), "")
        known = {one for one in pc.unique(mark).to_pylist() if one in SYMBOLS or one.upper() in CURRENCIES}
        marks |= known
        told = pc.is_in(mark, value_set=pa.array(sorted(known), pa.string()))
        marked |= told.to_numpy(zero_copy_only=False)
    bare = pc.replace_substring_regex(values, rf"(?i)^[-+]?\s*{MONEY_MARK}?\s*[-+]?\s*([\d.,])", "\\1")
    bare = pc.replace_substring_regex(bare, rf"(?i)(\d[.,]?)\s*{MONEY_MARK}?\s*-?$", "\\1")
    # "49 pcm" is text: its letters name no currency
    bare = pc.if_else(pa.array(marked), bare, pc.replace_substring_regex(values, r"^[-+]\s*|\s*-$", ""))
    return bare, tuple(sorted(marks)), negative, marked


def _expand(bare: pa.Array, scientific: np.ndarray) -> pa.Array:
    """Cells like 1.5e3, as programs write large numbers, in full; beyond any price they become a long
    number.
    """
    if not scientific.any():
        return bare
    cells = bare.to_pylist()
    for at in np.flatnonzero(scientific):
        exponent = int(cells[at].lower().split("e")[1])
        cells[at] = format(Decimal(cells[at]), "f") if abs(exponent) < 30 else "9" * 20
    return pa.array(cells, pa.string())


def _decimal_mark(
    column: Column, bare: pa.Array, answers: Mapping[str, str], digits: int
) -> tuple[bool, Question | None]:
    given = answers.get("decimal_mark")
    if given is not None and given not in ("point", "comma"):
        raise Problem('The answer to "decimal_mark" must be "point" or "comma".')
    point, comma = matches(bare, POINT), matches(bare, COMMA)
    marked = matches(bare, "[.,]")
    only_point, only_comma = int((point & ~comma).sum()), int((comma & ~point).sum())
    either = matches(bare, EITHER) & marked
    if only_point or only_comma:
        settled = "comma" if only_comma > only_point else "point"
        mixed = bool(only_point and only_comma)
        if not mixed:
            return (given or settled) == "comma", None
        text = f'Column "{column.header[:40]}" mixes decimal points and decimal commas'
    elif either.any():
        # "1,234" is far more often a thousand than a price with three decimals, and so is "1.234"; only a
        # currency of thousandths writes all of them
        example = bare[int(np.flatnonzero(either)[0])].as_py()
        settled = "point" if ("," in example) != (digits == 3) else "comma"
        text = f'Amounts in "{column.header[:40]}" such as {example} can be thousands or decimals'
    else:
        return given == "comma", None
    chosen = given or settled
    sentence = f"{text}; the decimal mark is read as a {chosen}."
    question = Question(
        "decimal_mark",
        "Is the decimal mark a point or a comma?",
        chosen,
        ("point", "comma"),
        sentence,
        given is not None,
    )
    return chosen == "comma", question


def _minor(
    bare: pa.Array, good: np.ndarray, comma: bool, digits: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Whole minor units, which cells were rounded, and which are beyond any price."""
    plain = pc.replace_substring_regex(bare, r"[^\d,]" if comma else r"[^\d.]", "")
    plain = pc.replace_substring(plain, ",", ".")
    plain = pc.replace_substring_regex(plain, r"^0*(\d*)(\.\d{0,9})?\d*$", "0\\1\\2")
    huge = matches(plain, r"^0\d{13,}")
    usable = pa.array(good & ~huge)
    exact = pc.cast(
        pc.if_else(usable, pc.replace_substring_regex(plain, r"\.$", ""), "0"), pa.decimal128(25, 9)
    )
    scaled = pc.multiply(exact, pa.scalar(Decimal(10**digits), pa.decimal128(4, 0)))
    whole = pc.round(scaled, 0, "half_to_even")
    minor = pc.cast(pc.cast(whole, pa.decimal128(38, 0)), pa.int64()).to_numpy(zero_copy_only=False)
    rounded = pc.not_equal(scaled, whole).to_numpy(zero_copy_only=False)
    return minor, rounded, huge | (minor > LARGEST * 10**digits)


def per_month(minor: np.ndarray, term: np.ndarray) -> np.ndarray:
    """Price of a term divided over its months, rounded half-even: 119999 cents a year are 10000 cents a
    month.
    """
    quotient, rest = np.divmod(minor, term)
    up = (2 * rest > term) | ((2 * rest == term) & (quotient % 2 == 1))
    return quotient + up
