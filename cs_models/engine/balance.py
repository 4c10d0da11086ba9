"""What each customer pays as time goes on, as SQL: a period adds its MRR where it begins and takes it away where it ends.

Events are rows of customer, a time (a month, a year, an age) and the change of MRR at it, in minor units. Summed by
customer and time and added up in order they give the balance, and the balance says what each change was. No month is
made in which nothing happened.
"""

from cs_models.engine import sql

ORDER = "PARTITION BY customer ORDER BY {time}"
PLACE = "ROW_NUMBER() OVER ({order}) AS place"  # 1 = the first change of a customer
UNTIL = "COALESCE(LEAD({time}) OVER ({order}), {never}) AS until"  # the next change


def changes(time: str, began: str, ended: str) -> str:
    """The relation `change` of all periods in `span`; `began`, `ended`: their times."""
    return f"""change AS (
  SELECT customer, {began} AS {time}, mrr FROM span
  UNION ALL
  SELECT customer, {ended} AS {time}, -mrr FROM span WHERE live = 0
)"""


def balances(time: str, also: str, events: str = "change", amount: str = "mrr", settled: bool = True) -> str:
    """The relations `netted` and `running` (customer, time, change, balance from then on, and `also`: PLACE or UNTIL) of
    events; `settled`: times at which all changes of a customer cancel out are left away.
    """
    order = ORDER.format(time=time)
    kept = f"\n  HAVING SUM({amount}) <> 0" if settled else ""
    return f"""netted AS (
  SELECT customer, {time}, CAST(SUM({amount}) AS BIGINT) AS change FROM {events} GROUP BY customer, {time}{kept}
), running AS (
  SELECT customer, {time}, change, CAST(SUM(change) OVER ({order} ROWS UNBOUNDED PRECEDING) AS BIGINT) AS balance,
    {also.format(time=time, order=order, never=sql.FOREVER)}
  FROM netted
)"""


def named(time: str, gone: str, back: str) -> str:
    """The relation `named` out of `running` with PLACE: customer, time, change and what it was."""
    return f"""named AS (
  SELECT customer, {time}, change, CASE
    WHEN place = 1 THEN 'new'
    WHEN balance = 0 THEN '{gone}'
    WHEN balance = change THEN '{back}'
    WHEN change > 0 THEN 'expansion'
    ELSE 'contraction' END AS kind
  FROM running
)"""
