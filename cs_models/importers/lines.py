"""Which payment renews which: a customer may pay for several things at once, each on days of its own."""

import numpy as np

# a renewal may be paid so many days before the end, but never by more than a third of the period
EARLY_DAYS = 10
EARLY_SHARE = 3


def lines(
    customer: np.ndarray, day: np.ndarray, until: np.ndarray, term: np.ndarray, mrr: np.ndarray,
    plan: np.ndarray, grace: int,
) -> np.ndarray:
    """The number of the line each payment belongs to, one line per thing a customer goes on paying for.

    A payment continues a line that ends at most 10 days after its day (a third of a short period) and at most
    `grace` days before it; of several, the one of the same plan, then term, then MRR, then the nearest end.
    A trial (MRR 0) is continued at any time. Every other payment begins a line, beside those that run.
    Example: 1200 for a year on 2024-01-01 and 10 for a month on 2024-02-15 are two lines, 110 a month.
    """
    order = np.lexsort((term, day, customer))
    who, ends = customer[order], until[order]
    starts = np.append(True, who[1:] != who[:-1]) if len(who) else np.zeros(0, bool)
    renews = (day[order][1:] >= (ends - _early(day[order], ends))[:-1]) | (mrr[order][:-1] == 0)
    # almost every customer has one line; only the others are worth a loop
    overlap = np.flatnonzero(~starts[1:] & ~renews) + 1
    number = np.cumsum(starts) - 1
    several = np.isin(number, number[overlap])
    found = number.copy()
    count = int(number[-1]) + 1 if len(number) else 0
    bounds = np.append(np.flatnonzero(starts), len(who))
    for person in np.unique(number[several]).tolist():
        at = order[bounds[person] : bounds[person + 1]]
        own = _of_one(*(part[at].tolist() for part in (day, until, term, mrr, plan)), grace)
        found[bounds[person] : bounds[person + 1]] = np.array(own) + count
        count += max(own) + 1
    result = np.empty(len(who), np.int64)
    result[order] = found
    return result


def _early(day: np.ndarray, until: np.ndarray) -> np.ndarray:
    return np.minimum(EARLY_DAYS, (until - day) // EARLY_SHARE)


def _of_one(days, untils, terms, paid, plans, grace: int) -> list[int]:
    """The lines of one customer, whose payments come in the order of time."""
    newest: list[int] = []
    own = []
    for at, day in enumerate(days):
        fitting = [line for line, last in enumerate(newest) if _fits(days, untils, paid, last, day, grace)]

        def likeness(line: int, at: int = at) -> tuple:
            last = newest[line]
            same = (plans[last] != plans[at], terms[last] != terms[at], paid[last] != paid[at])
            return (paid[last] == 0, *same, abs(untils[last] - days[at]), line)

        line = min(fitting, key=likeness) if fitting else len(newest)
        newest[line : line + 1] = [at]
        own.append(line)
    return own


def _fits(days, untils, paid, last: int, day: int, grace: int) -> bool:
    early = min(EARLY_DAYS, (untils[last] - days[last]) // EARLY_SHARE)
    return days[last] < day <= untils[last] + grace and (paid[last] == 0 or day >= untils[last] - early)
