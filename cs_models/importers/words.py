"""Words of billing systems for intervals, yes and no, and why somebody left."""

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers.columns import Column

TERMS = {
    1: "monthly month months m mo mon mth p1m monatlich mensuel mensual month-to-month monthtomonth permonth",
    2: "bimonthly",
    3: "quarterly quarter q quarters p3m 1q quartalsweise vierteljahrlich trimestral",
    6: "semiannual semiannually halfyearly half-yearly halfyear biannual biannually p6m",
    12: "annual annually year yearly years y yr a pa p1y p12m jahrlich jahr annuel anual peryear perannum",
    24: "biennial biennially twoyearly p2y",
    36: "triennial p3y",
}
WORD_TERMS = {word.replace("-", ""): months for months, words in TERMS.items() for word in words.split()}
WORD_TERMS["monat"] = 1
NUMBER_WORDS = {"one": 1, "two": 2, "three": 3, "six": 6, "twelve": 12}
UNIT_MONTHS = {"m": 1, "mo": 1, "month": 1, "months": 1, "q": 3, "quarter": 3, "quarters": 3}
UNIT_MONTHS |= {"y": 12, "yr": 12, "year": 12, "years": 12}
YES = (
    "yes y true t 1 1.0 churn churned cancelled canceled left lost gone inactive expired ja oui ended".split()
)
NO = "no n false f 0 0.0 active current stayed live retained open nein non existing".split()
INVOLUNTARY = (
    r"involuntary|fail|declin|dunning|past.?due|delinquen|un.?paid|non.?pay|not.?paid|no.?card|charge.?back"
    r"|expired.?card|card.?expired|payment.?disputed|insufficient"
)
MAX_TERM = 60
MONTH_DAYS = 30.4375
DAY_WORDS = {
    "week": 7, "biweekly": 14, "fortnight": 14, "fortnightly": 14, "wochentlich": 7, "hebdomadaire": 7,
    "semimonthly": MONTH_DAYS / 2, "twiceamonth": MONTH_DAYS / 2, "twicemonthly": MONTH_DAYS / 2,
}  # fmt: skip
COUNTS = {"one": 1, "two": 2, "other": 2, "second": 2, "three": 3, "four": 4, "six": 6}
DAY_CYCLE = re.compile(
    r"p?(\d{1,3}|one|two|other|second|three|four|six)?[\s_\-]*(d|days?|daily|w|wks?|weeks?|weekly)"
)


def day_cycle(word: str) -> float:
    """Days of a cycle that is no calendar month: "every 2 weeks" 14, "28 days" 28, "weekly" 7; else 0."""
    plain = re.sub(r"^(every|once every|once an?|per|each|billed|paid)[\s_]+", "", _plain(word))
    squeezed = re.sub(r"[\s_\-]+", "", plain)
    if squeezed in DAY_WORDS:
        return float(DAY_WORDS[squeezed])
    match = DAY_CYCLE.fullmatch(plain)
    if not match:
        return 0.0
    given = match.group(1) or "1"
    days = (COUNTS.get(given) or int(given)) * (7 if match.group(2)[0] == "w" else 1)
    return float(days) if days <= MAX_TERM * MONTH_DAYS else 0.0


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.strip().lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def term_months(word: str) -> int | None:
    """Months between payments: "Annual" 12, "3 months" 3, "1 year" 12, "6" 6; None when it is no such
    word.
    """
    plain = re.sub(r"^(every|per|each|billed|paid)\s+", "", _plain(word))
    squeezed = re.sub(r"[\s_\-]+", "", plain)
    if squeezed in WORD_TERMS:
        return WORD_TERMS[squeezed]
    match = re.fullmatch(r"(\d{1,2}|one|two|three|six|twelve)(?:\.0)?[\s_\-]*([a-z]*)", plain)
    if not match:
        return None
    count = NUMBER_WORDS.get(match.group(1)) or int(match.group(1))
    months = count * UNIT_MONTHS.get(match.group(2) or "m", 0)
    return months if 1 <= months <= MAX_TERM else None


def read_terms(column: Column) -> tuple[np.ndarray, np.ndarray]:
    """Months per distinct cell (0 where the word is not known, 1 where the cell is blank), and the days of
    cycles of weeks or days (0 for those of months).
    """
    words = column.values.to_pylist()
    days = np.array([day_cycle(word) for word in words], np.float64)
    terms = [1 if not word else term_months(word) or 0 for word in words]
    return np.where(days > 0, np.maximum(np.rint(days / MONTH_DAYS), 1), terms).astype(np.int64), days


def read_yes_no(column: Column) -> np.ndarray:
    """1 yes, 0 no, -1 neither, per distinct cell."""
    lowered = pc.utf8_lower(column.values)
    yes = pc.is_in(lowered, value_set=pa.array(YES)).to_numpy(zero_copy_only=False)
    no = pc.is_in(lowered, value_set=pa.array([*NO, "not churned"])).to_numpy(zero_copy_only=False)
    return np.where(yes, 1, np.where(no, 0, -1))


def read_reasons(column: Column) -> pa.Array:
    """ "involuntary" for failed payments in any wording, "voluntary" for any other reason, null for none."""
    failed = pc.match_substring_regex(column.values, INVOLUNTARY, ignore_case=True)
    kinds = pc.if_else(failed, pa.scalar("involuntary"), pa.scalar("voluntary"))
    return pc.if_else(pa.array(column.blank), pa.scalar(None, pa.string()), kinds)
