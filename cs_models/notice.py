"""Notice: many files end an annual plan on the day somebody cancels, months before the paid year is over.

Whoever is on the books in the eleventh month of a paid year has let most days on which he could have cancelled go by.
So he is likelier to renew than somebody who has just paid, and the more so the more of those who leave say so early.
"""

import numpy as np

from cs_models.engine.notice import places_of_ends
from cs_models.words import months, percent

GRACE = 2  # months after a renewal
HABIT = 0.05
FEWEST = 30  # who did not renew, for the days on which they were ended to be a habit


def notice(subs) -> dict[int, np.ndarray]:
    """By billing term in months: the share of those who will not renew that the file has ended after 0, 1, ... months of
    the paid term, (term,). Only terms with 30 such ends, of which 5 % or more come in the first half, are in it.

    F(m) = (ends before month m + half of those within it) / all ends of terms that are over; on the last day is not early.
    Of the first two months no more count than of the third: others went within days of grace after a renewal they did
    not pay, too few for a habit or answered as paid (else `late_ends.py` has moved them to that renewal).
    To a CFO: how much of next year's loss has already left today's book. Example: `tests/test_notice.py`.
    """
    frame = places_of_ends(subs)
    found = {}
    for term, ends in frame[frame["term"] > GRACE].groupby("term"):
        count = np.bincount(ends["place"].to_numpy(int), ends["customers"].to_numpy(float), int(term) + 1)
        usual = np.minimum(count[:GRACE], count[GRACE])
        count[-1] += (count[:GRACE] - usual).sum()
        count[:GRACE] = usual
        early = (np.cumsum(count) - count / 2)[:-1] / max(count.sum(), 1.0)
        if count.sum() >= FEWEST and early[int(term) // 2] >= HABIT:
            found[int(term)] = early
    return found


def early_sentence(term: int, early: np.ndarray) -> str:
    """What the habit means for the book of today, in words."""
    return (f"Who will not renew is ended early here: {percent(float(early[term // 2]), 0)} of those who pay every "
            f"{months(term)} are gone by the middle of the paid term. So those still on the books are likelier to renew than "
            "the curve of all says; their value counts that. Today's customers and MRR are those who have not cancelled.")


def renewing(stay, noticed):
    """The chance to renew of somebody who has not cancelled yet: p / (1 - (1 - p) F).

    stay: p, the chance at the begin of the paid term; noticed: F, the share of those who leave that has said so by now.
    Bayes: of all who began the term p renew, and 1 - (1 - p) F are still on the books. Shapes broadcast.
    To a CFO: of 100 annual payers 70 renew; half a year later 15 of the 30 have cancelled, and of the 85 left 70 renew.

    >>> round(renewing(0.7, 0.5), 4), renewing(0.7, 0.0)
    (0.8235, 0.7)
    """
    return stay / (1 - (1 - stay) * noticed)
