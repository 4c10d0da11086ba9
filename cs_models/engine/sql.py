"""The SQL text: rows -> spells -> exposures -> counts. Plain SQL over integer codes, no text of the user.

Input relation ``span``, one row per subscription period: customer (code), started_on, ended_on, live,
start_day and end_day (days as integers), term, plan (code), mrr, duration, churned, involuntary, entry, and
group codes g0, g1, ...

Words: a *spell* is a stretch of one customer without a gap of more than 45 days (or as many as the
definitions say). An *exposure* is the part of a spell on one plan and billing interval. Within a spell the
row that reaches furthest *carries* it; rows inside it run in parallel. A *bond* is a known move from one plan
to another: 1 joins its two rows whatever the gap, -1 parts them.
"""

GRACE_DAYS = 45
NO_BOND = "0"
NEIGHBOURS = 1000  # customers that stay together in a part: single ids may have a pattern of their own
FOREVER = 9_999_999  # day number of a live row's end: later than any date
LAST_SERVED = "({} + 1)"  # of an end: the next morning, as if the end were the last day served
UNFINISHED = "churned = 1 AND served < duration"  # left inside a paid period that is not over
EXPOSED = "customer, spell, part, spell_on, spell_day, own_day, is_last, entry, anchor, own, term"


def month_index(day: str) -> str:
    """Months since year 0 of a date expression."""
    return f"(CAST(EXTRACT(YEAR FROM {day}) AS INTEGER) * 12 + CAST(EXTRACT(MONTH FROM {day}) AS INTEGER))"


def whole_months(start: str, end: str) -> str:
    """The largest k with start + k months <= end; the 31st + 1 month is the last day of a shorter month."""
    complete = f"EXTRACT(DAY FROM {end}) >= EXTRACT(DAY FROM {start}) OR EXTRACT(DAY FROM {end} + 1) = 1"
    return f"({month_index(end)} - {month_index(start)} - CASE WHEN {complete} THEN 0 ELSE 1 END)"


def months_begun(start: str, end: str) -> str:
    """The smallest k with start + k months >= end."""
    complete = f"EXTRACT(DAY FROM {end}) <= EXTRACT(DAY FROM {start})"
    return f"({month_index(end)} - {month_index(start)} + CASE WHEN {complete} THEN 0 ELSE 1 END)"


def whole_terms(months: str, term: str = "term") -> str:
    """Months rounded up to whole billing terms, at least one."""
    return f"(GREATEST(CAST(FLOOR(({months} + {term} - 1) / {term}) AS INTEGER), 1) * {term})"


def between_renewals(stay: str, anchor: str, own: str, term: str = "term") -> str:
    """Months of a stay that goes on, on a longer term: all of it, but never past a renewal not yet faced.

    `stay` counts from the first day of the spell, `own` from that of the present terms, which began in month
    `anchor`. The part-months before a switch are time like any other; a renewal falls at anchor + 12, and
    whoever has 11 own months has not been through it. Example: 5.9 months, then 3.4 on an annual plan, are 9.
    """
    passed = f"({anchor} + CAST(FLOOR({own} / {term}) AS INTEGER) * {term})"
    return f"LEAST(GREATEST({stay}, {passed}), {passed} + {term} - 1)"


def groups(count: int, prefix: str = "") -> str:
    """ ", g0, g1" for two grouping columns; empty without."""
    return "".join(f", {prefix}g{i}" for i in range(count))


def table(name: str, body: str) -> str:
    """A relation worked out once."""
    return f"CREATE OR REPLACE TEMP TABLE {name} AS {body}"


def view(name: str, body: str) -> str:
    """A relation worked out where it is asked for."""
    return f"CREATE OR REPLACE TEMP VIEW {name} AS {body}"


def customers_with_many_rows() -> str:
    return "SELECT customer FROM several"


