"""Words of billing systems for intervals, yes and no, and why somebody left."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cs_models.importers.columns import Column

TERMS = {
    1: "monthly month months m mo mon mth p1m monatlich mensuel mensual month-to-month monthtomonth permonth",
    2: "bimonthly",
    3: "quarterly quarter q quarters p3m 1q quartalsweise trimestral",
    6: "semiannual semiannually halfyearly half-yearly halfyear biannual biannually p6m",
    12: "annual annually year yearly years y yr a pa p1y p12m jahrlich annuel anual peryear perannum",
    24: "biennial biennially twoyearly p2y",
    36: "triennial p3y",
}
WORD_TERMS = {word.replace("-", ""): months for months, words in TERMS.items() for word in words.split()}
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


def term_months(word: str) -> int | None:
    """Months between payments: "Annual" 12, "3 months" 3, "1 year" 12, "6" 6; None when it is no such
    word.
    """
    plain = re.sub(r"^(every|per|each|billed|paid)\s+", "", word.strip().lower())
    squeezed = re.sub(r"[\s_\-]+", "", plain)
    if squeezed in WORD_TERMS:
        return WORD_TERMS[squeezed]
    match = re.fullmatch(r"(\d{1,2}|one|two|three|six|twelve)(?:\.0)?[\s_\-]*([a-z]*)", plain)
    if not match:
        return None
    count = NUMBER_WORDS.get(match.group(1)) or int(match.group(1))
    months = count * UNIT_MONTHS.get(match.group(2) or "m", 0)
    return months if 1 <= months <= MAX_TERM else None


def read_terms(column: Column) -> np.ndarray:
    """Months per distinct cell; 0 where the word is not known, 1 where the cell is blank."""
    words = column.values.to_pylist()
    return np.array([1 if not word else term_months(word) or 0 for word in words], np.int16)


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
