"""Exposures as far as they tell who stays: the relation `watched` out of `exposure` (`sql.py`), and its counts.

Whoever ends an annual plan within a paid year leaves at its renewal. Those beside him who stay are at risk there only
once that day has come, so he is too: until then both are censored with the months served. Counted at once, as somebody
who left, he would make a renewal that few have faced look deadly. Of a year that is not over, leaving is all one can see.
"""

from cs_models.engine.sql import EXPOSED, UNFINISHED, ended, groups, month_index

AHEAD = f"term > 1 AND {UNFINISHED}"  # left, by a renewal that is not yet due


def watched(by: int) -> str:
    """The columns of `exposure` but `served` and `gone`."""
    return f"SELECT {EXPOSED}, {ended(AHEAD)}{groups(by)} FROM exposure"


def exposure_counts(by: int, cohort: bool = False) -> str:
    """How many customers share group, entry, duration and end; `cohort`: and month of the first start. First
    spells only.

    A part of no length, left for another plan within its first month, is nobody's time: only the part that
    follows counts, or its customer would start twice.
    """
    keys = f"term, anchor, entry, duration, churned, involuntary{groups(by)}"
    month = month_index("spell_on")
    shown, keys = (f"{keys}, {month} AS cohort", f"{keys}, {month}") if cohort else (keys, keys)
    return (
        f"SELECT {shown}, CAST(COUNT(*) AS BIGINT) AS customers FROM watched "
        f"WHERE spell = 1 AND NOT (is_last = 0 AND duration <= entry) GROUP BY {keys}"
    )


def reactivations() -> str:
    """Returns after a gap longer than the definitions allow."""
    return "SELECT CAST(COUNT(*) AS BIGINT) FROM spell_exposure WHERE spell > 1 AND part = 0"
