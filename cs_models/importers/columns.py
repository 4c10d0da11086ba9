"""A column as its distinct cells: each is cleaned and converted once, however many rows share it."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.readers.table import TextTable

BLANK = "(blank)"
INVISIBLE = "[\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad]"


@dataclass(frozen=True, eq=False)
class Column:
    """`raw[codes[i]]` is the cell of row i as written, `values[codes[i]]` without outer blanks and invisible
    letters.

    `tidied` marks distinct cells where more than plain outer blanks went: a repair.
    """

    header: str
    raw: pa.Array
    values: pa.Array
    codes: np.ndarray
    tidied: np.ndarray

    def spread(self, per_value: np.ndarray) -> np.ndarray:
        """From one entry per distinct cell to one per row."""
        return per_value[self.codes]

    @property
    def blank(self) -> np.ndarray:
        """Distinct cells that hold nothing."""
        return pc.equal(pc.binary_length(self.values), 0).to_numpy(zero_copy_only=False)

    def text(self, blank: str | None) -> pa.DictionaryArray:
        """The column as text for the canonical table; cells with nothing in them become `blank` (None =
        null).
        """
        empty = self.blank
        if not empty.any() and self.values.equals(self.raw):  # each is there once: nothing to look up again
            return pa.DictionaryArray.from_arrays(pa.array(self.codes), self.values)
        values = pc.if_else(pa.array(empty), pa.scalar(blank, pa.string()), self.values)
        unique = values.dictionary_encode()
        codes = pc.take(unique.indices, pa.array(self.codes))
        return pa.DictionaryArray.from_arrays(codes, unique.dictionary)


def encode(table: TextTable, at: int) -> Column:
    """Column number `at` of a text table."""
    cells = table.cells.column(at)
    # in one piece first: unifying the dictionaries of many chunks takes ten times as long
    encoded = (cells.combine_chunks() if cells.num_chunks != 1 else cells.chunk(0)).dictionary_encode()
    raw = encoded.dictionary
    values, tidied = tidy(raw)
    return Column(table.columns[at], raw, values, encoded.indices.to_numpy(zero_copy_only=False), tidied)


def tidy(raw: pa.Array) -> tuple[pa.Array, np.ndarray]:
    """Cells without outer blanks, non-breaking spaces and invisible letters, in composed form (NFC)."""
    plain = pc.utf8_trim_whitespace(raw)
    if pc.all(pc.string_is_ascii(raw)).as_py() is not False:
        return plain, np.zeros(len(raw), bool)
    values = pc.utf8_normalize(pc.replace_substring_regex(plain, INVISIBLE, ""), "NFC")
    values = pc.utf8_trim_whitespace(values)
    changed = pc.not_equal(values, pc.ascii_trim_whitespace(raw))
    return values, changed.to_numpy(zero_copy_only=False)


def matches(values: pa.Array, pattern: str) -> np.ndarray:
    """Which cells fit a regular expression, upper and lower case alike."""
    return pc.match_substring_regex(values, pattern, ignore_case=True).to_numpy(zero_copy_only=False)


def is_in(values: pa.Array, words: set[str] | frozenset[str]) -> np.ndarray:
    """Which cells are one of `words`, upper and lower case alike."""
    lowered = pc.utf8_lower(values)
    return pc.is_in(lowered, value_set=pa.array(sorted(words))).to_numpy(zero_copy_only=False)


def shorten(text: str, length: int = 40) -> str:
    """A cell inside a sentence: one line, at most `length` characters."""
    flat = re.sub(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", " ", text)
    return flat if len(flat) <= length else flat[: length - 1] + "…"
