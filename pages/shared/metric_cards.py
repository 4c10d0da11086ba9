"""A metric of a board pack as a card: its value, its day, its n, its definition and its last months."""

from cs_models import words
from cs_models.metrics_today import BALANCES
from pages.shared import layout

MISSING = {"grr": "needs twelve months", "nrr": "needs twelve months", "quick_ratio": "nothing was lost",
           "renewal_churn": "nobody was due"}  # fmt: skip


def card(today, name: str, currency: str) -> None:
    one = today[name]
    value, when, n = said(one.value, one.kind, currency), spoken_of(today, one), ""
    if one.value is None:
        when = why_missing(today, one)
    elif one.n is not None:
        n = words.counted(one.n, one.counted)
    layout.kpi(one.label, value, when, one.definition, beside=n, recent=one.recent)


def said(value: float | None, kind: str, currency: str) -> str:
    if kind == "money":
        return words.money(value, currency)
    return {"share": words.percent, "ratio": words.ratio, "count": words.count}[kind](value)


def spoken_of(today, one) -> str:
    """The day of a balance, the month of what happens in one or ends with it."""
    if one.name in BALANCES or today.month is None:
        return words.day(one.day)
    return words.month(today.month, short=True)


def why_missing(today, one) -> str:
    if today.month is None:
        return "no month is over yet"
    return MISSING.get(one.name, "nobody was there before")
