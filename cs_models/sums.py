"""How an amount is rounded where it is written, and the parts of a sum so that they still add up on screen.

An amount is taken to the cent (or what its currency has instead), and from there once to the step it is written in;
ties go to the even step.
"""

import math
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from babel.numbers import get_currency_precision

from cs_models import locales

CENT, ONE = Decimal("0.01"), Decimal(1)
CENTS_BELOW, COMPACT_FROM = 100, 10_000


def written(value: float, currency: str = "USD", cents: bool = True) -> Decimal:
    """An amount as it is written: cents under 100, whole units under 10,000, then a tenth of the unit of the locale.

    From cents to that step in one go: 482,450.07 by way of whole units would be a tie, and 482.4K.
    cents: whether it may be written with cents.

    >>> print(written(482_450.07), written(9_999.6), written(41.206), written(41.2, cents=False))
    482500 10000 41.21 41
    """
    return _whole(value, written_step([value], currency, cents)) + 0  # no minus nought


def written_step(values, currency: str = "USD", cents: bool = True) -> Decimal:
    """The step in which the largest of these amounts is written: a cent, one, or a tenth of a thousand.

    >>> written_step([41.2]), written_step([5588.4, 41.2]), written_step([63_100.0])
    (Decimal('0.01'), Decimal('1'), Decimal('1E+2'))
    """
    largest = max((_whole(abs(value), CENT) for value in values), default=Decimal(0))
    if cents and largest < CENTS_BELOW:
        return ONE.scaleb(-get_currency_precision(currency))  # yen have no cents, dinars have three
    largest = _whole(largest, ONE)
    found = locales.unit(largest, currency) if largest >= COMPACT_FROM else None
    return Decimal(found[0]).scaleb(-1).normalize() if found else ONE


def parts_of(parts, total: float | None = None, currency: str = "USD", cents: bool = True) -> list[float]:
    """The parts as they are written beside their sum, so that what is read adds up (largest remainder).

    Each part is rounded down to the step the largest of them and of the sum is written with; the steps that are then
    missing go to the parts that lost most. No part is moved by more than one step. total: their sum, where known.
    For a CFO: 1.4 and 1.4 are 2.8, but "1 + 1 = 3" is no table for a board.
    Raises ValueError where the parts do not sum to the total.
    >>> parts_of([100.4, 200.4, 300.4]), round(601.2)
    ([101.0, 200.0, 300.0], 601)
    >>> parts_of([702.4, -61.4], 641.0)
    [702.0, -61.0]
    """
    parts = [float(part) for part in parts]
    total = math.fsum(parts) if total is None else float(total)
    step = written_step([*parts, total], currency, cents)
    exact = [Decimal(str(part)) / step for part in parts]
    low = [value.to_integral_value(ROUND_FLOOR) for value in exact]
    missing = int(_whole(Decimal(str(total)), step) / step - sum(low))
    if not 0 <= missing <= len(parts):
        raise ValueError(f"The parts sum to {math.fsum(parts):g}, not to {total:g}.")
    by_loss = sorted(range(len(parts)), key=lambda i: low[i] - exact[i])[:missing]
    return [float((value + (i in by_loss)) * step) for i, value in enumerate(low)]


def level_after(before: float, after: float, currency: str = "USD", cents: bool = True) -> float:
    """The level after a change as it is written beside the level before and the change itself, so that the three add up.

    Where they are written in different steps ($12.3K and $702) there is nothing to add up, and it is left as it is.
    cents: whether the change may be written with cents.
    >>> level_after(5588.4, 6290.8)
    6290.0
    >>> level_after(737.84, 742.13)
    742.13
    """
    change, small = after - before, max(abs(before), abs(after)) < CENTS_BELOW
    steps = {written_step([level], currency, small) for level in (before, after)} | {written_step([change], currency, cents)}
    if not change or len(steps) > 1:
        return after
    return float(sum(_whole(Decimal(str(value)), *steps) for value in (before, change)))


def _whole(value, step: Decimal) -> Decimal:
    """A value in whole steps, ties to even, by way of cents: the only rounding of amounts that are shown."""
    cents = Decimal(str(value)).quantize(min(CENT, step), rounding=ROUND_HALF_EVEN)
    return (cents / step).quantize(ONE, rounding=ROUND_HALF_EVEN) * step
