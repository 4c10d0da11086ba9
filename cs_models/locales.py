"""Whose numbers these are: the viewer's locale, and its formats as CLDR has them (by Babel).

Sentences stay English; numbers, money, dates and per cent in them follow the locale. In a notebook it is en_US. An
app says once who is looking (`ask`), since a page is drawn by many functions and some run outside of the page.

>>> tag()
'en_US'
>>> with use("de-DE"):
...     tag(), unit(12_345_678, "EUR")
('de_DE', (1000000, '0.0\\xa0Mio.\\xa0¤'))
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal, get_currency_symbol, get_decimal_symbol, get_group_symbol

DEFAULT = "en_US"
# In quotes is what stands in a file; else a number written the English way, with thousands or with cents.
_ENGLISH = re.compile(r'"[^"]*"|“[^”]*”|(?<![\w.,-])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d\d?)(?!\w|[.,]\d)')
HIGHEST = 15  # digits of the largest unit an axis can name

_chosen: ContextVar[str] = ContextVar("locale", default="")
_viewers: list[Callable[[], str | None]] = []


def ask(viewer: Callable[[], str | None]) -> None:
    """Where no locale is chosen, `viewer` is asked for its tag, such as "de-DE"; None or an unknown one is en_US."""
    _viewers[:] = [viewer]


@contextmanager
def use(name: str) -> Iterator[None]:
    """Numbers within the block are those of this locale."""
    before = _chosen.set(_known(name))
    try:
        yield
    finally:
        _chosen.reset(before)


def tag() -> str:
    """The locale numbers are written in now: a part of every cache key of what holds sentences."""
    return _chosen.get() or _known(next((viewer() for viewer in _viewers), None) or DEFAULT)


@lru_cache(maxsize=256)
def _known(name: str) -> str:
    try:
        return str(Locale.parse(name.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return DEFAULT


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    return Locale.parse(name)


def retold(text: str) -> str:
    """A sentence kept with the data, its numbers written the English way, as today's reader writes them.

    >>> with use("de-DE"):
    ...     retold('1,204 rows of "1,000.50" come to 12,345.60 EUR, 3.1 a head.')
    '1.204 rows of "1,000.50" come to 12.345,60 EUR, 3,1 a head.'
    """
    if (get_decimal_symbol(tag()), get_group_symbol(tag())) == (".", ","):
        return text

    def written(found: re.Match) -> str:
        if not found[1]:
            return found[0]
        digits = len(found[1].partition(".")[2])
        form = "#,##0." + "0" * digits if digits else "#,##0"
        return format_decimal(Decimal(found[1].replace(",", "")), form, tag())

    return _ENGLISH.sub(written, text)


def percent_ends() -> tuple[str, str]:
    """What stands before and after a share in per cent: ("", "\\xa0%"); "%3,1" in Turkish.

    Where CLDR leaves no space (English among others) this house does, without a break.
    """
    before, after = _percent(tag())
    return before, "\xa0%" if after == "%" else after


def _percent(name: str) -> tuple[str, str]:
    before, after = re.split(r"[#0,.]+", _locale(name).percent_formats[None].pattern)[:2]
    return before, after


def whole(currency: str) -> str:
    """The pattern of an amount of money without cents."""
    return _locale(tag()).currency_formats["standard"].pattern.split(";")[0].replace("0.00", "0")


def unit(size: float | Decimal, currency: str | None = None) -> tuple[int, str] | None:
    """(divisor, pattern with one decimal) of a large amount, or number, in short: thousand, million, lakh.

    None where the locale writes a number of that size in full.
    """
    return _unit(tag(), currency is not None, len(str(int(size))) - 1)


@lru_cache(maxsize=1024)
def _unit(name: str, money: bool, power: int) -> tuple[int, str] | None:
    locale = _locale(name)
    patterns = (locale.compact_currency_formats if money else locale.compact_decimal_formats)["short"]["other"]
    form = str(getattr(patterns.get(str(10**power)), "pattern", patterns.get(str(10**power), "0")))
    digits = form.count("0")
    if form.strip("0") == "" or not digits:
        return None
    return 10 ** (power - digits + 1), re.sub("0+", "0.0", form.replace("'", ""), count=1)


def date_pattern(name: str) -> str:
    """How the locale writes one of "yMMMd", "yMMM", "yMMMM"; English always day, month, year, as this house does.

    >>> date_pattern("yMMMd")
    'd MMM y'
    """
    locale = _locale(tag())
    if locale.language == "en":
        return {"yMMMd": "d MMM y", "yMMM": "MMM y", "yMMMM": "MMMM y"}[name]
    # Stand-alone names (L) leak between locales in Babel 2.18 (python-babel issue 1234): the others are taken.
    return str(getattr(locale.datetime_skeletons[name], "pattern", locale.datetime_skeletons[name])).replace("L", "M")


def axis(currency: str | None = None) -> str:
    """A Vega expression for the labels of an axis: "$12K", "1,2 Mio. €", in short from 10,000.

    A number a spec holds is formatted by the browser, in the number locale that `vega` hands it.
    """
    return _axis(tag(), currency)


@lru_cache(maxsize=256)
def _axis(name: str, currency: str | None) -> str:
    symbol = get_currency_symbol(currency, locale=name) if currency else ""
    standard = _locale(name).currency_formats["standard"].pattern.split(";")[0]
    plain = re.sub(r"[#,]*0\.00", "0", standard) if currency else "0"
    size = "abs(datum.value)"
    said = _told(plain, symbol, "format(abs(datum.value), abs(datum.value) < 10 ? ',.2~f' : ',.0f')")
    seen = {}
    for power in range(3, HIGHEST + 1):
        found = _unit(name, currency is not None, power)
        if found and found[0] not in seen:
            seen[found[0]] = (10**power, found[1])
    for divisor, (start, pattern) in sorted(seen.items()):
        short = pattern.replace("0.0", "0")
        # An axis runs in steps: 2.5M needs its decimal, 2M does not.
        value = f"format({size} / {divisor}, '.2~f')"
        said = f"{size} >= {start} ? {_told(short, symbol, value)} : {said}"
    return f"(datum.value < 0 ? '\u2212' : '') + ({said})"


def _told(pattern: str, symbol: str, value: str) -> str:
    before, after = pattern.replace("¤", symbol).split("0", 1)
    quoted = [part.replace("\\", "").replace("'", "\u2019") for part in (before, after)]
    return f"'{quoted[0]}' + {value} + '{quoted[1]}'"


def vega() -> dict:
    """The number and time locale of Vega, from CLDR: what axes and tips are written in."""
    return _vega(tag())


@lru_cache(maxsize=64)
def _vega(name: str) -> dict:
    locale = _locale(name)
    grouping = [3, 2, 2, 2, 2] if ",##,##0" in locale.decimal_formats[None].pattern else [3]
    number = {"decimal": get_decimal_symbol(name), "thousands": get_group_symbol(name), "grouping": grouping,
              "currency": ["", ""], "minus": "\u2212", "percent": _percent(name)[1] or "%"}  # fmt: skip
    # Not "stand-alone": Babel 2.18 hands one locale's stand-alone names to the next (python-babel issue 1234).
    days, months = locale.days["format"], locale.months["format"]
    time = {
        "dateTime": "%x, %X", "date": "%d %b %Y", "time": "%H:%M", "periods": ["AM", "PM"],
        **{key: [days[width][day] for day in (6, 0, 1, 2, 3, 4, 5)] for key, width in
           (("days", "wide"), ("shortDays", "abbreviated"))},
        **{key: [months[width][month] for month in range(1, 13)] for key, width in
           (("months", "wide"), ("shortMonths", "abbreviated"))},
    }  # fmt: skip
    return {"number": number, "time": time}
