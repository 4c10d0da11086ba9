"""Who was a customer on which day, and who fell to nothing between two days: plain SQL over `span`.

A row is present at the end of day d when start_day <= d < end_day; a row that ends the day before the same
customer's next one begins (ends given as the last day served) reaches it.
"""

from cs_models.engine.sql import FOREVER


def present(day: int) -> str:
    return f"(start_day <= {day} AND end_day > {day})"


SERVED = """begin AS (
  SELECT DISTINCT customer, start_day AS begin_day FROM span WHERE customer IN (SELECT customer FROM many)
), served AS (
  SELECT span.customer, start_day, mrr, CASE WHEN begin_day IS NULL THEN end_day ELSE begin_day END AS end_day
  FROM span LEFT JOIN begin ON begin.customer = span.customer AND begin_day = end_day + 1
)"""


def daily_book(day: int) -> str:
    """Customers and MRR at the end of a day."""
    return f"""
WITH {SERVED}
SELECT COUNT(DISTINCT customer) AS customers, CAST(SUM(mrr) AS BIGINT) AS mrr
FROM served WHERE {present(day)}"""


def activity(opening: int, last: int) -> str:
    """One line of counts for the days opening + 1 .. last, the money in minor units.

    customers, mrr: at the end of `opening`. new: who had never been a customer before. falls: how often
    somebody had nothing left, with the MRR of the eve; fallen: how many people; *_old: without those who
    began in the window. gone: present at the start and not at the end. lost_mrr: what those present at the
    start pay less at the end; fallen_lost_mrr: with the eves of those who came later and fell. ended: stays
    that ended by the definitions, each with the MRR of its last rows.
    """
    inside = f"end_day > {opening} AND end_day <= {last}"
    return f"""
WITH {SERVED}, ends AS (
  SELECT DISTINCT customer, end_day FROM served WHERE {inside}
), fall AS (
  SELECT ends.customer, ends.end_day,
    SUM(CASE WHEN s.end_day = ends.end_day THEN s.mrr ELSE 0 END) AS eve
  FROM ends JOIN served s ON s.customer = ends.customer
  GROUP BY ends.customer, ends.end_day
  HAVING MAX(CASE WHEN s.start_day <= ends.end_day AND s.end_day > ends.end_day THEN 1 ELSE 0 END) = 0
), person AS (
  SELECT customer, MIN(start_day) AS begun,
    CAST(SUM(CASE WHEN {present(opening)} THEN mrr ELSE 0 END) AS BIGINT) AS before,
    CAST(SUM(CASE WHEN {present(last)} THEN mrr ELSE 0 END) AS BIGINT) AS after,
    MAX(CASE WHEN {present(opening)} THEN 1 ELSE 0 END) AS was,
    MAX(CASE WHEN {present(last)} THEN 1 ELSE 0 END) AS stayed
  FROM served GROUP BY customer
), people AS (
  SELECT SUM(was) AS customers, SUM(before) AS mrr,
    SUM(CASE WHEN begun > {opening} AND begun <= {last} THEN 1 ELSE 0 END) AS new,
    SUM(CASE WHEN was = 1 AND stayed = 0 THEN 1 ELSE 0 END) AS gone,
    SUM(CASE WHEN was = 1 THEN GREATEST(before - after, 0) ELSE 0 END) AS lost_mrr
  FROM person
), falling AS (
  SELECT COUNT(*) AS falls, COUNT(DISTINCT fall.customer) AS fallen, SUM(eve) AS falls_mrr,
    SUM(CASE WHEN begun <= {opening} THEN 1 ELSE 0 END) AS falls_old,
    SUM(CASE WHEN begun <= {opening} THEN eve ELSE 0 END) AS falls_old_mrr,
    SUM(CASE WHEN was = 0 THEN eve ELSE 0 END) AS fallen_mrr
  FROM fall JOIN person ON fall.customer = person.customer
), last_row AS (
  SELECT customer, spell, MAX(end_day) AS until FROM spell_row GROUP BY customer, spell
  UNION ALL
  SELECT span.customer, 1, end_day FROM span LEFT JOIN many ON span.customer = many.customer
  WHERE many.customer IS NULL
), stay AS (
  SELECT l.customer, l.spell, SUM(CASE WHEN s.end_day = l.until THEN s.mrr ELSE 0 END) AS mrr
  FROM last_row l JOIN span s ON l.customer = s.customer
  WHERE l.until < {FOREVER} AND l.until > {opening} AND l.until <= {last}
  GROUP BY l.customer, l.spell
), ending AS (
  SELECT COUNT(*) AS ended, SUM(mrr) AS ended_mrr FROM stay
)
SELECT CAST(COALESCE(customers, 0) AS BIGINT) AS customers, CAST(COALESCE(mrr, 0) AS BIGINT) AS mrr,
  CAST(COALESCE(new, 0) AS BIGINT) AS new, CAST(COALESCE(gone, 0) AS BIGINT) AS gone,
  CAST(COALESCE(lost_mrr, 0) AS BIGINT) AS lost_mrr, CAST(falls AS BIGINT) AS falls,
  CAST(fallen AS BIGINT) AS fallen, CAST(COALESCE(falls_mrr, 0) AS BIGINT) AS falls_mrr,
  CAST(COALESCE(falls_old, 0) AS BIGINT) AS falls_old,
  CAST(COALESCE(falls_old_mrr, 0) AS BIGINT) AS falls_old_mrr,
  CAST(COALESCE(lost_mrr, 0) + COALESCE(fallen_mrr, 0) AS BIGINT) AS fallen_lost_mrr,
  CAST(ended AS BIGINT) AS ended, CAST(COALESCE(ended_mrr, 0) AS BIGINT) AS ended_mrr
FROM people, falling, ending"""
