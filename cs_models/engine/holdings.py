"""Customers of today by what they pay: counts per group, tenure and MRR, never a list of customers."""

import pandas as pd

from cs_models.engine import sql
from cs_models.engine.counts import open_rows
from cs_models.kept_counts import kept


@kept
def holdings(subs, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Columns *by, interval, tenure (completed months), mrr (minor units, of one customer), customers.

    The active book (`counts.active_book`) once more with the MRR of a customer as a key; summed over it, the
    same.
    """
    by = tuple(name for name in by if name != "interval")
    with open_rows(subs, by) as query:
        found = query.frame(_text(len(by)))
    return found.rename(columns={"term": "interval", **{f"g{i}": name for i, name in enumerate(by)}})


def _text(by: int) -> str:
    keys = f"term{sql.groups(by)}, tenure, mrr"
    return f"WITH {sql.standing(by)}\nSELECT {keys}, CAST(COUNT(*) AS BIGINT) AS customers FROM standing GROUP BY {keys}"