def span(by: int, share: tuple[int, int] = (0, 1)) -> str:
    """The relation `span` out of the columns as they are held; `share` (i, k): one k-th of the customers."""
    block = f"CAST(FLOOR(customer / {NEIGHBOURS}) AS INTEGER)"
    some = f" WHERE {block} % {share[1]} = {share[0]}" if share[1] > 1 else ""
    return f"""
SELECT customer, started_on, ended_on,
  CAST(started_on - DATE '1970-01-01' AS INTEGER) AS start_day,
  CASE WHEN churned AND ended_on IS NOT NULL THEN CAST(ended_on - DATE '1970-01-01' AS INTEGER)
    ELSE {FOREVER} END AS end_day,
  CASE WHEN churned THEN 0 ELSE 1 END AS live, CAST(term AS INTEGER) AS term, CAST(plan AS INTEGER) AS plan,
  CAST(COALESCE(mrr, 0) AS BIGINT) AS mrr, CAST(duration AS INTEGER) AS duration,
  CASE WHEN churned THEN 1 ELSE 0 END AS churned,
  CASE WHEN churned AND failed = 1 THEN 1 ELSE 0 END AS involuntary,
  CAST(entry AS INTEGER) AS entry{groups(by)}
FROM held{some}"""


def spell_rows(
    by: int, gap_days: int = GRACE_DAYS, plan_change: bool = False, bond: str = NO_BOND, everybody: bool = False
) -> str:
    """The relation `spell_row`: rows of customers with several (or of everybody), each with its spell and its place.

    carries: it reaches further than all rows before it. handover: the carrying row begins about when the one
    before ends (45 days either way), so it takes over from it; a longer overlap is a second subscription in
    parallel. `plan_change`: a handover to another plan or interval begins a new spell. `bond`: see above.
    """
    order = f"start_day, end_day DESC, term, plan, mrr, entry, involuntary DESC{groups(by)}"
    before = f"OVER (PARTITION BY customer ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    until_now = (
        f"OVER (PARTITION BY customer ORDER BY {order} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    )
    left = f"OVER (PARTITION BY customer, carries ORDER BY {order})"
    other = "(plan <> left_plan OR term <> left_term)"
    changed = f"carries = 1 AND start_day >= reached - {GRACE_DAYS} AND {other}"
    several = "" if everybody else " WHERE customer IN (SELECT customer FROM many)"
    return f"""
WITH placed AS (
  SELECT span.*, MAX(end_day) {before} AS reached
  FROM span{several}
), carried AS (
  SELECT placed.*, CASE WHEN reached IS NULL OR end_day > reached THEN 1 ELSE 0 END AS carries FROM placed
), linked AS (
  SELECT carried.*, LAG(plan) {left} AS left_plan, LAG(term) {left} AS left_term FROM carried
), bonded AS (
  SELECT linked.*, {bond} AS bond FROM linked
), parted AS (
  SELECT bonded.*,
    CASE WHEN reached IS NULL OR bond = -1 THEN 1
      WHEN bond = 1 THEN 0
      WHEN start_day > reached + {gap_days} THEN 1
      {f"WHEN {changed} THEN 1" if plan_change else ""}
      ELSE 0 END AS fresh
  FROM bonded
)
SELECT parted.*,
  CAST(SUM(fresh) {until_now} AS INTEGER) AS spell,
  CASE WHEN fresh = 0 AND start_day >= reached - {GRACE_DAYS} THEN 1 ELSE 0 END AS handover,
  CASE WHEN fresh = 0 AND start_day > reached THEN start_day - reached ELSE 0 END AS gap
FROM parted"""


