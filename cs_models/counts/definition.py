"""The counts as texts of plain SQL that run unchanged on every engine: `life` and `cube`, of today `book` and
`starts`, `ends`, and `kept`.

All read one relation, the view of the subscriptions, one row per paid period:

    customer_id  any type            term    months between two payments (1, 12)
    started_on   date                plan    text, may be empty
    ended_on     date, null = live   mrr     money a month (a decimal or a double), null where unknown
    failed       1 = ended through a failed payment, else 0
    g0, g1, ...  texts to group by, each customer by the earliest row

What a customer, a spell and an exposure are is said once, in `engine/sql.py`; here those texts are chained. No month is
made that nothing happened in: a period is two events, its start and its end. Every number in the results is whole
(months, days since 1970, minor units), so that equal results are equal to the byte, whatever the order of the rows.

Who has left is judged at `as_of`; otherwise the day stands in no count. Who is still here is told by the day he began
and not by the months since, so next month's counts differ only in customers to whom something happened.

Kept portable: no unnest or generated series, no DISTINCT ON, QUALIFY, FILTER, `::` or difference of dates, frames of
windows written out, every sum cast, no order by a column that may be null, no comparison of floating numbers.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from cs_models.definitions import Definitions
from cs_models.engine import sql
from cs_models.engine.cohort_money import stepped
from cs_models.engine.intake import first_rows
from cs_models.engine.kept import kept_year
from cs_models.engine.movements import NAMED
from cs_models.engine.notice import places
from cs_models.engine.watched import AHEAD, watched
from cs_models.problems import Problem

NONE = "(none)"
NOWHERE = -9_999_999  # a day number that is none
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")
LIFE_KEYS = ("term", "anchor", "entry", "cohort", "duration", "churned", "involuntary", "spell_day", "own_day")
CUBE_KEYS = ("kind", "cohort", "place")
AGES = ("began", "left", "net", "gross", "returned")


@dataclass(frozen=True)
class Definition:
    """What is counted: the view, the number of its group columns, the last day it knows, and the definitions in force.

    `unit`: minor units in one unit of money (USD 100, JPY 1). `among`: a relation of customer_id, where only those
    count. `rows`: the text of the view, where there is none of that name: it is then part of each statement.
    `days`: whether counts hold the day on which somebody began, so that they can be brought to a later day; else months
    at `as_of`, and nobody's day.
    """

    view: str
    as_of: date
    by: int = 0
    unit: int = 100
    rules: Definitions = Definitions()
    among: str = ""
    rows: str = ""
    days: bool = True

    def __post_init__(self) -> None:
        if not all(NAME.fullmatch(name) for name in (self.view, self.among or self.view)):
            raise Problem("The view of the subscriptions needs a plain name: letters, digits and underscores.")
        if self.rules.join_migrations != "no":
            raise Problem("Moves of a whole plan are found in an upload only; set that definition back to its usual.")

    @property
    def life(self) -> str:
        """One row per way through the first stay: group, LIFE_KEYS, customers.

        Whoever is still here has duration -1 and the days on which the stay (`spell_day`) and the present terms
        (`own_day`) began. So has whoever left by a renewal that is not yet due (`engine/watched.py`), with the months to
        that renewal. For everybody else the days are `NOWHERE`, and the duration is in months.
        """
        keys = f"{', '.join(LIFE_KEYS)}{sql.groups(self.by)}"
        here, ahead = (OPEN, AHEAD) if self.days else ("1 = 0", "1 = 0")
        seen = "" if self.days else f", watched AS ({watched(self.by)})"
        return f"""
