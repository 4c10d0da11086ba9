"""Sixty numbers as people of four places read them: a table to look at, and Babel reads each of them back."""

import csv
import json
import re
from decimal import Decimal

import pytest
from babel.numbers import get_decimal_symbol, parse_decimal
from places import ROOT

from cs_models import locales, words

PLACES = ("en_US", "de_DE", "fr_FR", "ja_JP")
GOLDEN = ROOT / "tests" / "golden_numbers.csv"  # blanks that do not break stand as ~, narrow ones as _
UNITS = {
    "en_US": {"K": 3, "M": 6, "B": 9, "T": 12}, "de_DE": {"Mio.": 6, "Mrd.": 9, "Bio.": 12},
    "fr_FR": {"k": 3, "M": 6, "Md": 9, "Bn": 12}, "ja_JP": {"万": 4, "億": 8, "兆": 12},
}  # fmt: skip
NUMBER = re.compile(r"\d[\d.,\u202f\xa0]*\d|\d")


def table() -> list[tuple[str, list, dict[str, str]]]:
    """(function of words, what it is given, what it says in each place)."""
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return [(row["says"], json.loads(f"[{row['of']}]"), {place: row[place] for place in PLACES}) for row in rows]


def said(function: str, given: list) -> str:
    name, _, sign = function.partition(" ")
    return getattr(words, name)(*given, **({"sign": True} if sign else {}))


@pytest.mark.parametrize("place", PLACES)
def test_sixty_numbers_are_written_as_the_table_has_them(place):
    with locales.use(place):
        found = {(name, *given): said(name, given).replace("\xa0", "~").replace("\u202f", "_") for name, given, _ in table()}
    assert found == {(name, *given): golden[place] for name, given, golden in table()} and len(found) >= 60


def read_back(text: str, place: str) -> list[tuple[Decimal, Decimal]]:
    """The numbers in a text and half a unit of the last digit of each, by Babel."""
    found = []
    for piece in NUMBER.finditer(text):
        digits, before = piece.group(), text[: piece.start()].rstrip("$¥￥€£KWD")
        unit = re.match(r"[\xa0\u202f]?([^\s\d€$¥￥£),(]+\.?)", text[piece.end() :])
        power = UNITS[place].get(unit.group(1), 0) if unit else 0
        decimals = len(digits.partition(get_decimal_symbol(place))[2])
        size = parse_decimal(digits, locale=place).scaleb(power)
        found.append((-size if before.endswith(words.MINUS) else size, Decimal(5).scaleb(power - decimals - 1)))
    return found


@pytest.mark.parametrize("place", PLACES)
def test_babel_reads_back_what_was_meant(place):
    for function, given, _ in table():
        with locales.use(place):
            text = said(function, given)
        meant = [Decimal(str(one)) for one in given if not isinstance(one, str)]
        meant = meant[:1] if function == "decimal" else meant
        scale = 100 if function in ("percent", "points") else 1
        numbers = read_back(text.removesuffix("points").removesuffix("months"), place)
        assert len(numbers) == len(meant), (function, given, text)
        for (number, half), real in zip(numbers, meant, strict=True):
            assert abs(number - real * scale) <= half, (function, given, text)
            assert number or f"{words.MINUS}0" not in text, "nought has no sign"
