"""Small books of subscriptions drawn by chance, awkward on purpose: gaps, overlaps, same-day ends, annual and quarterly
payers, changes of plan and price, free plans, month ends. Every book is the same for the same number."""

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
import pandas as pd

import cs_models as cs

AS_OF = date(2024, 12, 31)
FIRST = date(2022, 11, 1)
COLUMNS = ["customer", "start", "end", "plan", "interval", "mrr", "country"]
PLANS, COUNTRIES, TERMS = ("Basic", "Pro", "Team"), ("DE", "FR", "US"), ("month", "month", "month", "quarter", "year")
WAIT = {"month": 1, "quarter": 3, "year": 12}


def later(day: date, months: int) -> date:
    """The same day so many months on, clipped to the end of its month."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def book(number: int) -> pd.DataFrame:
    """One row per stretch of paid time, as text, as an export has it."""
    draw, rows = np.random.default_rng(number), []
    for customer in range(int(draw.integers(2, 16))):
        rows += _customer(draw, f"{number}-{customer}")
    return pd.DataFrame(rows, columns=COLUMNS)


def _customer(draw, name: str) -> list[tuple]:
    country = str(draw.choice(COUNTRIES))
    begin, rows = FIRST + timedelta(days=int(draw.integers(0, 700))), []
    if draw.random() < 0.2:  # on the last day of a month, where calendars differ
        begin = begin.replace(day=monthrange(begin.year, begin.month)[1])
    for _ in range(int(draw.choice([1, 1, 2, 3]))):
        term = str(draw.choice(TERMS))
        cents = 0 if draw.random() < 0.04 else int(draw.integers(100, 9999))
        stay = draw.choice(["open", "months", "days", "same"], p=[0.4, 0.4, 0.17, 0.03])
        end = {"open": None, "months": later(begin, int(draw.integers(1, 14)) * WAIT[term]),
               "days": begin + timedelta(days=int(draw.integers(1, 400))), "same": begin}[stay]  # fmt: skip
        if end is not None and end > AS_OF:
            end = None
        rows.append((name, begin.isoformat(), "" if end is None else end.isoformat(), str(draw.choice(PLANS)), term,
                     f"{cents / 100:.2f}", country))  # fmt: skip
        # A second subscription beside an open one, or the next stretch after none, a short or a long pause.
        begin = (end or begin) + timedelta(days=int(draw.choice([0, 1, 30, 45, 46, 120])))
        if begin > AS_OF:
            break
    return rows


def read(frame: pd.DataFrame):
    return cs.read(frame, as_of=AS_OF)
