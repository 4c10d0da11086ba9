"""Words for people: numbers, money, intervals and the sentence at the top of a page.

One vocabulary for pages, charts and exports. Inside the core, shares are 0..1 and money is a plain number;
only here do they become text, as the viewer's locale writes them (`locales`). A change of churn is in points, never
in per cent. A minus sign is U+2212, so that "−$64" cannot be taken for a hyphen.

>>> money(1840.4), money(1_340_000), money(64.2), money(-64)
('$1,840', '$1.3M', '$64.20', '−$64.00')
"""

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from cs_models import discreet, locales, sums
from cs_models.glossary import HELP, LABELS

MINUS = "−"
ABSENT = "–"  # what a table shows where there is no number
CENTS_BELOW, COMPACT_FROM = sums.CENTS_BELOW, sums.COMPACT_FROM
SMALL_CHANGE = 10  # below it a difference is written with cents
ABOUT = "about "
FEW_CUSTOMERS = 20
KEPT = 1 << 14  # a page writes some hundred numbers, rounded: most were written before, and each costs 20 microseconds
_written = lru_cache(maxsize=KEPT)(format_decimal)

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def _minus(text: str) -> str:
    """Babel writes a hyphen or the locale's own minus; screens show U+2212."""
    return text.replace("-", MINUS)