WITH {self._relations()}{seen}, way AS (
  SELECT term, anchor, entry, {sql.month_index("spell_on")} AS cohort,
    CASE WHEN {here} THEN -1 ELSE duration END AS duration, churned, involuntary,
    CASE WHEN {here} OR {ahead} THEN spell_day ELSE {NOWHERE} END AS spell_day,
    CASE WHEN ({here} OR {ahead}) AND term > 1 THEN own_day ELSE {NOWHERE} END AS own_day{sql.groups(self.by)}
  FROM {"exposure" if self.days else "watched"} WHERE spell = 1 AND NOT (is_last = 0 AND duration <= entry)
)
SELECT {keys}, CAST(COUNT(*) AS BIGINT) AS customers FROM way GROUP BY {keys}"""

    @property
    def cube(self) -> str:
        """One row per group, month of the first start, kind of event and place: CUBE_KEYS, customers, cents.

        new, expansion, contraction, churned, reactivated: `place` is a calendar month (12 x year + month), `cents` the
        change of MRR. began: the day the first stay began, or the months since. left: customers who left at that age. net, gross: change of
        the MRR billed at that age, whole or at most the first amount. returned: a stay
        after a long pause, in the month and the group in which it began; place 0.
        """
        own, keys = f"m.cohort{sql.groups(self.by, 'm.')}", f"cohort{sql.groups(self.by)}"
        since = "spell_day" if self.days else "potential"
        one, none = "CAST(COUNT(*) AS BIGINT) AS customers", "CAST(0 AS BIGINT)"
        return f"""
WITH {self._relations()}, member AS ({sql.members(self.by, self._tomorrow)}
), {NAMED}, {stepped(self.by, everybody=True)}, age_event AS (
  SELECT kind, {keys}, age, CASE WHEN kind = 'net' THEN change ELSE kept - had END AS cents
  FROM stepped CROSS JOIN (SELECT 'net' AS kind UNION ALL SELECT 'gross') AS money
), member_event AS (
  SELECT kind, {keys}, CASE WHEN kind = 'began' THEN {since} ELSE left_at END AS place
  FROM member CROSS JOIN (SELECT 'began' AS kind UNION ALL SELECT 'left') AS event WHERE kind = 'began' OR churned = 1
), back AS (
  SELECT {sql.month_index("spell_on")} AS cohort{sql.groups(self.by)} FROM exposure WHERE spell > 1 AND part = 0
)
SELECT n.kind AS kind, {own}, n.month AS place, {one}, CAST(SUM(n.change) AS BIGINT) AS cents
FROM named n JOIN member m ON n.customer = m.customer GROUP BY n.kind, {own}, n.month
UNION ALL
SELECT kind, {keys}, place, {one}, {none} FROM member_event GROUP BY kind, {keys}, place
UNION ALL
SELECT 'returned', {keys}, 0, {one}, {none} FROM back GROUP BY {keys}
UNION ALL
SELECT kind, {keys}, age, {none}, CAST(SUM(cents) AS BIGINT) FROM age_event GROUP BY kind, {keys}, age
HAVING SUM(cents) <> 0"""

    @property
    def book(self) -> str:
        """Who is subscribed at `as_of`: group, term, tenure (completed months), customers, cents (their MRR)."""
        keys = f"term{sql.groups(self.by)}, tenure"
        return f"""
WITH {self._relations()}, {sql.standing(self.by)}
SELECT {keys}, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(mrr) AS BIGINT) AS cents FROM standing GROUP BY {keys}"""

    @property
    def ends(self) -> str:
        """How far into their last term those were who left it: term, place, customers (`engine/notice.py`)."""
        return f"WITH {self._relations()}\n{places()}"

    @property
    def kept(self) -> str:
        """Revenue of customers of a year before, and renewals, by month: kind, place, customers, cents (`engine/kept.py`)."""
        return f"WITH {self._source}span AS ({span(self)}\n), {kept_year(self.as_of)}"

    @property
    def starts(self) -> str:
        """First starts: group, term, cohort (month of the start), customers, cents (the MRR they began with)."""
        keys = f"term{sql.groups(self.by)}, cohort"
        return f"""
