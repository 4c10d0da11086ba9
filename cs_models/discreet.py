"""Amounts told as shares of one amount, for a screen that strangers may see: 639 against 5,588 is +11.4 %.

Money becomes text in `words.money` alone, so that what is hidden here is hidden in every sentence, card and label.

>>> from cs_models import words
>>> with against(5588.0):
...     words.money(639.0, sign=True).replace("\\xa0", " ")
'+11.4 %'
>>> words.money(639.0)
'$639'
"""

from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

_WHOLE: ContextVar[float | None] = ContextVar("whole", default=None)


@contextmanager
def against(amount: float | None):
    """Inside, money is told as a share of `amount`; None changes nothing. An amount of nought has no shares: 0 %."""
    token = _WHOLE.set(None if amount is None else abs(amount) or float("inf"))
    try:
        yield
    finally:
        _WHOLE.reset(token)


def on() -> bool:
    return _WHOLE.get() is not None


def share(value: float) -> float:
    """A sum as a share of the amount."""
    return value / _WHOLE.get()


def table(frame: pd.DataFrame, money: tuple[str, ...]) -> pd.DataFrame:
    """A chart's table with its columns of money in hundredths of the amount; as it is where nothing is hidden."""
    return frame.assign(**{name: share(frame[name]) * 100 for name in money}) if on() else frame