def _rounded(value: float, digits: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def missing(value) -> bool:
    """Whether there is no number to write."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def money(value: float, currency: str = "USD", sign: bool = False, cents: bool = True) -> str:
    """Money as a leader reads it: compact from 10,000, whole units below, cents under 100.

    `sign=True` writes a plus as well, for differences; `cents=False` keeps whole units, like the neighbours.

    >>> money(9_999.6), money(99.999), money(41.0, sign=True)
    ('$10.0K', '$100', '+$41.00')
    >>> with locales.use("de_DE"):
    ...     money(1234567, "EUR"), money(12_345, "EUR")
    ('1,2\xa0Mio.\xa0€', '12.345\xa0€')
    """
    if missing(value):
        return ABSENT
    if discreet.on():
        return percent(discreet.share(value), sign=sign)
    # The magnitude is formatted and the sign set in front, so that "−$64" never becomes "$-64".
    size = abs(sums.written(value, currency, cents))
    exact = cents and 0 < size < CENTS_BELOW
    prefix = MINUS if value < 0 and size != 0 else "+" if sign and size != 0 else ""
    return prefix + _amount(size, currency, exact, locales.tag())


@lru_cache(maxsize=KEPT)
def _amount(size: Decimal, currency: str, exact: bool, locale: str) -> str:
    """12.3K, always with one decimal; whole units below 10,000 and where the locale has no short form.

    The unit is that of the rounded amount: 999,950 is 1.0M, not 1000.0K.
    """
    if exact:
        return format_currency(size, currency, locale=locale)
    with locales.use(locale):
        divisor, pattern = (locales.unit(size, currency) if size >= COMPACT_FROM else None) or (1, locales.whole(currency))
    return format_currency(size / divisor, currency, format=pattern, locale=locale, currency_digits=False)


def let_go() -> None:
    """Forget the numbers written so far."""
    _amount.cache_clear()
    _written.cache_clear()


def share_cents(*values: float | None) -> bool:
    """Whether the numbers of one sentence or card are written with cents: only when all are below 100.

    >>> share_cents(96.4, 101.2), share_cents(96.4, 99.1)
    (False, True)
    """
    return all(abs(value) < CENTS_BELOW for value in values if not missing(value))


def change_cents(*values: float, ends: tuple[float, float] | tuple[()] = ()) -> bool:
    """Whether a difference, with the ends of its range, is written with cents, here, in a headline and on a card alike: where
    all of it is small change, or where whole units would write both ends the same.

    >>> change_cents(15.2, ends=(12.1, 19.9)), change_cents(4.2, ends=(3.1, 5.5)), change_cents(15.2, ends=(15.02, 15.38))
    (False, True, True)
    """
    if all(abs(value) < SMALL_CHANGE for value in (*values, *ends)):
        return True
    alike = bool(ends) and ends[0] != ends[1] and _rounded(ends[0], 0) == _rounded(ends[1], 0)
    return alike and share_cents(*values, *ends)


def money_interval(
    low: float, high: float, currency: str = "USD", sign: bool = False, cents: bool | None = None
) -> str:
    """The two ends of a range: "$1,710 to $1,980"; one number when they are the same, and "about" it when they only read so.

    sign: the range is that of a difference.
    >>> money_interval(96.4, 101.2), money_interval(200.1, 200.2), money_interval(200.1, 200.1)
    ('$96 to $101', 'about $200', '$200')
    """
    if cents is None:
        cents = change_cents(ends=(low, high)) if sign else share_cents(low, high)
    ends = money(low, currency, sign, cents), money(high, currency, sign, cents)
    if ends[0] == ends[1]:
        return ends[0] if low == high or ends[0] == ABSENT else ABOUT + ends[0]
    return " to ".join(ends)


def with_interval(value: float, low: float, high: float, currency: str = "USD") -> str:
    """Uncertainty as a part of the number: "$1,840 ($1,710 to $1,980)"."""
    cents = share_cents(value, low, high)
    text = money(value, currency, cents=cents)
    ends = money_interval(low, high, currency, cents=cents)
    return text if ends.removeprefix(ABOUT) in (text, ABSENT) else f"{text} ({ends})"


def percent(share: float, digits: int = 1, sign: bool = False, tight: bool = False) -> str:
    """A share 0..1 in per cent with a no-break space: 3.1 %; `tight` leaves the space out (axes, cells)."""
    if missing(share):
        return ABSENT
    size = abs(_rounded(share * 100, digits))
    prefix = MINUS if share < 0 and size != 0 else "+" if sign and size != 0 else ""
    before, after = (end.strip() if tight else end for end in locales.percent_ends())
    return prefix + before + decimal(size, digits) + after


def short_percent(share: float, digits: int = 1) -> str:
    """The form inside a sentence, without a decimal of nought and with a plain space: "10 %", "16.7 %"."""
    return percent(share, 0 if _rounded(share * 100, digits) % 1 == 0 else digits).replace("\xa0", " ")


def points(delta_share: float, digits: int = 1) -> str:
    """A change of a share, in percentage points: points(-0.003) is "−0.3 points"."""
    return ABSENT if missing(delta_share) else f"{decimal(100 * delta_share, digits, sign=True)} points"


def decimal(value: float, digits: int = 0, sign: bool = False) -> str:
    """A number with that many decimals: decimal(1234.5, 1) is "1,234.5", decimal(-1.45, 2) is "−1.45"."""
    if missing(value):
        return ABSENT
    size = abs(_rounded(value, digits))
    prefix = MINUS if value < 0 and size != 0 else "+" if sign and size != 0 else ""
    return prefix + _written(size, format=_pattern(digits), locale=locales.tag())


def months(number: float | None) -> str:
    """A length of time: "1 month", "4.1 months", "18 months"."""
    if missing(number):
        return ABSENT
    text = format_decimal(_rounded(number, 1), format="#,##0.#", locale=locales.tag())
    return f"{_minus(text)} month" if text == "1" else f"{_minus(text)} months"


def payback(number: int | None) -> str:
    """Payback as text; None means that 120 months are not enough, 0 that there is no CAC to earn back."""
    return "Not within 10 years" if number is None else months(number) if number else ABSENT


def count(number: float) -> str:
    """A whole number with separators: "12,482"."""
    return ABSENT if missing(number) else _minus(_written(int(round(number)), locale=locales.tag()))


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 row", "12 rows"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def ratio(value: float) -> str:
    """A hazard ratio: "1.80"."""
    return decimal(value, 2)


def day(moment: date | None) -> str:
    """A date without doubt about month and day: "31 Oct 2026"."""
    if moment is None:
        return ABSENT
    return format_date(moment, format=locales.date_pattern("yMMMd"), locale=locales.tag())


def clock(moment: datetime, zone: str = "UTC") -> str:
    """A moment by the clock of whoever reads it; an unknown time zone is UTC.

    >>> from datetime import timezone
    >>> clock(datetime(2026, 10, 31, 14, 2, tzinfo=timezone.utc), "Europe/Berlin")
    '31 Oct 2026, 15:02'
    """
    try:
        here = ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        here, zone = ZoneInfo("UTC"), "UTC"
    local = moment.astimezone(here)
    text = f"{day(local.date())}, {local:%H:%M}"
    return f"{text} UTC" if zone == "UTC" else text


def month(name: str, short: bool = False) -> str:
    """A calendar month: "October 2026", short "Oct 2026", from "2026-10"."""
    first = date.fromisoformat(f"{name}-01")
    return format_date(first, format=locales.date_pattern("yMMM" if short else "yMMMM"), locale=locales.tag())


def interval_name(term: int) -> str:
    """A billing interval in months as people say it."""
    names = {1: "Monthly", 3: "Quarterly", 6: "Half-yearly", 12: "Annual", 24: "Two-yearly"}
    return names.get(int(term), f"Every {int(term)} months")


def _pattern(digits: int) -> str:
    return "#,##0" if digits == 0 else "#,##0." + "0" * digits


def plain(text: object) -> str:
    """Text from data as one harmless line: control characters become spaces, direction marks U+FFFD."""
    characters = (" " if unicodedata.category(c) == "Cc" else c for c in str(text))
    return _BIDI.sub("\ufffd", "".join(characters))


def held(text: str) -> str:
    """A number and its % stay on one line."""
    return re.sub(r"(?<=\d) %", "\xa0%", text)


def md(text: object) -> str:
    r"""Escape text for a place that renders markdown, so that it is shown and never obeyed.

    Every ASCII punctuation mark is escaped: `$5 vs $7` stays money, `![x](http://h)` loads nothing.
    Bare addresses and :icon: names are broken with a zero-width joiner: a renderer obeys them even escaped.

    >>> print(md("$5 *now*"))
    \$5 \*now\*
    """
    text = re.sub(r"(?i)\b(www)(?=\.)|:(?=\S)", lambda m: m[0] + "\u2060", plain(text))
    return _PUNCTUATION.sub(r"\\\1", text.replace("@", "\u2060@"))


def paid_or_not(paying: int, everybody: int) -> str:
    """ "908 customers, 92 more never paid": a board takes the first number for customers, so trials are apart."""
    if paying == everybody:
        return counted(everybody, "customer")
    return f"{counted(paying, 'customer')}, {count(everybody - paying)} more never paid"


WHO = {"new": "a new customer", "existing": "an existing customer", "portfolio": "the whole book"}


def is_worth(worth: float, book: str, horizon: int, currency: str = "USD", span=None) -> str:
    """What the customers of one book are worth, to go on from; `span` has low and high.

    >>> is_worth(5588.0, "existing", 36)
    'an existing customer is worth $5,588 over 36 months'
    """
    ends = (span.low, span.high) if span else ()
    cents = share_cents(worth, *ends)
    text = f"{WHO[book]} is worth {money(worth, currency, cents=cents)} over {months(horizon)}"
    return f"{text} ({money_interval(*ends, currency, cents=cents)})" if ends else text


def value_headline(worth: float, horizon: int, currency: str = "USD", span=None, book: str = "new") -> str:
    """ "A new customer is worth $1,840 over 36 months ($1,710 to $1,980)"."""
    text = is_worth(worth, book, horizon, currency, span)
    return text[0].upper() + text[1:]


def share_of(delta: float, before: float) -> str:
    """A difference against where it started: "+29 %"; "" where there was nothing."""
    return percent(delta / abs(before), sign=True) if before else ""


def bridge_alt(before: float, steps: dict[str, float], after: float, currency: str = "USD") -> str:
    """The bridge for somebody who cannot see it."""
    cents = max(abs(before), abs(after)) < CENTS_BELOW
    shown = zip(steps, sums.parts_of(steps.values(), None, currency, cents))
    moves = ", ".join(f"{name} {money(step, currency, True, cents)}" for name, step in shown)
    ends = (money(end, currency, cents=cents) for end in (before, sums.level_after(before, after, currency, cents)))
    return f"From {' today to '.join(ends)}: {moves or 'no change'}"