WITH {self._source}span AS ({span(self)}
), placed AS ({first_rows(self.by)}
), begun AS (
  SELECT term{sql.groups(self.by)}, {sql.month_index("started_on")} AS cohort, first_mrr FROM placed WHERE place = 1
)
SELECT {keys}, CAST(COUNT(*) AS BIGINT) AS customers, CAST(SUM(first_mrr) AS BIGINT) AS cents FROM begun GROUP BY {keys}"""

    @property
    def _source(self) -> str:
        return f"{self.view} AS ({self.rows}\n), " if self.rows else ""

    @property
    def _tomorrow(self) -> str:
        """The day after the last one on which a departure would show."""
        return f"DATE '{(self.as_of + timedelta(days=self.rules.last_day != 'not seen')).isoformat()}'"

    def _relations(self) -> str:
        """The relations `span`, `spell_row`, `spell_exposure` and `exposure` of everybody, as one WITH."""
        rules, complete = self.rules, self.rules.incomplete == "complete periods only"
        spells = sql.spell_rows(self.by, rules.gap, rules.plan_change == "churn", everybody=True)
        return f"""{self._source}span AS ({span(self)}
), spell_row AS ({spells}
), spell_exposure AS ({sql.spell_exposures(self.by, self._tomorrow, complete)}
), exposure AS (
  SELECT {sql.EXPOSED}, churned, involuntary, duration, served, gone{sql.groups(self.by)} FROM spell_exposure
)"""


OPEN = "is_last = 1 AND churned = 0 AND own_day IS NOT NULL"


def span(asked: Definition) -> str:
    """The relation `span` of `engine/sql.py` out of the view; an end after `as_of` is none yet."""
    today = f"DATE '{asked.as_of.isoformat()}'"
    ended = f"CASE WHEN ended_on <= {today} THEN 1 ELSE 0 END"
    texts = "".join(f", {text(f'g{i}')} AS g{i}" for i in range(asked.by))
    return f"""
SELECT customer_id AS customer, started_on, ended_on, {day_number("started_on")} AS start_day,
  CASE WHEN ended_on <= {today} THEN {day_number("ended_on")} ELSE {sql.FOREVER} END AS end_day,
  1 - {ended} AS live, {ended} AS churned, CASE WHEN failed = 1 THEN {ended} ELSE 0 END AS involuntary,
  CAST(term AS INTEGER) AS term, {text("plan")} AS plan, 0 AS entry, {cents(asked)} AS mrr{texts}
FROM {asked.view}
WHERE {counted_rows(asked)}"""


def counted_rows(asked: Definition, priced: bool = True) -> str:
    """Which rows of the view count: not those that begin later, cost nothing or end before they begin; of those that
    end at once as the definitions say; of some customers only, where asked. Not `priced`: free ones are left in, and the
    text is for the embedded engine alone, to which an empty day is never the least.
    """
    today = f"DATE '{asked.as_of.isoformat()}'"
    whole = f"started_on <= {today} AND (ended_on IS NULL OR ended_on >= started_on)"
    whole = f"{whole} AND (mrr IS NULL OR {cents(asked)} > 0)" if priced else f"started_on <= LEAST({today}, ended_on)"
    same_month = f"{sql.month_index('ended_on')} = {sql.month_index('started_on')}"
    choices = {"keep": "", "set aside": "ended_on = started_on", "set aside the same month": same_month}
    short = choices[asked.rules.same_day]
    if short:
        whole += f" AND (ended_on IS NULL OR ended_on > {today} OR NOT {short})"
    return f"{whole} AND customer_id IN (SELECT customer_id FROM {asked.among})" if asked.among else whole


def cents(asked: Definition) -> str:
    """MRR of a row in minor units."""
    return f"CAST(FLOOR(COALESCE(mrr, 0) * {asked.unit} + 0.5) AS BIGINT)"


def text(column: str) -> str:
    """A text of the view, with a name for nothing."""
    return f"CASE WHEN {column} IS NULL OR {column} = '' THEN '{NONE}' ELSE {column} END"


def day_number(day: str) -> str:
    """Days since 1970-01-01 of a date expression, by the calendar's own rule: years begin in March, so that the day
    that leap years add is the last. Source: Hatcher (1984), QJRAS 25.
    """
    return number_of_day(*(f"CAST(EXTRACT({part} FROM {day}) AS INTEGER)" for part in ("YEAR", "MONTH", "DAY")))


def number_of_day(year: str, month: str, day: str) -> str:
    """`day_number` of a day given by its three numbers."""
    early = f"CASE WHEN {month} <= 2 THEN 1 ELSE 0 END"
    old, since = f"({year} - {early})", f"({month} - 3 + 12 * {early})"
    leaps = f"FLOOR({old} / 4) - FLOOR({old} / 100) + FLOOR({old} / 400)"
    days = f"365 * {old} + {leaps} + FLOOR((153 * {since} + 2) / 5) + {day} - 719469"
    return f"CAST({days} AS INTEGER)"