def spell_exposures(by: int, tomorrow: str, complete: bool = False) -> str:
    """The relation `spell_exposure`: one row per exposure of those customers; `tomorrow` is the day after as_of as a
    date literal.

    `complete`: whoever left inside a paid period that is not over counts as subscribed until it is.

    Each exposure has one head row, with which the spell or the plan begins: it gives the groups. Ends of
    carrying rows only grow, so the last row is the one with the largest end.
    """
    spell = "PARTITION BY customer, spell ORDER BY"
    head = "switches = 1 OR fresh = 1"
    heads = "".join(f", MAX(CASE WHEN {head} THEN g{i} END) AS g{i}" for i in range(by))
    own_begin, seen_to = "(began_on + waited)", f"COALESCE(next_on, {tomorrow})"
    monthly = f"""CASE
      WHEN left_in_end = 1 AND next_on IS NULL
        THEN GREATEST({months_begun("spell_on", "until_on")}, anchor + 1, 1)
      ELSE stay END"""
    longer = f"""CASE
      WHEN left_in_end = 1 AND next_on IS NULL
        THEN anchor + {whole_terms(months_begun(own_begin, "until_on"))}
      ELSE {between_renewals("stay", "anchor", "own")} END"""
    served = f"CASE WHEN term = 1 THEN stay ELSE {between_renewals('stay', 'anchor', 'own')} END"
    named = f"{EXPOSED}, {ended(UNFINISHED if complete else '')}, served, gone"
    return f"""
WITH carrying AS (
  SELECT *, LAG(plan) OVER ({spell} start_day) AS plan_before,
    LAG(term) OVER ({spell} start_day) AS term_before
  FROM spell_row WHERE carries = 1
), switching AS (
  SELECT *,
    CASE WHEN handover = 1 AND (plan <> plan_before OR term <> term_before) THEN 1 ELSE 0 END AS switches
  FROM carrying
), parted AS (
  SELECT *,
    CAST(SUM(switches) OVER ({spell} start_day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS INTEGER)
      AS part
  FROM switching
), summed AS (
  SELECT customer, spell, part, MIN(started_on) AS began_on, MIN(start_day) AS began_day,
    MAX(ended_on) AS until_on,
    MIN(churned) AS left_in_end,
    CAST(MAX(CAST(end_day AS BIGINT) * 2 + involuntary) % 2 AS INTEGER) AS failed_in_end,
    MAX(CASE WHEN {head} THEN term END) AS term, MAX(CASE WHEN {head} THEN entry END) AS entry,
    CAST(SUM(CASE WHEN {head} THEN 0 ELSE gap END) AS INTEGER) AS waited{heads}
  FROM parted GROUP BY customer, spell, part
), clocked AS (
  SELECT *, LEAD(began_on) OVER ({spell} part) AS next_on,
    MIN(began_on) OVER ({spell} part ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS spell_on,
    MIN(began_day) OVER ({spell} part ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS spell_day
  FROM summed
), anchored AS (
  SELECT *, CASE WHEN part = 0 THEN 0 ELSE {whole_months("spell_on", "began_on")} END AS anchor,
    {whole_months("spell_on", seen_to)} AS stay, {whole_months(own_begin, seen_to)} AS own
  FROM clocked
), counted AS (
SELECT customer, spell, part, spell_on, spell_day, began_day + waited AS own_day, own, CASE WHEN next_on IS NULL THEN 1 ELSE 0 END AS is_last,
  CASE WHEN part = 0 THEN entry ELSE anchor END AS entry, anchor, term,
  CASE WHEN next_on IS NULL THEN left_in_end ELSE 0 END AS churned,
  CASE WHEN next_on IS NULL THEN failed_in_end ELSE 0 END AS involuntary,
  CASE WHEN term = 1 THEN {monthly} ELSE {longer} END AS duration{groups(by)}, {served} AS served,
  {whole_months(own_begin, LAST_SERVED.format("until_on"))} AS gone
FROM anchored
)
SELECT {named}{groups(by)} FROM counted"""


def ended(but: str) -> str:
    """churned, involuntary and duration; where `but` holds, nothing has ended: the months served."""
    if not but:
        return "churned, involuntary, duration"
    columns = ("churned", "0"), ("involuntary", "0"), ("duration", "served")
    return ", ".join(f"CASE WHEN {but} THEN {instead} ELSE {name} END AS {name}" for name, instead in columns)


