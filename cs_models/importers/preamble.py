"""The day of export where the lines above the header state one, and the rows agree with it."""

import re
from dataclasses import replace
from datetime import date

import pyarrow.compute as pc

from cs_models.importers.dates import OPEN_YEAR
from cs_models.importers.layout import Layout
from cs_models.problems import Problem
from cs_models.readers.table import Finding, TextTable
from cs_models.subscriptions import Subscriptions

DAY = re.compile(r"\b(20\d\d-\d\d-\d\d)(?!\d)")
STATED = re.compile(
    r"(?i)\b(export|as (of|at)\b|generated|stand\b|created|downloaded|erstellt|snapshot|report date)"
)


def build(chosen: Layout, table: TextTable, complete, stated: date | None, answers) -> Subscriptions:
    """The subscriptions as of the stated day, else of the preamble's where the rows agree with it."""
    day, labelled = (None, False) if stated else _stated_in_preamble(table)
    if day is None:
        return chosen.build(table, complete, stated, answers)
    try:
        subs = chosen.build(table, complete, day, answers)
    except Problem:  # nobody gave that day: it must not stop the file
        return chosen.build(table, complete, None, answers)
    newest = _newest_start(subs)
    begun = subs.kind != "triangle" and subs.rows.num_rows > 0
    # A day called the export's is believed as long as anybody had begun by then; later starts are scheduled ones.
    if newest is None or newest <= day or (labelled and begun):
        return subs
    subs = chosen.build(table, complete, None, answers)
    told = f"The lines above the header name {day}, but rows start as late as {newest}: that day is not used."
    findings = (*subs.report.findings, Finding("preamble_day", told))
    return replace(subs, report=replace(subs.report, findings=findings))


def _newest_start(subs: Subscriptions) -> date | None:
    tables = [one for one in (subs.rows, subs.aside) if one is not None and "started_on" in one.column_names]
    starts = [pc.max(one["started_on"]).as_py() for one in tables]
    return max((start for start in starts if start), default=None)


def _stated_in_preamble(table: TextTable) -> tuple[date | None, bool]:
    """An export date in the lines above the header, and whether a word calls it that.

    The day beside a word such as "exported"; without one the latest day there, the end of "from ... to".
    """
    told, others = [], []
    for line in table.facts.get("above", "").splitlines():
        (told if STATED.search(line) else others).extend(DAY.findall(line))
    for found, labelled in ((told, True), (others, False)):
        days = [day for day in map(_day_or_none, found) if day is not None and day.year < OPEN_YEAR]
        if days:
            return max(days), labelled
    return None, False


def _day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
