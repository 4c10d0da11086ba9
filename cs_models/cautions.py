"""What must be seen beside every headline: too few customers, a curve off what was observed, nobody who joins."""

import re

from cs_models.words import FEW_CUSTOMERS, counted

FEW_DEPARTURES = 10  # fewer tell nothing of a pace
# of retention/fit.py and from_data.py
GRAVE = re.compile(r"fitted curve is up to \d+ points (above|below) the observed one|^Nobody has joined in the last")


def few(customers: int, departures: int) -> str:
    """The sentence for data that are too small to be believed; "" for others.

    >>> few(40, 3)[:79]
    'Too few departures to say: 40 customers and 3 departures so far. Take every num'
    """
    if customers >= FEW_CUSTOMERS and departures >= FEW_DEPARTURES:
        return ""
    what = "customers" if customers < FEW_CUSTOMERS else "departures"
    return (
        f"Too few {what} to say: {counted(customers, 'customer')} and "
        f"{counted(departures, 'departure')} so far. Take every number here as a first guess."
    )


def grave(notes: tuple[str, ...]) -> tuple[str, ...]:
    """Of all notes those a leader must see: a fit 5 points off the observed curve, or nobody who joined of late."""
    return tuple(note for note in notes if GRAVE.search(note))


def caution(told: tuple[str, ...]) -> str:
    """What must stand under every headline, in one place; of more than two the first, and how many there are.

    >>> caution(("A.", "B.")), caution(("A.", "B.", "C."))
    ('A. B.', 'A. (2 more curves like this are named under the notes.)')
    """
    more = f" ({len(told) - 1} more curves like this are named under the notes.)" if len(told) > 2 else ""
    return " ".join(told[:1] if more else told) + more
