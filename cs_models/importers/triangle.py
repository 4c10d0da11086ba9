"""Survivors of whole cohorts: a triangle or a retention curve. There are no customers in it, only counts."""

import re
from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from cs_models.import_report import Question
from cs_models.importers import common
from cs_models.importers.cohort_cells import LARGEST, cells, in_time, survivors, tell_returned
from cs_models.importers.cohort_steps import ask_step, by_month
from cs_models.importers.columns import encode, shorten
from cs_models.importers.layout import Layout, Role
from cs_models.importers.ledger import Ledger
from cs_models.problems import ImportProblem, Problem
from cs_models.readers.table import TextTable
from cs_models.subscriptions import Subscriptions, normalised

CLOCK = (
    "t",
    "year",
    "month",
    "months",
    "period",
    "age",
    "tenure",
    "week",
    "quarter",
    "calendartime",
    "time",
    "renewal",
)

SEVERAL = 3  # cohorts of which one can say that most rise
COHORT = (
    "cohort",
    "cohortmonth",
    "acquired",
    "acquisitionmonth",
    "signupmonth",
    "joined",
    "startmonth",
    "cohortyear",
)
SIZE = ("size", "customers", "cohortsize", "users", "count", "n", "total", "new", "newcustomers")
AGE = re.compile(r"^(m|month|y|year|w|week|q|quarter|period|age|t|day|\+)?\s*_?(\d{1,3})\s*%?$", re.I)
SIZES = ("100", "1000", "10000")
NO_CUSTOMERS = (
    "These are counts of whole cohorts, not customers: retention curves and models work; values per segment, "
    "cohorts by calendar month and money need an export with one row per customer or subscription."
)


def ages(headers: tuple[str, ...]) -> dict[int, int]:
    """Position of each header that is an age ("0", "Month 3", "M12") -> that age."""
    found = {at: AGE.match(header.strip()) for at, header in enumerate(headers)}
    return {at: int(match.group(2)) for at, match in found.items() if match}


def build(
    table: TextTable, mapping: Mapping[str, str], as_of: date | None, answers: Mapping[str, str]
) -> Subscriptions:
    """Survivors by cohort and age, as a life table: leavers are the differences, and the last seen are
    censored.

    Rows are cohorts and columns ages, or rows are periods and columns cohorts (each beginning with its first
    filled cell). Cells are customers, or shares (1, .84 ... or 100 %, 84 %) of customers whose number is
    asked for. Retention never rises: where a few of a cohort came back, its count is held at the age before,
    and said; a cohort that grows beyond that is rejected, with the place.
    """
    clock = encode(table, table.columns.index(mapping["clock"]))
    ledger = Ledger(table, clock)
    ledger.note("triangle", NO_CUSTOMERS)
    by_age = {at: age for at, age in ages(table.columns).items() if table.columns[at] != mapping["clock"]}
    sizes = _size_column(table, by_age) if normalised(mapping["clock"]) in COHORT else None
    if normalised(mapping["clock"]) in COHORT:
        places = sorted(by_age, key=by_age.get)
        _refuse_gaps([by_age[at] for at in places])
        names = clock.spread(np.array(clock.values.to_pylist(), object))
        grid = cells(table, places, ledger)
        in_rows = True
    else:
        places = [at for at in range(len(table.columns)) if table.columns[at] != mapping["clock"]]
        names = np.array([table.columns[at] for at in places], object)
        in_rows = False
        order = in_time(clock, ledger)
        grid = cells(table, places, ledger)[order].T
    size = _sizes(table, sizes, len(names), ledger)
    keep = np.ones(len(names), bool)
    if in_rows:
        keep = ledger.kept
    common.refuse_if_nothing_left(ledger, LAYOUT)
    bad, held = [], {}
    if np.isnan(grid[keep]).all():
        raise ImportProblem("The cohorts of the file hold no number: fill in how many customers stayed.")
    share = _is_share(grid[keep])
    customers = np.full(len(names), _cohort_size(share, size, answers, ledger)) if size is None else size
    starts_before = _starts_before(grid[keep], share, customers[keep], size, in_rows, by_age)
    if size is not None and (share or starts_before):
        keep = keep & _reject_without_size(size, ledger)
    for at in np.flatnonzero(keep):
        found = survivors(grid[at], share, customers[at], starts_before, in_rows)
        if found is None:
            bad.append(at)
        elif len(found.alive):
            held[at] = found
    rising = [at for at, found in held.items() if found.back]
    if len(held) >= SEVERAL and 2 * len(rising) > len(held):  # that is no coming back: money, or people of no one cohort
        bad, held = sorted([*bad, *rising]), {at: found for at, found in held.items() if not found.back}
    _reject_rising(bad, names, in_rows, ledger)
    returned = {at: found.back for at, found in held.items()}
    tell_returned(returned, names, clock, places, None if in_rows else order, share, ledger)
    frames = [(str(names[at]), found.alive) for at, found in held.items()]
    if not frames:
        raise ImportProblem(
            "No cohort of the file can be read: retention starts with everybody and never rises."
        )
    header = mapping["clock"] if in_rows else "cohort"
    headers = [table.columns[at] for at in places] if in_rows else []
    step = ask_step(mapping["clock"], headers, clock.values.to_pylist(), answers, ledger)
    return Subscriptions(
        kind="triangle",
        rows=by_month(frames, step),
        as_of=None,
        report=ledger.report(0),
        columns={"c0": header},
        currency="USD",
        digest="",
        mapping=dict(mapping),
        layout=LAYOUT.name,
        source_name=table.name,
        aside=pa.table({"row": pa.array([], pa.int32()), "why": pa.array([], pa.string())}),
        answers=dict(answers),
    )


