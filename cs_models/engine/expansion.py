"""MRR of surviving customers from one payment to the next, by month of tenure: plain SQL over `span`.

A customer's first spell is followed on his own clock: payment t falls due t months after the start. Step k
leads from payment k - 1 to payment k and counts for those who make payment k and whose month k is over at
as_of, so a departure is never a contraction. Whatever changed within the month shows at the next payment.
"""

import pandas as pd

from cs_models.engine import balance, sql
from cs_models.engine.counts import open_rows
from cs_models.kept_counts import kept

# squares: of the MRR at risk; of the changes; change x MRR at risk: for the precision of a rate
SUMS = (
    "customers", "opening", "squares", "changed", "expansion", "contraction", "change_squares", "cross_sum",
)  # fmt: skip


@kept
def expansion_counts(subs, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """Columns *by, interval, tenure (the step k, from 1) and SUMS; money in minor units, contraction
    positive.

    A customer counts in the group and billing interval he began with. customers and opening are those at
    risk of a change: here at payment k, with the MRR of payment k - 1.
    """
    by = tuple(name for name in by if name != "interval")
    with open_rows(subs, by) as query:
        found = query.frame(_text(len(by), f"{query.tomorrow} - 1"))
    found = found.rename(columns={"term": "interval", **{f"g{i}": name for i, name in enumerate(by)}})
    return _running(found, [*by, "interval"])


def _running(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Arrivals and departures summed up to who is there at each step."""
    parts = [pd.DataFrame(columns=[*keys, "tenure", *SUMS])]
    for key, part in found.groupby(keys, sort=True):
        every = range(1, int(part["tenure"].max()) + 1)
        steps = part.set_index("tenure").reindex(every, fill_value=0)[list(SUMS)]
        steps[["customers", "opening", "squares"]] = steps[["customers", "opening", "squares"]].cumsum()
        steps = steps[steps["customers"] > 0].reset_index()
        parts.append(steps.assign(**dict(zip(keys, key)))[[*keys, "tenure", *SUMS]])
    whole = pd.concat(parts[1:] or parts, ignore_index=True)
    numbers = ["customers", "opening", "changed", "expansion", "contraction"]
    return whole.astype({name: "int64" for name in numbers})


def _text(by: int, today: str) -> str:
    firsts = "".join(f", f.g{i}" for i in range(by))
    own = sql.groups(by, "p.")
    keys = f"term{sql.groups(by)}"
    ended = f"CASE WHEN r.live = 1 THEN {sql.FOREVER} ELSE {sql.months_begun('p.spell_on', 'r.ended_on')} END"
    seen = sql.whole_months("l.spell_on", f"({today})")
    return f"""
WITH person AS (
  SELECT l.customer, l.spell_on, f.entry, f.term{firsts},
    CASE WHEN l.churned = 1 THEN l.duration - 1 ELSE {seen} END AS last
  FROM exposure l JOIN exposure f ON l.customer = f.customer AND f.spell = 1 AND f.part = 0
  WHERE l.spell = 1 AND l.is_last = 1
), aged AS (
  SELECT p.customer, r.mrr, r.carries, r.handover, r.start_day, r.end_day,
    {sql.months_begun("p.spell_on", "r.started_on")} AS age_from, {ended} AS age_to
  FROM spell_row r JOIN person p ON r.customer = p.customer WHERE r.spell = 1
), following AS (
  SELECT *, LEAD(age_from) OVER (PARTITION BY customer, carries ORDER BY start_day, end_day) AS next_from,
    LEAD(handover) OVER (PARTITION BY customer, carries ORDER BY start_day, end_day) AS taken_over
  FROM aged
), billed AS (
  SELECT customer, mrr, age_from,
    CASE WHEN carries = 1 AND next_from IS NULL THEN {sql.FOREVER}
      WHEN carries = 1 AND taken_over = 1 THEN next_from
      ELSE age_to END AS age_to
  FROM following
), moved AS (
  SELECT customer, age_from AS age, mrr AS change FROM billed WHERE age_to > age_from
  UNION ALL
  SELECT customer, age_to, -mrr FROM billed WHERE age_to > age_from AND age_to < {sql.FOREVER}
), {balance.balances("age", balance.UNTIL, "moved", "change", settled=False)}, level AS (
  SELECT p.term{own}, p.last, p.entry, v.age, v.until, v.change, v.balance
  FROM running v JOIN person p ON v.customer = p.customer
  UNION ALL
  SELECT p.term{own}, p.last, p.entry, 0, {sql.FOREVER}, s.mrr, s.mrr
  FROM person p JOIN span s ON p.customer = s.customer LEFT JOIN many ON p.customer = many.customer
  WHERE many.customer IS NULL
), stay AS (
  SELECT {keys}, balance, GREATEST(age, entry) + 1 AS first, LEAST(until, last) AS last FROM level
), counted AS (
  SELECT {keys}, first AS tenure, 1 AS customers, balance AS opening, 0 AS changed, 0 AS change FROM stay
  WHERE last >= first
  UNION ALL
  SELECT {keys}, last + 1, -1, -balance, 0, 0 FROM stay WHERE last >= first
  UNION ALL
  SELECT {keys}, age, 0, balance - change, 1, change FROM level
  WHERE age > entry AND age <= last AND change <> 0
), weighed AS (
  SELECT {keys}, tenure, customers, changed, change, CASE WHEN changed = 1 THEN 0 ELSE opening END AS opening,
    CASE WHEN changed = 1 THEN 0 ELSE CAST(customers AS DOUBLE) * opening * opening END AS square,
    CASE WHEN changed = 1 THEN CAST(change AS DOUBLE) * opening ELSE 0 END AS product
  FROM counted
)
SELECT {keys}, tenure, CAST(SUM(customers) AS BIGINT) AS customers, CAST(SUM(opening) AS BIGINT) AS opening,
  SUM(square) AS squares, CAST(SUM(changed) AS BIGINT) AS changed,
  CAST(SUM(CASE WHEN change > 0 THEN change ELSE 0 END) AS BIGINT) AS expansion,
  CAST(SUM(CASE WHEN change < 0 THEN -change ELSE 0 END) AS BIGINT) AS contraction,
  SUM(CAST(change AS DOUBLE) * change) AS change_squares, SUM(product) AS cross_sum
FROM weighed GROUP BY {keys}, tenure"""
