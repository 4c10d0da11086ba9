"""First starts by month: who joins, how they are billed, and what they pay at the start."""

import pandas as pd

from cs_models.engine import counted
from cs_models.engine.counts import open_rows
from cs_models.engine.sql import groups, month_index
from cs_models.kept_counts import kept


@kept
def first_starts(subs, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """One row per group, billing interval and start month: columns *by, interval, month, customers, mrr (minor units).

    A customer counts once, in the group of the row that begins first, with the MRR of all rows that begin on that day.
    month = 12 x year + month; 0 where the file has no dates.
    """
    if counted.is_counted(subs):
        return counted.starts(subs, by)
    with open_rows(subs, by) as query:
        found = query.frame(_text(len(by)))
    found["month"] = found["month"].fillna(0).astype(int)
    return found.rename(columns={"term": "interval", **{f"g{i}": name for i, name in enumerate(by)}})


def moved_on(subs, by: tuple[str, ...] = ()) -> int | None:
    """Customers whose stay went on in another group or billing interval than any they began with (not beside it, as with
    what is bought on top); None where only counts are known.
    """
    if counted.is_counted(subs):
        return None
    with open_rows(subs, by) as query:
        return query.number(_moved(len(by)))


def _moved(by: int) -> str:
    same = "".join(f" AND was.g{i} = later.g{i}" for i in range(by))
    return f"""
WITH several AS (SELECT * FROM span WHERE customer IN (SELECT customer FROM many)),
began AS (SELECT customer, MIN(start_day) AS day FROM several GROUP BY customer),
was AS (SELECT several.* FROM several JOIN began ON several.customer = began.customer AND several.start_day = began.day)
SELECT COUNT(DISTINCT later.customer) FROM spell_row AS later JOIN began ON later.customer = began.customer
WHERE later.carries = 1 AND later.start_day > began.day AND NOT EXISTS (
  SELECT 1 FROM was WHERE was.customer = later.customer AND was.term = later.term{same})"""


def _text(by: int) -> str:
    keys = f"term{groups(by)}, {month_index('started_on')}"
    return f"""
WITH placed AS ({first_rows(by, "WHERE customer IN (SELECT customer FROM many)")}
  UNION ALL
  SELECT *, mrr AS first_mrr, 1 AS place FROM span WHERE customer NOT IN (SELECT customer FROM many)
)
SELECT {keys} AS month, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(first_mrr) AS BIGINT) AS mrr
FROM placed WHERE place = 1 GROUP BY {keys}"""


def first_rows(by: int, some: str = "") -> str:
    """Rows of `span` with the place of each among those of its customer, and all MRR that begins on its day."""
    order = f"start_day, end_day DESC, term, plan, mrr, entry, involuntary DESC{groups(by)}"
    return f"""
  SELECT span.*, SUM(mrr) OVER (PARTITION BY customer, start_day) AS first_mrr,
    ROW_NUMBER() OVER (PARTITION BY customer ORDER BY {order}) AS place
  FROM span {some}"""
