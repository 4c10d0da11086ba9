"""How far into their last paid term customers were on the day the file ends them: counts, of renewals that are over.

Where the paid term is not over yet, only those who said so early could be counted, and all would look early.
"""

import pandas as pd

from cs_models.engine import counted
from cs_models.engine.counts import open_rows
from cs_models.engine.sql import UNFINISHED
from cs_models.kept_counts import kept


@kept
def places_of_ends(subs) -> pd.DataFrame:
    """Columns term (months, above 1), place (whole months into the last term, `term` = at its end), customers."""
    if counted.is_counted(subs):
        return counted.places_of_ends(subs)
    with open_rows(subs, ()) as query:
        return query.frame(places())


def places() -> str:
    """Out of the relation `exposure`."""
    place = "LEAST(GREATEST(gone - (duration - anchor - term), 0), term)"
    return f"""
SELECT term, place, CAST(COUNT(*) AS BIGINT) AS customers FROM (
  SELECT term, {place} AS place FROM exposure
  WHERE is_last = 1 AND churned = 1 AND term > 1 AND NOT ({UNFINISHED}) AND gone IS NOT NULL
) AS ends GROUP BY term, place"""
