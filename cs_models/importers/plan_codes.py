"""Plans that are only numbers: which one means that they left and which is a trial stands in the table of plans."""

from collections.abc import Mapping

import numpy as np

from cs_models.importers.columns import Column, matches, shorten
from cs_models.importers.doubts import choose
from cs_models.importers.ledger import Ledger

NONE = "none"
MOST = 20  # codes that can be offered as answers
NEARLY_ALL = 0.9  # of customers begin with a trial, where there is one
LONGEST_TRIAL = 31  # days
REMEDY = "The table of plans, added as the second file, settles it, and brings the prices."


def ask_codes(
    plan: Column, customer: np.ndarray, day: np.ndarray, answers: Mapping[str, str], ledger: Ledger
) -> tuple[np.ndarray, np.ndarray]:
    """Rows by which customers left, and rows of a trial, of plans that are only numbers, each asked with a guess.

    The guess for leaving is the one plan that nothing ever follows and nobody begins with; for a trial, the one that
    nearly everybody begins with and leaves within a month. Nothing is asked of plans with names.
    """
    nobody = np.zeros(len(plan.codes), bool)
    values = plan.values.to_pylist()
    coded = matches(plan.values, r"^\d+$") | plan.blank
    if not coded.all() or not 1 < len(values) <= MOST:
        return nobody, nobody
    rows = np.flatnonzero(ledger.kept)
    rows = rows[np.lexsort((day[rows], customer[rows]))]
    who, held = customer[rows], plan.codes[rows]
    first = np.append(True, who[1:] != who[:-1])
    last = np.append(first[1:], True)
    days = np.where(last, 0, np.append(day[rows][1:], 0) - day[rows])
    many, begun, over = (np.bincount(held[at], minlength=len(values)) for at in (first | True, first, last))
    ends = np.flatnonzero((many > 1) & (over == many) & (begun == 0))
    opens = [at for at in np.flatnonzero((begun == many) & (begun >= NEARLY_ALL * first.sum()))
             if (days[(held == at) & ~last] <= LONGEST_TRIAL).all() and (over < many)[at]]  # fmt: skip
    alternatives = (NONE, *sorted((value for value, count in zip(values, many) if count), key=int))
    named = ", ".join(shorten(one) for one in alternatives[1:])

    def told_left(chosen: str) -> str:
        gone = int(over[values.index(chosen)]) if chosen != NONE else 0
        guess = _told(values, ends, many, "is the last one of everybody who has it, {:,} customers")
        left = f"Read so, {gone:,} of {first.sum():,} customers have left."
        return f"Plans are numbers only ({named}).{guess} {left} {REMEDY}"

    def told_trial(chosen: str) -> str:
        sentence = "is the first one of {:,} customers, none of whom keeps it for more than a month"
        guess = _told(values, opens, many, sentence)
        apart = "set aside, and no churn" if chosen != NONE else "paid time like any other"
        return f"Plans are numbers only ({named}).{guess} A trial is {apart}."

    found = []
    for id, title, likely, sentence in (
        ("left_plan", "Which plan means that they left?", ends, told_left),
        ("trial_plan", "Which plan is a free trial?", opens, told_trial),
    ):
        guess = values[likely[0]] if len(likely) == 1 else NONE
        chosen = choose(ledger, answers, id, title, guess, alternatives, sentence)
        found.append(nobody if chosen == NONE else plan.codes == values.index(chosen))
    return found[0], found[1]


def _told(values: list[str], likely, many: np.ndarray, sentence: str) -> str:
    if len(likely) != 1:
        return ""
    return f" Plan {shorten(values[likely[0]])} {sentence.format(int(many[likely[0]]))}."