def _refuse_gaps(found: list[int]) -> None:
    if found != list(range(found[0], found[0] + len(found))) or found[0] > 1:
        raise ImportProblem(
            "The columns of ages must count up without a gap from 0 or 1; found: "
            f"{', '.join(map(str, found[:20]))}."
        )


def _size_column(table: TextTable, by_age: Mapping[int, int]) -> int | None:
    return next(
        (at for at, header in enumerate(table.columns) if at not in by_age and normalised(header) in SIZE),
        None,
    )


def _sizes(table: TextTable, at: int | None, count: int, ledger: Ledger) -> np.ndarray | None:
    return None if at is None else cells(table, [at], ledger)[:, 0]


def _is_share(grid: np.ndarray) -> bool:
    return bool(np.nanmax(grid) <= 1.0 + 1e-9)


def _cohort_size(share: bool, size, answers: Mapping[str, str], ledger: Ledger) -> float:
    """How many customers stand behind shares: asked, since the ranges depend on it."""
    if not share or size is not None:
        return 1.0
    given = answers.get("cohort_size")
    if given is not None and not (given.isdecimal() and len(given) <= 10 and 0 < int(given) <= LARGEST):
        raise Problem('The answer to "cohort_size" must be a number of customers such as 1000.')
    chosen = given or "1000"
    sentence = (
        f"The file has shares and no numbers of customers: each cohort is taken to have had {int(chosen):,}. "
        "The curve stays the same; its range does not."
    )
    ledger.questions.append(
        Question(
            "cohort_size",
            "How many customers did a cohort start with?",
            chosen,
            SIZES,
            sentence,
            given is not None,
        )
    )
    return float(chosen)


def _starts_before(grid, share: bool, customers, size, in_rows: bool, by_age: Mapping[int, int]) -> bool:
    """Whether everybody stands before the first age, decided once for all cohorts of the file.

    Ages from 1 on begin with everybody only where no cohort is smaller there than its size; ages from 0 on
    begin with everybody unless every share is below 1.
    """
    if not share and (size is None or not in_rows or min(by_age.values()) != 1):
        return False
    filled = ~np.isnan(grid).all(axis=1)
    first = np.array([row[~np.isnan(row)][0] for row in grid[filled]])
    smaller = first < (1.0 if share else customers[filled]) - 1e-9
    return bool(smaller.all() if in_rows and min(by_age.values()) == 0 else smaller.any())


def _reject_without_size(size: np.ndarray, ledger: Ledger) -> np.ndarray:
    """The rows whose number of customers is known; the others cannot be weighed."""
    wrong = ledger.kept & ~(size > 0)
    ledger.reject(wrong, ledger.customer, "how many customers the cohort started with is missing")
    ledger.find("no_size", wrong, "cohort does not say how many customers it started with and is left out",
                "cohorts do not say how many customers they started with and are left out",
                "Fill it in.")  # fmt: skip
    return ~wrong


def _reject_rising(bad: list[int], names: np.ndarray, in_rows: bool, ledger: Ledger) -> None:
    if not bad:
        return
    if in_rows:
        at = np.zeros(len(ledger.rows), bool)
        at[bad] = True
        ledger.reject(at, ledger.customer, "retention grows by more than a few who came back, or has a hole")
        ledger.find("rising", at, "cohort grows by more than a few who came back, or has a hole, and is left out",
                    "cohorts grow by more than a few who came back, or have holes, and are left out", "Correct them.")  # fmt: skip
        return
    named = ", ".join(shorten(str(names[at])) for at in bad)
    ledger.note(
        "rising", f"Columns left out, since they grow by more than a few who came back, or have holes: {named}.", len(bad)
    )


class Triangle(Layout):
    """Recognised by its first column (cohort, or a clock) and by having no customer."""

    def recognise(
        self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None
    ) -> dict[str, str]:
        """The first column, when it names cohorts or periods."""
        if given and given.get("clock"):
            return {"clock": given["clock"]}
        first = normalised(headers[0]) if headers else ""
        return {"clock": headers[0]} if first in CLOCK + COHORT else {}

    def score(self, headers: tuple[str, ...], given: Mapping[str, str | None] | None = None) -> float:
        """Just above 1 for a first column of cohorts with columns of ages, or of periods: any other shape
        that fits completely knows more.
        """
        found = self.recognise(headers, given)
        if not found or len(headers) < 2:
            return 0.0
        if normalised(found["clock"]) in COHORT and len(ages(headers)) < 2:
            return 0.0
        return 1.5


LAYOUT = Triangle(
    name="triangle",
    title="Cohort triangle or retention curve",
    about="Survivors only, no customers: one row per cohort and one column per age, or one row per period.",
    roles=(
        Role("clock", "Cohort or period", True, (*COHORT, *CLOCK),
             "The column that names the cohorts or numbers the periods; others hold customers or shares."),
    ),
    build=build,
    template=(
        ("cohort", "customers", "0", "1", "2", "3"),
        ("2024-01", "100", "100", "90", "84", "80"),
        ("2024-02", "120", "120", "109", "101", ""),
        ("2024-03", "90", "90", "81", "", ""),
    ),
    available="Retention curves and models; no lifetime value, no scenarios, no pages by customer.",
    usual=False,
)  # fmt: skip
