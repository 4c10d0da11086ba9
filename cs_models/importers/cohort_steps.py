"""How long one step of age is in a file of cohorts, and its survivors as a life table by month."""

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa

from cs_models.import_report import Question
from cs_models.importers.columns import shorten
from cs_models.importers.ledger import Ledger
from cs_models.problems import Problem
from cs_models.subscriptions import normalised

MONTHS = {"month": 1, "quarter": 3, "year": 12}
LETTERS = {"m": "month", "month": "month", "q": "quarter", "quarter": "quarter", "y": "year", "year": "year"}
NAMED = re.compile(r"^(month|quarter|year|m|q|y)s?\s*_?\d{1,3}\s*%?$", re.I)
YEAR = re.compile(r"^(19|20)\d\d$")
QUARTER = re.compile(r"^(19|20)\d\d[\s_-]?q[1-4]$|^q[1-4][\s_-]?(19|20)\d\d$", re.I)


def ask_step(clock: str, ages: Iterable[str], labels: Iterable[str], answers: Mapping[str, str], ledger: Ledger) -> int:
    """Months of one step of age (1, 3 or 12): asked where the file speaks of years or quarters.

    `clock` is the header of the first column, `ages` those of the ages, `labels` what stands in the first column:
    cohorts named 2019, 2020 are followed by the year, unless the ages call themselves months or go on for longer than
    the years do.
    """
    word, where = _step(clock, list(ages), list(labels))
    given = answers.get("age_unit")
    if given is not None and given not in MONTHS:
        raise Problem(f'The answer to "age_unit" must be {" or ".join(MONTHS)}, not "{shorten(given)}".')
    if given is None and not where:
        return 1
    chosen = given or word
    where = where or "The file does not say how long a step is."
    others = "; ".join(
        f"if a step is a {one}, after {months} and {2 * months}" for one, months in MONTHS.items() if one != chosen
    )
    sentence = (
        f"{where} Read as {chosen}s, the first two steps are the survivors after {MONTHS[chosen]} and "
        f"{2 * MONTHS[chosen]} months; {others}. It is read as {chosen}s."
    )
    title = "How long is one step of age?"
    ledger.questions.append(Question("age_unit", title, chosen, tuple(MONTHS), sentence, given is not None))
    return MONTHS[chosen]


def _step(clock: str, ages: list[str], labels: list[str]) -> tuple[str, str]:
    """The word of the step, and what says that it may be another than a month."""
    found = [NAMED.match(header.strip()) for header in ages]
    if ages and all(found):
        word = LETTERS[found[0].group(1).lower()]
        return word, "" if word == "month" else f'Columns of ages are called like "{shorten(ages[0])}".'
    header = normalised(clock).removesuffix("s")
    if header in MONTHS:
        return header, "" if header == "month" else f'The ages stand in column "{shorten(clock)}".'
    filled = [label.strip() for label in labels if label.strip()]
    for word, pattern in (("year", YEAR), ("quarter", QUARTER)):
        if filled and all(pattern.match(label) for label in filled):
            told = f'The rows are {word}s, such as "{shorten(filled[0])}", and the ages have no name.'
            return (word if len(ages) <= len(filled) + 1 else "month"), told
    return "month", ""


def by_month(cohorts: list[tuple[str, np.ndarray]], step: int) -> pa.Table:
    """A life table per cohort: c0, interval, tenure, at_risk, churned, involuntary, censored, in_force.

    Survivors are known at the end of each step of so many months: within one nobody is seen to leave.
    """
    parts = []
    for name, alive in cohorts:
        tenure = np.arange((len(alive) - 1) * step + 1)
        at = np.arange(len(alive)) * step
        before = np.append(alive[0], alive[:-1])
        risk, left, stays = (np.zeros(len(tenure)) for _ in range(3))
        risk[at], left[at[1:]], stays[-1] = before, alive[:-1] - alive[1:], alive[-1]
        parts.append(pa.table({
            "c0": pa.array([name] * len(tenure), pa.string()),
            "interval": pa.array(np.full(len(tenure), step, np.int64)),
            "tenure": pa.array(tenure),
            "at_risk": _tidy(risk),
            "churned": _tidy(left),
            "involuntary": np.zeros(len(tenure)),
            "censored": _tidy(stays),
            "in_force": _tidy(before[-(-tenure // step)]),
        }))  # fmt: skip
    return pa.concat_tables(parts).combine_chunks()


def _tidy(values: np.ndarray) -> np.ndarray:
    whole = np.rint(values)
    return np.where(np.abs(values - whole) < 1e-6, whole, values)