def exposures(by: int, tomorrow: str = "", complete: bool = False) -> str:
    """The relation `exposure`: customers with one row as the reader counted them, the others from their spells.

    served: months up to `tomorrow` as if nobody had left; gone: whole months from the begin of the present terms to the
    end, where there is one.
    """
    alone = """span.customer, 1 AS spell, 0 AS part, started_on AS spell_on, start_day AS spell_day,
  start_day AS own_day, 1 AS is_last, entry, 0 AS anchor, duration AS own, term"""
    served = f"{whole_months('started_on', tomorrow)} AS served" if tomorrow else "duration AS served"
    gone = f"{whole_months('started_on', LAST_SERVED.format('ended_on'))} AS gone"
    return f"""
SELECT {EXPOSED}, {ended(UNFINISHED if complete else "")}, served, gone{groups(by)}
FROM (SELECT {alone}, churned, involuntary, duration{groups(by)}, {served}, {gone}
  FROM span LEFT JOIN many ON span.customer = many.customer WHERE many.customer IS NULL)
UNION ALL
SELECT {EXPOSED}, churned, involuntary, duration, served, gone{groups(by)}
FROM spell_exposure"""


def members(by: int, tomorrow: str) -> str:
    """The relation `member`, one row per customer: month of the first start, months since, the tenure at which the
    first spell ended, the groups it began in.
    """
    firsts = "".join(f", MAX(CASE WHEN part = 0 THEN g{i} END) AS g{i}" for i in range(by))
    return f"""
SELECT customer, spell_on, spell_day, {month_index("spell_on")} AS cohort,
  {whole_months("spell_on", tomorrow)} AS potential, MAX(CASE WHEN is_last = 1 THEN churned END) AS churned,
  MAX(CASE WHEN is_last = 1 THEN duration END) AS left_at{firsts}
FROM exposure WHERE spell = 1 GROUP BY customer, spell_on, spell_day"""


def cohort_sizes(by: int) -> str:
    """Customers per cohort, by the months they could have completed."""
    keys = f"cohort{groups(by)}, potential"
    return f"SELECT {keys}, CAST(COUNT(*) AS BIGINT) AS customers FROM member GROUP BY {keys}"


def cohort_losses(by: int) -> str:
    """Customers who left, per cohort and age."""
    keys = f"cohort{groups(by)}, left_at"
    left = "FROM member WHERE churned = 1"
    return f"SELECT {keys} AS age, CAST(COUNT(*) AS BIGINT) AS change {left} GROUP BY {keys}"


def standing(by: int, more: str = "") -> str:
    """The relation `standing` (after `money`): customers subscribed today, with group, billing interval, completed months, MRR.

    more: further columns of an exposure, each with its comma before it. Whoever came back counts from the return. On a longer term the months run from the customer's own renewal,
    moved to the nearest whole number of terms, so that a switch in month 5 still renews 12 months later.
    """
    whole = "CAST(FLOOR((2 * anchor + term - 1) / (2 * term)) AS INTEGER) * term"
    tenure = f"CASE WHEN term = 1 THEN duration ELSE own + {whole} END"
    return f"""money AS (
  SELECT customer, CAST(SUM(mrr) AS BIGINT) AS mrr FROM span WHERE live = 1 GROUP BY customer
), standing AS (
  SELECT term{groups(by)}, {tenure} AS tenure, money.mrr AS mrr{more}
  FROM exposure JOIN money ON exposure.customer = money.customer WHERE is_last = 1 AND churned = 0
)"""


def active_book(by: int) -> str:
    """How many stand where, and their MRR together."""
    keys = f"term{groups(by)}, tenure"
    return f"""WITH {standing(by)}
SELECT {keys}, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(mrr) AS BIGINT) AS mrr
FROM standing GROUP BY {keys}"""
